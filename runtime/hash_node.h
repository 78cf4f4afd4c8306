// The nodes of hash tries (hash.h): access, and operations by mixed 32-bit hashes. Private to hash*.c, compare.c and
// the primitives of maps and sets.
//
// `width` is the number of values an entry has: 1 in sets, 2 in maps.
#ifndef NST_HASH_NODE_H
#define NST_HASH_NODE_H

#include <string.h>

#include "runtime/compare.h"
#include "runtime/hash.h"
#include "runtime/heap_inline.h"

enum { NST_HASH_BITS = 5, NST_HASH_DEEPEST = 35 }; // shift of the level below the last bits: collision nodes

typedef struct NstEntry {
    uint32_t hash;
    NstValue key, value; // value: MISSING in sets
} NstEntry;

static inline uint32_t nst_hash_mix(uint64_t hash) {
    hash ^= hash >> 32;
    return (uint32_t)(hash * UINT64_C(0x9E3779B97F4A7C15) >> 32);
}

// A hash that nst_hash_mix maps to `place`.
static inline uint64_t nst_hash_unmix(uint32_t place) {
    uint64_t hash = ((uint64_t)place << 32) * UINT64_C(0xF1DE83E19937733D); // times the inverse of mix's factor
    return hash ^ hash >> 32;
}

static inline uint32_t nst_map_width(const NstObject *map) {
    return map->kind == NST_KIND_MAP ? 2 : 1;
}
static inline NstObject *nst_map_root(const NstObject *map) {
    return ((const NstMap *)(const void *)map)->root;
}

// The bit maps; in a collision node the entry map is the number of entries and there are no children.
static inline NstWord *nst_node_words(const NstObject *node) { return ((NstSlots *)(uintptr_t)node)->slots; } // nst_slots
static inline uint32_t nst_node_entry_map(const NstObject *node) { return (uint32_t)nst_node_words(node)[0].u; }
static inline uint32_t nst_node_child_map(const NstObject *node) { return (uint32_t)(nst_node_words(node)[0].u >> 32); }
static inline bool nst_node_collision(const NstObject *node) { return (node->aux & NST_HASH_COLLISION) != 0; }
// The number of set bits. Written out: the compiler's own is a call where the processor's instruction is not a given.
static inline uint32_t nst_bits(uint32_t map) {
    map -= map >> 1 & 0x55555555u;
    map = (map & 0x33333333u) + (map >> 2 & 0x33333333u);
    return ((map + (map >> 4)) & 0x0F0F0F0Fu) * 0x01010101u >> 24;
}
static inline uint32_t nst_node_entries(const NstObject *node) {
    return nst_node_collision(node) ? nst_node_entry_map(node) : nst_bits(nst_node_entry_map(node));
}
static inline uint32_t nst_node_children(const NstObject *node) { return nst_bits(nst_node_child_map(node)); }

static inline uint32_t nst_node_width(const NstObject *node) { return node->aux & NST_HASH_VALUES ? 2 : 1; }

// The slots that a node needs at least.
static inline uint32_t nst_node_slots(uint32_t width, uint32_t entries, uint32_t children) {
    return 1 + entries * width + (entries + 1) / 2 + children;
}
// Where the hashes end: that of entry i lies 4 (i + 1) bytes before.
static inline char *nst_node_hashes(const NstObject *node) {
    return (char *)(nst_node_words(node) + node->count - nst_node_children(node));
}
static inline uint32_t nst_node_hash(const NstObject *node, uint32_t i) {
    uint32_t hash;
    memcpy(&hash, nst_node_hashes(node) - 4 * (i + 1), sizeof hash);
    return hash;
}
static inline NstValue nst_node_key(const NstObject *node, uint32_t width, uint32_t i) {
    const NstWord *key = nst_node_words(node) + 1 + i * width;
    return (NstValue){ .w = *key, .tag = ((const uint8_t *)(nst_node_words(node) + node->count))[1 + i * width] };
}
static inline NstEntry nst_node_entry(const NstObject *node, uint32_t width, uint32_t i) {
    uint32_t slot = 1 + i * width;
    return (NstEntry){ .hash = nst_node_hash(node, i), .key = nst_slot(node, slot),
                       .value = width == 2 ? nst_slot(node, slot + 1) : (NstValue){ .tag = NST_TAG_MISSING } };
}
static inline NstObject *nst_node_child(const NstObject *node, uint32_t i) {
    return nst_node_words(node)[node->count - 1 - i].o;
}

// A change or look-up of one key. `at` < 0: the entry with an equal key; else the at-th of the entries with this hash.
typedef struct NstHashEdit {
    NstProcess *process;
    uint32_t width;
    NstEntry entry;
    int64_t at;
    uint16_t stamp;    // put, drop: nodes with this stamp are changed in place, new ones bear it; 0: none
    bool honour_own;   // stop at keys with an own equality
    bool own;          // stopped
    bool changed;      // added or removed an entry
} NstHashEdit;

// Null if there is none. The pointers are to the entry's slot.
bool nst_hash_find(const NstObject *root, NstHashEdit *edit, NstEntry *out);
// The new root; sets edit->changed if the number of entries is another one. Roots may be null.
NstObject *nst_hash_put(NstObject *root, NstHashEdit *edit);
NstObject *nst_hash_drop(NstObject *root, NstHashEdit *edit);
// Takes the stamp off all nodes that bear it; they hang together from the root, which may be null.
void nst_hash_unstamp_all(NstObject *root, uint16_t stamp);

// The same in a subtree whose root is at the level of `shift`. Dropping may leave a node with a single entry, which only
// carries it to the parent.
bool nst_hash_find_at(const NstObject *node, NstHashEdit *edit, uint32_t shift, NstEntry *out);
NstObject *nst_hash_put_at(NstObject *node, NstHashEdit *edit, uint32_t shift);
NstObject *nst_hash_drop_at(NstObject *node, NstHashEdit *edit, uint32_t shift);

// Nodes of given contents: those of the entry map's and child map's branches in ascending order; two entries whose hashes
// are equal below the level of `shift`; a collision node.
NstObject *nst_hash_node(NstProcess *p, uint32_t width, uint32_t entry_map, uint32_t child_map,
                         const NstEntry *const *entries, NstObject *const *children);
NstObject *nst_hash_pair(const NstHashEdit *edit, const NstEntry *a, const NstEntry *b, uint32_t shift);
NstObject *nst_hash_collision(NstProcess *p, uint32_t width, const NstEntry *entries, uint32_t count);
// Whether the keys are equal; sets edit->own.
bool nst_hash_same_key(NstValue a, NstValue b, NstHashEdit *edit);

// A root of `count` entries, which it puts into another order. Of equal keys the first key and the last value stay;
// *kept is the number of different ones. False if own equality was met.
bool nst_hash_build(NstProcess *p, uint32_t width, NstEntry *entries, size_t count, NstObject **root, size_t *kept);

NstValue nst_map_make(NstProcess *p, NstKind kind, size_t size, NstObject *root);

#endif
