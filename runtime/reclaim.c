#include "runtime/reclaim.h"

#include <stdlib.h>

#include "frontend/arena.h"

enum { ADVANCE_EVERY = 64 }; // retired objects per attempt to free some

void nst_reclaimer_init(NstReclaimer *self) {
    *self = (NstReclaimer){ 0 };
    atomic_init(&self->seen, NST_RECLAIM_OFFLINE);
}

// Why nothing is freed too early: let an object be retired at epoch t. Unlinking it comes before the retirer's
// read-modify-write of `epoch`, which comes before the increment to t+1 in that variable's order. All of these are
// read-modify-writes with acquire and release, so whoever has seen t+1 sees the object unlinked. A worker that comes
// online does one, too: if it comes before the increment, the increment (and so the freeing worker) sees the
// announcement in `seen`; if it comes after, the worker sees the object unlinked.

void nst_reclaim_online(NstReclaim *shared, NstReclaimer *self) {
    uint64_t epoch = atomic_load_explicit(&shared->epoch, memory_order_acquire); // pairs with the increment
    atomic_store_explicit(&self->seen, epoch, memory_order_release);             // pairs with oldest_seen
    atomic_fetch_add_explicit(&shared->epoch, 0, memory_order_acq_rel);          // see above
}

void nst_reclaim_offline(NstReclaimer *self) {
    // release pairs with the load in oldest_seen: our last uses come before the freeing.
    atomic_store_explicit(&self->seen, NST_RECLAIM_OFFLINE, memory_order_release);
}

static uint64_t oldest_seen(const NstReclaim *shared) {
    uint64_t oldest = UINT64_MAX;
    for (uint32_t i = 0; i < shared->member_count; i++) {
        // acquire pairs with the releases in online, offline and quiescent.
        uint64_t seen = atomic_load_explicit(&shared->members[i]->seen, memory_order_acquire);
        if (seen < oldest) oldest = seen;
    }
    return oldest;
}

static void free_before(NstReclaimer *self, uint64_t epoch, void *context) {
    while (self->count && self->limbo[self->first].epoch < epoch) {
        NstLimbo item = self->limbo[self->first];
        self->first = (self->first + 1) & (self->size - 1);
        self->count--;
        item.fn(context, item.object);
    }
}

void nst_reclaim_quiescent(NstReclaim *shared, NstReclaimer *self, void *context) {
    if (self->since_advance >= ADVANCE_EVERY) {
        self->since_advance = 0;
        atomic_fetch_add_explicit(&shared->epoch, 1, memory_order_acq_rel); // see above
    }
    // acquire pairs with the increment: having seen an epoch, we see what was unlinked before it.
    uint64_t epoch = atomic_load_explicit(&shared->epoch, memory_order_acquire);
    if (epoch == atomic_load_explicit(&self->seen, memory_order_relaxed)) return; // own variable
    // release pairs with oldest_seen: our uses in earlier epochs come before the freeing.
    atomic_store_explicit(&self->seen, epoch, memory_order_release);
    if (self->count) free_before(self, oldest_seen(shared), context);
}

void nst_reclaim_retire(NstReclaim *shared, NstReclaimer *self, void *object, NstReclaimFn fn) {
    if (self->count == self->size) {
        uint32_t size = self->size ? self->size * 2 : 128;
        NstLimbo *bigger = nst_calloc(size, sizeof *bigger);
        for (uint32_t i = 0; i < self->count; i++) bigger[i] = self->limbo[(self->first + i) & (self->size - 1)];
        free(self->limbo);
        self->limbo = bigger;
        self->size = size;
        self->first = 0;
    }
    self->limbo[(self->first + self->count++) & (self->size - 1)] = (NstLimbo){
        .object = object, .fn = fn,
        .epoch = atomic_fetch_add_explicit(&shared->epoch, 0, memory_order_acq_rel), // see above
    };
    self->since_advance++;
}

void nst_reclaimer_flush(NstReclaimer *self, void *context) {
    free_before(self, UINT64_MAX, context);
    free(self->limbo);
    self->limbo = NULL;
    self->size = 0;
}
