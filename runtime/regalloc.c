// Registers, emission, labels and tables of the code generator: see codegen_internal.h.
#include <stdlib.h>
#include <string.h>

#include "runtime/codegen_internal.h"
#include "runtime/heap.h"

enum { MAX_REGISTERS = 60000, MAX_INDEX = 65535 };

// Grows a vector of the state by doubling.
static void *grown(void *items, uint32_t count, uint32_t *size, size_t item) {
    if (count < *size) return items;
    *size = *size ? *size * 2 : 16;
    items = realloc(items, *size * item);
    if (!items) {
        fputs("nostos: out of memory\n", stderr);
        exit(70);
    }
    return items;
}
#define PUSH(items, count, size, ...)                                  \
    do {                                                               \
        (items) = grown((items), (count), &(size), sizeof *(items));   \
        (items)[(count)++] = __VA_ARGS__;                              \
    } while (0)

void cg_fail(NstCg *cg, const char *why) {
    if (!cg->failure) cg->failure = why;
}

// ---- Registers ---------------------------------------------------------------------------

void cg_reserve(NstCg *cg, uint32_t top) {
    if (top > cg->max) cg->max = top;
    if (top > MAX_REGISTERS) cg_fail(cg, "a function body has too many variables");
}

uint32_t cg_temps(NstCg *cg, uint32_t count) {
    uint32_t first = cg->next;
    cg->next += count;
    cg_reserve(cg, cg->next);
    return first;
}

uint32_t cg_temp(NstCg *cg) {
    return cg_temps(cg, 1);
}

// ---- Instructions ------------------------------------------------------------------------

static uint32_t append(NstCg *cg, NstInsn insn) {
    if (cg->span.origin != 0) {
        NstCodeSpan *last = cg->span_count > 0 ? &cg->spans[cg->span_count - 1] : NULL;
        if (!last || memcmp(&last->span, &cg->span, sizeof cg->span) != 0) {
            PUSH(cg->spans, cg->span_count, cg->span_size, (NstCodeSpan){ cg->insn_count, cg->span });
        }
    }
    insn.flags = cg->step ? NST_INSN_STEP : 0;
    cg->step = false;
    PUSH(cg->insns, cg->insn_count, cg->insn_size, insn);
    return cg->insn_count - 1;
}

uint32_t cg_emit(NstCg *cg, NstOpcode op, uint32_t a, uint32_t b, uint32_t c) {
    return append(cg, (NstInsn){ .op = (uint8_t)op, .a = (uint16_t)a, .b = (uint16_t)b, .c = (uint16_t)c });
}

uint32_t cg_emit_d(NstCg *cg, NstOpcode op, uint32_t a, int32_t d) {
    return append(cg, (NstInsn){ .op = (uint8_t)op, .a = (uint16_t)a, .d = d });
}

void cg_move(NstCg *cg, uint32_t to, uint32_t from) {
    if (to != from) cg_emit(cg, NST_OP_CODE_MOVE, to, from, 0);
}

void cg_result(NstCg *cg, NstOpcode op, uint32_t dest, uint32_t c) {
    cg_reserve(cg, cg->next + 4); // the longest argument list of an own function
    cg_emit(cg, op, dest, cg->next, c);
}

void cg_at(NstCg *cg, NstSpan span, bool step) {
    if (span.origin != 0) cg->span = span;
    cg->step = cg->step || step;
}

// ---- Jumps -------------------------------------------------------------------------------

typedef enum Field { FIELD_C, FIELD_D } Field;

// Where instructions of a shape keep their jump (FIELD_C also for those without).
enum {
    JUMP_N, JUMP_A = 0, JUMP_AB = 0, JUMP_ABC = 0, JUMP_ABI = 0, JUMP_ABN = 0, JUMP_AI = 0, JUMP_AK = 0, JUMP_ABK = 0,
    JUMP_AL = 0, JUMP_ABL = 0, JUMP_AP = 0, JUMP_D = 0, JUMP_ABJ = 0, JUMP_AIJ = 0, JUMP_AKJ = 0, JUMP_ANJ = 0,
    JUMP_J = 1, JUMP_AJ = 1,
};

static Field jump_field(uint8_t op) {
    static const uint8_t fields[] = {
#define NST_OPCODE(name, shape, effects, text) JUMP_##shape,
#include "runtime/opcodes.def"
#undef NST_OPCODE
    };
    return (Field)fields[op];
}

static void patch(NstCg *cg, uint32_t pc, int32_t target) {
    int32_t offset = target - (int32_t)pc;
    if (jump_field(cg->insns[pc].op) == FIELD_D) {
        cg->insns[pc].d = offset;
    } else if (offset >= INT16_MIN && offset <= INT16_MAX) {
        cg->insns[pc].c = (uint16_t)(int16_t)offset;
    } else {
        cg->too_far = true;
    }
}

static void jump_to(NstCg *cg, uint32_t pc, NstCgLabel *label) {
    if (label->pc >= 0) {
        patch(cg, pc, label->pc);
        return;
    }
    PUSH(cg->fixups, cg->fixup_count, cg->fixup_size, (NstFixup){ pc, label->fixup });
    label->fixup = (int32_t)cg->fixup_count - 1;
}

void cg_jump(NstCg *cg, NstOpcode op, uint32_t a, uint32_t b, NstCgLabel *label) {
    uint32_t pc = cg_emit(cg, op, a, b, 0);
    if (cg->far && jump_field((uint8_t)op) == FIELD_C) {
        // The short jump reaches the long one behind the jump around it.
        patch(cg, pc, (int32_t)pc + 2);
        uint32_t around = cg_emit_d(cg, NST_OP_CODE_JUMP, 0, 0);
        uint32_t way = cg_emit_d(cg, NST_OP_CODE_JUMP, 0, 0);
        patch(cg, around, (int32_t)way + 1);
        pc = way;
    }
    jump_to(cg, pc, label);
}

void cg_bind(NstCg *cg, NstCgLabel *label) {
    label->pc = (int32_t)cg->insn_count;
    for (int32_t i = label->fixup; i >= 0; i = cg->fixups[i].next) patch(cg, cg->fixups[i].pc, label->pc);
    label->fixup = -1;
}

// ---- Tables ------------------------------------------------------------------------------

static uint32_t checked(NstCg *cg, uint32_t index) {
    if (index > MAX_INDEX) cg_fail(cg, "a function body has too many constants");
    return index;
}

uint32_t cg_constant(NstCg *cg, NstValue v) {
    uint32_t from = cg->constant_count > 64 ? cg->constant_count - 64 : 0; // recent ones are shared
    for (uint32_t i = from; i < cg->constant_count; i++) {
        if (cg->constants[i].tag == v.tag && cg->constants[i].w.u == v.w.u) return checked(cg, i);
    }
    PUSH(cg->constants, cg->constant_count, cg->constant_size, v);
    return checked(cg, cg->constant_count - 1);
}

uint32_t cg_constant_pair(NstCg *cg, NstValue first, NstValue second) {
    PUSH(cg->constants, cg->constant_count, cg->constant_size, first);
    PUSH(cg->constants, cg->constant_count, cg->constant_size, second);
    return checked(cg, cg->constant_count - 2);
}

uint32_t cg_string_constant(NstCg *cg, const char *text, size_t size) {
    return cg_constant(cg, nst_immortal_string(text, size));
}

uint32_t cg_link(NstCg *cg, NstLink *link) {
    for (uint32_t i = 0; i < cg->link_count; i++) {
        if (cg->links[i] == link) return checked(cg, i);
    }
    PUSH(cg->links, cg->link_count, cg->link_size, link);
    return checked(cg, cg->link_count - 1);
}

uint32_t cg_prim(NstCg *cg, NstPrimFn fn) {
    for (uint32_t i = 0; i < cg->prim_count; i++) {
        if (cg->prims[i] == fn) return i;
    }
    PUSH(cg->prims, cg->prim_count, cg->prim_size, fn);
    return cg->prim_count - 1;
}

uint32_t cg_field(NstCg *cg, const NstLayout *layout, uint32_t position, NstName name) {
    for (uint32_t i = 0; i < cg->field_count; i++) {
        const NstFieldRef *f = &cg->fields[i];
        if (f->layout == layout && f->position == position && f->name == name) return i;
    }
    PUSH(cg->fields, cg->field_count, cg->field_size, (NstFieldRef){ layout, position, name });
    return checked(cg, cg->field_count - 1);
}

uint32_t cg_method(NstCg *cg, NstName name, const NstExpr *call) {
    PUSH(cg->methods, cg->method_count, cg->method_size,
         (NstMethodSite){ .name = name, .module = cg->module, .call = call });
    return checked(cg, cg->method_count - 1);
}

uint32_t cg_lock_set(NstCg *cg, NstMvar *const *mvars, size_t count) {
    NstLockSet set = { nst_code_alloc(count * sizeof *set.mvars), (uint32_t)count };
    for (size_t i = 0; i < count; i++) set.mvars[i] = mvars[i]->index;
    PUSH(cg->lock_sets, cg->lock_set_count, cg->lock_set_size, set);
    return cg->lock_set_count - 1;
}

void cg_add_handler(NstCg *cg, NstCodeHandler handler) {
    PUSH(cg->handlers, cg->handler_count, cg->handler_size, handler);
}

uint32_t cg_add_table(NstCg *cg, NstJumpTable table) {
    PUSH(cg->tables, cg->table_count, cg->table_size, table);
    return cg->table_count - 1;
}

// ---- Locals for the debugger -------------------------------------------------------------

void cg_name_local(NstCg *cg, const NstLocal *local, uint32_t reg, bool cell) {
    if (local->name == 0) return;
    PUSH(cg->locals, cg->local_count, cg->local_size,
         (NstCodeLocal){ local->name, cg->insn_count, UINT32_MAX, (uint16_t)reg, cell, NULL });
}

void cg_name_function(NstCg *cg, const NstLocal *local, NstLink *function) {
    PUSH(cg->locals, cg->local_count, cg->local_size,
         (NstCodeLocal){ local->name, cg->insn_count, UINT32_MAX, 0, false, function });
}

uint32_t cg_scope_begin(NstCg *cg) {
    return cg->local_count;
}

void cg_scope_end(NstCg *cg, uint32_t mark) {
    for (uint32_t i = mark; i < cg->local_count; i++) {
        if (cg->locals[i].end == UINT32_MAX) cg->locals[i].end = cg->insn_count;
    }
}

// ---- The result --------------------------------------------------------------------------

static void *kept(void *items, size_t bytes) {
    void *copy = NULL;
    if (bytes > 0) {
        copy = nst_code_alloc(bytes);
        memcpy(copy, items, bytes);
    }
    free(items);
    return copy;
}
#define KEEP(items, count) kept((items), (count) * sizeof *(items))

NstCode *cg_finish(NstCg *cg, bool has_closure) {
    NstCode *code = nst_code_alloc(sizeof *code);
    *code = (NstCode){
        .insns = KEEP(cg->insns, cg->insn_count),
        .constants = KEEP(cg->constants, cg->constant_count),
        .links = KEEP(cg->links, cg->link_count),
        .prims = KEEP(cg->prims, cg->prim_count),
        .handlers = KEEP(cg->handlers, cg->handler_count),
        .spans = KEEP(cg->spans, cg->span_count),
        .locals = KEEP(cg->locals, cg->local_count),
        .fields = KEEP(cg->fields, cg->field_count),
        .methods = KEEP(cg->methods, cg->method_count),
        .lock_sets = KEEP(cg->lock_sets, cg->lock_set_count),
        .tables = KEEP(cg->tables, cg->table_count),
        .insn_count = cg->insn_count,
        .constant_count = cg->constant_count,
        .link_count = cg->link_count,
        .prim_count = cg->prim_count,
        .handler_count = cg->handler_count,
        .span_count = cg->span_count,
        .local_count = cg->local_count,
        .field_count = cg->field_count,
        .method_count = cg->method_count,
        .lock_set_count = cg->lock_set_count,
        .table_count = cg->table_count,
        .param_count = cg->link->param_count,
        .register_count = (uint16_t)(cg->max > 0 ? cg->max : 1),
        .has_closure = has_closure,
        .hidden = cg->link->kind == NST_UNIT_BOOT,
        .link = cg->link,
    };
    free(cg->fixups);
    nst_code_note_width(code->register_count);
    return code;
}

void cg_reset(NstCg *cg) {
    free(cg->insns);
    free(cg->constants);
    free(cg->links);
    free(cg->prims);
    free(cg->handlers);
    free(cg->spans);
    free(cg->locals);
    free(cg->fields);
    free(cg->methods);
    free(cg->lock_sets);
    free(cg->tables);
    free(cg->fixups);
    *cg = (NstCg){ .link = cg->link, .program = cg->program, .instance = cg->instance, .module = cg->module };
}
