// Unified diffs of two texts, line by line (three lines of context).
#ifndef NST_FMT_DIFF_H
#define NST_FMT_DIFF_H

#include "fmt/doc.h"

// Appends `--- path`, `+++ path` and the hunks; nothing if the texts are equal.
void nst_diff_unified(const char *path, const char *before, size_t before_size, const char *after, size_t after_size,
                      bool color, NstFmtBuffer *out);

#endif
