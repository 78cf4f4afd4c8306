#include "frontend/infer_again.h"

#include "frontend/infer_function.h"
#include "frontend/infer_groups.h"
#include "frontend/require.h"
#include "frontend/scheme.h"

#include <stdlib.h>

// ---- Summaries --------------------------------------------------------------------------

// Types are trees that may share parts; beyond so many nodes a scheme counts as changed.
enum { SUMMARY_LIMIT = 20000 };

typedef struct Summary {
    uint64_t hash;
    const NstScheme *owner;
    size_t nodes;
    bool open; // something in it has no lasting identity
} Summary;

static void add(Summary *summary, uint64_t value) {
    for (int i = 0; i < 8; i++, value >>= 8) summary->hash = (summary->hash ^ (value & 0xff)) * 1099511628211u;
}

static void add_pointer(Summary *summary, const void *pointer) {
    add(summary, (uint64_t)(uintptr_t)pointer);
}

static void add_type(Summary *summary, NstType *type) {
    if (++summary->nodes > SUMMARY_LIMIT) summary->open = true;
    if (summary->open) return;
    if (!type) {
        add(summary, 0);
        return;
    }
    type = nst_type_resolve(type);
    add(summary, (uint64_t)type->kind + 1);
    add_pointer(summary, type->decl);
    add(summary, type->arg_count);
    if (type->kind == NST_TY_PARAM) {
        summary->open |= type->owner != summary->owner;
        add(summary, type->id);
        add(summary, type->name);
        add(summary, type->dynamic);
    }
    summary->open |= type->kind == NST_TY_VAR;
    for (size_t i = 0; i < type->arg_count; i++) add_type(summary, type->args[i]);
    if (type->kind == NST_TY_FUN) add_type(summary, type->result);
}

static void add_requirement(Summary *summary, const NstRequirement *req) {
    summary->open |= req->local != NULL;
    add(summary, req->kind);
    add_type(summary, req->type);
    add(summary, req->arg_count);
    for (size_t i = 0; i < req->arg_count; i++) add_type(summary, req->args[i]);
    add_type(summary, req->result);
    add_pointer(summary, req->trait);
    add(summary, req->name);
    add(summary, req->op);
    add(summary, req->fn_count);
    for (size_t i = 0; i < req->fn_count; i++) add_pointer(summary, req->fns[i]);
    add_pointer(summary, req->module);
    const bool flags[] = {req->derived, req->declared, req->numeric,     req->hashes, req->traits_only,
                          req->value,   req->place,    req->same, req->bound_known};
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++) add(summary, flags[i]);
    // Arguments' names, type arguments and a constant index are read from the node at each use.
    const NstExpr *expr = req->expr;
    summary->open |= expr && expr->kind == NST_EXPR_INDEX;
    if (!expr || (expr->kind != NST_EXPR_CALL && expr->kind != NST_EXPR_METHOD)) return;
    summary->open |= expr->call.type_arg_count > 0;
    for (size_t i = 0; i < expr->call.arg_count; i++) add(summary, expr->call.args[i].name.name);
}

uint64_t nst_function_summary(NstInfer *infer, NstFunction *fn) {
    const NstFunctionInfo *info = nst_function_info(infer, fn);
    const NstScheme *scheme = fn->scheme;
    if (!scheme) return 0;
    Summary summary = {.hash = 14695981039346656037u, .owner = nst_scheme_owner(scheme)};
    add(&summary, scheme->param_count);
    for (size_t i = 0; i < scheme->param_count; i++) add_type(&summary, scheme->params[i]);
    add_type(&summary, scheme->type);
    for (size_t i = 0; i < scheme->req_count; i++) add_requirement(&summary, scheme->reqs[i]);
    const NstTypeVar *vars = info->fixed ? info->vars : info->body_vars;
    for (size_t i = 0; i < info->var_count; i++) {
        add(&summary, vars[i].name);
        add_type(&summary, vars[i].type);
    }
    return summary.open ? 0 : summary.hash | 1;
}

// ---- Again ------------------------------------------------------------------------------

void nst_function_forget(NstInfer *infer, NstFunction *fn) {
    NstFunctionInfo *before = nst_function_info(infer, fn);
    infer->infos[fn->id] = NULL;
    fn->scheme = NULL;
    nst_function_info(infer, fn)->constant = before->constant;
}

static bool same_group(const NstGroup *group, const NstFunctionInfo *info) {
    return group->count == info->group_count &&
           (group->count == 0 || memcmp(group->members, info->group, group->count * sizeof *group->members) == 0);
}

static void add_function(NstInfer *infer, NstFunctionList *list, NstFunction *fn) {
    NST_PUSH(infer->arena, list->items, list->count, list->capacity, fn);
}

// Functions through which the inferred ones use each other: callees of theirs that use them in turn. Groups that only
// types reveal are found this way.
static void find_cycles(NstInfer *infer, const bool *again, NstFunctionList *more) {
    NstProgram *program = infer->program;
    bool *reached = nst_calloc(program->function_count + 1, sizeof *reached);
    bool *returns = nst_calloc(program->function_count + 1, sizeof *returns);
    NstFunctionList list = {0};
    for (size_t i = 0; i < program->function_count; i++)
        if (!program->functions[i]->library && again[i]) add_function(infer, &list, program->functions[i]);
    size_t first = list.count;
    for (size_t i = 0; i < list.count; i++) {
        const NstFunctionInfo *info = nst_function_info(infer, list.items[i]);
        for (size_t k = 0; k < info->uses.count; k++) {
            NstFunction *used = info->uses.items[k];
            const NstFunctionInfo *other = nst_function_info(infer, used);
            bool cut = other->fixed && used->scheme->param_count == 0; // its type says nothing of its body
            if (again[used->id] || reached[used->id] || cut) continue;
            reached[used->id] = true;
            add_function(infer, &list, used);
        }
    }
    for (bool changed = true; changed;) {
        changed = false;
        for (size_t i = list.count; i-- > first;) {
            const NstFunctionList *uses = &nst_function_info(infer, list.items[i])->uses;
            if (returns[list.items[i]->id]) continue;
            for (size_t k = 0; k < uses->count && !returns[list.items[i]->id]; k++)
                returns[list.items[i]->id] = again[uses->items[k]->id] || returns[uses->items[k]->id];
            if (!returns[list.items[i]->id]) continue;
            changed = true;
            add_function(infer, more, list.items[i]);
        }
    }
    free(reached);
    free(returns);
}

void nst_infer_again(NstInfer *infer, const bool *again, NstFunctionList *more) {
    NstProgram *program = infer->program;
    NstFunction **ordered;
    size_t count;
    NstGroup *groups = nst_find_groups(infer, &ordered, &count);
    for (size_t i = 0; i < count; i++) {
        NstFunctionInfo *info = nst_function_info(infer, ordered[i]);
        const NstGroup *group = &groups[ordered[i]->id];
        if (!again[ordered[i]->id] && !same_group(group, info)) add_function(infer, more, ordered[i]);
        if (!again[ordered[i]->id]) continue;
        info->group = group->members;
        info->group_count = group->count;
    }
    free(groups);
    if (more->count) return;
    infer->level = NST_LEVEL_GLOBAL;
    infer->pending = &infer->global;
    infer->nested = 0; // the diagnostics of former times may be gone
    for (size_t i = 0; i < count; i++)
        if (again[ordered[i]->id]) nst_infer_function(infer, ordered[i]);
    for (size_t i = 0; i < program->function_count; i++)
        if (!program->functions[i]->library && again[i]) nst_infer_function_body(infer, program->functions[i]);
    find_cycles(infer, again, more);
}
