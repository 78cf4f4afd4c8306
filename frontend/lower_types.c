// Types: type nodes, and expression nodes read as types (grammar/README.md, "Cover forms").
#include "frontend/lower_internal.h"

static NstTypeExpr *new_type(NstLower *lower, NstTypeExprKind kind, const NstNode *node) {
    NstTypeExpr *type = NST_NEW(lower->arena, NstTypeExpr);
    type->kind = kind;
    type->span = nst_lower_span(lower, node);
    return type;
}

static NstTypeExpr *type_error(NstLower *lower, const NstNode *node) {
    nst_lower_problem_at(lower, node, "a type is expected here");
    return new_type(lower, NST_TEXPR_ERROR, node);
}

// The named children as arguments.
static void lower_args(NstLower *lower, NstTypeExpr *type, const NstNode *node, NstField field) {
    size_t capacity = 0;
    for (uint32_t i = 0; i < node->child_count; i++) {
        const NstNode *child = &node->children[i];
        if (child->kind == NST_NODE_TOKEN || (field && child->field != field)) continue;
        NstTypeExpr *arg = nst_lower_type(lower, child);
        NST_PUSH(lower->arena, type->args, type->arg_count, capacity, arg);
    }
}

// The segments of a (qualified) name, whether written as a type or as an expression; false if it is something else.
static bool lower_path(NstLower *lower, NstTypeExpr *type, const NstNode *node) {
    size_t length = 1;
    for (const NstNode *at = node; at->kind == NST_NODE_qualified_type || at->kind == NST_NODE_field_expression;
         length++)
        at = nst_node_field(at, at->kind == NST_NODE_qualified_type ? NST_FIELD_QUALIFIER : NST_FIELD_OBJECT);
    type->path = NST_NEW_ARRAY(lower->arena, NstIdent, length);
    type->path_len = length;
    while (length--) {
        bool last = node->kind != NST_NODE_qualified_type && node->kind != NST_NODE_field_expression;
        const NstNode *name = last ? node : nst_node_field(node, NST_FIELD_NAME);
        if (name->kind != NST_NODE_upper_identifier && name->kind != NST_NODE_self_type) return false;
        type->path[length] = nst_lower_ident(lower, name);
        if (!last)
            node = nst_node_field(node, node->kind == NST_NODE_qualified_type ? NST_FIELD_QUALIFIER : NST_FIELD_OBJECT);
    }
    return true;
}

static NstTypeExpr *lower_named(NstLower *lower, const NstNode *node, const NstNode *name) {
    NstTypeExpr *type = new_type(lower, NST_TEXPR_NAME, node);
    return lower_path(lower, type, name) ? type : type_error(lower, name);
}

static NstTypeExpr *lower_function(NstLower *lower, const NstNode *node) {
    NstTypeExpr *type = new_type(lower, NST_TEXPR_FUN, node);
    const NstNode *parameters = nst_node_field(node, NST_FIELD_PARAMETERS);
    if (parameters->kind == NST_NODE_tuple_type || parameters->kind == NST_NODE_tuple_expression) {
        lower_args(lower, type, parameters, NST_FIELD_NONE);
    } else if (parameters->kind != NST_NODE_unit_type && parameters->kind != NST_NODE_unit) {
        type->args = NST_NEW_ARRAY(lower->arena, NstTypeExpr *, 1);
        type->args[0] = nst_lower_type(lower, parameters);
        type->arg_count = 1;
    }
    type->result = nst_lower_type_field(lower, node, NST_FIELD_RESULT);
    return type;
}

static NstTypeExpr *lower_list(NstLower *lower, const NstNode *node) {
    if (nst_node_named_count(node) != 1 || nst_node_field(node, NST_FIELD_TAIL)) return type_error(lower, node);
    NstTypeExpr *type = new_type(lower, NST_TEXPR_LIST, node);
    lower_args(lower, type, node, NST_FIELD_NONE);
    return type;
}

// An anonymous record type is an error wherever it is used, reported by the resolver; its fields matter to nobody.
static NstTypeExpr *lower_block(NstLower *lower, const NstNode *node) {
    for (uint32_t i = 0; i < node->child_count; i++) {
        uint16_t kind = node->children[i].kind;
        if (kind != NST_NODE_TOKEN && kind != NST_NODE_record_field) return type_error(lower, &node->children[i]);
    }
    return new_type(lower, NST_TEXPR_RECORD, node);
}

NstTypeExpr *nst_lower_type(NstLower *lower, const NstNode *node) {
    NstTypeExpr *type;
    switch (node->kind) {
    case NST_NODE_upper_identifier:
    case NST_NODE_self_type:
    case NST_NODE_qualified_type:
    case NST_NODE_field_expression: return lower_named(lower, node, node);
    case NST_NODE_generic_type:
        type = lower_named(lower, node, nst_node_field(node, NST_FIELD_NAME));
        type->has_args = true;
        lower_args(lower, type, nst_node_field(node, NST_FIELD_ARGUMENTS), NST_FIELD_NONE);
        return type;
    case NST_NODE_index_expression:
        type = lower_named(lower, node, nst_node_field(node, NST_FIELD_OBJECT));
        type->has_args = true;
        lower_args(lower, type, node, NST_FIELD_INDEX);
        if (!type->arg_count) nst_lower_problem_at(lower, nst_lower_find_token(lower, node, "]"), "a type is missing");
        return type;
    case NST_NODE_identifier:
        type = new_type(lower, NST_TEXPR_VAR, node);
        type->path = NST_NEW(lower->arena, NstIdent);
        type->path[0] = nst_lower_ident(lower, node);
        type->path_len = 1;
        return type;
    case NST_NODE_unit:
    case NST_NODE_unit_type: return new_type(lower, NST_TEXPR_UNIT, node);
    case NST_NODE_parenthesized_type:
    case NST_NODE_parenthesized_expression: return nst_lower_type(lower, nst_node_named(node, 0));
    case NST_NODE_tuple_type:
    case NST_NODE_tuple_expression:
        type = new_type(lower, NST_TEXPR_TUPLE, node);
        lower_args(lower, type, node, NST_FIELD_NONE);
        return type;
    case NST_NODE_list_type:
    case NST_NODE_list_expression: return lower_list(lower, node);
    case NST_NODE_function_type: return lower_function(lower, node);
    case NST_NODE_record_type: return new_type(lower, NST_TEXPR_RECORD, node);
    case NST_NODE_block: return lower_block(lower, node);
    default: return type_error(lower, node);
    }
}

NstTypeExpr *nst_lower_type_field(NstLower *lower, const NstNode *node, NstField field) {
    const NstNode *type = nst_node_field(node, field);
    return type ? nst_lower_type(lower, type) : NULL;
}

static bool is_type_param(const NstLower *lower, const NstNode *node) {
    NstName name = nst_lower_ident(lower, node).name;
    for (size_t i = 0; i < lower->type_param_count; i++)
        if (lower->type_params[i].name.name == name) return true;
    return false;
}

static bool all_read_as_types(const NstLower *lower, const NstNode *node) {
    for (uint32_t i = 0; i < node->child_count; i++)
        if (node->children[i].kind != NST_NODE_TOKEN && !nst_lower_reads_as_type(lower, &node->children[i]))
            return false;
    return true;
}

bool nst_lower_reads_as_type(const NstLower *lower, const NstNode *node) {
    switch (node->kind) {
    case NST_NODE_upper_identifier:
    case NST_NODE_self_type:
    case NST_NODE_unit:
    case NST_NODE_unit_type: return true;
    case NST_NODE_identifier: return is_type_param(lower, node);
    case NST_NODE_list_expression:
        if (nst_node_named_count(node) != 1 || nst_node_field(node, NST_FIELD_TAIL)) return false;
        return all_read_as_types(lower, node);
    case NST_NODE_field_expression:
    case NST_NODE_index_expression:
    case NST_NODE_parenthesized_expression:
    case NST_NODE_tuple_expression:
    case NST_NODE_function_type:
    case NST_NODE_qualified_type:
    case NST_NODE_generic_type:
    case NST_NODE_type_arguments:
    case NST_NODE_parenthesized_type:
    case NST_NODE_tuple_type:
    case NST_NODE_list_type: return all_read_as_types(lower, node);
    default: return false;
    }
}

NstTypeParam *nst_lower_type_params(NstLower *lower, const NstNode *node, size_t *count) {
    NstTypeParam *params = NULL;
    size_t capacity = 0;
    *count = 0;
    for (uint32_t i = 0; node && i < node->child_count; i++) {
        const NstNode *child = &node->children[i];
        if (child->kind != NST_NODE_type_parameter) continue;
        NstTypeParam param = { .name = nst_lower_ident(lower, nst_node_field(child, NST_FIELD_NAME)) };
        size_t bounds = 0;
        for (uint32_t j = 0; j < child->child_count; j++)
            if (child->children[j].field == NST_FIELD_BOUND)
                NST_PUSH(lower->arena, param.bounds, param.bound_count, bounds,
                         nst_lower_ident(lower, &child->children[j]));
        NST_PUSH(lower->arena, params, *count, capacity, param);
    }
    return params;
}
