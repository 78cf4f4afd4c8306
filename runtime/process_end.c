// The end of processes, in the order of concurrency.md 2.3. `finally` parts have run already (or never will).
//
// One end can take others along through links; they are worked off a list, never recursively. A linked process that is
// not running is claimed and ended here; one that runs on another worker ends there at its next safepoint, and the
// tickets of waiting killers are passed on to it, so that Process.kill returns after the last effect.
#include <stdlib.h>

#include "frontend/arena.h"
#include "runtime/blocking.h"
#include "runtime/event_trace.h"
#include "runtime/lib_state.h"
#include "runtime/links.h"
#include "runtime/mailbox.h"
#include "runtime/mvar.h"
#include "runtime/output.h"
#include "runtime/process_state.h"
#include "runtime/process_table.h"
#include "runtime/registry.h"
#include "runtime/slab.h"
#include "runtime/timer.h"
#include "runtime/worker.h"

typedef struct Ending {
    NstWorker *worker;
    NstProcess *claimed;   // still to be ended, linked by end_next
    NstTicket **tickets;   // to be settled when everything here has ended
    size_t ticket_count;
} Ending;

void nst_process_report(NstProcess *process, const char *text) {
    if (process->pid == process->vm->main_pid) nst_output_flush(process->vm, 1); // the program ends: it may wait
    else nst_output_try_flush(process->vm);
    if (text) process->exception = nst_string_z(process, text); // Process.exit(Error(text)) is reported like throw(text)
    nst_exec_report(process);
}

// ---- Links ------------------------------------------------------------------------------

static void add_ticket(Ending *ending, NstTicket *ticket) {
    for (size_t i = 0; i < ending->ticket_count; i++) {
        if (ending->tickets[i] != ticket) continue;
        // It came back along a link. relaxed: the one that is kept still counts, so neither sum reaches zero.
        atomic_fetch_sub_explicit(&ticket->pending, 1, memory_order_relaxed);
        atomic_fetch_sub_explicit(&ticket->holders, 1, memory_order_relaxed);
        return;
    }
    ending->tickets = nst_realloc(ending->tickets, (ending->ticket_count + 1) * sizeof *ending->tickets);
    ending->tickets[ending->ticket_count++] = ticket;
}

static void end_linked(Ending *ending, NstProcess *linked, const NstExitReason *reason) {
    if (nst_process_signal(linked, reason, true, ending->tickets, ending->ticket_count) == NST_SIGNAL_CLAIMED) {
        linked->shared->end_next = ending->claimed;
        ending->claimed = linked;
    }
}

static void notify_links(Ending *ending, NstProcess *process, const NstExitReason *reason, struct NstBonds *bonds) {
    NstProcessTable *table = process->vm->processes;
    NstIdEntry *links = nst_id_map_sorted(&bonds->links);
    for (uint32_t i = 0; links && i < bonds->links.count; i++) {
        NstProcess *linked = nst_process_table_find(table, links[i].id);
        if (!linked || !nst_links_forget(linked, process->pid)) continue;
        if (atomic_load(&linked->shared->traps)) {
            nst_mailbox_notify(ending->worker, linked, 0, process->pid, nst_exit_copy(reason));
        } else if (reason->kind != NST_EXIT_NORMAL) {
            end_linked(ending, linked, reason);
        }
    }
    free(links);
    NstIdEntry *watchers = nst_id_map_sorted(&bonds->watchers);
    for (uint32_t i = 0; watchers && i < bonds->watchers.count; i++) {
        NstProcess *watcher = nst_process_table_find(table, watchers[i].value);
        if (watcher) nst_links_deliver_down(ending->worker, watcher, watchers[i].id, process->pid, reason);
    }
    free(watchers);
    for (uint32_t i = 0; i < bonds->watching.size; i++) {
        NstIdEntry *entry = &bonds->watching.entries[i];
        NstProcess *target = entry->id ? nst_process_table_find(table, entry->value) : NULL;
        if (target) nst_links_forget_watcher(target, entry->id);
    }
}

// ---- One process ------------------------------------------------------------------------

static void count_stats(NstWorker *worker, const NstProcess *process) {
    worker->stats.reductions += process->exec.reductions_done;
    worker->stats.collections += process->heap.collections;
}

static void free_contents(NstProcess *process) {
    struct NstProcessShared *shared = process->shared;
    nst_blocking_abandon(process);
    if (shared->ticket) nst_ticket_release(shared->ticket);
    nst_mailbox_clear(process);
    if (!shared->started) nst_transfer_drop(&shared->start);
    nst_exec_destroy(process);
    nst_heap_destroy(&process->heap);
}

void nst_process_discard(NstProcess *process) {
    struct NstProcessShared *shared = process->shared;
    if (shared->bonds) nst_links_free(shared->bonds);
    if (shared->signal) {
        for (size_t i = 0; i < shared->signal->ticket_count; i++) nst_ticket_release(shared->signal->tickets[i]);
        free(shared->signal->tickets);
        nst_exit_free(&shared->signal->reason);
        free(shared->signal);
    }
    free_contents(process);
    nst_process_free(process);
}

// RUNNING -> ENDED. The memory goes when no queue and no other worker can hold a pointer any more.
static void become_ended(NstWorker *worker, NstProcess *process) {
    _Atomic uint32_t *state = &process->shared->state;
    uint32_t seen = atomic_load_explicit(state, memory_order_relaxed); // checked by the exchange
    uint32_t wanted;
    do {
        wanted = NST_STATE_ENDED | (seen & NST_FLAG_QUEUED);
        // acq_rel: with enter, which may clear QUEUED at the same time; exactly one of the two sees the other's change.
    } while (!atomic_compare_exchange_weak_explicit(state, &seen, wanted, memory_order_acq_rel, memory_order_relaxed));
    if (!(wanted & NST_FLAG_QUEUED)) nst_worker_retire(worker, process);
}

static void take_tickets(Ending *ending, NstSignal *signal) {
    if (!signal) return;
    for (size_t i = 0; i < signal->ticket_count; i++) add_ticket(ending, signal->tickets[i]);
    free(signal->tickets);
    nst_exit_free(&signal->reason);
    free(signal);
}

static void end_one(Ending *ending, NstProcess *process, const NstExitReason *reason) {
    NstWorker *worker = ending->worker;
    NstVm *vm = process->vm;
    struct NstProcessShared *shared = process->shared;
    if (nst_event_traced(vm, NST_TRACE_EXIT)) nst_event_exit(process, reason);
    nst_timer_disarm(process);
    nst_mvar_release_all(worker, process);
    bool failed = reason->kind == NST_EXIT_KILLED || reason->kind == NST_EXIT_ERROR;
    if (failed) nst_lib_process_failed(vm, process->pid); // its listening sockets
    nst_registry_forget(vm->registry, process);
    nst_process_table_remove(vm->processes, worker, process->pid);

    nst_spin_lock(&shared->lock);
    shared->closed = true; // from now on links and monitors see an ended process
    struct NstBonds *bonds = shared->bonds;
    NstSignal *signal = shared->signal;
    shared->bonds = NULL;
    shared->signal = NULL;
    nst_spin_unlock(&shared->lock);

    take_tickets(ending, signal);
    if (bonds) {
        notify_links(ending, process, reason, bonds);
        nst_links_free(bonds);
    }
    if (shared->first_turn) nst_scheduler_first_turn_over(vm);
    count_stats(worker, process);
    free_contents(process);
    become_ended(worker, process);
}

// ---- A chain of ends --------------------------------------------------------------------

static void settle_tickets(Ending *ending) {
    for (size_t i = 0; i < ending->ticket_count; i++) {
        NstTicket *ticket = ending->tickets[i];
        NstProcess *killer = nst_process_table_find(ending->worker->vm->processes, ticket->killer);
        // acq_rel: the killer that sees zero sees the effects of all ends.
        if (atomic_fetch_sub_explicit(&ticket->pending, 1, memory_order_acq_rel) == 1 && killer) {
            nst_process_wake(ending->worker, killer);
        }
        nst_ticket_release(ticket);
    }
    free(ending->tickets);
}

// The signal stays installed until end_one: others may still add their tickets.
static void end_by_signal(Ending *ending, NstProcess *process) {
    struct NstProcessShared *shared = process->shared;
    nst_spin_lock(&shared->lock);
    NstExitReason reason = nst_exit_copy(&shared->signal->reason);
    bool by_link = shared->signal->by_link;
    nst_spin_unlock(&shared->lock);
    bool failed = reason.kind == NST_EXIT_ERROR && !by_link; // its mailbox was too large
    if (failed) nst_process_report(process, reason.text);
    if (process->pid == process->vm->main_pid) {
        nst_scheduler_stop(process->vm, by_link ? NST_CAUSE_MAIN_LINKED
                                        : failed ? NST_CAUSE_MAIN_FAILED : NST_CAUSE_MAIN_KILLED);
    } else {
        end_one(ending, process, &reason);
    }
    nst_exit_free(&reason);
}

static void finish(Ending *ending) {
    while (ending->claimed) {
        NstProcess *process = ending->claimed;
        ending->claimed = process->shared->end_next;
        end_by_signal(ending, process);
    }
    settle_tickets(ending);
}

void nst_process_end(NstWorker *worker, NstProcess *process, NstExitReason reason) {
    Ending ending = { .worker = worker };
    end_one(&ending, process, &reason);
    nst_exit_free(&reason);
    finish(&ending);
}

void nst_process_end_signalled(NstWorker *worker, NstProcess *process) {
    Ending ending = { .worker = worker };
    end_by_signal(&ending, process);
    finish(&ending);
}
