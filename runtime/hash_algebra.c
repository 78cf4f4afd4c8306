#include "runtime/hash_algebra.h"

#include <stdlib.h>

bool nst_map_of_entries(NstProcess *p, NstKind kind, NstEntry *entries, size_t count, NstValue *out) {
    NstObject *root;
    size_t kept;
    if (!nst_hash_build(p, kind == NST_KIND_MAP ? 2 : 1, entries, count, &root, &kept)) return false;
    *out = nst_map_make(p, kind, kept, root);
    return true;
}

// ---- Combining tries ----------------------------------------------------------------------
//
// Both tries are walked together, branch by branch. What only one of them has is shared as it is, or left out, without
// looking inside; so the cost is that of the part in which they overlap.

typedef struct Merge {
    NstHashEdit edit; // process, width; scratch for look-ups
    bool keep_left;   // keys that are in the left trie only
    bool keep_right;
    bool keep_both;   // then with the left entry
    size_t common;    // keys in both
} Merge;

// What a branch holds: nothing, an entry, or a subtree.
typedef struct Part {
    enum { NOTHING, ENTRY, TREE } kind;
    NstEntry entry;
    NstObject *tree;
} Part;

static const Part nothing = { .kind = NOTHING };

static Part entry_part(NstEntry entry) {
    return (Part){ .kind = ENTRY, .entry = entry };
}

static bool is_single(const NstObject *node) {
    return nst_node_entries(node) == 1 && nst_node_children(node) == 0;
}

// A subtree; of a node with a single entry the entry.
static Part tree_part(const Merge *m, NstObject *node) {
    if (is_single(node)) return entry_part(nst_node_entry(node, m->edit.width, 0));
    return (Part){ .kind = TREE, .tree = node };
}

static size_t entries_below(const NstObject *node) {
    size_t count = nst_node_entries(node);
    for (uint32_t i = 0; i < nst_node_children(node); i++) count += entries_below(nst_node_child(node, i));
    return count;
}

// An entry of one side and a subtree of the other; `left`: the entry is the left side's.
static Part entry_and_tree(Merge *m, const NstEntry *entry, NstObject *tree, bool left, uint32_t shift) {
    NstHashEdit *edit = &m->edit;
    edit->entry = *entry;
    NstEntry found;
    bool there = nst_hash_find_at(tree, edit, shift, &found);
    if (edit->own) return nothing;
    m->common += there;
    bool keep_entry = left ? m->keep_left : m->keep_right, keep_tree = left ? m->keep_right : m->keep_left;
    if (!there) {
        if (!keep_tree) return keep_entry ? entry_part(*entry) : nothing;
        return tree_part(m, keep_entry ? nst_hash_put_at(tree, edit, shift) : tree);
    }
    if (!keep_tree) return m->keep_both ? entry_part(left ? *entry : found) : nothing;
    if (!m->keep_both) return tree_part(m, nst_hash_drop_at(tree, edit, shift));
    return tree_part(m, left ? nst_hash_put_at(tree, edit, shift) : tree);
}

static Part two_entries(Merge *m, const NstEntry *a, const NstEntry *b, uint32_t shift) {
    if (a->hash == b->hash && nst_hash_same_key(a->key, b->key, &m->edit)) {
        m->common++;
        return m->keep_both ? entry_part(*a) : nothing;
    }
    if (m->edit.own) return nothing;
    if (m->keep_left && m->keep_right) {
        return (Part){ .kind = TREE, .tree = nst_hash_pair(&m->edit, a, b, shift) };
    }
    return m->keep_left ? entry_part(*a) : m->keep_right ? entry_part(*b) : nothing;
}

static Part collisions(Merge *m, NstObject *a, NstObject *b) {
    uint32_t width = m->edit.width, count_a = nst_node_entries(a), count_b = nst_node_entries(b), count = 0;
    NstEntry *entries = malloc(((size_t)count_a + count_b) * sizeof *entries);
    bool *taken = calloc(count_b, sizeof *taken);
    if (!entries || !taken) abort();
    for (uint32_t i = 0; i < count_a && !m->edit.own; i++) {
        NstEntry entry = nst_node_entry(a, width, i);
        uint32_t at = 0;
        while (at < count_b && !nst_hash_same_key(entry.key, nst_node_key(b, width, at), &m->edit) && !m->edit.own) at++;
        bool both = at < count_b && !m->edit.own;
        if (both) taken[at] = true;
        m->common += both;
        if (both ? m->keep_both : m->keep_left) entries[count++] = entry;
    }
    for (uint32_t i = 0; i < count_b && m->keep_right; i++) {
        if (!taken[i]) entries[count++] = nst_node_entry(b, width, i);
    }
    Part part = nothing;
    if (count == 1) part = entry_part(entries[0]);
    else if (count > 1) part = (Part){ .kind = TREE, .tree = nst_hash_collision(m->edit.process, width, entries, count) };
    free(entries);
    free(taken);
    return part;
}

static Part part_of(const Merge *m, const NstObject *node, uint32_t bit) {
    uint32_t entry_map = nst_node_entry_map(node), child_map = nst_node_child_map(node), below = bit - 1;
    if (entry_map & bit) return entry_part(nst_node_entry(node, m->edit.width, nst_bits(entry_map & below)));
    if (child_map & bit) return (Part){ .kind = TREE, .tree = nst_node_child(node, nst_bits(child_map & below)) };
    return nothing;
}

static Part two_trees(Merge *m, NstObject *a, NstObject *b, uint32_t shift);

static Part two_parts(Merge *m, const Part *a, const Part *b, uint32_t shift) {
    if (a->kind == NOTHING) return m->keep_right ? *b : nothing;
    if (b->kind == NOTHING) return m->keep_left ? *a : nothing;
    if (a->kind == ENTRY && b->kind == ENTRY) return two_entries(m, &a->entry, &b->entry, shift);
    if (a->kind == ENTRY) return entry_and_tree(m, &a->entry, b->tree, true, shift);
    if (b->kind == ENTRY) return entry_and_tree(m, &b->entry, a->tree, false, shift);
    return two_trees(m, a->tree, b->tree, shift);
}

// Whether the parts are just what the node holds.
static bool is_unchanged(const NstObject *node, uint32_t entry_map, uint32_t child_map, const NstEntry *const *entries,
                         NstObject *const *children, uint32_t width) {
    if (nst_node_entry_map(node) != entry_map || nst_node_child_map(node) != child_map) return false;
    for (uint32_t i = 0; i < nst_bits(child_map); i++) {
        if (nst_node_child(node, i) != children[i]) return false;
    }
    for (uint32_t i = 0; i < nst_bits(entry_map); i++) {
        NstEntry entry = nst_node_entry(node, width, i);
        bool same = entry.key.w.u == entries[i]->key.w.u && entry.value.w.u == entries[i]->value.w.u &&
                    entry.key.tag == entries[i]->key.tag && entry.value.tag == entries[i]->value.tag;
        if (!same) return false;
    }
    return true;
}

static Part two_trees(Merge *m, NstObject *a, NstObject *b, uint32_t shift) {
    if (a == b) {
        m->common += entries_below(a);
        return m->keep_both ? (Part){ .kind = TREE, .tree = a } : nothing;
    }
    if (shift >= NST_HASH_DEEPEST) return collisions(m, a, b);
    Part parts[32];
    const NstEntry *entries[32];
    NstObject *children[32];
    uint32_t entry_map = 0, child_map = 0, entry_count = 0, child_count = 0, part_count = 0;
    uint32_t left = nst_node_entry_map(a) | nst_node_child_map(a), right = nst_node_entry_map(b) | nst_node_child_map(b);
    for (uint32_t rest = left | right; rest && !m->edit.own; rest &= rest - 1) {
        uint32_t bit = rest & (0u - rest);
        if (!(m->keep_right || (left & bit)) || !(m->keep_left || (right & bit))) continue; // nothing, unseen
        Part from_left = part_of(m, a, bit), from_right = part_of(m, b, bit);
        Part *part = &parts[part_count++];
        *part = two_parts(m, &from_left, &from_right, shift + NST_HASH_BITS);
        if (part->kind == ENTRY) {
            entry_map |= bit;
            entries[entry_count++] = &part->entry;
        } else if (part->kind == TREE) {
            child_map |= bit;
            children[child_count++] = part->tree;
        }
    }
    if (entry_count == 1 && child_count == 0 && shift > 0) return entry_part(*entries[0]);
    if (entry_count + child_count == 0) return nothing;
    uint32_t width = m->edit.width;
    if (is_unchanged(a, entry_map, child_map, entries, children, width)) return (Part){ .kind = TREE, .tree = a };
    return (Part){ .kind = TREE,
                   .tree = nst_hash_node(m->edit.process, width, entry_map, child_map, entries, children) };
}

// Result NULL for none. False if own equality was met.
static bool merge(Merge *m, NstObject *a, NstObject *b, NstObject **out) {
    Part part;
    if (!a || !b) {
        part = a && m->keep_left ? (Part){ .kind = TREE, .tree = a } : b && m->keep_right ? (Part){ .kind = TREE, .tree = b }
                                                                                         : nothing;
    } else {
        part = two_trees(m, a, b, 0);
    }
    *out = part.kind == TREE ? part.tree : NULL;
    return !m->edit.own;
}

static NstValue made(NstProcess *p, NstObject *like, NstObject *root, size_t size) {
    return root == nst_map_root(like) ? nst_object(like) : nst_map_make(p, (NstKind)like->kind, size, root);
}

static Merge merge_of(NstProcess *p, const NstObject *map) {
    return (Merge){ .edit = { .process = p, .width = nst_map_width(map), .at = -1, .honour_own = true } };
}

// ---- Operations ---------------------------------------------------------------------------

bool nst_map_union(NstProcess *p, NstObject *a, NstObject *b, NstValue *out) {
    Merge m = merge_of(p, a);
    m.keep_left = m.keep_right = m.keep_both = true;
    NstObject *root;
    if (!merge(&m, nst_map_root(a), nst_map_root(b), &root)) return false;
    *out = root == nst_map_root(b) ? nst_object(b) : made(p, a, root, (size_t)a->count + b->count - m.common);
    return true;
}

bool nst_map_intersection(NstProcess *p, NstObject *a, NstObject *b, NstValue *out) {
    Merge m = merge_of(p, a);
    m.keep_both = true;
    NstObject *root;
    if (!merge(&m, nst_map_root(a), nst_map_root(b), &root)) return false;
    *out = made(p, a, root, m.common);
    return true;
}

bool nst_map_difference(NstProcess *p, NstObject *a, NstObject *b, NstValue *out) {
    Merge m = merge_of(p, a);
    m.keep_left = true;
    NstObject *root;
    if (!merge(&m, nst_map_root(a), nst_map_root(b), &root)) return false;
    *out = made(p, a, root, a->count - m.common);
    return true;
}

bool nst_map_symmetric_difference(NstProcess *p, NstObject *a, NstObject *b, NstValue *out) {
    Merge m = merge_of(p, a);
    m.keep_left = m.keep_right = true;
    NstObject *root;
    if (!merge(&m, nst_map_root(a), nst_map_root(b), &root)) return false;
    *out = made(p, a, root, (size_t)a->count + b->count - 2 * m.common);
    return true;
}

bool nst_map_subset(NstObject *a, NstObject *b, bool *out) {
    NstHashEdit edit = { .width = nst_map_width(b), .at = -1, .honour_own = true };
    NstMapIter it;
    NstEntry found;
    *out = a->count <= b->count;
    for (nst_map_iter(&it, a); *out && nst_map_next(&it, &edit.entry.key, &edit.entry.value);) {
        edit.entry.hash = it.hash;
        *out = nst_hash_find(nst_map_root(b), &edit, &found);
        if (edit.own) return false;
    }
    return true;
}
