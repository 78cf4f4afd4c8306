// --trace: one line on standard error per spawn, send, receive and exit (cli.md 6.2). `call` lines come from profile.c.
//
// Callers test nst_event_traced first, so a run without --trace pays one load.
#ifndef NST_EVENT_TRACE_H
#define NST_EVENT_TRACE_H

#include "runtime/exit_reason.h"
#include "runtime/vm_state.h"

static inline bool nst_event_traced(const NstVm *vm, uint32_t what) {
    return __builtin_expect(vm->options.trace & what, 0);
}

void nst_event_spawn(NstProcess *process, NstPid child);
void nst_event_send(NstProcess *process, NstPid to, NstValue message);
void nst_event_receive(NstProcess *process, NstValue message);
void nst_event_exit(NstProcess *process, const NstExitReason *reason);

void nst_event_call(NstProcess *process, const char *function, const NstValue *args, size_t count);

#endif
