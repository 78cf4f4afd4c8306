// See dynamic.h.
#include "runtime/dynamic.h"

#include <math.h>
#include <string.h>

#include "runtime/bigint.h"
#include "runtime/compare.h"
#include "runtime/decimal.h"
#include "runtime/hash.h"
#include "runtime/link.h"
#include "runtime/list.h"
#include "runtime/type_text.h"
#include "runtime/unicode.h"

static NstDyn raised(NstPrimStatus status) {
    (void)status; // always NST_PRIM_RAISE
    return NST_DYN_RAISE;
}

static NstDyn from_status(NstPrimStatus status) {
    return status == NST_PRIM_OK ? NST_DYN_OK : NST_DYN_RAISE;
}

// ---- Arithmetic --------------------------------------------------------------------------

static bool is_user(NstValue v) {
    return v.tag == NST_TAG_CTOR || nst_is_kind(v, NST_KIND_DATA) || nst_is_kind(v, NST_KIND_TUPLE);
}

static bool is_number(NstValue v) {
    return (v.tag >= NST_TAG_INT && v.tag <= NST_TAG_FLOAT32) || nst_is_kind(v, NST_KIND_BIGINT) ||
           nst_is_kind(v, NST_KIND_DECIMAL);
}

// Brings a 64-bit result back to the range of a sized type (value.h, invariant 3).
static NstValue normalised(uint64_t tag, uint64_t bits) {
    NstValue v = { .w.u = bits, .tag = tag };
    switch (tag) {
    case NST_TAG_INT8: v.w.i = (int8_t)bits; break;
    case NST_TAG_INT16: v.w.i = (int16_t)bits; break;
    case NST_TAG_INT32: v.w.i = (int32_t)bits; break;
    case NST_TAG_UINT8: v.w.u = (uint8_t)bits; break;
    case NST_TAG_UINT16: v.w.u = (uint16_t)bits; break;
    case NST_TAG_UINT32: v.w.u = (uint32_t)bits; break;
    default: break;
    }
    return v;
}

static bool is_unsigned(uint64_t tag) {
    return tag >= NST_TAG_UINT8 && tag <= NST_TAG_UINT64;
}

static NstDyn integer_arith(NstProcess *process, NstOperator op, uint64_t tag, NstWord a, NstWord b, NstValue *out) {
    uint64_t bits = 0;
    switch (op) {
    case NST_OP_ADD: bits = a.u + b.u; break;
    case NST_OP_SUB: bits = a.u - b.u; break;
    case NST_OP_MUL: bits = a.u * b.u; break;
    case NST_OP_DIV:
    case NST_OP_MOD:
        if (b.u == 0) return raised(nst_raise_pair(process, "DivisionByZero", "Division by zero"));
        if (is_unsigned(tag)) {
            bits = op == NST_OP_DIV ? a.u / b.u : a.u % b.u;
        } else if (b.i == -1) {
            bits = op == NST_OP_DIV ? 0 - a.u : 0;
        } else {
            bits = (uint64_t)(op == NST_OP_DIV ? a.i / b.i : a.i % b.i);
        }
        break;
    default: { // NST_OP_POW
        if (!is_unsigned(tag) && b.i < 0) return raised(nst_raise_panic(process, "PowInt: negative exponent for Int"));
        bits = 1;
        for (uint64_t base = a.u, exponent = b.u; exponent > 0; exponent >>= 1, base *= base) {
            if (exponent & 1) bits *= base;
        }
        break;
    }
    }
    *out = normalised(tag, bits);
    return NST_DYN_OK;
}

static double float_arith(NstOperator op, double a, double b) {
    switch (op) {
    case NST_OP_ADD: return a + b;
    case NST_OP_SUB: return a - b;
    case NST_OP_MUL: return a * b;
    case NST_OP_DIV: return a / b;
    case NST_OP_MOD: return fmod(a, b);
    default: return pow(a, b);
    }
}

static NstValue float32_value(float f) {
    NstValue v = { .w.u = 0, .tag = NST_TAG_FLOAT32 };
    v.w.f32 = f;
    return v;
}

static NstDyn float32_arith(NstOperator op, float a, float b, NstValue *out) {
    float r;
    switch (op) {
    case NST_OP_ADD: r = a + b; break;
    case NST_OP_SUB: r = a - b; break;
    case NST_OP_MUL: r = a * b; break;
    case NST_OP_DIV: r = a / b; break;
    case NST_OP_MOD: r = fmodf(a, b); break;
    default: r = powf(a, b); break;
    }
    *out = float32_value(r);
    return NST_DYN_OK;
}

static NstDyn bigint_arith(NstProcess *process, NstOperator op, NstValue a, NstValue b, NstValue *out) {
    switch (op) {
    case NST_OP_ADD: return from_status(nst_bigint_add(process, a, b, out));
    case NST_OP_SUB: return from_status(nst_bigint_sub(process, a, b, out));
    case NST_OP_MUL: return from_status(nst_bigint_mul(process, a, b, out));
    case NST_OP_DIV: return from_status(nst_bigint_div(process, a, b, out));
    case NST_OP_MOD: return from_status(nst_bigint_mod(process, a, b, out));
    default: return from_status(nst_bigint_pow(process, a, b, out));
    }
}

static NstDyn decimal_arith(NstProcess *process, NstOperator op, NstValue a, NstValue b, NstValue *out) {
    switch (op) {
    case NST_OP_ADD: return from_status(nst_decimal_add(process, a, b, out));
    case NST_OP_SUB: return from_status(nst_decimal_sub(process, a, b, out));
    case NST_OP_MUL: return from_status(nst_decimal_mul(process, a, b, out));
    case NST_OP_DIV: return from_status(nst_decimal_div(process, a, b, out));
    case NST_OP_MOD: return from_status(nst_decimal_mod(process, a, b, out));
    default: return from_status(nst_decimal_pow(process, a, b, out));
    }
}

NstDyn nst_dyn_arith(NstProcess *process, NstOperator op, NstValue a, NstValue b, NstValue *out) {
    if (a.tag == b.tag) {
        if (a.tag >= NST_TAG_INT && a.tag <= NST_TAG_UINT64) return integer_arith(process, op, a.tag, a.w, b.w, out);
        if (a.tag == NST_TAG_FLOAT) {
            *out = nst_float(float_arith(op, a.w.f, b.w.f));
            return NST_DYN_OK;
        }
        if (a.tag == NST_TAG_FLOAT32) return float32_arith(op, a.w.f32, b.w.f32, out);
    }
    if (a.tag == NST_TAG_INT && b.tag == NST_TAG_FLOAT) {
        *out = nst_float(float_arith(op, (double)a.w.i, b.w.f));
        return NST_DYN_OK;
    }
    if (a.tag == NST_TAG_FLOAT && b.tag == NST_TAG_INT) {
        *out = nst_float(float_arith(op, a.w.f, (double)b.w.i));
        return NST_DYN_OK;
    }
    bool big_a = nst_is_kind(a, NST_KIND_BIGINT), big_b = nst_is_kind(b, NST_KIND_BIGINT);
    if (big_a && b.tag == NST_TAG_INT) {
        b = nst_bigint_from_int(process, b.w.i);
        big_b = true;
    } else if (big_b && a.tag == NST_TAG_INT) {
        a = nst_bigint_from_int(process, a.w.i);
        big_a = true;
    }
    if (big_a && big_b) return bigint_arith(process, op, a, b, out);
    if (nst_is_kind(a, NST_KIND_DECIMAL) && nst_is_kind(b, NST_KIND_DECIMAL)) {
        return decimal_arith(process, op, a, b, out);
    }
    if (is_user(a) || (is_user(b) && !is_number(a))) return NST_DYN_OWN;
    if (!is_number(a)) return raised(nst_raise_type(process, is_number(b) ? nst_value_type_text(b) : "number", a));
    return raised(nst_raise_type(process, nst_value_type_text(a), b));
}

NstDyn nst_dyn_negate(NstProcess *process, NstValue a, NstValue *out) {
    if (a.tag == NST_TAG_FLOAT) {
        *out = nst_float(-a.w.f);
    } else if (a.tag == NST_TAG_FLOAT32) {
        *out = float32_value(-a.w.f32);
    } else if (a.tag >= NST_TAG_INT && a.tag <= NST_TAG_UINT64) {
        *out = normalised(a.tag, 0 - a.w.u);
    } else if (nst_is_kind(a, NST_KIND_BIGINT)) {
        *out = nst_bigint_neg(process, a);
    } else if (nst_is_kind(a, NST_KIND_DECIMAL)) {
        *out = nst_decimal_neg(process, a);
    } else {
        return raised(nst_raise_type(process, "number", a));
    }
    return NST_DYN_OK;
}

// ---- Comparison --------------------------------------------------------------------------

NstDyn nst_dyn_equal(NstProcess *process, NstValue a, NstValue b, bool *out) {
    (void)process;
    switch (nst_equal(a, b, true)) {
    case NST_CMP_TRUE: *out = true; return NST_DYN_OK;
    case NST_CMP_OWN: return NST_DYN_OWN;
    default: *out = false; return NST_DYN_OK;
    }
}

bool nst_dyn_order_holds(NstOperator op, int64_t answer) {
    switch (op) {
    case NST_OP_LT: return answer == -1;
    case NST_OP_GT: return answer == 1;
    case NST_OP_LE: return answer == -1 || answer == 0;
    default: return answer == 0 || answer == 1;
    }
}

NstDyn nst_dyn_order(NstProcess *process, NstOperator op, NstValue a, NstValue b, bool *out) {
    int answer = 0;
    bool unordered = false;
    switch (nst_compare(a, b, true, &answer, &unordered)) {
    case NST_CMP_OWN: return NST_DYN_OWN;
    case NST_CMP_TYPE: return raised(nst_raise_type(process, nst_value_type_text(a), b));
    default: break;
    }
    *out = nst_dyn_order_holds(op, answer < 0 ? -1 : answer > 0 ? 1 : unordered ? 2 : 0);
    return NST_DYN_OK;
}

// ---- Parts -------------------------------------------------------------------------------

static const NstLayout *layout_of(NstValue v) {
    if (v.tag == NST_TAG_CTOR) return v.w.layout;
    return nst_is_kind(v, NST_KIND_DATA) ? ((const NstData *)v.w.o)->layout : NULL;
}

static bool field_position(const NstLayout *layout, NstName name, uint32_t *position) {
    for (uint32_t i = 0; i < layout->field_count; i++) {
        if (layout->field_names[i] == name) {
            *position = i;
            return true;
        }
    }
    return false;
}

static NstDyn raise_field(NstProcess *process, NstValue v, NstName name) {
    char expected[128];
    snprintf(expected, sizeof expected, "record with field %s", nst_name_text(name));
    return raised(nst_raise_type(process, expected, v));
}

bool nst_dyn_field_find(NstValue v, NstName name, NstValue *out) {
    const NstLayout *layout = layout_of(v);
    uint32_t position;
    if (!layout || layout->field_count == 0 || !field_position(layout, name, &position)) return false;
    *out = nst_slot(v.w.o, position);
    return true;
}

NstDyn nst_dyn_field(NstProcess *process, NstValue v, NstName name, NstValue *out, uint32_t *position) {
    const NstLayout *layout = layout_of(v);
    if (!layout || layout->field_count == 0 || !field_position(layout, name, position)) {
        return raise_field(process, v, name);
    }
    if (layout->reactive) return NST_DYN_OWN;
    *out = nst_slot(v.w.o, *position);
    return NST_DYN_OK;
}

NstDyn nst_dyn_component(NstProcess *process, NstValue v, uint32_t n, NstValue *out) {
    const NstLayout *layout = layout_of(v);
    if ((layout && n < layout->field_count) || (nst_is_kind(v, NST_KIND_TUPLE) && n < v.w.o->count)) {
        *out = nst_slot(v.w.o, n);
        return NST_DYN_OK;
    }
    return raised(nst_raise_type(process, "tuple", v));
}

NstDyn nst_dyn_field_set(NstProcess *process, NstValue v, NstName name, NstValue value, uint32_t *position) {
    const NstLayout *layout = layout_of(v);
    if (!layout || layout->field_count == 0 || !field_position(layout, name, position)) {
        return raise_field(process, v, name);
    }
    if (!layout->mutable_) return raised(nst_raise_panic(process, "Field '%s' is not mutable", nst_name_text(name)));
    if (layout->reactive) return NST_DYN_OWN;
    nst_store(process, v.w.o, *position, value);
    return NST_DYN_OK;
}

// ---- Collections -------------------------------------------------------------------------

static NstDyn raise_index(NstProcess *process, int64_t i) {
    return raised(nst_raise_panic(process, "Index %lld out of bounds", (long long)i));
}

static NstDyn string_index(NstProcess *process, const NstString *s, int64_t i, NstValue *out) {
    if (i < 0 || i >= (int64_t)s->length) {
        return raised(nst_raise_panic(process, "Index %lld out of bounds for string of length %u", (long long)i,
                                      s->length));
    }
    size_t at = s->head.aux & NST_STR_ASCII ? (size_t)i : nst_utf8_offset(s->bytes, s->head.count, (size_t)i);
    *out = nst_string(process, s->bytes + at, nst_utf8_width((unsigned char)s->bytes[at]));
    return NST_DYN_OK;
}

static NstValue array_get(const NstArray *array, uint64_t i) {
    switch (array->head.kind) {
    case NST_KIND_INT64_ARRAY: return nst_int((int64_t)array->data[i]);
    case NST_KIND_FLOAT64_ARRAY: {
        double d;
        memcpy(&d, &array->data[i], sizeof d);
        return nst_float(d);
    }
    default: {
        float f;
        memcpy(&f, (const char *)array->data + i * sizeof f, sizeof f);
        return nst_float((double)f);
    }
    }
}

static bool is_array(NstValue v) {
    return nst_is_kind(v, NST_KIND_INT64_ARRAY) || nst_is_kind(v, NST_KIND_FLOAT64_ARRAY) ||
           nst_is_kind(v, NST_KIND_FLOAT32_ARRAY);
}

NstDyn nst_dyn_index(NstProcess *process, NstValue c, NstValue i, NstValue *out) {
    if (c.tag != NST_TAG_OBJECT) {
        return c.tag == NST_TAG_CTOR ? NST_DYN_OWN : raised(nst_raise_type(process, "indexable value", c));
    }
    uint64_t hash;
    switch (c.w.o->kind) {
    case NST_KIND_MAP:
        switch (nst_key_hash(i, &hash)) {
        case NST_CMP_OWN: return NST_DYN_OWN;
        case NST_CMP_TYPE: return raised(nst_raise_type(process, "hashable key", i));
        default: break;
        }
        if (nst_map_lookup(c.w.o, i, hash, out)) return NST_DYN_OK;
        return raised(nst_raise_panic(process, "Key not found in map"));
    case NST_KIND_SET:
        switch (nst_key_hash(i, &hash)) {
        case NST_CMP_OWN: return NST_DYN_OWN;
        case NST_CMP_TYPE: return raised(nst_raise_type(process, "hashable element", i));
        default: break;
        }
        *out = nst_bool(nst_set_contains(c.w.o, i, hash));
        return NST_DYN_OK;
    case NST_KIND_DATA: return NST_DYN_OWN;
    default: break;
    }
    if (i.tag != NST_TAG_INT) return raised(nst_raise_type(process, "Int", i));
    switch (c.w.o->kind) {
    case NST_KIND_LIST:
        if (i.w.i < 0 || (uint64_t)i.w.i >= nst_list_length(c.w.o)) return raise_index(process, i.w.i);
        *out = nst_list_get(c.w.o, (size_t)i.w.i);
        return NST_DYN_OK;
    case NST_KIND_STRING: return string_index(process, (const NstString *)c.w.o, i.w.i, out);
    case NST_KIND_TUPLE:
        if (i.w.i < 0 || i.w.i >= (int64_t)c.w.o->count) return raise_index(process, i.w.i);
        *out = nst_slot(c.w.o, (size_t)i.w.i);
        return NST_DYN_OK;
    default: break;
    }
    if (!is_array(c)) return raised(nst_raise_type(process, "indexable value", c));
    const NstArray *array = (const NstArray *)c.w.o;
    if (i.w.i < 0 || (uint64_t)i.w.i >= array->length) return raise_index(process, i.w.i);
    *out = array_get(array, (uint64_t)i.w.i);
    return NST_DYN_OK;
}

static NstDyn array_set(NstProcess *process, NstArray *array, int64_t i, NstValue v) {
    if (i < 0 || (uint64_t)i >= array->length) return raise_index(process, i);
    if (array->head.kind == NST_KIND_INT64_ARRAY) {
        if (v.tag != NST_TAG_INT) return raised(nst_raise_type(process, "Int", v));
        array->data[i] = v.w.u;
        return NST_DYN_OK;
    }
    if (v.tag != NST_TAG_FLOAT) return raised(nst_raise_type(process, "Float", v));
    if (array->head.kind == NST_KIND_FLOAT64_ARRAY) {
        memcpy(&array->data[i], &v.w.f, sizeof v.w.f);
    } else {
        float f = (float)v.w.f;
        memcpy((char *)array->data + (size_t)i * sizeof f, &f, sizeof f);
    }
    return NST_DYN_OK;
}

NstDyn nst_dyn_index_set(NstProcess *process, NstValue c, NstValue i, NstValue v, NstValue *out) {
    *out = c;
    if (nst_is_kind(c, NST_KIND_MAP)) {
        uint64_t hash;
        switch (nst_key_hash(i, &hash)) {
        case NST_CMP_OWN: return NST_DYN_OWN;
        case NST_CMP_TYPE: return raised(nst_raise_type(process, "hashable key", i));
        default: break;
        }
        *out = nst_map_insert(process, c.w.o, i, hash, v);
        return NST_DYN_OK;
    }
    if (c.tag == NST_TAG_CTOR || nst_is_kind(c, NST_KIND_DATA)) return NST_DYN_OWN;
    if (!nst_is_kind(c, NST_KIND_LIST) && !is_array(c)) return raised(nst_raise_type(process, "List, Map or array", c));
    if (i.tag != NST_TAG_INT) return raised(nst_raise_type(process, "Int", i));
    if (is_array(c)) return array_set(process, (NstArray *)c.w.o, i.w.i, v);
    if (i.w.i < 0 || (uint64_t)i.w.i >= nst_list_length(c.w.o)) return raise_index(process, i.w.i);
    *out = nst_list_set(process, c.w.o, (size_t)i.w.i, v);
    return NST_DYN_OK;
}

static bool string_fits(NstProcess *process, uint64_t bytes) {
    return bytes < UINT32_MAX && nst_heap_can(process, (size_t)bytes + sizeof(NstString) + 1);
}

NstDyn nst_dyn_join(NstProcess *process, const NstValue *parts, size_t count, NstValue *out) {
    uint64_t bytes = 0, length = 0;
    bool ascii = true;
    for (size_t i = 0; i < count; i++) {
        if (!nst_is_kind(parts[i], NST_KIND_STRING)) return raised(nst_raise_type(process, "String", parts[i]));
        const NstString *s = (const NstString *)parts[i].w.o;
        bytes += s->head.count;
        length += s->length;
        ascii = ascii && (s->head.aux & NST_STR_ASCII);
    }
    if (!string_fits(process, bytes)) return raised(nst_raise_pair(process, "OutOfMemory", "string too long"));
    NstString *result = nst_heap_string(process, (size_t)bytes);
    char *at = result->bytes;
    for (size_t i = 0; i < count; i++) {
        const NstString *s = (const NstString *)parts[i].w.o;
        memcpy(at, s->bytes, s->head.count);
        at += s->head.count;
    }
    *at = 0;
    result->length = (uint32_t)length;
    result->hash = 0;
    result->head.aux = ascii ? NST_STR_ASCII : 0;
    *out = nst_object(result);
    return NST_DYN_OK;
}

NstDyn nst_dyn_concat(NstProcess *process, NstValue a, NstValue b, NstValue *out) {
    if (nst_is_kind(a, NST_KIND_LIST) && nst_is_kind(b, NST_KIND_LIST)) {
        // Joining shares structure, so that doubling a list reaches any length without needing its memory.
        if (nst_list_length(a.w.o) + nst_list_length(b.w.o) > UINT32_MAX) {
            return raised(nst_raise_pair(process, "OutOfMemory", "list too long"));
        }
        *out = nst_list_concat(process, a.w.o, b.w.o);
        return NST_DYN_OK;
    }
    if (nst_is_kind(a, NST_KIND_STRING) || nst_is_kind(b, NST_KIND_STRING)) {
        NstValue parts[2] = { a, b };
        return nst_dyn_join(process, parts, 2, out);
    }
    if (nst_is_kind(a, NST_KIND_LIST)) return raised(nst_raise_type(process, "List", b));
    return raised(nst_raise_type(process, nst_is_kind(b, NST_KIND_LIST) ? "List" : "String or List", a));
}

NstDyn nst_dyn_length(NstProcess *process, NstValue v, NstValue *out) {
    if (v.tag == NST_TAG_OBJECT) {
        switch (v.w.o->kind) {
        case NST_KIND_LIST: *out = nst_int((int64_t)nst_list_length(v.w.o)); return NST_DYN_OK;
        case NST_KIND_STRING: *out = nst_int(((const NstString *)v.w.o)->length); return NST_DYN_OK;
        case NST_KIND_TUPLE: *out = nst_int(v.w.o->count); return NST_DYN_OK;
        default: break;
        }
        if (is_array(v)) {
            *out = nst_int((int64_t)((const NstArray *)v.w.o)->length);
            return NST_DYN_OK;
        }
    }
    return raised(nst_raise_type(process, "List, String, Tuple, or Array", v));
}

NstDyn nst_dyn_range(NstProcess *process, NstValue low, NstValue high, NstValue *out) {
    if (low.tag != NST_TAG_INT) return raised(nst_raise_type(process, "Int", low));
    if (high.tag != NST_TAG_INT) return raised(nst_raise_type(process, "Int", high));
    if (low.w.i > high.w.i) {
        *out = nst_list_empty();
        return NST_DYN_OK;
    }
    uint64_t count = high.w.u - low.w.u; // one less than the length: no overflow
    if (count >= UINT64_MAX / 16 || !nst_heap_can(process, (size_t)(count + 1) * 9)) {
        return raised(nst_raise_pair(process, "OutOfMemory", "list too long"));
    }
    NstObject *builder = nst_list_builder(process, (size_t)count + 1);
    for (uint64_t i = 0; i <= count; i++) nst_list_builder_add(process, builder, nst_int((int64_t)(low.w.u + i)));
    nst_prim_charge(process, count / 8);
    *out = nst_list_builder_finish(process, builder);
    return NST_DYN_OK;
}
