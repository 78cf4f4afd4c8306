#include "fmt/options.h"

#include "frontend/arena.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char nst_fmt_usage[] =
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

static void add_lines(NstFmtSettings *settings, NstFmtLines lines) {
    if (settings->line_count == settings->line_capacity) {
        settings->line_capacity = settings->line_capacity ? settings->line_capacity * 2 : 4;
        settings->lines = nst_realloc(settings->lines, settings->line_capacity * sizeof(NstFmtLines));
    }
    settings->lines[settings->line_count++] = lines;
}

static bool read_lines(NstFmtSettings *settings, const char *text) {
    NstFmtLines lines;
    bool ok = read_number(&text, &lines.first) && read_character(&text, '-') && read_number(&text, &lines.last) && !*text &&
              lines.first <= lines.last;
    if (ok) add_lines(settings, lines);
    return ok;
}

// A range that ends before the first column of a line does not touch that line.
static bool read_range(NstFmtSettings *settings, const char *text) {
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

static bool read_color(NstFmtSettings *settings, const char *text) {
    settings->color = text;
    return strcmp(text, "auto") == 0 || strcmp(text, "always") == 0 || strcmp(text, "never") == 0;
}

static bool read_stdin_path(NstFmtSettings *settings, const char *text) {
    settings->stdin_path = text;
    settings->standard_input = true;
    return *text != 0;
}

typedef struct Option {
    const char *name, *short_name;
    bool is_flag;                                   // at `offset`
    size_t offset;
    bool (*read)(NstFmtSettings *settings, const char *operand); // or an operand
} Option;

static const Option options[] = {
    {"--check", NULL, true, offsetof(NstFmtSettings, check), NULL},
    {"--diff", NULL, true, offsetof(NstFmtSettings, diff), NULL},
    {"--list", "-l", true, offsetof(NstFmtSettings, list), NULL},
    {"--verify", NULL, true, offsetof(NstFmtSettings, verify), NULL},
    {"--quiet", "-q", true, offsetof(NstFmtSettings, quiet), NULL},
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

void nst_fmt_usage_error(const char *format, const char *word) {
    fputs("nostos: ", stderr);
    fprintf(stderr, format, word); // formats are literals of this folder
    fputs("\nTry 'nostos help fmt'.\n", stderr);
}

static bool refuse(const char *format, const char *word) {
    nst_fmt_usage_error(format, word);
    return false;
}

// *at becomes the first PATH.
static bool read_options(NstFmtSettings *settings, int argc, char **argv, int *at) {
    while (*at < argc && argv[*at][0] == '-' && argv[*at][1]) {
        const char *word = argv[(*at)++];
        if (strcmp(word, "--") == 0) break;
        const char *equals = strchr(word, '=');
        const Option *option = find_option(word, equals ? (size_t)(equals - word) : strlen(word));
        if (!option || (equals && !option->read)) return refuse("unknown option '%s'", word);
        if (option->is_flag) {
            *(bool *)((char *)settings + option->offset) = true;
            continue;
        }
        const char *operand = equals ? equals + 1 : *at < argc ? argv[(*at)++] : NULL;
        if (!operand) return refuse("option '%s' needs an operand", word);
        if (!option->read(settings, operand)) {
            char text[512];
            snprintf(text, sizeof text, "%s' for option '%s", operand, option->name);
            return refuse("invalid operand '%s'", text);
        }
    }
    return true;
}

// One `-` alone means standard input.
static bool read_paths(NstFmtSettings *settings, int count, char **paths) {
    if (count == 1 && strcmp(paths[0], "-") == 0) settings->standard_input = true, count = 0;
    for (int i = 0; i < count && count > 1; i++)
        if (strcmp(paths[i], "-") == 0) return refuse("unexpected argument '%s'", paths[i == 0]);
    if (settings->standard_input && count) return refuse("unexpected argument '%s'", paths[0]);
    settings->paths = paths;
    settings->path_count = count;
    return true;
}

static bool wants_help(int argc, char **argv) {
    for (int i = 1; i < argc && argv[i][0] == '-' && strcmp(argv[i], "--") != 0; i++)
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) return true;
    return false;
}

NstFmtRequest nst_fmt_read_options(NstFmtSettings *settings, int argc, char **argv) {
    *settings = (NstFmtSettings){0};
    if (wants_help(argc, argv)) return NST_FMT_HELP;
    int at = 1;
    bool ok = read_options(settings, argc, argv, &at) && read_paths(settings, argc - at, argv + at);
    return ok ? NST_FMT_RUN : NST_FMT_MISUSED;
}
