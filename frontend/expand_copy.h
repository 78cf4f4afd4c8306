// Copies of syntax trees. Every expansion gets nodes of its own, because later steps complete nodes in place.
//
// The copier knows the shape of every node and nothing of templates: what stands for a splice, and which place a copied
// node has, its owner says by the functions in NstCopier. Trees must not have been resolved yet.
#ifndef NST_EXPAND_COPY_H
#define NST_EXPAND_COPY_H

#include "frontend/arena.h"
#include "frontend/ast.h"

// Statements, or the elements of a list or argument list, under construction.
typedef struct NstSequence {
    NstStmt **stmts;
    size_t count, capacity;
} NstSequence;

typedef struct NstCopier {
    NstArena *arena;
    void *context;
    NstSpan (*span)(void *context, NstSpan span); // null: places stay

    // May each be null. True if it has dealt with the node: `expr` by setting *copy, `stmts` and `elements` by adding
    // what stands for the statement or the element of a list, tuple, set or argument list.
    bool (*expr)(void *context, NstExpr *expr, NstExpr **copy);
    bool (*stmts)(void *context, NstStmt *stmt, NstSequence *out);
    bool (*elements)(void *context, NstExpr *expr, NstExprKind within, NstSequence *out);

    size_t nodes;      // copied so far
    size_t node_limit; // 0: none
    unsigned depth;
    bool overflow; // a limit was reached: what was copied since is ERROR nodes
} NstCopier;

NstExpr *nst_copy_expr(NstCopier *copier, NstExpr *expr); // null gives null
NstStmt *nst_copy_stmt(NstCopier *copier, const NstStmt *stmt);
NstClause *nst_copy_clause(NstCopier *copier, const NstClause *clause);

void nst_copy_block_stmts(NstCopier *copier, const NstExpr *block, NstSequence *out);

NstStmt *nst_expr_stmt(NstArena *arena, NstExpr *value);
void nst_sequence_add(NstArena *arena, NstSequence *sequence, NstStmt *stmt);
void nst_sequence_add_expr(NstArena *arena, NstSequence *sequence, NstExpr *value);
// A node without contents.
NstExpr *nst_expr_new(NstArena *arena, NstExprKind kind, NstSpan span);

#endif
