// The `nostos` executable: the table of subcommands and their options (docs/language/cli.md).
//
// This file only reads the command line and wires the folders together; what a command does is in its folder.

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fmt/fmt.h"
#include "frontend/explain.h"
#include "frontend/frontend.h"
#include "runtime/runtime.h"

#ifndef NOSTOS_VERSION
#error "NOSTOS_VERSION is set by the build"
#endif

enum { STATUS_OK = 0, STATUS_FAILED = 1, STATUS_USAGE = 2 };

// ---- Options ----------------------------------------------------------------------------

// Everything that options can set; each command's defaults are zero.
typedef struct Settings {
    NstOptions program;
    NstRunOptions run;
    bool json;
    bool check_only;
    bool deny_warnings;
    bool quiet;
    const char *color; // auto, always, never
    NstTestOptions test;
} Settings;

// Commands as bits, so that an option can name all that know it.
enum {
    RUN = 1, CHECK = 2, TEST = 4, INIT = 8, EXPLAIN = 16, HELP = 32, VERSION = 64,
    ALL = 127,
};

// Reads an operand into the settings; false if it has the wrong form.
typedef bool ReadOperand(Settings *settings, const char *operand);

static bool read_size(const char *text, uint64_t *out) {
    char *end;
    errno = 0;
    if (*text < '0' || *text > '9') return false;
    unsigned long long number = strtoull(text, &end, 10);
    unsigned shift = *end == 'K' || *end == 'k' ? 10 : *end == 'M' || *end == 'm' ? 20 : *end == 'G' || *end == 'g' ? 30 : 0;
    if (shift) end++;
    if (errno || *end || number == 0 || number > (UINT64_MAX >> shift)) return false;
    *out = (uint64_t)number << shift;
    return true;
}

static bool read_number(const char *text, int64_t low, int64_t high, int64_t *out) {
    char *end;
    errno = 0;
    long long number = strtoll(text, &end, 10);
    if (errno || end == text || *end || number < low || number > high) return false;
    *out = number;
    return true;
}

static bool set_bin(Settings *s, const char *operand) { s->program.bin = operand; return *operand != 0; }
static bool set_threads(Settings *s, const char *operand) {
    int64_t n;
    if (!read_number(operand, 1, 1024, &n)) return false;
    s->run.threads = (uint32_t)n;
    return true;
}
static bool set_max_stack(Settings *s, const char *operand) { return read_size(operand, &s->run.max_stack); }
static bool set_max_heap(Settings *s, const char *operand) { return read_size(operand, &s->run.max_heap); }
static bool set_max_memory(Settings *s, const char *operand) { return read_size(operand, &s->run.max_memory); }
static bool set_schedule(Settings *s, const char *operand) {
    int64_t n;
    if (strncmp(operand, "seed:", 5) == 0 && read_number(operand + 5, 0, INT64_MAX, &n)) s->run.schedule = NST_SCHEDULE_SEED;
    else if (strncmp(operand, "pct:", 4) == 0 && read_number(operand + 4, 0, 1000000, &n)) s->run.schedule = NST_SCHEDULE_PCT;
    else return false;
    s->run.schedule_number = (uint64_t)n;
    return true;
}
static bool set_color(Settings *s, const char *operand) {
    s->color = operand;
    return strcmp(operand, "auto") == 0 || strcmp(operand, "always") == 0 || strcmp(operand, "never") == 0;
}
static bool set_json(Settings *s, const char *operand) { (void)operand; s->json = s->run.json = true; return true; }
static bool set_check(Settings *s, const char *operand) { (void)operand; s->check_only = true; return true; }
static bool set_stats(Settings *s, const char *operand) { (void)operand; s->run.stats = true; return true; }
static bool set_debug(Settings *s, const char *operand) { (void)operand; s->run.debug = true; return true; }
static bool set_profile(Settings *s, const char *operand) { (void)operand; s->run.profile = true; return true; }
static bool set_trace(Settings *s, const char *operand) {
    static const struct { const char *word; uint32_t bit; } kinds[] = {
        { "spawn", NST_TRACE_SPAWN }, { "send", NST_TRACE_SEND }, { "receive", NST_TRACE_RECEIVE },
        { "exit", NST_TRACE_EXIT }, { "call", NST_TRACE_CALL },
    };
    if (!operand) {
        s->run.trace = NST_TRACE_SPAWN | NST_TRACE_SEND | NST_TRACE_RECEIVE | NST_TRACE_EXIT;
        return true;
    }
    for (s->run.trace = 0; *operand;) {
        size_t size = strcspn(operand, ",");
        uint32_t bit = 0;
        for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
            if (strlen(kinds[i].word) == size && memcmp(kinds[i].word, operand, size) == 0) bit = kinds[i].bit;
        if (!bit) return false;
        s->run.trace |= bit;
        operand += size + (operand[size] == ',');
    }
    return s->run.trace != 0;
}
static bool set_no_jit(Settings *s, const char *operand) { (void)s; (void)operand; return true; }
static bool set_lib(Settings *s, const char *operand) { (void)operand; s->program.lib = true; return true; }
static bool set_deny(Settings *s, const char *operand) { (void)operand; s->deny_warnings = true; return true; }
static bool set_quiet(Settings *s, const char *operand) { (void)operand; s->quiet = true; return true; }
static bool set_filter(Settings *s, const char *operand) { s->test.filter = operand; return true; }
static bool set_list(Settings *s, const char *operand) { (void)operand; s->test.list = true; return true; }
static bool set_fail_fast(Settings *s, const char *operand) { (void)operand; s->test.fail_fast = true; return true; }
static bool set_junit(Settings *s, const char *operand) { s->test.junit = operand; return *operand != 0; }
static bool set_timeout(Settings *s, const char *operand) {
    char *end;
    double seconds = strtod(operand, &end);
    if (end == operand || *end || !(seconds > 0) || seconds > 1e6) return false;
    s->test.timeout_ms = (int64_t)(seconds * 1000);
    return true;
}

typedef struct Option {
    const char *name, *short_name;
    const char *operand; // its name in the help, null if there is none; in brackets: only after `=`
    unsigned commands;
    ReadOperand *read;
    const char *help;
} Option;

static const Option options[] = {
    { "--bin", "-b", "NAME", RUN, set_bin, "entry point from [[bin]] of nostos.toml" },
    { "--check", NULL, NULL, RUN, set_check, "same as 'nostos check'" },
    { "--color", NULL, "WHEN", ALL, set_color, "auto (default), always, never" },
    { "--debug", NULL, NULL, RUN, set_debug, "stack traces also show local variables" },
    { "--deny-warnings", NULL, NULL, CHECK, set_deny, "warnings make the status 1" },
    { "--fail-fast", NULL, NULL, TEST, set_fail_fast, "stop at the first failure" },
    { "--filter", NULL, "TEXT", TEST, set_filter, "only tests whose name contains TEXT" },
    { "--json", NULL, NULL, RUN | CHECK | TEST, set_json, "diagnostics as JSON lines" },
    { "--json-errors", NULL, NULL, RUN | CHECK | TEST, set_json, "same as --json" },
    { "--junit", NULL, "FILE", TEST, set_junit, "also write a JUnit report" },
    { "--lib", NULL, NULL, CHECK, set_lib, "the target needs no entry point" },
    { "--list", NULL, NULL, TEST, set_list, "print the names, run nothing" },
    { "--max-heap", NULL, "SIZE", RUN | TEST, set_max_heap, "heap limit of one process (64K, 256M, 2G)" },
    { "--max-memory", NULL, "SIZE", RUN | TEST, set_max_memory, "memory limit of the whole program" },
    { "--max-stack", NULL, "SIZE", RUN | TEST, set_max_stack, "stack limit of one process (default 256M)" },
    { "--no-jit", NULL, NULL, RUN, set_no_jit, "accepted, without effect" },
    { "--quiet", "-q", NULL, CHECK | TEST, set_quiet, "only diagnostics" },
    { "--schedule", NULL, "seed:N|pct:D", RUN | TEST, set_schedule, "one thread, virtual clock, seeded interleaving" },
    { "--stats", NULL, NULL, RUN, set_stats, "processes, messages, reductions, collections, memory at exit" },
    { "--threads", NULL, "N", RUN | TEST, set_threads, "scheduler threads, 1 to 1024" },
    { "--profile", NULL, NULL, RUN, set_profile, "time per function on standard error, after the program" },
    { "--trace", NULL, "[=WHAT]", RUN, set_trace, "process events on standard error: spawn,send,receive,exit,call" },
    { "--timeout", NULL, "SECONDS", TEST, set_timeout, "time limit of one test (default 60)" },
};
enum { OPTION_COUNT = sizeof options / sizeof *options };

// ---- Commands ---------------------------------------------------------------------------

typedef int Run(Settings *settings, char **words, int count);

typedef struct Command {
    const char *name;
    unsigned bit;
    int min_words, max_words; // max -1: any number; for `run`: words after the target belong to the program
    Run *run;
    const char *usage, *help;
} Command;

static bool use_color(const Settings *s, FILE *stream) {
    if (s->color && strcmp(s->color, "auto") != 0) return strcmp(s->color, "always") == 0;
    const char *no_color = getenv("NO_COLOR");
    return isatty(fileno(stream)) && !(no_color && *no_color);
}

// Writes the program's diagnostics; false if it cannot be run.
static bool report(const Settings *s, NstProgram *program, FILE *json_stream) {
    const char *target_error = nst_program_target_error(program);
    if (target_error) {
        fprintf(stderr, "%s\n", target_error);
        return false;
    }
    if (s->json) nst_diags_print_json(program, json_stream);
    else nst_diags_print_text(program, stderr, use_color(s, stderr));
    return nst_diags_count(nst_program_diags(program), NST_ERROR) == 0;
}

static int run_check(Settings *s, char **words, int count) {
    bool ok = true;
    for (int i = 0; i < count; i++) {
        NstProgram *program = nst_program_load(words[i], &s->program);
        ok = report(s, program, stdout) && ok;
        if (s->deny_warnings && nst_diags_count(nst_program_diags(program), NST_WARNING)) ok = false;
        nst_program_free(program);
    }
    if (fflush(stdout) != 0) return 141;
    return ok ? STATUS_OK : STATUS_FAILED;
}

static int run_run(Settings *s, char **words, int count) {
    if (s->check_only) return run_check(s, words, 1);
    NstProgram *program = nst_program_load(words[0], &s->program);
    if (!report(s, program, stderr)) {
        nst_program_free(program);
        return STATUS_FAILED;
    }
    s->run.args = (const char *const *)(words + 1);
    s->run.arg_count = (size_t)(count - 1);
    int status = nst_runtime_run(program, &s->run);
    // Threads of the program may still be inside a long operation, and taking everything apart would only cost time.
    fflush(NULL);
    _exit(status);
}

static int run_test(Settings *s, char **words, int count) {
    static char here[] = ".";
    char *current[] = { here };
    if (!count) words = current, count = 1;
    s->program.lib = true;
    NstProgram **programs = calloc((size_t)count, sizeof *programs);
    if (!programs) {
        fputs("nostos: out of memory\n", stderr);
        return 70;
    }
    bool ok = true;
    for (int i = 0; i < count; i++) {
        programs[i] = nst_program_load(words[i], &s->program);
        ok = report(s, programs[i], stdout) && ok;
    }
    s->test.run = s->run;
    s->test.json = s->json;
    s->test.quiet = s->quiet;
    int status = ok ? nst_runtime_test_all(programs, (size_t)count, &s->test) : STATUS_FAILED;
    for (int i = 0; i < count; i++) nst_program_free(programs[i]);
    free(programs);
    return status;
}

static bool write_new_file(const char *path, const char *text) {
    FILE *file = fopen(path, "wx");
    if (!file) {
        fprintf(stderr, "Error writing file '%s': %s\n", path, strerror(errno));
        return false;
    }
    bool ok = fputs(text, file) >= 0;
    ok = fclose(file) == 0 && ok;
    if (ok) puts(path);
    else fprintf(stderr, "Error writing file '%s': %s\n", path, strerror(errno));
    return ok;
}

static int run_init(Settings *s, char **words, int count) {
    (void)s;
    const char *dir = count ? words[0] : ".";
    if (mkdir(dir, 0777) != 0 && errno != EEXIST) {
        fprintf(stderr, "Error creating directory '%s': %s\n", dir, strerror(errno));
        return STATUS_FAILED;
    }
    char path[4096], main_path[4096], resolved[4096], text[4400];
    if ((size_t)snprintf(path, sizeof path, "%s/nostos.toml", dir) >= sizeof path ||
        (size_t)snprintf(main_path, sizeof main_path, "%s/main.nos", dir) >= sizeof main_path || !realpath(dir, resolved)) {
        fprintf(stderr, "Error creating project in '%s': %s\n", dir, strerror(errno));
        return STATUS_FAILED;
    }
    if (access(path, F_OK) == 0) {
        fprintf(stderr, "nostos.toml already exists in %s\n", dir);
        return STATUS_FAILED;
    }
    const char *slash = strrchr(resolved, '/');
    char name[4200];
    size_t size = 0; // a directory's name may hold what a TOML string must escape
    for (const char *c = slash && slash[1] ? slash + 1 : "project"; *c && size + 2 < sizeof name; c++) {
        if (*c == '"' || *c == '\\') name[size++] = '\\';
        name[size++] = *c;
    }
    name[size] = 0;
    snprintf(text, sizeof text, "[project]\nname = \"%s\"\nversion = \"0.1.0\"\n", name);
    if (!write_new_file(path, text)) return STATUS_FAILED;
    if (access(main_path, F_OK) == 0) return STATUS_OK;
    return write_new_file(main_path, "main() = {\n    println(\"Hello from Nostos!\")\n}\n") ? STATUS_OK : STATUS_FAILED;
}

static int run_version(Settings *s, char **words, int count) {
    (void)s, (void)words, (void)count;
    puts("nostos " NOSTOS_VERSION);
    return STATUS_OK;
}

static int run_explain(Settings *s, char **words, int count) {
    (void)s, (void)count;
    for (const NstErrorPage *page = nst_error_pages; page->kind; page++) {
        if (strcmp(page->kind, words[0]) != 0) continue;
        fputs(page->text, stdout);
        return STATUS_OK;
    }
    fprintf(stderr, "nostos: unknown diagnostic kind '%s'; the kinds are:\n", words[0]);
    for (const NstErrorPage *page = nst_error_pages; page->kind; page++) fprintf(stderr, "  %s\n", page->kind);
    return STATUS_USAGE;
}

static int run_help(Settings *s, char **words, int count);

static const Command commands[] = {
    { "run", RUN, 1, -1, run_run, "[options] TARGET [ARG ...]", "compile and run a program" },
    { "check", CHECK, 1, -1, run_check, "[options] TARGET ...", "report all diagnostics, run nothing" },
    { "test", TEST, 0, -1, run_test, "[options] [TARGET ...]", "run `test` items" },
    { "explain", EXPLAIN, 1, 1, run_explain, "KIND", "what a diagnostic kind means, with an example" },
    { "init", INIT, 0, 1, run_init, "[DIR]", "create a project" },
    { "help", HELP, 0, 1, run_help, "[COMMAND]", "usage" },
    { "version", VERSION, 0, 0, run_version, "", "print the version" },
};
enum { COMMAND_COUNT = sizeof commands / sizeof *commands };

// Words of cli.md that name a command which this build does not have: they are never targets.
static const char *const reserved[] = { "debug", "repl", "lsp", "doc" };

static const Command *find_command(const char *name) {
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        if (strcmp(commands[i].name, name) == 0) return &commands[i];
    return NULL;
}

static void print_usage(FILE *out) {
    fputs("Usage: nostos COMMAND ...\n       nostos [options] TARGET [ARG ...]    same as 'nostos run'\n\nCommands:\n", out);
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        fprintf(out, "  %-8s %-28s %s\n", commands[i].name, commands[i].usage, commands[i].help);
    fprintf(out, "  %-8s %-28s %s\n", "fmt", "[options] [PATH ...]", "format source files");
    fputs("\n'nostos help COMMAND' lists a command's options.\n", out);
}

static int run_help(Settings *s, char **words, int count) {
    (void)s;
    if (!count) {
        print_usage(stdout);
        return STATUS_OK;
    }
    if (strcmp(words[0], "fmt") == 0) {
        char name[] = "fmt", help[] = "--help", *fmt_words[] = { name, help, NULL };
        return nst_fmt_main(2, fmt_words);
    }
    const Command *command = find_command(words[0]);
    if (!command) {
        fprintf(stderr, "nostos: unknown command '%s'\nTry 'nostos help'.\n", words[0]);
        return STATUS_USAGE;
    }
    printf("Usage: nostos %s %s\n\n%s\n", command->name, command->usage, command->help);
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        const Option *option = &options[i];
        if (!(option->commands & command->bit)) continue;
        char left[64];
        snprintf(left, sizeof left, "%s%s%s%s%s", option->short_name ? option->short_name : "",
                 option->short_name ? ", " : "", option->name, option->operand && *option->operand != '[' ? " " : "",
                 option->operand ? option->operand : "");
        printf("  %-28s %s\n", left, option->help);
    }
    return STATUS_OK;
}

// ---- The command line -------------------------------------------------------------------

static int usage_error(const Command *command, const char *format, const char *word) {
    fputs("nostos: ", stderr);
    fprintf(stderr, format, word); // NOLINT: formats are literals of this file
    fprintf(stderr, "\nTry 'nostos help %s'.\n", command->name);
    return STATUS_USAGE;
}

static const Option *find_option(const char *word, size_t size, unsigned command) {
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        const Option *o = &options[i];
        if (!(o->commands & command)) continue;
        if ((strlen(o->name) == size && memcmp(o->name, word, size) == 0) ||
            (o->short_name && strlen(o->short_name) == size && memcmp(o->short_name, word, size) == 0))
            return o;
    }
    return NULL;
}

int main(int argc, char **argv) {
    if (argc < 2) {
        print_usage(stderr);
        return STATUS_USAGE;
    }
    nst_set_comptime_hook(nst_runtime_comptime);
    // `fmt` reads its own words: `-` may stand among its paths.
    if (strcmp(argv[1], "fmt") == 0) return nst_fmt_main(argc - 1, argv + 1);
    // The first word that is not an option decides the command; a command's own name must come first of all words.
    const Command *command = find_command(argv[1]);
    int at = 2;
    if (!command) {
        for (size_t i = 0; i < sizeof reserved / sizeof *reserved; i++) {
            if (strcmp(argv[1], reserved[i]) != 0) continue;
            fprintf(stderr, "nostos: this build has no command '%s'\nTry 'nostos help'.\n", argv[1]);
            return STATUS_USAGE;
        }
        if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) command = find_command("help");
        else if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0) command = find_command("version");
        else command = &commands[0], at = 1;
    }
    Settings settings = { .test.timeout_ms = 60000 };
    while (at < argc && argv[at][0] == '-' && argv[at][1]) {
        char *word = argv[at++];
        if (strcmp(word, "--") == 0) break;
        if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) {
            char *words[] = { (char *)(uintptr_t)command->name };
            return run_help(&settings, words, 1);
        }
        char *equals = strchr(word, '=');
        const Option *option = find_option(word, equals ? (size_t)(equals - word) : strlen(word), command->bit);
        if (!option || (equals && !option->operand)) return usage_error(command, "unknown option '%s'", word);
        const char *operand = NULL;
        if (option->operand && *option->operand == '[') {
            operand = equals ? equals + 1 : NULL;
        } else if (option->operand) {
            if (equals) operand = equals + 1;
            else if (at < argc) operand = argv[at++];
            else return usage_error(command, "option '%s' needs an operand", word);
        }
        if (!option->read(&settings, operand)) {
            char text[512];
            snprintf(text, sizeof text, "%s' for option '%s", operand ? operand : "", option->name);
            return usage_error(command, "invalid operand '%s'", text);
        }
    }
    int count = argc - at;
    if (count < command->min_words) return usage_error(command, "%s: a target is needed", command->name);
    if (command->max_words >= 0 && count > command->max_words)
        return usage_error(command, "unexpected argument '%s'", argv[at + command->max_words]);
    return command->run(&settings, argv + at, count);
}
