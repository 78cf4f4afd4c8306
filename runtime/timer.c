#include "runtime/timer.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "frontend/arena.h"
#include "runtime/process_state.h"
#include "runtime/worker.h"

typedef struct Entry {
    int64_t deadline;
    uint64_t order;      // breaks ties: order of arming
    NstProcess *process;
} Entry;

struct NstTimers {
    pthread_mutex_t lock;
    Entry *heap;          // 4-ary: children of i are 4i+1 … 4i+4
    size_t count, size;
    uint64_t next_order;
    _Atomic int64_t next; // heap[0].deadline, for readers without the lock
};

NstTimers *nst_timers_new(void) {
    NstTimers *timers = nst_calloc(1, sizeof *timers);
    pthread_mutex_init(&timers->lock, NULL);
    atomic_init(&timers->next, NST_TIMER_NEVER);
    return timers;
}

void nst_timers_free(NstTimers *timers) {
    pthread_mutex_destroy(&timers->lock);
    free(timers->heap);
    free(timers);
}

// ---- The heap, under the lock -----------------------------------------------------------

static bool before(const Entry *a, const Entry *b) {
    return a->deadline != b->deadline ? a->deadline < b->deadline : a->order < b->order;
}

static void place(NstTimers *timers, size_t i, Entry entry) {
    timers->heap[i] = entry;
    entry.process->shared->timer_index = (uint32_t)i + 1;
}

static void sift_up(NstTimers *timers, size_t i, Entry entry) {
    while (i > 0 && before(&entry, &timers->heap[(i - 1) / 4])) {
        place(timers, i, timers->heap[(i - 1) / 4]);
        i = (i - 1) / 4;
    }
    place(timers, i, entry);
}

static void sift_down(NstTimers *timers, size_t i, Entry entry) {
    for (;;) {
        size_t first = 4 * i + 1, best = first;
        if (first >= timers->count) break;
        for (size_t child = first + 1; child < first + 4 && child < timers->count; child++) {
            if (before(&timers->heap[child], &timers->heap[best])) best = child;
        }
        if (!before(&timers->heap[best], &entry)) break;
        place(timers, i, timers->heap[best]);
        i = best;
    }
    place(timers, i, entry);
}

static void remove_at(NstTimers *timers, size_t i) {
    timers->heap[i].process->shared->timer_index = 0;
    Entry last = timers->heap[--timers->count];
    if (i == timers->count) return;
    if (i > 0 && before(&last, &timers->heap[(i - 1) / 4])) {
        sift_up(timers, i, last);
    } else {
        sift_down(timers, i, last);
    }
}

static void publish_next(NstTimers *timers) {
    int64_t next = timers->count ? timers->heap[0].deadline : NST_TIMER_NEVER;
    // seq_cst with the loads in nst_timers_next: a worker that is about to park sees this deadline, or the one that
    // arms sees it parked (scheduler.c).
    atomic_store_explicit(&timers->next, next, memory_order_seq_cst);
}

// ---- Operations -------------------------------------------------------------------------

void nst_timer_arm(NstProcess *process, int64_t deadline) {
    NstTimers *timers = process->vm->timers;
    struct NstProcessShared *shared = process->shared;
    pthread_mutex_lock(&timers->lock);
    if (shared->timer_index) {
        if (timers->heap[shared->timer_index - 1].deadline == deadline) {
            pthread_mutex_unlock(&timers->lock);
            return;
        }
        remove_at(timers, shared->timer_index - 1);
    }
    if (timers->count == timers->size) {
        timers->size = timers->size ? timers->size * 2 : 64;
        timers->heap = nst_realloc(timers->heap, timers->size * sizeof *timers->heap);
    }
    Entry entry = { .deadline = deadline, .order = timers->next_order++, .process = process };
    sift_up(timers, timers->count++, entry);
    bool first = timers->heap[0].process == process;
    publish_next(timers);
    pthread_mutex_unlock(&timers->lock);
    process->shared->armed = true;
    if (first) nst_scheduler_poke_timer(process->vm, deadline);
}

void nst_timer_disarm(NstProcess *process) {
    struct NstProcessShared *shared = process->shared;
    if (!shared->armed) return;
    shared->armed = false;
    NstTimers *timers = process->vm->timers;
    pthread_mutex_lock(&timers->lock);
    if (shared->timer_index) { // else it has fired
        remove_at(timers, shared->timer_index - 1);
        publish_next(timers);
    }
    pthread_mutex_unlock(&timers->lock);
}

int64_t nst_timers_next(NstTimers *timers) {
    return atomic_load_explicit(&timers->next, memory_order_seq_cst); // see publish_next
}

size_t nst_timers_count(NstTimers *timers) {
    pthread_mutex_lock(&timers->lock);
    size_t count = timers->count;
    pthread_mutex_unlock(&timers->lock);
    return count;
}

size_t nst_timers_fire(NstWorker *worker, int64_t now) {
    NstTimers *timers = worker->vm->timers;
    size_t fired = 0;
    for (;;) {
        pthread_mutex_lock(&timers->lock);
        bool due = timers->count && timers->heap[0].deadline <= now;
        NstProcess *process = due ? timers->heap[0].process : NULL;
        if (due) {
            remove_at(timers, 0);
            publish_next(timers);
        }
        pthread_mutex_unlock(&timers->lock);
        if (!due) return fired;
        nst_process_wake(worker, process); // its memory stays until our next quiescent point
        fired++;
    }
}
