#include "fmt/files.h"

#include "fmt/ignore.h"
#include "frontend/arena.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

// ---- Paths ------------------------------------------------------------------------------

static char *join(const char *directory, const char *name) {
    size_t length = strlen(directory), name_length = strlen(name);
    bool slash = length && directory[length - 1] != '/';
    char *path = nst_malloc(length + slash + name_length + 1);
    memcpy(path, directory, length);
    if (slash) path[length] = '/';
    memcpy(path + length + slash, name, name_length + 1);
    return path;
}

char *nst_absolute_path(const char *path) {
    char current[PATH_MAX];
    if (*path != '/' && !getcwd(current, sizeof current)) return nst_strdup(path);
    char *full = *path == '/' ? nst_strdup(path) : join(current, path);
    size_t size = 0;
    for (const char *at = full; *at;) {
        while (*at == '/') at++;
        size_t length = strcspn(at, "/");
        if (length == 2 && at[0] == '.' && at[1] == '.') {
            while (size > 0 && full[--size] != '/') {}
        } else if (length && !(length == 1 && at[0] == '.')) {
            full[size++] = '/';
            memmove(full + size, at, length);
            size += length;
        }
        at += length;
    }
    if (!size) full[size++] = '/';
    full[size] = 0;
    return full;
}

// ---- Reading and replacing --------------------------------------------------------------

static int read_all(int file, char **text, size_t *size) {
    size_t capacity = 1 << 14;
    char *bytes = nst_malloc(capacity);
    size_t count = 0;
    for (;;) {
        if (count + 1 >= capacity) bytes = nst_realloc(bytes, capacity *= 2);
        ssize_t got = read(file, bytes + count, capacity - count - 1);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) {
            int error = errno;
            free(bytes);
            return -error;
        }
        if (got == 0) break;
        count += (size_t)got;
    }
    bytes[count] = 0;
    *text = bytes;
    *size = count;
    return 0;
}

int nst_read_file(const char *path, char **text, size_t *size) {
    bool standard = strcmp(path, "-") == 0;
    int file = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) return -errno;
    int result = read_all(file, text, size);
    if (!standard) close(file);
    return result;
}

static int write_all(int file, const char *text, size_t size) {
    while (size) {
        ssize_t written = write(file, text, size);
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return -errno;
        text += written;
        size -= (size_t)written;
    }
    return 0;
}

int nst_replace_file(const char *path, const char *text, size_t size) {
    char target[PATH_MAX];
    struct stat status;
    if (!realpath(path, target)) return -errno;
    if (stat(target, &status) != 0) return -errno;
    if (access(target, W_OK) != 0) return -errno; // a rename would not ask for the file's own permission
    char *directory = nst_strdup(target);
    *(strrchr(directory, '/') + 1) = 0;
    char *temporary = join(directory, ".nostos-fmt-XXXXXX");
    free(directory);
    int result = 0, file = mkstemp(temporary);
    if (file < 0) {
        result = -errno;
        free(temporary);
        return result;
    }
    result = write_all(file, text, size);
    // The owner first: changing it clears bits of the mode. That it cannot be kept is no failure.
    if (!result && fchown(file, status.st_uid, status.st_gid) != 0 && errno != EPERM) result = -errno;
    if (!result && fchmod(file, status.st_mode & 07777) != 0) result = -errno;
    if (!result && fsync(file) != 0) result = -errno;
    if (close(file) != 0 && !result) result = -errno;
    if (!result && rename(temporary, target) != 0) result = -errno;
    if (result) unlink(temporary);
    free(temporary);
    return result;
}

// ---- Collecting -------------------------------------------------------------------------

static void push(NstFileList *list, char *path) {
    if (list->count == list->capacity) {
        list->capacity = list->capacity ? list->capacity * 2 : 64;
        list->paths = nst_realloc(list->paths, list->capacity * sizeof *list->paths);
    }
    list->paths[list->count++] = path;
}

static void note_error(NstFileList *list, const char *path, int error) {
    const char *reason = strerror(error);
    size_t size = strlen(path) + strlen(reason) + 32;
    char *text = nst_malloc(size);
    snprintf(text, size, "Error reading file '%s': %s", path, reason);
    list->errors = nst_realloc(list->errors, (list->error_count + 1) * sizeof *list->errors);
    list->errors[list->error_count++] = text;
}

static int compare_names(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static char **read_names(const char *path, size_t *count) {
    DIR *directory = opendir(path);
    if (!directory) return NULL;
    char **names = nst_malloc(sizeof *names);
    size_t capacity = 1;
    *count = 0;
    for (struct dirent *entry; (entry = readdir(directory)) != NULL;) {
        if (entry->d_name[0] == '.') continue;
        if (*count == capacity) names = nst_realloc(names, (capacity *= 2) * sizeof *names);
        names[(*count)++] = nst_strdup(entry->d_name);
    }
    closedir(directory);
    qsort(names, *count, sizeof *names, compare_names);
    return names;
}

static bool is_source(const char *name) {
    size_t length = strlen(name);
    return length > 4 && strcmp(name + length - 4, ".nos") == 0;
}

// Symbolic links to directories are not entered: they may lead back.
static void walk(NstFileList *list, const char *path, const char *absolute, const NstIgnore *outer) {
    size_t count;
    char **names = read_names(path, &count);
    if (!names) {
        note_error(list, path, errno);
        return;
    }
    NstIgnore *ignore = nst_ignore_new(outer, absolute);
    for (size_t i = 0; i < count; i++) {
        struct stat status;
        char *below = join(path, names[i]), *full = join(absolute, names[i]);
        bool found = lstat(below, &status) == 0;
        bool link = found && S_ISLNK(status.st_mode);
        if (link) found = stat(below, &status) == 0;
        bool directory = found && S_ISDIR(status.st_mode);
        bool wanted = found && !nst_is_ignored(ignore, full, directory);
        if (wanted && directory && !link) {
            walk(list, below, full, ignore);
        } else if (wanted && S_ISREG(status.st_mode) && is_source(names[i])) {
            push(list, below);
            below = NULL;
        }
        free(below);
        free(full);
        free(names[i]);
    }
    free(names);
    nst_ignore_free(ignore);
}

// The ignore files above a directory, up to the root of its repository.
static NstIgnore *outer_ignores(const char *absolute) {
    char *git = join(absolute, ".git");
    bool root = access(git, F_OK) == 0;
    free(git);
    if (root || strcmp(absolute, "/") == 0) return NULL;
    char *parent = nst_strdup(absolute);
    char *slash = strrchr(parent, '/');
    slash[slash == parent] = 0;
    NstIgnore *ignore = nst_ignore_new(outer_ignores(parent), parent);
    free(parent);
    return ignore;
}

void nst_files_add(NstFileList *list, const char *path) {
    struct stat status;
    if (stat(path, &status) != 0) {
        note_error(list, path, errno);
        return;
    }
    if (!S_ISDIR(status.st_mode)) {
        push(list, nst_strdup(path));
        return;
    }
    char *absolute = nst_absolute_path(path);
    NstIgnore *outer = outer_ignores(absolute);
    walk(list, path, absolute, outer);
    while (outer) {
        NstIgnore *next = (NstIgnore *)(uintptr_t)outer->outer;
        nst_ignore_free(outer);
        outer = next;
    }
    free(absolute);
}

typedef struct Place {
    char *real;
    size_t index;
} Place;

static int compare_places(const void *a, const void *b) {
    const Place *left = a, *right = b;
    int order = strcmp(left->real, right->real);
    return order ? order : (left->index > right->index) - (left->index < right->index);
}

void nst_files_unique(NstFileList *list) {
    Place *places = nst_malloc((list->count + 1) * sizeof *places);
    for (size_t i = 0; i < list->count; i++) {
        char *real = realpath(list->paths[i], NULL);
        places[i] = (Place){real ? real : nst_absolute_path(list->paths[i]), i};
    }
    qsort(places, list->count, sizeof *places, compare_places);
    for (size_t i = 1; i < list->count; i++) {
        if (strcmp(places[i].real, places[i - 1].real) != 0) continue;
        free(list->paths[places[i].index]);
        list->paths[places[i].index] = NULL;
    }
    size_t kept = 0;
    for (size_t i = 0; i < list->count; i++) {
        free(places[i].real);
        if (list->paths[i]) list->paths[kept++] = list->paths[i];
    }
    list->count = kept;
    free(places);
}

void nst_files_free(NstFileList *list) {
    for (size_t i = 0; i < list->count; i++) free(list->paths[i]);
    for (size_t i = 0; i < list->error_count; i++) free(list->errors[i]);
    free(list->paths);
    free(list->errors);
    *list = (NstFileList){0};
}
