#include "runtime/show.h"

#include <inttypes.h>
#include <stdlib.h>

#include "frontend/frontend.h"
#include "runtime/bigint.h"
#include "runtime/decimal.h"
#include "runtime/hash.h"
#include "runtime/heap.h"
#include "runtime/link.h"
#include "runtime/list.h"
#include "runtime/number_text.h"

// One compound value under way. Maps and sets are read into `items` at once (an iterator is bigger than most of them);
// a set remembers where the text of each element begins, to put them in order at its end.
typedef struct Frame {
    const NstObject *object;
    size_t index, count;
    NstValue *items;
    size_t *starts;
} Frame;

typedef struct Shower {
    NstTextBuffer *out;
    NstShow *show;
    Frame *frames;
    size_t depth, capacity;
    bool stopped;
} Shower;

static const char *const suffixes[NST_TAG_COUNT] = {
    [NST_TAG_INT8] = "i8",   [NST_TAG_INT16] = "i16",  [NST_TAG_INT32] = "i32",  [NST_TAG_UINT8] = "u8",
    [NST_TAG_UINT16] = "u16", [NST_TAG_UINT32] = "u32", [NST_TAG_UINT64] = "u64", [NST_TAG_FLOAT32] = "f32",
};

static void append_number(Shower *s, NstValue v) {
    switch ((NstTag)v.tag) {
    case NST_TAG_FLOAT: nst_text_append_double(s->out, v.w.f); break;
    case NST_TAG_FLOAT32: nst_text_append_float(s->out, v.w.f32); break;
    case NST_TAG_UINT8:
    case NST_TAG_UINT16:
    case NST_TAG_UINT32:
    case NST_TAG_UINT64: nst_text_append_uint(s->out, v.w.u); break;
    default: nst_text_append_int(s->out, v.w.i); break;
    }
    if (s->show->form == NST_SHOW_RESULT && suffixes[v.tag]) nst_text_append_z(s->out, suffixes[v.tag]);
}

static void append_string(Shower *s, const NstString *string, bool display) {
    if (display) {
        nst_text_append(s->out, string->bytes, string->head.count);
        return;
    }
    nst_text_append_byte(s->out, '"');
    const char *bytes = string->bytes;
    size_t size = string->head.count, plain = 0;
    for (size_t i = 0; i < size; i++) {
        if (bytes[i] != '"' && bytes[i] != '\\') continue;
        nst_text_append(s->out, bytes + plain, i - plain);
        nst_text_append_byte(s->out, '\\');
        plain = i;
    }
    nst_text_append(s->out, bytes + plain, size - plain);
    nst_text_append_byte(s->out, '"');
}

static void append_function(Shower *s, const struct NstLink *link) {
    const char *name = nst_link_name(link);
    if (name) nst_text_printf(s->out, "<function %s>", name);
    else nst_text_append_z(s->out, "<closure>");
}

static void append_array(Shower *s, const char *type, const NstObject *array) {
    nst_text_printf(s->out, "%s[%" PRIu64 "]", type, ((const NstArray *)(const void *)array)->length);
}

// The own part of a value with its own Show; false if the value has none (or it does not matter).
static bool take_own(Shower *s, NstValue v, const NstLayout *layout) {
    if (!(layout->own & NST_OWN_SHOW) || s->show->own == NST_OWN_IGNORE) return false;
    if (s->show->own == NST_OWN_STOP) {
        s->stopped = true;
    } else if (s->show->own == NST_OWN_COLLECT) {
        nst_list_builder_add(s->show->process, s->show->parts, v);
    } else if (s->show->next_text < nst_list_length(s->show->texts)) {
        NstValue text = nst_list_get(s->show->texts, s->show->next_text++);
        if (nst_is_kind(text, NST_KIND_STRING)) append_string(s, (const NstString *)(const void *)text.w.o, true);
    }
    return true;
}

static void push(Shower *s, Frame frame) {
    if (s->depth == s->capacity) {
        size_t capacity = s->capacity ? 2 * s->capacity : 16;
        Frame *frames = realloc(s->frames, capacity * sizeof *frames);
        if (!frames) {
            s->out->failed = true;
            free(frame.items);
            free(frame.starts);
            return;
        }
        s->frames = frames;
        s->capacity = capacity;
    }
    s->frames[s->depth++] = frame;
}

static void push_hashed(Shower *s, const NstObject *object) {
    bool set = object->kind == NST_KIND_SET;
    size_t count = nst_map_size(object), width = set ? 1 : 2;
    nst_text_append(s->out, set ? "#{" : "%{", 2);
    if (count == 0) {
        nst_text_append_byte(s->out, '}');
        return;
    }
    NstValue *items = malloc(count * width * sizeof *items);
    size_t *starts = set ? malloc((count + 1) * sizeof *starts) : 0;
    if (!items || (set && !starts)) {
        s->out->failed = true;
        free(items);
        free(starts);
        return;
    }
    NstMapIter iter;
    nst_map_iter(&iter, object);
    NstValue key, value;
    for (size_t i = 0; i < count && nst_map_next(&iter, &key, &value); i++) {
        items[i * width] = key;
        if (!set) items[i * width + 1] = value;
    }
    push(s, (Frame){ .object = object, .count = count * width, .items = items, .starts = starts });
}

static void push_data(Shower *s, NstValue v) {
    const NstLayout *layout = ((const NstData *)(const void *)v.w.o)->layout;
    if (take_own(s, v, layout)) return;
    if (layout->reactive && !layout->is_record) { // a reactive variant shows its content
        v = nst_slot(v.w.o, 0);
        if (v.tag == NST_TAG_CTOR) {
            nst_text_append_z(s->out, nst_name_text(v.w.layout->name));
            return;
        }
        layout = ((const NstData *)(const void *)v.w.o)->layout;
    }
    nst_text_append_z(s->out, nst_name_text(layout->name));
    if (layout->reactive && layout->is_record) {
        nst_text_printf(s->out, "{...%u fields}", layout->field_count);
        return;
    }
    if (layout->field_count == 0) {
        if (layout->is_record) nst_text_append(s->out, "{}", 2);
        return;
    }
    nst_text_append_byte(s->out, layout->is_record ? '{' : '(');
    push(s, (Frame){ .object = v.w.o, .count = layout->field_count });
}

static void append_object(Shower *s, NstValue v, bool display) {
    const NstObject *object = v.w.o;
    switch ((NstKind)object->kind) {
    case NST_KIND_TUPLE:
        nst_text_append_byte(s->out, '(');
        push(s, (Frame){ .object = object, .count = object->count });
        break;
    case NST_KIND_DATA: push_data(s, v); break;
    case NST_KIND_STRING: append_string(s, (const NstString *)(const void *)object, display); break;
    case NST_KIND_BIGINT: nst_text_append_bigint(s->out, v); break;
    case NST_KIND_DECIMAL: nst_text_append_decimal(s->out, v); break;
    case NST_KIND_LIST:
        nst_text_append_byte(s->out, '[');
        push(s, (Frame){ .object = object, .count = nst_list_length(object) });
        break;
    case NST_KIND_MAP:
    case NST_KIND_SET: push_hashed(s, object); break;
    case NST_KIND_INT64_ARRAY: append_array(s, "Int64Array", object); break;
    case NST_KIND_FLOAT64_ARRAY: append_array(s, "Float64Array", object); break;
    case NST_KIND_FLOAT32_ARRAY: append_array(s, "Float32Array", object); break;
    case NST_KIND_BUFFER: {
        size_t size;
        const char *bytes = nst_buffer_bytes(object, &size);
        nst_text_append(s->out, bytes, size);
        break;
    }
    case NST_KIND_CLOSURE: append_function(s, ((const NstClosure *)(const void *)object)->link); break;
    default: break; // parts of collections are no values
    }
}

static void append_value(Shower *s, NstValue v, bool display) {
    switch ((NstTag)v.tag) {
    case NST_TAG_UNIT: nst_text_append(s->out, "()", 2); break;
    case NST_TAG_BOOL: nst_text_append_z(s->out, v.w.u ? "true" : "false"); break;
    case NST_TAG_CHAR:
        if (!display) nst_text_append_byte(s->out, '\'');
        nst_text_append_code_point(s->out, (uint32_t)v.w.u);
        if (!display) nst_text_append_byte(s->out, '\'');
        break;
    case NST_TAG_PID: nst_text_printf(s->out, "<pid %" PRIu64 ">", v.w.u); break;
    case NST_TAG_REF: nst_text_printf(s->out, "<ref %" PRIu64 ">", v.w.u); break;
    case NST_TAG_CTOR:
        if (take_own(s, v, v.w.layout)) break;
        nst_text_append_z(s->out, nst_name_text(v.w.layout->name));
        if (v.w.layout->is_record) nst_text_append(s->out, "{}", 2);
        break;
    case NST_TAG_FUNCTION: append_function(s, v.w.link); break;
    case NST_TAG_OBJECT: append_object(s, v, display); break;
    case NST_TAG_MISSING:
    case NST_TAG_COUNT: break;
    default: append_number(s, v); break;
    }
}

typedef struct Piece {
    const char *text;
    size_t size;
} Piece;

// UTF-8 orders like the code points it encodes.
static int compare_pieces(const void *a, const void *b) {
    const Piece *x = a, *y = b;
    int order = memcmp(x->text, y->text, x->size < y->size ? x->size : y->size);
    return order != 0 ? order : (x->size > y->size) - (x->size < y->size);
}

// The elements' texts lie one behind the other from starts[0]: sorts them and puts the separators between.
static void finish_set(Shower *s, Frame *frame) {
    if (s->out->failed) return;
    size_t begin = frame->starts[0], count = frame->count;
    frame->starts[count] = s->out->size;
    size_t size = s->out->size - begin;
    char *copy = malloc(size + 1);
    Piece *pieces = malloc(count * sizeof *pieces);
    if (copy && pieces) {
        memcpy(copy, s->out->data + begin, size);
        for (size_t i = 0; i < count; i++) {
            pieces[i] = (Piece){ copy + (frame->starts[i] - begin), frame->starts[i + 1] - frame->starts[i] };
        }
        qsort(pieces, count, sizeof *pieces, compare_pieces);
        s->out->size = begin;
        for (size_t i = 0; i < count; i++) {
            if (i > 0) nst_text_append(s->out, ", ", 2);
            nst_text_append(s->out, pieces[i].text, pieces[i].size);
        }
    } else {
        s->out->failed = true;
    }
    free(copy);
    free(pieces);
}

static void close_frame(Shower *s) {
    Frame *frame = &s->frames[--s->depth];
    switch ((NstKind)frame->object->kind) {
    case NST_KIND_LIST: nst_text_append_byte(s->out, ']'); break;
    case NST_KIND_TUPLE: nst_text_append_byte(s->out, ')'); break;
    case NST_KIND_DATA:
        nst_text_append_byte(s->out, ((const NstData *)(const void *)frame->object)->layout->is_record ? '}' : ')');
        break;
    case NST_KIND_SET:
        finish_set(s, frame);
        nst_text_append_byte(s->out, '}');
        break;
    default: nst_text_append_byte(s->out, '}'); break;
    }
    free(frame->items);
    free(frame->starts);
}

// The next part of the innermost value; its separator and label are written.
static NstValue next_part(Shower *s, Frame *frame) {
    size_t i = frame->index++;
    const NstObject *object = frame->object;
    if (object->kind == NST_KIND_SET) {
        frame->starts[i] = s->out->size;
        return frame->items[i];
    }
    if (object->kind == NST_KIND_MAP) {
        if (i % 2 == 1) nst_text_append(s->out, ": ", 2);
        else if (i > 0) nst_text_append(s->out, ", ", 2);
        return frame->items[i];
    }
    if (i > 0) nst_text_append(s->out, ", ", 2);
    if (object->kind == NST_KIND_LIST) return nst_list_get(object, i);
    if (object->kind == NST_KIND_DATA) {
        const NstLayout *layout = ((const NstData *)(const void *)object)->layout;
        if (layout->is_record) {
            nst_text_append_z(s->out, nst_name_text(layout->field_names[i]));
            nst_text_append(s->out, ": ", 2);
        }
    }
    return nst_slot(object, i);
}

bool nst_show_append(NstTextBuffer *buffer, NstValue v, NstShow *show) {
    Shower s = { .out = buffer, .show = show };
    append_value(&s, v, show->form == NST_SHOW_DISPLAY);
    while (s.depth > 0 && !s.stopped && !buffer->failed) {
        Frame *frame = &s.frames[s.depth - 1];
        if (frame->index == frame->count) close_frame(&s);
        else append_value(&s, next_part(&s, frame), false);
    }
    while (s.depth > 0) {
        Frame *frame = &s.frames[--s.depth];
        free(frame->items);
        free(frame->starts);
    }
    free(s.frames);
    return !s.stopped;
}

NstPrimStatus nst_text_finish(NstProcess *process, NstTextBuffer *buffer, NstValue *out) {
    if (buffer->failed || buffer->size >= UINT32_MAX || !nst_heap_can(process, buffer->size + 64)) {
        nst_text_free(buffer);
        return nst_raise_pair(process, "OutOfMemory", "text too long");
    }
    *out = nst_string(process, buffer->data ? buffer->data : "", buffer->size);
    nst_prim_charge(process, buffer->size / 256);
    nst_text_free(buffer);
    return NST_PRIM_OK;
}

bool nst_show_text(NstProcess *process, NstValue v, NstShowForm form, bool honour_own, NstValue *out) {
    NstTextBuffer buffer = NST_TEXT_BUFFER_INIT;
    NstShow show = { .form = form, .own = honour_own ? NST_OWN_STOP : NST_OWN_IGNORE };
    bool done = nst_show_append(&buffer, v, &show);
    if (done) *out = nst_string(process, buffer.data ? buffer.data : "", buffer.size);
    nst_text_free(&buffer);
    return done;
}
