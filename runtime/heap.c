#include "runtime/heap.h"

#include <string.h>

#include "runtime/heap_inline.h"
#include "runtime/heap_internal.h"
#include "runtime/slab.h"
#include "runtime/stress.h"

enum {
    FIRST_BLOCK = 512,
    LARGEST_BLOCK = 64 * 1000, // a quarter of a slab
    FIRST_NURSERY = 16 * 1024,
    FIRST_OLD = 32 * 1024,
    FIRST_FROZEN = 256 * 1024,
};

// Set once at start and by tests: relaxed.
static _Atomic size_t program_budget, process_budget;
static _Atomic int stress = -1; // -1: ask the environment

bool nst_heap_stressed(void) {
    int on = atomic_load_explicit(&stress, memory_order_relaxed);
    if (on < 0) {
        on = nst_stress("gc");
        atomic_store_explicit(&stress, on, memory_order_relaxed);
    }
    return on;
}

void nst_heap_stress(bool on) {
    atomic_store_explicit(&stress, on, memory_order_relaxed);
}

void nst_heap_set_budget(size_t program_bytes, size_t process_bytes) {
    atomic_store_explicit(&program_budget, program_bytes, memory_order_relaxed);
    atomic_store_explicit(&process_budget, process_bytes, memory_order_relaxed);
}

static size_t own_bytes(const NstHeap *heap) {
    return heap->nursery_bytes + heap->old_bytes;
}

// What the next full collection may need beside what is there.
static size_t copy_room(const NstHeap *heap) {
    return heap->old_bytes - heap->large_bytes;
}

static bool beyond(const NstHeap *heap, size_t more) {
    more += copy_room(heap);
    size_t program = atomic_load_explicit(&program_budget, memory_order_relaxed);
    size_t process = atomic_load_explicit(&process_budget, memory_order_relaxed);
    return (program && nst_slab_total() + more > program) || (process && own_bytes(heap) + more > process);
}

bool nst_heap_over_budget(const NstHeap *heap) {
    return beyond(heap, 0);
}

bool nst_heap_can(NstProcess *process, size_t bytes) {
    if (bytes < (size_t)1 << 46 && !beyond(&process->heap, bytes)) return true;
    process->heap.refused = true;
    return false;
}

bool nst_heap_mailbox_over(size_t bytes) {
    size_t program = atomic_load_explicit(&program_budget, memory_order_relaxed);
    size_t process = atomic_load_explicit(&process_budget, memory_order_relaxed);
    // A little before the sender itself would be refused memory.
    return (process && bytes > process) || (program && bytes > program / 2 && nst_slab_total() > program / 16 * 15);
}

void nst_heap_init(NstHeap *heap) {
    *heap = (NstHeap){
        .nursery_limit = FIRST_NURSERY, .old_limit = FIRST_OLD, .frozen_limit = FIRST_FROZEN,
        .want_collect = nst_heap_stressed(),
    };
}

void nst_heap_free_blocks(NstBlock *block) {
    while (block) {
        NstBlock *next = block->next;
        nst_slab_free(block, block->bytes);
        block = next;
    }
}

void nst_heap_free_large(NstLarge *large) {
    while (large) {
        NstLarge *next = large->next;
        nst_slab_free(large, large->bytes);
        large = next;
    }
}

void nst_heap_destroy(NstHeap *heap) {
    nst_heap_free_blocks(heap->nursery);
    nst_heap_free_blocks(heap->old);
    nst_heap_free_large(heap->young_large);
    nst_heap_free_large(heap->old_large);
    nst_heap_forget_remembered(heap);
    nst_held_release(heap->frozen, heap->frozen_size);
    nst_heap_init(heap);
}

size_t nst_heap_bytes(const NstHeap *heap) {
    return own_bytes(heap) + heap->frozen_bytes;
}

// ---- Allocation ---------------------------------------------------------------------------

static void account(NstHeap *heap, size_t bytes) {
    heap->nursery_bytes += bytes;
    if (heap->nursery_bytes > heap->nursery_limit) heap->want_collect = true;
    if (beyond(heap, 0)) heap->want_collect = heap->out_of_memory = true;
}

static void add_nursery_block(NstHeap *heap, size_t least) {
    size_t bytes = heap->nursery_bytes < FIRST_BLOCK ? FIRST_BLOCK : heap->nursery_bytes;
    if (bytes > LARGEST_BLOCK) bytes = LARGEST_BLOCK;
    if (bytes < least + sizeof(NstBlock)) bytes = least + sizeof(NstBlock);
    bytes = nst_slab_usable(bytes);
    NstBlock *block = nst_slab_alloc(bytes);
    block->bytes = bytes;
    block->next = heap->nursery;
    heap->nursery = block;
    heap->next = block->data;
    heap->end = block->data + ((bytes - sizeof(NstBlock)) & ~(size_t)7);
    account(heap, bytes);
}

static void *alloc_large(NstHeap *heap, size_t bytes) {
    size_t whole = nst_slab_usable(offsetof(NstLarge, object) + bytes);
    NstLarge *large = nst_slab_alloc(whole);
    large->bytes = whole;
    large->next = heap->young_large;
    heap->young_large = large;
    account(heap, whole);
    return &large->object;
}

void *nst_heap_alloc(NstProcess *process, size_t bytes) {
    NstHeap *heap = &process->heap;
    bytes = bytes < 16 ? 16 : nst_round8(bytes);
    if (bytes >= NST_LARGE_BYTES) return alloc_large(heap, bytes);
    if ((size_t)(heap->end - heap->next) < bytes) add_nursery_block(heap, bytes);
    void *memory = heap->next;
    heap->next += bytes;
    return memory;
}

void *nst_heap_region(NstProcess *process, size_t bytes) {
    NstHeap *heap = &process->heap;
    if ((size_t)(heap->end - heap->next) >= bytes) {
        void *memory = heap->next;
        heap->next += bytes;
        return memory;
    }
    if (bytes < NST_LARGE_BYTES) return nst_heap_alloc(process, bytes);
    // A block of its own behind the current one, which stays current.
    size_t whole = nst_slab_usable(sizeof(NstBlock) + bytes);
    NstBlock *block = nst_slab_alloc(whole);
    block->bytes = whole;
    if (heap->nursery) {
        block->next = heap->nursery->next;
        heap->nursery->next = block;
    } else {
        block->next = NULL;
        heap->nursery = block;
        heap->next = heap->end = block->data;
    }
    account(heap, whole);
    return block->data;
}

NstObject *nst_heap_slots(NstProcess *process, NstKind kind, size_t count) {
    NstObject *o = nst_heap_alloc(process, nst_slots_bytes(kind, count));
    *o = (NstObject){ .kind = (uint8_t)kind, .count = (uint32_t)count };
    memset(nst_slot_tags(o), NST_TAG_MISSING, count);
    return o;
}

// ---- Write barrier ------------------------------------------------------------------------

// The remembered set has room for the next power of two from 16 on.
static bool remembered_full(uint32_t count) {
    return count == 0 || (count >= 16 && (count & (count - 1)) == 0);
}

static size_t remembered_bytes(uint32_t count) {
    uint32_t size = 16;
    while (size < count) size *= 2;
    return size * sizeof(NstObject *);
}

void nst_heap_forget_remembered(NstHeap *heap) {
    if (heap->remembered) nst_slab_free(heap->remembered, remembered_bytes(heap->remembered_count));
    heap->remembered = NULL;
    heap->remembered_count = 0;
}

void nst_heap_remember(NstProcess *process, NstObject *o, const NstObject *target) {
    NstHeap *heap = &process->heap;
    if ((o->flags & (NST_OBJ_OLD | NST_OBJ_REMEMBERED)) != NST_OBJ_OLD) return;
    if (target->flags & (NST_OBJ_OLD | NST_OBJ_FROZEN)) return;
    uint32_t count = heap->remembered_count;
    if (remembered_full(count)) {
        NstObject **grown = nst_slab_alloc(remembered_bytes(count + 1));
        if (count > 0) {
            memcpy(grown, heap->remembered, count * sizeof(NstObject *));
            nst_slab_free(heap->remembered, remembered_bytes(count));
        }
        heap->remembered = grown;
    }
    o->flags |= NST_OBJ_REMEMBERED;
    heap->remembered[heap->remembered_count++] = o;
}

void nst_store(NstProcess *process, NstObject *o, size_t i, NstValue v) {
    nst_slot_init(o, i, v);
    nst_barrier(process, o, v);
}

// ---- Strings ------------------------------------------------------------------------------

NstString *nst_heap_string(NstProcess *process, size_t bytes) {
    NstString *s = nst_heap_alloc(process, sizeof(NstString) + bytes + 1);
    s->head = (NstObject){ .kind = NST_KIND_STRING, .count = (uint32_t)bytes };
    s->length = 0;
    s->hash = 0;
    s->bytes[bytes] = '\0';
    return s;
}

void nst_string_finish(NstString *s) {
    size_t bytes = s->head.count, i = 0;
    uint64_t all = 0;
    for (; i + 8 <= bytes; i += 8) {
        uint64_t word;
        memcpy(&word, s->bytes + i, 8);
        all |= word;
    }
    for (; i < bytes; i++) all |= (unsigned char)s->bytes[i];
    s->head.aux = (all & UINT64_C(0x8080808080808080)) ? 0 : NST_STR_ASCII;
    s->length = (uint32_t)bytes;
    if (s->head.aux == NST_STR_ASCII) return;
    uint32_t length = 0;
    for (i = 0; i < bytes; i++) length += ((unsigned char)s->bytes[i] & 0xC0) != 0x80;
    s->length = length;
}

NstValue nst_string(NstProcess *process, const char *text, size_t bytes) {
    NstString *s = nst_heap_string(process, bytes);
    memcpy(s->bytes, text, bytes);
    nst_string_finish(s);
    return nst_object(s);
}

NstValue nst_string_z(NstProcess *process, const char *text) {
    return nst_string(process, text, strlen(text));
}

// Constants live as long as the program; the chain keeps them reachable for leak checkers.
typedef struct Immortal {
    struct Immortal *next;
    NstString string;
} Immortal;

static _Atomic(Immortal *) immortals;

NstValue nst_immortal_string(const char *text, size_t bytes) {
    Immortal *immortal = nst_slab_alloc(sizeof *immortal + bytes + 1);
    NstString *s = &immortal->string;
    *s = (NstString){
        .head = { .kind = NST_KIND_STRING, .flags = NST_OBJ_FROZEN | NST_OBJ_IMMORTAL, .count = (uint32_t)bytes },
    };
    memcpy((char *)immortal + offsetof(Immortal, string) + sizeof *s, text, bytes);
    ((char *)immortal)[offsetof(Immortal, string) + sizeof *s + bytes] = '\0';
    nst_string_finish(s);
    // Relaxed: nobody reads the chain.
    immortal->next = atomic_load_explicit(&immortals, memory_order_relaxed);
    while (!atomic_compare_exchange_weak_explicit(&immortals, &immortal->next, immortal, memory_order_relaxed,
                                                  memory_order_relaxed)) {}
    return nst_object(s);
}
