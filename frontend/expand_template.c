// One expansion: places, parameters, the new body or items.
#include "frontend/expand_internal.h"

#include <stdarg.h>
#include <stdio.h>

// ---- Places -----------------------------------------------------------------------------

static bool stands_in_file(const NstSources *sources, NstSpan span) {
    const NstSource *source = nst_source(sources, nst_origin(sources, span.origin).source);
    return source && !source->parent.origin;
}

uint32_t nst_expansion_source(NstExpansion *x, const char *text, size_t size) {
    return nst_sources_add_synthetic(x->expander->program->sources, x->place, x->template_->clause->name.name, text,
                                     size);
}

// The origin that stands for a stretch of a file; made when its first node is copied.
static uint32_t origin_for(NstExpansion *x, NstSpan range) {
    for (size_t i = 0; i < x->range_count; i++)
        if (memcmp(&x->ranges[i].from, &range, sizeof range) == 0) return x->ranges[i].origin;
    NstSources *sources = x->expander->program->sources;
    NstText text = nst_span_text(sources, range);
    uint32_t source = nst_expansion_source(x, text.data, text.size);
    nst_source(sources, source)->copy_of = range;
    NstCopiedRange copied = { range, nst_source(sources, source)->whole };
    NST_PUSH(x->arena, x->ranges, x->range_count, x->range_capacity, copied);
    return copied.origin;
}

NstSpan nst_expansion_span(NstExpansion *x, NstSpan span) {
    // Code of an inner expansion keeps its place: that leads to the decorator or call which produced it.
    if (!stands_in_file(x->expander->program->sources, span)) return span;
    NstSpan tree = x->tree;
    bool inside = span.origin == tree.origin && span.start >= tree.start && span.end <= tree.end;
    if (!inside) tree = span;
    return (NstSpan){ origin_for(x, tree), span.start - tree.start, span.end - tree.start };
}

void nst_expansion_error(NstExpansion *x, NstDiagKind kind, NstSpan span, const char *format, ...) {
    x->expander->failed = true;
    char text[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    nst_diag_add(x->expander->program->diags, kind, nst_expansion_span(x, span), "%s", text);
}

// ---- Copies -----------------------------------------------------------------------------

static NstSpan copied_span(void *context, NstSpan span) {
    return nst_expansion_span(context, span);
}

static bool copy_expr_hook(void *context, NstExpr *expr, NstExpr **copy) {
    NstExpansion *x = context;
    if (expr->kind == NST_EXPR_SPLICE) {
        *copy = nst_splice_expr(x, expr->unary.operand);
        return true;
    }
    if (expr->kind == NST_EXPR_QUOTE) {
        NstSequence stmts = { 0 };
        nst_quote_stmts(x, expr->unary.operand, &stmts);
        *copy = nst_expansion_block(x, &stmts, expr->span);
        return true;
    }
    if (!x->spliced || !nst_is_splice_form(x, expr)) return false;
    *copy = nst_splice_expr(x, expr);
    return true;
}

static bool copy_stmts_hook(void *context, NstStmt *stmt, NstSequence *out) {
    NstExpansion *x = context;
    if (stmt->kind != NST_STMT_EXPR) return false;
    NstExpr *value = stmt->value;
    if (value->kind == NST_EXPR_SPLICE) nst_splice_stmts(x, value->unary.operand, out);
    else if (value->kind == NST_EXPR_QUOTE) nst_quote_stmts(x, value->unary.operand, out);
    else if (x->spliced && nst_is_splice_form(x, value)) nst_splice_stmts(x, value, out);
    else return false;
    return true;
}

static bool copy_elements_hook(void *context, NstExpr *expr, NstExprKind within, NstSequence *out) {
    NstExpansion *x = context;
    bool splice = expr->kind == NST_EXPR_SPLICE || (x->spliced && nst_is_splice_form(x, expr));
    return splice && nst_splice_elements(x, expr, within, out);
}

static NstCopier copier_for(NstExpansion *x, bool splices) {
    NstCopier copier = { .arena = x->arena, .context = x, .span = copied_span, .node_limit = NST_EXPANSION_NODES };
    if (splices) {
        copier.expr = copy_expr_hook;
        copier.stmts = copy_stmts_hook;
        copier.elements = copy_elements_hook;
    }
    return copier;
}

NstExpr *nst_expansion_copy_tree(NstExpansion *x, NstExpr *tree) {
    NstCopier copier = copier_for(x, false);
    copier.nodes = x->expander->nodes;
    copier.depth = x->copier.depth;
    NstSpan outer = x->tree;
    x->tree = tree->span;
    NstExpr *copy = nst_copy_expr(&copier, tree);
    x->tree = outer;
    x->expander->nodes = copier.nodes;
    x->copier.overflow |= copier.overflow;
    return copy;
}

// ---- Expansion --------------------------------------------------------------------------

const NstMetaBinding *nst_template_bind(NstArena *arena, const NstItem *template_, const NstMeta *values) {
    const NstClause *clause = template_->clause;
    const NstMetaBinding *bindings = NULL;
    for (size_t i = 0; i < clause->param_count; i++) {
        NstMetaBinding binding = { bindings, clause->params[i].pattern->ident.name, values[i] };
        bindings = nst_arena_copy(arena, &binding, sizeof binding);
    }
    return bindings;
}

NstExpansion nst_expansion_begin(NstExpander *expander, const NstTemplateScope *scope, NstItem *template_,
                                 const NstMetaBinding *bindings, NstSpan place, unsigned depth) {
    return (NstExpansion){ .expander = expander,
                           .arena = expander->program->arena,
                           .scope = scope,
                           .template_ = template_,
                           .place = place,
                           .depth = depth,
                           .bindings = bindings,
                           .tree = template_->span };
}

// The statements of the template's body; a body that is no `quote` stands for itself.
static void expand_body(NstExpansion *x, NstSequence *out) {
    NstExpr *body = x->template_->clause->body_expr;
    x->copier = copier_for(x, true);
    x->copier.nodes = x->expander->nodes;
    if (body->kind == NST_EXPR_QUOTE) nst_quote_stmts(x, body->unary.operand, out);
    else nst_sequence_add_expr(x->arena, out, nst_copy_expr(&x->copier, body));
    if (x->copier.nodes > x->expander->nodes) x->expander->nodes = x->copier.nodes;
    if (x->copier.overflow || x->expander->nodes > NST_EXPANSION_NODES)
        nst_expansion_error(x, NST_DIAG_MISPLACED, x->template_->span, "the expansion of template `%s` is too large",
                            nst_name_text(x->template_->clause->name.name));
}

NstExpr *nst_expansion_body(NstExpansion *x) {
    NstSequence stmts = { 0 };
    expand_body(x, &stmts);
    NstSpan span = x->template_->clause->body_expr->span;
    if (!stmts.count && x->item_count) {
        nst_expansion_error(x, NST_DIAG_MISPLACED, span, "the expansion of template `%s` has no body, only definitions",
                            nst_name_text(x->template_->clause->name.name));
        return nst_expansion_error_expr(x, span);
    }
    return nst_expansion_block(x, &stmts, span);
}

// A function that the quoted block itself defines.
static void add_function(NstExpansion *x, NstClause *clause) {
    NstItem *item = NST_NEW(x->arena, NstItem);
    item->kind = NST_ITEM_FUNCTION;
    item->span = clause->span;
    item->clause = clause;
    NST_PUSH(x->arena, x->items, x->item_count, x->item_capacity, item);
}

void nst_expansion_items(NstExpansion *x) {
    NstSequence stmts = { 0 };
    x->for_type = true;
    expand_body(x, &stmts);
    for (size_t i = 0; i < stmts.count; i++) {
        NstStmt *stmt = stmts.stmts[i];
        for (size_t c = 0; c < stmt->clause_count; c++) add_function(x, stmt->clauses[c]);
        bool erroneous = stmt->kind == NST_STMT_EXPR && stmt->value->kind == NST_EXPR_ERROR;
        if (stmt->kind == NST_STMT_FUNCTION || erroneous) continue;
        nst_expansion_error(x, NST_DIAG_MISPLACED, stmt->span,
                            "template `%s` decorates a type: its items must be functions or implementations of traits",
                            nst_name_text(x->template_->clause->name.name));
    }
}
