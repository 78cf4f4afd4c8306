// The dispatch loop.
//
// Register use: `pc` is the instruction under execution, `regs` the current activation's registers, `base` their place
// in the stack, `code` its code. exec holds copies that are brought up to date (SAVE) before anything that looks at
// them: collections, unwinding, returning to the scheduler. Whatever may move the stack is followed by RELOAD.
#if defined(__GNUC__) && !defined(__clang__)
// Two optimisations that hurt here: fusing the halves of a copied value into one 16-byte load, which waits for stores
// that wrote them separately; and moving common subexpressions out of instructions, which costs registers.
#pragma GCC optimize("no-tree-slp-vectorize", "no-gcse")
#endif
#include "runtime/vm_loop.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/bigint.h"
#include "runtime/code.h"
#include "runtime/compare.h"
#include "runtime/decimal.h"
#include "runtime/dynamic.h"
#include "runtime/hash.h"
#include "runtime/heap_inline.h"
#include "runtime/link.h"
#include "runtime/list.h"
#include "runtime/profile.h"
#include "runtime/reactive.h"
#include "runtime/show.h"
#include "runtime/vm_own.h"

#define LIKELY(x) __builtin_expect(!!(x), 1)
#define UNLIKELY(x) __builtin_expect(!!(x), 0)

// Copies word by word: a 16-byte load of a value whose halves have just been written separately would wait for both
// stores to reach the cache.
#define COPY(to, from)                       \
    do {                                     \
        uint64_t copy_tag = (from).tag;      \
        uint64_t copy_word = (from).w.u;     \
        (to).tag = copy_tag;                 \
        (to).w.u = copy_word;                \
    } while (0)

#define A regs[pc->a]
#define B regs[pc->b]
#define C regs[pc->c]

// relaxed: the debugger may exchange the op byte at any time; either value is right (code.h)
#define DISPATCH() goto *labels[__atomic_load_n(&pc->op, __ATOMIC_RELAXED)]
#define NEXT()     \
    do {           \
        pc++;      \
        DISPATCH(); \
    } while (0)
#define NEXT_EXT() \
    do {           \
        pc += 2;   \
        DISPATCH(); \
    } while (0)
// After an instruction of `words` words that may have allocated.
#define NEXT_SAFE(words)                                       \
    do {                                                       \
        pc += (words);                                         \
        if (UNLIKELY(process->heap.want_collect)) goto safepoint; \
        DISPATCH();                                            \
    } while (0)
#define JUMP_IF(condition, offset)                  \
    do {                                            \
        pc += (condition) ? (ptrdiff_t)(offset) : 1; \
        DISPATCH();                                 \
    } while (0)

#define SAVE()                                        \
    do {                                              \
        exec->code = code;                            \
        exec->pc = (uint32_t)(pc - code->insns);      \
        exec->base = base;                            \
    } while (0)
#define RELOAD()                          \
    do {                                  \
        code = exec->code;                \
        pc = code->insns + exec->pc;      \
        base = exec->base;                \
        regs = exec->stack + base;        \
    } while (0)

#define BOTH(x, y, t) ((((x).tag ^ (t)) | ((y).tag ^ (t))) == 0)
#define SET_INT(to, value)              \
    do {                                \
        int64_t set_int = (int64_t)(value); \
        (to).w.i = set_int;             \
        (to).tag = NST_TAG_INT;         \
    } while (0)
#define SET_FLOAT(to, value)       \
    do {                           \
        double set_float = (value); \
        (to).w.f = set_float;      \
        (to).tag = NST_TAG_FLOAT;  \
    } while (0)

static const NstLayout *layout_in(NstValue v) {
    if (v.tag == NST_TAG_OBJECT && v.w.o->kind == NST_KIND_DATA) return ((const NstData *)v.w.o)->layout;
    return v.tag == NST_TAG_CTOR ? v.w.layout : NULL;
}

static inline NstValue data_slot(const NstObject *o, uint32_t i) {
    const NstData *data = (const NstData *)o;
    const uint8_t *tags = (const uint8_t *)(data->slots + o->count);
    return (NstValue){ .w = data->slots[i], .tag = tags[i] };
}

static inline NstValue tuple_slot(const NstObject *o, uint32_t i) {
    const NstSlots *slots = (const NstSlots *)o;
    const uint8_t *tags = (const uint8_t *)(slots->slots + o->count);
    return (NstValue){ .w = slots->slots[i], .tag = tags[i] };
}

static bool same_value(NstValue a, NstValue b) {
    if (a.tag != b.tag) return false;
    if (a.tag != NST_TAG_OBJECT && a.tag != NST_TAG_FLOAT && a.tag != NST_TAG_FLOAT32) return a.w.u == b.w.u;
    return nst_equal(a, b, false) == NST_CMP_TRUE;
}

static bool starts_with(NstValue v, NstValue prefix) {
    if (!nst_is_kind(v, NST_KIND_STRING)) return false;
    const NstString *s = (const NstString *)v.w.o, *p = (const NstString *)prefix.w.o;
    return s->head.count >= p->head.count && memcmp(s->bytes, p->bytes, p->head.count) == 0;
}

static bool is_single(const NstLayout *layout) {
    return layout && (layout->is_record || layout->ctor->type->ctor_count == 1);
}

static NstValue new_slots(NstProcess *process, NstKind kind, const NstValue *values, uint32_t count) {
    NstObject *o = nst_alloc_slots(process, kind, 0, count);
    for (uint32_t i = 0; i < count; i++) nst_slot_init(o, i, values[i]);
    return nst_object(o);
}

static NstValue new_data(NstProcess *process, const NstLayout *layout, const NstValue *values) {
    uint32_t count = layout->field_count;
    NstObject *o = nst_alloc(process, 8u * (2u + count) + ((count + 7u) & ~7u));
    *o = (NstObject){ .kind = NST_KIND_DATA, .flags = layout->mutable_ ? NST_OBJ_MUTABLE : 0, .count = count };
    NstData *data = (NstData *)o;
    data->layout = layout;
    uint8_t *tags = (uint8_t *)(data->slots + count);
    for (uint32_t i = 0; i < count; i++) {
        data->slots[i].u = values[i].w.u;
        tags[i] = (uint8_t)values[i].tag;
    }
    return nst_object(o);
}

static NstValue new_closure(NstProcess *process, NstLink *link, const NstValue *captures) {
    NstObject *o = nst_alloc_slots(process, NST_KIND_CLOSURE, 0, link->capture_count);
    ((NstClosure *)o)->link = link;
    for (uint32_t i = 0; i < link->capture_count; i++) nst_slot_init(o, i, captures[i]);
    return nst_object(o);
}

static NstValue with_link(NstProcess *process, NstLink *link, NstValue closure) {
    if (closure.tag != NST_TAG_OBJECT) return (NstValue){ .w.link = link, .tag = NST_TAG_FUNCTION };
    const NstObject *from = closure.w.o;
    NstObject *o = nst_alloc_slots(process, NST_KIND_CLOSURE, from->flags & NST_OBJ_MUTABLE, from->count);
    ((NstClosure *)o)->link = link;
    for (uint32_t i = 0; i < from->count; i++) nst_slot_init(o, i, nst_slot(from, i));
    return nst_object(o);
}

static void set_global(NstExec *exec, uint32_t index, NstValue v) {
    if (index >= exec->global_count) {
        uint32_t count = index + 8;
        NstValue *globals = realloc(exec->globals, count * sizeof *globals);
        if (!globals) return; // it will be evaluated again
        memset(globals + exec->global_count, 0, (count - exec->global_count) * sizeof *globals);
        exec->globals = globals;
        exec->global_count = count;
    }
    exec->globals[index] = v;
}

// The links and arities of what a call of a value needs.
static NstLink *callee_link(NstValue fn) {
    if (fn.tag == NST_TAG_FUNCTION) return fn.w.link;
    return nst_is_kind(fn, NST_KIND_CLOSURE) ? ((const NstClosure *)fn.w.o)->link : NULL;
}

NstStop nst_vm_loop(NstProcess *process) {
    static const void *const labels[] = {
#define NST_OPCODE(name, shape, effects, text) &&op_##name,
#include "runtime/opcodes.def"
#undef NST_OPCODE
    };
    NstExec *const exec = &process->exec;
    const NstCode *code = exec->code;
    const NstInsn *pc = NULL;
    NstValue *regs;
    uint32_t base;
    // Arguments of the shared call sequences below.
    NstLink *link;
    const NstCode *callee;
    uint32_t window, arg_count;
    NstValue fn;
    NstDyn dyn;
    NstWait wait;

    if (!code) {
        // A fresh execution: the function and its arguments lie at base (exec.h).
        base = exec->base;
        regs = exec->stack + base;
        fn = regs[0];
        arg_count = exec->start_args;
        for (uint32_t i = 0; i < arg_count; i++) COPY(regs[i], regs[i + 1]);
        link = callee_link(fn);
        callee = nst_link_code(link);
        if (!nst_exec_grow_stack(process, (uint64_t)base + callee->register_count)) return NST_STOP_RAISED;
        regs = exec->stack + base;
        if (callee->has_closure) COPY(regs[callee->param_count], fn);
        code = callee;
        pc = code->insns;
        SAVE();
        DISPATCH();
    }
    RELOAD();
    if (exec->resume_primitive) {
        exec->resume_primitive = false;
        if (!process->retry) pc++; // the result has been put in place already
        process->retry = false;
    }
    if (process->heap.want_collect) goto safepoint;
    DISPATCH();

    // ---- Shared sequences -----------------------------------------------------------------

safepoint: // pc is the next instruction
    SAVE();
    nst_exec_collect(process);
    RELOAD();
    if (process->heap.out_of_memory) {
        process->heap.out_of_memory = false;
        nst_raise_pair(process, "OutOfMemory", "out of memory");
        pc--;
        goto raise;
    }
    DISPATCH();

raise: // pc is the instruction that raised
    SAVE();
    if (UNLIKELY(process->heap.refused) && nst_exec_retry(process)) {
        RELOAD();
        DISPATCH();
    }
    if (!nst_exec_unwind(process, exec->pc, 0)) return process->exiting ? NST_STOP_EXITED : NST_STOP_RAISED;
    RELOAD();
    DISPATCH();

raise_type_function:
    nst_raise_type(process, "function", fn);
    goto raise;

overflow: // no room for the call at pc
    nst_raise_pair(process, "StackOverflow", "stack overflow");
    goto raise;

suspended: // the instruction at pc is executed again when the process is woken
    SAVE();
    return NST_STOP_BLOCKED;

wait_failed:
    if (wait == NST_WAIT_BLOCK) goto suspended;
    goto raise;

call_value: // fn with arg_count arguments at window
    link = callee_link(fn);
    if (UNLIKELY(!link)) goto raise_type_function;
    if (UNLIKELY(link->param_count != arg_count)) {
        // functions.md 2.4: one tuple is spread over several parameters
        NstValue *args = regs + window;
        if (arg_count != 1 || !nst_is_kind(args[0], NST_KIND_TUPLE) || args[0].w.o->count != link->param_count) {
            goto raise_type_function;
        }
        if (!nst_exec_grow_stack(process, (uint64_t)base + window + link->param_count)) goto overflow;
        regs = exec->stack + base;
        args = regs + window;
        NstObject *tuple = args[0].w.o;
        for (uint32_t i = 0; i < link->param_count; i++) args[i] = tuple_slot(tuple, i);
    }
    callee = nst_link_code(link);
    if (!callee->has_closure) goto call;
    // fall through

call_closure: // callee with its arguments at window; fn is the closure
    if (UNLIKELY((uint64_t)base + window + callee->register_count > exec->stack_size)) {
        if (!nst_exec_grow_stack(process, (uint64_t)base + window + callee->register_count)) goto overflow;
        regs = exec->stack + base;
    }
    COPY(regs[window + callee->param_count], fn);
    // fall through

call: // callee with everything it takes at window
{
    uint32_t new_base = base + window;
    if (UNLIKELY(exec->frame_count == exec->frame_size)) {
        exec->base = base;
        if (!nst_exec_grow_frames(process)) goto overflow;
    }
    if (UNLIKELY((uint64_t)new_base + callee->register_count > exec->stack_size)) {
        if (!nst_exec_grow_stack(process, (uint64_t)new_base + callee->register_count)) goto overflow;
    }
    NstFrame *frame = &exec->frames[exec->frame_count++];
    frame->code = code;
    frame->pc = (uint32_t)(pc + 1 - code->insns);
    frame->base = base;
    code = callee;
    pc = code->insns;
    base = new_base;
    regs = exec->stack + base;
    if (UNLIKELY(--exec->reductions <= 0)) goto yield;
    DISPATCH();
}

tail_value:
    link = callee_link(fn);
    if (UNLIKELY(!link)) goto raise_type_function;
    if (UNLIKELY(link->param_count != arg_count)) {
        NstValue *args = regs + window;
        if (arg_count != 1 || !nst_is_kind(args[0], NST_KIND_TUPLE) || args[0].w.o->count != link->param_count) {
            goto raise_type_function;
        }
        if (!nst_exec_grow_stack(process, (uint64_t)base + window + link->param_count)) goto overflow;
        regs = exec->stack + base;
        args = regs + window;
        NstObject *tuple = args[0].w.o;
        for (uint32_t i = 0; i < link->param_count; i++) args[i] = tuple_slot(tuple, i);
    }
    callee = nst_link_code(link);
    // fall through

tail_call:
    if (UNLIKELY((uint64_t)base + callee->register_count > exec->stack_size)) {
        if (!nst_exec_grow_stack(process, (uint64_t)base + callee->register_count)) goto overflow;
        regs = exec->stack + base;
    }
    for (uint32_t i = 0; i < callee->param_count; i++) COPY(regs[i], regs[window + i]);
    code = callee;
    pc = code->insns;
    if (code->has_closure) COPY(regs[code->param_count], fn);
    if (UNLIKELY(--exec->reductions <= 0)) goto yield;
    DISPATCH();

yield: // pc is the next instruction
    SAVE();
    nst_exec_trim(process);
    return NST_STOP_YIELD;

own: // the library function of `link` with arguments at the window of the RESULT word behind pc
    if (UNLIKELY(!link)) {
        nst_raise_pair(process, "TypeError", "the type's own operation is not available");
        goto raise;
    }
    window = pc[1].b;
    callee = nst_link_code(link);
    goto call;

    // ---- Moves ----------------------------------------------------------------------------

op_NOP:
    NEXT();
op_BREAKPOINT: // the debugger resumes with the original instruction in place
    SAVE();
    return NST_STOP_YIELD;
op_ENTER:
    nst_profile_enter(process, code, regs);
    NEXT();
op_LEAVE:
    nst_profile_leave(process);
    NEXT();
op_MOVE:
    COPY(A, B);
    NEXT();
op_LOAD_K:
    COPY(A, code->constants[pc->d]);
    NEXT();
op_LOAD_INT:
    SET_INT(A, pc->d);
    NEXT();
op_LOAD_BOOL:
    A = nst_bool(pc->d != 0);
    NEXT();
op_LOAD_UNIT:
    A = NST_UNIT;
    NEXT();
op_GET_CAPTURE: {
    NstValue v = data_slot(B.w.o, pc->c); // closures are laid out like data
    COPY(A, v);
    NEXT();
}
op_NEW_CELL: {
    NstObject *cell = nst_alloc_slots(process, NST_KIND_CELL, NST_OBJ_MUTABLE, 1);
    nst_slot_init(cell, 0, B);
    A = nst_object(cell);
    NEXT_SAFE(1);
}
op_GET_CELL: {
    NstValue v = tuple_slot(B.w.o, 0);
    COPY(A, v);
    NEXT();
}
op_SET_CELL:
    nst_store(process, A.w.o, 0, B);
    NEXT();
op_NEW_CLOSURE:
    link = code->links[pc->c];
    A = new_closure(process, link, &B);
    NEXT_SAFE(1);
op_AS_LINK:
    A = with_link(process, code->links[pc->c], B);
    NEXT_SAFE(1);

    // ---- Arithmetic -----------------------------------------------------------------------

#define ARITH_INT(NAME, OP)                                            \
    op_##NAME##_INT : {                                                \
        if (LIKELY(BOTH(B, C, NST_TAG_INT))) {                         \
            SET_INT(A, B.w.u OP C.w.u);                                \
            NEXT();                                                    \
        }                                                              \
        if (BOTH(B, C, NST_TAG_FLOAT)) {                               \
            SET_FLOAT(A, B.w.f OP C.w.f);                              \
            NEXT();                                                    \
        }                                                              \
        dyn = nst_dyn_arith(process, NST_OP_##NAME, B, C, &A);         \
        goto arith_done;                                               \
    }                                                                  \
    op_##NAME##_INT_I : {                                              \
        if (LIKELY(B.tag == NST_TAG_INT)) {                            \
            SET_INT(A, B.w.u OP (uint64_t)(int64_t)(int16_t)pc->c);    \
            NEXT();                                                    \
        }                                                              \
        dyn = nst_dyn_arith(process, NST_OP_##NAME, B, nst_int((int16_t)pc->c), &A); \
        goto arith_done;                                               \
    }
    ARITH_INT(ADD, +)
    ARITH_INT(SUB, -)
    ARITH_INT(MUL, *)

op_DIV_INT:
    if (LIKELY(BOTH(B, C, NST_TAG_INT) && C.w.u + 1 > 1)) { // neither 0 nor -1
        SET_INT(A, B.w.i / C.w.i);
        NEXT();
    }
    dyn = nst_dyn_arith(process, NST_OP_DIV, B, C, &A);
    goto arith_done;
op_MOD_INT:
    if (LIKELY(BOTH(B, C, NST_TAG_INT) && C.w.u + 1 > 1)) {
        SET_INT(A, B.w.i % C.w.i);
        NEXT();
    }
    dyn = nst_dyn_arith(process, NST_OP_MOD, B, C, &A);
    goto arith_done;
op_DIV_INT_I:
    if (LIKELY(B.tag == NST_TAG_INT)) {
        SET_INT(A, B.w.i / (int16_t)pc->c);
        NEXT();
    }
    dyn = nst_dyn_arith(process, NST_OP_DIV, B, nst_int((int16_t)pc->c), &A);
    goto arith_done;
op_MOD_INT_I:
    if (LIKELY(B.tag == NST_TAG_INT)) {
        SET_INT(A, B.w.i % (int16_t)pc->c);
        NEXT();
    }
    dyn = nst_dyn_arith(process, NST_OP_MOD, B, nst_int((int16_t)pc->c), &A);
    goto arith_done;

#define ARITH_FLOAT(NAME, OP)                                   \
    op_##NAME##_FLOAT : {                                       \
        if (LIKELY(BOTH(B, C, NST_TAG_FLOAT))) {                \
            SET_FLOAT(A, B.w.f OP C.w.f);                       \
            NEXT();                                             \
        }                                                       \
        dyn = nst_dyn_arith(process, NST_OP_##NAME, B, C, &A);  \
        goto arith_done;                                        \
    }
    ARITH_FLOAT(ADD, +)
    ARITH_FLOAT(SUB, -)
    ARITH_FLOAT(MUL, *)
    ARITH_FLOAT(DIV, /)

arith_done: // of an instruction whose static type has no methods
    if (LIKELY(dyn == NST_DYN_OK)) NEXT_SAFE(1);
    if (dyn == NST_DYN_OWN) nst_raise_type(process, "number", pc->op == NST_OP_CODE_NEG ? B : layout_in(B) ? B : C);
    goto raise;

op_ARITH: {
    NstOperator op = (NstOperator)pc[1].c;
    dyn = nst_dyn_arith(process, op, B, C, &A);
    if (LIKELY(dyn == NST_DYN_OK)) NEXT_SAFE(2);
    if (dyn == NST_DYN_RAISE) goto raise;
    NstValue left = B, right = C;
    link = nst_own_operator(process, op, left);
    if (!link) goto raise;
    regs[pc[1].b] = left;
    regs[pc[1].b + 1] = right;
    goto own;
}
op_NEG:
    if (LIKELY(B.tag == NST_TAG_INT)) {
        SET_INT(A, 0 - B.w.u);
        NEXT();
    }
    dyn = nst_dyn_negate(process, B, &A);
    goto arith_done;
op_NOT:
    if (UNLIKELY(B.tag != NST_TAG_BOOL)) {
        nst_raise_type(process, "Bool", B);
        goto raise;
    }
    A = nst_bool(!B.w.u);
    NEXT();
op_SQRT:
    if (LIKELY(B.tag == NST_TAG_FLOAT)) {
        SET_FLOAT(A, sqrt(B.w.f));
        NEXT();
    }
    if (B.tag == NST_TAG_FLOAT32) {
        float root = sqrtf(B.w.f32);
        A = (NstValue){ .w.u = 0, .tag = NST_TAG_FLOAT32 };
        A.w.f32 = root;
        NEXT();
    }
    nst_raise_type(process, "Float", B);
    goto raise;

    // ---- Comparison -----------------------------------------------------------------------

op_EQ: {
    NstValue left = B, right = C;
    if (left.tag != NST_TAG_OBJECT && left.tag != NST_TAG_CTOR && right.tag != NST_TAG_CTOR) {
        A = nst_bool(same_value(left, right));
        NEXT_EXT();
    }
    bool equal = false;
    if (LIKELY(nst_dyn_equal(process, left, right, &equal) == NST_DYN_OK)) {
        A = nst_bool(equal);
        NEXT_EXT();
    }
    link = nst_own_operation(process, NST_OWN_FN_EQUAL, NST_OP_EQ, left);
    regs[pc[1].b] = left;
    regs[pc[1].b + 1] = right;
    goto own;
}
op_LESS: {
    NstValue left = B, right = C;
    NstOperator op = (NstOperator)pc[1].c;
    bool holds = false;
    dyn = nst_dyn_order(process, op, left, right, &holds);
    if (LIKELY(dyn == NST_DYN_OK)) {
        A = nst_bool(holds);
        NEXT_EXT();
    }
    if (dyn == NST_DYN_RAISE) goto raise;
    link = nst_own_operation(process, NST_OWN_FN_COMPARE, op, left);
    regs[pc[1].b] = left;
    regs[pc[1].b + 1] = right;
    goto own;
}
op_J_EQ: {
    NstValue left = A, right = B;
    JUMP_IF(same_value(left, right), (int16_t)pc->c);
}
op_J_NE: {
    NstValue left = A, right = B;
    JUMP_IF(!same_value(left, right), (int16_t)pc->c);
}

#define JUMP_ORDER(NAME, OP, DYN, SENSE)                                                   \
    op_##NAME : {                                                                          \
        if (LIKELY(BOTH(A, B, NST_TAG_INT))) JUMP_IF((A.w.i OP B.w.i) == SENSE, (int16_t)pc->c);    \
        if (BOTH(A, B, NST_TAG_FLOAT)) JUMP_IF((A.w.f OP B.w.f) == SENSE, (int16_t)pc->c); \
        bool holds = false;                                                                \
        dyn = nst_dyn_order(process, DYN, A, B, &holds);                                   \
        if (dyn != NST_DYN_OK) goto order_failed;                                          \
        JUMP_IF(holds == SENSE, (int16_t)pc->c);                                           \
    }
    JUMP_ORDER(J_LT, <, NST_OP_LT, true)
    JUMP_ORDER(J_NLT, <, NST_OP_LT, false)
    JUMP_ORDER(J_LE, <=, NST_OP_LE, true)
    JUMP_ORDER(J_NLE, <=, NST_OP_LE, false)

order_failed:
    if (dyn == NST_DYN_OWN) nst_raise_type(process, "number", A);
    goto raise;

op_J_EQ_I:
    JUMP_IF(A.tag == NST_TAG_INT && A.w.i == (int16_t)pc->b, (int16_t)pc->c);
op_J_NE_I:
    JUMP_IF(!(A.tag == NST_TAG_INT && A.w.i == (int16_t)pc->b), (int16_t)pc->c);

#define JUMP_ORDER_I(NAME, OP, DYN)                                                      \
    op_##NAME : {                                                                        \
        if (LIKELY(A.tag == NST_TAG_INT)) JUMP_IF(A.w.i OP (int16_t)pc->b, (int16_t)pc->c); \
        bool holds = false;                                                              \
        dyn = nst_dyn_order(process, DYN, A, nst_int((int16_t)pc->b), &holds);           \
        if (dyn != NST_DYN_OK) goto order_failed;                                        \
        JUMP_IF(holds, (int16_t)pc->c);                                                  \
    }
    JUMP_ORDER_I(J_LT_I, <, NST_OP_LT)
    JUMP_ORDER_I(J_LE_I, <=, NST_OP_LE)
    JUMP_ORDER_I(J_GT_I, >, NST_OP_GT)
    JUMP_ORDER_I(J_GE_I, >=, NST_OP_GE)

    // ---- Jumps ----------------------------------------------------------------------------

op_JUMP:
    pc += pc->d;
    DISPATCH();
op_LOOP:
    pc += pc->d;
    if (UNLIKELY(--exec->reductions <= 0)) goto yield;
    DISPATCH();
op_J_TRUE:
    if (UNLIKELY(A.tag != NST_TAG_BOOL)) goto raise_bool;
    JUMP_IF(A.w.u != 0, pc->d);
op_J_FALSE:
    if (UNLIKELY(A.tag != NST_TAG_BOOL)) goto raise_bool;
    JUMP_IF(A.w.u == 0, pc->d);
raise_bool:
    nst_raise_type(process, "Bool", A);
    goto raise;
op_FOR_PREP:
    if (UNLIKELY(!BOTH(A, B, NST_TAG_INT))) {
        nst_raise_type(process, "Int", A.tag == NST_TAG_INT ? B : A);
        goto raise;
    }
    JUMP_IF(A.w.i >= B.w.i, (int16_t)pc->c);
op_FOR_LOOP: {
    int64_t next = A.w.i + 1; // below the limit: cannot overflow
    if (next >= B.w.i) NEXT();
    A.w.i = next;
    pc += (int16_t)pc->c;
    if (UNLIKELY(--exec->reductions <= 0)) goto yield;
    DISPATCH();
}
op_SWITCH_CTOR: {
    const NstJumpTable *table = &code->tables[pc->d];
    const NstLayout *layout = layout_in(A);
    uint32_t last = table->count - 1;
    // A value of another type than the table's goes to the default; entry `last` holds it.
    uint32_t index = layout && layout->type_id == table->type_id ? layout->index : last;
    pc += table->offsets[index];
    DISPATCH();
}

    // ---- Pattern tests --------------------------------------------------------------------

op_T_CONST:
    JUMP_IF(!same_value(A, code->constants[pc->b]), (int16_t)pc->c);
op_T_RANGE: {
    const NstValue *bounds = &code->constants[pc->b];
    JUMP_IF(A.tag != NST_TAG_INT || A.w.i < bounds[0].w.i || A.w.i > bounds[1].w.i, (int16_t)pc->c);
}
op_T_TUPLE:
    JUMP_IF(!nst_is_kind(A, NST_KIND_TUPLE) || A.w.o->count != pc->b, (int16_t)pc->c);
op_T_LIST:
    JUMP_IF(!nst_is_kind(A, NST_KIND_LIST) || nst_list_length(A.w.o) != pc->b, (int16_t)pc->c);
op_T_LIST_MIN:
    JUMP_IF(!nst_is_kind(A, NST_KIND_LIST) || nst_list_length(A.w.o) < pc->b, (int16_t)pc->c);
op_T_LIST_ANY:
    JUMP_IF(!nst_is_kind(A, NST_KIND_LIST), pc->d);
op_T_CTOR:
    JUMP_IF(layout_in(A) != code->constants[pc->b].w.layout, (int16_t)pc->c);
op_T_PREFIX:
    JUMP_IF(!starts_with(A, code->constants[pc->b]), (int16_t)pc->c);
op_T_MAP:
    JUMP_IF(!nst_is_kind(A, NST_KIND_MAP), pc->d);
op_T_SET:
    JUMP_IF(!nst_is_kind(A, NST_KIND_SET), pc->d);
op_T_RECORD:
    JUMP_IF(!is_single(layout_in(A)), pc->d);

    // ---- Parts ----------------------------------------------------------------------------

op_TUPLE_GET_U: {
    NstValue v = tuple_slot(B.w.o, pc->c);
    COPY(A, v);
    NEXT();
}
op_DATA_GET_U: {
    NstValue v = data_slot(B.w.o, pc->c);
    COPY(A, v);
    NEXT();
}
op_TUPLE_GET:
    if (LIKELY(nst_is_kind(B, NST_KIND_TUPLE) && pc->c < B.w.o->count)) {
        NstValue v = tuple_slot(B.w.o, pc->c);
        COPY(A, v);
        NEXT();
    }
    if (nst_dyn_component(process, B, pc->c, &A) == NST_DYN_RAISE) goto raise;
    NEXT();
op_FIELD: {
    const NstFieldRef *field = &code->fields[pc->c];
    NstValue v = B;
    if (LIKELY(v.tag == NST_TAG_OBJECT && v.w.o->kind == NST_KIND_DATA &&
               ((const NstData *)v.w.o)->layout == field->layout)) {
        v = data_slot(v.w.o, field->position);
        COPY(A, v);
        NEXT();
    }
    if (!nst_dyn_field_find(v, field->name, &A)) {
        uint32_t position;
        nst_dyn_field(process, v, field->name, &A, &position); // raises
        goto raise;
    }
    NEXT();
}
op_FIELD_DYN: {
    NstValue v = B, result;
    uint32_t position = 0;
    dyn = nst_dyn_field(process, v, code->fields[pc->c].name, &result, &position);
    if (LIKELY(dyn == NST_DYN_OK)) {
        A = result;
        NEXT_EXT();
    }
    if (dyn == NST_DYN_RAISE) goto raise;
    if (nst_reactive_load(process, v.w.o, position, &result)) {
        A = result;
        NEXT_SAFE(2);
    }
    link = nst_own_function(process, NST_OWN_FN_REACTIVE_READ);
    regs[pc[1].b] = v;
    regs[pc[1].b + 1] = nst_int(position);
    regs[pc[1].b + 2] = result;
    goto own;
}
op_FIELD_TRY:
    if (LIKELY(layout_in(B) == code->fields[pc->c].layout && B.tag == NST_TAG_OBJECT)) {
        NstValue v = data_slot(B.w.o, code->fields[pc->c].position);
        COPY(A, v);
        NEXT();
    }
    if (!nst_dyn_field_find(B, code->fields[pc->c].name, &A)) A = (NstValue){ 0 };
    NEXT();
op_J_MISSING:
    JUMP_IF(A.tag == NST_TAG_MISSING, pc->d);
op_FIELD_SET: {
    NstValue object = A, v = B;
    const NstFieldRef *field = &code->fields[pc->c];
    uint32_t position = field->position;
    if (LIKELY(nst_is_kind(object, NST_KIND_DATA))) {
        const NstLayout *layout = ((const NstData *)object.w.o)->layout;
        if (LIKELY(layout == field->layout && layout->mutable_ && !layout->reactive)) {
            nst_store(process, object.w.o, position, v);
            NEXT_EXT();
        }
    }
    dyn = nst_dyn_field_set(process, object, field->name, v, &position);
    if (dyn == NST_DYN_OK) NEXT_EXT();
    if (dyn == NST_DYN_RAISE) goto raise;
    NstValue old;
    if (nst_reactive_store(process, object.w.o, position, v, &old)) NEXT_SAFE(2);
    link = nst_own_function(process, NST_OWN_FN_REACTIVE_WRITTEN);
    regs[pc[1].b] = object;
    regs[pc[1].b + 1] = nst_int(position);
    regs[pc[1].b + 2] = old;
    regs[pc[1].b + 3] = v;
    goto own;
}
op_CONTENT: {
    NstValue v = B, content;
    if (LIKELY(!nst_is_reactive_cell(v))) {
        COPY(A, v);
        NEXT_EXT();
    }
    if (nst_reactive_load(process, v.w.o, 0, &content)) {
        A = content;
        NEXT_SAFE(2);
    }
    link = nst_own_function(process, NST_OWN_FN_REACTIVE_CONTENT);
    regs[pc[1].b] = v;
    goto own;
}
op_LIST_HEAD_U: {
    NstValue v = nst_list_head(B.w.o);
    COPY(A, v);
    NEXT();
}
op_LIST_TAIL_U:
    A = nst_list_tail(process, B.w.o);
    NEXT_SAFE(1);
op_LIST_AT_U:
    A = nst_list_get(B.w.o, pc->c);
    NEXT();
op_LIST_DROP_U:
    A = nst_list_slice(process, B.w.o, pc->c, nst_list_length(B.w.o));
    NEXT_SAFE(1);
op_STRING_DROP_U: {
    const NstString *s = (const NstString *)B.w.o;
    uint32_t skip = code->constants[pc->c].w.o->count;
    A = nst_string(process, s->bytes + skip, s->head.count - skip);
    NEXT_SAFE(1);
}
op_MAP_FIND: {
    NstValue map = B, key = C;
    uint64_t hash;
    if (UNLIKELY(!nst_is_kind(map, NST_KIND_MAP))) {
        nst_raise_type(process, "Map", map);
        goto raise;
    }
    NstCmp status = nst_key_hash(key, &hash);
    if (UNLIKELY(status == NST_CMP_OWN)) {
        link = nst_own_function(process, NST_OWN_FN_MAP_FIND);
        regs[pc[1].b] = map;
        regs[pc[1].b + 1] = key;
        goto own;
    }
    NstValue v = { 0 };
    if (status == NST_CMP_TRUE && !nst_map_lookup(map.w.o, key, hash, &v)) v = (NstValue){ 0 };
    A = v;
    NEXT_EXT();
}
op_SET_HAS: {
    NstValue set = B, key = C;
    uint64_t hash;
    if (UNLIKELY(!nst_is_kind(set, NST_KIND_SET))) {
        nst_raise_type(process, "Set", set);
        goto raise;
    }
    NstCmp status = nst_key_hash(key, &hash);
    if (UNLIKELY(status == NST_CMP_OWN)) {
        link = nst_own_function(process, NST_OWN_FN_SET_HAS);
        regs[pc[1].b] = set;
        regs[pc[1].b + 1] = key;
        goto own;
    }
    A = nst_bool(status == NST_CMP_TRUE && nst_set_contains(set.w.o, key, hash));
    NEXT_EXT();
}
op_INDEX: {
    NstValue c = B, i = C, v;
    dyn = nst_dyn_index(process, c, i, &v);
    if (LIKELY(dyn == NST_DYN_OK)) {
        A = v;
        NEXT_SAFE(2);
    }
    if (dyn == NST_DYN_RAISE) goto raise;
    link = nst_own_index(process, c, false);
    if (!link) goto raise;
    regs[pc[1].b] = c;
    regs[pc[1].b + 1] = i;
    goto own;
}
op_INDEX_SET: {
    NstValue c = A, i = B, v = C, result;
    if (pc[1].c && nst_is_kind(c, NST_KIND_MAP)) {
        uint64_t hash;
        if (nst_key_hash(i, &hash) == NST_CMP_TRUE) {
            A = nst_map_insert_owned(process, c.w.o, i, hash, v);
            NEXT_SAFE(2);
        }
        nst_map_release(process, c.w.o);
    }
    dyn = nst_dyn_index_set(process, c, i, v, &result);
    if (LIKELY(dyn == NST_DYN_OK)) {
        A = result;
        NEXT_SAFE(2);
    }
    if (dyn == NST_DYN_RAISE) goto raise;
    link = nst_own_index(process, c, true);
    if (!link) goto raise;
    regs[pc[1].b] = c;
    regs[pc[1].b + 1] = i;
    regs[pc[1].b + 2] = v;
    goto own;
}
op_LENGTH:
    if (nst_dyn_length(process, B, &A) == NST_DYN_RAISE) goto raise;
    NEXT();

op_CURSOR_NEXT: {
    NstValue v;
    if (UNLIKELY(!nst_list_cursor_next(process, B.w.o, &v))) {
        nst_raise_pair(process, "IndexOutOfBounds", "index 0 out of bounds (length 0)");
        goto raise;
    }
    COPY(A, v);
    NEXT();
}
op_BUILDER_ADD:
    nst_list_builder_add(process, A.w.o, B);
    NEXT_SAFE(1);

    // ---- Building -------------------------------------------------------------------------

op_NEW_TUPLE:
    A = new_slots(process, NST_KIND_TUPLE, &B, pc->c);
    NEXT_SAFE(1);
op_NEW_DATA: {
    const NstLayout *layout = code->constants[pc->c].w.layout;
    A = LIKELY(!layout->reactive) ? new_data(process, layout, &B) : nst_reactive_new(process, layout, &B);
    NEXT_SAFE(1);
}
op_NEW_LIST:
    A = nst_list_from(process, &B, pc->c);
    NEXT_SAFE(1);
op_PREPEND: {
    const NstValue *items = &B;
    NstValue list = items[pc->c];
    if (UNLIKELY(!nst_is_kind(list, NST_KIND_LIST))) {
        nst_raise_type(process, "List", list);
        goto raise;
    }
    for (uint32_t i = pc->c; i > 0; i--) list = nst_list_cons(process, items[i - 1], list.w.o);
    A = list;
    NEXT_SAFE(1);
}
op_CONS:
    if (UNLIKELY(!nst_is_kind(C, NST_KIND_LIST))) {
        nst_raise_type(process, "List", C);
        goto raise;
    }
    A = nst_list_cons(process, B, C.w.o);
    NEXT_SAFE(1);
op_CONCAT: {
    NstValue v;
    if (nst_dyn_concat(process, B, C, &v) == NST_DYN_RAISE) goto raise;
    A = v;
    NEXT_SAFE(1);
}
op_JOIN: {
    NstValue v;
    if (nst_dyn_join(process, &B, pc->c, &v) == NST_DYN_RAISE) goto raise;
    A = v;
    NEXT_SAFE(1);
}
op_RANGE_LIST: {
    NstValue v;
    if (nst_dyn_range(process, B, C, &v) == NST_DYN_RAISE) goto raise;
    A = v;
    NEXT_SAFE(1);
}
op_NEW_MAP:
    A = nst_map_empty();
    NEXT();
op_NEW_SET:
    A = nst_set_empty();
    NEXT();
op_MAP_PUT: {
    NstValue map = A, key = B, v = C;
    uint64_t hash;
    if (UNLIKELY(!nst_is_kind(map, NST_KIND_MAP))) {
        nst_raise_type(process, "Map", map);
        goto raise;
    }
    switch (nst_key_hash(key, &hash)) {
    case NST_CMP_TRUE:
        A = pc[1].c ? nst_map_insert_owned(process, map.w.o, key, hash, v) : nst_map_insert(process, map.w.o, key, hash, v);
        NEXT_SAFE(2);
    case NST_CMP_OWN: break;
    default: nst_raise_type(process, "hashable key", key); goto raise;
    }
    nst_map_release(process, map.w.o);
    link = nst_own_function(process, NST_OWN_FN_MAP_PUT);
    regs[pc[1].b] = map;
    regs[pc[1].b + 1] = key;
    regs[pc[1].b + 2] = v;
    goto own;
}
op_SET_PUT: {
    NstValue set = A, key = B;
    NstValue none = { .tag = NST_TAG_MISSING };
    uint64_t hash;
    if (UNLIKELY(!nst_is_kind(set, NST_KIND_SET))) {
        nst_raise_type(process, "Set", set);
        goto raise;
    }
    switch (nst_key_hash(key, &hash)) {
    case NST_CMP_TRUE:
        A = pc[1].c ? nst_map_insert_owned(process, set.w.o, key, hash, none) : nst_set_insert(process, set.w.o, key, hash);
        NEXT_SAFE(2);
    case NST_CMP_OWN: break;
    default: nst_raise_type(process, "hashable element", key); goto raise;
    }
    nst_map_release(process, set.w.o);
    link = nst_own_function(process, NST_OWN_FN_SET_PUT);
    regs[pc[1].b] = set;
    regs[pc[1].b + 1] = key;
    goto own;
}
op_REMOVE: {
    NstValue c = A, key = B;
    uint64_t hash;
    if (UNLIKELY(!nst_is_kind(c, NST_KIND_MAP) && !nst_is_kind(c, NST_KIND_SET))) {
        nst_raise_type(process, "Map", c);
        goto raise;
    }
    switch (nst_key_hash(key, &hash)) {
    case NST_CMP_TRUE:
        A = pc[1].c ? nst_map_remove_owned(process, c.w.o, key, hash) : nst_map_remove(process, c.w.o, key, hash);
        NEXT_SAFE(2);
    case NST_CMP_OWN: break;
    default: nst_raise_type(process, "hashable key", key); goto raise;
    }
    nst_map_release(process, c.w.o);
    link = nst_own_function(process, nst_is_kind(c, NST_KIND_MAP) ? NST_OWN_FN_MAP_REMOVE : NST_OWN_FN_SET_REMOVE);
    regs[pc[1].b] = c;
    regs[pc[1].b + 1] = key;
    goto own;
}
op_RELEASE:
    if (nst_is_kind(A, NST_KIND_MAP) || nst_is_kind(A, NST_KIND_SET)) nst_map_release(process, A.w.o);
    NEXT();
op_BIG_LITERAL: {
    const NstString *digits = (const NstString *)code->constants[pc->d].w.o;
    A = nst_bigint_from_text(process, digits->bytes, digits->head.count);
    NEXT_SAFE(1);
}
op_DECIMAL_LITERAL: {
    const NstString *digits = (const NstString *)code->constants[pc->d].w.o;
    A = nst_decimal_from_text(process, digits->bytes, digits->head.count);
    NEXT_SAFE(1);
}
op_SHOW: {
    NstValue v = B, text;
    if (nst_is_kind(v, NST_KIND_STRING)) {
        A = v;
        NEXT_EXT();
    }
    if (LIKELY(nst_show_text(process, v, NST_SHOW_DISPLAY, true, &text))) {
        A = text;
        NEXT_SAFE(2);
    }
    link = nst_own_operation(process, NST_OWN_FN_SHOW, NST_OP_EQ, v);
    regs[pc[1].b] = v;
    goto own;
}
op_HASH: {
    NstValue v = B;
    uint64_t hash;
    switch (nst_hash(v, true, &hash)) {
    case NST_CMP_TRUE: SET_INT(A, hash); NEXT_EXT();
    case NST_CMP_OWN: break;
    default: nst_raise_type(process, "hashable value", v); goto raise;
    }
    link = nst_own_operation(process, NST_OWN_FN_HASH, NST_OP_EQ, v);
    regs[pc[1].b] = v;
    goto own;
}
op_COPY:
    link = nst_own_operation(process, NST_OWN_FN_COPY, NST_OP_EQ, B);
    fn = B;
    regs[pc[1].b] = fn;
    goto own;

    // ---- Calls ----------------------------------------------------------------------------

op_CALL:
    callee = nst_link_code(code->links[pc->d]);
    window = pc->a;
    goto call;
op_CALL_LOCAL:
    callee = nst_link_code(code->links[pc->c]);
    fn = B;
    window = pc->a;
    goto call_closure;
op_CALL_VALUE:
    window = pc->a;
    arg_count = pc->b;
    fn = C;
    goto call_value;
op_TAIL_CALL:
    callee = nst_link_code(code->links[pc->d]);
    window = pc->a;
    goto tail_call;
op_TAIL_LOCAL:
    callee = nst_link_code(code->links[pc->c]);
    fn = B;
    window = pc->a;
    goto tail_call;
op_TAIL_VALUE:
    window = pc->a;
    arg_count = pc->b;
    fn = C;
    goto tail_value;
op_METHOD:
op_TAIL_METHOD: {
    bool tail = pc->op == NST_OP_CODE_TAIL_METHOD;
    window = pc->a;
    arg_count = pc->b;
    link = nst_dyn_method(process, code->link->program, &code->methods[pc->c], A, arg_count, &fn);
    if (link) {
        callee = nst_link_code(link);
        if (tail) goto tail_call;
        goto call;
    }
    if (fn.tag == NST_TAG_MISSING) goto raise;
    arg_count--; // a field of function type: called without the receiver
    for (uint32_t i = 0; i < arg_count; i++) COPY(regs[window + i], regs[window + i + 1]);
    if (tail) goto tail_value;
    goto call_value;
}
op_PRIM: {
    SAVE(); // primitives may ask where they are called (nst_exec_place)
    NstPrimStatus status = code->prims[pc->d](process, &A);
    if (LIKELY(status == NST_PRIM_OK)) NEXT_SAFE(1);
    if (status == NST_PRIM_RAISE) goto raise;
    if (status == NST_PRIM_YIELD) return NST_STOP_YIELD; // executed again
    exec->resume_primitive = true;
    return NST_STOP_BLOCKED;
}
op_RETURN:
    COPY(regs[0], A);
    if (UNLIKELY(exec->frame_count == 0)) {
        process->result = regs[0];
        SAVE();
        return NST_STOP_DONE;
    } else {
        const NstFrame *frame = &exec->frames[--exec->frame_count];
        code = frame->code;
        pc = code->insns + frame->pc;
        base = frame->base;
        regs = exec->stack + base;
        DISPATCH();
    }
op_RESULT:
    COPY(A, B);
    NEXT();
op_RESULT_ORDER:
    if (B.tag == NST_TAG_BOOL) { // the type's own method has decided
        COPY(A, B);
        NEXT();
    }
    if (UNLIKELY(B.tag != NST_TAG_INT)) {
        nst_raise_type(process, "Int", B);
        goto raise;
    }
    A = nst_bool(nst_dyn_order_holds((NstOperator)pc->c, B.w.i));
    NEXT();
op_RESULT_MISSING: {
    NstValue option = B;
    A = nst_is_kind(option, NST_KIND_DATA) && option.w.o->count == 1 ? data_slot(option.w.o, 0) : (NstValue){ 0 };
    NEXT();
}
op_RESULT_NONE:
    NEXT();
op_GLOBAL:
    if (LIKELY(pc->b < exec->global_count && exec->globals[pc->b].tag != NST_TAG_MISSING)) {
        COPY(A, exec->globals[pc->b]);
        NEXT_EXT();
    }
    callee = nst_link_code(code->links[pc->c]);
    window = pc->a;
    goto call;
op_GLOBAL_SET:
    set_global(exec, pc->b, A);
    NEXT();

    // ---- Exceptions -----------------------------------------------------------------------

op_THROW:
    nst_raise(process, A);
    goto raise;
op_RETHROW: {
    int64_t mode = regs[pc->a + 1].w.i; // trace id * 2 + whether Process.exit is under way (exec.c)
    process->exiting = mode & 1;
    if (process->exiting) {
        process->result = A;
    } else {
        process->exception = A;
    }
    SAVE();
    if (!nst_exec_unwind(process, exec->pc, (uint32_t)(mode >> 1))) {
        return process->exiting ? NST_STOP_EXITED : NST_STOP_RAISED;
    }
    RELOAD();
    DISPATCH();
}
op_NO_MATCH:
    nst_raise_panic(process, "Non-exhaustive match: no pattern matched");
    goto raise;
op_NO_CLAUSE:
    nst_raise_string(process, "No clause matched for function '%s'",
                     ((const NstString *)code->constants[pc->d].w.o)->bytes);
    goto raise;
op_INTERNAL:
    nst_raise_pair(process, "InternalError", "%s", ((const NstString *)code->constants[pc->d].w.o)->bytes);
    goto raise;

    // ---- Processes ------------------------------------------------------------------------

op_SPAWN: {
    NstPid pid;
    uint64_t ref = 0;
    fn = B;
    link = callee_link(fn);
    if (UNLIKELY(!link || link->param_count != 0)) goto raise_type_function;
    SAVE();
    wait = nst_process_spawn(process, fn, pc->c, &pid, &ref);
    if (UNLIKELY(wait != NST_WAIT_OK)) goto wait_failed;
    NstValue result[2] = { { .w.u = pid, .tag = NST_TAG_PID }, { .w.u = ref, .tag = NST_TAG_REF } };
    A = pc->c == NST_SPAWN_MONITORED ? new_slots(process, NST_KIND_TUPLE, result, 2) : result[0];
    NEXT_SAFE(1);
}
op_SEND:
    if (UNLIKELY(A.tag != NST_TAG_PID)) {
        nst_raise_type(process, "Pid", A);
        goto raise;
    }
    SAVE();
    wait = nst_process_send(process, A.w.u, B);
    if (UNLIKELY(wait != NST_WAIT_OK)) goto wait_failed;
    NEXT();
op_RECEIVE:
    if (pc->d && UNLIKELY(A.tag != NST_TAG_INT)) {
        nst_raise_type(process, "Int", A);
        goto raise;
    }
    nst_receive_begin(process, pc->d != 0, pc->d ? (A.w.i > 0 ? A.w.i : 0) : -1);
    NEXT();
op_EXAMINE: {
    NstValue message;
    wait = nst_receive_examine(process, &message);
    if (LIKELY(wait == NST_WAIT_OK)) {
        A = message;
        NEXT_SAFE(1);
    }
    if (wait == NST_WAIT_TIMEOUT) JUMP_IF(true, pc->d);
    goto wait_failed;
}
op_SKIP:
    nst_receive_skip(process);
    if (UNLIKELY(--exec->reductions <= 0)) {
        pc++;
        goto yield;
    }
    NEXT();
op_TAKE:
    nst_receive_take(process);
    NEXT();
op_MVAR_GET: {
    NstValue v;
    wait = nst_mvar_read(process, (uint32_t)pc->d, &v);
    if (UNLIKELY(wait != NST_WAIT_OK)) goto wait_failed;
    A = v;
    NEXT_SAFE(1);
}
op_MVAR_SET:
    wait = nst_mvar_write(process, (uint32_t)pc->d, A);
    if (UNLIKELY(wait != NST_WAIT_OK)) goto wait_failed;
    NEXT_SAFE(1);
op_MVAR_INIT:
    wait = nst_mvar_init(process, (uint32_t)pc->d, A);
    if (UNLIKELY(wait != NST_WAIT_OK)) goto wait_failed;
    NEXT_SAFE(1);
op_MVAR_LOCK:
    wait = nst_mvar_lock(process, code->lock_sets[pc->d].mvars, code->lock_sets[pc->d].count);
    if (UNLIKELY(wait != NST_WAIT_OK)) goto wait_failed;
    NEXT();
op_MVAR_UNLOCK:
    nst_mvar_unlock(process, code->lock_sets[pc->d].mvars, code->lock_sets[pc->d].count);
    NEXT();
}
