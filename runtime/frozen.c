// Frozen objects: life, process lists, and the freezer.
#include <string.h>

#include "runtime/heap.h"
#include "runtime/heap_internal.h"
#include "runtime/slab.h"

// ---- Life ---------------------------------------------------------------------------------
//
//   freeze: 1 ──retain/release──▶ n ──last release──▶ dead: on its thread's list ──slice──▶ memory given back,
//                                                                                    children released

enum { SLICE = 2000 };

static _Thread_local NstFrozen *dead;

static NstFrozen *frozen_alloc(size_t object_bytes) {
    return nst_slab_alloc(offsetof(NstFrozen, object) + object_bytes);
}

static void frozen_free(NstFrozen *f) {
    nst_slab_free(f, offsetof(NstFrozen, object) + nst_object_bytes(&f->object));
}

static void uncount(NstObject *o) {
    NstFrozen *f = nst_frozen_of(o);
    // Release: this holder's reads come before. The last one acquires what all others have released by its load,
    // which the chain of their subtractions ends in, and frees what they have read.
    if (atomic_fetch_sub_explicit(&f->references, 1, memory_order_release) != 1) return;
    (void)atomic_load_explicit(&f->references, memory_order_acquire);
    f->graph_bytes = (uint64_t)(uintptr_t)dead;
    dead = f;
}

static void uncount_ref(void *context, NstObject **reference) {
    (void)context;
    if (nst_is_counted(*reference)) uncount(*reference);
}

bool nst_frozen_drain(void) {
    for (int i = 0; dead && i < SLICE; i++) {
        NstFrozen *f = dead;
        dead = (NstFrozen *)(uintptr_t)f->graph_bytes;
        nst_object_refs(&f->object, uncount_ref, NULL);
        frozen_free(f);
    }
    return dead != NULL;
}

void nst_frozen_release(NstObject *o) {
    if (!nst_is_counted(o)) return;
    uncount(o);
    if (dead) nst_frozen_drain();
}

// ---- Process lists ------------------------------------------------------------------------

static uint32_t place_of(const NstObject *o, uint32_t size) {
    return (uint32_t)(((uintptr_t)o >> 4) * UINT64_C(0x9E3779B97F4A7C15) >> 32) & (size - 1);
}

static void place(NstObject **table, uint32_t size, NstObject *o) {
    uint32_t i = place_of(o, size);
    while (table[i]) i = (i + 1) & (size - 1);
    table[i] = o;
}

bool nst_held_insert(NstObject ***table, uint32_t *count, uint32_t *size, NstObject *o) {
    if (*size > 0) {
        for (uint32_t i = place_of(o, *size); (*table)[i]; i = (i + 1) & (*size - 1)) {
            if ((*table)[i] == o) return false;
        }
    }
    if ((*count + 1) * 4 > *size * 3) {
        uint32_t size_new = *size ? *size * 2 : 8;
        NstObject **grown = nst_slab_alloc(size_new * sizeof(NstObject *));
        memset(grown, 0, size_new * sizeof(NstObject *));
        for (uint32_t i = 0; i < *size; i++) {
            if ((*table)[i]) place(grown, size_new, (*table)[i]);
        }
        if (*table) nst_slab_free(*table, *size * sizeof(NstObject *));
        *table = grown;
        *size = size_new;
    }
    place(*table, *size, o);
    ++*count;
    return true;
}

void nst_held_release(NstObject **table, uint32_t size) {
    if (!table) return;
    for (uint32_t i = 0; i < size; i++) {
        if (table[i]) uncount(table[i]);
    }
    nst_slab_free(table, size * sizeof(NstObject *));
    nst_frozen_drain();
}

void nst_heap_hold(NstHeap *heap, NstObject *o, bool counted) {
    if (!nst_held_insert(&heap->frozen, &heap->frozen_count, &heap->frozen_size, o)) {
        if (counted) nst_frozen_release(o);
        return;
    }
    if (!counted) nst_frozen_retain(o);
    heap->frozen_bytes += nst_frozen_of(o)->graph_bytes;
    // Only a full collection finds out which of them are still referenced.
    if (heap->frozen_bytes > heap->frozen_limit) heap->want_collect = heap->want_full = true;
}

// ---- Freezing -----------------------------------------------------------------------------
//
// Breadth first: new objects are chained through graph_bytes; scanning one replaces its references to process objects
// by references to their frozen copies, made at first meeting.

typedef struct Freezer {
    NstUndoLog *log;
    NstFrozen *first, *last;
    size_t bytes;
    bool mutable_;
} Freezer;

static _Thread_local NstUndoLog undo_log;

static NstObject *chain(Freezer *z, NstFrozen *f, size_t bytes) {
    atomic_init(&f->references, 1);
    f->graph_bytes = 0;
    f->object.flags = NST_OBJ_FROZEN;
    nst_hash_unstamp(&f->object);
    if (z->last) z->last->graph_bytes = (uint64_t)(uintptr_t)f;
    else z->first = f;
    z->last = f;
    z->bytes += offsetof(NstFrozen, object) + bytes;
    return &f->object;
}

static NstObject *freeze_object(Freezer *z, NstObject *o) {
    if (o->flags & NST_OBJ_FROZEN) {
        if (!(o->flags & NST_OBJ_IMMORTAL)) nst_frozen_retain(o);
        return o;
    }
    if (o->kind == NST_KIND_FORWARD) {
        NstObject *copy = (NstObject *)(uintptr_t)nst_forwarded(o);
        nst_frozen_retain(copy);
        return copy;
    }
    if (nst_object_is_mutable(o) || nst_object_is_reactive(o)) {
        z->mutable_ = true;
        return NULL;
    }
    size_t bytes = nst_object_bytes(o);
    NstFrozen *f = frozen_alloc(bytes);
    memcpy(&f->object, o, bytes);
    NstObject *copy = chain(z, f, bytes);
    nst_forward(z->log, o, (uint64_t)(uintptr_t)copy);
    return copy;
}

// The `shown` elements of a list's chunk from `from` on.
static NstObject *freeze_chunk(Freezer *z, NstObject *chunk, uint32_t from, uint32_t shown) {
    if (nst_list_part_whole(chunk, shown)) return freeze_object(z, chunk);
    size_t bytes = nst_slots_bytes(NST_KIND_LIST_NODE, shown);
    NstFrozen *f = frozen_alloc(bytes);
    nst_copy_list_part(z->log, chunk, from, shown, &f->object);
    return chain(z, f, bytes);
}

static void freeze_ref(void *context, NstObject **reference) {
    Freezer *z = context;
    *reference = z->mutable_ ? NULL : freeze_object(z, *reference);
}

static void freeze_refs(Freezer *z, NstObject *o) {
    if (o->kind != NST_KIND_LIST) {
        nst_object_refs(o, freeze_ref, z);
        return;
    }
    NstList *list = (NstList *)(void *)o;
    uint32_t front = nst_list_front_count(o), back = nst_list_back_count(o);
    if (list->front) list->front = freeze_chunk(z, list->front, list->front->count - front, front);
    if (list->tree) freeze_ref(z, &list->tree);
    if (list->back) list->back = z->mutable_ ? NULL : freeze_chunk(z, list->back, 0, back);
}

static void forget_ref(void *context, NstObject **reference) {
    (void)context;
    *reference = NULL;
}

// Takes everything back: scanned objects own counts on their references, the others (from `unscanned` on) nothing.
static void abandon(Freezer *z, NstFrozen *unscanned) {
    for (NstFrozen *f = unscanned; f; f = (NstFrozen *)(uintptr_t)f->graph_bytes) {
        nst_object_refs(&f->object, forget_ref, NULL);
    }
    nst_frozen_release(&z->first->object);
    while (nst_frozen_drain()) {}
}

NstFreeze nst_freeze(NstObject *root, NstObject **out) {
    Freezer z = { .log = &undo_log };
    NstObject *frozen = freeze_object(&z, root);
    NstFrozen *f = z.first;
    while (f && !z.mutable_) {
        freeze_refs(&z, &f->object);
        f = (NstFrozen *)(uintptr_t)f->graph_bytes;
    }
    nst_undo_all(&undo_log);
    if (z.mutable_) {
        if (z.first) abandon(&z, f);
        return NST_FREEZE_MUTABLE;
    }
    for (f = z.first; f;) {
        NstFrozen *next = (NstFrozen *)(uintptr_t)f->graph_bytes;
        f->graph_bytes = 0;
        f = next;
    }
    if (z.first) z.first->graph_bytes = z.bytes;
    *out = frozen;
    return NST_FREEZE_OK;
}
