#define _GNU_SOURCE // nftw
#include "runtime/file_jobs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/unicode.h"

enum { CHUNK = 65536 };

// ---- Whole files -------------------------------------------------------------------------

static int open_file(const char *path, int flags) {
    int fd;
    do fd = open(path, flags | O_CLOEXEC, 0666);
    while (fd < 0 && errno == EINTR);
    return fd;
}

// Reads once; > 0 bytes, 0 at the end, < 0 negative errno.
static ssize_t read_some(int fd, NstTextBuffer *out, size_t most) {
    if (!nst_text_reserve(out, most)) return -ENOMEM;
    ssize_t count;
    do count = read(fd, out->data + out->size, most);
    while (count < 0 && errno == EINTR);
    if (count < 0) return -errno;
    out->size += (size_t)count;
    return count;
}

static int write_fully(int fd, const char *text, size_t size) {
    while (size > 0) {
        ssize_t count = write(fd, text, size);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return errno;
        text += count;
        size -= (size_t)count;
    }
    return 0;
}

void nst_file_read_all(NstOsJob *job) {
    int fd = open_file(job->path, O_RDONLY);
    if (fd < 0) {
        job->error = errno;
        return;
    }
    ssize_t count;
    while ((count = read_some(fd, &job->output, CHUNK)) > 0) continue;
    if (count < 0) job->error = (int)-count;
    close(fd);
}

static void write_to(NstOsJob *job, int flags) {
    int fd = open_file(job->path, O_WRONLY | O_CREAT | flags);
    if (fd < 0) {
        job->error = errno;
        return;
    }
    job->error = write_fully(fd, job->input.data, job->input.size);
    if (close(fd) != 0 && job->error == 0) job->error = errno;
}

void nst_file_write_all(NstOsJob *job) { write_to(job, O_TRUNC); }
void nst_file_append(NstOsJob *job) { write_to(job, O_APPEND); }

static void note(NstOsJob *job, int status) {
    if (status != 0) job->error = errno;
}

void nst_file_exists(NstOsJob *job) { job->result = access(job->path, F_OK) == 0; }
void nst_file_remove(NstOsJob *job) { note(job, unlink(job->path)); }
void nst_file_rename(NstOsJob *job) { note(job, rename(job->path, job->path2)); }

void nst_file_size(NstOsJob *job) {
    struct stat info;
    note(job, stat(job->path, &info));
    if (job->error == 0) job->result = info.st_size;
}

void nst_file_copy(NstOsJob *job) {
    int from = open_file(job->path, O_RDONLY), to = -1;
    struct stat source, target;
    if (from < 0 || fstat(from, &source) != 0) {
        job->error = errno;
        goto done;
    }
    if (S_ISDIR(source.st_mode)) {
        job->error = EISDIR;
        goto done;
    }
    bool same = stat(job->path2, &target) == 0 && target.st_dev == source.st_dev && target.st_ino == source.st_ino;
    if (same) goto done;
    to = open(job->path2, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, source.st_mode & 0777);
    if (to < 0) {
        job->error = errno;
        goto done;
    }
    for (;;) {
        job->output.size = 0;
        ssize_t count = read_some(from, &job->output, CHUNK);
        if (count < 0) job->error = (int)-count;
        if (count <= 0) break;
        job->error = write_fully(to, job->output.data, job->output.size);
        if (job->error != 0) break;
    }
done:
    if (to >= 0) close(to);
    if (from >= 0) close(from);
}

// ---- Directories -------------------------------------------------------------------------

void nst_dir_create(NstOsJob *job) { note(job, mkdir(job->path, 0777)); }
void nst_dir_remove(NstOsJob *job) { note(job, rmdir(job->path)); }

static bool is_directory(const char *path) {
    struct stat info;
    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

void nst_dir_exists(NstOsJob *job) { job->result = is_directory(job->path); }

// Makes every prefix of the path that is missing.
void nst_dir_create_all(NstOsJob *job) {
    char *path = job->path;
    for (char *end = path + 1; *path && job->error == 0; end++) {
        if (*end && *end != '/') continue;
        char rest = *end;
        *end = 0;
        if (mkdir(path, 0777) != 0 && !(errno == EEXIST && is_directory(path)) && !is_directory(path)) job->error = errno;
        *end = rest;
        if (!rest) break;
    }
}

void nst_dir_list(NstOsJob *job) {
    DIR *dir = opendir(job->path);
    if (!dir) {
        job->error = errno;
        return;
    }
    const struct dirent *entry;
    while (errno = 0, (entry = readdir(dir))) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
        nst_text_append(&job->output, entry->d_name, strlen(entry->d_name) + 1);
    }
    job->error = errno;
    closedir(dir);
}

static int remove_entry(const char *path, const struct stat *info, int type, struct FTW *place) {
    (void)info;
    (void)place;
    return (type == FTW_DP || type == FTW_DNR ? rmdir(path) : unlink(path)) == 0 ? 0 : errno;
}

void nst_dir_remove_all(NstOsJob *job) {
    struct stat info;
    if (lstat(job->path, &info) != 0) {
        job->error = errno;
        return;
    }
    if (!S_ISDIR(info.st_mode)) {
        job->error = ENOTDIR;
        return;
    }
    int status = nftw(job->path, remove_entry, 32, FTW_DEPTH | FTW_PHYS);
    job->error = status < 0 ? errno : status;
}

// ---- Handles -----------------------------------------------------------------------------

// An open file. Reading is buffered: `ahead` holds bytes [taken, size) that the descriptor's position is past.
typedef struct OpenFile {
    int fd;
    bool waits;
    NstTextBuffer ahead;
    size_t taken;
} OpenFile;

static void close_file(void *thing) {
    OpenFile *file = thing;
    close(file->fd);
    nst_text_free(&file->ahead);
    free(file);
}

bool nst_file_waits(const NstHandle *handle) { return ((const OpenFile *)handle->thing)->waits; }

void nst_file_open(NstOsJob *job) {
    int fd = open_file(job->path, (int)job->number);
    if (fd < 0) {
        job->error = errno;
        return;
    }
    struct stat info;
    OpenFile *file = calloc(1, sizeof *file);
    if (!file) abort();
    file->fd = fd;
    file->waits = fstat(fd, &info) != 0 || !S_ISREG(info.st_mode);
    job->result = nst_handles_add(job->handles, file, close_file);
}

static OpenFile *lock_file(NstOsJob *job) {
    pthread_mutex_lock(&job->handle->lock);
    return job->handle->thing;
}

static void unlock_file(NstOsJob *job) { pthread_mutex_unlock(&job->handle->lock); }

// Moves the descriptor back to the logical position and forgets what was read ahead.
static void forget_ahead(OpenFile *file) {
    if (file->ahead.size > file->taken) {
        off_t back = (off_t)(file->ahead.size - file->taken);
        if (lseek(file->fd, -back, SEEK_CUR) < 0) return; // a pipe: what was read stays read
    }
    file->ahead.size = file->taken = 0;
}

void nst_file_write(NstOsJob *job) {
    OpenFile *file = lock_file(job);
    forget_ahead(file);
    job->error = write_fully(file->fd, job->input.data, job->input.size);
    job->result = (int64_t)job->input.size;
    unlock_file(job);
}

// Fetches more bytes; false at the end or on failure.
static bool fetch(NstOsJob *job, OpenFile *file, size_t most) {
    if (file->taken > 0) {
        file->ahead.size -= file->taken;
        memmove(file->ahead.data, file->ahead.data + file->taken, file->ahead.size);
        file->taken = 0;
    }
    ssize_t count = read_some(file->fd, &file->ahead, most);
    if (count < 0) job->error = (int)-count;
    return count > 0;
}

static void take(NstOsJob *job, OpenFile *file, size_t count) {
    nst_text_append(&job->output, file->ahead.data + file->taken, count);
    file->taken += count;
}

static void bad_text(NstOsJob *job) { nst_os_job_message(job, "IO error: stream did not contain valid UTF-8"); }

void nst_file_read(NstOsJob *job) {
    OpenFile *file = lock_file(job);
    size_t most = job->number > 0 ? (size_t)job->number : 0;
    while (file->ahead.size - file->taken < most) {
        size_t missing = most - (file->ahead.size - file->taken);
        if (!fetch(job, file, missing < CHUNK && !file->waits ? CHUNK : missing > CHUNK ? CHUNK : missing)) break;
    }
    size_t have = file->ahead.size - file->taken;
    if (have > most) have = most;
    if (have > 0 && job->error == 0) {
        const char *text = file->ahead.data + file->taken;
        size_t valid = nst_utf8_valid(text, have);
        // A character cut in two by the limit waits for the next read; at the end of the file it is damage.
        bool cut = valid < have && have == most && nst_utf8_incomplete(text + valid, have - valid);
        if (valid < have && !cut) bad_text(job);
        else take(job, file, valid);
    }
    unlock_file(job);
}

static void take_line(NstOsJob *job, OpenFile *file, size_t size) {
    if (job->error != 0 || size == 0) return;
    if (nst_utf8_valid(file->ahead.data + file->taken, size) < size) bad_text(job);
    else take(job, file, size);
}

// The size of the line that has been read ahead, from `searched` bytes on; 0: its end has not.
static size_t line_ahead(const OpenFile *file, size_t searched) {
    size_t have = file->ahead.size - file->taken;
    if (have <= searched) return 0;
    const char *text = file->ahead.data + file->taken, *newline = memchr(text + searched, '\n', have - searched);
    return newline ? (size_t)(newline - text) + 1 : 0;
}

void nst_file_read_line(NstOsJob *job) {
    OpenFile *file = lock_file(job);
    size_t searched = 0, size;
    while ((size = line_ahead(file, searched)) == 0) {
        searched = file->ahead.size - file->taken;
        if (!fetch(job, file, 8192)) {
            size = searched;
            break;
        }
    }
    take_line(job, file, size);
    unlock_file(job);
}

bool nst_file_line_at_hand(NstOsJob *job) {
    if (pthread_mutex_trylock(&job->handle->lock) != 0) return false;
    OpenFile *file = job->handle->thing;
    size_t size = line_ahead(file, 0);
    take_line(job, file, size);
    unlock_file(job);
    return size > 0;
}

void nst_file_seek(NstOsJob *job) {
    OpenFile *file = lock_file(job);
    forget_ahead(file);
    if (lseek(file->fd, (off_t)job->number, (int)job->number2) < 0) job->error = errno;
    unlock_file(job);
}
