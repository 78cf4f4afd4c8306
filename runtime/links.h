// Links and monitors. Each process has, from the first one on, three tables, guarded by its own lock:
//   links:    pid of the other -> 1          (symmetric: an entry in both processes)
//   watching: ref -> pid of the target       (monitors that it has made)
//   watchers: ref -> pid of the watcher      (monitors of it)
//
// A notification goes out only if its entry was still in the receiver's table, so after unlink and demonitor none comes.
// Two locks at once are taken in the order of pids.
#ifndef NST_LINKS_H
#define NST_LINKS_H

#include "runtime/exit_reason.h"
#include "runtime/id_map.h"
#include "runtime/process_state.h"

typedef struct NstBonds {
    NstIdMap links, watching, watchers;
} NstBonds;

// Before the child is published.
void nst_links_add_child(NstProcess *parent, NstProcess *child);
uint64_t nst_links_monitor_child(NstProcess *parent, NstProcess *child);

// By the running process itself. nst_links_link: false if `pid` has ended.
bool nst_links_link(NstProcess *process, NstPid pid);
void nst_links_unlink(NstProcess *process, NstPid pid);
uint64_t nst_links_monitor(NstProcess *process, NstPid pid);
void nst_links_demonitor(NstProcess *process, uint64_t ref);

// For the end of a process. True if the entry was there.
bool nst_links_forget(NstProcess *process, NstPid linked);
void nst_links_forget_watcher(NstProcess *process, uint64_t ref);
void nst_links_deliver_down(NstWorker *worker, NstProcess *watcher, uint64_t ref, NstPid from,
                            const NstExitReason *reason);
void nst_links_free(NstBonds *bonds);

// What linking to and monitoring an ended process reports.
NstExitReason nst_links_ended_reason(void);

#endif
