// Where exceptions were raised, and the report of an uncaught one (errors.md 3, cli.md 4).
#ifndef NST_TRACE_H
#define NST_TRACE_H

#include "runtime/process.h"

// Records the live activations; `site` is the current activation's instruction. The trace gets a new id.
void nst_trace_record(NstProcess *process, uint32_t site);
void nst_trace_free(NstTrace *trace);

// Writes the report of process->exception with the recorded trace to standard error.
void nst_trace_report(NstProcess *process);

#endif
