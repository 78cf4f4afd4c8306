// Mvars after resolution: constant initialisers, initialisation order (mvars.md 2) and lock ranks (5).
#ifndef NST_RESOLVE_MVARS_H
#define NST_RESOLVE_MVARS_H

#include "frontend/resolve_internal.h"

void nst_order_mvars(NstProgram *program);

#endif
