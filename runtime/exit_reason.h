// Why a process ended (ExitReason of stdlib.process), outside every heap; and the messages made of it.
#ifndef NST_EXIT_REASON_H
#define NST_EXIT_REASON_H

#include "runtime/process.h"

typedef enum NstExitKind { NST_EXIT_NORMAL, NST_EXIT_SHUTDOWN, NST_EXIT_KILLED, NST_EXIT_ERROR } NstExitKind;

typedef struct NstExitReason {
    NstExitKind kind;
    char *text; // ERROR: NUL-terminated, malloc'ed
} NstExitReason;

NstExitReason nst_exit_error(const char *text); // copies
NstExitReason nst_exit_copy(const NstExitReason *reason);
void nst_exit_free(NstExitReason *reason);

// Between the C form and the values of the library's types, in the process's heap.
NstValue nst_exit_to_value(NstProcess *process, const NstExitReason *reason);
bool nst_exit_from_value(NstVm *vm, NstValue value, NstExitReason *out); // false: not an ExitReason
NstValue nst_exit_down(NstProcess *process, uint64_t ref, NstPid pid, const NstExitReason *reason);   // Down(…)
NstValue nst_exit_message(NstProcess *process, NstPid pid, const NstExitReason *reason);              // Exit(…)

#endif
