// Texts that come from the operating system: bytes that are not UTF-8 become U+FFFD.
#ifndef NST_OS_TEXT_H
#define NST_OS_TEXT_H

#include "runtime/text_buffer.h"
#include "runtime/value.h"

void nst_text_append_lossy(NstTextBuffer *buffer, const char *bytes, size_t size);
NstValue nst_os_string(NstProcess *process, const char *bytes, size_t size);

#endif
