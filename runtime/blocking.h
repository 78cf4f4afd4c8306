// Work that waits in the operating system (files, commands, name look-ups): done on pool threads while the process is in
// the state "io" and its worker runs others.
//
// A primitive that blocks is executed again when its process is woken:
//
//     void *result;
//     switch (nst_blocking_take(process, &result)) {
//     case NST_BLOCKING_WAIT: return NST_PRIM_BLOCK;
//     case NST_BLOCKING_NONE: return nst_blocking_run(process, work, drop, new_job(args));
//     case NST_BLOCKING_DONE: break;
//     }
//     Job *job = result;   // ours now: make the value, free the job
//
// `work(job)` runs on a pool thread: it must not touch any heap or process, only the job. If the process ends meanwhile, the
// job is finished nevertheless and then given to `drop`.
//
// The pool grows up to a limit and shrinks when idle; work that finds no thread waits in a queue.
#ifndef NST_BLOCKING_H
#define NST_BLOCKING_H

#include "runtime/process.h"

typedef struct NstBlockingPool NstBlockingPool;
typedef enum NstBlocking { NST_BLOCKING_NONE, NST_BLOCKING_WAIT, NST_BLOCKING_DONE } NstBlocking;

NstBlocking nst_blocking_take(NstProcess *process, void **job);
NstPrimStatus nst_blocking_run(NstProcess *process, void (*work)(void *job), void (*drop)(void *job), void *job);

// For work that ends without a pool thread (an event loop): the same life, but the caller calls nst_blocking_complete
// with the ticket, once, from any thread. `drop` is called instead of waking if the process has ended.
typedef struct NstBlockingJob NstBlockingJob;
NstBlockingJob *nst_blocking_begin(NstProcess *process, void (*drop)(void *job), void *job);
void nst_blocking_complete(NstBlockingJob *ticket);

// ---- For the scheduler --------------------------------------------------------------------
NstBlockingPool *nst_blocking_new(NstVm *vm);
// After all processes: nobody is woken any more. Waits a second for running work; false if some goes on, else what was
// queued or finished is dropped.
bool nst_blocking_close(NstBlockingPool *pool);
// After that; keeps what work and tickets that have not ended still use.
void nst_blocking_free(NstBlockingPool *pool);
bool nst_blocking_pending(NstBlockingPool *pool);  // some process waits for a result
bool nst_blocking_finished(NstBlockingPool *pool); // results to be collected
void nst_blocking_collect(NstWorker *worker);      // wakes the processes whose results are there
void nst_blocking_abandon(NstProcess *process);    // the process ends

#endif
