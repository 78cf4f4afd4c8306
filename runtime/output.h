// Standard output and standard error of a run.
//
// One call of nst_output_write writes its text without interleaving with other calls. Standard output is buffered: it is
// flushed when the buffer is full, when nobody can run for the moment, at each newline if it is a terminal, before
// standard input is waited for (the primitives that do so call nst_output_flush) and at the end. Standard error is not.
//
// If standard output has been closed by its reader the run stops silently with status 141. Any thread may call.
#ifndef NST_OUTPUT_H
#define NST_OUTPUT_H

#include "runtime/process.h"

typedef struct NstOutput NstOutput;

// `capture`: keep both streams in memory instead (nostos test).
NstOutput *nst_output_new(bool capture);
void nst_output_free(NstOutput *output);

// fd 1 or 2.
void nst_output_write(NstVm *vm, int fd, const char *text, size_t size);
void nst_output_flush(NstVm *vm, int fd);
// Like flush, but gives up if another thread is writing.
void nst_output_try_flush(NstVm *vm);

// The run has ended: from now on only the calling thread's writes count (processes inside a long operation may still
// want to print).
void nst_output_seize(NstVm *vm);
// The reader of standard output has gone.
bool nst_output_broken(NstVm *vm);

// Captured text so far (fd 1 or 2), malloc'ed and NUL-terminated; leaves the capture empty.
char *nst_output_captured(NstVm *vm, int fd, size_t *size);

#endif
