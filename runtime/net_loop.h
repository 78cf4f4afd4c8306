// The network thread: waits for sockets to become ready and calls what was registered for them.
//
// One thread for the whole tool with a libuv loop, started at the first use. Callbacks run on it, one at a time; they must not block. A
// socket that is closed by the program is shut down first, which makes it ready, so that whoever waits for it notices.
#ifndef NST_NET_LOOP_H
#define NST_NET_LOOP_H

#include "runtime/os_job.h"
#include "runtime/process.h"

// Waits until the descriptor has one of the poll(2) events (or an error); then `ready` is called. Its result is the events to
// wait for next; 0 ends the watch. `cancel` is called instead, and ends it, when the VM that it is for is forgotten.
typedef struct NstNetWatch {
    NstVm *vm; // or null
    int fd;
    short events;
    short (*ready)(void *data);
    void (*cancel)(void *data);
    void *data;
} NstNetWatch;
void nst_net_watch(const NstNetWatch *watch); // any thread
// Cancels the VM's watches, and returns when no callback of its runs any more. Not from a callback.
void nst_net_forget(NstVm *vm);

// A job that waits for a descriptor: `step` is tried when it is ready, until it returns true (the job is finished).
// The process is woken as by the blocking pool; `drop` is called instead if it has ended (usually nst_os_job_free).
typedef bool (*NstNetStep)(NstOsJob *job);
NstPrimStatus nst_net_start(NstProcess *process, NstOsJob *job, int fd, short events, NstNetStep step,
                            void (*drop)(void *job));

// Ends a connection whose last bytes are sent: reads and drops what the other side still sends, then closes. Closing at once
// would reset the connection and could destroy what has not arrived yet.
void nst_net_linger(int fd);

int nst_net_nonblocking(int fd); // 0 or an errno; also close-on-exec

#endif
