// `nostos test`: every test in a child process forked from the compiled program.
//
// A child runs one test, writes its result to a pipe and exits. The parent keeps `jobs` children going, and prints
// results in the order of the tests as soon as all earlier ones are known.

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "runtime/runtime.h"

typedef struct Header {
    int32_t status;            // NstTestStatus
    int32_t is_false, exited;
    int64_t milliseconds;
    uint64_t output_size, error_size, difference_size;
} Header;

typedef struct Job {
    NstProgram *program;
    const NstTest *test;
    pid_t child;               // 0: not started
    int pipe;
    int64_t started, ended;    // ms
    char *data;                // what came through the pipe: Header, output, error
    size_t size, capacity;
    int wait_status;
    bool killed, done;
} Job;

// A child that does not end by itself this long after the test's own time limit is killed.
enum { GRACE_MS = 5000 };

static int64_t now_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void *checked(void *memory) {
    if (memory) return memory;
    fputs("nostos: out of memory\n", stderr);
    exit(70);
}

// ---- The child --------------------------------------------------------------------------

static void write_all(int fd, const void *data, size_t size) {
    const char *at = data;
    while (size) {
        ssize_t done = write(fd, at, size);
        if (done < 0 && errno == EINTR) continue;
        if (done <= 0) _exit(70);
        at += done;
        size -= (size_t)done;
    }
}

static _Noreturn void run_child(const Job *job, const NstTestOptions *options, int fd) {
    NstTestResult result = nst_runtime_test(job->program, job->test, &options->run, options->timeout_ms);
    Header header = {
        .status = (int32_t)result.status, .is_false = result.is_false, .exited = result.exited,
        .milliseconds = result.milliseconds, .output_size = result.output_size, .error_size = result.error_size,
        .difference_size = result.difference ? strlen(result.difference) : 0,
    };
    write_all(fd, &header, sizeof header);
    write_all(fd, result.output, result.output_size);
    write_all(fd, result.error, result.error_size);
    write_all(fd, result.difference, header.difference_size);
    _exit(0); // threads of the run may still be inside a long operation
}

// ---- The parent -------------------------------------------------------------------------

static void start(Job *job, const NstTestOptions *options) {
    int ends[2];
    fflush(NULL);
    if (pipe(ends) != 0 || (job->child = fork()) < 0) {
        perror("nostos: cannot start a test");
        exit(70);
    }
    if (job->child == 0) {
        close(ends[0]);
        run_child(job, options, ends[1]);
    }
    close(ends[1]);
    job->pipe = ends[0];
    job->started = now_ms();
}

static void finish(Job *job) {
    close(job->pipe);
    while (waitpid(job->child, &job->wait_status, 0) < 0 && errno == EINTR) continue;
    job->ended = now_ms();
    job->done = true;
}

// Reads what is there; closes the job at the end of the pipe.
static void drain(Job *job) {
    if (job->size == job->capacity) {
        job->capacity = job->capacity ? job->capacity * 2 : 4096;
        job->data = checked(realloc(job->data, job->capacity));
    }
    ssize_t got = read(job->pipe, job->data + job->size, job->capacity - job->size);
    if (got > 0) job->size += (size_t)got;
    else if (got == 0 || errno != EINTR) finish(job);
}

static void wait_for_some(Job *jobs, size_t first, size_t end, int64_t timeout_ms) {
    struct pollfd *polls = checked(calloc(end - first + 1, sizeof *polls));
    size_t *owners = checked(calloc(end - first + 1, sizeof *owners));
    nfds_t count = 0;
    int64_t now = now_ms(), wait = 1000;
    for (size_t i = first; i < end; i++) {
        if (!jobs[i].child || jobs[i].done) continue;
        int64_t left = jobs[i].started + timeout_ms + GRACE_MS - now;
        if (left <= 0 && !jobs[i].killed) {
            kill(jobs[i].child, SIGKILL);
            jobs[i].killed = true;
        }
        if (left > 0 && left < wait) wait = left;
        owners[count] = i;
        polls[count++] = (struct pollfd){ .fd = jobs[i].pipe, .events = POLLIN };
    }
    if (poll(polls, count, (int)wait) > 0)
        for (nfds_t i = 0; i < count; i++)
            if (polls[i].revents) drain(&jobs[owners[i]]);
    free(polls);
    free(owners);
}

// ---- Results ----------------------------------------------------------------------------

typedef struct Outcome {
    NstTestStatus status;
    int64_t milliseconds;
    const char *output, *error, *difference;
    size_t output_size, error_size, difference_size;
    char note[96]; // instead of an error: what else was wrong
} Outcome;

static void outcome_note(Outcome *outcome, const char *text) {
    snprintf(outcome->note, sizeof outcome->note, "%s", text);
}

static Outcome outcome_of(const Job *job, int64_t timeout_ms) {
    Outcome outcome = { .status = NST_TEST_FAIL };
    Header header;
    bool whole = job->size >= sizeof header;
    if (whole) {
        memcpy(&header, job->data, sizeof header);
        whole = job->size == sizeof header + header.output_size + header.error_size + header.difference_size;
    }
    if (whole) {
        outcome.status = (NstTestStatus)header.status;
        outcome.milliseconds = header.milliseconds;
        outcome.output = job->data + sizeof header;
        outcome.output_size = header.output_size;
        outcome.error = outcome.output + header.output_size;
        outcome.error_size = header.error_size;
        outcome.difference = outcome.error + header.error_size;
        outcome.difference_size = header.difference_size;
        if (header.is_false) outcome_note(&outcome, "result: false");
        else if (header.exited && !header.error_size) outcome_note(&outcome, "ended by Process.exit");
    } else if (job->killed) {
        outcome.status = NST_TEST_TIMEOUT;
        outcome.milliseconds = job->ended - job->started;
    } else if (WIFSIGNALED(job->wait_status)) {
        snprintf(outcome.note, sizeof outcome.note, "the test's process died of signal %d", WTERMSIG(job->wait_status));
    } else {
        snprintf(outcome.note, sizeof outcome.note, "the test's process ended with status %d", WEXITSTATUS(job->wait_status));
    }
    if (outcome.status == NST_TEST_TIMEOUT) {
        snprintf(outcome.note, sizeof outcome.note, "time limit of %g s", (double)timeout_ms / 1000);
    }
    return outcome;
}

static void print_indented(FILE *out, const char *text, size_t size) {
    for (size_t at = 0; at < size;) {
        const char *line = text + at;
        const char *end = memchr(line, '\n', size - at);
        size_t length = end ? (size_t)(end - line) : size - at;
        if (length) fprintf(out, "  %.*s\n", (int)length, line);
        else fputc('\n', out);
        at += length + 1;
    }
}

static void print_json_string(FILE *out, const char *text, size_t size) {
    fputc('"', out);
    for (size_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c == '"' || c == '\\') fprintf(out, "\\%c", c);
        else if (c == '\n') fputs("\\n", out);
        else if (c < 0x20) fprintf(out, "\\u%04x", (unsigned)c);
        else fputc(c, out);
    }
    fputc('"', out);
}

static const char *status_word(NstTestStatus status) {
    return status == NST_TEST_PASS ? "pass" : status == NST_TEST_FAIL ? "fail" : "timeout";
}

static const char report_start[] = "{\"severity\":\"error\",\"kind\":\"runtime\",\"message\":";

// The message and trace of the last report, from the message's opening quote to the closing brace: the test's own report
// comes after those of other processes and what was printed on standard error. Null if there is none.
static const char *last_report(const char *text, size_t size, size_t *length) {
    size_t prefix = sizeof report_start - 1;
    for (size_t at = size; at-- > 0;) { // the quotes inside of one are escaped
        if (size - at <= prefix || memcmp(text + at, report_start, prefix) != 0) continue;
        const char *report = text + at + prefix, *end = memchr(report, '\n', size - at - prefix);
        *length = end ? (size_t)(end - report) : size - at - prefix;
        return report;
    }
    return NULL;
}

// The run's report is a JSON line of fixed key order (cli.md 4.1) when options->json; a failed test's is taken over.
static void print_json(const Job *job, const Outcome *o) {
    NstPlace place = { .path = "", .line = 0 };
    nst_place(job->program, job->test->span, &place);
    fputs("{\"module\":", stdout);
    print_json_string(stdout, job->test->module->path_text.data, job->test->module->path_text.size);
    fputs(",\"name\":", stdout);
    print_json_string(stdout, job->test->name.data, job->test->name.size);
    fputs(",\"file\":", stdout);
    print_json_string(stdout, place.path, strlen(place.path));
    printf(",\"line\":%u,\"status\":\"%s\",\"ms\":%" PRId64 ",\"message\":", place.line, status_word(o->status),
           o->milliseconds);
    size_t length;
    const char *report = o->status == NST_TEST_FAIL && !*o->note ? last_report(o->error, o->error_size, &length) : NULL;
    if (report) {
        printf("%.*s\n", (int)length, report);
    } else {
        print_json_string(stdout, o->note, strlen(o->note));
        fputs(",\"trace\":[]}\n", stdout);
    }
}

static const char difference_title[] = "\n  Difference (- first, + second):";

static void print_text(const Job *job, const Outcome *o, const NstTestOptions *options) {
    const NstModule *module = job->test->module;
    bool passed = o->status == NST_TEST_PASS;
    if (passed && options->quiet) return;
    printf("%s %.*s%s%.*s\n", passed ? "PASS" : "FAIL", (int)module->path_text.size, module->path_text.data,
           module->path_text.size ? ": " : "", (int)job->test->name.size, job->test->name.data);
    if (passed) return;
    if (*o->note) printf("  %s\n", o->note);
    print_indented(stdout, o->error, o->error_size);
    if (o->difference_size) puts(difference_title);
    print_indented(stdout, o->difference, o->difference_size);
    print_indented(stdout, o->output, o->output_size);
}

// U+FFFE and U+FFFF: like most control characters they cannot be written in XML.
static bool is_noncharacter(const char *text, size_t size) {
    return size >= 3 && (memcmp(text, "\xEF\xBF\xBE", 3) == 0 || memcmp(text, "\xEF\xBF\xBF", 3) == 0);
}

// Characters that XML does not have become U+FFFD.
static void print_xml(FILE *out, const char *text, size_t size) {
    for (size_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c == '<') fputs("&lt;", out);
        else if (c == '>') fputs("&gt;", out);
        else if (c == '&') fputs("&amp;", out);
        else if (c == '"') fputs("&quot;", out);
        else if (c == '\n' || c == '\t' || c == '\r') fprintf(out, "&#%u;", c); // attributes keep no others
        else if (c >= 0x20 && !is_noncharacter(text + i, size - i)) fputc(c, out);
        else {
            fputs("\xEF\xBF\xBD", out);
            if (c >= 0x20) i += 2;
        }
    }
}

static bool write_junit(const char *path, const Job *jobs, size_t count, size_t failed, int64_t timeout_ms) {
    FILE *out = fopen(path, "w");
    if (!out) {
        fprintf(stderr, "Error writing file '%s': %s\n", path, strerror(errno));
        return false;
    }
    fprintf(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"nostos\" tests=\"%zu\" failures=\"%zu\">\n",
            count, failed);
    for (size_t i = 0; i < count; i++) {
        if (!jobs[i].done) continue;
        Outcome o = outcome_of(&jobs[i], timeout_ms);
        fputs("  <testcase classname=\"", out);
        print_xml(out, jobs[i].test->module->path_text.data, jobs[i].test->module->path_text.size);
        fputs("\" name=\"", out);
        print_xml(out, jobs[i].test->name.data, jobs[i].test->name.size);
        fprintf(out, "\" time=\"%.3f\">", (double)o.milliseconds / 1000);
        if (o.status != NST_TEST_PASS) {
            const char *first = *o.note ? o.note : o.error ? o.error : "";
            size_t length = *o.note ? strlen(o.note) : o.error_size;
            const char *end = memchr(first, '\n', length);
            fprintf(out, "<failure type=\"%s\" message=\"", status_word(o.status));
            print_xml(out, first, end ? (size_t)(end - first) : length);
            fputs("\">", out);
            print_xml(out, o.note, strlen(o.note));
            print_xml(out, o.error, o.error_size);
            if (o.difference_size) fprintf(out, "%s\n", difference_title);
            print_xml(out, o.difference, o.difference_size);
            fputs("</failure>", out);
        }
        fputs("<system-out>", out);
        print_xml(out, o.output, o.output_size);
        fputs("</system-out></testcase>\n", out);
    }
    fputs("</testsuite>\n", out);
    if (ferror(out) | fclose(out)) {
        fprintf(stderr, "Error writing file '%s': %s\n", path, strerror(errno));
        return false;
    }
    return true;
}

// ---- All --------------------------------------------------------------------------------

static bool contains(NstText text, const char *part) {
    size_t size = strlen(part);
    for (size_t i = 0; i + size <= text.size; i++)
        if (memcmp(text.data + i, part, size) == 0) return true;
    return false;
}

// By file, then by place: the files are parsed in their order, so their items have ascending origins.
static int compare_places(const void *left, const void *right) {
    NstSpan a = ((const Job *)left)->test->span, b = ((const Job *)right)->test->span;
    if (a.origin != b.origin) return a.origin < b.origin ? -1 : 1;
    return (a.start > b.start) - (a.start < b.start);
}

static Job *collect(NstProgram *const *programs, size_t count, const char *filter, size_t *job_count) {
    Job *jobs = NULL;
    size_t used = 0, capacity = 0;
    for (size_t p = 0; p < count; p++) {
        size_t first = used;
        for (size_t m = 0; m < nst_program_module_count(programs[p]); m++) {
            NstModule *module = nst_program_module(programs[p], m);
            for (size_t t = 0; t < module->test_count && !module->library; t++) {
                if (filter && !contains(module->tests[t]->name, filter)) continue;
                if (used == capacity) {
                    capacity = capacity ? capacity * 2 : 32;
                    jobs = checked(realloc(jobs, capacity * sizeof *jobs));
                }
                jobs[used++] = (Job){ .program = programs[p], .test = module->tests[t] };
            }
        }
        if (used > first) qsort(jobs + first, used - first, sizeof *jobs, compare_places);
    }
    *job_count = used;
    return jobs;
}

int nst_runtime_test_all(NstProgram *const *programs, size_t count, const NstTestOptions *options) {
    size_t total;
    Job *jobs = collect(programs, count, options->filter, &total);
    if (options->list) {
        for (size_t i = 0; i < total; i++) printf("%.*s\n", (int)jobs[i].test->name.size, jobs[i].test->name.data);
        free(jobs);
        return 0;
    }
    if (!total) {
        if (!options->json) puts("no tests");
        free(jobs);
        return 0;
    }
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    size_t limit = options->jobs ? options->jobs : processors > 0 ? (size_t)processors : 1;
    size_t started = 0, printed = 0, passed = 0, failed = 0;
    while (printed < total && !(options->fail_fast && failed)) {
        size_t running = 0;
        for (size_t i = printed; i < started; i++) running += !jobs[i].done;
        while (running < limit && started < total) start(&jobs[started++], options), running++;
        wait_for_some(jobs, printed, started, options->timeout_ms);
        for (; printed < started && jobs[printed].done && !(options->fail_fast && failed); printed++) {
            Outcome outcome = outcome_of(&jobs[printed], options->timeout_ms);
            if (outcome.status == NST_TEST_PASS) passed++;
            else failed++;
            if (options->json) print_json(&jobs[printed], &outcome);
            else print_text(&jobs[printed], &outcome, options);
        }
    }
    for (size_t i = printed; i < started; i++) { // --fail-fast left them running
        if (jobs[i].done) continue;
        kill(jobs[i].child, SIGKILL);
        finish(&jobs[i]);
        jobs[i].done = false;
    }
    if (!options->json) printf("%zu passed, %zu failed\n", passed, failed);
    bool reported = !options->junit || write_junit(options->junit, jobs, printed, failed, options->timeout_ms);
    for (size_t i = 0; i < total; i++) free(jobs[i].data);
    free(jobs);
    if (fflush(stdout) != 0) return 141;
    return failed || !reported ? 1 : 0;
}
