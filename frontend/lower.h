// Lowering: from the copied syntax tree (lower_tree.h) to the AST.
//
// Lowering never fails: what it must refuse becomes an ERROR node and a diagnostic. What the grammar accepts only as
// a cover form (syntax.md 12) is classified here: left sides of `=`, lambda parameters, heads of local functions,
// types in brackets. Malformed literals are reported where they stand, all of them; of other syntax errors only the
// first of each declaration, for the rest tends to follow from it.
//
// Recursion goes as deep as the tree nests, except along left operands (chains of binary operators and postfix
// forms), which are unlimited in the language.
#ifndef NST_LOWER_H
#define NST_LOWER_H

#include "frontend/diag.h"
#include "frontend/lower_tree.h"
#include "frontend/source.h"

// A range of the source's text.
typedef struct NstRange {
    uint32_t start, end;
} NstRange;

typedef struct NstLower {
    NstArena *arena;
    NstDiags *diags;
    const char *text; // the source's; node offsets index it
    uint32_t origin;  // of the item under way
    uint32_t base;    // offset in `text` that is the origin's 0
    bool errors;      // something was reported

    // The first syntax error of the declaration under way; message null: none.
    NstRange problem;
    const char *problem_message;
    const char *problem_hint;

    // While a cover form is read as a pattern: the token that made it one, where errors are reported.
    NstRange cover;    // start == end: no cover form
    bool always_binds; // names in the pattern bind whatever is in scope (lambda parameters, `var`)

    const NstTypeParam *type_params; // of the enclosing function
    size_t type_param_count;
} NstLower;

// Items of a file or module; the caller has set origin and base.
NstItem *nst_lower_item(NstLower *lower, const NstNode *node);

// Reports the pending syntax error, if any, and forgets it.
void nst_lower_flush(NstLower *lower);

NstExpr *nst_lower_expr(NstLower *lower, const NstNode *node);
NstExpr *nst_lower_block(NstLower *lower, const NstNode *node);

#endif
