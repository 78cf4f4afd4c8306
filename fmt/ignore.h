// What .gitignore and .nostosfmtignore exclude. One object is one directory's files; objects form a chain upwards.
// Patterns as in gitignore(5): the last that matches decides, those of inner directories come last.
#ifndef NST_FMT_IGNORE_H
#define NST_FMT_IGNORE_H

#include <stdbool.h>
#include <stddef.h>

typedef struct NstIgnore {
    const struct NstIgnore *outer;
    char *directory;   // absolute, with `/` at its end
    char **texts;
    size_t text_count;
} NstIgnore;

NstIgnore *nst_ignore_new(const NstIgnore *outer, const char *directory);
void nst_ignore_free(NstIgnore *ignore);

// `path` is absolute and below all the directories of the chain.
bool nst_is_ignored(const NstIgnore *ignore, const char *path, bool is_directory);

#endif
