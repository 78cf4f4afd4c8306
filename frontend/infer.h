// Type inference of whole programs (types.md 7-13).
#ifndef NST_INFER_H
#define NST_INFER_H

#include "frontend/frontend.h"

// Types everything of the user's program and reports its errors; called once, after nst_resolve_program(). Fills in the
// fields of the AST that say so, the schemes of functions and what instances need (types.h).
void nst_infer_program(NstProgram *program);

void nst_infer_free(NstProgram *program);

#endif
