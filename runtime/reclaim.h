// Deferred freeing: a process found through the table may be used without a lock or a count, because its memory is
// reused only after every worker has passed a quiescent point (between two processes' slices).
//
// Rule: pointers to other processes are held only inside one slice or one step of a worker, never across
// nst_reclaim_quiescent. Threads that are not workers never hold such pointers (they use pids).
#ifndef NST_RECLAIM_H
#define NST_RECLAIM_H

#include <stdatomic.h>
#include <stdint.h>

typedef void (*NstReclaimFn)(void *context, void *object); // context: of the worker that frees

typedef struct NstLimbo {
    void *object;
    NstReclaimFn fn;
    uint64_t epoch;
} NstLimbo;

// One per worker.
typedef struct NstReclaimer {
    _Atomic uint64_t seen;     // the epoch at the last quiescent point, NST_RECLAIM_OFFLINE while parked
    NstLimbo *limbo;           // ring of retired objects, oldest first
    uint32_t first, count, size;
    uint32_t since_advance;
} NstReclaimer;

#define NST_RECLAIM_OFFLINE UINT64_MAX

// Shared by the workers of a run.
typedef struct NstReclaim {
    _Atomic uint64_t epoch;
    NstReclaimer **members;    // fixed array; a member that has not started is OFFLINE
    uint32_t member_count;
} NstReclaim;

void nst_reclaimer_init(NstReclaimer *self);
void nst_reclaim_online(NstReclaim *shared, NstReclaimer *self);
void nst_reclaim_offline(NstReclaimer *self);
void nst_reclaim_quiescent(NstReclaim *shared, NstReclaimer *self, void *context);

// The object is no longer reachable for new readers; `fn` frees it when no old one is left.
void nst_reclaim_retire(NstReclaim *shared, NstReclaimer *self, void *object, NstReclaimFn fn);

// Frees everything at once; no other worker may be active.
void nst_reclaimer_flush(NstReclaimer *self, void *context);

#endif
