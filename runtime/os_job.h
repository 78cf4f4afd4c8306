// One operation of the outside world for the blocking pool (blocking.h): what it needs, copied out of the heap, and what
// came of it. A primitive makes the job, a pool thread runs it, and the primitive, executed again, reads the result.
//
//     NST_PRIMITIVE(file_size) {
//         NstOsJob *job;
//         NstPrimStatus status = nst_os_job_result(process, &job);
//         if (job) { …make the value…; nst_os_job_free(job); return …; }
//         if (status != NST_PRIM_OK) return status;
//         …make the job; return nst_os_job_start(process, job);
//     }
#ifndef NST_OS_JOB_H
#define NST_OS_JOB_H

#include "runtime/handles.h"
#include "runtime/prim.h"
#include "runtime/text_buffer.h"

typedef struct NstOsJob {
    void (*run)(struct NstOsJob *job); // on a pool thread
    char *path, *path2;                // owned copies, NUL-terminated
    NstTextBuffer input;               // text to be written
    int64_t number, number2;           // arguments
    char **words, **environment;       // commands: owned blocks
    NstHandles *handles;
    NstHandle *handle;                 // held
    void *subject;                     // by operation; not freed with the job
    // Results
    const char *kind;                  // of a failure: "io_error", …
    int error;                         // errno, or 0
    char *message;                     // of a failure, instead of the errno's text; owned
    NstTextBuffer output, output2;
    int64_t result;
} NstOsJob;

NstOsJob *nst_os_job_new(void (*run)(NstOsJob *job), const char *kind);
void nst_os_job_free(void *job);

// *job is the finished job, or null: then OK says that none has been started yet, BLOCK that one is under way.
NstPrimStatus nst_os_job_result(NstProcess *process, NstOsJob **job);
NstPrimStatus nst_os_job_start(NstProcess *process, NstOsJob *job);
// The same for a job whose result needs more than nst_os_job_free when the process has ended meanwhile.
NstPrimStatus nst_os_job_start_dropping(NstProcess *process, NstOsJob *job, void (*drop)(void *job));

bool nst_os_job_failed(const NstOsJob *job);
// Raises the job's failure as (kind, message) and frees the job.
NstPrimStatus nst_os_job_raise(NstProcess *process, NstOsJob *job);

// Copies a path into the job; false if it has a NUL (then the job fails with EINVAL when it is raised).
bool nst_os_job_path(char **to, NstValue path);
// Sets job->message.
void nst_os_job_message(NstOsJob *job, const char *format, ...) __attribute__((format(printf, 2, 3)));

// "Is a directory (os error 21)"
void nst_os_error_text(NstTextBuffer *out, int error);

#endif
