// Primitives of Server.
#include <stdlib.h>
#include <string.h>

#include "runtime/heap.h"
#include "runtime/http_server.h"
#include "runtime/http_values.h"
#include "runtime/lib_state.h"
#include "runtime/list.h"
#include "runtime/os_text.h"
#include "runtime/process.h"
#include "runtime/string_ops.h"

NST_PRIMITIVE(server_bind) {
    NST_EXPECT_TAG(args[0], NST_TAG_INT, "Int");
    NstLibState *state = nst_lib_state(process->vm);
    int64_t server = nst_http_server_open(process->vm, state->servers, state->requests, args[0].w.i, process->pid);
    if (server < 0) {
        NstTextBuffer text = NST_TEXT_BUFFER_INIT;
        nst_os_error_text(&text, (int)-server);
        NstPrimStatus status = nst_raise_pair(process, "io_error", "IO error: Failed to bind: %.*s", (int)text.size, text.data);
        nst_text_free(&text);
        return status;
    }
    args[0] = nst_int(server);
    return NST_PRIM_OK;
}

NST_PRIMITIVE(server_close) {
    bool open = args[0].tag == NST_TAG_INT && nst_http_server_close(nst_lib_state(process->vm)->servers, args[0].w.i);
    if (!open) return nst_raise_pair(process, "io_error", "Invalid handle");
    args[0] = NST_UNIT;
    return NST_PRIM_OK;
}

// (number, method, target, headers, body, whether it asks for a WebSocket)
static NstValue request_parts(NstProcess *process, const NstHttpRequest *request) {
    const NstHttpMessage *m = &request->reader.message;
    bool websocket = nst_http_has_token(nst_http_header(m, "upgrade"), "websocket") && nst_http_header(m, "sec-websocket-key");
    NstObject *parts = nst_heap_slots(process, NST_KIND_TUPLE, 6);
    nst_slot_init(parts, 0, nst_int(request->id));
    nst_slot_init(parts, 1, nst_os_string(process, m->method, strlen(m->method)));
    nst_slot_init(parts, 2, nst_os_string(process, m->target, strlen(m->target)));
    nst_slot_init(parts, 3, nst_http_headers_value(process, m));
    nst_slot_init(parts, 4, nst_os_string(process, m->body.data ? m->body.data : "", m->body.size));
    nst_slot_init(parts, 5, nst_bool(websocket));
    return nst_object(parts);
}

NST_PRIMITIVE(server_accept) {
    NstOsJob *job;
    NstPrimStatus status = nst_os_job_result(process, &job);
    if (job) {
        if (nst_os_job_failed(job)) return nst_os_job_raise(process, job);
        NstHttpRequest *request = nst_http_server_taken(job);
        args[0] = request_parts(process, request);
        nst_http_request_free(request);
        nst_os_job_free(job);
        return NST_PRIM_OK;
    }
    if (status != NST_PRIM_OK) return status;
    NstHandles *servers = nst_lib_state(process->vm)->servers;
    NstHandle *handle = args[0].tag == NST_TAG_INT ? nst_handles_hold(servers, args[0].w.i) : 0;
    if (!handle) return nst_raise_pair(process, "io_error", "Invalid handle");
    job = nst_os_job_new(0, "io_error");
    job->handles = servers;
    job->handle = handle;
    return nst_http_server_accept(process, job);
}

// ---- Answers -----------------------------------------------------------------------------

// A String or a List[Int] of bytes.
static NstPrimStatus append_body(NstProcess *process, NstTextBuffer *out, NstValue body) {
    if (nst_is_kind(body, NST_KIND_STRING)) {
        nst_text_append(out, nst_as_string(body)->bytes, nst_as_string(body)->head.count);
        return NST_PRIM_OK;
    }
    NST_EXPECT_KIND(body, NST_KIND_LIST, "String or List[Int]");
    NstListIter iter;
    nst_list_iter(&iter, body.w.o);
    NstValue byte;
    while (nst_list_next(&iter, &byte)) {
        NST_EXPECT_TAG(byte, NST_TAG_INT, "Int");
        nst_text_append_byte(out, (char)(unsigned char)byte.w.u);
    }
    return NST_PRIM_OK;
}

static NstPrimStatus build_answer(NstProcess *process, NstValue *args, const NstHandle *request, bool keep, NstTextBuffer *out) {
    NstTextBuffer body = NST_TEXT_BUFFER_INIT;
    int64_t code = args[1].w.i;
    nst_text_printf(out, "HTTP/1.1 %d %s\r\n", (int)code, nst_http_reason(code));
    NstPrimStatus status = nst_http_append_headers(process, out, args[2]);
    if (status == NST_PRIM_OK) status = append_body(process, &body, args[3]);
    bool bodyless = code == 204 || code == 304 || (code >= 100 && code < 200);
    if (!bodyless) nst_text_printf(out, "Content-Length: %zu\r\n", body.size);
    nst_text_printf(out, "Connection: %s\r\n\r\n", keep ? "keep-alive" : "close");
    if (!bodyless && !nst_http_request_is_head(request)) nst_text_append(out, body.data, body.size);
    nst_text_free(&body);
    return status;
}

// (request number, status, headers, body)
NST_PRIMITIVE(server_respond) {
    NstOsJob *job;
    NstPrimStatus status = nst_os_job_result(process, &job);
    if (job) {
        nst_os_job_free(job);
        args[0] = NST_UNIT;
        return NST_PRIM_OK;
    }
    if (status != NST_PRIM_OK) return status;
    NST_EXPECT_TAG(args[1], NST_TAG_INT, "Int");
    if (args[1].w.i < 100 || args[1].w.i > 999) return nst_raise_pair(process, "io_error", "HTTP error: invalid status code");
    NstHandles *requests = nst_lib_state(process->vm)->requests;
    NstHandle *request = args[0].tag == NST_TAG_INT ? nst_handles_hold(requests, args[0].w.i) : 0;
    if (!request) return nst_raise_pair(process, "io_error", "Request not found or already responded");
    job = nst_os_job_new(0, "io_error");
    job->handles = requests;
    job->handle = request;
    bool keep = nst_http_request_keeps_alive(request);
    status = build_answer(process, args, request, keep, &job->input);
    // Of several answers to one request only one takes it out of the table.
    if (status == NST_PRIM_OK && !nst_handles_remove(requests, args[0].w.i)) {
        status = nst_raise_pair(process, "io_error", "Request not found or already responded");
    }
    if (status != NST_PRIM_OK) {
        nst_os_job_free(job);
        return status;
    }
    job->number = keep;
    return nst_http_server_respond(process, job);
}
