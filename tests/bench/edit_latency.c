// How long a session takes to check a project from nothing and again after an edit of one body, in CPU time.
//
//     edit_latency DIRECTORY FILE TEXT REPLACEMENT [EDITS]
//
// Every second edit of FILE replaces the first TEXT by REPLACEMENT, the others turn it back. Prints milliseconds: the first
// check, and the median and the longest of the checks after an edit that did not begin from nothing.
#include "frontend/frontend.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static double cpu_milliseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static int compare(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static char *read_all(const char *path, size_t *size) {
    FILE *file = fopen(path, "rb");
    if (!file) return NULL;
    fseek(file, 0, SEEK_END);
    *size = (size_t)ftell(file);
    rewind(file);
    char *text = calloc(*size + 1, 1);
    if (!text || fread(text, 1, *size, file) != *size) abort();
    fclose(file);
    return text;
}

static double timed_check(NstSession *session) {
    double start = cpu_milliseconds();
    NstSnapshot *snapshot = nst_session_check(session);
    double took = cpu_milliseconds() - start;
    nst_snapshot_release(snapshot);
    return took;
}

int main(int argc, char **argv) {
    if (argc < 5) return 2;
    const char *texts[2] = { argv[3], argv[4] };
    size_t edits = argc > 5 ? strtoul(argv[5], NULL, 10) : 200, size;
    char *text = read_all(argv[2], &size);
    const char *found = text ? strstr(text, texts[0]) : NULL;
    double *times = calloc(edits + 1, sizeof *times);
    if (!found || !edits || !times) return 2;
    size_t at = (size_t)(found - text), partial = 0;

    NstOptions options = { .lib = false };
    NstSession *session = nst_session_new(argv[1], &options);
    nst_session_set_text(session, argv[2], text, size);
    double cold = timed_check(session);
    for (size_t i = 0; i < edits; i++) {
        const char *before = texts[i % 2], *after = texts[1 - i % 2];
        nst_session_edit(session, argv[2], at, at + strlen(before), after, strlen(after));
        size_t whole = nst_session_counts(session).whole;
        double took = timed_check(session);
        if (nst_session_counts(session).whole == whole) times[partial++] = took;
    }
    qsort(times, partial, sizeof *times, compare);
    NstSessionCounts counts = nst_session_counts(session);
    printf("cold %.1f ms, edit %.2f ms (longest %.2f), %zu of %zu edits partial, %zu functions, %zu KiB\n", cold,
           partial ? times[partial / 2] : 0.0, partial ? times[partial - 1] : 0.0, partial, edits, counts.functions,
           counts.bytes / 1024);
    nst_session_free(session);
    free(times);
    free(text);
    return 0;
}
