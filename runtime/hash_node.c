#include "runtime/hash_node.h"

#include <stdlib.h>
#include <string.h>

// ---- Nodes --------------------------------------------------------------------------------

static const uint16_t stamp_mask = (uint16_t)~(NST_HASH_STAMP - 1);

// With `spare` free slots.
static NstObject *node_new(const NstHashEdit *edit, uint32_t entry_map, uint32_t child_map, bool collision, uint32_t spare) {
    uint32_t entries = collision ? entry_map : nst_bits(entry_map);
    uint32_t count = nst_node_slots(edit->width, entries, nst_bits(child_map)) + spare;
    NstObject *node = nst_alloc_slots(edit->process, NST_KIND_HASH_NODE, 0, count);
    node->aux = (uint16_t)(edit->stamp | (collision ? NST_HASH_COLLISION : 0) | (edit->width == 2 ? NST_HASH_VALUES : 0));
    nst_slots(node)[0].u = (uint64_t)child_map << 32 | entry_map;
    memset(nst_slot_tags(node), NST_TAG_INT, count);
    return node;
}

static void set_entry(NstObject *node, uint32_t width, uint32_t i, const NstEntry *entry) {
    memcpy(nst_node_hashes(node) - 4 * (i + 1), &entry->hash, sizeof entry->hash);
    nst_slot_init(node, 1 + i * width, entry->key);
    if (width == 2) nst_slot_init(node, 2 + i * width, entry->value);
}

static void set_child(NstObject *node, uint32_t i, NstObject *child) {
    nst_slot_init(node, node->count - 1 - i, nst_object(child));
}

static void copy_slots(NstObject *to, uint32_t at, const NstObject *from, uint32_t start, uint32_t count) {
    memcpy(nst_slots(to) + at, nst_slots(from) + start, count * sizeof(NstWord));
    memcpy(nst_slot_tags(to) + at, nst_slot_tags(from) + start, count);
}

static void move_slots(NstObject *node, uint32_t at, uint32_t start, uint32_t count) {
    memmove(nst_slots(node) + at, nst_slots(node) + start, count * sizeof(NstWord));
    memmove(nst_slot_tags(node) + at, nst_slot_tags(node) + start, count);
}

static bool in_place(const NstHashEdit *edit, const NstObject *node) {
    return edit->stamp && (node->aux & stamp_mask) == edit->stamp;
}

// The node with another value in a slot.
static NstObject *with_slot(const NstHashEdit *edit, NstObject *node, uint32_t slot, NstValue v) {
    if (!in_place(edit, node)) {
        NstObject *copy = nst_alloc_slots(edit->process, NST_KIND_HASH_NODE, 0, node->count);
        copy->aux = (uint16_t)((node->aux & ~stamp_mask) | edit->stamp);
        copy_slots(copy, 0, node, 0, node->count);
        node = copy;
    }
    nst_slot_init(node, slot, v);
    nst_barrier(edit->process, node, v);
    return node;
}

static NstObject *with_child(const NstHashEdit *edit, NstObject *node, uint32_t i, NstObject *child) {
    return with_slot(edit, node, node->count - 1 - i, nst_object(child));
}

// A change of a node: the new bit maps (in a collision node the number of entries), and with one entry more the place
// and contents of the new one, with one less the place of the old one; and the same of children.
typedef struct Change {
    uint32_t entry_map, child_map;
    uint32_t entry_at, child_at;
    const NstEntry *entry;
    NstObject *child;
} Change;

static void copy_entries(NstObject *to, uint32_t at, const NstObject *from, uint32_t start, uint32_t count, uint32_t width) {
    copy_slots(to, 1 + at * width, from, 1 + start * width, count * width);
    memcpy(nst_node_hashes(to) - 4 * (at + count), nst_node_hashes(from) - 4 * (start + count), 4 * (size_t)count);
}

static void copy_children(NstObject *to, uint32_t at, const NstObject *from, uint32_t start, uint32_t count) {
    copy_slots(to, to->count - at - count, from, from->count - start - count, count);
}

// Room for as many entries as the owner of a growing node will probably add.
static uint32_t spare_slots(const NstHashEdit *edit, uint32_t entries, uint32_t children, bool collision) {
    if (!edit->stamp) return 0;
    uint32_t more = entries / 2 + 1, most = entries + children < 32 && !collision ? 32 - entries - children : more;
    return (more < most ? more : most) * (edit->width + 1);
}

static NstObject *changed_copy(const NstHashEdit *edit, const NstObject *node, const Change *change) {
    uint32_t width = edit->width, entries = nst_node_entries(node), children = nst_node_children(node);
    bool collision = nst_node_collision(node);
    uint32_t new_entries = collision ? change->entry_map : nst_bits(change->entry_map);
    uint32_t new_children = nst_bits(change->child_map), at = change->entry_at;
    uint32_t spare = new_entries > entries ? spare_slots(edit, new_entries, new_children, collision) : 0;
    NstObject *copy = node_new(edit, change->entry_map, change->child_map, collision, spare);
    if (new_entries == entries) {
        copy_entries(copy, 0, node, 0, entries, width);
    } else {
        bool more = new_entries > entries;
        copy_entries(copy, 0, node, 0, at, width);
        copy_entries(copy, at + more, node, at + !more, entries - at - !more, width);
        if (more) set_entry(copy, width, at, change->entry);
    }
    at = change->child_at;
    if (new_children == children) {
        copy_children(copy, 0, node, 0, children);
    } else {
        bool more = new_children > children;
        copy_children(copy, 0, node, 0, at);
        copy_children(copy, at + more, node, at + !more, children - at - !more);
        if (more) set_child(copy, at, change->child);
    }
    return copy;
}

static void remove_entry(NstObject *node, uint32_t width, uint32_t entries, uint32_t at) {
    char *hashes = nst_node_hashes(node) - 4 * (size_t)entries;
    memmove(hashes + 4, hashes, 4 * (size_t)(entries - at - 1));
    move_slots(node, 1 + at * width, 1 + (at + 1) * width, (entries - at - 1) * width);
    memset(nst_slot_tags(node) + 1 + (entries - 1) * width, NST_TAG_INT, width);
}

static void insert_entry(NstObject *node, uint32_t width, uint32_t entries, uint32_t at, const NstEntry *entry) {
    char *hashes = nst_node_hashes(node) - 4 * (size_t)entries;
    memmove(hashes - 4, hashes, 4 * (size_t)(entries - at));
    move_slots(node, 1 + (at + 1) * width, 1 + at * width, (entries - at) * width);
    set_entry(node, width, at, entry);
}

// The hashes, of so many slots, move with the children behind the place in question.
static void remove_child(NstObject *node, uint32_t hashes, uint32_t children, uint32_t at) {
    uint32_t first = node->count - children - hashes;
    move_slots(node, first + 1, first, hashes + children - at - 1);
    nst_slot_tags(node)[first] = NST_TAG_INT;
}

static void insert_child(NstObject *node, uint32_t hashes, uint32_t children, uint32_t at, NstObject *child) {
    uint32_t first = node->count - children - hashes;
    move_slots(node, first - 1, first, hashes + children - at);
    set_child(node, at, child);
}

// What grows comes last, so that there is room for it at every step.
static void change_in_place(const NstHashEdit *edit, NstObject *node, const Change *change, uint32_t new_entries) {
    uint32_t width = edit->width, entries = nst_node_entries(node), children = nst_node_children(node);
    uint32_t new_children = nst_bits(change->child_map);
    if (new_entries < entries) remove_entry(node, width, entries--, change->entry_at);
    uint32_t hashes = (entries + 1) / 2;
    if (new_children < children) remove_child(node, hashes, children, change->child_at);
    if (new_children > children) insert_child(node, hashes, children, change->child_at, change->child);
    nst_slots(node)[0].u = (uint64_t)change->child_map << 32 | change->entry_map;
    if (new_entries > entries) insert_entry(node, width, entries, change->entry_at, change->entry);
    if (change->child) nst_barrier(edit->process, node, nst_object(change->child));
    if (change->entry) {
        nst_barrier(edit->process, node, change->entry->key);
        nst_barrier(edit->process, node, change->entry->value);
    }
}

static NstObject *with_change(const NstHashEdit *edit, NstObject *node, const Change *change) {
    uint32_t entries = nst_node_collision(node) ? change->entry_map : nst_bits(change->entry_map);
    if (!in_place(edit, node) || node->count < nst_node_slots(edit->width, entries, nst_bits(change->child_map))) {
        return changed_copy(edit, node, change);
    }
    change_in_place(edit, node, change, entries);
    return node;
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
    uint32_t width = edit->width;
    bool collision = shift >= NST_HASH_DEEPEST;
    uint32_t bit_a = collision ? 0 : branch_bit(a->hash, shift), bit_b = collision ? 0 : branch_bit(b->hash, shift);
    if (bit_a == bit_b && !collision) {
        NstObject *child = nst_hash_pair(edit, a, b, shift + NST_HASH_BITS);
        NstObject *node = node_new(edit, 0, bit_a, false, 0);
        set_child(node, 0, child);
        return node;
    }
    NstObject *node = node_new(edit, collision ? 2 : bit_a | bit_b, 0, collision, spare_slots(edit, 2, 0, collision));
    set_entry(node, width, bit_a <= bit_b ? 0 : 1, a);
    set_entry(node, width, bit_a <= bit_b ? 1 : 0, b);
    return node;
}

static NstObject *replace_value(NstObject *node, uint32_t i, NstHashEdit *edit) {
    if (edit->width == 1) return node;
    return with_slot(edit, node, 1 + i * 2 + 1, edit->entry.value);
}

static NstObject *put_collision(NstObject *node, NstHashEdit *edit) {
    uint32_t i;
    if (find_collision(node, edit, &i)) return replace_value(node, i, edit);
    if (edit->own) return node;
    edit->changed = true;
    uint32_t entries = nst_node_entries(node);
    return with_change(edit, node, &(Change){ .entry_map = entries + 1, .entry_at = entries, .entry = &edit->entry });
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
    Change change = { .entry_map = entry_map | bit, .child_map = child_map, .entry_at = entry, .entry = &edit->entry };
    if (entry_map & bit) {
        if (meant(node, entry, 0, edit)) return replace_value(node, entry, edit);
        if (edit->own) return node;
        NstEntry other = nst_node_entry(node, edit->width, entry);
        change = (Change){ .entry_map = entry_map & ~bit, .child_map = child_map | bit, .entry_at = entry, .child_at = child,
                           .child = nst_hash_pair(edit, &other, &edit->entry, shift + NST_HASH_BITS) };
    }
    edit->changed = true;
    return with_change(edit, node, &change);
}

NstObject *nst_hash_put(NstObject *root, NstHashEdit *edit) {
    edit->changed = edit->own = false;
    if (root) return nst_hash_put_at(root, edit, 0);
    edit->changed = true;
    root = node_new(edit, branch_bit(edit->entry.hash, 0), 0, false, spare_slots(edit, 1, 0, false));
    set_entry(root, edit->width, 0, &edit->entry);
    return root;
}

// ---- Removing -----------------------------------------------------------------------------

static bool is_single(const NstObject *node) {
    return nst_node_entries(node) == 1 && nst_node_children(node) == 0;
}

// A node with a single entry that comes back from a child is only a carrier: the parent takes the entry in.
NstObject *nst_hash_drop_at(NstObject *node, NstHashEdit *edit, uint32_t shift) {
    if (nst_node_collision(node)) {
        uint32_t i, entries = nst_node_entries(node);
        if (!find_collision(node, edit, &i)) return node;
        edit->changed = true;
        return with_change(edit, node, &(Change){ .entry_map = entries - 1, .entry_at = i });
    }
    uint32_t bit = branch_bit(edit->entry.hash, shift);
    uint32_t entry_map = nst_node_entry_map(node), child_map = nst_node_child_map(node);
    uint32_t entry = rank(entry_map, bit), child = rank(child_map, bit);
    if (child_map & bit) {
        NstObject *old = nst_node_child(node, child), *rest = nst_hash_drop_at(old, edit, shift + NST_HASH_BITS);
        if (!is_single(rest)) return rest == old ? node : with_child(edit, node, child, rest);
        if (shift > 0 && entry_map == 0 && child_map == bit) return rest;
        NstEntry single = nst_node_entry(rest, edit->width, 0);
        return with_change(edit, node, &(Change){ .entry_map = entry_map | bit, .child_map = child_map & ~bit,
                                                  .entry_at = entry, .child_at = child, .entry = &single });
    }
    if (!(entry_map & bit) || !meant(node, entry, 0, edit)) return node;
    edit->changed = true;
    if (entry_map == bit && child_map == 0) return NULL; // the root's last
    return with_change(edit, node, &(Change){ .entry_map = entry_map & ~bit, .child_map = child_map, .entry_at = entry });
}

NstObject *nst_hash_drop(NstObject *root, NstHashEdit *edit) {
    edit->changed = edit->own = false;
    return root ? nst_hash_drop_at(root, edit, 0) : NULL;
}

void nst_hash_unstamp_all(NstObject *root, uint16_t stamp) {
    if (!root || (root->aux & stamp_mask) != stamp) return;
    nst_hash_unstamp(root);
    uint32_t count = nst_node_children(root);
    for (uint32_t i = 0; i < count; i++) nst_hash_unstamp_all(nst_node_child(root, i), stamp);
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
    NstObject *node = node_new(&(NstHashEdit){ .process = p, .width = width }, entry_map, child_map, false, 0);
    for (uint32_t i = 0; i < entry_count; i++) set_entry(node, width, i, entries[i]);
    for (uint32_t i = 0; i < child_count; i++) set_child(node, i, children[i]);
    return node;
}

NstObject *nst_hash_collision(NstProcess *p, uint32_t width, const NstEntry *entries, uint32_t count) {
    NstObject *node = node_new(&(NstHashEdit){ .process = p, .width = width }, count, 0, true, 0);
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
