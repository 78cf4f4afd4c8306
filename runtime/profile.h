// Observing calls: --profile and --trace=call (cli.md 6).
//
// When a run asks for either, the code generator puts ENTER at the beginning of every function and LEAVE before every return
// and tail call; without them nothing is paid. A process keeps a stack of the activations it has entered. Activations
// that an exception has ended are recognised by their depth at the next event.
#ifndef NST_PROFILE_H
#define NST_PROFILE_H

#include "runtime/process.h"

// Reads the options of the run that begins; before any code of it is compiled.
void nst_profile_begin(const NstVm *vm);
// Whether code is to have ENTER and LEAVE.
bool nst_profile_observes(void);

void nst_profile_enter(NstProcess *process, const NstCode *code, const NstValue *args);
void nst_profile_leave(NstProcess *process);
void nst_profile_free(NstProcess *process);

// The table of --profile on standard error; nothing without the option.
void nst_profile_write(NstVm *vm);

#endif
