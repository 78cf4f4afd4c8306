// Compile-time values (templates.md 4).
#include "frontend/expand_internal.h"

#include <inttypes.h>

static NstMeta of_int(int64_t integer) {
    return (NstMeta){ .kind = NST_META_INT, .integer = integer };
}

static NstMeta of_bool(bool boolean) {
    return (NstMeta){ .kind = NST_META_BOOL, .boolean = boolean };
}

NstMeta nst_meta_of_text(NstText text) {
    return (NstMeta){ .kind = NST_META_TEXT, .text = text };
}

const NstMeta *nst_meta_binding(const NstExpansion *x, NstName name) {
    for (const NstMetaBinding *binding = x->bindings; binding; binding = binding->outer)
        if (binding->name == name) return &binding->value;
    return NULL;
}

// ---- Trees ------------------------------------------------------------------------------

// A tree that came in from outside is a value if its own code is one; template parameters mean nothing in it.
static NstMetaStatus eval_tree(NstExpansion *x, NstExpr *tree, NstMeta *value) {
    const NstMetaBinding *bindings = x->bindings;
    NstSpan outer = x->tree;
    x->bindings = NULL;
    x->tree = tree->span;
    NstMetaStatus status = nst_meta_eval(x, tree, value);
    x->bindings = bindings;
    x->tree = outer;
    return status;
}

// The value for an operation that needs a text, number or Bool.
static NstMetaStatus eval_scalar(NstExpansion *x, NstExpr *expr, NstMeta *value) {
    NstMetaStatus status = nst_meta_eval(x, expr, value);
    if (status == NST_META_OK && value->kind == NST_META_TREE) return eval_tree(x, value->tree, value);
    return status;
}

static bool text_of_scalar(NstExpansion *x, const NstMeta *value, NstText *text) {
    switch (value->kind) {
    case NST_META_TEXT: *text = value->text; return true;
    case NST_META_INT: text->data = nst_arena_printf(x->arena, "%" PRId64, value->integer); break;
    case NST_META_BOOL: text->data = value->boolean ? "true" : "false"; break;
    default: return false;
    }
    text->size = strlen(text->data);
    return true;
}

// ---- Operators --------------------------------------------------------------------------

static NstMetaStatus eval_literal(const NstLiteral *literal, NstMeta *value) {
    switch (literal->kind) {
    case NST_LIT_STRING: *value = nst_meta_of_text(literal->text); return NST_META_OK;
    case NST_LIT_INT: *value = of_int(literal->integer); return NST_META_OK;
    case NST_LIT_BOOL: *value = of_bool(literal->boolean); return NST_META_OK;
    default: return NST_META_OPEN;
    }
}

// As Int arithmetic does at run time, where it does not raise.
static NstMetaStatus eval_arithmetic(NstOperator op, int64_t left, int64_t right, NstMeta *value) {
    int64_t result;
    switch (op) {
    case NST_OP_ADD: result = (int64_t)((uint64_t)left + (uint64_t)right); break;
    case NST_OP_SUB: result = (int64_t)((uint64_t)left - (uint64_t)right); break;
    case NST_OP_MUL: result = (int64_t)((uint64_t)left * (uint64_t)right); break;
    case NST_OP_DIV:
    case NST_OP_MOD:
        if (right == 0) return NST_META_OPEN;
        if (right == -1) result = op == NST_OP_DIV ? (int64_t)(0 - (uint64_t)left) : 0;
        else result = op == NST_OP_DIV ? left / right : left % right;
        break;
    default: return NST_META_OPEN;
    }
    *value = of_int(result);
    return NST_META_OK;
}

static NstMetaStatus eval_comparison(NstExpansion *x, NstOperator op, const NstMeta *left, const NstMeta *right,
                                     NstMeta *value) {
    int order;
    if (left->kind == NST_META_INT && right->kind == NST_META_INT) {
        order = left->integer < right->integer ? -1 : left->integer > right->integer;
    } else if (op != NST_OP_EQ && op != NST_OP_NE) {
        return NST_META_OPEN;
    } else if (left->kind == NST_META_BOOL && right->kind == NST_META_BOOL) {
        order = left->boolean != right->boolean;
    } else if (left->kind == NST_META_TEXT && right->kind == NST_META_TEXT) {
        NstText a, b;
        text_of_scalar(x, left, &a);
        text_of_scalar(x, right, &b);
        order = a.size != b.size || memcmp(a.data, b.data, a.size) != 0;
    } else {
        return NST_META_OPEN;
    }
    *value = of_bool(op == NST_OP_EQ   ? order == 0
                     : op == NST_OP_NE ? order != 0
                     : op == NST_OP_LT ? order < 0
                     : op == NST_OP_LE ? order <= 0
                     : op == NST_OP_GT ? order > 0
                                       : order >= 0);
    return NST_META_OK;
}

static NstMetaStatus concat(NstExpansion *x, const NstMeta *left, const NstMeta *right, NstMeta *value) {
    NstText a, b;
    if (!text_of_scalar(x, left, &a) || !text_of_scalar(x, right, &b)) return NST_META_OPEN;
    char *text = nst_arena_alloc(x->arena, a.size + b.size + 1);
    if (a.size) memcpy(text, a.data, a.size);
    if (b.size) memcpy(text + a.size, b.data, b.size);
    text[a.size + b.size] = 0;
    *value = nst_meta_of_text((NstText){ text, a.size + b.size });
    return NST_META_OK;
}

static NstMetaStatus eval_logic(NstExpansion *x, NstExpr *expr, NstMeta *value) {
    NstMetaStatus status = eval_scalar(x, expr->binary.left, value);
    if (status != NST_META_OK) return status;
    if (value->kind != NST_META_BOOL) return NST_META_OPEN;
    if (value->boolean == (expr->binary.op == NST_OP_OR)) return NST_META_OK;
    status = eval_scalar(x, expr->binary.right, value);
    return status == NST_META_OK && value->kind != NST_META_BOOL ? NST_META_OPEN : status;
}

static NstMetaStatus eval_binary(NstExpansion *x, NstExpr *expr, NstMeta *value) {
    NstOperator op = expr->binary.op;
    if (op == NST_OP_AND || op == NST_OP_OR) return eval_logic(x, expr, value);
    NstMeta left, right;
    NstMetaStatus status = eval_scalar(x, expr->binary.left, &left);
    if (status == NST_META_OK) status = eval_scalar(x, expr->binary.right, &right);
    if (status != NST_META_OK) return status;
    if (op == NST_OP_CONCAT) return concat(x, &left, &right, value);
    if (op >= NST_OP_EQ && op <= NST_OP_GE) return eval_comparison(x, op, &left, &right, value);
    if (left.kind != NST_META_INT || right.kind != NST_META_INT) return NST_META_OPEN;
    return eval_arithmetic(op, left.integer, right.integer, value);
}

static NstMetaStatus eval_unary(NstExpansion *x, NstExpr *expr, NstMeta *value) {
    NstMetaStatus status = eval_scalar(x, expr->binary.left, value);
    if (status != NST_META_OK) return status;
    if (expr->binary.op == NST_OP_NOT && value->kind == NST_META_BOOL) value->boolean = !value->boolean;
    else if (expr->binary.op == NST_OP_NEG && value->kind == NST_META_INT)
        value->integer = (int64_t)(0 - (uint64_t)value->integer);
    else return NST_META_OPEN;
    return NST_META_OK;
}

// ---- Lists ------------------------------------------------------------------------------

static NstMetaStatus eval_index(NstExpansion *x, NstExpr *expr, NstMeta *value) {
    NstMeta list, index;
    NstMetaStatus status = nst_meta_eval(x, expr->index.receiver, &list);
    if (status == NST_META_OK && list.kind == NST_META_TREE) return NST_META_OPEN;
    if (status == NST_META_OK) status = eval_scalar(x, expr->index.index, &index);
    if (status != NST_META_OK) return status;
    if (index.kind == NST_META_TEXT) return nst_meta_attribute(x, &list, index.text, expr->span, value);
    if (index.kind != NST_META_INT || list.kind != NST_META_LIST) return NST_META_OPEN;
    if (index.integer < 0 || (uint64_t)index.integer >= list.count) {
        nst_expansion_error(x, NST_DIAG_MISPLACED, expr->span,
                            "index %" PRId64 " is out of range: the list has %zu element%s", index.integer, list.count,
                            list.count == 1 ? "" : "s");
        return NST_META_ERROR;
    }
    *value = list.items[index.integer];
    return NST_META_OK;
}

static bool calls_method(const NstExpr *expr, const char *name) {
    return expr->kind == NST_EXPR_METHOD && expr->call.arg_count == 1 &&
           strcmp(nst_name_text(expr->call.method.name), name) == 0;
}

// `xs.map(v => t)` where every t is a value.
static NstMetaStatus eval_map(NstExpansion *x, NstExpr *expr, NstMeta *value) {
    NstExpr *function = expr->call.args[0].value;
    if (function->kind != NST_EXPR_LAMBDA || function->lambda->param_count != 1 ||
        function->lambda->params[0].pattern->kind != NST_PAT_NAME)
        return NST_META_OPEN;
    NstMeta list;
    NstMetaStatus status = nst_meta_eval(x, expr->call.callee, &list);
    if (status != NST_META_OK) return status;
    if (list.kind != NST_META_LIST) return NST_META_OPEN;
    NstMeta *items = NST_NEW_ARRAY(x->arena, NstMeta, list.count);
    const NstMetaBinding *outer = x->bindings;
    for (size_t i = 0; i < list.count && status == NST_META_OK; i++) {
        NstMetaBinding binding = { outer, function->lambda->params[0].pattern->ident.name, list.items[i] };
        x->bindings = &binding;
        status = nst_meta_eval(x, function->lambda->body_expr, &items[i]);
    }
    x->bindings = outer;
    *value = (NstMeta){ .kind = NST_META_LIST, .items = items, .count = list.count };
    return status;
}

static NstMetaStatus eval_join(NstExpansion *x, NstExpr *expr, NstMeta *value) {
    NstMeta list, separator;
    NstMetaStatus status = nst_meta_eval(x, expr->call.callee, &list);
    if (status == NST_META_OK && list.kind != NST_META_LIST) return NST_META_OPEN;
    if (status == NST_META_OK) status = eval_scalar(x, expr->call.args[0].value, &separator);
    if (status != NST_META_OK) return status;
    *value = nst_meta_of_text((NstText){ "", 0 });
    for (size_t i = 0; i < list.count && status == NST_META_OK; i++) {
        NstMeta element = list.items[i];
        if (element.kind == NST_META_TREE) status = eval_tree(x, element.tree, &element);
        if (i && status == NST_META_OK) status = concat(x, value, &separator, value);
        if (status == NST_META_OK) status = concat(x, value, &element, value);
    }
    return status;
}

// ---- Everything -------------------------------------------------------------------------

static bool calls_name(const NstExpr *expr, const char *name) {
    return expr->call.callee->kind == NST_EXPR_NAME && expr->call.arg_count == 1 &&
           strcmp(nst_name_text(expr->call.callee->name.ident.name), name) == 0;
}

static NstMetaStatus eval_call(NstExpansion *x, NstExpr *expr, NstMeta *value) {
    if (calls_name(expr, "comptime")) {
        NstExpr *computed = nst_eval_comptime(x, expr->call.args[0].value, expr->span);
        if (computed->kind == NST_EXPR_ERROR) return NST_META_ERROR;
        return computed->kind == NST_EXPR_LITERAL ? eval_literal(&computed->literal, value) : NST_META_OPEN;
    }
    if (!calls_name(expr, "gensym")) return NST_META_OPEN;
    NstText prefix;
    NstMetaStatus status = nst_meta_text(x, expr->call.args[0].value, &prefix);
    if (status != NST_META_OK) return status;
    char *text = nst_arena_printf(x->arena, "%.*s_%" PRId64, (int)prefix.size, prefix.data, x->expander->gensym++);
    *value = nst_meta_of_text((NstText){ text, strlen(text) });
    return NST_META_OK;
}

static NstMetaStatus eval_string(NstExpansion *x, NstExpr *expr, NstMeta *value) {
    NstMetaStatus status = NST_META_OK;
    *value = nst_meta_of_text((NstText){ "", 0 });
    for (size_t i = 0; i < expr->string.part_count && status == NST_META_OK; i++) {
        const NstStringPart *part = &expr->string.parts[i];
        NstMeta piece = nst_meta_of_text(part->text);
        if (part->expr) status = eval_scalar(x, part->expr, &piece);
        if (status == NST_META_OK) status = concat(x, value, &piece, value);
    }
    return status;
}

static NstMetaStatus eval_field(NstExpansion *x, NstExpr *expr, NstMeta *value) {
    NstMeta of;
    NstMetaStatus status = nst_meta_eval(x, expr->field.receiver, &of);
    if (status != NST_META_OK) return status;
    const char *name = nst_name_text(expr->field.field.name);
    return nst_meta_attribute(x, &of, (NstText){ name, strlen(name) }, expr->span, value);
}

static NstMetaStatus eval_if(NstExpansion *x, NstExpr *expr, NstMeta *value) {
    bool condition;
    NstMetaStatus status = nst_meta_condition(x, expr->branch.cond, &condition);
    if (status != NST_META_OK) return status;
    NstExpr *branch = condition ? expr->branch.then : expr->branch.otherwise;
    return branch ? nst_meta_eval(x, branch, value) : NST_META_OPEN;
}

static NstMetaStatus eval(NstExpansion *x, NstExpr *expr, NstMeta *value) {
    switch (expr->kind) {
    case NST_EXPR_LITERAL: return eval_literal(&expr->literal, value);
    case NST_EXPR_STRING: return eval_string(x, expr, value);
    case NST_EXPR_SPLICE: return nst_meta_eval(x, expr->unary.operand, value);
    case NST_EXPR_NAME: {
        const NstMeta *bound = nst_meta_binding(x, expr->name.ident.name);
        if (bound) *value = *bound;
        return bound ? NST_META_OK : NST_META_OPEN;
    }
    case NST_EXPR_FIELD: return eval_field(x, expr, value);
    case NST_EXPR_INDEX: return eval_index(x, expr, value);
    case NST_EXPR_METHOD:
        return calls_method(expr, "map")    ? eval_map(x, expr, value)
               : calls_method(expr, "join") ? eval_join(x, expr, value)
                                            : NST_META_OPEN;
    case NST_EXPR_CALL: return eval_call(x, expr, value);
    case NST_EXPR_UNARY: return eval_unary(x, expr, value);
    case NST_EXPR_BINARY: return eval_binary(x, expr, value);
    case NST_EXPR_IF: return eval_if(x, expr, value);
    case NST_EXPR_BLOCK:
        if (expr->block.count == 1 && expr->block.stmts[0]->kind == NST_STMT_EXPR)
            return nst_meta_eval(x, expr->block.stmts[0]->value, value);
        return NST_META_OPEN;
    default: return NST_META_OPEN;
    }
}

NstMetaStatus nst_meta_eval(NstExpansion *x, NstExpr *expr, NstMeta *value) {
    if (x->copier.depth >= NST_EXPANSION_EVAL_DEPTH) return NST_META_OPEN;
    int64_t gensym = x->expander->gensym;
    x->copier.depth++;
    NstMetaStatus status = eval(x, expr, value);
    x->copier.depth--;
    if (status == NST_META_OPEN) x->expander->gensym = gensym; // it did not happen
    return status;
}

NstMetaStatus nst_meta_text(NstExpansion *x, NstExpr *expr, NstText *text) {
    NstMeta value;
    NstMetaStatus status = eval_scalar(x, expr, &value);
    return status == NST_META_OK && !text_of_scalar(x, &value, text) ? NST_META_OPEN : status;
}

NstMetaStatus nst_meta_number(NstExpansion *x, NstExpr *expr, int64_t *number) {
    NstMeta value;
    NstMetaStatus status = eval_scalar(x, expr, &value);
    if (status == NST_META_OK && value.kind != NST_META_INT) return NST_META_OPEN;
    if (status == NST_META_OK) *number = value.integer;
    return status;
}

NstMetaStatus nst_meta_condition(NstExpansion *x, NstExpr *expr, bool *condition) {
    NstMeta value;
    NstMetaStatus status = eval_scalar(x, expr, &value);
    if (status == NST_META_OK && value.kind != NST_META_BOOL) return NST_META_OPEN;
    if (status == NST_META_OK) *condition = value.boolean;
    return status;
}

// ---- As code ----------------------------------------------------------------------------

static NstExpr *literal(NstExpansion *x, NstLiteral value, NstSpan span) {
    NstExpr *expr = nst_expr_new(x->arena, NST_EXPR_LITERAL, span);
    expr->literal = value;
    return expr;
}

static NstExpr *list_expr(NstExpansion *x, const NstMeta *list, NstSpan span) {
    NstExpr *expr = nst_expr_new(x->arena, NST_EXPR_LIST, span);
    expr->seq.items = NST_NEW_ARRAY(x->arena, NstExpr *, list->count);
    expr->seq.count = list->count;
    for (size_t i = 0; i < list->count; i++) expr->seq.items[i] = nst_meta_expr(x, &list->items[i], span);
    return expr;
}

NstExpr *nst_meta_expr(NstExpansion *x, const NstMeta *value, NstSpan span) {
    switch (value->kind) {
    case NST_META_TREE: return nst_expansion_copy_tree(x, value->tree);
    case NST_META_TEXT:
        return literal(x, (NstLiteral){ .kind = NST_LIT_STRING, .text = value->text }, nst_expansion_span(x, span));
    case NST_META_INT:
        return literal(x, (NstLiteral){ .kind = NST_LIT_INT, .integer = value->integer }, nst_expansion_span(x, span));
    case NST_META_BOOL:
        return literal(x, (NstLiteral){ .kind = NST_LIT_BOOL, .boolean = value->boolean }, nst_expansion_span(x, span));
    case NST_META_LIST: return list_expr(x, value, nst_expansion_span(x, span));
    case NST_META_FUNCTION: {
        NstExpr *expr = nst_expr_new(x->arena, NST_EXPR_NAME, nst_expansion_span(x, span));
        expr->name.ident = (NstIdent){ value->item->clause->name.name, expr->span };
        return expr;
    }
    case NST_META_TYPE:
    case NST_META_MEMBER: break;
    }
    nst_expansion_error(x, NST_DIAG_MISPLACED, span, "a %s is no expression; splice one of its attributes",
                        value->kind == NST_META_TYPE ? "type definition" : "parameter, field or constructor");
    return nst_expansion_error_expr(x, span);
}
