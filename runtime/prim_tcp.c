// Primitives of Tcp.
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "runtime/heap.h"
#include "runtime/lib_state.h"
#include "runtime/net_loop.h"
#include "runtime/os_text.h"
#include "runtime/process.h"
#include "runtime/string_ops.h"
#include "runtime/tcp.h"
#include "runtime/unicode.h"

enum { CONNECT_MS = 120000 };

typedef struct Socket {
    int fd;
    _Atomic bool closed; // by the program; the descriptor is only shut down until nobody holds the socket
    NstTextBuffer rest;  // the beginning of a character that was cut in two
} Socket;

static void destroy_socket(void *thing) {
    Socket *socket = thing;
    close(socket->fd);
    nst_text_free(&socket->rest);
    free(socket);
}

static int64_t add_socket(NstHandles *sockets, int fd) {
    Socket *socket = calloc(1, sizeof *socket);
    if (!socket) abort();
    socket->fd = fd;
    return nst_handles_add(sockets, socket, destroy_socket);
}

static void set_failure(NstOsJob *job, const char *what, int error) {
    NstTextBuffer text = NST_TEXT_BUFFER_INIT;
    nst_os_error_text(&text, error);
    nst_os_job_message(job, "IO error: TCP %s error: %.*s", what, (int)text.size, text.data);
    nst_text_free(&text);
}

// The job on the handle args[0]; null and an exception if there is none.
static NstOsJob *socket_job(NstProcess *process, NstValue *args, Socket **socket) {
    NstHandles *sockets = nst_lib_state(process->vm)->sockets;
    NstHandle *handle = args[0].tag == NST_TAG_INT ? nst_handles_hold(sockets, args[0].w.i) : 0;
    if (!handle) {
        nst_raise_pair(process, "tcp_error", "Invalid handle");
        return 0;
    }
    NstOsJob *job = nst_os_job_new(0, "tcp_error");
    job->handles = sockets;
    job->handle = handle;
    *socket = handle->thing;
    return job;
}

static NstPrimStatus int_result(NstProcess *process, NstOsJob *job, NstValue *out) {
    if (nst_os_job_failed(job)) return nst_os_job_raise(process, job);
    *out = nst_int(job->result);
    nst_os_job_free(job);
    return NST_PRIM_OK;
}

NST_PRIMITIVE(tcp_listen) {
    NST_EXPECT_TAG(args[0], NST_TAG_INT, "Int");
    int fd = nst_tcp_listen(args[0].w.i);
    if (fd < 0) {
        NstOsJob *job = nst_os_job_new(0, "tcp_error");
        set_failure(job, "listen", -fd);
        return nst_os_job_raise(process, job);
    }
    args[0] = nst_int(add_socket(nst_lib_state(process->vm)->sockets, fd));
    return NST_PRIM_OK;
}

static bool accept_step(NstOsJob *job) {
    Socket *listener = job->handle->thing;
    int fd = listener->closed ? -EINVAL : nst_tcp_accept(listener->fd);
    if (fd == -EAGAIN || fd == -ECONNABORTED || fd == -EINTR) return false;
    if (fd >= 0) job->result = add_socket(job->handles, fd);
    else if (listener->closed) nst_os_job_message(job, "Invalid handle");
    else set_failure(job, "accept", -fd);
    return true;
}

NST_PRIMITIVE(tcp_accept) {
    NstOsJob *job;
    Socket *listener;
    NstPrimStatus status = nst_os_job_result(process, &job);
    if (job) return int_result(process, job, &args[0]);
    if (status != NST_PRIM_OK) return status;
    job = socket_job(process, args, &listener);
    return job ? nst_net_start(process, job, listener->fd, POLLIN, accept_step, nst_os_job_free) : NST_PRIM_RAISE;
}

// On the blocking pool: names may have to be looked up.
static void connect_job(NstOsJob *job) {
    const char *detail;
    int fd = nst_tcp_connect(job->path, job->number, CONNECT_MS, &detail);
    int error = fd < 0 ? -fd : nst_net_nonblocking(fd);
    if (detail) nst_os_job_message(job, "IO error: TCP connect error: %s", detail);
    else if (error != 0) set_failure(job, "connect", error);
    else job->result = add_socket(job->handles, fd);
}

NST_PRIMITIVE(tcp_connect) {
    NstOsJob *job;
    NstPrimStatus status = nst_os_job_result(process, &job);
    if (job) return int_result(process, job, &args[0]);
    if (status != NST_PRIM_OK) return status;
    NST_EXPECT_KIND(args[0], NST_KIND_STRING, "String");
    NST_EXPECT_TAG(args[1], NST_TAG_INT, "Int");
    job = nst_os_job_new(connect_job, "tcp_error");
    nst_os_job_path(&job->path, args[0]);
    job->number = args[1].w.i;
    job->handles = nst_lib_state(process->vm)->sockets;
    return nst_os_job_start(process, job);
}

static bool read_step(NstOsJob *job) {
    Socket *socket = job->handle->thing;
    size_t most = job->number > 0 ? (size_t)job->number : 1;
    nst_text_append(&job->output, socket->rest.data, socket->rest.size);
    socket->rest.size = 0;
    int64_t count = nst_tcp_receive(socket->fd, &job->output, most > 1 << 20 ? 1 << 20 : most);
    if (count == -EAGAIN) {
        nst_text_append(&socket->rest, job->output.data, job->output.size);
        job->output.size = 0;
        return false;
    }
    if (socket->closed) nst_os_job_message(job, "Invalid handle");
    else if (count < 0) set_failure(job, "read", (int)-count);
    if (count <= 0) return true;
    size_t valid = nst_utf8_valid(job->output.data, job->output.size), left = job->output.size - valid;
    if (nst_utf8_incomplete(job->output.data + valid, left)) {
        nst_text_append(&socket->rest, job->output.data + valid, left);
        job->output.size = valid;
    }
    return job->output.size > 0; // the beginning of a character alone is nothing yet
}

NST_PRIMITIVE(tcp_read) {
    NstOsJob *job;
    Socket *socket;
    NstPrimStatus status = nst_os_job_result(process, &job);
    if (job) {
        if (nst_os_job_failed(job)) return nst_os_job_raise(process, job);
        args[0] = nst_os_string(process, job->output.data ? job->output.data : "", job->output.size);
        nst_os_job_free(job);
        return NST_PRIM_OK;
    }
    if (status != NST_PRIM_OK) return status;
    NST_EXPECT_TAG(args[1], NST_TAG_INT, "Int");
    job = socket_job(process, args, &socket);
    if (!job) return NST_PRIM_RAISE;
    job->number = args[1].w.i;
    return nst_net_start(process, job, socket->fd, POLLIN, read_step, nst_os_job_free);
}

static bool write_step(NstOsJob *job) {
    Socket *socket = job->handle->thing;
    while ((size_t)job->result < job->input.size) {
        int64_t count = nst_tcp_send(socket->fd, job->input.data + job->result, job->input.size - (size_t)job->result);
        if (count == -EAGAIN) return false;
        if (count < 0) {
            if (socket->closed) nst_os_job_message(job, "Invalid handle");
            else set_failure(job, "write", (int)-count);
            return true;
        }
        job->result += count;
    }
    return true;
}

NST_PRIMITIVE(tcp_write) {
    NstOsJob *job;
    Socket *socket;
    NstPrimStatus status = nst_os_job_result(process, &job);
    if (job) return int_result(process, job, &args[0]);
    if (status != NST_PRIM_OK) return status;
    NST_EXPECT_KIND(args[1], NST_KIND_STRING, "String");
    job = socket_job(process, args, &socket);
    if (!job) return NST_PRIM_RAISE;
    nst_text_append(&job->input, nst_as_string(args[1])->bytes, nst_as_string(args[1])->head.count);
    return nst_net_start(process, job, socket->fd, POLLOUT, write_step, nst_os_job_free);
}

NST_PRIMITIVE(tcp_close) {
    NstHandles *sockets = nst_lib_state(process->vm)->sockets;
    NstHandle *handle = args[0].tag == NST_TAG_INT ? nst_handles_hold(sockets, args[0].w.i) : 0;
    if (!handle || !nst_handles_remove(sockets, args[0].w.i)) {
        if (handle) nst_handles_release(sockets, handle);
        return nst_raise_pair(process, "tcp_error", "Invalid handle");
    }
    Socket *socket = handle->thing;
    socket->closed = true;
    shutdown(socket->fd, SHUT_RDWR); // wakes who waits for it
    nst_handles_release(sockets, handle);
    args[0] = NST_UNIT;
    return NST_PRIM_OK;
}
