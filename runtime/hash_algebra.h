// Union, intersection and difference of maps and sets. False if keys with their own equality meet: nothing was made.
#ifndef NST_HASH_ALGEBRA_H
#define NST_HASH_ALGEBRA_H

#include "runtime/hash_node.h"

// Both operands of one kind. Values are those of `a` where a key is in both.
bool nst_map_union(NstProcess *p, NstObject *a, NstObject *b, NstValue *out);
bool nst_map_intersection(NstProcess *p, NstObject *a, NstObject *b, NstValue *out);
bool nst_map_difference(NstProcess *p, NstObject *a, NstObject *b, NstValue *out);
bool nst_map_symmetric_difference(NstProcess *p, NstObject *a, NstObject *b, NstValue *out);
// Whether every key of `a` is in `b`.
bool nst_map_subset(NstObject *a, NstObject *b, bool *out);

// The map or set of `count` entries, whose order it changes. `values[i]` is MISSING in sets.
bool nst_map_of_entries(NstProcess *p, NstKind kind, NstEntry *entries, size_t count, NstValue *out);

#endif
