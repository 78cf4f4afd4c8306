// Processes: life cycle, state, and what the VM, the scheduler, mailboxes and mvars know of each other.
//
//      spawn           picked by a worker            returns / raises / killed
//   ──────────▶ RUNNABLE ───────────────▶ RUNNING ───────────────────────────▶ ENDED
//                   ▲        slice over      │
//                   ├────────────────────────┤
//                   │   woken                ▼
//                   └──────────────── WAITING (receive | mvar | sleep | io)
//
// Owners: exec (the VM's registers and frames) and heap are touched only by the worker that runs the process, or by
// the collector inside it. The state machine and the mailbox's inbound queue are shared: see scheduler.c, mailbox.c.
#ifndef NST_PROCESS_H
#define NST_PROCESS_H

#include "runtime/value.h"
#include "runtime/heap.h"
#include "runtime/exec.h"
#include "runtime/prim.h"

typedef struct NstVm NstVm;         // one running program: program, code cache, scheduler, mvars, registry, clock
typedef struct NstWorker NstWorker;

typedef uint64_t NstPid;

struct NstProcess {
    NstVm *vm;
    NstWorker *worker;        // the worker that runs it, while RUNNING
    NstExec exec;             // owner: VM
    NstHeap heap;             // owner: heap.c
    NstValue exception;       // set by nst_raise_*, roots
    NstValue result;
    bool retry;               // NST_PRIM_BLOCK: execute the primitive again when woken
    bool exiting;             // Process.exit: unwinding runs finally parts only and stops with NST_STOP_EXITED
    _Atomic bool interrupt;   // another thread wants this process at a safepoint soon (kill, stop of the program)
    NstPid pid;
    struct NstProcessShared *shared; // state machine, mailbox, links, monitors, timers (scheduler's part)
};

// What nst_exec_run came back with.
typedef enum NstStop {
    NST_STOP_YIELD,   // slice used up: runnable again
    NST_STOP_BLOCKED, // parked by an operation that has already told its waker
    NST_STOP_DONE,    // the function returned; value in process->result
    NST_STOP_RAISED,  // uncaught: process->exception, trace by nst_exec_trace
    NST_STOP_EXITED,  // Process.exit: reason in process->result, finally parts have run
} NstStop;

// ---- What the VM (exec.c, owner: VM) offers to the scheduler ------------------------------
// Prepares a fresh process to call `fn` (function value without parameters).
void nst_exec_start(NstProcess *process, NstValue fn);
// Runs until it stops. `slice` reductions at most before YIELD.
NstStop nst_exec_run(NstProcess *process, int64_t slice);
void nst_exec_destroy(NstProcess *process);
// Writes "Runtime error: …" and the stack trace of an uncaught exception.
void nst_exec_report(NstProcess *process);
// Forgets what the registers from `first` up to the stack's top were last used for: they are free at this instruction.
void nst_exec_clear_above(NstProcess *process, NstValue *first);
// GC: calls visit for every root slot (registers up to the top, exception, result).
typedef void (*NstRootVisitor)(void *context, NstValue *slot);
void nst_exec_roots(NstProcess *process, NstRootVisitor visit, void *context);

// ---- What the scheduler (owner: processes) offers to the VM -------------------------------
typedef enum NstWait {
    NST_WAIT_OK,      // done, go on
    NST_WAIT_BLOCK,   // parked: return NST_STOP_BLOCKED; the instruction is executed again when woken
    NST_WAIT_TIMEOUT, // receive: the deadline has passed and nothing is left to examine
    NST_WAIT_RAISE,   // process->exception is set
} NstWait;

enum { NST_SPAWN_PLAIN = 0, NST_SPAWN_LINKED = 1, NST_SPAWN_MONITORED = 2 };
// Copies `fn` (captures included) into a new process. *ref is set for MONITORED.
NstWait nst_process_spawn(NstProcess *parent, NstValue fn, int how, NstPid *pid, uint64_t *ref);
NstWait nst_process_send(NstProcess *from, NstPid to, NstValue message);

// receive { … }: begin, then examine/skip until take. `timeout_ms` < 0 means none (a negative time of the program is
// passed as 0). On entry after a guard raised or a jump out, nst_receive_begin resets the cursor anyway.
void nst_receive_begin(NstProcess *process, bool has_timeout, int64_t timeout_ms);
NstWait nst_receive_examine(NstProcess *process, NstValue *message); // OK: the message under the cursor
void nst_receive_skip(NstProcess *process);                          // the cursor's message does not match
void nst_receive_take(NstProcess *process);                          // remove it; ends the receive

NstWait nst_process_sleep(NstProcess *process, int64_t ms);  // first call parks; second call (after waking) OK

// MVars by their index. read/write are atomic accesses; lock acquires the set (sorted by lock rank) in order,
// resuming where it was when executed again.
NstWait nst_mvar_read(NstProcess *process, uint32_t mvar, NstValue *out);
NstWait nst_mvar_write(NstProcess *process, uint32_t mvar, NstValue value);
NstWait nst_mvar_init(NstProcess *process, uint32_t mvar, NstValue value); // by the mvar's initialiser
NstWait nst_mvar_lock(NstProcess *process, const uint32_t *mvars, size_t count);
void nst_mvar_unlock(NstProcess *process, const uint32_t *mvars, size_t count);

#endif
