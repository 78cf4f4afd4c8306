#define _GNU_SOURCE // vasprintf, the GNU strerror_r
#include "runtime/os_job.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/blocking.h"
#include "runtime/string_ops.h"

NstOsJob *nst_os_job_new(void (*run)(NstOsJob *job), const char *kind) {
    NstOsJob *job = calloc(1, sizeof *job);
    if (!job) abort();
    job->run = run;
    job->kind = kind;
    return job;
}

void nst_os_job_free(void *memory) {
    NstOsJob *job = memory;
    if (job->handle) nst_handles_release(job->handles, job->handle);
    free(job->path);
    free(job->path2);
    free(job->words);
    free(job->environment);
    free(job->message);
    nst_text_free(&job->input);
    nst_text_free(&job->output);
    nst_text_free(&job->output2);
    free(job);
}

static void run(void *memory) {
    NstOsJob *job = memory;
    job->run(job);
}

NstPrimStatus nst_os_job_result(NstProcess *process, NstOsJob **job) {
    void *done = 0;
    *job = 0;
    switch (nst_blocking_take(process, &done)) {
    case NST_BLOCKING_WAIT: return NST_PRIM_BLOCK;
    case NST_BLOCKING_DONE: *job = done; return NST_PRIM_OK;
    default: return NST_PRIM_OK;
    }
}

NstPrimStatus nst_os_job_start_dropping(NstProcess *process, NstOsJob *job, void (*drop)(void *job)) {
    return nst_blocking_run(process, run, drop, job);
}

NstPrimStatus nst_os_job_start(NstProcess *process, NstOsJob *job) {
    return nst_os_job_start_dropping(process, job, nst_os_job_free);
}

bool nst_os_job_failed(const NstOsJob *job) { return job->error != 0 || job->message; }

static NstPrimStatus raise_errno(NstProcess *process, const NstOsJob *job) {
    const char *path = job->path ? job->path : "";
    if (job->error == ENOENT) return nst_raise_pair(process, job->kind, "File not found: %s", path);
    if (job->error == EACCES || job->error == EPERM) {
        return nst_raise_pair(process, job->kind, "Permission denied: %s", path);
    }
    NstTextBuffer text = NST_TEXT_BUFFER_INIT;
    nst_os_error_text(&text, job->error);
    NstPrimStatus status = nst_raise_pair(process, job->kind, "IO error: %.*s", (int)text.size, text.data);
    nst_text_free(&text);
    return status;
}

NstPrimStatus nst_os_job_raise(NstProcess *process, NstOsJob *job) {
    NstPrimStatus status = job->message ? nst_raise_pair(process, job->kind, "%s", job->message) : raise_errno(process, job);
    nst_os_job_free(job);
    return status;
}

bool nst_os_job_path(char **to, NstValue path) {
    const NstString *s = nst_as_string(path);
    *to = malloc((size_t)s->head.count + 1);
    if (!*to) abort();
    memcpy(*to, s->bytes, (size_t)s->head.count + 1);
    return strlen(*to) == s->head.count;
}

void nst_os_job_message(NstOsJob *job, const char *format, ...) {
    free(job->message);
    va_list args;
    va_start(args, format);
    if (vasprintf(&job->message, format, args) < 0) abort();
    va_end(args);
}

void nst_os_error_text(NstTextBuffer *out, int error) {
    char text[128];
    nst_text_printf(out, "%s (os error %d)", strerror_r(error, text, sizeof text), error);
}
