// The execution state of one process: registers and frames. Owner: the VM (exec.c and vm_loop.c); touched only by the
// worker that runs the process.
//
// Invariants
//  1. Every slot of the stack holds a valid value or NST_TAG_MISSING (all bits zero): what a returned call leaves behind
//     stays valid until the next collection, which clears everything above the top (nst_exec_roots).
//  2. The top is base + the register count of the current code.
#ifndef NST_EXEC_H
#define NST_EXEC_H

#include <stdio.h>

#include "frontend/frontend.h"
#include "runtime/value.h"

typedef struct NstFrame {
    const NstCode *code;
    uint32_t pc;      // where the frame goes on
    uint32_t base;    // its first register in the stack
} NstFrame;

typedef struct NstTraceEntry {
    const NstCode *code;
    uint32_t pc;
} NstTraceEntry;

// Where the latest exception was raised: the innermost and the outermost activations.
enum { NST_TRACE_INNER = 25, NST_TRACE_OUTER = 25 };
typedef struct NstTrace {
    uint32_t id;      // counts exceptions of the process, from 1
    uint32_t depth;   // activations in all
    uint32_t count;   // entries kept
    NstTraceEntry entries[NST_TRACE_INNER + NST_TRACE_OUTER];
    char *locals[NST_TRACE_INNER + NST_TRACE_OUTER]; // --debug: text of the activation's locals, or null
} NstTrace;

typedef struct NstExec {
    NstValue *stack;
    uint32_t stack_size;
    uint32_t frame_count, frame_size;
    NstFrame *frames;         // the callers, outermost first
    const NstCode *code;      // the current activation, while the loop does not run; null: not started, then
    uint32_t pc, base;        // stack[base] is the function to call and `start_args` arguments follow
    uint32_t start_args;
    int64_t reductions;       // left in this slice
    uint64_t reductions_done; // in all slices before
    NstValue *globals;        // values of module-level bindings, by nst_link_global; MISSING: not evaluated
    uint32_t global_count;
    NstValue reactive[6];     // by NstReactiveState (reactive.h)
    bool resume_primitive;    // the instruction at pc is a PRIM that blocked
    struct NstProfile *profile; // profile.c: open activations, or null
    NstTrace *trace;          // of the latest exception, or null
} NstExec;

// The display text of a value (malloc'ed), honouring own implementations of Show by running them: only for a process that
// has ended.
char *nst_exec_show(NstProcess *process, NstValue v);

// The source place of the instruction under execution, outside library code if possible; false if there is none. Valid
// inside primitives and the scheduler's operations.
bool nst_exec_place(NstProcess *process, NstPlace *place);
// The module of the innermost activation that is no library function; null if there is none.
const NstModule *nst_exec_module(const NstProcess *process);

// ---- Between exec.c and vm_loop.c -------------------------------------------------------

// Room for `top` registers. False: beyond the limit. The stack may move.
bool nst_exec_grow_stack(NstProcess *process, uint64_t top);
// Room for one more frame. False: beyond the limit.
bool nst_exec_grow_frames(NstProcess *process);
// Collects garbage and gives back what is not needed above the top. pc, base and code must be up to date.
void nst_exec_collect(NstProcess *process);
// After a refusal of memory (nst_heap_can): true if everything was collected and the instruction is to be executed again.
bool nst_exec_retry(NstProcess *process);
// Finds the innermost handler for process->exception (or, at Process.exit, process->result) and makes it current.
// `site` is the instruction that raised; trace_id 0: a new exception, whose trace is recorded; otherwise the trace that
// RETHROW goes on with. False: there is no handler, all frames are gone.
bool nst_exec_unwind(NstProcess *process, uint32_t site, uint32_t trace_id);
// Gives back the memory of a deep stack that is not needed any more.
void nst_exec_trim(NstProcess *process);

#endif
