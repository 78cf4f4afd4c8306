// Primitives of File and Dir: each makes a job of file_jobs.h and reads its result.
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "runtime/file_jobs.h"
#include "runtime/heap.h"
#include "runtime/lib_state.h"
#include "runtime/list.h"
#include "runtime/os_text.h"
#include "runtime/output.h"
#include "runtime/process.h"
#include "runtime/string_ops.h"
#include "runtime/unicode.h"

typedef NstPrimStatus (*MakeResult)(NstProcess *process, NstOsJob *job, NstValue *out);

// The value of a finished job, or its exception.
static NstPrimStatus conclude(NstProcess *process, NstOsJob *job, MakeResult make, NstValue *out) {
    if (nst_os_job_failed(job)) return nst_os_job_raise(process, job);
    NstPrimStatus status = make(process, job, out);
    nst_os_job_free(job);
    return status;
}

static NstPrimStatus unit_result(NstProcess *process, NstOsJob *job, NstValue *out) {
    (void)process;
    (void)job;
    *out = NST_UNIT;
    return NST_PRIM_OK;
}

static NstPrimStatus int_result(NstProcess *process, NstOsJob *job, NstValue *out) {
    (void)process;
    *out = nst_int(job->result);
    return NST_PRIM_OK;
}

static NstPrimStatus bool_result(NstProcess *process, NstOsJob *job, NstValue *out) {
    (void)process;
    *out = nst_bool(job->result != 0);
    return NST_PRIM_OK;
}

static NstPrimStatus text_result(NstProcess *process, NstOsJob *job, NstValue *out) {
    if (nst_utf8_valid(job->output.data, job->output.size) < job->output.size) {
        return nst_raise_pair(process, "io_error", "IO error: stream did not contain valid UTF-8");
    }
    NstString *s = nst_string_make(process, job->output.size);
    if (!s) return NST_PRIM_RAISE;
    if (job->output.size > 0) memcpy(s->bytes, job->output.data, job->output.size);
    nst_string_finish(s);
    *out = nst_object(s);
    return NST_PRIM_OK;
}

static NstPrimStatus bytes_result(NstProcess *process, NstOsJob *job, NstValue *out) {
    NstObject *list = nst_list_builder(process, job->output.size);
    for (size_t i = 0; i < job->output.size; i++) {
        nst_list_builder_add(process, list, nst_int((unsigned char)job->output.data[i]));
    }
    nst_prim_charge(process, job->output.size / 32);
    *out = nst_list_builder_finish(process, list);
    return NST_PRIM_OK;
}

static NstPrimStatus names_result(NstProcess *process, NstOsJob *job, NstValue *out) {
    NstObject *list = nst_list_builder(process, 0);
    for (size_t at = 0; at < job->output.size;) {
        size_t size = strlen(job->output.data + at);
        nst_list_builder_add(process, list, nst_os_string(process, job->output.data + at, size));
        at += size + 1;
    }
    *out = nst_list_builder_finish(process, list);
    return NST_PRIM_OK;
}

// ---- By path -----------------------------------------------------------------------------

// args: path, then `paths` - 1 further paths, then a text if `text`.
static NstPrimStatus by_path(NstProcess *process, NstValue *args, void (*run)(NstOsJob *), int paths, bool text,
                             MakeResult make) {
    NstOsJob *job;
    NstPrimStatus status = nst_os_job_result(process, &job);
    if (job) return conclude(process, job, make, &args[0]);
    if (status != NST_PRIM_OK) return status;
    int count = paths + text;
    for (int i = 0; i < count; i++) NST_EXPECT_KIND(args[i], NST_KIND_STRING, "String");
    job = nst_os_job_new(run, "io_error");
    bool good = nst_os_job_path(&job->path, args[0]);
    if (paths == 2) good = nst_os_job_path(&job->path2, args[1]) && good;
    if (!good && make == bool_result) { // nothing has such a name
        nst_os_job_free(job);
        args[0] = nst_bool(false);
        return NST_PRIM_OK;
    }
    if (!good) {
        job->error = EINVAL;
        return nst_os_job_raise(process, job);
    }
    if (text) {
        const NstString *s = nst_as_string(args[paths]);
        nst_text_append(&job->input, s->bytes, s->head.count);
    }
    return nst_os_job_start(process, job);
}

NST_PRIMITIVE(file_read_all) { return by_path(process, args, nst_file_read_all, 1, false, text_result); }
NST_PRIMITIVE(file_read_bytes) { return by_path(process, args, nst_file_read_all, 1, false, bytes_result); }
NST_PRIMITIVE(file_write_all) { return by_path(process, args, nst_file_write_all, 1, true, unit_result); }
NST_PRIMITIVE(file_append) { return by_path(process, args, nst_file_append, 1, true, unit_result); }
NST_PRIMITIVE(file_exists) { return by_path(process, args, nst_file_exists, 1, false, bool_result); }
NST_PRIMITIVE(file_remove) { return by_path(process, args, nst_file_remove, 1, false, unit_result); }
NST_PRIMITIVE(file_rename) { return by_path(process, args, nst_file_rename, 2, false, unit_result); }
NST_PRIMITIVE(file_copy) { return by_path(process, args, nst_file_copy, 2, false, unit_result); }
NST_PRIMITIVE(file_size) { return by_path(process, args, nst_file_size, 1, false, int_result); }
NST_PRIMITIVE(dir_create) { return by_path(process, args, nst_dir_create, 1, false, unit_result); }
NST_PRIMITIVE(dir_create_all) { return by_path(process, args, nst_dir_create_all, 1, false, unit_result); }
NST_PRIMITIVE(dir_list) { return by_path(process, args, nst_dir_list, 1, false, names_result); }
NST_PRIMITIVE(dir_exists) { return by_path(process, args, nst_dir_exists, 1, false, bool_result); }
NST_PRIMITIVE(dir_remove) { return by_path(process, args, nst_dir_remove, 1, false, unit_result); }
NST_PRIMITIVE(dir_remove_all) { return by_path(process, args, nst_dir_remove_all, 1, false, unit_result); }

// ---- Handles -----------------------------------------------------------------------------

// The open(2) flags of a mode, or -1.
static int mode_flags(const char *mode) {
    static const struct {
        const char *name, *long_name;
        int flags;
    } modes[] = { { "r", "read", O_RDONLY },
                  { "w", "write", O_WRONLY | O_CREAT | O_TRUNC },
                  { "a", "append", O_WRONLY | O_CREAT | O_APPEND },
                  { "rw", "readwrite", O_RDWR | O_CREAT } };
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
        if (strcmp(mode, modes[i].name) == 0 || strcmp(mode, modes[i].long_name) == 0) return modes[i].flags;
    }
    return -1;
}

NST_PRIMITIVE(file_open) {
    NstOsJob *job;
    NstPrimStatus status = nst_os_job_result(process, &job);
    if (job) return conclude(process, job, int_result, &args[0]);
    if (status != NST_PRIM_OK) return status;
    NST_EXPECT_KIND(args[0], NST_KIND_STRING, "String");
    NST_EXPECT_KIND(args[1], NST_KIND_STRING, "String");
    int flags = mode_flags(nst_as_string(args[1])->bytes);
    if (flags < 0) return nst_raise_pair(process, "IOError", "Invalid file mode: %s", nst_as_string(args[1])->bytes);
    job = nst_os_job_new(nst_file_open, "io_error");
    if (!nst_os_job_path(&job->path, args[0])) {
        job->error = EINVAL;
        return nst_os_job_raise(process, job);
    }
    job->number = flags;
    job->handles = nst_lib_state(process->vm)->files;
    return nst_os_job_start(process, job);
}

static NstPrimStatus invalid_handle(NstProcess *process) { return nst_raise_pair(process, "io_error", "Invalid handle"); }

// The job on the handle args[0]; null and an exception if there is none.
static NstOsJob *handle_job(NstProcess *process, NstValue *args, void (*run)(NstOsJob *)) {
    NstHandles *files = nst_lib_state(process->vm)->files;
    NstHandle *handle = args[0].tag == NST_TAG_INT ? nst_handles_hold(files, args[0].w.i) : 0;
    if (!handle) {
        invalid_handle(process);
        return 0;
    }
    NstOsJob *job = nst_os_job_new(run, "io_error");
    job->handles = files;
    job->handle = handle;
    return job;
}

NST_PRIMITIVE(file_write) {
    NstOsJob *job;
    NstPrimStatus status = nst_os_job_result(process, &job);
    if (job) return conclude(process, job, int_result, &args[0]);
    if (status != NST_PRIM_OK) return status;
    NST_EXPECT_KIND(args[1], NST_KIND_STRING, "String");
    job = handle_job(process, args, nst_file_write);
    if (!job) return NST_PRIM_RAISE;
    nst_text_append(&job->input, nst_as_string(args[1])->bytes, nst_as_string(args[1])->head.count);
    return nst_os_job_start(process, job);
}

static NstPrimStatus read_from(NstProcess *process, NstValue *args, void (*run)(NstOsJob *), int64_t most) {
    NstOsJob *job;
    NstPrimStatus status = nst_os_job_result(process, &job);
    if (job) return conclude(process, job, text_result, &args[0]);
    if (status != NST_PRIM_OK) return status;
    job = handle_job(process, args, run);
    if (!job) return NST_PRIM_RAISE;
    job->number = most;
    // Most lines need no other thread.
    if (run == nst_file_read_line && nst_file_line_at_hand(job)) return conclude(process, job, text_result, &args[0]);
    // Whoever types at the other end must see what has been asked.
    if (nst_file_waits(job->handle)) nst_output_try_flush(process->vm);
    return nst_os_job_start(process, job);
}

NST_PRIMITIVE(file_read) {
    NST_EXPECT_TAG(args[1], NST_TAG_INT, "Int");
    return read_from(process, args, nst_file_read, args[1].w.i);
}

NST_PRIMITIVE(file_read_line) { return read_from(process, args, nst_file_read_line, 0); }

NST_PRIMITIVE(file_seek) {
    NstOsJob *job;
    NstPrimStatus status = nst_os_job_result(process, &job);
    if (job) return conclude(process, job, unit_result, &args[0]);
    if (status != NST_PRIM_OK) return status;
    NST_EXPECT_TAG(args[1], NST_TAG_INT, "Int");
    NST_EXPECT_KIND(args[2], NST_KIND_STRING, "String");
    const char *whence = nst_as_string(args[2])->bytes;
    int from = strcmp(whence, "start") == 0     ? SEEK_SET
               : strcmp(whence, "current") == 0 ? SEEK_CUR
               : strcmp(whence, "end") == 0     ? SEEK_END
                                                : -1;
    if (from < 0) return nst_raise_pair(process, "IOError", "Invalid seek whence: %s", whence);
    job = handle_job(process, args, nst_file_seek);
    if (!job) return NST_PRIM_RAISE;
    job->number = args[1].w.i;
    job->number2 = from;
    return nst_os_job_start(process, job);
}

// Writing is not buffered: only the handle is checked.
NST_PRIMITIVE(file_flush) {
    NstHandles *files = nst_lib_state(process->vm)->files;
    NstHandle *handle = args[0].tag == NST_TAG_INT ? nst_handles_hold(files, args[0].w.i) : 0;
    if (!handle) return invalid_handle(process);
    nst_handles_release(files, handle);
    args[0] = NST_UNIT;
    return NST_PRIM_OK;
}

NST_PRIMITIVE(file_close) {
    bool open = args[0].tag == NST_TAG_INT && nst_handles_remove(nst_lib_state(process->vm)->files, args[0].w.i);
    if (!open) return invalid_handle(process);
    args[0] = NST_UNIT;
    return NST_PRIM_OK;
}
