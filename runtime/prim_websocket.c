// Primitives of WebSocket.
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/heap.h"
#include "runtime/http_server.h"
#include "runtime/http_values.h"
#include "runtime/lib_state.h"
#include "runtime/net_loop.h"
#include "runtime/os_text.h"
#include "runtime/process.h"
#include "runtime/string_ops.h"
#include "runtime/websocket.h"

static NstPrimStatus invalid_handle(NstProcess *process) {
    return nst_raise_pair(process, "websocket_error", "Invalid handle");
}

// The job on the handle args[0] of a table; null and an exception if there is none.
static NstOsJob *websocket_job(NstProcess *process, NstValue *args, NstHandles *handles) {
    NstHandle *handle = args[0].tag == NST_TAG_INT ? nst_handles_hold(handles, args[0].w.i) : 0;
    if (!handle) {
        invalid_handle(process);
        return 0;
    }
    NstOsJob *job = nst_os_job_new(0, "websocket_error");
    job->handles = handles;
    job->handle = handle;
    return job;
}

static NstPrimStatus flush(NstProcess *process, NstOsJob *job, uint64_t position) {
    job->number = (int64_t)position;
    return nst_net_start(process, job, nst_websocket_fd(job->handle->thing), POLLOUT, nst_websocket_flush, nst_os_job_free);
}

// (url, headers)
NST_PRIMITIVE(websocket_connect) {
    NstOsJob *job;
    NstPrimStatus status = nst_os_job_result(process, &job);
    if (job) {
        if (nst_os_job_failed(job)) return nst_os_job_raise(process, job);
        args[0] = nst_int(job->result);
        nst_os_job_free(job);
        return NST_PRIM_OK;
    }
    if (status != NST_PRIM_OK) return status;
    NST_EXPECT_KIND(args[0], NST_KIND_STRING, "String");
    job = nst_os_job_new(nst_websocket_connect, "websocket_error");
    status = nst_http_append_headers(process, &job->input, args[1]);
    if (status != NST_PRIM_OK) {
        nst_os_job_free(job);
        return status;
    }
    nst_os_job_path(&job->path, args[0]);
    job->handles = nst_lib_state(process->vm)->websockets;
    return nst_os_job_start(process, job);
}

// Makes a WebSocket of an upgrade request that nobody has answered; its number, or 0 and an exception.
static int64_t take_over(NstProcess *process, int64_t number) {
    NstLibState *state = nst_lib_state(process->vm);
    NstHandle *request = nst_handles_hold(state->requests, number);
    if (!request || !nst_handles_remove(state->requests, number)) {
        if (request) nst_handles_release(state->requests, request);
        nst_raise_pair(process, "websocket_error", "Request not found or already responded");
        return 0;
    }
    NstTextBuffer rest;
    char *key;
    int fd = nst_http_server_take_socket(request, &rest, &key);
    NstWebSocket *socket = nst_websocket_new(fd, false, rest);
    nst_handles_release(state->requests, request);
    if (!key) {
        nst_websocket_release(socket);
        nst_raise_pair(process, "websocket_error", "Not a WebSocket request");
        return 0;
    }
    NstTextBuffer answer = NST_TEXT_BUFFER_INIT;
    nst_text_append_z(&answer, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                               "Sec-WebSocket-Accept: ");
    nst_websocket_accept_key(&answer, key);
    nst_text_append_z(&answer, "\r\n\r\n");
    nst_websocket_put(socket, answer.data, answer.size);
    nst_text_free(&answer);
    free(key);
    return nst_handles_add(state->websockets, socket, nst_websocket_release);
}

// (request number)
NST_PRIMITIVE(websocket_accept) {
    NstOsJob *job;
    NstPrimStatus status = nst_os_job_result(process, &job);
    if (job) {
        if (nst_os_job_failed(job)) return nst_os_job_raise(process, job);
        args[0] = nst_int(job->result);
        nst_os_job_free(job);
        return NST_PRIM_OK;
    }
    if (status != NST_PRIM_OK) return status;
    NST_EXPECT_TAG(args[0], NST_TAG_INT, "Int");
    int64_t number = take_over(process, args[0].w.i);
    if (number == 0) return NST_PRIM_RAISE;
    NstValue handle = nst_int(number);
    job = websocket_job(process, &handle, nst_lib_state(process->vm)->websockets);
    job->result = number;
    return flush(process, job, nst_websocket_put(job->handle->thing, 0, 0));
}

static NstPrimStatus send_text(NstProcess *process, NstValue *args, NstHandles *handles) {
    NstOsJob *job;
    NstPrimStatus status = nst_os_job_result(process, &job);
    if (job) {
        if (nst_os_job_failed(job)) return nst_os_job_raise(process, job);
        nst_os_job_free(job);
        args[0] = NST_UNIT;
        return NST_PRIM_OK;
    }
    if (status != NST_PRIM_OK) return status;
    NST_EXPECT_KIND(args[1], NST_KIND_STRING, "String");
    job = websocket_job(process, args, handles);
    if (!job) return NST_PRIM_RAISE;
    const NstString *text = nst_as_string(args[1]);
    return flush(process, job, nst_websocket_put_text(job->handle->thing, text->bytes, text->head.count));
}

NST_PRIMITIVE(websocket_send) { return send_text(process, args, nst_lib_state(process->vm)->websockets); }
NST_PRIMITIVE(websocket_send_shared) { return send_text(process, args, nst_lib_state(process->vm)->writers); }

NST_PRIMITIVE(websocket_receive) {
    NstOsJob *job;
    NstPrimStatus status = nst_os_job_result(process, &job);
    if (job) {
        if (nst_os_job_failed(job)) return nst_os_job_raise(process, job);
        args[0] = nst_os_string(process, job->output.data ? job->output.data : "", job->output.size);
        nst_os_job_free(job);
        return NST_PRIM_OK;
    }
    if (status != NST_PRIM_OK) return status;
    job = websocket_job(process, args, nst_lib_state(process->vm)->websockets);
    if (!job) return NST_PRIM_RAISE;
    // A message may be here already without the socket becoming ready again.
    if (nst_websocket_receive(job)) {
        if (nst_os_job_failed(job)) return nst_os_job_raise(process, job);
        args[0] = nst_os_string(process, job->output.data ? job->output.data : "", job->output.size);
        nst_os_job_free(job);
        return NST_PRIM_OK;
    }
    return nst_net_start(process, job, nst_websocket_fd(job->handle->thing), POLLIN, nst_websocket_receive, nst_os_job_free);
}

NST_PRIMITIVE(websocket_close) {
    NstHandles *websockets = nst_lib_state(process->vm)->websockets;
    NstHandle *handle = args[0].tag == NST_TAG_INT ? nst_handles_hold(websockets, args[0].w.i) : 0;
    if (!handle || !nst_handles_remove(websockets, args[0].w.i)) {
        if (handle) nst_handles_release(websockets, handle);
        return invalid_handle(process);
    }
    nst_websocket_close(handle->thing);
    nst_handles_release(websockets, handle);
    args[0] = NST_UNIT;
    return NST_PRIM_OK;
}

// A second handle on the connection, for writing from any process.
NST_PRIMITIVE(websocket_writer) {
    NstLibState *state = nst_lib_state(process->vm);
    NstHandle *handle = args[0].tag == NST_TAG_INT ? nst_handles_hold(state->websockets, args[0].w.i) : 0;
    if (!handle) return invalid_handle(process);
    nst_websocket_hold(handle->thing);
    args[0] = nst_int(nst_handles_add(state->writers, handle->thing, nst_websocket_release));
    nst_handles_release(state->websockets, handle);
    return NST_PRIM_OK;
}
