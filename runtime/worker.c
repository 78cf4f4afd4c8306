#include "runtime/worker.h"

#include <stdlib.h>

#include "runtime/blocking.h"
#include "runtime/event_trace.h"
#include "runtime/gate.h"
#include "runtime/mailbox.h"
#include "runtime/process_state.h"
#include "runtime/slab.h"
#include "runtime/timer.h"

enum { BUSY_LONG = 16 };

void nst_worker_init(NstWorker *worker, NstVm *vm, uint32_t index) {
    *worker = (NstWorker){ .vm = vm, .index = index, .random = index + 1 };
    nst_deque_init(&worker->queue);
    nst_reclaimer_init(&worker->reclaimer);
    sem_init(&worker->wake, 0, 0);
}

void nst_worker_destroy(NstWorker *worker) {
    nst_reclaimer_flush(&worker->reclaimer, worker);
    sem_destroy(&worker->wake);
}

// ---- One slice --------------------------------------------------------------------------

static void retire_process(void *context, void *process) {
    (void)context;
    nst_process_free(process);
}

void nst_worker_retire(NstWorker *worker, NstProcess *process) {
    nst_reclaim_retire(&worker->vm->scheduler->reclaim, &worker->reclaimer, process, retire_process);
}

// RUNNABLE -> RUNNING. False: a killer has claimed it meanwhile; then the queue's hold on it ends here.
static bool enter(NstWorker *worker, NstProcess *process) {
    _Atomic uint32_t *state = &process->shared->state;
    uint32_t seen = atomic_load_explicit(state, memory_order_relaxed); // checked by the exchange
    for (;;) {
        bool runnable = (seen & NST_STATE_MASK) == NST_STATE_RUNNABLE;
        uint32_t wanted = runnable ? NST_STATE_RUNNING : seen & ~(uint32_t)NST_FLAG_QUEUED;
        // acquire pairs with the release of whoever made it RUNNABLE (wake, leave): its private state is ours now.
        // release: for the end of a claimed process, that the queue has let go.
        if (atomic_compare_exchange_weak_explicit(state, &seen, wanted, memory_order_acq_rel, memory_order_relaxed)) {
            if (!runnable && (wanted & NST_STATE_MASK) == NST_STATE_ENDED) nst_worker_retire(worker, process);
            return runnable;
        }
    }
}

// RUNNING -> waiting or RUNNABLE (`parking` says which). Ends the process instead if there is a signal.
static void leave(NstWorker *worker, NstProcess *process, uint32_t parking) {
    _Atomic uint32_t *state = &process->shared->state;
    uint32_t seen = atomic_load_explicit(state, memory_order_relaxed); // checked by the exchange
    for (;;) {
        if (seen & NST_FLAG_SIGNAL) {
            nst_process_end_signalled(worker, process);
            return;
        }
        bool again = parking == NST_STATE_YIELD || (seen & NST_FLAG_NOTIFIED);
        uint32_t queued = seen & NST_FLAG_QUEUED; // never set for a RUNNING process that was not claimed
        uint32_t wanted = (again ? NST_STATE_RUNNABLE | NST_FLAG_QUEUED : parking) | queued;
        // release pairs with the acquire in enter, and with claims: our use of the private state is over.
        if (atomic_compare_exchange_weak_explicit(state, &seen, wanted, memory_order_release, memory_order_relaxed)) {
            if (again) nst_scheduler_requeue(worker, process);
            return; // it may already run elsewhere
        }
    }
}

static void use_first_turn(NstProcess *process, bool over, int64_t slice) {
    struct NstProcessShared *shared = process->shared;
    if (!shared->first_turn) return;
    shared->first_turn = over || shared->first_turn <= slice ? 0 : shared->first_turn - (uint32_t)slice;
    if (!shared->first_turn) nst_scheduler_first_turn_over(process->vm);
}

static void trace_main_exit(NstProcess *process, const NstExitReason *reason) {
    if (!nst_event_traced(process->vm, NST_TRACE_EXIT)) return;
    NstExitReason shown = *reason;
    if (reason->kind == NST_EXIT_ERROR && !reason->text) shown.text = nst_exec_show(process, process->exception);
    nst_event_exit(process, &shown);
    if (shown.text != reason->text) free(shown.text);
}

static void main_stopped(NstProcess *process, NstStop stop) {
    NstVm *vm = process->vm;
    if (stop == NST_STOP_DONE) {
        trace_main_exit(process, &(NstExitReason){ .kind = NST_EXIT_NORMAL });
        nst_scheduler_main_returned(vm);
        return;
    }
    NstExitReason reason = { .kind = NST_EXIT_ERROR };
    bool exited = stop == NST_STOP_EXITED && nst_exit_from_value(process->vm, process->result, &reason);
    trace_main_exit(process, &reason);
    if (exited && reason.kind == NST_EXIT_NORMAL) {
        process->result = NST_UNIT;
        nst_scheduler_main_returned(vm);
        return;
    }
    if (!exited || reason.kind == NST_EXIT_ERROR) nst_process_report(process, exited ? reason.text : NULL);
    nst_exit_free(&reason);
    nst_scheduler_stop(vm, exited ? NST_CAUSE_MAIN_EXITED : NST_CAUSE_MAIN_FAILED);
}

static void stopped(NstWorker *worker, NstProcess *process, NstStop stop) {
    if (process->pid == worker->vm->main_pid) {
        main_stopped(process, stop); // it stays RUNNING: nobody runs or claims it any more
        return;
    }
    NstExitReason reason = { .kind = NST_EXIT_NORMAL };
    if (stop == NST_STOP_RAISED) {
        nst_process_report(process, NULL);
        char *text = nst_exec_show(process, process->exception);
        reason = (NstExitReason){ .kind = NST_EXIT_ERROR, .text = text };
    } else if (stop == NST_STOP_EXITED && nst_exit_from_value(process->vm, process->result, &reason) &&
               reason.kind == NST_EXIT_ERROR) {
        nst_process_report(process, reason.text);
    }
    nst_process_end(worker, process, reason);
}

static void run(NstWorker *worker, NstProcess *process) {
    if (!enter(worker, process)) return;
    NstVm *vm = worker->vm;
    process->worker = worker;
    worker->current = process;
    atomic_fetch_add_explicit(&worker->tick, 1, memory_order_relaxed); // read by rescue, a heuristic
    if (!process->shared->started) {
        process->shared->started = true;
        NstValue fn = nst_transfer_in(process, &process->shared->start);
        process->shared->start = (NstTransfer){ 0 };
        vm->exec_start(process, fn);
    }
    int64_t slice = nst_gate_slice(vm);
    uint64_t before = process->exec.reductions_done;
    NstStop stop = vm->exec_run(process, slice);
    worker->stats.slices++;
    if (nst_gate_scheduled(vm)) {
        nst_gate_ran(vm, process->pid, process->exec.reductions_done - before, stop == NST_STOP_YIELD);
    }
    bool goes_on = stop == NST_STOP_YIELD || stop == NST_STOP_BLOCKED;
    if (goes_on) {
        use_first_turn(process, stop == NST_STOP_BLOCKED, slice);
        if (stop == NST_STOP_BLOCKED) nst_heap_rest(process);
        leave(worker, process, stop == NST_STOP_YIELD ? NST_STATE_YIELD : process->shared->parking);
    } else {
        stopped(worker, process, stop);
    }
    worker->current = NULL;
}

// ---- The thread -------------------------------------------------------------------------

static void fire_timers(NstWorker *worker) {
    int64_t next = nst_timers_next(worker->vm->timers);
    if (next == NST_TIMER_NEVER) return;
    int64_t now = nst_gate_now(worker->vm);
    if (next <= now) nst_timers_fire(worker, now);
}

void *nst_worker_main(void *argument) {
    NstWorker *worker = argument;
    NstVm *vm = worker->vm;
    NstScheduler *scheduler = vm->scheduler;
    nst_reclaim_online(&scheduler->reclaim, &worker->reclaimer);
    uint32_t busy = 0; // processes run since it was parked
    while (!atomic_load_explicit(&scheduler->stopping, memory_order_relaxed)) { // parked workers are woken under a lock
        nst_reclaim_quiescent(&scheduler->reclaim, &worker->reclaimer, worker);
        fire_timers(worker);
        nst_blocking_collect(worker);
        NstProcess *process = nst_scheduler_take(worker);
        if (!process && busy == 0) process = nst_scheduler_rescue(worker);
        if (process) {
            if (++busy == BUSY_LONG) nst_scheduler_poke_timer(vm, NST_TIMER_NEVER - 1); // somebody else keeps time
            run(worker, process);
        } else {
            busy = 0;
            nst_scheduler_park(worker);
        }
    }
    nst_reclaim_offline(&worker->reclaimer);
    nst_slab_flush();
    nst_scheduler_thread_ends(worker);
    return NULL;
}
