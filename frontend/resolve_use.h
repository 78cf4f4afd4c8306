// `use` items (modules.md 2): what a part imports, and the errors of its imports.
#ifndef NST_RESOLVE_USE_H
#define NST_RESOLVE_USE_H

#include "frontend/resolve_internal.h"

// Enters the imports of the part's use items that are new. Reports modules that do not exist.
void nst_use_enter(NstProgram *program, NstPart *part);

// Reports missing and private items and import conflicts; after all declarations are complete.
void nst_use_check(NstProgram *program, const NstPart *part);

#endif
