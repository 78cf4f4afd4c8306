#define _GNU_SOURCE // sem_clockwait, processor sets
#include "runtime/assertion.h"
#include "runtime/runtime.h"

#include <errno.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "frontend/arena.h"
#include "runtime/evaluate.h"
#include "runtime/link.h"
#include "runtime/output.h"
#include "runtime/profile.h"
#include "runtime/process_state.h"
#include "runtime/process_table.h"
#include "runtime/stats.h"
#include "runtime/worker.h"

// How long the end of a program waits for threads inside a long built-in operation.
enum { RUN_JOIN_MS = 100, TEST_JOIN_MS = 2000 };

// ---- Signals ----------------------------------------------------------------------------

static sem_t finished; // posted when the run stops, or by the handler
static volatile sig_atomic_t caught_signal;

static void on_signal(int number) {
    if (caught_signal) _exit(128 + number); // asked a second time: now
    caught_signal = number;
    int saved = errno;
    sem_post(&finished);
    errno = saved;
}

typedef struct OldSignals {
    struct sigaction interrupt, terminate, pipe;
} OldSignals;

static void install_signals(OldSignals *old) {
    caught_signal = 0;
    struct sigaction catch = { .sa_handler = on_signal, .sa_flags = SA_RESTART }, ignore = { .sa_handler = SIG_IGN };
    sigaction(SIGINT, &catch, &old->interrupt);
    sigaction(SIGTERM, &catch, &old->terminate);
    sigaction(SIGPIPE, &ignore, &old->pipe);
}

static void restore_signals(const OldSignals *old) {
    sigaction(SIGINT, &old->interrupt, NULL);
    sigaction(SIGTERM, &old->terminate, NULL);
    sigaction(SIGPIPE, &old->pipe, NULL);
}

// ---- One run ----------------------------------------------------------------------------

static NstProcess *start_main(NstVm *vm, NstValue function) {
    NstTransfer boot = { .value = function };
    NstProcess *process = nst_process_new(vm, boot);
    vm->main_pid = process->pid;
    nst_process_table_add(vm->processes, process);
    nst_scheduler_enqueue(&vm->scheduler->workers[0], process);
    nst_scheduler_start(vm, &finished);
    return process;
}

// Waits until the run stops. timeout_ms < 0: for ever. Returns the cause.
static NstStopCause wait_for_end(NstVm *vm, int64_t timeout_ms) {
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += (time_t)(timeout_ms / 1000);
    until.tv_nsec += (long)(timeout_ms % 1000) * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    int status;
    do {
        status = timeout_ms < 0 ? sem_wait(&finished) : sem_clockwait(&finished, CLOCK_MONOTONIC, &until);
    } while (status != 0 && errno == EINTR);
    if (status != 0) nst_scheduler_stop(vm, NST_CAUSE_TIMEOUT);
    if (caught_signal) {
        nst_scheduler_stop(vm, caught_signal == SIGINT ? NST_CAUSE_INTERRUPTED : NST_CAUSE_TERMINATED);
    }
    return (NstStopCause)atomic_load(&vm->scheduler->cause);
}

static void write_error(NstVm *vm, const char *text) {
    char line[200];
    int size = vm->options.json
        ? snprintf(line, sizeof line,
                   "{\"severity\":\"error\",\"kind\":\"runtime\",\"message\":\"%s\",\"trace\":[]}\n", text)
        : snprintf(line, sizeof line, "Runtime error: %s\n", text);
    nst_output_write(vm, 2, line, (size_t)size);
}

static void write_result(NstVm *vm, const NstProcess *main) {
    if (!nst_is_kind(main->result, NST_KIND_STRING)) return; // ()
    const NstString *text = (const NstString *)main->result.w.o;
    size_t size = text->head.count;
    char *line = nst_malloc(size + 1);
    memcpy(line, text->bytes, size);
    line[size] = '\n';
    nst_output_write(vm, 1, line, size + 1);
    free(line);
}

// What the cause of the end writes; the exit status (cli.md 3.1).
static int conclude(NstVm *vm, NstStopCause cause, const NstProcess *main) {
    switch (cause) {
    case NST_CAUSE_MAIN_RETURNED: write_result(vm, main); return 0;
    case NST_CAUSE_MAIN_KILLED: nst_output_flush(vm, 1); write_error(vm, "main process killed"); return 1;
    case NST_CAUSE_DEADLOCK:
        nst_output_flush(vm, 1);
        write_error(vm, "deadlock: all processes are waiting");
        return 1;
    case NST_CAUSE_OUTPUT_CLOSED: return 141;
    case NST_CAUSE_INTERRUPTED: nst_output_try_flush(vm); nst_output_write(vm, 2, "Interrupted\n", 12); return 130;
    case NST_CAUSE_TERMINATED: nst_output_try_flush(vm); return 143;
    default: return 1;
    }
}

// The tool exits after its one run: giving back a large program's heaps piece by piece would only cost time. Builds that
// look for leaks do it nevertheless.
static void finish_run(NstVm *vm, bool quiet) {
#if defined(__SANITIZE_ADDRESS__)
    bool give_back = quiet;
#else
    bool give_back = false;
    (void)quiet;
#endif
    static NstVm *kept; // reachable
    if (give_back) {
        nst_vm_free(vm);
    } else {
        kept = vm;
    }
    (void)kept;
}

int nst_runtime_run(NstProgram *program, const NstRunOptions *options) {
    OldSignals old;
    sem_init(&finished, 0, 0);
    install_signals(&old);
    NstVm *vm = nst_vm_new(program, options);
    NstProcess *main = start_main(vm, nst_link_boot(program, nst_program_entry(program)));
    NstStopCause cause = wait_for_end(vm, -1);
    bool quiet = nst_scheduler_join(vm, RUN_JOIN_MS);
    int status;
    if (cause == NST_CAUSE_INTERRUPTED || cause == NST_CAUSE_TERMINATED) {
        status = conclude(vm, cause, main); // somebody may hang in a write: take no lock for granted
    } else {
        nst_output_seize(vm);
        status = conclude(vm, cause, main);
        nst_output_flush(vm, 1);
        if (nst_output_broken(vm)) status = 141;
    }
    nst_profile_write(vm);
    if (options->stats) nst_stats_write(vm);
    if (cause != NST_CAUSE_INTERRUPTED && cause != NST_CAUSE_TERMINATED) nst_output_flush(vm, 2);
    restore_signals(&old);
    finish_run(vm, quiet);
    return status;
}

// ---- Tests ------------------------------------------------------------------------------

// The value of a test arrives as its text (nst_link_boot); no other value than False has this one.
static bool is_false(const NstProcess *main) {
    if (!nst_is_kind(main->result, NST_KIND_STRING)) return false;
    const NstString *text = (const NstString *)main->result.w.o;
    return text->head.count == 5 && memcmp(text->bytes, "false", 5) == 0;
}

NstTestResult nst_runtime_test(NstProgram *program, const NstTest *test, const NstRunOptions *options,
                               int64_t timeout_ms) {
    OldSignals old;
    sem_init(&finished, 0, 0);
    install_signals(&old);
    NstRunOptions captured = *options;
    captured.capture = true;
    NstVm *vm = nst_vm_new(program, &captured);
    struct timespec from, to;
    clock_gettime(CLOCK_MONOTONIC, &from);
    NstProcess *main = start_main(vm, nst_link_boot(program, test->fn));
    NstStopCause cause = wait_for_end(vm, timeout_ms);
    clock_gettime(CLOCK_MONOTONIC, &to);
    bool quiet = nst_scheduler_join(vm, TEST_JOIN_MS);
    nst_output_seize(vm);
    restore_signals(&old);
    if (cause == NST_CAUSE_INTERRUPTED || cause == NST_CAUSE_TERMINATED) {
        if (cause == NST_CAUSE_INTERRUPTED) fputs("Interrupted\n", stderr);
        exit(cause == NST_CAUSE_INTERRUPTED ? 130 : 143);
    }
    NstTestResult result = { .status = NST_TEST_FAIL };
    result.milliseconds = (int64_t)(to.tv_sec - from.tv_sec) * 1000 + (to.tv_nsec - from.tv_nsec) / 1000000;
    if (cause == NST_CAUSE_MAIN_RETURNED) {
        result.is_false = is_false(main);
        if (!result.is_false) result.status = NST_TEST_PASS;
    } else if (cause == NST_CAUSE_TIMEOUT) {
        result.status = NST_TEST_TIMEOUT;
    } else {
        conclude(vm, cause, main);
        result.exited = cause == NST_CAUSE_MAIN_EXITED;
        if (cause == NST_CAUSE_MAIN_FAILED) result.difference = nst_assertion_difference(main);
    }
    result.output = nst_output_captured(vm, 1, &result.output_size);
    result.error = nst_output_captured(vm, 2, &result.error_size);
    if (quiet) nst_vm_free(vm); // else a thread hangs in a long operation and still uses it
    return result;
}

// ---- One function -----------------------------------------------------------------------

char *nst_runtime_evaluate(NstProgram *program, NstFunction *function, const NstRunOptions *options, int64_t timeout_ms,
                           void (*take)(void *context, NstValue value), void *context) {
    OldSignals old;
    sem_init(&finished, 0, 0);
    install_signals(&old);
    NstVm *vm = nst_vm_new(program, options);
    NstProcess *main = start_main(vm, nst_link_value(program, function));
    NstStopCause cause = wait_for_end(vm, timeout_ms);
    bool quiet = nst_scheduler_join(vm, TEST_JOIN_MS);
    nst_output_seize(vm);
    restore_signals(&old);
    if (cause == NST_CAUSE_INTERRUPTED || cause == NST_CAUSE_TERMINATED)
        exit(cause == NST_CAUSE_INTERRUPTED ? 130 : 143);
    char *why = NULL;
    if (cause == NST_CAUSE_MAIN_RETURNED) {
        take(context, main->result);
    } else if (cause == NST_CAUSE_TIMEOUT) {
        why = nst_strdup("it takes too long");
    } else {
        size_t size;
        conclude(vm, cause, main);
        char *report = nst_output_captured(vm, 2, &size);
        why = nst_strndup(report ? report : "", size);
        free(report);
    }
    if (quiet) nst_vm_free(vm); // else a thread hangs in a long operation and still uses it
    return why;
}
