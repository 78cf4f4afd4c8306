#include "runtime/stats.h"

#include <inttypes.h>
#include <stdio.h>
#include <sys/resource.h>

#include "runtime/gate.h"
#include "runtime/process_table.h"
#include "runtime/worker.h"

// Ended processes have left their numbers with the worker that ended them.
static void add_live(void *context, NstProcess *process) {
    NstWorkerStats *sum = context;
    sum->reductions += process->exec.reductions_done;
    sum->collections += process->heap.collections;
}

void nst_stats_write(NstVm *vm) {
    NstWorkerStats sum = { 0 };
    NstScheduler *scheduler = vm->scheduler;
    for (uint32_t i = 0; i < scheduler->worker_count; i++) {
        const NstWorkerStats *stats = &scheduler->workers[i].stats;
        sum.messages += stats->messages;
        sum.reductions += stats->reductions;
        sum.collections += stats->collections;
        sum.slices += stats->slices;
        sum.steals += stats->steals;
        sum.parks += stats->parks;
    }
    nst_process_table_each(vm->processes, add_live, &sum);
    uint64_t spawned, ended;
    nst_process_table_counts(vm->processes, &spawned, &ended);
    struct rusage usage = { 0 };
    getrusage(RUSAGE_SELF, &usage);
    fprintf(stderr, "processes:   %" PRIu64 " spawned, %" PRIu64 " ended\n", spawned, ended);
    fprintf(stderr, "messages:    %" PRIu64 "\n", sum.messages);
    fprintf(stderr, "reductions:  %" PRIu64 "\n", sum.reductions);
    fprintf(stderr, "slices:      %" PRIu64 " (%" PRIu64 " steals, %" PRIu64 " parks, %" PRIu32 " threads)\n", sum.slices,
            sum.steals, sum.parks, scheduler->started_workers);
    fprintf(stderr, "collections: %" PRIu64 "\n", sum.collections);
    fprintf(stderr, "memory:      %ld KiB at most\n", usage.ru_maxrss);
    fprintf(stderr, "time:        %.3f s\n", (double)nst_gate_now(vm) / 1e9);
}
