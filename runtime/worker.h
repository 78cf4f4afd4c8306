// A worker: one operating-system thread that runs processes.
//
// Owner: the thread itself, except the atomics and `queue` (thieves take from it).
#ifndef NST_WORKER_H
#define NST_WORKER_H

#include <pthread.h>
#include <semaphore.h>

#include "runtime/deque.h"
#include "runtime/reclaim.h"
#include "runtime/scheduler.h"
#include "runtime/vm_state.h"

typedef struct NstWorkerStats {
    uint64_t messages, reductions, collections, slices, steals, parks;
} NstWorkerStats;

struct NstWorker {
    NstVm *vm;
    uint32_t index;
    bool started; // under the scheduler's lock
    pthread_t thread;
    NstDeque queue;
    _Atomic(NstProcess *) next;  // to run before the queue: the process woken last; thieves may take it
    uint32_t next_streak;        // slices in a row that came from `next`
    _Atomic uint32_t tick;       // slices run, for the turns of the global queue and for rescues
    _Atomic uint32_t stuck_tick; // the searchers' notes for rescues: `tick` when one of them saw something in `next`,
    _Atomic int64_t stuck_since; // and when that was
    NstProcess *current;         // whose slice it is, or null
    uint64_t random;             // where to steal first
    bool searching;              // counted in scheduler->searching
    bool told_to_search;         // the waker has counted it, under the scheduler's lock
    NstWorker *idle_next;        // list of parked workers, under the scheduler's lock
    bool parked;                 // under the scheduler's lock
    sem_t wake;
    NstReclaimer reclaimer;
    NstWorkerStats stats;
};

enum { NST_SLICE = 4000 };

void nst_worker_init(NstWorker *worker, NstVm *vm, uint32_t index);
void nst_worker_destroy(NstWorker *worker);

// The process has ended and no queue holds it: frees its memory when no other worker can use it any more.
void nst_worker_retire(NstWorker *worker, NstProcess *process);

// Thread body: runs processes until the run stops.
void *nst_worker_main(void *worker);

#endif
