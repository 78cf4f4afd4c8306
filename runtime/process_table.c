#include "runtime/process_table.h"

#include <pthread.h>
#include <stdlib.h>

#include "frontend/arena.h"
#include "runtime/worker.h"

enum { LEAF_BITS = 10, NODE_BITS = 13, ROOT_BITS = 14 }; // 2^37 pids in one run
enum { LEAF_SIZE = 1 << LEAF_BITS, NODE_SIZE = 1 << NODE_BITS, ROOT_SIZE = 1 << ROOT_BITS };

typedef struct Leaf {
    _Atomic uint32_t unused; // entries that have not been removed yet
    _Atomic(NstProcess *) processes[LEAF_SIZE];
} Leaf;

typedef struct Node {
    _Atomic(Leaf *) leaves[NODE_SIZE];
} Node;

struct NstProcessTable {
    _Atomic uint64_t last_pid;
    uint64_t ended;          // under `lock`
    pthread_mutex_t lock;    // removal against counts and walks: they see a removal and its count together
    _Atomic(Node *) root[ROOT_SIZE];
};

NstProcessTable *nst_process_table_new(void) {
    NstProcessTable *table = nst_calloc(1, sizeof *table);
    pthread_mutex_init(&table->lock, NULL);
    return table;
}

void nst_process_table_free(NstProcessTable *table) {
    for (size_t i = 0; i < ROOT_SIZE && table->root[i]; i++) {
        for (size_t j = 0; j < NODE_SIZE; j++) free(table->root[i]->leaves[j]);
        free(table->root[i]);
    }
    pthread_mutex_destroy(&table->lock);
    free(table);
}

// The child at *slot, made if `fresh` is given and there is none. Several spawners may race: one wins.
static Leaf *leaf_at(NstProcessTable *table, NstPid pid, bool make) {
    size_t root_index = (size_t)(pid >> (LEAF_BITS + NODE_BITS));
    if (root_index >= ROOT_SIZE) return NULL; // only a forged pid; 2^37 processes are not reached by running
    // acquire pairs with the release below: the node's contents are initialised.
    Node *node = atomic_load_explicit(&table->root[root_index], memory_order_acquire);
    if (!node) {
        if (!make) return NULL;
        Node *fresh = nst_calloc(1, sizeof *fresh);
        if (atomic_compare_exchange_strong_explicit(&table->root[root_index], &node, fresh, memory_order_acq_rel,
                                                    memory_order_acquire)) {
            node = fresh;
        } else {
            free(fresh);
        }
    }
    _Atomic(Leaf *) *slot = &node->leaves[(pid >> LEAF_BITS) & (NODE_SIZE - 1)];
    Leaf *leaf = atomic_load_explicit(slot, memory_order_acquire); // pairs with the release below
    if (!leaf && make) {
        Leaf *fresh = nst_calloc(1, sizeof *fresh);
        atomic_init(&fresh->unused, pid < LEAF_SIZE ? LEAF_SIZE - 1 : LEAF_SIZE); // there is no pid 0
        if (atomic_compare_exchange_strong_explicit(slot, &leaf, fresh, memory_order_acq_rel, memory_order_acquire)) {
            leaf = fresh;
        } else {
            free(fresh);
        }
    }
    return leaf;
}

NstPid nst_process_table_next(NstProcessTable *table) {
    // relaxed: only uniqueness matters; the process is published by nst_process_table_add.
    return atomic_fetch_add_explicit(&table->last_pid, 1, memory_order_relaxed) + 1;
}

void nst_process_table_add(NstProcessTable *table, NstProcess *process) {
    NstPid pid = process->pid;
    Leaf *leaf = leaf_at(table, pid, true);
    // release pairs with the acquire in find: the process is initialised.
    atomic_store_explicit(&leaf->processes[pid & (LEAF_SIZE - 1)], process, memory_order_release);
}

NstProcess *nst_process_table_find(NstProcessTable *table, NstPid pid) {
    Leaf *leaf = leaf_at(table, pid, false);
    if (!leaf) return NULL;
    return atomic_load_explicit(&leaf->processes[pid & (LEAF_SIZE - 1)], memory_order_acquire); // pairs with add
}

static void free_leaf(void *context, void *object) {
    (void)context;
    free(object);
}

void nst_process_table_remove(NstProcessTable *table, NstWorker *worker, NstPid pid) {
    Leaf *leaf = leaf_at(table, pid, false);
    pthread_mutex_lock(&table->lock);
    // release: whoever sees the process gone (find's acquire) sees the earlier effects of its end.
    atomic_store_explicit(&leaf->processes[pid & (LEAF_SIZE - 1)], NULL, memory_order_release);
    table->ended++;
    bool last = --leaf->unused == 0;
    if (last) {
        Node *node = atomic_load_explicit(&table->root[pid >> (LEAF_BITS + NODE_BITS)], memory_order_relaxed);
        // release as above. Look-ups that still find the leaf see empty entries; its memory stays for them (reclaim.h).
        atomic_store_explicit(&node->leaves[(pid >> LEAF_BITS) & (NODE_SIZE - 1)], NULL, memory_order_release);
    }
    pthread_mutex_unlock(&table->lock);
    if (last) nst_reclaim_retire(&worker->vm->scheduler->reclaim, &worker->reclaimer, leaf, free_leaf);
}

void nst_process_table_counts(NstProcessTable *table, uint64_t *spawned, uint64_t *ended) {
    pthread_mutex_lock(&table->lock);
    *ended = table->ended;
    *spawned = atomic_load_explicit(&table->last_pid, memory_order_relaxed); // a caller's own spawns are ordered anyway
    pthread_mutex_unlock(&table->lock);
}

void nst_process_table_each(NstProcessTable *table, void (*visit)(void *context, NstProcess *process), void *context) {
    pthread_mutex_lock(&table->lock);
    uint64_t last = atomic_load_explicit(&table->last_pid, memory_order_relaxed);
    for (NstPid pid = 1; pid <= last;) {
        Leaf *leaf = leaf_at(table, pid, false);
        if (leaf) {
            NstProcess *process = atomic_load_explicit(&leaf->processes[pid & (LEAF_SIZE - 1)], memory_order_acquire);
            if (process) visit(context, process);
            pid++;
        } else {
            pid = (pid | (LEAF_SIZE - 1)) + 1;
        }
    }
    pthread_mutex_unlock(&table->lock);
}
