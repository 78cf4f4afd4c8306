// Bringing a checked program up to date after edits that leave every declaration as it was.
//
// An edit qualifies if the items that it touches are functions, implementations, module-level bindings and tests whose text
// outside their bodies is the same. Then no name means anything else in any other item: only the changed functions, their
// groups, and, where a summary (infer_again.h) moved, the functions that use them are resolved and inferred again, with
// trees fresh from the parser. All other edits are refused, and the session begins from nothing.
//
// Invariants
//  1. After a patch the program's diagnostics are those of a program made from the new texts.
//  2. After a refusal the program is of no use any more.
//  3. Diagnostics of the stage BODIES stand in the item whose functions caused them (else the program cannot be patched).
#ifndef NST_SESSION_PATCH_H
#define NST_SESSION_PATCH_H

#include "frontend/program_internal.h"

// One top-level item, by the origin of its places.
typedef struct NstItemNote {
    NstItem *item;        // null: the origin is none of an item
    size_t file, index;   // in the program's files and in the file's items
    NstFunction **fns;    // the functions whose clauses are in it
    size_t fn_count, fn_capacity;
} NstItemNote;

// What a patch needs to know about a program; made once for it.
typedef struct NstPatcher {
    NstProgram *program;
    NstItemNote *notes;   // by origin
    uint32_t note_count;
    size_t functions;     // that the last patch has typed again
} NstPatcher;

// False if the program cannot be patched at all.
bool nst_patcher_init(NstPatcher *patcher, NstProgram *program);
void nst_patcher_free(NstPatcher *patcher);

// Makes the texts of the overlays that have changed the program's. False: refused. The checks have been run.
bool nst_patch(NstPatcher *patcher, const NstOverlays *overlays);

#endif
