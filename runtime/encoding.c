#include "runtime/encoding.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void nst_base64_encode(NstTextBuffer *out, const void *data, size_t size) {
    const unsigned char *bytes = data;
    for (size_t i = 0; i < size; i += 3) {
        size_t left = size - i;
        uint32_t group = (uint32_t)bytes[i] << 16 | (left > 1 ? (uint32_t)bytes[i + 1] << 8 : 0) | (left > 2 ? bytes[i + 2] : 0u);
        nst_text_append_byte(out, alphabet[group >> 18]);
        nst_text_append_byte(out, alphabet[group >> 12 & 63]);
        nst_text_append_byte(out, left > 1 ? alphabet[group >> 6 & 63] : '=');
        nst_text_append_byte(out, left > 2 ? alphabet[group & 63] : '=');
    }
}

static int value_of(char c) {
    if (c >= 'A' && c <= 'Z') return c - 'A';
    if (c >= 'a' && c <= 'z') return c - 'a' + 26;
    if (c >= '0' && c <= '9') return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

const char *nst_base64_decode(NstTextBuffer *out, const char *text, size_t size) {
    if (size % 4 != 0) return "length is not a multiple of 4";
    for (size_t i = 0; i < size; i += 4) {
        bool last = i + 4 == size;
        int padding = last && text[i + 3] == '=' ? (text[i + 2] == '=' ? 2 : 1) : 0;
        uint32_t group = 0;
        for (int k = 0; k < 4; k++) {
            int value = k >= 4 - padding ? 0 : value_of(text[i + (size_t)k]);
            if (value < 0) return "invalid symbol";
            group = group << 6 | (uint32_t)value;
        }
        // The bits that the padding leaves over must be zero.
        if ((padding == 1 && (group & 0xFF)) || (padding == 2 && (group & 0xFFFF))) return "invalid last symbol";
        nst_text_append_byte(out, (char)(group >> 16));
        if (padding < 2) nst_text_append_byte(out, (char)(group >> 8));
        if (padding < 1) nst_text_append_byte(out, (char)group);
    }
    return 0;
}

static bool is_plain(char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

void nst_percent_encode(NstTextBuffer *out, const char *text, size_t size) {
    for (size_t i = 0; i < size; i++) {
        if (is_plain(text[i])) nst_text_append_byte(out, text[i]);
        else nst_text_printf(out, "%%%02X", (unsigned char)text[i]);
    }
}

static int hex_digit(char c) {
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

void nst_percent_decode(NstTextBuffer *out, const char *text, size_t size, bool plus) {
    for (size_t i = 0; i < size; i++) {
        int high = text[i] == '%' && size - i > 2 ? hex_digit(text[i + 1]) : -1;
        int low = high >= 0 ? hex_digit(text[i + 2]) : -1;
        if (low >= 0) {
            nst_text_append_byte(out, (char)(high << 4 | low));
            i += 2;
        } else {
            nst_text_append_byte(out, plus && text[i] == '+' ? ' ' : text[i]);
        }
    }
}

void nst_hex_encode(NstTextBuffer *out, const void *data, size_t size) {
    static const char digits[] = "0123456789abcdef";
    const unsigned char *bytes = data;
    for (size_t i = 0; i < size; i++) {
        nst_text_append_byte(out, digits[bytes[i] >> 4]);
        nst_text_append_byte(out, digits[bytes[i] & 15]);
    }
}
