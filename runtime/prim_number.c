// Primitives of conversions and mathematical functions: stdlib-core.md 4.2, 4.3. The argument's own tag decides.
#include <math.h>

#include "runtime/bigint.h"
#include "runtime/decimal.h"
#include "runtime/heap.h"
#include "runtime/number_text.h"
#include "runtime/process.h"
#include "runtime/unicode.h"

typedef struct IntType {
    NstTag tag;
    const char *name;
    unsigned bits;
    bool is_signed;
} IntType;

static int64_t int_max(IntType t) { return (int64_t)(UINT64_MAX >> (64 - t.bits + (t.is_signed ? 1 : 0))); }
static int64_t int_min(IntType t) { return t.is_signed ? -int_max(t) - 1 : 0; }
static uint64_t uint_max(IntType t) { return UINT64_MAX >> (64 - t.bits); }

static bool is_signed_tag(uint64_t tag) { return tag >= NST_TAG_INT && tag <= NST_TAG_INT32; }
static bool is_unsigned_tag(uint64_t tag) { return tag >= NST_TAG_UINT8 && tag <= NST_TAG_UINT64; }

// The low bits, extended as the type demands.
static NstValue wrap(IntType t, uint64_t bits) {
    unsigned shift = 64 - t.bits;
    NstValue v = { .tag = t.tag };
    if (t.is_signed) v.w.i = (int64_t)(bits << shift) >> shift;
    else v.w.u = bits << shift >> shift;
    return v;
}

static NstValue from_double(IntType t, double value) {
    NstValue v = { .tag = t.tag };
    if (t.is_signed) v.w.i = nst_double_to_int(value, int_min(t), int_max(t));
    else v.w.u = nst_double_to_uint(value, uint_max(t));
    return v;
}

static NstValue from_decimal(IntType t, NstDec d) {
    uint64_t magnitude;
    bool fits = nst_decimal_to_magnitude(d, &magnitude);
    NstValue v = { .tag = t.tag };
    if (!t.is_signed) {
        v.w.u = d.negative ? 0 : fits && magnitude <= uint_max(t) ? magnitude : uint_max(t);
    } else if (d.negative) {
        v.w.i = fits && magnitude <= (uint64_t)int_max(t) ? -(int64_t)magnitude : int_min(t);
    } else {
        v.w.i = fits && magnitude <= (uint64_t)int_max(t) ? (int64_t)magnitude : int_max(t);
    }
    return v;
}

static NstPrimStatus from_bigint(NstProcess *process, IntType t, NstValue value, NstValue *out) {
    int64_t i;
    uint64_t u;
    if (t.is_signed && nst_bigint_to_int(value, &i) && i >= int_min(t) && i <= int_max(t)) {
        *out = (NstValue){ .w.i = i, .tag = t.tag };
        return NST_PRIM_OK;
    }
    if (!t.is_signed && nst_bigint_to_uint(value, &u) && u <= uint_max(t)) {
        *out = (NstValue){ .w.u = u, .tag = t.tag };
        return NST_PRIM_OK;
    }
    return nst_raise_panic(process, "BigInt too large for %s", t.name);
}

static NstPrimStatus to_integer(NstProcess *process, NstValue *args, IntType t) {
    NstValue v = args[0];
    if (is_signed_tag(v.tag) || is_unsigned_tag(v.tag)) args[0] = wrap(t, v.w.u);
    else if (v.tag == NST_TAG_CHAR) args[0] = wrap(t, v.w.u);
    else if (v.tag == NST_TAG_FLOAT) args[0] = from_double(t, v.w.f);
    else if (v.tag == NST_TAG_FLOAT32) args[0] = from_double(t, (double)v.w.f32);
    else if (nst_is_kind(v, NST_KIND_DECIMAL)) args[0] = from_decimal(t, nst_decimal_read(v));
    else if (nst_is_kind(v, NST_KIND_BIGINT)) return from_bigint(process, t, v, &args[0]);
    else return nst_raise_type(process, "number", v);
    return NST_PRIM_OK;
}

NST_PRIMITIVE(to_int) { return to_integer(process, args, (IntType){ NST_TAG_INT, "Int64", 64, true }); }
NST_PRIMITIVE(to_int8) { return to_integer(process, args, (IntType){ NST_TAG_INT8, "Int8", 8, true }); }
NST_PRIMITIVE(to_int16) { return to_integer(process, args, (IntType){ NST_TAG_INT16, "Int16", 16, true }); }
NST_PRIMITIVE(to_int32) { return to_integer(process, args, (IntType){ NST_TAG_INT32, "Int32", 32, true }); }
NST_PRIMITIVE(to_uint8) { return to_integer(process, args, (IntType){ NST_TAG_UINT8, "UInt8", 8, false }); }
NST_PRIMITIVE(to_uint16) { return to_integer(process, args, (IntType){ NST_TAG_UINT16, "UInt16", 16, false }); }
NST_PRIMITIVE(to_uint32) { return to_integer(process, args, (IntType){ NST_TAG_UINT32, "UInt32", 32, false }); }
NST_PRIMITIVE(to_uint64) { return to_integer(process, args, (IntType){ NST_TAG_UINT64, "UInt64", 64, false }); }

NST_PRIMITIVE(to_float) {
    NstValue v = args[0];
    if (is_signed_tag(v.tag)) args[0] = nst_float((double)v.w.i);
    else if (is_unsigned_tag(v.tag)) args[0] = nst_float((double)v.w.u);
    else if (v.tag == NST_TAG_FLOAT32) args[0] = nst_float((double)v.w.f32);
    else if (nst_is_kind(v, NST_KIND_DECIMAL)) args[0] = nst_float(nst_decimal_to_double(nst_decimal_read(v)));
    else if (nst_is_kind(v, NST_KIND_BIGINT)) args[0] = nst_float(nst_bigint_to_double(v));
    else if (v.tag != NST_TAG_FLOAT) return nst_raise_type(process, "number", v);
    return NST_PRIM_OK;
}

// A BigInt or Decimal by way of double is rounded twice, which is within the nearest two values; integers are not.
NST_PRIMITIVE(to_float32) {
    NstValue v = args[0];
    float f;
    if (v.tag == NST_TAG_FLOAT32) f = v.w.f32;
    else if (is_signed_tag(v.tag)) f = (float)v.w.i;
    else if (is_unsigned_tag(v.tag)) f = (float)v.w.u;
    else if (v.tag == NST_TAG_FLOAT) f = (float)v.w.f;
    else if (nst_is_kind(v, NST_KIND_DECIMAL)) f = (float)nst_decimal_to_double(nst_decimal_read(v));
    else if (nst_is_kind(v, NST_KIND_BIGINT)) f = (float)nst_bigint_to_double(v);
    else return nst_raise_type(process, "number", v);
    args[0] = (NstValue){ .w.f32 = f, .tag = NST_TAG_FLOAT32 };
    return NST_PRIM_OK;
}

NST_PRIMITIVE(to_bigint) {
    NstValue v = args[0];
    if (is_signed_tag(v.tag)) args[0] = nst_bigint_from_int(process, v.w.i);
    else if (is_unsigned_tag(v.tag)) args[0] = nst_bigint_from_uint(process, v.w.u);
    else if (!nst_is_kind(v, NST_KIND_BIGINT)) return nst_raise_type(process, "integer", v);
    return NST_PRIM_OK;
}

NST_PRIMITIVE(to_char) {
    NstValue v = args[0];
    uint64_t code = v.w.u;
    if (nst_is_kind(v, NST_KIND_BIGINT)) {
        if (!nst_bigint_to_uint(v, &code)) code = UINT64_MAX;
    } else if (!is_signed_tag(v.tag) && !is_unsigned_tag(v.tag)) {
        return nst_raise_type(process, "integer", v);
    }
    if (!nst_char_is_scalar(code)) { // negative numbers are large here
        NstTextBuffer text = NST_TEXT_BUFFER_INIT;
        if (v.tag == NST_TAG_OBJECT) nst_text_append_bigint(&text, v);
        else if (is_signed_tag(v.tag)) nst_text_append_int(&text, v.w.i);
        else nst_text_append_uint(&text, v.w.u);
        NstPrimStatus status = nst_raise_panic(process, "toChar: %.*s is not a valid Unicode code point", (int)text.size,
                                               text.data ? text.data : "");
        nst_text_free(&text);
        return status;
    }
    args[0] = nst_char((uint32_t)code);
    return NST_PRIM_OK;
}

NST_PRIMITIVE(num_abs) {
    NstValue v = args[0];
    if (is_signed_tag(v.tag)) {
        // Negation of the minimum wraps to itself, also in the narrower widths.
        static const unsigned bits[] = { 64, 8, 16, 32 };
        IntType t = { .tag = (NstTag)v.tag, .bits = bits[v.tag - NST_TAG_INT], .is_signed = true };
        if (v.w.i < 0) args[0] = wrap(t, 0 - v.w.u);
    } else if (v.tag == NST_TAG_FLOAT) {
        args[0] = nst_float(fabs(v.w.f));
    } else if (v.tag == NST_TAG_FLOAT32) {
        args[0].w.f32 = fabsf(v.w.f32);
    } else if (nst_is_kind(v, NST_KIND_BIGINT)) {
        if (((const NstBigInt *)(void *)v.w.o)->head.aux) args[0] = nst_bigint_neg(process, v);
    } else if (nst_is_kind(v, NST_KIND_DECIMAL)) {
        if (nst_decimal_read(v).negative) args[0] = nst_decimal_neg(process, v);
    } else if (!is_unsigned_tag(v.tag)) {
        return nst_raise_type(process, "number", v);
    }
    return NST_PRIM_OK;
}

NST_PRIMITIVE(num_is_nan) {
    NstValue v = args[0];
    args[0] = nst_bool((v.tag == NST_TAG_FLOAT && isnan(v.w.f)) || (v.tag == NST_TAG_FLOAT32 && isnan(v.w.f32)));
    return NST_PRIM_OK;
}

static NstPrimStatus float_function(NstProcess *process, NstValue *args, double (*wide)(double), float (*narrow)(float)) {
    if (args[0].tag == NST_TAG_FLOAT32) args[0].w.f32 = narrow(args[0].w.f32);
    else if (args[0].tag == NST_TAG_FLOAT) args[0].w.f = wide(args[0].w.f);
    else return nst_raise_type(process, "Float", args[0]);
    return NST_PRIM_OK;
}

NST_PRIMITIVE(float_sqrt) { return float_function(process, args, sqrt, sqrtf); }
NST_PRIMITIVE(float_sin) { return float_function(process, args, sin, sinf); }
NST_PRIMITIVE(float_cos) { return float_function(process, args, cos, cosf); }
NST_PRIMITIVE(float_tan) { return float_function(process, args, tan, tanf); }
NST_PRIMITIVE(float_log) { return float_function(process, args, log, logf); }
NST_PRIMITIVE(float_log10) { return float_function(process, args, log10, log10f); }

static NstPrimStatus rounding(NstProcess *process, NstValue *args, double (*round_by)(double)) {
    double value;
    if (args[0].tag == NST_TAG_FLOAT32) value = (double)args[0].w.f32;
    else if (args[0].tag == NST_TAG_FLOAT) value = args[0].w.f;
    else return nst_raise_type(process, "Float", args[0]);
    args[0] = nst_int(nst_double_to_int(round_by(value), INT64_MIN, INT64_MAX));
    return NST_PRIM_OK;
}

NST_PRIMITIVE(float_floor) { return rounding(process, args, floor); }
NST_PRIMITIVE(float_ceil) { return rounding(process, args, ceil); }
NST_PRIMITIVE(float_round) { return rounding(process, args, round); }
