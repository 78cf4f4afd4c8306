// The files that a command line names, reading them, and replacing them.
#ifndef NST_FMT_FILES_H
#define NST_FMT_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

typedef struct NstFileList {
    char **paths;    // as written on the command line plus the path below it
    size_t count, capacity;
    char **errors;   // about paths that could not be read, as cli.md 1 words it
    size_t error_count;
} NstFileList;

// A file is itself; a directory is all its *.nos files but those that .gitignore and .nostosfmtignore exclude, in
// order of their names.
void nst_files_add(NstFileList *list, const char *path);
void nst_files_unique(NstFileList *list); // keeps the first path to each file
void nst_files_free(NstFileList *list);

// 0 or a negative errno. The text is malloc'ed and NUL-terminated.
int nst_read_file(const char *path, char **text, size_t *size);

// Replaces a file's content atomically: readers see the old text or the new one. Keeps permissions and, where the
// system allows, the owner; follows symbolic links. 0 or a negative errno, and then the file is as it was.
int nst_replace_file(const char *path, const char *text, size_t size);

char *nst_absolute_path(const char *path); // malloc'ed; `.` and `..` are resolved as text

#endif
