#include "frontend/walk.h"

static void walk_pattern(const NstVisitor *v, NstPattern *pattern) {
    if (!pattern) return;
    nst_walk_expr(v, pattern->pin);
    for (size_t i = 0; i < pattern->item_count; i++) {
        if (pattern->keys) walk_pattern(v, pattern->keys[i]);
        walk_pattern(v, pattern->items[i]);
    }
    for (size_t i = 0; i < pattern->field_count; i++) walk_pattern(v, pattern->fields[i].pattern);
    walk_pattern(v, pattern->rest);
}

static void walk_arms(const NstVisitor *v, NstArm *arms, size_t count) {
    for (size_t i = 0; i < count; i++) {
        walk_pattern(v, arms[i].pattern);
        nst_walk_expr(v, arms[i].guard);
        nst_walk_expr(v, arms[i].body);
    }
}

void nst_walk_clause(const NstVisitor *v, NstClause *clause) {
    for (size_t i = 0; i < clause->param_count; i++) {
        walk_pattern(v, clause->params[i].pattern);
        nst_walk_expr(v, clause->params[i].default_value);
    }
    nst_walk_expr(v, clause->guard);
    nst_walk_expr(v, clause->body_expr);
}

void nst_walk_stmt(const NstVisitor *v, NstStmt *stmt) {
    if (v->stmt && !v->stmt(v->context, stmt)) return;
    nst_walk_expr(v, stmt->place);
    nst_walk_expr(v, stmt->value);
    walk_pattern(v, stmt->pattern);
    for (size_t i = 0; i < stmt->clause_count; i++) nst_walk_clause(v, stmt->clauses[i]);
}

static void walk_args(const NstVisitor *v, NstExpr *call) {
    nst_walk_expr(v, call->call.callee);
    for (size_t i = 0; i < call->call.arg_count; i++) nst_walk_expr(v, call->call.args[i].value);
}

void nst_walk_children(const NstVisitor *v, NstExpr *e) {
    switch (e->kind) {
    case NST_EXPR_ERROR:
    case NST_EXPR_LITERAL:
    case NST_EXPR_NAME:
    case NST_EXPR_WILDCARD:
    case NST_EXPR_CONTINUE: break;
    case NST_EXPR_STRING:
        for (size_t i = 0; i < e->string.part_count; i++) nst_walk_expr(v, e->string.parts[i].expr);
        break;
    case NST_EXPR_TUPLE:
    case NST_EXPR_LIST:
    case NST_EXPR_MAP:
    case NST_EXPR_SET:
        for (size_t i = 0; i < e->seq.count; i++) nst_walk_expr(v, e->seq.items[i]);
        nst_walk_expr(v, e->seq.rest);
        break;
    case NST_EXPR_BLOCK:
        for (size_t i = 0; i < e->block.count; i++) nst_walk_stmt(v, e->block.stmts[i]);
        break;
    case NST_EXPR_LAMBDA:
        for (size_t i = 0; i < e->lambda->param_count; i++) walk_pattern(v, e->lambda->params[i].pattern);
        nst_walk_expr(v, e->lambda->body_expr);
        break;
    case NST_EXPR_IF:
        nst_walk_expr(v, e->branch.cond);
        nst_walk_expr(v, e->branch.then);
        nst_walk_expr(v, e->branch.otherwise);
        break;
    case NST_EXPR_MATCH:
        nst_walk_expr(v, e->match.scrutinee);
        walk_arms(v, e->match.arms, e->match.arm_count);
        break;
    case NST_EXPR_TRY:
        nst_walk_expr(v, e->try_.body);
        walk_arms(v, e->try_.arms, e->try_.arm_count);
        nst_walk_expr(v, e->try_.finally);
        break;
    case NST_EXPR_WHILE:
        nst_walk_expr(v, e->loop.cond);
        nst_walk_expr(v, e->loop.body);
        break;
    case NST_EXPR_FOR:
        nst_walk_expr(v, e->for_.from);
        nst_walk_expr(v, e->for_.to);
        nst_walk_expr(v, e->for_.body);
        break;
    case NST_EXPR_RECEIVE:
        walk_arms(v, e->receive.arms, e->receive.arm_count);
        nst_walk_expr(v, e->receive.after_time);
        nst_walk_expr(v, e->receive.after_body);
        break;
    case NST_EXPR_SPAWN: nst_walk_expr(v, e->spawn.operand); break;
    case NST_EXPR_UNARY:
    case NST_EXPR_BINARY:
    case NST_EXPR_SEND:
        nst_walk_expr(v, e->binary.left);
        nst_walk_expr(v, e->binary.right);
        break;
    case NST_EXPR_QUOTE:
    case NST_EXPR_SPLICE:
    case NST_EXPR_BREAK:
    case NST_EXPR_RETURN:
    case NST_EXPR_TRY_OP: nst_walk_expr(v, e->unary.operand); break;
    case NST_EXPR_CALL:
    case NST_EXPR_METHOD: walk_args(v, e); break;
    case NST_EXPR_FIELD:
    case NST_EXPR_TUPLE_INDEX: nst_walk_expr(v, e->field.receiver); break;
    case NST_EXPR_RANGE_LIST:
    case NST_EXPR_INDEX:
        nst_walk_expr(v, e->index.receiver);
        nst_walk_expr(v, e->index.index);
        break;
    }
}

void nst_walk_expr(const NstVisitor *v, NstExpr *expr) {
    if (!expr) return;
    if (v->expr && !v->expr(v->context, expr)) return;
    nst_walk_children(v, expr);
}
