#include "frontend/infer_operator.h"

#include "frontend/infer_body.h"
#include "frontend/infer_call.h"
#include "frontend/require.h"
#include "frontend/trait_solve.h"

#include <stdio.h>
#include <stdlib.h>

NstName nst_operator_method(NstOperator op) {
    switch (op) {
    case NST_OP_ADD: return nst_name_z("add");
    case NST_OP_SUB: return nst_name_z("sub");
    case NST_OP_MUL: return nst_name_z("mul");
    case NST_OP_DIV: return nst_name_z("div");
    case NST_OP_EQ: return nst_name_z("eq");
    case NST_OP_NE: return nst_name_z("neq");
    case NST_OP_LT: return nst_name_z("lt");
    case NST_OP_GT: return nst_name_z("gt");
    case NST_OP_LE: return nst_name_z("lte");
    case NST_OP_GE: return nst_name_z("gte");
    default: return 0;
    }
}

static bool is_open(const NstType *type) {
    return type->kind == NST_TY_VAR || type->kind == NST_TY_PARAM || type->kind == NST_TY_ANY;
}

static bool same_shape(NstInfer *infer, NstType *a, NstType *b) {
    return a == b || nst_unifiable(infer, a, b);
}

static bool is_text(NstType *type) {
    return nst_type_prim(nst_type_resolve(type)) == NST_PRIM_STRING;
}

// What is usually meant.
static void advise(NstInfer *infer, NstDiag *diag, NstOperator op, NstType *left, NstType *right, NstType *lacking) {
    NstDiags *diags = infer->program->diags;
    NstName method = nst_operator_method(op);
    bool own = lacking->kind == NST_TY_CON && lacking->decl->item && !lacking->decl->module->library;
    if (op == NST_OP_CONCAT && (is_text(left) || is_text(right)))
        nst_diag_hint(diags, diag, "`show(x)` gives the text of a value; so does `\"… ${x} …\"`");
    else if (op == NST_OP_CONCAT)
        nst_diag_hint(diags, diag, "`++` joins strings or lists; a list is extended by an element with `x :: xs` or `xs ++ [x]`");
    else if (op == NST_OP_ADD && (is_text(left) || is_text(right)))
        nst_diag_hint(diags, diag, "strings are joined with `++`");
    else if (op == NST_OP_ADD && nst_is_list(lacking)) nst_diag_hint(diags, diag, "lists are joined with `++`");
    else if (own && method)
        nst_diag_hint(diags, diag, "an implementation gives it: `%s: Num … end` with the method `%s`",
                      nst_name_text(lacking->decl->name), nst_name_text(method));
}

// An operand lacks the operator's trait; the texts of types.md 14.
static void lacks_trait(NstInfer *infer, NstRequirement *req, NstSpan span, NstBuiltinTrait which, NstType *left,
                        NstType *right, NstType *lacking) {
    const char *trait = nst_name_text(nst_builtin_trait(infer->program, which)->name);
    char *found = nst_type_show_pair(lacking, NULL);
    char *l = nst_type_show_pair(left, NULL), *r = nst_type_show_pair(right, left);
    char mismatch[600] = "";
    if (!is_open(left) && !is_open(right) && !same_shape(infer, left, right))
        snprintf(mismatch, sizeof mismatch, "; type mismatch: expected `%s`, found `%s`", l, r);
    NstDiag *diag;
    if (req)
        diag = nst_requirement_error(infer, req, NST_DIAG_MISSING_TRAIT,
                                     "Missing trait implementation: %s does not implement %s%s", found, trait, mismatch);
    else
        diag = nst_infer_error(infer, NST_DIAG_MISSING_TRAIT, span,
                               "Missing trait implementation: %s does not implement %s%s", found, trait, mismatch);
    if (diag) advise(infer, diag, req ? req->op : NST_OP_CONCAT, left, right, lacking);
    free(found);
    free(l);
    free(r);
}

// ---- Arithmetic -------------------------------------------------------------------------

// True if the type has the operator: numeric, or a type whose implementation of Num defines its method.
static bool has_operator(NstInfer *infer, NstType *type, NstOperator op) {
    if (is_open(type) || type->kind == NST_TY_NEVER || type->kind == NST_TY_ERROR) return true;
    if (nst_prim_is_numeric(nst_type_prim(type))) return true;
    NstName method = nst_operator_method(op);
    if (!method) return false;
    size_t count;
    NstImplMatch *matches = nst_impl_matches(infer, type, nst_builtin_trait(infer->program, NST_TRAIT_NUM), &count);
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < matches[i].impl->method_count; k++)
            if (matches[i].impl->methods[k]->name == method) return true;
    return false;
}

static bool promotes(NstPrimType from, NstPrimType to) {
    return from == NST_PRIM_INT && (to == NST_PRIM_FLOAT || to == NST_PRIM_BIGINT);
}

bool nst_arith_attempt(NstInfer *infer, NstRequirement *req) {
    NstType *left = nst_type_resolve(req->args[0]), *right = nst_type_resolve(req->args[1]);
    if (left->kind == NST_TY_ERROR || right->kind == NST_TY_ERROR) {
        nst_unify(infer, req->result, nst_error_type(infer));
        return true;
    }
    if (left->kind == NST_TY_NEVER || right->kind == NST_TY_NEVER) return true;
    NstType *lacking = !has_operator(infer, left, req->op) ? left : !has_operator(infer, right, req->op) ? right : NULL;
    if (lacking) {
        lacks_trait(infer, req, req->span, NST_TRAIT_NUM, left, right, lacking);
        nst_unify(infer, req->result, nst_error_type(infer));
        return true;
    }
    NstPrimType l = nst_type_prim(left), r = nst_type_prim(right);
    if (is_open(left) || is_open(right)) {
        // Whatever the other operand will be, the result of these is known.
        NstType *known = is_open(left) ? right : left;
        NstPrimType prim = nst_type_prim(known);
        if (prim == NST_PRIM_FLOAT || prim == NST_PRIM_BIGINT) nst_unify(infer, req->result, known);
        return false;
    }
    NstType *result = promotes(l, r) ? right : left;
    if (!promotes(l, r) && !promotes(r, l) && !nst_requirement_unify(infer, req, left, right, req->span))
        result = nst_error_type(infer);
    nst_requirement_unify(infer, req, result, req->result, req->span);
    return true;
}

bool nst_arith_fits(NstInfer *infer, const NstRequirement *req) {
    NstType *left = nst_type_resolve(req->args[0]), *right = nst_type_resolve(req->args[1]);
    NstType *result = nst_type_resolve(req->result);
    if (!has_operator(infer, left, req->op) || !has_operator(infer, right, req->op) || !has_operator(infer, result, req->op))
        return false;
    // An operand that stays unknown gets the other one's type (rule 3), so both have that of the result.
    if (is_open(left) || is_open(right))
        return same_shape(infer, left, result) && same_shape(infer, right, result);
    if (promotes(nst_type_prim(left), nst_type_prim(right))) return same_shape(infer, right, result);
    if (promotes(nst_type_prim(right), nst_type_prim(left))) return same_shape(infer, left, result);
    return same_shape(infer, left, right) && same_shape(infer, left, result);
}

static NstType *require_arith(NstInfer *infer, NstExpr *expr, NstOperator op, NstType *left, NstType *right, bool same) {
    NstRequirement *req = nst_requirement_new(infer, NST_REQ_ARITH, expr->span, expr);
    req->op = op;
    req->type = left;
    req->args = nst_type_array(infer, 2);
    req->args[0] = left;
    req->args[1] = right;
    req->arg_count = 2;
    req->result = same ? left : nst_var(infer);
    req->same = same;
    nst_require(infer, req);
    return req->result;
}

// ---- Concatenation ----------------------------------------------------------------------

static bool is_string(NstType *type) {
    return nst_type_prim(type) == NST_PRIM_STRING;
}

static bool has_concat(NstType *type) {
    return is_open(type) || nst_is_list(type) || is_string(type);
}

// types.md 12.1: decided from what is known of the operands now.
static NstType *infer_concat(NstInfer *infer, NstExpr *expr, NstType *expected) {
    NstType *left = nst_type_resolve(nst_infer_expr(infer, expr->binary.left, expected));
    NstType *right = nst_type_resolve(nst_infer_expr(infer, expr->binary.right, expected));
    left = nst_type_resolve(left);
    if (left->kind == NST_TY_ERROR || left->kind == NST_TY_NEVER) return right;
    if (right->kind == NST_TY_ERROR || right->kind == NST_TY_NEVER) return left;
    NstType *lacking = !has_concat(left) ? left : !has_concat(right) ? right : NULL;
    if (lacking) {
        lacks_trait(infer, NULL, expr->span, NST_TRAIT_CONCAT, left, right, lacking);
        return nst_error_type(infer);
    }
    if (nst_is_list(left) && nst_is_list(right)) {
        NstType *l = nst_type_resolve(left->args[0]), *r = nst_type_resolve(right->args[0]);
        if (is_open(l) != is_open(r)) nst_infer_unify(infer, left, right, expr->span);
        return left;
    }
    if (nst_is_list(left) && is_open(right)) {
        nst_infer_unify(infer, right, nst_list_of(infer, nst_var(infer)), expr->span);
        return left;
    }
    if (nst_is_list(right) && is_open(left)) {
        nst_infer_unify(infer, left, nst_list_of(infer, nst_var(infer)), expr->span);
        return right;
    }
    if (!nst_infer_unify(infer, left, right, expr->span)) return nst_error_type(infer);
    nst_require_trait(infer, left, nst_builtin_trait(infer->program, NST_TRAIT_CONCAT), expr->span);
    return left;
}

// ---- Comparison -------------------------------------------------------------------------

static NstType *infer_comparison(NstInfer *infer, NstExpr *expr) {
    NstBuiltinTrait which = expr->binary.op <= NST_OP_NE ? NST_TRAIT_EQ : NST_TRAIT_ORD;
    NstTrait *trait = nst_builtin_trait(infer->program, which);
    // The operand whose meaning is clear decides that of the other.
    bool backwards = nst_wants_hint(expr->binary.left) && !nst_wants_hint(expr->binary.right);
    NstType *hint = backwards ? nst_infer_expr(infer, expr->binary.right, NULL) : NULL;
    NstType *left = nst_infer_expr(infer, expr->binary.left, hint);
    NstType *right = backwards ? hint : nst_infer_expr(infer, expr->binary.right, left);
    NstType *result = nst_prim(infer, NST_PRIM_BOOL);
    NstUnify unified = nst_unify(infer, left, right);
    if (unified == NST_UNIFY_OK) {
        nst_requirements_solve(infer);
        nst_require_trait(infer, left, trait, expr->span);
        return result;
    }
    left = nst_type_resolve(left);
    right = nst_type_resolve(right);
    NstType *lacking = !nst_trait_holds(infer, left, trait) ? left : !nst_trait_holds(infer, right, trait) ? right : NULL;
    if (unified == NST_UNIFY_INFINITE || !lacking) {
        nst_infer_mismatch(infer, unified, left, right, expr->span, true);
    } else {
        char *l = nst_type_show_pair(left, NULL), *r = nst_type_show_pair(right, left);
        char *shown = nst_type_show_pair(lacking, NULL);
        nst_infer_error(infer, NST_DIAG_TYPE_MISMATCH, expr->span,
                        "type mismatch: expected `%s`, found `%s`; %s does not implement %s", l, r, shown,
                        nst_name_text(trait->name));
        free(l);
        free(r);
        free(shown);
    }
    nst_requirements_solve(infer);
    return result;
}

// ---- All --------------------------------------------------------------------------------

static NstType *infer_cons(NstInfer *infer, NstExpr *expr, NstType *expected) {
    NstType *hint = expected && nst_is_list(expected) ? nst_type_resolve(expected)->args[0] : NULL;
    NstType *list = nst_list_of(infer, nst_infer_expr(infer, expr->binary.left, hint));
    NstType *tail = nst_infer_expr(infer, expr->binary.right, list);
    if (nst_infer_unify(infer, list, tail, expr->binary.right->span)) return list;
    return nst_list_of(infer, nst_error_type(infer));
}

NstType *nst_infer_binary(NstInfer *infer, NstExpr *expr, NstType *expected) {
    switch (expr->binary.op) {
    case NST_OP_AND:
    case NST_OP_OR: {
        NstType *type = nst_prim(infer, NST_PRIM_BOOL);
        nst_check_expr(infer, expr->binary.left, type);
        nst_check_expr(infer, expr->binary.right, type);
        return type;
    }
    case NST_OP_CONS: return infer_cons(infer, expr, expected);
    case NST_OP_CONCAT: return infer_concat(infer, expr, expected);
    case NST_OP_EQ:
    case NST_OP_NE:
    case NST_OP_LT:
    case NST_OP_GT:
    case NST_OP_LE:
    case NST_OP_GE: return infer_comparison(infer, expr);
    default: {
        NstType *left = nst_infer_expr(infer, expr->binary.left, NULL);
        NstType *right = nst_infer_expr(infer, expr->binary.right, NULL);
        return require_arith(infer, expr, expr->binary.op, left, right, false);
    }
    }
}

NstType *nst_infer_unary(NstInfer *infer, NstExpr *expr) {
    if (expr->binary.op == NST_OP_NOT) {
        NstType *type = nst_prim(infer, NST_PRIM_BOOL);
        nst_check_expr(infer, expr->binary.left, type);
        return type;
    }
    NstType *operand = nst_infer_expr(infer, expr->binary.left, NULL);
    size_t errors = infer->errors;
    NstType *result = require_arith(infer, expr, NST_OP_NEG, operand, operand, true);
    return infer->errors > errors ? nst_error_type(infer) : result;
}
