// Templates (docs/language/templates.md): decorators and template calls are replaced by what they expand to, before
// any name is resolved. Afterwards the files' items hold ordinary code; templates stay in them, unexpanded.
#ifndef NST_EXPAND_H
#define NST_EXPAND_H

#include "frontend/frontend.h"

// Expands all files of the program in place. Every diagnostic of an expansion, here or later, stands at the decorator
// or call: expanded nodes have places in synthetic sources whose parent that is.
void nst_expand_program(NstProgram *program);

#endif
