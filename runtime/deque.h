// A worker's run queue: a bounded ring with one producer and many consumers, first in first out.
//
// The owner pushes at the bottom. The owner and the thieves both take at the top, by compare-and-swap, so processes
// of one worker run in the order in which they became runnable (a Chase-Lev deque whose owner popped its newest
// entry would starve the oldest). A full ring refuses; the scheduler then moves half of it to the global queue.
//
// Invariant: top <= bottom <= top + NST_DEQUE_SIZE; slots [top, bottom) hold entries.
#ifndef NST_DEQUE_H
#define NST_DEQUE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { NST_DEQUE_SIZE = 256 };

typedef struct NstDeque {
    _Alignas(64) _Atomic uint32_t top;    // next to take; moved by owner and thieves
    _Alignas(64) _Atomic uint32_t bottom; // next free slot; moved by the owner only
    _Atomic(void *) slots[NST_DEQUE_SIZE];
} NstDeque;

void nst_deque_init(NstDeque *deque);

// Owner only. False if full.
bool nst_deque_push(NstDeque *deque, void *entry);

// Any thread. Null if empty.
void *nst_deque_take(NstDeque *deque);

// Any thread: takes the oldest half (at least one), at most `max`. Returns how many.
size_t nst_deque_take_half(NstDeque *deque, void **out, size_t max);

// A snapshot; exact only for the owner when no thief is active.
size_t nst_deque_count(NstDeque *deque);

#endif
