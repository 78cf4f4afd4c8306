// Primitives of maps and sets, most of them in both forms. Keys with their own Eq or Hash are found by library source
// through the bucket primitives; for such keys the others answer NST_STATUS_OWN.
#include <stdlib.h>

#include "runtime/hash_algebra.h"
#include "runtime/heap_inline.h"
#include "runtime/list.h"
#include "runtime/prim.h"
#include "runtime/status.h"

typedef struct Form {
    NstKind kind;
    uint32_t width;
    const char *name, *key, *size; // as in messages
} Form;

static const Form maps = { NST_KIND_MAP, 2, "Map", "key", "map of %zu entries" };
static const Form sets = { NST_KIND_SET, 1, "Set", "set element", "set of %zu elements" };
static const NstValue no_value = { .tag = NST_TAG_MISSING };

// A primitive of both: body(process, args, form).
#define BOTH(name, body)                                          \
    NST_PRIMITIVE(map_##name) { return body(process, args, &maps); } \
    NST_PRIMITIVE(set_##name) { return body(process, args, &sets); }

NST_PRIMITIVE(map_empty) {
    args[0] = nst_map_empty();
    return NST_PRIM_OK;
}

NST_PRIMITIVE(set_empty) {
    args[0] = nst_set_empty();
    return NST_PRIM_OK;
}

static NstPrimStatus size(NstProcess *process, NstValue *args, const Form *form) {
    NST_EXPECT_KIND(args[0], form->kind, form->name);
    args[0] = nst_int((int64_t)nst_map_size(args[0].w.o));
    return NST_PRIM_OK;
}
BOTH(size, size)

static NstPrimStatus is_empty(NstProcess *process, NstValue *args, const Form *form) {
    NST_EXPECT_KIND(args[0], form->kind, form->name);
    args[0] = nst_bool(nst_map_size(args[0].w.o) == 0);
    return NST_PRIM_OK;
}
BOTH(is_empty, is_empty)

// ---- One key ------------------------------------------------------------------------------

// The key's hash. Otherwise *status is the primitive's result.
static bool hash_key(NstProcess *process, NstValue *args, const Form *form, NstValue key, uint64_t *hash, NstPrimStatus *status) {
    NstCmp result = nst_key_hash(key, hash);
    if (result == NST_CMP_TRUE) return true;
    if (result == NST_CMP_TYPE) {
        *status = nst_raise_type(process, form->key, key);
    } else {
        args[0] = NST_STATUS_OWN;
        *status = NST_PRIM_OK;
    }
    return false;
}

// The same for the primitives of a collection and a key.
static bool collection_and_key(NstProcess *process, NstValue *args, const Form *form, uint64_t *hash, NstPrimStatus *status) {
    if (nst_is_kind(args[0], form->kind)) return hash_key(process, args, form, args[1], hash, status);
    *status = nst_raise_type(process, form->name, args[0]);
    return false;
}

NST_PRIMITIVE(map_find) {
    uint64_t hash;
    NstPrimStatus status;
    if (!collection_and_key(process, args, &maps, &hash, &status)) return status;
    NstValue found;
    args[0] = nst_map_lookup(args[0].w.o, args[1], hash, &found) ? found : NST_STATUS_ABSENT;
    return NST_PRIM_OK;
}

NST_PRIMITIVE(map_get) {
    uint64_t hash;
    NstPrimStatus status;
    if (!collection_and_key(process, args, &maps, &hash, &status)) return status;
    if (!nst_map_lookup(args[0].w.o, args[1], hash, &args[0])) {
        return nst_raise_panic(process, "Key not found in map");
    }
    return NST_PRIM_OK;
}

static NstPrimStatus contains(NstProcess *process, NstValue *args, const Form *form) {
    uint64_t hash;
    NstPrimStatus status;
    if (!collection_and_key(process, args, form, &hash, &status)) return status;
    args[0] = nst_bool(nst_set_contains(args[0].w.o, args[1], hash));
    return NST_PRIM_OK;
}
BOTH(contains, contains)

static NstPrimStatus insert(NstProcess *process, NstValue *args, const Form *form) {
    uint64_t hash;
    NstPrimStatus status;
    if (!collection_and_key(process, args, form, &hash, &status)) return status;
    args[0] = nst_map_insert(process, args[0].w.o, args[1], hash, form == &maps ? args[2] : no_value);
    return NST_PRIM_OK;
}
BOTH(insert, insert)

static NstPrimStatus without(NstProcess *process, NstValue *args, const Form *form) {
    uint64_t hash;
    NstPrimStatus status;
    if (!collection_and_key(process, args, form, &hash, &status)) return status;
    args[0] = nst_map_remove(process, args[0].w.o, args[1], hash);
    return NST_PRIM_OK;
}
BOTH(remove, without)

// ---- Lists of entries ---------------------------------------------------------------------

typedef enum What { KEYS, VALUES, PAIRS } What;

static NstPrimStatus entries_of(NstProcess *process, NstValue *args, const Form *form, What what) {
    NST_EXPECT_KIND(args[0], form->kind, form->name);
    nst_prim_charge(process, nst_map_size(args[0].w.o));
    NstObject *builder = nst_list_builder(process, nst_map_size(args[0].w.o));
    NstMapIter it;
    NstValue key, value;
    for (nst_map_iter(&it, args[0].w.o); nst_map_next(&it, &key, &value);) {
        NstValue element = what == VALUES ? value : key;
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

NST_PRIMITIVE(map_keys) { return entries_of(process, args, &maps, KEYS); }
NST_PRIMITIVE(map_values) { return entries_of(process, args, &maps, VALUES); }
NST_PRIMITIVE(map_to_list) { return entries_of(process, args, &maps, PAIRS); }
NST_PRIMITIVE(set_to_list) { return entries_of(process, args, &sets, KEYS); }

// What an element of the list says. Otherwise *status is the primitive's result.
static bool read_entry(NstProcess *process, NstValue *args, const Form *form, NstValue element, NstEntry *entry,
                       NstPrimStatus *status) {
    *entry = (NstEntry){ .key = element, .value = no_value };
    if (form == &maps) {
        if (!nst_is_kind(element, NST_KIND_TUPLE) || element.w.o->count != 2) {
            *status = nst_raise_type(process, "Tuple", element);
            return false;
        }
        entry->key = nst_slot(element.w.o, 0);
        entry->value = nst_slot(element.w.o, 1);
    }
    uint64_t hash;
    if (!hash_key(process, args, form, entry->key, &hash, status)) return false;
    entry->hash = nst_hash_mix(hash);
    return true;
}

static NstPrimStatus from_list(NstProcess *process, NstValue *args, const Form *form) {
    NST_EXPECT_KIND(args[0], NST_KIND_LIST, "List");
    size_t count = nst_list_length(args[0].w.o), i = 0;
    nst_prim_charge(process, count);
    size_t bytes = (count + 1) * sizeof(NstEntry);
    NstEntry *entries = nst_heap_can(process, bytes) ? malloc(bytes) : NULL;
    if (!entries) return nst_raise_pair(process, "OutOfMemory", form->size, count);
    NstPrimStatus status = NST_PRIM_OK;
    NstListIter it;
    NstValue element;
    nst_list_iter(&it, args[0].w.o);
    while (nst_list_next(&it, &element) && read_entry(process, args, form, element, &entries[i], &status)) i++;
    if (i == count && !nst_map_of_entries(process, form->kind, entries, count, &args[0])) args[0] = NST_STATUS_OWN;
    free(entries);
    return status;
}
BOTH(from_list, from_list)

// ---- Several maps or sets -----------------------------------------------------------------

typedef bool (*Combine)(NstProcess *p, NstObject *a, NstObject *b, NstValue *out);

static NstPrimStatus combine(NstProcess *process, NstValue *args, const Form *form, Combine operation) {
    NST_EXPECT_KIND(args[0], form->kind, form->name);
    NST_EXPECT_KIND(args[1], form->kind, form->name);
    nst_prim_charge(process, nst_map_size(args[0].w.o) + nst_map_size(args[1].w.o));
    if (!operation(process, args[0].w.o, args[1].w.o, &args[0])) args[0] = NST_STATUS_OWN;
    return NST_PRIM_OK;
}

NST_PRIMITIVE(map_union) { return combine(process, args, &maps, nst_map_union); }
NST_PRIMITIVE(set_union) { return combine(process, args, &sets, nst_map_union); }
NST_PRIMITIVE(map_intersection) { return combine(process, args, &maps, nst_map_intersection); }
NST_PRIMITIVE(set_intersection) { return combine(process, args, &sets, nst_map_intersection); }
NST_PRIMITIVE(map_difference) { return combine(process, args, &maps, nst_map_difference); }
NST_PRIMITIVE(set_difference) { return combine(process, args, &sets, nst_map_difference); }
NST_PRIMITIVE(set_symmetric_difference) { return combine(process, args, &sets, nst_map_symmetric_difference); }

NST_PRIMITIVE(set_is_subset) {
    NST_EXPECT_KIND(args[0], NST_KIND_SET, "Set");
    NST_EXPECT_KIND(args[1], NST_KIND_SET, "Set");
    nst_prim_charge(process, nst_map_size(args[0].w.o));
    bool subset;
    args[0] = nst_map_subset(args[0].w.o, args[1].w.o, &subset) ? nst_bool(subset) : NST_STATUS_OWN;
    return NST_PRIM_OK;
}

// ---- Keys with their own equality ---------------------------------------------------------

static NstPrimStatus bucket_count(NstProcess *process, NstValue *args, const Form *form) {
    NST_EXPECT_KIND(args[0], form->kind, form->name);
    args[0] = nst_int((int64_t)nst_map_bucket(args[0].w.o, args[1].w.u, NULL, NULL, 0));
    return NST_PRIM_OK;
}
BOTH(bucket_count, bucket_count)

static NstPrimStatus bucket(NstProcess *process, NstValue *args, const Form *form, What what) {
    NST_EXPECT_KIND(args[0], form->kind, form->name);
    NstHashEdit edit = { .width = form->width, .entry = { .hash = nst_hash_mix(args[1].w.u) }, .at = args[2].w.i };
    NstEntry entry;
    bool found = args[2].w.i >= 0 && nst_hash_find(nst_map_root(args[0].w.o), &edit, &entry);
    args[0] = !found ? NST_STATUS_ABSENT : what == VALUES ? entry.value : entry.key;
    return NST_PRIM_OK;
}

NST_PRIMITIVE(map_bucket_key) { return bucket(process, args, &maps, KEYS); }
NST_PRIMITIVE(map_bucket_value) { return bucket(process, args, &maps, VALUES); }
NST_PRIMITIVE(set_bucket_key) { return bucket(process, args, &sets, KEYS); }

static NstPrimStatus bucket_insert(NstProcess *process, NstValue *args, const Form *form) {
    NST_EXPECT_KIND(args[0], form->kind, form->name);
    args[0] = nst_map_insert_at(process, args[0].w.o, args[1].w.u, (size_t)args[2].w.u, args[3],
                                form == &maps ? args[4] : no_value);
    return NST_PRIM_OK;
}
BOTH(bucket_insert, bucket_insert)

static NstPrimStatus bucket_remove(NstProcess *process, NstValue *args, const Form *form) {
    NST_EXPECT_KIND(args[0], form->kind, form->name);
    args[0] = nst_map_remove_at(process, args[0].w.o, args[1].w.u, (size_t)args[2].w.u);
    return NST_PRIM_OK;
}
BOTH(bucket_remove, bucket_remove)
