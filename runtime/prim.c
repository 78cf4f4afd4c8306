// What prim.h offers to primitives: charging for work, and the look-up in the generated table.
#include "runtime/prim.h"

#include <string.h>

#include "runtime/process.h"

void nst_prim_charge(NstProcess *process, uint64_t reductions) {
    process->exec.reductions -= (int64_t)(reductions < INT32_MAX ? reductions : INT32_MAX);
}

static size_t table_size(void) {
    static size_t size; // every thread computes the same number
    size_t known = __atomic_load_n(&size, __ATOMIC_RELAXED);
    if (known == 0) {
        while (nst_prim_table[known].name) known++;
        __atomic_store_n(&size, known, __ATOMIC_RELAXED);
    }
    return known;
}

NstPrimFn nst_prim_find(const char *name, size_t size) {
    size_t low = 0, high = table_size();
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const char *entry = nst_prim_table[middle].name;
        int order = strncmp(entry, name, size);
        if (order == 0 && entry[size] != 0) order = 1;
        if (order == 0) return nst_prim_table[middle].fn;
        if (order < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return NULL;
}
