// Name tables and the look-ups of modules.md 3.
//
// Plain names: nst_lookup() walks own declarations, imports, enclosing modules, prelude; the first hit decides.
// Qualified names: nst_lookup_module() finds the module that a path of segments means.
// Look-ups report nothing. They load library items (scope_library.c) when they reach them.
#ifndef NST_SCOPE_H
#define NST_SCOPE_H

#include "frontend/resolve_internal.h"

// ---- Tables -----------------------------------------------------------------------------

NstModule *nst_module_new(NstProgram *program, NstModule *parent, const NstName *path, size_t path_len);
NstPart *nst_part_new(NstProgram *program, NstPart *parent, NstModule *module);

NstEntry *nst_entry_get(NstProgram *program, NstModule *module, NstName name);   // made if missing
NstEntry *nst_entry_find(const NstModule *module, NstName name);                 // null if missing

// The module's entry, library items loaded; null if it declares nothing of that name.
NstEntry *nst_module_entry(NstProgram *program, NstModule *module, NstName name);

// ---- Visibility (modules.md 4) ----------------------------------------------------------

// True if `inner` is `outer` or nested in it.
bool nst_module_inside(const NstModule *inner, const NstModule *outer);

// True if code of `from` may use an item of `home` with that visibility.
bool nst_accessible(bool public_, const NstModule *home, const NstModule *from);

// ---- Plain names ------------------------------------------------------------------------

// The separate name spaces of modules.md 3.1.
typedef enum NstSpaceKind {
    NST_SPACE_VALUE,    // functions, constants, bindings, mvars
    NST_SPACE_TYPE,
    NST_SPACE_TRAIT,
    NST_SPACE_CTOR,
    NST_SPACE_METHOD,   // trait methods as plain functions
    NST_SPACE_MODULE,
    NST_SPACE_TEMPLATE,
} NstSpaceKind;

typedef enum NstFoundState {
    NST_FOUND_NOTHING,
    NST_FOUND,
    NST_FOUND_SILENT,   // its meaning is unknown because of an error that has been reported
    NST_FOUND_PRIVATE,  // a module imported with * has one that is not public
} NstFoundState;

typedef struct NstFound {
    NstFoundState state;
    NstEntry *entry;             // FOUND, PRIVATE
    NstModule *module;           // the entry's module
    NstFunction *const *functions; // VALUE, METHOD: the accessible ones
    size_t function_count;
} NstFound;

// True if the entry has something in that space that `from` may use.
bool nst_entry_has(const NstEntry *entry, const NstModule *home, NstSpaceKind space, const NstModule *from);

// Functions of the entry that `from` may use.
NstFunction *const *nst_entry_functions(NstProgram *program, const NstEntry *entry, const NstModule *home,
                                        const NstModule *from, size_t *count);

NstFound nst_lookup(NstProgram *program, const NstPart *part, NstName name, NstSpaceKind space);

// The prelude alone.
NstFound nst_lookup_prelude(NstProgram *program, NstName name, NstSpaceKind space);

// Constructors of all types in scope, nearest first.
NstCtorSet nst_lookup_ctors(NstProgram *program, const NstPart *part, NstName name);

// ---- Modules ----------------------------------------------------------------------------

// The module with exactly that absolute path (user files, inline modules, library); null if there is none.
NstModule *nst_find_module(NstProgram *program, const NstIdent *path, size_t len);

typedef enum NstPathState {
    NST_PATH_NONE,          // no module
    NST_PATH_MODULE,
    NST_PATH_NOT_IMPORTED,  // the module exists, but nothing permits its qualified name
    NST_PATH_PRIVATE,       // an inline module that is not visible here
    NST_PATH_SPACE,         // a built-in namespace
    NST_PATH_SILENT,        // a name of a `use` in error
} NstPathState;

typedef struct NstPath {
    NstPathState state;
    NstModule *module;
    size_t len;             // number of leading segments that name the module
} NstPath;

// The longest prefix of the segments that names a module or namespace, at most `max` segments (modules.md 3.3).
NstPath nst_lookup_path(NstProgram *program, const NstPart *part, const NstIdent *segments, size_t max);

// "shop.cart" for messages; the root module is "main".
const char *nst_module_display(const NstModule *module);

#endif
