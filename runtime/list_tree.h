// The tree of chunks inside a list (list.h): a B+ tree with element counts. Private to list*.c.
//
// A tree is a chunk or an inner node. Functions that change a tree copy the path; they recurse by height only, which
// is at most 8. Null is the empty tree.
#ifndef NST_LIST_TREE_H
#define NST_LIST_TREE_H

#include "runtime/heap_inline.h"
#include "runtime/list.h"

// A chunk of `capacity` slots, all of them MISSING; aux (free slots) is `capacity`.
NstObject *nst_chunk_new(NstProcess *p, uint32_t capacity);
// A chunk without free slots that holds slots [from, from + count) of another.
NstObject *nst_chunk_part(NstProcess *p, const NstObject *chunk, uint32_t from, uint32_t count);

static inline uint32_t nst_tree_height(const NstObject *node) {
    return nst_list_is_inner(node) ? node->aux & 0xFFu : 0;
}
static inline uint32_t nst_tree_length(const NstObject *node) {
    return nst_list_is_inner(node) ? nst_list_ends(node)[node->count - 1] : node->count;
}

// A node over `count` <= 32 trees of equal height.
NstObject *nst_tree_node(NstProcess *p, NstObject *const *children, uint32_t count);
// The chunk of element i; *i becomes the position in it.
const NstObject *nst_tree_find(const NstObject *node, uint32_t *i);
NstObject *nst_tree_set(NstProcess *p, NstObject *node, uint32_t i, NstValue v);

NstObject *nst_tree_append(NstProcess *p, NstObject *tree, NstObject *chunk);
NstObject *nst_tree_prepend(NstProcess *p, NstObject *tree, NstObject *chunk);
NstObject *nst_tree_join(NstProcess *p, NstObject *left, NstObject *right);
// Takes the first or last chunk off a tree that is not empty.
NstObject *nst_tree_pop_first(NstProcess *p, NstObject *tree, NstObject **chunk);
NstObject *nst_tree_pop_last(NstProcess *p, NstObject *tree, NstObject **chunk);
// The first n elements, or all but those; 0 <= n <= length.
NstObject *nst_tree_take(NstProcess *p, NstObject *tree, uint32_t n);
NstObject *nst_tree_drop(NstProcess *p, NstObject *tree, uint32_t n);

#endif
