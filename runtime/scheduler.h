// Where runnable processes wait, and which workers are awake.
//
// Each worker has its own queue and a next-to-run slot; what does not fit goes to the global queue. A worker without
// work steals; without success it parks on its semaphore, no worker ever polls. Workers are started when there is
// something for them to do. At most one parked worker is woken at a time: while one searches, nobody else is woken;
// the last searcher that finds work wakes the next.
#ifndef NST_SCHEDULER_H
#define NST_SCHEDULER_H

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>

#include "runtime/reclaim.h"
#include "runtime/vm_state.h"

// Why a run stopped.
typedef enum NstStopCause {
    NST_CAUSE_NONE,
    NST_CAUSE_MAIN_RETURNED,  // status 0, print the result
    NST_CAUSE_MAIN_FAILED,    // reported already, status 1
    NST_CAUSE_MAIN_EXITED,    // Process.exit with another reason than Normal, status 1
    NST_CAUSE_MAIN_KILLED,    // "main process killed", status 1
    NST_CAUSE_MAIN_LINKED,    // ended through a link: status 1 without report
    NST_CAUSE_DEADLOCK,       // status 1
    NST_CAUSE_OUTPUT_CLOSED,  // status 141, silent
    NST_CAUSE_INTERRUPTED,    // status 130
    NST_CAUSE_TERMINATED,     // status 143
    NST_CAUSE_TIMEOUT,        // nostos test
} NstStopCause;

#define NST_WATCH_NOBODY INT64_MIN // `watch`: no worker is parked

typedef struct NstScheduler {
    NstReclaim reclaim;
    NstWorker *workers;
    uint32_t worker_count;

    pthread_mutex_t lock;           // guards the next group
    NstProcess *global_first, *global_last;
    NstWorker *idle;                // parked workers
    uint32_t idle_workers, running_threads;
    NstWorker *timekeeper;          // the parked worker that wakes up for the next timer, or null
    pthread_cond_t thread_ended;

    uint32_t worker_limit;          // workers that can be started
    _Atomic uint32_t started_workers; // the first so many; written under the lock
    _Atomic int64_t watch;          // until when the parked workers sleep: a deadline before it must wake one
    _Atomic uint32_t global_count;  // hint for look-ups without the lock
    _Atomic uint32_t sleepers;      // idle or unstarted workers
    _Atomic uint32_t searching;     // awake workers without work
    _Atomic uint32_t cause;         // NstStopCause; set once
    _Atomic bool stopping;
    _Atomic uint32_t first_turns;   // processes in their first turn, plus one until main has returned
    _Atomic bool main_returned;
    sem_t *finished;                // posted when the run stops
} NstScheduler;

NstScheduler *nst_scheduler_new(NstVm *vm);
void nst_scheduler_free(NstScheduler *scheduler);
// Empties all queues, for the end of a run whose workers have left.
void nst_scheduler_drop_queues(NstScheduler *scheduler);

// Starts worker 0. `finished` is posted when the run stops.
void nst_scheduler_start(NstVm *vm, sem_t *finished);
// Stops the run; the first cause stays. Any thread, also a signal handler's helper.
void nst_scheduler_stop(NstVm *vm, NstStopCause cause);
// Waits until all workers have left, at most `milliseconds`; false if some are still inside a long operation.
bool nst_scheduler_join(NstVm *vm, int64_t milliseconds);
// The worker's last act.
void nst_scheduler_thread_ends(NstWorker *worker);

// The process is RUNNABLE and QUEUED. Behind the others of this worker:
void nst_scheduler_enqueue(NstWorker *worker, NstProcess *process);
// … the same for the one that the worker has just run, …
void nst_scheduler_requeue(NstWorker *worker, NstProcess *process);
// … or next in turn (woken by the process that runs now):
void nst_scheduler_enqueue_next(NstWorker *worker, NstProcess *process);
// The next process for the worker, or null. Takes it out of its queue.
NstProcess *nst_scheduler_take(NstWorker *worker);
// When a parked worker's time is up: a process stuck behind another worker's long built-in operation, or null.
NstProcess *nst_scheduler_rescue(NstWorker *worker);
// Parks the worker until there may be work, a timer is due, or the run stops. Detects that nobody can continue.
void nst_scheduler_park(NstWorker *worker);
// A blocking job is finished: somebody must look. Any thread.
void nst_scheduler_poke(NstVm *vm);
// There is a new earliest timer: the timekeeper must not sleep longer. Any worker.
void nst_scheduler_poke_timer(NstVm *vm, int64_t deadline);

// A process has completed its first turn (or ended).
void nst_scheduler_first_turn_over(NstVm *vm);
// main has returned: the run stops as soon as the first turns are over.
void nst_scheduler_main_returned(NstVm *vm);

#endif
