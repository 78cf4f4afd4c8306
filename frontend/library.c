#include "frontend/library.h"

#include <string.h>

#include "frontend/library_data.h"

// Compares an entry with a (module, space, name) key; a null part of the key matches everything.
static int compare_key(const NstLibEntry *entry, const char *module, const char *space, const char *name) {
    int order = module ? strcmp(entry->module, module) : 0;
    if (order == 0 && space) order = strcmp(entry->space, space);
    if (order == 0 && name) order = strcmp(entry->name, name);
    return order;
}

// First index in [0, count) whose entry is not below the key. `via` is an index table or null for the entries.
static uint32_t lower_bound(const uint32_t *via, uint32_t count, const char *module, const char *space,
                            const char *name) {
    uint32_t low = 0, high = count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        const NstLibEntry *entry = &nst_lib_entries[via ? via[middle] : middle];
        if (compare_key(entry, module, space, name) < 0) low = middle + 1;
        else high = middle;
    }
    return low;
}

static const NstLibEntry *find_range(const char *module, const char *space, const char *name, size_t *count) {
    uint32_t first = lower_bound(NULL, nst_lib_entry_count, module, space, name);
    uint32_t end = first;
    while (end < nst_lib_entry_count && compare_key(&nst_lib_entries[end], module, space, name) == 0) end++;
    *count = end - first;
    return end > first ? &nst_lib_entries[first] : NULL;
}

const NstLibEntry *nst_library_find(const char *module, const char *space, const char *name, size_t *count) {
    return find_range(module, space, name, count);
}

const NstLibEntry *nst_library_module(const char *module, const char *space, size_t *count) {
    return find_range(module, space, NULL, count);
}

bool nst_library_has_module(const char *module) {
    for (uint32_t i = 0; i < nst_lib_file_count; i++)
        if (strcmp(nst_lib_files[i].module, module) == 0) return true;
    return false;
}

// The entries found through an index table are adjacent in the main table only within one module: the index tables
// keep all entries of one name adjacent, and one prelude name (or space item) is declared in one module, which the
// index tool checks. So the range starts at the first hit.
static const NstLibEntry *find_via(const uint32_t *via, uint32_t via_count, const char *space, const char *name,
                                   size_t *count) {
    uint32_t first = lower_bound(via, via_count, NULL, space, name);
    uint32_t end = first;
    while (end < via_count && compare_key(&nst_lib_entries[via[end]], NULL, space, name) == 0) end++;
    *count = end - first;
    return end > first ? &nst_lib_entries[via[first]] : NULL;
}

const NstLibEntry *nst_library_prelude(const char *name, size_t *count) {
    return find_via(nst_lib_prelude, nst_lib_prelude_count, NULL, name, count);
}

const NstLibEntry *nst_library_space_item(const char *space, const char *name, size_t *count) {
    return find_via(nst_lib_space_items, nst_lib_space_item_count, space, name, count);
}

bool nst_library_has_space(const char *space) {
    uint32_t first = lower_bound(nst_lib_space_items, nst_lib_space_item_count, NULL, space, NULL);
    return first < nst_lib_space_item_count &&
           compare_key(&nst_lib_entries[nst_lib_space_items[first]], NULL, space, NULL) == 0;
}

const NstLibEntry *nst_library_method(const char *name, size_t i) {
    uint32_t first = lower_bound(nst_lib_methods, nst_lib_method_count, NULL, NULL, name);
    if (first + i >= nst_lib_method_count) return NULL;
    const NstLibEntry *entry = &nst_lib_entries[nst_lib_methods[first + i]];
    return compare_key(entry, NULL, NULL, name) == 0 ? entry : NULL;
}

const NstLibEntry *nst_library_entries(size_t *count) {
    *count = nst_lib_entry_count;
    return nst_lib_entries;
}

const NstLibFile *nst_library_file(uint32_t file) { return &nst_lib_files[file]; }

size_t nst_library_file_count(void) { return nst_lib_file_count; }
