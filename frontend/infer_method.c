#include "frontend/infer_body.h"
#include "frontend/infer_call.h"
#include "frontend/infer_field.h"
#include "frontend/infer_function.h"
#include "frontend/infer_receiver.h"
#include "frontend/library.h"
#include "frontend/require.h"
#include "frontend/scheme.h"
#include "frontend/suggest.h"
#include "frontend/trait_solve.h"

#include <stdio.h>
#include <stdlib.h>

// One method call that is being resolved, and the one whose resolution asked for it. An inner call of the same method at
// the same type (a function that calls itself in method syntax on an open type) has the same answer.
typedef struct NstMethodStep {
    const struct NstMethodStep *outer;
    NstName name;
    NstType *receiver, *result;
    int depth;
    size_t *steps; // that the outermost call has taken: a call that asks for two others at larger types has no end in sight
} NstMethodStep;

enum { METHOD_DEPTH = 60, METHOD_STEPS = 4096 };

// What a method name means for a receiver (types.md 11).
typedef enum Meaning { MEANS_NOTHING, MEANS_PENDING, MEANS_FIELD, MEANS_FUNCTIONS, MEANS_LOCAL } Meaning;

typedef struct Lookup {
    NstType *receiver;
    NstName name;
    NstLocal *local;         // visible local of that name
    NstType *local_type;     // its type if it is not generalised
    bool traits_only;
    const NstTrait *of_trait; // or null
    size_t arguments;        // without the receiver
    // answer
    int field;
    NstType *field_type;
    NstFunction **fns;
    size_t fn_count;
} Lookup;

static NstTypeDecl *owner_of(const NstType *type) {
    return type->kind == NST_TY_CON ? type->decl : NULL;
}

// ---- Trait methods ----------------------------------------------------------------------

static NstFunction *defined_in(const NstImpl *impl, NstName name) {
    for (size_t i = 0; i < impl->method_count; i++)
        if (impl->methods[i]->name == name) return impl->methods[i];
    return NULL;
}

// Order among traits that share a method name: implementations of this module first, then as the program has them.
static size_t rank_of(NstInfer *infer, const NstImpl *impl) {
    size_t at = 0;
    while (at < infer->program->impl_count && infer->program->impls[at] != impl) at++;
    return impl->module == infer->module ? at : at + infer->program->impl_count + 1;
}

// The method in the best implementation, or the trait's default. *pending: several instances would fit.
static NstFunction *trait_method(NstInfer *infer, NstType *receiver, NstFunction *declaration, size_t *rank, bool *pending) {
    size_t count;
    NstImplMatch *matches = nst_impl_matches(infer, receiver, declaration->trait, &count);
    if (count == 0) return NULL;
    size_t certain = 0, open_instances = 0, general = 0;
    for (size_t i = 0; i < count; i++) {
        certain += matches[i].match == NST_MATCH_YES;
        open_instances += matches[i].match == NST_MATCH_UNKNOWN;
        general += matches[i].general;
    }
    bool exact = matches[0].match == NST_MATCH_YES && !matches[0].general;
    if (!exact && open_instances && !(infer->last_chance && general)) {
        bool only = certain == 0;
        for (size_t i = 1; i < count && only; i++) // blocks of one implementation have one head
            only = nst_type_match(matches[i].impl->head, matches[i].impl->scheme, matches[0].impl->head,
                                  nst_type_array(infer, matches[i].impl->scheme->param_count)) == NST_MATCH_YES;
        if (!only) {
            *pending = true;
            return NULL;
        }
    }
    bool from_general = infer->last_chance && general && !exact;
    NstFunction *found = NULL;
    for (int pass = 0; pass < 2 && !found; pass++)
        for (size_t i = 0; i < count && !found; i++) {
            if (from_general && !matches[i].general) continue;
            if (pass == 0 && matches[i].general != matches[0].general && !from_general) continue;
            *rank = rank_of(infer, matches[i].impl);
            found = defined_in(matches[i].impl, declaration->name);
        }
    return found ? found : declaration;
}

static Meaning find_trait_method(NstInfer *infer, Lookup *lookup) {
    size_t count;
    NstFunction *const *declarations = nst_trait_methods_named(infer->program, lookup->name, &count);
    NstFunction *best = NULL;
    size_t best_rank = SIZE_MAX;
    bool pending = false;
    for (size_t i = 0; i < count; i++) {
        if (lookup->of_trait ? declarations[i]->trait != lookup->of_trait
                             : !nst_trait_accessible(declarations[i]->trait, infer->module))
            continue;
        if (infer->module->library && !declarations[i]->library) continue; // calls inside the library are never affected
        size_t rank = SIZE_MAX - 1;
        NstFunction *found = trait_method(infer, lookup->receiver, declarations[i], &rank, &pending);
        if (found && rank < best_rank) {
            best = found;
            best_rank = rank;
        }
    }
    if (!best) return pending ? MEANS_PENDING : MEANS_NOTHING;
    lookup->fns = NST_NEW_ARRAY(infer->arena, NstFunction *, 1);
    lookup->fns[0] = best;
    lookup->fn_count = 1;
    return MEANS_FUNCTIONS;
}

// ---- Functions --------------------------------------------------------------------------

static bool filter(NstInfer *infer, Lookup *lookup, NstFunction *const *fns, size_t count, bool owned) {
    lookup->fns = NST_NEW_ARRAY(infer->arena, NstFunction *, count + 1);
    lookup->fn_count = 0;
    for (size_t i = 0; i < count; i++) {
        if (fns[i]->param_count == 0) continue;
        NstType *first = nst_type_resolve(nst_function_info(infer, fns[i])->declared->type->args[0]);
        if (owned && first->kind == NST_TY_PARAM) continue;
        // An entry of the type is meant by the constructor alone: arguments of it that do not fit are a mismatch.
        bool same = owned && first->kind == NST_TY_CON && lookup->receiver->kind == NST_TY_CON;
        bool accepts = same || nst_accepts_first(infer, fns[i], lookup->receiver);
        if (accepts) lookup->fns[lookup->fn_count++] = fns[i];
    }
    return lookup->fn_count > 0;
}

// The type of a generalised local at a use, without its requirements.
static NstType *open_scheme(NstInfer *infer, const NstScheme *scheme) {
    NstType **args = nst_type_array(infer, scheme->param_count);
    for (size_t i = 0; i < scheme->param_count; i++) args[i] = nst_var(infer);
    return nst_scheme_apply(infer, scheme->type, nst_scheme_owner(scheme), args);
}

static bool accepts_local(NstInfer *infer, const Lookup *lookup) {
    const NstScheme *scheme = lookup->local->scheme;
    NstType *type = nst_type_resolve(scheme ? open_scheme(infer, scheme) : lookup->local_type);
    if (type->kind == NST_TY_VAR) return true;
    return type->kind == NST_TY_FUN && type->arg_count > 0 && nst_unifiable(infer, type->args[0], lookup->receiver);
}

// True if the receiver has the traits that the function asks of its first parameter.
static bool has_bounds(NstInfer *infer, NstFunction *fn, NstType *receiver) {
    const NstScheme *declared = nst_function_info(infer, fn)->declared;
    const NstType *first = nst_type_resolve(declared->type->args[0]);
    for (size_t i = 0; i < declared->req_count; i++)
        if (declared->reqs[i]->kind == NST_REQ_TRAIT && nst_type_resolve(declared->reqs[i]->type) == first &&
            !nst_trait_holds(infer, receiver, declared->reqs[i]->trait))
            return false;
    return true;
}

// The library's methods of reactive values take any type: there is no way to write theirs. See reactive_method below.
static bool is_reactive_name(NstName name) {
    static const char *const names[] = {"onChange", "onRead", "get", "set", "parents", "children"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(names[i], nst_name_text(name)) == 0) return true;
    return false;
}

static Meaning find_meaning(NstInfer *infer, Lookup *lookup) {
    NstType *type = lookup->receiver = nst_type_resolve(lookup->receiver);
    bool open_field = false;
    if (!lookup->traits_only) {
        lookup->field = nst_find_field(infer, type, lookup->name, &lookup->field_type);
        if (lookup->field >= 0) {
            NstTypeKind kind = nst_type_resolve(lookup->field_type)->kind;
            if (kind == NST_TY_FUN || kind == NST_TY_ERROR) return MEANS_FIELD;
            open_field = kind == NST_TY_VAR;
        }
    }
    Meaning meaning = find_trait_method(infer, lookup);
    if (meaning != MEANS_NOTHING || lookup->traits_only) return meaning;
    size_t count;
    NstFunction *const *fns = nst_program_library_methods(infer->program, lookup->name, owner_of(type), &count);
    if (filter(infer, lookup, fns, count, true)) return MEANS_FUNCTIONS;
    if (lookup->local && accepts_local(infer, lookup)) return MEANS_LOCAL;
    fns = nst_resolve_functions(infer->program, infer->module, lookup->name, &count);
    if (filter(infer, lookup, fns, count, false)) return MEANS_FUNCTIONS;
    if (open_field) return MEANS_FIELD;
    fns = nst_program_library_methods(infer->program, lookup->name, NULL, &count);
    NstFunction **open = NST_NEW_ARRAY(infer->arena, NstFunction *, count + 1);
    size_t open_count = 0;
    for (size_t i = 0; i < count; i++) {
        if (fns[i]->param_count == 0) continue;
        NstType *first = nst_type_resolve(nst_function_info(infer, fns[i])->declared->type->args[0]);
        if (fns[i]->method_only && is_reactive_name(lookup->name)) continue;
        if (first->kind == NST_TY_PARAM && (fns[i]->special != NST_SPECIAL_LENGTH || type->kind == NST_TY_TUPLE) &&
            has_bounds(infer, fns[i], type))
            open[open_count++] = fns[i];
    }
    return filter(infer, lookup, open, open_count, false) ? MEANS_FUNCTIONS : MEANS_NOTHING;
}

// ---- Reactive values (reactive.md 2 and 3) ----------------------------------------------

static NstType *open_function(NstInfer *infer, NstType *first, size_t count) {
    NstType **args = nst_type_array(infer, count);
    for (size_t i = 0; i < count; i++) args[i] = i == 0 && first ? first : nst_dynamic_var(infer);
    return nst_fun(infer, args, count, nst_var(infer));
}

// The parameters of a reactive value's own methods, the receiver first; null if the name is none of them. A record's
// callback gets values of whatever field it is: each of its uses is open.
static NstType *reactive_method(NstInfer *infer, NstType *receiver, NstName name) {
    if (receiver->kind != NST_TY_CON || !receiver->decl->reactive) return NULL;
    bool record = receiver->decl->body == NST_BODY_RECORD;
    const char *text = nst_name_text(name);
    NstType **params = nst_type_array(infer, 2);
    params[0] = receiver;
    NstType *callback = NULL;
    if (strcmp(text, "onChange") == 0) {
        callback = record ? open_function(infer, nst_prim(infer, NST_PRIM_STRING), 3) : open_function(infer, receiver, 2);
        if (!record) callback->args[1] = receiver;
    } else if (strcmp(text, "onRead") == 0) {
        callback = record ? open_function(infer, nst_prim(infer, NST_PRIM_STRING), 2) : open_function(infer, NULL, 0);
    } else if (!record && strcmp(text, "get") == 0) {
        return nst_fun(infer, params, 1, receiver);
    } else if (!record && strcmp(text, "set") == 0) {
        callback = receiver;
    }
    if (!callback) return NULL;
    params[1] = callback;
    return nst_fun(infer, params, 2, nst_unit(infer));
}

// The library function behind it: the one that takes any value.
static NstType *call_reactive(NstInfer *infer, NstCallSite *site, NstType *type, NstName name) {
    size_t count;
    NstFunction *const *fns = nst_program_library_methods(infer->program, name, NULL, &count);
    for (size_t i = 0; i < count; i++) {
        NstFunctionInfo *info = nst_function_info(infer, fns[i]);
        if (fns[i]->param_count != type->arg_count || nst_type_resolve(info->declared->type->args[0])->kind != NST_TY_PARAM)
            continue;
        NstType **subst;
        nst_function_use(infer, fns[i], site->span, NULL, &subst);
        nst_site_target(site, NST_TARGET_FUNCTION, fns[i], NULL, subst, subst ? nst_function_param_count(fns[i]) : 0);
        break;
    }
    NstCallee callee = {.type = type};
    return nst_call_value(infer, site, &callee);
}

// ---- Calling ----------------------------------------------------------------------------

// Methods of the type by implementations and of the library, and the functions of the program that take it first.
static void suggest_method(NstInfer *infer, NstDiag *diag, NstType *receiver, NstName name) {
    NstProgram *program = infer->program;
    NstSuggestion suggestion = nst_suggest(nst_name_text(name));
    const NstTypeDecl *decl = receiver->kind == NST_TY_CON ? receiver->decl : NULL;
    for (size_t i = 0; i < program->function_count; i++) {
        NstFunction *fn = program->functions[i];
        if (fn->library) continue;
        bool fits = fn->impl ? decl && fn->impl->head_decl == decl : fn->param_count && !fn->trait;
        if (fits && (fn->impl || nst_accepts_first(infer, fn, receiver)))
            nst_suggest_consider(&suggestion, nst_name_text(fn->name));
    }
    const char *owner = decl ? nst_name_text(decl->name) : receiver->kind == NST_TY_TUPLE ? "(,)" : "->";
    size_t count;
    const NstLibEntry *entries = nst_library_entries(&count);
    for (size_t i = 0; i < count; i++)
        if ((entries[i].flags & NST_LIB_METHOD) && strcmp(entries[i].owner, owner) == 0)
            nst_suggest_consider(&suggestion, entries[i].name);
    nst_suggest_hint(program->diags, diag, &suggestion);
}

static void no_method(NstInfer *infer, const NstCallSite *site, NstType *receiver, NstName name) {
    size_t count;
    nst_program_library_methods(infer->program, name, NULL, &count);
    char *shown = nst_type_show(infer->program, receiver);
    const char *format = count ? "Type %s has no method %s" : "no method `%s` found for type `%s`";
    const char *first = count ? shown : nst_name_text(name), *second = count ? nst_name_text(name) : shown;
    char text[600];
    snprintf(text, sizeof text, format, first, second);
    size_t reported = infer->program->diags->count;
    nst_site_error(infer, site, NST_DIAG_UNKNOWN_METHOD, site->span, "%s", text);
    if (infer->program->diags->count > reported)
        suggest_method(infer, infer->program->diags->items[reported], receiver, name);
    free(shown);
}

static NstType *call_field(NstInfer *infer, NstCallSite *site, const Lookup *lookup) {
    NstCallSite rest = *site;
    rest.actuals++;
    rest.count--;
    NstCallee callee = {.type = lookup->field_type};
    nst_site_target(site, NST_TARGET_FIELD_CALL, NULL, NULL, NULL, 0);
    if (site->req && site->req->solution) site->req->solution->field = lookup->field;
    return nst_call_value(infer, &rest, &callee);
}

static NstType *call_local(NstInfer *infer, NstCallSite *site, const Lookup *lookup) {
    NstLocal *local = lookup->local;
    NstType **subst = NULL, *type = lookup->local_type;
    if (local->scheme) {
        subst = nst_scheme_instantiate(infer, local->scheme, site->span, false);
        type = nst_scheme_apply(infer, local->scheme->type, nst_scheme_owner(local->scheme), subst);
    }
    nst_site_target(site, NST_TARGET_VALUE_CALL, NULL, local, subst, local->scheme ? local->scheme->param_count : 0);
    NstCallee callee = nst_local_callee(infer, lookup->local, type);
    return nst_call_value(infer, site, &callee);
}

static bool has_super(const NstTrait *trait, const NstTrait *super) {
    for (size_t i = 0; i < trait->super_count; i++)
        if (trait->supers[i] && (trait->supers[i] == super || has_super(trait->supers[i], super))) return true;
    return false;
}

// True if the type implements a trait whose supertrait, which it should implement first, has the method: that is reported.
static bool lacks_supertrait(NstInfer *infer, const NstType *receiver, NstName name) {
    size_t count;
    NstFunction *const *declarations = nst_trait_methods_named(infer->program, name, &count);
    for (size_t i = 0; i < infer->program->impl_count && count; i++) {
        const NstImpl *impl = infer->program->impls[i];
        if (impl->head->kind != receiver->kind || owner_of(impl->head) != owner_of(receiver)) continue;
        for (size_t d = 0; d < count; d++)
            if (has_super(impl->trait, declarations[d]->trait)) return true;
    }
    return false;
}

// A default method that fails for the receiver's type has been, or will be, reported there (nst_check_default).
static NstType *call_functions(NstInfer *infer, NstCallSite *site, const Lookup *lookup) {
    const NstFunction *before = infer->failed_default;
    NstFunction *method = lookup->fns[0];
    size_t count = 0;
    NstImplMatch *matches = NULL;
    if (nst_is_trait_method(method)) matches = nst_impl_matches(infer, lookup->receiver, method->trait, &count);
    infer->failed_default = count && nst_default_fails(infer, matches[0].impl, method) ? method : NULL;
    NstType *result = nst_overload_call(infer, site, lookup->fns, lookup->fn_count);
    infer->failed_default = before;
    return result;
}

// True if not finding the method follows from a mistake that has been reported.
static bool is_no_news(NstInfer *infer, const NstType *receiver, NstName name) {
    if (nst_method_is_broken(infer->program, owner_of(receiver), name) || lacks_supertrait(infer, receiver, name) ||
        nst_name_of_failed_use(infer->program, infer->module, name))
        return true;
    size_t count;
    NstFunction *const *declarations = nst_trait_methods_named(infer->program, name, &count);
    for (size_t i = 0; i < count; i++)
        if (nst_impl_is_broken(infer->program, owner_of(receiver), declarations[i]->trait)) return true;
    return false;
}

// The result of the call; null if more must be known. The receiver is not a variable.
static NstType *call_method(NstInfer *infer, NstCallSite *site, Lookup *lookup) {
    NstType *receiver = nst_type_resolve(lookup->receiver);
    if (receiver->kind == NST_TY_ERROR || receiver->kind == NST_TY_NEVER || receiver->kind == NST_TY_ANY) {
        nst_infer_actuals_after_error(infer, site);
        for (size_t i = 0; receiver->kind == NST_TY_ERROR && i < site->count; i++)
            if (site->actuals[i].type) nst_unify(infer, site->actuals[i].type, receiver);
        return nst_error_type(infer);
    }
    NstType *reactive = lookup->traits_only ? NULL : reactive_method(infer, receiver, lookup->name);
    if (reactive) return call_reactive(infer, site, reactive, lookup->name);
    switch (find_meaning(infer, lookup)) {
    case MEANS_FIELD: return call_field(infer, site, lookup);
    case MEANS_FUNCTIONS: return call_functions(infer, site, lookup);
    case MEANS_LOCAL: return call_local(infer, site, lookup);
    case MEANS_PENDING: nst_infer_actuals(infer, site, true); return NULL;
    case MEANS_NOTHING: break;
    }
    nst_infer_actuals_after_error(infer, site);
    if (!is_no_news(infer, receiver, lookup->name)) no_method(infer, site, receiver, lookup->name);
    infer->failed = true;
    return nst_error_type(infer);
}

// ---- Methods of bounds ------------------------------------------------------------------

static NstFunction *declared_by(const NstTrait *trait, NstName name) {
    for (size_t i = 0; i < trait->method_count; i++)
        if (trait->methods[i]->name == name) return trait->methods[i];
    for (size_t i = 0; i < trait->super_count; i++) {
        NstFunction *found = trait->supers[i] ? declared_by(trait->supers[i], name) : NULL;
        if (found) return found;
    }
    return NULL;
}

// The method that a written bound gives to values of this open type, and the bound. *several: the bounds name more than
// one trait with such a method; the order of the implementations decides.
static NstFunction *bound_method(const NstInfer *infer, const NstType *receiver, const Lookup *lookup, NstRequirement **bound,
                                 bool *several) {
    NstFunction *first = NULL;
    for (size_t i = 0; i < infer->pending->count; i++) {
        NstRequirement *req = infer->pending->items[i];
        if (req->kind != NST_REQ_TRAIT || !req->declared || req->solved || nst_type_resolve(req->type) != receiver) continue;
        NstFunction *found = declared_by(req->trait, lookup->name);
        if (!found || (lookup->of_trait && found->trait != lookup->of_trait)) continue;
        if (first) *several |= found != first;
        else first = found, *bound = req;
    }
    return first;
}

// Checks the call against the trait's declaration; what that leaves open stays for the instance.
static NstType *call_bound(NstInfer *infer, NstCallSite *site, NstFunction *method) {
    NstFunctionInfo *info = nst_function_info(infer, method);
    const NstScheme *declared = info->declared;
    NstType **args = nst_type_array(infer, declared->param_count);
    for (size_t i = 0; i < declared->param_count; i++) args[i] = nst_var(infer);
    NstCallee callee = nst_callee_of(infer, info);
    callee.type = nst_scheme_apply(infer, declared->type, declared, args);
    callee.declared = declared->type;
    callee.fn = method;
    int *order = NST_NEW_ARRAY(infer->arena, int, method->param_count + 1);
    if (!nst_map_arguments(infer, site, &callee, true, order)) {
        nst_infer_actuals_after_error(infer, site);
        return nst_error_type(infer);
    }
    nst_check_arguments(infer, site, &callee, order);
    return callee.type->result;
}

// ---- Requirements -----------------------------------------------------------------------

// The answer of an outer step for the same method at the same type.
static NstType *outer_answer(const NstMethodStep *steps, NstName name, NstType *receiver) {
    for (const NstMethodStep *step = steps; step; step = step->outer) {
        if (step->name != name) continue;
        NstType *bindings[1] = {NULL};
        if (nst_type_match(receiver, NULL, step->receiver, bindings) == NST_MATCH_YES) return step->result;
    }
    return NULL;
}

bool nst_method_step(NstInfer *infer, NstRequirement *req, NstType *asked) {
    const NstMethodStep *steps = req->batch ? req->batch->steps : NULL;
    NstType *answer = outer_answer(steps, req->name, asked);
    int depth = steps ? steps->depth + 1 : 0;
    if (answer || depth > METHOD_DEPTH || (steps && ++*steps->steps > METHOD_STEPS)) {
        if (answer) nst_unify(infer, req->result, answer);
        return false;
    }
    NstMethodStep *step = NST_NEW(infer->arena, NstMethodStep);
    *step = (NstMethodStep){steps, req->name, asked, req->result, depth,
                            steps ? steps->steps : NST_NEW(infer->arena, size_t)};
    infer->method_steps = step;
    return true;
}

bool nst_method_attempt(NstInfer *infer, NstRequirement *req) {
    NstType *receiver = nst_type_resolve(req->type);
    if (receiver->kind == NST_TY_VAR) return false;
    const NstMethodStep *before = infer->method_steps;
    if (!nst_method_step(infer, req, receiver)) return true;
    NstCallSite site = nst_site_of_requirement(infer, req);
    Lookup lookup = {.receiver = receiver, .name = req->name, .local = req->local, .local_type = req->local_type,
                     .traits_only = req->traits_only, .of_trait = req->of_trait, .arguments = req->arg_count - 1};
    NstType *result = call_method(infer, &site, &lookup);
    infer->method_steps = before;
    if (!result) return false;
    nst_requirement_unify(infer, req, req->result, result, req->span);
    return true;
}

// ---- Expressions ------------------------------------------------------------------------

static NstType *infer_mvar_update(NstInfer *infer, NstExpr *expr) {
    NstType *type = nst_mvar_type(infer, expr->to.mvar);
    expr->call.callee->type = type;
    NstType **params = nst_type_array(infer, 1);
    params[0] = type;
    NstType *wanted = nst_fun(infer, params, 1, type);
    NstCallSite site = {.expr = expr, .span = expr->call.method.span};
    NstExpr *function = expr->call.args[0].value;
    nst_pass(infer, &site, wanted, nst_infer_expr(infer, function, wanted), function->span);
    return type;
}

// The value caught by a `catch` arm: its type is open at each use, and methods are those of a String.
static bool is_caught(const NstExpr *expr) {
    return expr->kind == NST_EXPR_NAME && expr->target == NST_TARGET_LOCAL && expr->to.local->scheme &&
           !expr->to.local->is_function && !expr->to.local->definition;
}

// A part of it, which only the run time knows.
static bool is_part_of_caught(const NstExpr *expr) {
    while (expr->kind == NST_EXPR_FIELD || expr->kind == NST_EXPR_TUPLE_INDEX) {
        expr = expr->field.receiver;
        if (is_caught(expr)) return true;
    }
    return false;
}

static NstType *finish_call(NstInfer *infer, NstCallSite *site, Lookup *lookup) {
    NstType *result = call_method(infer, site, lookup);
    if (result) return result;
    bool overloads = lookup->fn_count > 1;
    NstRequirement *req = nst_site_requirement(infer, site, overloads ? NST_REQ_OVERLOAD : NST_REQ_METHOD, lookup->name);
    req->fns = lookup->fns;
    req->fn_count = lookup->fn_count;
    req->local = lookup->local;
    req->local_type = lookup->local_type;
    req->traits_only = lookup->traits_only;
    req->of_trait = lookup->of_trait;
    nst_require(infer, req);
    return req->result;
}

static NstType *infer_open_call(NstInfer *infer, NstCallSite *site, const Lookup *lookup) {
    NstRequirement *bound = NULL;
    bool several = false;
    NstFunction *method = bound_method(infer, nst_type_resolve(lookup->receiver), lookup, &bound, &several);
    if (method && !bound->batch) bound->batch = NST_NEW(infer->arena, NstBatch); // a bound that is not met is the one error
    NstType *result = method ? call_bound(infer, site, method) : NULL;
    nst_infer_actuals(infer, site, true);
    NstRequirement *req = nst_site_requirement(infer, site, NST_REQ_METHOD, lookup->name);
    if (result) {
        req->result = result;
        req->batch = bound->batch;
    }
    req->local = lookup->local;
    req->local_type = lookup->local_type;
    bool given = method && !several && !method->trait->builtin; // the predefined traits' methods are library functions, too
    req->traits_only = lookup->traits_only || given;
    req->of_trait = given ? method->trait : lookup->of_trait;
    nst_require(infer, req);
    return req->result;
}

// True if nothing but the visible local can be meant, whatever the receiver is.
static bool only_local(NstInfer *infer, NstName name) {
    size_t count;
    nst_program_library_methods(infer->program, name, NULL, &count);
    return count == 0 && !nst_user_bears_name(infer->program, name);
}

NstType *nst_infer_method(NstInfer *infer, NstExpr *expr, NstType *expected) {
    if (expr->target == NST_TARGET_MVAR_UPDATE) return infer_mvar_update(infer, expr);
    NstCallSite site = nst_site_of(infer, expr, expected);
    NstType *receiver = nst_infer_expr(infer, expr->call.callee, NULL);
    site.actuals[0].type = receiver;
    Lookup lookup = {.receiver = receiver, .name = expr->call.method.name, .arguments = expr->call.arg_count};
    if (expr->target == NST_TARGET_LOCAL) {
        lookup.local = expr->to.local;
        NstType *type = nst_local_type(infer, lookup.local);
        if (!lookup.local->scheme) lookup.local_type = type;
    }
    expr->target = NST_TARGET_NONE;
    if (nst_is_var(receiver)) {
        NstType *fixed = is_caught(expr->call.callee) ? nst_prim(infer, NST_PRIM_STRING)
                                                      : nst_receiver_of(infer, lookup.name, lookup.arguments);
        if (fixed) nst_infer_unify(infer, receiver, fixed, expr->call.callee->span);
        else if (is_part_of_caught(expr->call.callee)) nst_type_resolve(receiver)->dynamic = true;
    }
    if (!nst_is_var(receiver)) return finish_call(infer, &site, &lookup);
    if (lookup.local && only_local(infer, lookup.name)) return call_local(infer, &site, &lookup);
    return infer_open_call(infer, &site, &lookup);
}

// m(x, …) where m names trait methods only; Type.Trait.m(x, …).
NstType *nst_infer_trait_call(NstInfer *infer, NstExpr *expr, NstType *expected) {
    NstExpr *name = expr->call.callee;
    NstFunction *declaration = name->to.overloads.fns[0];
    NstCallSite site = nst_site_of(infer, expr, expected);
    if (site.count == 0) {
        nst_infer_arity(infer, site.span, declaration->param_count, 0);
        return nst_error_type(infer);
    }
    NstActual *receiver = &site.actuals[0];
    receiver->type = nst_infer_expr(infer, receiver->expr, NULL);
    Lookup lookup = {.receiver = receiver->type, .name = declaration->name, .traits_only = true,
                     .arguments = site.count - 1};
    if (name->name.self_type) {
        lookup.of_trait = declaration->trait;
        NstTypeDecl *decl = name->name.self_type;
        NstType **args = nst_type_array(infer, decl->param_count);
        for (size_t i = 0; i < decl->param_count; i++) args[i] = nst_var(infer);
        if (!nst_pass(infer, &site, nst_type_con(infer->program, decl, args, decl->param_count), receiver->type, receiver->span)) {
            nst_infer_actuals_after_error(infer, &site);
            return nst_error_type(infer);
        }
        bool pending = false;
        size_t rank;
        lookup.receiver = nst_type_resolve(receiver->type);
        NstFunction *method = trait_method(infer, lookup.receiver, declaration, &rank, &pending);
        lookup.fns = &method;
        lookup.fn_count = 1;
        if (method) return call_functions(infer, &site, &lookup);
    }
    if (nst_is_var(receiver->type)) return infer_open_call(infer, &site, &lookup);
    return finish_call(infer, &site, &lookup);
}
