#define _GNU_SOURCE // pipe2
#include "runtime/command.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CHUNK = 65536 };

// Our ends of the three pipes; -1: none.
typedef struct Streams {
    int in, out, err;
} Streams;

static void close_fd(int *fd) {
    if (*fd >= 0) close(*fd);
    *fd = -1;
}

static bool is_program(const char *path) {
    struct stat info;
    return stat(path, &info) == 0 && S_ISREG(info.st_mode) && access(path, X_OK) == 0;
}

// The file of a program: as given if it has a slash, otherwise searched in PATH of its own environment. Malloc'ed.
static char *find_program(const char *name, char *const *environment) {
    if (strchr(name, '/')) return strdup(name);
    const char *path = "/usr/local/bin:/usr/bin:/bin";
    for (char *const *e = environment; *e; e++) {
        if (strncmp(*e, "PATH=", 5) == 0) path = *e + 5;
    }
    while (*name) {
        size_t size = strcspn(path, ":");
        char *file = malloc(size + strlen(name) + 3);
        if (!file) abort();
        memcpy(file, size > 0 ? path : ".", size > 0 ? size : 1);
        size_t at = size > 0 ? size : 1;
        file[at] = '/';
        strcpy(file + at + 1, name);
        if (is_program(file)) return file;
        free(file);
        if (!path[size]) break;
        path += size + 1;
    }
    return 0;
}

// Starts job->words with pipes; 0 or an errno.
static int launch(NstOsJob *job, bool with_input, pid_t *pid, Streams *streams) {
    int in[2] = { -1, -1 }, out[2] = { -1, -1 }, err[2] = { -1, -1 }, error = 0;
    char *file = find_program(job->words[0], job->environment);
    if (!file) return ENOENT;
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    if (pipe2(out, O_CLOEXEC) != 0 || pipe2(err, O_CLOEXEC) != 0 || (with_input && pipe2(in, O_CLOEXEC) != 0)) {
        error = errno;
        goto done;
    }
    if (with_input) posix_spawn_file_actions_adddup2(&actions, in[0], 0);
    else posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, out[1], 1);
    posix_spawn_file_actions_adddup2(&actions, err[1], 2);
    // The program starts with the usual treatment of signals, whatever ours is.
    sigset_t none, ours;
    sigemptyset(&none);
    sigemptyset(&ours);
    sigaddset(&ours, SIGPIPE);
    sigaddset(&ours, SIGINT);
    sigaddset(&ours, SIGTERM);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &ours);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    error = posix_spawn(pid, file, &actions, &attributes, job->words, job->environment);
    if (error == 0) *streams = (Streams){ .in = in[1], .out = out[0], .err = err[0] };
done:
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    free(file);
    close_fd(&in[0]);
    close_fd(&out[1]);
    close_fd(&err[1]);
    if (error != 0) {
        close_fd(&in[1]);
        close_fd(&out[0]);
        close_fd(&err[0]);
    }
    return error;
}

static void cannot_start(NstOsJob *job, const char *what, int error) {
    NstTextBuffer reason = NST_TEXT_BUFFER_INIT;
    nst_os_error_text(&reason, error);
    nst_os_job_message(job, "IO error: Failed to %s %s: %.*s", what, job->path, (int)reason.size, reason.data);
    nst_text_free(&reason);
}

static int exit_code(int status) { return WIFEXITED(status) ? WEXITSTATUS(status) : -1; }

// Reads once into `to` (null: drops it); false at the end.
static bool read_once(int fd, NstTextBuffer *to) {
    char chunk[4096];
    char *into = chunk;
    size_t most = sizeof chunk;
    if (to && nst_text_reserve(to, CHUNK)) {
        into = to->data + to->size;
        most = CHUNK;
    }
    ssize_t count = read(fd, into, most);
    if (count < 0) return errno == EINTR || errno == EAGAIN;
    if (to && into != chunk) to->size += (size_t)count;
    return count > 0;
}

// Reads both streams until they are closed, or until `*ended` says that the program has gone (somebody else may have
// inherited the streams).
static void drain(Streams *streams, NstTextBuffer *out, NstTextBuffer *err, pid_t pid, int *status, bool *ended) {
    while (streams->out >= 0 || streams->err >= 0) {
        struct pollfd fds[2] = { { streams->out, POLLIN, 0 }, { streams->err, POLLIN, 0 } };
        int ready = poll(fds, 2, *ended ? 0 : 50);
        if (ready < 0 && errno != EINTR) break;
        if (ready > 0 && fds[0].revents && !read_once(streams->out, out)) close_fd(&streams->out);
        if (ready > 0 && fds[1].revents && !read_once(streams->err, err)) close_fd(&streams->err);
        if (ready == 0 && *ended) break;
        if (ready == 0 && waitpid(pid, status, WNOHANG) == pid) *ended = true;
    }
}

void nst_command_run(NstOsJob *job) {
    pid_t pid;
    Streams streams;
    int error = launch(job, false, &pid, &streams), status = 0;
    if (error != 0) {
        cannot_start(job, "execute", error);
        return;
    }
    bool ended = false;
    drain(&streams, &job->output, &job->output2, pid, &status, &ended);
    while (!ended && waitpid(pid, &status, 0) < 0 && errno == EINTR) continue;
    close_fd(&streams.out);
    close_fd(&streams.err);
    job->result = exit_code(status);
}

// ---- Commands under way ------------------------------------------------------------------

typedef struct Stream {
    pthread_mutex_t lock;
    int fd;
    NstTextBuffer ahead;
    size_t taken;
} Stream;

typedef struct Command {
    pid_t pid;
    pthread_mutex_t life; // reaping
    bool reaped;
    int status;
    Stream in, out, err;
} Command;

static void open_stream(Stream *stream, int fd) {
    pthread_mutex_init(&stream->lock, 0);
    stream->fd = fd;
}

static void close_stream(Stream *stream) {
    close_fd(&stream->fd);
    nst_text_free(&stream->ahead);
    pthread_mutex_destroy(&stream->lock);
}

// The program may go on without us; what remains of it is the system's.
static void destroy_command(void *thing) {
    Command *command = thing;
    close_stream(&command->in);
    close_stream(&command->out);
    close_stream(&command->err);
    pthread_mutex_destroy(&command->life);
    free(command);
}

void nst_command_start(NstOsJob *job) {
    pid_t pid;
    Streams streams;
    int error = launch(job, true, &pid, &streams);
    if (error != 0) {
        cannot_start(job, "spawn", error);
        return;
    }
    Command *command = calloc(1, sizeof *command);
    if (!command) abort();
    command->pid = pid;
    pthread_mutex_init(&command->life, 0);
    open_stream(&command->in, streams.in);
    open_stream(&command->out, streams.out);
    open_stream(&command->err, streams.err);
    job->result = nst_handles_add(job->handles, command, destroy_command);
}

void nst_command_read_line(NstOsJob *job) {
    Command *command = job->handle->thing;
    Stream *stream = job->number == 1 ? &command->out : &command->err;
    pthread_mutex_lock(&stream->lock);
    for (;;) {
        const char *begin = stream->ahead.data + stream->taken;
        size_t have = stream->ahead.size - stream->taken;
        const char *newline = have > 0 ? memchr(begin, '\n', have) : 0;
        bool more = !newline && stream->fd >= 0;
        if (more) {
            if (!read_once(stream->fd, &stream->ahead)) close_fd(&stream->fd);
            continue;
        }
        size_t size = newline ? (size_t)(newline - begin) + 1 : have;
        if (size > 0) nst_text_append(&job->output, begin, size);
        stream->taken += size;
        if (stream->taken == stream->ahead.size) stream->taken = stream->ahead.size = 0;
        break;
    }
    pthread_mutex_unlock(&stream->lock);
}

void nst_command_write(NstOsJob *job) {
    Stream *stream = &((Command *)job->handle->thing)->in;
    pthread_mutex_lock(&stream->lock);
    const char *text = job->input.data;
    size_t left = job->input.size;
    while (left > 0 && job->error == 0) {
        ssize_t count = write(stream->fd, text, left);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) {
            job->error = errno;
        } else {
            text += count;
            left -= (size_t)count;
        }
    }
    pthread_mutex_unlock(&stream->lock);
}

static void reap(Command *command) {
    pthread_mutex_lock(&command->life);
    while (!command->reaped) {
        pid_t pid = waitpid(command->pid, &command->status, 0);
        if (pid == command->pid || errno != EINTR) command->reaped = true;
    }
    pthread_mutex_unlock(&command->life);
}

// Nobody will read the output any more, so it is dropped: the program must not wait for a reader.
void nst_command_wait(NstOsJob *job) {
    Command *command = job->handle->thing;
    pthread_mutex_lock(&command->in.lock);
    close_fd(&command->in.fd);
    pthread_mutex_unlock(&command->in.lock);
    pthread_mutex_lock(&command->out.lock);
    pthread_mutex_lock(&command->err.lock);
    Streams streams = { .in = -1, .out = command->out.fd, .err = command->err.fd };
    pthread_mutex_lock(&command->life);
    bool ended = command->reaped;
    drain(&streams, 0, 0, command->pid, &command->status, &ended);
    command->reaped = ended;
    pthread_mutex_unlock(&command->life);
    close_fd(&streams.out);
    close_fd(&streams.err);
    command->out.fd = command->err.fd = -1;
    pthread_mutex_unlock(&command->err.lock);
    pthread_mutex_unlock(&command->out.lock);
    reap(command);
    job->result = exit_code(command->status);
}

void nst_command_kill(NstOsJob *job) {
    Command *command = job->handle->thing;
    pthread_mutex_lock(&command->life);
    if (!command->reaped) kill(command->pid, SIGKILL);
    pthread_mutex_unlock(&command->life);
    reap(command);
}
