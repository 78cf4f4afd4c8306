// Any value as Json (json.md 4), iterative.
#include <inttypes.h>
#include <stdlib.h>

#include "frontend/frontend.h"
#include "runtime/array_ops.h"
#include "runtime/bigint.h"
#include "runtime/decimal.h"
#include "runtime/hash.h"
#include "runtime/heap.h"
#include "runtime/json_value.h"
#include "runtime/list.h"
#include "runtime/reactive.h"
#include "runtime/show.h"

typedef enum FrameKind {
    FRAME_ARRAY,  // the parts in a list
    FRAME_RECORD, // members by field name
    FRAME_MAP,    // items: keys and values by turns
    FRAME_SINGLE, // a constructor with one field: {name: part}
    FRAME_CTOR,   // a constructor with several: {name: [parts]}
} FrameKind;

typedef struct Frame {
    FrameKind kind;
    const NstObject *object;
    const NstLayout *layout;
    NstValue *items;    // maps and sets
    size_t index, count;
    NstObject *builder;
    NstValue name;      // of the member whose value is under way
    NstValue only;      // SINGLE: the part
    bool waiting;       // for the value of part index - 1
} Frame;

typedef struct Reflector {
    NstProcess *process;
    const NstJsonType *type;
    Frame *frames;
    size_t depth, capacity;
} Reflector;

static NstValue make(Reflector *r, NstJsonKind kind, NstValue payload) {
    return nst_json_make(r->process, r->type, kind, payload);
}

static NstValue text(Reflector *r, const char *s, size_t size) {
    return make(r, NST_JSON_STRING, nst_string(r->process, s, size));
}

static NstValue object_of(Reflector *r, const char *name, NstValue value) {
    NstValue member = nst_json_member(r->process, nst_string_z(r->process, name), value);
    return make(r, NST_JSON_OBJECT, nst_list_from(r->process, &member, 1));
}

static NstValue shown(Reflector *r, NstValue v, NstShowForm form) {
    NstValue out;
    nst_show_text(r->process, v, form, false, &out);
    return out;
}

// "<pid:7>"
static NstValue numbered(Reflector *r, const char *kind, uint64_t number) {
    NstTextBuffer buffer = NST_TEXT_BUFFER_INIT;
    nst_text_printf(&buffer, "<%s:%" PRIu64 ">", kind, number);
    NstValue out = text(r, buffer.data, buffer.size);
    nst_text_free(&buffer);
    return out;
}

static void push(Reflector *r, Frame frame) {
    if (r->depth == r->capacity) {
        r->capacity = r->capacity ? 2 * r->capacity : 16;
        r->frames = realloc(r->frames, r->capacity * sizeof *r->frames);
        if (!r->frames) abort();
    }
    if (frame.kind != FRAME_SINGLE) frame.builder = nst_list_builder(r->process, frame.count);
    r->frames[r->depth++] = frame;
}

static NstValue *hashed_items(const NstObject *object, bool map) {
    size_t count = nst_map_size(object), width = map ? 2 : 1;
    NstValue *items = malloc((count * width + 1) * sizeof *items), value;
    if (!items) abort();
    NstMapIter iter;
    nst_map_iter(&iter, object);
    for (size_t i = 0; i < count; i++) {
        nst_map_next(&iter, &items[i * width], &value);
        if (map) items[i * width + 1] = value;
    }
    return items;
}

static NstValue array_of_numbers(Reflector *r, NstValue v) {
    const NstArray *array = nst_as_array(v);
    NstObject *builder = nst_list_builder(r->process, array->length);
    for (size_t i = 0; i < array->length; i++) {
        NstValue element = nst_array_get(array, i);
        nst_list_builder_add(r->process, builder,
                             make(r, element.tag == NST_TAG_INT ? NST_JSON_INTEGER : NST_JSON_NUMBER, element));
    }
    return make(r, NST_JSON_ARRAY, nst_list_builder_finish(r->process, builder));
}

static void push_data(Reflector *r, const NstObject *object) {
    const NstLayout *layout = ((const NstData *)(const void *)object)->layout;
    FrameKind kind = layout->is_record ? FRAME_RECORD : layout->field_count == 1 ? FRAME_SINGLE : FRAME_CTOR;
    push(r, (Frame){ .kind = kind, .object = object, .layout = layout, .count = layout->field_count });
}

// Sets *out, or pushes the frame that will give the value.
static void reflect_object(Reflector *r, NstValue v, NstValue *out) {
    const NstObject *object = v.w.o;
    switch ((NstKind)object->kind) {
    case NST_KIND_STRING: *out = make(r, NST_JSON_STRING, v); break;
    case NST_KIND_BIGINT: *out = make(r, NST_JSON_NUMBER, nst_float(nst_bigint_to_double(v))); break;
    case NST_KIND_DECIMAL:
        *out = make(r, NST_JSON_NUMBER, nst_float(nst_decimal_to_double(nst_decimal_read(v))));
        break;
    case NST_KIND_INT64_ARRAY:
    case NST_KIND_FLOAT64_ARRAY:
    case NST_KIND_FLOAT32_ARRAY: *out = array_of_numbers(r, v); break;
    case NST_KIND_BUFFER: *out = make(r, NST_JSON_STRING, shown(r, v, NST_SHOW_DISPLAY)); break;
    case NST_KIND_TUPLE: push(r, (Frame){ .kind = FRAME_ARRAY, .object = object, .count = object->count }); break;
    case NST_KIND_LIST:
        push(r, (Frame){ .kind = FRAME_ARRAY, .object = object, .count = nst_list_length(object) });
        break;
    case NST_KIND_SET:
        push(r, (Frame){ .kind = FRAME_ARRAY, .object = object, .items = hashed_items(object, false),
                         .count = nst_map_size(object) });
        break;
    case NST_KIND_MAP:
        push(r, (Frame){ .kind = FRAME_MAP, .object = object, .items = hashed_items(object, true),
                         .count = nst_map_size(object) });
        break;
    case NST_KIND_DATA: push_data(r, object); break;
    default: *out = text(r, "<function>", 10); break;
    }
}

static void reflect_value(Reflector *r, NstValue v, NstValue *out) {
    if (nst_is_reactive_cell(v)) v = nst_slot(v.w.o, 0);
    switch ((NstTag)v.tag) {
    case NST_TAG_UNIT: *out = nst_json_null(r->type); break;
    case NST_TAG_BOOL: *out = make(r, NST_JSON_BOOL, v); break;
    case NST_TAG_CHAR: *out = make(r, NST_JSON_STRING, shown(r, v, NST_SHOW_DISPLAY)); break;
    case NST_TAG_FLOAT: *out = make(r, NST_JSON_NUMBER, v); break;
    case NST_TAG_FLOAT32: *out = make(r, NST_JSON_NUMBER, nst_float((double)v.w.f32)); break;
    case NST_TAG_UINT64: // beyond Int there is only Number
        *out = v.w.u > INT64_MAX ? make(r, NST_JSON_NUMBER, nst_float((double)v.w.u))
                                 : make(r, NST_JSON_INTEGER, nst_int(v.w.i));
        break;
    case NST_TAG_PID: *out = numbered(r, "pid", v.w.u); break;
    case NST_TAG_REF: *out = numbered(r, "ref", v.w.u); break;
    case NST_TAG_CTOR:
        *out = v.w.layout->is_record ? make(r, NST_JSON_OBJECT, nst_list_empty())
                                     : object_of(r, nst_name_text(v.w.layout->name), nst_json_null(r->type));
        break;
    case NST_TAG_FUNCTION: *out = text(r, "<function>", 10); break;
    case NST_TAG_OBJECT: reflect_object(r, v, out); break;
    case NST_TAG_MISSING:
    case NST_TAG_COUNT: *out = nst_json_null(r->type); break;
    default: *out = make(r, NST_JSON_INTEGER, nst_int(v.w.i)); break;
    }
}

static NstValue part_at(Reflector *r, Frame *frame, size_t i) {
    switch (frame->kind) {
    case FRAME_MAP: {
        NstValue key = frame->items[2 * i];
        bool is_text = nst_is_kind(key, NST_KIND_STRING);
        frame->name = is_text ? key : shown(r, key, key.tag == NST_TAG_CHAR ? NST_SHOW_NESTED : NST_SHOW_DISPLAY);
        return frame->items[2 * i + 1];
    }
    case FRAME_RECORD:
        frame->name = nst_string_z(r->process, nst_name_text(frame->layout->field_names[i]));
        return nst_slot(frame->object, i);
    default:
        if (frame->items) return frame->items[i];
        return frame->object->kind == NST_KIND_LIST ? nst_list_get(frame->object, i) : nst_slot(frame->object, i);
    }
}

static void add(Reflector *r, Frame *frame, NstValue json) {
    if (frame->kind == FRAME_SINGLE) {
        frame->only = json;
        return;
    }
    bool member = frame->kind == FRAME_RECORD || frame->kind == FRAME_MAP;
    nst_list_builder_add(r->process, frame->builder, member ? nst_json_member(r->process, frame->name, json) : json);
}

static NstValue finish(Reflector *r, Frame *frame) {
    if (frame->kind == FRAME_SINGLE) return object_of(r, nst_name_text(frame->layout->name), frame->only);
    NstValue list = nst_list_builder_finish(r->process, frame->builder);
    free(frame->items);
    if (frame->kind == FRAME_ARRAY) return make(r, NST_JSON_ARRAY, list);
    if (frame->kind != FRAME_CTOR) return make(r, NST_JSON_OBJECT, list);
    return object_of(r, nst_name_text(frame->layout->name), make(r, NST_JSON_ARRAY, list));
}

NstValue nst_json_reflect(NstProcess *process, NstValue v) {
    Reflector r = { .process = process, .type = nst_json_type(process) };
    NstValue json = NST_UNIT; // the value finished last
    reflect_value(&r, v, &json);
    uint64_t steps = 0;
    for (; r.depth > 0; steps++) {
        Frame *frame = &r.frames[r.depth - 1];
        if (frame->waiting) add(&r, frame, json);
        frame->waiting = frame->index < frame->count;
        if (frame->waiting) {
            reflect_value(&r, part_at(&r, frame, frame->index++), &json);
        } else {
            json = finish(&r, frame);
            r.depth--;
        }
    }
    free(r.frames);
    nst_prim_charge(process, steps / 16);
    return json;
}
