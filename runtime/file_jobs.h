// The file operations of stdlib-system.md 2 and 3 as pool work. They touch only the job.
#ifndef NST_FILE_JOBS_H
#define NST_FILE_JOBS_H

#include "runtime/os_job.h"

// By path. Results: output (read, list: names each ended by NUL), result (size, exists as 0/1).
void nst_file_read_all(NstOsJob *job);
void nst_file_write_all(NstOsJob *job);
void nst_file_append(NstOsJob *job);
void nst_file_exists(NstOsJob *job);
void nst_file_remove(NstOsJob *job);
void nst_file_rename(NstOsJob *job);
void nst_file_copy(NstOsJob *job);
void nst_file_size(NstOsJob *job);
void nst_dir_create(NstOsJob *job);
void nst_dir_create_all(NstOsJob *job);
void nst_dir_list(NstOsJob *job);
void nst_dir_exists(NstOsJob *job);
void nst_dir_remove(NstOsJob *job);
void nst_dir_remove_all(NstOsJob *job);

// Opens job->path with the open(2) flags in job->number; result: the handle number in job->handles.
void nst_file_open(NstOsJob *job);
// On job->handle.
void nst_file_write(NstOsJob *job);     // input; result: bytes
void nst_file_read(NstOsJob *job);      // number: at most so many bytes; output: whole characters
void nst_file_read_line(NstOsJob *job); // output
// The same without waiting, on any thread: false, and nothing is done, unless the line has been read ahead already.
bool nst_file_line_at_hand(NstOsJob *job);
void nst_file_seek(NstOsJob *job);      // number: offset, number2: SEEK_SET, SEEK_CUR, SEEK_END

// Reading from it may wait for somebody (no regular file).
bool nst_file_waits(const NstHandle *handle);

#endif
