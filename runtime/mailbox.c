#include "runtime/mailbox.h"

#include "runtime/event_trace.h"
#include "runtime/gate.h"
#include "runtime/process_table.h"
#include "runtime/slab.h"
#include "runtime/timer.h"
#include "runtime/worker.h"

// The mark in `inbound` of a receiver that waits.
static NstMessage waiting_mark;
#define WAITING (&waiting_mark)

void nst_mailbox_init(NstProcess *process) {
    struct NstProcessShared *shared = process->shared;
    atomic_init(&shared->inbound, NULL);
    atomic_init(&shared->mailbox_count, 0);
    atomic_init(&shared->mailbox_bytes, 0);
    shared->saved = NULL;
    shared->saved_end = &shared->saved;
    shared->cursor = NULL;
}

NstMessage *nst_message_new(NstTransfer transfer) {
    NstMessage *message = nst_slab_alloc(sizeof *message);
    *message = (NstMessage){ .transfer = transfer, .kind = NST_MESSAGE_OUTSIDE };
    message->bytes = sizeof *message + nst_transfer_bytes(&transfer);
    return message;
}

static void free_notice(NstNotice *notice) {
    nst_exit_free(&notice->reason);
    nst_slab_free(notice, sizeof *notice);
}

static void free_message(NstMessage *message) {
    if (message->kind == NST_MESSAGE_OUTSIDE) nst_transfer_drop(&message->transfer);
    if (message->kind == NST_MESSAGE_NOTICE) free_notice(message->transfer.parcel);
    nst_slab_free(message, sizeof *message);
}

// ---- Senders ----------------------------------------------------------------------------

void nst_mailbox_push(NstWorker *worker, NstProcess *to, NstMessage *message) {
    struct NstProcessShared *shared = to->shared;
    // relaxed: a number for Process.info; counted first, so it is never below what the receiver subtracts.
    atomic_fetch_add_explicit(&shared->mailbox_count, 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&shared->mailbox_bytes, message->bytes, memory_order_relaxed); // for check_budget
    NstMessage *newest = atomic_load_explicit(&shared->inbound, memory_order_relaxed); // checked by the exchange below
    do {
        message->next = newest == WAITING ? NULL : newest;
        // release pairs with the acquire in drain: the message is initialised. Pushes are read-modify-writes, so
        // taking the newest message acquires all of them.
    } while (!atomic_compare_exchange_weak_explicit(&shared->inbound, &newest, message, memory_order_release,
                                                    memory_order_relaxed));
    if (newest == WAITING) nst_process_wake(worker, to);
}

void nst_mailbox_notify(NstWorker *worker, NstProcess *to, uint64_t ref, NstPid from, NstExitReason reason) {
    NstNotice *notice = nst_slab_alloc(sizeof *notice);
    *notice = (NstNotice){ .ref = ref, .pid = from, .reason = reason };
    NstMessage *message = nst_message_new((NstTransfer){ .parcel = notice });
    message->kind = NST_MESSAGE_NOTICE;
    message->ref = ref;
    nst_mailbox_push(worker, to, message);
}

// Messages that nobody takes must not use up the whole program's memory: their receiver ends.
static void check_budget(NstWorker *worker, NstProcess *to) {
    // relaxed: a limit, not a promise about order
    if (!nst_heap_mailbox_over(atomic_load_explicit(&to->shared->mailbox_bytes, memory_order_relaxed))) return;
    NstExitReason reason = nst_exit_error("(\"OutOfMemory\", \"mailbox too large\")");
    if (nst_process_signal(to, &reason, false, NULL, 0) == NST_SIGNAL_CLAIMED) nst_process_end_signalled(worker, to);
    nst_exit_free(&reason);
}

NstWait nst_process_send(NstProcess *from, NstPid to, NstValue message) {
    NstTransfer transfer;
    if (nst_event_traced(from->vm, NST_TRACE_SEND)) nst_event_send(from, to, message);
    if (!nst_transfer_out(from, message, &transfer)) {
        nst_raise_panic(from, "Send: cannot convert message");
        return NST_WAIT_RAISE;
    }
    NstProcess *receiver = nst_process_table_find(from->vm->processes, to);
    if (receiver) {
        nst_mailbox_push(from->worker, receiver, nst_message_new(transfer));
        check_budget(from->worker, receiver);
    } else {
        nst_transfer_drop(&transfer);
    }
    from->worker->stats.messages++;
    return NST_WAIT_OK;
}

// ---- The receiver -----------------------------------------------------------------------

// Moves what has arrived to the private queue. False if nothing has. Removes the mark.
static bool drain(struct NstProcessShared *shared) {
    if (!atomic_load_explicit(&shared->inbound, memory_order_relaxed)) return false; // a hint; parking re-checks
    // acquire pairs with the release in push.
    NstMessage *newest = atomic_exchange_explicit(&shared->inbound, NULL, memory_order_acquire);
    if (newest == WAITING || !newest) return false;
    NstMessage *oldest = NULL, **end = &newest->next;
    for (NstMessage *message = newest, *next; message; message = next) {
        next = message->next;
        message->next = oldest;
        oldest = message;
    }
    *shared->saved_end = oldest;
    shared->saved_end = end;
    return true;
}

void nst_receive_begin(NstProcess *process, bool has_timeout, int64_t timeout_ms) {
    struct NstProcessShared *shared = process->shared;
    if (shared->cursor && *shared->cursor) { // a guard runs this receive, or has thrown; then remembering does no harm
        shared->outer = *shared->cursor;
        shared->outer_timed = shared->receive_timed;
        shared->outer_deadline = shared->deadline;
    }
    shared->cursor = &shared->saved;
    shared->receive_timed = has_timeout;
    if (has_timeout) shared->deadline = nst_gate_deadline(process->vm, timeout_ms);
}

static void leave_mailbox(struct NstProcessShared *shared, NstMessage *message) {
    atomic_fetch_sub_explicit(&shared->mailbox_bytes, message->bytes, memory_order_relaxed); // as in push
    message->bytes = 0;
}

static void import(NstProcess *process, NstMessage *message) {
    leave_mailbox(process->shared, message);
    if (message->kind == NST_MESSAGE_OUTSIDE) {
        message->transfer.value = nst_transfer_in(process, &message->transfer);
        message->transfer.parcel = NULL;
    } else if (message->kind == NST_MESSAGE_NOTICE) {
        NstNotice *notice = message->transfer.parcel;
        message->transfer.value = notice->ref
            ? nst_exit_down(process, notice->ref, notice->pid, &notice->reason)
            : nst_exit_message(process, notice->pid, &notice->reason);
        message->transfer.parcel = NULL;
        free_notice(notice);
    }
    message->kind = NST_MESSAGE_INSIDE;
    process->shared->imported++;
}

static void end_receive(NstProcess *process) {
    struct NstProcessShared *shared = process->shared;
    nst_timer_disarm(process);
    shared->cursor = NULL;
    if (!shared->outer) return;
    NstMessage **link = &shared->saved;
    while (*link && *link != shared->outer) link = &(*link)->next;
    shared->cursor = link;
    shared->receive_timed = shared->outer_timed;
    shared->deadline = shared->outer_deadline;
    shared->outer = NULL;
}

NstWait nst_receive_examine(NstProcess *process, NstValue *out) {
    struct NstProcessShared *shared = process->shared;
    if (!shared->cursor) shared->cursor = &shared->saved;
    while (!*shared->cursor && !drain(shared)) {
        // The clock is read before the last look: a message that is there when the deadline passes wins.
        if (shared->receive_timed && nst_gate_now(process->vm) >= shared->deadline) {
            if (drain(shared)) break;
            end_receive(process);
            return NST_WAIT_TIMEOUT;
        }
        NstMessage *empty = NULL;
        // relaxed: the mark carries no data, and the sender that replaces it wakes us through the state word.
        if (atomic_compare_exchange_strong_explicit(&shared->inbound, &empty, WAITING, memory_order_relaxed,
                                                    memory_order_relaxed)) {
            if (shared->receive_timed) nst_timer_arm(process, shared->deadline);
            shared->parking = NST_STATE_RECEIVE;
            return NST_WAIT_BLOCK;
        }
    }
    NstMessage *message = *shared->cursor;
    if (message->kind != NST_MESSAGE_INSIDE) import(process, message);
    *out = message->transfer.value;
    return NST_WAIT_OK;
}

void nst_receive_skip(NstProcess *process) {
    struct NstProcessShared *shared = process->shared;
    if (shared->cursor && *shared->cursor) shared->cursor = &(*shared->cursor)->next;
}

static void unlink_at(struct NstProcessShared *shared, NstMessage **link) {
    NstMessage *message = *link;
    *link = message->next;
    if (shared->saved_end == &message->next) shared->saved_end = link;
    if (shared->cursor == &message->next) shared->cursor = link;
    if (shared->outer == message) shared->outer = NULL;
    leave_mailbox(shared, message);
    if (message->kind == NST_MESSAGE_INSIDE) shared->imported--;
    atomic_fetch_sub_explicit(&shared->mailbox_count, 1, memory_order_relaxed);
    free_message(message);
}

void nst_receive_take(NstProcess *process) {
    struct NstProcessShared *shared = process->shared;
    if (shared->cursor && *shared->cursor) {
        if (nst_event_traced(process->vm, NST_TRACE_RECEIVE)) {
            nst_event_receive(process, (*shared->cursor)->transfer.value);
        }
        unlink_at(shared, shared->cursor);
    }
    end_receive(process);
}

void nst_mailbox_remove_down(NstProcess *process, uint64_t ref) {
    struct NstProcessShared *shared = process->shared;
    drain(shared);
    for (NstMessage **link = &shared->saved; *link; link = &(*link)->next) {
        if ((*link)->ref == ref) {
            unlink_at(shared, link);
            return;
        }
    }
}

void nst_mailbox_clear(NstProcess *process) {
    struct NstProcessShared *shared = process->shared;
    drain(shared);
    while (shared->saved) unlink_at(shared, &shared->saved);
    shared->cursor = NULL;
}

void nst_mailbox_roots(NstProcess *process, NstRootVisitor visit, void *context) {
    // Imported messages are those that some receive has looked at: usually few, and at the front.
    size_t left = process->shared->imported;
    for (NstMessage *message = process->shared->saved; left > 0; message = message->next) {
        if (message->kind != NST_MESSAGE_INSIDE) continue;
        visit(context, &message->transfer.value);
        left--;
    }
}

size_t nst_mailbox_list(NstProcess *process, const NstMessage **out, size_t max) {
    struct NstProcessShared *shared = process->shared;
    drain(shared);
    size_t count = 0;
    for (const NstMessage *message = shared->saved; message && count < max; message = message->next) {
        out[count++] = message;
    }
    return count;
}
