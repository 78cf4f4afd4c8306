// Statements (syntax.md 4).
#include "frontend/lower_internal.h"

static NstStmt *new_stmt(NstLower *lower, NstStmtKind kind, const NstNode *node) {
    NstStmt *stmt = NST_NEW(lower->arena, NstStmt);
    stmt->kind = kind;
    stmt->span = nst_lower_span(lower, node);
    return stmt;
}

// A place: `e.f` with a field's name, or `e[i]`.
static bool is_place(const NstNode *left) {
    if (left->kind == NST_NODE_index_expression) return true;
    return left->kind == NST_NODE_field_expression && nst_node_field(left, NST_FIELD_NAME)->kind == NST_NODE_identifier;
}

static NstStmt *lower_binding(NstLower *lower, const NstNode *node) {
    const NstNode *left = nst_node_field(node, NST_FIELD_LEFT);
    const NstNode *equals = nst_lower_find_token(lower, node, "=");
    bool typed = node->kind == NST_NODE_typed_binding;
    NstStmt *stmt;
    if (!typed && is_place(left)) {
        bool index = left->kind == NST_NODE_index_expression;
        stmt = new_stmt(lower, index ? NST_STMT_ASSIGN_INDEX : NST_STMT_ASSIGN_FIELD, node);
        stmt->place = nst_lower_expr(lower, left);
    } else {
        stmt = new_stmt(lower, NST_STMT_BIND, node);
        stmt->pattern = nst_lower_cover(lower, left, nst_lower_range(equals));
        stmt->annotation = typed ? nst_lower_type_field(lower, node, NST_FIELD_TYPE) : NULL;
    }
    stmt->value = nst_lower_expr_field(lower, node, NST_FIELD_VALUE);
    return stmt;
}

static NstStmt *lower_var_binding(NstLower *lower, const NstNode *node) {
    NstStmt *stmt = new_stmt(lower, NST_STMT_BIND, node);
    stmt->var_ = true;
    bool outer = lower->always_binds;
    lower->always_binds = true;
    stmt->pattern = nst_lower_pattern(lower, nst_node_field(node, NST_FIELD_PATTERN));
    lower->always_binds = outer;
    stmt->annotation = nst_lower_type_field(lower, node, NST_FIELD_TYPE);
    stmt->value = nst_lower_expr_field(lower, node, NST_FIELD_VALUE);
    return stmt;
}

static NstStmt *lower_local_function(NstLower *lower, const NstNode *node) {
    NstStmt *stmt = new_stmt(lower, NST_STMT_FUNCTION, node);
    NstClause *clause = NST_NEW(lower->arena, NstClause);
    const NstNode *maker = nst_lower_find_token(lower, node, "->");
    if (!maker) maker = nst_lower_find_token(lower, node, "=");
    clause->span = stmt->span;
    clause->name = nst_lower_ident(lower, nst_node_field(node, NST_FIELD_NAME));
    clause->params = nst_lower_cover_params(lower, nst_node_field(node, NST_FIELD_PARAMETERS), nst_lower_range(maker),
                                            &clause->param_count);
    clause->result = nst_lower_type_field(lower, node, NST_FIELD_RETURN_TYPE);
    clause->body_expr = nst_lower_expr_field(lower, node, NST_FIELD_BODY);
    stmt->clauses = NST_NEW_ARRAY(lower->arena, NstClause *, 1);
    stmt->clauses[0] = clause;
    stmt->clause_count = 1;
    return stmt;
}

NstStmt *nst_lower_stmt(NstLower *lower, const NstNode *node) {
    switch (node->kind) {
    case NST_NODE_binding:
    case NST_NODE_typed_binding: return lower_binding(lower, node);
    case NST_NODE_var_binding: return lower_var_binding(lower, node);
    case NST_NODE_local_function: return lower_local_function(lower, node);
    default: {
        NstStmt *stmt = new_stmt(lower, NST_STMT_EXPR, node);
        stmt->value = nst_lower_expr(lower, node);
        return stmt;
    }
    }
}
