#include "runtime/mvar.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "frontend/arena.h"
#include "frontend/frontend.h"
#include "runtime/process_state.h"
#include "runtime/worker.h"

enum { SPINS = 50 }; // while the owner runs elsewhere: a plain access lasts tens of nanoseconds
#define WAITERS ((uintptr_t)1)

struct NstMvarCell {
    _Alignas(64) _Atomic uintptr_t word; // 0: free; else the owning NstProcess, plus WAITERS if the queue is not empty
    // The owner's:
    uint32_t depth;                   // locking operations that hold it
    bool initialised;
    NstTransfer content;
    NstMvarCell *held_next, *held_previous; // the owner's `held` list
    // Under NstMvars.lock:
    NstProcess *queue_first, *queue_last;
    NstName name;                     // constant
};

struct NstMvars {
    pthread_mutex_t lock; // queues, waiting_for and granted of processes, WAITERS bits
    NstMvarCell *cells;
    size_t count;
};

NstMvars *nst_mvars_new(const NstName *names, size_t count) {
    NstMvars *mvars = nst_calloc(1, sizeof *mvars);
    pthread_mutex_init(&mvars->lock, NULL);
    mvars->count = count;
    mvars->cells = aligned_alloc(64, sizeof(NstMvarCell) * (count ? count : 1));
    if (!mvars->cells) abort();
    for (size_t i = 0; i < mvars->count; i++) {
        mvars->cells[i] = (NstMvarCell){ .name = names[i] };
    }
    return mvars;
}

void nst_mvars_free(NstMvars *mvars) {
    for (size_t i = 0; i < mvars->count; i++) nst_transfer_drop(&mvars->cells[i].content);
    free(mvars->cells);
    pthread_mutex_destroy(&mvars->lock);
    free(mvars);
}

static NstProcess *owner_of(uintptr_t word) {
    return (NstProcess *)(word & ~WAITERS);
}

// ---- Taking -----------------------------------------------------------------------------

static bool try_take(NstMvarCell *cell, NstProcess *process) {
    uintptr_t free_word = 0;
    // acquire pairs with the release in give_back: what the previous owner stored is visible. release pairs with
    // spin_take and closes_circle_locked, which look at the owner.
    return atomic_compare_exchange_strong_explicit(&cell->word, &free_word, (uintptr_t)process, memory_order_acq_rel,
                                                   memory_order_relaxed);
}

// Worth waiting actively: nobody queues, and the owner is being executed at this moment, so it will be short.
static bool spin_take(NstMvarCell *cell, NstProcess *process) {
    if (process->vm->scheduler->worker_count == 1) return false;
    for (int i = 0; i < SPINS; i++) {
        // acquire: the owner took the cell after it had been made, so its fields may be read; its memory cannot be
        // reclaimed within our slice.
        uintptr_t word = atomic_load_explicit(&cell->word, memory_order_acquire);
        if (word == 0 && try_take(cell, process)) return true;
        if (word & WAITERS) return false;
        if (word && (atomic_load_explicit(&owner_of(word)->shared->state, memory_order_relaxed) & NST_STATE_MASK) !=
                        NST_STATE_RUNNING) {
            return false;
        }
        nst_spin_pause();
    }
    return false;
}

// Would waiting for the cell close a circle of waiting processes? Edges cannot change while the lock is held: a cell with
// waiters is given back only under it.
static bool closes_circle_locked(const NstMvarCell *cell, const NstProcess *process) {
    while (cell) {
        const NstProcess *owner = owner_of(atomic_load_explicit(&cell->word, memory_order_acquire)); // its waiting_for
        if (owner == process) return true;
        cell = owner ? owner->shared->waiting_for : NULL;
    }
    return false;
}

static void enqueue_locked(NstMvarCell *cell, NstProcess *process) {
    process->shared->mvar_next = NULL;
    *(cell->queue_last ? &cell->queue_last->shared->mvar_next : &cell->queue_first) = process;
    cell->queue_last = process;
    process->shared->waiting_for = cell;
}

static NstWait wait_or_take(NstMvarCell *cell, NstProcess *process) {
    NstMvars *mvars = process->vm->mvars;
    pthread_mutex_lock(&mvars->lock);
    uintptr_t word = atomic_load_explicit(&cell->word, memory_order_relaxed); // checked by the exchange
    for (;;) {
        uintptr_t wanted = word ? word | WAITERS : (uintptr_t)process;
        // acq_rel as in try_take. From here on the owner must come through the lock to give it back.
        if (atomic_compare_exchange_weak_explicit(&cell->word, &word, wanted, memory_order_acq_rel,
                                                  memory_order_relaxed)) {
            break;
        }
    }
    NstWait result = NST_WAIT_OK;
    if (word) {
        if (closes_circle_locked(cell, process)) {
            // relaxed: the bit is only read by the owner's exchange in give_back, which then takes the lock or not.
            if (!cell->queue_first) atomic_fetch_and_explicit(&cell->word, ~WAITERS, memory_order_relaxed);
            result = NST_WAIT_RAISE;
        } else {
            enqueue_locked(cell, process);
            process->shared->parking = NST_STATE_MVAR;
            result = NST_WAIT_BLOCK;
        }
    }
    pthread_mutex_unlock(&mvars->lock);
    if (result == NST_WAIT_RAISE) nst_raise_pair(process, "Deadlock", "mvar deadlock: `%s`", nst_name_text(cell->name));
    return result;
}

static bool take_grant(NstMvarCell *cell, NstProcess *process) {
    struct NstProcessShared *shared = process->shared;
    if (atomic_load_explicit(&shared->granted, memory_order_acquire) != cell) return false; // pairs with hand_over
    atomic_store_explicit(&shared->granted, NULL, memory_order_relaxed); // ours now
    return true;
}

static bool still_waits(NstMvarCell *cell, NstProcess *process) {
    NstMvars *mvars = process->vm->mvars;
    pthread_mutex_lock(&mvars->lock);
    bool waits = process->shared->waiting_for == cell;
    pthread_mutex_unlock(&mvars->lock);
    return waits;
}

// OK: the process owns the cell now and did not before.
static NstWait take(NstMvarCell *cell, NstProcess *process) {
    struct NstProcessShared *shared = process->shared;
    if (shared->queued_for == cell) { // executed again after waiting
        if (!take_grant(cell, process)) {
            if (still_waits(cell, process)) { // woken by something else
                shared->parking = NST_STATE_MVAR;
                return NST_WAIT_BLOCK;
            }
            take_grant(cell, process); // handed over between the two looks
        }
        shared->queued_for = NULL;
        return NST_WAIT_OK;
    }
    if (try_take(cell, process) || spin_take(cell, process)) return NST_WAIT_OK;
    NstWait wait = wait_or_take(cell, process);
    if (wait == NST_WAIT_BLOCK) shared->queued_for = cell;
    return wait;
}

// ---- Giving back ------------------------------------------------------------------------

static void hand_over(NstWorker *worker, NstMvarCell *cell) {
    NstMvars *mvars = worker->vm->mvars;
    pthread_mutex_lock(&mvars->lock);
    NstProcess *first = cell->queue_first;
    if (first) {
        cell->queue_first = first->shared->mvar_next;
        if (!cell->queue_first) cell->queue_last = NULL;
        first->shared->waiting_for = NULL;
        // release pairs with the acquire in take_grant: the contents.
        atomic_store_explicit(&first->shared->granted, cell, memory_order_release);
    }
    uintptr_t word = (uintptr_t)first | (cell->queue_first ? WAITERS : 0);
    atomic_store_explicit(&cell->word, word, memory_order_release); // pairs with try_take
    pthread_mutex_unlock(&mvars->lock);
    if (first) nst_process_wake(worker, first);
}

static void give_back(NstWorker *worker, NstMvarCell *cell, NstProcess *process) {
    uintptr_t word = (uintptr_t)process;
    // release pairs with the acquire in try_take.
    if (!atomic_compare_exchange_strong_explicit(&cell->word, &word, 0, memory_order_release, memory_order_relaxed)) {
        hand_over(worker, cell); // somebody waits
    }
}

static void hold(NstMvarCell *cell, NstProcess *process) {
    cell->depth = 1;
    cell->held_previous = NULL;
    cell->held_next = process->shared->held;
    if (cell->held_next) cell->held_next->held_previous = cell;
    process->shared->held = cell;
}

static void let_go(NstMvarCell *cell, NstProcess *process) {
    *(cell->held_previous ? &cell->held_previous->held_next : &process->shared->held) = cell->held_next;
    if (cell->held_next) cell->held_next->held_previous = cell->held_previous;
}

static bool owns(const NstMvarCell *cell, const NstProcess *process) {
    // relaxed: only the process itself can make this true or false for itself, except by a hand-over, which
    // queued_for announces.
    return owner_of(atomic_load_explicit(&cell->word, memory_order_relaxed)) == process &&
           process->shared->queued_for != cell;
}

// ---- Operations of process.h ------------------------------------------------------------

// An mvar of a library module that has been loaded after the start has no cell; its initialiser has not run either.
static bool exists(NstProcess *process, uint32_t mvar) {
    if (mvar < process->vm->mvars->count) return true;
    nst_raise_panic(process, "mvar `%s` is not initialised",
                    nst_name_text(nst_program_mvar(process->vm->program, mvar)->name));
    return false;
}

static NstMvarCell *cell_at(const NstProcess *process, uint32_t mvar) {
    return &process->vm->mvars->cells[mvar];
}

NstWait nst_mvar_read(NstProcess *process, uint32_t mvar, NstValue *out) {
    if (!exists(process, mvar)) return NST_WAIT_RAISE;
    NstMvarCell *cell = cell_at(process, mvar);
    bool owned = owns(cell, process);
    if (!owned) {
        NstWait wait = take(cell, process);
        if (wait != NST_WAIT_OK) return wait;
    }
    bool initialised = cell->initialised;
    if (initialised) *out = nst_shared_read(process, &cell->content);
    if (!owned) give_back(process->worker, cell, process);
    if (initialised) return NST_WAIT_OK;
    nst_raise_panic(process, "mvar `%s` is not initialised", nst_name_text(cell->name));
    return NST_WAIT_RAISE;
}

static NstWait store(NstProcess *process, uint32_t mvar, NstValue value, bool initialises) {
    if (!exists(process, mvar)) return NST_WAIT_RAISE;
    NstMvarCell *cell = cell_at(process, mvar);
    bool owned = owns(cell, process);
    if (!owned) {
        NstWait wait = take(cell, process);
        if (wait != NST_WAIT_OK) return wait;
    }
    NstTransfer old = { 0 }, fresh;
    bool stored = nst_shared_store(process, value, &fresh);
    if (stored) {
        old = cell->content;
        cell->content = fresh;
        if (initialises) cell->initialised = true;
    }
    if (!owned) give_back(process->worker, cell, process);
    nst_transfer_drop(&old);
    if (stored) return NST_WAIT_OK;
    nst_raise_panic(process, "Cannot convert value for mvar: %s", nst_name_text(cell->name));
    return NST_WAIT_RAISE;
}

NstWait nst_mvar_write(NstProcess *process, uint32_t mvar, NstValue value) {
    return store(process, mvar, value, false);
}

NstWait nst_mvar_init(NstProcess *process, uint32_t mvar, NstValue value) {
    return store(process, mvar, value, true);
}

NstWait nst_mvar_lock(NstProcess *process, const uint32_t *mvars, size_t count) {
    struct NstProcessShared *shared = process->shared;
    for (size_t i = shared->lock_progress; i < count; i++) {
        if (!exists(process, mvars[i])) return NST_WAIT_RAISE;
    }
    while (shared->lock_progress < count) {
        NstMvarCell *cell = cell_at(process, mvars[shared->lock_progress]);
        if (owns(cell, process)) {
            cell->depth++;
        } else {
            NstWait wait = take(cell, process);
            if (wait == NST_WAIT_RAISE) { // the set is taken as a whole or not at all
                size_t taken = shared->lock_progress;
                shared->lock_progress = 0;
                nst_mvar_unlock(process, mvars, taken);
            }
            if (wait != NST_WAIT_OK) return wait;
            hold(cell, process);
        }
        shared->lock_progress++;
    }
    shared->lock_progress = 0;
    return NST_WAIT_OK;
}

void nst_mvar_unlock(NstProcess *process, const uint32_t *mvars, size_t count) {
    for (size_t i = 0; i < count; i++) {
        NstMvarCell *cell = cell_at(process, mvars[i]);
        if (--cell->depth > 0) continue;
        let_go(cell, process);
        give_back(process->worker, cell, process);
    }
}

static void leave_queue_locked(NstProcess *process) {
    NstMvarCell *cell = process->shared->waiting_for;
    NstProcess *previous = NULL;
    for (NstProcess *p = cell->queue_first; p != process; p = p->shared->mvar_next) previous = p;
    *(previous ? &previous->shared->mvar_next : &cell->queue_first) = process->shared->mvar_next;
    if (cell->queue_last == process) cell->queue_last = previous;
    // relaxed: see wait_or_take.
    if (!cell->queue_first) atomic_fetch_and_explicit(&cell->word, ~WAITERS, memory_order_relaxed);
    process->shared->waiting_for = NULL;
}

void nst_mvar_release_all(NstWorker *worker, NstProcess *process) {
    struct NstProcessShared *shared = process->shared;
    if (shared->queued_for) {
        NstMvars *mvars = worker->vm->mvars;
        pthread_mutex_lock(&mvars->lock);
        if (shared->waiting_for) leave_queue_locked(process);
        pthread_mutex_unlock(&mvars->lock);
        NstMvarCell *granted = shared->queued_for;
        if (take_grant(granted, process)) give_back(worker, granted, process);
        shared->queued_for = NULL;
    }
    while (shared->held) {
        NstMvarCell *cell = shared->held;
        let_go(cell, process);
        give_back(worker, cell, process);
    }
}

// ---- Tools ------------------------------------------------------------------------------

size_t nst_mvar_inspect(NstVm *vm, uint32_t mvar, NstPid *owner, NstPid *queue, size_t max) {
    NstMvars *mvars = vm->mvars;
    NstMvarCell *cell = &mvars->cells[mvar];
    pthread_mutex_lock(&mvars->lock);
    NstProcess *process = owner_of(atomic_load_explicit(&cell->word, memory_order_acquire));
    *owner = process ? process->pid : 0;
    size_t count = 0;
    for (NstProcess *p = cell->queue_first; p; p = p->shared->mvar_next, count++) {
        if (count < max) queue[count] = p->pid;
    }
    pthread_mutex_unlock(&mvars->lock);
    return count;
}

int64_t nst_mvar_waiting_for(NstProcess *process) {
    NstMvars *mvars = process->vm->mvars;
    pthread_mutex_lock(&mvars->lock);
    const NstMvarCell *cell = process->shared->waiting_for;
    pthread_mutex_unlock(&mvars->lock);
    return cell ? cell - mvars->cells : -1;
}
