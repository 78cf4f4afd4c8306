// Expressions: destinations, literals, names, constructions, parts of values.
#include <string.h>

#include "runtime/bigint.h"
#include "runtime/codegen_internal.h"
#include "runtime/decimal.h"
#include "runtime/heap.h"
#include "runtime/list.h"

// Longer literal collections are built in pieces of this many registers.
enum { CHUNK = 64 };

const NstTarget *cg_target(NstCg *cg, const NstExpr *expr) {
    static const NstTarget none = { .kind = NST_TARGET_NONE };
    const NstTarget *target = nst_instance_target(cg->instance, expr);
    return target ? target : &none;
}

const NstType *cg_type(NstCg *cg, const NstType *type) {
    return type ? nst_instance_type(cg->instance, type) : nst_program_any(cg->program);
}

const NstLayout *cg_record_layout(NstCg *cg, const NstType *type) {
    type = cg_type(cg, type);
    if (type->kind != NST_TY_CON || type->decl->ctor_count != 1) return NULL;
    return nst_layout_of(type->decl->ctors[0]);
}

// ---- Destinations ------------------------------------------------------------------------

void cg_deliver(NstCg *cg, uint32_t reg, NstDest dest) {
    if (dest & CG_RETURN) {
        cg_return(cg, reg);
    } else if (CG_IS_REG(dest)) {
        cg_move(cg, CG_REG(dest), reg);
    }
}

uint32_t cg_place_for(NstCg *cg, NstDest dest) {
    return CG_IS_REG(dest) ? CG_REG(dest) : cg_temp(cg);
}

void cg_unit(NstCg *cg, NstDest dest) {
    if (dest & CG_NONE) return;
    uint32_t mark = cg->next;
    uint32_t reg = cg_place_for(cg, dest);
    cg_emit(cg, NST_OP_CODE_LOAD_UNIT, reg, 0, 0);
    cg_deliver(cg, reg, dest);
    cg->next = mark;
}

uint32_t cg_into_temp(NstCg *cg, const NstExpr *expr) {
    uint32_t reg = cg_temp(cg);
    cg_value(cg, expr, reg | CG_FRESH);
    return reg;
}

uint32_t cg_operand(NstCg *cg, const NstExpr *expr) {
    if (expr->kind == NST_EXPR_NAME) {
        const NstTarget *target = cg_target(cg, expr);
        uint32_t reg;
        if (target->kind == NST_TARGET_LOCAL && !cg_def(expr->to.local) && cg_plain_register(cg, expr->to.local, &reg)) {
            cg_release(cg, expr->to.local);
            return reg;
        }
    }
    return cg_into_temp(cg, expr);
}

// True if evaluating the expression may assign a local of this body: only statements do that.
bool cg_has_statements(const NstExpr *expr) {
    if (!expr) return false;
    switch (expr->kind) {
    case NST_EXPR_LITERAL:
    case NST_EXPR_NAME:
    case NST_EXPR_LAMBDA: return false;
    case NST_EXPR_UNARY:
    case NST_EXPR_BINARY: return cg_has_statements(expr->binary.left) || cg_has_statements(expr->binary.right);
    case NST_EXPR_FIELD:
    case NST_EXPR_TUPLE_INDEX: return cg_has_statements(expr->field.receiver);
    case NST_EXPR_INDEX: return cg_has_statements(expr->index.receiver) || cg_has_statements(expr->index.index);
    case NST_EXPR_CALL:
    case NST_EXPR_METHOD:
        if (cg_has_statements(expr->call.callee)) return true;
        for (size_t i = 0; i < expr->call.arg_count; i++) {
            if (cg_has_statements(expr->call.args[i].value)) return true;
        }
        return false;
    default: return true;
    }
}

uint32_t cg_operand_before(NstCg *cg, const NstExpr *expr, const NstExpr *later, NstDest dest) {
    uint32_t next = cg->next;
    if (expr->kind != NST_EXPR_NAME && CG_IS_REG(dest) && (dest & CG_FRESH)) {
        cg_value(cg, expr, dest); // so that long chains of operators need no register per level
        return CG_REG(dest);
    }
    uint32_t reg = cg_operand(cg, expr);
    if (reg < next && cg_has_statements(later)) {
        uint32_t copy = cg_temp(cg);
        cg_move(cg, copy, reg);
        return copy;
    }
    return reg;
}

NstDest cg_dest(NstCg *cg, NstDest dest) {
    return CG_IS_REG(dest) ? dest : (cg_temp(cg) | CG_FRESH);
}

// ---- Literals ----------------------------------------------------------------------------

NstValue cg_literal_value(const NstLiteral *literal) {
    static const uint8_t tags[] = {
        [NST_LIT_INT] = NST_TAG_INT,       [NST_LIT_INT8] = NST_TAG_INT8,     [NST_LIT_INT16] = NST_TAG_INT16,
        [NST_LIT_INT32] = NST_TAG_INT32,   [NST_LIT_UINT8] = NST_TAG_UINT8,   [NST_LIT_UINT16] = NST_TAG_UINT16,
        [NST_LIT_UINT32] = NST_TAG_UINT32, [NST_LIT_UINT64] = NST_TAG_UINT64,
    };
    switch (literal->kind) {
    case NST_LIT_UNIT: return NST_UNIT;
    case NST_LIT_BOOL: return nst_bool(literal->boolean);
    case NST_LIT_CHAR: return nst_char(literal->character);
    case NST_LIT_FLOAT: return nst_float(literal->floating);
    case NST_LIT_FLOAT32: {
        NstValue v = { .w.u = 0, .tag = NST_TAG_FLOAT32 };
        v.w.f32 = (float)literal->floating;
        return v;
    }
    case NST_LIT_STRING: return nst_immortal_string(literal->text.data, literal->text.size);
    case NST_LIT_BIGINT: return nst_bigint_immortal(literal->text.data, literal->text.size);
    case NST_LIT_DECIMAL: return nst_decimal_immortal(literal->text.data, literal->text.size);
    default: return (NstValue){ .w.i = literal->integer, .tag = tags[literal->kind] };
    }
}

void cg_literal(NstCg *cg, const NstLiteral *literal, uint32_t reg) {
    if (literal->kind == NST_LIT_INT && literal->integer >= INT32_MIN && literal->integer <= INT32_MAX) {
        cg_emit_d(cg, NST_OP_CODE_LOAD_INT, reg, (int32_t)literal->integer);
        return;
    }
    cg_emit_d(cg, NST_OP_CODE_LOAD_K, reg, (int32_t)cg_constant(cg, cg_literal_value(literal)));
}

static void string_part(NstCg *cg, const NstStringPart *part, uint32_t reg) {
    if (part->expr) {
        cg_value(cg, part->expr, reg | CG_FRESH);
        cg_emit(cg, NST_OP_CODE_SHOW, reg, reg, 0);
        cg_result(cg, NST_OP_CODE_RESULT, reg, 0);
    } else {
        cg_emit_d(cg, NST_OP_CODE_LOAD_K, reg, (int32_t)cg_string_constant(cg, part->text.data, part->text.size));
    }
}

static void string(NstCg *cg, const NstExpr *expr, uint32_t reg) {
    size_t count = expr->string.part_count;
    uint32_t sum = count > CHUNK ? cg_temp(cg) : reg; // what has been joined so far
    size_t at = 0;
    do {
        uint32_t window = cg->next, parts = 0;
        if (at > 0) {
            cg_move(cg, cg_temp(cg), sum);
            parts++;
        }
        for (; at < count && parts < CHUNK; at++, parts++) string_part(cg, &expr->string.parts[at], cg_temp(cg));
        cg_emit(cg, NST_OP_CODE_JOIN, sum, window, parts);
        cg->next = window;
    } while (at < count);
    cg_move(cg, reg, sum);
}

// ---- Names -------------------------------------------------------------------------------

static void name(NstCg *cg, const NstExpr *expr, NstDest dest) {
    const NstTarget *target = cg_target(cg, expr);
    NstTargetKind kind = target->kind != NST_TARGET_NONE ? target->kind : expr->target;
    uint32_t mark = cg->next;
    switch (kind) {
    case NST_TARGET_LOCAL: cg_local_value(cg, expr, expr->to.local, target, dest); return;
    case NST_TARGET_FUNCTION: {
        uint32_t reg = cg_place_for(cg, dest);
        NstLink *link = cg_fn_link(cg, target->fn, target->subst);
        uint32_t k = cg_constant(cg, (NstValue){ .w.link = link, .tag = NST_TAG_FUNCTION });
        cg_emit_d(cg, NST_OP_CODE_LOAD_K, reg, (int32_t)k);
        cg_deliver(cg, reg, dest);
        break;
    }
    case NST_TARGET_CTOR: {
        uint32_t reg = cg_place_for(cg, dest);
        NstCtor *ctor = target->ctor ? target->ctor : expr->to.ctor;
        const NstLayout *layout = nst_layout_of(ctor);
        if (ctor->field_count > 0) {
            NstLink *link = nst_link_ctor(cg->program, ctor);
            uint32_t k = cg_constant(cg, (NstValue){ .w.link = link, .tag = NST_TAG_FUNCTION });
            cg_emit_d(cg, NST_OP_CODE_LOAD_K, reg, (int32_t)k);
        } else {
            cg_emit_d(cg, NST_OP_CODE_LOAD_K, reg, (int32_t)cg_constant(cg, nst_ctor(layout)));
            if (nst_makes_cell(ctor)) {
                uint32_t k = cg_constant(cg, nst_ctor(nst_layout_cell(ctor->type)));
                cg_emit(cg, NST_OP_CODE_NEW_DATA, reg, reg, k);
            }
        }
        cg_deliver(cg, reg, dest);
        break;
    }
    case NST_TARGET_CONST: {
        NstConst *constant = target->constant ? target->constant : expr->to.constant;
        if (!constant->fn) {
            const NstInstance *instance = cg->instance;
            cg->instance = nst_instance_module(cg->program);
            cg_value(cg, constant->value, dest);
            cg->instance = instance;
            return;
        }
        uint32_t reg = cg_place_for(cg, dest), window = cg_temp(cg);
        NstLink *link = cg_fn_link(cg, constant->fn, target->subst);
        uint32_t index = nst_link_global(constant, link->instance);
        cg_emit(cg, NST_OP_CODE_GLOBAL, window, index, cg_link(cg, link));
        cg_emit(cg, NST_OP_CODE_GLOBAL_SET, window, index, 0);
        cg_move(cg, reg, window);
        cg_deliver(cg, reg, dest);
        break;
    }
    case NST_TARGET_MVAR: {
        uint32_t reg = cg_place_for(cg, dest);
        const NstMvar *mvar = target->mvar ? target->mvar : expr->to.mvar;
        cg_emit_d(cg, NST_OP_CODE_MVAR_GET, reg, (int32_t)mvar->index);
        cg_deliver(cg, reg, dest);
        break;
    }
    default: cg_fail(cg, "a name without meaning reached code generation"); break;
    }
    cg->next = mark;
}

// ---- Constructions -----------------------------------------------------------------------

static uint32_t window_of(NstCg *cg, NstExpr *const *items, size_t count) {
    uint32_t window = cg->next;
    for (size_t i = 0; i < count; i++) cg_into_temp(cg, items[i]);
    return window;
}

static void tuple(NstCg *cg, const NstExpr *expr, uint32_t reg) {
    if (expr->seq.count == 0) {
        cg_emit(cg, NST_OP_CODE_LOAD_UNIT, reg, 0, 0);
        return;
    }
    uint32_t window = window_of(cg, expr->seq.items, expr->seq.count);
    cg_emit(cg, NST_OP_CODE_NEW_TUPLE, reg, window, (uint32_t)expr->seq.count);
}

static void list(NstCg *cg, const NstExpr *expr, uint32_t reg) {
    size_t count = expr->seq.count;
    if (expr->seq.rest) {
        // Elements first, then the rest (functions.md 3.3).
        uint32_t window = window_of(cg, expr->seq.items, count);
        cg_into_temp(cg, expr->seq.rest);
        cg_emit(cg, NST_OP_CODE_PREPEND, reg, window, (uint32_t)count);
        return;
    }
    if (count == 0) {
        cg_emit_d(cg, NST_OP_CODE_LOAD_K, reg, (int32_t)cg_constant(cg, nst_list_empty()));
        return;
    }
    uint32_t sum = 0; // what has been built so far, if the literal is long
    for (size_t at = 0; at < count; at += CHUNK) {
        size_t n = count - at < CHUNK ? count - at : CHUNK;
        if (at == 0 && n < count) sum = cg_temp(cg);
        uint32_t window = window_of(cg, expr->seq.items + at, n);
        uint32_t piece = n == count ? reg : at == 0 ? sum : window;
        cg_emit(cg, NST_OP_CODE_NEW_LIST, piece, window, (uint32_t)n);
        if (at > 0) cg_emit(cg, NST_OP_CODE_CONCAT, sum, sum, window);
        cg->next = window;
    }
    if (count > CHUNK) cg_move(cg, reg, sum);
}

static void map_or_set(NstCg *cg, const NstExpr *expr, uint32_t reg) {
    bool map = expr->kind == NST_EXPR_MAP;
    uint32_t sum = cg_temp(cg);
    cg_emit(cg, map ? NST_OP_CODE_NEW_MAP : NST_OP_CODE_NEW_SET, sum, 0, 0);
    for (size_t i = 0; i < expr->seq.count; i += map ? 2 : 1) {
        uint32_t mark = cg->next;
        uint32_t key = cg_into_temp(cg, expr->seq.items[i]);
        uint32_t value = map ? cg_into_temp(cg, expr->seq.items[i + 1]) : 0;
        cg_emit(cg, map ? NST_OP_CODE_MAP_PUT : NST_OP_CODE_SET_PUT, sum, key, value);
        cg_result(cg, NST_OP_CODE_RESULT, sum, 0);
        cg->next = mark;
    }
    cg_move(cg, reg, sum);
}

static void range_list(NstCg *cg, const NstExpr *expr, uint32_t reg) {
    uint32_t low = cg_operand_before(cg, expr->index.receiver, expr->index.index, CG_NONE);
    uint32_t high = cg_operand(cg, expr->index.index);
    cg_emit(cg, NST_OP_CODE_RANGE_LIST, reg, low, high);
}

// ---- Parts -------------------------------------------------------------------------------

static void field(NstCg *cg, const NstExpr *expr, NstDest dest) {
    const NstTarget *target = cg_target(cg, expr);
    const NstExpr *receiver = expr->field.receiver;
    uint32_t mark = cg->next;
    if (target->kind == NST_TARGET_FUNCTION) { // a virtual field
        uint32_t window = cg_window(cg, dest);
        if (cg->next == window) cg_temp(cg);
        cg_value(cg, receiver, window | CG_FRESH);
        cg_call_fn(cg, target->fn, target->subst, window, dest);
        cg->next = mark;
        return;
    }
    NstDest to = cg_dest(cg, dest);
    uint32_t reg = CG_REG(to);
    uint32_t operand = cg_operand_before(cg, receiver, NULL, to);
    NstName name = expr->field.field.name;
    const NstLayout *layout = cg_record_layout(cg, receiver->type);
    const NstType *type = cg_type(cg, receiver->type);
    if (target->kind == NST_TARGET_FIELD && type->kind == NST_TY_TUPLE) {
        cg_emit(cg, NST_OP_CODE_TUPLE_GET, reg, operand, (uint32_t)target->field);
    } else if (target->kind == NST_TARGET_FIELD && target->field >= 0 && layout && !layout->reactive) {
        cg_emit(cg, NST_OP_CODE_FIELD, reg, operand, cg_field(cg, layout, (uint32_t)target->field, name));
    } else {
        cg_emit(cg, NST_OP_CODE_FIELD_DYN, reg, operand, cg_field(cg, NULL, 0, name));
        cg_result(cg, NST_OP_CODE_RESULT, reg, 0);
    }
    cg_deliver(cg, reg, dest);
    cg->next = mark;
}

static void index_expr(NstCg *cg, const NstExpr *expr, NstDest dest) {
    const NstTarget *target = cg_target(cg, expr);
    uint32_t mark = cg->next;
    if (target->kind == NST_TARGET_FUNCTION) {
        uint32_t window = cg_window(cg, dest);
        if (cg->next < window + 2) cg_temps(cg, window + 2 - cg->next);
        cg_value(cg, expr->index.receiver, window | CG_FRESH);
        cg_value(cg, expr->index.index, (window + 1) | CG_FRESH);
        cg_call_fn(cg, target->fn, target->subst, window, dest);
        cg->next = mark;
        return;
    }
    NstDest to = cg_dest(cg, dest);
    uint32_t reg = CG_REG(to);
    uint32_t receiver;
    if (!cg_borrow(cg, expr->index.receiver, expr->index.index, &receiver)) {
        receiver = cg_operand_before(cg, expr->index.receiver, expr->index.index, to);
    }
    uint32_t index = cg_operand(cg, expr->index.index);
    cg_emit(cg, NST_OP_CODE_INDEX, reg, receiver, index);
    cg_result(cg, NST_OP_CODE_RESULT, reg, 0);
    cg_deliver(cg, reg, dest);
    cg->next = mark;
}

// ---- All expressions ---------------------------------------------------------------------

// Expressions that compute into a register without a choice of ways.
static void simple(NstCg *cg, const NstExpr *expr, NstDest dest) {
    uint32_t mark = cg->next;
    uint32_t reg = cg_place_for(cg, dest);
    switch (expr->kind) {
    case NST_EXPR_LITERAL: cg_literal(cg, &expr->literal, reg); break;
    case NST_EXPR_STRING: string(cg, expr, reg); break;
    case NST_EXPR_TUPLE: tuple(cg, expr, reg); break;
    case NST_EXPR_LIST: list(cg, expr, reg); break;
    case NST_EXPR_RANGE_LIST: range_list(cg, expr, reg); break;
    case NST_EXPR_MAP:
    case NST_EXPR_SET: map_or_set(cg, expr, reg); break;
    case NST_EXPR_TUPLE_INDEX:
        cg_emit(cg, NST_OP_CODE_TUPLE_GET, reg, cg_operand(cg, expr->field.receiver), expr->field.position);
        break;
    default: cg_fail(cg, "an erroneous expression reached code generation"); break;
    }
    cg_deliver(cg, reg, dest);
    cg->next = mark;
}

void cg_value(NstCg *cg, const NstExpr *expr, NstDest dest) {
    NstSpan span = cg->span;
    cg_at(cg, expr->span, false);
    switch (expr->kind) {
    case NST_EXPR_NAME: name(cg, expr, dest); break;
    case NST_EXPR_BLOCK: cg_block(cg, expr, dest); break;
    case NST_EXPR_LAMBDA: cg_lambda(cg, expr, dest); break;
    case NST_EXPR_IF: cg_if(cg, expr, dest); break;
    case NST_EXPR_MATCH: cg_match(cg, expr, dest); break;
    case NST_EXPR_TRY: cg_try(cg, expr, dest); break;
    case NST_EXPR_WHILE: cg_while(cg, expr, dest); break;
    case NST_EXPR_FOR: cg_for(cg, expr, dest); break;
    case NST_EXPR_RECEIVE: cg_receive(cg, expr, dest); break;
    case NST_EXPR_SPAWN: cg_spawn(cg, expr, dest); break;
    case NST_EXPR_BREAK:
    case NST_EXPR_CONTINUE: cg_break(cg, expr); break;
    case NST_EXPR_RETURN:
        if (expr->unary.operand) {
            cg_value(cg, expr->unary.operand, CG_RETURN);
        } else {
            cg_unit(cg, CG_RETURN);
        }
        break;
    case NST_EXPR_UNARY: cg_unary(cg, expr, dest); break;
    case NST_EXPR_BINARY: cg_binary(cg, expr, dest); break;
    case NST_EXPR_SEND: cg_send(cg, expr, dest); break;
    case NST_EXPR_CALL:
    case NST_EXPR_METHOD: cg_call(cg, expr, dest); break;
    case NST_EXPR_FIELD: field(cg, expr, dest); break;
    case NST_EXPR_INDEX: index_expr(cg, expr, dest); break;
    case NST_EXPR_TRY_OP: cg_try_op(cg, expr, dest); break;
    default: simple(cg, expr, dest); break;
    }
    cg->span = span;
}
