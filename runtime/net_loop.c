#include "runtime/net_loop.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "runtime/blocking.h"

typedef struct Watch {
    int fd;
    short events;
    NstNetReady ready;
    void *data;
} Watch;

static struct {
    pthread_mutex_t lock;
    Watch *incoming;            // registered since the thread looked last; under the lock
    size_t incoming_count, incoming_size;
    bool started;
    int wake_read, wake_write;
} loop = { .lock = PTHREAD_MUTEX_INITIALIZER };

// What only the network thread touches.
static Watch *watches;
static struct pollfd *polled; // [0] is the wake pipe, [i + 1] belongs to watches[i]
static size_t watch_count, watch_size;

static void *grow(void *memory, size_t count, size_t size) {
    memory = realloc(memory, count * size);
    if (!memory) abort();
    return memory;
}

static void add_watch(Watch watch) {
    if (watch_count == watch_size) {
        watch_size = watch_size ? 2 * watch_size : 16;
        watches = grow(watches, watch_size, sizeof *watches);
        polled = grow(polled, watch_size + 1, sizeof *polled);
    }
    watches[watch_count++] = watch;
}

static void take_incoming(void) {
    pthread_mutex_lock(&loop.lock);
    for (size_t i = 0; i < loop.incoming_count; i++) add_watch(loop.incoming[i]);
    loop.incoming_count = 0;
    pthread_mutex_unlock(&loop.lock);
}

static void drain_wake_pipe(void) {
    char bytes[64];
    while (read(loop.wake_read, bytes, sizeof bytes) > 0) continue;
}

static void *run(void *unused) {
    (void)unused;
    sigset_t all; // signals are the scheduler's
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, 0);
    for (;;) {
        take_incoming();
        if (!polled) polled = grow(polled, 1, sizeof *polled);
        polled[0] = (struct pollfd){ .fd = loop.wake_read, .events = POLLIN };
        size_t count = watch_count;
        for (size_t i = 0; i < count; i++) {
            polled[i + 1] = (struct pollfd){ .fd = watches[i].fd, .events = watches[i].events };
        }
        if (poll(polled, count + 1, -1) < 0) continue;
        if (polled[0].revents) drain_wake_pipe();
        size_t kept = 0;
        for (size_t i = 0; i < count; i++) {
            Watch watch = watches[i];
            if (polled[i + 1].revents) watch.events = watch.ready(watch.data);
            if (watch.events != 0) watches[kept++] = watch;
        }
        watch_count = kept;
    }
    return 0;
}

// Under the lock.
static void start(void) {
    int ends[2];
    pthread_t thread;
    if (pipe(ends) != 0 || nst_net_nonblocking(ends[0]) != 0 || nst_net_nonblocking(ends[1]) != 0) abort();
    loop.wake_read = ends[0];
    loop.wake_write = ends[1];
    if (pthread_create(&thread, 0, run, 0) != 0) abort();
    pthread_detach(thread);
    loop.started = true;
}

void nst_net_watch(int fd, short events, NstNetReady ready, void *data) {
    pthread_mutex_lock(&loop.lock);
    if (!loop.started) start();
    if (loop.incoming_count == loop.incoming_size) {
        loop.incoming_size = loop.incoming_size ? 2 * loop.incoming_size : 16;
        loop.incoming = grow(loop.incoming, loop.incoming_size, sizeof *loop.incoming);
    }
    loop.incoming[loop.incoming_count++] = (Watch){ fd, events, ready, data };
    pthread_mutex_unlock(&loop.lock);
    ssize_t written = write(loop.wake_write, "w", 1); // a full pipe wakes, too
    (void)written;
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
    nst_net_watch(fd, POLLIN, linger_ready, (void *)(intptr_t)fd);
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

static short job_ready(void *data) {
    NetJob *net = data;
    if (!net->step(net->job)) return net->events;
    nst_blocking_complete(net->ticket);
    free(net);
    return 0;
}

NstPrimStatus nst_net_start(NstProcess *process, NstOsJob *job, int fd, short events, NstNetStep step,
                            void (*drop)(void *job)) {
    NetJob *net = malloc(sizeof *net);
    if (!net) abort();
    *net = (NetJob){ .job = job, .step = step, .events = events, .ticket = nst_blocking_begin(process, drop, job) };
    nst_net_watch(fd, events, job_ready, net);
    return NST_PRIM_BLOCK;
}
