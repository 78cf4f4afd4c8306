#include "runtime/decimal.h"

#include <gmp.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/heap.h"

enum { MAX_SCALE = 28, MAX_DIGITS = 28, COEFFICIENT_BITS = 96 };

NstDec nst_decimal_read(NstValue v) {
    const NstDecimal *d = (const NstDecimal *)(void *)v.w.o;
    return (NstDec){ .coefficient = (NstU128)d->high << 64 | d->low, .scale = d->head.aux, .negative = d->head.count != 0 };
}

static void fill(NstDecimal *out, NstDec d, uint8_t flags) {
    out->head = (NstObject){ .kind = NST_KIND_DECIMAL, .flags = flags, .aux = (uint16_t)d.scale,
                             .count = d.negative && d.coefficient != 0 };
    out->low = (uint64_t)d.coefficient;
    out->high = (uint32_t)(d.coefficient >> 64);
    out->pad = 0;
}

NstValue nst_decimal_make(NstProcess *process, NstDec d) {
    NstDecimal *out = nst_heap_alloc(process, sizeof *out);
    fill(out, d, 0);
    return nst_object(out);
}

NstValue nst_decimal_from_text(NstProcess *process, const char *text, size_t size) {
    NstDec d = { 0 };
    nst_decimal_parse(text, size, &d);
    return nst_decimal_make(process, d);
}

NstValue nst_decimal_immortal(const char *text, size_t size) {
    NstDec d = { 0 };
    nst_decimal_parse(text, size, &d);
    NstDecimal *out = malloc(sizeof *out);
    if (!out) abort();
    fill(out, d, NST_OBJ_FROZEN | NST_OBJ_IMMORTAL);
    return nst_object(out);
}

static void to_mpz(mpz_t out, NstU128 value) {
    uint64_t words[2] = { (uint64_t)value, (uint64_t)(value >> 64) };
    mpz_import(out, 2, -1, 8, 0, 0, words);
}

static NstU128 from_mpz(const mpz_t value) {
    uint64_t words[2] = { 0, 0 };
    mpz_export(words, 0, -1, 8, 0, 0, value);
    return (NstU128)words[1] << 64 | words[0];
}

// value := value / 10^digits, rounded half to even; `sticky` says that something was cut off before.
static void round_off(mpz_t value, unsigned digits, bool sticky) {
    mpz_t power, remainder;
    mpz_inits(power, remainder, (mpz_ptr)0);
    mpz_ui_pow_ui(power, 10, digits);
    mpz_tdiv_qr(value, remainder, value, power);
    mpz_mul_2exp(remainder, remainder, 1);
    int half = mpz_cmp(remainder, power);
    if (half > 0 || (half == 0 && (sticky || mpz_odd_p(value)))) mpz_add_ui(value, value, 1);
    mpz_clears(power, remainder, (mpz_ptr)0);
}

static size_t decimal_digits(const mpz_t value) {
    size_t most = mpz_sizeinbase(value, 10);
    mpz_t power;
    mpz_init(power);
    mpz_ui_pow_ui(power, 10, most - 1);
    size_t digits = mpz_cmp(value, power) < 0 ? most - 1 : most; // sizeinbase may be one too large
    mpz_clear(power);
    return digits > 0 ? digits : 1;
}

// Brings a magnitude (>= 0) of any size into the range by rounding its fraction; false if that cannot be done.
// One rounding from the exact value: the number of digits to drop is determined first.
static bool settle(mpz_t magnitude, int scale, bool negative, bool sticky, NstDec *out) {
    int drop = scale > MAX_SCALE ? scale - MAX_SCALE : 0;
    mpz_t rounded;
    mpz_init(rounded);
    bool fits = false;
    for (; drop <= scale; drop++) {
        mpz_set(rounded, magnitude);
        if (drop > 0) round_off(rounded, (unsigned)drop, sticky);
        if (mpz_sizeinbase(rounded, 2) <= COEFFICIENT_BITS) {
            fits = true;
            break;
        }
    }
    if (fits) {
        NstU128 coefficient = from_mpz(rounded);
        *out = (NstDec){ .coefficient = coefficient, .scale = scale - drop, .negative = negative && coefficient != 0 };
    }
    mpz_clear(rounded);
    return fits;
}

static NstPrimStatus overflow(NstProcess *process) { return nst_raise_panic(process, "Decimal overflow"); }

// Both magnitudes with signs at the larger scale.
static int align(mpz_t x, mpz_t y, NstDec a, NstDec b) {
    to_mpz(x, a.coefficient);
    to_mpz(y, b.coefficient);
    if (a.negative) mpz_neg(x, x);
    if (b.negative) mpz_neg(y, y);
    int scale = a.scale > b.scale ? a.scale : b.scale;
    mpz_t power;
    mpz_init(power);
    mpz_ui_pow_ui(power, 10, (unsigned)(scale - a.scale));
    mpz_mul(x, x, power);
    mpz_ui_pow_ui(power, 10, (unsigned)(scale - b.scale));
    mpz_mul(y, y, power);
    mpz_clear(power);
    return scale;
}

static NstPrimStatus finish(NstProcess *process, mpz_t signed_value, int scale, NstValue *out) {
    bool negative = mpz_sgn(signed_value) < 0;
    mpz_abs(signed_value, signed_value);
    NstDec d;
    if (!settle(signed_value, scale, negative, false, &d)) return overflow(process);
    *out = nst_decimal_make(process, d);
    return NST_PRIM_OK;
}

typedef void (*MpzOp)(mpz_ptr, mpz_srcptr, mpz_srcptr);

static NstPrimStatus aligned(NstProcess *process, NstValue a, NstValue b, MpzOp op, NstValue *out) {
    mpz_t x, y;
    mpz_inits(x, y, (mpz_ptr)0);
    int scale = align(x, y, nst_decimal_read(a), nst_decimal_read(b));
    op(x, x, y);
    NstPrimStatus status = finish(process, x, scale, out);
    mpz_clears(x, y, (mpz_ptr)0);
    return status;
}

NstPrimStatus nst_decimal_add(NstProcess *process, NstValue a, NstValue b, NstValue *out) {
    return aligned(process, a, b, mpz_add, out);
}

NstPrimStatus nst_decimal_sub(NstProcess *process, NstValue a, NstValue b, NstValue *out) {
    return aligned(process, a, b, mpz_sub, out);
}

NstPrimStatus nst_decimal_mod(NstProcess *process, NstValue a, NstValue b, NstValue *out) {
    if (nst_decimal_read(b).coefficient == 0) return nst_raise_pair(process, "DivisionByZero", "Division by zero");
    return aligned(process, a, b, mpz_tdiv_r, out);
}

static bool multiply(NstDec a, NstDec b, NstDec *out) {
    mpz_t x, y;
    mpz_inits(x, y, (mpz_ptr)0);
    to_mpz(x, a.coefficient);
    to_mpz(y, b.coefficient);
    mpz_mul(x, x, y);
    bool fits = settle(x, a.scale + b.scale, a.negative != b.negative, false, out);
    mpz_clears(x, y, (mpz_ptr)0);
    return fits;
}

NstPrimStatus nst_decimal_mul(NstProcess *process, NstValue a, NstValue b, NstValue *out) {
    NstDec d;
    if (!multiply(nst_decimal_read(a), nst_decimal_read(b), &d)) return overflow(process);
    *out = nst_decimal_make(process, d);
    return NST_PRIM_OK;
}

NstDec nst_decimal_normal(NstDec d) {
    while (d.scale > 0 && d.coefficient % 10 == 0) {
        d.coefficient /= 10;
        d.scale--;
    }
    return d;
}

// The quotient to MAX_DIGITS significant digits: the dividend is scaled up so far that the integer quotient has at
// least two digits more than wanted, then rounded once; the remainder decides ties.
static bool divide(NstDec a, NstDec b, NstDec *out) {
    mpz_t x, y, power, remainder;
    mpz_inits(x, y, power, remainder, (mpz_ptr)0);
    to_mpz(x, a.coefficient);
    to_mpz(y, b.coefficient);
    int shift = 2 * MAX_DIGITS + 4;
    mpz_ui_pow_ui(power, 10, (unsigned)shift);
    mpz_mul(x, x, power);
    mpz_tdiv_qr(x, remainder, x, y);
    bool sticky = mpz_sgn(remainder) != 0;
    int scale = a.scale + shift - b.scale;
    int digits = (int)decimal_digits(x);
    int drop = digits - MAX_DIGITS;
    if (scale - drop > MAX_SCALE) drop = scale - MAX_SCALE;
    if (drop > scale) drop = scale; // an integral quotient of more digits stays exact, if it fits
    if (drop > 0) {
        round_off(x, (unsigned)drop, sticky);
        scale -= drop;
    }
    bool fits = settle(x, scale, a.negative != b.negative, false, out);
    if (fits) *out = nst_decimal_normal(*out);
    mpz_clears(x, y, power, remainder, (mpz_ptr)0);
    return fits;
}

NstPrimStatus nst_decimal_div(NstProcess *process, NstValue a, NstValue b, NstValue *out) {
    NstDec divisor = nst_decimal_read(b), d;
    if (divisor.coefficient == 0) return nst_raise_pair(process, "DivisionByZero", "Division by zero");
    if (!divide(nst_decimal_read(a), divisor, &d)) return overflow(process);
    *out = nst_decimal_make(process, d);
    return NST_PRIM_OK;
}

NstPrimStatus nst_decimal_pow(NstProcess *process, NstValue a, NstValue b, NstValue *out) {
    NstDec exponent = nst_decimal_normal(nst_decimal_read(b));
    if (exponent.scale > 0) return nst_raise_panic(process, "Decimal power needs an integral exponent");
    NstDec base = nst_decimal_read(a), result = nst_decimal_from_int(1);
    if (base.coefficient == 0 && exponent.negative) {
        return nst_raise_pair(process, "DivisionByZero", "Division by zero");
    }
    for (NstU128 n = exponent.coefficient; n > 0; n >>= 1) {
        if ((n & 1) && !multiply(result, base, &result)) return overflow(process);
        if (n > 1 && !multiply(base, base, &base)) return overflow(process);
    }
    if (exponent.negative) {
        if (result.coefficient == 0 || !divide(nst_decimal_from_int(1), result, &result)) return overflow(process);
    }
    *out = nst_decimal_make(process, result);
    return NST_PRIM_OK;
}

NstValue nst_decimal_neg(NstProcess *process, NstValue a) {
    NstDec d = nst_decimal_read(a);
    d.negative = !d.negative;
    return nst_decimal_make(process, d);
}

int nst_decimal_compare(NstValue a, NstValue b) {
    mpz_t x, y;
    mpz_inits(x, y, (mpz_ptr)0);
    align(x, y, nst_decimal_read(a), nst_decimal_read(b));
    int order = mpz_cmp(x, y);
    mpz_clears(x, y, (mpz_ptr)0);
    return order;
}

NstDec nst_decimal_from_uint(uint64_t value) { return (NstDec){ .coefficient = value }; }

NstDec nst_decimal_from_int(int64_t value) {
    NstDec d = nst_decimal_from_uint(value < 0 ? 0 - (uint64_t)value : (uint64_t)value);
    d.negative = value < 0;
    return d;
}

static size_t digits_of(NstU128 value, char out[40]) {
    size_t i = 40;
    do {
        out[--i] = (char)('0' + (int)(value % 10));
        value /= 10;
    } while (value > 0);
    memmove(out, out + i, 40 - i);
    return 40 - i;
}

double nst_decimal_to_double(NstDec d) {
    char digits[40], text[64];
    size_t count = digits_of(d.coefficient, digits);
    memcpy(text, digits, count);
    text[count] = 'e';
    text[count + 1] = '-';
    text[count + 2] = (char)('0' + d.scale / 10);
    text[count + 3] = (char)('0' + d.scale % 10);
    text[count + 4] = 0;
    double magnitude = strtod(text, 0); // one correctly rounded conversion
    return d.negative ? -magnitude : magnitude;
}

bool nst_decimal_to_magnitude(NstDec d, uint64_t *out) {
    NstU128 value = d.coefficient;
    for (int i = 0; i < d.scale; i++) value /= 10;
    *out = (uint64_t)value;
    return value >> 64 == 0;
}

bool nst_decimal_parse(const char *text, size_t size, NstDec *out) {
    size_t i = size > 0 && (text[0] == '-' || text[0] == '+');
    bool negative = size > 0 && text[0] == '-', point = false, any = false;
    int scale = 0;
    mpz_t value;
    mpz_init(value);
    bool ok = true;
    for (; ok && i < size; i++) {
        if (text[i] == '.' && !point) {
            point = true;
        } else if (text[i] >= '0' && text[i] <= '9') {
            mpz_mul_ui(value, value, 10);
            mpz_add_ui(value, value, (unsigned long)(text[i] - '0'));
            scale += point;
            any = true;
        } else {
            ok = false;
        }
    }
    ok = ok && any && settle(value, scale, negative, false, out);
    mpz_clear(value);
    return ok;
}

void nst_text_append_decimal(NstTextBuffer *buffer, NstValue a) {
    NstDec d = nst_decimal_read(a);
    char digits[40];
    size_t count = digits_of(d.coefficient, digits), scale = (size_t)d.scale;
    if (d.negative) nst_text_append_byte(buffer, '-');
    if (count <= scale) {
        nst_text_append(buffer, "0.", 2);
        for (size_t i = count; i < scale; i++) nst_text_append_byte(buffer, '0');
        nst_text_append(buffer, digits, count);
        return;
    }
    nst_text_append(buffer, digits, count - scale);
    if (scale > 0) {
        nst_text_append_byte(buffer, '.');
        nst_text_append(buffer, digits + count - scale, scale);
    }
}
