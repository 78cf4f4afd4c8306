#include "runtime/bigint.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/heap.h"

_Static_assert(GMP_LIMB_BITS == 64, "limbs are the words of NstBigInt");

static NstBigInt *bigint(NstValue v) { return (NstBigInt *)(void *)v.w.o; }

static size_t bigint_bytes(size_t limbs) { return sizeof(NstBigInt) + 8 * limbs; }

static void fill(NstBigInt *b, uint8_t flags, const mpz_t value) {
    size_t limbs = mpz_size(value);
    b->head = (NstObject){ .kind = NST_KIND_BIGINT, .flags = flags, .aux = mpz_sgn(value) < 0, .count = (uint32_t)limbs };
    if (limbs > 0) memcpy(b->limbs, mpz_limbs_read(value), 8 * limbs);
}

void nst_bigint_view(mpz_t out, NstValue a) {
    const NstBigInt *b = bigint(a);
    mp_size_t limbs = (mp_size_t)b->head.count;
    mpz_roinit_n(out, (const mp_limb_t *)b->limbs, b->head.aux ? -limbs : limbs);
}

NstValue nst_bigint_from_mpz(NstProcess *process, const mpz_t value) {
    NstBigInt *b = nst_heap_alloc(process, bigint_bytes(mpz_size(value)));
    fill(b, 0, value);
    return nst_object(b);
}

static NstValue from_magnitude(NstProcess *process, uint64_t magnitude, bool negative) {
    size_t limbs = magnitude != 0;
    NstBigInt *b = nst_heap_alloc(process, bigint_bytes(limbs));
    b->head = (NstObject){ .kind = NST_KIND_BIGINT, .aux = negative, .count = (uint32_t)limbs };
    if (limbs) b->limbs[0] = magnitude;
    return nst_object(b);
}

NstValue nst_bigint_from_int(NstProcess *process, int64_t value) {
    return from_magnitude(process, value < 0 ? 0 - (uint64_t)value : (uint64_t)value, value < 0);
}

NstValue nst_bigint_from_uint(NstProcess *process, uint64_t value) { return from_magnitude(process, value, false); }

NstValue nst_bigint_from_double(NstProcess *process, double value) {
    mpz_t z;
    mpz_init_set_d(z, value);
    NstValue out = nst_bigint_from_mpz(process, z);
    mpz_clear(z);
    return out;
}

// Reads the digits into an initialised mpz.
static bool parse(mpz_t z, const char *text, size_t size) {
    size_t sign = size > 0 && (text[0] == '-' || text[0] == '+');
    if (size == sign) return false;
    for (size_t i = sign; i < size; i++) {
        if (text[i] < '0' || text[i] > '9') return false;
    }
    char *copy = malloc(size + 1);
    if (!copy) return false;
    memcpy(copy, text + sign, size - sign); // GMP reads no '+'
    copy[size - sign] = 0;
    mpz_set_str(z, copy, 10);
    free(copy);
    if (text[0] == '-') mpz_neg(z, z);
    return true;
}

bool nst_bigint_parse(NstProcess *process, const char *text, size_t size, NstValue *out) {
    mpz_t z;
    mpz_init(z);
    bool ok = parse(z, text, size);
    if (ok) *out = nst_bigint_from_mpz(process, z);
    mpz_clear(z);
    return ok;
}

NstValue nst_bigint_from_text(NstProcess *process, const char *text, size_t size) {
    NstValue out;
    return nst_bigint_parse(process, text, size, &out) ? out : nst_bigint_from_int(process, 0);
}

NstValue nst_bigint_immortal(const char *text, size_t size) {
    mpz_t z;
    mpz_init(z);
    parse(z, text, size);
    NstBigInt *b = malloc(bigint_bytes(mpz_size(z)));
    if (!b) abort();
    fill(b, NST_OBJ_FROZEN | NST_OBJ_IMMORTAL, z);
    mpz_clear(z);
    return nst_object(b);
}

static NstPrimStatus out_of_memory(NstProcess *process) {
    return nst_raise_pair(process, "OutOfMemory", "BigInt too large");
}

// A binary operation of GMP on two values, result on the heap.
static NstValue combine(NstProcess *process, NstValue a, NstValue b, void (*op)(mpz_ptr, mpz_srcptr, mpz_srcptr)) {
    mpz_t x, y, z;
    nst_bigint_view(x, a);
    nst_bigint_view(y, b);
    mpz_init(z);
    op(z, x, y);
    NstValue out = nst_bigint_from_mpz(process, z);
    mpz_clear(z);
    nst_prim_charge(process, mpz_size(x) / 64 + mpz_size(y) / 64);
    return out;
}

NstPrimStatus nst_bigint_add(NstProcess *process, NstValue a, NstValue b, NstValue *out) {
    *out = combine(process, a, b, mpz_add);
    return NST_PRIM_OK;
}

NstPrimStatus nst_bigint_sub(NstProcess *process, NstValue a, NstValue b, NstValue *out) {
    *out = combine(process, a, b, mpz_sub);
    return NST_PRIM_OK;
}

NstPrimStatus nst_bigint_mul(NstProcess *process, NstValue a, NstValue b, NstValue *out) {
    size_t limbs = (size_t)bigint(a)->head.count + bigint(b)->head.count;
    if (limbs >= UINT32_MAX || !nst_heap_can(process, bigint_bytes(limbs))) return out_of_memory(process);
    *out = combine(process, a, b, mpz_mul);
    return NST_PRIM_OK;
}

NstPrimStatus nst_bigint_div(NstProcess *process, NstValue a, NstValue b, NstValue *out) {
    if (bigint(b)->head.count == 0) return nst_raise_pair(process, "DivisionByZero", "Division by zero");
    *out = combine(process, a, b, mpz_tdiv_q);
    return NST_PRIM_OK;
}

NstPrimStatus nst_bigint_mod(NstProcess *process, NstValue a, NstValue b, NstValue *out) {
    if (bigint(b)->head.count == 0) return nst_raise_pair(process, "DivisionByZero", "Division by zero");
    *out = combine(process, a, b, mpz_tdiv_r);
    return NST_PRIM_OK;
}

NstPrimStatus nst_bigint_pow(NstProcess *process, NstValue a, NstValue b, NstValue *out) {
    if (bigint(b)->head.aux) return nst_raise_panic(process, "PowInt: negative exponent for BigInt");
    mpz_t base, power;
    nst_bigint_view(base, a);
    uint64_t exponent = 0;
    bool small_base = mpz_cmpabs_ui(base, 1) <= 0; // 0, 1, -1 take any exponent
    if (!nst_bigint_to_uint(b, &exponent)) {
        if (!small_base) return out_of_memory(process);
        exponent = 2 + (bigint(b)->limbs[0] & 1);
    }
    size_t bits = mpz_sizeinbase(base, 2);
    if (!small_base && (exponent > ((uint64_t)1 << 40) / bits || !nst_heap_can(process, bigint_bytes(bits * exponent / 64 + 1)) ||
                        bits * exponent / 64 + 1 >= UINT32_MAX)) {
        return out_of_memory(process);
    }
    mpz_init(power);
    mpz_pow_ui(power, base, exponent);
    *out = nst_bigint_from_mpz(process, power);
    nst_prim_charge(process, mpz_size(power) / 16);
    mpz_clear(power);
    return NST_PRIM_OK;
}

NstValue nst_bigint_neg(NstProcess *process, NstValue a) {
    size_t bytes = bigint_bytes(bigint(a)->head.count);
    NstBigInt *b = nst_heap_alloc(process, bytes);
    memcpy(b, bigint(a), bytes);
    b->head.flags = 0;
    b->head.aux = b->head.count > 0 && !b->head.aux;
    return nst_object(b);
}

int nst_bigint_compare(NstValue a, NstValue b) {
    mpz_t x, y;
    nst_bigint_view(x, a);
    nst_bigint_view(y, b);
    return mpz_cmp(x, y);
}

bool nst_bigint_to_uint(NstValue a, uint64_t *out) {
    const NstBigInt *b = bigint(a);
    if (b->head.aux || b->head.count > 1) return false;
    *out = b->head.count ? b->limbs[0] : 0;
    return true;
}

bool nst_bigint_to_int(NstValue a, int64_t *out) {
    const NstBigInt *b = bigint(a);
    if (b->head.count > 1) return false;
    uint64_t magnitude = b->head.count ? b->limbs[0] : 0;
    if (magnitude > (uint64_t)INT64_MAX + (b->head.aux ? 1 : 0)) return false;
    *out = b->head.aux ? (int64_t)(0 - magnitude) : (int64_t)magnitude;
    return true;
}

double nst_bigint_to_double(NstValue a) {
    mpz_t z;
    nst_bigint_view(z, a);
    size_t bits = mpz_sizeinbase(z, 2);
    if (bits <= 53) return mpz_get_d(z);
    if (bits > 1100) return mpz_sgn(z) < 0 ? -INFINITY : INFINITY;
    // mpz_get_d truncates. Keep 64 bits, the last one sticky for what is cut off, so that the one conversion to
    // double rounds to nearest.
    mpz_t top;
    mpz_init(top);
    size_t shift = bits > 64 ? bits - 64 : 0;
    mpz_tdiv_q_2exp(top, z, shift);
    uint64_t word = mpz_getlimbn(top, 0);
    if (shift > 0 && mpz_scan1(z, 0) < shift) word |= 1;
    mpz_clear(top);
    double magnitude = ldexp((double)word, (int)shift);
    return mpz_sgn(z) < 0 ? -magnitude : magnitude;
}

void nst_text_append_bigint(NstTextBuffer *buffer, NstValue a) {
    mpz_t z;
    nst_bigint_view(z, a);
    size_t most = mpz_sizeinbase(z, 10) + 2; // sign and NUL
    if (!nst_text_reserve(buffer, most)) return;
    mpz_get_str(buffer->data + buffer->size, 10, z);
    buffer->size += strlen(buffer->data + buffer->size);
}
