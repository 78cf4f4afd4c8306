// What a list of patterns leaves over: redundant rows and missing values.
//
// Maranget's usefulness on a matrix of patterns, one row for each arm or clause, one column for each value matched.
// A row that is added covers the values that all its patterns match (rows behind guards are not added); pins and names that
// compare cover nothing; maps, sets and beginnings of strings cover what asks for more of the same. So "covered" is a
// proof, and a missing value is one that no added row takes for certain.
//
// An *open* matrix is for values whose type is not known to be that of the patterns (catch, receive, loose places):
// there no set of constructors is complete.
//
// The work of one matrix is bounded; beyond the bound nothing is covered and nothing is missing.
#ifndef NST_PATTERN_MATRIX_H
#define NST_PATTERN_MATRIX_H

#include "frontend/arena.h"
#include "frontend/frontend.h"

typedef struct NstMatrix {
    NstArena arena;
    const struct NstMatrixCell **rows;
    size_t row_count, row_capacity;
    size_t columns;
    bool open;
    size_t steps; // left
} NstMatrix;

void nst_matrix_init(NstMatrix *matrix, size_t columns, bool open);
void nst_matrix_free(NstMatrix *matrix);

// True if every value that the patterns match is matched by an added row.
bool nst_matrix_covers(NstMatrix *matrix, const NstPattern *const *patterns);

void nst_matrix_add(NstMatrix *matrix, const NstPattern *const *patterns);

// A value that no added row matches, written as a pattern (several columns: separated by commas); null if there is none.
// Malloc'ed.
char *nst_matrix_missing(NstMatrix *matrix);

#endif
