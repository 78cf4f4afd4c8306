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
    struct NstHandles *servers;  // Server.bind
    struct NstHandles *requests; // requests without an answer yet
    struct NstHandles *websockets, *writers; // the writers of WebSocket.split count on their own
    struct NstJsonType *json;    // json_value.c; made on first use
} NstLibState;

NstLibState *nst_lib_state(NstVm *vm);

// A process was killed or has ended by an exception: closes its listening servers (concurrency.md 2.3).
void nst_lib_process_failed(NstVm *vm, NstPid pid);

#endif
