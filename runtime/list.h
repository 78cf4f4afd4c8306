// Lists: persistent sequences of packed values (see value.h).
//
// Costs: cons, head, tail, length, isEmpty O(1); get, set, take, drop, slice O(log n); concat <= O(n+m);
// traversal O(1) a step; push amortised O(log n) or better. No operation recurses in proportion to the length.
//
// The empty list is one immortal object (nst_list_empty). A list value is always an object of kind LIST.
#ifndef NST_LIST_H
#define NST_LIST_H

#include "value.h"

NstValue nst_list_empty(void);
size_t nst_list_length(const NstObject *list);
NstValue nst_list_get(const NstObject *list, size_t i);               // i < length
NstValue nst_list_head(const NstObject *list);                        // length > 0
NstValue nst_list_tail(NstProcess *p, NstObject *list);               // length > 0
NstValue nst_list_cons(NstProcess *p, NstValue head, NstObject *tail);
NstValue nst_list_push(NstProcess *p, NstObject *list, NstValue last);
NstValue nst_list_set(NstProcess *p, NstObject *list, size_t i, NstValue v); // i < length
NstValue nst_list_slice(NstProcess *p, NstObject *list, size_t from, size_t to); // from <= to <= length
NstValue nst_list_concat(NstProcess *p, NstObject *a, NstObject *b);
NstValue nst_list_from(NstProcess *p, const NstValue *values, size_t count);

// Sequential reading. The iterator holds raw pointers: use it within one primitive only.
typedef struct NstListIter {
    const NstObject *list;
    size_t index, length;
    const NstWord *words;
    const uint8_t *tags;
    size_t chunk_left;
    void *path[16];
} NstListIter;
void nst_list_iter(NstListIter *it, const NstObject *list);
bool nst_list_next(NstListIter *it, NstValue *out);

// Building from left to right inside C; finish gives the list. Raw memory until finished (malloc-free).
typedef struct NstListBuilder {
    NstProcess *process;
    NstObject *object; // a BUILDER object; also usable from library code through primitives
} NstListBuilder;
NstObject *nst_list_builder(NstProcess *p, size_t expected);
void nst_list_builder_add(NstProcess *p, NstObject *builder, NstValue v);
NstValue nst_list_builder_finish(NstProcess *p, NstObject *builder);

#endif
