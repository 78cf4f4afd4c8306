// Timers: never early, in the order of deadlines, equal ones in the order in which the waits began; virtual time.
#include "fake_vm.h"
#include "runtime/gate.h"
#include "runtime/timer.h"

enum { SLEEPERS = 5000 };

// ---- Many sleepers report to main -----------------------------------------------------------

static NstStop sleeper(NstProcess *process, FakeProcess *self) {
    if (self->pc == 0) self->m = nst_gate_now(process->vm);
    self->pc = 1;
    if (nst_process_sleep(process, self->n) == NST_WAIT_BLOCK) return NST_STOP_BLOCKED;
    assert_true(nst_gate_now(process->vm) - self->m >= self->n * 1000000);
    fake_send(process, self->peer, self->n);
    return NST_STOP_DONE;
}

static NstStop collects(NstProcess *process, FakeProcess *self) {
    if (self->pc == 0) {
        for (int64_t i = 0; i < SLEEPERS; i++) fake_spawn(process, sleeper, i % 50, process->pid);
        self->pc = 1;
        nst_receive_begin(process, false, 0);
    }
    int64_t n;
    for (; self->m < SLEEPERS; self->m++) {
        if (!fake_take(process, &n)) return NST_STOP_BLOCKED;
        nst_receive_begin(process, false, 0);
    }
    assert_int_equal(nst_timers_count(process->vm->timers), 0);
    return NST_STOP_DONE;
}

static void sleepers_wake_late_enough(void **state) {
    (void)state;
    assert_int_equal(fake_run(1, collects, 0), NST_CAUSE_MAIN_RETURNED);
    assert_int_equal(fake_run(4, collects, 0), NST_CAUSE_MAIN_RETURNED);
}

// ---- Order: with one thread the effects of waking are in the order of the deadlines -------------

static NstStop in_order(NstProcess *process, FakeProcess *self) {
    if (self->pc == 0) {
        for (int64_t i = 0; i < 200; i++) fake_spawn(process, sleeper, 20 + (199 - i) / 20 * 5, process->pid);
        self->pc = 1;
        nst_receive_begin(process, false, 0);
    }
    int64_t n;
    for (int64_t i = self->m; i < 200; i++, self->m++) {
        if (!fake_take(process, &n)) return NST_STOP_BLOCKED;
        assert_true(n >= self->n);
        self->n = n;
        nst_receive_begin(process, false, 0);
    }
    return NST_STOP_DONE;
}

static void wakes_in_order(void **state) {
    (void)state;
    assert_int_equal(fake_run(1, in_order, 0), NST_CAUSE_MAIN_RETURNED);
}

// ---- A deadline is not moved by messages that do not match ---------------------------------------

static NstStop nags(NstProcess *process, FakeProcess *self) {
    if (self->pc++ == 30) return NST_STOP_DONE;
    fake_send(process, self->peer, 7);
    return nst_process_sleep(process, 1) == NST_WAIT_BLOCK ? NST_STOP_BLOCKED : NST_STOP_YIELD;
}

static NstStop waits_ten_ms(NstProcess *process, FakeProcess *self) {
    if (self->pc == 0) {
        fake_spawn(process, nags, 0, process->pid);
        nst_receive_begin(process, true, 10);
        self->m = nst_gate_now(process->vm);
        self->pc = 1;
    }
    NstValue message;
    NstWait wait;
    while ((wait = nst_receive_examine(process, &message)) == NST_WAIT_OK) nst_receive_skip(process);
    if (wait == NST_WAIT_BLOCK) return NST_STOP_BLOCKED;
    assert_int_equal(wait, NST_WAIT_TIMEOUT);
    assert_in_range(nst_gate_now(process->vm) - self->m, 10000000, 2000000000);
    return NST_STOP_DONE;
}

static void deadline_stays(void **state) {
    (void)state;
    assert_int_equal(fake_run(2, waits_ten_ms, 0), NST_CAUSE_MAIN_RETURNED);
}

// ---- Virtual time -------------------------------------------------------------------------------

static NstStop sleeps_a_year(NstProcess *process, FakeProcess *self) {
    (void)self;
    int64_t year = (int64_t)365 * 24 * 3600 * 1000;
    return nst_process_sleep(process, year) == NST_WAIT_BLOCK ? NST_STOP_BLOCKED : NST_STOP_DONE;
}

static void virtual_time_jumps(void **state) {
    (void)state;
    NstRunOptions options = { .schedule = NST_SCHEDULE_SEED, .schedule_number = 3, .capture = true };
    assert_int_equal(fake_run_in(fake_vm(&options), sleeps_a_year, 0), NST_CAUSE_MAIN_RETURNED);
    assert_int_equal(fake_run_in(fake_vm(&options), collects, 0), NST_CAUSE_MAIN_RETURNED);
    options.schedule = NST_SCHEDULE_PCT;
    assert_int_equal(fake_run_in(fake_vm(&options), collects, 0), NST_CAUSE_MAIN_RETURNED);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sleepers_wake_late_enough),
        cmocka_unit_test(wakes_in_order),
        cmocka_unit_test(deadline_stays),
        cmocka_unit_test(virtual_time_jumps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
