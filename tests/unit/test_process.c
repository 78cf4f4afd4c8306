// The life of processes under real threads: many spawns, kills of running and waiting victims, links, the end of main.
#include "fake_vm.h"
#include "runtime/gate.h"
#include "runtime/links.h"

// ---- Spawn and end --------------------------------------------------------------------------

static NstStop reports(NstProcess *process, FakeProcess *self) {
    fake_send(process, self->peer, self->n);
    return NST_STOP_DONE;
}

static NstStop spawns_many(NstProcess *process, FakeProcess *self) {
    for (int i = 0; i < 500 && self->pc < self->n; i++) fake_spawn(process, reports, self->pc++, process->pid);
    if (self->pc < self->n) return NST_STOP_YIELD;
    int64_t n;
    for (; self->m < self->n; self->m++) {
        nst_receive_begin(process, false, 0);
        if (!fake_take(process, &n)) return NST_STOP_BLOCKED;
    }
    uint64_t spawned, ended;
    nst_process_table_counts(process->vm->processes, &spawned, &ended);
    assert_int_equal(spawned, self->n + 1);
    return NST_STOP_DONE;
}

static void spawn_and_end(void **state) {
    (void)state;
    assert_int_equal(fake_run(1, spawns_many, 20000), NST_CAUSE_MAIN_RETURNED);
    assert_int_equal(fake_run(4, spawns_many, 20000), NST_CAUSE_MAIN_RETURNED);
}

// ---- Kill -----------------------------------------------------------------------------------

static NstStop spins(NstProcess *process, FakeProcess *self) {
    if (self->pc++ == 0 && self->peer) fake_send(process, self->peer, (int64_t)process->pid);
    return NST_STOP_YIELD;
}

static NstStop sleeps(NstProcess *process, FakeProcess *self) {
    if (self->pc++ == 0) fake_send(process, self->peer, (int64_t)process->pid);
    return nst_process_sleep(process, 100000000) == NST_WAIT_BLOCK ? NST_STOP_BLOCKED : NST_STOP_DONE;
}

// One step of Process.kill: true when the victim has ended.
static bool kill_step(NstProcess *process, NstPid pid) {
    struct NstProcessShared *shared = process->shared;
    if (!shared->ticket) {
        NstProcess *victim = nst_process_table_find(process->vm->processes, pid);
        if (!victim) return true;
        NstExitReason killed = { .kind = NST_EXIT_KILLED };
        shared->ticket = nst_ticket_new(process);
        if (nst_process_signal(victim, &killed, false, &shared->ticket, 1) == NST_SIGNAL_CLAIMED) {
            nst_process_end_signalled(process->worker, victim);
        }
    }
    shared->parking = NST_STATE_VICTIM;
    if (atomic_load(&shared->ticket->pending) > 0) return false;
    nst_ticket_release(shared->ticket);
    shared->ticket = NULL;
    return true;
}

static NstStop kills_many(NstProcess *process, FakeProcess *self) {
    if (self->pc == 0) {
        for (int64_t i = 0; i < self->n; i++) fake_spawn(process, i % 2 ? spins : sleeps, 0, process->pid);
        self->pc = 1;
    }
    int64_t pid;
    for (; self->m < self->n; self->m++) {
        if (!self->peer) {
            nst_receive_begin(process, false, 0);
            if (!fake_take(process, &pid)) return NST_STOP_BLOCKED;
            self->peer = (NstPid)pid;
        }
        if (!kill_step(process, self->peer)) return NST_STOP_BLOCKED;
        assert_null(nst_process_table_find(process->vm->processes, self->peer));
        self->peer = 0;
    }
    return NST_STOP_DONE;
}

static void kill_is_synchronous(void **state) {
    (void)state;
    assert_int_equal(fake_run(1, kills_many, 200), NST_CAUSE_MAIN_RETURNED);
    assert_int_equal(fake_run(4, kills_many, 400), NST_CAUSE_MAIN_RETURNED);
}

// ---- Links: a chain falls as a whole, also across threads ---------------------------------------

static NstStop chain(NstProcess *process, FakeProcess *self) {
    if (self->pc++ == 0) {
        if (self->n > 0) {
            NstPid pid;
            uint64_t ref;
            nst_process_spawn(process, fake_function(fake_new(chain, self->n - 1, self->peer)), NST_SPAWN_LINKED, &pid,
                              &ref);
        } else {
            fake_send(process, self->peer, (int64_t)process->pid);
        }
    }
    if (self->n % 3 == 0) return NST_STOP_YIELD;
    return nst_process_sleep(process, 100000000) == NST_WAIT_BLOCK ? NST_STOP_BLOCKED : NST_STOP_DONE;
}

static NstStop fells_chain(NstProcess *process, FakeProcess *self) {
    int64_t last;
    switch (self->pc) {
    case 0:
        fake_spawn(process, chain, 300, process->pid);
        nst_receive_begin(process, false, 0);
        self->pc = 1; // fall through
    case 1:
        if (!fake_take(process, &last)) return NST_STOP_BLOCKED;
        self->peer = (NstPid)last;
        self->pc = 2; // fall through
    default:
        if (!kill_step(process, self->peer)) return NST_STOP_BLOCKED;
        uint64_t spawned, ended;
        nst_process_table_counts(process->vm->processes, &spawned, &ended);
        assert_int_equal(spawned - ended, 1);
        return NST_STOP_DONE;
    }
}

static void linked_chain_falls(void **state) {
    (void)state;
    for (int i = 0; i < 10; i++) {
        assert_int_equal(fake_run(1, fells_chain, 0), NST_CAUSE_MAIN_RETURNED);
        assert_int_equal(fake_run(4, fells_chain, 0), NST_CAUSE_MAIN_RETURNED);
    }
}

// ---- The end of main -----------------------------------------------------------------------------

static _Atomic int turns;

static NstStop takes_its_turn(NstProcess *process, FakeProcess *self) {
    if (self->pc++ == 0) atomic_fetch_add(&turns, 1);
    return nst_process_sleep(process, 100000000) == NST_WAIT_BLOCK ? NST_STOP_BLOCKED : NST_STOP_DONE;
}

static NstStop leaves_at_once(NstProcess *process, FakeProcess *self) {
    for (int64_t i = 0; i < self->n; i++) fake_spawn(process, takes_its_turn, 0, 0);
    fake_spawn(process, spins, 0, 0);
    return NST_STOP_DONE;
}

static void first_turns_are_completed(void **state) {
    (void)state;
    for (uint32_t threads = 1; threads <= 4; threads++) {
        atomic_store(&turns, 0);
        assert_int_equal(fake_run(threads, leaves_at_once, 1000), NST_CAUSE_MAIN_RETURNED);
        assert_int_equal(atomic_load(&turns), 1000);
    }
}

static NstStop kills_main(NstProcess *process, FakeProcess *self) {
    return kill_step(process, self->peer) ? NST_STOP_DONE : NST_STOP_BLOCKED;
}

static NstStop is_killed(NstProcess *process, FakeProcess *self) {
    if (self->pc++ == 0) fake_spawn(process, kills_main, 0, process->pid);
    return self->n ? NST_STOP_YIELD : (nst_process_sleep(process, 100000000), NST_STOP_BLOCKED);
}

static void killed_main_ends_the_run(void **state) {
    (void)state;
    for (int64_t running = 0; running < 2; running++) {
        assert_int_equal(fake_run(1, is_killed, running), NST_CAUSE_MAIN_KILLED);
        assert_int_equal(fake_run(4, is_killed, running), NST_CAUSE_MAIN_KILLED);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(spawn_and_end),
        cmocka_unit_test(kill_is_synchronous),
        cmocka_unit_test(linked_chain_falls),
        cmocka_unit_test(first_turns_are_completed),
        cmocka_unit_test(killed_main_ends_the_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
