// Patterns: pattern nodes, and expression nodes read as patterns (grammar/README.md, "Cover forms"); parameters.
#include "frontend/lower_internal.h"

static NstPattern *new_pattern(NstLower *lower, NstPatternKind kind, const NstNode *node) {
    NstPattern *pattern = NST_NEW(lower->arena, NstPattern);
    pattern->kind = kind;
    pattern->span = nst_lower_span(lower, node);
    return pattern;
}

// Text that is no pattern: in a cover form the error is the token that wanted a pattern before it.
static NstPattern *pattern_error(NstLower *lower, const NstNode *node, const char *message) {
    if (lower->cover.start == lower->cover.end) {
        nst_lower_problem_at(lower, node, message);
    } else if (lower->text[lower->cover.start] == '=' && lower->text[lower->cover.start + 1] == '>') {
        nst_lower_problem(lower, lower->cover, NULL, "the text before `=>` is not a list of parameters");
    } else {
        nst_lower_problem(lower, lower->cover, "compare with `==`; bind with `name = value` or a pattern on the left",
                          "the left side of `=` is neither a pattern nor something that can be assigned");
    }
    return new_pattern(lower, NST_PAT_ERROR, node);
}

static NstPattern *name_pattern(NstLower *lower, const NstNode *node) {
    NstPattern *pattern = new_pattern(lower, NST_PAT_NAME, node);
    pattern->ident = nst_lower_ident(lower, node);
    pattern->always_binds = lower->always_binds;
    return pattern;
}

// ---- Literals and ranges ----------------------------------------------------------------

static NstPattern *literal_pattern(NstLower *lower, const NstNode *node) {
    const NstNode *interpolation = nst_lower_interpolation(node);
    if (interpolation) return pattern_error(lower, interpolation, "a string pattern cannot contain an interpolation");
    NstPattern *pattern = new_pattern(lower, NST_PAT_LITERAL, node);
    if (!nst_lower_literal(lower, node, false, &pattern->literal)) pattern->kind = NST_PAT_ERROR;
    return pattern;
}

// A `-` may stand before Int and the signed sized integers only.
static bool allows_minus(const NstLower *lower, const NstNode *number) {
    if (number->kind == NST_NODE_integer || number->kind == NST_NODE_invalid_number) return true;
    return number->kind == NST_NODE_sized_integer &&
           !memchr(lower->text + number->start, 'u', number->end - number->start);
}

static NstPattern *negative_pattern(NstLower *lower, const NstNode *node) {
    const NstNode *number = nst_node_field(node, NST_FIELD_OPERAND);
    if (!allows_minus(lower, number))
        return pattern_error(lower, number, "only integer patterns can be negative; use a guard with `when`");
    NstPattern *pattern = new_pattern(lower, NST_PAT_LITERAL, node);
    if (!nst_lower_literal(lower, number, true, &pattern->literal)) pattern->kind = NST_PAT_ERROR;
    return pattern;
}

static bool is_minus_number(const NstLower *lower, const NstNode *node) {
    if (node->kind == NST_NODE_negative_literal) return true;
    return node->kind == NST_NODE_unary_expression && nst_lower_token_is(lower, &node->children[0], "-") &&
           nst_lower_is_number(nst_node_field(node, NST_FIELD_OPERAND));
}

static bool range_bound(NstLower *lower, const NstNode *node, NstLiteral *literal, bool *ok) {
    bool negative = is_minus_number(lower, node);
    const NstNode *number = negative ? nst_node_field(node, NST_FIELD_OPERAND) : node;
    if (number->kind != NST_NODE_integer && number->kind != NST_NODE_invalid_number) return false;
    *ok &= nst_lower_literal(lower, number, negative, literal);
    return true;
}

static NstPattern *range_pattern(NstLower *lower, const NstNode *node) {
    NstPattern *pattern = new_pattern(lower, NST_PAT_RANGE, node);
    pattern->inclusive = nst_lower_token_is(lower, nst_node_field(node, NST_FIELD_OPERATOR), "..=");
    const NstNode *left = nst_node_field(node, NST_FIELD_LEFT), *right = nst_node_field(node, NST_FIELD_RIGHT);
    bool ok = true;
    if (!range_bound(lower, left, &pattern->literal, &ok))
        return pattern_error(lower, left, "the bounds of a range pattern are integer literals");
    if (!range_bound(lower, right, &pattern->high, &ok))
        return pattern_error(lower, right, "the bounds of a range pattern are integer literals");
    if (!ok) pattern->kind = NST_PAT_ERROR;
    return pattern;
}

// ---- Composite patterns -----------------------------------------------------------------

static NstPattern *sequence(NstLower *lower, NstPatternKind kind, const NstNode *node) {
    NstPattern *pattern = new_pattern(lower, kind, node);
    size_t capacity = 0;
    for (uint32_t i = 0; i < node->child_count; i++) {
        const NstNode *child = &node->children[i];
        if (child->kind == NST_NODE_TOKEN) continue;
        NstPattern *item = nst_lower_pattern(lower, child);
        if (child->field == NST_FIELD_TAIL) pattern->rest = item;
        else NST_PUSH(lower->arena, pattern->items, pattern->item_count, capacity, item);
    }
    return pattern;
}

static NstPattern *pin_pattern(NstLower *lower, const NstNode *node) {
    const NstNode *name = nst_node_field(node, NST_FIELD_NAME);
    NstPattern *pattern = new_pattern(lower, NST_PAT_PIN, node);
    pattern->ident = nst_lower_ident(lower, name);
    pattern->pin = nst_lower_new_expr(lower, NST_EXPR_NAME, name);
    pattern->pin->name.ident = pattern->ident;
    return pattern;
}

static void push_field(NstLower *lower, NstPattern *pattern, size_t *capacity, const NstNode *name, NstPattern *value) {
    NstFieldPattern field = { .name = nst_lower_ident(lower, name), .pattern = value, .field = -1 };
    if (!value) { // the short form {f}
        field.pattern = new_pattern(lower, NST_PAT_NAME, name);
        field.pattern->ident = field.name;
        field.pattern->always_binds = true;
    }
    NST_PUSH(lower->arena, pattern->fields, pattern->field_count, *capacity, field);
}

// `field_patterns`, `named_patterns` and the `constructor_field`s of a cover form.
static void lower_fields(NstLower *lower, NstPattern *pattern, const NstNode *node) {
    size_t capacity = 0;
    for (uint32_t i = 0; i < node->child_count; i++) {
        const NstNode *child = &node->children[i];
        if (child->kind != NST_NODE_field_pattern && child->kind != NST_NODE_constructor_field) continue;
        const NstNode *value = nst_node_field(child, NST_FIELD_PATTERN);
        if (!value) value = nst_node_field(child, NST_FIELD_VALUE);
        push_field(lower, pattern, &capacity, nst_node_field(child, NST_FIELD_NAME),
                   value ? nst_lower_pattern(lower, value) : NULL);
    }
}

// A block as the fields of a record pattern: names, `_` and `name: pattern`, with one comma between two.
static bool block_fields(NstLower *lower, NstPattern *pattern, const NstNode *node) {
    size_t capacity = 0;
    bool separated = true;
    for (uint32_t i = 1; i + 1 < node->child_count; i++) {
        const NstNode *child = &node->children[i];
        if (child->kind == NST_NODE_TOKEN) {
            if (separated || !nst_lower_token_is(lower, child, ",")) return false;
            separated = true;
            continue;
        }
        if (!separated) return false;
        separated = false;
        const NstNode *name = child->kind == NST_NODE_record_field ? nst_node_field(child, NST_FIELD_NAME) : child;
        if (child->kind == NST_NODE_wildcard) continue;
        if (name->kind != NST_NODE_identifier) return false;
        const NstNode *value = child == name ? NULL : nst_node_field(child, NST_FIELD_PATTERN);
        push_field(lower, pattern, &capacity, name, value ? nst_lower_pattern(lower, value) : NULL);
    }
    return true;
}

static NstPattern *record_pattern(NstLower *lower, const NstNode *node) {
    const NstNode *constructor = nst_node_field(node, NST_FIELD_CONSTRUCTOR);
    const NstNode *fields = node->kind == NST_NODE_block ? node : nst_node_field(node, NST_FIELD_FIELDS);
    NstPattern *pattern = new_pattern(lower, constructor ? NST_PAT_CTOR : NST_PAT_RECORD, node);
    if (constructor) {
        pattern->ident = nst_lower_ident(lower, constructor);
        pattern->named = pattern->has_parens = true;
    }
    if (fields->kind != NST_NODE_block) lower_fields(lower, pattern, fields);
    else if (!block_fields(lower, pattern, fields)) return pattern_error(lower, node, "a pattern is expected here");
    return pattern;
}

static NstPattern *constructor_pattern(NstLower *lower, const NstNode *node) {
    const NstNode *arguments = nst_node_field(node, NST_FIELD_ARGUMENTS);
    bool named = arguments->kind == NST_NODE_named_patterns;
    if (arguments->kind == NST_NODE_constructor_arguments) { // a cover form: what the grammar of patterns excludes
        size_t fields = 0, items = nst_node_named_count(arguments);
        for (uint32_t i = 0; i < arguments->child_count; i++)
            fields += arguments->children[i].kind == NST_NODE_constructor_field;
        named = fields > 0;
        if (nst_node_field(node, NST_FIELD_QUALIFIER))
            return pattern_error(lower, node, "a constructor pattern cannot be qualified");
        if (!items || (named && fields != items) || (!named && nst_lower_trailing_comma(lower, arguments)))
            return pattern_error(lower, arguments, "this is not a constructor pattern");
    }
    NstPattern *pattern;
    if (named) {
        pattern = new_pattern(lower, NST_PAT_CTOR, node);
        lower_fields(lower, pattern, arguments);
    } else {
        pattern = sequence(lower, NST_PAT_CTOR, arguments);
        pattern->span = nst_lower_span(lower, node);
    }
    pattern->ident = nst_lower_ident(lower, nst_node_field(node, NST_FIELD_CONSTRUCTOR));
    pattern->has_parens = true;
    pattern->named = named;
    return pattern;
}

static NstPattern *map_key(NstLower *lower, const NstNode *key) {
    switch (key->kind) {
    case NST_NODE_integer:
    case NST_NODE_invalid_number:
    case NST_NODE_string:
    case NST_NODE_character:
    case NST_NODE_invalid_character:
    case NST_NODE_boolean:
    case NST_NODE_pin_pattern: return nst_lower_pattern(lower, key);
    default: return pattern_error(lower, key, "the key of a map pattern is a literal or `^name`");
    }
}

static NstPattern *map_pattern(NstLower *lower, const NstNode *node) {
    NstPattern *pattern = new_pattern(lower, NST_PAT_MAP, node);
    uint32_t count = nst_node_named_count(node);
    pattern->keys = NST_NEW_ARRAY(lower->arena, NstPattern *, count);
    pattern->items = NST_NEW_ARRAY(lower->arena, NstPattern *, count);
    pattern->item_count = count;
    for (uint32_t i = 0; i < count; i++) {
        const NstNode *entry = nst_node_named(node, i);
        const NstNode *value = nst_node_field(entry, NST_FIELD_PATTERN);
        if (!value) value = nst_node_field(entry, NST_FIELD_VALUE);
        pattern->keys[i] = map_key(lower, nst_node_field(entry, NST_FIELD_KEY));
        pattern->items[i] = nst_lower_pattern(lower, value);
    }
    return pattern;
}

NstPattern *nst_lower_pattern(NstLower *lower, const NstNode *node) {
    NstPattern *pattern;
    switch (node->kind) {
    case NST_NODE_wildcard: return new_pattern(lower, NST_PAT_WILDCARD, node);
    case NST_NODE_identifier: return name_pattern(lower, node);
    case NST_NODE_negative_literal: return negative_pattern(lower, node);
    case NST_NODE_unary_expression:
        if (is_minus_number(lower, node)) return negative_pattern(lower, node);
        break;
    case NST_NODE_range:
    case NST_NODE_range_pattern: return range_pattern(lower, node);
    case NST_NODE_pin_pattern: return pin_pattern(lower, node);
    case NST_NODE_unit: return literal_pattern(lower, node);
    case NST_NODE_parenthesized_pattern:
    case NST_NODE_parenthesized_expression: return nst_lower_pattern(lower, nst_node_named(node, 0));
    case NST_NODE_tuple_pattern:
    case NST_NODE_tuple_expression: return sequence(lower, NST_PAT_TUPLE, node);
    case NST_NODE_list_pattern:
    case NST_NODE_list_expression: return sequence(lower, NST_PAT_LIST, node);
    case NST_NODE_set_pattern:
    case NST_NODE_set_expression: return sequence(lower, NST_PAT_SET, node);
    case NST_NODE_alternative_pattern:
    case NST_NODE_alternative_cover: return sequence(lower, NST_PAT_OR, node);
    case NST_NODE_map_pattern:
    case NST_NODE_map_expression: return map_pattern(lower, node);
    case NST_NODE_record_pattern:
    case NST_NODE_record_pattern_cover:
    case NST_NODE_block: return record_pattern(lower, node);
    case NST_NODE_constructor_pattern:
    case NST_NODE_constructor_expression: return constructor_pattern(lower, node);
    case NST_NODE_upper_identifier:
    case NST_NODE_self_type:
        pattern = new_pattern(lower, NST_PAT_CTOR, node);
        pattern->ident = nst_lower_ident(lower, node);
        return pattern;
    default:
        if (nst_lower_is_literal(node)) return literal_pattern(lower, node);
    }
    return pattern_error(lower, node, "a pattern is expected here");
}

NstPattern *nst_lower_cover(NstLower *lower, const NstNode *node, NstRange maker) {
    NstRange outer = lower->cover;
    lower->cover = maker;
    NstPattern *pattern = nst_lower_pattern(lower, node);
    lower->cover = outer;
    return pattern;
}

// ---- Parameters -------------------------------------------------------------------------

NstParam *nst_lower_params(NstLower *lower, const NstNode *node, size_t *count) {
    NstParam *params = NULL;
    size_t capacity = 0;
    *count = 0;
    for (uint32_t i = 0; i < node->child_count; i++) {
        const NstNode *child = &node->children[i];
        if (child->kind != NST_NODE_parameter) continue;
        NstParam param = { .pattern = nst_lower_pattern(lower, nst_node_field(child, NST_FIELD_PATTERN)),
                           .annotation = nst_lower_type_field(lower, child, NST_FIELD_TYPE),
                           .default_value = nst_lower_expr_field(lower, child, NST_FIELD_DEFAULT),
                           .span = nst_lower_span(lower, child) };
        NST_PUSH(lower->arena, params, *count, capacity, param);
    }
    return params;
}

NstParam *nst_lower_cover_params(NstLower *lower, const NstNode *arguments, NstRange maker, size_t *count) {
    NstParam *params = NULL;
    size_t capacity = 0;
    *count = 0;
    for (uint32_t i = 0; i < arguments->child_count; i++) {
        const NstNode *child = &arguments->children[i];
        if (child->kind == NST_NODE_TOKEN) continue;
        NstParam param = { .span = nst_lower_span(lower, child) };
        if (child->kind == NST_NODE_named_argument) {
            param.pattern = nst_lower_cover(lower, nst_node_field(child, NST_FIELD_NAME), maker);
            param.annotation = nst_lower_type_field(lower, child, NST_FIELD_VALUE);
            param.default_value = nst_lower_expr_field(lower, child, NST_FIELD_DEFAULT);
        } else if (child->kind == NST_NODE_default_argument) {
            param.pattern = nst_lower_cover(lower, nst_node_field(child, NST_FIELD_NAME), maker);
            param.default_value = nst_lower_expr_field(lower, child, NST_FIELD_VALUE);
        } else {
            param.pattern = nst_lower_cover(lower, child, maker);
        }
        NST_PUSH(lower->arena, params, *count, capacity, param);
    }
    return params;
}

static NstParam lambda_param(NstLower *lower, const NstNode *node, NstRange maker) {
    NstParam param = { .span = nst_lower_span(lower, node) };
    const NstNode *pattern = node;
    if (node->kind == NST_NODE_typed_element) {
        pattern = nst_node_field(node, NST_FIELD_PATTERN);
        param.annotation = nst_lower_type_field(lower, node, NST_FIELD_TYPE);
    }
    bool outer = lower->always_binds;
    lower->always_binds = true;
    param.pattern = nst_lower_cover(lower, pattern, maker);
    lower->always_binds = outer;
    return param;
}

NstParam *nst_lower_lambda_params(NstLower *lower, const NstNode *node, NstRange maker, size_t *count) {
    bool list = node->kind == NST_NODE_parenthesized_expression || node->kind == NST_NODE_tuple_expression;
    *count = node->kind == NST_NODE_unit ? 0 : list ? nst_node_named_count(node) : 1;
    NstParam *params = NST_NEW_ARRAY(lower->arena, NstParam, *count);
    for (uint32_t i = 0; i < *count; i++) params[i] = lambda_param(lower, list ? nst_node_named(node, i) : node, maker);
    return params;
}
