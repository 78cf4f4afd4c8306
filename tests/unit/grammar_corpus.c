/* Parses every .nos program below the given directories and lists offenders:
 *
 *   - a program without a `# error: syntax-error` or `# error: invalid-literal`
 *     mark whose tree has an ERROR or MISSING node;
 *   - a program with such a mark whose first problem (ERROR, MISSING, or, for
 *     invalid-literal, a literal the grammar knows to be malformed) does not cover
 *     the marked line.
 *
 * What only lowering can find (see grammar/README.md) is listed as "left to
 * lowering" and is no failure. With -v it also prints the trees of offenders,
 * with -t it measures parsing speed. */
#include "../../grammar/grammar.h"

#include <ftw.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <tree_sitter/api.h>

typedef struct {
    char *text;
    size_t length;
} Source;

typedef struct {
    bool found;
    uint32_t first_line; /* 1-based lines that the problem touches */
    uint32_t last_line;
} Problem;

static TSParser *parser;
static bool verbose;
static bool timing;
static unsigned files, clean, marked, deferred, offenders;
static size_t bytes;
static double seconds;

static Source read_source(const char *path) {
    Source source = {NULL, 0};
    FILE *file = fopen(path, "rb");
    long size;

    if (file == NULL || fseek(file, 0, SEEK_END) != 0 || (size = ftell(file)) < 0) {
        perror(path);
        exit(2);
    }
    rewind(file);
    source.length = (size_t)size;
    source.text = malloc(source.length + 1);
    if (source.text == NULL || fread(source.text, 1, source.length, file) != source.length) {
        perror(path);
        exit(2);
    }
    source.text[source.length] = '\0';
    fclose(file);
    return source;
}

/* The line of the first mark that announces an error of the grammar, or 0. */
static uint32_t marked_line(const char *text, bool *literal) {
    uint32_t line = 1;

    *literal = false;
    for (const char *at = text; *at != '\0'; at++) {
        if (*at == '\n') line++;
        if (strncmp(at, "# error: syntax-error", 21) == 0) return line;
        if (strncmp(at, "# error: invalid-literal", 24) == 0) {
            *literal = true;
            return line;
        }
    }
    return 0;
}

static bool is_problem(TSNode node, bool literals_only) {
    const char *type = ts_node_type(node);
    bool literal = strcmp(type, "invalid_number") == 0 || strcmp(type, "invalid_character") == 0 ||
                   strcmp(type, "unterminated") == 0;

    return literal || (!literals_only && (ts_node_is_missing(node) || strcmp(type, "ERROR") == 0));
}

/* In the order of the text. */
static Problem first_problem(TSNode root, bool literals_only) {
    Problem problem = {false, 0, 0};
    TSTreeCursor cursor = ts_tree_cursor_new(root);
    bool descend = true;

    for (;;) {
        TSNode node = ts_tree_cursor_current_node(&cursor);
        if (descend && is_problem(node, literals_only)) {
            bool unterminated = strcmp(ts_node_type(node), "unterminated") == 0;
            TSNode place = unterminated ? ts_node_parent(node) : node;
            problem.found = true;
            problem.first_line = ts_node_start_point(place).row + 1;
            problem.last_line = ts_node_end_point(place).row + 1;
            break;
        }
        if (descend && ts_tree_cursor_goto_first_child(&cursor)) continue;
        if (ts_tree_cursor_goto_next_sibling(&cursor)) {
            descend = true;
        } else if (ts_tree_cursor_goto_parent(&cursor)) {
            descend = false;
        } else {
            break;
        }
    }
    ts_tree_cursor_delete(&cursor);
    return problem;
}

static void offend(const char *path, const char *what, Problem problem, uint32_t line, TSNode root) {
    offenders++;
    printf("%s: %s (problem on lines %u-%u, mark on line %u)\n", path, what, problem.first_line,
           problem.last_line, line);
    if (verbose) {
        char *tree = ts_node_string(root);
        printf("  %s\n", tree);
        free(tree);
    }
}

static void check(const char *path) {
    Source source = read_source(path);
    struct timespec start, end;
    clock_gettime(CLOCK_MONOTONIC, &start);
    TSTree *tree = ts_parser_parse_string(parser, NULL, source.text, (uint32_t)source.length);
    clock_gettime(CLOCK_MONOTONIC, &end);
    seconds += (double)(end.tv_sec - start.tv_sec) + (double)(end.tv_nsec - start.tv_nsec) / 1e9;
    bytes += source.length;
    files++;

    TSNode root = ts_tree_root_node(tree);
    bool literal;
    uint32_t line = marked_line(source.text, &literal);
    Problem problem = first_problem(root, literal);
    if (line == 0) {
        if (problem.found) {
            offend(path, "well-formed program rejected", problem, line, root);
        } else {
            clean++;
        }
    } else if (!problem.found) {
        deferred++;
        printf("%s:%u: left to lowering\n", path, line);
    } else if (line < problem.first_line || line > problem.last_line) {
        offend(path, "problem on another line", problem, line, root);
    } else {
        marked++;
    }
    ts_tree_delete(tree);
    free(source.text);
}

static int visit(const char *path, const struct stat *info, int kind, struct FTW *where) {
    size_t length = strlen(path);

    (void)info;
    (void)where;
    if (kind == FTW_F && length > 4 && strcmp(path + length - 4, ".nos") == 0) check(path);
    return 0;
}

int main(int count, char **arguments) {
    parser = ts_parser_new();
    if (!ts_parser_set_language(parser, tree_sitter_nostos())) {
        fputs("the parser's ABI does not fit this libtree-sitter\n", stderr);
        return 2;
    }
    for (int i = 1; i < count; i++) {
        if (strcmp(arguments[i], "-v") == 0) {
            verbose = true;
        } else if (strcmp(arguments[i], "-t") == 0) {
            timing = true;
        } else if (nftw(arguments[i], visit, 16, FTW_PHYS) != 0) {
            perror(arguments[i]);
            return 2;
        }
    }
    printf("%u programs: %u clean, %u rejected on the marked line, %u left to lowering, "
           "%u offenders\n",
           files, clean, marked, deferred, offenders);
    if (timing) printf("%.2f MB/s\n", (double)bytes / 1e6 / seconds);
    ts_parser_delete(parser);
    return files == 0 || offenders != 0;
}
