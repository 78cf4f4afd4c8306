// Unification: making two types equal by binding variables in place.
//
// Invariants
//  1. A variable is bound at most once; a binding is only taken back by nst_trial_undo().
//  2. NEVER and ERROR unify with everything. NEVER binds nothing; a variable that meets ERROR becomes ERROR, so
//     that one mistake is reported once.
//  3. Binding a variable wakes the requirements that watch it (require.h): they are queued, not solved here.
#ifndef NST_UNIFY_H
#define NST_UNIFY_H

#include "frontend/program_internal.h"

typedef enum NstUnify {
    NST_UNIFY_OK,
    NST_UNIFY_MISMATCH,
    NST_UNIFY_INFINITE, // a variable would contain itself
} NstUnify;

NstUnify nst_unify(NstInfer *infer, NstType *a, NstType *b);

// A trial: everything that is bound until it ends can be taken back. Trials nest; no requirement is solved meanwhile.
typedef struct NstTrial {
    size_t trail;
    size_t woken;
} NstTrial;

NstTrial nst_trial_begin(NstInfer *infer);
void nst_trial_keep(NstInfer *infer, NstTrial trial);
void nst_trial_undo(NstInfer *infer, NstTrial trial);

// True if the two types could be unified; binds nothing.
bool nst_unifiable(NstInfer *infer, NstType *a, NstType *b);

#endif
