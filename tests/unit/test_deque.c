// The run queue: order, bounds, and that owner and thieves together take every entry exactly once.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>

#include "runtime/deque.h"

enum { ITEMS = 200000, THIEVES = 3 };

static NstDeque deque;
static _Atomic unsigned char taken[ITEMS + 1];
static _Atomic uint32_t total;

static void *entry(uintptr_t n) {
    return (void *)n;
}

static void note(void *item) {
    uintptr_t n = (uintptr_t)item;
    assert_true(n >= 1 && n <= ITEMS);
    assert_int_equal(atomic_fetch_add(&taken[n], 1), 0);
    atomic_fetch_add(&total, 1);
}

static void first_in_first_out(void **state) {
    (void)state;
    nst_deque_init(&deque);
    assert_null(nst_deque_take(&deque));
    for (uintptr_t i = 1; i <= NST_DEQUE_SIZE; i++) assert_true(nst_deque_push(&deque, entry(i)));
    assert_false(nst_deque_push(&deque, entry(1)));
    assert_int_equal(nst_deque_count(&deque), NST_DEQUE_SIZE);
    void *half[NST_DEQUE_SIZE];
    assert_int_equal(nst_deque_take_half(&deque, half, NST_DEQUE_SIZE), NST_DEQUE_SIZE / 2);
    assert_ptr_equal(half[0], entry(1));
    for (uintptr_t i = NST_DEQUE_SIZE / 2 + 1; i <= NST_DEQUE_SIZE; i++) {
        assert_ptr_equal(nst_deque_take(&deque), entry(i));
    }
    assert_null(nst_deque_take(&deque));
}

static void *thief(void *argument) {
    (void)argument;
    void *loot[32];
    while (atomic_load(&total) < ITEMS) {
        size_t count = nst_deque_take_half(&deque, loot, 32);
        for (size_t i = 0; i < count; i++) note(loot[i]);
    }
    return NULL;
}

static void every_entry_once(void **state) {
    (void)state;
    nst_deque_init(&deque);
    pthread_t thieves[THIEVES];
    for (int i = 0; i < THIEVES; i++) assert_int_equal(pthread_create(&thieves[i], NULL, thief, NULL), 0);
    for (uintptr_t i = 1; i <= ITEMS;) {
        if (nst_deque_push(&deque, entry(i))) {
            i++;
        } else {
            void *own = nst_deque_take(&deque);
            if (own) note(own);
        }
    }
    void *own;
    while ((own = nst_deque_take(&deque))) note(own);
    for (int i = 0; i < THIEVES; i++) pthread_join(thieves[i], NULL);
    assert_int_equal(atomic_load(&total), ITEMS);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(first_in_first_out),
        cmocka_unit_test(every_entry_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
