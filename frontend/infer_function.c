#include "frontend/infer_function.h"

#include "frontend/infer_body.h"
#include "frontend/infer_call.h"
#include "frontend/infer_field.h"
#include "frontend/require.h"
#include "frontend/scheme.h"
#include "frontend/trait_solve.h"

#include <stdlib.h>

// ---- Declared types ---------------------------------------------------------------------

bool nst_is_trait_method(const NstFunction *fn) {
    return fn->trait && !fn->impl;
}

typedef struct ParamSource {
    NstInfer *infer;
    NstScheme *scheme;
} ParamSource;

static NstType *fresh_param(void *data, NstName name) {
    ParamSource *source = data;
    return nst_scheme_add_param(source->infer, source->scheme, name);
}

static const NstFunction *trait_declaration(const NstFunction *fn) {
    for (size_t i = 0; fn->impl && fn->impl->trait && i < fn->impl->trait->method_count; i++)
        if (fn->impl->trait->methods[i]->name == fn->name) return fn->impl->trait->methods[i];
    return NULL;
}

// An implementation inherits the defaults of the trait (traits.md 2).
static NstExpr *const *defaults_of(NstInfer *infer, const NstFunction *fn) {
    const NstFunction *declaration = trait_declaration(fn);
    if (!declaration || !declaration->defaults || declaration->param_count != fn->param_count) return fn->defaults;
    NstExpr **defaults = NST_NEW_ARRAY(infer->arena, NstExpr *, fn->param_count + 1);
    for (size_t i = 0; i < fn->param_count; i++)
        defaults[i] = fn->defaults && fn->defaults[i] ? fn->defaults[i] : declaration->defaults[i];
    return defaults;
}

NstCallee nst_callee_of(NstInfer *infer, const NstFunctionInfo *info) {
    const NstFunction *declaration = trait_declaration(info->fn);
    bool named = declaration && declaration->param_count == info->fn->param_count;
    return (NstCallee){.type = info->declared->type,
                       .names = info->fn->param_names,
                       .declared_names = named ? declaration->param_names : NULL,
                       .defaults = defaults_of(infer, info->fn)};
}

static void add_var(NstInfer *infer, NstTypeContext *context, NstName name, NstType *type) {
    NST_PUSH(infer->arena, context->vars, context->var_count, context->var_capacity, ((NstTypeVar){name, type, true}));
}

static bool occurs(const NstType *param, NstType *type) {
    type = nst_type_resolve(type);
    if (type == param) return true;
    for (size_t i = 0; i < type->arg_count; i++)
        if (occurs(param, type->args[i])) return true;
    return type->kind == NST_TY_FUN && occurs(param, type->result);
}

static void add_bound(NstInfer *infer, NstFunctionInfo *info, NstType *type, NstTrait *trait, NstSpan span) {
    NstRequirement *req = nst_requirement_new(infer, NST_REQ_TRAIT, span, NULL);
    req->module = info->fn->module;
    req->type = type;
    req->trait = trait;
    req->declared = true;
    req->generalised = true;
    req->numeric = info->fn->library && nst_is_builtin_trait(infer, trait, NST_TRAIT_NUM);
    NstScheme *scheme = info->declared;
    NstRequirement **reqs = NST_NEW_ARRAY(infer->arena, NstRequirement *, scheme->req_count + 1);
    if (scheme->req_count) memcpy(reqs, scheme->reqs, scheme->req_count * sizeof *reqs);
    reqs[scheme->req_count++] = req;
    scheme->reqs = reqs;
}

static void add_bounds(NstInfer *infer, NstFunctionInfo *info, NstTypeContext *context) {
    NstFunction *fn = info->fn;
    for (size_t c = 0; c < fn->clause_count; c++)
        for (size_t i = 0; i < fn->clauses[c]->type_param_count; i++) {
            const NstTypeParam *param = &fn->clauses[c]->type_params[i];
            NstType *type = nst_type_context_var(context, param->name.name);
            bool used = false;
            for (size_t k = 0; k < fn->param_count; k++) used |= occurs(type, info->declared->type->args[k]);
            for (size_t k = 0; used && k < param->bound_count; k++) {
                NstTrait *trait = nst_resolve_trait(infer->program, fn->module, param->bounds[k].name);
                if (trait) add_bound(infer, info, type, trait, param->bounds[k].span);
            }
        }
    const NstItem *item = fn->impl ? fn->impl->item : NULL;
    for (size_t i = 0; item && i < item->impl.bound_count; i++) {
        NstType *type = nst_type_context_var(context, item->impl.bounds[i].var.name);
        for (size_t k = 0; k < item->impl.bounds[i].trait_count; k++) {
            NstTrait *trait = nst_resolve_trait(infer->program, fn->module, item->impl.bounds[i].traits[k].name);
            if (trait) add_bound(infer, info, type, trait, item->impl.bounds[i].traits[k].span);
        }
    }
    if (nst_is_trait_method(fn)) add_bound(infer, info, info->self_type, fn->trait, fn->trait->span);
}

// What the trait says of a method's types where the implementation says nothing.
static void inherit(NstInfer *infer, NstFunctionInfo *info, ParamSource *source) {
    const NstFunction *declaration = trait_declaration(info->fn);
    if (!declaration || declaration->param_count != info->fn->param_count || declaration->clause_count == 0) return;
    NstTypeContext context = {.program = infer->program, .module = declaration->module, .self_type = info->self_type,
                              .fresh = fresh_param, .data = source};
    NstClause *clause = declaration->clauses[0];
    nst_type_context_declare(&context, clause->type_params, clause->type_param_count);
    info->inherited = nst_type_array(infer, info->fn->param_count);
    if (info->fn->param_count) info->inherited[0] = info->self_type; // whatever the receiver is annotated with
    for (size_t i = 1; i < info->fn->param_count; i++)
        if (clause->params[i].annotation) info->inherited[i] = nst_typeexpr_type(&context, clause->params[i].annotation);
    if (clause->result) info->inherited_result = nst_typeexpr_type(&context, clause->result);
}

static bool disagrees(NstInfer *infer, NstType *inherited, NstType *own, const NstScheme *scheme) {
    return nst_type_match(inherited, scheme, own, nst_type_array(infer, scheme->param_count)) == NST_MATCH_NO;
}

static void declare(NstInfer *infer, NstFunctionInfo *info) {
    NstFunction *fn = info->fn;
    NstScheme *scheme = NST_NEW(infer->arena, NstScheme);
    ParamSource source = {infer, scheme};
    NstTypeContext context = {.program = infer->program, .module = fn->module, .fresh = fresh_param, .data = &source};
    info->declared = scheme;
    info->state = NST_FUNCTION_DECLARED;
    if (fn->impl && fn->impl->head && fn->impl->scheme) {
        NstScheme *impl = fn->impl->scheme;
        NstType **args = nst_type_array(infer, impl->param_count);
        for (size_t i = 0; i < impl->param_count; i++) {
            args[i] = nst_scheme_add_param(infer, scheme, impl->params[i]->name);
            if (impl->params[i]->name) add_var(infer, &context, impl->params[i]->name, args[i]);
        }
        info->self_type = nst_scheme_apply(infer, fn->impl->head, impl, args);
    } else if (nst_is_trait_method(fn)) {
        info->self_type = nst_scheme_add_param(infer, scheme, nst_name_z("Self"));
    }
    context.self_type = info->self_type;
    inherit(infer, info, &source);

    NstType **params = nst_type_array(infer, fn->param_count);
    NstType *result = NULL;
    info->annotated = NST_NEW_ARRAY(infer->arena, bool, fn->param_count + 1);
    for (size_t c = 0; c < fn->clause_count; c++) {
        NstClause *clause = fn->source_order[c];
        nst_type_context_declare(&context, clause->type_params, clause->type_param_count);
        for (size_t i = 0; i < fn->param_count; i++) {
            if (!clause->params[i].annotation) continue;
            NstType *type = nst_typeexpr_type(&context, clause->params[i].annotation);
            // Which function an annotation in error belongs to is not known: it asks for nothing.
            if (!params[i] || nst_is_silent(type)) params[i] = type;
        }
        if (clause->result) {
            NstType *type = nst_typeexpr_type(&context, clause->result);
            if (!result) result = type;
        }
    }
    if (info->inherited_result && (!result || disagrees(infer, info->inherited_result, result, scheme)))
        result = info->inherited_result;
    bool complete = result != NULL;
    for (size_t i = 0; i < fn->param_count; i++) {
        NstType *inherited = info->inherited ? info->inherited[i] : NULL;
        // An own annotation that disagrees with the trait's is reported in the body; uses go by the trait.
        if (inherited && (!params[i] || disagrees(infer, inherited, params[i], scheme))) params[i] = inherited;
        if (!params[i] && i == 0) params[i] = info->self_type;
        info->annotated[i] = params[i] != NULL;
        complete &= info->annotated[i];
        if (!params[i]) params[i] = nst_scheme_add_param(infer, scheme, 0);
    }
    if (!result) result = nst_scheme_add_param(infer, scheme, 0);
    scheme->type = nst_fun(infer, params, fn->param_count, result);
    add_bounds(infer, info, &context);
    info->vars = context.vars;
    info->var_count = context.var_count;

    bool no_body = true, no_code = true;
    for (size_t c = 0; c < fn->clause_count; c++) no_body &= !fn->clauses[c]->body_expr;
    for (size_t i = 0; i < fn->param_count; i++) no_code &= !fn->defaults || !fn->defaults[i];
    info->complete = complete;
    info->fixed = no_body || (complete && (fn->library || scheme->param_count == 0) && !nst_is_trait_method(fn));
    if (info->fixed) {
        fn->scheme = scheme;
        info->state = NST_FUNCTION_DONE;
        info->body_done = no_body && no_code;
    }
}

// Whatever inference learns about a function it learns from its info.
static void note_use(NstInfer *infer, NstFunctionInfo *info) {
    NstFunctionInfo *user = infer->current;
    if (user == info || (user && (user->fn->library || info->last_user == user)) || (!user && !infer->whole)) return;
    info->last_user = user;
    NstFunctionList *uses = user ? &user->uses : &infer->whole_uses;
    NST_PUSH(infer->arena, uses->items, uses->count, uses->capacity, info->fn);
}

NstFunctionInfo *nst_function_info(NstInfer *infer, NstFunction *fn) {
    if (fn->id >= infer->info_count) {
        size_t count = infer->info_count ? infer->info_count * 2 : 256;
        while (count <= fn->id) count *= 2;
        infer->infos = nst_realloc(infer->infos, count * sizeof *infer->infos);
        memset(infer->infos + infer->info_count, 0, (count - infer->info_count) * sizeof *infer->infos);
        infer->info_count = count;
    }
    NstFunctionInfo *info = infer->infos[fn->id];
    if (!info) {
        info = NST_NEW(infer->arena, NstFunctionInfo);
        info->fn = fn;
        infer->infos[fn->id] = info;
        declare(infer, info);
    }
    if (!fn->library) note_use(infer, info);
    return info;
}

// ---- Bodies -----------------------------------------------------------------------------

typedef struct VarSource {
    NstInfer *infer;
    uint32_t level; // of the definition: where its named type variables live
} VarSource;

static NstType *fresh_var(void *data, NstName name) {
    VarSource *source = data;
    return name ? nst_var_at(source->infer, source->level, name) : nst_var(source->infer);
}

uint32_t nst_type_vars_level(NstTypeContext *types, uint32_t level) {
    if (types->fresh != fresh_var) return level;
    VarSource *source = types->data;
    uint32_t before = source->level;
    source->level = level;
    return before;
}

// The declared types at fresh variables: what the body is inferred with.
static void open_types(NstInfer *infer, NstFunctionInfo *info, NstTypeContext *context, VarSource *source) {
    const NstScheme *declared = info->declared;
    NstType **args = nst_type_array(infer, declared->param_count);
    for (size_t i = 0; i < declared->param_count; i++)
        args[i] = nst_var_at(infer, infer->level, declared->params[i]->name);
    info->open_args = args;
    info->mono = nst_scheme_apply(infer, declared->type, declared, args);
    *source = (VarSource){infer, infer->level};
    *context = (NstTypeContext){.program = infer->program, .module = info->fn->module, .fresh = fresh_var, .data = source};
    if (info->self_type) context->self_type = nst_scheme_apply(infer, info->self_type, declared, args);
    if (nst_is_trait_method(info->fn)) info->self_var = context->self_type;
    for (size_t i = 0; i < info->var_count; i++) {
        NstType *type = nst_scheme_apply(infer, info->vars[i].type, declared, args);
        NST_PUSH(infer->arena, context->vars, context->var_count, context->var_capacity,
                 ((NstTypeVar){info->vars[i].name, type, info->vars[i].declared}));
    }
    info->body_vars = context->vars;
    for (size_t i = 0; i < declared->req_count; i++) {
        NstRequirement *bound = nst_requirement_copy(infer, declared->reqs[i], declared, args, declared->reqs[i]->span, NULL);
        bound->declared = true;
        bound->derived = false;
        nst_require(infer, bound);
    }
    if (!info->inherited) return;
    NstSpan span = info->fn->clauses[0]->name.span;
    for (size_t i = 0; i < info->fn->param_count; i++)
        if (info->inherited[i])
            nst_infer_unify(infer, nst_scheme_apply(infer, info->inherited[i], declared, args), info->mono->args[i], span);
    if (info->inherited_result)
        nst_infer_unify(infer, nst_scheme_apply(infer, info->inherited_result, declared, args), info->mono->result, span);
}

static void infer_clauses(NstInfer *infer, NstFunctionInfo *info, NstTypeContext *context) {
    NstFunction *fn = info->fn;
    NstType **params = info->mono->args;
    NstPattern **patterns = NST_NEW_ARRAY(infer->arena, NstPattern *, fn->clause_count + 1);
    for (size_t i = 0; i < fn->param_count; i++) {
        for (size_t c = 0; c < fn->clause_count; c++) patterns[c] = fn->source_order[c]->params[i].pattern;
        if (nst_prepare_patterns(infer, patterns, fn->clause_count, params[i],
                                 !info->annotated[i] ? NST_SHAPES_NESTING : NST_SHAPES_LENGTHS))
            fn->loose_tuple_params = true;
    }
    for (size_t c = 0; c < fn->clause_count; c++)
        nst_infer_clause(infer, fn->source_order[c], fn->source_order[0], info->mono, context, fn->impl != NULL);
}

static bool is_in_group(const NstFunctionInfo *info, NstFunctionInfo *const *members, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (members[i] == info) return true;
    return false;
}

// Uses inside the group: of members with one type the identity, of completely annotated ones an instance of the scheme
// that was found.
static void give_inner_uses(NstInfer *infer, NstFunctionInfo *const *members, size_t count) {
    size_t kept = 0;
    for (size_t i = 0; i < infer->inner_count; i++) {
        NstInnerUse use = infer->inner_uses[i];
        if (!use.info || !is_in_group(use.info, members, count)) {
            infer->inner_uses[kept++] = use;
            continue;
        }
        const NstScheme *scheme = use.info->fn->scheme;
        NstType **subst = scheme->params;
        if (use.type) {
            subst = nst_scheme_instantiate(infer, scheme, use.span, false);
            nst_infer_unify(infer, nst_scheme_apply(infer, scheme->type, nst_scheme_owner(scheme), subst), use.type, use.span);
        }
        if (!use.expr) continue;
        use.expr->subst = subst;
        use.expr->subst_count = scheme->param_count;
    }
    infer->inner_count = kept;
}

static void keep_global(NstInfer *infer) {
    infer->open_globals |= infer->pending->count > 0;
    for (size_t i = 0; i < infer->pending->count; i++)
        NST_PUSH(infer->arena, infer->global.items, infer->global.count, infer->global.capacity, infer->pending->items[i]);
    infer->pending->count = 0;
}

// A binding whose value is not generalised has one type for the whole program.
static void make_monomorphic(NstInfer *infer, NstFunctionInfo *info) {
    nst_unify(infer, nst_var_at(infer, NST_LEVEL_GLOBAL, 0), info->mono);
    infer->open_globals |= nst_type_has_vars(info->mono);
}

// What a function is generalised over: its type, and the type parameters that it declares, which may occur only inside.
static NstType *with_type_params(NstInfer *infer, const NstFunctionInfo *info) {
    NstType **parts = nst_type_array(infer, info->var_count + 1);
    size_t count = 0;
    parts[count++] = info->mono;
    for (size_t i = 0; i < info->var_count; i++)
        if (info->body_vars[i].declared) parts[count++] = info->body_vars[i].type;
    return count == 1 ? info->mono : nst_tuple(infer, parts, count);
}

void nst_silence(NstInfer *infer, NstType *type) {
    type = nst_type_resolve(type);
    if (type->kind == NST_TY_VAR) nst_unify(infer, type, nst_error_type(infer));
    for (size_t i = 0; i < type->arg_count; i++) nst_silence(infer, type->args[i]);
    if (type->kind == NST_TY_FUN) nst_silence(infer, type->result);
}

// What an error in its body has led to is not held against the callers of a function: what its annotations do not say
// of its type is unknown (cli.md 5.1).
static void forget_inferred(NstInfer *infer, NstFunctionInfo *info) {
    const NstFunction *fn = info->fn;
    bool result = info->inherited_result != NULL;
    for (size_t c = 0; c < fn->clause_count; c++) result |= fn->clauses[c]->result != NULL;
    NstType **params = nst_type_array(infer, fn->param_count);
    for (size_t i = 0; i < fn->param_count; i++) {
        params[i] = info->annotated[i] ? info->mono->args[i] : nst_error_type(infer);
        if (!info->annotated[i]) nst_silence(infer, info->mono->args[i]);
    }
    if (!result) nst_silence(infer, info->mono->result);
    info->mono = nst_fun(infer, params, fn->param_count, result ? info->mono->result : nst_error_type(infer));
}

static void finish_group(NstInfer *infer, NstFunctionInfo *root) {
    size_t first = infer->open_count;
    while (infer->open[first - 1] != root) first--;
    first--;
    size_t count = infer->open_count - first;
    NstFunctionInfo **members = nst_arena_copy(infer->arena, infer->open + first, count * sizeof *members);
    NstType **types = nst_type_array(infer, count);
    NstScheme **schemes = NST_NEW_ARRAY(infer->arena, NstScheme *, count);
    infer->level = NST_LEVEL_GLOBAL;
    bool in_error = false;
    for (size_t i = 0; i < count; i++) in_error |= members[i]->in_error;
    for (size_t i = 0; i < count; i++) {
        if (in_error) forget_inferred(infer, members[i]);
        types[i] = with_type_params(infer, members[i]);
        schemes[i] = NST_NEW(infer->arena, NstScheme);
        const NstConst *constant = members[i]->constant;
        if (constant && !nst_is_generalisable(constant->value)) make_monomorphic(infer, members[i]);
    }
    if (in_error) {
        nst_requirements_solve(infer);
    } else {
        nst_generalise_settle(infer, types, count, 0);
        for (size_t i = 0; i < count; i++) in_error |= members[i]->in_error; // found now: what was decided is wrong
        for (size_t i = 0; in_error && i < count; i++) {
            forget_inferred(infer, members[i]);
            types[i] = with_type_params(infer, members[i]);
        }
    }
    nst_generalise(infer, types, schemes, count, 0, &root->looks);
    infer->open_count = first;
    for (size_t i = 0; i < count; i++) {
        members[i]->fn->scheme = schemes[i];
        schemes[i]->type = members[i]->mono;
        members[i]->state = NST_FUNCTION_DONE;
        members[i]->component = members;
        members[i]->component_count = count;
        infer->grown |= !members[i]->fn->library && members[i]->group_count != count;
        if (i) {
            for (size_t k = 0; k < members[i]->looks.count; k++)
                NST_PUSH(infer->arena, root->looks.items, root->looks.count, root->looks.capacity, members[i]->looks.items[k]);
        }
    }
    for (size_t i = 1; i < count; i++) members[i]->looks = root->looks;
    give_inner_uses(infer, members, count);
    nst_requirements_settle(infer, 0, NULL, 0);
    nst_requirements_close(infer, 0);
    keep_global(infer);
}

// What definitions report that are inferred on the way is not the outer definition's: whether they have been inferred
// before must make no difference to it.
typedef struct Outer {
    NstInferPosition position;
    size_t errors, diags, nested, woken_first, woken_base;
    bool failed, silent;
} Outer;

static Outer leave_outer(NstInfer *infer) {
    Outer outer = {nst_infer_position(infer), infer->errors, infer->program->diags->count, infer->nested,
                   infer->woken_first, infer->woken_base, infer->failed, infer->silent};
    infer->woken_first = infer->woken_base = infer->woken_count;
    infer->silent = false; // a definition is inferred once, whoever needs it
    return outer;
}

static void return_to_outer(NstInfer *infer, Outer outer) {
    nst_infer_return(infer, outer.position);
    size_t left = infer->woken_count - infer->woken_first; // of a group that continues outside
    if (left) memmove(infer->woken + infer->woken_base, infer->woken + infer->woken_first, left * sizeof *infer->woken);
    infer->woken_count = infer->woken_base + left;
    infer->woken_first = outer.woken_first;
    infer->woken_base = outer.woken_base;
    infer->errors = outer.errors;
    infer->nested = outer.nested + infer->program->diags->count - outer.diags;
    infer->failed = outer.failed;
    infer->silent = outer.silent;
}

static void enter_body(NstInfer *infer, NstFunctionInfo *info, NstRequirementList *pending) {
    info->body_done = true;
    infer->module = info->fn->module;
    infer->level = NST_LEVEL_FUNCTION;
    infer->body = NULL;
    infer->pending = pending;
    infer->current = info;
    infer->method_steps = NULL;
    infer->solving = infer->last_chance = false;
}

// Infers a group: all its members have a type before the first body is looked at.
static void infer_group(NstInfer *infer, NstFunction *const *members, size_t count) {
    Outer outer = leave_outer(infer);
    NstRequirementList *pending = NST_NEW(infer->arena, NstRequirementList);
    NstTypeContext *contexts = NST_NEW_ARRAY(infer->arena, NstTypeContext, count);
    VarSource *sources = NST_NEW_ARRAY(infer->arena, VarSource, count);
    uint32_t first = infer->next_index, low = first;
    for (size_t i = 0; i < count; i++) {
        NstFunctionInfo *info = nst_function_info(infer, members[i]);
        enter_body(infer, info, pending);
        info->state = NST_FUNCTION_OPEN;
        info->index = infer->next_index++;
        info->low = first;
        NST_PUSH(infer->arena, infer->open, infer->open_count, infer->open_capacity, info);
        open_types(infer, info, &contexts[i], &sources[i]);
    }
    for (size_t i = 0; i < count; i++) {
        NstFunctionInfo *info = nst_function_info(infer, members[i]);
        enter_body(infer, info, pending);
        infer_clauses(infer, info, &contexts[i]);
        nst_requirements_solve(infer);
    }
    for (size_t i = 0; i < count; i++) {
        const NstFunctionInfo *info = nst_function_info(infer, members[i]);
        if (info->low < low) low = info->low;
    }
    bool complete = low == first;
    if (complete) finish_group(infer, nst_function_info(infer, members[0]));
    return_to_outer(infer, outer);
    if (complete) return;
    for (size_t i = 0; i < pending->count; i++)
        NST_PUSH(infer->arena, infer->pending->items, infer->pending->count, infer->pending->capacity, pending->items[i]);
    if (infer->current->low > low) infer->current->low = low;
}

// A type that the body looks at is looked at by its callers, too.
static void add_look(NstInfer *infer, NstScheme *scheme, NstRequirement *req) {
    NstRequirement **reqs = NST_NEW_ARRAY(infer->arena, NstRequirement *, scheme->req_count + 1);
    if (scheme->req_count) memcpy(reqs, scheme->reqs, scheme->req_count * sizeof *reqs);
    reqs[scheme->req_count++] = req;
    req->generalised = true;
    scheme->reqs = reqs;
}

// True if some type parameter is not seen in the arguments: only the body tells whether it is looked at.
static bool hides_params(const NstFunctionInfo *info) {
    const NstScheme *declared = info->declared;
    for (size_t i = 0; i < declared->param_count; i++) {
        bool seen = false;
        for (size_t k = 0; k < declared->type->arg_count && !seen; k++)
            seen = occurs(declared->params[i], declared->type->args[k]);
        if (!seen) return true;
    }
    return false;
}

// A body whose function has its scheme already: inferred against it. Variables of the annotations become the scheme's
// params; what the body requires of them beyond the declared bounds is looked up at each instance.
static void infer_fixed_body(NstInfer *infer, NstFunctionInfo *info) {
    Outer outer = leave_outer(infer);
    NstRequirementList *pending = NST_NEW(infer->arena, NstRequirementList);
    enter_body(infer, info, pending);
    NstTypeContext context;
    VarSource source;
    open_types(infer, info, &context, &source);
    infer_clauses(infer, info, &context);
    infer->level = NST_LEVEL_GLOBAL;
    const NstScheme *declared = info->declared;
    nst_requirements_settle(infer, 0, info->open_args, declared->param_count);
    if (declared->param_count == 0) {
        nst_requirements_close(infer, 0);
        keep_global(infer);
        return_to_outer(infer, outer);
        return;
    }
    for (size_t i = 0; i < declared->param_count; i++) nst_unify(infer, info->open_args[i], declared->params[i]);
    for (size_t i = 0; i < pending->count; i++) {
        NstRequirement *req = pending->items[i];
        if (req->solved || req->generalised) continue;
        NST_PUSH(infer->arena, info->looks.items, info->looks.count, info->looks.capacity, req);
        if (req->kind == NST_REQ_LOOK) add_look(infer, info->declared, req);
    }
    nst_requirements_unwake(infer, infer->woken_base);
    infer->woken_first = infer->woken_base;
    pending->count = 0;
    return_to_outer(infer, outer);
}

void nst_infer_function(NstInfer *infer, NstFunction *fn) {
    NstFunctionInfo *info = nst_function_info(infer, fn);
    if (info->state != NST_FUNCTION_DECLARED) return;
    if (fn->library) nst_resolve_body(infer->program, fn);
    if (info->group_count) infer_group(infer, info->group, info->group_count);
    else infer_group(infer, &fn, 1);
}

void nst_infer_function_body(NstInfer *infer, NstFunction *fn) {
    nst_infer_function(infer, fn);
    NstFunctionInfo *info = nst_function_info(infer, fn);
    if (info->body_done || info->state == NST_FUNCTION_OPEN) return;
    if (fn->library) nst_resolve_body(infer->program, fn);
    infer_fixed_body(infer, info);
}

// ---- Default methods --------------------------------------------------------------------

void nst_check_default(NstInfer *infer, const NstImpl *impl, const NstFunction *method) {
    NstRequirementList pending = {0};
    infer->pending = &pending;
    infer->level = NST_LEVEL_FUNCTION;
    infer->module = impl->module;
    NstScheme *scheme = impl->scheme;
    NstType **args = nst_type_array(infer, scheme->param_count);
    for (size_t i = 0; i < scheme->param_count; i++) args[i] = nst_var(infer);
    NstType *self = nst_scheme_apply(infer, impl->head, scheme, args);
    NstType **subst = nst_scheme_instantiate(infer, method->scheme, (NstSpan){0}, false);
    NstType *type = nst_scheme_apply(infer, method->scheme->type, nst_scheme_owner(method->scheme), subst);
    if (type->arg_count) nst_infer_unify(infer, type->args[0], self, impl->item ? impl->item->impl.trait.span : (NstSpan){0});
}

bool nst_default_fails(NstInfer *infer, const NstImpl *impl, NstFunction *method) {
    if (infer->silent || method->library || !method->clause_count || !method->clauses[0]->body_expr || !impl->scheme ||
        !impl->head)
        return false;
    nst_infer_function(infer, method);
    if (!method->scheme || !method->scheme->req_count) return false;
    Outer outer = leave_outer(infer);
    infer->silent = true;
    infer->failed = infer->solving = infer->last_chance = false;
    infer->method_steps = NULL;
    nst_check_default(infer, impl, method);
    bool fails = infer->failed;
    nst_requirements_unwake(infer, infer->woken_base);
    infer->woken_first = infer->woken_base;
    return_to_outer(infer, outer);
    return fails;
}

// ---- Uses -------------------------------------------------------------------------------

// What the functions that the compiler knows need beyond their declaration.
static void require_special(NstInfer *infer, NstFunction *fn, NstType *type, NstType **subst, NstSpan span) {
    if (fn->library && !fn->impl && !fn->trait && fn->param_count == 1 && fn->name == nst_name_z("hash")) {
        // Whatever has no function inside can be hashed; that is what Eq asks.
        NstRequirement *req = nst_requirement_new(infer, NST_REQ_TRAIT, span, NULL);
        req->type = type->args[0];
        req->trait = nst_builtin_trait(infer->program, NST_TRAIT_EQ);
        req->hashes = true;
        nst_require(infer, req);
    }
    if (fn->special == NST_SPECIAL_NONE || fn->special == NST_SPECIAL_ASSERT_TYPE) return;
    if (fn->special == NST_SPECIAL_LENGTH) {
        nst_require_length(infer, type->args[0], span);
        return;
    }
    for (size_t i = 0; i < fn->scheme->param_count; i++) {
        NstRequirement *req = nst_requirement_new(infer, NST_REQ_LOOK, span, NULL);
        req->type = subst[i];
        nst_require(infer, req);
    }
}

NstType *nst_function_use(NstInfer *infer, NstFunction *fn, NstSpan span, NstExpr *expr, NstType ***subst) {
    nst_infer_function(infer, fn);
    NstFunctionInfo *info = nst_function_info(infer, fn);
    *subst = NULL;
    if (info->state == NST_FUNCTION_OPEN) {
        if (infer->current && infer->current->low > info->index) infer->current->low = info->index;
        NstInnerUse use = {.expr = expr, .info = info, .span = span};
        if (info->complete) {
            *subst = nst_scheme_instantiate(infer, info->declared, span, false);
            use.type = nst_scheme_apply(infer, info->declared->type, info->declared, *subst);
        }
        NST_PUSH(infer->arena, infer->inner_uses, infer->inner_count, infer->inner_capacity, use);
        return use.type ? use.type : info->mono;
    }
    if (fn->scheme->param_count == 0) return fn->scheme->type;
    if (info->fixed && !info->body_done && hides_params(info)) nst_infer_function_body(infer, fn);
    *subst = nst_scheme_instantiate(infer, fn->scheme, span, fn == infer->failed_default);
    NstType *type = nst_scheme_apply(infer, fn->scheme->type, nst_scheme_owner(fn->scheme), *subst);
    require_special(infer, fn, type, *subst, span);
    return type;
}

NstType *nst_function_type_param(NstInfer *infer, NstFunction *fn, size_t index, NstType *const *subst) {
    NstFunctionInfo *info = nst_function_info(infer, fn);
    const NstClause *clause = NULL;
    for (size_t c = 0; c < fn->clause_count && !clause; c++)
        if (fn->clauses[c]->type_param_count) clause = fn->clauses[c];
    if (!clause || index >= clause->type_param_count) return NULL;
    bool open = info->state == NST_FUNCTION_OPEN && info->complete;
    const NstTypeVar *vars = info->fixed || open ? info->vars : info->body_vars;
    const NstScheme *owner = open ? info->declared : fn->scheme ? nst_scheme_owner(fn->scheme) : NULL;
    for (size_t i = 0; i < info->var_count; i++) {
        if (vars[i].name != clause->type_params[index].name.name) continue;
        return subst && owner ? nst_scheme_apply(infer, vars[i].type, owner, subst) : vars[i].type;
    }
    return NULL;
}

void nst_infer_const(NstInfer *infer, NstConst *constant) {
    if (constant->fn) {
        nst_function_info(infer, constant->fn)->constant = constant;
        nst_infer_function(infer, constant->fn);
        constant->scheme = constant->fn->scheme;
    } else if (constant->value && !constant->value->type) {
        NstInferPosition position = nst_infer_position(infer);
        infer->module = constant->module;
        infer->level = NST_LEVEL_GLOBAL;
        nst_infer_expr(infer, constant->value, NULL);
        nst_infer_return(infer, position);
    }
}

NstType *nst_const_use(NstInfer *infer, NstConst *constant, NstSpan span, NstExpr *expr) {
    nst_infer_const(infer, constant);
    if (!constant->fn) return constant->value ? constant->value->type : nst_error_type(infer);
    NstType **subst;
    NstType *type = nst_function_use(infer, constant->fn, span, expr, &subst);
    if (expr && subst) {
        expr->subst = subst;
        expr->subst_count = nst_function_param_count(constant->fn);
    }
    constant->scheme = constant->fn->scheme;
    return nst_type_resolve(type)->result;
}

static NstType *fresh_content(void *data, NstName name) {
    (void)name;
    return nst_dynamic_var(data);
}

NstType *nst_mvar_type(NstInfer *infer, NstMvar *mvar) {
    if (!mvar->untyped || !mvar->item || !mvar->item->value.type) return mvar->type ? mvar->type : nst_error_type(infer);
    NstTypeContext context = {.program = infer->program, .module = mvar->module, .rule = NST_TYPE_VARS_NONE,
                              .fresh = fresh_content, .data = infer};
    return nst_typeexpr_type(&context, mvar->item->value.type);
}

// ---- Relevance --------------------------------------------------------------------------

static void mark(NstType *type, const NstScheme *owner, bool *relevant) {
    type = nst_type_resolve(type);
    if (type->kind == NST_TY_PARAM && type->owner == owner) relevant[type->id] = true;
    for (size_t i = 0; i < type->arg_count; i++) mark(type->args[i], owner, relevant);
    if (type->kind == NST_TY_FUN) mark(type->result, owner, relevant);
}

static void mark_all(NstRequirement *const *reqs, size_t count, const NstScheme *owner, bool *relevant) {
    for (size_t i = 0; i < count; i++) {
        mark(reqs[i]->type, owner, relevant);
        for (size_t k = 0; k < reqs[i]->arg_count; k++) mark(reqs[i]->args[k], owner, relevant);
        if (reqs[i]->result) mark(reqs[i]->result, owner, relevant);
    }
}

const bool *nst_function_relevant(NstInfer *infer, NstFunction *fn) {
    NstFunctionInfo *info = nst_function_info(infer, fn);
    if (info->relevant) return info->relevant;
    info->relevant = NST_NEW_ARRAY(infer->arena, bool, fn->scheme->param_count + 1);
    const NstScheme *owner = nst_scheme_owner(fn->scheme);
    mark_all(fn->scheme->reqs, fn->scheme->req_count, owner, info->relevant);
    mark_all(info->looks.items, info->looks.count, owner, info->relevant);
    return info->relevant;
}

const bool *nst_local_relevant(NstInfer *infer, NstFunction *fn, const NstLocal *local) {
    const NstScheme *scheme = local->scheme;
    bool *relevant = NST_NEW_ARRAY(infer->arena, bool, (scheme ? scheme->param_count : 0) + 1);
    if (!scheme) return relevant;
    mark_all(scheme->reqs, scheme->req_count, nst_scheme_owner(scheme), relevant);
    if (!fn) return relevant;
    const NstFunctionInfo *info = nst_function_info(infer, fn);
    mark_all(info->looks.items, info->looks.count, nst_scheme_owner(scheme), relevant);
    return relevant;
}
