#include "runtime/gate.h"

#include <stdlib.h>
#include <sys/random.h>
#include <time.h>

#include "frontend/arena.h"
#include "runtime/id_map.h"
#include "runtime/stress.h"
#include "runtime/worker.h"

enum {
    PCT_STEPS = 10000,    // change points lie in the first steps
    PCT_PATIENCE = 64,    // slices in a row that a process may use up before it is dropped
    NS_PER_REDUCTION = 10 // virtual time of work
};
static const int64_t virtual_epoch_ms = 1767225600000; // 2026-01-01: later than what programs compare with

typedef struct Runnable {
    uint64_t priority;
    NstProcess *process;
} Runnable;

struct NstGate {
    NstScheduleKind kind;
    struct timespec started;
    int64_t slice;           // without a schedule
    uint64_t seed, state;    // of the generator
    int64_t virtual_now;
    Runnable *runnable;      // pct: a heap, the highest priority first; seed: in any order
    size_t count, size;
    // pct
    uint64_t step;
    uint64_t *changes;       // ascending
    size_t change_count, next_change;
    NstIdMap dropped;        // pid -> how low; the later dropped, the lower
    uint64_t drops;
    NstPid busy_pid;
    uint32_t busy_slices;
};

static uint64_t mix(uint64_t x) { // splitmix64's finaliser
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
    return x ^ (x >> 31);
}

static uint64_t draw(NstGate *gate) {
    return mix(gate->state += 0x9E3779B97F4A7C15u);
}

static int ascending(const void *a, const void *b) {
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

NstGate *nst_gate_new(const NstRunOptions *options) {
    NstGate *gate = nst_calloc(1, sizeof *gate);
    gate->kind = options->schedule;
    gate->slice = nst_stress("slice") ? 1 : NST_SLICE;
    gate->seed = gate->state = mix(options->schedule_number + 1);
    clock_gettime(CLOCK_MONOTONIC, &gate->started);
    if (gate->kind == NST_SCHEDULE_PCT && options->schedule_number > 0) {
        gate->change_count = options->schedule_number < PCT_STEPS ? (size_t)options->schedule_number : PCT_STEPS;
        gate->changes = nst_calloc(gate->change_count, sizeof *gate->changes);
        for (size_t i = 0; i < gate->change_count; i++) gate->changes[i] = draw(gate) % PCT_STEPS;
        qsort(gate->changes, gate->change_count, sizeof *gate->changes, ascending);
    }
    return gate;
}

void nst_gate_free(NstGate *gate) {
    nst_id_map_free(&gate->dropped);
    free(gate->changes);
    free(gate->runnable);
    free(gate);
}

// ---- Clock and random numbers -----------------------------------------------------------

int64_t nst_gate_now(NstVm *vm) {
    NstGate *gate = vm->gate;
    if (gate->kind != NST_SCHEDULE_NONE) return gate->virtual_now;
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)(now.tv_sec - gate->started.tv_sec) * 1000000000 + (now.tv_nsec - gate->started.tv_nsec);
}

int64_t nst_gate_deadline(NstVm *vm, int64_t ms) {
    int64_t now = nst_gate_now(vm), wait, deadline;
    if (ms <= 0) return now;
    if (__builtin_mul_overflow(ms, 1000000, &wait) || __builtin_add_overflow(now, wait, &deadline)) {
        return INT64_MAX - 1; // not NST_TIMER_NEVER
    }
    return deadline;
}

int64_t nst_gate_wall_ms(NstVm *vm) {
    NstGate *gate = vm->gate;
    if (gate->kind != NST_SCHEDULE_NONE) return virtual_epoch_ms + gate->virtual_now / 1000000;
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

uint64_t nst_gate_random(NstVm *vm) {
    if (vm->gate->kind != NST_SCHEDULE_NONE) return draw(vm->gate);
    uint64_t bits;
    if (getrandom(&bits, sizeof bits, 0) != (ssize_t)sizeof bits) bits = mix((uint64_t)nst_gate_now(vm));
    return bits;
}

// ---- Schedules --------------------------------------------------------------------------

bool nst_gate_scheduled(const NstVm *vm) {
    return vm->gate->kind != NST_SCHEDULE_NONE;
}

// Initial priorities are above 2^63; dropped processes are below, later ones lower.
static uint64_t priority(const NstGate *gate, NstPid pid) {
    uint64_t low;
    return nst_id_map_get(&gate->dropped, pid, &low) ? low : mix(pid ^ gate->seed) | (UINT64_C(1) << 63);
}

static void drop(NstGate *gate, NstPid pid) {
    nst_id_map_put(&gate->dropped, pid, (UINT64_C(1) << 62) - ++gate->drops);
    gate->busy_slices = 0;
}

void nst_gate_add(NstVm *vm, NstProcess *process) {
    NstGate *gate = vm->gate;
    if (gate->count == gate->size) {
        gate->size = gate->size ? gate->size * 2 : 64;
        gate->runnable = nst_realloc(gate->runnable, gate->size * sizeof *gate->runnable);
    }
    // A process keeps its priority while it is runnable: only running ones are dropped.
    Runnable entry = { gate->kind == NST_SCHEDULE_PCT ? priority(gate, process->pid) : 0, process };
    size_t i = gate->count++;
    for (; i > 0 && gate->runnable[(i - 1) / 2].priority < entry.priority; i = (i - 1) / 2) {
        gate->runnable[i] = gate->runnable[(i - 1) / 2];
    }
    gate->runnable[i] = entry;
}

static void remove_first(NstGate *gate) {
    Runnable last = gate->runnable[--gate->count];
    size_t i = 0;
    for (size_t child; (child = 2 * i + 1) < gate->count; i = child) {
        if (child + 1 < gate->count && gate->runnable[child + 1].priority > gate->runnable[child].priority) child++;
        if (gate->runnable[child].priority <= last.priority) break;
        gate->runnable[i] = gate->runnable[child];
    }
    gate->runnable[i] = last;
}

NstProcess *nst_gate_pick(NstVm *vm) {
    NstGate *gate = vm->gate;
    if (!gate->count) return NULL;
    size_t i = gate->kind == NST_SCHEDULE_SEED ? (size_t)(draw(gate) % gate->count) : 0;
    NstProcess *process = gate->runnable[i].process;
    if (gate->kind == NST_SCHEDULE_SEED) {
        gate->runnable[i] = gate->runnable[--gate->count];
    } else {
        remove_first(gate);
    }
    return process;
}

int64_t nst_gate_slice(NstVm *vm) {
    NstGate *gate = vm->gate;
    if (gate->kind == NST_SCHEDULE_NONE) return gate->slice;
    uint64_t bits = draw(gate); // mostly short slices: many interleavings; some long ones: progress
    return bits % 8 == 0 ? NST_SLICE : 1 + (int64_t)(bits / 8 % 64);
}

void nst_gate_ran(NstVm *vm, NstPid pid, uint64_t reductions, bool preempted) {
    NstGate *gate = vm->gate;
    gate->virtual_now += (int64_t)reductions * NS_PER_REDUCTION + NS_PER_REDUCTION;
    if (gate->kind != NST_SCHEDULE_PCT) return;
    gate->step++;
    while (gate->next_change < gate->change_count && gate->changes[gate->next_change] < gate->step) {
        gate->next_change++;
        drop(gate, pid);
    }
    gate->busy_slices = preempted && pid == gate->busy_pid ? gate->busy_slices + 1 : 0;
    gate->busy_pid = pid;
    if (gate->busy_slices >= PCT_PATIENCE) drop(gate, pid);
}

void nst_gate_jump(NstVm *vm, int64_t time) {
    if (vm->gate->virtual_now < time) vm->gate->virtual_now = time;
}
