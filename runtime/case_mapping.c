#include "runtime/case_mapping.h"

#include <utf8proc.h>

#include "runtime/special_casing.h"
#include "runtime/unicode.h"

static const struct NstSpecialUpper *special_upper(uint32_t code) {
    size_t low = 0, high = sizeof nst_special_upper / sizeof *nst_special_upper;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (nst_special_upper[middle].code == code) return &nst_special_upper[middle];
        if (nst_special_upper[middle].code < code) low = middle + 1;
        else high = middle;
    }
    return 0;
}

void nst_text_append_upper(NstTextBuffer *buffer, const char *text, size_t size) {
    for (size_t i = 0; i < size;) {
        unsigned char byte = (unsigned char)text[i];
        if (byte < 0x80) {
            nst_text_append_byte(buffer, (char)(byte >= 'a' && byte <= 'z' ? byte - 32 : byte));
            i++;
            continue;
        }
        size_t width;
        uint32_t code = nst_utf8_decode(text + i, &width);
        i += width;
        const struct NstSpecialUpper *special = special_upper(code);
        if (!special) {
            nst_text_append_code_point(buffer, (uint32_t)utf8proc_toupper((utf8proc_int32_t)code));
            continue;
        }
        for (size_t k = 0; k < 3 && special->upper[k]; k++) nst_text_append_code_point(buffer, special->upper[k]);
    }
}

// The character classes of the final-sigma rule (Unicode 3.13).
static bool is_case_ignorable(uint32_t code) {
    switch (utf8proc_category((utf8proc_int32_t)code)) {
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_ME:
    case UTF8PROC_CATEGORY_CF:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_SK: return true;
    default: // the Word_Break classes MidLetter, MidNumLet and Single_Quote
        return code == '\'' || code == '.' || code == ':' || code == 0xB7 || code == 0x387 || code == 0x55F ||
               code == 0x5F4 || code == 0x2018 || code == 0x2019 || code == 0x2024 || code == 0x2027;
    }
}

static bool is_cased(uint32_t code) {
    switch (utf8proc_category((utf8proc_int32_t)code)) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT: return true;
    default: return code == 0xAA || code == 0xBA || (code >= 0x2160 && code <= 0x217F) || (code >= 0x24B6 && code <= 0x24E9);
    }
}

static bool cased_before(const char *text, size_t at) {
    while (at > 0) {
        do at--;
        while (((unsigned char)text[at] & 0xC0) == 0x80);
        size_t width;
        uint32_t code = nst_utf8_decode(text + at, &width);
        if (!is_case_ignorable(code)) return is_cased(code);
    }
    return false;
}

static bool cased_after(const char *text, size_t size, size_t at) {
    while (at < size) {
        size_t width;
        uint32_t code = nst_utf8_decode(text + at, &width);
        if (!is_case_ignorable(code)) return is_cased(code);
        at += width;
    }
    return false;
}

void nst_text_append_lower(NstTextBuffer *buffer, const char *text, size_t size) {
    enum { CAPITAL_SIGMA = 0x3A3, SMALL_SIGMA = 0x3C3, FINAL_SIGMA = 0x3C2, CAPITAL_I_DOT = 0x130, DOT_ABOVE = 0x307 };
    for (size_t i = 0; i < size;) {
        unsigned char byte = (unsigned char)text[i];
        if (byte < 0x80) {
            nst_text_append_byte(buffer, (char)(byte >= 'A' && byte <= 'Z' ? byte + 32 : byte));
            i++;
            continue;
        }
        size_t width;
        uint32_t code = nst_utf8_decode(text + i, &width);
        if (code == CAPITAL_SIGMA) {
            bool final = cased_before(text, i) && !cased_after(text, size, i + width);
            nst_text_append_code_point(buffer, final ? FINAL_SIGMA : SMALL_SIGMA);
        } else if (code == CAPITAL_I_DOT) {
            nst_text_append_byte(buffer, 'i');
            nst_text_append_code_point(buffer, DOT_ABOVE);
        } else {
            nst_text_append_code_point(buffer, (uint32_t)utf8proc_tolower((utf8proc_int32_t)code));
        }
        i += width;
    }
}
