#include "runtime/net_loop.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <uv.h>

#include "runtime/blocking.h"

typedef struct WatchList {
    NstNetWatch *items;
    size_t count, size;
} WatchList;

static struct {
    pthread_mutex_t lock;
    pthread_cond_t forgotten;
    WatchList incoming; // registered since the thread looked last; under the lock
    NstVm *forget;      // null: done; under the lock
    bool started;
    uv_loop_t uv;
    uv_async_t wake;
} net = { .lock = PTHREAD_MUTEX_INITIALIZER, .forgotten = PTHREAD_COND_INITIALIZER };

// libuv allows one poll handle a descriptor; reader and writer of a socket share it. Only the network thread touches these.
typedef struct Descriptor {
    uv_poll_t poll;
    int fd;
    WatchList watches;
} Descriptor;

static Descriptor **descriptors; // by number; null: nobody waits for it
static size_t descriptor_count;

static void *grow(void *memory, size_t count, size_t size) {
    memory = realloc(memory, count * size);
    if (!memory) abort();
    return memory;
}

static void add_watch(WatchList *list, NstNetWatch watch) {
    if (list->count == list->size) {
        list->size = list->size ? 2 * list->size : 2;
        list->items = grow(list->items, list->size, sizeof *list->items);
    }
    list->items[list->count++] = watch;
}

static void free_descriptor(uv_handle_t *handle) {
    Descriptor *d = handle->data;
    free(d->watches.items);
    free(d);
}

static void descriptor_ready(uv_poll_t *poll, int status, int events);

static int wanted(const Descriptor *d) {
    int events = 0;
    for (size_t i = 0; i < d->watches.count; i++) {
        events |= (d->watches.items[i].events & POLLIN ? UV_READABLE : 0)
                | (d->watches.items[i].events & POLLOUT ? UV_WRITABLE : 0);
    }
    return events;
}

static void rearm(Descriptor *d) {
    if (uv_poll_start(&d->poll, wanted(d), descriptor_ready) != 0) abort(); // the handle is open and its events are valid
}

static Descriptor *descriptor_of(int fd) {
    size_t index = (size_t)fd;
    if (index >= descriptor_count) {
        size_t size = 2 * index + 16;
        descriptors = grow(descriptors, size, sizeof *descriptors);
        memset(descriptors + descriptor_count, 0, (size - descriptor_count) * sizeof *descriptors);
        descriptor_count = size;
    }
    if (descriptors[index]) return descriptors[index];
    Descriptor *d = grow(NULL, 1, sizeof *d);
    *d = (Descriptor){ .fd = fd };
    if (uv_poll_init(&net.uv, &d->poll, fd) != 0) {
        free(d);
        return NULL;
    }
    d->poll.data = d;
    return descriptors[index] = d;
}

static void begin(NstNetWatch watch) {
    Descriptor *d = descriptor_of(watch.fd);
    if (d) {
        add_watch(&d->watches, watch);
        rearm(d);
        return;
    }
    // Closed already, which the operation finds out by itself, or the system is out of watches.
    struct pollfd alone = { .fd = watch.fd, .events = watch.events };
    while ((alone.events = watch.ready(watch.data)) != 0) poll(&alone, 1, 10);
}

// Takes off the descriptor the watches of which `wants` is true.
static WatchList take(Descriptor *d, bool (*wants)(const NstNetWatch *watch, const void *context), const void *context) {
    WatchList taken = { 0 };
    size_t count = d->watches.count, kept = 0;
    for (size_t i = 0; i < count; i++) {
        NstNetWatch watch = d->watches.items[i];
        if (wants(&watch, context)) add_watch(&taken, watch);
        else d->watches.items[kept++] = watch;
    }
    d->watches.count = kept;
    if (kept) {
        if (taken.count) rearm(d); // whoever waits still keeps the descriptor open
    } else {
        descriptors[d->fd] = NULL;
        uv_close((uv_handle_t *)&d->poll, free_descriptor);
    }
    return taken;
}

typedef struct Event {
    int status, events;
} Event;

static bool is_ready(const NstNetWatch *watch, const void *context) {
    const Event *event = context;
    return event->status < 0 || (event->events & UV_READABLE && watch->events & POLLIN)
        || (event->events & UV_WRITABLE && watch->events & POLLOUT);
}

// Once `ready` is called the descriptor may be closed at any time, by whom it woke, and its number used again: libuv must
// have let go of it before.
static void descriptor_ready(uv_poll_t *poll, int status, int events) {
    WatchList fired = take(poll->data, is_ready, &(Event){ status, events });
    for (size_t i = 0; i < fired.count; i++) {
        NstNetWatch watch = fired.items[i];
        watch.events = watch.ready(watch.data);
        if (watch.events != 0) begin(watch);
    }
    free(fired.items);
}

static bool is_for(const NstNetWatch *watch, const void *vm) {
    return watch->vm == vm;
}

static void cancel_all(const NstVm *vm) {
    for (size_t i = 0; i < descriptor_count; i++) {
        if (!descriptors[i]) continue;
        WatchList taken = take(descriptors[i], is_for, vm);
        for (size_t k = 0; k < taken.count; k++) taken.items[k].cancel(taken.items[k].data);
        free(taken.items);
    }
}

static void take_incoming(uv_async_t *unused) {
    (void)unused;
    pthread_mutex_lock(&net.lock);
    WatchList incoming = net.incoming;
    net.incoming = (WatchList){ 0 };
    NstVm *forget = net.forget;
    pthread_mutex_unlock(&net.lock);
    for (size_t i = 0; i < incoming.count; i++) begin(incoming.items[i]);
    free(incoming.items);
    if (!forget) return;
    cancel_all(forget);
    pthread_mutex_lock(&net.lock);
    net.forget = NULL;
    pthread_cond_broadcast(&net.forgotten);
    pthread_mutex_unlock(&net.lock);
}

static void *run(void *unused) {
    (void)unused;
    sigset_t all; // signals are the scheduler's
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, 0);
    uv_run(&net.uv, UV_RUN_DEFAULT);
    return 0;
}

// Under the lock.
static void start(void) {
    pthread_t thread;
    if (uv_loop_init(&net.uv) != 0 || uv_async_init(&net.uv, &net.wake, take_incoming) != 0 ||
        pthread_create(&thread, 0, run, 0) != 0) {
        abort();
    }
    pthread_detach(thread);
    net.started = true;
}

void nst_net_watch(const NstNetWatch *watch) {
    pthread_mutex_lock(&net.lock);
    if (!net.started) start();
    add_watch(&net.incoming, *watch);
    pthread_mutex_unlock(&net.lock);
    uv_async_send(&net.wake);
}

void nst_net_forget(NstVm *vm) {
    pthread_mutex_lock(&net.lock);
    while (net.started && net.forget) pthread_cond_wait(&net.forgotten, &net.lock); // another VM's turn
    if (net.started) {
        net.forget = vm;
        uv_async_send(&net.wake);
        while (net.forget == vm) pthread_cond_wait(&net.forgotten, &net.lock);
    }
    pthread_mutex_unlock(&net.lock);
}

static short linger_ready(void *data) {
    int fd = (int)(intptr_t)data;
    char dropped[4096];
    ssize_t count = recv(fd, dropped, sizeof dropped, MSG_DONTWAIT);
    if (count > 0 || (count < 0 && (errno == EAGAIN || errno == EINTR))) return POLLIN;
    close(fd);
    return 0;
}

void nst_net_linger(int fd) {
    shutdown(fd, SHUT_WR);
    nst_net_watch(&(NstNetWatch){ .fd = fd, .events = POLLIN, .ready = linger_ready, .data = (void *)(intptr_t)fd });
}

int nst_net_nonblocking(int fd) {
    int flags = fcntl(fd, F_GETFL);
    if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0 || fcntl(fd, F_SETFD, FD_CLOEXEC) < 0) return errno;
    return 0;
}

// ---- Jobs --------------------------------------------------------------------------------

typedef struct NetJob {
    NstOsJob *job;
    NstNetStep step;
    short events;
    NstBlockingJob *ticket;
} NetJob;

static void finish_job(void *data) {
    NetJob *waiting = data;
    nst_blocking_complete(waiting->ticket);
    free(waiting);
}

static short job_ready(void *data) {
    NetJob *waiting = data;
    if (!waiting->step(waiting->job)) return waiting->events;
    finish_job(waiting);
    return 0;
}

NstPrimStatus nst_net_start(NstProcess *process, NstOsJob *job, int fd, short events, NstNetStep step,
                            void (*drop)(void *job)) {
    NetJob *waiting = malloc(sizeof *waiting);
    if (!waiting) abort();
    *waiting = (NetJob){ .job = job, .step = step, .events = events, .ticket = nst_blocking_begin(process, drop, job) };
    nst_net_watch(&(NstNetWatch){ process->vm, fd, events, job_ready, finish_job, waiting });
    return NST_PRIM_BLOCK;
}
