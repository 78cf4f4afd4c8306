// Starting programs and talking to them (stdlib-system.md 5), as pool work (os_job.h).
//
// job->words: the program and its arguments, ended by null; job->environment: of the new program; job->path: the program
// as written. A started command is a handle with one lock for each of its streams, because one process may wait for its
// output while another writes its input.
#ifndef NST_COMMAND_H
#define NST_COMMAND_H

#include "runtime/os_job.h"

void nst_command_run(NstOsJob *job);   // output, output2 (standard error), result: exit code, -1 for a signal
void nst_command_start(NstOsJob *job); // result: handle number

// On job->handle.
void nst_command_read_line(NstOsJob *job); // number: 1 output, 2 error stream; output: the line
void nst_command_write(NstOsJob *job);     // input
void nst_command_wait(NstOsJob *job);      // result: exit code
void nst_command_kill(NstOsJob *job);

#endif
