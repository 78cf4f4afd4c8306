// Primitives of sets; as those of maps.
#include <stdlib.h>

#include "runtime/hash_algebra.h"
#include "runtime/heap_inline.h"
#include "runtime/list.h"
#include "runtime/prim.h"
#include "runtime/status.h"

NST_PRIMITIVE(set_empty) {
    args[0] = nst_set_empty();
    return NST_PRIM_OK;
}

NST_PRIMITIVE(set_size) {
    NST_EXPECT_KIND(args[0], NST_KIND_SET, "Set");
    args[0] = nst_int((int64_t)nst_map_size(args[0].w.o));
    return NST_PRIM_OK;
}

NST_PRIMITIVE(set_is_empty) {
    NST_EXPECT_KIND(args[0], NST_KIND_SET, "Set");
    args[0] = nst_bool(nst_map_size(args[0].w.o) == 0);
    return NST_PRIM_OK;
}

// The element's hash. Otherwise *status is the primitive's result.
static bool hash_element(NstProcess *process, NstValue *args, NstValue x, uint64_t *hash, NstPrimStatus *status) {
    NstCmp result = nst_key_hash(x, hash);
    if (result == NST_CMP_TRUE) return true;
    if (result == NST_CMP_TYPE) {
        *status = nst_raise_type(process, "set element", x);
    } else {
        args[0] = NST_STATUS_OWN;
        *status = NST_PRIM_OK;
    }
    return false;
}

NST_PRIMITIVE(set_contains) {
    NST_EXPECT_KIND(args[0], NST_KIND_SET, "Set");
    uint64_t hash;
    NstPrimStatus status;
    if (!hash_element(process, args, args[1], &hash, &status)) return status;
    args[0] = nst_bool(nst_set_contains(args[0].w.o, args[1], hash));
    return NST_PRIM_OK;
}

NST_PRIMITIVE(set_insert) {
    NST_EXPECT_KIND(args[0], NST_KIND_SET, "Set");
    uint64_t hash;
    NstPrimStatus status;
    if (!hash_element(process, args, args[1], &hash, &status)) return status;
    args[0] = nst_set_insert(process, args[0].w.o, args[1], hash);
    return NST_PRIM_OK;
}

NST_PRIMITIVE(set_remove) {
    NST_EXPECT_KIND(args[0], NST_KIND_SET, "Set");
    uint64_t hash;
    NstPrimStatus status;
    if (!hash_element(process, args, args[1], &hash, &status)) return status;
    args[0] = nst_set_remove(process, args[0].w.o, args[1], hash);
    return NST_PRIM_OK;
}

NST_PRIMITIVE(set_to_list) {
    NST_EXPECT_KIND(args[0], NST_KIND_SET, "Set");
    nst_prim_charge(process, nst_map_size(args[0].w.o));
    NstObject *builder = nst_list_builder(process, nst_map_size(args[0].w.o));
    NstMapIter it;
    NstValue x, none;
    for (nst_map_iter(&it, args[0].w.o); nst_map_next(&it, &x, &none);) nst_list_builder_add(process, builder, x);
    args[0] = nst_list_builder_finish(process, builder);
    return NST_PRIM_OK;
}

NST_PRIMITIVE(set_from_list) {
    NST_EXPECT_KIND(args[0], NST_KIND_LIST, "List");
    size_t count = nst_list_length(args[0].w.o), i = 0;
    nst_prim_charge(process, count);
    size_t bytes = (count + 1) * sizeof(NstEntry);
    NstEntry *entries = nst_heap_can(process, bytes) ? malloc(bytes) : NULL;
    if (!entries) return nst_raise_pair(process, "OutOfMemory", "set of %zu elements", count);
    NstPrimStatus status = NST_PRIM_OK;
    NstListIter it;
    for (nst_list_iter(&it, args[0].w.o); nst_list_next(&it, &entries[i].key); i++) {
        uint64_t hash;
        if (!hash_element(process, args, entries[i].key, &hash, &status)) break;
        entries[i].hash = nst_hash_mix(hash);
        entries[i].value = (NstValue){ .tag = NST_TAG_MISSING };
    }
    if (i == count && !nst_map_of_entries(process, NST_KIND_SET, entries, count, &args[0])) {
        args[0] = NST_STATUS_OWN;
    }
    free(entries);
    return status;
}

typedef bool (*Combine)(NstProcess *p, NstObject *a, NstObject *b, NstValue *out);

static NstPrimStatus combine(NstProcess *process, NstValue *args, Combine operation) {
    NST_EXPECT_KIND(args[0], NST_KIND_SET, "Set");
    NST_EXPECT_KIND(args[1], NST_KIND_SET, "Set");
    nst_prim_charge(process, nst_map_size(args[0].w.o) + nst_map_size(args[1].w.o));
    if (!operation(process, args[0].w.o, args[1].w.o, &args[0])) args[0] = NST_STATUS_OWN;
    return NST_PRIM_OK;
}

NST_PRIMITIVE(set_union) {
    return combine(process, args, nst_map_union);
}

NST_PRIMITIVE(set_intersection) {
    return combine(process, args, nst_map_intersection);
}

NST_PRIMITIVE(set_difference) {
    return combine(process, args, nst_map_difference);
}

NST_PRIMITIVE(set_symmetric_difference) {
    return combine(process, args, nst_map_symmetric_difference);
}

NST_PRIMITIVE(set_is_subset) {
    NST_EXPECT_KIND(args[0], NST_KIND_SET, "Set");
    NST_EXPECT_KIND(args[1], NST_KIND_SET, "Set");
    nst_prim_charge(process, nst_map_size(args[0].w.o));
    bool subset;
    args[0] = nst_map_subset(args[0].w.o, args[1].w.o, &subset) ? nst_bool(subset) : NST_STATUS_OWN;
    return NST_PRIM_OK;
}

// ---- Elements with their own equality -----------------------------------------------------

NST_PRIMITIVE(set_bucket_count) {
    NST_EXPECT_KIND(args[0], NST_KIND_SET, "Set");
    args[0] = nst_int((int64_t)nst_map_bucket(args[0].w.o, args[1].w.u, NULL, NULL, 0));
    return NST_PRIM_OK;
}

NST_PRIMITIVE(set_bucket_key) {
    NST_EXPECT_KIND(args[0], NST_KIND_SET, "Set");
    NstHashEdit edit = { .width = 1, .entry = { .hash = nst_hash_mix(args[1].w.u) }, .at = args[2].w.i };
    NstEntry entry;
    bool found = args[2].w.i >= 0 && nst_hash_find(nst_map_root(args[0].w.o), &edit, &entry);
    args[0] = found ? entry.key : NST_STATUS_ABSENT;
    return NST_PRIM_OK;
}

NST_PRIMITIVE(set_bucket_insert) {
    NST_EXPECT_KIND(args[0], NST_KIND_SET, "Set");
    args[0] = nst_map_insert_at(process, args[0].w.o, args[1].w.u, (size_t)args[2].w.u, args[3],
                                (NstValue){ .tag = NST_TAG_MISSING });
    return NST_PRIM_OK;
}

NST_PRIMITIVE(set_bucket_remove) {
    NST_EXPECT_KIND(args[0], NST_KIND_SET, "Set");
    args[0] = nst_map_remove_at(process, args[0].w.o, args[1].w.u, (size_t)args[2].w.u);
    return NST_PRIM_OK;
}
