// copy(x): a deep copy that duplicates what is mutable (stdlib-core.md 3).
//
// Aliasing and cycles inside the value are kept; functions, pids and values without mutable parts are shared. Iterative.
#ifndef NST_COPY_H
#define NST_COPY_H

#include "runtime/prim.h"
#include "runtime/value.h"

// False if the value contains a type with its own Copy and `honour_own` is set: nothing is copied then.
bool nst_copy_value(NstProcess *process, NstValue v, bool honour_own, NstValue *out);

#endif
