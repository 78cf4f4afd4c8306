// The command line of `nostos fmt` (docs/language/cli.md 10).
#ifndef NST_FMT_OPTIONS_H
#define NST_FMT_OPTIONS_H

#include "fmt/fmt.h"

typedef struct NstFmtSettings {
    bool check, diff, list, verify, quiet;
    bool standard_input;     // there are no paths then
    const char *stdin_path;  // or null
    const char *color;       // `auto`, `always` or `never`; or null
    NstFmtLines *lines;      // malloc'ed
    size_t line_count, line_capacity;
    char **paths;            // of the command line
    int path_count;
} NstFmtSettings;

typedef enum NstFmtRequest {
    NST_FMT_RUN,
    NST_FMT_HELP,
    NST_FMT_MISUSED, // what is wrong has been written to standard error
} NstFmtRequest;

NstFmtRequest nst_fmt_read_options(NstFmtSettings *settings, int argc, char **argv);

void nst_fmt_usage_error(const char *format, const char *word); // a literal with one %s, to standard error

extern const char nst_fmt_usage[];

#endif
