#include "frontend/require.h"

#include "frontend/infer_call.h"
#include "frontend/infer_field.h"
#include "frontend/infer_operator.h"
#include "frontend/scheme.h"
#include "frontend/trait_solve.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

NstRequirement *nst_requirement_new(NstInfer *infer, NstRequirementKind kind, NstSpan span, NstExpr *expr) {
    NstRequirement *req = NST_NEW(infer->arena, NstRequirement);
    req->kind = kind;
    req->span = req->origin = span;
    req->expr = expr;
    req->module = infer->module;
    req->level = infer->level;
    return req;
}

NstRequirement *nst_requirement_copy(NstInfer *infer, const NstRequirement *req, const NstScheme *owner,
                                     NstType *const *args, NstSpan span, NstBatch *batch) {
    NstRequirement *copy = nst_arena_copy(infer->arena, req, sizeof *req);
    copy->type = nst_scheme_apply(infer, req->type, owner, args);
    copy->args = nst_type_array(infer, req->arg_count);
    for (size_t i = 0; i < req->arg_count; i++) copy->args[i] = nst_scheme_apply(infer, req->args[i], owner, args);
    if (req->result) copy->result = nst_scheme_apply(infer, req->result, owner, args);
    if (req->local_type) copy->local_type = nst_scheme_apply(infer, req->local_type, owner, args);
    if (span.origin) copy->span = span;
    copy->batch = batch;
    copy->level = infer->level;
    copy->derived = true;
    copy->declared = copy->solved = copy->queued = copy->generalised = copy->bound_known = false;
    return copy;
}

// ---- Violations -------------------------------------------------------------------------

static bool silenced(NstInfer *infer, NstRequirement *req) {
    infer->failed = true;
    if (!req->batch) return false;
    bool before = req->batch->reported;
    req->batch->reported = true;
    return before;
}

NstDiag *nst_requirement_error(NstInfer *infer, NstRequirement *req, NstDiagKind kind, const char *format, ...) {
    if (silenced(infer, req) || infer->silent) return NULL;
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    NstDiag *diag = nst_infer_error(infer, kind, req->span, "%s", text);
    if (diag && req->derived) nst_infer_label(infer, diag, req->origin, "needed here");
    return diag;
}

bool nst_requirement_unify(NstInfer *infer, NstRequirement *req, NstType *expected, NstType *found, NstSpan span) {
    NstUnify result = nst_unify(infer, expected, found);
    if (result == NST_UNIFY_OK) return true;
    if (silenced(infer, req)) return false;
    NstDiag *diag = nst_infer_mismatch(infer, result, expected, found, req->derived ? req->span : span, true);
    if (diag && req->derived) nst_infer_label(infer, diag, req->origin, "needed here");
    return false;
}

// ---- Subjects ---------------------------------------------------------------------------

typedef bool VarTest(NstType *var, void *data);

static bool any_leaf(NstType *type, VarTest *test, void *data) {
    type = nst_type_resolve(type);
    if (type->kind == NST_TY_VAR || type->kind == NST_TY_PARAM) return test(type, data);
    if (type->closed) return false;
    for (size_t i = 0; i < type->arg_count; i++)
        if (any_leaf(type->args[i], test, data)) return true;
    return type->kind == NST_TY_FUN && any_leaf(type->result, test, data);
}

bool nst_requirement_subject(const NstRequirement *req, VarTest *test, void *data) {
    if (any_leaf(req->type, test, data)) return true;
    if (req->kind != NST_REQ_ARITH && req->kind != NST_REQ_OVERLOAD) return false;
    for (size_t i = 0; i < req->arg_count; i++)
        if (any_leaf(req->args[i], test, data)) return true;
    return false;
}

static bool watch_var(NstType *var, void *data) {
    NstRequirement *req = ((void **)data)[0];
    NstInfer *infer = ((void **)data)[1];
    NstWatch *last = var->watch;
    if (var->kind != NST_TY_VAR || (last && last->req == req)) return false;
    NstWatch *watch = NST_NEW(infer->arena, NstWatch);
    *watch = (NstWatch){req, last ? last->next : watch};
    if (last) last->next = watch;
    var->watch = watch;
    return false;
}

void nst_requirements_wake_all(NstInfer *infer, const NstType *var) {
    const NstWatch *last = var->watch, *at = last;
    if (!last) return;
    do {
        at = at->next;
        nst_requirement_wake(infer, at->req);
    } while (at != last);
}

static void watch(NstInfer *infer, NstRequirement *req) {
    void *data[] = {req, infer};
    nst_requirement_subject(req, watch_var, data);
    if (req->kind == NST_REQ_TRY) any_leaf(req->args[1], watch_var, data);
    if (req->kind == NST_REQ_ARITH) any_leaf(req->result, watch_var, data);
}

// ---- Queue ------------------------------------------------------------------------------

void nst_requirement_wake(NstInfer *infer, NstRequirement *req) {
    if (req->solved || req->queued || req->generalised) return;
    if (infer->woken_count == infer->woken_capacity) {
        infer->woken_capacity = infer->woken_capacity ? infer->woken_capacity * 2 : 64;
        infer->woken = nst_realloc(infer->woken, infer->woken_capacity * sizeof *infer->woken);
    }
    req->queued = true;
    infer->woken[infer->woken_count++] = req;
}

void nst_requirements_unwake(NstInfer *infer, size_t woken) {
    while (infer->woken_count > woken) infer->woken[--infer->woken_count]->queued = false;
}

bool nst_requirements_fit(NstInfer *infer, size_t woken) {
    for (size_t i = woken; i < infer->woken_count; i++) {
        NstRequirement *req = infer->woken[i];
        if (req->kind == NST_REQ_TRAIT && !nst_trait_holds(infer, req->type, req->trait)) return false;
        if (req->kind == NST_REQ_ARITH && !nst_arith_fits(infer, req)) return false;
    }
    return true;
}

void nst_requirements_solve(NstInfer *infer) {
    if (infer->solving || infer->trials) return;
    infer->solving = true;
    while (infer->woken_first < infer->woken_count) {
        NstRequirement *req = infer->woken[infer->woken_first++];
        req->queued = false;
        if (req->solved || req->generalised) continue;
        if (!nst_requirement_attempt(infer, req)) watch(infer, req);
    }
    infer->woken_first = infer->woken_count = infer->woken_base;
    infer->solving = false;
}

static bool is_dynamic(NstType *var, void *data) {
    (void)data;
    return var->dynamic;
}

// ---- Attempts ---------------------------------------------------------------------------

bool nst_requirement_is_dynamic(const NstRequirement *req) {
    return nst_requirement_subject(req, is_dynamic, NULL);
}

bool nst_requirement_attempt(NstInfer *infer, NstRequirement *req) {
    NstModule *module = infer->module;
    uint32_t level = infer->level;
    infer->module = req->module;
    infer->level = req->level;
    // A copy on a generalised variable of the definition around: the instances decide.
    if (req->derived && nst_type_resolve(req->type)->kind == NST_TY_PARAM) req->solved = true;
    else switch (req->kind) {
    case NST_REQ_TRAIT: req->solved = nst_trait_attempt(infer, req); break;
    case NST_REQ_FIELD: req->solved = nst_field_attempt(infer, req); break;
    case NST_REQ_METHOD: req->solved = nst_method_attempt(infer, req); break;
    case NST_REQ_OVERLOAD: req->solved = nst_overload_attempt(infer, req); break;
    case NST_REQ_INDEX: req->solved = nst_index_attempt(infer, req); break;
    case NST_REQ_ARITH: req->solved = nst_arith_attempt(infer, req); break;
    case NST_REQ_LENGTH: req->solved = nst_length_attempt(infer, req); break;
    case NST_REQ_TRY: req->solved = nst_try_attempt(infer, req); break;
    case NST_REQ_LOOK: req->solved = !nst_type_has_vars(req->type); break;
    }
    infer->module = module;
    infer->level = level;
    if (req->expr && !req->derived && !req->solution) req->expr->req = req->solved ? NULL : req;
    return req->solved;
}

void nst_require(NstInfer *infer, NstRequirement *req) {
    if (nst_requirement_attempt(infer, req)) {
        nst_requirements_solve(infer);
        return;
    }
    NstRequirementList *pending = infer->pending;
    while (pending->count > pending->floor && pending->items[pending->count - 1]->solved) pending->count--;
    NST_PUSH(infer->arena, pending->items, pending->count, pending->capacity, req);
    watch(infer, req);
    nst_requirements_solve(infer);
}

void nst_require_trait(NstInfer *infer, NstType *type, NstTrait *trait, NstSpan span) {
    NstRequirement *req = nst_requirement_new(infer, NST_REQ_TRAIT, span, NULL);
    req->type = type;
    req->trait = trait;
    nst_require(infer, req);
}

// ---- Before generalisation --------------------------------------------------------------

// A set of variables; requirements are few, so a list will do.
typedef struct VarSet {
    NstType **vars;
    size_t count, capacity;
} VarSet;

static bool set_has(NstType *var, void *data) {
    VarSet *set = data;
    for (size_t i = 0; i < set->count; i++)
        if (set->vars[i] == var) return true;
    return false;
}

static bool set_add(VarSet *set, NstType *type) {
    type = nst_type_resolve(type);
    bool added = false;
    if (type->kind == NST_TY_VAR && !set_has(type, set)) {
        if (set->count == set->capacity) {
            set->capacity = set->capacity ? set->capacity * 2 : 16;
            set->vars = nst_realloc(set->vars, set->capacity * sizeof *set->vars);
        }
        set->vars[set->count++] = type;
        return true;
    }
    if (type->closed) return false;
    for (size_t i = 0; i < type->arg_count; i++) added |= set_add(set, type->args[i]);
    if (type->kind == NST_TY_FUN) added |= set_add(set, type->result);
    return added;
}

static bool is_live(const NstRequirement *req) {
    return !req->solved && !req->generalised;
}

// The variables that come out of pending accesses: their results, the parameters of lambdas passed to them, and what
// operators make of these (types.md 3, rule 2).
static VarSet pending_outcomes(const NstInfer *infer) {
    VarSet set = {0};
    // A default method is typed per implementing type: nothing is known of Self.
    for (size_t i = 0; i < infer->open_count; i++)
        if (infer->open[i]->self_var) set_add(&set, infer->open[i]->self_var);
    for (bool changed = true; changed;) {
        changed = false;
        for (size_t i = 0; i < infer->pending->count; i++) {
            NstRequirement *req = infer->pending->items[i];
            if (!is_live(req)) continue;
            switch (req->kind) {
            case NST_REQ_FIELD:
            case NST_REQ_INDEX: changed |= set_add(&set, req->result); break;
            case NST_REQ_METHOD:
            case NST_REQ_OVERLOAD:
                changed |= set_add(&set, req->result);
                for (size_t k = 0; k < req->arg_count; k++) {
                    NstType *arg = nst_type_resolve(req->args[k]);
                    if (arg->kind != NST_TY_FUN) continue;
                    for (size_t p = 0; p < arg->arg_count; p++) changed |= set_add(&set, arg->args[p]);
                }
                break;
            case NST_REQ_ARITH:
                if (any_leaf(req->args[0], set_has, &set) || any_leaf(req->args[1], set_has, &set))
                    changed |= set_add(&set, req->result);
                break;
            default: break;
            }
        }
    }
    return set;
}

static bool is_deeper(NstType *var, void *data) {
    return var->kind == NST_TY_VAR && var->level > *(uint32_t *)data;
}

static bool is_outer(NstType *var, void *data) {
    return var->kind == NST_TY_VAR && var->level <= *(uint32_t *)data;
}

static void settle_one_operator(NstInfer *infer, NstRequirement *req) {
    req->same = true;
    if (nst_requirement_unify(infer, req, req->args[0], req->args[1], req->span))
        nst_requirement_unify(infer, req, req->args[0], req->result, req->span);
    else req->solved = true;
}

// Rule 3 would make an operand a type that no definition of an undecided overload takes (`(x * 2, round(x))`): the overload
// decides first, as if nothing were known of its argument. True if there was one.
static bool settle_excluded_overload(NstInfer *infer, size_t mark, const NstRequirement *operator) {
    NstType *left = nst_type_resolve(operator->args[0]), *right = nst_type_resolve(operator->args[1]);
    NstType *open = left->kind == NST_TY_VAR ? left : right, *known = open == left ? right : left;
    if (open->kind != NST_TY_VAR || !nst_prim_is_numeric(nst_type_prim(known))) return false;
    for (size_t i = mark; i < infer->pending->count; i++) {
        NstRequirement *req = infer->pending->items[i];
        if (!is_live(req) || req->kind != NST_REQ_OVERLOAD || !nst_overload_excludes(infer, req, open, known)) continue;
        bool before = infer->last_chance;
        req->first = infer->last_chance = true;
        bool decided = nst_requirement_attempt(infer, req);
        infer->last_chance = before;
        if (decided) return true;
    }
    return false;
}

// Rule 3: one operator whose operands nothing else will tell apart. True if there was one.
static bool settle_operator(NstInfer *infer, size_t mark) {
    size_t first = mark;
    while (first < infer->pending->count &&
           !(is_live(infer->pending->items[first]) && infer->pending->items[first]->kind == NST_REQ_ARITH))
        first++;
    if (first == infer->pending->count) return false;
    VarSet outcomes = pending_outcomes(infer);
    bool found = false;
    for (size_t i = first; i < infer->pending->count && !found; i++) {
        NstRequirement *req = infer->pending->items[i];
        if (!is_live(req) || req->kind != NST_REQ_ARITH || req->same) continue;
        if (!nst_requirement_subject(req, is_deeper, &infer->level)) continue;
        if (set_has(nst_type_resolve(req->args[0]), &outcomes) || set_has(nst_type_resolve(req->args[1]), &outcomes)) continue;
        if (!settle_excluded_overload(infer, mark, req)) settle_one_operator(infer, req);
        found = true;
    }
    free(outcomes.vars);
    return found;
}

void nst_settle_conflict(NstInfer *infer, NstType *a, NstType *b) {
    a = nst_type_resolve(a);
    b = nst_type_resolve(b);
    NstType *open = a->kind == NST_TY_VAR ? a : b, *known = open == a ? b : a;
    if (open->kind != NST_TY_VAR || !open->watch || infer->trials) return;
    bool arithmetic = nst_prim_is_numeric(nst_type_prim(known)) ||
                      (known->kind == NST_TY_CON && nst_type_prim(known) == NST_PRIM_NONE);
    if (arithmetic || (known->kind != NST_TY_CON && known->kind != NST_TY_TUPLE && known->kind != NST_TY_FUN)) return;
    for (size_t i = infer->pending->count; i-- > 0;) {
        NstRequirement *req = infer->pending->items[i];
        if (!is_live(req) || req->kind != NST_REQ_ARITH || req->same || nst_type_resolve(req->result) != open) continue;
        req->same = true;
        if (nst_unify(infer, req->args[0], req->args[1]) == NST_UNIFY_OK) nst_unify(infer, req->args[0], req->result);
        nst_requirements_solve(infer);
        return;
    }
}

// What the definition's types determine: their variables, and through requirements on these the others they mention.
static VarSet determined(const NstInfer *infer, size_t mark, NstType *const *types, size_t count) {
    VarSet set = {0};
    for (size_t i = 0; i < count; i++) set_add(&set, types[i]);
    for (bool changed = true; changed;) {
        changed = false;
        for (size_t i = mark; i < infer->pending->count; i++) {
            NstRequirement *req = infer->pending->items[i];
            if (!is_live(req) || !nst_requirement_subject(req, set_has, &set)) continue;
            for (size_t k = 0; k < req->arg_count; k++) changed |= set_add(&set, req->args[k]);
            changed |= set_add(&set, req->type);
            if (req->result) changed |= set_add(&set, req->result);
        }
    }
    return set;
}

// The operators on parameters of lambdas that an undetermined overload is called with tell which one is meant. True if
// there was one.
static bool settle_lambda_operators(NstInfer *infer, size_t mark, const NstRequirement *overload) {
    VarSet set = {0};
    for (size_t i = 0; i < overload->arg_count; i++) {
        const NstType *arg = nst_type_resolve(overload->args[i]);
        for (size_t p = 0; arg->kind == NST_TY_FUN && p < arg->arg_count; p++) set_add(&set, arg->args[p]);
    }
    bool found = false;
    for (size_t i = mark; i < infer->pending->count && set.count && !found; i++) {
        NstRequirement *req = infer->pending->items[i];
        if (!is_live(req) || req->kind != NST_REQ_ARITH || req->same) continue;
        found = set_has(nst_type_resolve(req->args[0]), &set) || set_has(nst_type_resolve(req->args[1]), &set);
        if (found) settle_one_operator(infer, req);
    }
    free(set.vars);
    return found;
}

// What an operation on a dynamic value gives is dynamic. True if the type was not before.
static bool make_dynamic(NstType *type) {
    type = nst_type_resolve(type);
    if ((type->kind != NST_TY_VAR && type->kind != NST_TY_PARAM) || type->dynamic) return false;
    return type->dynamic = true;
}

// Before anything is decided for want of a type: what comes out of pending operations on dynamic values is not unknown,
// the values decide.
static void spread_dynamic(NstInfer *infer, size_t mark) {
    for (bool changed = true; changed;) {
        changed = false;
        for (size_t i = mark; i < infer->pending->count; i++) {
            const NstRequirement *req = infer->pending->items[i];
            if (is_live(req) && req->result && nst_requirement_is_dynamic(req)) changed |= make_dynamic(req->result);
        }
    }
}

// An overload or method that nothing can determine any more decides with what is known. True if one was decided.
static bool settle_undetermined(NstInfer *infer, size_t mark, NstType *const *types, size_t count) {
    bool any = false;
    for (size_t i = mark; i < infer->pending->count && !any; i++) {
        const NstRequirement *req = infer->pending->items[i];
        any = is_live(req) && (req->kind == NST_REQ_OVERLOAD || req->kind == NST_REQ_METHOD);
    }
    if (!any) return false;
    spread_dynamic(infer, mark);
    VarSet set = determined(infer, mark, types, count);
    bool decided = false;
    for (size_t i = mark; i < infer->pending->count && !decided; i++) {
        NstRequirement *req = infer->pending->items[i];
        if (!is_live(req) || (req->kind != NST_REQ_OVERLOAD && req->kind != NST_REQ_METHOD)) continue;
        if (nst_requirement_subject(req, set_has, &set)) continue;
        if (nst_requirement_subject(req, is_outer, &infer->level)) continue;
        if (req->kind == NST_REQ_OVERLOAD && (decided = settle_lambda_operators(infer, mark, req))) break;
        bool before = infer->last_chance;
        infer->last_chance = true;
        decided = nst_requirement_attempt(infer, req);
        infer->last_chance = before;
    }
    free(set.vars);
    return decided;
}

void nst_requirements_settle(NstInfer *infer, size_t mark, NstType *const *types, size_t count) {
    do nst_requirements_solve(infer);
    while (settle_operator(infer, mark) || settle_undetermined(infer, mark, types, count));
}

// Methods of traits have no meaning without a type; everything else the values decide.
static bool needs_type(NstInfer *infer, NstName name) {
    size_t count;
    NstFunction *const *declarations = nst_trait_methods_named(infer->program, name, &count);
    for (size_t i = 0; i < count; i++)
        if (!declarations[i]->trait->builtin) return true;
    return false;
}

void nst_requirements_close(NstInfer *infer, size_t mark) {
    NstRequirementList *pending = infer->pending;
    size_t kept = mark;
    for (size_t i = mark; i < pending->count; i++) {
        NstRequirement *req = pending->items[i];
        if (!is_live(req)) continue;
        if (nst_requirement_subject(req, is_outer, &infer->level)) {
            if (req->level > infer->level) req->level = infer->level;
            pending->items[kept++] = req;
            continue;
        }
        req->solved = true; // the value never matters, or decides itself
        bool dynamic = nst_requirement_subject(req, is_dynamic, NULL);
        if (dynamic && req->result) make_dynamic(req->result);
        if (req->kind == NST_REQ_METHOD && (!dynamic || needs_type(infer, req->name)))
            nst_requirement_error(infer, req, NST_DIAG_AMBIGUOUS_TYPE,
                                  "cannot resolve trait method `%s` without type information", nst_name_text(req->name));
    }
    pending->count = kept;
}
