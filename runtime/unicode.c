#include "runtime/unicode.h"

size_t nst_utf8_encode(uint32_t code, char *out) {
    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    if (code < 0x800) {
        out[0] = (char)(0xC0 | code >> 6);
        out[1] = (char)(0x80 | (code & 0x3F));
        return 2;
    }
    if (code < 0x10000) {
        out[0] = (char)(0xE0 | code >> 12);
        out[1] = (char)(0x80 | (code >> 6 & 0x3F));
        out[2] = (char)(0x80 | (code & 0x3F));
        return 3;
    }
    out[0] = (char)(0xF0 | code >> 18);
    out[1] = (char)(0x80 | (code >> 12 & 0x3F));
    out[2] = (char)(0x80 | (code >> 6 & 0x3F));
    out[3] = (char)(0x80 | (code & 0x3F));
    return 4;
}

uint32_t nst_utf8_decode(const char *text, size_t *width) {
    const unsigned char *s = (const unsigned char *)text;
    if (s[0] < 0x80) {
        *width = 1;
        return s[0];
    }
    if (s[0] < 0xE0) {
        *width = 2;
        return (uint32_t)(s[0] & 0x1F) << 6 | (s[1] & 0x3Fu);
    }
    if (s[0] < 0xF0) {
        *width = 3;
        return (uint32_t)(s[0] & 0x0F) << 12 | (uint32_t)(s[1] & 0x3F) << 6 | (s[2] & 0x3Fu);
    }
    *width = 4;
    return (uint32_t)(s[0] & 0x07) << 18 | (uint32_t)(s[1] & 0x3F) << 12 | (uint32_t)(s[2] & 0x3F) << 6 | (s[3] & 0x3Fu);
}

size_t nst_utf8_length(const char *text, size_t size) {
    size_t length = 0;
    for (size_t i = 0; i < size; i++) length += ((unsigned char)text[i] & 0xC0) != 0x80;
    return length;
}

size_t nst_utf8_offset(const char *text, size_t size, size_t n) {
    size_t offset = 0;
    while (n > 0 && offset < size) {
        offset += nst_utf8_width((unsigned char)text[offset]);
        n--;
    }
    return offset;
}

// Size of the valid character at `s` with `left` bytes, 0 if there is none.
static size_t valid_char(const unsigned char *s, size_t left) {
    if (s[0] < 0x80) return 1;
    size_t width = s[0] < 0xC2 ? 0 : s[0] < 0xE0 ? 2 : s[0] < 0xF0 ? 3 : s[0] < 0xF5 ? 4 : 0;
    if (width == 0 || width > left) return 0;
    for (size_t i = 1; i < width; i++) {
        if ((s[i] & 0xC0) != 0x80) return 0;
    }
    bool overlong = (s[0] == 0xE0 && s[1] < 0xA0) || (s[0] == 0xF0 && s[1] < 0x90);
    bool surrogate = s[0] == 0xED && s[1] > 0x9F;
    bool beyond = s[0] == 0xF4 && s[1] > 0x8F;
    return overlong || surrogate || beyond ? 0 : width;
}

size_t nst_utf8_valid(const char *text, size_t size) {
    const unsigned char *s = (const unsigned char *)text;
    size_t i = 0;
    while (i < size) {
        size_t width = valid_char(s + i, size - i);
        if (width == 0) break;
        i += width;
    }
    return i;
}

bool nst_utf8_incomplete(const char *text, size_t size) {
    if (size == 0 || size > 3) return false;
    const unsigned char *s = (const unsigned char *)text;
    size_t width = s[0] < 0xC2 ? 0 : s[0] < 0xE0 ? 2 : s[0] < 0xF0 ? 3 : s[0] < 0xF5 ? 4 : 0;
    if (width <= size) return false;
    for (size_t i = 1; i < size; i++) {
        if ((s[i] & 0xC0) != 0x80) return false;
    }
    return true;
}

bool nst_char_is_space(uint32_t code) {
    if (code < 0x80) return code == ' ' || (code >= 9 && code <= 13);
    return code == 0x85 || code == 0xA0 || code == 0x1680 || (code >= 0x2000 && code <= 0x200A) || code == 0x2028 ||
           code == 0x2029 || code == 0x202F || code == 0x205F || code == 0x3000;
}
