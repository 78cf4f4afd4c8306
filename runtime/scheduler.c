#define _GNU_SOURCE // sem_clockwait, processor sets
#include "runtime/scheduler.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "frontend/arena.h"
#include "runtime/blocking.h"
#include "runtime/gate.h"
#include "runtime/output.h"
#include "runtime/process_state.h"
#include "runtime/slab.h"
#include "runtime/timer.h"
#include "runtime/worker.h"

enum {
    GLOBAL_EVERY = 61, // slices between two looks at the global queue before the own one
    GLOBAL_BATCH = 32, // processes taken from the global queue at once
    NEXT_STREAK = 16,  // slices in a row that the next-to-run slot may take
};
static const int64_t rescue_ns = 20000000;            // how long a parked worker leaves a busy one's queue alone
static const size_t thread_stack = (size_t)256 << 20; // the compiler recurses on workers; virtual memory only

// ---- Life -------------------------------------------------------------------------------

NstScheduler *nst_scheduler_new(NstVm *vm) {
    NstScheduler *scheduler = nst_calloc(1, sizeof *scheduler);
    uint32_t count = nst_gate_scheduled(vm) ? 1 : vm->options.threads;
    scheduler->worker_count = count;
    scheduler->workers = aligned_alloc(64, (sizeof(NstWorker) * count + 63u) & ~(size_t)63);
    if (!scheduler->workers) abort();
    scheduler->reclaim.members = nst_calloc(count, sizeof *scheduler->reclaim.members);
    scheduler->reclaim.member_count = count;
    atomic_init(&scheduler->reclaim.epoch, 1);
    for (uint32_t i = 0; i < count; i++) {
        nst_worker_init(&scheduler->workers[i], vm, i);
        scheduler->reclaim.members[i] = &scheduler->workers[i].reclaimer;
    }
    pthread_mutex_init(&scheduler->lock, NULL);
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&scheduler->thread_ended, &monotonic);
    pthread_condattr_destroy(&monotonic);
    atomic_init(&scheduler->sleepers, count);
    atomic_init(&scheduler->watch, NST_WATCH_NOBODY);
    atomic_init(&scheduler->first_turns, 1); // main's own, until it returns
    return scheduler;
}

void nst_scheduler_free(NstScheduler *scheduler) {
    for (uint32_t i = 0; i < scheduler->worker_count; i++) nst_worker_destroy(&scheduler->workers[i]);
    pthread_mutex_destroy(&scheduler->lock);
    pthread_cond_destroy(&scheduler->thread_ended);
    free(scheduler->reclaim.members);
    free(scheduler->workers);
    free(scheduler);
}

// The queue lets go of the process; if it has ended meanwhile, nobody else holds it.
static void drop_queued(NstProcess *process) {
    if ((atomic_load(&process->shared->state) & NST_STATE_MASK) == NST_STATE_ENDED) nst_process_free(process);
}

void nst_scheduler_drop_queues(NstScheduler *scheduler) {
    NstProcess *process;
    for (uint32_t i = 0; i < scheduler->worker_count; i++) {
        NstWorker *worker = &scheduler->workers[i];
        while ((process = nst_deque_take(&worker->queue))) drop_queued(process);
        process = atomic_exchange(&worker->next, NULL);
        if (process) drop_queued(process);
        while (nst_gate_scheduled(worker->vm) && (process = nst_gate_pick(worker->vm))) drop_queued(process);
    }
    while ((process = scheduler->global_first)) {
        scheduler->global_first = process->shared->queue_next;
        drop_queued(process);
    }
}

static void start_locked(NstScheduler *scheduler, NstWorker *worker) {
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, thread_stack);
    worker->started = pthread_create(&worker->thread, &attributes, nst_worker_main, worker) == 0;
    pthread_attr_destroy(&attributes);
    if (!worker->started) { // no more threads: the others do the work
        scheduler->worker_limit = worker->index;
        if (worker->index == 0) abort();
        return;
    }
    scheduler->started_workers++;
    scheduler->running_threads++;
}

void nst_scheduler_start(NstVm *vm, sem_t *finished) {
    NstScheduler *scheduler = vm->scheduler;
    scheduler->finished = finished;
    scheduler->worker_limit = scheduler->worker_count;
    pthread_mutex_lock(&scheduler->lock);
    atomic_fetch_sub_explicit(&scheduler->sleepers, 1, memory_order_relaxed); // before any other worker exists
    start_locked(scheduler, &scheduler->workers[0]);
    pthread_mutex_unlock(&scheduler->lock);
}

// ---- Parking and waking -----------------------------------------------------------------
//
// Nobody is lost: who makes a process runnable first stores it, then looks at `searching` and `sleepers`; who goes to
// sleep first leaves `searching` and enters `sleepers`, then looks at all queues again. All four are seq_cst, so
// at least one of the two sees the other.

static void unlink_idle_locked(NstScheduler *scheduler, NstWorker *worker) {
    for (NstWorker **link = &scheduler->idle; *link; link = &(*link)->idle_next) {
        if (*link == worker) {
            *link = worker->idle_next;
            break;
        }
    }
    worker->parked = false;
    scheduler->idle_workers--;
    if (scheduler->timekeeper == worker) scheduler->timekeeper = NULL;
    if (!scheduler->timekeeper) {
        atomic_store_explicit(&scheduler->watch, scheduler->idle ? NST_TIMER_NEVER : NST_WATCH_NOBODY,
                              memory_order_seq_cst);
    }
    atomic_fetch_sub_explicit(&scheduler->sleepers, 1, memory_order_seq_cst);
}

static void wake_locked(NstScheduler *scheduler, NstWorker *worker) {
    unlink_idle_locked(scheduler, worker);
    sem_post(&worker->wake);
}

// Makes one sleeping worker search, or starts one. It counts as searching from now on.
static void wake_searcher(NstVm *vm) {
    NstScheduler *scheduler = vm->scheduler;
    uint32_t none = 0;
    // One searcher at a time; seq_cst: see above.
    if (!atomic_compare_exchange_strong_explicit(&scheduler->searching, &none, 1, memory_order_seq_cst,
                                                 memory_order_seq_cst)) {
        return;
    }
    pthread_mutex_lock(&scheduler->lock);
    NstWorker *worker = scheduler->idle;
    if (worker == scheduler->timekeeper && worker && worker->idle_next) worker = worker->idle_next;
    if (worker) {
        worker->told_to_search = true;
        wake_locked(scheduler, worker);
    } else if (scheduler->started_workers < scheduler->worker_limit && !atomic_load(&scheduler->stopping)) {
        worker = &scheduler->workers[scheduler->started_workers];
        worker->searching = true;
        start_locked(scheduler, worker);
        if (worker->started) {
            atomic_fetch_sub_explicit(&scheduler->sleepers, 1, memory_order_seq_cst);
        } else {
            worker = NULL;
        }
    }
    pthread_mutex_unlock(&scheduler->lock);
    if (!worker) atomic_fetch_sub_explicit(&scheduler->searching, 1, memory_order_seq_cst);
}

static void work_added(NstVm *vm) {
    NstScheduler *scheduler = vm->scheduler;
    if (atomic_load_explicit(&scheduler->sleepers, memory_order_seq_cst) > 0 &&
        atomic_load_explicit(&scheduler->searching, memory_order_seq_cst) == 0) {
        wake_searcher(vm);
    }
}

// The worker has found work; if it was the last searcher, another one should look for the rest.
static void found_work(NstWorker *worker) {
    if (!worker->searching) return;
    worker->searching = false;
    if (atomic_fetch_sub_explicit(&worker->vm->scheduler->searching, 1, memory_order_seq_cst) == 1) {
        work_added(worker->vm);
    }
}

void nst_scheduler_poke(NstVm *vm) {
    NstScheduler *scheduler = vm->scheduler;
    pthread_mutex_lock(&scheduler->lock);
    if (scheduler->idle) wake_locked(scheduler, scheduler->timekeeper ? scheduler->timekeeper : scheduler->idle);
    pthread_mutex_unlock(&scheduler->lock);
}

void nst_scheduler_poke_timer(NstVm *vm, int64_t deadline) {
    // seq_cst: pairs with the store in park, as above with the deadline in the place of the process.
    if (deadline < atomic_load_explicit(&vm->scheduler->watch, memory_order_seq_cst)) nst_scheduler_poke(vm);
}

// ---- Queues -----------------------------------------------------------------------------

static void global_push(NstScheduler *scheduler, NstProcess *const *processes, size_t count) {
    pthread_mutex_lock(&scheduler->lock);
    for (size_t i = 0; i < count; i++) {
        processes[i]->shared->queue_next = NULL;
        if (scheduler->global_last) {
            scheduler->global_last->shared->queue_next = processes[i];
        } else {
            scheduler->global_first = processes[i];
        }
        scheduler->global_last = processes[i];
    }
    // seq_cst: see "Parking and waking".
    atomic_fetch_add_explicit(&scheduler->global_count, (uint32_t)count, memory_order_seq_cst);
    pthread_mutex_unlock(&scheduler->lock);
}

// The first process of the global queue; more of them go to the worker's own queue.
static NstProcess *global_take(NstWorker *worker, size_t max) {
    NstScheduler *scheduler = worker->vm->scheduler;
    if (!atomic_load_explicit(&scheduler->global_count, memory_order_relaxed)) return NULL; // re-checked before parking
    pthread_mutex_lock(&scheduler->lock);
    size_t room = NST_DEQUE_SIZE - nst_deque_count(&worker->queue), taken = 0;
    size_t share = atomic_load(&scheduler->global_count) / scheduler->started_workers + 1;
    if (max > share) max = share;
    if (max > room + 1) max = room + 1;
    NstProcess *first = NULL;
    while (taken < max && scheduler->global_first) {
        NstProcess *process = scheduler->global_first;
        scheduler->global_first = process->shared->queue_next;
        if (!scheduler->global_first) scheduler->global_last = NULL;
        if (taken++ == 0) {
            first = process;
        } else {
            nst_deque_push(&worker->queue, process);
        }
    }
    atomic_fetch_sub_explicit(&scheduler->global_count, (uint32_t)taken, memory_order_seq_cst);
    pthread_mutex_unlock(&scheduler->lock);
    return first;
}

static void queue_push(NstWorker *worker, NstProcess *process) {
    if (nst_deque_push(&worker->queue, process)) return;
    void *older[NST_DEQUE_SIZE / 2 + 1];
    size_t count = nst_deque_take_half(&worker->queue, older, NST_DEQUE_SIZE / 2);
    older[count++] = process;
    global_push(worker->vm->scheduler, (NstProcess *const *)older, count);
}

void nst_scheduler_enqueue(NstWorker *worker, NstProcess *process) {
    if (nst_gate_scheduled(worker->vm)) {
        nst_gate_add(worker->vm, process);
        return;
    }
    queue_push(worker, process);
    work_added(worker->vm);
}

void nst_scheduler_requeue(NstWorker *worker, NstProcess *process) {
    bool alone = !nst_deque_count(&worker->queue) && !atomic_load_explicit(&worker->next, memory_order_relaxed);
    if (nst_gate_scheduled(worker->vm) || !alone) {
        nst_scheduler_enqueue(worker, process);
    } else {
        queue_push(worker, process); // to be taken by this worker in a moment: no reason to wake another one
    }
}

void nst_scheduler_enqueue_next(NstWorker *worker, NstProcess *process) {
    if (nst_gate_scheduled(worker->vm)) {
        nst_gate_add(worker->vm, process);
        return;
    }
    // acq_rel: release for a thief that takes it, acquire for what the slot held.
    NstProcess *previous = atomic_exchange_explicit(&worker->next, process, memory_order_acq_rel);
    if (previous) {
        queue_push(worker, previous);
        work_added(worker->vm);
    }
}

static NstProcess *take_next(NstWorker *worker) {
    if (!atomic_load_explicit(&worker->next, memory_order_relaxed)) return NULL; // only thieves empty it
    return atomic_exchange_explicit(&worker->next, NULL, memory_order_acq_rel);  // pairs with enqueue_next
}

static NstProcess *steal_from(NstWorker *thief, NstWorker *victim) {
    void *stolen[NST_DEQUE_SIZE / 2];
    size_t room = NST_DEQUE_SIZE - nst_deque_count(&thief->queue) + 1;
    size_t max = room < NST_DEQUE_SIZE / 2 ? room : NST_DEQUE_SIZE / 2;
    size_t count = nst_deque_take_half(&victim->queue, stolen, max);
    if (!count) return NULL;
    for (size_t i = 1; i < count; i++) nst_deque_push(&thief->queue, stolen[i]);
    thief->stats.steals++;
    return stolen[0];
}

static NstProcess *steal(NstWorker *thief) {
    NstScheduler *scheduler = thief->vm->scheduler;
    if (!thief->searching) {
        thief->searching = true;
        atomic_fetch_add_explicit(&scheduler->searching, 1, memory_order_seq_cst);
    }
    thief->random = thief->random * 6364136223846793005u + 1442695040888963407u;
    uint32_t first = (uint32_t)(thief->random >> 33);
    uint32_t count = atomic_load_explicit(&scheduler->started_workers, memory_order_relaxed); // others have no work
    for (uint32_t i = 0; i < count; i++) {
        NstWorker *victim = &scheduler->workers[(first + i) % count];
        if (victim == thief) continue;
        NstProcess *process = steal_from(thief, victim);
        if (process) return process;
    }
    return NULL;
}

// What a busy worker has had in its next-to-run slot for a whole rescue period: it is inside a long built-in operation.
// Several workers may look at the same time: the two notes they leave are a heuristic, and need no order.
static NstProcess *rescue(NstWorker *thief) {
    NstScheduler *scheduler = thief->vm->scheduler;
    int64_t now = nst_gate_now(thief->vm);
    uint32_t count = atomic_load_explicit(&scheduler->started_workers, memory_order_relaxed); // others have no work
    for (uint32_t i = 0; i < count; i++) {
        NstWorker *victim = &scheduler->workers[i];
        uint32_t tick = atomic_load_explicit(&victim->tick, memory_order_relaxed);
        if (victim == thief || !atomic_load_explicit(&victim->next, memory_order_relaxed)) continue;
        if (atomic_load_explicit(&victim->stuck_tick, memory_order_relaxed) != tick) {
            atomic_store_explicit(&victim->stuck_since, now, memory_order_relaxed);
            atomic_store_explicit(&victim->stuck_tick, tick, memory_order_relaxed);
        } else if (now - atomic_load_explicit(&victim->stuck_since, memory_order_relaxed) >= rescue_ns) {
            NstProcess *process = take_next(victim);
            if (process) return process;
        }
    }
    return NULL;
}

NstProcess *nst_scheduler_take(NstWorker *worker) {
    if (nst_gate_scheduled(worker->vm)) return nst_gate_pick(worker->vm);
    NstProcess *process = NULL;
    uint32_t tick = atomic_load_explicit(&worker->tick, memory_order_relaxed);
    if (tick % GLOBAL_EVERY == 0) {
        process = global_take(worker, 1);
        if (process && nst_deque_count(&worker->queue)) work_added(worker->vm); // what was requeued waits after all
    }
    if (!process && worker->next_streak < NEXT_STREAK) {
        process = take_next(worker);
        if (process) worker->next_streak++;
    }
    if (!process) {
        worker->next_streak = 0;
        process = nst_deque_take(&worker->queue);
        if (!process) process = take_next(worker);
        if (!process) process = global_take(worker, GLOBAL_BATCH);
        if (!process) process = steal(worker);
    }
    if (process) found_work(worker);
    return process;
}

// ---- Nothing to do ----------------------------------------------------------------------

static bool any_queued(NstScheduler *scheduler) {
    if (atomic_load_explicit(&scheduler->global_count, memory_order_seq_cst)) return true;
    for (uint32_t i = 0; i < scheduler->started_workers; i++) {
        if (nst_deque_count(&scheduler->workers[i].queue)) return true;
    }
    return false;
}

// Under the lock, this worker being idle already: no process can ever run again.
static bool nobody_can_continue(NstVm *vm) {
    NstScheduler *scheduler = vm->scheduler;
    return scheduler->idle_workers == scheduler->started_workers && !any_queued(scheduler) &&
           nst_timers_next(vm->timers) == NST_TIMER_NEVER && !nst_blocking_pending(vm->blocking) &&
           !vm->options.interactive;
}

// With a schedule nobody is runnable: time jumps to the next deadline. While real results are expected it passes in the
// usual way instead (in nst_scheduler_park).
static bool advance_virtual_time(NstVm *vm) {
    int64_t next = nst_timers_next(vm->timers);
    if (next == NST_TIMER_NEVER || nst_blocking_pending(vm->blocking)) return false;
    nst_gate_jump(vm, next);
    return true;
}

// False: the time has come before anybody has woken the worker.
static bool wait_until(NstVm *vm, NstWorker *worker, int64_t time) {
    if (time == NST_TIMER_NEVER) {
        while (sem_wait(&worker->wake) != 0 && errno == EINTR) {}
        return true;
    }
    int64_t left = time - nst_gate_now(vm);
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    if (left > 0) {
        int64_t nanoseconds = at.tv_nsec + left % 1000000000;
        at.tv_sec += (time_t)(left / 1000000000 + nanoseconds / 1000000000);
        at.tv_nsec = (long)(nanoseconds % 1000000000);
    }
    int status;
    while ((status = sem_clockwait(&worker->wake, CLOCK_MONOTONIC, &at)) != 0 && errno == EINTR) {}
    if (status == 0) return true;
    pthread_mutex_lock(&vm->scheduler->lock); // timed out: leave the idle list, unless somebody has just taken us out
    bool still_parked = worker->parked;
    if (still_parked) unlink_idle_locked(vm->scheduler, worker);
    pthread_mutex_unlock(&vm->scheduler->lock);
    while (!still_parked && sem_wait(&worker->wake) != 0 && errno == EINTR) {}
    return !still_parked;
}

static void notice_orders(NstWorker *worker) {
    NstScheduler *scheduler = worker->vm->scheduler;
    pthread_mutex_lock(&scheduler->lock);
    worker->searching = worker->told_to_search;
    worker->told_to_search = false;
    pthread_mutex_unlock(&scheduler->lock);
}

void nst_scheduler_park(NstWorker *worker) {
    NstVm *vm = worker->vm;
    NstScheduler *scheduler = vm->scheduler;
    if (nst_gate_scheduled(vm) && advance_virtual_time(vm)) return;
    if (worker->searching) {
        worker->searching = false;
        atomic_fetch_sub_explicit(&scheduler->searching, 1, memory_order_seq_cst);
    }
    pthread_mutex_lock(&scheduler->lock);
    worker->parked = true;
    worker->idle_next = scheduler->idle;
    scheduler->idle = worker;
    scheduler->idle_workers++;
    atomic_fetch_add_explicit(&scheduler->sleepers, 1, memory_order_seq_cst);
    // From here on wakers see us; what they did before, we see.
    int64_t until = NST_TIMER_NEVER;
    bool stay = !any_queued(scheduler) && !nst_blocking_finished(vm->blocking) && !atomic_load(&scheduler->stopping);
    if (stay && !scheduler->timekeeper) {
        scheduler->timekeeper = worker;
        // Announce first, then read the next deadline: pairs with poke_timer.
        atomic_store_explicit(&scheduler->watch, NST_TIMER_NEVER, memory_order_seq_cst);
        until = nst_timers_next(vm->timers);
        if (scheduler->idle_workers < scheduler->started_workers) {
            int64_t rescue_at = nst_gate_now(vm) + rescue_ns;
            if (until > rescue_at) until = rescue_at;
        }
        atomic_store_explicit(&scheduler->watch, until, memory_order_seq_cst);
        int64_t now_next = nst_timers_next(vm->timers);
        if (now_next < until) until = now_next; // armed in between, when its poke saw the older announcement
    }
    bool deadlock = stay && nobody_can_continue(vm);
    if (!stay) unlink_idle_locked(scheduler, worker);
    pthread_mutex_unlock(&scheduler->lock);
    if (deadlock) nst_scheduler_stop(vm, NST_CAUSE_DEADLOCK);
    if (!stay) return;
    worker->stats.parks++;
    nst_reclaim_offline(&worker->reclaimer);
    nst_output_try_flush(vm);
    bool woken = false; // leisure: free big shared graphs and memory
    while (!woken && (nst_frozen_drain() || nst_slab_trim())) woken = sem_trywait(&worker->wake) == 0;
    if (!woken && !wait_until(vm, worker, until) && nst_gate_scheduled(vm)) nst_gate_jump(vm, until);
    notice_orders(worker);
    nst_reclaim_online(&scheduler->reclaim, &worker->reclaimer);
}

NstProcess *nst_scheduler_rescue(NstWorker *worker) {
    NstProcess *process = rescue(worker);
    if (process) found_work(worker);
    return process;
}

// ---- The end of the run -----------------------------------------------------------------

void nst_scheduler_stop(NstVm *vm, NstStopCause cause) {
    NstScheduler *scheduler = vm->scheduler;
    uint32_t none = NST_CAUSE_NONE;
    // acq_rel: the tool's thread reads the cause after `finished`; the first one stays.
    if (!atomic_compare_exchange_strong_explicit(&scheduler->cause, &none, (uint32_t)cause, memory_order_acq_rel,
                                                 memory_order_acquire)) {
        return;
    }
    pthread_mutex_lock(&scheduler->lock);
    atomic_store(&scheduler->stopping, true);
    while (scheduler->idle) wake_locked(scheduler, scheduler->idle);
    pthread_mutex_unlock(&scheduler->lock);
    sem_post(scheduler->finished);
}

bool nst_scheduler_join(NstVm *vm, int64_t milliseconds) {
    NstScheduler *scheduler = vm->scheduler;
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    at.tv_sec += (time_t)(milliseconds / 1000);
    at.tv_nsec += (long)(milliseconds % 1000) * 1000000;
    if (at.tv_nsec >= 1000000000) {
        at.tv_sec++;
        at.tv_nsec -= 1000000000;
    }
    pthread_mutex_lock(&scheduler->lock);
    int status = 0;
    while (scheduler->running_threads && status == 0) {
        status = pthread_cond_timedwait(&scheduler->thread_ended, &scheduler->lock, &at);
    }
    bool all = scheduler->running_threads == 0;
    uint32_t started = scheduler->started_workers;
    pthread_mutex_unlock(&scheduler->lock);
    for (uint32_t i = 0; all && i < started; i++) pthread_join(scheduler->workers[i].thread, NULL);
    return all;
}

void nst_scheduler_thread_ends(NstWorker *worker) {
    NstScheduler *scheduler = worker->vm->scheduler;
    pthread_mutex_lock(&scheduler->lock);
    scheduler->running_threads--;
    pthread_cond_signal(&scheduler->thread_ended);
    pthread_mutex_unlock(&scheduler->lock);
}

void nst_scheduler_first_turn_over(NstVm *vm) {
    // acq_rel: what the processes did in their first turns comes before the stop.
    if (atomic_fetch_sub_explicit(&vm->scheduler->first_turns, 1, memory_order_acq_rel) == 1) {
        nst_scheduler_stop(vm, NST_CAUSE_MAIN_RETURNED);
    }
}

void nst_scheduler_main_returned(NstVm *vm) {
    atomic_store(&vm->scheduler->main_returned, true); // processes spawned from now on do not count
    nst_scheduler_first_turn_over(vm);
}
