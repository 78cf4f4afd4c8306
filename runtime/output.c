#include "runtime/output.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "frontend/arena.h"
#include "runtime/scheduler.h"
#include "runtime/vm_state.h"

enum { BUFFER = 64 * 1024 };

typedef struct Stream {
    pthread_mutex_t lock;
    int fd;
    char *buffer;
    size_t used, size;
    bool broken;     // its reader has gone: drops everything
    bool seized;     // drops what others than `owner` write
    pthread_t owner;
    bool line_buffered, capture;
} Stream;

struct NstOutput {
    Stream streams[2]; // standard output, standard error
};

NstOutput *nst_output_new(bool capture) {
    NstOutput *output = nst_calloc(1, sizeof *output);
    for (int i = 0; i < 2; i++) {
        Stream *stream = &output->streams[i];
        pthread_mutex_init(&stream->lock, NULL);
        stream->fd = i + 1;
        stream->capture = capture;
        stream->size = capture || i == 0 ? BUFFER : 0;
        stream->buffer = nst_malloc(stream->size);
        stream->line_buffered = i == 0 && isatty(1);
    }
    return output;
}

void nst_output_free(NstOutput *output) {
    for (int i = 0; i < 2; i++) {
        pthread_mutex_destroy(&output->streams[i].lock);
        free(output->streams[i].buffer);
    }
    free(output);
}

// False: nobody reads any more.
static bool write_all(int fd, const char *text, size_t size) {
    while (size > 0) {
        ssize_t written = write(fd, text, size);
        if (written >= 0) {
            text += written;
            size -= (size_t)written;
        } else if (errno == EAGAIN) { // somebody has made the terminal or pipe non-blocking
            struct pollfd ready = { .fd = fd, .events = POLLOUT };
            poll(&ready, 1, -1);
        } else if (errno != EINTR) {
            return errno != EPIPE;
        }
    }
    return true;
}

static void write_through_locked(NstVm *vm, Stream *stream, const char *text, size_t size) {
    if (write_all(stream->fd, text, size)) return;
    stream->broken = true;
    if (stream->fd == 1) nst_scheduler_stop(vm, NST_CAUSE_OUTPUT_CLOSED);
}

static bool open_locked(const Stream *stream) {
    return !stream->broken && (!stream->seized || pthread_equal(stream->owner, pthread_self()));
}

static void flush_locked(NstVm *vm, Stream *stream) {
    if (stream->capture || stream->used == 0) return;
    write_through_locked(vm, stream, stream->buffer, stream->used);
    stream->used = 0;
}

static void append_locked(NstVm *vm, Stream *stream, const char *text, size_t size) {
    if (stream->used + size > stream->size) {
        if (stream->capture) {
            stream->size = (stream->used + size) * 2;
            stream->buffer = nst_realloc(stream->buffer, stream->size);
        } else {
            flush_locked(vm, stream);
            if (size >= stream->size) {
                write_through_locked(vm, stream, text, size);
                return;
            }
        }
    }
    memcpy(stream->buffer + stream->used, text, size);
    stream->used += size;
    if (stream->line_buffered && memchr(text, '\n', size)) flush_locked(vm, stream);
}

void nst_output_write(NstVm *vm, int fd, const char *text, size_t size) {
    if (size == 0) return;
    Stream *stream = &vm->output->streams[fd - 1];
    pthread_mutex_lock(&stream->lock);
    if (open_locked(stream)) append_locked(vm, stream, text, size);
    pthread_mutex_unlock(&stream->lock);
}

void nst_output_flush(NstVm *vm, int fd) {
    Stream *stream = &vm->output->streams[fd - 1];
    pthread_mutex_lock(&stream->lock);
    if (open_locked(stream)) flush_locked(vm, stream);
    pthread_mutex_unlock(&stream->lock);
}

void nst_output_try_flush(NstVm *vm) {
    Stream *stream = &vm->output->streams[0];
    if (pthread_mutex_trylock(&stream->lock) != 0) return;
    if (open_locked(stream)) flush_locked(vm, stream);
    pthread_mutex_unlock(&stream->lock);
}

void nst_output_seize(NstVm *vm) {
    for (int i = 0; i < 2; i++) {
        Stream *stream = &vm->output->streams[i];
        pthread_mutex_lock(&stream->lock);
        stream->seized = true;
        stream->owner = pthread_self();
        pthread_mutex_unlock(&stream->lock);
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
