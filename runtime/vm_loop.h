// The dispatch loop: runs process->exec until it stops. See opcodes.def for what the instructions do.
#ifndef NST_VM_LOOP_H
#define NST_VM_LOOP_H

#include "runtime/process.h"

NstStop nst_vm_loop(NstProcess *process);

#endif
