// The predefined types (builtin_types.def) as declarations of a module without name.
#ifndef NST_BUILTIN_TYPES_H
#define NST_BUILTIN_TYPES_H

#include "frontend/resolve_internal.h"

// Fills program->builtin, the shared types and resolver->builtins.
void nst_builtin_types_make(NstProgram *program);

#endif
