#include "runtime/links.h"

#include <stdlib.h>

#include "frontend/arena.h"
#include "runtime/mailbox.h"
#include "runtime/process_table.h"
#include "runtime/vm_state.h"
#include "runtime/worker.h"

static NstBonds *bonds_locked(NstProcess *process) {
    if (!process->shared->bonds) process->shared->bonds = nst_calloc(1, sizeof(NstBonds));
    return process->shared->bonds;
}

static void lock_both(NstProcess *a, NstProcess *b) {
    nst_spin_lock(a->pid < b->pid ? &a->shared->lock : &b->shared->lock);
    nst_spin_lock(a->pid < b->pid ? &b->shared->lock : &a->shared->lock);
}

static void unlock_both(NstProcess *a, NstProcess *b) {
    nst_spin_unlock(&a->shared->lock);
    nst_spin_unlock(&b->shared->lock);
}

NstExitReason nst_links_ended_reason(void) {
    return nst_exit_error("process has ended");
}

void nst_links_free(NstBonds *bonds) {
    nst_id_map_free(&bonds->links);
    nst_id_map_free(&bonds->watching);
    nst_id_map_free(&bonds->watchers);
    free(bonds);
}

// ---- Links ------------------------------------------------------------------------------

static bool link_open(NstProcess *a, NstProcess *b) {
    lock_both(a, b);
    bool open = !b->shared->closed;
    if (open) {
        nst_id_map_put(&bonds_locked(a)->links, b->pid, 1);
        nst_id_map_put(&bonds_locked(b)->links, a->pid, 1);
    }
    unlock_both(a, b);
    return open;
}

void nst_links_add_child(NstProcess *parent, NstProcess *child) {
    link_open(parent, child);
}

bool nst_links_link(NstProcess *process, NstPid pid) {
    if (pid == process->pid) return true;
    NstProcess *other = nst_process_table_find(process->vm->processes, pid);
    return other && link_open(process, other);
}

void nst_links_unlink(NstProcess *process, NstPid pid) {
    if (pid == process->pid) return;
    nst_links_forget(process, pid);
    NstProcess *other = nst_process_table_find(process->vm->processes, pid);
    if (other) nst_links_forget(other, process->pid);
}

bool nst_links_forget(NstProcess *process, NstPid linked) {
    nst_spin_lock(&process->shared->lock);
    NstBonds *bonds = process->shared->bonds;
    bool had = bonds && nst_id_map_remove(&bonds->links, linked);
    nst_spin_unlock(&process->shared->lock);
    return had;
}

// ---- Monitors ---------------------------------------------------------------------------

static uint64_t new_ref(NstVm *vm) {
    return atomic_fetch_add_explicit(&vm->next_ref, 1, memory_order_relaxed) + 1; // only uniqueness matters
}

static bool monitor_open(NstProcess *watcher, NstProcess *target, uint64_t ref) {
    bool self = watcher == target;
    if (self) {
        nst_spin_lock(&watcher->shared->lock);
    } else {
        lock_both(watcher, target);
    }
    bool open = !target->shared->closed;
    if (open) {
        nst_id_map_put(&bonds_locked(watcher)->watching, ref, target->pid);
        nst_id_map_put(&bonds_locked(target)->watchers, ref, watcher->pid);
    }
    nst_spin_unlock(&watcher->shared->lock);
    if (!self) nst_spin_unlock(&target->shared->lock);
    return open;
}

uint64_t nst_links_monitor_child(NstProcess *parent, NstProcess *child) {
    uint64_t ref = new_ref(parent->vm);
    monitor_open(parent, child, ref);
    return ref;
}

uint64_t nst_links_monitor(NstProcess *process, NstPid pid) {
    uint64_t ref = new_ref(process->vm);
    NstProcess *target = nst_process_table_find(process->vm->processes, pid);
    if (!target || !monitor_open(process, target, ref)) {
        nst_mailbox_notify(process->worker, process, ref, pid, nst_links_ended_reason());
    }
    return ref;
}

void nst_links_demonitor(NstProcess *process, uint64_t ref) {
    uint64_t pid = 0;
    nst_spin_lock(&process->shared->lock);
    NstBonds *bonds = process->shared->bonds;
    bool active = bonds && nst_id_map_get(&bonds->watching, ref, &pid);
    if (active) nst_id_map_remove(&bonds->watching, ref);
    nst_spin_unlock(&process->shared->lock);
    if (!active) { // delivered, or not ours
        nst_mailbox_remove_down(process, ref);
        return;
    }
    NstProcess *target = nst_process_table_find(process->vm->processes, pid);
    if (target) nst_links_forget_watcher(target, ref);
}

void nst_links_forget_watcher(NstProcess *process, uint64_t ref) {
    nst_spin_lock(&process->shared->lock);
    if (process->shared->bonds) nst_id_map_remove(&process->shared->bonds->watchers, ref);
    nst_spin_unlock(&process->shared->lock);
}

void nst_links_deliver_down(NstWorker *worker, NstProcess *watcher, uint64_t ref, NstPid from,
                            const NstExitReason *reason) {
    NstExitReason copy = nst_exit_copy(reason);
    // Under the lock: demonitor finds the entry in the table or the message in the mailbox, never neither.
    nst_spin_lock(&watcher->shared->lock);
    NstBonds *bonds = watcher->shared->bonds;
    bool active = bonds && nst_id_map_remove(&bonds->watching, ref);
    if (active) nst_mailbox_notify(worker, watcher, ref, from, copy);
    nst_spin_unlock(&watcher->shared->lock);
    if (!active) nst_exit_free(&copy);
}
