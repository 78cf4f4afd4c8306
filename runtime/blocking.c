#include "runtime/blocking.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#include "frontend/arena.h"
#include "runtime/process_state.h"
#include "runtime/process_table.h"
#include "runtime/worker.h"

enum { MAX_THREADS = 256, IDLE_SECONDS = 5 };

// A job's life, all under the pool's lock: QUEUED -> (thread) WORKING -> FINISHED -> (collect wakes) -> taken.
// An abandoned job is dropped as soon as nobody works on it.
enum { QUEUED, WORKING, FINISHED, COLLECTED };

struct NstBlockingJob {
    NstBlockingJob *next;   // in the queue of work, or of results
    NstBlockingPool *pool;
    NstPid pid;
    int state;
    bool abandoned;
    void (*work)(void *job);
    void (*drop)(void *job);
    void *job;
};

struct NstBlockingPool {
    NstVm *vm;
    pthread_mutex_t lock;
    pthread_cond_t work_added, thread_ended;
    NstBlockingJob *queue, **queue_end;
    NstBlockingJob *results, **results_end;
    size_t threads, idle;
    size_t tickets; // begun and not completed
    bool closing;
    _Atomic size_t pending;        // jobs whose process waits
    _Atomic bool finished;         // results is not empty
};

NstBlockingPool *nst_blocking_new(NstVm *vm) {
    NstBlockingPool *pool = nst_calloc(1, sizeof *pool);
    pool->vm = vm;
    pool->queue_end = &pool->queue;
    pool->results_end = &pool->results;
    pthread_mutex_init(&pool->lock, NULL);
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&pool->work_added, &monotonic);
    pthread_cond_init(&pool->thread_ended, &monotonic);
    pthread_condattr_destroy(&monotonic);
    return pool;
}

static void free_job(NstBlockingJob *job, bool drop) {
    if (drop) job->drop(job->job);
    free(job);
}

static void drop_all(NstBlockingJob **jobs) {
    while (*jobs) {
        NstBlockingJob *job = *jobs;
        *jobs = job->next;
        free_job(job, true);
    }
}

bool nst_blocking_close(NstBlockingPool *pool) {
    pthread_mutex_lock(&pool->lock);
    pool->closing = true;
    pthread_cond_broadcast(&pool->work_added);
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += 1;
    int status = 0;
    while (pool->threads && status == 0) status = pthread_cond_timedwait(&pool->thread_ended, &pool->lock, &until);
    bool quiet = pool->threads == 0;
    pthread_mutex_unlock(&pool->lock);
    if (quiet) {
        drop_all(&pool->queue);
        drop_all(&pool->results);
    }
    return quiet;
}

void nst_blocking_free(NstBlockingPool *pool) {
    pthread_mutex_lock(&pool->lock);
    bool busy = pool->threads > 0 || pool->tickets > 0; // something hangs in the operating system
    pthread_mutex_unlock(&pool->lock);
    if (busy) return;
    pthread_mutex_destroy(&pool->lock);
    pthread_cond_destroy(&pool->work_added);
    pthread_cond_destroy(&pool->thread_ended);
    free(pool);
}

// ---- Pool threads -----------------------------------------------------------------------

// Takes the lock and leaves it. The job wakes its process, or is dropped.
static void finish(NstBlockingPool *pool, NstBlockingJob *job, bool ticket) {
    pthread_mutex_lock(&pool->lock);
    if (ticket) pool->tickets--;
    job->state = FINISHED;
    bool dropped = job->abandoned;
    if (!dropped) {
        job->next = NULL;
        *pool->results_end = job;
        pool->results_end = &job->next;
        // seq_cst: a worker that parks looks at it after announcing itself (scheduler.c); poke then finds it parked.
        atomic_store_explicit(&pool->finished, true, memory_order_seq_cst);
        if (!pool->closing) nst_scheduler_poke(pool->vm); // under the lock: once closed, the scheduler may be gone
    }
    pthread_mutex_unlock(&pool->lock);
    if (dropped) free_job(job, true);
}

static bool wait_for_work_locked(NstBlockingPool *pool) {
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += IDLE_SECONDS;
    int status = 0;
    pool->idle++;
    while (!pool->queue && !pool->closing && status == 0) {
        status = pthread_cond_timedwait(&pool->work_added, &pool->lock, &until);
    }
    pool->idle--;
    return pool->queue && !pool->closing;
}

static void *pool_thread(void *argument) {
    NstBlockingPool *pool = argument;
    pthread_mutex_lock(&pool->lock);
    while (wait_for_work_locked(pool)) {
        NstBlockingJob *job = pool->queue;
        pool->queue = job->next;
        if (!pool->queue) pool->queue_end = &pool->queue;
        bool skip = job->abandoned;
        job->state = WORKING;
        pthread_mutex_unlock(&pool->lock);
        if (!skip) job->work(job->job);
        finish(pool, job, false);
        pthread_mutex_lock(&pool->lock);
    }
    pool->threads--;
    pthread_cond_signal(&pool->thread_ended);
    pthread_mutex_unlock(&pool->lock);
    return NULL;
}

static void add_thread_locked(NstBlockingPool *pool) {
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    pthread_attr_setstacksize(&attributes, (size_t)1 << 20);
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before); // signals go to the other threads
    pthread_t thread;
    if (pthread_create(&thread, &attributes, pool_thread, pool) == 0) pool->threads++;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attributes);
}

// ---- Processes --------------------------------------------------------------------------

static NstBlockingJob *new_job(NstProcess *process, void (*work)(void *job), void (*drop)(void *job), void *job) {
    NstBlockingPool *pool = process->vm->blocking;
    NstBlockingJob *made = nst_malloc(sizeof *made);
    *made = (NstBlockingJob){ .pool = pool, .pid = process->pid, .state = WORKING, .work = work, .drop = drop, .job = job };
    process->shared->job = made;
    process->shared->parking = NST_STATE_IO;
    process->retry = true;
    atomic_fetch_add_explicit(&pool->pending, 1, memory_order_relaxed); // read by the last worker to park, under a lock
    return made;
}

NstBlockingJob *nst_blocking_begin(NstProcess *process, void (*drop)(void *job), void *job) {
    NstBlockingPool *pool = process->vm->blocking;
    pthread_mutex_lock(&pool->lock);
    pool->tickets++;
    pthread_mutex_unlock(&pool->lock);
    return new_job(process, NULL, drop, job);
}

NstPrimStatus nst_blocking_run(NstProcess *process, void (*work)(void *job), void (*drop)(void *job), void *job) {
    NstBlockingPool *pool = process->vm->blocking;
    NstBlockingJob *made = new_job(process, work, drop, job);
    pthread_mutex_lock(&pool->lock);
    made->state = QUEUED;
    size_t queued = 1;
    for (NstBlockingJob *other = pool->queue; other && queued <= pool->idle; other = other->next) queued++;
    *pool->queue_end = made;
    pool->queue_end = &made->next;
    if (queued > pool->idle && pool->threads < MAX_THREADS) add_thread_locked(pool);
    pthread_cond_signal(&pool->work_added);
    pthread_mutex_unlock(&pool->lock);
    return NST_PRIM_BLOCK;
}

void nst_blocking_complete(NstBlockingJob *job) {
    finish(job->pool, job, true);
}

NstBlocking nst_blocking_take(NstProcess *process, void **result) {
    NstBlockingJob *job = process->shared->job;
    if (!job) return NST_BLOCKING_NONE;
    NstBlockingPool *pool = process->vm->blocking;
    pthread_mutex_lock(&pool->lock);
    bool done = job->state == COLLECTED;
    pthread_mutex_unlock(&pool->lock);
    process->shared->parking = NST_STATE_IO;
    process->retry = true;
    if (!done) return NST_BLOCKING_WAIT; // woken by something else
    process->shared->job = NULL;
    *result = job->job;
    free_job(job, false);
    return NST_BLOCKING_DONE;
}

void nst_blocking_abandon(NstProcess *process) {
    NstBlockingJob *job = process->shared->job;
    if (!job) return;
    process->shared->job = NULL;
    NstBlockingPool *pool = process->vm->blocking;
    pthread_mutex_lock(&pool->lock);
    job->abandoned = true;
    int state = job->state;
    pthread_mutex_unlock(&pool->lock);
    // pending counts jobs until they are collected.
    if (state == QUEUED || state == WORKING) atomic_fetch_sub_explicit(&pool->pending, 1, memory_order_relaxed);
    if (state == COLLECTED) free_job(job, true);
}

// ---- Workers ----------------------------------------------------------------------------

bool nst_blocking_pending(NstBlockingPool *pool) {
    return atomic_load_explicit(&pool->pending, memory_order_relaxed) > 0;
}

bool nst_blocking_finished(NstBlockingPool *pool) {
    return atomic_load_explicit(&pool->finished, memory_order_seq_cst); // see finish_locked
}

void nst_blocking_collect(NstWorker *worker) {
    NstBlockingPool *pool = worker->vm->blocking;
    if (!atomic_load_explicit(&pool->finished, memory_order_relaxed)) return; // looked at again before parking
    pthread_mutex_lock(&pool->lock);
    NstBlockingJob *results = pool->results;
    pool->results = NULL;
    pool->results_end = &pool->results;
    atomic_store_explicit(&pool->finished, false, memory_order_relaxed); // under the lock
    while (results) {
        NstBlockingJob *job = results;
        results = job->next;
        atomic_fetch_sub_explicit(&pool->pending, 1, memory_order_relaxed);
        job->state = COLLECTED;
        if (job->abandoned) {
            free_job(job, true);
            continue;
        }
        NstProcess *process = nst_process_table_find(worker->vm->processes, job->pid);
        if (process) nst_process_wake(worker, process); // it ends only through nst_blocking_abandon, which waits for us
    }
    pthread_mutex_unlock(&pool->lock);
}
