// Parcels: closed copies of values on their way between processes.
//
// A parcel is a run of objects; the first is the value itself. References inside it are offsets with the lowest bit
// set, so it can be moved by copying its bytes; references to frozen objects are plain and counted once each.
// The copier works breadth first: each object's references are replaced when it is scanned, the objects they mean are
// appended at first meeting. Forwarding marks in the sender's objects keep aliasing and cycles; an undo log takes
// them back.
#include <string.h>

#include "runtime/heap.h"
#include "runtime/heap_internal.h"
#include "runtime/slab.h"

typedef struct Parcel {
    size_t bytes;    // of data
    bool references; // some object has a reference
    _Alignas(8) char data[];
} Parcel;

// Immutable values beyond this size are frozen instead of copied.
enum { FREEZE_BYTES = 8 * 1024, CHUNK_BYTES = 120 * 1024 };

// ---- Undo log -----------------------------------------------------------------------------

enum { SHORT_LOG = 256 };
static _Thread_local NstUndo short_log[SHORT_LOG];

void nst_undo_grow(NstUndoLog *log) {
    if (!log->steps) {
        log->steps = short_log;
        log->size = SHORT_LOG;
        return;
    }
    NstUndo *grown = nst_slab_alloc(log->size * 2 * sizeof *grown);
    memcpy(grown, log->steps, log->size * sizeof *grown);
    if (log->steps != short_log) nst_slab_free(log->steps, log->size * sizeof *grown);
    log->steps = grown;
    log->size *= 2;
}

void nst_undo_all(NstUndoLog *log) {
    for (size_t i = log->count; i-- > 0;) {
        NstUndo *step = &log->steps[i];
        step->object->kind = step->kind;
        ((uint64_t *)(void *)step->object)[1] = step->second;
    }
    if (log->steps && log->steps != short_log) nst_slab_free(log->steps, log->size * sizeof(NstUndo));
    *log = (NstUndoLog){ 0 };
}

// ---- Copying out --------------------------------------------------------------------------

typedef struct Chunk {
    struct Chunk *next;
    size_t base; // offset in the parcel of its first byte
    size_t used, size;
    char *data;
} Chunk;

typedef struct Copier {
    NstUndoLog log;
    Chunk first, *last;
    bool mutable_, reactive, references, frozen;
} Copier;

static _Thread_local _Alignas(8) char first_chunk[FREEZE_BYTES];

static NstObject *append(Copier *c, size_t bytes, uint64_t *offset) {
    Chunk *chunk = c->last;
    if (chunk->size - chunk->used < bytes) {
        size_t size = bytes > CHUNK_BYTES ? bytes : CHUNK_BYTES;
        Chunk *more = nst_slab_alloc(sizeof(Chunk) + size);
        *more = (Chunk){ .base = chunk->base + chunk->used, .size = size, .data = (char *)(more + 1) };
        chunk->next = more;
        chunk = c->last = more;
    }
    *offset = chunk->base + chunk->used;
    NstObject *o = (NstObject *)(void *)(chunk->data + chunk->used);
    chunk->used += bytes;
    return o;
}

static void free_chunks(Copier *c) {
    for (Chunk *chunk = c->first.next; chunk;) {
        Chunk *next = chunk->next;
        nst_slab_free(chunk, sizeof(Chunk) + chunk->size);
        chunk = next;
    }
}

static uint64_t copy_object(Copier *c, NstObject *o) {
    c->references = true;
    if (o->flags & NST_OBJ_FROZEN) {
        if (!(o->flags & NST_OBJ_IMMORTAL)) c->frozen = true;
        return (uint64_t)(uintptr_t)o;
    }
    if (o->kind == NST_KIND_FORWARD) return nst_forwarded(o);
    if (nst_object_is_reactive(o)) {
        c->reactive = true;
        return 0;
    }
    if (nst_object_is_mutable(o)) c->mutable_ = true;
    size_t bytes = nst_object_bytes(o);
    uint64_t offset;
    NstObject *copy = append(c, bytes, &offset);
    memcpy(copy, o, bytes);
    copy->flags &= NST_OBJ_MUTABLE;
    nst_hash_unstamp(copy);
    nst_forward(&c->log, o, offset | 1);
    return offset | 1;
}

void nst_copy_list_part(const NstUndoLog *log, const NstObject *chunk, uint32_t from, uint32_t shown, NstObject *to) {
    *to = (NstObject){ .kind = NST_KIND_LIST_NODE, .count = shown };
    const NstWord *words = (const NstWord *)(const void *)(chunk + 1);
    NstWord *slots = nst_slots(to);
    memcpy(slots, words + from, shown * sizeof(NstWord));
    memcpy(nst_slot_tags(to), (const uint8_t *)(words + chunk->count) + from, shown);
    if (chunk->kind != NST_KIND_FORWARD || from > 0) return;
    size_t i = log->count - 1; // the forwarding address lies in the first slot
    while (log->steps[i].object != chunk) i--;
    slots[0].u = log->steps[i].second;
}

static void copy_ref(void *context, NstObject **reference) {
    *reference = (NstObject *)(uintptr_t)copy_object(context, *reference);
}

static NstObject *copy_chunk(Copier *c, NstObject *chunk, uint32_t from, uint32_t shown) {
    if (nst_list_part_whole(chunk, shown)) return (NstObject *)(uintptr_t)copy_object(c, chunk);
    uint64_t offset;
    NstObject *copy = append(c, nst_slots_bytes(NST_KIND_LIST_NODE, shown), &offset);
    nst_copy_list_part(&c->log, chunk, from, shown, copy);
    c->references = true;
    return (NstObject *)(uintptr_t)(offset | 1);
}

static void copy_refs(Copier *c, NstObject *o) {
    if (o->kind != NST_KIND_LIST) {
        nst_object_refs(o, copy_ref, c);
        return;
    }
    NstList *list = (NstList *)(void *)o;
    uint32_t front = nst_list_front_count(o), back = nst_list_back_count(o);
    if (list->front) list->front = copy_chunk(c, list->front, list->front->count - front, front);
    if (list->tree) copy_ref(c, &list->tree);
    if (list->back) list->back = copy_chunk(c, list->back, 0, back);
}

typedef enum CopyResult { COPY_DONE, COPY_REACTIVE, COPY_LARGE } CopyResult;

// Copies what `root` reaches to chunks; gives up early if it is immutable so far and exceeds `limit`.
static CopyResult copy_all(Copier *c, NstObject *root, size_t limit) {
    c->first = (Chunk){ .size = FREEZE_BYTES, .data = first_chunk };
    c->last = &c->first;
    copy_object(c, root);
    c->references = false; // the root itself is not one inside
    CopyResult result = c->reactive ? COPY_REACTIVE : COPY_DONE;
    size_t at = 0;
    for (Chunk *chunk = &c->first; result == COPY_DONE && at < chunk->used;) {
        NstObject *o = (NstObject *)(void *)(chunk->data + at);
        at += nst_object_bytes(o);
        copy_refs(c, o);
        if (c->reactive) result = COPY_REACTIVE;
        else if (!c->mutable_ && c->last->base + c->last->used > limit) result = COPY_LARGE;
        if (at == chunk->used && chunk->next) {
            chunk = chunk->next;
            at = 0;
        }
    }
    nst_undo_all(&c->log);
    return result;
}

// ---- Parcels ------------------------------------------------------------------------------

static size_t parcel_bytes(size_t bytes) {
    return offsetof(Parcel, data) + bytes;
}

static Parcel *parcel_new(size_t bytes, bool references) {
    Parcel *parcel = nst_slab_alloc(parcel_bytes(bytes));
    parcel->bytes = bytes;
    parcel->references = references;
    return parcel;
}

static void parcel_free(Parcel *parcel) {
    nst_slab_free(parcel, parcel_bytes(parcel->bytes));
}

static void each_ref(Parcel *parcel, NstRefVisitor visit, void *context) {
    for (size_t at = 0; at < parcel->bytes;) {
        NstObject *o = (NstObject *)(void *)(parcel->data + at);
        at += nst_object_bytes(o);
        nst_object_refs(o, visit, context);
    }
}

static bool is_offset(const NstObject *reference) {
    return (uintptr_t)reference & 1;
}

static void retain_ref(void *context, NstObject **reference) {
    (void)context;
    if (!is_offset(*reference) && nst_is_counted(*reference)) nst_frozen_retain(*reference);
}

static void release_ref(void *context, NstObject **reference) {
    (void)context;
    if (!is_offset(*reference)) nst_frozen_release(*reference);
}

static Parcel *pack(Copier *c) {
    Parcel *parcel = parcel_new(c->last->base + c->last->used, c->references);
    for (Chunk *chunk = &c->first; chunk; chunk = chunk->next) {
        memcpy(parcel->data + chunk->base, chunk->data, chunk->used);
    }
    if (c->frozen) each_ref(parcel, retain_ref, NULL);
    return parcel;
}

// The usual message: one object whose parts are immediate or immortal. Null if it is not that simple.
static Parcel *pack_single(NstObject *o) {
    switch ((NstKind)o->kind) {
    case NST_KIND_TUPLE: case NST_KIND_DATA: case NST_KIND_CLOSURE: {
        const NstWord *slots = nst_slots(o);
        const uint8_t *tags = (const uint8_t *)(slots + o->count);
        for (uint32_t i = 0; i < o->count; i++) {
            if (tags[i] == NST_TAG_OBJECT && !(slots[i].o->flags & NST_OBJ_IMMORTAL)) return NULL;
        }
        if (nst_object_is_reactive(o)) return NULL;
        break;
    }
    case NST_KIND_STRING: case NST_KIND_BIGINT: case NST_KIND_DECIMAL:
        break;
    default:
        return NULL;
    }
    size_t bytes = nst_object_bytes(o);
    if (bytes > FREEZE_BYTES) return NULL;
    Parcel *parcel = parcel_new(bytes, false);
    memcpy(parcel->data, o, bytes);
    ((NstObject *)(void *)parcel->data)->flags &= NST_OBJ_MUTABLE;
    return parcel;
}

// ---- Copying in ---------------------------------------------------------------------------

typedef struct Importer {
    NstHeap *heap;
    char *base;
    bool consume;
} Importer;

static void import_ref(void *context, NstObject **reference) {
    Importer *in = context;
    if (is_offset(*reference)) {
        *reference = (NstObject *)(void *)(in->base + ((uintptr_t)*reference - 1));
    } else if (nst_is_counted(*reference)) {
        nst_heap_hold(in->heap, *reference, in->consume);
    }
}

static NstValue import(NstProcess *to, const Parcel *parcel, bool consume) {
    char *base = nst_heap_region(to, parcel->bytes);
    memcpy(base, parcel->data, parcel->bytes);
    if (parcel->references) {
        Importer in = { .heap = &to->heap, .base = base, .consume = consume };
        for (char *at = base; at < base + parcel->bytes;) {
            NstObject *o = (NstObject *)(void *)at;
            at += nst_object_bytes(o);
            nst_object_refs(o, import_ref, &in);
        }
    }
    return nst_object(base);
}

// ---- Transfers ----------------------------------------------------------------------------

// True if the value travels as it is, *out is complete then: immediates and what is frozen already.
static bool transfer_plain(NstValue value, NstTransfer *out) {
    *out = (NstTransfer){ .value = value };
    if (!nst_is_object(value)) return true;
    if (!(value.w.o->flags & NST_OBJ_FROZEN)) return false;
    if (nst_is_counted(value.w.o)) nst_frozen_retain(value.w.o);
    return true;
}

static bool transfer_parcel(NstObject *root, NstTransfer *out) {
    Copier c = { 0 };
    CopyResult result = copy_all(&c, root, SIZE_MAX);
    *out = (NstTransfer){ .value = NST_UNIT };
    if (result == COPY_DONE) out->parcel = pack(&c);
    free_chunks(&c);
    return result == COPY_DONE;
}

static bool transfer_frozen(NstObject *root, NstTransfer *out) {
    NstObject *frozen;
    if (nst_freeze(root, &frozen) != NST_FREEZE_OK) return transfer_parcel(root, out);
    *out = (NstTransfer){ .value = nst_object(frozen) };
    return true;
}

bool nst_transfer_out(NstProcess *from, NstValue value, NstTransfer *out) {
    (void)from;
    if (transfer_plain(value, out)) return true;
    NstObject *root = value.w.o;
    Parcel *single = pack_single(root);
    if (single) {
        *out = (NstTransfer){ .value = NST_UNIT, .parcel = single };
        return true;
    }
    Copier c = { 0 };
    CopyResult result = copy_all(&c, root, FREEZE_BYTES);
    if (result == COPY_DONE) *out = (NstTransfer){ .value = NST_UNIT, .parcel = pack(&c) };
    free_chunks(&c);
    return result == COPY_LARGE ? transfer_frozen(root, out) : result == COPY_DONE;
}

NstValue nst_transfer_in(NstProcess *to, NstTransfer *transfer) {
    NstValue value = transfer->value;
    if (transfer->parcel) {
        value = import(to, transfer->parcel, true);
        parcel_free(transfer->parcel);
    } else if (nst_is_object(value) && nst_is_counted(value.w.o)) {
        nst_heap_hold(&to->heap, value.w.o, true);
    }
    *transfer = (NstTransfer){ .value = NST_UNIT };
    return value;
}

void nst_transfer_drop(NstTransfer *transfer) {
    Parcel *parcel = transfer->parcel;
    if (parcel) {
        if (parcel->references) each_ref(parcel, release_ref, NULL);
        parcel_free(parcel);
    } else if (nst_is_object(transfer->value)) {
        nst_frozen_release(transfer->value.w.o);
    }
    *transfer = (NstTransfer){ .value = NST_UNIT };
}

size_t nst_transfer_bytes(const NstTransfer *transfer) {
    if (transfer->parcel) return parcel_bytes(((const Parcel *)transfer->parcel)->bytes);
    if (!nst_is_object(transfer->value) || !nst_is_counted(transfer->value.w.o)) return 0;
    // Its share of what others keep alive, too. relaxed: an estimate.
    NstFrozen *frozen = nst_frozen_of(transfer->value.w.o);
    return frozen->graph_bytes / atomic_load_explicit(&frozen->references, memory_order_relaxed);
}

bool nst_shared_store(NstProcess *from, NstValue value, NstTransfer *out) {
    (void)from;
    return transfer_plain(value, out) || transfer_frozen(value.w.o, out);
}

NstValue nst_shared_read(NstProcess *to, const NstTransfer *shared) {
    if (shared->parcel) return import(to, shared->parcel, false);
    NstValue value = shared->value;
    if (nst_is_object(value) && nst_is_counted(value.w.o)) nst_heap_hold(&to->heap, value.w.o, false);
    return value;
}
