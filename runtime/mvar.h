// The run's mvars: contents, locks, queues (mvars.md 5 and 6).
//
// Every access owns the lock, a plain read or write just for its own duration. Taking a free lock and giving it back
// without waiters are one compare-and-swap each; everything else happens under one lock of the run, so the graph
// "process waits for mvar, mvar is owned by process" can be walked to find deadlocks. A lock with waiters is handed
// over to the first of them, never left free in between.
//
// The operations themselves are in process.h.
#ifndef NST_MVAR_H
#define NST_MVAR_H

#include "runtime/process.h"

typedef struct NstMvars NstMvars;
typedef struct NstMvarCell NstMvarCell;

// One mvar a name, by index; none is initialised.
NstMvars *nst_mvars_new(const NstName *names, size_t count);
void nst_mvars_free(NstMvars *mvars);

// The end of a process: gives back every lock it owns or was handed, leaves the queue it waits in.
void nst_mvar_release_all(NstWorker *worker, NstProcess *process);

// For tools, a snapshot: owner's pid (0: free) and the pids of the queue in order of arrival. Returns the queue's length.
size_t nst_mvar_inspect(NstVm *vm, uint32_t mvar, NstPid *owner, NstPid *queue, size_t max);
// The mvar that the process waits for, or -1.
int64_t nst_mvar_waiting_for(NstProcess *process);

#endif
