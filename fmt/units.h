// The units of a file: its declarations, and the broken texts between them.
#ifndef NST_FMT_UNITS_H
#define NST_FMT_UNITS_H

#include "fmt/printer.h"

typedef struct NstUnits {
    const NstNode **items; // declarations; a broken text is a node of kind ERROR
    size_t count, capacity;
} NstUnits;

// In order of position; without a tree the whole text counts as broken. A bracket that is not closed makes the parser read all that follows as its content. So a broken
// text is parsed again from every line on that begins a declaration without indentation, and what is well-formed by
// itself is a unit; unless a string has no end, for then such a line may be part of a string.
NstUnits nst_collect_units(NstPrinter *f, const NstSyntax *syntax, bool has_bad_string);

#endif
