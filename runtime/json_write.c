// Json values as compact text, iterative.
#include <math.h>
#include <stdlib.h>

#include "runtime/json_value.h"
#include "runtime/list.h"
#include "runtime/number_text.h"
#include "runtime/string_ops.h"

void nst_json_escape(NstTextBuffer *out, const char *text, size_t size) {
    size_t plain = 0;
    for (size_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c >= 0x20 && c != '"' && c != '\\') continue;
        nst_text_append(out, text + plain, i - plain);
        plain = i + 1;
        switch (c) {
        case '"': nst_text_append(out, "\\\"", 2); break;
        case '\\': nst_text_append(out, "\\\\", 2); break;
        case '\n': nst_text_append(out, "\\n", 2); break;
        case '\r': nst_text_append(out, "\\r", 2); break;
        case '\t': nst_text_append(out, "\\t", 2); break;
        case '\b': nst_text_append(out, "\\b", 2); break;
        case '\f': nst_text_append(out, "\\f", 2); break;
        default: nst_text_printf(out, "\\u%04x", c); break;
        }
    }
    nst_text_append(out, text + plain, size - plain);
}

static void quoted(NstTextBuffer *out, NstValue text) {
    nst_text_append_byte(out, '"');
    nst_json_escape(out, nst_as_string(text)->bytes, nst_as_string(text)->head.count);
    nst_text_append_byte(out, '"');
}

typedef struct Level {
    const NstObject *list;
    size_t index;
    bool is_object;
} Level;

typedef struct Writer {
    NstProcess *process;
    const NstJsonType *type;
    NstTextBuffer *out;
    Level *levels;
    size_t depth, capacity;
} Writer;

static void open_level(Writer *w, const NstObject *list, bool is_object) {
    if (w->depth == w->capacity) {
        w->capacity = w->capacity ? 2 * w->capacity : 16;
        w->levels = realloc(w->levels, w->capacity * sizeof *w->levels);
        if (!w->levels) abort();
    }
    w->levels[w->depth++] = (Level){ .list = list, .is_object = is_object };
    nst_text_append_byte(w->out, is_object ? '{' : '[');
}

static NstPrimStatus write_value(Writer *w, NstValue json) {
    NstProcess *process = w->process;
    NstJsonKind kind = nst_json_kind(w->type, json);
    if (kind == NST_JSON_KINDS) return nst_raise_type(process, "Json", json);
    if (kind == NST_JSON_NULL) {
        nst_text_append(w->out, "null", 4);
        return NST_PRIM_OK;
    }
    NstValue payload = nst_json_payload(json);
    switch (kind) {
    case NST_JSON_BOOL: nst_text_append_z(w->out, payload.w.u ? "true" : "false"); break;
    case NST_JSON_NUMBER:
        NST_EXPECT_TAG(payload, NST_TAG_FLOAT, "Float");
        if (isfinite(payload.w.f)) nst_text_append_double(w->out, payload.w.f);
        else nst_text_append(w->out, "null", 4);
        break;
    case NST_JSON_INTEGER: nst_text_append_int(w->out, payload.w.i); break;
    case NST_JSON_STRING:
        NST_EXPECT_KIND(payload, NST_KIND_STRING, "String");
        quoted(w->out, payload);
        break;
    default:
        NST_EXPECT_KIND(payload, NST_KIND_LIST, "List");
        open_level(w, payload.w.o, kind == NST_JSON_OBJECT);
        break;
    }
    return NST_PRIM_OK;
}

static NstPrimStatus write_item(Writer *w, NstValue item) {
    NstProcess *process = w->process;
    if (!w->levels[w->depth - 1].is_object) return write_value(w, item);
    bool pair = nst_is_kind(item, NST_KIND_TUPLE) && item.w.o->count == 2;
    if (!pair) return nst_raise_type(process, "(String, Json)", item);
    NST_EXPECT_KIND(nst_slot(item.w.o, 0), NST_KIND_STRING, "String");
    quoted(w->out, nst_slot(item.w.o, 0));
    nst_text_append_byte(w->out, ':');
    return write_value(w, nst_slot(item.w.o, 1));
}

NstPrimStatus nst_json_write(NstProcess *process, NstTextBuffer *out, NstValue json) {
    Writer w = { .process = process, .type = nst_json_type(process), .out = out };
    NstPrimStatus status = write_value(&w, json);
    while (status == NST_PRIM_OK && w.depth > 0) {
        Level *level = &w.levels[w.depth - 1];
        if (level->index == nst_list_length(level->list)) {
            nst_text_append_byte(out, level->is_object ? '}' : ']');
            w.depth--;
            continue;
        }
        if (level->index > 0) nst_text_append_byte(out, ',');
        status = write_item(&w, nst_list_get(level->list, level->index++));
    }
    free(w.levels);
    return status;
}
