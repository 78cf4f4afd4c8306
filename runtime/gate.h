// The gate: every source of nondeterminism that the runtime itself has passes here.
//
// Without a schedule it is thin: the monotonic clock, system randomness, the workers' own queues. With
// --schedule the run has one worker; the gate keeps the runnable processes and picks the next one and the length of its
// slice from a seeded generator, and time is virtual: it advances a little with the work done and jumps to the next
// deadline when nobody can run. So for programs whose only inputs are messages, timers and mvars the seed decides the run.
//
// seed:N picks uniformly. pct:D gives every process a random priority, always runs the highest, and at D random
// steps drops the running process below all others (probabilistic concurrency testing); a process that never blocks
// is dropped, too, so that the others go on.
#ifndef NST_GATE_H
#define NST_GATE_H

#include "runtime/process.h"
#include "runtime/runtime.h"

typedef struct NstGate NstGate;

NstGate *nst_gate_new(const NstRunOptions *options);
void nst_gate_free(NstGate *gate);

// Nanoseconds since the run started.
int64_t nst_gate_now(NstVm *vm);
// The time `ms` milliseconds from now; the present for ms <= 0. Never overflows.
int64_t nst_gate_deadline(NstVm *vm, int64_t ms);
// Milliseconds since 1970 (Time.now): the system's clock, or in a schedule a constant plus the virtual time.
int64_t nst_gate_wall_ms(NstVm *vm);
// 64 random bits: seeds of the library's generators.
uint64_t nst_gate_random(NstVm *vm);

// ---- With a schedule: called by the one worker only ---------------------------------------
bool nst_gate_scheduled(const NstVm *vm);
void nst_gate_add(NstVm *vm, NstProcess *process);
NstProcess *nst_gate_pick(NstVm *vm);       // null: nobody is runnable
int64_t nst_gate_slice(NstVm *vm);
void nst_gate_ran(NstVm *vm, NstPid pid, uint64_t reductions, bool preempted);
void nst_gate_jump(NstVm *vm, int64_t time); // nobody is runnable

#endif
