#include "runtime/text_buffer.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "runtime/unicode.h"

bool nst_text_reserve(NstTextBuffer *buffer, size_t extra) {
    if (buffer->failed) return false;
    if (buffer->capacity - buffer->size >= extra) return true;
    size_t wanted = buffer->capacity + buffer->capacity / 2 + 64;
    if (wanted < buffer->size + extra) wanted = buffer->size + extra;
    char *data = realloc(buffer->data, wanted);
    if (!data) {
        buffer->failed = true;
        return false;
    }
    buffer->data = data;
    buffer->capacity = wanted;
    return true;
}

void nst_text_free(NstTextBuffer *buffer) {
    free(buffer->data);
    *buffer = (NstTextBuffer)NST_TEXT_BUFFER_INIT;
}

void nst_text_append(NstTextBuffer *buffer, const char *text, size_t size) {
    if (size == 0 || !nst_text_reserve(buffer, size)) return;
    memcpy(buffer->data + buffer->size, text, size);
    buffer->size += size;
}

void nst_text_append_z(NstTextBuffer *buffer, const char *text) { nst_text_append(buffer, text, strlen(text)); }

void nst_text_append_code_point(NstTextBuffer *buffer, uint32_t code) {
    char bytes[4];
    nst_text_append(buffer, bytes, nst_utf8_encode(code, bytes));
}

void nst_text_printf(NstTextBuffer *buffer, const char *format, ...) {
    va_list args;
    va_start(args, format);
    va_list again;
    va_copy(again, args);
    int size = vsnprintf(0, 0, format, args);
    va_end(args);
    // One byte more than the text: vsnprintf writes its NUL there.
    if (size > 0 && nst_text_reserve(buffer, (size_t)size + 1)) {
        vsnprintf(buffer->data + buffer->size, (size_t)size + 1, format, again);
        buffer->size += (size_t)size;
    }
    va_end(again);
}
