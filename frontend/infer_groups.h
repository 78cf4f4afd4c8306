// The groups of mutually recursive functions as far as the text shows them (types.md 8): found before inference, so that
// the members of a group are inferred in the order of the text and callees before callers. Uses that only types
// reveal (methods, overloads) join groups later, while they are inferred (infer_function.c).
#ifndef NST_INFER_GROUPS_H
#define NST_INFER_GROUPS_H

#include "frontend/infer_internal.h"

typedef struct NstGroup {
    NstFunction **members; // in the order of the text
    size_t count;
} NstGroup;

// The groups of all user functions whose annotations do not give their scheme, by function id (malloc'ed; empty for the
// others). *order lists these functions with callees first, the members of a group together.
NstGroup *nst_find_groups(NstInfer *infer, NstFunction ***order, size_t *count);

#endif
