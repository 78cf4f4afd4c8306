#include "frontend/infer_call.h"
#include "frontend/infer_function.h"
#include "frontend/trait_solve.h"

#include <stdlib.h>

// How well one parameter fits (types.md 10).
enum { SCORE_WILDCARD = 1, SCORE_UNKNOWN = 2, SCORE_SHAPE = 3, SCORE_IDENTICAL = 4 };

typedef struct Candidate {
    NstFunction *fn;
    NstFunctionInfo *info;
    int *order;
    int score;
    bool unknown; // some argument's type does not decide
    bool open;    // and nothing at all is known of it
} Candidate;

// A lambda that is not inferred yet: its shape is known.
static NstType *shape_of(NstInfer *infer, const NstActual *actual) {
    if (actual->type) return actual->type;
    if (!actual->expr || actual->expr->kind != NST_EXPR_LAMBDA) return nst_var(infer);
    size_t count = actual->expr->lambda->param_count;
    NstType **args = nst_type_array(infer, count);
    for (size_t i = 0; i < count; i++) args[i] = nst_var(infer);
    return nst_fun(infer, args, count, nst_var(infer));
}

// A function of n parameters also fits one of an n-tuple.
static NstType *unspread(NstInfer *infer, NstType *param, NstType *type) {
    param = nst_type_resolve(param);
    type = nst_type_resolve(type);
    if (param->kind != NST_TY_FUN || type->kind != NST_TY_FUN || param->arg_count != 1 || type->arg_count < 2) return type;
    NstType **args = nst_type_array(infer, 1);
    args[0] = nst_tuple(infer, type->args, type->arg_count);
    return nst_fun(infer, args, 1, type->result);
}

// False if the candidate drops out.
static bool score(NstInfer *infer, NstType *const *types, Candidate *candidate) {
    const NstScheme *declared = candidate->info->declared;
    NstType **bindings = nst_type_array(infer, declared->param_count);
    candidate->score = 0;
    for (size_t i = 0; i < declared->type->arg_count; i++) {
        if (candidate->order[i] < 0) continue;
        NstType *param = nst_type_resolve(declared->type->args[i]);
        if (param->kind == NST_TY_PARAM || param->kind == NST_TY_ERROR) {
            // A variable that occurs twice still relates its arguments; unification reports that.
            candidate->score += SCORE_WILDCARD;
            continue;
        }
        NstType *type = unspread(infer, param, types[candidate->order[i]]);
        NstMatch match = nst_type_match(param, declared, type, bindings);
        if (match == NST_MATCH_NO) return false;
        if (match == NST_MATCH_UNKNOWN) {
            bool open = nst_type_resolve(type)->kind == NST_TY_VAR;
            candidate->unknown = true;
            candidate->open |= open;
            candidate->score += open ? SCORE_UNKNOWN : SCORE_SHAPE;
        } else candidate->score += nst_type_has_params(param) ? SCORE_SHAPE : SCORE_IDENTICAL;
    }
    return true;
}

// True if the two candidates ask the same of every argument.
static bool same_demands(const Candidate *a, const Candidate *b, size_t actuals) {
    for (size_t i = 0; i < actuals; i++) {
        NstType *types[2] = {NULL, NULL};
        const Candidate *both[] = {a, b};
        for (size_t k = 0; k < 2; k++)
            for (size_t p = 0; p < both[k]->info->declared->type->arg_count; p++)
                if (both[k]->order[p] == (int)i) types[k] = nst_type_resolve(both[k]->info->declared->type->args[p]);
        if (!types[0] || !types[1]) continue;
        bool open[] = {types[0]->kind == NST_TY_PARAM, types[1]->kind == NST_TY_PARAM};
        if (open[0] && open[1]) continue;
        if (open[0] != open[1]) return false;
        char *first = nst_type_show_pair(types[0], NULL), *second = nst_type_show_pair(types[1], NULL);
        bool same = strcmp(first, second) == 0;
        free(first);
        free(second);
        if (!same) return false;
    }
    return true;
}

static size_t of_arity(NstInfer *infer, const NstCallSite *site, NstFunction *const *fns, size_t count, Candidate *candidates) {
    size_t found = 0;
    for (size_t i = 0; i < count; i++) {
        NstFunctionInfo *info = nst_function_info(infer, fns[i]);
        NstCallee callee = nst_callee_of(infer, info);
        int *order = NST_NEW_ARRAY(infer->arena, int, fns[i]->param_count + 1);
        if (!nst_map_arguments(infer, site, &callee, false, order)) continue;
        candidates[found++] = (Candidate){.fn = fns[i], .info = info, .order = order};
    }
    return found;
}

NstChoice nst_overload_choose(NstInfer *infer, const NstCallSite *site, NstFunction *const *fns, size_t count,
                              NstFunction **chosen) {
    Candidate *candidates = NST_NEW_ARRAY(infer->arena, Candidate, count + 1);
    size_t found = of_arity(infer, site, fns, count, candidates);
    *chosen = found ? candidates[0].fn : count ? fns[0] : NULL;
    if (found == 0) return NST_CHOICE_ARITY;
    if (found == 1 && count == 1) return NST_CHOICE_ONE;
    NstType **types = nst_type_array(infer, site->count);
    for (size_t i = 0; i < site->count; i++) types[i] = shape_of(infer, &site->actuals[i]);
    size_t viable = 0;
    for (size_t i = 0; i < found; i++)
        if (score(infer, types, &candidates[i])) candidates[viable++] = candidates[i];
    if (viable == 0) return NST_CHOICE_TYPES;
    *chosen = candidates[0].fn;
    bool unknown = false, open = false, differ = false;
    for (size_t i = 0; i < viable; i++) {
        unknown |= candidates[i].unknown;
        open |= candidates[i].open;
        if (i) differ |= !same_demands(&candidates[0], &candidates[i], site->count);
    }
    if (unknown && differ && !infer->last_chance) return NST_CHOICE_DELAYED;
    if (open && differ) return NST_CHOICE_ONE;
    const Candidate *best = &candidates[0];
    for (size_t i = 1; i < viable; i++)
        if (candidates[i].score > best->score) best = &candidates[i];
    *chosen = best->fn;
    return NST_CHOICE_ONE;
}

bool nst_accepts_first(NstInfer *infer, NstFunction *fn, NstType *type) {
    if (fn->param_count == 0) return false;
    NstFunctionInfo *info = nst_function_info(infer, fn);
    NstType **bindings = nst_type_array(infer, info->declared->param_count);
    return nst_type_match(info->declared->type->args[0], info->declared, type, bindings) != NST_MATCH_NO;
}

NstType *nst_overload_call(NstInfer *infer, NstCallSite *site, NstFunction *const *fns, size_t count) {
    if (count == 1) return nst_call_function(infer, site, fns[0]);
    Candidate *candidates = NST_NEW_ARRAY(infer->arena, Candidate, count + 1);
    size_t found = of_arity(infer, site, fns, count, candidates);
    if (found > 1) nst_infer_actuals(infer, site, false);
    NstFunction *chosen;
    size_t reported = nst_infer_reported(infer);
    switch (nst_overload_choose(infer, site, fns, count, &chosen)) {
    case NST_CHOICE_ONE:
    case NST_CHOICE_ARITY: return nst_call_function(infer, site, chosen);
    case NST_CHOICE_DELAYED: nst_infer_actuals(infer, site, true); return NULL;
    case NST_CHOICE_TYPES: break;
    }
    // The report is that of a call of the first definition.
    nst_call_function(infer, site, chosen);
    if (!infer->silent && nst_infer_reported(infer) == reported && !site->req)
        nst_infer_error(infer, NST_DIAG_TYPE_MISMATCH, site->span, "type mismatch: no definition of `%s` takes these arguments",
                        nst_name_text(chosen->name));
    infer->failed = true;
    return nst_error_type(infer);
}

bool nst_overload_excludes(NstInfer *infer, NstRequirement *req, NstType *var, NstType *type) {
    bool mentions = false;
    for (size_t i = 0; i < req->arg_count && !mentions; i++) mentions = nst_type_resolve(req->args[i]) == var;
    if (!mentions) return false;
    NstTrial trial = nst_trial_begin(infer);
    NstFunction *chosen;
    bool excluded = false;
    if (nst_unify(infer, var, type) == NST_UNIFY_OK) {
        NstCallSite site = nst_site_of_requirement(infer, req);
        excluded = nst_overload_choose(infer, &site, req->fns, req->fn_count, &chosen) == NST_CHOICE_TYPES;
    }
    nst_trial_undo(infer, trial);
    return excluded;
}

bool nst_overload_attempt(NstInfer *infer, NstRequirement *req) {
    NstCallSite site = nst_site_of_requirement(infer, req);
    NstFunction *chosen;
    NstChoice choice = nst_overload_choose(infer, &site, req->fns, req->fn_count, &chosen);
    if (choice == NST_CHOICE_DELAYED) return false;
    // The first definition is taken if the types never get known; the values of a dynamic argument tell.
    if (infer->last_chance && !req->solution && !req->first && nst_requirement_is_dynamic(req)) return false;
    const struct NstMethodStep *before = infer->method_steps;
    if (!nst_method_step(infer, req, nst_tuple(infer, req->args, req->arg_count))) return true;
    NstType *result = nst_call_function(infer, &site, chosen);
    infer->method_steps = before;
    if (choice == NST_CHOICE_TYPES) result = nst_error_type(infer);
    nst_requirement_unify(infer, req, req->result, result, req->span);
    return true;
}
