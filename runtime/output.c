#include "runtime/output.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "frontend/arena.h"
#include "runtime/blocking.h"
#include "runtime/gate.h"
#include "runtime/scheduler.h"
#include "runtime/vm_state.h"

enum { BUFFER = 64 * 1024 };

// Processes that wait for a stream.
typedef struct Waiting {
    NstBlockingJob **jobs;
    size_t count, size;
} Waiting;

typedef struct Stream {
    NstVm *vm;
    pthread_mutex_t lock;
    int fd;
    char *buffer;
    size_t used, size;
    size_t limit;    // what is kept back at most
    bool broken;     // its reader has gone: drops everything
    bool seized;     // drops what others than `owner` write
    pthread_t owner;
    bool line_buffered, capture;

    bool waits;      // a write may have to wait for a reader
    size_t pipe;     // what an empty pipe takes; 0: not known
    bool draining;   // a thread of its own is writing, because the reader is slow; nobody else writes
    bool abandoned;  // the VM does not exist any more
    pthread_cond_t drained;
    Waiting full;    // wait until there is room
    Waiting flushes; // wait until everything is written
} Stream;

struct NstOutput {
    Stream streams[2]; // standard output, standard error
};

static bool may_wait(int fd) {
    struct stat status;
    if (isatty(fd) || fstat(fd, &status) != 0) return isatty(fd);
    return S_ISFIFO(status.st_mode) || S_ISSOCK(status.st_mode);
}

static size_t pipe_size(int fd) {
#ifdef F_GETPIPE_SZ
    int size = fcntl(fd, F_GETPIPE_SZ);
    return size > 0 ? (size_t)size : 0;
#else
    (void)fd;
    return 0;
#endif
}

NstOutput *nst_output_new(NstVm *vm, bool capture) {
    NstOutput *output = nst_calloc(1, sizeof *output);
    for (int i = 0; i < 2; i++) {
        Stream *stream = &output->streams[i];
        pthread_mutex_init(&stream->lock, NULL);
        pthread_cond_init(&stream->drained, NULL);
        stream->vm = vm;
        stream->fd = i + 1;
        stream->capture = capture;
        stream->limit = i == 0 ? BUFFER : 0;
        stream->size = capture || i == 0 ? BUFFER : 0;
        stream->buffer = nst_malloc(stream->size);
        stream->line_buffered = i == 0 && isatty(1);
        stream->waits = !capture && may_wait(stream->fd);
        if (stream->waits) stream->pipe = pipe_size(stream->fd);
    }
    return output;
}

void nst_output_free(NstOutput *output) {
    bool busy = false;
    for (int i = 0; i < 2; i++) {
        Stream *stream = &output->streams[i];
        pthread_mutex_lock(&stream->lock);
        stream->abandoned = true;
        busy |= stream->draining;
        pthread_mutex_unlock(&stream->lock);
    }
    if (busy) return; // a thread hangs in the operating system and still uses the streams
    for (int i = 0; i < 2; i++) {
        pthread_mutex_destroy(&output->streams[i].lock);
        pthread_cond_destroy(&output->streams[i].drained);
        free(output->streams[i].buffer);
        free(output->streams[i].full.jobs);
        free(output->streams[i].flushes.jobs);
    }
    free(output);
}

// ---- Writing -----------------------------------------------------------------------------

// How much a write now takes without waiting; 0: nothing.
static size_t room(const Stream *stream, size_t size) {
    int queued;
    if (stream->pipe > 0 && ioctl(stream->fd, FIONREAD, &queued) == 0 && queued == 0) {
        return size < stream->pipe ? size : stream->pipe;
    }
    struct pollfd ready = { .fd = stream->fd, .events = POLLOUT };
    if (poll(&ready, 1, 0) <= 0) return 0;
    return size < PIPE_BUF ? size : PIPE_BUF; // a pipe that is ready takes that much
}

typedef enum Patience { NOT_WAITING, WAITING } Patience;

// What has been written. *closed: nobody reads any more.
static size_t write_some(const Stream *stream, const char *text, size_t size, Patience patience, bool *closed) {
    size_t done = 0;
    while (done < size) {
        size_t most = patience == WAITING ? size - done : room(stream, size - done);
        if (most == 0) break;
        ssize_t written = write(stream->fd, text + done, most);
        if (written >= 0) {
            done += (size_t)written;
        } else if (errno == EAGAIN) { // somebody has made the terminal or pipe non-blocking
            if (patience == NOT_WAITING) break;
            struct pollfd ready = { .fd = stream->fd, .events = POLLOUT };
            poll(&ready, 1, -1);
        } else if (errno != EINTR) {
            *closed = errno == EPIPE;
            return size;
        }
    }
    return done;
}

static void close_locked(Stream *stream) {
    stream->broken = true;
    stream->used = 0;
    if (stream->fd == 1) nst_scheduler_stop(stream->vm, NST_CAUSE_OUTPUT_CLOSED);
}

static Waiting take_waiting(Waiting *list) {
    Waiting taken = *list;
    *list = (Waiting){ 0 };
    return taken;
}

static void wake(Waiting waiting) {
    for (size_t i = 0; i < waiting.count; i++) nst_blocking_complete(waiting.jobs[i]);
    free(waiting.jobs);
}

// The reader is slow: this thread waits for it in place of a worker, until nothing is left to be written.
static void *drain(void *argument) {
    Stream *stream = argument;
    pthread_mutex_lock(&stream->lock);
    while (stream->used > 0 && !stream->abandoned) {
        char *text = stream->buffer;
        size_t size = stream->used;
        stream->buffer = nst_malloc(BUFFER);
        stream->size = BUFFER;
        stream->used = 0;
        Waiting full = take_waiting(&stream->full), flushes = take_waiting(&stream->flushes);
        pthread_mutex_unlock(&stream->lock);
        wake(full);
        bool closed = false;
        write_some(stream, text, size, WAITING, &closed);
        free(text);
        wake(flushes);
        pthread_mutex_lock(&stream->lock);
        if (closed && !stream->abandoned) close_locked(stream);
    }
    stream->draining = false;
    Waiting full = take_waiting(&stream->full), flushes = take_waiting(&stream->flushes);
    pthread_cond_broadcast(&stream->drained);
    pthread_mutex_unlock(&stream->lock);
    wake(full);
    wake(flushes);
    return NULL;
}

static bool start_draining_locked(Stream *stream) {
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before); // signals go to the other threads
    pthread_t thread;
    stream->draining = pthread_create(&thread, &attributes, drain, stream) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attributes);
    return stream->draining;
}

// Under a schedule nothing may depend on the reader's speed.
static Patience patience(const Stream *stream) {
    return stream->waits && !nst_gate_scheduled(stream->vm) ? NOT_WAITING : WAITING;
}

// Writes what is buffered, or lets a thread do it if that would take time.
static void flush_locked(Stream *stream) {
    if (stream->capture || stream->draining || stream->used == 0) return;
    bool closed = false;
    size_t done = write_some(stream, stream->buffer, stream->used, patience(stream), &closed);
    if (!closed && done < stream->used) {
        stream->used -= done;
        memmove(stream->buffer, stream->buffer + done, stream->used);
        if (start_draining_locked(stream)) return;
        write_some(stream, stream->buffer, stream->used, WAITING, &closed);
    }
    stream->used = 0;
    if (closed) close_locked(stream);
}

static bool open_locked(const Stream *stream) {
    return !stream->broken && (!stream->seized || pthread_equal(stream->owner, pthread_self()));
}

static void append_locked(Stream *stream, const char *text, size_t size) {
    if (stream->used + size > stream->limit) flush_locked(stream); // before the buffer grows
    if (stream->used + size > stream->size) {
        stream->size = (stream->used + size) * 2;
        stream->buffer = nst_realloc(stream->buffer, stream->size);
    }
    memcpy(stream->buffer + stream->used, text, size);
    stream->used += size;
    if (stream->used > stream->limit || (stream->line_buffered && memchr(text, '\n', size))) flush_locked(stream);
}

void nst_output_write(NstVm *vm, int fd, const char *text, size_t size) {
    if (size == 0) return;
    Stream *stream = &vm->output->streams[fd - 1];
    pthread_mutex_lock(&stream->lock);
    if (open_locked(stream)) append_locked(stream, text, size);
    pthread_mutex_unlock(&stream->lock);
}

// ---- From processes ----------------------------------------------------------------------

static void drop_nothing(void *job) {
    (void)job;
}

static NstPrimStatus wait_locked(NstProcess *process, Waiting *list) {
    if (list->count == list->size) {
        list->size = list->size ? list->size * 2 : 4;
        list->jobs = nst_realloc(list->jobs, list->size * sizeof *list->jobs);
    }
    list->jobs[list->count++] = nst_blocking_begin(process, drop_nothing, NULL);
    return NST_PRIM_BLOCK;
}

NstPrimStatus nst_output_put(NstProcess *process, int fd, const char *text, size_t size) {
    if (size == 0) return NST_PRIM_OK;
    NstPrimStatus status = NST_PRIM_OK;
    Stream *stream = &process->vm->output->streams[fd - 1];
    pthread_mutex_lock(&stream->lock);
    if (open_locked(stream)) {
        append_locked(stream, text, size);
        if (stream->draining && stream->used > BUFFER) status = wait_locked(process, &stream->full);
    }
    pthread_mutex_unlock(&stream->lock);
    return status;
}

NstPrimStatus nst_output_flush_for(NstProcess *process, int fd) {
    NstPrimStatus status = NST_PRIM_OK;
    Stream *stream = &process->vm->output->streams[fd - 1];
    pthread_mutex_lock(&stream->lock);
    if (open_locked(stream)) {
        flush_locked(stream);
        if (stream->draining) status = wait_locked(process, &stream->flushes);
    }
    pthread_mutex_unlock(&stream->lock);
    return status;
}

bool nst_output_resumed(NstProcess *process) {
    void *job;
    return nst_blocking_take(process, &job) == NST_BLOCKING_DONE;
}

// ---- From the runtime --------------------------------------------------------------------

void nst_output_flush(NstVm *vm, int fd) {
    Stream *stream = &vm->output->streams[fd - 1];
    pthread_mutex_lock(&stream->lock);
    if (open_locked(stream)) flush_locked(stream);
    while (stream->draining) pthread_cond_wait(&stream->drained, &stream->lock);
    pthread_mutex_unlock(&stream->lock);
}

void nst_output_try_flush(NstVm *vm) {
    Stream *stream = &vm->output->streams[0];
    if (pthread_mutex_trylock(&stream->lock) != 0) return;
    if (open_locked(stream)) flush_locked(stream);
    pthread_mutex_unlock(&stream->lock);
}

void nst_output_seize(NstVm *vm) {
    for (int i = 0; i < 2; i++) {
        Stream *stream = &vm->output->streams[i];
        pthread_mutex_lock(&stream->lock);
        stream->seized = true;
        stream->owner = pthread_self();
        Waiting full = take_waiting(&stream->full), flushes = take_waiting(&stream->flushes);
        pthread_mutex_unlock(&stream->lock);
        wake(full);
        wake(flushes);
    }
}

bool nst_output_broken(NstVm *vm) {
    Stream *stream = &vm->output->streams[0];
    pthread_mutex_lock(&stream->lock);
    bool broken = stream->broken;
    pthread_mutex_unlock(&stream->lock);
    return broken;
}

char *nst_output_captured(NstVm *vm, int fd, size_t *size) {
    Stream *stream = &vm->output->streams[fd - 1];
    pthread_mutex_lock(&stream->lock);
    char *text = nst_strndup(stream->buffer, stream->used);
    *size = stream->used;
    stream->used = 0;
    pthread_mutex_unlock(&stream->lock);
    return text;
}
