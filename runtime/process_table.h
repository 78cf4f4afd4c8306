// Pid -> process: a radix tree over the running numbers. Look-ups are three loads without a lock; leaves whose
// processes have all ended are returned (through reclaim.h).
//
// Pids start at 1 and are never reused.
#ifndef NST_PROCESS_TABLE_H
#define NST_PROCESS_TABLE_H

#include "runtime/process.h"

typedef struct NstProcessTable NstProcessTable;

NstProcessTable *nst_process_table_new(void);
void nst_process_table_free(NstProcessTable *table);

// The next number.
NstPid nst_process_table_next(NstProcessTable *table);
// Makes the process findable by its number.
void nst_process_table_add(NstProcessTable *table, NstProcess *process);

// Null if the process has ended or never existed. The result may be used until the worker's next quiescent point.
NstProcess *nst_process_table_find(NstProcessTable *table, NstPid pid);

// Removes it, counts it as ended: the one moment of concurrency.md 2.3.
void nst_process_table_remove(NstProcessTable *table, NstWorker *worker, NstPid pid);

// Consistent numbers of processes spawned and ended so far.
void nst_process_table_counts(NstProcessTable *table, uint64_t *spawned, uint64_t *ended);

// Calls visit for every live process in ascending order, as of one moment.
void nst_process_table_each(NstProcessTable *table, void (*visit)(void *context, NstProcess *process), void *context);

#endif
