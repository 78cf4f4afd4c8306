// See reactive.h.
#include "runtime/reactive.h"

#include <stdatomic.h>
#include <string.h>

#include "runtime/compare.h"
#include "runtime/hash.h"
#include "runtime/heap.h"
#include "runtime/heap_inline.h"
#include "runtime/list.h"

enum { LEAST_PRUNED = 16 };

static const NstLayout *layout_of(const NstObject *object) {
    return ((const NstData *)(const void *)object)->layout;
}

bool nst_is_reactive(NstValue v) {
    return nst_is_kind(v, NST_KIND_DATA) && layout_of(v.w.o)->reactive;
}

bool nst_is_reactive_cell(NstValue v) {
    return nst_is_reactive(v) && !layout_of(v.w.o)->is_record;
}

static NstValue extra(const NstObject *object, uint32_t which) {
    return nst_slot(object, layout_of(object)->field_count + which);
}

static void set_extra(NstProcess *process, NstObject *object, uint32_t which, NstValue v) {
    nst_store(process, object, layout_of(object)->field_count + which, v);
}

static NstValue name_string(NstProcess *process, NstName name) {
    return nst_string_z(process, nst_name_text(name));
}

// ---- Parents -----------------------------------------------------------------------------

static bool is_record(NstValue v) {
    return nst_is_reactive(v) && layout_of(v.w.o)->is_record;
}

static NstWeak *weak_at(const NstObject *parents, size_t i) {
    return (NstWeak *)(void *)nst_list_get(parents, i).w.o;
}

// The links whose holders live, without the one from `holder` and `field` (null: none).
static NstValue live_links(NstProcess *process, const NstObject *parents, const NstObject *holder, NstName field) {
    NstValue links = nst_list_empty();
    for (size_t i = 0; i < nst_list_length(parents); i++) {
        NstWeak *weak = weak_at(parents, i);
        if (!weak->target) continue;
        if (weak->target != holder || weak->name != field) links = nst_list_push(process, links.w.o, nst_object(&weak->head));
    }
    return links;
}

static void link_child(NstProcess *process, NstObject *holder, uint32_t field, NstValue child) {
    if (!is_record(child)) return;
    NstWeak *weak = nst_heap_alloc(process, sizeof *weak);
    *weak = (NstWeak){ .head = { .kind = NST_KIND_WEAK }, .target = holder, .name = layout_of(holder)->field_names[field] };
    NstValue parents = extra(child.w.o, NST_REACTIVE_PARENTS);
    size_t length = nst_list_length(parents.w.o);
    bool doubled = length >= LEAST_PRUNED && (length & (length - 1)) == 0; // links of dead holders do not pile up
    if (doubled) parents = live_links(process, parents.w.o, NULL, 0);
    set_extra(process, child.w.o, NST_REACTIVE_PARENTS, nst_list_push(process, parents.w.o, nst_object(&weak->head)));
}

static void unlink_child(NstProcess *process, NstObject *holder, uint32_t field, NstValue child) {
    if (!is_record(child)) return;
    NstValue parents = extra(child.w.o, NST_REACTIVE_PARENTS);
    NstValue left = live_links(process, parents.w.o, holder, layout_of(holder)->field_names[field]);
    set_extra(process, child.w.o, NST_REACTIVE_PARENTS, left);
}

NstValue nst_reactive_parents(NstProcess *process, const NstObject *object) {
    NstValue list = nst_list_empty(), parents = extra(object, NST_REACTIVE_PARENTS);
    for (size_t i = 0; i < nst_list_length(parents.w.o); i++) {
        const NstWeak *weak = weak_at(parents.w.o, i);
        if (!weak->target) continue;
        NstObject *pair = nst_heap_slots(process, NST_KIND_TUPLE, 2);
        nst_slot_init(pair, 0, nst_object(weak->target));
        nst_slot_init(pair, 1, name_string(process, weak->name));
        list = nst_list_push(process, list.w.o, nst_object(pair));
    }
    return list;
}

// ---- Objects -----------------------------------------------------------------------------

NstValue nst_reactive_new(NstProcess *process, const NstLayout *layout, const NstValue *fields) {
    // relaxed: only uniqueness and the order within one process matter
    static _Atomic int64_t last_id;
    uint32_t count = layout->field_count;
    NstObject *object = nst_alloc_slots(process, NST_KIND_DATA, NST_OBJ_MUTABLE, count + NST_REACTIVE_EXTRA);
    ((NstData *)(void *)object)->layout = layout;
    for (uint32_t i = 0; i < count; i++) nst_slot_init(object, i, fields[i]);
    int64_t id = atomic_fetch_add_explicit(&last_id, 1, memory_order_relaxed) + 1;
    nst_slot_init(object, count + NST_REACTIVE_ID, nst_int(id));
    nst_slot_init(object, count + NST_REACTIVE_ON_CHANGE, nst_list_empty());
    nst_slot_init(object, count + NST_REACTIVE_ON_READ, nst_list_empty());
    nst_slot_init(object, count + NST_REACTIVE_PARENTS, nst_list_empty());
    for (uint32_t i = 0; layout->is_record && i < count; i++) link_child(process, object, i, fields[i]);
    return nst_object(object);
}

NstValue nst_reactive_copy(NstProcess *process, const NstObject *object) {
    NstValue fields[256];
    const NstLayout *layout = layout_of(object);
    uint32_t count = layout->field_count < 256 ? layout->field_count : 256;
    for (uint32_t i = 0; i < count; i++) fields[i] = nst_slot(object, i);
    return nst_reactive_new(process, layout, fields);
}

// ---- What a process remembers ------------------------------------------------------------

static NstValue *state(NstProcess *process, NstReactiveState which) {
    NstValue *slot = &process->exec.reactive[which];
    if (slot->tag == NST_TAG_MISSING) {
        *slot = which == NST_REACTIVE_CHANGED_SET ? nst_set_empty()
                : which == NST_REACTIVE_DEPS      ? nst_map_empty() : nst_list_empty();
    }
    return slot;
}

static uint64_t hash_of(NstValue key) {
    uint64_t hash = 0;
    nst_key_hash(key, &hash);
    return hash;
}

static bool list_has(const NstObject *list, NstValue v) {
    for (size_t i = 0; i < nst_list_length(list); i++) {
        if (nst_equal(nst_list_get(list, i), v, false) == NST_CMP_TRUE) return true;
    }
    return false;
}

static void depend(NstProcess *process, const NstObject *object) {
    NstValue stack = *state(process, NST_REACTIVE_STACK);
    if (nst_list_length(stack.w.o) == 0) return;
    NstValue component = nst_list_head(stack.w.o), id = extra(object, NST_REACTIVE_ID), components = nst_list_empty();
    NstValue *deps = state(process, NST_REACTIVE_DEPS);
    nst_map_lookup(deps->w.o, id, hash_of(id), &components);
    if (list_has(components.w.o, component)) return;
    *deps = nst_map_insert(process, deps->w.o, id, hash_of(id), nst_list_push(process, components.w.o, component));
}

static void changed(NstProcess *process, const NstObject *object) {
    NstValue id = extra(object, NST_REACTIVE_ID);
    NstValue *ids = state(process, NST_REACTIVE_CHANGED), *set = state(process, NST_REACTIVE_CHANGED_SET);
    if (!nst_set_contains(set->w.o, id, hash_of(id))) {
        *set = nst_set_insert(process, set->w.o, id, hash_of(id));
        *ids = nst_list_push(process, ids->w.o, id);
    }
    NstValue components;
    if (!nst_map_lookup(state(process, NST_REACTIVE_DEPS)->w.o, id, hash_of(id), &components)) return;
    NstValue *pending = state(process, NST_REACTIVE_PENDING);
    for (size_t i = 0; nst_is_kind(components, NST_KIND_LIST) && i < nst_list_length(components.w.o); i++) {
        NstValue component = nst_list_get(components.w.o, i);
        if (!list_has(pending->w.o, component)) *pending = nst_list_push(process, pending->w.o, component);
    }
}

// ---- Reads and writes --------------------------------------------------------------------

static bool no_callbacks(const NstObject *object, uint32_t which) {
    return nst_list_length(extra(object, which).w.o) == 0;
}

bool nst_reactive_load(NstProcess *process, NstObject *object, uint32_t i, NstValue *out) {
    *out = nst_slot(object, i);
    if (process->exec.reactive[NST_REACTIVE_STACK].tag != NST_TAG_MISSING) depend(process, object);
    return no_callbacks(object, NST_REACTIVE_ON_READ);
}

bool nst_reactive_store(NstProcess *process, NstObject *object, uint32_t i, NstValue v, NstValue *old) {
    bool record = layout_of(object)->is_record;
    *old = nst_slot(object, i);
    if (record) unlink_child(process, object, i, *old);
    nst_store(process, object, i, v);
    if (record) link_child(process, object, i, v);
    changed(process, object);
    return no_callbacks(object, NST_REACTIVE_ON_CHANGE);
}
