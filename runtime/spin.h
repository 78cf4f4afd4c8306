// A one-byte lock for critical sections of a few instructions. Not fair, not recursive; yields to the operating
// system after a short spin, so a preempted holder costs no busy waiting.
#ifndef NST_SPIN_H
#define NST_SPIN_H

#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>

typedef struct NstSpin {
    _Atomic bool held;
} NstSpin;

static inline void nst_spin_pause(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

static inline void nst_spin_lock(NstSpin *spin) {
    // acquire pairs with the release in nst_spin_unlock: what the previous holder wrote is visible.
    for (int i = 0; atomic_exchange_explicit(&spin->held, true, memory_order_acquire); i++) {
        if (i < 64) {
            nst_spin_pause();
        } else {
            sched_yield();
        }
    }
}

static inline void nst_spin_unlock(NstSpin *spin) {
    atomic_store_explicit(&spin->held, false, memory_order_release); // pairs with the acquire in nst_spin_lock
}

#endif
