// One walk over the expressions of a body, so that no check needs to know every node kind.
#ifndef NST_WALK_H
#define NST_WALK_H

#include "frontend/ast.h"

// Called before a node's children; false leaves the children out. Either may be null (then: true).
typedef struct NstVisitor {
    void *context;
    bool (*expr)(void *context, NstExpr *expr);
    bool (*stmt)(void *context, NstStmt *stmt);
} NstVisitor;

// Visits the expression and everything inside it, lambdas and local functions included, in source order.
void nst_walk_expr(const NstVisitor *visitor, NstExpr *expr);

// The children only.
void nst_walk_children(const NstVisitor *visitor, NstExpr *expr);

void nst_walk_stmt(const NstVisitor *visitor, NstStmt *stmt);

// A clause: defaults, guard, body.
void nst_walk_clause(const NstVisitor *visitor, NstClause *clause);

#endif
