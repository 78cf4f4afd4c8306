// Code that runs while a program is compiled (templates.md 6).
#ifndef NST_COMPTIME_H
#define NST_COMPTIME_H

#include "frontend/ast.h"

// True if a primitive may not be called at compile time: its result or effect is not a matter of its arguments alone.
bool nst_comptime_forbids(NstText primitive);

#endif
