// Checks on the typed program that need no inference of their own: exhaustiveness and reachability (patterns.md 5) and
// the static rules of mvars (mvars.md 6). They run after inference and skip what is already erroneous.
#ifndef NST_CHECKS_H
#define NST_CHECKS_H

#include "frontend/program_internal.h"

// All checks over all user functions, tests, bindings and mvar initialisers.
void nst_check_program(NstProgram *program);

// The steps, each on one function body (walk.h visits the expressions).
void nst_check_matches(NstProgram *program, NstFunction *fn);
void nst_check_mvar_rules(NstProgram *program);

// Fills NstStmt.lock_set of every locking assignment and reports `unsafe-mvar`. Lock sets are needed even if nothing is
// reported, so library code (which has no mvars) is the only code that may go unvisited.

#endif
