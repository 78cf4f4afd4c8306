// A virtual machine for tests of the scheduler: a process is a C function that is called for every slice.
//
// The function keeps its place in `pc` and its data in the FakeProcess, returns like nst_exec_run, and uses the
// operations of process.h.
#ifndef NST_FAKE_VM_H
#define NST_FAKE_VM_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <semaphore.h>
#include <stdlib.h>

#include "runtime/mvar.h"
#include "runtime/output.h"
#include "runtime/process_state.h"
#include "runtime/process_table.h"
#include "runtime/worker.h"

typedef struct FakeProcess FakeProcess;
typedef NstStop (*FakeStep)(NstProcess *process, FakeProcess *self);

struct FakeProcess {
    FakeStep step;
    int pc;
    int64_t n, m;
    NstPid peer;
    FakeProcess *next;
};

static NstValue fake_function(FakeProcess *self) {
    return (NstValue){ .w.u = (uintptr_t)self, .tag = NST_TAG_INT };
}

static void fake_start(NstProcess *process, NstValue fn) {
    process->result = fn;
}

static NstStop fake_slice(NstProcess *process, int64_t slice) {
    (void)slice;
    FakeProcess *self = (FakeProcess *)(uintptr_t)process->result.w.u;
    process->exec.reductions_done++;
    return self->step(process, self);
}

static _Atomic(FakeProcess *) fake_all; // freed after the run: processes end in many ways

static FakeProcess *fake_new(FakeStep step, int64_t n, NstPid peer) {
    FakeProcess *self = calloc(1, sizeof *self);
    *self = (FakeProcess){ .step = step, .n = n, .peer = peer };
    self->next = atomic_load(&fake_all);
    while (!atomic_compare_exchange_weak(&fake_all, &self->next, self)) {}
    return self;
}

static NstPid fake_spawn(NstProcess *parent, FakeStep step, int64_t n, NstPid peer) {
    NstPid pid = 0;
    uint64_t ref;
    assert_int_equal(nst_process_spawn(parent, fake_function(fake_new(step, n, peer)), NST_SPAWN_PLAIN, &pid, &ref),
                     NST_WAIT_OK);
    return pid;
}

static void fake_send(NstProcess *from, NstPid to, int64_t n) {
    assert_int_equal(nst_process_send(from, to, nst_int(n)), NST_WAIT_OK);
}

// Takes the next message: false if the process must return NST_STOP_BLOCKED. The caller has begun the receive.
static inline bool fake_take(NstProcess *process, int64_t *n) {
    NstValue message;
    NstWait wait = nst_receive_examine(process, &message);
    if (wait == NST_WAIT_BLOCK) return false;
    assert_int_equal(wait, NST_WAIT_OK);
    *n = message.w.i;
    nst_receive_take(process);
    return true;
}

static NstVm *fake_vm(const NstRunOptions *options) {
    NstVm *vm = nst_vm_new(NULL, options);
    vm->exec_start = fake_start;
    vm->exec_run = fake_slice;
    return vm;
}

// Runs `step` as the main process until the run stops. Frees the run. `vm` may come with mvars (test_mvar).
static NstStopCause fake_run_in(NstVm *vm, FakeStep step, int64_t n) {
    sem_t finished;
    sem_init(&finished, 0, 0);
    NstTransfer boot = { .value = fake_function(fake_new(step, n, 0)) };
    NstProcess *main = nst_process_new(vm, boot);
    vm->main_pid = main->pid;
    nst_process_table_add(vm->processes, main);
    nst_scheduler_enqueue(&vm->scheduler->workers[0], main);
    nst_scheduler_start(vm, &finished);
    while (sem_wait(&finished) != 0) {}
    assert_true(nst_scheduler_join(vm, 20000));
    NstStopCause cause = (NstStopCause)atomic_load(&vm->scheduler->cause);
    nst_vm_free(vm);
    sem_destroy(&finished);
    for (FakeProcess *fake = atomic_exchange(&fake_all, NULL), *next; fake; fake = next) {
        next = fake->next;
        free(fake);
    }
    return cause;
}

static inline NstStopCause fake_run(uint32_t threads, FakeStep step, int64_t n) {
    NstRunOptions options = { .threads = threads, .capture = true };
    return fake_run_in(fake_vm(&options), step, n);
}

#endif
