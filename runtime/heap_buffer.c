// Growing byte stores of kind BUFFER: `text` is null or a string object used as capacity (its count), `size` the
// number of bytes in use. The store doubles, so appending costs amortised the bytes appended.
#include <string.h>

#include "runtime/heap_inline.h"

NstValue nst_buffer_new(NstProcess *process) {
    NstBuffer *buffer = nst_alloc(process, sizeof *buffer);
    *buffer = (NstBuffer){ .head = { .kind = NST_KIND_BUFFER, .flags = NST_OBJ_MUTABLE } };
    return nst_object(buffer);
}

static NstBuffer *buffer_of(const NstObject *o) {
    return (NstBuffer *)(uintptr_t)o;
}

const char *nst_buffer_bytes(const NstObject *o, size_t *size) {
    const NstBuffer *buffer = buffer_of(o);
    *size = buffer->size;
    return buffer->text.o ? ((const NstString *)(const void *)buffer->text.o)->bytes : "";
}

void nst_buffer_append(NstProcess *process, NstObject *o, const char *bytes, size_t size) {
    if (size == 0) return; // there may be no store yet
    NstBuffer *buffer = buffer_of(o);
    size_t capacity = buffer->text.o ? buffer->text.o->count : 0;
    if (buffer->size + size > capacity) {
        size_t grown = capacity < 16 ? 32 : capacity * 2;
        if (grown < buffer->size + size) grown = buffer->size + size;
        NstString *store = nst_heap_string(process, grown);
        if (buffer->size > 0) memcpy(store->bytes, ((NstString *)(void *)buffer->text.o)->bytes, buffer->size);
        memset(store->bytes + buffer->size, 0, grown - buffer->size);
        buffer->text.o = &store->head;
        nst_barrier(process, o, nst_object(store));
    }
    memcpy(((NstString *)(void *)buffer->text.o)->bytes + buffer->size, bytes, size);
    buffer->size += size;
}
