#include "runtime/deque.h"

void nst_deque_init(NstDeque *deque) {
    atomic_init(&deque->top, 0);
    atomic_init(&deque->bottom, 0);
    for (size_t i = 0; i < NST_DEQUE_SIZE; i++) atomic_init(&deque->slots[i], NULL);
}

bool nst_deque_push(NstDeque *deque, void *entry) {
    uint32_t bottom = atomic_load_explicit(&deque->bottom, memory_order_relaxed); // only the owner writes it
    // acquire pairs with the release of the compare-and-swap in take: the slot has been read before it is reused.
    uint32_t top = atomic_load_explicit(&deque->top, memory_order_acquire);
    if (bottom - top >= NST_DEQUE_SIZE) return false;
    // relaxed: published by the store of bottom; a thief that reads a slot too early loses its compare-and-swap.
    atomic_store_explicit(&deque->slots[bottom % NST_DEQUE_SIZE], entry, memory_order_relaxed);
    // seq_cst, stronger than the release that take needs: together with the seq_cst loads in nst_deque_count it
    // orders "entry pushed" before "is anybody asleep?", and "asleep" before "is there an entry?" (scheduler.c).
    atomic_store_explicit(&deque->bottom, bottom + 1, memory_order_seq_cst);
    return true;
}

void *nst_deque_take(NstDeque *deque) {
    void *entry;
    return nst_deque_take_half(deque, &entry, 1) == 1 ? entry : NULL;
}

size_t nst_deque_take_half(NstDeque *deque, void **out, size_t max) {
    // acquire pairs with the compare-and-swap of another consumer, so that bottom, loaded next, is not older than top.
    uint32_t top = atomic_load_explicit(&deque->top, memory_order_acquire);
    for (;;) {
        // acquire pairs with the store in push: the slots below bottom are written.
        uint32_t bottom = atomic_load_explicit(&deque->bottom, memory_order_acquire);
        uint32_t count = bottom - top;
        if ((int32_t)count <= 0) return 0;
        uint32_t take = count - count / 2;
        if (take > max) take = (uint32_t)max;
        for (uint32_t i = 0; i < take; i++) {
            out[i] = atomic_load_explicit(&deque->slots[(top + i) % NST_DEQUE_SIZE], memory_order_relaxed);
        }
        // If top is still the same, nobody has taken these entries, hence the owner has not overwritten them.
        // release pairs with the acquire in push (slots are read before they are free); acquire with another
        // consumer's release, for the retry.
        if (atomic_compare_exchange_weak_explicit(&deque->top, &top, top + take, memory_order_acq_rel,
                                                  memory_order_acquire)) {
            return take;
        }
    }
}

size_t nst_deque_count(NstDeque *deque) {
    // top first: it never passes bottom, so the difference is not negative. seq_cst: see push.
    uint32_t top = atomic_load_explicit(&deque->top, memory_order_seq_cst);
    uint32_t bottom = atomic_load_explicit(&deque->bottom, memory_order_seq_cst);
    return bottom - top;
}
