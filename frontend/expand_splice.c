// What replaces a splice (templates.md 2).
#include "frontend/expand_internal.h"

NstExpr *nst_expansion_error_expr(NstExpansion *x, NstSpan span) {
    return nst_expr_new(x->arena, NST_EXPR_ERROR, nst_expansion_span(x, span));
}

NstExpr *nst_expansion_block(NstExpansion *x, const NstSequence *stmts, NstSpan span) {
    if (stmts->count == 1 && stmts->stmts[0]->kind == NST_STMT_EXPR) return stmts->stmts[0]->value;
    NstExpr *expr =
        nst_expr_new(x->arena, stmts->count ? NST_EXPR_BLOCK : NST_EXPR_LITERAL, nst_expansion_span(x, span));
    if (!stmts->count) {
        expr->literal.kind = NST_LIT_UNIT;
        return expr;
    }
    expr->block.stmts = stmts->stmts;
    expr->block.count = stmts->count;
    return expr;
}

void nst_quote_stmts(NstExpansion *x, NstExpr *quoted, NstSequence *out) {
    bool spliced = x->spliced;
    x->spliced = false;
    if (quoted->kind == NST_EXPR_BLOCK) nst_copy_block_stmts(&x->copier, quoted, out);
    else if (quoted->kind == NST_EXPR_SPLICE) nst_splice_stmts(x, quoted->unary.operand, out);
    else nst_sequence_add_expr(x->arena, out, nst_copy_expr(&x->copier, quoted));
    x->spliced = spliced;
}

// The operand as ordinary code in which template parameters are spliced.
static NstExpr *copy_spliced(NstExpansion *x, NstExpr *expr) {
    bool spliced = x->spliced;
    x->spliced = true;
    NstExpr *copy = nst_copy_expr(&x->copier, expr);
    x->spliced = spliced;
    return copy;
}

// ---- Forms ------------------------------------------------------------------------------

typedef enum Form {
    FORM_NONE,
    FORM_EVAL,
    FORM_COMPTIME,
    FORM_TO_VAR,
    FORM_PARAM,
    FORM_GENSYM,
} Form;

static Form form_of(const NstExpr *expr) {
    static const char *const names[] = { [FORM_EVAL] = "eval",
                                         [FORM_COMPTIME] = "comptime",
                                         [FORM_TO_VAR] = "toVar",
                                         [FORM_PARAM] = "param",
                                         [FORM_GENSYM] = "gensym" };
    if (expr->kind != NST_EXPR_CALL || expr->call.callee->kind != NST_EXPR_NAME || expr->call.arg_count != 1)
        return FORM_NONE;
    for (int form = FORM_EVAL; form <= FORM_GENSYM; form++)
        if (strcmp(names[form], nst_name_text(expr->call.callee->name.ident.name)) == 0) return (Form)form;
    return FORM_NONE;
}

static bool rooted_in_binding(const NstExpansion *x, const NstExpr *expr) {
    for (;;) {
        switch (expr->kind) {
        case NST_EXPR_NAME: return nst_meta_binding(x, expr->name.ident.name) != NULL;
        case NST_EXPR_SPLICE: expr = expr->unary.operand; break;
        case NST_EXPR_FIELD: expr = expr->field.receiver; break;
        case NST_EXPR_INDEX: expr = expr->index.receiver; break;
        case NST_EXPR_METHOD: expr = expr->call.callee; break;
        default: return false;
        }
    }
}

// An argument that is a tree has no attributes: `e.length()` is code about its value.
static bool is_tree(const NstExpansion *x, const NstExpr *expr) {
    while (expr->kind != NST_EXPR_NAME) {
        if (expr->kind == NST_EXPR_FIELD) expr = expr->field.receiver;
        else if (expr->kind == NST_EXPR_INDEX) expr = expr->index.receiver;
        else if (expr->kind == NST_EXPR_METHOD) expr = expr->call.callee;
        else if (expr->kind == NST_EXPR_SPLICE) expr = expr->unary.operand;
        else return false;
    }
    const NstMeta *bound = nst_meta_binding(x, expr->name.ident.name);
    return bound && bound->kind == NST_META_TREE;
}

bool nst_is_splice_form(const NstExpansion *x, const NstExpr *expr) {
    if (form_of(expr) != FORM_NONE) return true;
    return rooted_in_binding(x, expr) && (expr->kind == NST_EXPR_NAME || !is_tree(x, expr));
}

// `xs.map(v => t)`, where xs is a list; false if the expression is something else. ERROR has been reported.
static bool map_parts(NstExpansion *x, NstExpr *expr, NstMeta *list, NstMetaStatus *status) {
    if (expr->kind != NST_EXPR_METHOD || strcmp(nst_name_text(expr->call.method.name), "map") != 0) return false;
    if (expr->call.arg_count != 1) return false;
    const NstExpr *function = expr->call.args[0].value;
    if (function->kind != NST_EXPR_LAMBDA || function->lambda->param_count != 1) return false;
    NstPatternKind kind = function->lambda->params[0].pattern->kind;
    if (kind != NST_PAT_NAME && kind != NST_PAT_WILDCARD) return false;
    *status = nst_meta_eval(x, expr->call.callee, list);
    return *status == NST_META_ERROR || (*status == NST_META_OK && list->kind == NST_META_LIST);
}

// A branch of `~if` or the body of a `map` is code unless it says something about what the template knows.
static bool is_plain_code(NstExpansion *x, NstExpr *expr) {
    bool asks = expr->kind == NST_EXPR_NAME || expr->kind == NST_EXPR_CALL || expr->kind == NST_EXPR_METHOD ||
                expr->kind == NST_EXPR_INDEX || expr->kind == NST_EXPR_FIELD;
    if (!asks || form_of(expr) != FORM_NONE) return false;
    if (expr->kind == NST_EXPR_METHOD && rooted_in_binding(x, expr)) return false;
    if (expr->kind == NST_EXPR_CALL && expr->call.callee->kind == NST_EXPR_NAME &&
        nst_template_find(x->scope, expr->call.callee->name.ident.name))
        return false;
    NstMeta value;
    return nst_meta_eval(x, expr, &value) == NST_META_OPEN;
}

static void splice_part(NstExpansion *x, NstExpr *part, NstSequence *out) {
    if (is_plain_code(x, part)) nst_sequence_add_expr(x->arena, out, copy_spliced(x, part));
    else nst_splice_stmts(x, part, out);
}

static void map_stmts(NstExpansion *x, const NstExpr *expr, const NstMeta *list, NstSequence *out) {
    const NstLambda *function = expr->call.args[0].value->lambda;
    const NstMetaBinding *outer = x->bindings;
    for (size_t i = 0; i < list->count; i++) {
        NstMetaBinding binding = { outer, function->params[0].pattern->ident.name, list->items[i] };
        x->bindings = &binding;
        splice_part(x, function->body_expr, out);
    }
    x->bindings = outer;
}

// `~param(i)`: by the name that the parameter has.
static NstExpr *splice_param(NstExpansion *x, NstExpr *call) {
    const NstMeta *fn = nst_meta_binding(x, nst_name_z("fn"));
    const NstClause *template_ = x->template_->clause;
    bool named = template_->param_count && template_->params[0].pattern->kind == NST_PAT_NAME &&
                 strcmp(nst_name_text(template_->params[0].pattern->ident.name), "fn") == 0;
    if (!named || !fn || fn->kind != NST_META_FUNCTION) {
        nst_expansion_error(
            x, NST_DIAG_MISPLACED, call->span,
            "`param` refers to the decorated function: the template's first parameter must be called `fn`");
        return nst_expansion_error_expr(x, call->span);
    }
    NstMeta index, params, name;
    NstText attribute = { "params", 6 }, name_attribute = { "name", 4 };
    NstMetaStatus status = nst_meta_number(x, call->call.args[0].value, &index.integer);
    if (status == NST_META_OK) status = nst_meta_attribute(x, fn, attribute, call->span, &params);
    if (status == NST_META_OK && (index.integer < 0 || (uint64_t)index.integer >= params.count)) {
        nst_expansion_error(x, NST_DIAG_MISPLACED, call->span,
                            "`%s` has %zu parameter%s, there is none with number %lld",
                            nst_name_text(fn->item->clause->name.name), params.count, params.count == 1 ? "" : "s",
                            (long long)index.integer);
        status = NST_META_ERROR;
    }
    if (status == NST_META_OK)
        status = nst_meta_attribute(x, &params.items[index.integer], name_attribute, call->span, &name);
    if (status == NST_META_OPEN)
        nst_expansion_error(x, NST_DIAG_MISPLACED, call->span, "the parameter's number is not known at compile time");
    return status == NST_META_OK ? nst_eval_variable(x, name.text, call->span)
                                 : nst_expansion_error_expr(x, call->span);
}

static NstExpr *splice_to_var(NstExpansion *x, NstExpr *call) {
    NstText name;
    NstMetaStatus status = nst_meta_text(x, call->call.args[0].value, &name);
    if (status == NST_META_OK) return nst_eval_variable(x, name, call->span);
    if (status == NST_META_OPEN)
        nst_expansion_error(x, NST_DIAG_MISPLACED, call->span, "the variable's name is not known at compile time");
    return nst_expansion_error_expr(x, call->span);
}

// ---- Values -----------------------------------------------------------------------------

// What is left: a value, or code about values.
static NstExpr *splice_value(NstExpansion *x, NstExpr *operand) {
    NstMeta value;
    NstMetaStatus status = nst_meta_eval(x, operand, &value);
    if (status == NST_META_OK) return nst_meta_expr(x, &value, operand->span);
    if (status == NST_META_ERROR) return nst_expansion_error_expr(x, operand->span);
    const NstExpr *asked = operand;
    while (asked->kind == NST_EXPR_FIELD || asked->kind == NST_EXPR_INDEX)
        asked = asked->kind == NST_EXPR_FIELD ? asked->field.receiver : asked->index.receiver;
    if (asked->kind == NST_EXPR_NAME && !nst_meta_binding(x, asked->name.ident.name)) {
        nst_expansion_error(x, NST_DIAG_UNKNOWN_NAME, asked->span, "template `%s` has no parameter `%s`",
                            nst_name_text(x->template_->clause->name.name), nst_name_text(asked->name.ident.name));
        return nst_expansion_error_expr(x, operand->span);
    }
    if (operand->kind == NST_EXPR_CALL && operand->call.callee->kind == NST_EXPR_NAME) {
        NstItem *template_ = nst_template_find(x->scope, operand->call.callee->name.ident.name);
        if (template_) return nst_expand_nested_call(x, operand, template_);
    }
    bool code = operand->kind != NST_EXPR_CALL && operand->kind != NST_EXPR_METHOD && operand->kind != NST_EXPR_INDEX &&
                operand->kind != NST_EXPR_FIELD;
    if (code || is_tree(x, operand)) {
        NstExpr *copy = copy_spliced(x, operand);
        return copy;
    }
    nst_expansion_error(x, NST_DIAG_MISPLACED, operand->span, "this cannot be computed at compile time");
    return nst_expansion_error_expr(x, operand->span);
}

static NstExpr *splice_form(NstExpansion *x, NstExpr *operand, Form form) {
    switch (form) {
    case FORM_EVAL: return nst_eval_expr(x, operand->call.args[0].value, operand->span);
    case FORM_COMPTIME: return nst_eval_comptime(x, operand->call.args[0].value, operand->span);
    case FORM_TO_VAR: return splice_to_var(x, operand);
    case FORM_PARAM: return splice_param(x, operand);
    default: return splice_value(x, operand);
    }
}

// ---- Positions --------------------------------------------------------------------------

static void add_value(NstExpansion *x, NstExpr *operand, NstSequence *out) {
    // The decorated type itself stands in the module whether it is mentioned or not.
    NstMeta value;
    if (x->for_type && x->copier.depth == 0 && operand->kind == NST_EXPR_NAME &&
        nst_meta_eval(x, operand, &value) == NST_META_OK && value.kind == NST_META_TYPE)
        return;
    nst_sequence_add_expr(x->arena, out, splice_value(x, operand));
}

static void splice_if(NstExpansion *x, NstExpr *operand, NstSequence *out) {
    bool condition;
    NstMetaStatus status = nst_meta_condition(x, operand->branch.cond, &condition);
    if (status == NST_META_ERROR) {
        nst_sequence_add_expr(x->arena, out, nst_expansion_error_expr(x, operand->span));
        return;
    }
    if (status == NST_META_OPEN) {
        nst_sequence_add_expr(x->arena, out, copy_spliced(x, operand));
        return;
    }
    NstExpr *branch = condition ? operand->branch.then : operand->branch.otherwise;
    if (branch) splice_part(x, branch, out);
}

static bool is_static_list(NstExpansion *x, NstExpr *expr, NstMeta *list) {
    return nst_meta_eval(x, expr, list) == NST_META_OK && list->kind == NST_META_LIST;
}

void nst_splice_stmts(NstExpansion *x, NstExpr *operand, NstSequence *out) {
    bool spliced = x->spliced;
    x->spliced = true;
    NstMeta list, mapped;
    NstMetaStatus status;
    Form form = form_of(operand);
    if (operand->kind == NST_EXPR_SPLICE) nst_splice_stmts(x, operand->unary.operand, out);
    else if (operand->kind == NST_EXPR_QUOTE) nst_quote_stmts(x, operand->unary.operand, out);
    else if (operand->kind == NST_EXPR_BLOCK) nst_copy_block_stmts(&x->copier, operand, out);
    else if (operand->kind == NST_EXPR_IF) splice_if(x, operand, out);
    else if (form == FORM_EVAL) nst_eval_stmts(x, operand->call.args[0].value, operand->span, out);
    else if (form != FORM_NONE) nst_sequence_add_expr(x->arena, out, splice_form(x, operand, form));
    else if (map_parts(x, operand, &list, &status)) {
        if (status == NST_META_ERROR) nst_sequence_add_expr(x->arena, out, nst_expansion_error_expr(x, operand->span));
        else if (list.count && is_static_list(x, operand, &mapped))
            nst_sequence_add_expr(x->arena, out, nst_meta_expr(x, &mapped, operand->span));
        else map_stmts(x, operand, &list, out);
    } else add_value(x, operand, out);
    x->spliced = spliced;
}

// The expansions of a `map` as list elements.
static void map_elements(NstExpansion *x, const NstExpr *operand, const NstMeta *list, NstSequence *out) {
    const NstLambda *function = operand->call.args[0].value->lambda;
    const NstMetaBinding *outer = x->bindings;
    for (size_t i = 0; i < list->count; i++) {
        NstMetaBinding binding = { outer, function->params[0].pattern->ident.name, list->items[i] };
        x->bindings = &binding;
        NstExpr *body = function->body_expr;
        nst_sequence_add_expr(x->arena, out, is_plain_code(x, body) ? copy_spliced(x, body) : nst_splice_expr(x, body));
    }
    x->bindings = outer;
}

NstExpr *nst_splice_expr(NstExpansion *x, NstExpr *operand) {
    Form form = form_of(operand);
    if (form != FORM_NONE) return splice_form(x, operand, form);
    NstMeta list, mapped;
    NstMetaStatus status;
    switch (operand->kind) {
    case NST_EXPR_SPLICE: return nst_splice_expr(x, operand->unary.operand);
    case NST_EXPR_QUOTE:
    case NST_EXPR_BLOCK:
    case NST_EXPR_IF: {
        NstSequence stmts = { 0 };
        nst_splice_stmts(x, operand, &stmts);
        return nst_expansion_block(x, &stmts, operand->span);
    }
    case NST_EXPR_METHOD:
        if (map_parts(x, operand, &list, &status) && status == NST_META_OK) {
            if (is_static_list(x, operand, &mapped)) return nst_meta_expr(x, &mapped, operand->span);
            NstSequence elements = { 0 };
            map_elements(x, operand, &list, &elements);
            NstExpr *expr = nst_expr_new(x->arena, NST_EXPR_LIST, nst_expansion_span(x, operand->span));
            expr->seq.count = elements.count;
            expr->seq.items = NST_NEW_ARRAY(x->arena, NstExpr *, elements.count);
            for (size_t i = 0; i < elements.count; i++) expr->seq.items[i] = elements.stmts[i]->value;
            return expr;
        }
        return splice_value(x, operand);
    default: return splice_value(x, operand);
    }
}

bool nst_splice_elements(NstExpansion *x, NstExpr *operand, NstExprKind within, NstSequence *out) {
    while (operand->kind == NST_EXPR_SPLICE) operand = operand->unary.operand;
    NstMeta list, mapped;
    NstMetaStatus status;
    if (!map_parts(x, operand, &list, &status) || status != NST_META_OK) return false;
    // Values together are one argument or tuple element, a list; expressions are as many.
    bool elements = within == NST_EXPR_LIST || within == NST_EXPR_SET;
    if (!elements && list.count && is_static_list(x, operand, &mapped)) {
        nst_sequence_add_expr(x->arena, out, nst_meta_expr(x, &mapped, operand->span));
        return true;
    }
    map_elements(x, operand, &list, out);
    return true;
}
