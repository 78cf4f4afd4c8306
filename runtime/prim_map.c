// Primitives of maps. Keys with their own Eq or Hash are found by library source through the bucket primitives; for
// such keys the others answer NST_STATUS_OWN.
#include <stdlib.h>

#include "runtime/hash_algebra.h"
#include "runtime/heap_inline.h"
#include "runtime/list.h"
#include "runtime/prim.h"
#include "runtime/status.h"

NST_PRIMITIVE(map_empty) {
    args[0] = nst_map_empty();
    return NST_PRIM_OK;
}

NST_PRIMITIVE(map_size) {
    NST_EXPECT_KIND(args[0], NST_KIND_MAP, "Map");
    args[0] = nst_int((int64_t)nst_map_size(args[0].w.o));
    return NST_PRIM_OK;
}

NST_PRIMITIVE(map_is_empty) {
    NST_EXPECT_KIND(args[0], NST_KIND_MAP, "Map");
    args[0] = nst_bool(nst_map_size(args[0].w.o) == 0);
    return NST_PRIM_OK;
}

// The key's hash. Otherwise *status is the primitive's result.
static bool hash_key(NstProcess *process, NstValue *args, NstValue key, uint64_t *hash, NstPrimStatus *status) {
    NstCmp result = nst_key_hash(key, hash);
    if (result == NST_CMP_TRUE) return true;
    if (result == NST_CMP_TYPE) {
        *status = nst_raise_type(process, "key", key);
    } else {
        args[0] = NST_STATUS_OWN;
        *status = NST_PRIM_OK;
    }
    return false;
}

NST_PRIMITIVE(map_find) {
    NST_EXPECT_KIND(args[0], NST_KIND_MAP, "Map");
    uint64_t hash;
    NstPrimStatus status;
    if (!hash_key(process, args, args[1], &hash, &status)) return status;
    NstValue found;
    args[0] = nst_map_lookup(args[0].w.o, args[1], hash, &found) ? found : NST_STATUS_ABSENT;
    return NST_PRIM_OK;
}

NST_PRIMITIVE(map_get) {
    NST_EXPECT_KIND(args[0], NST_KIND_MAP, "Map");
    uint64_t hash;
    NstPrimStatus status;
    if (!hash_key(process, args, args[1], &hash, &status)) return status;
    if (!nst_map_lookup(args[0].w.o, args[1], hash, &args[0])) {
        return nst_raise_panic(process, "Key not found in map");
    }
    return NST_PRIM_OK;
}

NST_PRIMITIVE(map_contains) {
    NST_EXPECT_KIND(args[0], NST_KIND_MAP, "Map");
    uint64_t hash;
    NstPrimStatus status;
    if (!hash_key(process, args, args[1], &hash, &status)) return status;
    NstValue found;
    args[0] = nst_bool(nst_map_lookup(args[0].w.o, args[1], hash, &found));
    return NST_PRIM_OK;
}

NST_PRIMITIVE(map_insert) {
    NST_EXPECT_KIND(args[0], NST_KIND_MAP, "Map");
    uint64_t hash;
    NstPrimStatus status;
    if (!hash_key(process, args, args[1], &hash, &status)) return status;
    args[0] = nst_map_insert(process, args[0].w.o, args[1], hash, args[2]);
    return NST_PRIM_OK;
}

NST_PRIMITIVE(map_remove) {
    NST_EXPECT_KIND(args[0], NST_KIND_MAP, "Map");
    uint64_t hash;
    NstPrimStatus status;
    if (!hash_key(process, args, args[1], &hash, &status)) return status;
    args[0] = nst_map_remove(process, args[0].w.o, args[1], hash);
    return NST_PRIM_OK;
}

// ---- Lists of entries ---------------------------------------------------------------------

typedef enum What { KEYS, VALUES, PAIRS } What;

static NstPrimStatus entries_of(NstProcess *process, NstValue *args, What what) {
    NST_EXPECT_KIND(args[0], NST_KIND_MAP, "Map");
    nst_prim_charge(process, nst_map_size(args[0].w.o));
    NstObject *builder = nst_list_builder(process, nst_map_size(args[0].w.o));
    NstMapIter it;
    NstValue key, value;
    for (nst_map_iter(&it, args[0].w.o); nst_map_next(&it, &key, &value);) {
        NstValue element = what == KEYS ? key : value;
        if (what == PAIRS) {
            NstObject *pair = nst_alloc_slots(process, NST_KIND_TUPLE, 0, 2);
            nst_slot_init(pair, 0, key);
            nst_slot_init(pair, 1, value);
            element = nst_object(pair);
        }
        nst_list_builder_add(process, builder, element);
    }
    args[0] = nst_list_builder_finish(process, builder);
    return NST_PRIM_OK;
}

NST_PRIMITIVE(map_keys) {
    return entries_of(process, args, KEYS);
}

NST_PRIMITIVE(map_values) {
    return entries_of(process, args, VALUES);
}

NST_PRIMITIVE(map_to_list) {
    return entries_of(process, args, PAIRS);
}

NST_PRIMITIVE(map_from_list) {
    NST_EXPECT_KIND(args[0], NST_KIND_LIST, "List");
    size_t count = nst_list_length(args[0].w.o), i = 0;
    nst_prim_charge(process, count);
    size_t bytes = (count + 1) * sizeof(NstEntry);
    NstEntry *entries = nst_heap_can(process, bytes) ? malloc(bytes) : NULL;
    if (!entries) return nst_raise_pair(process, "OutOfMemory", "map of %zu entries", count);
    NstPrimStatus status = NST_PRIM_OK;
    NstListIter it;
    NstValue pair;
    for (nst_list_iter(&it, args[0].w.o); nst_list_next(&it, &pair); i++) {
        if (!nst_is_kind(pair, NST_KIND_TUPLE) || pair.w.o->count != 2) {
            status = nst_raise_type(process, "Tuple", pair);
            break;
        }
        uint64_t hash;
        entries[i].key = nst_slot(pair.w.o, 0);
        entries[i].value = nst_slot(pair.w.o, 1);
        if (!hash_key(process, args, entries[i].key, &hash, &status)) break;
        entries[i].hash = nst_hash_mix(hash);
    }
    if (i == count && !nst_map_of_entries(process, NST_KIND_MAP, entries, count, &args[0])) {
        args[0] = NST_STATUS_OWN;
    }
    free(entries);
    return status;
}

// ---- Several maps -------------------------------------------------------------------------

typedef bool (*Combine)(NstProcess *p, NstObject *a, NstObject *b, NstValue *out);

static NstPrimStatus combine(NstProcess *process, NstValue *args, Combine operation) {
    NST_EXPECT_KIND(args[0], NST_KIND_MAP, "Map");
    NST_EXPECT_KIND(args[1], NST_KIND_MAP, "Map");
    nst_prim_charge(process, nst_map_size(args[0].w.o) + nst_map_size(args[1].w.o));
    if (!operation(process, args[0].w.o, args[1].w.o, &args[0])) args[0] = NST_STATUS_OWN;
    return NST_PRIM_OK;
}

NST_PRIMITIVE(map_union) {
    return combine(process, args, nst_map_union);
}

NST_PRIMITIVE(map_intersection) {
    return combine(process, args, nst_map_intersection);
}

NST_PRIMITIVE(map_difference) {
    return combine(process, args, nst_map_difference);
}

// ---- Keys with their own equality ---------------------------------------------------------

static NstPrimStatus bucket(NstProcess *process, NstValue *args, bool value) {
    NST_EXPECT_KIND(args[0], NST_KIND_MAP, "Map");
    NstHashEdit edit = { .width = 2, .entry = { .hash = nst_hash_mix(args[1].w.u) }, .at = args[2].w.i };
    NstEntry entry;
    bool found = args[2].w.i >= 0 && nst_hash_find(nst_map_root(args[0].w.o), &edit, &entry);
    args[0] = !found ? NST_STATUS_ABSENT : value ? entry.value : entry.key;
    return NST_PRIM_OK;
}

NST_PRIMITIVE(map_bucket_count) {
    NST_EXPECT_KIND(args[0], NST_KIND_MAP, "Map");
    args[0] = nst_int((int64_t)nst_map_bucket(args[0].w.o, args[1].w.u, NULL, NULL, 0));
    return NST_PRIM_OK;
}

NST_PRIMITIVE(map_bucket_key) {
    return bucket(process, args, false);
}

NST_PRIMITIVE(map_bucket_value) {
    return bucket(process, args, true);
}

NST_PRIMITIVE(map_bucket_insert) {
    NST_EXPECT_KIND(args[0], NST_KIND_MAP, "Map");
    args[0] = nst_map_insert_at(process, args[0].w.o, args[1].w.u, (size_t)args[2].w.u, args[3], args[4]);
    return NST_PRIM_OK;
}

NST_PRIMITIVE(map_bucket_remove) {
    NST_EXPECT_KIND(args[0], NST_KIND_MAP, "Map");
    args[0] = nst_map_remove_at(process, args[0].w.o, args[1].w.u, (size_t)args[2].w.u);
    return NST_PRIM_OK;
}
