// `nostos fmt` (docs/language/cli.md 10): the files in parallel, the reports in their order.
#include "fmt/diff.h"
#include "fmt/files.h"
#include "fmt/options.h"
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

// What a worker found out about one file; the main thread writes it.
typedef struct Report {
    bool done;
    bool changed, broken, internal, failed;
    char *message;     // for standard error
    NstFmtBuffer diff;
} Report;

typedef struct Work {
    const NstFmtSettings *settings;
    NstFileList files;
    Report *reports;
    size_t next;            // file to be taken
    size_t finished;
    pthread_mutex_t lock;   // guards next, finished and reports
    pthread_cond_t ready;   // a report is done
    bool color_out, color_err;
} Work;

static bool use_color(const NstFmtSettings *settings, int file) {
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
    const NstFmtSettings *settings = work->settings;
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
    const NstFmtSettings *settings = work->settings;
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

static int status_of(const NstFmtSettings *settings, const Outcome *outcome) {
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
    const NstFmtSettings *settings = work->settings;
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
static int collect_files(Work *work) {
    const NstFmtSettings *settings = work->settings;
    if (!settings->path_count) nst_files_add(&work->files, ".");
    for (int i = 0; i < settings->path_count; i++) nst_files_add(&work->files, settings->paths[i]);
    nst_files_unique(&work->files);
    for (size_t i = 0; i < work->files.error_count; i++) fprintf(stderr, "%s\n", work->files.errors[i]);
    return work->files.error_count ? STATUS_CHANGED : STATUS_OK;
}

static int run(const NstFmtSettings *settings) {
    Work work = {.settings = settings, .color_out = use_color(settings, STDOUT_FILENO),
                 .color_err = use_color(settings, STDERR_FILENO)};
    int status, unread = STATUS_OK;
    if (settings->standard_input) {
        status = run_standard_input(&work);
    } else {
        unread = collect_files(&work);
        if (settings->line_count && work.files.count + (unread != STATUS_OK) != 1) {
            nst_fmt_usage_error("option '%s' needs one file", "--range, --lines");
            status = STATUS_USAGE;
        } else {
            status = run_files(&work);
        }
    }
    nst_files_free(&work.files);
    return status ? status : unread;
}

int nst_fmt_main(int argc, char **argv) {
    NstFmtSettings settings;
    NstFmtRequest request = nst_fmt_read_options(&settings, argc, argv);
    if (request == NST_FMT_HELP) fputs(nst_fmt_usage, stdout);
    signal(SIGPIPE, SIG_IGN);
    int status = STATUS_OK;
    if (request == NST_FMT_MISUSED) status = STATUS_USAGE;
    else if (request == NST_FMT_RUN) status = run(&settings);
    free(settings.lines);
    return fflush(stdout) != 0 || ferror(stdout) ? STATUS_CLOSED : status;
}
