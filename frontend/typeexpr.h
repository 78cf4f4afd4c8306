// Annotations as types; the public part is in resolve.h.
#ifndef NST_TYPEEXPR_H
#define NST_TYPEEXPR_H

#include "frontend/resolve_internal.h"
#include "frontend/scope.h"

// nst_lookup from any part of the module: the way in for those who know the module only.
NstFound nst_lookup_in_module(NstProgram *program, const NstModule *module, NstName name, NstSpaceKind space);

// The type declaration that a path in a type or impl head names. Reports and returns null if there is none; *silent
// tells that the error has been reported before. Type variables are not considered.
NstTypeDecl *nst_resolve_type_path(NstProgram *program, const NstModule *module, const NstIdent *path, size_t len,
                                   NstSpan span);

// True if the name is one letter, which may stand for a type variable.
bool nst_name_is_letter(NstName name);

#endif
