// The standard library as modules whose items come in one by one, through the index (library.h).
#ifndef NST_SCOPE_LIBRARY_H
#define NST_SCOPE_LIBRARY_H

#include "frontend/library.h"
#include "frontend/resolve_internal.h"

// The module of a library file ("stdlib.list") or of an inline module in it; null if there is none.
NstModule *nst_library_module_of(NstProgram *program, const char *module, const char *space);

// The inline module that is the built-in namespace, or null.
NstModule *nst_library_space(NstProgram *program, NstName name);

// Collects the module's items of that name, if that has not happened yet.
void nst_library_load(NstProgram *program, NstModule *module, NstName name);

// True if the library module has an item of that name and kind; loads nothing. False for user modules.
bool nst_library_declares(const NstModule *module, NstName name, NstLibKind kind);

// The functions of one index entry's name in its module; loads them.
NstEntry *nst_library_entry(NstProgram *program, const NstLibEntry *entry);

// Loads all library implementations of the library trait.
void nst_library_load_impls(NstProgram *program, const NstTrait *trait);

// Loads the mvars of every library module that the program has reached: a run makes all mvars before it begins.
void nst_library_load_mvars(NstProgram *program);

#endif
