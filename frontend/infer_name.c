#include "frontend/infer_body.h"
#include "frontend/infer_call.h"
#include "frontend/infer_function.h"
#include "frontend/require.h"
#include "frontend/scheme.h"

// ---- Locals -----------------------------------------------------------------------------

NstType *nst_local_type(NstInfer *infer, NstLocal *local) {
    if (!local->type && local->copy_of) local->type = nst_local_type(infer, local->copy_of);
    // Mentioned by a function of its block before the block reaches it: one type, of the outermost level.
    if (!local->type) local->type = nst_var_at(infer, NST_LEVEL_FUNCTION, 0);
    return local->type;
}

static NstType *use_local(NstInfer *infer, NstExpr *expr) {
    NstLocal *local = expr->to.local;
    nst_local_type(infer, local);
    if (!local->scheme) {
        if (local->is_function)
            NST_PUSH(infer->arena, infer->inner_uses, infer->inner_count, infer->inner_capacity, ((NstInnerUse){.expr = expr, .local = local}));
        return local->type;
    }
    expr->subst = nst_scheme_instantiate(infer, local->scheme, expr->span, false);
    expr->subst_count = local->scheme->param_count;
    NstExpr **uses = NST_NEW_ARRAY(infer->arena, NstExpr *, local->use_count + 1);
    if (local->use_count) memcpy(uses, local->uses, local->use_count * sizeof *uses);
    uses[local->use_count++] = expr;
    local->uses = uses;
    return nst_scheme_apply(infer, local->scheme->type, nst_scheme_owner(local->scheme), expr->subst);
}

// Of local functions that differ in their number of parameters, the one of the expected type: for a function of one
// tuple also the one that takes its components. If nothing is expected, the first definition.
static NstType *use_local_functions(NstInfer *infer, NstExpr *expr, NstType *expected) {
    NstLocal *const *locals = expr->to.locals.locals;
    size_t count = expr->to.locals.count, params = SIZE_MAX, spread = SIZE_MAX;
    if (expected) expected = nst_type_resolve(expected);
    if (expected && expected->kind == NST_TY_FUN) {
        params = expected->arg_count;
        const NstType *only = params == 1 ? nst_type_resolve(expected->args[0]) : NULL;
        if (only && only->kind == NST_TY_TUPLE) spread = only->arg_count;
    }
    NstLocal *chosen = NULL;
    for (size_t i = 0; !chosen && i < count; i++)
        if (locals[i]->arity_max == params) chosen = locals[i];
    for (size_t i = 0; !chosen && i < count; i++)
        if (locals[i]->arity_max == spread) chosen = locals[i];
    expr->target = NST_TARGET_LOCAL;
    expr->to.local = chosen ? chosen : locals[0];
    return use_local(infer, expr);
}

// ---- Functions as values ----------------------------------------------------------------

static NstType *use_function(NstInfer *infer, NstExpr *expr, NstFunction *fn) {
    NstType **subst;
    NstType *type = nst_function_use(infer, fn, expr->span, expr, &subst);
    expr->target = NST_TARGET_FUNCTION;
    expr->to.fn = fn;
    if (subst) {
        expr->subst = subst;
        expr->subst_count = nst_function_param_count(fn);
    }
    return type;
}

// The parameters that the expected type asks for: its own, or the components of its one tuple if no candidate takes one
// parameter. Null: the expected type says nothing.
static NstType **expected_params(NstFunction *const *fns, size_t count, NstType *expected, size_t *params) {
    *params = fns[0]->param_count;
    if (!expected) return NULL;
    expected = nst_type_resolve(expected);
    if (expected->kind != NST_TY_FUN) return NULL;
    for (size_t i = 0; i < count; i++)
        if (fns[i]->param_count == expected->arg_count) {
            *params = expected->arg_count;
            return expected->args;
        }
    if (expected->arg_count != 1) return NULL;
    NstType *only = nst_type_resolve(expected->args[0]);
    if (only->kind == NST_TY_TUPLE) {
        *params = only->arg_count;
        return only->args;
    }
    return NULL;
}

static NstType *use_overloads(NstInfer *infer, NstExpr *expr, NstType *expected) {
    NstFunction *const *fns = expr->to.overloads.fns;
    size_t count = expr->to.overloads.count, params;
    if (count == 1) return use_function(infer, expr, fns[0]);
    NstType **args = expected_params(fns, count, expected, &params);
    NstCallSite site = {.expr = expr, .span = expr->span, .value = true, .count = params};
    site.actuals = NST_NEW_ARRAY(infer->arena, NstActual, params + 1);
    for (size_t i = 0; i < params; i++)
        site.actuals[i] = (NstActual){.span = expr->span, .type = args ? args[i] : nst_var(infer)};
    NstFunction *chosen;
    if (nst_overload_choose(infer, &site, fns, count, &chosen) != NST_CHOICE_DELAYED) return use_function(infer, expr, chosen);
    NstRequirement *req = nst_site_requirement(infer, &site, NST_REQ_OVERLOAD, expr->name.ident.name);
    req->fns = fns;
    req->fn_count = count;
    nst_require(infer, req);
    return nst_fun(infer, req->args, req->arg_count, req->result);
}

// `xs.map(volume)`: the trait method of the type that the parameter turns out to have.
static NstType *use_trait_method(NstInfer *infer, NstExpr *expr, NstType *expected) {
    NstFunction *const *fns = expr->to.overloads.fns;
    size_t count = expr->to.overloads.count, params;
    NstType **args = expected_params(fns, count, expected, &params);
    if (params == 0) return nst_error_type(infer);
    NstCallSite site = {.expr = expr, .span = expr->span, .value = true, .count = params};
    site.actuals = NST_NEW_ARRAY(infer->arena, NstActual, params + 1);
    for (size_t i = 0; i < params; i++)
        site.actuals[i] = (NstActual){.span = expr->span, .type = args ? args[i] : nst_var(infer)};
    NstRequirement *req = nst_site_requirement(infer, &site, NST_REQ_METHOD, fns[0]->name);
    req->traits_only = true;
    if (expr->name.self_type) {
        req->of_trait = fns[0]->trait;
        NstTypeDecl *decl = expr->name.self_type;
        NstType **self = nst_type_array(infer, decl->param_count);
        for (size_t i = 0; i < decl->param_count; i++) self[i] = nst_var(infer);
        nst_infer_unify(infer, nst_type_con(infer->program, decl, self, decl->param_count), req->type, expr->span);
    }
    nst_require(infer, req);
    return nst_fun(infer, req->args, req->arg_count, req->result);
}

// ---- Constructors -----------------------------------------------------------------------

static NstType *use_ctor(NstInfer *infer, NstExpr *expr, NstType *expected) {
    NstCtor *ctor = nst_choose_ctor(infer, expr, expected, NULL);
    expr->target = NST_TARGET_CTOR;
    expr->to.ctor = ctor;
    NstTypeDecl *decl = ctor->type;
    NstType **args = nst_type_array(infer, decl->param_count);
    for (size_t i = 0; i < decl->param_count; i++) args[i] = nst_var(infer);
    NstType *whole = nst_type_con(infer->program, decl, args, decl->param_count);
    if (ctor->field_count == 0 && !ctor->is_record) return whole;
    NstType **fields = nst_type_array(infer, ctor->field_count);
    for (size_t i = 0; i < ctor->field_count; i++)
        fields[i] = nst_type_substitute(infer->program, ctor->field_types[i], decl->scheme, args);
    return nst_fun(infer, fields, ctor->field_count, whole);
}

NstType *nst_infer_name(NstInfer *infer, NstExpr *expr, NstType *expected) {
    NstType *type = nst_error_type(infer);
    switch (expr->target) {
    case NST_TARGET_LOCAL: type = use_local(infer, expr); break;
    case NST_TARGET_LOCALS: type = use_local_functions(infer, expr, expected); break;
    case NST_TARGET_OVERLOADS:
        type = nst_is_trait_method(expr->to.overloads.fns[0]) ? use_trait_method(infer, expr, expected)
                                                              : use_overloads(infer, expr, expected);
        break;
    case NST_TARGET_FUNCTION: type = use_function(infer, expr, expr->to.fn); break;
    case NST_TARGET_CTOR:
    case NST_TARGET_CTORS: type = use_ctor(infer, expr, expected); break;
    case NST_TARGET_CONST: type = nst_const_use(infer, expr->to.constant, expr->span, expr); break;
    case NST_TARGET_MVAR: type = nst_mvar_type(infer, expr->to.mvar); break;
    default: break;
    }
    expr->type = type;
    return type;
}
