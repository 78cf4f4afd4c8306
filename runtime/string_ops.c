#include "runtime/string_ops.h"

#include <inttypes.h>
#include <string.h>

#include "runtime/heap.h"
#include "runtime/unicode.h"

NstString *nst_string_make(NstProcess *process, size_t bytes) {
    if (bytes >= UINT32_MAX || !nst_heap_can(process, bytes + 64)) {
        nst_raise_pair(process, "OutOfMemory", "text of %zu bytes", bytes);
        return 0;
    }
    return nst_heap_string(process, bytes);
}

NstPrimStatus nst_string_concat(NstProcess *process, NstValue a, NstValue b, NstValue *out) {
    const NstString *x = nst_as_string(a), *y = nst_as_string(b);
    if (x->head.count == 0 || y->head.count == 0) {
        *out = x->head.count == 0 ? b : a;
        return NST_PRIM_OK;
    }
    size_t size = (size_t)x->head.count + y->head.count;
    NstString *s = nst_string_make(process, size);
    if (!s) return NST_PRIM_RAISE;
    memcpy(s->bytes, x->bytes, x->head.count);
    memcpy(s->bytes + x->head.count, y->bytes, y->head.count);
    // The properties follow from the parts': no need to look at the bytes again.
    s->bytes[size] = 0;
    s->length = x->length + y->length;
    s->hash = 0;
    s->head.aux = x->head.aux & y->head.aux;
    nst_prim_charge(process, size / 1024);
    *out = nst_object(s);
    return NST_PRIM_OK;
}

NstPrimStatus nst_string_join(NstProcess *process, const NstValue *parts, size_t count, NstValue *out) {
    size_t size = 0;
    for (size_t i = 0; i < count; i++) size += nst_as_string(parts[i])->head.count;
    NstString *s = nst_string_make(process, size);
    if (!s) return NST_PRIM_RAISE;
    size_t at = 0;
    for (size_t i = 0; i < count; i++) {
        const NstString *part = nst_as_string(parts[i]);
        memcpy(s->bytes + at, part->bytes, part->head.count);
        at += part->head.count;
    }
    nst_string_finish(s);
    nst_prim_charge(process, size / 1024);
    *out = nst_object(s);
    return NST_PRIM_OK;
}

size_t nst_string_offset(NstValue v, int64_t n) {
    const NstString *s = nst_as_string(v);
    if (n <= 0) return 0;
    if ((uint64_t)n >= s->length) return s->head.count;
    return s->head.aux & NST_STR_ASCII ? (size_t)n : nst_utf8_offset(s->bytes, s->head.count, (size_t)n);
}

size_t nst_string_index(NstValue v, size_t offset) {
    const NstString *s = nst_as_string(v);
    return s->head.aux & NST_STR_ASCII ? offset : nst_utf8_length(s->bytes, offset);
}

NstValue nst_string_part(NstProcess *process, NstValue v, size_t from, size_t to) {
    const NstString *s = nst_as_string(v);
    if (from == 0 && to == s->head.count) return v;
    return nst_string(process, s->bytes + from, to - from);
}

NstPrimStatus nst_string_at(NstProcess *process, NstValue v, int64_t index, NstValue *out) {
    const NstString *s = nst_as_string(v);
    if (index < 0 || (uint64_t)index >= s->length) {
        return nst_raise_panic(process, "Index %" PRId64 " out of bounds for string of length %" PRIu32, index, s->length);
    }
    size_t at = nst_string_offset(v, index);
    *out = nst_string(process, s->bytes + at, nst_utf8_width((unsigned char)s->bytes[at]));
    return NST_PRIM_OK;
}
