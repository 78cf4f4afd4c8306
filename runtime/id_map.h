// A small map from non-zero 64-bit ids (pids, refs) to 64-bit values: open addressing, linear probing.
// Not thread-safe; a zeroed map is empty.
#ifndef NST_ID_MAP_H
#define NST_ID_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct NstIdEntry {
    uint64_t id, value; // id 0: free
} NstIdEntry;

typedef struct NstIdMap {
    NstIdEntry *entries;
    uint32_t count, size; // size: power of two or 0
} NstIdMap;

void nst_id_map_put(NstIdMap *map, uint64_t id, uint64_t value);
bool nst_id_map_get(const NstIdMap *map, uint64_t id, uint64_t *value);
bool nst_id_map_remove(NstIdMap *map, uint64_t id);
void nst_id_map_free(NstIdMap *map);

// All entries in ascending order of id; malloc'ed (null if empty).
NstIdEntry *nst_id_map_sorted(const NstIdMap *map);

#endif
