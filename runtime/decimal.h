// Arithmetic on Decimal values: a sign, a coefficient below 2^96 and a scale 0..28 (stdlib-core.md 4.1).
//
// Work is done on plain structs (NstDec); values of kind DECIMAL are made from them at the end. A result whose
// coefficient is too large loses digits of its fraction, rounded half to even; without a fraction left it is a Panic.
#ifndef NST_DECIMAL_H
#define NST_DECIMAL_H

#include "runtime/prim.h"
#include "runtime/text_buffer.h"
#include "runtime/value.h"

typedef unsigned __int128 NstU128;

typedef struct NstDec {
    NstU128 coefficient; // < 2^96
    int scale;           // 0..28
    bool negative;       // never for 0
} NstDec;

NstDec nst_decimal_read(NstValue v);
NstValue nst_decimal_make(NstProcess *process, NstDec d);
NstValue nst_decimal_from_text(NstProcess *process, const char *text, size_t size); // of valid digits
// A constant of the program: never collected.
NstValue nst_decimal_immortal(const char *text, size_t size);

// digits [. digits] with optional sign. False if malformed or too large; digits beyond the 28th of the fraction round.
bool nst_decimal_parse(const char *text, size_t size, NstDec *out);
NstDec nst_decimal_from_int(int64_t value);
NstDec nst_decimal_from_uint(uint64_t value);
double nst_decimal_to_double(NstDec d);
// Truncated toward zero; false if the magnitude does not fit.
bool nst_decimal_to_magnitude(NstDec d, uint64_t *out);

NstPrimStatus nst_decimal_add(NstProcess *process, NstValue a, NstValue b, NstValue *out);
NstPrimStatus nst_decimal_sub(NstProcess *process, NstValue a, NstValue b, NstValue *out);
NstPrimStatus nst_decimal_mul(NstProcess *process, NstValue a, NstValue b, NstValue *out);
NstPrimStatus nst_decimal_div(NstProcess *process, NstValue a, NstValue b, NstValue *out);
NstPrimStatus nst_decimal_mod(NstProcess *process, NstValue a, NstValue b, NstValue *out);
NstPrimStatus nst_decimal_pow(NstProcess *process, NstValue a, NstValue b, NstValue *out); // integral exponents
NstValue nst_decimal_neg(NstProcess *process, NstValue a);

int nst_decimal_compare(NstValue a, NstValue b); // by value: 1.0 equals 1.00
NstDec nst_decimal_normal(NstDec d);             // without trailing zeros of the fraction; for hashing
void nst_text_append_decimal(NstTextBuffer *buffer, NstValue a);

#endif
