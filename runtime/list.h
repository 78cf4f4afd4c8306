// Lists: persistent sequences of packed values (see value.h).
//
// Costs: cons, head, tail, length, isEmpty O(1) (amortised: every 32nd cons or tail touches the tree); get, set,
// take, drop, slice, concat O(log n); traversal O(1) a step; push amortised O(1). No operation recurses in
// proportion to the length.
//
// A list is a front chunk, a tree of chunks and a back chunk:
//
//      front (right-aligned)        tree (B+ tree, chunks and inner nodes of up to 32)        back (left-aligned)
//      [ . . . . a b c ]            [ d … ] [ … ] [ … ]                                       [ x y z . . . . ]
//
// Chunks are LIST_NODE slots objects of up to 32 slots. A front chunk may have free slots before its elements, a back
// chunk behind them; `aux` of the chunk counts the free ones. cons and push *claim* a free slot beside their own
// elements: the slot is invisible to every older list, so writing it changes nothing that anybody can see. This is
// the only change of an immutable object after construction. Frozen chunks are never claimed.
//
// Invariants
//  1. A list with elements has a front with at least one. aux of the list holds the numbers of front and back
//     elements, count its length; it is below 2^32.
//  2. Chunks inside the tree have no free slots: count is their number of elements.
//  3. Inner nodes hold children of equal height, and for each child the number of elements up to its end.
//     An inner node of height h (1: children are chunks) carries NST_LIST_INNER | h in aux.
//
// The empty list is one immortal object (nst_list_empty). A list value is always an object of kind LIST.
#ifndef NST_LIST_H
#define NST_LIST_H

#include "runtime/value.h"

enum { NST_LIST_CHUNK = 32, NST_LIST_INNER = 0x8000 };

typedef struct NstList {
    NstObject head;   // count: length; aux: front elements | back elements << 6
    NstObject *front, *tree, *back; // null if there is none
} NstList;

typedef struct NstListInner {
    NstObject head;   // count: children
    NstObject *child[]; // then `count` uint32_t: elements up to and including child i
} NstListInner;

static inline bool nst_list_is_inner(const NstObject *node) { return (node->aux & NST_LIST_INNER) != 0; }
static inline NstListInner *nst_list_inner(const NstObject *node) { return (NstListInner *)(uintptr_t)node; }
static inline uint32_t *nst_list_ends(const NstObject *node) { return (uint32_t *)(void *)&nst_list_inner(node)->child[node->count]; }
static inline size_t nst_list_inner_bytes(size_t count) { return sizeof(NstListInner) + 8 * count + ((4 * count + 7) & ~(size_t)7); }

static inline const NstList *nst_list_of(const NstObject *list) { return (const NstList *)(const void *)list; }
static inline uint32_t nst_list_front_count(const NstObject *list) { return list->aux & 63u; }
static inline uint32_t nst_list_back_count(const NstObject *list) { return (uint32_t)list->aux >> 6 & 63u; }

// Slots of a chunk: what nst_slots and nst_slot find for every kind, for this kind.
static inline NstWord *nst_chunk_words(const NstObject *chunk) { return (NstWord *)(uintptr_t)(chunk + 1); }
static inline uint8_t *nst_chunk_tags(const NstObject *chunk) { return (uint8_t *)(nst_chunk_words(chunk) + chunk->count); }
static inline NstValue nst_chunk_get(const NstObject *chunk, size_t slot) {
    return (NstValue){ .w = nst_chunk_words(chunk)[slot], .tag = nst_chunk_tags(chunk)[slot] };
}
static inline void nst_chunk_init(NstObject *chunk, size_t slot, NstValue v) {
    nst_chunk_words(chunk)[slot] = v.w;
    nst_chunk_tags(chunk)[slot] = (uint8_t)v.tag;
}

NstValue nst_list_empty(void);
static inline size_t nst_list_length(const NstObject *list) { return list->count; }
NstValue nst_list_get_slow(const NstObject *list, size_t i);

// i < length
static inline NstValue nst_list_get(const NstObject *list, size_t i) {
    uint32_t shown = nst_list_front_count(list);
    if (i < shown) {
        const NstObject *front = nst_list_of(list)->front;
        return nst_chunk_get(front, front->count - shown + i);
    }
    return nst_list_get_slow(list, i);
}
// length > 0
static inline NstValue nst_list_head(const NstObject *list) {
    const NstObject *front = nst_list_of(list)->front;
    return nst_chunk_get(front, front->count - nst_list_front_count(list));
}
NstValue nst_list_last(const NstObject *list);                        // length > 0
NstValue nst_list_tail(NstProcess *p, NstObject *list);               // length > 0
NstValue nst_list_init(NstProcess *p, NstObject *list);               // length > 0; all but the last
NstValue nst_list_cons(NstProcess *p, NstValue head, NstObject *tail);
NstValue nst_list_push(NstProcess *p, NstObject *list, NstValue last);
NstValue nst_list_set(NstProcess *p, NstObject *list, size_t i, NstValue v); // i < length
NstValue nst_list_slice(NstProcess *p, NstObject *list, size_t from, size_t to); // from <= to <= length
NstValue nst_list_concat(NstProcess *p, NstObject *a, NstObject *b);
NstValue nst_list_from(NstProcess *p, const NstValue *values, size_t count);
NstValue nst_list_reverse(NstProcess *p, const NstObject *list);

// Sequential reading. The iterator holds raw pointers: use it within one primitive only.
typedef struct NstListIter {
    const NstObject *list;
    size_t index, length;
    const NstWord *words;
    const uint8_t *tags;
    size_t chunk_left;
} NstListIter;
void nst_list_iter(NstListIter *it, const NstObject *list);
void nst_list_iter_at(NstListIter *it, const NstObject *list, size_t from);
void nst_list_iter_load(NstListIter *it); // internal: the chunk of element `index`

static inline bool nst_list_next(NstListIter *it, NstValue *out) {
    if (it->chunk_left == 0) {
        if (it->index >= it->length) return false;
        nst_list_iter_load(it);
    }
    *out = (NstValue){ .w = *it->words++, .tag = *it->tags++ };
    it->chunk_left--;
    it->index++;
    return true;
}

// The chunk that holds element i, and the run of elements from i on in it. i < length.
typedef struct NstListRun {
    const NstObject *chunk;
    uint32_t slot;  // of element i
    uint32_t count; // elements from i to the end of the chunk
} NstListRun;
NstListRun nst_list_run(const NstObject *list, size_t i);

// Building from left to right: a transient BUILDER object, also usable from library code through primitives.
// finish gives the list and empties the builder.
NstObject *nst_list_builder(NstProcess *p, size_t expected);
void nst_list_builder_add(NstProcess *p, NstObject *builder, NstValue v);
void nst_list_builder_append(NstProcess *p, NstObject *builder, const NstObject *list);
size_t nst_list_builder_length(const NstObject *builder);
NstValue nst_list_builder_finish(NstProcess *p, NstObject *builder);

// ---- Cursors ------------------------------------------------------------------------------
// A cursor reads a list from the front, one element a call; library source and the VM use it in loops. It is a BUILDER
// object: the list, the index behind the current chunk, that chunk, the slot of the next element, and how many elements of
// the chunk are left.

enum { NST_CURSOR_LIST, NST_CURSOR_INDEX, NST_CURSOR_CHUNK, NST_CURSOR_SLOT, NST_CURSOR_LEFT, NST_CURSOR_SLOTS };

NstObject *nst_list_cursor(NstProcess *p, NstObject *list);
// Makes the chunk of the next element current; false behind the last one.
bool nst_list_cursor_load(NstProcess *p, NstObject *cursor);

static inline bool nst_list_cursor_next(NstProcess *p, NstObject *cursor, NstValue *out) {
    NstWord *slots = (NstWord *)(void *)(cursor + 1);
    if (__builtin_expect(slots[NST_CURSOR_LEFT].u == 0, 0) && !nst_list_cursor_load(p, cursor)) return false;
    slots[NST_CURSOR_LEFT].u--;
    *out = nst_chunk_get(slots[NST_CURSOR_CHUNK].o, (size_t)slots[NST_CURSOR_SLOT].u++);
    return true;
}

#endif
