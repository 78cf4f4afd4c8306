// Base64 and percent encoding (stdlib-system.md 10).
#ifndef NST_ENCODING_H
#define NST_ENCODING_H

#include "runtime/text_buffer.h"

void nst_base64_encode(NstTextBuffer *out, const void *data, size_t size);
// Null, or what is wrong.
const char *nst_base64_decode(NstTextBuffer *out, const char *text, size_t size);

// Everything but ASCII letters and digits becomes %XX.
void nst_percent_encode(NstTextBuffer *out, const char *text, size_t size);
// Malformed escapes stay. `plus`: '+' is a space.
void nst_percent_decode(NstTextBuffer *out, const char *text, size_t size, bool plus);

void nst_hex_encode(NstTextBuffer *out, const void *data, size_t size); // lower case

#endif
