// Glob patterns of .gitignore and .editorconfig.
#ifndef NST_FMT_GLOB_H
#define NST_FMT_GLOB_H

#include <stdbool.h>
#include <stddef.h>

// `*` any characters but `/`, `**` any characters, `?` one but `/`, `[…]` and `[!…]` a set, `\c` that character;
// with `braces` also `{a,b}` and `{1..9}`.
bool nst_glob_match(const char *pattern, size_t size, const char *text, bool braces);

#endif
