// Expressions: literals, names, operators, conditions, constructions, parts of values.
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

// A small Int literal, perhaps negated: usable as an immediate operand.
static bool small_int(const NstExpr *expr, int32_t *out) {
    bool negative = expr->kind == NST_EXPR_UNARY && expr->binary.op == NST_OP_NEG;
    if (negative) expr = expr->binary.left;
    if (expr->kind != NST_EXPR_LITERAL || expr->literal.kind != NST_LIT_INT) return false;
    int64_t i = expr->literal.integer;
    if (i < -INT16_MAX || i > INT16_MAX) return false;
    *out = (int32_t)(negative ? -i : i);
    return true;
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

// ---- Operators ---------------------------------------------------------------------------

static const struct {
    NstOpcode ints, immediate, floats; // NOP: none
} arithmetic[] = {
    [NST_OP_ADD] = { NST_OP_CODE_ADD_INT, NST_OP_CODE_ADD_INT_I, NST_OP_CODE_ADD_FLOAT },
    [NST_OP_SUB] = { NST_OP_CODE_SUB_INT, NST_OP_CODE_SUB_INT_I, NST_OP_CODE_SUB_FLOAT },
    [NST_OP_MUL] = { NST_OP_CODE_MUL_INT, NST_OP_CODE_MUL_INT_I, NST_OP_CODE_MUL_FLOAT },
    [NST_OP_DIV] = { NST_OP_CODE_DIV_INT, NST_OP_CODE_DIV_INT_I, NST_OP_CODE_DIV_FLOAT },
    [NST_OP_MOD] = { NST_OP_CODE_MOD_INT, NST_OP_CODE_MOD_INT_I, NST_OP_CODE_NOP },
    [NST_OP_POW] = { NST_OP_CODE_NOP, NST_OP_CODE_NOP, NST_OP_CODE_NOP },
};

static bool both_are(const NstTarget *target, NstPrimType prim) {
    return target->kind == NST_TARGET_PRIMITIVE && target->prim == prim &&
           (target->prim_right == prim || target->prim_right == NST_PRIM_NONE);
}

static void arith(NstCg *cg, const NstExpr *expr, const NstTarget *target, NstDest dest) {
    uint32_t reg = CG_REG(dest);
    NstOperator op = expr->binary.op;
    const NstExpr *left = expr->binary.left, *right = expr->binary.right;
    uint32_t mark = cg->next;
    uint32_t l = cg_operand_before(cg, left, right, dest);
    int32_t immediate;
    if (both_are(target, NST_PRIM_INT) && arithmetic[op].ints != NST_OP_CODE_NOP) {
        bool divides = op == NST_OP_DIV || op == NST_OP_MOD;
        if (small_int(right, &immediate) && !(divides && (immediate == 0 || immediate == -1))) {
            cg_emit(cg, arithmetic[op].immediate, reg, l, (uint16_t)(int16_t)immediate);
        } else {
            cg_emit(cg, arithmetic[op].ints, reg, l, cg_operand(cg, right));
        }
    } else if (both_are(target, NST_PRIM_FLOAT) && arithmetic[op].floats != NST_OP_CODE_NOP) {
        cg_emit(cg, arithmetic[op].floats, reg, l, cg_operand(cg, right));
    } else {
        uint32_t r = cg_operand(cg, right);
        cg_emit(cg, NST_OP_CODE_ARITH, reg, l, r);
        cg_result(cg, NST_OP_CODE_RESULT, reg, (uint32_t)op);
    }
    cg->next = mark;
}

// A method of a user type stands for the operator.
static void operator_call(NstCg *cg, const NstExpr *expr, const NstTarget *target, NstDest dest) {
    uint32_t mark = cg->next;
    bool direct = !target->negate;
    uint32_t window = cg_window(cg, direct ? dest : (NstDest)CG_NONE);
    if (cg->next < window + 2) cg_temps(cg, window + 2 - cg->next);
    uint32_t first = target->swap ? window + 1 : window, second = target->swap ? window : window + 1;
    cg_value(cg, expr->binary.left, first | CG_FRESH);
    cg_value(cg, expr->binary.right, second | CG_FRESH);
    if (direct) {
        cg_call_fn(cg, target->fn, target->subst, window, dest);
    } else {
        cg_call_fn(cg, target->fn, target->subst, window, window);
        cg_emit(cg, NST_OP_CODE_NOT, window, window, 0);
        cg_deliver(cg, window, dest);
    }
    cg->next = mark;
}

static bool is_comparison(NstOperator op) {
    return op >= NST_OP_EQ && op <= NST_OP_GE;
}

// Whether a comparison may meet a type's own implementation, so that it needs the form that can call.
static bool may_call(NstCg *cg, NstOperator op, const NstTarget *target) {
    if (target->kind == NST_TARGET_PRIMITIVE) return false;
    return nst_program_has_own(cg->program, op == NST_OP_EQ || op == NST_OP_NE ? "Eq" : "Ord");
}

// Jumps to `target` if (left op right) == when; operands are in registers or an immediate.
static void compare_jump(NstCg *cg, NstOperator op, uint32_t l, uint32_t r, bool when, NstCgLabel *target) {
    switch (op) {
    case NST_OP_EQ: cg_jump(cg, when ? NST_OP_CODE_J_EQ : NST_OP_CODE_J_NE, l, r, target); break;
    case NST_OP_NE: cg_jump(cg, when ? NST_OP_CODE_J_NE : NST_OP_CODE_J_EQ, l, r, target); break;
    case NST_OP_LT: cg_jump(cg, when ? NST_OP_CODE_J_LT : NST_OP_CODE_J_NLT, l, r, target); break;
    case NST_OP_LE: cg_jump(cg, when ? NST_OP_CODE_J_LE : NST_OP_CODE_J_NLE, l, r, target); break;
    case NST_OP_GT: cg_jump(cg, when ? NST_OP_CODE_J_LT : NST_OP_CODE_J_NLT, r, l, target); break;
    default: cg_jump(cg, when ? NST_OP_CODE_J_LE : NST_OP_CODE_J_NLE, r, l, target); break;
    }
}

static NstOpcode immediate_jump(NstOperator op, bool when) {
    switch (op) {
    case NST_OP_EQ: return when ? NST_OP_CODE_J_EQ_I : NST_OP_CODE_J_NE_I;
    case NST_OP_NE: return when ? NST_OP_CODE_J_NE_I : NST_OP_CODE_J_EQ_I;
    case NST_OP_LT: return when ? NST_OP_CODE_J_LT_I : NST_OP_CODE_J_GE_I;
    case NST_OP_LE: return when ? NST_OP_CODE_J_LE_I : NST_OP_CODE_J_GT_I;
    case NST_OP_GT: return when ? NST_OP_CODE_J_GT_I : NST_OP_CODE_J_LE_I;
    default: return when ? NST_OP_CODE_J_GE_I : NST_OP_CODE_J_LT_I;
    }
}

// A comparison as a value, by the form that can call.
static void compare_value(NstCg *cg, const NstExpr *expr, NstDest dest) {
    uint32_t reg = CG_REG(dest);
    NstOperator op = expr->binary.op;
    uint32_t mark = cg->next;
    uint32_t l = cg_operand_before(cg, expr->binary.left, expr->binary.right, dest);
    uint32_t r = cg_operand(cg, expr->binary.right);
    if (op == NST_OP_EQ || op == NST_OP_NE) {
        cg_emit(cg, NST_OP_CODE_EQ, reg, l, r);
        cg_result(cg, NST_OP_CODE_RESULT, reg, 0);
        if (op == NST_OP_NE) cg_emit(cg, NST_OP_CODE_NOT, reg, reg, 0);
    } else {
        cg_emit(cg, NST_OP_CODE_LESS, reg, l, r);
        cg_result(cg, NST_OP_CODE_RESULT_ORDER, reg, (uint32_t)op);
    }
    cg->next = mark;
}

static void compare_branch(NstCg *cg, const NstExpr *expr, const NstTarget *target, bool when, NstCgLabel *to) {
    NstOperator op = expr->binary.op;
    const NstExpr *left = expr->binary.left, *right = expr->binary.right;
    uint32_t mark = cg->next;
    int32_t immediate;
    bool ints = both_are(target, NST_PRIM_INT);
    if (ints && small_int(right, &immediate)) {
        uint32_t l = cg_operand(cg, left);
        cg_jump(cg, immediate_jump(op, when), l, (uint16_t)(int16_t)immediate, to);
    } else {
        uint32_t l = cg_operand_before(cg, left, right, CG_NONE);
        compare_jump(cg, op, l, cg_operand(cg, right), when, to);
    }
    cg->next = mark;
}

static void test_branch(NstCg *cg, const NstExpr *condition, bool when, NstCgLabel *target) {
    uint32_t mark = cg->next;
    uint32_t reg = cg_operand(cg, condition);
    cg_jump(cg, when ? NST_OP_CODE_J_TRUE : NST_OP_CODE_J_FALSE, reg, 0, target);
    cg->next = mark;
}

void cg_branch(NstCg *cg, const NstExpr *condition, bool when, NstCgLabel *target) {
    if (condition->kind == NST_EXPR_LITERAL && condition->literal.kind == NST_LIT_BOOL) {
        if (condition->literal.boolean == when) cg_jump(cg, NST_OP_CODE_JUMP, 0, 0, target);
        return;
    }
    if (condition->kind == NST_EXPR_UNARY && condition->binary.op == NST_OP_NOT) {
        cg_branch(cg, condition->binary.left, !when, target);
        return;
    }
    if (condition->kind == NST_EXPR_BINARY) {
        NstOperator op = condition->binary.op;
        if (op == NST_OP_AND || op == NST_OP_OR) {
            // The left operand alone decides for one of the outcomes.
            bool decides = op == NST_OP_OR;
            if (decides == when) {
                cg_branch(cg, condition->binary.left, when, target);
                cg_branch(cg, condition->binary.right, when, target);
            } else {
                NstCgLabel over = CG_LABEL;
                cg_branch(cg, condition->binary.left, decides, &over);
                cg_branch(cg, condition->binary.right, when, target);
                cg_bind(cg, &over);
            }
            return;
        }
        const NstTarget *meaning = cg_target(cg, condition);
        if (is_comparison(op) && meaning->kind != NST_TARGET_FUNCTION && !may_call(cg, op, meaning)) {
            compare_branch(cg, condition, meaning, when, target);
            return;
        }
    }
    test_branch(cg, condition, when, target);
}

// A condition as a value: true and false on two ways.
static void bool_value(NstCg *cg, const NstExpr *expr, uint32_t reg) {
    NstCgLabel no = CG_LABEL, end = CG_LABEL;
    cg_branch(cg, expr, false, &no);
    cg_emit_d(cg, NST_OP_CODE_LOAD_BOOL, reg, 1);
    cg_jump(cg, NST_OP_CODE_JUMP, 0, 0, &end);
    cg_bind(cg, &no);
    cg_emit_d(cg, NST_OP_CODE_LOAD_BOOL, reg, 0);
    cg_bind(cg, &end);
}

static void binary(NstCg *cg, const NstExpr *expr, NstDest dest) {
    NstOperator op = expr->binary.op;
    const NstTarget *target = cg_target(cg, expr);
    if (target->kind == NST_TARGET_FUNCTION) {
        operator_call(cg, expr, target, dest);
        return;
    }
    uint32_t mark = cg->next;
    NstDest to = cg_dest(cg, dest);
    uint32_t reg = CG_REG(to);
    if (op <= NST_OP_POW) {
        arith(cg, expr, target, to);
    } else if (op == NST_OP_AND || op == NST_OP_OR) {
        bool_value(cg, expr, reg);
    } else if (is_comparison(op)) {
        if (may_call(cg, op, target)) {
            compare_value(cg, expr, to);
        } else {
            bool_value(cg, expr, reg);
        }
    } else {
        uint32_t l = cg_operand_before(cg, expr->binary.left, expr->binary.right, to);
        uint32_t r = cg_operand(cg, expr->binary.right);
        cg_emit(cg, op == NST_OP_CONCAT ? NST_OP_CODE_CONCAT : NST_OP_CODE_CONS, reg, l, r);
    }
    cg_deliver(cg, reg, dest);
    cg->next = mark;
}

static void unary(NstCg *cg, const NstExpr *expr, NstDest dest) {
    uint32_t mark = cg->next;
    NstDest to = cg_dest(cg, dest);
    uint32_t reg = CG_REG(to);
    int32_t immediate;
    if (expr->binary.op == NST_OP_NEG && small_int(expr, &immediate)) {
        cg_emit_d(cg, NST_OP_CODE_LOAD_INT, reg, immediate);
    } else {
        uint32_t operand = cg_operand_before(cg, expr->binary.left, NULL, to);
        cg_emit(cg, expr->binary.op == NST_OP_NEG ? NST_OP_CODE_NEG : NST_OP_CODE_NOT, reg, operand, 0);
    }
    cg_deliver(cg, reg, dest);
    cg->next = mark;
}

// e?: the content of Some or Ok; None and Err are returned as they are.
static void try_op(NstCg *cg, const NstExpr *expr, NstDest dest) {
    uint32_t mark = cg->next;
    uint32_t reg = cg_place_for(cg, dest);
    uint32_t operand = cg_operand(cg, expr->unary.operand);
    const NstType *type = cg_type(cg, expr->unary.operand->type);
    NstTypeDecl *decls[2] = { NULL, NULL };
    if (type->kind == NST_TY_CON) {
        decls[0] = type->decl;
    } else {
        decls[0] = nst_program_type(cg->program, cg->module, "Option");
        decls[1] = nst_program_type(cg->program, cg->module, "Result");
    }
    NstCgLabel content = CG_LABEL;
    for (int i = 0; i < 2; i++) {
        if (!decls[i] || decls[i]->ctor_count == 0) continue;
        // The successful constructor is the declaration's first one: Some, Ok.
        uint32_t k = cg_constant(cg, nst_ctor(nst_layout_of(decls[i]->ctors[0])));
        NstCgLabel other = CG_LABEL;
        cg_jump(cg, NST_OP_CODE_T_CTOR, operand, k, &other);
        cg_jump(cg, NST_OP_CODE_JUMP, 0, 0, &content);
        cg_bind(cg, &other);
    }
    cg_return(cg, operand);
    cg_bind(cg, &content);
    cg_emit(cg, NST_OP_CODE_DATA_GET_U, reg, operand, 0);
    cg_deliver(cg, reg, dest);
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
    uint32_t receiver = cg_operand_before(cg, expr->index.receiver, expr->index.index, to);
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
    case NST_EXPR_UNARY: unary(cg, expr, dest); break;
    case NST_EXPR_BINARY: binary(cg, expr, dest); break;
    case NST_EXPR_SEND: cg_send(cg, expr, dest); break;
    case NST_EXPR_CALL:
    case NST_EXPR_METHOD: cg_call(cg, expr, dest); break;
    case NST_EXPR_FIELD: field(cg, expr, dest); break;
    case NST_EXPR_INDEX: index_expr(cg, expr, dest); break;
    case NST_EXPR_TRY_OP: try_op(cg, expr, dest); break;
    default: simple(cg, expr, dest); break;
    }
    cg->span = span;
}
