#include "runtime/process_state.h"

#include <stdlib.h>

#include "frontend/arena.h"
#include "runtime/blocking.h"
#include "runtime/event_trace.h"
#include "runtime/gate.h"
#include "runtime/links.h"
#include "runtime/mailbox.h"
#include "runtime/process_table.h"
#include "runtime/slab.h"
#include "runtime/timer.h"
#include "runtime/worker.h"

// At least 1,000 calls or loop iterations (concurrency.md 2.3); built-in operations charge reductions, too.
enum { FIRST_TURN = 16 * NST_SLICE };

// One block: the part that the VM and the heap know, and the scheduler's part.
typedef struct Block {
    NstProcess process;
    struct NstProcessShared shared;
} Block;
_Static_assert(sizeof(Block) <= 704, "a slab class (slab.c): a waiting process with its heap stays below 1 KiB");

NstProcess *nst_process_new(NstVm *vm, NstTransfer start) {
    Block *block = nst_slab_alloc(sizeof *block);
    *block = (Block){ .process = { .vm = vm, .shared = &block->shared } };
    NstProcess *process = &block->process;
    struct NstProcessShared *shared = &block->shared;
    nst_heap_init(&process->heap);
    nst_mailbox_init(process);
    atomic_init(&shared->state, NST_STATE_RUNNABLE | NST_FLAG_QUEUED);
    shared->start = start;
    shared->spawned_at = nst_gate_now(vm);
    process->pid = nst_process_table_next(vm->processes);
    return process;
}

void nst_process_publish(NstWorker *worker, NstProcess *process) {
    NstVm *vm = process->vm;
    if (!atomic_load(&vm->scheduler->main_returned)) {
        process->shared->first_turn = FIRST_TURN;
        // relaxed: main's own count keeps the sum above zero until main returns, which our spawner comes before or not.
        atomic_fetch_add_explicit(&vm->scheduler->first_turns, 1, memory_order_relaxed);
    }
    nst_process_table_add(vm->processes, process);
    nst_scheduler_enqueue(worker, process);
}

void nst_process_free(NstProcess *process) {
    nst_mailbox_clear(process); // messages of senders that had found it before it left the table
    nst_slab_free(process, sizeof(Block));
}

NstWait nst_process_spawn(NstProcess *parent, NstValue fn, int how, NstPid *pid, uint64_t *ref) {
    NstTransfer start;
    if (!nst_transfer_out(parent, fn, &start)) {
        nst_raise_panic(parent, "Spawn: cannot convert captured value");
        return NST_WAIT_RAISE;
    }
    NstProcess *child = nst_process_new(parent->vm, start);
    *pid = child->pid;
    if (how == NST_SPAWN_LINKED) nst_links_add_child(parent, child);
    if (how == NST_SPAWN_MONITORED) *ref = nst_links_monitor_child(parent, child);
    if (nst_event_traced(parent->vm, NST_TRACE_SPAWN)) nst_event_spawn(parent, child->pid);
    nst_process_publish(parent->worker, child);
    return NST_WAIT_OK;
}

// ---- Wake and signal --------------------------------------------------------------------

void nst_process_wake(NstWorker *worker, NstProcess *process) {
    _Atomic uint32_t *state = &process->shared->state;
    uint32_t seen = atomic_load_explicit(state, memory_order_relaxed); // checked by the exchange
    for (;;) {
        uint32_t base = seen & NST_STATE_MASK;
        if (base == NST_STATE_RUNNABLE || base == NST_STATE_ENDED) return;
        if (base == NST_STATE_RUNNING && (seen & NST_FLAG_NOTIFIED)) return;
        uint32_t wanted = base == NST_STATE_RUNNING ? seen | NST_FLAG_NOTIFIED
                                                    : NST_STATE_RUNNABLE | NST_FLAG_QUEUED;
        // acq_rel: pairs with leave (its private state) and with enter on the worker that runs it next.
        if (!atomic_compare_exchange_weak_explicit(state, &seen, wanted, memory_order_acq_rel, memory_order_relaxed)) {
            continue;
        }
        if (base == NST_STATE_RUNNING) return;
        if (worker->current) {
            nst_scheduler_enqueue_next(worker, process);
        } else {
            nst_scheduler_enqueue(worker, process); // timers and results: in their order
        }
        return;
    }
}

static void install_signal_locked(struct NstProcessShared *shared, const NstExitReason *reason, bool by_link,
                                  NstTicket *const *tickets, size_t count) {
    NstSignal *signal = shared->signal;
    if (!signal) {
        signal = shared->signal = nst_calloc(1, sizeof *signal);
        signal->reason = nst_exit_copy(reason);
        signal->by_link = by_link;
    }
    if (!count) return;
    signal->tickets = nst_realloc(signal->tickets, (signal->ticket_count + count) * sizeof(NstTicket *));
    for (size_t i = 0; i < count; i++) {
        // relaxed: under the lock, and the sum cannot drop to zero while its givers hold it.
        atomic_fetch_add_explicit(&tickets[i]->pending, 1, memory_order_relaxed);
        atomic_fetch_add_explicit(&tickets[i]->holders, 1, memory_order_relaxed);
        signal->tickets[signal->ticket_count++] = tickets[i];
    }
}

NstSignalResult nst_process_signal(NstProcess *process, const NstExitReason *reason, bool by_link,
                                   NstTicket *const *tickets, size_t ticket_count) {
    struct NstProcessShared *shared = process->shared;
    nst_spin_lock(&shared->lock);
    bool open = !shared->closed;
    if (open) install_signal_locked(shared, reason, by_link, tickets, ticket_count);
    nst_spin_unlock(&shared->lock);
    if (!open) return NST_SIGNAL_TOO_LATE;
    uint32_t seen = atomic_load_explicit(&shared->state, memory_order_relaxed); // checked by the exchange
    for (;;) {
        uint32_t base = seen & NST_STATE_MASK;
        if (base == NST_STATE_ENDED) return NST_SIGNAL_SENT; // its end has taken the signal and settles the tickets
        bool claim = base != NST_STATE_RUNNING;
        uint32_t wanted = claim ? NST_STATE_RUNNING | (seen & NST_FLAG_QUEUED) : seen | NST_FLAG_SIGNAL;
        // acq_rel: a claim acquires the private state that leave released; the flag publishes shared->signal.
        if (atomic_compare_exchange_weak_explicit(&shared->state, &seen, wanted, memory_order_acq_rel,
                                                  memory_order_relaxed)) {
            // relaxed: only makes the next safepoint come sooner.
            if (!claim) atomic_store_explicit(&process->interrupt, true, memory_order_relaxed);
            return claim ? NST_SIGNAL_CLAIMED : NST_SIGNAL_SENT;
        }
    }
}

NstTicket *nst_ticket_new(const NstProcess *killer) {
    NstTicket *ticket = nst_calloc(1, sizeof *ticket);
    ticket->killer = killer->pid;
    atomic_init(&ticket->holders, 1);
    return ticket;
}

void nst_ticket_release(NstTicket *ticket) {
    // acq_rel: the last holder frees what the others have written.
    if (atomic_fetch_sub_explicit(&ticket->holders, 1, memory_order_acq_rel) == 1) free(ticket);
}

// ---- Sleep ------------------------------------------------------------------------------

NstWait nst_process_sleep(NstProcess *process, int64_t ms) {
    struct NstProcessShared *shared = process->shared;
    if (!shared->sleeping) {
        shared->sleeping = true;
        shared->sleep_until = nst_gate_deadline(process->vm, ms);
        shared->parking = ms <= 0 ? NST_STATE_YIELD : NST_STATE_SLEEP;
    } else if (nst_gate_now(process->vm) >= shared->sleep_until) {
        shared->sleeping = false;
        nst_timer_disarm(process);
        return NST_WAIT_OK;
    }
    if (shared->parking == NST_STATE_SLEEP) nst_timer_arm(process, shared->sleep_until);
    return NST_WAIT_BLOCK;
}

// ---- Inspection -------------------------------------------------------------------------

const char *nst_process_status(const NstProcess *process, const NstProcess *self) {
    if (process == self) return "running";
    // relaxed: a snapshot.
    switch (atomic_load_explicit(&process->shared->state, memory_order_relaxed) & NST_STATE_MASK) {
    case NST_STATE_RECEIVE:
    case NST_STATE_MVAR:
    case NST_STATE_VICTIM: return "waiting";
    case NST_STATE_SLEEP: return "sleeping";
    case NST_STATE_IO: return "io";
    case NST_STATE_ENDED: return "exited";
    default: return "running";
    }
}
