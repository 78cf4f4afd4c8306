#include "frontend/scheme.h"

#include "frontend/require.h"

#include <stdlib.h>

NstType *nst_scheme_add_param(NstInfer *infer, NstScheme *scheme, NstName name) {
    NstType *param = NST_NEW(infer->arena, NstType);
    param->kind = NST_TY_PARAM;
    param->id = (uint32_t)scheme->param_count;
    param->owner = scheme;
    param->name = name;
    NstType **params = nst_type_array(infer, scheme->param_count + 1);
    if (scheme->param_count) memcpy(params, scheme->params, scheme->param_count * sizeof *params);
    params[scheme->param_count++] = param;
    scheme->params = params;
    return param;
}

// ---- Instantiation ----------------------------------------------------------------------

NstType *nst_scheme_apply(NstInfer *infer, NstType *type, const NstScheme *owner, NstType *const *args) {
    type = nst_type_resolve(type);
    if (type->kind == NST_TY_PARAM) return type->owner == owner ? args[type->id] : type;
    if (type->closed || (type->arg_count == 0 && type->kind != NST_TY_FUN)) return type;
    NstType **changed = NULL;
    for (size_t i = 0; i < type->arg_count; i++) {
        NstType *arg = nst_scheme_apply(infer, type->args[i], owner, args);
        if (arg == type->args[i] && !changed) continue;
        if (!changed) {
            changed = nst_type_array(infer, type->arg_count);
            memcpy(changed, type->args, type->arg_count * sizeof *changed);
        }
        changed[i] = arg;
    }
    NstType *result = type->kind == NST_TY_FUN ? nst_scheme_apply(infer, type->result, owner, args) : NULL;
    if (!changed && result == type->result) return type;
    NstType *copy = nst_arena_copy(infer->arena, type, sizeof *type);
    copy->closed = false;
    copy->interned = NULL;
    copy->visit = 0;
    if (changed) copy->args = changed;
    copy->result = result;
    return copy;
}

NstType **nst_scheme_instantiate(NstInfer *infer, const NstScheme *scheme, NstSpan span, bool reported) {
    const NstScheme *owner = nst_scheme_owner(scheme);
    NstType **args = nst_type_array(infer, scheme->param_count);
    for (size_t i = 0; i < scheme->param_count; i++) {
        args[i] = nst_var(infer);
        args[i]->dynamic = scheme->params[i]->dynamic;
    }
    if (scheme->req_count == 0) return args;
    NstBatch *batch = NST_NEW(infer->arena, NstBatch);
    batch->reported = reported;
    batch->steps = infer->method_steps;
    // Traits first: a missing one is the clearer error than the operation that needs it.
    for (int traits = 1; traits >= 0; traits--)
        for (size_t i = 0; i < scheme->req_count; i++)
            if ((scheme->reqs[i]->kind == NST_REQ_TRAIT) == traits)
                nst_require(infer, nst_requirement_copy(infer, scheme->reqs[i], owner, args, span, batch));
    return args;
}

// ---- Generalisation ---------------------------------------------------------------------

typedef struct Generaliser {
    NstInfer *infer;
    NstScheme *owner;
} Generaliser;

static void quantify(Generaliser *to, NstType *type) {
    type = nst_type_resolve(type);
    if (type->kind == NST_TY_VAR && type->level > to->infer->level) {
        NstScheme *owner = to->owner;
        NstType **params = nst_type_array(to->infer, owner->param_count + 1);
        if (owner->param_count) memcpy(params, owner->params, owner->param_count * sizeof *params);
        type->kind = NST_TY_PARAM;
        type->id = (uint32_t)owner->param_count;
        type->owner = owner;
        type->watch = NULL;
        params[owner->param_count++] = type;
        owner->params = params;
        return;
    }
    if (type->closed) return;
    for (size_t i = 0; i < type->arg_count; i++) quantify(to, type->args[i]);
    if (type->kind == NST_TY_FUN) quantify(to, type->result);
}

static bool is_owned_param(NstType *type, void *data) {
    return type->kind == NST_TY_PARAM && type->owner == data;
}

static void quantify_requirement(Generaliser *to, NstRequirement *req) {
    quantify(to, req->type);
    for (size_t i = 0; i < req->arg_count; i++) quantify(to, req->args[i]);
    if (req->result) quantify(to, req->result);
    if (req->local_type) quantify(to, req->local_type);
}

// Marks the params that a member's type reaches, directly or through its requirements, and collects these.
static void mark_params(NstType *type, const NstScheme *owner, bool *marks) {
    type = nst_type_resolve(type);
    if (type->kind == NST_TY_PARAM && type->owner == owner) marks[type->id] = true;
    if (type->closed) return;
    for (size_t i = 0; i < type->arg_count; i++) mark_params(type->args[i], owner, marks);
    if (type->kind == NST_TY_FUN) mark_params(type->result, owner, marks);
}

typedef struct Marked {
    const NstScheme *owner;
    const bool *marks;
} Marked;

static bool is_marked(NstType *type, void *data) {
    const Marked *marked = data;
    return type->kind == NST_TY_PARAM && type->owner == marked->owner && marked->marks[type->id];
}

static void choose_member_requirements(NstInfer *infer, NstScheme *member, NstType *type, const NstScheme *owner,
                                       NstRequirement **reqs, size_t count) {
    bool *marks = NST_NEW_ARRAY(infer->arena, bool, owner->param_count + 1);
    bool *taken = NST_NEW_ARRAY(infer->arena, bool, count + 1);
    mark_params(type, owner, marks);
    Marked marked = {owner, marks};
    for (bool changed = true; changed;) {
        changed = false;
        for (size_t i = 0; i < count; i++) {
            if (taken[i] || !nst_requirement_subject(reqs[i], is_marked, &marked)) continue;
            taken[i] = changed = true;
            mark_params(reqs[i]->type, owner, marks);
            for (size_t k = 0; k < reqs[i]->arg_count; k++) mark_params(reqs[i]->args[k], owner, marks);
            if (reqs[i]->result) mark_params(reqs[i]->result, owner, marks);
        }
    }
    member->reqs = NST_NEW_ARRAY(infer->arena, NstRequirement *, count);
    for (size_t i = 0; i < count; i++)
        if (taken[i]) member->reqs[member->req_count++] = reqs[i];
}

static bool same_type(NstType *a, NstType *b) {
    return (!a && !b) || (a && b && nst_type_resolve(a) == nst_type_resolve(b));
}

// True if `reqs` holds one that says the same: callers that use a definition twice must not double what they require.
static bool repeats(const NstRequirement *req, NstRequirement *const *reqs, size_t count) {
    if (req->kind == NST_REQ_METHOD || req->kind == NST_REQ_OVERLOAD) return false;
    for (size_t i = 0; i < count; i++) {
        const NstRequirement *other = reqs[i];
        if (other->kind != req->kind || other->trait != req->trait || other->name != req->name || other->op != req->op ||
            other->numeric != req->numeric)
            continue;
        bool same = same_type(other->type, req->type) && same_type(other->result, req->result) &&
                    other->arg_count == req->arg_count;
        for (size_t k = 0; same && k < req->arg_count; k++) same = same_type(other->args[k], req->args[k]);
        if (same) return true;
    }
    return false;
}

// Calls of one method or overload on one value agree in their results unless these are generic themselves. A definition
// that makes few such calls keeps them apart; one that collects many (from callees that collect many) must not double them.
// Fields, elements and sums of one value always agree.
enum { KEPT_APART = 64 };

static bool is_dynamic(NstType *var, void *data) {
    (void)data;
    return var->dynamic;
}

static bool may_merge(const NstRequirement *req) {
    if (req->solved || req->generalised || nst_requirement_subject(req, is_dynamic, NULL)) return false;
    switch (req->kind) {
    case NST_REQ_FIELD:
    case NST_REQ_INDEX:
    case NST_REQ_ARITH:
    case NST_REQ_METHOD:
    case NST_REQ_OVERLOAD: return true;
    default: return false;
    }
}

static bool same_question(const NstRequirement *a, const NstRequirement *b) {
    if (a->kind != b->kind || a->name != b->name || a->op != b->op || a->arg_count != b->arg_count || a->module != b->module ||
        a->value != b->value || a->traits_only != b->traits_only || a->of_trait != b->of_trait || a->fns != b->fns ||
        a->local || b->local || (a->kind == NST_REQ_INDEX && a->expr != b->expr)) // a literal index tells components apart
        return false;
    for (size_t i = 0; i < a->arg_count; i++)
        if (!same_type(a->args[i], b->args[i])) return false;
    return same_type(a->type, b->type);
}

static void merge_questions(NstInfer *infer, size_t mark) {
    NstRequirementList *pending = infer->pending;
    size_t questions = 0;
    for (size_t i = mark; i < pending->count; i++) questions += may_merge(pending->items[i]);
    for (size_t i = mark; questions > KEPT_APART && i < pending->count; i++) {
        NstRequirement *req = pending->items[i];
        if (!req->derived || !may_merge(req)) continue;
        for (size_t k = mark; k < i; k++) {
            const NstRequirement *other = pending->items[k];
            if (!may_merge(other) || !same_question(req, other)) continue;
            req->solved = nst_unify(infer, other->result, req->result) == NST_UNIFY_OK;
            break;
        }
    }
}

// What a requirement on outer variables will determine is not the definition's to generalise.
static bool is_outer(NstType *var, void *data) {
    return var->kind == NST_TY_VAR && var->level <= *(uint32_t *)data;
}

static bool is_deeper(NstType *var, void *data) {
    return var->kind == NST_TY_VAR && var->level > *(uint32_t *)data;
}

static bool lower(NstInfer *infer, NstType *type) {
    type = nst_type_resolve(type);
    bool changed = type->kind == NST_TY_VAR && type->level > infer->level;
    if (changed) type->level = infer->level;
    for (size_t i = 0; i < type->arg_count; i++) changed |= lower(infer, type->args[i]);
    return (type->kind == NST_TY_FUN && lower(infer, type->result)) || changed;
}

static void lower_outcomes(NstInfer *infer, size_t mark) {
    for (bool changed = true; changed;) {
        changed = false;
        for (size_t i = mark; i < infer->pending->count; i++) {
            NstRequirement *req = infer->pending->items[i];
            if (req->solved || req->generalised || !nst_requirement_subject(req, is_outer, &infer->level) ||
                nst_requirement_subject(req, is_deeper, &infer->level))
                continue;
            for (size_t k = 0; k < req->arg_count; k++) changed |= lower(infer, req->args[k]);
            if (req->result) changed |= lower(infer, req->result);
            if (req->local_type) changed |= lower(infer, req->local_type);
        }
    }
}

void nst_generalise_settle(NstInfer *infer, NstType *const *types, size_t count, size_t mark) {
    merge_questions(infer, mark);
    nst_requirements_settle(infer, mark, types, count);
}

void nst_generalise(NstInfer *infer, NstType *const *types, NstScheme *const *schemes, size_t count, size_t mark,
                    NstRequirementList *looks) {
    nst_generalise_settle(infer, types, count, mark);
    lower_outcomes(infer, mark);
    Generaliser to = {infer, schemes[0]};
    for (size_t i = 0; i < count; i++) quantify(&to, types[i]);

    NstRequirementList *pending = infer->pending;
    NstRequirement **reqs = NULL;
    size_t req_count = 0, capacity = 0;
    for (bool changed = true; changed;) {
        changed = false;
        for (size_t i = mark; i < pending->count; i++) {
            NstRequirement *req = pending->items[i];
            if (req->solved || req->generalised || !nst_requirement_subject(req, is_owned_param, to.owner)) continue;
            quantify_requirement(&to, req);
            if (!repeats(req, reqs, req_count)) NST_PUSH(infer->arena, reqs, req_count, capacity, req);
            NST_PUSH(infer->arena, looks->items, looks->count, looks->capacity, req);
            req->generalised = changed = true;
        }
    }
    nst_requirements_close(infer, mark);

    for (size_t i = 0; i < count; i++) {
        NstScheme *scheme = schemes[i];
        scheme->type = types[i];
        scheme->group = i ? schemes[0] : NULL;
        scheme->params = schemes[0]->params;
        scheme->param_count = schemes[0]->param_count;
        if (count > 1) {
            choose_member_requirements(infer, scheme, types[i], to.owner, reqs, req_count);
        } else {
            scheme->reqs = reqs;
            scheme->req_count = req_count;
        }
    }
}
