// The state of the library in one run: random generator, environment, handles. Made on first use, hangs on the VM.
//
// Threads: any worker; each part has its own lock.
#ifndef NST_LIB_STATE_H
#define NST_LIB_STATE_H

#include "runtime/prim.h"
#include "runtime/vm_state.h"

struct NstHandles;

typedef struct NstLibState {
    struct NstRandom *random;
    struct NstEnvironment *environment;
    struct NstHandles *files;    // File.open
    struct NstHandles *commands; // Exec.start
    struct NstHandles *sockets;  // Tcp
    struct NstJsonType *json;    // json_value.c; made on first use
} NstLibState;

NstLibState *nst_lib_state(NstVm *vm);

#endif
