#include "runtime/copy.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/array_ops.h"
#include "runtime/hash.h"
#include "runtime/heap.h"
#include "runtime/id_map.h"
#include "runtime/list.h"
#include "runtime/reactive.h"

static bool is_compound(NstValue v) {
    if (v.tag != NST_TAG_OBJECT) return false;
    switch ((NstKind)v.w.o->kind) {
    case NST_KIND_TUPLE:
    case NST_KIND_DATA:
    case NST_KIND_LIST:
    case NST_KIND_MAP:
    case NST_KIND_SET:
    case NST_KIND_INT64_ARRAY:
    case NST_KIND_FLOAT64_ARRAY:
    case NST_KIND_FLOAT32_ARRAY:
    case NST_KIND_BUFFER: return true;
    default: return false;
    }
}

static uint64_t id_of(const NstObject *object) { return (uint64_t)(uintptr_t)object; }

static void *grow(void *memory, size_t *capacity, size_t size) {
    *capacity = *capacity ? 2 * *capacity : 32;
    memory = realloc(memory, *capacity * size);
    if (!memory) abort();
    return memory;
}

// ---- First pass: is there anything to duplicate? -----------------------------------------

typedef struct Scan {
    NstObject **stack;
    size_t depth, capacity;
    NstIdMap seen;
    bool mutable_, own;
} Scan;

static void scan_value(Scan *scan, NstValue v) {
    if (v.tag == NST_TAG_CTOR) scan->own |= (v.w.layout->own & NST_OWN_COPY) != 0;
    uint64_t known;
    if (!is_compound(v) || nst_id_map_get(&scan->seen, id_of(v.w.o), &known)) return;
    nst_id_map_put(&scan->seen, id_of(v.w.o), 1);
    if (scan->depth == scan->capacity) scan->stack = grow(scan->stack, &scan->capacity, sizeof *scan->stack);
    scan->stack[scan->depth++] = v.w.o;
}

static void scan_parts(Scan *scan, NstObject *object) {
    scan->mutable_ |= (object->flags & NST_OBJ_MUTABLE) != 0;
    NstValue key, value;
    switch ((NstKind)object->kind) {
    case NST_KIND_DATA:
        scan->own |= (((const NstData *)(const void *)object)->layout->own & NST_OWN_COPY) != 0;
        if (nst_is_reactive(nst_object(object))) break;
        __attribute__((fallthrough));
    case NST_KIND_TUPLE:
        for (size_t i = 0; i < object->count; i++) scan_value(scan, nst_slot(object, i));
        break;
    case NST_KIND_LIST: {
        NstListIter iter;
        nst_list_iter(&iter, object);
        while (nst_list_next(&iter, &value)) scan_value(scan, value);
        break;
    }
    case NST_KIND_MAP:
    case NST_KIND_SET: {
        NstMapIter iter;
        nst_map_iter(&iter, object);
        while (nst_map_next(&iter, &key, &value)) {
            scan_value(scan, key);
            scan_value(scan, value);
        }
        break;
    }
    default: break;
    }
}

static void scan_all(Scan *scan, NstValue v) {
    scan_value(scan, v);
    while (scan->depth > 0) scan_parts(scan, scan->stack[--scan->depth]);
    free(scan->stack);
    nst_id_map_free(&scan->seen);
}

// ---- Second pass: copy every compound object once ----------------------------------------

// An object under way. Tuples and data have their copy from the beginning, so that cycles find it; collections are built
// at the end from the copies of their elements (a cycle always passes through a mutable object).
typedef struct Frame {
    NstObject *from, *to;
    size_t index, count;
    NstValue *items;
} Frame;

typedef struct Copier {
    NstProcess *process;
    NstIdMap done; // address -> address of the copy
    Frame *frames;
    size_t depth, capacity;
} Copier;

static void finish_object(Copier *c, const NstObject *from, NstValue to) {
    nst_id_map_put(&c->done, id_of(from), id_of(to.w.o));
}

static NstObject *clone_slots(Copier *c, const NstObject *from) {
    NstObject *to = nst_heap_slots(c->process, (NstKind)from->kind, from->count);
    to->aux = from->aux;
    to->flags |= from->flags & NST_OBJ_MUTABLE;
    if (from->kind == NST_KIND_DATA) {
        ((NstData *)(void *)to)->layout = ((const NstData *)(const void *)from)->layout;
    }
    return to;
}

static NstValue clone_array(Copier *c, NstObject *from) {
    const NstArray *array = (const NstArray *)(const void *)from;
    size_t bytes = array->length * (from->kind == NST_KIND_FLOAT32_ARRAY ? 4 : 8);
    NstArray *to = nst_heap_alloc(c->process, sizeof *to + ((bytes + 7) & ~(size_t)7));
    to->head = (NstObject){ .kind = from->kind, .flags = NST_OBJ_MUTABLE };
    to->length = array->length;
    memcpy(to->data, array->data, bytes);
    return nst_object(to);
}

static NstValue clone_buffer(Copier *c, const NstObject *from) {
    NstValue to = nst_buffer_new(c->process);
    size_t size;
    const char *bytes = nst_buffer_bytes(from, &size);
    if (size > 0) nst_buffer_append(c->process, to.w.o, bytes, size);
    return to;
}

static NstValue *read_items(const NstObject *object, size_t *count) {
    bool map = object->kind == NST_KIND_MAP, list = object->kind == NST_KIND_LIST;
    size_t entries = list ? nst_list_length(object) : nst_map_size(object);
    *count = map ? 2 * entries : entries;
    NstValue *items = malloc((*count + 1) * sizeof *items);
    if (!items) abort();
    if (list) {
        NstListIter iter;
        nst_list_iter(&iter, object);
        for (size_t i = 0; i < entries; i++) nst_list_next(&iter, &items[i]);
    } else {
        NstMapIter iter;
        nst_map_iter(&iter, object);
        NstValue value;
        for (size_t i = 0; i < entries; i++) { // keys first, then the values
            nst_map_next(&iter, &items[i], &value);
            if (map) items[entries + i] = value;
        }
    }
    return items;
}

static void begin(Copier *c, NstObject *from) {
    switch ((NstKind)from->kind) {
    case NST_KIND_INT64_ARRAY:
    case NST_KIND_FLOAT64_ARRAY:
    case NST_KIND_FLOAT32_ARRAY: finish_object(c, from, clone_array(c, from)); return;
    case NST_KIND_BUFFER: finish_object(c, from, clone_buffer(c, from)); return;
    case NST_KIND_DATA: // a reactive object's copy has the same fields (reactive.md 2)
        if (!nst_is_reactive(nst_object(from))) break;
        finish_object(c, from, nst_reactive_copy(c->process, from));
        return;
    default: break;
    }
    Frame frame = { .from = from };
    if (from->kind == NST_KIND_TUPLE || from->kind == NST_KIND_DATA) {
        frame.to = clone_slots(c, from);
        frame.count = from->count;
        finish_object(c, from, nst_object(frame.to));
    } else {
        frame.items = read_items(from, &frame.count);
    }
    if (c->depth == c->capacity) c->frames = grow(c->frames, &c->capacity, sizeof *c->frames);
    c->frames[c->depth++] = frame;
}

static void end(Copier *c) {
    Frame *frame = &c->frames[--c->depth];
    if (!frame->items) return;
    NstObject *from = frame->from;
    NstValue to = from->kind == NST_KIND_LIST
                      ? nst_list_from(c->process, frame->items, frame->count)
                      : nst_map_rebuild(c->process, from, frame->items,
                                        from->kind == NST_KIND_MAP ? frame->items + frame->count / 2 : 0);
    finish_object(c, from, to);
    free(frame->items);
}

// The copy of `v` if it is there already.
static bool copy_of(const Copier *c, NstValue v, NstValue *out) {
    if (!is_compound(v)) {
        *out = v;
        return true;
    }
    uint64_t copy;
    if (!nst_id_map_get(&c->done, id_of(v.w.o), &copy)) return false;
    *out = nst_object((const void *)(uintptr_t)copy);
    return true;
}

static void step(Copier *c) {
    Frame *frame = &c->frames[c->depth - 1];
    for (; frame->index < frame->count; frame->index++) {
        NstValue part = frame->items ? frame->items[frame->index] : nst_slot(frame->from, frame->index), copy;
        if (!copy_of(c, part, &copy)) {
            begin(c, part.w.o); // then this part again
            return;
        }
        if (frame->items) frame->items[frame->index] = copy;
        else nst_slot_init(frame->to, frame->index, copy);
    }
    end(c);
}

bool nst_copy_value(NstProcess *process, NstValue v, bool honour_own, NstValue *out) {
    Scan scan = { 0 };
    scan_all(&scan, v);
    if (scan.own && honour_own) return false;
    *out = v;
    if (!scan.mutable_ || !is_compound(v)) return true;
    Copier c = { .process = process };
    begin(&c, v.w.o);
    while (c.depth > 0) step(&c);
    copy_of(&c, v, out);
    nst_prim_charge(process, c.done.count / 8);
    free(c.frames);
    nst_id_map_free(&c.done);
    return true;
}
