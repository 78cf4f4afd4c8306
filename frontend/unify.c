#include "frontend/unify.h"

#include "frontend/infer_internal.h"
#include "frontend/require.h"

#include <assert.h>
#include <stdlib.h>

static void remember(NstInfer *infer, NstType *var, bool bound) {
    if (!infer->trials) return;
    if (infer->trail_count == infer->trail_capacity) {
        infer->trail_capacity = infer->trail_capacity ? infer->trail_capacity * 2 : 64;
        infer->trail = nst_realloc(infer->trail, infer->trail_capacity * sizeof *infer->trail);
    }
    infer->trail[infer->trail_count].var = var;
    infer->trail[infer->trail_count].level = var->level;
    infer->trail[infer->trail_count++].bound = bound;
}

static bool is_closed(NstType *type) {
    type = nst_type_resolve(type);
    return type->closed || ((type->kind == NST_TY_CON || type->kind == NST_TY_TUPLE) && type->arg_count == 0);
}

// Brings the variables inside `type` up to the level of the variable that is being bound to it; false if that
// variable is among them. What a dynamic variable consists of is dynamic.
static bool adjust(NstInfer *infer, const NstType *var, NstType *type) {
    type = nst_type_resolve(type);
    if (type->closed) return true;
    if (type == var) return false;
    if (type->kind == NST_TY_VAR && type->level > var->level) {
        remember(infer, type, false);
        type->level = var->level;
    }
    if (var->dynamic && type->kind == NST_TY_VAR && !infer->trials) type->dynamic = true;
    if (type->arg_count == 0 && type->kind != NST_TY_FUN) return true;
    if (type->visit == infer->visit) return true;
    type->visit = infer->visit;
    bool closed = !infer->trials;
    for (size_t i = 0; i < type->arg_count; i++) {
        if (!adjust(infer, var, type->args[i])) return false;
        closed = closed && is_closed(type->args[i]);
    }
    if (type->kind == NST_TY_FUN) {
        if (!adjust(infer, var, type->result)) return false;
        closed = closed && is_closed(type->result);
    }
    type->closed = closed;
    return true;
}

static NstUnify bind(NstInfer *infer, NstType *var, NstType *type) {
    if (type->kind == NST_TY_VAR && type->dynamic) var->dynamic = true;
    infer->visit++;
    if (!adjust(infer, var, type)) return NST_UNIFY_INFINITE;
    remember(infer, var, true);
    var->link = type;
    if (type->kind == NST_TY_VAR && !type->name) type->name = var->name;
    nst_requirements_wake_all(infer, var);
    return NST_UNIFY_OK;
}

static NstUnify unify_args(NstInfer *infer, const NstType *a, const NstType *b) {
    if (a->arg_count != b->arg_count) return NST_UNIFY_MISMATCH;
    for (size_t i = 0; i < a->arg_count; i++) {
        NstUnify result = nst_unify(infer, a->args[i], b->args[i]);
        if (result != NST_UNIFY_OK) return result;
    }
    return NST_UNIFY_OK;
}

// Nothing is asked of what meets a value in error: its parts are unknown for that reason.
static NstUnify unify_error(NstInfer *infer, NstType *type) {
    type = nst_type_resolve(type);
    if (type->kind == NST_TY_VAR) return bind(infer, type, nst_error_type(infer));
    if (type->closed) return NST_UNIFY_OK;
    for (size_t i = 0; i < type->arg_count; i++) unify_error(infer, type->args[i]);
    if (type->kind == NST_TY_FUN) unify_error(infer, type->result);
    return NST_UNIFY_OK;
}

NstUnify nst_unify(NstInfer *infer, NstType *a, NstType *b) {
    a = nst_type_resolve(a);
    b = nst_type_resolve(b);
    if (a == b || a->kind == NST_TY_NEVER || b->kind == NST_TY_NEVER) return NST_UNIFY_OK;
    if (a->kind == NST_TY_VAR && b->kind == NST_TY_VAR && b->level > a->level) return bind(infer, b, a);
    if (a->kind == NST_TY_VAR) return bind(infer, a, b);
    if (b->kind == NST_TY_VAR) return bind(infer, b, a);
    if (a->kind == NST_TY_ERROR) return unify_error(infer, b);
    if (b->kind == NST_TY_ERROR) return unify_error(infer, a);
    if (a->kind == NST_TY_ANY || b->kind == NST_TY_ANY) return NST_UNIFY_OK;
    if (a->kind != b->kind) return NST_UNIFY_MISMATCH;
    switch (a->kind) {
    case NST_TY_CON:
        if (a->decl != b->decl) return NST_UNIFY_MISMATCH;
        return unify_args(infer, a, b);
    case NST_TY_TUPLE: return unify_args(infer, a, b);
    case NST_TY_FUN: {
        NstUnify result = unify_args(infer, a, b);
        return result == NST_UNIFY_OK ? nst_unify(infer, a->result, b->result) : result;
    }
    default: return NST_UNIFY_MISMATCH; // two different params
    }
}

// ---- Trials -----------------------------------------------------------------------------

NstTrial nst_trial_begin(NstInfer *infer) {
    infer->trials++;
    return (NstTrial){.trail = infer->trail_count, .woken = infer->woken_count};
}

void nst_trial_keep(NstInfer *infer, NstTrial trial) {
    assert(infer->trials > 0);
    if (--infer->trials == 0) infer->trail_count = 0;
    (void)trial;
}

void nst_trial_undo(NstInfer *infer, NstTrial trial) {
    assert(infer->trials > 0);
    infer->trials--;
    while (infer->trail_count > trial.trail) {
        size_t last = --infer->trail_count;
        if (infer->trail[last].bound) infer->trail[last].var->link = NULL;
        infer->trail[last].var->level = infer->trail[last].level;
    }
    nst_requirements_unwake(infer, trial.woken);
}

bool nst_unifiable(NstInfer *infer, NstType *a, NstType *b) {
    NstTrial trial = nst_trial_begin(infer);
    bool ok = nst_unify(infer, a, b) == NST_UNIFY_OK;
    nst_trial_undo(infer, trial);
    return ok;
}
