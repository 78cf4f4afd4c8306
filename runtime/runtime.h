// Running a checked program: the runtime's one public header.
//
// A *run* is one instance of a program: its own mvars, processes, clock, output buffer. Several runs may follow
// one another in one tool (`nostos test`); the compiled code belongs to the program and is shared by them.
//
// Call from any thread, one run at a time (a run installs the SIGINT and SIGTERM handlers for its duration).
#ifndef NST_RUNTIME_H
#define NST_RUNTIME_H

#include "frontend/frontend.h"

typedef enum NstScheduleKind {
    NST_SCHEDULE_NONE, // all processors, real time
    NST_SCHEDULE_SEED, // one thread, virtual clock, interleaving chosen by the seed
    NST_SCHEDULE_PCT,  // the same with random priorities and `schedule_number` change points
} NstScheduleKind;

// Bits of NstRunOptions.trace.
enum { NST_TRACE_SPAWN = 1, NST_TRACE_SEND = 2, NST_TRACE_RECEIVE = 4, NST_TRACE_EXIT = 8, NST_TRACE_CALL = 16 };

typedef struct NstRunOptions {
    uint32_t threads;          // 0: the available processors
    uint64_t max_stack;        // bytes of one process's stack; 0: 256 MiB
    uint64_t max_heap;         // bytes of one process's heap; 0: no limit
    uint64_t max_memory;       // bytes of the whole program; 0: 80 % of the machine's or container's
    bool stats, debug, json, profile;
    uint32_t trace;            // NST_TRACE_* bits
    NstScheduleKind schedule;
    uint64_t schedule_number;
    const char *const *args;   // the program's arguments
    size_t arg_count;
    bool interactive;          // a session: waiting for ever is no deadlock
    bool capture;              // keep the output in memory; set by nst_runtime_test
} NstRunOptions;

// Runs mvar initialisers, the entry point, prints main's result. Returns the exit status (cli.md 3.1).
// After it other threads of the program may still be inside a long built-in operation: the tool should exit.
int nst_runtime_run(NstProgram *program, const NstRunOptions *options);

typedef enum NstTestStatus { NST_TEST_PASS, NST_TEST_FAIL, NST_TEST_TIMEOUT } NstTestStatus;

typedef struct NstTestResult {
    NstTestStatus status;
    bool is_false;             // FAIL because the expression was false
    int64_t milliseconds;
    char *output;              // what the test printed on standard output; malloc'ed, caller frees
    size_t output_size;
    char *error;               // FAIL: the report of the uncaught exception (text of cli.md 4.1); malloc'ed or null
    size_t error_size;
    char *difference;          // FAIL by assert_eq: the values line by line (difference.h); malloc'ed or null
    bool exited;               // FAIL because Process.exit ended the test's main process
} NstTestResult;

// Runs one test in a fresh instance of the program, stopped after `timeout_ms`.
NstTestResult nst_runtime_test(NstProgram *program, const NstTest *test, const NstRunOptions *options,
                               int64_t timeout_ms);

// ---- Code that runs while compiling ------------------------------------------------------

// The hook of nst_set_comptime_hook: pure code only, with limits of time and memory.
NstExpr *nst_runtime_comptime(NstExpr *code, struct NstArena *arena, char **error);

// ---- nostos test (cli.md 9) -------------------------------------------------------------

typedef struct NstTestOptions {
    const char *filter;        // only tests whose name contains it; null: all
    bool list, fail_fast, json, quiet;
    int64_t timeout_ms;        // of one test
    uint32_t jobs;             // tests at a time; 0: the available processors
    const char *junit;         // file for a JUnit report, or null
    NstRunOptions run;
} NstTestOptions;

// Runs the tests of all programs, each in a process of the operating system of its own (so the environment, the working
// directory and a crash stay there), and writes the results in order to standard output. Returns the exit status.
// Must be called before any other thread exists.
int nst_runtime_test_all(NstProgram *const *programs, size_t count, const NstTestOptions *options);

#endif
