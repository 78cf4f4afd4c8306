// Primitives behind self, sleep, Process.*, vmStats and Runtime.*.
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "runtime/gate.h"
#include "runtime/links.h"
#include "runtime/list.h"
#include "runtime/mailbox.h"
#include "runtime/process_state.h"
#include "runtime/process_table.h"
#include "runtime/registry.h"
#include "runtime/worker.h"

static NstValue pid_value(NstPid pid) {
    return (NstValue){ .w.u = pid, .tag = NST_TAG_PID };
}

static NstValue tuple(NstProcess *process, const NstValue *parts, size_t count) {
    NstObject *object = nst_heap_slots(process, NST_KIND_TUPLE, count);
    for (size_t i = 0; i < count; i++) nst_slot_init(object, i, parts[i]);
    return nst_object(object);
}

static NstProcess *find(NstProcess *process, NstValue pid) {
    return nst_process_table_find(process->vm->processes, pid.w.u);
}

static NstPrimStatus status_of(NstProcess *process, NstWait wait) {
    switch (wait) {
    case NST_WAIT_BLOCK:
        process->retry = true;
        return NST_PRIM_BLOCK;
    case NST_WAIT_RAISE: return NST_PRIM_RAISE;
    default: return NST_PRIM_OK;
    }
}

// ---- The process itself -----------------------------------------------------------------

NST_PRIMITIVE(process_self) {
    args[0] = pid_value(process->pid);
    return NST_PRIM_OK;
}

NST_PRIMITIVE(process_sleep) {
    NST_EXPECT_TAG(args[0], NST_TAG_INT, "Int");
    NstPrimStatus status = status_of(process, nst_process_sleep(process, args[0].w.i));
    if (status == NST_PRIM_OK) args[0] = NST_UNIT;
    return status;
}

NST_PRIMITIVE(process_trap_exit) {
    NST_EXPECT_TAG(args[0], NST_TAG_BOOL, "Bool");
    atomic_store(&process->shared->traps, args[0].w.u != 0); // seq_cst: links made earlier meet the new value
    args[0] = NST_UNIT;
    return NST_PRIM_OK;
}

NST_PRIMITIVE(process_exit) {
    NstExitReason reason;
    if (!nst_exit_from_value(process->vm, args[0], &reason)) return nst_raise_type(process, "ExitReason", args[0]);
    nst_exit_free(&reason);
    process->result = args[0];
    process->exiting = true;
    return NST_PRIM_RAISE;
}

// ---- Other processes --------------------------------------------------------------------

typedef struct PidList {
    NstProcess *process;
    NstObject *builder;
} PidList;

static void add_pid(void *context, NstProcess *process) {
    PidList *list = context;
    nst_list_builder_add(list->process, list->builder, pid_value(process->pid));
}

NST_PRIMITIVE(process_all) {
    uint64_t spawned, ended;
    nst_process_table_counts(process->vm->processes, &spawned, &ended);
    PidList list = { process, nst_list_builder(process, (size_t)(spawned - ended)) };
    nst_process_table_each(process->vm->processes, add_pid, &list);
    args[0] = nst_list_builder_finish(process, list.builder);
    nst_prim_charge(process, spawned - ended);
    return NST_PRIM_OK;
}

NST_PRIMITIVE(process_alive) {
    NST_EXPECT_TAG(args[0], NST_TAG_PID, "Pid");
    args[0] = nst_bool(find(process, args[0]) != NULL);
    return NST_PRIM_OK;
}

static int64_t uptime_ms(NstProcess *process, const NstProcess *of) {
    return (nst_gate_now(process->vm) - of->shared->spawned_at) / 1000000;
}

NST_PRIMITIVE(process_time) {
    NST_EXPECT_TAG(args[0], NST_TAG_PID, "Pid");
    NstProcess *other = find(process, args[0]);
    args[0] = nst_int(other ? uptime_ms(process, other) : -1);
    return NST_PRIM_OK;
}

NST_PRIMITIVE(process_info) {
    NST_EXPECT_TAG(args[0], NST_TAG_PID, "Pid");
    NstProcess *other = find(process, args[0]);
    const char *status = other ? nst_process_status(other, process) : "exited";
    bool live = other && status[0] != 'e';
    NstValue parts[3] = {
        nst_string_z(process, status),
        // relaxed: a snapshot.
        nst_int(live ? (int64_t)atomic_load_explicit(&other->shared->mailbox_count, memory_order_relaxed) : 0),
        nst_int(live ? uptime_ms(process, other) : 0),
    };
    args[0] = tuple(process, parts, 3);
    return NST_PRIM_OK;
}

// The killer waits while victims are still running on other workers; then it is executed again and finds its ticket.
static NstPrimStatus wait_for_victims(NstProcess *process, NstValue *args) {
    NstTicket *ticket = process->shared->ticket;
    if (atomic_load_explicit(&ticket->pending, memory_order_acquire) > 0) { // pairs with settle_tickets
        process->shared->parking = NST_STATE_VICTIM;
        process->retry = true;
        return NST_PRIM_BLOCK;
    }
    process->shared->ticket = NULL;
    nst_ticket_release(ticket);
    args[0] = nst_bool(true);
    return NST_PRIM_OK;
}

NST_PRIMITIVE(process_kill) {
    NST_EXPECT_TAG(args[0], NST_TAG_PID, "Pid");
    if (process->shared->ticket) return wait_for_victims(process, args);
    NstProcess *victim = find(process, args[0]);
    if (!victim || victim == process) {
        args[0] = nst_bool(false);
        return NST_PRIM_OK;
    }
    NstTicket *ticket = nst_ticket_new(process);
    NstExitReason killed = { .kind = NST_EXIT_KILLED };
    switch (nst_process_signal(victim, &killed, false, &ticket, 1)) {
    case NST_SIGNAL_TOO_LATE:
        nst_ticket_release(ticket);
        args[0] = nst_bool(false);
        return NST_PRIM_OK;
    case NST_SIGNAL_CLAIMED:
        nst_process_end_signalled(process->worker, victim);
        break;
    case NST_SIGNAL_SENT:
        break;
    }
    process->shared->ticket = ticket;
    return wait_for_victims(process, args);
}

NST_PRIMITIVE(process_link) {
    NST_EXPECT_TAG(args[0], NST_TAG_PID, "Pid");
    NstPid pid = args[0].w.u;
    args[0] = NST_UNIT;
    if (nst_links_link(process, pid)) return NST_PRIM_OK;
    NstExitReason reason = nst_links_ended_reason();
    if (atomic_load(&process->shared->traps)) {
        nst_mailbox_notify(process->worker, process, 0, pid, reason);
        return NST_PRIM_OK;
    }
    nst_process_signal(process, &reason, true, NULL, 0); // taken as soon as the VM returns
    nst_exit_free(&reason);
    process->shared->parking = NST_STATE_YIELD;
    process->retry = false;
    return NST_PRIM_BLOCK;
}

NST_PRIMITIVE(process_unlink) {
    NST_EXPECT_TAG(args[0], NST_TAG_PID, "Pid");
    nst_links_unlink(process, args[0].w.u);
    args[0] = NST_UNIT;
    return NST_PRIM_OK;
}

NST_PRIMITIVE(process_monitor) {
    NST_EXPECT_TAG(args[0], NST_TAG_PID, "Pid");
    args[0] = (NstValue){ .w.u = nst_links_monitor(process, args[0].w.u), .tag = NST_TAG_REF };
    return NST_PRIM_OK;
}

NST_PRIMITIVE(process_demonitor) {
    NST_EXPECT_TAG(args[0], NST_TAG_REF, "Ref");
    nst_links_demonitor(process, args[0].w.u);
    args[0] = NST_UNIT;
    return NST_PRIM_OK;
}

// ---- Names ------------------------------------------------------------------------------

NST_PRIMITIVE(process_register) {
    NST_EXPECT_KIND(args[0], NST_KIND_STRING, "String");
    NST_EXPECT_TAG(args[1], NST_TAG_PID, "Pid");
    const NstString *name = (const NstString *)args[0].w.o;
    args[0] = nst_bool(nst_registry_add(process->vm, name->bytes, name->head.count, args[1].w.u));
    return NST_PRIM_OK;
}

NST_PRIMITIVE(process_unregister) {
    NST_EXPECT_KIND(args[0], NST_KIND_STRING, "String");
    const NstString *name = (const NstString *)args[0].w.o;
    args[0] = nst_bool(nst_registry_remove(process->vm->registry, name->bytes, name->head.count));
    return NST_PRIM_OK;
}

NST_PRIMITIVE(process_whereis) {
    NST_EXPECT_KIND(args[0], NST_KIND_STRING, "String");
    const NstString *name = (const NstString *)args[0].w.o;
    NstPid pid = nst_registry_find(process->vm->registry, name->bytes, name->head.count);
    NstValue found = pid_value(pid);
    args[0] = nst_list_from(process, &found, pid ? 1 : 0);
    return NST_PRIM_OK;
}

NST_PRIMITIVE(process_registered) {
    args[0] = nst_registry_names(process);
    return NST_PRIM_OK;
}

// ---- The program ------------------------------------------------------------------------

NST_PRIMITIVE(vm_stats) {
    uint64_t spawned, ended;
    nst_process_table_counts(process->vm->processes, &spawned, &ended);
    NstValue parts[3] = { nst_int((int64_t)spawned), nst_int((int64_t)ended), nst_int((int64_t)(spawned - ended)) };
    args[0] = tuple(process, parts, 3);
    return NST_PRIM_OK;
}

NST_PRIMITIVE(runtime_thread_count) {
    args[0] = nst_int(process->vm->options.threads);
    return NST_PRIM_OK;
}

NST_PRIMITIVE(runtime_num_threads) {
    long threads = 1;
    FILE *status = fopen("/proc/self/stat", "re");
    if (status) {
        // pid (comm) state and 16 numbers; then num_threads.
        if (fscanf(status, "%*d %*[^)]) %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %ld",
                   &threads) != 1 || threads < 1) {
            threads = 1;
        }
        fclose(status);
    }
    args[0] = nst_int(threads);
    return NST_PRIM_OK;
}

NST_PRIMITIVE(runtime_uptime_ms) {
    args[0] = nst_int(nst_gate_now(process->vm) / 1000000);
    return NST_PRIM_OK;
}

NST_PRIMITIVE(runtime_memory_kb) {
    long pages = 0;
    FILE *statm = fopen("/proc/self/statm", "re");
    if (statm) {
        if (fscanf(statm, "%*d %ld", &pages) != 1) pages = 0;
        fclose(statm);
    }
    args[0] = nst_int((int64_t)pages * (sysconf(_SC_PAGESIZE) / 1024));
    return NST_PRIM_OK;
}

NST_PRIMITIVE(runtime_os_pid) {
    args[0] = nst_int(getpid());
    return NST_PRIM_OK;
}

NST_PRIMITIVE(runtime_load_avg) {
    double loads[3] = { 0, 0, 0 };
    if (getloadavg(loads, 3) != 3) loads[0] = loads[1] = loads[2] = 0;
    NstValue parts[3] = { nst_float(loads[0]), nst_float(loads[1]), nst_float(loads[2]) };
    args[0] = tuple(process, parts, 3);
    return NST_PRIM_OK;
}

NST_PRIMITIVE(runtime_is_interactive) {
    args[0] = nst_bool(process->vm->options.interactive);
    return NST_PRIM_OK;
}
