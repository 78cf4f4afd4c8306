// Arithmetic on BigInt values, by GMP.
//
// Operands are values of kind BIGINT. Functions that return NstPrimStatus write *out, or raise DivisionByZero, the
// Panic of a bad exponent or OutOfMemory. Sizes are checked before GMP allocates, because GMP cannot fail.
#ifndef NST_BIGINT_H
#define NST_BIGINT_H

#include <gmp.h>

#include "runtime/prim.h"
#include "runtime/text_buffer.h"
#include "runtime/value.h"

NstValue nst_bigint_from_int(NstProcess *process, int64_t value);
NstValue nst_bigint_from_uint(NstProcess *process, uint64_t value);
// Truncated toward zero; `value` is finite.
NstValue nst_bigint_from_double(NstProcess *process, double value);
// [+-]digits, at least one digit; false if the text is anything else.
bool nst_bigint_parse(NstProcess *process, const char *text, size_t size, NstValue *out);
NstValue nst_bigint_from_text(NstProcess *process, const char *text, size_t size); // of valid digits
// A constant of the program: never collected. The text is valid.
NstValue nst_bigint_immortal(const char *text, size_t size);

NstPrimStatus nst_bigint_add(NstProcess *process, NstValue a, NstValue b, NstValue *out);
NstPrimStatus nst_bigint_sub(NstProcess *process, NstValue a, NstValue b, NstValue *out);
NstPrimStatus nst_bigint_mul(NstProcess *process, NstValue a, NstValue b, NstValue *out);
NstPrimStatus nst_bigint_div(NstProcess *process, NstValue a, NstValue b, NstValue *out); // truncates
NstPrimStatus nst_bigint_mod(NstProcess *process, NstValue a, NstValue b, NstValue *out); // sign of a
NstPrimStatus nst_bigint_pow(NstProcess *process, NstValue a, NstValue b, NstValue *out);
NstValue nst_bigint_neg(NstProcess *process, NstValue a);

int nst_bigint_compare(NstValue a, NstValue b); // < 0, 0, > 0
bool nst_bigint_to_int(NstValue a, int64_t *out);
bool nst_bigint_to_uint(NstValue a, uint64_t *out);
double nst_bigint_to_double(NstValue a); // nearest
void nst_text_append_bigint(NstTextBuffer *buffer, NstValue a);

// Read-only view of the value as an mpz; valid while the object does not move.
void nst_bigint_view(mpz_t out, NstValue a);
NstValue nst_bigint_from_mpz(NstProcess *process, const mpz_t value);

#endif
