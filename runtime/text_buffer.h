// A growing byte buffer in plain memory, for building texts inside one primitive.
//
// Owner: whoever initialised it; nst_text_free releases it. Not shared between threads. Running out of memory is
// recorded in `failed` (further appends are ignored), so that a primitive can raise instead of dying.
#ifndef NST_TEXT_BUFFER_H
#define NST_TEXT_BUFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef struct NstTextBuffer {
    char *data;
    size_t size, capacity;
    bool failed;
} NstTextBuffer;

#define NST_TEXT_BUFFER_INIT { 0, 0, 0, false }

// Makes room for `extra` more bytes; false if there is no memory.
bool nst_text_reserve(NstTextBuffer *buffer, size_t extra);
void nst_text_free(NstTextBuffer *buffer);
void nst_text_append(NstTextBuffer *buffer, const char *text, size_t size);
void nst_text_append_z(NstTextBuffer *buffer, const char *text);
void nst_text_append_code_point(NstTextBuffer *buffer, uint32_t code); // UTF-8
void nst_text_printf(NstTextBuffer *buffer, const char *format, ...) __attribute__((format(printf, 2, 3)));

static inline void nst_text_append_byte(NstTextBuffer *buffer, char byte) {
    if (buffer->size == buffer->capacity && !nst_text_reserve(buffer, 1)) return;
    buffer->data[buffer->size++] = byte;
}

#endif
