#include "runtime/hash.h"

#include <stdlib.h>

#include "runtime/hash_node.h"
#include "runtime/list.h"

static NstMap empty_map = { .head = { .kind = NST_KIND_MAP, .flags = NST_OBJ_FROZEN | NST_OBJ_IMMORTAL } };
static NstMap empty_set = { .head = { .kind = NST_KIND_SET, .flags = NST_OBJ_FROZEN | NST_OBJ_IMMORTAL } };

NstValue nst_map_empty(void) {
    return nst_object(&empty_map);
}

NstValue nst_set_empty(void) {
    return nst_object(&empty_set);
}

size_t nst_map_size(const NstObject *map) {
    return map->count;
}

NstValue nst_map_make(NstProcess *p, NstKind kind, size_t size, NstObject *root) {
    if (!root) return kind == NST_KIND_MAP ? nst_map_empty() : nst_set_empty();
    NstMap *map = nst_alloc(p, sizeof *map);
    map->head = (NstObject){ .kind = (uint8_t)kind, .count = (uint32_t)size };
    map->root = root;
    return nst_object(map);
}

static NstHashEdit edit_of(NstProcess *p, const NstObject *map, NstValue key, uint64_t hash, NstValue value,
                           int64_t at) {
    return (NstHashEdit){ .process = p, .width = nst_map_width(map), .at = at,
                          .entry = { .hash = nst_hash_mix(hash), .key = key, .value = value } };
}

static const NstValue missing = { .tag = NST_TAG_MISSING };

bool nst_map_lookup(const NstObject *map, NstValue key, uint64_t hash, NstValue *out) {
    NstHashEdit edit = edit_of(NULL, map, key, hash, missing, -1);
    NstEntry entry;
    if (!nst_hash_find(nst_map_root(map), &edit, &entry)) return false;
    *out = entry.value;
    return true;
}

bool nst_set_contains(const NstObject *set, NstValue key, uint64_t hash) {
    NstValue value;
    return nst_map_lookup(set, key, hash, &value);
}

static NstValue put(NstProcess *p, NstObject *map, NstHashEdit edit) {
    NstObject *old = nst_map_root(map), *root = nst_hash_put(old, &edit);
    return root == old ? nst_object(map) : nst_map_make(p, (NstKind)map->kind, map->count + edit.changed, root);
}

static NstValue drop(NstProcess *p, NstObject *map, NstHashEdit edit) {
    NstObject *root = nst_hash_drop(nst_map_root(map), &edit);
    return edit.changed ? nst_map_make(p, (NstKind)map->kind, map->count - 1u, root) : nst_object(map);
}

NstValue nst_map_insert(NstProcess *p, NstObject *map, NstValue key, uint64_t hash, NstValue value) {
    return put(p, map, edit_of(p, map, key, hash, value, -1));
}

NstValue nst_map_remove(NstProcess *p, NstObject *map, NstValue key, uint64_t hash) {
    return drop(p, map, edit_of(p, map, key, hash, missing, -1));
}

NstValue nst_set_insert(NstProcess *p, NstObject *set, NstValue key, uint64_t hash) {
    return nst_map_insert(p, set, key, hash, missing);
}

NstValue nst_set_remove(NstProcess *p, NstObject *set, NstValue key, uint64_t hash) {
    return nst_map_remove(p, set, key, hash);
}

// ---- Changing in place ----------------------------------------------------------------------

enum { FEW = 256 }; // of so many entries the nodes are looked at when they are released
static const uint16_t last_stamp = (uint16_t)((NST_HASH_STAMPS - 1) * NST_HASH_STAMP);

// A map's stamp, or a fresh one. When there is none left the last one is given again and again: nodes that bear it are
// looked at when their map is released, until a full collection takes all stamps back.
static uint16_t stamp_for(NstProcess *p, const NstObject *map) {
    if (map->aux) return map->aux;
    if (p->heap.stamp < last_stamp) p->heap.stamp += NST_HASH_STAMP;
    return p->heap.stamp;
}

// The map has not been changed.
static NstValue unchanged(NstProcess *p, NstObject *map, uint16_t stamp) {
    if (!map->aux && stamp == p->heap.stamp) p->heap.stamp -= NST_HASH_STAMP; // it was fresh
    return nst_object(map);
}

// What an owned map has become, in place; another one's changed copy, which is owned.
static NstValue owned_result(NstProcess *p, NstObject *map, NstObject *root, size_t size, uint16_t stamp) {
    if (map->aux) {
        ((NstMap *)(void *)map)->root = root;
        if (root) nst_barrier(p, map, nst_object(root));
        map->count = (uint32_t)size;
        return nst_object(map);
    }
    NstValue made = nst_map_make(p, (NstKind)map->kind, size, root);
    if (root) made.w.o->aux = stamp;
    return made;
}

NstValue nst_map_insert_owned(NstProcess *p, NstObject *map, NstValue key, uint64_t hash, NstValue value) {
    NstHashEdit edit = edit_of(p, map, key, hash, value, -1);
    edit.stamp = stamp_for(p, map);
    NstObject *old = nst_map_root(map), *root = nst_hash_put(old, &edit);
    if (root == old && !edit.changed) return unchanged(p, map, edit.stamp);
    return owned_result(p, map, root, map->count + edit.changed, edit.stamp);
}

NstValue nst_map_remove_owned(NstProcess *p, NstObject *map, NstValue key, uint64_t hash) {
    NstHashEdit edit = edit_of(p, map, key, hash, missing, -1);
    edit.stamp = stamp_for(p, map);
    NstObject *root = nst_hash_drop(nst_map_root(map), &edit);
    return edit.changed ? owned_result(p, map, root, map->count - 1u, edit.stamp) : unchanged(p, map, edit.stamp);
}

void nst_map_release(NstProcess *p, NstObject *map) {
    uint16_t stamp = map->aux;
    if (!stamp) return;
    map->aux = 0;
    if (map->count > FEW && stamp != last_stamp) return;
    nst_hash_unstamp_all(nst_map_root(map), stamp);
    if (stamp == p->heap.stamp && stamp != last_stamp) p->heap.stamp -= NST_HASH_STAMP; // nobody bears it
}

// ---- Keys with their own equality ---------------------------------------------------------

size_t nst_map_bucket(const NstObject *map, uint64_t hash, NstValue *keys, NstValue *values, size_t max) {
    NstHashEdit edit = edit_of(NULL, map, NST_UNIT, hash, missing, 0);
    NstEntry entry;
    while (nst_hash_find(nst_map_root(map), &edit, &entry)) {
        size_t i = (size_t)edit.at++;
        if (i >= max) continue;
        if (keys) keys[i] = entry.key;
        if (values) values[i] = entry.value;
    }
    return (size_t)edit.at;
}

NstValue nst_map_insert_at(NstProcess *p, NstObject *map, uint64_t hash, size_t i, NstValue key, NstValue value) {
    return put(p, map, edit_of(p, map, key, hash, value, (int64_t)i));
}

NstValue nst_map_remove_at(NstProcess *p, NstObject *map, uint64_t hash, size_t i) {
    return drop(p, map, edit_of(p, map, NST_UNIT, hash, missing, (int64_t)i));
}

// ---- Iteration ----------------------------------------------------------------------------

void nst_map_iter(NstMapIter *it, const NstObject *map) {
    it->depth = -1;
    it->width = nst_map_width(map);
    it->hash = 0;
    if (nst_map_root(map)) {
        it->depth = 0;
        it->stack[0] = nst_map_root(map);
        it->position[0] = 0;
    }
}

// A node's entries come before what is in its children.
bool nst_map_next(NstMapIter *it, NstValue *key, NstValue *value) {
    while (it->depth >= 0) {
        const NstObject *node = it->stack[it->depth];
        uint32_t at = it->position[it->depth]++, entries = nst_node_entries(node);
        if (at < entries) {
            NstEntry entry = nst_node_entry(node, it->width, at);
            it->hash = entry.hash;
            *key = entry.key;
            *value = entry.value;
            return true;
        }
        if (at - entries < nst_node_children(node)) {
            it->depth++;
            it->stack[it->depth] = nst_node_child(node, at - entries);
            it->position[it->depth] = 0;
        } else {
            it->depth--;
        }
    }
    return false;
}

static NstObject *rebuild(NstProcess *p, const NstObject *node, uint32_t width, const NstValue **keys,
                          const NstValue **values) {
    NstObject *copy = nst_alloc_slots(p, NST_KIND_HASH_NODE, 0, node->count);
    copy->aux = node->aux & (NST_HASH_COLLISION | NST_HASH_VALUES);
    for (uint32_t i = 0; i < node->count; i++) nst_slot_init(copy, i, nst_slot(node, i));
    for (uint32_t i = 0, slot = 1; i < nst_node_entries(node); i++) {
        nst_slot_init(copy, slot++, *(*keys)++);
        if (width == 2) nst_slot_init(copy, slot++, *(*values)++);
    }
    for (uint32_t i = 0; i < nst_node_children(node); i++) {
        NstObject *child = rebuild(p, nst_node_child(node, i), width, keys, values);
        nst_slot_init(copy, node->count - 1 - i, nst_object(child));
    }
    return copy;
}

NstValue nst_map_rebuild(NstProcess *p, NstObject *map, const NstValue *keys, const NstValue *values) {
    if (map->count == 0) return nst_object(map);
    NstObject *root = rebuild(p, nst_map_root(map), nst_map_width(map), &keys, &values);
    return nst_map_make(p, (NstKind)map->kind, map->count, root);
}

// ---- Building -----------------------------------------------------------------------------
//
// The builder keeps a list builder of hash, key, value triples and the map to start from.

enum { FROM, ENTRIES, SLOTS };

NstObject *nst_map_builder(NstProcess *p, bool set, NstObject *from) {
    NstObject *builder = nst_alloc_slots(p, NST_KIND_BUILDER, 0, SLOTS);
    nst_slot_init(builder, FROM, from ? nst_object(from) : set ? nst_set_empty() : nst_map_empty());
    nst_slot_init(builder, ENTRIES, nst_object(nst_list_builder(p, 12)));
    return builder;
}

void nst_map_builder_put(NstProcess *p, NstObject *builder, NstValue key, uint64_t hash, NstValue value) {
    NstObject *entries = nst_slots(builder)[ENTRIES].o;
    nst_list_builder_add(p, entries, nst_int((int64_t)hash));
    nst_list_builder_add(p, entries, key);
    nst_list_builder_add(p, entries, value.tag == NST_TAG_MISSING ? NST_UNIT : value);
}

NstValue nst_map_builder_finish(NstProcess *p, NstObject *builder) {
    NstObject *map = nst_slots(builder)[FROM].o;
    NstObject *list = nst_list_builder_finish(p, nst_slots(builder)[ENTRIES].o).w.o;
    uint32_t width = nst_map_width(map);
    NstListIter it;
    nst_list_iter(&it, list);
    NstValue hash, key, value;
    size_t added = nst_list_length(list) / 3, count = 0;
    if (added < map->count / 8) {
        while (nst_list_next(&it, &hash) && nst_list_next(&it, &key) && nst_list_next(&it, &value)) {
            map = nst_map_insert(p, map, key, (uint64_t)hash.w.i, value).w.o;
        }
        return nst_object(map);
    }
    NstEntry *entries = malloc((map->count + added + 1) * sizeof *entries);
    if (!entries) abort();
    NstMapIter old;
    for (nst_map_iter(&old, map); nst_map_next(&old, &key, &value); count++) {
        entries[count] = (NstEntry){ .hash = old.hash, .key = key, .value = value };
    }
    while (nst_list_next(&it, &hash) && nst_list_next(&it, &key) && nst_list_next(&it, &value)) {
        entries[count++] = (NstEntry){ .hash = nst_hash_mix((uint64_t)hash.w.i), .key = key, .value = value };
    }
    NstObject *root;
    size_t kept;
    nst_hash_build(p, width, entries, count, &root, &kept);
    free(entries);
    return nst_map_make(p, (NstKind)map->kind, kept, root);
}
