#include "frontend/infer_groups.h"

#include "frontend/infer_function.h"
#include "frontend/walk.h"

#include <stdlib.h>

// Tarjan's algorithm over the references that the text shows.
typedef struct Node {
    uint32_t index, low; // index 0: not visited
    bool open;
} Node;

typedef struct Search {
    NstInfer *infer;
    Node *nodes;             // by function id
    NstFunction **stack;
    size_t depth;
    uint32_t next;
    NstFunction **order;     // groups, callees first, members of one adjacent
    size_t order_count;
    NstGroup *groups;        // by function id
} Search;

static bool takes_part(const Search *search, NstFunction *fn) {
    return !fn->library && !nst_function_info(search->infer, fn)->fixed;
}

// ---- What a text names ------------------------------------------------------------------

typedef struct Mentions {
    NstInfer *infer;
    NstFunctionList *list;
} Mentions;

static bool takes(const NstFunction *fn, size_t arguments) {
    size_t required = 0;
    for (size_t i = 0; i < fn->param_count; i++) required += !fn->defaults || !fn->defaults[i];
    return arguments >= required && arguments <= fn->param_count;
}

// The one of several functions that takes this many arguments, or null. If more do, the types choose, and inference meets
// that reference when they do.
static NstFunction *only_one(const NstExpr *name, size_t arguments) {
    NstFunction *found = NULL;
    for (size_t i = 0; i < name->to.overloads.count; i++) {
        if (!takes(name->to.overloads.fns[i], arguments)) continue;
        if (found) return NULL;
        found = name->to.overloads.fns[i];
    }
    return found;
}

static NstFunction *named_by(const NstExpr *expr) {
    if (expr->kind == NST_EXPR_NAME) {
        if (expr->target == NST_TARGET_CONST) return expr->to.constant->fn;
        bool single = expr->target == NST_TARGET_OVERLOADS && expr->to.overloads.count == 1;
        return single ? expr->to.overloads.fns[0] : NULL;
    }
    if (expr->kind != NST_EXPR_CALL || expr->call.callee->kind != NST_EXPR_NAME) return NULL;
    const NstExpr *callee = expr->call.callee;
    bool several = callee->target == NST_TARGET_OVERLOADS && callee->to.overloads.count > 1;
    return several ? only_one(callee, expr->call.arg_count) : NULL;
}

static bool mention_in_expr(void *context, NstExpr *expr) {
    const Mentions *mentions = context;
    NstFunctionList *list = mentions->list;
    NstFunction *named = named_by(expr);
    if (named && !named->library && !nst_is_trait_method(named))
        NST_PUSH(mentions->infer->arena, list->items, list->count, list->capacity, named);
    return true;
}

// Inference changes the nodes, so the names are collected before and kept.
static const NstFunctionList *mentions_of(NstInfer *infer, NstFunction *fn) {
    NstFunctionInfo *info = nst_function_info(infer, fn);
    if (info->mentions_known) return &info->mentions;
    info->mentions_known = true;
    Mentions mentions = {infer, &info->mentions};
    NstVisitor visitor = {.context = &mentions, .expr = mention_in_expr};
    for (size_t c = 0; c < fn->clause_count; c++) nst_walk_clause(&visitor, fn->clauses[c]);
    return &info->mentions;
}

// ---- Groups -----------------------------------------------------------------------------

static int by_id(const void *a, const void *b) {
    const NstFunction *const *x = a, *const *y = b;
    return (*x)->id < (*y)->id ? -1 : (*x)->id > (*y)->id;
}

static void close_group(Search *search, const NstFunction *root) {
    size_t first = search->depth;
    while (search->stack[first - 1] != root) first--;
    first--;
    size_t count = search->depth - first;
    NstFunction **members = search->order + search->order_count;
    memcpy(members, search->stack + first, count * sizeof *members);
    qsort(members, count, sizeof(NstFunction *), by_id);
    for (size_t i = 0; i < count; i++) {
        search->groups[members[i]->id] = (NstGroup){members, count};
        search->nodes[members[i]->id].open = false;
    }
    search->order_count += count;
    search->depth = first;
}

static void visit(Search *search, NstFunction *fn) {
    Node *node = &search->nodes[fn->id];
    node->index = node->low = ++search->next;
    node->open = true;
    search->stack[search->depth++] = fn;
    const NstFunctionList *mentions = mentions_of(search->infer, fn);
    for (size_t i = 0; i < mentions->count; i++) {
        NstFunction *to = mentions->items[i];
        if (!takes_part(search, to)) continue;
        const Node *reached = &search->nodes[to->id];
        if (!reached->index) visit(search, to);
        if (reached->open && node->low > reached->low) node->low = reached->low;
    }
    if (node->low == node->index) close_group(search, fn);
}

NstGroup *nst_find_groups(NstInfer *infer, NstFunction ***order, size_t *count) {
    size_t functions = infer->program->function_count;
    Search search = {.infer = infer, .groups = nst_calloc(functions, sizeof(NstGroup))};
    search.nodes = nst_calloc(functions, sizeof *search.nodes);
    search.stack = nst_calloc(functions, sizeof *search.stack);
    search.order = NST_NEW_ARRAY(infer->arena, NstFunction *, functions + 1);
    for (size_t i = 0; i < functions; i++) {
        NstFunction *fn = infer->program->functions[i];
        if (takes_part(&search, fn) && !search.nodes[fn->id].index) visit(&search, fn);
    }
    free(search.nodes);
    free(search.stack);
    *order = search.order;
    *count = search.order_count;
    return search.groups;
}
