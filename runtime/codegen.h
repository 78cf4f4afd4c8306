// From the typed syntax tree to bytecode: the code of one unit (link.h).
//
// Everything here runs under the compile lock and reads only finished parts of the program.
#ifndef NST_CODEGEN_H
#define NST_CODEGEN_H

#include "runtime/link.h"

// The code of the link's unit. Never null: what cannot be compiled becomes code that raises an error saying so.
const NstCode *nst_codegen_compile(NstLink *link);

// Appends to out[0 .. count) the locals that closures of `body` must hold: its captures without `self`, without closed
// local functions, each once. Returns the new count; `out` has room for count + body->capture_count.
size_t nst_codegen_captures(const NstBody *body, const NstLocal *self, NstLocal **out, size_t count);

// Zeroed memory for ever: code, links and their tables live as long as the tool.
void *nst_code_alloc(size_t bytes);

#endif
