// Primitives that read numbers from text and convert between text and bytes.
#include "runtime/bigint.h"
#include "runtime/heap.h"
#include "runtime/list.h"
#include "runtime/number_text.h"
#include "runtime/process.h"
#include "runtime/show.h"
#include "runtime/status.h"
#include "runtime/string_ops.h"
#include "runtime/unicode.h"

// The text without white space at its ends.
static const char *trimmed(const NstString *s, size_t *size) {
    const char *text = s->bytes, *end = s->bytes + s->head.count;
    size_t width;
    while (text < end && nst_char_is_space(nst_utf8_decode(text, &width))) text += width;
    while (end > text) {
        const char *before = end - 1;
        while (((unsigned char)*before & 0xC0) == 0x80) before--;
        if (!nst_char_is_space(nst_utf8_decode(before, &width))) break;
        end = before;
    }
    *size = (size_t)(end - text);
    return text;
}

// Int, or the status "absent"
NST_PRIMITIVE(parse_int) {
    NST_EXPECT_KIND(args[0], NST_KIND_STRING, "String");
    size_t size;
    const char *text = trimmed(nst_as_string(args[0]), &size);
    int64_t value;
    args[0] = nst_parse_int(text, size, &value) ? nst_int(value) : NST_STATUS_ABSENT;
    return NST_PRIM_OK;
}

// The obsolete String.to_int: no trimming, () on failure.
NST_PRIMITIVE(parse_int_or_unit) {
    NST_EXPECT_KIND(args[0], NST_KIND_STRING, "String");
    const NstString *s = nst_as_string(args[0]);
    int64_t value;
    args[0] = nst_parse_int(s->bytes, s->head.count, &value) ? nst_int(value) : NST_UNIT;
    return NST_PRIM_OK;
}

// Float, or the status "absent"
NST_PRIMITIVE(parse_float) {
    NST_EXPECT_KIND(args[0], NST_KIND_STRING, "String");
    size_t size;
    const char *text = trimmed(nst_as_string(args[0]), &size);
    double value;
    args[0] = nst_parse_double(text, size, &value) ? nst_float(value) : NST_STATUS_ABSENT;
    return NST_PRIM_OK;
}

// BigInt, or the status "absent"
NST_PRIMITIVE(parse_bigint) {
    NST_EXPECT_KIND(args[0], NST_KIND_STRING, "String");
    size_t size;
    const char *text = trimmed(nst_as_string(args[0]), &size);
    NstValue value;
    nst_prim_charge(process, size / 16);
    args[0] = nst_bigint_parse(process, text, size, &value) ? value : NST_STATUS_ABSENT;
    return NST_PRIM_OK;
}

NST_PRIMITIVE(string_bytes) {
    NST_EXPECT_KIND(args[0], NST_KIND_STRING, "String");
    const NstString *s = nst_as_string(args[0]);
    NstObject *bytes = nst_list_builder(process, s->head.count);
    for (size_t i = 0; i < s->head.count; i++) {
        nst_list_builder_add(process, bytes, nst_int((unsigned char)s->bytes[i]));
    }
    nst_prim_charge(process, s->head.count / 32);
    args[0] = nst_list_builder_finish(process, bytes);
    return NST_PRIM_OK;
}

static NstValue pair(NstProcess *process, const char *first, NstValue second) {
    NstObject *tuple = nst_heap_slots(process, NST_KIND_TUPLE, 2);
    nst_slot_init(tuple, 0, nst_string_z(process, first));
    nst_slot_init(tuple, 1, second);
    return nst_object(tuple);
}

// ("ok", text) or ("error", message)
NST_PRIMITIVE(string_from_bytes) {
    NST_EXPECT_KIND(args[0], NST_KIND_LIST, "List");
    NstTextBuffer buffer = NST_TEXT_BUFFER_INIT;
    NstListIter iter;
    nst_list_iter(&iter, args[0].w.o);
    NstValue byte;
    while (nst_list_next(&iter, &byte)) {
        if (byte.tag != NST_TAG_INT) {
            nst_text_free(&buffer);
            return nst_raise_type(process, "Int", byte);
        }
        nst_text_append_byte(&buffer, (char)(unsigned char)byte.w.u);
    }
    size_t valid = nst_utf8_valid(buffer.data, buffer.size);
    if (valid < buffer.size) {
        NstTextBuffer message = NST_TEXT_BUFFER_INIT;
        nst_text_printf(&message, "invalid UTF-8: bad byte sequence at index %zu", valid);
        nst_text_free(&buffer);
        NstValue text = nst_string(process, message.data, message.size);
        nst_text_free(&message);
        args[0] = pair(process, "error", text);
        return NST_PRIM_OK;
    }
    NstValue text;
    NstPrimStatus status = nst_text_finish(process, &buffer, &text);
    if (status == NST_PRIM_OK) args[0] = pair(process, "ok", text);
    return status;
}
