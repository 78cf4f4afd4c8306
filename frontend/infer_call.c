#include "frontend/infer_call.h"

#include "frontend/infer_body.h"
#include "frontend/infer_function.h"
#include "frontend/require.h"
#include "frontend/scheme.h"
#include "frontend/trait_solve.h"

#include <stdlib.h>

// ---- Type arguments: f[Int](x) ----------------------------------------------------------

static NstType *written_type(NstInfer *infer, NstTypeExpr *expr) {
    if (infer->body && infer->body->types) return nst_typeexpr_type(infer->body->types, expr);
    return nst_error_type(infer);
}

static void apply_type_arguments(NstInfer *infer, const NstCallSite *site, NstFunction *fn, NstType **subst) {
    if (site->req || !site->expr || site->expr->kind == NST_EXPR_NAME) return;
    for (size_t i = 0; i < site->expr->call.type_arg_count; i++) {
        NstTypeExpr *written = site->expr->call.type_args[i];
        NstType *type = written_type(infer, written);
        NstType *param = nst_function_type_param(infer, fn, i, subst);
        if (param) {
            nst_infer_unify(infer, type, param, written->span);
            continue;
        }
        nst_infer_error(infer, NST_DIAG_ARITY_MISMATCH, written->span, "Wrong number of type arguments: expected %zu, found %zu",
                        i, site->expr->call.type_arg_count);
        return;
    }
}

// assertType[T](e): the argument is measured against the type, not the type against the argument.
static NstType *call_assert_type(NstInfer *infer, NstCallSite *site, NstType **subst) {
    NstExpr *expr = site->expr;
    NstType *wanted = expr->call.type_arg_count ? written_type(infer, expr->call.type_args[0]) : nst_var(infer);
    NstActual *actual = &site->actuals[0];
    if (!actual->type) actual->type = nst_infer_expr(infer, actual->expr, wanted);
    char *expected = nst_type_show_pair(wanted, NULL), *found = nst_type_show_pair(actual->type, wanted);
    bool fits = nst_unify(infer, wanted, actual->type) == NST_UNIFY_OK;
    if (!fits)
        nst_infer_error(infer, NST_DIAG_TYPE_MISMATCH, site->span, "assertType failed: expected `%s`, found `%s`", expected, found);
    free(expected);
    free(found);
    if (subst) nst_unify(infer, subst[0], actual->type);
    nst_requirements_solve(infer);
    return fits ? actual->type : nst_error_type(infer);
}

// ---- Functions --------------------------------------------------------------------------

// Conversions between numbers (`toInt8`): what they reject is an argument of the wrong type, not a missing trait
// (stdlib-core.md 4.2).
static bool rejects_conversion(NstInfer *infer, NstCallSite *site, const NstFunctionInfo *info) {
    const NstType *fun = info->declared->type;
    NstTrait *num = nst_builtin_trait(infer->program, NST_TRAIT_NUM);
    if (!info->fn->library || fun->arg_count != 1 || site->count != 1 || info->declared->req_count != 1) return false;
    const NstRequirement *bound = info->declared->reqs[0];
    if (bound->trait != num || bound->type != fun->args[0] || !nst_prim_is_numeric(nst_type_prim(fun->result))) return false;
    nst_infer_actuals(infer, site, true);
    NstType *type = nst_type_resolve(site->actuals[0].type);
    if (type->kind == NST_TY_VAR || nst_trait_holds(infer, type, num)) return false;
    char *expected = nst_type_show_pair(fun->result, NULL), *found = nst_type_show_pair(type, NULL);
    nst_site_error(infer, site, NST_DIAG_TYPE_MISMATCH, site->actuals[0].span,
                   "type mismatch: expected `%s`, found `%s`; %s does not implement Num", expected, found, found);
    free(expected);
    free(found);
    return true;
}

static NstExpr *use_node(const NstCallSite *site) {
    return site->req && (site->req->derived || site->req->solution) ? NULL : site->expr;
}

NstType *nst_call_function(NstInfer *infer, NstCallSite *site, NstFunction *fn) {
    NstFunctionInfo *info = nst_function_info(infer, fn);
    NstCallee callee = nst_callee_of(infer, info);
    int *order = NST_NEW_ARRAY(infer->arena, int, fn->param_count + 1);
    size_t reported = infer->program->diags->count;
    if (!nst_map_arguments(infer, site, &callee, true, order)) {
        if (infer->program->diags->count > reported && fn->clause_count)
            nst_infer_label(infer, infer->program->diags->items[reported], fn->source_order[0]->name.span, "it is defined here");
        nst_infer_actuals_after_error(infer, site);
        return nst_error_type(infer);
    }
    if (rejects_conversion(infer, site, info)) return info->declared->type->result;
    NstType **subst;
    size_t errors = infer->errors;
    callee.type = nst_type_resolve(nst_function_use(infer, fn, site->span, use_node(site), &subst));
    if (fn->scheme) callee.declared = fn->scheme->type;
    callee.fn = fn;
    bool special = fn->special != NST_SPECIAL_NONE;
    nst_site_target(site, special ? NST_TARGET_SPECIAL : NST_TARGET_FUNCTION, fn, NULL, subst,
                    subst ? nst_function_param_count(fn) : 0);
    if (fn->special == NST_SPECIAL_ASSERT_TYPE && !site->req) return call_assert_type(infer, site, subst);
    apply_type_arguments(infer, site, fn, subst);
    nst_check_arguments(infer, site, &callee, order);
    // After an error a generic result would only repeat it.
    bool doubtful = infer->errors > errors && callee.declared && nst_type_has_params(callee.declared->result);
    return doubtful ? nst_error_type(infer) : callee.type->result;
}

// ---- Values -----------------------------------------------------------------------------

static NstType *call_unknown(NstInfer *infer, NstCallSite *site, NstType *callee) {
    nst_infer_actuals(infer, site, true);
    NstType **args = nst_type_array(infer, site->count);
    for (size_t i = 0; i < site->count; i++) args[i] = site->actuals[i].type;
    NstType *result = nst_var(infer);
    NstType *fun = nst_fun(infer, args, site->count, result);
    NstUnify unified = nst_unify(infer, callee, fun);
    if (unified != NST_UNIFY_OK) {
        infer->failed = true;
        if (!site->req || !site->req->derived) nst_infer_mismatch(infer, unified, callee, fun, site->span, true);
        return nst_error_type(infer);
    }
    nst_requirements_solve(infer);
    return result;
}

NstType *nst_call_value(NstInfer *infer, NstCallSite *site, const NstCallee *callee) {
    NstType *type = nst_type_resolve(callee->type);
    if (type->kind == NST_TY_VAR) return call_unknown(infer, site, type);
    if (type->kind == NST_TY_FUN) {
        NstCallee known = *callee;
        known.type = type;
        int *order = NST_NEW_ARRAY(infer->arena, int, type->arg_count + 1);
        if (nst_map_arguments(infer, site, &known, true, order)) {
            nst_check_arguments(infer, site, &known, order);
            return type->result;
        }
    } else if (type->kind != NST_TY_ERROR && type->kind != NST_TY_NEVER && type->kind != NST_TY_ANY) {
        char *shown = nst_type_show_pair(type, NULL);
        nst_site_error(infer, site, NST_DIAG_NOT_CALLABLE, site->span, "type mismatch: expected function, found `%s`", shown);
        free(shown);
    }
    nst_infer_actuals_after_error(infer, site);
    return nst_error_type(infer);
}

NstCallee nst_local_callee(NstInfer *infer, NstLocal *local, NstType *type) {
    NstCallee callee = {.type = type};
    if (local->alias_of) {
        callee.names = local->alias_of->param_names;
        callee.defaults = local->alias_of->defaults;
        return callee;
    }
    // A generalised function's other name has a type of its own at every use, and no defaults.
    const NstLocal *source = local->alias_of_local && !local->alias_of_local->scheme ? local->alias_of_local : local;
    const NstStmt *stmt = source->definition;
    if (!stmt || stmt->kind != NST_STMT_FUNCTION) return callee;
    size_t count = stmt->clauses[0]->param_count;
    NstName *names = NST_NEW_ARRAY(infer->arena, NstName, count + 1);
    NstExpr **defaults = NST_NEW_ARRAY(infer->arena, NstExpr *, count + 1);
    for (size_t i = 0; i < count; i++) {
        const NstPattern *pattern = stmt->clauses[0]->params[i].pattern;
        if (pattern->kind == NST_PAT_NAME) names[i] = pattern->ident.name;
        for (size_t c = 0; c < stmt->clause_count; c++)
            if (!defaults[i]) defaults[i] = stmt->clauses[c]->params[i].default_value;
    }
    callee.names = names;
    callee.defaults = defaults;
    return callee;
}

static NstType *call_local(NstInfer *infer, NstExpr *expr, NstCallSite *site) {
    NstExpr *name = expr->call.callee;
    NstType *type = nst_infer_name(infer, name, NULL);
    NstLocal *local = name->to.local;
    NstCallee callee = nst_local_callee(infer, local, type);
    NstType *fun = nst_type_resolve(type);
    if (callee.names && fun->kind == NST_TY_FUN && local->alias_of && fun->arg_count != local->alias_of->param_count)
        callee.names = NULL, callee.defaults = NULL;
    expr->target = NST_TARGET_VALUE_CALL;
    expr->to.local = local;
    return nst_call_value(infer, site, &callee);
}

// ---- Calls ------------------------------------------------------------------------------

static NstType *call_functions(NstInfer *infer, NstExpr *expr, NstCallSite *site) {
    NstExpr *name = expr->call.callee;
    NstFunction *const *fns = name->to.overloads.fns;
    size_t count = name->to.overloads.count;
    NstType *result = nst_overload_call(infer, site, fns, count);
    if (result) {
        if (expr->target == NST_TARGET_FUNCTION || expr->target == NST_TARGET_SPECIAL) {
            name->target = NST_TARGET_FUNCTION;
            name->to.fn = expr->to.fn;
        }
        return result;
    }
    NstRequirement *req = nst_site_requirement(infer, site, NST_REQ_OVERLOAD, name->name.ident.name);
    req->fns = fns;
    req->fn_count = count;
    nst_require(infer, req);
    return req->result;
}

NstType *nst_infer_call(NstInfer *infer, NstExpr *expr, NstType *expected) {
    NstExpr *callee = expr->call.callee;
    NstCallSite site = nst_site_of(infer, expr, expected);
    if (expr->target == NST_TARGET_UPDATE) return nst_infer_construction(infer, expr, expected);
    if (callee->kind == NST_EXPR_NAME) {
        switch (callee->target) {
        case NST_TARGET_OVERLOADS:
            if (nst_is_trait_method(callee->to.overloads.fns[0])) return nst_infer_trait_call(infer, expr, expected);
            return call_functions(infer, expr, &site);
        case NST_TARGET_CTOR:
        case NST_TARGET_CTORS: return nst_infer_construction(infer, expr, expected);
        case NST_TARGET_LOCAL: return call_local(infer, expr, &site);
        default: break;
        }
    }
    NstCallee value = {.type = nst_infer_expr(infer, callee, NULL)};
    expr->target = NST_TARGET_VALUE_CALL;
    return nst_call_value(infer, &site, &value);
}
