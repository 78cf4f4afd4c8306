#include "runtime/list_tree.h"

#include <string.h>

enum { WIDTH = NST_LIST_CHUNK };

// ---- Nodes --------------------------------------------------------------------------------

NstObject *nst_chunk_new(NstProcess *p, uint32_t capacity) {
    NstObject *chunk = nst_alloc_slots(p, NST_KIND_LIST_NODE, 0, capacity);
    chunk->aux = (uint16_t)capacity;
    memset(nst_slot_tags(chunk), NST_TAG_MISSING, capacity);
    return chunk;
}

NstObject *nst_chunk_part(NstProcess *p, const NstObject *chunk, uint32_t from, uint32_t count) {
    NstObject *part = nst_alloc_slots(p, NST_KIND_LIST_NODE, 0, count);
    memcpy(nst_slots(part), nst_slots(chunk) + from, count * sizeof(NstWord));
    memcpy(nst_slot_tags(part), nst_slot_tags(chunk) + from, count);
    return part;
}

static NstObject *inner_new(NstProcess *p, uint32_t height, uint32_t count) {
    NstObject *node = nst_alloc(p, nst_list_inner_bytes(count));
    *node = (NstObject){ .kind = NST_KIND_LIST_NODE, .aux = (uint16_t)(NST_LIST_INNER | height), .count = count };
    return node;
}

NstObject *nst_tree_node(NstProcess *p, NstObject *const *children, uint32_t count) {
    NstObject *node = inner_new(p, nst_tree_height(children[0]) + 1, count);
    uint32_t *ends = nst_list_ends(node), end = 0;
    for (uint32_t i = 0; i < count; i++) {
        nst_list_inner(node)->child[i] = children[i];
        ends[i] = end += nst_tree_length(children[i]);
    }
    return node;
}

static NstObject *child_of(const NstObject *node, uint32_t k) {
    return nst_list_inner(node)->child[k];
}

// Elements before child k.
static uint32_t start_of(const NstObject *node, uint32_t k) {
    return k == 0 ? 0 : nst_list_ends(node)[k - 1];
}

// The child that holds element i. A subtree of height h - 1 holds at most 32^h elements, so the search starts there.
static uint32_t place_of(const NstObject *node, uint32_t i) {
    const uint32_t *ends = nst_list_ends(node);
    uint32_t k = (uint32_t)((uint64_t)i >> (5 * nst_tree_height(node)));
    while (ends[k] <= i) k++;
    return k;
}

// Children [from, to) of `node`, with `first` put before them and `last` behind them (null: nothing).
static NstObject *inner_with(NstProcess *p, NstObject *node, uint32_t from, uint32_t to, NstObject *first,
                             NstObject *last) {
    uint32_t count = (first ? 1 : 0) + (to - from) + (last ? 1 : 0);
    NstObject *copy = inner_new(p, nst_tree_height(node), count);
    NstObject **child = nst_list_inner(copy)->child;
    uint32_t *ends = nst_list_ends(copy), end = 0, at = 0;
    if (first) {
        child[at] = first;
        ends[at++] = end = nst_tree_length(first);
    }
    const uint32_t *old_ends = nst_list_ends(node);
    uint32_t shift = end - start_of(node, from); // modulo 2^32
    for (uint32_t k = from; k < to; k++) {
        child[at] = child_of(node, k);
        ends[at++] = end = old_ends[k] + shift;
    }
    if (last) {
        child[at] = last;
        ends[at] = end + nst_tree_length(last);
    }
    return copy;
}

static NstObject *collapse(NstObject *tree) {
    while (tree && nst_list_is_inner(tree) && tree->count == 1) tree = child_of(tree, 0);
    return tree;
}

// A root over a node and its overflow.
static NstObject *root_of(NstProcess *p, NstObject *left, NstObject *right) {
    NstObject *both[] = { left, right };
    return nst_tree_node(p, both, 2);
}

// ---- Reading and replacing ----------------------------------------------------------------

const NstObject *nst_tree_find(const NstObject *node, uint32_t *i) {
    while (nst_list_is_inner(node)) {
        uint32_t k = place_of(node, *i);
        *i -= start_of(node, k);
        node = child_of(node, k);
    }
    return node;
}

NstObject *nst_tree_set(NstProcess *p, NstObject *node, uint32_t i, NstValue v) {
    if (!nst_list_is_inner(node)) {
        NstObject *chunk = nst_chunk_part(p, node, 0, node->count);
        nst_slot_init(chunk, i, v);
        return chunk;
    }
    uint32_t k = place_of(node, i);
    NstObject *child = nst_tree_set(p, child_of(node, k), i - start_of(node, k), v);
    NstObject *copy = nst_alloc(p, nst_list_inner_bytes(node->count));
    memcpy(copy, node, nst_list_inner_bytes(node->count));
    copy->flags = 0;
    nst_list_inner(copy)->child[k] = child;
    return copy;
}

// ---- Joining ------------------------------------------------------------------------------

// Joins two trees. The result has the greater of the two heights; what does not fit into one node of that height is
// *overflow, to the right of it.
static NstObject *join(NstProcess *p, NstObject *left, NstObject *right, NstObject **overflow) {
    uint32_t left_height = nst_tree_height(left), right_height = nst_tree_height(right);
    *overflow = NULL;
    if (left_height == right_height) {
        if (left->count + right->count > WIDTH) {
            *overflow = right;
            return left;
        }
        if (left_height == 0) {
            NstObject *chunk = nst_alloc_slots(p, NST_KIND_LIST_NODE, 0, left->count + right->count);
            memcpy(nst_slots(chunk), nst_slots(left), left->count * sizeof(NstWord));
            memcpy(nst_slots(chunk) + left->count, nst_slots(right), right->count * sizeof(NstWord));
            memcpy(nst_slot_tags(chunk), nst_slot_tags(left), left->count);
            memcpy(nst_slot_tags(chunk) + left->count, nst_slot_tags(right), right->count);
            return chunk;
        }
        NstObject *node = inner_new(p, left_height, left->count + right->count);
        memcpy(nst_list_inner(node)->child, nst_list_inner(left)->child, left->count * sizeof(NstObject *));
        memcpy(nst_list_inner(node)->child + left->count, nst_list_inner(right)->child,
               right->count * sizeof(NstObject *));
        memcpy(nst_list_ends(node), nst_list_ends(left), left->count * sizeof(uint32_t));
        uint32_t before = nst_tree_length(left);
        for (uint32_t k = 0; k < right->count; k++) {
            nst_list_ends(node)[left->count + k] = before + nst_list_ends(right)[k];
        }
        return node;
    }
    if (left_height > right_height) {
        NstObject *more, *child = join(p, child_of(left, left->count - 1), right, &more);
        NstObject *node = left;
        if (child != child_of(left, left->count - 1)) node = inner_with(p, left, 0, left->count - 1, NULL, child);
        if (!more) return node;
        if (node->count < WIDTH) return inner_with(p, node, 0, node->count, NULL, more);
        *overflow = nst_tree_node(p, &more, 1);
        return node;
    }
    NstObject *more, *child = join(p, left, child_of(right, 0), &more);
    NstObject *last = more ? more : child; // takes the place of right's first child
    NstObject *node = right;
    if (last != child_of(right, 0)) node = inner_with(p, right, 1, right->count, last, NULL);
    if (!more) return node;
    if (node->count < WIDTH) return inner_with(p, node, 0, node->count, child, NULL);
    *overflow = node;
    return nst_tree_node(p, &child, 1);
}

NstObject *nst_tree_join(NstProcess *p, NstObject *left, NstObject *right) {
    if (!left) return right;
    if (!right) return left;
    NstObject *overflow, *tree = join(p, left, right, &overflow);
    return overflow ? root_of(p, tree, overflow) : tree;
}

// Like join with a chunk, but chunks are never merged: the chunk at the edge stays whole.
static NstObject *append(NstProcess *p, NstObject *node, NstObject *chunk, NstObject **overflow) {
    *overflow = NULL;
    if (!nst_list_is_inner(node)) {
        *overflow = chunk;
        return node;
    }
    NstObject *last = child_of(node, node->count - 1);
    NstObject *more, *child = append(p, last, chunk, &more);
    if (!more) return inner_with(p, node, 0, node->count - 1, NULL, child);
    if (node->count < WIDTH) return inner_with(p, node, 0, node->count, NULL, more);
    *overflow = nst_tree_node(p, &more, 1);
    return node;
}

NstObject *nst_tree_append(NstProcess *p, NstObject *tree, NstObject *chunk) {
    if (!tree) return chunk;
    NstObject *overflow, *node = append(p, tree, chunk, &overflow);
    return overflow ? root_of(p, node, overflow) : node;
}

static NstObject *prepend(NstProcess *p, NstObject *node, NstObject *chunk, NstObject **overflow) {
    *overflow = NULL;
    if (!nst_list_is_inner(node)) {
        *overflow = chunk;
        return node;
    }
    NstObject *more, *child = prepend(p, child_of(node, 0), chunk, &more);
    if (!more) return inner_with(p, node, 1, node->count, child, NULL);
    if (node->count < WIDTH) return inner_with(p, node, 0, node->count, more, NULL);
    *overflow = nst_tree_node(p, &more, 1);
    return node;
}

NstObject *nst_tree_prepend(NstProcess *p, NstObject *tree, NstObject *chunk) {
    if (!tree) return chunk;
    NstObject *overflow, *node = prepend(p, tree, chunk, &overflow);
    return overflow ? root_of(p, overflow, node) : node;
}

// ---- Taking apart -------------------------------------------------------------------------

static NstObject *pop_first(NstProcess *p, NstObject *node, NstObject **chunk) {
    if (!nst_list_is_inner(node)) {
        *chunk = node;
        return NULL;
    }
    NstObject *rest = pop_first(p, child_of(node, 0), chunk);
    if (!rest && node->count == 1) return NULL;
    return inner_with(p, node, 1, node->count, rest, NULL);
}

NstObject *nst_tree_pop_first(NstProcess *p, NstObject *tree, NstObject **chunk) {
    return collapse(pop_first(p, tree, chunk));
}

static NstObject *pop_last(NstProcess *p, NstObject *node, NstObject **chunk) {
    if (!nst_list_is_inner(node)) {
        *chunk = node;
        return NULL;
    }
    NstObject *rest = pop_last(p, child_of(node, node->count - 1), chunk);
    if (!rest && node->count == 1) return NULL;
    return inner_with(p, node, 0, node->count - 1, NULL, rest);
}

NstObject *nst_tree_pop_last(NstProcess *p, NstObject *tree, NstObject **chunk) {
    return collapse(pop_last(p, tree, chunk));
}

static NstObject *take(NstProcess *p, NstObject *node, uint32_t n) {
    if (n == nst_tree_length(node)) return node;
    if (!nst_list_is_inner(node)) return nst_chunk_part(p, node, 0, n);
    uint32_t k = place_of(node, n - 1);
    return inner_with(p, node, 0, k, NULL, take(p, child_of(node, k), n - start_of(node, k)));
}

NstObject *nst_tree_take(NstProcess *p, NstObject *tree, uint32_t n) {
    return n == 0 ? NULL : collapse(take(p, tree, n));
}

static NstObject *drop(NstProcess *p, NstObject *node, uint32_t n) {
    if (n == 0) return node;
    if (!nst_list_is_inner(node)) return nst_chunk_part(p, node, n, node->count - n);
    uint32_t k = place_of(node, n);
    return inner_with(p, node, k + 1, node->count, drop(p, child_of(node, k), n - start_of(node, k)), NULL);
}

NstObject *nst_tree_drop(NstProcess *p, NstObject *tree, uint32_t n) {
    return n == nst_tree_length(tree) ? NULL : collapse(drop(p, tree, n));
}
