// The index of the standard library.
//
// The library is Nostos source (frontend/stdlib/*.nos). At build time the host tool frontend/tools/stdlib_index.c
// parses it and writes the texts and this index into the binary; at run time only the items that are reached are
// parsed and checked. The index is read-only data: looking something up allocates nothing. Any thread may read it.
//
// An entry's byte range covers its item with decorators and documentation comment. Overloads and clauses of one name
// are separate entries, adjacent in the table, in source order.
#ifndef NST_LIBRARY_H
#define NST_LIBRARY_H

#include "frontend/ast.h"

typedef enum NstLibKind {
    NST_LIB_FUNCTION,     // also externs
    NST_LIB_TYPE,
    NST_LIB_CTOR,         // range of its type
    NST_LIB_TRAIT,
    NST_LIB_TRAIT_METHOD, // range of its trait
    NST_LIB_IMPL,         // name is the trait's
    NST_LIB_VALUE,        // const, binding
    NST_LIB_MVAR,
    NST_LIB_USE,          // name is ""
    NST_LIB_SPACE,        // an inline module: name is the module's; range empty
    NST_LIB_TEMPLATE,
} NstLibKind;

enum {
    NST_LIB_PUBLIC = 1,
    NST_LIB_METHOD_ONLY = 2,  // @method
    NST_LIB_BUILTIN = 4,      // @builtin: functions.md 1.3 group 1
    NST_LIB_REDEFINABLE = 8,  // @redefinable: group 3
    NST_LIB_EXTERN = 16,
    NST_LIB_METHOD = 32,      // callable in method syntax: top-level of a prelude module with a parameter, or in the
                              // space named like its first parameter's type, or @method
    NST_LIB_PRELUDE = 64,     // visible everywhere without `use`
};

typedef struct NstLibEntry {
    const char *module;  // "stdlib.list"
    const char *space;   // "" or the inline module: "String"
    const char *name;
    const char *owner;   // FUNCTION: type constructor of the first parameter ("List", "String", "(,)" for tuples,
                         // "->" for functions), "" if it is a type variable or there is none. IMPL: of the head.
                         // CTOR, TRAIT_METHOD: the type or trait
    NstLibKind kind;
    uint32_t flags;
    uint32_t file;
    uint32_t start, end; // bytes
    uint32_t params;     // FUNCTION: number of parameters
} NstLibEntry;

typedef struct NstLibFile {
    const char *module;  // "stdlib.list"
    const char *path;    // "stdlib/list.nos", as diagnostics show it
    const char *text;
    uint32_t size;
} NstLibFile;

// Entries of (module, space) with this name. Returns the first, sets *count; null if there are none.
const NstLibEntry *nst_library_find(const char *module, const char *space, const char *name, size_t *count);

// All entries of a module or space (kind USE and IMPL included), adjacent.
const NstLibEntry *nst_library_module(const char *module, const char *space, size_t *count);

// True if `module` is the path of a library file module ("stdlib.json").
bool nst_library_has_module(const char *module);

// Plain name of the prelude: entries flagged NST_LIB_PRELUDE with this name in any prelude module.
const NstLibEntry *nst_library_prelude(const char *name, size_t *count);

// A built-in namespace ("String", "Map", "File"): entries of that space with this name, whichever module holds it.
const NstLibEntry *nst_library_space_item(const char *space, const char *name, size_t *count);
bool nst_library_has_space(const char *space);

// Entries flagged NST_LIB_METHOD with this name, all owners; by calling it repeatedly with i = 0, 1, … until null.
const NstLibEntry *nst_library_method(const char *name, size_t i);

// All entries in table order (tools: completion, reserved names).
const NstLibEntry *nst_library_entries(size_t *count);

const NstLibFile *nst_library_file(uint32_t file);
size_t nst_library_file_count(void);

#endif
