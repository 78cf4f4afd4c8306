// Mailboxes: an inbound stack that any number of senders push to without a lock, and the receiver's private queue.
//
// The receiver takes the whole inbound stack at once and appends it, reversed, to its queue: arrival order. `inbound`
// is one word: null (empty), the newest message, or the mark WAITING (empty, the receiver waits: whoever replaces the
// mark wakes it). A push is one compare-and-swap; it is in the mailbox when that has succeeded, so order is causal.
//
// Values stay outside the receiver's heap until they are examined for the first time. Until then the mailbox accounts for
// them; beyond the budget of its process the receiver ends as if ("OutOfMemory", …) had left its function.
#ifndef NST_MAILBOX_H
#define NST_MAILBOX_H

#include "runtime/exit_reason.h"
#include "runtime/process_state.h"

typedef enum NstMessageKind {
    NST_MESSAGE_OUTSIDE, // transfer
    NST_MESSAGE_INSIDE,  // transfer.value is a value of the receiver's heap
    NST_MESSAGE_NOTICE,  // Down or Exit, not yet made into a value: transfer.parcel is an NstNotice
} NstMessageKind;

typedef struct NstNotice {
    uint64_t ref;        // 0: Exit
    NstPid pid;
    NstExitReason reason;
} NstNotice;

struct NstMessage {
    NstMessage *next;
    NstTransfer transfer;
    uint64_t ref;        // of a Down message, else 0
    size_t bytes;        // that it adds to the mailbox; 0 once inside
    NstMessageKind kind;
};

void nst_mailbox_init(NstProcess *process);
// Frees all messages. Owner only; called again when the memory is reclaimed, for messages that came too late.
void nst_mailbox_clear(NstProcess *process);

// Any worker. The message is in the mailbox on return; wakes the receiver if it waits.
void nst_mailbox_push(NstWorker *worker, NstProcess *to, NstMessage *message);
// Down (ref != 0) or Exit. Consumes the reason.
void nst_mailbox_notify(NstWorker *worker, NstProcess *to, uint64_t ref, NstPid from, NstExitReason reason);

NstMessage *nst_message_new(NstTransfer transfer);
// Removes a queued Down message with this ref. Owner only.
void nst_mailbox_remove_down(NstProcess *process, uint64_t ref);

// GC: the imported values.
void nst_mailbox_roots(NstProcess *process, NstRootVisitor visit, void *context);

// For tools, owner only or while the process is held: the messages in order.
size_t nst_mailbox_list(NstProcess *process, const NstMessage **out, size_t max);

#endif
