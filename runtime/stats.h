// --stats: what a run has done, written after it.
#ifndef NST_STATS_H
#define NST_STATS_H

#include "runtime/process.h"

// To standard error. The run has stopped.
void nst_stats_write(NstVm *vm);

#endif
