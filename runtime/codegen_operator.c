// Operators and conditions.
#include "runtime/codegen_internal.h"

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

void cg_binary(NstCg *cg, const NstExpr *expr, NstDest dest) {
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

void cg_unary(NstCg *cg, const NstExpr *expr, NstDest dest) {
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
void cg_try_op(NstCg *cg, const NstExpr *expr, NstDest dest) {
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
