// Primitives of strings: slices, search, transformation (stdlib-core.md 6). Positions count characters, work is done on
// bytes: UTF-8 needs no decoding to compare or to search.
#define _GNU_SOURCE // memmem
#include <string.h>

#include "runtime/case_mapping.h"
#include "runtime/heap.h"
#include "runtime/list.h"
#include "runtime/process.h"
#include "runtime/show.h"
#include "runtime/status.h"
#include "runtime/string_ops.h"
#include "runtime/unicode.h"

#define EXPECT_STRING(v) NST_EXPECT_KIND(v, NST_KIND_STRING, "String")
#define EXPECT_INT(v) NST_EXPECT_TAG(v, NST_TAG_INT, "Int")

enum { NOT_FOUND = -1 };

static void charge(NstProcess *process, const NstString *s) { nst_prim_charge(process, s->head.count / 512); }

NST_PRIMITIVE(string_length) {
    EXPECT_STRING(args[0]);
    args[0] = nst_int(nst_as_string(args[0])->length);
    return NST_PRIM_OK;
}

NST_PRIMITIVE(string_chars) {
    EXPECT_STRING(args[0]);
    const NstString *s = nst_as_string(args[0]);
    NstObject *chars = nst_list_builder(process, s->length);
    for (size_t i = 0, width; i < s->head.count; i += width) {
        nst_list_builder_add(process, chars, nst_char(nst_utf8_decode(s->bytes + i, &width)));
    }
    nst_prim_charge(process, s->length / 32);
    args[0] = nst_list_builder_finish(process, chars);
    return NST_PRIM_OK;
}

NST_PRIMITIVE(string_from_chars) {
    NST_EXPECT_KIND(args[0], NST_KIND_LIST, "List");
    NstTextBuffer buffer = NST_TEXT_BUFFER_INIT;
    NstListIter iter;
    nst_list_iter(&iter, args[0].w.o);
    NstValue c;
    while (nst_list_next(&iter, &c)) {
        if (c.tag != NST_TAG_CHAR) {
            nst_text_free(&buffer);
            return nst_raise_type(process, "Char", c);
        }
        nst_text_append_code_point(&buffer, (uint32_t)c.w.u);
    }
    return nst_text_finish(process, &buffer, &args[0]);
}

// (s, start, stop)
NST_PRIMITIVE(string_substring) {
    EXPECT_STRING(args[0]);
    EXPECT_INT(args[1]);
    EXPECT_INT(args[2]);
    charge(process, nst_as_string(args[0]));
    size_t from = nst_string_offset(args[0], args[1].w.i), to = nst_string_offset(args[0], args[2].w.i);
    args[0] = to > from ? nst_string_part(process, args[0], from, to) : nst_string(process, "", 0);
    return NST_PRIM_OK;
}

NST_PRIMITIVE(string_starts_with) {
    EXPECT_STRING(args[0]);
    EXPECT_STRING(args[1]);
    const NstString *s = nst_as_string(args[0]), *p = nst_as_string(args[1]);
    args[0] = nst_bool(p->head.count <= s->head.count && memcmp(s->bytes, p->bytes, p->head.count) == 0);
    return NST_PRIM_OK;
}

NST_PRIMITIVE(string_ends_with) {
    EXPECT_STRING(args[0]);
    EXPECT_STRING(args[1]);
    const NstString *s = nst_as_string(args[0]), *p = nst_as_string(args[1]);
    args[0] = nst_bool(p->head.count <= s->head.count &&
                       memcmp(s->bytes + s->head.count - p->head.count, p->bytes, p->head.count) == 0);
    return NST_PRIM_OK;
}

// Byte offset of the first occurrence from `from` on, or SIZE_MAX.
static size_t find(const NstString *s, const NstString *sub, size_t from) {
    if (sub->head.count == 0) return from;
    const char *hit = memmem(s->bytes + from, s->head.count - from, sub->bytes, sub->head.count);
    return hit ? (size_t)(hit - s->bytes) : SIZE_MAX;
}

NST_PRIMITIVE(string_contains) {
    EXPECT_STRING(args[0]);
    EXPECT_STRING(args[1]);
    charge(process, nst_as_string(args[0]));
    args[0] = nst_bool(find(nst_as_string(args[0]), nst_as_string(args[1]), 0) != SIZE_MAX);
    return NST_PRIM_OK;
}

NST_PRIMITIVE(string_index_of) {
    EXPECT_STRING(args[0]);
    EXPECT_STRING(args[1]);
    charge(process, nst_as_string(args[0]));
    size_t at = find(nst_as_string(args[0]), nst_as_string(args[1]), 0);
    args[0] = nst_int(at == SIZE_MAX ? NOT_FOUND : (int64_t)nst_string_index(args[0], at));
    return NST_PRIM_OK;
}

NST_PRIMITIVE(string_last_index_of) {
    EXPECT_STRING(args[0]);
    EXPECT_STRING(args[1]);
    const NstString *s = nst_as_string(args[0]), *sub = nst_as_string(args[1]);
    charge(process, s);
    int64_t found = NOT_FOUND;
    size_t left = s->head.count >= sub->head.count ? s->head.count - sub->head.count + 1 : 0;
    while (left-- > 0) {
        if (memcmp(s->bytes + left, sub->bytes, sub->head.count) == 0) {
            found = (int64_t)nst_string_index(args[0], left);
            break;
        }
    }
    args[0] = nst_int(found);
    return NST_PRIM_OK;
}

NST_PRIMITIVE(string_upper) {
    EXPECT_STRING(args[0]);
    const NstString *s = nst_as_string(args[0]);
    NstTextBuffer buffer = NST_TEXT_BUFFER_INIT;
    nst_text_append_upper(&buffer, s->bytes, s->head.count);
    return nst_text_finish(process, &buffer, &args[0]);
}

NST_PRIMITIVE(string_lower) {
    EXPECT_STRING(args[0]);
    const NstString *s = nst_as_string(args[0]);
    NstTextBuffer buffer = NST_TEXT_BUFFER_INIT;
    nst_text_append_lower(&buffer, s->bytes, s->head.count);
    return nst_text_finish(process, &buffer, &args[0]);
}

static size_t skip_space(const NstString *s, size_t i) {
    size_t width;
    while (i < s->head.count && nst_char_is_space(nst_utf8_decode(s->bytes + i, &width))) i += width;
    return i;
}

// The end of the text without the white space before `end`.
static size_t skip_space_back(const NstString *s, size_t start, size_t end) {
    while (end > start) {
        size_t before = end - 1, width;
        while (before > start && ((unsigned char)s->bytes[before] & 0xC0) == 0x80) before--;
        if (!nst_char_is_space(nst_utf8_decode(s->bytes + before, &width))) break;
        end = before;
    }
    return end;
}

// (s, at the start: Bool, at the end: Bool)
NST_PRIMITIVE(string_trim) {
    EXPECT_STRING(args[0]);
    const NstString *s = nst_as_string(args[0]);
    size_t from = args[1].w.u ? skip_space(s, 0) : 0;
    size_t to = args[2].w.u ? skip_space_back(s, from, s->head.count) : s->head.count;
    args[0] = nst_string_part(process, args[0], from, to);
    return NST_PRIM_OK;
}

// (s, from, to, all: Bool). An empty `from` stands before every character and at the end.
NST_PRIMITIVE(string_replace) {
    EXPECT_STRING(args[0]);
    EXPECT_STRING(args[1]);
    EXPECT_STRING(args[2]);
    const NstString *s = nst_as_string(args[0]), *from = nst_as_string(args[1]), *to = nst_as_string(args[2]);
    bool all = args[3].w.u != 0;
    NstTextBuffer buffer = NST_TEXT_BUFFER_INIT;
    size_t done = 0; // what is before it has been copied
    size_t at = find(s, from, 0);
    while (at != SIZE_MAX && !buffer.failed) {
        nst_text_append(&buffer, s->bytes + done, at - done);
        nst_text_append(&buffer, to->bytes, to->head.count);
        done = at + from->head.count;
        if (!all) break;
        if (from->head.count > 0) {
            at = find(s, from, done);
        } else {
            at = at < s->head.count ? at + nst_utf8_width((unsigned char)s->bytes[at]) : SIZE_MAX;
        }
    }
    nst_text_append(&buffer, s->bytes + done, s->head.count - done);
    return nst_text_finish(process, &buffer, &args[0]);
}

NST_PRIMITIVE(string_repeat) {
    EXPECT_STRING(args[0]);
    EXPECT_INT(args[1]);
    const NstString *s = nst_as_string(args[0]);
    uint64_t times = args[1].w.i > 0 ? args[1].w.u : 0;
    if (s->head.count > 0 && times > UINT32_MAX / s->head.count) {
        return nst_raise_pair(process, "OutOfMemory", "text too long");
    }
    size_t unit = s->head.count, size = unit * (size_t)times;
    NstString *out = nst_string_make(process, size);
    if (!out) return NST_PRIM_RAISE;
    for (size_t at = 0; at < size; at += unit) memcpy(out->bytes + at, s->bytes, unit);
    nst_string_finish(out);
    charge(process, out);
    args[0] = nst_object(out);
    return NST_PRIM_OK;
}

// (s, length, pad, at the start: Bool)
NST_PRIMITIVE(string_pad) {
    EXPECT_STRING(args[0]);
    EXPECT_INT(args[1]);
    EXPECT_STRING(args[2]);
    const NstString *s = nst_as_string(args[0]), *pad = nst_as_string(args[2]);
    if (args[1].w.i <= (int64_t)s->length) return NST_PRIM_OK;
    size_t missing = (size_t)args[1].w.i - s->length;
    const char *unit = pad->head.count > 0 ? pad->bytes : " ";
    size_t width = nst_utf8_width((unsigned char)unit[0]);
    if (missing > UINT32_MAX / width) return nst_raise_pair(process, "OutOfMemory", "text too long");
    size_t padding = missing * width;
    NstString *out = nst_string_make(process, s->head.count + padding);
    if (!out) return NST_PRIM_RAISE;
    bool at_start = args[3].w.u != 0;
    char *fill = out->bytes + (at_start ? 0 : s->head.count);
    for (size_t at = 0; at < padding; at += width) memcpy(fill + at, unit, width);
    memcpy(out->bytes + (at_start ? padding : 0), s->bytes, s->head.count);
    nst_string_finish(out);
    charge(process, out);
    args[0] = nst_object(out);
    return NST_PRIM_OK;
}

NST_PRIMITIVE(string_reverse) {
    EXPECT_STRING(args[0]);
    const NstString *s = nst_as_string(args[0]);
    NstString *out = nst_string_make(process, s->head.count);
    if (!out) return NST_PRIM_RAISE;
    size_t end = s->head.count;
    for (size_t i = 0, width; i < s->head.count; i += width) {
        width = nst_utf8_width((unsigned char)s->bytes[i]);
        end -= width;
        memcpy(out->bytes + end, s->bytes + i, width);
    }
    nst_string_finish(out);
    charge(process, out);
    args[0] = nst_object(out);
    return NST_PRIM_OK;
}

// ---- Splitting and joining ---------------------------------------------------------------

static void add_part(NstProcess *process, NstObject *parts, const NstString *s, size_t from, size_t to) {
    nst_list_builder_add(process, parts, nst_string(process, s->bytes + from, to - from));
}

// An empty separator gives one string for each character.
NST_PRIMITIVE(string_split) {
    EXPECT_STRING(args[0]);
    EXPECT_STRING(args[1]);
    const NstString *s = nst_as_string(args[0]), *separator = nst_as_string(args[1]);
    NstObject *parts = nst_list_builder(process, 0);
    if (separator->head.count == 0) {
        for (size_t i = 0, width; i < s->head.count; i += width) {
            width = nst_utf8_width((unsigned char)s->bytes[i]);
            add_part(process, parts, s, i, i + width);
        }
    } else {
        size_t from = 0;
        for (size_t at; (at = find(s, separator, from)) != SIZE_MAX; from = at + separator->head.count) {
            add_part(process, parts, s, from, at);
        }
        add_part(process, parts, s, from, s->head.count);
    }
    nst_prim_charge(process, s->head.count / 64);
    args[0] = nst_list_builder_finish(process, parts);
    return NST_PRIM_OK;
}

NST_PRIMITIVE(string_lines) {
    EXPECT_STRING(args[0]);
    const NstString *s = nst_as_string(args[0]);
    NstObject *parts = nst_list_builder(process, 0);
    size_t from = 0;
    while (from < s->head.count) {
        const char *newline = memchr(s->bytes + from, '\n', s->head.count - from);
        size_t end = newline ? (size_t)(newline - s->bytes) : s->head.count;
        bool carriage_return = newline && end > from && s->bytes[end - 1] == '\r';
        add_part(process, parts, s, from, carriage_return ? end - 1 : end);
        from = end + 1;
    }
    nst_prim_charge(process, s->head.count / 64);
    args[0] = nst_list_builder_finish(process, parts);
    return NST_PRIM_OK;
}

NST_PRIMITIVE(string_words) {
    EXPECT_STRING(args[0]);
    const NstString *s = nst_as_string(args[0]);
    NstObject *parts = nst_list_builder(process, 0);
    size_t at = skip_space(s, 0);
    while (at < s->head.count) {
        size_t end = at, width;
        while (end < s->head.count && !nst_char_is_space(nst_utf8_decode(s->bytes + end, &width))) end += width;
        add_part(process, parts, s, at, end);
        at = skip_space(s, end);
    }
    nst_prim_charge(process, s->head.count / 64);
    args[0] = nst_list_builder_finish(process, parts);
    return NST_PRIM_OK;
}

// (items, separator) -> String or the status "own": the display forms with the separator between.
NST_PRIMITIVE(list_join) {
    NST_EXPECT_KIND(args[0], NST_KIND_LIST, "List");
    EXPECT_STRING(args[1]);
    const NstString *separator = nst_as_string(args[1]);
    NstTextBuffer buffer = NST_TEXT_BUFFER_INIT;
    NstShow show = { .form = NST_SHOW_DISPLAY, .own = NST_OWN_STOP };
    NstListIter iter;
    nst_list_iter(&iter, args[0].w.o);
    NstValue item;
    for (bool first = true; nst_list_next(&iter, &item); first = false) {
        if (!first) nst_text_append(&buffer, separator->bytes, separator->head.count);
        if (!nst_show_append(&buffer, item, &show)) {
            nst_text_free(&buffer);
            args[0] = NST_STATUS_OWN;
            return NST_PRIM_OK;
        }
    }
    return nst_text_finish(process, &buffer, &args[0]);
}
