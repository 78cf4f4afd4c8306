// Primitives of typed arrays and Buffer.
#include <inttypes.h>
#include <string.h>

#include "runtime/array_ops.h"
#include "runtime/heap.h"
#include "runtime/list.h"
#include "runtime/process.h"
#include "runtime/show.h"
#include "runtime/status.h"

#define EXPECT_ARRAY(v)                                                             \
    do {                                                                            \
        if (!nst_is_array(v)) return nst_raise_type(process, "typed array", (v));   \
    } while (0)

static NstPrimStatus make_new(NstProcess *process, NstValue *args, NstKind kind) {
    NST_EXPECT_TAG(args[0], NST_TAG_INT, "Int");
    return nst_array_new(process, kind, args[0].w.i, &args[0]);
}

NST_PRIMITIVE(int64_array_new) { return make_new(process, args, NST_KIND_INT64_ARRAY); }
NST_PRIMITIVE(float64_array_new) { return make_new(process, args, NST_KIND_FLOAT64_ARRAY); }
NST_PRIMITIVE(float32_array_new) { return make_new(process, args, NST_KIND_FLOAT32_ARRAY); }

static NstPrimStatus from_list(NstProcess *process, NstValue *args, NstKind kind) {
    NST_EXPECT_KIND(args[0], NST_KIND_LIST, "List");
    NstTag element = kind == NST_KIND_INT64_ARRAY ? NST_TAG_INT : NST_TAG_FLOAT;
    NstValue out;
    NstPrimStatus status = nst_array_new(process, kind, (int64_t)nst_list_length(args[0].w.o), &out);
    if (status != NST_PRIM_OK) return status;
    NstListIter iter;
    nst_list_iter(&iter, args[0].w.o);
    NstValue v;
    for (size_t i = 0; nst_list_next(&iter, &v); i++) {
        NST_EXPECT_TAG(v, element, element == NST_TAG_INT ? "Int" : "Float");
        nst_array_set(nst_as_array(out), i, v);
    }
    nst_prim_charge(process, nst_as_array(out)->length / 64);
    args[0] = out;
    return NST_PRIM_OK;
}

NST_PRIMITIVE(int64_array_from_list) { return from_list(process, args, NST_KIND_INT64_ARRAY); }
NST_PRIMITIVE(float64_array_from_list) { return from_list(process, args, NST_KIND_FLOAT64_ARRAY); }
NST_PRIMITIVE(float32_array_from_list) { return from_list(process, args, NST_KIND_FLOAT32_ARRAY); }

static NstPrimStatus filled(NstProcess *process, NstValue *args, NstKind kind) {
    NST_EXPECT_TAG(args[0], NST_TAG_INT, "Int");
    NstTag element = kind == NST_KIND_INT64_ARRAY ? NST_TAG_INT : NST_TAG_FLOAT;
    NST_EXPECT_TAG(args[1], element, element == NST_TAG_INT ? "Int" : "Float");
    NstPrimStatus status = nst_array_new(process, kind, args[0].w.i, &args[0]);
    if (status != NST_PRIM_OK) return status;
    NstArray *array = nst_as_array(args[0]);
    for (size_t i = 0; i < array->length; i++) nst_array_set(array, i, args[1]);
    return NST_PRIM_OK;
}

NST_PRIMITIVE(int64_array_make) { return filled(process, args, NST_KIND_INT64_ARRAY); }
NST_PRIMITIVE(float64_array_make) { return filled(process, args, NST_KIND_FLOAT64_ARRAY); }
NST_PRIMITIVE(float32_array_make) { return filled(process, args, NST_KIND_FLOAT32_ARRAY); }

NST_PRIMITIVE(array_length) {
    EXPECT_ARRAY(args[0]);
    args[0] = nst_int((int64_t)nst_as_array(args[0])->length);
    return NST_PRIM_OK;
}

static NstPrimStatus out_of_bounds(NstProcess *process, const NstArray *array, int64_t i) {
    return nst_raise_panic(process, "Index %" PRId64 " out of bounds for %s of length %" PRIu64, i,
                           nst_array_type_name(array), array->length);
}

NST_PRIMITIVE(array_get) {
    EXPECT_ARRAY(args[0]);
    NST_EXPECT_TAG(args[1], NST_TAG_INT, "Int");
    const NstArray *array = nst_as_array(args[0]);
    if (args[1].w.u >= array->length) return out_of_bounds(process, array, args[1].w.i);
    args[0] = nst_array_get(array, (size_t)args[1].w.u);
    return NST_PRIM_OK;
}

// A changed copy.
NST_PRIMITIVE(array_with) {
    EXPECT_ARRAY(args[0]);
    NST_EXPECT_TAG(args[1], NST_TAG_INT, "Int");
    const NstArray *array = nst_as_array(args[0]);
    NstTag element = array->head.kind == NST_KIND_INT64_ARRAY ? NST_TAG_INT : NST_TAG_FLOAT;
    NST_EXPECT_TAG(args[2], element, element == NST_TAG_INT ? "Int" : "Float");
    if (args[1].w.u >= array->length) return out_of_bounds(process, array, args[1].w.i);
    NstValue out;
    NstPrimStatus status = nst_array_new(process, (NstKind)array->head.kind, (int64_t)array->length, &out);
    if (status != NST_PRIM_OK) return status;
    size_t width = array->head.kind == NST_KIND_FLOAT32_ARRAY ? 4 : 8;
    memcpy(nst_as_array(out)->data, array->data, array->length * width);
    nst_array_set(nst_as_array(out), (size_t)args[1].w.u, args[2]);
    args[0] = out;
    return NST_PRIM_OK;
}

NST_PRIMITIVE(array_to_list) {
    EXPECT_ARRAY(args[0]);
    const NstArray *array = nst_as_array(args[0]);
    NstObject *list = nst_list_builder(process, array->length);
    for (size_t i = 0; i < array->length; i++) nst_list_builder_add(process, list, nst_array_get(array, i));
    nst_prim_charge(process, array->length / 64);
    args[0] = nst_list_builder_finish(process, list);
    return NST_PRIM_OK;
}

NST_PRIMITIVE(int64_array_sum) {
    NST_EXPECT_KIND(args[0], NST_KIND_INT64_ARRAY, "Int64Array");
    const NstArray *array = nst_as_array(args[0]);
    uint64_t sum = 0; // wraps
    for (size_t i = 0; i < array->length; i++) sum += array->data[i];
    nst_prim_charge(process, array->length / 256);
    args[0] = nst_int((int64_t)sum);
    return NST_PRIM_OK;
}

// ---- Buffer --------------------------------------------------------------------------------

NST_PRIMITIVE(buffer_new) {
    args[0] = nst_buffer_new(process);
    return NST_PRIM_OK;
}

// (buffer, value) -> the buffer, or the status "own"
NST_PRIMITIVE(buffer_append) {
    NST_EXPECT_KIND(args[0], NST_KIND_BUFFER, "Buffer");
    NstTextBuffer text = NST_TEXT_BUFFER_INIT;
    NstShow show = { .form = NST_SHOW_DISPLAY, .own = NST_OWN_STOP };
    bool done = nst_show_append(&text, args[1], &show);
    if (text.failed) {
        nst_text_free(&text);
        return nst_raise_pair(process, "OutOfMemory", "text too long");
    }
    if (done) nst_buffer_append(process, args[0].w.o, text.data ? text.data : "", text.size);
    else args[0] = NST_STATUS_OWN;
    nst_prim_charge(process, text.size / 1024);
    nst_text_free(&text);
    return NST_PRIM_OK;
}

NST_PRIMITIVE(buffer_text) {
    NST_EXPECT_KIND(args[0], NST_KIND_BUFFER, "Buffer");
    size_t size;
    const char *bytes = nst_buffer_bytes(args[0].w.o, &size);
    args[0] = nst_string(process, bytes ? bytes : "", size);
    nst_prim_charge(process, size / 1024);
    return NST_PRIM_OK;
}
