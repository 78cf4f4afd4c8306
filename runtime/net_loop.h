// The network thread: waits for sockets to become ready and calls what was registered for them.
//
// One thread for the whole tool with a libuv loop, started at the first use. Callbacks run on it, one at a time; they must not block. A
// socket that is closed by the program is shut down first, which makes it ready, so that whoever waits for it notices.
#ifndef NST_NET_LOOP_H
#define NST_NET_LOOP_H

#include "runtime/os_job.h"

// Calls ready(data) when the descriptor has one of the poll(2) events (or an error). The result is the events to wait for
// next; 0 ends the watch. Any thread may call.
typedef short (*NstNetReady)(void *data);
void nst_net_watch(int fd, short events, NstNetReady ready, void *data);

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
