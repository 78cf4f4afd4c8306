// MVars under real threads: no update lost, circles found, locks released by kills.
#include "fake_vm.h"
#include "frontend/frontend.h"

enum { WORKERS = 50, ROUNDS = 500 };
static const uint32_t first[] = { 0 }, second[] = { 1 }, both[] = { 0, 1 };

static NstVm *vm_with_mvars(const NstRunOptions *options) {
    NstVm *vm = fake_vm(options);
    nst_mvars_free(vm->mvars);
    NstName names[] = { nst_name_z("first"), nst_name_z("second") };
    vm->mvars = nst_mvars_new(names, 2);
    return vm;
}

static NstStopCause run_with_mvars(uint32_t threads, FakeStep step) {
    NstRunOptions options = { .threads = threads, .capture = true };
    return fake_run_in(vm_with_mvars(&options), step, 0);
}

static void initialise(NstProcess *process) {
    for (uint32_t i = 0; i < 2; i++) assert_int_equal(nst_mvar_init(process, i, nst_int(0)), NST_WAIT_OK);
}

static int64_t read_now(NstProcess *process, uint32_t mvar) {
    NstValue value;
    assert_int_equal(nst_mvar_read(process, mvar, &value), NST_WAIT_OK);
    return value.w.i;
}

// ---- Locked increments of both mvars --------------------------------------------------------

static NstStop increments(NstProcess *process, FakeProcess *self) {
    while (self->pc < ROUNDS) {
        if (nst_mvar_lock(process, both, 2) == NST_WAIT_BLOCK) return NST_STOP_BLOCKED;
        int64_t a = read_now(process, 0), b = read_now(process, 1);
        assert_int_equal(a, b);
        assert_int_equal(nst_mvar_lock(process, second, 1), NST_WAIT_OK); // reentrant
        nst_mvar_write(process, 1, nst_int(b + 1));
        nst_mvar_unlock(process, second, 1);
        nst_mvar_write(process, 0, nst_int(a + 1));
        nst_mvar_unlock(process, both, 2);
        if (++self->pc % 7 == 0) return NST_STOP_YIELD;
    }
    fake_send(process, self->peer, 1);
    return NST_STOP_DONE;
}

static NstStop counts(NstProcess *process, FakeProcess *self) {
    if (self->pc == 0) {
        initialise(process);
        for (int i = 0; i < WORKERS; i++) fake_spawn(process, increments, 0, process->pid);
        self->pc = 1;
        nst_receive_begin(process, false, 0);
    }
    int64_t n;
    for (; self->m < WORKERS; self->m++) {
        if (!fake_take(process, &n)) return NST_STOP_BLOCKED;
        nst_receive_begin(process, false, 0);
    }
    assert_int_equal(read_now(process, 0), WORKERS * ROUNDS);
    assert_int_equal(read_now(process, 1), WORKERS * ROUNDS);
    return NST_STOP_DONE;
}

static void no_update_is_lost(void **state) {
    (void)state;
    assert_int_equal(run_with_mvars(1, counts), NST_CAUSE_MAIN_RETURNED);
    assert_int_equal(run_with_mvars(4, counts), NST_CAUSE_MAIN_RETURNED);
}

// ---- Crossing locks: exactly one of the two is refused ---------------------------------------

// Locks its own mvar, tells main, waits for "go", then wants the other one.
static NstStop crosses(NstProcess *process, FakeProcess *self) {
    const uint32_t *own = self->n ? second : first, *other = self->n ? first : second;
    int64_t n;
    switch (self->pc) {
    case 0:
        assert_int_equal(nst_mvar_lock(process, own, 1), NST_WAIT_OK);
        fake_send(process, self->peer, 0);
        nst_receive_begin(process, false, 0);
        self->pc = 1; // fall through
    case 1:
        if (!fake_take(process, &n)) return NST_STOP_BLOCKED;
        self->pc = 2; // fall through
    default: {
        NstWait wait = nst_mvar_lock(process, other, 1);
        if (wait == NST_WAIT_BLOCK) return NST_STOP_BLOCKED;
        if (wait == NST_WAIT_OK) nst_mvar_unlock(process, other, 1);
        nst_mvar_unlock(process, own, 1);
        fake_send(process, self->peer, wait == NST_WAIT_RAISE ? 100 : 1);
        return NST_STOP_DONE;
    }
    }
}

static NstStop arranges_crossing(NstProcess *process, FakeProcess *self) {
    int64_t n;
    if (self->pc == 0) {
        initialise(process);
        self->n = (int64_t)fake_spawn(process, crosses, 0, process->pid);
        self->peer = fake_spawn(process, crosses, 1, process->pid);
        nst_receive_begin(process, false, 0);
        self->pc = 1;
    }
    while (self->pc <= 4) {
        if (!fake_take(process, &n)) return NST_STOP_BLOCKED;
        self->m += n;
        nst_receive_begin(process, false, 0);
        if (self->pc++ == 2) {
            fake_send(process, (NstPid)self->n, 0);
            fake_send(process, self->peer, 0);
        }
    }
    assert_int_equal(self->m, 101);
    return NST_STOP_DONE;
}

static void circle_is_refused(void **state) {
    (void)state;
    for (int i = 0; i < 50; i++) {
        assert_int_equal(run_with_mvars(1, arranges_crossing), NST_CAUSE_MAIN_RETURNED);
        assert_int_equal(run_with_mvars(4, arranges_crossing), NST_CAUSE_MAIN_RETURNED);
    }
}

// ---- Kill releases -----------------------------------------------------------------------------

static NstStop holds_for_ever(NstProcess *process, FakeProcess *self) {
    if (self->pc == 0 && nst_mvar_lock(process, both, 2) == NST_WAIT_BLOCK) return NST_STOP_BLOCKED;
    if (self->pc++ == 0) fake_send(process, self->peer, (int64_t)process->pid);
    return self->n ? NST_STOP_YIELD : (nst_process_sleep(process, 1000000), NST_STOP_BLOCKED);
}

// Kills whoever holds the locks, again and again; at last takes them itself.
static NstStop kills_holders(NstProcess *process, FakeProcess *self) {
    if (self->pc == 0) {
        initialise(process);
        for (int i = 0; i < 40; i++) fake_spawn(process, holds_for_ever, i % 2, process->pid);
        nst_receive_begin(process, false, 0);
        self->pc = 1;
    }
    int64_t pid;
    for (; self->m < 40; self->m++) {
        if (!fake_take(process, &pid)) return NST_STOP_BLOCKED;
        nst_receive_begin(process, false, 0);
        NstProcess *victim = nst_process_table_find(process->vm->processes, (NstPid)pid);
        NstExitReason killed = { .kind = NST_EXIT_KILLED };
        if (nst_process_signal(victim, &killed, false, NULL, 0) == NST_SIGNAL_CLAIMED) {
            nst_process_end_signalled(process->worker, victim);
        }
    }
    if (nst_mvar_lock(process, both, 2) == NST_WAIT_BLOCK) return NST_STOP_BLOCKED;
    nst_mvar_unlock(process, both, 2);
    return NST_STOP_DONE;
}

static void kill_releases(void **state) {
    (void)state;
    for (int i = 0; i < 20; i++) {
        assert_int_equal(run_with_mvars(1, kills_holders), NST_CAUSE_MAIN_RETURNED);
        assert_int_equal(run_with_mvars(4, kills_holders), NST_CAUSE_MAIN_RETURNED);
    }
}

static NstStop reads_uninitialised(NstProcess *process, FakeProcess *self) {
    (void)self;
    NstValue value;
    assert_int_equal(nst_mvar_write(process, 0, nst_int(1)), NST_WAIT_OK);
    assert_int_equal(nst_mvar_read(process, 0, &value), NST_WAIT_RAISE);
    return NST_STOP_DONE;
}

static void uninitialised_raises(void **state) {
    (void)state;
    assert_int_equal(run_with_mvars(1, reads_uninitialised), NST_CAUSE_MAIN_RETURNED);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_update_is_lost),
        cmocka_unit_test(circle_is_refused),
        cmocka_unit_test(kill_releases),
        cmocka_unit_test(uninitialised_raises),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
