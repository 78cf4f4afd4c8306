#include "runtime/os_text.h"

#include "runtime/heap.h"
#include "runtime/unicode.h"

void nst_text_append_lossy(NstTextBuffer *buffer, const char *bytes, size_t size) {
    for (;;) {
        size_t valid = nst_utf8_valid(bytes, size);
        nst_text_append(buffer, bytes, valid);
        if (valid == size) return;
        nst_text_append_code_point(buffer, 0xFFFD);
        bytes += valid + 1;
        size -= valid + 1;
        // The rest of one damaged character counts as one mark.
        while (size > 0 && ((unsigned char)*bytes & 0xC0) == 0x80) {
            bytes++;
            size--;
        }
    }
}

NstValue nst_os_string(NstProcess *process, const char *bytes, size_t size) {
    if (nst_utf8_valid(bytes, size) == size) return nst_string(process, bytes, size);
    NstTextBuffer text = NST_TEXT_BUFFER_INIT;
    nst_text_append_lossy(&text, bytes, size);
    NstValue out = nst_string(process, text.data ? text.data : "", text.size);
    nst_text_free(&text);
    return out;
}
