// Mailboxes under real threads: nothing lost, order of each sender kept, selective receive, deadlines.
#include "fake_vm.h"

enum { SENDERS = 20, EACH = 2000 };

// ---- Fan-in: every message once, in the sender's order --------------------------------------

static NstStop sender(NstProcess *process, FakeProcess *self) {
    for (int i = 0; i < 50 && self->pc < EACH; i++) fake_send(process, self->peer, self->n * EACH + self->pc++);
    return self->pc < EACH ? NST_STOP_YIELD : NST_STOP_DONE;
}

static int64_t last_of[SENDERS];

static NstStop fan_in(NstProcess *process, FakeProcess *self) {
    if (self->pc == 0) {
        for (int i = 0; i < SENDERS; i++) {
            last_of[i] = -1;
            fake_spawn(process, sender, i, process->pid);
        }
        self->pc = 1;
        nst_receive_begin(process, false, 0);
    }
    int64_t n;
    while (self->n < SENDERS * EACH) {
        if (!fake_take(process, &n)) return NST_STOP_BLOCKED;
        assert_int_equal(n % EACH, last_of[n / EACH] + 1);
        last_of[n / EACH] = n % EACH;
        self->n++;
        nst_receive_begin(process, false, 0);
    }
    return NST_STOP_DONE;
}

static void fan_in_keeps_order(void **state) {
    (void)state;
    for (uint32_t threads = 1; threads <= 4; threads += 3) {
        assert_int_equal(fake_run(threads, fan_in, 0), NST_CAUSE_MAIN_RETURNED);
    }
}

// ---- Ping-pong ----------------------------------------------------------------------------

static NstStop ponger(NstProcess *process, FakeProcess *self) {
    for (;;) {
        if (self->pc == 0) nst_receive_begin(process, false, 0);
        self->pc = 1;
        int64_t n;
        if (!fake_take(process, &n)) return NST_STOP_BLOCKED;
        self->pc = 0;
        if (n < 0) return NST_STOP_DONE;
        fake_send(process, self->peer, n + 1);
    }
}

static NstStop pinger(NstProcess *process, FakeProcess *self) {
    if (self->pc == 0) {
        self->peer = fake_spawn(process, ponger, 0, process->pid);
        fake_send(process, self->peer, 0);
        nst_receive_begin(process, false, 0);
        self->pc = 1;
    }
    int64_t n;
    while (fake_take(process, &n)) {
        if (n >= self->n) {
            fake_send(process, self->peer, -1);
            return NST_STOP_DONE;
        }
        fake_send(process, self->peer, n);
        nst_receive_begin(process, false, 0);
    }
    return NST_STOP_BLOCKED;
}

static void ping_pong(void **state) {
    (void)state;
    assert_int_equal(fake_run(1, pinger, 100000), NST_CAUSE_MAIN_RETURNED);
    assert_int_equal(fake_run(4, pinger, 100000), NST_CAUSE_MAIN_RETURNED);
}

// ---- Selective receive ----------------------------------------------------------------------

static NstStop selective(NstProcess *process, FakeProcess *self) {
    (void)self;
    for (int i = 0; i < 5; i++) fake_send(process, process->pid, i);
    NstValue message;
    int64_t order[] = { 3, 0, 4, 1, 2 };
    for (int i = 0; i < 5; i++) {
        nst_receive_begin(process, true, 0);
        while (nst_receive_examine(process, &message) == NST_WAIT_OK && message.w.i != order[i]) {
            nst_receive_skip(process);
        }
        assert_int_equal(message.w.i, order[i]);
        nst_receive_take(process);
    }
    nst_receive_begin(process, true, 0);
    assert_int_equal(nst_receive_examine(process, &message), NST_WAIT_TIMEOUT);
    assert_int_equal(atomic_load(&process->shared->mailbox_count), 0);
    return NST_STOP_DONE;
}

static void selective_receive(void **state) {
    (void)state;
    assert_int_equal(fake_run(1, selective, 0), NST_CAUSE_MAIN_RETURNED);
}

// ---- Nobody can continue --------------------------------------------------------------------

static NstStop waits_for_ever(NstProcess *process, FakeProcess *self) {
    if (self->pc++ == 0) nst_receive_begin(process, false, 0);
    int64_t n;
    return fake_take(process, &n) ? NST_STOP_DONE : NST_STOP_BLOCKED;
}

static NstStop spawns_and_waits(NstProcess *process, FakeProcess *self) {
    for (; self->n > 0; self->n--) fake_spawn(process, waits_for_ever, 0, 0);
    return waits_for_ever(process, self);
}

static void deadlock_is_detected(void **state) {
    (void)state;
    assert_int_equal(fake_run(1, spawns_and_waits, 3), NST_CAUSE_DEADLOCK);
    assert_int_equal(fake_run(4, spawns_and_waits, 1000), NST_CAUSE_DEADLOCK);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fan_in_keeps_order),
        cmocka_unit_test(ping_pong),
        cmocka_unit_test(selective_receive),
        cmocka_unit_test(deadlock_is_detected),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
