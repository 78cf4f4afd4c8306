// Maps and sets: persistent hash tries (CHAMP or HAMT) of packed values.
//
// Keys whose type has its own Eq/Hash implementation (NST_OWN_EQ) are handled by library source through the
// bucket operations below; all others directly: hashing and equality are the structural ones of compare.h.
//
// Costs: look-up, insert, remove O(log n), structure shared. Iteration order is unspecified but is the same for
// keys, values, toList and show of one map, and depends neither on addresses nor on the process.
#ifndef NST_HASH_H
#define NST_HASH_H

#include "value.h"

NstValue nst_map_empty(void);
NstValue nst_set_empty(void);
size_t nst_map_size(const NstObject *map); // also sets

bool nst_map_lookup(const NstObject *map, NstValue key, uint64_t hash, NstValue *out);
NstValue nst_map_insert(NstProcess *p, NstObject *map, NstValue key, uint64_t hash, NstValue value);
NstValue nst_map_remove(NstProcess *p, NstObject *map, NstValue key, uint64_t hash);
bool nst_set_contains(const NstObject *set, NstValue key, uint64_t hash);
NstValue nst_set_insert(NstProcess *p, NstObject *set, NstValue key, uint64_t hash);
NstValue nst_set_remove(NstProcess *p, NstObject *set, NstValue key, uint64_t hash);

// Transient building: a BUILDER object that may be updated in place until finished.
NstObject *nst_map_builder(NstProcess *p, bool set, NstObject *from /* or null */);
void nst_map_builder_put(NstProcess *p, NstObject *builder, NstValue key, uint64_t hash, NstValue value);
NstValue nst_map_builder_finish(NstProcess *p, NstObject *builder);

// All entries whose key has exactly this hash, for keys with their own equality: keys[i], values[i]; returns how many
// (at most `max` are written). insert_at replaces the i-th of them, or adds one (i == count).
size_t nst_map_bucket(const NstObject *map, uint64_t hash, NstValue *keys, NstValue *values, size_t max);
NstValue nst_map_insert_at(NstProcess *p, NstObject *map, uint64_t hash, size_t i, NstValue key, NstValue value);
NstValue nst_map_remove_at(NstProcess *p, NstObject *map, uint64_t hash, size_t i);

typedef struct NstMapIter {
    const NstObject *stack[24];
    uint32_t position[24];
    int depth;
} NstMapIter;
void nst_map_iter(NstMapIter *it, const NstObject *map);
bool nst_map_next(NstMapIter *it, NstValue *key, NstValue *value); // value MISSING for sets

#endif
