#include "runtime/id_map.h"

#include <stdlib.h>

#include "frontend/arena.h"

static uint32_t slot_of(const NstIdMap *map, uint64_t id) {
    return (uint32_t)((id * 0x9E3779B97F4A7C15u) >> 32) & (map->size - 1);
}

static NstIdEntry *find(const NstIdMap *map, uint64_t id) {
    if (!map->size) return NULL;
    for (uint32_t i = slot_of(map, id); map->entries[i].id; i = (i + 1) & (map->size - 1)) {
        if (map->entries[i].id == id) return &map->entries[i];
    }
    return NULL;
}

static void insert_new(NstIdMap *map, uint64_t id, uint64_t value) {
    uint32_t i = slot_of(map, id);
    while (map->entries[i].id) i = (i + 1) & (map->size - 1);
    map->entries[i] = (NstIdEntry){ id, value };
    map->count++;
}

static void grow(NstIdMap *map) {
    NstIdMap bigger = { .size = map->size ? map->size * 2 : 8 };
    bigger.entries = nst_calloc(bigger.size, sizeof *bigger.entries);
    for (uint32_t i = 0; i < map->size; i++) {
        if (map->entries[i].id) insert_new(&bigger, map->entries[i].id, map->entries[i].value);
    }
    free(map->entries);
    *map = bigger;
}

void nst_id_map_put(NstIdMap *map, uint64_t id, uint64_t value) {
    NstIdEntry *entry = find(map, id);
    if (entry) {
        entry->value = value;
        return;
    }
    if (map->count * 4 >= map->size * 3) grow(map);
    insert_new(map, id, value);
}

bool nst_id_map_get(const NstIdMap *map, uint64_t id, uint64_t *value) {
    const NstIdEntry *entry = find(map, id);
    if (entry && value) *value = entry->value;
    return entry != NULL;
}

bool nst_id_map_remove(NstIdMap *map, uint64_t id) {
    NstIdEntry *entry = find(map, id);
    if (!entry) return false;
    map->count--;
    // Close the gap: move back every later entry of the run whose own slot is not behind the gap.
    uint32_t mask = map->size - 1, gap = (uint32_t)(entry - map->entries);
    for (uint32_t i = (gap + 1) & mask; map->entries[i].id; i = (i + 1) & mask) {
        uint32_t home = slot_of(map, map->entries[i].id);
        if (((i - home) & mask) >= ((i - gap) & mask)) {
            map->entries[gap] = map->entries[i];
            gap = i;
        }
    }
    map->entries[gap].id = 0;
    return true;
}

void nst_id_map_free(NstIdMap *map) {
    free(map->entries);
    *map = (NstIdMap){ 0 };
}

static int by_id(const void *a, const void *b) {
    uint64_t x = ((const NstIdEntry *)a)->id, y = ((const NstIdEntry *)b)->id;
    return (x > y) - (x < y);
}

NstIdEntry *nst_id_map_sorted(const NstIdMap *map) {
    if (!map->count) return NULL;
    NstIdEntry *sorted = nst_calloc(map->count, sizeof *sorted);
    size_t count = 0;
    for (uint32_t i = 0; i < map->size; i++) {
        if (map->entries[i].id) sorted[count++] = map->entries[i];
    }
    qsort(sorted, count, sizeof *sorted, by_id);
    return sorted;
}
