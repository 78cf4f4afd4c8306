#define _GNU_SOURCE // sem_clockwait, processor sets
#include "runtime/vm_state.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "frontend/arena.h"
#include "runtime/assertion.h"
#include "runtime/blocking.h"
#include "runtime/gate.h"
#include "runtime/mailbox.h"
#include "runtime/mvar.h"
#include "runtime/net_loop.h"
#include "runtime/output.h"
#include "runtime/process_state.h"
#include "runtime/process_table.h"
#include "runtime/registry.h"
#include "runtime/scheduler.h"
#include "runtime/timer.h"
#include "runtime/worker.h"

static const size_t default_stack = (size_t)256 << 20;

// ---- Defaults ---------------------------------------------------------------------------

static uint64_t cgroup_limit(const char *path) {
    uint64_t limit = UINT64_MAX;
    FILE *file = fopen(path, "re");
    if (!file) return limit;
    unsigned long long bytes;
    if (fscanf(file, "%llu", &bytes) == 1) limit = bytes; // "max" has no number
    fclose(file);
    return limit;
}

static size_t default_memory(void) {
    uint64_t memory = (uint64_t)sysconf(_SC_PHYS_PAGES) * (uint64_t)sysconf(_SC_PAGESIZE);
    uint64_t v2 = cgroup_limit("/sys/fs/cgroup/memory.max");
    uint64_t v1 = cgroup_limit("/sys/fs/cgroup/memory/memory.limit_in_bytes");
    if (v2 < memory) memory = v2;
    if (v1 < memory) memory = v1;
    return (size_t)(memory / 10 * 8);
}

static uint32_t processors(void) {
    cpu_set_t allowed;
    if (sched_getaffinity(0, sizeof allowed, &allowed) == 0) return (uint32_t)CPU_COUNT(&allowed);
    long online = sysconf(_SC_NPROCESSORS_ONLN);
    return online > 0 ? (uint32_t)online : 1;
}

static struct NstMvars *new_mvars(const NstProgram *program) {
    size_t count = program ? nst_program_mvar_count(program) : 0;
    NstName *names = nst_calloc(count, sizeof *names);
    for (size_t i = 0; i < count; i++) names[i] = nst_program_mvar(program, i)->name;
    struct NstMvars *mvars = nst_mvars_new(names, count);
    free(names);
    return mvars;
}

// ---- Life -------------------------------------------------------------------------------

NstVm *nst_vm_new(NstProgram *program, const NstRunOptions *options) {
    NstVm *vm = nst_calloc(1, sizeof *vm);
    vm->program = program;
    vm->options = *options;
    if (!vm->options.threads) vm->options.threads = processors();
    if (options->schedule != NST_SCHEDULE_NONE) vm->options.threads = 1;
    if (!vm->options.max_stack) vm->options.max_stack = default_stack;
    vm->max_stack = (size_t)vm->options.max_stack;
    nst_heap_set_budget(options->max_memory ? (size_t)options->max_memory : default_memory(),
                        (size_t)options->max_heap);
    vm->exec_start = nst_exec_start;
    vm->exec_run = nst_exec_run;
    vm->gate = nst_gate_new(&vm->options);
    vm->processes = nst_process_table_new();
    vm->timers = nst_timers_new();
    vm->mvars = new_mvars(program);
    vm->registry = nst_registry_new();
    vm->output = nst_output_new(vm, options->capture);
    vm->blocking = nst_blocking_new(vm);
    vm->scheduler = nst_scheduler_new(vm);
    return vm;
}

typedef struct Live {
    NstProcess **processes;
    size_t count, size;
} Live;

static void add_live(void *context, NstProcess *process) {
    Live *live = context;
    if (live->count == live->size) {
        live->size = live->size ? live->size * 2 : 64;
        live->processes = nst_realloc(live->processes, live->size * sizeof *live->processes);
    }
    live->processes[live->count++] = process;
}

void nst_vm_free(NstVm *vm) {
    nst_scheduler_drop_queues(vm->scheduler);
    Live live = { 0 };
    nst_process_table_each(vm->processes, add_live, &live);
    for (size_t i = 0; i < live.count; i++) nst_process_discard(live.processes[i]);
    free(live.processes);
    // First everything on other threads that may still refer to the VM.
    nst_net_forget(vm);
    bool quiet = nst_blocking_close(vm->blocking);
    if (quiet && vm->library) vm->library_free(vm->library); // else a hanging operation uses its handles
    nst_blocking_free(vm->blocking);
    nst_output_free(vm->output);
    nst_scheduler_free(vm->scheduler);
    nst_assertion_free(vm);
    nst_registry_free(vm->registry);
    nst_mvars_free(vm->mvars);
    nst_timers_free(vm->timers);
    nst_process_table_free(vm->processes);
    nst_gate_free(vm->gate);
    free((void *)(uintptr_t)atomic_load(&vm->exit_layouts));
    free(vm);
}
