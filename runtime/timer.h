// Pending deadlines of a run: a heap ordered by deadline, then by the order in which the waits began.
//
// A process has at most one timer (it waits for one thing at a time). Waiting timers cost nothing: one parked worker
// sleeps until the earliest. Any worker may call; the lock is held for O(log n) steps.
#ifndef NST_TIMER_H
#define NST_TIMER_H

#include "runtime/process.h"

typedef struct NstTimers NstTimers;

#define NST_TIMER_NEVER INT64_MAX

NstTimers *nst_timers_new(void);
void nst_timers_free(NstTimers *timers);

// Owner of the process only. Arming an armed timer with the same deadline keeps its place.
void nst_timer_arm(NstProcess *process, int64_t deadline);
void nst_timer_disarm(NstProcess *process);

// The earliest deadline, or NST_TIMER_NEVER. Without lock: may be outdated at once.
int64_t nst_timers_next(NstTimers *timers);
size_t nst_timers_count(NstTimers *timers);

// Wakes every process whose deadline is not after `now`, in order. Returns how many.
size_t nst_timers_fire(NstWorker *worker, int64_t now);

#endif
