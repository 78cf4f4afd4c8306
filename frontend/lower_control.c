// Expressions that begin with a keyword or brace: blocks, branches, loops, match, processes, templates.
#include "frontend/lower_internal.h"
#include "frontend/scan.h"

#include <string.h>

NstExpr *nst_lower_branch(NstLower *lower, const NstNode *node) {
    if (node->kind != NST_NODE_binding && node->kind != NST_NODE_typed_binding) return nst_lower_expr(lower, node);
    NstExpr *expr = nst_lower_new_expr(lower, NST_EXPR_BLOCK, node);
    expr->block.stmts = NST_NEW_ARRAY(lower->arena, NstStmt *, 1);
    expr->block.stmts[0] = nst_lower_stmt(lower, node);
    expr->block.count = 1;
    return expr;
}

static NstExpr *lower_branch_field(NstLower *lower, const NstNode *node, NstField field) {
    const NstNode *child = nst_node_field(node, field);
    return child ? nst_lower_branch(lower, child) : NULL;
}

// ---- Blocks -----------------------------------------------------------------------------

// Clauses of one local function are one statement, at the place of the first.
static bool merge_clause(NstLower *lower, NstStmt **stmts, size_t count, NstStmt *stmt) {
    if (stmt->kind != NST_STMT_FUNCTION) return false;
    const NstClause *clause = stmt->clauses[0];
    for (size_t i = 0; i < count; i++) {
        NstStmt *other = stmts[i];
        if (other->kind != NST_STMT_FUNCTION || other->clauses[0]->name.name != clause->name.name ||
            other->clauses[0]->param_count != clause->param_count)
            continue;
        NstClause **clauses = NST_NEW_ARRAY(lower->arena, NstClause *, other->clause_count + 1);
        memcpy(clauses, other->clauses, other->clause_count * sizeof *clauses);
        clauses[other->clause_count++] = stmt->clauses[0];
        other->clauses = clauses;
        return true;
    }
    return false;
}

NstExpr *nst_lower_block(NstLower *lower, const NstNode *node) {
    NstExpr *expr = nst_lower_new_expr(lower, NST_EXPR_BLOCK, node);
    size_t capacity = 0;
    for (uint32_t i = 0; i < node->child_count; i++) {
        const NstNode *child = &node->children[i];
        if (child->kind == NST_NODE_TOKEN) continue;
        NstStmt *stmt = nst_lower_stmt(lower, child);
        if (!merge_clause(lower, expr->block.stmts, expr->block.count, stmt))
            NST_PUSH(lower->arena, expr->block.stmts, expr->block.count, capacity, stmt);
    }
    return expr;
}

// ---- Arms -------------------------------------------------------------------------------

// Outside brackets the `|` between alternatives stands on the line of the one before (syntax.md 6).
static NstPattern *lower_arm_pattern(NstLower *lower, const NstNode *node) {
    for (uint32_t i = 1; node->kind == NST_NODE_alternative_pattern && i < node->child_count; i++) {
        const NstNode *bar = &node->children[i];
        bool newline = false;
        if (bar->kind == NST_NODE_TOKEN)
            nst_scan_skip_blanks(lower->text, bar->start, node->children[i - 1].end, &newline);
        if (newline)
            nst_lower_problem_at(lower, bar, "the `|` between alternatives stands on the same line");
    }
    return nst_lower_pattern(lower, node);
}

// `when` and `->` stand on the line where what is before them ends (syntax.md 2, 6).
static void check_line(NstLower *lower, const NstNode *node, const NstNode *before, const char *word,
                       const char *message) {
    const NstNode *token = nst_lower_find_token(lower, node, word);
    if (!before || !token) return;
    bool newline = false;
    nst_scan_skip_blanks(lower->text, token->start, before->end, &newline);
    if (newline) nst_lower_problem_at(lower, token, message);
}

static void check_arm_lines(NstLower *lower, const NstNode *arm) {
    const NstNode *pattern = nst_node_field(arm, NST_FIELD_PATTERN), *guard = nst_node_field(arm, NST_FIELD_GUARD);
    check_line(lower, arm, pattern, "when", "a line cannot begin with `when`");
    check_line(lower, arm, guard ? guard : pattern, "->", "a line cannot begin with `->`");
}

static NstArm *lower_arms(NstLower *lower, const NstNode *node, size_t *count) {
    NstArm *arms = NULL;
    size_t capacity = 0;
    *count = 0;
    for (uint32_t i = 0; node && i < node->child_count; i++) {
        const NstNode *child = &node->children[i];
        if (child->kind != NST_NODE_arm) continue;
        check_arm_lines(lower, child);
        NstArm arm = { .pattern = lower_arm_pattern(lower, nst_node_field(child, NST_FIELD_PATTERN)),
                       .guard = nst_lower_expr_field(lower, child, NST_FIELD_GUARD),
                       .body = lower_branch_field(lower, child, NST_FIELD_BODY),
                       .span = nst_lower_span(lower, child) };
        NST_PUSH(lower->arena, arms, *count, capacity, arm);
    }
    return arms;
}

static NstExpr *lower_match(NstLower *lower, const NstNode *node) {
    NstExpr *expr = nst_lower_new_expr(lower, NST_EXPR_MATCH, node);
    expr->match.scrutinee = nst_lower_expr_field(lower, node, NST_FIELD_SUBJECT);
    expr->match.arms = lower_arms(lower, nst_node_field(node, NST_FIELD_ARMS), &expr->match.arm_count);
    return expr;
}

static NstExpr *lower_try(NstLower *lower, const NstNode *node) {
    NstExpr *expr = nst_lower_new_expr(lower, NST_EXPR_TRY, node);
    const NstNode *arms = nst_node_field(node, NST_FIELD_ARMS);
    expr->try_.body = nst_lower_expr_field(lower, node, NST_FIELD_BODY);
    expr->try_.has_catch = arms != NULL;
    expr->try_.arms = lower_arms(lower, arms, &expr->try_.arm_count);
    expr->try_.finally = nst_lower_expr_field(lower, node, NST_FIELD_FINALIZER);
    return expr;
}

static NstExpr *lower_receive(NstLower *lower, const NstNode *node) {
    NstExpr *expr = nst_lower_new_expr(lower, NST_EXPR_RECEIVE, node);
    const NstNode *arms = nst_node_field(node, NST_FIELD_ARMS);
    const NstNode *timeout = nst_node_field(arms, NST_FIELD_TIMEOUT);
    expr->receive.arms = lower_arms(lower, arms, &expr->receive.arm_count);
    if (timeout) {
        check_line(lower, timeout, nst_node_field(timeout, NST_FIELD_TIME), "->", "a line cannot begin with `->`");
        expr->receive.after_time = nst_lower_expr_field(lower, timeout, NST_FIELD_TIME);
        expr->receive.after_body = lower_branch_field(lower, timeout, NST_FIELD_BODY);
    }
    return expr;
}

// ---- Processes and templates ------------------------------------------------------------

// The operand of `spawn` and `quote`: a block, or what stands in the parentheses.
static const NstNode *operand_of(const NstNode *node) {
    const NstNode *body = nst_node_field(node, NST_FIELD_BODY);
    while (body->kind == NST_NODE_parenthesized_expression) body = nst_node_named(body, 0);
    return body;
}

// A lambda or name is evaluated to a function and called (concurrency.md 2.1). For a dotted name the resolver knows
// whether it is qualified by a module; if it is a field, it is a body to evaluate.
static bool is_function_operand(const NstNode *operand) {
    if (operand->kind == NST_NODE_lambda) return true;
    while (operand->kind == NST_NODE_field_expression) operand = nst_node_field(operand, NST_FIELD_OBJECT);
    return operand->kind == NST_NODE_identifier || operand->kind == NST_NODE_upper_identifier;
}

static NstExpr *lower_spawn(NstLower *lower, const NstNode *node) {
    NstExpr *expr = nst_lower_new_expr(lower, NST_EXPR_SPAWN, node);
    const NstNode *keyword = nst_node_field(node, NST_FIELD_KEYWORD), *operand = operand_of(node);
    expr->spawn.how = nst_lower_token_is(lower, keyword, "spawn_link")      ? NST_SPAWN_LINK
                      : nst_lower_token_is(lower, keyword, "spawn_monitor") ? NST_SPAWN_MONITOR
                                                                            : NST_SPAWN;
    expr->spawn.by_value = is_function_operand(operand);
    expr->spawn.operand = nst_lower_expr(lower, operand);
    return expr;
}

static NstExpr *lower_operand(NstLower *lower, NstExprKind kind, const NstNode *node, const NstNode *operand) {
    NstExpr *expr = nst_lower_new_expr(lower, kind, node);
    if (operand) expr->unary.operand = nst_lower_expr(lower, operand);
    return expr;
}

// ---- Dispatch ---------------------------------------------------------------------------

NstExpr *nst_lower_control(NstLower *lower, const NstNode *node) {
    NstExpr *expr;
    switch (node->kind) {
    case NST_NODE_block:
    case NST_NODE_do_block: return nst_lower_block(lower, node);
    case NST_NODE_if_expression:
        expr = nst_lower_new_expr(lower, NST_EXPR_IF, node);
        expr->branch.cond = nst_lower_expr_field(lower, node, NST_FIELD_CONDITION);
        expr->branch.then = lower_branch_field(lower, node, NST_FIELD_CONSEQUENCE);
        expr->branch.otherwise = lower_branch_field(lower, node, NST_FIELD_ALTERNATIVE);
        return expr;
    case NST_NODE_while_expression:
        expr = nst_lower_new_expr(lower, NST_EXPR_WHILE, node);
        expr->loop.cond = nst_lower_expr_field(lower, node, NST_FIELD_CONDITION);
        expr->loop.body = lower_branch_field(lower, node, NST_FIELD_BODY);
        return expr;
    case NST_NODE_for_expression:
        expr = nst_lower_new_expr(lower, NST_EXPR_FOR, node);
        expr->for_.var = nst_lower_ident(lower, nst_node_field(node, NST_FIELD_VARIABLE));
        expr->for_.from = nst_lower_expr_field(lower, node, NST_FIELD_FROM);
        expr->for_.to = nst_lower_expr_field(lower, node, NST_FIELD_TO);
        expr->for_.body = lower_branch_field(lower, node, NST_FIELD_BODY);
        return expr;
    case NST_NODE_match_expression: return lower_match(lower, node);
    case NST_NODE_try_expression: return lower_try(lower, node);
    case NST_NODE_receive_expression: return lower_receive(lower, node);
    case NST_NODE_spawn_expression: return lower_spawn(lower, node);
    case NST_NODE_quote_expression: return lower_operand(lower, NST_EXPR_QUOTE, node, operand_of(node));
    case NST_NODE_return_expression:
        return lower_operand(lower, NST_EXPR_RETURN, node, nst_node_field(node, NST_FIELD_VALUE));
    case NST_NODE_break_expression:
        return lower_operand(lower, NST_EXPR_BREAK, node, nst_node_field(node, NST_FIELD_VALUE));
    case NST_NODE_continue_expression: return nst_lower_new_expr(lower, NST_EXPR_CONTINUE, node);
    default: return NULL;
    }
}
