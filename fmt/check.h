// The self-check of every run: whether a formatted text still says what the original says.
//
// Both texts are read again, token by token, with the scanner of frontend/scan.h, independent of the tree that the
// formatter walked. A difference that is not the style's to make is a failure:
//  - the tokens are the same, but for separators that the formatter named, a trailing comma, a leading bar;
//  - the comments are the same and stand between the same tokens, separators not counted;
//  - a newline was added or removed only where newlines mean nothing (syntax.md 2), and elements that a newline or
//    separator kept apart still are.
#ifndef NST_FMT_CHECK_H
#define NST_FMT_CHECK_H

#include "fmt/printer.h"

// Null if bytes [start, end) of the printer's text and the output agree; else what does not, a static text.
const char *nst_check_output(const NstPrinter *f, uint32_t start, uint32_t end, const char *output, size_t size);

#endif
