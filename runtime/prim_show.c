// Primitives of show, typeOf, tagOf, throw and panic. The own-Show protocol is that of show.h.
#include "frontend/frontend.h"
#include "runtime/heap.h"
#include "runtime/list.h"
#include "runtime/process.h"
#include "runtime/show.h"
#include "runtime/status.h"
#include "runtime/type_text.h"

static NstPrimStatus show(NstProcess *process, NstValue *args, NstShowForm form) {
    NstTextBuffer buffer = NST_TEXT_BUFFER_INIT;
    NstShow how = { .form = form, .own = NST_OWN_STOP };
    if (!nst_show_append(&buffer, args[0], &how)) {
        nst_text_free(&buffer);
        args[0] = NST_STATUS_OWN;
        return NST_PRIM_OK;
    }
    return nst_text_finish(process, &buffer, &args[0]);
}

// String, or the status "own"
NST_PRIMITIVE(show_display) { return show(process, args, NST_SHOW_DISPLAY); }
NST_PRIMITIVE(show_nested) { return show(process, args, NST_SHOW_NESTED); }
NST_PRIMITIVE(show_result) { return show(process, args, NST_SHOW_RESULT); }

// The outermost parts with an own Show, in the order in which their texts are needed.
NST_PRIMITIVE(show_own_parts) {
    NstTextBuffer unused = NST_TEXT_BUFFER_INIT;
    NstShow how = { .form = NST_SHOW_NESTED, .own = NST_OWN_COLLECT, .process = process,
                    .parts = nst_list_builder(process, 0) };
    nst_show_append(&unused, args[0], &how);
    nst_text_free(&unused);
    args[0] = nst_list_builder_finish(process, how.parts);
    return NST_PRIM_OK;
}

// (value, texts of the own parts, form: 0 display, 1 nested, 2 result)
NST_PRIMITIVE(show_with) {
    NST_EXPECT_KIND(args[1], NST_KIND_LIST, "List");
    NST_EXPECT_TAG(args[2], NST_TAG_INT, "Int");
    NstTextBuffer buffer = NST_TEXT_BUFFER_INIT;
    NstShow how = { .form = (NstShowForm)args[2].w.i, .own = NST_OWN_REPLACE, .texts = args[1].w.o };
    nst_show_append(&buffer, args[0], &how);
    return nst_text_finish(process, &buffer, &args[0]);
}

NST_PRIMITIVE(type_of) {
    args[0] = nst_string_z(process, nst_value_category(args[0]));
    return NST_PRIM_OK;
}

NST_PRIMITIVE(tag_of) {
    NstValue v = args[0];
    const NstLayout *layout = v.tag == NST_TAG_CTOR ? v.w.layout
                              : nst_is_kind(v, NST_KIND_DATA) ? ((const NstData *)(void *)v.w.o)->layout : 0;
    // A reactive variant is a cell, not the constructor value in it.
    bool named = layout && !layout->is_record && !layout->reactive;
    args[0] = nst_string_z(process, named ? nst_name_text(layout->name) : "");
    return NST_PRIM_OK;
}

NST_PRIMITIVE(raise_value) { return nst_raise(process, args[0]); }

NST_PRIMITIVE(raise_panic) {
    NST_EXPECT_KIND(args[0], NST_KIND_STRING, "String");
    NstObject *pair = nst_heap_slots(process, NST_KIND_TUPLE, 2);
    nst_slot_init(pair, 0, nst_string_z(process, "Panic"));
    nst_slot_init(pair, 1, args[0]);
    return nst_raise(process, nst_object(pair));
}
