// The scheduler's half of a process: NstProcessShared, its states, and the steps of its life.
//
//   new ──▶ RUNNABLE ──run──▶ RUNNING ──park──▶ RECEIVE | MVAR | SLEEP | IO | VICTIM
//              ▲  ▲              │                          │
//              │  └──slice over──┤                          │ wake (message, timer, lock, result)
//              └─────────────────┼──────────────────────────┘
//                                ▼
//                              ENDED            a signal (kill, link) claims a process that is not RUNNING for its
//                                               sender: RUNNABLE or waiting ──claim──▶ RUNNING ──end──▶ ENDED
//
//   transition                         function
//   new, publish                       nst_process_new, nst_process_publish
//   run, park, slice over              nst_worker_run (worker.c)
//   wake                               nst_process_wake
//   claim, or SIGNAL to a RUNNING one  nst_process_signal
//   end                                nst_process_end (process_end.c)
//
// Invariants
//  1. `state` is one word: state in the low bits, flags above. Every transition is a compare-and-swap on it.
//  2. Who has made a process RUNNING owns exec, heap and the private fields below.
//  3. QUEUED is set while a queue holds a pointer to the process. Its memory is retired by whoever clears the last of
//     "not ENDED" and QUEUED.
//  4. Wakers never lose: one that comes while the process is still RUNNING leaves NOTIFIED, and park then makes it
//     RUNNABLE at once. Blocking operations are executed again after a wake, so spurious wakes are harmless.
#ifndef NST_PROCESS_STATE_H
#define NST_PROCESS_STATE_H

#include <stdatomic.h>

#include "runtime/exit_reason.h"
#include "runtime/process.h"
#include "runtime/spin.h"

enum {
    NST_STATE_RUNNABLE, NST_STATE_RUNNING,
    NST_STATE_RECEIVE, NST_STATE_MVAR, NST_STATE_SLEEP, NST_STATE_IO,
    NST_STATE_VICTIM,   // waits until the process that it kills has ended
    NST_STATE_YIELD,    // only as `parking`: to the end of the queue
    NST_STATE_ENDED,
    NST_STATE_MASK = 15,
    NST_FLAG_NOTIFIED = 16, // woken while still RUNNING
    NST_FLAG_SIGNAL = 32,   // `signal` is to be taken at the next safepoint
    NST_FLAG_QUEUED = 64,
};

typedef struct NstMessage NstMessage;

// A killer that waits for running victims. Freed by the last of them and of the victims' ends.
typedef struct NstTicket {
    NstPid killer;
    _Atomic uint32_t pending; // victims that have not ended
    _Atomic uint32_t holders; // the killer and the pending victims
} NstTicket;

// What a running process is to be ended with.
typedef struct NstSignal {
    NstExitReason reason;
    bool by_link;              // else Process.kill
    NstTicket **tickets;
    size_t ticket_count;
} NstSignal;

struct NstProcessShared {
    // ---- Shared ----
    _Atomic uint32_t state;
    NstSpin lock;              // guards bonds, signal and the next flags; two at once: lower pid first
    bool closed;               // links and monitors are no longer accepted
    bool named, names_freed;   // registry.c, under `lock`
    _Atomic bool traps;        // Process.trapExit; written by the process under `lock`
    _Atomic uint32_t mailbox_count;
    _Atomic size_t mailbox_bytes; // of the messages outside the heap
    _Atomic(NstMessage *) inbound; // mailbox.c
    struct NstBonds *bonds;    // links.c; null until the first
    NstSignal *signal;
    NstProcess *queue_next;    // in the global queue, under the scheduler's lock
    NstProcess *end_next;      // claimed, among those that its claimer ends (process_end.c)

    // ---- Private to the owner of RUNNING ----
    uint32_t parking;          // the waiting state that an operation has prepared
    uint32_t first_turn;       // reductions left of the first turn, 0: over
    bool started, sleeping, receive_timed, outer_timed, armed;
    NstMessage *saved, **saved_end, **cursor; // mailbox.c: private queue, place of examination
    size_t imported;           // mailbox.c: messages in `saved` whose value is in the heap
    NstMessage *outer;         // mailbox.c: what the receive was examining whose guard runs this one
    int64_t outer_deadline;
    int64_t deadline, sleep_until; // of receive and of sleep, in nanoseconds of the run's clock
    struct NstMvarCell *held;     // mvar.c: mvars whose lock it owns
    struct NstMvarCell *queued_for; // mvar.c: the operation that waits is executed again and then finds its grant
    uint32_t lock_progress;    // mvar.c: locks of the set taken so far
    NstTicket *ticket;         // kill that it waits for
    struct NstBlockingJob *job; // blocking.c
    NstTransfer start;         // the function to call, until it has started
    int64_t spawned_at;        // constant

    // ---- Owned by other parts, under their lock ----
    uint32_t timer_index;      // timer.c: 1 + place in the heap, 0: none
    uint64_t timer_order;
    struct NstMvarCell *waiting_for; // mvar.c
    struct NstMvarCell *_Atomic granted; // mvar.c: handed over while it waited
    NstProcess *mvar_next;     // mvar.c: queue of waiting processes
};

// A process with a number, its function still to be started; not visible to anybody. Takes over `start`.
NstProcess *nst_process_new(NstVm *vm, NstTransfer start);
// Makes it findable and enqueues it. It may have ended when this returns.
void nst_process_publish(NstWorker *worker, NstProcess *process);
// Frees the memory of an ended process that nobody can reach any more (reclaim.h).
void nst_process_free(NstProcess *process);
// Frees a process of a run that has stopped, without the effects of its end.
void nst_process_discard(NstProcess *process);

// Makes a waiting process runnable on the worker; remembered if it is still running.
void nst_process_wake(NstWorker *worker, NstProcess *process);

typedef enum NstSignalResult {
    NST_SIGNAL_TOO_LATE, // it has ended
    NST_SIGNAL_SENT,     // it is running and ends at its next safepoint
    NST_SIGNAL_CLAIMED,  // it was not running; the caller owns it now and must call nst_process_end_signalled
} NstSignalResult;

// Asks for the end of `process`. The tickets count it, and every process that its links take along, until it has ended.
NstSignalResult nst_process_signal(NstProcess *process, const NstExitReason *reason, bool by_link,
                                   NstTicket *const *tickets, size_t ticket_count);

// Ends a process that the worker owns, and every process that its links take along. Consumes `reason`.
void nst_process_end(NstWorker *worker, NstProcess *process, NstExitReason reason);
// The same with the reason that its signal says.
void nst_process_end_signalled(NstWorker *worker, NstProcess *process);
// Writes the report of process->exception, or as if throw(text) had raised it.
void nst_process_report(NstProcess *process, const char *text);

// The word of concurrency.md 2.4; `self` is the asking process.
const char *nst_process_status(const NstProcess *process, const NstProcess *self);

NstTicket *nst_ticket_new(const NstProcess *killer);
void nst_ticket_release(NstTicket *ticket);

#endif
