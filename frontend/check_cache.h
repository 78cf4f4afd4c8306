// What the checks have found out about single bodies, kept for as long as the body stays the same.
//
// The checks run over the whole program after every edit of a session. Most of what they do looks at one body alone; its
// outcome is kept here, and a session forgets it for the functions that it has typed again. What follows from all
// bodies together is made anew from these facts each time.
//
// Invariant: the lists hold nothing but diagnostics that stand in the function's own item (bodies) or in the file
// (imports), so that they can be taken back by place.
#ifndef NST_CHECK_CACHE_H
#define NST_CHECK_CACHE_H

#include "frontend/effects.h"
#include "frontend/program_internal.h"

typedef struct NstBodyFacts {
    bool known;          // effects and mentions have been collected
    bool matched;        // `matches` has what it says about this function
    bool considered;     // `warnings` has
    NstEffects effects;  // `receives`: what the text contains
    NstName *mentions;   // each name once
    size_t mention_count;
} NstBodyFacts;

typedef struct NstCheckCache {
    NstBodyFacts *bodies; // by function id
    size_t body_count;
    bool *imports;        // by file: `imported` has what it says about this file
    NstDiags *matches;    // exhaustiveness and unreachable arms
    NstDiags *warnings;   // beyond errors, of bodies
    bool loose;           // what they take the program for: see nst_check_arms_of_expr
    NstDiags *imported;   // unused imports
    NstDiags *whole;      // of all bodies together; new with each check
    uint32_t *stamps;     // by name: the last function that mentioned it
    size_t stamp_count;
    uint32_t stamp;
} NstCheckCache;

NstCheckCache *nst_check_cache(NstProgram *program); // made when first asked for
void nst_check_cache_free(NstProgram *program);

// The facts of a user function, complete.
const NstBodyFacts *nst_body_facts(NstProgram *program, const NstFunction *fn);

// The body has changed, or the types in it. The caller removes the diagnostics from the lists.
void nst_check_forget(NstProgram *program, const NstFunction *fn);

// The warnings of all bodies are to be made anew.
void nst_check_forget_warnings(NstProgram *program);

#endif
