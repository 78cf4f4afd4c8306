// Declarations (syntax.md 3).
#include "frontend/lower_internal.h"

static NstItem *new_item(NstLower *lower, NstItemKind kind, const NstNode *node) {
    NstItem *item = NST_NEW(lower->arena, NstItem);
    item->kind = kind;
    item->span = nst_lower_span(lower, node);
    const NstNode *name = nst_node_field(node, NST_FIELD_NAME);
    if (name && kind != NST_ITEM_TEST && kind != NST_ITEM_USE) item->name = nst_lower_ident(lower, name);
    for (uint32_t i = 0; i < node->child_count; i++) item->public_ |= node->children[i].kind == NST_NODE_pub;
    return item;
}

// ---- Documentation comments (syntax.md 1.2) ---------------------------------------------

// The line that ends just before `end` (a line start), without blanks at its beginning; *start is its first byte.
static NstText line_before(const char *text, uint32_t end, uint32_t *start) {
    uint32_t to = end - 1, from = to;
    while (from && text[from - 1] != '\n') from--;
    *start = from;
    while (from < to && (text[from] == ' ' || text[from] == '\t')) from++;
    if (to > from && text[to - 1] == '\r') to--;
    return (NstText){ text + from, to - from };
}

static bool is_comment_line(NstText line) {
    return line.size && line.data[0] == '#' && !(line.size > 1 && (line.data[1] == '{' || line.data[1] == '*'));
}

static void append_line(NstLower *lower, char **doc, size_t *size, size_t *capacity, NstText line) {
    while (line.size && *line.data == '#') line.data++, line.size--;
    if (line.size && *line.data == ' ') line.data++, line.size--;
    if (*size) NST_PUSH(lower->arena, *doc, *size, *capacity, '\n');
    for (size_t i = 0; i < line.size; i++) NST_PUSH(lower->arena, *doc, *size, *capacity, line.data[i]);
}

static NstText documentation(NstLower *lower, const NstNode *node) {
    uint32_t line = node->start;
    while (line && (lower->text[line - 1] == ' ' || lower->text[line - 1] == '\t')) line--;
    if (line && lower->text[line - 1] != '\n') return (NstText){ 0 };
    uint32_t first = line;
    for (uint32_t start; first && is_comment_line(line_before(lower->text, first, &start));) first = start;
    char *doc = NULL;
    size_t size = 0, capacity = 0;
    while (first < line) {
        uint32_t next = first, start;
        while (lower->text[next] != '\n') next++;
        append_line(lower, &doc, &size, &capacity, line_before(lower->text, next + 1, &start));
        first = next + 1;
    }
    return (NstText){ doc, size };
}

// ---- Functions --------------------------------------------------------------------------

// A clause of a function, method, template: whatever of the fields its node has.
static NstClause *lower_clause(NstLower *lower, const NstNode *node) {
    NstClause *clause = NST_NEW(lower->arena, NstClause);
    const NstNode *parameters = nst_node_field(node, NST_FIELD_PARAMETERS);
    clause->span = nst_lower_span(lower, node);
    clause->name = nst_lower_ident(lower, nst_node_field(node, NST_FIELD_NAME));
    clause->type_params =
        nst_lower_type_params(lower, nst_node_field(node, NST_FIELD_TYPE_PARAMETERS), &clause->type_param_count);
    lower->type_params = clause->type_params;
    lower->type_param_count = clause->type_param_count;
    if (parameters->kind == NST_NODE_parameters)
        clause->params = nst_lower_params(lower, parameters, &clause->param_count);
    clause->guard = nst_lower_expr_field(lower, node, NST_FIELD_GUARD);
    clause->result = nst_lower_type_field(lower, node, NST_FIELD_RETURN_TYPE);
    clause->body_expr = nst_lower_expr_field(lower, node, NST_FIELD_BODY);
    lower->type_params = NULL;
    lower->type_param_count = 0;
    for (uint32_t i = 0; i < node->child_count; i++) clause->public_ |= node->children[i].kind == NST_NODE_pub;
    return clause;
}

// Parameters that are plain names: of templates and external functions.
static void lower_name_params(NstLower *lower, NstClause *clause, const NstNode *node) {
    size_t capacity = 0;
    for (uint32_t i = 0; i < node->child_count; i++) {
        const NstNode *child = &node->children[i];
        if (child->kind != NST_NODE_template_parameter && child->kind != NST_NODE_extern_parameter) continue;
        NstParam param = { .pattern = nst_lower_pattern(lower, nst_node_field(child, NST_FIELD_NAME)),
                           .annotation = nst_lower_type_field(lower, child, NST_FIELD_TYPE),
                           .span = nst_lower_span(lower, child) };
        NST_PUSH(lower->arena, clause->params, clause->param_count, capacity, param);
    }
}

static NstClause **lower_methods(NstLower *lower, const NstNode *node, uint16_t kind, size_t *count) {
    NstClause **methods = NULL;
    size_t capacity = 0;
    for (uint32_t i = 0; i < node->child_count; i++) {
        if (node->children[i].kind != kind) continue;
        NstClause *method = lower_clause(lower, &node->children[i]);
        NST_PUSH(lower->arena, methods, *count, capacity, method);
    }
    return methods;
}

static void lower_decorators(NstLower *lower, NstItem *item, const NstNode *node) {
    size_t capacity = 0;
    for (uint32_t i = 0; i < node->child_count; i++) {
        const NstNode *child = &node->children[i];
        if (child->kind != NST_NODE_decorator) continue;
        const NstNode *arguments = nst_node_field(child, NST_FIELD_ARGUMENTS);
        NstDecorator decorator = { .name = nst_lower_ident(lower, nst_node_field(child, NST_FIELD_NAME)),
                                   .span = nst_lower_span(lower, child) };
        if (arguments) decorator.args = nst_lower_exprs(lower, arguments, &decorator.arg_count);
        NST_PUSH(lower->arena, item->decorators, item->decorator_count, capacity, decorator);
    }
}

static NstItem *lower_function(NstLower *lower, const NstNode *node, NstItemKind kind) {
    NstItem *item = new_item(lower, kind, node);
    lower_decorators(lower, item, node);
    item->clause = lower_clause(lower, node);
    const NstNode *parameters = nst_node_field(node, NST_FIELD_PARAMETERS);
    if (parameters->kind != NST_NODE_parameters) lower_name_params(lower, item->clause, parameters);
    if (kind == NST_ITEM_EXTERN)
        item->clause->extern_name = nst_lower_plain_string(lower, nst_node_field(node, NST_FIELD_LIBRARY));
    return item;
}

// ---- Types ------------------------------------------------------------------------------

// Named fields from a record_type, positional ones from positional_fields.
static void lower_ctor_fields(NstLower *lower, NstCtorDecl *ctor, const NstNode *fields) {
    size_t capacity = 0;
    ctor->named = fields->kind == NST_NODE_record_type;
    for (uint32_t i = 0; i < fields->child_count; i++) {
        const NstNode *child = &fields->children[i];
        if (child->kind == NST_NODE_TOKEN) continue;
        NstFieldDecl field = { 0 };
        if (ctor->named) {
            field.name = nst_lower_ident(lower, nst_node_field(child, NST_FIELD_NAME));
            field.type = nst_lower_type_field(lower, child, NST_FIELD_TYPE);
        } else {
            field.type = nst_lower_type(lower, child);
        }
        NST_PUSH(lower->arena, ctor->fields, ctor->field_count, capacity, field);
    }
}

static void lower_variants(NstLower *lower, NstItem *item, const NstNode *body) {
    size_t capacity = 0;
    for (uint32_t i = 0; i < body->child_count; i++) {
        const NstNode *child = &body->children[i];
        if (child->kind != NST_NODE_constructor) continue;
        const NstNode *fields = nst_node_field(child, NST_FIELD_FIELDS);
        NstCtorDecl ctor = { .name = nst_lower_ident(lower, nst_node_field(child, NST_FIELD_NAME)),
                             .span = nst_lower_span(lower, child) };
        if (fields) lower_ctor_fields(lower, &ctor, fields);
        NST_PUSH(lower->arena, item->type.ctors, item->type.ctor_count, capacity, ctor);
    }
}

static NstCtorDecl *add_single_ctor(NstLower *lower, NstItem *item) {
    item->type.ctors = NST_NEW(lower->arena, NstCtorDecl);
    item->type.ctor_count = 1;
    item->type.ctors[0].name = item->name;
    item->type.ctors[0].span = item->name.span;
    return &item->type.ctors[0];
}

static void lower_type_body(NstLower *lower, NstItem *item, const NstNode *body) {
    bool own_name = body->kind == NST_NODE_upper_identifier && nst_lower_ident(lower, body).name == item->name.name;
    if (body->kind == NST_NODE_record_type) {
        item->type.body = NST_BODY_RECORD;
        lower_ctor_fields(lower, add_single_ctor(lower, item), body);
    } else if (body->kind == NST_NODE_variant_body) {
        item->type.body = NST_BODY_VARIANT;
        lower_variants(lower, item, body);
    } else if (own_name) { // `type Foo = Foo`
        item->type.body = NST_BODY_VARIANT;
        add_single_ctor(lower, item)->span = nst_lower_span(lower, body);
    } else {
        item->type.body = NST_BODY_ALIAS;
        item->type.alias = nst_lower_type(lower, body);
    }
}

static NstItem *lower_type_item(NstLower *lower, const NstNode *node) {
    NstItem *item = new_item(lower, NST_ITEM_TYPE, node);
    lower_decorators(lower, item, node);
    for (uint32_t i = 0; i < node->child_count; i++) {
        const NstNode *child = &node->children[i];
        if (child->field != NST_FIELD_KIND) continue;
        item->type.mutable_ |= nst_lower_token_is(lower, child, "var");
        item->type.reactive |= nst_lower_token_is(lower, child, "reactive");
    }
    const NstNode *params = nst_node_field(node, NST_FIELD_TYPE_PARAMETERS);
    item->type.params = nst_lower_type_params(lower, params, &item->type.param_count);
    if (params && !item->type.param_count) // a function's list may be empty, a type's may not (types.md 1, 5)
        nst_lower_problem_at(lower, nst_lower_find_token(lower, params, "]"), "a type parameter is missing before `]`");
    const NstNode *body = nst_node_field(node, NST_FIELD_BODY);
    item->type.body = NST_BODY_OPAQUE;
    if (body) lower_type_body(lower, item, body);
    return item;
}

// ---- Traits -----------------------------------------------------------------------------

static NstItem *lower_trait(NstLower *lower, const NstNode *node) {
    NstItem *item = new_item(lower, NST_ITEM_TRAIT, node);
    size_t capacity = 0;
    for (uint32_t i = 0; i < node->child_count; i++)
        if (node->children[i].field == NST_FIELD_SUPERTRAIT)
            NST_PUSH(lower->arena, item->trait.supers, item->trait.super_count, capacity,
                     nst_lower_ident(lower, &node->children[i]));
    item->trait.methods = lower_methods(lower, node, NST_NODE_trait_method, &item->trait.method_count);
    return item;
}

static NstBound lower_bound(NstLower *lower, const NstNode *node) {
    NstBound bound = { .var = nst_lower_ident(lower, nst_node_field(node, NST_FIELD_NAME)) };
    size_t capacity = 0;
    for (uint32_t i = 0; i < node->child_count; i++)
        if (node->children[i].field == NST_FIELD_BOUND)
            NST_PUSH(lower->arena, bound.traits, bound.trait_count, capacity,
                     nst_lower_ident(lower, &node->children[i]));
    return bound;
}

static NstItem *lower_impl(NstLower *lower, const NstNode *node) {
    NstItem *item = new_item(lower, NST_ITEM_IMPL, node);
    size_t capacity = 0;
    item->impl.head = nst_lower_type_field(lower, node, NST_FIELD_TYPE);
    item->impl.trait = nst_lower_ident(lower, nst_node_field(node, NST_FIELD_TRAIT));
    for (uint32_t i = 0; i < node->child_count; i++) {
        if (node->children[i].kind != NST_NODE_bound) continue;
        NstBound bound = lower_bound(lower, &node->children[i]);
        NST_PUSH(lower->arena, item->impl.bounds, item->impl.bound_count, capacity, bound);
    }
    item->impl.methods = lower_methods(lower, node, NST_NODE_impl_method, &item->impl.method_count);
    return item;
}

// ---- Modules ----------------------------------------------------------------------------

static NstUseItem lower_use_item(NstLower *lower, const NstNode *node) {
    NstUseItem use = { .name = nst_lower_ident(lower, nst_node_field(node, NST_FIELD_NAME)) };
    const NstNode *alias = nst_node_field(node, NST_FIELD_ALIAS);
    if (alias) use.alias = nst_lower_ident(lower, alias);
    return use;
}

static NstItem *lower_use(NstLower *lower, const NstNode *node) {
    NstItem *item = new_item(lower, NST_ITEM_USE, node);
    size_t path_capacity = 0, item_capacity = 0;
    for (uint32_t i = 0; i < node->child_count; i++)
        if (node->children[i].field == NST_FIELD_PATH)
            NST_PUSH(lower->arena, item->use.path, item->use.path_len, path_capacity,
                     nst_lower_ident(lower, &node->children[i]));
    const NstNode *list = nst_node_field(node, NST_FIELD_ITEMS);
    item->use.all = nst_node_field(node, NST_FIELD_WILDCARD) != NULL;
    item->use.braces = list != NULL;
    for (uint32_t i = 0; list && i < list->child_count; i++)
        if (list->children[i].kind == NST_NODE_use_item)
            NST_PUSH(lower->arena, item->use.items, item->use.item_count, item_capacity,
                     lower_use_item(lower, &list->children[i]));
    if (!list && !item->use.all)
        NST_PUSH(lower->arena, item->use.items, item->use.item_count, item_capacity, lower_use_item(lower, node));
    return item;
}

static NstItem *lower_module(NstLower *lower, const NstNode *node) {
    NstItem *item = new_item(lower, NST_ITEM_MODULE, node);
    size_t capacity = 0;
    for (uint32_t i = 0; i < node->child_count; i++) {
        const NstNode *child = &node->children[i];
        if (child->kind == NST_NODE_TOKEN || child->kind == NST_NODE_pub || child->field == NST_FIELD_NAME) continue;
        NstItem *inner = nst_lower_item(lower, child);
        NST_PUSH(lower->arena, item->module.items, item->module.item_count, capacity, inner);
    }
    return item;
}

// ---- Values and tests -------------------------------------------------------------------

// A constant's value is one literal, its sign included where a literal can carry it.
static NstExpr *lower_const_value(NstLower *lower, const NstNode *node) {
    const NstNode *interpolation = nst_lower_interpolation(node);
    if (interpolation) {
        nst_lower_problem_at(lower, interpolation, "a constant's value is a literal without interpolation");
        return nst_lower_new_expr(lower, NST_EXPR_ERROR, node);
    }
    if (node->kind != NST_NODE_negative_literal) return nst_lower_expr(lower, node);
    const NstNode *number = nst_node_field(node, NST_FIELD_OPERAND);
    NstExpr *value = nst_lower_new_expr(lower, NST_EXPR_LITERAL, node);
    if (!nst_lower_literal(lower, number, true, &value->literal)) value->kind = NST_EXPR_ERROR;
    bool natural = value->literal.kind >= NST_LIT_UINT8 && value->literal.kind <= NST_LIT_UINT64;
    if (value->kind == NST_EXPR_ERROR || !natural) return value;
    value->span = nst_lower_span(lower, number);
    NstExpr *expr = nst_lower_new_expr(lower, NST_EXPR_UNARY, node);
    expr->binary.op = NST_OP_NEG;
    expr->binary.left = value;
    return expr;
}

static NstItem *lower_value(NstLower *lower, const NstNode *node, NstItemKind kind) {
    NstItem *item = new_item(lower, kind, node);
    const NstNode *value = nst_node_field(node, kind == NST_ITEM_TEST ? NST_FIELD_BODY : NST_FIELD_VALUE);
    item->value.type = nst_lower_type_field(lower, node, NST_FIELD_TYPE);
    item->value.value = kind == NST_ITEM_CONST ? lower_const_value(lower, value) : nst_lower_expr(lower, value);
    item->value.var_ = nst_node_field(node, NST_FIELD_MUTABLE) != NULL;
    if (kind == NST_ITEM_TEST) item->text = nst_lower_plain_string(lower, nst_node_field(node, NST_FIELD_NAME));
    return item;
}

// ---- Dispatch ---------------------------------------------------------------------------

static NstItem *lower_declaration(NstLower *lower, const NstNode *node) {
    switch (node->kind) {
    case NST_NODE_function_declaration: return lower_function(lower, node, NST_ITEM_FUNCTION);
    case NST_NODE_template_declaration: return lower_function(lower, node, NST_ITEM_TEMPLATE);
    case NST_NODE_extern_function_declaration: return lower_function(lower, node, NST_ITEM_EXTERN);
    case NST_NODE_extern_type_declaration: return new_item(lower, NST_ITEM_EXTERN_TYPE, node);
    case NST_NODE_type_declaration: return lower_type_item(lower, node);
    case NST_NODE_trait_declaration: return lower_trait(lower, node);
    case NST_NODE_impl_declaration: return lower_impl(lower, node);
    case NST_NODE_use_declaration: return lower_use(lower, node);
    case NST_NODE_module_declaration: return lower_module(lower, node);
    case NST_NODE_const_declaration: return lower_value(lower, node, NST_ITEM_CONST);
    case NST_NODE_mvar_declaration: return lower_value(lower, node, NST_ITEM_MVAR);
    case NST_NODE_binding_declaration: return lower_value(lower, node, NST_ITEM_BINDING);
    case NST_NODE_test_declaration: return lower_value(lower, node, NST_ITEM_TEST);
    default:
        nst_lower_problem_at(lower, node, "a declaration is expected here");
        return new_item(lower, NST_ITEM_ERROR, node);
    }
}

NstItem *nst_lower_item(NstLower *lower, const NstNode *node) {
    NstItem *item = lower_declaration(lower, node);
    item->doc = documentation(lower, node);
    nst_lower_flush(lower);
    return item;
}
