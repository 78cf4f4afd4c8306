// `nostos fmt` (docs/language/cli.md 10): the command line, the files in parallel, the reports in their order.
#include "fmt/diff.h"
#include "fmt/files.h"
#include "fmt/fmt.h"
#include "frontend/arena.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
    STATUS_OK = 0, STATUS_CHANGED = 1, STATUS_USAGE = 2, STATUS_BROKEN = 2, STATUS_INTERNAL = 70, STATUS_CLOSED = 141,
    PROGRESS_AFTER_MS = 500, PROGRESS_EVERY_MS = 100,
};

typedef struct Settings {
    bool check, diff, list, verify, quiet;
    bool standard_input;
    const char *stdin_path;
    const char *color;
    NstFmtLines *lines;
    size_t line_count, line_capacity;
} Settings;

// What a worker found out about one file; the main thread writes it.
typedef struct Report {
    bool done;
    bool changed, broken, internal, failed;
    char *message;     // for standard error
    NstFmtBuffer diff;
} Report;

typedef struct Work {
    const Settings *settings;
    NstFileList files;
    Report *reports;
    size_t next;            // file to be taken
    size_t finished;
    pthread_mutex_t lock;   // guards next, finished and reports
    pthread_cond_t ready;   // a report is done
    bool color_out, color_err;
} Work;

static const char usage[] =
    "Usage: nostos fmt [options] [PATH ...]\n"
    "\n"
    "Formats .nos files in place; a directory means all its .nos files (default: the current directory).\n"
    "\n"
    "  -                            read standard input, write the result to standard output\n"
    "  --stdin-filepath PATH        the same; PATH names it in messages and finds its .editorconfig\n"
    "  --check                      change nothing; print the paths of files that would change; status 1 if any\n"
    "  --diff                       like --check, but print unified diffs\n"
    "  --list, -l                   print the paths of changed files, nothing else\n"
    "  --range L:C-L:C              only the items that touch the range; may be repeated\n"
    "  --lines A-B                  only the items that touch the lines; may be repeated\n"
    "  --verify                     also format the result again and parse it in full\n"
    "  --quiet, -q                  only diagnostics and failures\n"
    "  --color WHEN                 auto (default), always, never\n";

// ---- Options ----------------------------------------------------------------------------

static bool read_number(const char **at, uint32_t *number) {
    char *end;
    if (**at < '1' || **at > '9') return false;
    unsigned long value = strtoul(*at, &end, 10);
    if (value > 0x7FFFFFFF) return false;
    *at = end;
    *number = (uint32_t)value;
    return true;
}

static bool read_character(const char **at, char c) {
    if (**at != c) return false;
    (*at)++;
    return true;
}

static void add_lines(Settings *settings, NstFmtLines lines) {
    if (settings->line_count == settings->line_capacity) {
        settings->line_capacity = settings->line_capacity ? settings->line_capacity * 2 : 4;
        settings->lines = nst_realloc(settings->lines, settings->line_capacity * sizeof(NstFmtLines));
    }
    settings->lines[settings->line_count++] = lines;
}

static bool read_lines(Settings *settings, const char *text) {
    NstFmtLines lines;
    bool ok = read_number(&text, &lines.first) && read_character(&text, '-') && read_number(&text, &lines.last) && !*text &&
              lines.first <= lines.last;
    if (ok) add_lines(settings, lines);
    return ok;
}

// A range that ends before the first column of a line does not touch that line.
static bool read_range(Settings *settings, const char *text) {
    NstFmtLines lines;
    uint32_t first_column, last_column;
    bool ok = read_number(&text, &lines.first) && read_character(&text, ':') && read_number(&text, &first_column) &&
              read_character(&text, '-') && read_number(&text, &lines.last) && read_character(&text, ':') &&
              read_number(&text, &last_column) && !*text &&
              (lines.first < lines.last || (lines.first == lines.last && first_column <= last_column));
    if (!ok) return false;
    if (last_column == 1 && lines.last > lines.first) lines.last--;
    add_lines(settings, lines);
    return true;
}

static bool read_color(Settings *settings, const char *text) {
    settings->color = text;
    return strcmp(text, "auto") == 0 || strcmp(text, "always") == 0 || strcmp(text, "never") == 0;
}

static bool read_stdin_path(Settings *settings, const char *text) {
    settings->stdin_path = text;
    settings->standard_input = true;
    return *text != 0;
}

typedef struct Option {
    const char *name, *short_name;
    bool is_flag;                                   // at `offset`
    size_t offset;
    bool (*read)(Settings *settings, const char *operand); // or an operand
} Option;

static const Option options[] = {
    {"--check", NULL, true, offsetof(Settings, check), NULL},
    {"--diff", NULL, true, offsetof(Settings, diff), NULL},
    {"--list", "-l", true, offsetof(Settings, list), NULL},
    {"--verify", NULL, true, offsetof(Settings, verify), NULL},
    {"--quiet", "-q", true, offsetof(Settings, quiet), NULL},
    {"--range", NULL, false, 0, read_range},
    {"--lines", NULL, false, 0, read_lines},
    {"--color", NULL, false, 0, read_color},
    {"--stdin-filepath", NULL, false, 0, read_stdin_path},
};

static const Option *find_option(const char *word, size_t size) {
    for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
        const char *names[] = {options[i].name, options[i].short_name};
        for (int k = 0; k < 2; k++)
            if (names[k] && strlen(names[k]) == size && memcmp(names[k], word, size) == 0) return &options[i];
    }
    return NULL;
}

static int usage_error(const char *format, const char *word) {
    fputs("nostos: ", stderr);
    fprintf(stderr, format, word); // formats are literals of this file
    fputs("\nTry 'nostos help fmt'.\n", stderr);
    return STATUS_USAGE;
}

// Returns 0, or the status with which the command ends; *at becomes the first PATH.
static int read_options(Settings *settings, int argc, char **argv, int *at) {
    while (*at < argc && argv[*at][0] == '-' && argv[*at][1]) {
        const char *word = argv[(*at)++];
        if (strcmp(word, "--") == 0) break;
        const char *equals = strchr(word, '=');
        const Option *option = find_option(word, equals ? (size_t)(equals - word) : strlen(word));
        if (!option || (equals && !option->read)) return usage_error("unknown option '%s'", word);
        if (option->is_flag) {
            *(bool *)((char *)settings + option->offset) = true;
            continue;
        }
        const char *operand = equals ? equals + 1 : *at < argc ? argv[(*at)++] : NULL;
        if (!operand) return usage_error("option '%s' needs an operand", word);
        if (!option->read(settings, operand)) {
            char text[512];
            snprintf(text, sizeof text, "%s' for option '%s", operand, option->name);
            return usage_error("invalid operand '%s'", text);
        }
    }
    return 0;
}

static bool use_color(const Settings *settings, int file) {
    if (settings->color && strcmp(settings->color, "auto") != 0) return strcmp(settings->color, "always") == 0;
    const char *no_color = getenv("NO_COLOR");
    return isatty(file) && !(no_color && *no_color);
}

// ---- One file ---------------------------------------------------------------------------

static char *message(const char *format, const char *path, const char *reason) {
    size_t size = strlen(format) + strlen(path) + strlen(reason) + 1;
    char *text = nst_malloc(size);
    snprintf(text, size, format, path, reason); // formats are literals of this file
    return text;
}

static NstFmtOptions format_options(const Work *work, const char *path) {
    const Settings *settings = work->settings;
    return (NstFmtOptions){.style = nst_fmt_style_for(path), .lines = settings->lines, .line_count = settings->line_count,
                           .verify = settings->verify, .color = work->color_err};
}

// Formats a text and fills the report; the result's text is null if there is none.
static NstFmtResult format_one(const Work *work, const char *path, const char *style_path, const char *text, size_t size,
                               Report *report) {
    NstFmtOptions options_here = format_options(work, style_path);
    NstFmtResult result = nst_fmt_text(path, text, size, &options_here);
    report->broken = result.status == NST_FMT_BROKEN || result.status == NST_FMT_REFUSED;
    report->internal = result.status == NST_FMT_INTERNAL;
    report->changed = result.text && result.changed;
    if (report->internal) {
        report->message = message("nostos: internal error: formatting '%s' would not keep its meaning (%s); "
                                  "the file is as it was\n", path, result.failure);
    } else if (result.diagnostics) {
        report->message = result.diagnostics;
        result.diagnostics = NULL;
    }
    if (report->changed && work->settings->diff)
        nst_diff_unified(path, text, size, result.text, result.size, work->color_out, &report->diff);
    return result;
}

static void format_file(const Work *work, const char *path, Report *report) {
    char *text;
    size_t size;
    int error = nst_read_file(path, &text, &size);
    if (error) {
        report->failed = true;
        report->message = message("Error reading file '%s': %s\n", path, strerror(-error));
        return;
    }
    NstFmtResult result = format_one(work, path, path, text, size, report);
    if (report->changed && !work->settings->check && !work->settings->diff) {
        error = nst_replace_file(path, result.text, result.size);
        if (error) {
            report->failed = true;
            report->changed = false;
            free(report->message);
            report->message = message("Error writing file '%s': %s\n", path, strerror(-error));
        }
    }
    nst_fmt_result_free(&result);
    free(text);
}

// ---- All files --------------------------------------------------------------------------

static void *run_worker(void *argument) {
    Work *work = argument;
    pthread_mutex_lock(&work->lock);
    while (work->next < work->files.count) {
        size_t i = work->next++;
        pthread_mutex_unlock(&work->lock);
        Report report = {.done = true};
        format_file(work, work->files.paths[i], &report);
        pthread_mutex_lock(&work->lock);
        work->reports[i] = report;
        work->finished++;
        pthread_cond_signal(&work->ready);
    }
    pthread_mutex_unlock(&work->lock);
    return NULL;
}

typedef struct Outcome {
    size_t changed, broken, internal, failed;
} Outcome;

static void write_report(const Work *work, const char *path, Report *report, Outcome *outcome) {
    const Settings *settings = work->settings;
    if (report->message) fputs(report->message, stderr);
    if (report->changed && settings->diff && !settings->list) fwrite(report->diff.bytes, 1, report->diff.size, stdout);
    else if (report->changed && (settings->list || (settings->check && !settings->quiet))) puts(path);
    outcome->changed += report->changed;
    outcome->broken += report->broken;
    outcome->internal += report->internal;
    outcome->failed += report->failed;
    free(report->message);
    free(report->diff.bytes);
}

static int status_of(const Settings *settings, const Outcome *outcome) {
    if (outcome->internal) return STATUS_INTERNAL;
    if (outcome->broken) return STATUS_BROKEN;
    if (outcome->failed) return STATUS_CHANGED;
    return outcome->changed && (settings->check || settings->diff) ? STATUS_CHANGED : STATUS_OK;
}

static int64_t now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void show_progress(const Work *work, bool *shown) {
    fprintf(stderr, "\r%zu of %zu files", work->finished, work->files.count);
    fflush(stderr);
    *shown = true;
}

static void clear_progress(bool *shown) {
    if (*shown) fputs("\r\x1b[K", stderr);
    *shown = false;
}

// Waits for the i-th report; on a terminal, says how far things are if that takes long. Holds the lock.
static void wait_for(Work *work, size_t i, bool progress, int64_t started, bool *shown) {
    while (!work->reports[i].done) {
        if (!progress) {
            pthread_cond_wait(&work->ready, &work->lock);
            continue;
        }
        struct timespec until;
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_nsec += PROGRESS_EVERY_MS * 1000000L;
        if (until.tv_nsec >= 1000000000L) until.tv_sec++, until.tv_nsec -= 1000000000L;
        pthread_cond_timedwait(&work->ready, &work->lock, &until);
        if (now_ms() - started > PROGRESS_AFTER_MS) show_progress(work, shown);
    }
}

static size_t worker_count(size_t files) {
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    size_t count = processors > 1 ? (size_t)processors : 1;
    return count < files ? count : files;
}

static void report_all(Work *work, Outcome *outcome) {
    bool progress = !work->settings->quiet && isatty(STDERR_FILENO), shown = false;
    int64_t started = now_ms();
    for (size_t i = 0; i < work->files.count; i++) {
        pthread_mutex_lock(&work->lock);
        wait_for(work, i, progress, started, &shown);
        Report report = work->reports[i];
        pthread_mutex_unlock(&work->lock);
        if (report.message || report.changed) clear_progress(&shown);
        write_report(work, work->files.paths[i], &report, outcome);
    }
    clear_progress(&shown);
    if (progress && !work->settings->list && work->files.count > 1)
        fprintf(stderr, "%zu of %zu files %s\n", outcome->changed, work->files.count,
                work->settings->check || work->settings->diff ? "would change" : "changed");
}

static int run_files(Work *work) {
    size_t count = worker_count(work->files.count);
    pthread_t *threads = nst_malloc((count + 1) * sizeof *threads);
    Outcome outcome = {0};
    work->reports = nst_calloc(work->files.count + 1, sizeof *work->reports);
    pthread_mutex_init(&work->lock, NULL);
    pthread_cond_init(&work->ready, NULL);
    size_t started = 0;
    while (started + 1 < count && pthread_create(&threads[started], NULL, run_worker, work) == 0) started++;
    if (count == 1 || !started) run_worker(work);
    else if (pthread_create(&threads[started], NULL, run_worker, work) == 0) started++;
    report_all(work, &outcome);
    for (size_t i = 0; i < started; i++) pthread_join(threads[i], NULL);
    free(threads);
    free(work->reports);
    return status_of(work->settings, &outcome);
}

static int run_standard_input(Work *work) {
    const Settings *settings = work->settings;
    const char *path = settings->stdin_path ? settings->stdin_path : "<stdin>";
    char *text;
    size_t size;
    int error = nst_read_file("-", &text, &size);
    if (error) {
        fprintf(stderr, "Error reading file '%s': %s\n", path, strerror(-error));
        return STATUS_CHANGED;
    }
    Report report = {0};
    Outcome outcome = {0};
    const char *style_path = settings->stdin_path ? settings->stdin_path : "stdin.nos";
    NstFmtResult result = format_one(work, path, style_path, text, size, &report);
    // Whoever replaces the text by the output must not lose it where nothing could be formatted.
    if (!settings->check && !settings->diff && !settings->list)
        fwrite(result.text ? result.text : text, 1, result.text ? result.size : size, stdout);
    write_report(work, path, &report, &outcome);
    nst_fmt_result_free(&result);
    free(text);
    return status_of(settings, &outcome);
}

// What cannot be read is reported; it keeps no other file from being formatted.
static int collect_files(Work *work, int count, char **paths) {
    char *current[] = {(char[]){"."}};
    if (!count) paths = current, count = 1;
    for (int i = 0; i < count; i++) nst_files_add(&work->files, paths[i]);
    nst_files_unique(&work->files);
    for (size_t i = 0; i < work->files.error_count; i++) fprintf(stderr, "%s\n", work->files.errors[i]);
    return work->files.error_count ? STATUS_CHANGED : STATUS_OK;
}

int nst_fmt_main(int argc, char **argv) {
    Settings settings = {0};
    int at = 1;
    for (int i = 1; i < argc && argv[i][0] == '-' && strcmp(argv[i], "--") != 0; i++) {
        if (strcmp(argv[i], "--help") != 0 && strcmp(argv[i], "-h") != 0) continue;
        fputs(usage, stdout);
        return STATUS_OK;
    }
    signal(SIGPIPE, SIG_IGN);
    int status = read_options(&settings, argc, argv, &at);
    if (status) return status;
    int paths = argc - at;
    if (paths == 1 && strcmp(argv[at], "-") == 0) settings.standard_input = true, paths = 0;
    for (int i = 0; i < paths && paths > 1; i++)
        if (strcmp(argv[at + i], "-") == 0) return usage_error("unexpected argument '%s'", argv[at + (i == 0)]);
    if (settings.standard_input && paths) return usage_error("unexpected argument '%s'", argv[at]);
    Work work = {.settings = &settings, .color_out = use_color(&settings, STDOUT_FILENO),
                 .color_err = use_color(&settings, STDERR_FILENO)};
    if (settings.standard_input) {
        status = run_standard_input(&work);
    } else {
        int unread = collect_files(&work, paths, argv + at);
        if (settings.line_count && work.files.count + (unread != 0) != 1)
            status = usage_error("option '%s' needs one file", "--range, --lines");
        else status = run_files(&work);
        if (!status) status = unread;
    }
    nst_files_free(&work.files);
    free(settings.lines);
    return fflush(stdout) != 0 || ferror(stdout) ? STATUS_CLOSED : status;
}
