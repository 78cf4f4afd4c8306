// What a session hands out: the diagnostics of one state of the texts as plain data with an arena of its own.
#ifndef NST_SNAPSHOT_H
#define NST_SNAPSHOT_H

#include "frontend/program_internal.h"

// Copies everything; the program may change afterwards. The caller holds one reference.
NstSnapshot *nst_snapshot_make(const NstProgram *program);

#endif
