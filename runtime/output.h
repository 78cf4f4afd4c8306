// Standard output and standard error of a run.
//
// One call of nst_output_write writes its text without interleaving with other calls. Standard output is buffered: it is
// flushed when the buffer is full, when nobody can run for the moment, at each newline if it is a terminal, before
// standard input is waited for (the primitives that do so call nst_output_try_flush) and at the end. Standard error is not.
//
// No worker waits for a slow reader: then a thread of its own writes, and processes that print much wait for it in the
// state "io", like for any other operation of the outside world.
//
// If standard output has been closed by its reader the run stops silently with status 141. Any thread may call.
#ifndef NST_OUTPUT_H
#define NST_OUTPUT_H

#include "runtime/prim.h"
#include "runtime/process.h"

typedef struct NstOutput NstOutput;

// `capture`: keep both streams in memory instead (nostos test).
NstOutput *nst_output_new(NstVm *vm, bool capture);
void nst_output_free(NstOutput *output);

// For primitives; fd 1 or 2. OK: done. BLOCK: the text has been taken; executed again, the primitive is done if
// nst_output_resumed.
NstPrimStatus nst_output_put(NstProcess *process, int fd, const char *text, size_t size);
NstPrimStatus nst_output_flush_for(NstProcess *process, int fd);
bool nst_output_resumed(NstProcess *process);

// For the runtime itself: never waits.
void nst_output_write(NstVm *vm, int fd, const char *text, size_t size);
// Waits until everything is written.
void nst_output_flush(NstVm *vm, int fd);
// Standard output: writes what can be written now and leaves the rest to a thread.
void nst_output_try_flush(NstVm *vm);

// The run has ended: from now on only the calling thread's writes count (processes inside a long operation may still
// want to print).
void nst_output_seize(NstVm *vm);
// The reader of standard output has gone.
bool nst_output_broken(NstVm *vm);

// Captured text so far (fd 1 or 2), malloc'ed and NUL-terminated; leaves the capture empty.
char *nst_output_captured(NstVm *vm, int fd, size_t *size);

#endif
