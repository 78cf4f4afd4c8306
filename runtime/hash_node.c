#include "runtime/hash_node.h"

#include <stdlib.h>
#include <string.h>

// ---- Nodes --------------------------------------------------------------------------------

// `aux`: NST_HASH_COLLISION, NST_HASH_OWNED
static NstObject *node_new(NstProcess *p, uint32_t width, uint32_t entry_map, uint32_t child_map, uint32_t entries,
                           uint32_t aux) {
    uint32_t first = nst_node_first_entry(entries);
    NstObject *node = nst_alloc_slots(p, NST_KIND_HASH_NODE, 0, first + entries * width + nst_bits(child_map));
    node->aux = (uint16_t)aux;
    for (uint32_t i = 0; i < first; i++) nst_slot_init(node, i, nst_int(0));
    nst_slots(node)[0].u = (uint64_t)child_map << 32 | entry_map;
    return node;
}

static void set_hash(NstObject *node, uint32_t i, uint32_t hash) {
    nst_slots(node)[1 + i / 2].u |= (uint64_t)hash << (i % 2 * 32); // fresh nodes have zeros there
}

static void set_entry(NstObject *node, uint32_t width, uint32_t i, const NstEntry *entry) {
    uint32_t slot = nst_node_first_entry(nst_node_entries(node)) + i * width;
    set_hash(node, i, entry->hash);
    nst_slot_init(node, slot, entry->key);
    if (width == 2) nst_slot_init(node, slot + 1, entry->value);
}

static void set_child(NstObject *node, uint32_t i, NstObject *child) {
    nst_slot_init(node, node->count - nst_node_children(node) + i, nst_object(child));
}

static void copy_slots(NstObject *to, uint32_t at, const NstObject *from, uint32_t start, uint32_t count) {
    memcpy(nst_slots(to) + at, nst_slots(from) + start, count * sizeof(NstWord));
    memcpy(nst_slot_tags(to) + at, nst_slot_tags(from) + start, count);
}

static uint32_t aux_of(const NstHashEdit *edit, bool collision) {
    return (edit->owned ? NST_HASH_OWNED : 0u) | (collision ? NST_HASH_COLLISION : 0u);
}

static NstObject *node_copy(const NstHashEdit *edit, const NstObject *node) {
    NstObject *copy = nst_alloc_slots(edit->process, NST_KIND_HASH_NODE, 0, node->count);
    copy->aux = (uint16_t)aux_of(edit, nst_node_collision(node));
    copy_slots(copy, 0, node, 0, node->count);
    return copy;
}

// The node with another value in a slot: itself if it is owned.
static NstObject *with_slot(const NstHashEdit *edit, NstObject *node, uint32_t slot, NstValue v) {
    if (edit->owned && (node->aux & NST_HASH_OWNED)) {
        nst_slot_init(node, slot, v);
        nst_barrier(edit->process, node, v);
        return node;
    }
    NstObject *copy = node_copy(edit, node);
    nst_slot_init(copy, slot, v);
    return copy;
}

static NstObject *with_child(const NstHashEdit *edit, NstObject *node, uint32_t i, NstObject *child) {
    return with_slot(edit, node, node->count - nst_node_children(node) + i, nst_object(child));
}

// What to change in a copy of a node: at most one entry and one child removed, and one of each inserted.
// Positions are in the old node; NONE: no such change.
enum { NONE = 255 };
typedef struct Change {
    uint32_t entry_map, child_map; // of the new node
    uint32_t remove_entry, insert_entry, remove_child, insert_child;
    const NstEntry *entry;
    NstObject *child;
} Change;

static NstObject *node_with(const NstHashEdit *edit, const NstObject *node, const Change *change) {
    uint32_t width = edit->width;
    bool collision = nst_node_collision(node);
    uint32_t old_entries = nst_node_entries(node), old_children = nst_node_children(node);
    uint32_t entries = collision ? change->entry_map : nst_bits(change->entry_map);
    NstObject *copy = node_new(edit->process, width, change->entry_map, change->child_map, entries, aux_of(edit, collision));
    uint32_t from = nst_node_first_entry(old_entries), at = nst_node_first_entry(entries), to = 0;
    for (uint32_t i = 0; i <= old_entries; i++) {
        if (i == change->insert_entry) {
            set_entry(copy, width, to++, change->entry);
            at += width;
        }
        if (i < old_entries && i != change->remove_entry) {
            set_hash(copy, to++, nst_node_hash(node, i));
            copy_slots(copy, at, node, from + i * width, width);
            at += width;
        }
    }
    from += old_entries * width;
    for (uint32_t i = 0; i <= old_children; i++) {
        if (i == change->insert_child) nst_slot_init(copy, at++, nst_object(change->child));
        if (i < old_children && i != change->remove_child) copy_slots(copy, at++, node, from + i, 1);
    }
    return copy;
}

static uint32_t branch_bit(uint32_t hash, uint32_t shift) {
    return UINT32_C(1) << (hash >> shift & 31);
}

// The position of a branch among those of a bit map.
static uint32_t rank(uint32_t map, uint32_t bit) {
    return nst_bits(map & (bit - 1));
}

// ---- Finding ------------------------------------------------------------------------------

bool nst_hash_same_key(NstValue a, NstValue b, NstHashEdit *edit) {
    if (a.tag != b.tag) return false;
    if (a.tag == NST_TAG_INT) return a.w.i == b.w.i;
    if (nst_is_kind(a, NST_KIND_STRING) && nst_is_kind(b, NST_KIND_STRING)) {
        const NstString *s = (const NstString *)(const void *)a.w.o, *t = (const NstString *)(const void *)b.w.o;
        return s == t || (s->head.count == t->head.count && memcmp(s->bytes, t->bytes, s->head.count) == 0);
    }
    NstCmp result = nst_key_equal(a, b);
    if (result == NST_CMP_OWN && edit->honour_own) edit->own = true;
    return result == NST_CMP_TRUE;
}

// Whether entry i of the node, the ordinal-th with its hash, is the one that is meant.
static bool meant(const NstObject *node, uint32_t i, uint32_t ordinal, NstHashEdit *edit) {
    if (nst_node_hash(node, i) != edit->entry.hash) return false;
    if (edit->at >= 0) return edit->at == ordinal;
    return nst_hash_same_key(nst_node_key(node, edit->width, i), edit->entry.key, edit);
}

static bool find_collision(const NstObject *node, NstHashEdit *edit, uint32_t *i) {
    uint32_t entries = nst_node_entries(node);
    for (*i = 0; *i < entries && !edit->own; ++*i) {
        if (meant(node, *i, *i, edit)) return true;
    }
    return false;
}

bool nst_hash_find_at(const NstObject *node, NstHashEdit *edit, uint32_t shift, NstEntry *out) {
    for (; node; shift += NST_HASH_BITS) {
        uint32_t i;
        if (nst_node_collision(node)) {
            if (!find_collision(node, edit, &i)) return false;
            *out = nst_node_entry(node, edit->width, i);
            return true;
        }
        uint32_t bit = branch_bit(edit->entry.hash, shift), child_map = nst_node_child_map(node);
        if (child_map & bit) {
            node = nst_node_child(node, rank(child_map, bit));
            continue;
        }
        uint32_t entry_map = nst_node_entry_map(node);
        i = rank(entry_map, bit);
        if (!(entry_map & bit) || !meant(node, i, 0, edit)) return false;
        *out = nst_node_entry(node, edit->width, i);
        return true;
    }
    return false;
}

bool nst_hash_find(const NstObject *root, NstHashEdit *edit, NstEntry *out) {
    return nst_hash_find_at(root, edit, 0, out);
}

// ---- Putting ------------------------------------------------------------------------------

NstObject *nst_hash_pair(const NstHashEdit *edit, const NstEntry *a, const NstEntry *b, uint32_t shift) {
    NstProcess *p = edit->process;
    uint32_t width = edit->width, aux = aux_of(edit, shift >= NST_HASH_DEEPEST);
    if (shift >= NST_HASH_DEEPEST) {
        NstObject *node = node_new(p, width, 2, 0, 2, aux);
        set_entry(node, width, 0, a);
        set_entry(node, width, 1, b);
        return node;
    }
    uint32_t bit_a = branch_bit(a->hash, shift), bit_b = branch_bit(b->hash, shift);
    if (bit_a == bit_b) {
        NstObject *child = nst_hash_pair(edit, a, b, shift + NST_HASH_BITS);
        NstObject *node = node_new(p, width, 0, bit_a, 0, aux);
        set_child(node, 0, child);
        return node;
    }
    NstObject *node = node_new(p, width, bit_a | bit_b, 0, 2, aux);
    set_entry(node, width, bit_a < bit_b ? 0 : 1, a);
    set_entry(node, width, bit_a < bit_b ? 1 : 0, b);
    return node;
}

static NstObject *replace_value(NstObject *node, uint32_t i, NstHashEdit *edit) {
    if (edit->width == 1) return node;
    return with_slot(edit, node, nst_node_first_entry(nst_node_entries(node)) + i * 2 + 1, edit->entry.value);
}

static NstObject *put_collision(NstObject *node, NstHashEdit *edit) {
    uint32_t i;
    if (find_collision(node, edit, &i)) return replace_value(node, i, edit);
    if (edit->own) return node;
    edit->changed = true;
    uint32_t entries = nst_node_entries(node);
    Change change = { .entry_map = entries + 1, .remove_entry = NONE, .insert_entry = entries, .remove_child = NONE,
                      .insert_child = NONE, .entry = &edit->entry };
    // A collision node may have more entries than NONE says.
    if (entries < NONE) return node_with(edit, node, &change);
    NstObject *copy = node_new(edit->process, edit->width, entries + 1, 0, entries + 1, aux_of(edit, true));
    for (i = 0; i < entries; i++) {
        NstEntry entry = nst_node_entry(node, edit->width, i);
        set_entry(copy, edit->width, i, &entry);
    }
    set_entry(copy, edit->width, entries, &edit->entry);
    return copy;
}

NstObject *nst_hash_put_at(NstObject *node, NstHashEdit *edit, uint32_t shift) {
    if (nst_node_collision(node)) return put_collision(node, edit);
    uint32_t bit = branch_bit(edit->entry.hash, shift);
    uint32_t entry_map = nst_node_entry_map(node), child_map = nst_node_child_map(node);
    uint32_t entry = rank(entry_map, bit), child = rank(child_map, bit);
    if (child_map & bit) {
        NstObject *old = nst_node_child(node, child), *changed = nst_hash_put_at(old, edit, shift + NST_HASH_BITS);
        return changed == old ? node : with_child(edit, node, child, changed);
    }
    Change change = { .entry_map = entry_map | bit, .child_map = child_map, .remove_entry = NONE,
                      .insert_entry = entry, .remove_child = NONE, .insert_child = NONE, .entry = &edit->entry };
    if (entry_map & bit) {
        if (meant(node, entry, 0, edit)) return replace_value(node, entry, edit);
        if (edit->own) return node;
        NstEntry other = nst_node_entry(node, edit->width, entry);
        change = (Change){ .entry_map = entry_map & ~bit, .child_map = child_map | bit, .remove_entry = entry,
                           .insert_entry = NONE, .remove_child = NONE, .insert_child = child,
                           .child = nst_hash_pair(edit, &other, &edit->entry, shift + NST_HASH_BITS) };
    }
    edit->changed = true;
    return node_with(edit, node, &change);
}

NstObject *nst_hash_put(NstObject *root, NstHashEdit *edit) {
    edit->changed = edit->own = false;
    if (root) return nst_hash_put_at(root, edit, 0);
    edit->changed = true;
    root = node_new(edit->process, edit->width, branch_bit(edit->entry.hash, 0), 0, 1, aux_of(edit, false));
    set_entry(root, edit->width, 0, &edit->entry);
    return root;
}

// ---- Removing -----------------------------------------------------------------------------

static bool is_single(const NstObject *node) {
    return nst_node_entries(node) == 1 && nst_node_children(node) == 0;
}

// A node with a single entry that comes back from a child is only a carrier: the parent takes the entry in.
NstObject *nst_hash_drop_at(NstObject *node, NstHashEdit *edit, uint32_t shift) {
    NstProcess *p = edit->process;
    uint32_t width = edit->width;
    if (nst_node_collision(node)) {
        uint32_t i, entries = nst_node_entries(node);
        if (!find_collision(node, edit, &i)) return node;
        edit->changed = true;
        NstObject *copy = node_new(p, width, entries - 1, 0, entries - 1, aux_of(edit, true));
        for (uint32_t from = 0, to = 0; from < entries; from++) {
            if (from == i) continue;
            NstEntry entry = nst_node_entry(node, width, from);
            set_entry(copy, width, to++, &entry);
        }
        return copy;
    }
    uint32_t bit = branch_bit(edit->entry.hash, shift);
    uint32_t entry_map = nst_node_entry_map(node), child_map = nst_node_child_map(node);
    uint32_t entry = rank(entry_map, bit), child = rank(child_map, bit);
    if (child_map & bit) {
        NstObject *old = nst_node_child(node, child), *rest = nst_hash_drop_at(old, edit, shift + NST_HASH_BITS);
        if (rest == old) return node;
        if (!is_single(rest)) return with_child(edit, node, child, rest);
        if (shift > 0 && entry_map == 0 && child_map == bit) return rest;
        NstEntry single = nst_node_entry(rest, width, 0);
        Change change = { .entry_map = entry_map | bit, .child_map = child_map & ~bit, .remove_entry = NONE,
                          .insert_entry = entry, .remove_child = child, .insert_child = NONE, .entry = &single };
        return node_with(edit, node, &change);
    }
    if (!(entry_map & bit) || !meant(node, entry, 0, edit)) return node;
    edit->changed = true;
    if (entry_map == bit && child_map == 0) return NULL; // the root's last
    Change change = { .entry_map = entry_map & ~bit, .child_map = child_map, .remove_entry = entry,
                      .insert_entry = NONE, .remove_child = NONE, .insert_child = NONE };
    return node_with(edit, node, &change);
}

NstObject *nst_hash_drop(NstObject *root, NstHashEdit *edit) {
    edit->changed = edit->own = false;
    return root ? nst_hash_drop_at(root, edit, 0) : NULL;
}

void nst_hash_release(NstObject *root) {
    if (!root || !(root->aux & NST_HASH_OWNED)) return;
    root->aux &= (uint16_t)~NST_HASH_OWNED;
    uint32_t count = nst_node_children(root);
    for (uint32_t i = 0; i < count; i++) __builtin_prefetch(nst_node_child(root, i), 1); // they lie all over the heap
    for (uint32_t i = 0; i < count; i++) nst_hash_release(nst_node_child(root, i));
}

// ---- Building -----------------------------------------------------------------------------

// The hash with its 5-bit groups turned around: numeric order is the order of the trie.
static uint32_t trie_order(uint32_t hash) {
    uint32_t order = hash >> 30;
    for (uint32_t shift = 25, to = 2;; shift -= 5, to += 5) {
        order |= (hash >> shift & 31) << to;
        if (shift == 0) return order;
    }
}

typedef struct Sorted {
    uint32_t order, index;
} Sorted;

// Stable radix sort by `order`; `spare` has the same size. The result is in `items`.
static void sort_items(Sorted *items, Sorted *spare, size_t count) {
    if (count <= 16) {
        for (size_t i = 1; i < count; i++) {
            Sorted item = items[i];
            size_t j = i;
            for (; j > 0 && items[j - 1].order > item.order; j--) items[j] = items[j - 1];
            items[j] = item;
        }
        return;
    }
    for (uint32_t shift = 0; shift < 32; shift += 8) {
        size_t starts[257] = { 0 };
        for (size_t i = 0; i < count; i++) starts[(items[i].order >> shift & 255) + 1]++;
        for (uint32_t i = 0; i < 256; i++) starts[i + 1] += starts[i];
        for (size_t i = 0; i < count; i++) spare[starts[items[i].order >> shift & 255]++] = items[i];
        Sorted *swap = items;
        items = spare;
        spare = swap;
    }
}

typedef struct Build {
    NstProcess *process;
    uint32_t width;
    const NstEntry *entries; // in trie order, keys different
} Build;

NstObject *nst_hash_node(NstProcess *p, uint32_t width, uint32_t entry_map, uint32_t child_map,
                         const NstEntry *const *entries, NstObject *const *children) {
    uint32_t entry_count = nst_bits(entry_map), child_count = nst_bits(child_map);
    NstObject *node = node_new(p, width, entry_map, child_map, entry_count, 0);
    for (uint32_t i = 0; i < entry_count; i++) set_entry(node, width, i, entries[i]);
    for (uint32_t i = 0; i < child_count; i++) set_child(node, i, children[i]);
    return node;
}

NstObject *nst_hash_collision(NstProcess *p, uint32_t width, const NstEntry *entries, uint32_t count) {
    NstObject *node = node_new(p, width, count, 0, count, NST_HASH_COLLISION);
    for (uint32_t i = 0; i < count; i++) set_entry(node, width, i, &entries[i]);
    return node;
}

static NstObject *build(const Build *b, size_t from, size_t to, uint32_t shift) {
    if (shift >= NST_HASH_DEEPEST) {
        return nst_hash_collision(b->process, b->width, b->entries + from, (uint32_t)(to - from));
    }
    NstObject *children[32];
    const NstEntry *singles[32];
    uint32_t entry_map = 0, child_map = 0, entry_count = 0, child_count = 0;
    for (size_t start = from; start < to;) {
        uint32_t bit = branch_bit(b->entries[start].hash, shift);
        size_t end = start + 1;
        while (end < to && branch_bit(b->entries[end].hash, shift) == bit) end++;
        if (end - start == 1) {
            entry_map |= bit;
            singles[entry_count++] = &b->entries[start];
        } else {
            child_map |= bit;
            children[child_count++] = build(b, start, end, shift + NST_HASH_BITS);
        }
        start = end;
    }
    return nst_hash_node(b->process, b->width, entry_map, child_map, singles, children);
}

// Appends `entry` to those of `out` from `run` on, which have its hash, unless its key is among them.
static bool add_distinct(NstEntry *out, size_t run, size_t *count, const NstEntry *entry, NstHashEdit *edit) {
    for (size_t i = run; i < *count; i++) {
        if (out[i].hash == entry->hash && nst_hash_same_key(out[i].key, entry->key, edit)) {
            out[i].value = entry->value;
            return true;
        }
        if (edit->own) return false;
    }
    out[(*count)++] = *entry;
    return true;
}

bool nst_hash_build(NstProcess *p, uint32_t width, NstEntry *entries, size_t count, NstObject **root, size_t *kept) {
    *root = NULL;
    *kept = 0;
    if (count == 0) return true;
    Sorted *items = malloc(2 * count * sizeof *items);
    NstEntry *sorted = malloc(count * sizeof *sorted);
    if (!items || !sorted) abort();
    for (size_t i = 0; i < count; i++) {
        items[i] = (Sorted){ .order = trie_order(entries[i].hash), .index = (uint32_t)i };
    }
    sort_items(items, items + count, count);
    NstHashEdit edit = { .honour_own = true };
    bool done = true;
    size_t run = 0;
    for (size_t i = 0; i < count && done; i++) {
        if (i > 0 && items[i].order != items[i - 1].order) run = *kept;
        done = add_distinct(sorted, run, kept, &entries[items[i].index], &edit);
    }
    if (done) *root = build(&(Build){ .process = p, .width = width, .entries = sorted }, 0, *kept, 0);
    free(items);
    free(sorted);
    return done;
}
