// A strict reader for TOML 1.0 (https://toml.io/en/v1.0.0), enough for `nostos.toml`: every document is checked in
// full; dates and times are kept as text. Values are owned by the document. Not thread-safe.
#ifndef NST_TOML_H
#define NST_TOML_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum NstTomlKind {
    NST_TOML_STRING, NST_TOML_INT, NST_TOML_FLOAT, NST_TOML_BOOL, NST_TOML_TIME, NST_TOML_ARRAY, NST_TOML_TABLE,
} NstTomlKind;

typedef struct NstToml {
    NstTomlKind kind;
    int line;               // where the value (or its table header) stands
    char *key;              // within a table; null in arrays
    char *text;             // STRING, TIME: NUL-terminated UTF-8
    int64_t integer;        // INT, BOOL
    double floating;        // FLOAT
    struct NstToml *first, *last, *next; // ARRAY, TABLE: children in order
    bool closed;            // inline table or static array: may not be extended
    bool explicit_;         // TABLE: has had its own [header]
    bool by_dots;           // TABLE: made by a dotted key
} NstToml;

// Parses the text. On error returns null and sets *line and *reason (static text).
NstToml *nst_toml_parse(const char *text, size_t size, int *line, const char **reason);
void nst_toml_free(NstToml *document);

// The value under `key` of a table, or null.
const NstToml *nst_toml_get(const NstToml *table, const char *key);

#endif
