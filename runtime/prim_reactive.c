// Primitives of stdlib/reactive.nos.
#include "runtime/hash.h"
#include "runtime/heap.h"
#include "runtime/list.h"
#include "runtime/reactive.h"

#define NST_EXPECT_REACTIVE(v)                                                                        \
    do {                                                                                              \
        if (!nst_is_reactive(v)) {                                                                    \
            return nst_raise_pair(process, "TypeError",                                               \
                                  "expected ReactiveRecord or ReactiveVariant, got non-reactive");    \
        }                                                                                             \
    } while (0)

static const NstLayout *layout_of(NstValue v) {
    return ((const NstData *)(const void *)v.w.o)->layout;
}

static uint32_t extra_index(NstValue v, uint32_t which) {
    return layout_of(v)->field_count + which;
}

NST_PRIMITIVE(reactive_id) {
    NST_EXPECT_REACTIVE(args[0]);
    args[0] = nst_slot(args[0].w.o, extra_index(args[0], NST_REACTIVE_ID));
    return NST_PRIM_OK;
}

// (object, 0 for onChange or 1 for onRead) -> list of functions
NST_PRIMITIVE(reactive_callbacks) {
    NST_EXPECT_REACTIVE(args[0]);
    NST_EXPECT_TAG(args[1], NST_TAG_INT, "Int");
    args[0] = nst_slot(args[0].w.o, extra_index(args[0], NST_REACTIVE_ON_CHANGE + (args[1].w.i == 1)));
    return NST_PRIM_OK;
}

// (object, 0 or 1, function) -> ()
NST_PRIMITIVE(reactive_add_callback) {
    NST_EXPECT_REACTIVE(args[0]);
    NST_EXPECT_TAG(args[1], NST_TAG_INT, "Int");
    uint32_t index = extra_index(args[0], NST_REACTIVE_ON_CHANGE + (args[1].w.i == 1));
    NstValue list = nst_list_push(process, nst_slot(args[0].w.o, index).w.o, args[2]);
    nst_store(process, args[0].w.o, index, list);
    args[0] = NST_UNIT;
    return NST_PRIM_OK;
}

NST_PRIMITIVE(reactive_is_record) {
    args[0] = nst_bool(nst_is_reactive(args[0]) && layout_of(args[0])->is_record);
    return NST_PRIM_OK;
}

NST_PRIMITIVE(reactive_field_name) {
    NST_EXPECT_REACTIVE(args[0]);
    NST_EXPECT_TAG(args[1], NST_TAG_INT, "Int");
    const NstLayout *layout = layout_of(args[0]);
    bool known = layout->is_record && args[1].w.u < layout->field_count;
    args[0] = nst_string_z(process, known ? nst_name_text(layout->field_names[args[1].w.u]) : "");
    return NST_PRIM_OK;
}

NST_PRIMITIVE(reactive_parents) {
    NST_EXPECT_REACTIVE(args[0]);
    args[0] = nst_reactive_parents(process, args[0].w.o);
    return NST_PRIM_OK;
}

NST_PRIMITIVE(reactive_children) {
    NST_EXPECT_REACTIVE(args[0]);
    NstObject *object = args[0].w.o;
    NstValue children = nst_list_empty();
    for (uint32_t i = 0; layout_of(args[0])->is_record && i < layout_of(args[0])->field_count; i++) {
        NstValue child = nst_slot(object, i);
        if (nst_is_reactive(child) && layout_of(child)->is_record) children = nst_list_push(process, children.w.o, child);
    }
    args[0] = children;
    return NST_PRIM_OK;
}

// The cell's content, recording the dependency; callbacks are the caller's.
NST_PRIMITIVE(reactive_cell_get) {
    if (nst_is_reactive_cell(args[0])) nst_reactive_load(process, args[0].w.o, 0, &args[0]);
    return NST_PRIM_OK; // a snapshot is its own content
}

// (cell, new content or a cell) -> old content
NST_PRIMITIVE(reactive_cell_set) {
    NST_EXPECT_REACTIVE(args[0]);
    NstValue v = nst_is_reactive_cell(args[1]) ? nst_slot(args[1].w.o, 0) : args[1];
    nst_reactive_store(process, args[0].w.o, 0, v, &args[0]);
    return NST_PRIM_OK;
}

// ---- The process's state: 0 changed, 2 render stack, 3 dependencies, 4 pending, 5 render--------

NST_PRIMITIVE(reactive_state) {
    NST_EXPECT_TAG(args[0], NST_TAG_INT, "Int");
    uint64_t which = args[0].w.u <= NST_REACTIVE_RENDER ? args[0].w.u : 0;
    args[0] = process->exec.reactive[which];
    if (args[0].tag == NST_TAG_MISSING) args[0] = which == NST_REACTIVE_DEPS ? nst_map_empty() : nst_list_empty();
    return NST_PRIM_OK;
}

NST_PRIMITIVE(reactive_set_state) {
    NST_EXPECT_TAG(args[0], NST_TAG_INT, "Int");
    uint64_t which = args[0].w.u <= NST_REACTIVE_RENDER ? args[0].w.u : 0;
    if (which == NST_REACTIVE_DEPS) {
        NST_EXPECT_KIND(args[1], NST_KIND_MAP, "Map");
    } else {
        NST_EXPECT_KIND(args[1], NST_KIND_LIST, "List");
    }
    process->exec.reactive[which] = args[1];
    if (which == NST_REACTIVE_CHANGED) process->exec.reactive[NST_REACTIVE_CHANGED_SET] = nst_set_empty();
    args[0] = NST_UNIT;
    return NST_PRIM_OK;
}
