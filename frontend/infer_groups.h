// The groups of mutually recursive functions as far as the text shows them (types.md 8): found before inference, so that
// the members of a group are inferred in the order of the text and callees before callers. Uses that only types
// reveal (methods, overloads) join groups later, while they are inferred (infer_function.c).
#ifndef NST_INFER_GROUPS_H
#define NST_INFER_GROUPS_H

#include "frontend/infer_internal.h"

// Sets `group` of every user function that has no scheme yet; returns them with callees first.
NstFunction **nst_find_groups(NstInfer *infer, size_t *count);

#endif
