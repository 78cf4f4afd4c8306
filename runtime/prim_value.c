// Primitives that look at a value as such.
#include <string.h>

#include "runtime/copy.h"
#include "runtime/hash.h"
#include "runtime/heap.h"
#include "runtime/list.h"
#include "runtime/process.h"
#include "runtime/status.h"

// The value itself, at whatever type the caller expects.
NST_PRIMITIVE(value_identity) { return NST_PRIM_OK; }

// The value; if it is a map or set it is not changed in place any more.
NST_PRIMITIVE(value_release) {
    if (nst_is_kind(args[0], NST_KIND_MAP) || nst_is_kind(args[0], NST_KIND_SET)) nst_map_release(process, args[0].w.o);
    return NST_PRIM_OK;
}

// (tuple, record or variant with fields; list of as many parts) -> the same with these parts
NST_PRIMITIVE(value_rebuild) {
    NstValue v = args[0];
    NST_EXPECT_KIND(args[1], NST_KIND_LIST, "List");
    if (!nst_is_kind(v, NST_KIND_TUPLE) && !nst_is_kind(v, NST_KIND_DATA)) return NST_PRIM_OK;
    NstObject *copy = nst_heap_slots(process, (NstKind)v.w.o->kind, v.w.o->count);
    copy->aux = v.w.o->aux;
    copy->flags |= v.w.o->flags & NST_OBJ_MUTABLE;
    if (v.w.o->kind == NST_KIND_DATA) {
        ((NstData *)(void *)copy)->layout = ((const NstData *)(const void *)v.w.o)->layout;
    }
    NstListIter iter;
    nst_list_iter(&iter, args[1].w.o);
    NstValue part;
    for (size_t i = 0; i < copy->count; i++) {
        nst_slot_init(copy, i, nst_list_next(&iter, &part) ? part : nst_slot(v.w.o, i));
    }
    args[0] = nst_object(copy);
    return NST_PRIM_OK;
}

// A deep copy, or the status "own"
NST_PRIMITIVE(value_copy) {
    NstValue copy;
    args[0] = nst_copy_value(process, args[0], true, &copy) ? copy : NST_STATUS_OWN;
    return NST_PRIM_OK;
}

// ---- Gc ------------------------------------------------------------------------------------

// A full collection at the next safepoint: in the middle of a primitive objects must stay where they are.
NST_PRIMITIVE(gc_request) {
    process->heap.want_collect = process->heap.want_full = true;
    nst_exec_clear_above(process, args + 1);
    args[0] = NST_UNIT;
    return NST_PRIM_OK;
}

// (live words, words allocated, words freed, collections), as far as the heap counts them
NST_PRIMITIVE(gc_numbers) {
    const NstHeap *heap = &process->heap;
    int64_t live = (int64_t)((heap->nursery_bytes + heap->old_bytes) / 8), passed = (int64_t)(heap->since_full / 8);
    NstValue numbers[] = { nst_int(live), nst_int(live + passed), nst_int(passed), nst_int(heap->collections) };
    NstObject *tuple = nst_heap_slots(process, NST_KIND_TUPLE, 4);
    for (size_t i = 0; i < 4; i++) nst_slot_init(tuple, i, numbers[i]);
    args[0] = nst_object(tuple);
    return NST_PRIM_OK;
}
