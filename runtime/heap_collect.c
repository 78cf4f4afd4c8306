// The collector: Cheney's algorithm over blocks.
//
// A minor collection copies what lives of the nursery behind the old generation; its roots are the process's roots
// and the remembered old objects. A full collection copies everything that lives into new blocks. Copied objects are
// scanned in the order in which they lie in the blocks; large objects are marked and scanned through a list.
//
// Old objects carry the heap's epoch. A full collection flips it, so an old object of the new epoch is one that has
// been copied or marked already.
#include <string.h>

#include "runtime/heap.h"
#include "runtime/heap_internal.h"
#include "runtime/mailbox.h"
#include "runtime/slab.h"

enum {
    SMALL_NURSERY = 64 * 1024, // the limit grows to this by itself …
    LARGEST_NURSERY = 4 * 1024 * 1024, // … and to this if much survives
    LEAST_OLD = 32 * 1024,
    LEAST_FROZEN = 256 * 1024,
    RESTING_NURSERY = 4 * 1024, // a waiting process may keep this much
    LARGEST_BLOCK = 64 * 1000,
    STRESS_ROOTS = 4096, // with a deeper stack even a stress run collects only as needed
};

typedef struct Collector {
    NstHeap *heap;
    bool full;
    bool unstamp;  // full: take back the stamps of maps that are changed in place
    uint8_t epoch; // flag bit of objects copied or marked by now
    uint32_t roots; // visited
    NstLarge *gray;
    NstBlock *scan_block;
    char *scan;
    NstObject *weak; // old places of the weak references copied, linked through their third word
    NstObject **held; // full: the new list of frozen objects
    uint32_t held_count, held_size;
} Collector;

// Room at the end of the old generation.
static char *old_room(NstHeap *heap, size_t bytes) {
    NstBlock *block = heap->old_last;
    if (!block || (size_t)(block->end - block->top) < bytes) {
        size_t size = heap->old_bytes / 2 < 512 ? 512 : heap->old_bytes / 2;
        if (size > LARGEST_BLOCK) size = LARGEST_BLOCK;
        if (size < bytes + sizeof(NstBlock)) size = bytes + sizeof(NstBlock);
        size = nst_slab_usable(size);
        block = nst_slab_alloc(size);
        block->bytes = size;
        block->next = NULL;
        block->top = block->data;
        block->end = block->data + ((size - sizeof(NstBlock)) & ~(size_t)7);
        if (heap->old_last) heap->old_last->next = block;
        else heap->old = block;
        heap->old_last = block;
        heap->old_bytes += size;
    }
    char *room = block->top;
    block->top += bytes;
    return room;
}

// An object that came in a region of many (a parcel) but is large itself.
static NstObject *move_to_large(Collector *c, NstObject *o, size_t bytes) {
    NstHeap *heap = c->heap;
    size_t whole = nst_slab_usable(offsetof(NstLarge, object) + bytes);
    NstLarge *large = nst_slab_alloc(whole);
    large->bytes = whole;
    large->next = heap->old_large;
    heap->old_large = large;
    heap->old_bytes += whole;
    heap->large_bytes += whole;
    memcpy(&large->object, o, bytes);
    large->object.flags |= NST_OBJ_LARGE;
    large->gray = c->gray;
    c->gray = large;
    return &large->object;
}

// Most objects are a few words: a loop beats the general copy.
static void copy_object(NstObject *to, const NstObject *from, size_t bytes) {
    if (bytes > 128) {
        memcpy(to, from, bytes);
        return;
    }
    uint64_t *target = (uint64_t *)(void *)to;
    const uint64_t *source = (const uint64_t *)(const void *)from;
    for (size_t i = 0; i < bytes / 8; i++) target[i] = source[i];
}

static uint8_t old_flags(const Collector *c, uint8_t flags) {
    return (uint8_t)((flags & ~(NST_OBJ_REMEMBERED | NST_OBJ_EPOCH)) | NST_OBJ_OLD | c->epoch);
}

// Only a full collection renews the list of frozen objects; until then the list keeps all that were ever reached.
static void hold(Collector *c, NstObject *o) {
    if (!c->full || !nst_held_insert(&c->held, &c->held_count, &c->held_size, o)) return;
    nst_frozen_retain(o);
    c->heap->frozen_bytes += nst_frozen_of(o)->graph_bytes;
}

static void visit_ref(void *context, NstObject **reference) {
    Collector *c = context;
    NstObject *o = *reference;
    if (o->flags & NST_OBJ_FROZEN) {
        if (!(o->flags & NST_OBJ_IMMORTAL)) hold(c, o);
        return;
    }
    if (o->kind == NST_KIND_FORWARD) {
        *reference = ((NstObject **)(void *)o)[1];
        return;
    }
    if ((o->flags & NST_OBJ_OLD) && (!c->full || (o->flags & NST_OBJ_EPOCH) == c->epoch)) return;
    if (o->flags & NST_OBJ_LARGE) {
        o->flags = old_flags(c, o->flags);
        NstLarge *large = nst_large_of(o);
        large->gray = c->gray;
        c->gray = large;
        return;
    }
    size_t bytes = nst_object_bytes(o);
    NstObject *copy;
    if (__builtin_expect(bytes >= NST_LARGE_BYTES, 0)) {
        copy = move_to_large(c, o, bytes);
    } else {
        copy = (NstObject *)(void *)old_room(c->heap, bytes);
        copy_object(copy, o, bytes);
    }
    copy->flags = old_flags(c, copy->flags);
    NstObject **words = (NstObject **)(void *)o;
    if (__builtin_expect(o->kind == NST_KIND_WEAK, 0)) {
        words[2] = c->weak;
        c->weak = o;
    }
    o->kind = NST_KIND_FORWARD;
    words[1] = copy;
    *reference = copy;
}

// After everything else: what has not been copied or marked by now is gone.
static void settle_weak(const Collector *c) {
    for (NstObject *o = c->weak; o; o = ((NstObject **)(void *)o)[2]) {
        NstWeak *weak = ((NstWeak **)(void *)o)[1];
        NstObject *target = weak->target;
        if (!target) continue;
        if (target->kind == NST_KIND_FORWARD) weak->target = ((NstObject **)(void *)target)[1];
        else if (!(target->flags & NST_OBJ_OLD) || (c->full && (target->flags & NST_OBJ_EPOCH) != c->epoch)) weak->target = NULL;
    }
}

static void visit_root(void *context, NstValue *slot) {
    ((Collector *)context)->roots++;
    if (slot->tag == NST_TAG_OBJECT) visit_ref(context, &slot->w.o);
}

static void scan_all(Collector *c) {
    NstHeap *heap = c->heap;
    for (;;) {
        if (c->gray) {
            NstLarge *large = c->gray;
            c->gray = large->gray;
            if (c->unstamp) nst_hash_unstamp(&large->object);
            nst_object_refs(&large->object, visit_ref, c);
        } else if (!c->scan_block) {
            if (!heap->old) return;
            c->scan_block = heap->old;
            c->scan = heap->old->data;
        } else if (c->scan < c->scan_block->top) {
            NstObject *o = (NstObject *)(void *)c->scan;
            c->scan += nst_object_bytes(o);
            if (__builtin_expect(c->unstamp, 0)) nst_hash_unstamp(o);
            nst_object_refs(o, visit_ref, c);
        } else if (c->scan_block->next) {
            c->scan_block = c->scan_block->next;
            c->scan = c->scan_block->data;
        } else {
            return;
        }
    }
}

static void mark_young_large(NstHeap *heap) {
    for (NstLarge *large = heap->young_large; large; large = large->next) large->object.flags |= NST_OBJ_LARGE;
}

// Keeps the marked objects of `list` as old ones and frees the others.
static void sweep_large(Collector *c, NstLarge *list) {
    NstHeap *heap = c->heap;
    while (list) {
        NstLarge *large = list;
        list = large->next;
        uint8_t flags = large->object.flags;
        if ((flags & NST_OBJ_OLD) && (flags & NST_OBJ_EPOCH) == c->epoch) {
            large->next = heap->old_large;
            heap->old_large = large;
            heap->old_bytes += large->bytes;
            heap->large_bytes += large->bytes;
        } else {
            nst_slab_free(large, large->bytes);
        }
    }
}

static void scan_roots(Collector *c, NstProcess *process) {
    nst_exec_roots(process, visit_root, c);
    nst_mailbox_roots(process, visit_root, c);
}

// Every collection visits the whole stack. So that deep recursion stays linear, a nursery is at least half as large
// as the stack. Under stress the next collection is due at once.
static void follow_roots(NstHeap *heap, const Collector *c) {
    size_t least = c->roots * sizeof(NstValue) / 2;
    if (heap->nursery_limit < least) heap->nursery_limit = least;
    heap->roots = c->roots;
    heap->want_collect = nst_heap_stressed() && c->roots < STRESS_ROOTS;
}

static void drop_nursery(NstHeap *heap) {
    nst_heap_free_blocks(heap->nursery);
    heap->nursery = NULL;
    heap->next = heap->end = NULL;
    heap->nursery_bytes = 0;
}

static void collect_minor(NstProcess *process) {
    NstHeap *heap = &process->heap;
    Collector c = { .heap = heap, .epoch = heap->epoch ? NST_OBJ_EPOCH : 0 };
    c.scan_block = heap->old_last;
    c.scan = heap->old_last ? heap->old_last->top : NULL;
    size_t old_before = heap->old_bytes, young = heap->nursery_bytes;
    mark_young_large(heap);
    NstLarge *young_large = heap->young_large;
    heap->young_large = NULL;

    for (uint32_t i = 0; i < heap->remembered_count; i++) {
        NstObject *o = heap->remembered[i];
        o->flags &= (uint8_t)~NST_OBJ_REMEMBERED;
        nst_object_refs(o, visit_ref, &c);
    }
    scan_roots(&c, process);
    scan_all(&c);
    settle_weak(&c);
    sweep_large(&c, young_large);
    nst_heap_forget_remembered(heap);
    drop_nursery(heap);

    bool filled = young >= heap->nursery_limit / 2, much = heap->old_bytes - old_before > young / 4;
    if (filled && heap->nursery_limit < (much ? LARGEST_NURSERY : SMALL_NURSERY)) heap->nursery_limit *= 2;
    else if (!much && heap->nursery_limit > SMALL_NURSERY) heap->nursery_limit /= 2;
    follow_roots(heap, &c);
    heap->since_full += young;
    // Full when the old generation has doubled; or after so much work that copying it does not matter, in case much
    // of it has died.
    if (heap->old_bytes > heap->old_limit || heap->since_full / 4 > heap->old_bytes + LEAST_OLD) heap->want_full = true;
}

static void collect_full(NstProcess *process) {
    NstHeap *heap = &process->heap;
    heap->epoch = !heap->epoch;
    Collector c = { .heap = heap, .full = true, .epoch = heap->epoch ? NST_OBJ_EPOCH : 0,
                    .unstamp = heap->stamp > NST_HASH_STAMPS / 2 * NST_HASH_STAMP };
    if (c.unstamp) heap->stamp = 0; // who still owns a map goes on with a fresh one
    mark_young_large(heap);
    NstBlock *blocks = heap->old;
    NstLarge *young_large = heap->young_large, *old_large = heap->old_large;
    heap->old = heap->old_last = NULL;
    heap->young_large = heap->old_large = NULL;
    heap->old_bytes = heap->large_bytes = heap->frozen_bytes = 0;

    scan_roots(&c, process);
    scan_all(&c);
    settle_weak(&c);
    // Objects moved to blocks of their own lie in heap->old_large by now; the old lists are swept onto it.
    sweep_large(&c, young_large);
    sweep_large(&c, old_large);
    nst_heap_free_blocks(blocks);
    nst_heap_forget_remembered(heap);
    drop_nursery(heap);

    NstObject **previous = heap->frozen;
    uint32_t previous_size = heap->frozen_size;
    heap->frozen = c.held;
    heap->frozen_count = c.held_count;
    heap->frozen_size = c.held_size;
    nst_held_release(previous, previous_size);

    heap->old_limit = heap->old_bytes * 2 < LEAST_OLD ? LEAST_OLD : heap->old_bytes * 2;
    heap->frozen_limit = heap->frozen_bytes + (heap->old_bytes < LEAST_FROZEN ? LEAST_FROZEN : heap->old_bytes);
    if (heap->nursery_limit > SMALL_NURSERY && heap->nursery_limit > heap->old_bytes) {
        heap->nursery_limit = SMALL_NURSERY;
    }
    follow_roots(heap, &c);
    heap->want_full = false;
    heap->since_full = 0;
}

void nst_heap_collect(NstProcess *process, bool full) {
    NstHeap *heap = &process->heap;
    if (full || heap->want_full || heap->out_of_memory || heap->old_bytes > heap->old_limit) collect_full(process);
    else collect_minor(process);
    heap->collections++;
    heap->out_of_memory = nst_heap_over_budget(heap);
}

void nst_heap_rest(NstProcess *process) {
    NstHeap *heap = &process->heap;
    size_t worth = heap->roots * sizeof(NstValue);
    if (heap->nursery_bytes > RESTING_NURSERY && heap->nursery_bytes > worth) nst_heap_collect(process, false);
}
