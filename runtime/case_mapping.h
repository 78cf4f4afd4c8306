// Full Unicode case mapping of texts, independent of the locale.
#ifndef NST_CASE_MAPPING_H
#define NST_CASE_MAPPING_H

#include "runtime/text_buffer.h"

void nst_text_append_upper(NstTextBuffer *buffer, const char *text, size_t size);
// With the rule of the final sigma.
void nst_text_append_lower(NstTextBuffer *buffer, const char *text, size_t size);

#endif
