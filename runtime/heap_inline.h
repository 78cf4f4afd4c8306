// The allocation fast path, for the dispatch loop and hot primitives. Same contract as nst_heap_alloc.
#ifndef NST_HEAP_INLINE_H
#define NST_HEAP_INLINE_H

#include <string.h>

#include "runtime/process.h"

// `bytes` is a multiple of 8 and at least 16.
static inline void *nst_alloc(NstProcess *process, size_t bytes) {
    NstHeap *heap = &process->heap;
    if (__builtin_expect((size_t)(heap->end - heap->next) >= bytes, 1)) {
        void *memory = heap->next;
        heap->next += bytes;
        return memory;
    }
    return nst_heap_alloc(process, bytes);
}

// A slots object whose slots the caller fills at once (nst_slot_init), all of them before the next safepoint.
static inline NstObject *nst_alloc_slots(NstProcess *process, NstKind kind, unsigned flags, size_t count) {
    NstObject *o = nst_alloc(process, count == 0 ? 16 : nst_slots_bytes(kind, count));
    *o = (NstObject){ .kind = (uint8_t)kind, .flags = (uint8_t)flags, .count = (uint32_t)count };
    return o;
}

static inline void nst_barrier(NstProcess *process, NstObject *o, NstValue v) {
    if (__builtin_expect((o->flags & (NST_OBJ_OLD | NST_OBJ_REMEMBERED)) == NST_OBJ_OLD, 0) && nst_is_object(v)) {
        nst_heap_remember(process, o, v.w.o);
    }
}

#endif
