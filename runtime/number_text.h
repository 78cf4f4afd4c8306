// Numbers as text and back: the forms of printing.md 2 and the parsers of stdlib-core.md 6.5.
#ifndef NST_NUMBER_TEXT_H
#define NST_NUMBER_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/text_buffer.h"

// Shortest digits that read back to the same value, positional; whole numbers with all their digits and ".0"; inf, -inf, NaN.
void nst_text_append_double(NstTextBuffer *buffer, double value);
void nst_text_append_float(NstTextBuffer *buffer, float value);
void nst_text_append_int(NstTextBuffer *buffer, int64_t value);
void nst_text_append_uint(NstTextBuffer *buffer, uint64_t value);

// The whole text is [+-]digits and fits. The caller has trimmed it.
bool nst_parse_int(const char *text, size_t size, int64_t *out);
// The whole text is a float as stdlib-core.md 6.5 describes it (no hexadecimal, no blanks).
bool nst_parse_double(const char *text, size_t size, double *out);

// Truncates toward zero and saturates at [min, max]; NaN gives 0.
int64_t nst_double_to_int(double value, int64_t min, int64_t max);
uint64_t nst_double_to_uint(double value, uint64_t max);

#endif
