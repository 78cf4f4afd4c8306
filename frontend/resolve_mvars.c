#include "frontend/resolve_mvars.h"

#include <stdlib.h>

#include "frontend/scope.h"

// ---- Constant initialisers --------------------------------------------------------------

static bool is_constant(const NstExpr *expr);

static bool all_constant(NstExpr *const *items, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (!is_constant(items[i])) return false;
    return true;
}

static bool is_ctor(const NstExpr *expr) {
    return expr->kind == NST_EXPR_NAME && (expr->target == NST_TARGET_CTOR || expr->target == NST_TARGET_CTORS);
}

static bool is_construction(const NstExpr *expr) {
    if (!is_ctor(expr->call.callee) || expr->target == NST_TARGET_UPDATE) return false;
    for (size_t i = 0; i < expr->call.arg_count; i++)
        if (!is_constant(expr->call.args[i].value)) return false;
    return true;
}

// Literals, and constructions whose parts are constant.
static bool is_constant(const NstExpr *expr) {
    switch (expr->kind) {
    case NST_EXPR_LITERAL: return true;
    case NST_EXPR_UNARY: return expr->binary.op == NST_OP_NEG && expr->binary.left->kind == NST_EXPR_LITERAL;
    case NST_EXPR_TUPLE:
    case NST_EXPR_LIST:
    case NST_EXPR_MAP:
    case NST_EXPR_SET:
        return all_constant(expr->seq.items, expr->seq.count) && (!expr->seq.rest || is_constant(expr->seq.rest));
    case NST_EXPR_NAME: return is_ctor(expr);
    case NST_EXPR_CALL: return is_construction(expr);
    default: return false;
    }
}

// ---- Order ------------------------------------------------------------------------------

typedef struct Order {
    NstProgram *program;
    NstMvar **out;
    size_t count;
    bool *visited; // by file
} Order;

static const NstModule *file_module(const NstModule *module) {
    while (module->parent) module = module->parent;
    return module;
}

static void visit_file(Order *order, size_t index);

static void visit_module(Order *order, const NstModule *module) {
    for (size_t i = 0; i < order->program->file_count; i++)
        if (order->program->files[i].module == file_module(module)) visit_file(order, i);
}

// `use` items of the file, those of its inline modules included, in textual order of the blocks.
static void visit_uses(Order *order, const NstModule *module) {
    const NstScope *scope = nst_module_scope(module);
    for (size_t p = 0; p < scope->parts.count; p++)
        for (size_t i = 0; i < scope->parts.items[p]->uses.count; i++) {
            const NstItem *item = scope->parts.items[p]->uses.items[i];
            const NstModule *used = nst_find_module(order->program, item->use.path, item->use.path_len);
            if (used) visit_module(order, used);
        }
    for (size_t i = 0; i < scope->ordered.count; i++)
        if (scope->ordered.items[i]->module) visit_uses(order, scope->ordered.items[i]->module);
}

static void visit_file(Order *order, size_t index) {
    if (order->visited[index]) return;
    order->visited[index] = true;
    const NstModule *module = order->program->files[index].module;
    visit_uses(order, module);
    for (size_t i = 0; i < order->program->mvar_count; i++) {
        NstMvar *mvar = order->program->mvars[i];
        if (!mvar->constant_init && file_module(mvar->module) == module) order->out[order->count++] = mvar;
    }
}

// ---- Lock ranks -------------------------------------------------------------------------

static int compare_names(const void *a, const void *b) {
    const NstMvar *left = *(NstMvar *const *)a, *right = *(NstMvar *const *)b;
    char texts[2][512];
    const NstMvar *mvars[2] = {left, right};
    for (int i = 0; i < 2; i++)
        snprintf(texts[i], sizeof texts[i], "%s%s%s", mvars[i]->module->path_text.data,
                 mvars[i]->module->path_text.size ? "." : "", nst_name_text(mvars[i]->name));
    int order = strcmp(texts[0], texts[1]);
    return order ? order : (left->index > right->index) - (left->index < right->index);
}

static void rank_locks(NstProgram *program) {
    NstMvar **sorted = nst_arena_copy(program->arena, program->mvars, program->mvar_count * sizeof *sorted);
    if (program->mvar_count) qsort(sorted, program->mvar_count, sizeof *sorted, compare_names);
    for (size_t i = 0; i < program->mvar_count; i++) sorted[i]->lock_rank = (uint32_t)i;
}

void nst_order_mvars(NstProgram *program) {
    Order order = {.program = program};
    order.out = NST_NEW_ARRAY(program->arena, NstMvar *, program->mvar_count);
    order.visited = NST_NEW_ARRAY(program->arena, bool, program->file_count);
    for (size_t i = 0; i < program->mvar_count; i++) {
        NstMvar *mvar = program->mvars[i];
        mvar->constant_init = is_constant(mvar->init);
        if (mvar->constant_init) order.out[order.count++] = mvar;
    }
    if (program->entry) visit_module(&order, program->entry->module);
    for (size_t i = 0; i < program->file_count; i++) visit_file(&order, i);
    program->mvar_order = order.out;
    rank_locks(program);
}
