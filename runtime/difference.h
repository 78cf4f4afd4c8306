// What differs between the two texts of a failed assert_eq, for people to read: `nostos test` shows it.
#ifndef NST_DIFFERENCE_H
#define NST_DIFFERENCE_H

#include <stddef.h>

#include "runtime/text_buffer.h"

// Appends the lines of both texts, those of `left` alone marked "- ", those of `right` alone "+ ", common ones with two
// blanks; of common lines only a few around the others. The text of a collection, record or variant is laid out with one
// part a line where it is long. Nothing is appended if both are so short that the difference is plain.
void nst_text_append_difference(NstTextBuffer *out, const char *left, size_t left_size, const char *right,
                                size_t right_size);

#endif
