// Diagnostics that several resolver files report, with the texts of modules.md 9.
#ifndef NST_RESOLVE_REPORT_H
#define NST_RESOLVE_REPORT_H

#include "frontend/scope.h"
#include "frontend/suggest.h"

// An unknown plain name; `format` has one %s for it. Adds a hint if a visible name of that space is similar.
void nst_report_unknown(NstProgram *program, const NstModule *module, NstDiagKind kind, NstIdent ident,
                        NstSpaceKind space, const char *format) __attribute__((format(printf, 6, 0)));

// The same, after names that the caller has offered already.
void nst_report_unknown_beside(NstProgram *program, const NstModule *module, NstDiagKind kind, NstIdent ident,
                               NstSpaceKind space, const char *format, NstSuggestion suggestion)
    __attribute__((format(printf, 6, 0)));

// Offers the module's items of that space that `from` may use.
void nst_suggest_items(NstSuggestion *suggestion, const NstModule *module, NstSpaceKind space, const NstModule *from);

// ``module `a.b` not found``
void nst_report_unknown_module(NstProgram *program, const NstIdent *path, size_t len);

// ``type `T` is private in module `M` ``
void nst_report_private_type(NstProgram *program, NstSpan span, NstName name, const NstModule *module);

// ``cannot access private function `x` from outside module `M` ``; what is "function", "constant", …
void nst_report_private(NstProgram *program, NstIdent item, const char *what, const NstModule *module);

// Reports what is wrong with a path in front of an item (segments[len - 1]); true if nothing is.
bool nst_report_path(NstProgram *program, const NstPath *path, const NstIdent *segments, size_t len);

#endif
