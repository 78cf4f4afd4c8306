// Bodies: expressions, patterns, statements and local functions.
#ifndef NST_INFER_BODY_H
#define NST_INFER_BODY_H

#include "frontend/infer_internal.h"

// Infers an expression and fills in its type. `expected` is a hint or null: what it says is used where a type decides
// a meaning (constructors, overloads, lambda parameters); the caller still unifies.
NstType *nst_infer_expr(NstInfer *infer, NstExpr *expr, NstType *expected);

// Infers and unifies with `type`, reporting at the expression.
void nst_check_expr(NstInfer *infer, NstExpr *expr, NstType *type);

NstType *nst_infer_lambda(NstInfer *infer, NstExpr *expr, NstType *expected);

// The type of a statement as the value of its block.
NstType *nst_infer_block(NstInfer *infer, NstExpr *expr, NstType *expected);

// The type of a local that may not have been reached yet.
NstType *nst_local_type(NstInfer *infer, NstLocal *local);

// ---- Patterns (infer_pattern.c) ---------------------------------------------------------

// Types a pattern for a value of type `type`.
void nst_infer_pattern(NstInfer *infer, NstPattern *pattern, NstType *type);

// Which tuple patterns of one value may stand beside each other without constraining it (types.md 12.3).
typedef enum NstShapes {
    NST_SHAPES_ONE,     // all have one type
    NST_SHAPES_LENGTHS, // match: of different lengths
    NST_SHAPES_NESTING, // unannotated parameter: of different lengths or nesting
} NstShapes;

// The patterns of one match or of one parameter in all clauses: decides which type's constructors they mean when
// that is open, and whether tuple patterns of different shapes leave the value's type alone (then: true).
bool nst_prepare_patterns(NstInfer *infer, NstPattern *const *patterns, size_t count, NstType *type, NstShapes shapes);


// Makes the variables of a catch arm's pattern dynamic: types that stay open are fresh at each use.
void nst_generalise_pattern(NstInfer *infer, NstPattern *pattern);

NstType *nst_literal_type(NstInfer *infer, NstLiteralKind kind);

// ---- Clauses (infer_clause.c) -----------------------------------------------------------

// The value of the innermost body against its result type; a mismatch with what a `?` returns shows at the `?`.
void nst_infer_result(NstInfer *infer, NstType *value, NstSpan span);

// One clause with the parameter and result types of its function. `name_span`: report at the name (methods of impls).
void nst_infer_clause(NstInfer *infer, NstClause *clause, const NstClause *first, NstType *fun, NstTypeContext *types,
                      bool at_name);

// The functions and lambda bindings of a block that may refer to each other, from statement `first` on; statements done
// already are skipped.
void nst_infer_local_functions(NstInfer *infer, NstStmt **stmts, size_t count, size_t first);

// True if a binding of this expression is generalised (types.md 8).
bool nst_is_generalisable(const NstExpr *value);

#endif
