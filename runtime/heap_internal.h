// What the collector, the copier and the freezer know of objects: sizes, references, blocks. Private to heap*.c,
// frozen.c and parcel.c.
#ifndef NST_HEAP_INTERNAL_H
#define NST_HEAP_INTERNAL_H

#include <stdatomic.h>

#include "runtime/hash.h"
#include "runtime/heap.h"
#include "runtime/list.h"
#include "runtime/process.h"

// Header flags that belong to the collector.
enum {
    NST_OBJ_LARGE = 32, // has a block of its own (NstLarge); set at the first collection that meets it
    NST_OBJ_EPOCH = 64, // old objects: the heap's epoch when they were copied or marked
};

enum { NST_LARGE_BYTES = 8 * 1024 }; // from here on an object gets a block of its own and is never copied

typedef struct NstBlock {
    struct NstBlock *next;
    char *top, *end;      // old blocks: free part
    size_t bytes;         // of the whole block
    char data[];
} NstBlock;

typedef struct NstLarge {
    struct NstLarge *next;
    struct NstLarge *gray; // marked, not scanned yet
    size_t bytes;          // of the whole block
    size_t pad;
    NstObject object;
} NstLarge;

static inline NstLarge *nst_large_of(NstObject *o) {
    return (NstLarge *)(void *)((char *)o - offsetof(NstLarge, object));
}

static inline size_t nst_round8(size_t bytes) {
    return (bytes + 7) & ~(size_t)7;
}

// The size of an object as it is copied: what follows its last slot is not part of it.
static inline size_t nst_object_bytes(const NstObject *o) {
    size_t bytes = 16;
    switch ((NstKind)o->kind) {
    case NST_KIND_TUPLE: case NST_KIND_DATA: case NST_KIND_CLOSURE: case NST_KIND_CELL: case NST_KIND_HASH_NODE:
    case NST_KIND_BUILDER:
        bytes = nst_slots_bytes((NstKind)o->kind, o->count);
        break;
    case NST_KIND_STRING: bytes = nst_round8(sizeof(NstString) + o->count + 1u); break;
    case NST_KIND_BIGINT: bytes = sizeof(NstBigInt) + 8u * (size_t)o->count; break;
    case NST_KIND_DECIMAL: bytes = sizeof(NstDecimal); break;
    case NST_KIND_LIST: bytes = sizeof(NstList); break;
    case NST_KIND_LIST_NODE:
        bytes = nst_list_is_inner(o) ? nst_list_inner_bytes(o->count) : nst_slots_bytes(NST_KIND_LIST_NODE, o->count);
        break;
    case NST_KIND_MAP: case NST_KIND_SET: bytes = sizeof(NstMap); break;
    case NST_KIND_INT64_ARRAY: case NST_KIND_FLOAT64_ARRAY:
        bytes = sizeof(NstArray) + 8u * (size_t)((const NstArray *)(const void *)o)->length;
        break;
    case NST_KIND_FLOAT32_ARRAY:
        bytes = nst_round8(sizeof(NstArray) + 4u * (size_t)((const NstArray *)(const void *)o)->length);
        break;
    case NST_KIND_BUFFER: bytes = sizeof(NstBuffer); break;
    case NST_KIND_WEAK: bytes = sizeof(NstWeak); break;
    case NST_KIND_FORWARD: case NST_KIND_COUNT: break;
    }
    return bytes < 16 ? 16 : bytes;
}

// Calls visit(context, &reference) for every reference of the object; the compiler unrolls it into its caller.
typedef void (*NstRefVisitor)(void *context, NstObject **reference);

static inline __attribute__((always_inline)) void nst_visit_ref(NstRefVisitor visit, void *context, NstObject **ref) {
    if (*ref) visit(context, ref);
}

static inline __attribute__((always_inline)) void nst_object_refs(NstObject *o, NstRefVisitor visit, void *context) {
    switch ((NstKind)o->kind) {
    case NST_KIND_LIST_NODE:
        if (nst_list_is_inner(o)) {
            NstObject **child = nst_list_inner(o)->child;
            for (uint32_t i = 0; i < o->count; i++) nst_visit_ref(visit, context, &child[i]);
            break;
        }
        __attribute__((fallthrough));
    case NST_KIND_TUPLE: case NST_KIND_DATA: case NST_KIND_CLOSURE: case NST_KIND_CELL: case NST_KIND_HASH_NODE:
    case NST_KIND_BUILDER: {
        NstWord *slots = nst_slots(o);
        const uint8_t *tags = (const uint8_t *)(slots + o->count);
        for (uint32_t i = 0; i < o->count; i++) {
            if (tags[i] == NST_TAG_OBJECT) nst_visit_ref(visit, context, &slots[i].o);
        }
        break;
    }
    case NST_KIND_LIST: {
        NstList *list = (NstList *)(void *)o;
        nst_visit_ref(visit, context, &list->front);
        nst_visit_ref(visit, context, &list->tree);
        nst_visit_ref(visit, context, &list->back);
        break;
    }
    case NST_KIND_MAP: case NST_KIND_SET:
        nst_visit_ref(visit, context, &((NstMap *)(void *)o)->root);
        break;
    case NST_KIND_BUFFER:
        nst_visit_ref(visit, context, &((NstBuffer *)(void *)o)->text.o);
        break;
    default:
        break;
    }
}

// True for what has identity, or travels like it: it is never frozen.
static inline bool nst_object_is_mutable(const NstObject *o) {
    switch ((NstKind)o->kind) {
    case NST_KIND_CELL: case NST_KIND_INT64_ARRAY: case NST_KIND_FLOAT64_ARRAY: case NST_KIND_FLOAT32_ARRAY:
    case NST_KIND_BUFFER: case NST_KIND_BUILDER:
        return true;
    case NST_KIND_DATA:
        return (o->flags & NST_OBJ_MUTABLE) || ((const NstData *)(const void *)o)->layout->mutable_;
    default:
        return (o->flags & NST_OBJ_MUTABLE) != 0;
    }
}

static inline bool nst_object_is_reactive(const NstObject *o) {
    return o->kind == NST_KIND_DATA && ((const NstData *)(const void *)o)->layout->reactive;
}

// ---- heap.c -------------------------------------------------------------------------------

// `bytes` of contiguous nursery memory for many objects at once (any size).
void *nst_heap_region(NstProcess *process, size_t bytes);
bool nst_heap_over_budget(const NstHeap *heap);
bool nst_heap_stressed(void);
void nst_heap_free_blocks(NstBlock *blocks);
void nst_heap_free_large(NstLarge *large);
void nst_heap_forget_remembered(NstHeap *heap);

// ---- frozen.c -----------------------------------------------------------------------------

// What precedes a frozen object that is not immortal.
typedef struct NstFrozen {
    _Atomic uint64_t references; // from frozen objects, transfers, parcels and process lists
    uint64_t graph_bytes;        // root of a freezing: bytes that it made; dead: the next dead object
    NstObject object;
} NstFrozen;

static inline NstFrozen *nst_frozen_of(NstObject *o) {
    return (NstFrozen *)(void *)((char *)o - offsetof(NstFrozen, object));
}
static inline bool nst_is_counted(const NstObject *o) {
    return (o->flags & (NST_OBJ_FROZEN | NST_OBJ_IMMORTAL)) == NST_OBJ_FROZEN;
}

// Relaxed: whoever retains already holds a count or something that keeps one.
static inline void nst_frozen_retain(NstObject *o) {
    atomic_fetch_add_explicit(&nst_frozen_of(o)->references, 1, memory_order_relaxed);
}
void nst_frozen_release(NstObject *o);

typedef enum NstFreeze {
    NST_FREEZE_OK,
    NST_FREEZE_MUTABLE,  // something mutable or reactive inside: nothing was made
} NstFreeze;
// Freezes what `root` reaches; the caller owns one count of *out. The process's objects are as before.
NstFreeze nst_freeze(NstObject *root, NstObject **out);

// Puts a frozen object on the process's list. `counted`: the caller's count goes with it.
void nst_heap_hold(NstHeap *heap, NstObject *o, bool counted);
// A table of frozen objects as in NstHeap: true if `o` was not in it. The caller has counted it then.
bool nst_held_insert(NstObject ***table, uint32_t *count, uint32_t *size, NstObject *o);
void nst_held_release(NstObject **table, uint32_t size); // releases all and frees the table

// ---- parcel.c -----------------------------------------------------------------------------

// One step of the undo log by which forwarding marks in the process's own objects are taken back.
typedef struct NstUndo {
    NstObject *object;
    uint64_t second; // the word that the forwarding address replaced
    uint8_t kind;
} NstUndo;

typedef struct NstUndoLog {
    NstUndo *steps;
    size_t count, size;
} NstUndoLog;

// Writes the slots [from, from + shown) of a list's chunk, which may bear a forwarding mark, to a fresh chunk `to` and
// its header. For chunks that hold more than the list shows: what it does not show is not copied.
void nst_copy_list_part(const NstUndoLog *log, const NstObject *chunk, uint32_t from, uint32_t shown, NstObject *to);
// Whether a list that shows so many elements of the chunk may share its copy with other lists.
static inline bool nst_list_part_whole(const NstObject *chunk, uint32_t shown) {
    return (chunk->flags & NST_OBJ_FROZEN) || (chunk->aux == 0 && shown == chunk->count);
}

void nst_undo_grow(NstUndoLog *log);
void nst_undo_all(NstUndoLog *log); // and empties it; keeps little memory

// Marks `o` as copied to `to`. Its header's aux and count stay readable.
static inline void nst_forward(NstUndoLog *log, NstObject *o, uint64_t to) {
    uint64_t *words = (uint64_t *)(void *)o;
    if (log->count == log->size) nst_undo_grow(log);
    log->steps[log->count++] = (NstUndo){ .object = o, .second = words[1], .kind = o->kind };
    o->kind = NST_KIND_FORWARD;
    words[1] = to;
}
static inline uint64_t nst_forwarded(const NstObject *o) {
    return ((const uint64_t *)(const void *)o)[1];
}

#endif
