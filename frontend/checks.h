// Checks on the typed program that need no inference of their own: exhaustiveness and reachability (patterns.md 5) and
// the static rules of mvars (mvars.md 6). They run after inference and skip what is already erroneous.
#ifndef NST_CHECKS_H
#define NST_CHECKS_H

#include "frontend/effects.h"
#include "frontend/program_internal.h"

// All checks over all user functions, tests, bindings and mvar initialisers.
void nst_check_program(NstProgram *program);

// The steps, each on one function body (walk.h visits the expressions).
void nst_check_matches(NstProgram *program, NstFunction *fn);
void nst_check_mvar_rules(NstProgram *program, const NstEffectTable *effects);
void nst_check_unused(NstProgram *program); // local bindings that nothing reads

// The lock sets of a library function, whose body is looked at only when it is first reached. (nst_check_mvar_rules does
// this for the user's functions and reports `unsafe-mvar`.)
void nst_fill_lock_sets(NstProgram *program, NstFunction *fn);

#endif
