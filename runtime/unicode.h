// UTF-8 and the character properties that the library needs.
//
// Strings of the language are valid UTF-8 (surrogates excluded), so the decoding functions for string contents
// check nothing; nst_utf8_valid checks bytes that come from outside.
#ifndef NST_UNICODE_H
#define NST_UNICODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Writes 1..4 bytes, returns how many.
size_t nst_utf8_encode(uint32_t code, char *out);

// Length in bytes of the character that begins with `lead` (valid UTF-8).
static inline size_t nst_utf8_width(unsigned char lead) { return lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4; }

// Decodes the character at `text` (valid UTF-8); *width is its length.
uint32_t nst_utf8_decode(const char *text, size_t *width);

// Number of code points of valid UTF-8.
size_t nst_utf8_length(const char *text, size_t size);

// Byte offset of code point `n` (n <= length) in valid UTF-8.
size_t nst_utf8_offset(const char *text, size_t size, size_t n);

// Size of the longest valid prefix; equals `size` if all is valid.
size_t nst_utf8_valid(const char *text, size_t size);

// True if the bytes after the valid prefix may be the beginning of a character cut off at the end.
bool nst_utf8_incomplete(const char *text, size_t size);

bool nst_char_is_space(uint32_t code); // Unicode White_Space
static inline bool nst_char_is_scalar(uint64_t code) { return code < 0xD800 || (code > 0xDFFF && code <= 0x10FFFF); }

#endif
