// Expressions: operators, postfix forms, literals and collections. Keyword forms are in lower_control.c.
#include "frontend/lower_internal.h"

#include <stdlib.h>

NstExpr *nst_lower_new_expr(const NstLower *lower, NstExprKind kind, const NstNode *node) {
    NstExpr *expr = NST_NEW(lower->arena, NstExpr);
    expr->kind = kind;
    expr->span = nst_lower_span(lower, node);
    return expr;
}

NstExpr *nst_lower_expr_field(NstLower *lower, const NstNode *node, NstField field) {
    const NstNode *child = nst_node_field(node, field);
    return child ? nst_lower_expr(lower, child) : NULL;
}

NstExpr **nst_lower_exprs(NstLower *lower, const NstNode *node, size_t *count) {
    NstExpr **items = NULL;
    size_t capacity = 0;
    *count = 0;
    for (uint32_t i = 0; i < node->child_count; i++) {
        const NstNode *child = &node->children[i];
        if (child->kind == NST_NODE_TOKEN || child->field == NST_FIELD_TAIL) continue;
        NstExpr *item = nst_lower_expr(lower, child);
        NST_PUSH(lower->arena, items, *count, capacity, item);
    }
    return items;
}

// A form that only a pattern or type may have, where an expression is wanted: reported at its first token that no
// expression could have there.
static NstExpr *misused_cover(NstLower *lower, const NstNode *node) {
    static const struct {
        uint16_t kind;
        const char *token, *message;
    } forms[] = {
        { NST_NODE_range, "..", "a range is written inside list brackets only: `[a..b]`" },
        { NST_NODE_range, "..=", "a range is written inside list brackets only: `[a..=b]`" },
        { NST_NODE_alternative_cover, "|", "`|` is not an operator of expressions" },
        { NST_NODE_function_type, "->", "`->` cannot stand here; a lambda is written `x => e`" },
        { NST_NODE_typed_element, ":", "a type annotation cannot stand in an expression" },
        { NST_NODE_record_field, ":",
          "a block cannot hold fields: a record is made by its constructor, `Point(x: 1)`, "
          "a map with `%{…}`" },
        { NST_NODE_pin_pattern, "^", "`^` stands only in patterns" },
    };
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        const NstNode *token = forms[i].kind == node->kind ? nst_lower_find_token(lower, node, forms[i].token) : NULL;
        if (!token) continue;
        nst_lower_problem_at(lower, token, forms[i].message);
        return nst_lower_new_expr(lower, NST_EXPR_ERROR, node);
    }
    if (node->kind == NST_NODE_record_pattern_cover) node = nst_node_field(node, NST_FIELD_FIELDS);
    NstRange at = { node->start, node->start + 1 };
    nst_lower_problem(lower, at, "a record or variant is built with parentheses: `Point(x: 1, y: 2)`",
                      "an expression is expected here");
    return nst_lower_new_expr(lower, NST_EXPR_ERROR, node);
}

// ---- Primary expressions ----------------------------------------------------------------

static NstExpr *lower_name(NstLower *lower, const NstNode *node) {
    NstExpr *expr = nst_lower_new_expr(lower, NST_EXPR_NAME, node);
    expr->name.ident = nst_lower_ident(lower, node);
    return expr;
}

static NstExpr *lower_literal(NstLower *lower, const NstNode *node) {
    if (node->kind == NST_NODE_string) return nst_lower_string(lower, node);
    NstExpr *expr = nst_lower_new_expr(lower, NST_EXPR_LITERAL, node);
    if (!nst_lower_literal(lower, node, false, &expr->literal)) expr->kind = NST_EXPR_ERROR;
    return expr;
}

static NstExpr *lower_sequence(NstLower *lower, NstExprKind kind, const NstNode *node) {
    NstExpr *expr = nst_lower_new_expr(lower, kind, node);
    expr->seq.items = nst_lower_exprs(lower, node, &expr->seq.count);
    expr->seq.rest = nst_lower_expr_field(lower, node, NST_FIELD_TAIL);
    return expr;
}

static NstExpr *lower_list(NstLower *lower, const NstNode *node) {
    const NstNode *range = nst_node_named(node, 0);
    if (!range || range->kind != NST_NODE_range || nst_node_named_count(node) > 1)
        return lower_sequence(lower, NST_EXPR_LIST, node);
    NstExpr *expr = nst_lower_new_expr(lower, NST_EXPR_RANGE_LIST, node);
    expr->index.receiver = nst_lower_expr_field(lower, range, NST_FIELD_LEFT);
    expr->index.index = nst_lower_expr_field(lower, range, NST_FIELD_RIGHT);
    return expr;
}

static NstExpr *lower_map(NstLower *lower, const NstNode *node) {
    NstExpr *expr = nst_lower_new_expr(lower, NST_EXPR_MAP, node);
    uint32_t entries = nst_node_named_count(node), at = 0;
    expr->seq.count = (size_t)entries * 2;
    expr->seq.items = NST_NEW_ARRAY(lower->arena, NstExpr *, expr->seq.count);
    for (uint32_t i = 0; i < node->child_count; i++) {
        const NstNode *entry = &node->children[i];
        if (entry->kind != NST_NODE_map_entry) continue;
        expr->seq.items[at++] = nst_lower_expr_field(lower, entry, NST_FIELD_KEY);
        expr->seq.items[at++] = nst_lower_expr_field(lower, entry, NST_FIELD_VALUE);
    }
    return expr;
}

static NstExpr *lower_lambda(NstLower *lower, const NstNode *node) {
    NstExpr *expr = nst_lower_new_expr(lower, NST_EXPR_LAMBDA, node);
    NstLambda *lambda = expr->lambda = NST_NEW(lower->arena, NstLambda);
    NstRange arrow = nst_lower_range(nst_lower_find_token(lower, node, "=>"));
    lambda->params =
        nst_lower_lambda_params(lower, nst_node_field(node, NST_FIELD_PARAMETERS), arrow, &lambda->param_count);
    lambda->result = nst_lower_type_field(lower, node, NST_FIELD_RETURN_TYPE);
    lambda->body_expr = nst_lower_expr_field(lower, node, NST_FIELD_BODY);
    return expr;
}

// ---- Operators --------------------------------------------------------------------------

static NstOperator binary_operator(const NstLower *lower, const NstNode *token) {
    static const struct {
        const char *text;
        NstOperator op;
    } operators[] = {
        { "+", NST_OP_ADD },  { "-", NST_OP_SUB },     { "*", NST_OP_MUL },   { "/", NST_OP_DIV }, { "%", NST_OP_MOD },
        { "**", NST_OP_POW }, { "++", NST_OP_CONCAT }, { "::", NST_OP_CONS }, { "==", NST_OP_EQ }, { "!=", NST_OP_NE },
        { "<", NST_OP_LT },   { ">", NST_OP_GT },      { "<=", NST_OP_LE },   { ">=", NST_OP_GE }, { "&&", NST_OP_AND },
    };
    for (size_t i = 0; i < sizeof operators / sizeof *operators; i++)
        if (nst_lower_token_is(lower, token, operators[i].text)) return operators[i].op;
    return NST_OP_OR;
}

static NstExpr *lower_unary(NstLower *lower, const NstNode *node) {
    const NstNode *operand = nst_node_field(node, NST_FIELD_OPERAND);
    bool minus = nst_lower_token_is(lower, nst_node_field(node, NST_FIELD_OPERATOR), "-");
    NstExpr *value = nst_lower_expr(lower, operand);
    if (minus && nst_lower_is_minimum(lower, operand)) { // the literal already is the minimum (syntax.md 1.5)
        value->span = nst_lower_span(lower, node);
        return value;
    }
    NstExpr *expr = nst_lower_new_expr(lower, NST_EXPR_UNARY, node);
    expr->binary.op = minus ? NST_OP_NEG : NST_OP_NOT;
    expr->binary.left = value;
    return expr;
}

// ---- Calls ------------------------------------------------------------------------------

static bool is_name_chain(const NstNode *node) {
    while (node->kind == NST_NODE_field_expression) node = nst_node_field(node, NST_FIELD_OBJECT);
    return node->kind == NST_NODE_identifier || node->kind == NST_NODE_upper_identifier ||
           node->kind == NST_NODE_self_type;
}

// `e[T](x)`: whether the callee is a name with type arguments (syntax.md 5.5).
static bool has_type_args(const NstLower *lower, const NstNode *callee) {
    if (callee->kind != NST_NODE_index_expression || !is_name_chain(nst_node_field(callee, NST_FIELD_OBJECT)))
        return false;
    for (uint32_t i = 0; i < callee->child_count; i++)
        if (callee->children[i].field == NST_FIELD_INDEX && !nst_lower_reads_as_type(lower, &callee->children[i]))
            return false;
    return true;
}

static NstExpr *argument_error(NstLower *lower, const NstNode *argument, const char *token, const char *message) {
    const NstNode *at = nst_lower_find_token(lower, argument, token);
    nst_lower_problem_at(lower, at ? at : argument, message);
    return nst_lower_new_expr(lower, NST_EXPR_ERROR, argument);
}

static NstArg lower_argument(NstLower *lower, const NstNode *node) {
    bool by_colon = node->kind == NST_NODE_named_argument || node->kind == NST_NODE_constructor_field;
    if (!by_colon && node->kind != NST_NODE_default_argument) return (NstArg){ .value = nst_lower_expr(lower, node) };
    const NstNode *name = nst_node_field(node, NST_FIELD_NAME);
    if (name->kind != NST_NODE_identifier)
        return (NstArg){ .value = argument_error(lower, node, by_colon ? ":" : "=",
                                                 "an argument's name is expected before this") };
    if (nst_node_field(node, NST_FIELD_DEFAULT))
        return (NstArg){ .value =
                             argument_error(lower, node, "=", "a default value can stand only in a parameter list") };
    return (NstArg){ nst_lower_ident(lower, name), nst_lower_expr_field(lower, node, NST_FIELD_VALUE) };
}

// Arguments of a call; `piped` (from `|>`) comes first if it is not null.
static void lower_arguments(NstLower *lower, NstExpr *call, const NstNode *arguments, NstExpr *piped) {
    size_t count = nst_node_named_count(arguments) + (piped != NULL), at = 0;
    call->call.args = NST_NEW_ARRAY(lower->arena, NstArg, count);
    call->call.arg_count = count;
    if (piped) call->call.args[at++].value = piped;
    for (uint32_t i = 0; i < arguments->child_count; i++)
        if (arguments->children[i].kind != NST_NODE_TOKEN)
            call->call.args[at++] = lower_argument(lower, &arguments->children[i]);
}

static void lower_type_args(NstLower *lower, NstExpr *call, const NstNode *callee) {
    size_t capacity = 0;
    for (uint32_t i = 0; i < callee->child_count; i++) {
        if (callee->children[i].field != NST_FIELD_INDEX) continue;
        NstTypeExpr *type = nst_lower_type(lower, &callee->children[i]);
        NST_PUSH(lower->arena, call->call.type_args, call->call.type_arg_count, capacity, type);
    }
}

// The node that a call's callee is when type arguments are set aside.
static const NstNode *plain_callee(const NstLower *lower, const NstNode *call) {
    const NstNode *callee = nst_node_field(call, NST_FIELD_FUNCTION);
    return has_type_args(lower, callee) ? nst_node_field(callee, NST_FIELD_OBJECT) : callee;
}

// `left` is the lowered receiver of a method, or the lowered callee.
static NstExpr *build_call(NstLower *lower, const NstNode *node, NstExpr *left, NstExpr *piped) {
    const NstNode *callee = plain_callee(lower, node);
    bool method = callee->kind == NST_NODE_field_expression;
    NstExpr *call = nst_lower_new_expr(lower, method ? NST_EXPR_METHOD : NST_EXPR_CALL, node);
    call->call.callee = left;
    if (method) call->call.method = nst_lower_ident(lower, nst_node_field(callee, NST_FIELD_NAME));
    const NstNode *written = nst_node_field(node, NST_FIELD_FUNCTION);
    if (written != callee) lower_type_args(lower, call, written);
    lower_arguments(lower, call, nst_node_field(node, NST_FIELD_ARGUMENTS), piped);
    call->call.piped = piped != NULL;
    return call;
}

// `Name(…)` is a call of the name, `A.Name(…)` a method call as far as lowering can tell.
static NstExpr *build_constructor(NstLower *lower, const NstNode *node, NstExpr *qualifier, NstExpr *piped) {
    const NstNode *name = nst_node_field(node, NST_FIELD_CONSTRUCTOR);
    NstExpr *call = nst_lower_new_expr(lower, qualifier ? NST_EXPR_METHOD : NST_EXPR_CALL, node);
    call->call.callee = qualifier ? qualifier : lower_name(lower, name);
    if (qualifier) call->call.method = nst_lower_ident(lower, name);
    lower_arguments(lower, call, nst_node_field(node, NST_FIELD_ARGUMENTS), piped);
    call->call.piped = piped != NULL;
    return call;
}

// `x |> right`: a call on the right gets x as its first argument, anything else is called with x.
static NstExpr *lower_pipe(NstLower *lower, const NstNode *node, NstExpr *left) {
    const NstNode *right = nst_node_field(node, NST_FIELD_RIGHT);
    NstExpr *call;
    if (right->kind == NST_NODE_call_expression) {
        const NstNode *callee = plain_callee(lower, right);
        if (callee->kind == NST_NODE_field_expression) callee = nst_node_field(callee, NST_FIELD_OBJECT);
        call = build_call(lower, right, nst_lower_expr(lower, callee), left);
    } else if (right->kind == NST_NODE_constructor_expression) {
        call = build_constructor(lower, right, nst_lower_expr_field(lower, right, NST_FIELD_QUALIFIER), left);
    } else {
        bool method = right->kind == NST_NODE_field_expression;
        call = nst_lower_new_expr(lower, method ? NST_EXPR_METHOD : NST_EXPR_CALL, node);
        call->call.callee =
            method ? nst_lower_expr_field(lower, right, NST_FIELD_OBJECT) : nst_lower_expr(lower, right);
        if (method) call->call.method = nst_lower_ident(lower, nst_node_field(right, NST_FIELD_NAME));
        call->call.args = NST_NEW(lower->arena, NstArg);
        call->call.args[0].value = left;
        call->call.arg_count = 1;
        call->call.piped = true;
    }
    call->span = nst_lower_span(lower, node);
    return call;
}

// ---- Left operands ----------------------------------------------------------------------

// The leftmost part of a node that is lowered before the node itself; null if it has none.
static const NstNode *left_operand(const NstLower *lower, const NstNode *node) {
    const NstNode *callee;
    switch (node->kind) {
    case NST_NODE_binary_expression:
    case NST_NODE_send_expression: return nst_node_field(node, NST_FIELD_LEFT);
    case NST_NODE_call_expression:
        callee = plain_callee(lower, node);
        return callee->kind == NST_NODE_field_expression ? nst_node_field(callee, NST_FIELD_OBJECT) : callee;
    case NST_NODE_index_expression:
    case NST_NODE_field_expression:
    case NST_NODE_tuple_element_expression: return nst_node_field(node, NST_FIELD_OBJECT);
    case NST_NODE_propagate_expression: return nst_node_field(node, NST_FIELD_OPERAND);
    case NST_NODE_constructor_expression: return nst_node_field(node, NST_FIELD_QUALIFIER);
    default: return NULL;
    }
}

static NstExpr *build_index(NstLower *lower, const NstNode *node, NstExpr *left) {
    NstExpr *expr = nst_lower_new_expr(lower, NST_EXPR_INDEX, node);
    expr->index.receiver = left;
    expr->index.index = nst_lower_expr_field(lower, node, NST_FIELD_INDEX);
    const NstNode *comma = nst_lower_find_token(lower, node, ",");
    if (comma) nst_lower_problem_at(lower, comma, "an index is exactly one expression");
    if (!expr->index.index) {
        nst_lower_problem_at(lower, nst_lower_find_token(lower, node, "]"), "an index is missing before `]`");
        expr->index.index = nst_lower_new_expr(lower, NST_EXPR_ERROR, node);
    }
    return expr;
}

static NstExpr *build_send(NstLower *lower, const NstNode *node, NstExpr *left) {
    NstExpr *expr = nst_lower_new_expr(lower, NST_EXPR_SEND, node);
    expr->binary.left = left;
    expr->binary.right = nst_lower_expr_field(lower, node, NST_FIELD_RIGHT);
    if (nst_node_field(node, NST_FIELD_LEFT)->kind == NST_NODE_send_expression)
        nst_lower_problem(lower, nst_lower_range(nst_node_field(node, NST_FIELD_OPERATOR)),
                          "put one of the sends in parentheses", "`<-` cannot be chained");
    return expr;
}

static uint32_t tuple_position(const NstLower *lower, const NstNode *index) {
    uint64_t position = 0;
    for (uint32_t at = index->start; at < index->end && position < UINT32_MAX; at++)
        position = position * 10 + (uint64_t)(lower->text[at] - '0');
    return position < UINT32_MAX ? (uint32_t)position : UINT32_MAX;
}

// The node over its lowered left operand.
static NstExpr *build_on_left(NstLower *lower, const NstNode *node, NstExpr *left) {
    NstExpr *expr;
    switch (node->kind) {
    case NST_NODE_binary_expression: {
        const NstNode *operator= nst_node_field(node, NST_FIELD_OPERATOR);
        if (nst_lower_token_is(lower, operator, "|>")) return lower_pipe(lower, node, left);
        expr = nst_lower_new_expr(lower, NST_EXPR_BINARY, node);
        expr->binary.op = binary_operator(lower, operator);
        expr->binary.left = left;
        expr->binary.right = nst_lower_expr_field(lower, node, NST_FIELD_RIGHT);
        return expr;
    }
    case NST_NODE_send_expression: return build_send(lower, node, left);
    case NST_NODE_call_expression: return build_call(lower, node, left, NULL);
    case NST_NODE_constructor_expression: return build_constructor(lower, node, left, NULL);
    case NST_NODE_index_expression: return build_index(lower, node, left);
    case NST_NODE_propagate_expression:
        expr = nst_lower_new_expr(lower, NST_EXPR_TRY_OP, node);
        expr->unary.operand = left;
        return expr;
    case NST_NODE_tuple_element_expression:
        expr = nst_lower_new_expr(lower, NST_EXPR_TUPLE_INDEX, node);
        expr->field.receiver = left;
        expr->field.position = tuple_position(lower, nst_node_field(node, NST_FIELD_INDEX));
        return expr;
    default:
        expr = nst_lower_new_expr(lower, NST_EXPR_FIELD, node);
        expr->field.receiver = left;
        expr->field.field = nst_lower_ident(lower, nst_node_field(node, NST_FIELD_NAME));
        return expr;
    }
}

static NstExpr *lower_primary(NstLower *lower, const NstNode *node) {
    NstExpr *expr;
    switch (node->kind) {
    case NST_NODE_identifier:
    case NST_NODE_upper_identifier:
    case NST_NODE_self_type: return lower_name(lower, node);
    case NST_NODE_wildcard: return nst_lower_new_expr(lower, NST_EXPR_WILDCARD, node);
    case NST_NODE_unit: return lower_literal(lower, node);
    case NST_NODE_constructor_expression: return build_constructor(lower, node, NULL, NULL);
    case NST_NODE_parenthesized_expression: return nst_lower_expr(lower, nst_node_named(node, 0));
    case NST_NODE_tuple_expression: return lower_sequence(lower, NST_EXPR_TUPLE, node);
    case NST_NODE_list_expression: return lower_list(lower, node);
    case NST_NODE_map_expression: return lower_map(lower, node);
    case NST_NODE_set_expression: return lower_sequence(lower, NST_EXPR_SET, node);
    case NST_NODE_unary_expression: return lower_unary(lower, node);
    case NST_NODE_splice_expression:
        expr = nst_lower_new_expr(lower, NST_EXPR_SPLICE, node);
        expr->unary.operand = nst_lower_expr_field(lower, node, NST_FIELD_OPERAND);
        return expr;
    case NST_NODE_lambda: return lower_lambda(lower, node);
    default:
        if (nst_lower_is_literal(node)) return lower_literal(lower, node);
        expr = nst_lower_control(lower, node);
        return expr ? expr : misused_cover(lower, node);
    }
}

NstExpr *nst_lower_expr(NstLower *lower, const NstNode *node) {
    // Down along left operands, then up again: chains are as long as the text, recursion is not.
    NstRange cover = lower->cover;
    lower->cover = (NstRange){ 0, 0 };
    const NstNode **chain = NULL;
    size_t length = 0, capacity = 0;
    const NstNode *small[16];
    for (const NstNode *left; (left = left_operand(lower, node)); node = left) {
        if (length == capacity) {
            size_t grown = capacity ? capacity * 2 : sizeof small / sizeof *small;
            const NstNode **moved = capacity ? nst_malloc(grown * sizeof *moved) : small;
            if (capacity) memcpy(moved, chain, length * sizeof *moved);
            if (chain != small) free(chain);
            chain = moved;
            capacity = grown;
        }
        chain[length++] = node;
    }
    NstExpr *expr = lower_primary(lower, node);
    while (length) expr = build_on_left(lower, chain[--length], expr);
    if (chain != small) free(chain);
    lower->cover = cover;
    return expr;
}
