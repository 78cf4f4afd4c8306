// Primitives of Random.
#include "runtime/heap.h"
#include "runtime/lib_state.h"
#include "runtime/list.h"
#include "runtime/process.h"
#include "runtime/random.h"

#include <stdlib.h>

static NstRandom *generator(NstProcess *process) { return nst_lib_state(process->vm)->random; }

// lo..hi inclusive
NST_PRIMITIVE(random_int) {
    NST_EXPECT_TAG(args[0], NST_TAG_INT, "Int");
    NST_EXPECT_TAG(args[1], NST_TAG_INT, "Int");
    if (args[0].w.i > args[1].w.i) return nst_raise_panic(process, "Random.int: empty range");
    // The full range has 2^64 numbers, which the count 0 stands for.
    uint64_t count = args[1].w.u - args[0].w.u + 1;
    args[0].w.u += nst_random_below(generator(process), count);
    return NST_PRIM_OK;
}

NST_PRIMITIVE(random_float) {
    args[0] = nst_float((double)(nst_random_next(generator(process)) >> 11) * 0x1p-53);
    return NST_PRIM_OK;
}

NST_PRIMITIVE(random_shuffle) {
    NST_EXPECT_KIND(args[0], NST_KIND_LIST, "List");
    size_t count = nst_list_length(args[0].w.o);
    NstValue *values = malloc((count + 1) * sizeof *values);
    if (!values) return nst_raise_pair(process, "OutOfMemory", "list of %zu elements", count);
    NstListIter iter;
    nst_list_iter(&iter, args[0].w.o);
    for (size_t i = 0; i < count; i++) nst_list_next(&iter, &values[i]);
    for (size_t i = count; i > 1; i--) {
        size_t k = (size_t)nst_random_below(generator(process), i);
        NstValue v = values[k];
        values[k] = values[i - 1];
        values[i - 1] = v;
    }
    args[0] = nst_list_from(process, values, count);
    nst_prim_charge(process, count / 8);
    free(values);
    return NST_PRIM_OK;
}

NST_PRIMITIVE(random_bytes) {
    NST_EXPECT_TAG(args[0], NST_TAG_INT, "Int");
    int64_t count = args[0].w.i > 0 ? args[0].w.i : 0;
    if (count > UINT32_MAX || !nst_heap_can(process, (size_t)count * 9)) {
        return nst_raise_pair(process, "OutOfMemory", "list of %lld elements", (long long)count);
    }
    NstObject *list = nst_list_builder(process, (size_t)count);
    for (int64_t i = 0; i < count; i++) {
        nst_list_builder_add(process, list, nst_int((int64_t)nst_random_below(generator(process), 256)));
    }
    args[0] = nst_list_builder_finish(process, list);
    return NST_PRIM_OK;
}
