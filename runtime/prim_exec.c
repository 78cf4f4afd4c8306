// Primitives of Exec.
#include <stdlib.h>
#include <string.h>

#include "runtime/command.h"
#include "runtime/environment.h"
#include "runtime/heap.h"
#include "runtime/lib_state.h"
#include "runtime/list.h"
#include "runtime/os_text.h"
#include "runtime/process.h"
#include "runtime/string_ops.h"

// The program and its arguments in one block, ended by null. Null if an element is no string.
static char **words_block(NstValue program, const NstObject *arguments) {
    size_t count = nst_list_length(arguments) + 2, bytes = count * sizeof(char *) + nst_as_string(program)->head.count + 1;
    NstListIter iter;
    NstValue word;
    nst_list_iter(&iter, arguments);
    while (nst_list_next(&iter, &word)) {
        if (!nst_is_kind(word, NST_KIND_STRING)) return 0;
        bytes += nst_as_string(word)->head.count + 1;
    }
    char **words = malloc(bytes);
    if (!words) abort();
    char *text = (char *)(words + count);
    size_t i = 0;
    nst_list_iter(&iter, arguments);
    word = program;
    do {
        size_t size = nst_as_string(word)->head.count + 1;
        memcpy(text, nst_as_string(word)->bytes, size);
        words[i++] = text;
        text += size;
    } while (nst_list_next(&iter, &word));
    words[i] = 0;
    return words;
}

// (program, arguments)
static NstPrimStatus start_program(NstProcess *process, NstValue *args, void (*run)(NstOsJob *)) {
    NST_EXPECT_KIND(args[0], NST_KIND_STRING, "String");
    NST_EXPECT_KIND(args[1], NST_KIND_LIST, "List");
    char **words = words_block(args[0], args[1].w.o);
    if (!words) return nst_raise_type(process, "List[String]", args[1]);
    NstLibState *state = nst_lib_state(process->vm);
    NstOsJob *job = nst_os_job_new(run, "io_error");
    nst_os_job_path(&job->path, args[0]);
    job->words = words;
    job->environment = nst_environment_block(state->environment);
    job->handles = state->commands;
    return nst_os_job_start(process, job);
}

// -> (exit code, output, error output)
NST_PRIMITIVE(exec_run) {
    NstOsJob *job;
    NstPrimStatus status = nst_os_job_result(process, &job);
    if (!job) return status != NST_PRIM_OK ? status : start_program(process, args, nst_command_run);
    if (nst_os_job_failed(job)) return nst_os_job_raise(process, job);
    NstObject *result = nst_heap_slots(process, NST_KIND_TUPLE, 3);
    nst_slot_init(result, 0, nst_int(job->result));
    nst_slot_init(result, 1, nst_os_string(process, job->output.data ? job->output.data : "", job->output.size));
    nst_slot_init(result, 2, nst_os_string(process, job->output2.data ? job->output2.data : "", job->output2.size));
    nst_os_job_free(job);
    args[0] = nst_object(result);
    return NST_PRIM_OK;
}

NST_PRIMITIVE(exec_start) {
    NstOsJob *job;
    NstPrimStatus status = nst_os_job_result(process, &job);
    if (!job) return status != NST_PRIM_OK ? status : start_program(process, args, nst_command_start);
    if (nst_os_job_failed(job)) return nst_os_job_raise(process, job);
    args[0] = nst_int(job->result);
    nst_os_job_free(job);
    return NST_PRIM_OK;
}

// The job on the handle args[0]; null and an exception if there is none.
static NstOsJob *command_job(NstProcess *process, NstValue *args, void (*run)(NstOsJob *)) {
    NstHandles *commands = nst_lib_state(process->vm)->commands;
    NstHandle *handle = args[0].tag == NST_TAG_INT ? nst_handles_hold(commands, args[0].w.i) : 0;
    if (!handle) {
        nst_raise_pair(process, "io_error", "Invalid handle");
        return 0;
    }
    NstOsJob *job = nst_os_job_new(run, "io_error");
    job->handles = commands;
    job->handle = handle;
    return job;
}

// (handle, stream: 1 output, 2 error output)
NST_PRIMITIVE(exec_read_line) {
    NstOsJob *job;
    NstPrimStatus status = nst_os_job_result(process, &job);
    if (job) {
        if (nst_os_job_failed(job)) return nst_os_job_raise(process, job);
        args[0] = nst_os_string(process, job->output.data ? job->output.data : "", job->output.size);
        nst_os_job_free(job);
        return NST_PRIM_OK;
    }
    if (status != NST_PRIM_OK) return status;
    job = command_job(process, args, nst_command_read_line);
    if (!job) return NST_PRIM_RAISE;
    job->number = args[1].w.i;
    return nst_os_job_start(process, job);
}

NST_PRIMITIVE(exec_write) {
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
    job = command_job(process, args, nst_command_write);
    if (!job) return NST_PRIM_RAISE;
    nst_text_append(&job->input, nst_as_string(args[1])->bytes, nst_as_string(args[1])->head.count);
    return nst_os_job_start(process, job);
}

// Ends the use of a handle: with its exit code, or by SIGKILL.
static NstPrimStatus finish_command(NstProcess *process, NstValue *args, void (*run)(NstOsJob *), bool code) {
    NstOsJob *job;
    NstPrimStatus status = nst_os_job_result(process, &job);
    if (job) {
        args[0] = code ? nst_int(job->result) : NST_UNIT;
        nst_os_job_free(job);
        return NST_PRIM_OK;
    }
    if (status != NST_PRIM_OK) return status;
    job = command_job(process, args, run);
    if (!job) return NST_PRIM_RAISE;
    nst_handles_remove(job->handles, args[0].w.i); // the job holds the command until it is done
    return nst_os_job_start(process, job);
}

NST_PRIMITIVE(exec_wait) { return finish_command(process, args, nst_command_wait, true); }
NST_PRIMITIVE(exec_kill) { return finish_command(process, args, nst_command_kill, false); }
