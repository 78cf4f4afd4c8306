#include "fmt/ignore.h"

#include "fmt/files.h"
#include "fmt/glob.h"
#include "frontend/arena.h"

#include <stdlib.h>
#include <string.h>

static const char *const file_names[] = {".gitignore", ".nostosfmtignore"};
enum { FILE_NAMES = sizeof file_names / sizeof *file_names };

NstIgnore *nst_ignore_new(const NstIgnore *outer, const char *directory) {
    NstIgnore *ignore = nst_calloc(1, sizeof *ignore);
    size_t length = strlen(directory);
    ignore->outer = outer;
    ignore->directory = nst_malloc(length + 32);
    memcpy(ignore->directory, directory, length);
    if (!length || directory[length - 1] != '/') ignore->directory[length++] = '/';
    ignore->texts = nst_calloc(FILE_NAMES, sizeof *ignore->texts);
    for (size_t i = 0; i < FILE_NAMES; i++) {
        size_t size;
        strcpy(ignore->directory + length, file_names[i]);
        if (nst_read_file(ignore->directory, &ignore->texts[ignore->text_count], &size) == 0) ignore->text_count++;
    }
    ignore->directory[length] = 0;
    return ignore;
}

void nst_ignore_free(NstIgnore *ignore) {
    for (size_t i = 0; i < ignore->text_count; i++) free(ignore->texts[i]);
    free(ignore->texts);
    free(ignore->directory);
    free(ignore);
}

static bool pattern_matches(const char *start, const char *end, const char *relative, bool is_directory) {
    if (end > start && end[-1] == '/') {
        if (!is_directory) return false;
        end--;
    }
    if (end == start) return false;
    const char *name = strrchr(relative, '/');
    bool anchored = memchr(start, '/', (size_t)(end - start)) != NULL;
    if (!anchored) return nst_glob_match(start, (size_t)(end - start), name ? name + 1 : relative, false);
    if (*start == '/') start++;
    return nst_glob_match(start, (size_t)(end - start), relative, false);
}

enum { UNDECIDED = -1 };

static int judge_text(const char *at, const char *relative, bool is_directory) {
    int verdict = UNDECIDED;
    while (*at) {
        const char *end = at + strcspn(at, "\n"), *next = *end ? end + 1 : end;
        const char *start = at;
        while (end > start && strchr(" \t\r", end[-1]) && !(end - start > 1 && end[-2] == '\\')) end--;
        bool negated = *start == '!';
        if (negated) start++;
        if (start < end && *at != '#' && pattern_matches(start, end, relative, is_directory)) verdict = !negated;
        at = next;
    }
    return verdict;
}

bool nst_is_ignored(const NstIgnore *ignore, const char *path, bool is_directory) {
    for (; ignore; ignore = ignore->outer) {
        const char *relative = path + strlen(ignore->directory);
        for (size_t i = ignore->text_count; i-- > 0;) {
            int verdict = judge_text(ignore->texts[i], relative, is_directory);
            if (verdict != UNDECIDED) return verdict;
        }
    }
    return false;
}
