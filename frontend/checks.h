// Checks on the typed program that need no inference of their own: exhaustiveness and reachability (patterns.md 5), the
// static rules of mvars (mvars.md 6), and the checks beyond errors. They run after inference and skip what is already
// erroneous. Each is a function of the typed bodies and of summaries made from them (effects.h) and changes nothing
// but the diagnostics and what the nodes' comments name.
#ifndef NST_CHECKS_H
#define NST_CHECKS_H

#include "frontend/effects.h"
#include "frontend/program_internal.h"

// All checks over all user functions, tests, bindings and mvar initialisers.
void nst_check_program(NstProgram *program);

// The steps. Those with a function look at its body alone (walk.h visits the expressions).
void nst_check_matches(NstProgram *program, NstFunction *fn);
void nst_check_mvar_rules(NstProgram *program, const NstEffectTable *effects);

// A name or `_`, also as an alternative; matches every value of its type, whatever the value.
bool nst_pattern_is_catch_all(const NstPattern *pattern);
bool nst_pattern_is_irrefutable(const NstPattern *pattern);

// Beyond errors, in programs without errors: what is missing in a wrong program may be the use. Of one node (`loose`: values
// of another type than the known one may be there, so that no set of constructors is complete):
void nst_check_flow(NstProgram *program, const NstExpr *e);                   // code behind `return` and the like
void nst_check_arms_of_expr(NstProgram *program, const NstExpr *e, bool loose); // redundant and missing arms
void nst_check_clauses(NstProgram *program, NstClause *const *clauses, size_t count, bool open, bool loose);
void nst_check_shadowing_expr(NstProgram *program, const NstModule *module, const NstExpr *e);   // names hidden by mistake
void nst_check_shadowing_stmt(NstProgram *program, const NstModule *module, const NstStmt *stmt);

// … and of a body or the whole program. The arena is for what is needed while they run.
void nst_check_unused(NstProgram *program, NstArena *arena, NstFunction *fn); // local bindings
void nst_check_unused_initialisers(NstProgram *program, NstArena *arena);     // … of mvars' initialisers
void nst_check_unused_items(NstProgram *program, NstArena *arena);            // functions and imports
void nst_check_messages(NstProgram *program, NstArena *arena, const NstEffectTable *effects); // sends and receives
void nst_check_mvar_use(NstProgram *program, const NstEffectTable *effects);  // reads, writes, waiting

// True if the place is in the text of a user's file; false for what a template generated, which nobody can mend there.
bool nst_written_by_user(const NstProgram *program, NstSpan span);

// The lock sets of a library function, whose body is looked at only when it is first reached. (nst_check_mvar_rules does
// this for the user's functions and reports `unsafe-mvar`.)
void nst_fill_lock_sets(NstProgram *program, NstFunction *fn);

#endif
