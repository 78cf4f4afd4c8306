#include "frontend/infer_body.h"
#include "frontend/infer_call.h"
#include "frontend/infer_function.h"
#include "frontend/require.h"
#include "frontend/scheme.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

// ---- Sites ------------------------------------------------------------------------------

static void add_actual(NstCallSite *site, NstName name, NstExpr *expr) {
    site->actuals[site->count++] = (NstActual){name, expr, expr->span, NULL};
}

NstCallSite nst_site_of(NstInfer *infer, NstExpr *expr, NstType *expected) {
    NstCallSite site = {.expr = expr, .expected = expected};
    site.actuals = NST_NEW_ARRAY(infer->arena, NstActual, expr->call.arg_count + 1);
    if (expr->kind == NST_EXPR_METHOD) {
        site.span = expr->call.method.span;
        add_actual(&site, 0, expr->call.callee);
    } else {
        site.span = expr->call.callee->span;
    }
    for (size_t i = 0; i < expr->call.arg_count; i++)
        add_actual(&site, expr->call.args[i].name.name, expr->call.args[i].value);
    return site;
}

NstCallSite nst_site_of_requirement(NstInfer *infer, NstRequirement *req) {
    NstCallSite site = {.expr = req->expr, .span = req->span, .req = req, .value = req->value};
    const NstExpr *expr = req->expr;
    bool call = expr && !req->value && (expr->kind == NST_EXPR_CALL || expr->kind == NST_EXPR_METHOD);
    size_t receiver = call && expr->kind == NST_EXPR_METHOD;
    site.actuals = NST_NEW_ARRAY(infer->arena, NstActual, req->arg_count + 1);
    site.count = req->arg_count;
    for (size_t i = 0; i < req->arg_count; i++) {
        NstActual *actual = &site.actuals[i];
        *actual = (NstActual){.span = req->span, .type = req->args[i]};
        if (!call) continue;
        if (i < receiver) {
            actual->expr = expr->call.callee;
        } else {
            actual->expr = expr->call.args[i - receiver].value;
            actual->name = expr->call.args[i - receiver].name.name;
        }
        if (!req->derived) actual->span = actual->expr->span;
    }
    return site;
}

NstRequirement *nst_site_requirement(NstInfer *infer, NstCallSite *site, NstRequirementKind kind, NstName name) {
    NstRequirement *req = nst_requirement_new(infer, kind, site->span, site->expr);
    req->name = name;
    req->args = nst_type_array(infer, site->count);
    req->arg_count = site->count;
    for (size_t i = 0; i < site->count; i++) req->args[i] = site->actuals[i].type;
    req->result = nst_var(infer);
    req->type = site->count ? req->args[0] : req->result;
    req->value = site->value;
    return req;
}

bool nst_site_error(NstInfer *infer, const NstCallSite *site, NstDiagKind kind, NstSpan span, const char *format, ...) {
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (site->req) nst_requirement_error(infer, site->req, kind, "%s", text);
    else nst_infer_error(infer, kind, span, "%s", text);
    return false;
}

void nst_site_target(const NstCallSite *site, NstTargetKind kind, NstFunction *fn, NstLocal *local, NstType **subst,
                     size_t subst_count) {
    NstSolution *solution = site->req ? site->req->solution : NULL;
    if (solution) {
        solution->solved = true;
        solution->kind = kind;
        solution->fn = fn;
        solution->local = local;
        solution->subst = subst;
        solution->subst_count = subst_count;
        return;
    }
    if (!site->expr || (site->req && site->req->derived)) return;
    site->expr->target = kind;
    if (fn) site->expr->to.fn = fn;
    if (local) site->expr->to.local = local;
    site->expr->subst = subst;
    site->expr->subst_count = subst_count;
}

// ---- Arguments and parameters -----------------------------------------------------------

static bool wrong_count(NstInfer *infer, const NstCallSite *site, bool report, size_t expected) {
    if (report)
        nst_site_error(infer, site, NST_DIAG_ARITY_MISMATCH, site->span, "Wrong number of arguments: expected %zu, found %zu",
                       expected, site->count);
    return false;
}

static bool unknown_name(NstInfer *infer, const NstCallSite *site, const NstCallee *callee, const NstActual *actual, size_t params) {
    char names[512] = "";
    for (size_t i = 0; i < params && callee->names; i++) {
        if (!callee->names[i]) continue;
        size_t used = strlen(names);
        snprintf(names + used, sizeof names - used, "%s%s", used ? ", " : "", nst_name_text(callee->names[i]));
    }
    return nst_site_error(infer, site, NST_DIAG_UNKNOWN_ARGUMENT, actual->span,
                          "unknown named argument '%s'; valid parameter names are: %s", nst_name_text(actual->name), names);
}

// The parameter of that name, `params` if there is none. A method of an implementation also answers to the names of the
// trait's declaration (traits.md 4).
static size_t param_named(const NstCallee *callee, NstName name, size_t params) {
    for (size_t i = 0; callee->names && i < params; i++)
        if (callee->names[i] == name) return i;
    for (size_t i = 0; callee->declared_names && i < params; i++)
        if (callee->declared_names[i] == name) return i;
    return params;
}

bool nst_map_arguments(NstInfer *infer, const NstCallSite *site, const NstCallee *callee, bool report, int *order) {
    size_t params = callee->type->arg_count;
    bool named = false;
    for (size_t i = 0; i < params; i++) order[i] = -1;
    for (size_t i = 0; i < site->count; i++) {
        const NstActual *actual = &site->actuals[i];
        size_t param = 0;
        if (actual->name) {
            named = true;
            param = param_named(callee, actual->name, params);
            if (param == params) {
                if (report) unknown_name(infer, site, callee, actual, params);
                return false;
            }
            if (order[param] >= 0) {
                if (report)
                    nst_site_error(infer, site, NST_DIAG_UNKNOWN_ARGUMENT, actual->span, "duplicate named argument '%s'",
                                   nst_name_text(actual->name));
                return false;
            }
        } else {
            while (param < params && order[param] >= 0) param++;
            if (param == params) return wrong_count(infer, site, report, params);
        }
        order[param] = (int)i;
    }
    for (size_t i = 0; i < params; i++) {
        if (order[i] >= 0 || (callee->defaults && callee->defaults[i] && !site->value)) continue;
        if (!named) return wrong_count(infer, site, report, params);
        if (report)
            nst_site_error(infer, site, NST_DIAG_MISSING_ARGUMENT, site->span, "missing argument '%s'",
                           callee->names && callee->names[i] ? nst_name_text(callee->names[i]) : "_");
        return false;
    }
    return true;
}

static void report_pass(NstInfer *infer, const NstCallSite *site, NstUnify why, NstType *expected, NstType *found, NstSpan span,
                        bool quote) {
    if (site->req) {
        if (site->req->batch && site->req->batch->reported) {
            infer->failed = true;
            return;
        }
        if (site->req->batch) site->req->batch->reported = true;
        if (site->req->derived) span = site->req->span;
    }
    nst_infer_mismatch(infer, why, expected, found, span, quote);
}

bool nst_spreads(NstInfer *infer, const NstType *expected, const NstType *found, NstUnify *result) {
    if (expected->kind != NST_TY_FUN || found->kind != NST_TY_FUN) return false;
    if (expected->arg_count != 1 || found->arg_count < 2) return false;
    NstType *only = nst_type_resolve(expected->args[0]);
    if (only->kind != NST_TY_VAR && only->kind != NST_TY_ANY && only->kind != NST_TY_ERROR &&
        (only->kind != NST_TY_TUPLE || only->arg_count != found->arg_count))
        return false;
    *result = nst_unify(infer, only, nst_tuple(infer, found->args, found->arg_count));
    if (*result == NST_UNIFY_OK) *result = nst_unify(infer, expected->result, found->result);
    return true;
}

bool nst_pass(NstInfer *infer, const NstCallSite *site, NstType *expected, NstType *found, NstSpan span) {
    expected = nst_type_resolve(expected);
    found = nst_type_resolve(found);
    bool functions = expected->kind == NST_TY_FUN && found->kind == NST_TY_FUN;
    NstUnify result = NST_UNIFY_OK;
    if (functions && expected->arg_count != found->arg_count) {
        if (!nst_spreads(infer, expected, found, &result)) {
            nst_site_error(infer, site, NST_DIAG_ARITY_MISMATCH, site->req && site->req->derived ? site->req->span : span,
                           "Wrong number of arguments: expected %zu, found %zu", expected->arg_count, found->arg_count);
            return false;
        }
    } else {
        result = nst_unify(infer, expected, found);
    }
    if (result != NST_UNIFY_OK) report_pass(infer, site, result, expected, found, span, !functions);
    nst_requirements_solve(infer);
    return result == NST_UNIFY_OK;
}

bool nst_wants_hint(const NstExpr *expr) {
    if (expr->kind == NST_EXPR_LAMBDA) return true;
    if (expr->kind == NST_EXPR_CALL && expr->call.callee->kind == NST_EXPR_NAME) expr = expr->call.callee;
    return expr->kind == NST_EXPR_NAME &&
           (expr->target == NST_TARGET_CTORS || expr->target == NST_TARGET_LOCALS ||
            (expr->target == NST_TARGET_OVERLOADS && expr->to.overloads.count > 1));
}

void nst_infer_actuals(NstInfer *infer, NstCallSite *site, bool all) {
    for (size_t i = 0; i < site->count; i++) {
        NstActual *actual = &site->actuals[i];
        if (actual->type || !actual->expr || (!all && nst_wants_hint(actual->expr))) continue;
        actual->type = nst_infer_expr(infer, actual->expr, NULL);
    }
}

void nst_infer_actuals_after_error(NstInfer *infer, NstCallSite *site) {
    for (size_t i = 0; i < site->count; i++) {
        NstActual *actual = &site->actuals[i];
        if (actual->type || !actual->expr || actual->expr->kind != NST_EXPR_LAMBDA) continue;
        size_t count = actual->expr->lambda->param_count;
        NstType **params = nst_type_array(infer, count);
        for (size_t k = 0; k < count; k++) params[k] = nst_error_type(infer);
        actual->type = nst_infer_expr(infer, actual->expr, nst_fun(infer, params, count, nst_error_type(infer)));
    }
    nst_infer_actuals(infer, site, true);
}

// The type of an argument if it is plain to see; or null.
static NstType *plain_type(NstInfer *infer, const NstActual *actual) {
    const NstExpr *expr = actual->expr;
    if (actual->type || !expr) return actual->type;
    if (expr->kind == NST_EXPR_LITERAL) return nst_literal_type(infer, expr->literal.kind);
    bool local = expr->kind == NST_EXPR_NAME && expr->target == NST_TARGET_LOCAL && !expr->to.local->scheme;
    return local ? expr->to.local->type : NULL;
}

// False if the parameter's type as it is known now does not fit.
static bool fits(NstInfer *infer, NstType *param, NstType *type) {
    return nst_type_resolve(param)->kind == NST_TY_FUN || nst_unify(infer, param, type) == NST_UNIFY_OK;
}

// What the expected result says about the parameters, without binding anything. Nothing if the arguments say otherwise:
// the mistake is the result then.
static NstType **hints(NstInfer *infer, const NstCallSite *site, const NstType *fun, const int *order) {
    if (!site->expected || nst_is_var(site->expected) || !nst_type_has_vars(fun->result)) return fun->args;
    bool open = false;
    for (size_t i = 0; i < site->count; i++) open |= site->actuals[i].type == NULL;
    if (!open) return fun->args;
    NstTrial trial = nst_trial_begin(infer);
    NstType **copies = fun->args;
    if (nst_unify(infer, fun->result, site->expected) == NST_UNIFY_OK) {
        copies = nst_type_array(infer, fun->arg_count);
        for (size_t i = 0; i < fun->arg_count; i++) copies[i] = nst_type_copy(infer, fun->args[i]);
        for (size_t i = 0; i < fun->arg_count && copies != fun->args; i++) {
            NstType *known = order[i] < 0 ? NULL : plain_type(infer, &site->actuals[order[i]]);
            if (known && !fits(infer, fun->args[i], known)) copies = fun->args;
        }
    }
    nst_trial_undo(infer, trial);
    return copies;
}

static bool agrees(NstInfer *infer, NstType *param, NstType *hint) {
    if (param == hint) return true;
    NstTrial trial = nst_trial_begin(infer);
    bool agree = nst_unify(infer, param, hint) == NST_UNIFY_OK;
    nst_trial_undo(infer, trial);
    return agree;
}

// "parameters 2 and 3 must have the same type": when an earlier argument has fixed the type variable.
static void note_conflict(NstInfer *infer, const NstCallSite *site, const NstCallee *callee, const int *order, size_t param,
                          size_t reported) {
    const NstDiags *diags = infer->program->diags;
    if (!callee->declared || infer->silent || nst_infer_reported(infer) == reported) return;
    const NstType *variable = nst_type_resolve(callee->declared->args[param]);
    if (variable->kind != NST_TY_PARAM) return;
    for (size_t i = 0; i < callee->type->arg_count; i++) {
        if (i == param || order[i] < 0 || order[i] > order[param]) continue;
        if (nst_type_resolve(callee->declared->args[i]) != variable) continue;
        char *first = nst_type_show_pair(site->actuals[order[i]].type, NULL);
        char *second = nst_type_show_pair(site->actuals[order[param]].type, NULL);
        nst_diag_note(infer->program->diags, diags->items[diags->count - 1],
                      "Type annotation required: parameters %zu and %zu must have the same type, but used as %s and %s", i + 1,
                      param + 1, first, second);
        free(first);
        free(second);
        return;
    }
}

// Shows the parameter's declaration beside the argument that does not fit it.
static void label_parameter(NstInfer *infer, const NstCallee *callee, size_t param, size_t reported) {
    const NstDiags *diags = infer->program->diags;
    if (infer->silent || nst_infer_reported(infer) == reported || !callee->fn || callee->fn->clause_count == 0) return;
    const NstClause *clause = callee->fn->source_order[0];
    if (param < clause->param_count && clause->params[param].annotation)
        nst_infer_label(infer, diags->items[diags->count - 1], clause->params[param].span, "the parameter is declared here");
}

// An argument that does not fit what an earlier one has made of a type variable is the mistake; that this type lacks a
// trait of the callee follows from the reading that was wrong.
static bool is_missing_trait(const NstDiag *diag, void *context) {
    const NstCallSite *site = context;
    return diag->kind == NST_DIAG_MISSING_TRAIT && diag->span.origin == site->span.origin &&
           diag->span.start == site->span.start && diag->span.end == site->span.end;
}

// `first`: number of diagnostics before the call, `last`: before the argument. Those of other definitions, which may have
// been inferred meanwhile, do not count.
static void drop_missing_traits(NstInfer *infer, NstCallSite *site, size_t first, size_t last) {
    NstDiags *diags = infer->program->diags;
    for (size_t i = first; i < last; i++)
        if (diags->items[i]->span.origin == site->span.origin && !is_missing_trait(diags->items[i], site)) return;
    nst_diags_remove(diags, is_missing_trait, site);
}

void nst_check_arguments(NstInfer *infer, NstCallSite *site, const NstCallee *callee, const int *order) {
    const NstType *fun = callee->type;
    NstType **hinted = hints(infer, site, fun, order);
    size_t first = infer->program->diags->count;
    for (size_t i = 0; i < site->count; i++) {
        NstActual *actual = &site->actuals[i];
        size_t param = 0;
        while (param < fun->arg_count && order[param] != (int)i) param++;
        if (param == fun->arg_count) continue;
        if (!actual->type) {
            if (!agrees(infer, fun->args[param], hinted[param])) hinted = fun->args;
            actual->type = nst_infer_expr(infer, actual->expr, hinted[param]);
        }
        size_t reported = nst_infer_reported(infer), last = infer->program->diags->count;
        if (nst_pass(infer, site, fun->args[param], actual->type, actual->span)) continue;
        note_conflict(infer, site, callee, order, param, reported);
        label_parameter(infer, callee, param, reported);
        if (nst_infer_reported(infer) > reported) drop_missing_traits(infer, site, first, last);
    }
}
