// NstVm: one run of a program, and what its parts hang on.
//
// Each part is a file of its own with an opaque state, created in nst_vm_new and freed in nst_vm_free in the opposite
// order. Only what several parts read is a plain field here. Fields without remark are constant during the run.
#ifndef NST_VM_STATE_H
#define NST_VM_STATE_H

#include <stdatomic.h>

#include "runtime/process.h"
#include "runtime/runtime.h"

typedef struct NstFailedAssertion NstFailedAssertion; // assertion.h

struct NstVm {
    NstProgram *program;
    NstRunOptions options;            // with the defaults filled in: threads >= 1, max_stack > 0
    size_t max_stack;                 // per process; the heap's budgets are heap.c's (nst_heap_set_budget)

    struct NstGate *gate;             // clock, random numbers, schedule
    struct NstScheduler *scheduler;   // workers and queues
    struct NstProcessTable *processes;
    struct NstTimers *timers;
    struct NstMvars *mvars;
    struct NstRegistry *registry;
    struct NstBlockingPool *blocking;
    struct NstOutput *output;
    const struct NstExitLayouts *_Atomic exit_layouts; // of stdlib.process; made on first use (exit_reason.c)
    void (*exec_start)(NstProcess *process, NstValue fn);         // nst_exec_start; unit tests of the scheduler put
    NstStop (*exec_run)(NstProcess *process, int64_t slice);      // C functions in the place of the VM
    void *code;                       // owner: VM
    void *library;                    // owner: library primitives (random, file handles, …)
    void (*library_free)(void *library); // called by nst_vm_free if library is set

    NstFailedAssertion *_Atomic failed_assertion; // null: none, or no test
    _Atomic uint64_t next_ref;
    NstPid main_pid;
};

// `program` may be null in unit tests of the parts.
NstVm *nst_vm_new(NstProgram *program, const NstRunOptions *options);
// All workers must have stopped.
void nst_vm_free(NstVm *vm);

#endif
