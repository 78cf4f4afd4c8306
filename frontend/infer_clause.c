#include "frontend/infer_body.h"
#include "frontend/infer_function.h"
#include "frontend/require.h"
#include "frontend/scheme.h"

#include <stdlib.h>

void nst_infer_result(NstInfer *infer, NstType *value, NstSpan span) {
    const NstBodyContext *body = infer->body;
    if (body->try_span.origin) span = body->try_span;
    if (body->result_span.origin)
        nst_infer_unify_because(infer, body->result, value, span, body->result_span, "the result is this");
    else nst_infer_unify(infer, body->result, value, span);
}

void nst_infer_clause(NstInfer *infer, NstClause *clause, const NstClause *first, NstType *fun, NstTypeContext *types,
                      bool at_name) {
    NstBodyContext context = {.outer = infer->body, .body = clause->body, .result = fun->result, .types = types};
    if (clause->result) context.result_span = clause->result->span;
    else if (first->result) context.result_span = first->result->span;
    else if (first != clause && first->body_expr) context.result_span = first->body_expr->span;
    infer->body = &context;
    nst_type_context_declare(types, clause->type_params, clause->type_param_count);
    for (size_t i = 0; i < clause->param_count; i++) {
        NstParam *param = &clause->params[i];
        if (param->annotation)
            nst_infer_unify(infer, fun->args[i], nst_typeexpr_type(types, param->annotation),
                            at_name ? clause->name.span : param->annotation->span);
        nst_infer_pattern(infer, param->pattern, fun->args[i]);
    }
    for (size_t i = 0; i < clause->param_count; i++)
        if (clause->params[i].default_value) nst_check_expr(infer, clause->params[i].default_value, fun->args[i]);
    if (clause->guard) nst_check_expr(infer, clause->guard, nst_prim(infer, NST_PRIM_BOOL));
    if (clause->result)
        nst_infer_unify(infer, fun->result, nst_typeexpr_type(types, clause->result),
                        at_name ? clause->name.span : clause->result->span);
    if (clause->body_expr) {
        NstType *body = nst_infer_expr(infer, clause->body_expr, fun->result);
        nst_infer_result(infer, body, at_name ? clause->name.span : clause->body_expr->span);
    }
    if (clause->body) clause->body->result_type = fun->result;
    infer->body = context.outer;
}

// typeInfo(name): the values of the map have different types under different keys (templates.md 7).
static bool describes_type(const NstExpr *value) {
    if (value->kind != NST_EXPR_CALL || value->call.callee->kind != NST_EXPR_NAME) return false;
    const NstExpr *callee = value->call.callee;
    const NstFunction *fn;
    if (callee->target == NST_TARGET_OVERLOADS) fn = callee->to.overloads.fns[0];
    else if (callee->target == NST_TARGET_FUNCTION) fn = callee->to.fn;
    else return false;
    return fn->library && strcmp(nst_name_text(fn->name), "typeInfo") == 0;
}

// What the value stands for when names of top-level bindings are followed to their values; null if they go in a circle.
static const NstExpr *followed(const NstExpr *value) {
    const NstExpr *slow = value; // half as fast: meets `value` again in a circle (Floyd)
    for (bool step = false; value->kind == NST_EXPR_NAME && value->target == NST_TARGET_CONST; step = !step) {
        value = value->to.constant->value;
        if (step) slow = slow->to.constant->value;
        if (!value || value == slow) return NULL;
    }
    return value;
}

bool nst_is_generalisable(const NstExpr *value) {
    value = followed(value);
    if (!value) return false;
    if (value->kind == NST_EXPR_LAMBDA || describes_type(value)) return true;
    if (value->kind != NST_EXPR_NAME) return false;
    switch (value->target) {
    case NST_TARGET_FUNCTION:
    case NST_TARGET_OVERLOADS: return true;
    case NST_TARGET_LOCAL: return value->to.local->scheme != NULL;
    case NST_TARGET_CTOR: return value->to.ctor->field_count > 0;
    case NST_TARGET_CTORS: return value->to.ctors.ctors[0]->field_count > 0;
    default: return false;
    }
}

// ---- Local functions --------------------------------------------------------------------

static NstLocal *function_local(const NstStmt *stmt) {
    if (stmt->kind == NST_STMT_FUNCTION) return stmt->local;
    if (stmt->kind != NST_STMT_BIND || stmt->var_ || stmt->value->kind != NST_EXPR_LAMBDA) return NULL;
    const NstPattern *pattern = stmt->pattern;
    return pattern->kind == NST_PAT_NAME && pattern->role == NST_ROLE_BIND ? pattern->local : NULL;
}

// Adds the statements of functions further down that the body mentions.
static void add_mentioned(const NstBody *body, NstStmt **stmts, size_t count, size_t first, NstStmt **group, size_t *size) {
    for (size_t c = 0; body && c < body->capture_count; c++) {
        const NstLocal *local = body->captures[c];
        if (!local->is_function || local->type) continue;
        for (size_t i = first + 1; i < count; i++) {
            if (function_local(stmts[i]) != local) continue;
            bool present = false;
            for (size_t k = 0; k < *size; k++) present |= group[k] == stmts[i];
            if (!present) group[(*size)++] = stmts[i];
        }
    }
}

// The statements from `first` on that are generalised together: those reached by mentions of functions further down.
static size_t collect_group(NstStmt **stmts, size_t count, size_t first, NstStmt **group) {
    size_t size = 0;
    group[size++] = stmts[first];
    for (size_t done = 0; done < size; done++) {
        const NstStmt *stmt = group[done];
        if (stmt->kind == NST_STMT_BIND) add_mentioned(stmt->value->lambda->body, stmts, count, first, group, &size);
        for (size_t i = 0; i < stmt->clause_count; i++)
            add_mentioned(stmt->clauses[i]->body, stmts, count, first, group, &size);
    }
    return size;
}

static NstType *fresh_function(NstInfer *infer, const NstStmt *stmt) {
    if (stmt->kind == NST_STMT_BIND) return nst_var(infer);
    size_t count = stmt->clauses[0]->param_count;
    NstType **args = nst_type_array(infer, count);
    for (size_t i = 0; i < count; i++) args[i] = nst_var(infer);
    return nst_fun(infer, args, count, nst_var(infer));
}

static void infer_function_stmt(NstInfer *infer, NstStmt *stmt, NstType *type) {
    NstTypeContext *types = infer->body->types;
    size_t known = types->var_count; // type variables first named here belong to this function alone
    uint32_t level = nst_type_vars_level(types, infer->level);
    for (size_t i = 0; i < type->arg_count; i++) {
        NstPattern **patterns = NST_NEW_ARRAY(infer->arena, NstPattern *, stmt->clause_count);
        bool annotated = false;
        for (size_t c = 0; c < stmt->clause_count; c++) {
            patterns[c] = stmt->clauses[c]->params[i].pattern;
            annotated |= stmt->clauses[c]->params[i].annotation != NULL;
        }
        nst_prepare_patterns(infer, patterns, stmt->clause_count, type->args[i],
                                 !annotated ? NST_SHAPES_NESTING : NST_SHAPES_LENGTHS);
    }
    for (size_t c = 0; c < stmt->clause_count; c++) nst_infer_clause(infer, stmt->clauses[c], stmt->clauses[0], type, types, false);
    nst_type_vars_level(types, level);
    types->var_count = known;
}

static void infer_lambda_stmt(NstInfer *infer, NstStmt *stmt, NstType *type) {
    stmt->pattern->type = type;
    if (stmt->annotation)
        nst_infer_unify(infer, nst_typeexpr_type(infer->body->types, stmt->annotation), type, stmt->annotation->span);
    NstType *value = nst_infer_expr(infer, stmt->value, type);
    nst_infer_unify(infer, type, value, stmt->value->span);
}

static void give_inner_uses(NstInfer *infer, const NstLocal *local) {
    size_t kept = 0;
    for (size_t i = 0; i < infer->inner_count; i++) {
        NstInnerUse use = infer->inner_uses[i];
        if (use.local != local) {
            infer->inner_uses[kept++] = use;
            continue;
        }
        if (!local->scheme) continue;
        use.expr->subst = local->scheme->params;
        use.expr->subst_count = local->scheme->param_count;
    }
    infer->inner_count = kept;
}

// As for functions of a module: what an error in the body has led to is not held against the uses.
static NstType *forget_inferred(NstInfer *infer, const NstStmt *stmt, NstType *type) {
    NstType *fun = nst_type_resolve(type);
    if (fun->kind != NST_TY_FUN) return nst_error_type(infer);
    const NstExpr *value = stmt->kind == NST_STMT_BIND ? stmt->value : NULL;
    const NstParam *own = value ? value->lambda->params : stmt->clauses[0]->params;
    bool result = value ? value->lambda->result != NULL : stmt->clauses[0]->result != NULL;
    NstType **params = nst_type_array(infer, fun->arg_count);
    for (size_t i = 0; i < fun->arg_count; i++) {
        params[i] = own[i].annotation ? fun->args[i] : nst_error_type(infer);
        if (!own[i].annotation) nst_silence(infer, fun->args[i]);
    }
    if (!result) nst_silence(infer, fun->result);
    return nst_fun(infer, params, fun->arg_count, result ? fun->result : nst_error_type(infer));
}

void nst_infer_local_functions(NstInfer *infer, NstStmt **stmts, size_t count, size_t first) {
    NstLocal *local = function_local(stmts[first]);
    if (!local || (local->type && local->definition == stmts[first])) return;
    NstStmt **group = nst_calloc(count - first, sizeof *group);
    size_t size = collect_group(stmts, count, first, group);
    size_t mark = infer->pending->count, floor = infer->pending->floor, errors = infer->errors;
    infer->pending->floor = mark;
    infer->level++;
    NstType **types = nst_type_array(infer, size);
    NstScheme **schemes = NST_NEW_ARRAY(infer->arena, NstScheme *, size);
    for (size_t i = 0; i < size; i++) {
        types[i] = fresh_function(infer, group[i]);
        schemes[i] = NST_NEW(infer->arena, NstScheme);
        NstLocal *member = function_local(group[i]);
        if (member->type) nst_unify(infer, member->type, types[i]); // mentioned before its block reached it
        member->type = types[i];
        member->definition = group[i];
    }
    for (size_t i = 0; i < size; i++) {
        if (group[i]->kind == NST_STMT_FUNCTION) infer_function_stmt(infer, group[i], types[i]);
        else infer_lambda_stmt(infer, group[i], types[i]);
    }
    nst_requirements_solve(infer);
    infer->level--;
    for (size_t i = 0; infer->errors > errors && i < size; i++) {
        types[i] = forget_inferred(infer, group[i], types[i]);
        function_local(group[i])->type = types[i];
    }
    if (infer->errors > errors) nst_requirements_solve(infer);
    NstRequirementList unowned = {0};
    nst_generalise(infer, types, schemes, size, mark, infer->current ? &infer->current->looks : &unowned);
    infer->pending->floor = floor;
    for (size_t i = 0; i < size; i++) {
        NstLocal *member = function_local(group[i]);
        if (schemes[i]->param_count) member->scheme = schemes[i];
        give_inner_uses(infer, member);
    }
    free(group);
}
