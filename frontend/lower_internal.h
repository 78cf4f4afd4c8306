// What the files of lowering share. See lower.h.
#ifndef NST_LOWER_INTERNAL_H
#define NST_LOWER_INTERNAL_H

#include "frontend/lower.h"

// ---- lower.c: places, names, errors -----------------------------------------------------

NstSpan nst_lower_span(const NstLower *lower, const NstNode *node);
NstSpan nst_lower_range_span(const NstLower *lower, uint32_t start, uint32_t end);
NstIdent nst_lower_ident(const NstLower *lower, const NstNode *node);
bool nst_lower_token_is(const NstLower *lower, const NstNode *node, const char *text);

// First anonymous child with this text, or null.
const NstNode *nst_lower_find_token(const NstLower *lower, const NstNode *node, const char *text);

// True if the last child before the closing bracket is a comma.
bool nst_lower_trailing_comma(const NstLower *lower, const NstNode *node);

// A syntax error; the first one in the text of a declaration is kept.
void nst_lower_problem(NstLower *lower, NstRange at, const char *hint, const char *format, ...)
    __attribute__((format(printf, 4, 5), nonnull(1, 4)));
void nst_lower_problem_at(NstLower *lower, const NstNode *node, const char *message);

NstRange nst_lower_range(const NstNode *node);

// ---- lower_literals.c -------------------------------------------------------------------

bool nst_lower_is_literal(const NstNode *node);
bool nst_lower_is_number(const NstNode *node);

// False if an invalid-literal has been reported (or the node is a string with interpolations).
// `negative`: the literal's sign is part of it.
bool nst_lower_literal(NstLower *lower, const NstNode *node, bool negative, NstLiteral *literal);

// True for a signed integer literal with the magnitude of its type's minimum, after a `-`.
bool nst_lower_is_minimum(const NstLower *lower, const NstNode *node);

NstExpr *nst_lower_string(NstLower *lower, const NstNode *node);

// The first interpolation of a string, or null.
const NstNode *nst_lower_interpolation(const NstNode *node);

// The decoded text of a string without interpolations; others are reported.
NstText nst_lower_plain_string(NstLower *lower, const NstNode *node);

// ---- lower_types.c ----------------------------------------------------------------------

NstTypeExpr *nst_lower_type(NstLower *lower, const NstNode *node); // type node or expression read as a type
NstTypeExpr *nst_lower_type_field(NstLower *lower, const NstNode *node, NstField field); // null if absent
bool nst_lower_reads_as_type(const NstLower *lower, const NstNode *node);                // syntax.md 5.5
NstTypeParam *nst_lower_type_params(NstLower *lower, const NstNode *node, size_t *count);

// ---- lower_patterns.c -------------------------------------------------------------------

NstPattern *nst_lower_pattern(NstLower *lower, const NstNode *node); // pattern node or cover form
NstPattern *nst_lower_cover(NstLower *lower, const NstNode *node,
                            NstRange maker);                                     // cover form made a pattern by `maker`
NstParam *nst_lower_params(NstLower *lower, const NstNode *node, size_t *count); // `parameters`
NstParam *nst_lower_cover_params(NstLower *lower, const NstNode *arguments, NstRange maker, size_t *count);
NstParam *nst_lower_lambda_params(NstLower *lower, const NstNode *node, NstRange maker, size_t *count);

// ---- lower_expr.c, lower_control.c, lower_stmt.c ----------------------------------------

NstExpr *nst_lower_new_expr(const NstLower *lower, NstExprKind kind, const NstNode *node);
NstExpr *nst_lower_expr_field(NstLower *lower, const NstNode *node, NstField field); // null if absent
NstExpr **nst_lower_exprs(NstLower *lower, const NstNode *node, size_t *count);      // all named children
NstExpr *nst_lower_control(NstLower *lower, const NstNode *node);                    // keyword forms; null for others
NstExpr *nst_lower_branch(NstLower *lower, const NstNode *node); // expression, binding or assignment
NstStmt *nst_lower_stmt(NstLower *lower, const NstNode *node);

#endif
