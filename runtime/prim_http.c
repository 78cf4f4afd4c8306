// Primitives of Http.
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "runtime/heap.h"
#include "runtime/http_client.h"
#include "runtime/http_values.h"
#include "runtime/list.h"
#include "runtime/os_text.h"
#include "runtime/process.h"
#include "runtime/string_ops.h"
#include "runtime/unicode.h"

// A String, or a List[Int] of bytes if it is no text.
static NstValue body_value(NstProcess *process, const NstTextBuffer *body) {
    if (nst_utf8_valid(body->data, body->size) == body->size) {
        return nst_string(process, body->data ? body->data : "", body->size);
    }
    NstObject *list = nst_list_builder(process, body->size);
    for (size_t i = 0; i < body->size; i++) nst_list_builder_add(process, list, nst_int((unsigned char)body->data[i]));
    return nst_list_builder_finish(process, list);
}

static void drop_request(void *memory) {
    NstOsJob *job = memory;
    if (job->subject) nst_http_reader_free(job->subject);
    free(job->subject);
    nst_os_job_free(job);
}

static const char *method_named(const char *name) {
    static const char *const methods[] = { "GET", "POST", "PUT", "DELETE", "PATCH", "HEAD" };
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
        if (strcasecmp(name, methods[i]) == 0) return methods[i];
    }
    return 0;
}

// (method, url, headers, body) -> (status, headers, body)
NST_PRIMITIVE(http_request) {
    NstOsJob *job;
    NstPrimStatus status = nst_os_job_result(process, &job);
    if (job) {
        if (nst_os_job_failed(job)) return nst_os_job_raise(process, job);
        const NstHttpMessage *m = &((const NstHttpReader *)job->subject)->message;
        NstObject *parts = nst_heap_slots(process, NST_KIND_TUPLE, 3);
        nst_slot_init(parts, 0, nst_int(m->status));
        nst_slot_init(parts, 1, nst_http_headers_value(process, m));
        nst_slot_init(parts, 2, body_value(process, &m->body));
        args[0] = nst_object(parts);
        drop_request(job);
        return NST_PRIM_OK;
    }
    if (status != NST_PRIM_OK) return status;
    NST_EXPECT_KIND(args[0], NST_KIND_STRING, "String");
    NST_EXPECT_KIND(args[1], NST_KIND_STRING, "String");
    NST_EXPECT_KIND(args[3], NST_KIND_STRING, "String");
    const char *method = method_named(nst_as_string(args[0])->bytes);
    if (!method) return nst_raise_panic(process, "Unknown HTTP method: %s", nst_as_string(args[0])->bytes);
    job = nst_os_job_new(nst_http_request, "io_error");
    status = nst_http_append_headers(process, &job->input, args[2]);
    if (status != NST_PRIM_OK) {
        nst_os_job_free(job);
        return status;
    }
    nst_os_job_path(&job->path, args[1]);
    job->path2 = strdup(method);
    if (!job->path2) abort();
    nst_text_append(&job->output2, nst_as_string(args[3])->bytes, nst_as_string(args[3])->head.count);
    return nst_os_job_start_dropping(process, job, drop_request);
}
