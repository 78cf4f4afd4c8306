// Maps and sets: persistent hash tries (CHAMP or HAMT) of packed values.
//
// Keys whose type has its own Eq/Hash implementation (NST_OWN_EQ) are handled by library source through the
// bucket operations below; all others directly: hashing and equality are the structural ones of compare.h.
//
// A node is a slots object: slot 0 holds two bit maps (which of the 32 branches are entries, which are child nodes),
// then come the entries (key, value; for sets the key alone); from the end backwards lie the children and the 32-bit
// hashes of the entries, two to a slot. Between entries and hashes there may be free slots. Five bits of the hash choose the branch at each level; entries whose 32 bits are all equal share
// a collision node (aux NST_HASH_COLLISION). The 64-bit hash of a key is mixed down to these 32 bits; those of an Int
// are arranged so that neighbours share a node (compare_hash.c).
//
// Invariants
//  1. The form is canonical: a node that is not the root holds at least two entries below it, and a single one sits
//     in its parent. So maps with equal keys have equal forms, collision nodes apart.
//  2. Of equal keys the first that was inserted stays; its value is replaced.
//
// Costs: look-up, insert, remove O(log n), structure shared. Iteration order is unspecified but is the same for
// keys, values, toList and show of one map, and depends neither on addresses nor on the process.
#ifndef NST_HASH_H
#define NST_HASH_H

#include "runtime/value.h"

enum {
    NST_HASH_COLLISION = 1,  // aux of nodes
    NST_HASH_VALUES = 2,     // aux of nodes: a map's
    NST_HASH_STAMP = 4,      // aux of nodes, maps and sets: the lowest bit of their stamp; see Changing in place
    NST_HASH_STAMPS = 1 << 14,
};

typedef struct NstMap { // MAP and SET
    NstObject head;     // count: number of entries
    NstObject *root;    // null if empty
} NstMap;

NstValue nst_map_empty(void);
NstValue nst_set_empty(void);
size_t nst_map_size(const NstObject *map); // also sets

bool nst_map_lookup(const NstObject *map, NstValue key, uint64_t hash, NstValue *out);
NstValue nst_map_insert(NstProcess *p, NstObject *map, NstValue key, uint64_t hash, NstValue value);
NstValue nst_map_remove(NstProcess *p, NstObject *map, NstValue key, uint64_t hash);
bool nst_set_contains(const NstObject *set, NstValue key, uint64_t hash);
NstValue nst_set_insert(NstProcess *p, NstObject *set, NstValue key, uint64_t hash);
NstValue nst_set_remove(NstProcess *p, NstObject *set, NstValue key, uint64_t hash);

// Changing in place, for code that builds up a map that nobody else can see (codegen_collection.c). These functions give
// back a map that is *owned*: it and the nodes made for it bear the same stamp, a number that the process gives to one
// map at a time, and the next of them changes such nodes instead of copying a path (Clojure's transients have tokens
// instead). The caller must have the only reference, and must release the map before anybody else gets one: from then
// on the map bears no stamp. Nodes that still bear one are nobody's. Stamps do not leave their heap.
NstValue nst_map_insert_owned(NstProcess *p, NstObject *map, NstValue key, uint64_t hash, NstValue value); // also sets
NstValue nst_map_remove_owned(NstProcess *p, NstObject *map, NstValue key, uint64_t hash);
void nst_map_release(NstProcess *p, NstObject *map);
// For the collector and for copies that go elsewhere: an object of any kind without its stamp.
static inline void nst_hash_unstamp(NstObject *o) {
    if (o->kind == NST_KIND_HASH_NODE || o->kind == NST_KIND_MAP || o->kind == NST_KIND_SET) {
        o->aux &= NST_HASH_COLLISION | NST_HASH_VALUES;
    }
}

// Transient building: a BUILDER object that collects entries; finish makes the map at once. Later entries win.
NstObject *nst_map_builder(NstProcess *p, bool set, NstObject *from /* or null */);
void nst_map_builder_put(NstProcess *p, NstObject *builder, NstValue key, uint64_t hash, NstValue value);
NstValue nst_map_builder_finish(NstProcess *p, NstObject *builder);

// All entries whose key has exactly this hash, for keys with their own equality: keys[i], values[i]; returns how many
// (at most `max` are written). insert_at replaces the i-th of them, or adds one (i == count).
// `hash` chooses candidates only: the caller compares them.
size_t nst_map_bucket(const NstObject *map, uint64_t hash, NstValue *keys, NstValue *values, size_t max);
NstValue nst_map_insert_at(NstProcess *p, NstObject *map, uint64_t hash, size_t i, NstValue key, NstValue value);
NstValue nst_map_remove_at(NstProcess *p, NstObject *map, uint64_t hash, size_t i);

// A map of the same form with the same hashes, in iteration order: keys that are equal to the old ones, and new values
// (null for sets).
NstValue nst_map_rebuild(NstProcess *p, NstObject *map, const NstValue *keys, const NstValue *values);

typedef struct NstMapIter {
    const NstObject *stack[10];
    uint32_t position[10];
    int depth;
    uint32_t width; // values an entry: 2 for maps
    uint32_t hash;  // of the entry last given: the mixed one (hash_node.h)
} NstMapIter;
void nst_map_iter(NstMapIter *it, const NstObject *map);
bool nst_map_next(NstMapIter *it, NstValue *key, NstValue *value); // value MISSING for sets

#endif
