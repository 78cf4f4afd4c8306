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
    NstFunction *from;
} Search;

static void visit(Search *search, NstFunction *fn);

static bool takes_part(const Search *search, NstFunction *fn) {
    return !fn->library && nst_function_info(search->infer, fn)->state == NST_FUNCTION_DECLARED;
}

static void reach(Search *search, NstFunction *to) {
    if (!takes_part(search, to)) return;
    Node *node = &search->nodes[to->id];
    NstFunction *from = search->from;
    if (!node->index) visit(search, to);
    search->from = from;
    if (node->open && search->nodes[from->id].low > node->low) search->nodes[from->id].low = node->low;
}

static bool visit_expr(void *context, NstExpr *expr) {
    Search *search = context;
    if (expr->kind != NST_EXPR_NAME) return true;
    // Of several functions of one name the types choose; inference meets that reference when it does.
    if (expr->target == NST_TARGET_OVERLOADS && expr->to.overloads.count == 1 && !nst_is_trait_method(expr->to.overloads.fns[0]))
        reach(search, expr->to.overloads.fns[0]);
    if (expr->target == NST_TARGET_CONST && expr->to.constant->fn) reach(search, expr->to.constant->fn);
    return true;
}

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
        NstFunctionInfo *info = nst_function_info(search->infer, members[i]);
        info->group = members;
        info->group_count = count;
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
    NstVisitor visitor = {.context = search, .expr = visit_expr};
    for (size_t c = 0; c < fn->clause_count; c++) {
        search->from = fn;
        nst_walk_clause(&visitor, fn->clauses[c]);
    }
    if (node->low == node->index) close_group(search, fn);
}

NstFunction **nst_find_groups(NstInfer *infer, size_t *count) {
    size_t functions = infer->program->function_count;
    Search search = {.infer = infer};
    search.nodes = nst_calloc(functions, sizeof *search.nodes);
    search.stack = nst_calloc(functions, sizeof *search.stack);
    search.order = NST_NEW_ARRAY(infer->arena, NstFunction *, functions + 1);
    for (size_t i = 0; i < functions; i++) {
        NstFunction *fn = infer->program->functions[i];
        if (takes_part(&search, fn) && !search.nodes[fn->id].index) visit(&search, fn);
    }
    free(search.nodes);
    free(search.stack);
    *count = search.order_count;
    return search.order;
}
