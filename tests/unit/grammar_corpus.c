/* Parses every .nos program below the given directories and lists offenders:
 *
 *   - a program without a `# error: syntax-error` or `# error: invalid-literal`
 *     mark whose tree has an ERROR or MISSING node;
 *   - a program with the second mark whose first malformed literal is elsewhere.
 *
 * Which line a syntax error belongs to is decided by the frontend, not by the
 * tree, and checked by tests/run.
 *
 * Programs that only lowering can reject (see grammar/README.md) are listed as
 * "left to lowering" and are no offenders. With -v it also prints the trees of
 * offenders, with -t the parsing speed. */
#include "../../grammar/grammar.h"

#include <ctype.h>
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

static TSParser *parser;
static bool verbose;
static bool timing;
static unsigned files, clean, rejected, deferred, offenders;
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

static bool is_malformed_literal(const char *type) {
    return strcmp(type, "invalid_number") == 0 || strcmp(type, "invalid_character") == 0 ||
           strcmp(type, "unterminated") == 0;
}

/* The line of the first malformed literal, or 0. */
static uint32_t literal_line(TSNode root) {
    TSTreeCursor cursor = ts_tree_cursor_new(root);
    uint32_t line = 0;
    bool descend = true;

    while (line == 0) {
        TSNode node = ts_tree_cursor_current_node(&cursor);
        if (descend && is_malformed_literal(ts_node_type(node))) {
            bool unterminated = strcmp(ts_node_type(node), "unterminated") == 0;
            line = ts_node_start_point(unterminated ? ts_node_parent(node) : node).row + 1;
        } else if (!descend || !ts_tree_cursor_goto_first_child(&cursor)) {
            descend = ts_tree_cursor_goto_next_sibling(&cursor);
            if (!descend && !ts_tree_cursor_goto_parent(&cursor)) break;
        } else {
            descend = true;
        }
    }
    ts_tree_cursor_delete(&cursor);
    return line;
}

/* What the parser's log tells of its first error. The grammar has no conflicts,
 * so until then the parser has one version of the past: it stands behind the last
 * token that continued it, and the next token is the first bad one. */
typedef struct {
    TSPoint good_end; /* of the last token that is not a comment */
    bool after_comment;
    bool at_newline; /* the bad token is a newline */
    bool found;
} FirstError;

static void watch(void *payload, TSLogType type, const char *message) {
    FirstError *error = payload;
    unsigned row, column;
    const char *place = strstr(message, "row:");

    if (type != TSLogTypeParse || error->found) return;
    if (strncmp(message, "shift_extra", 11) == 0) {
        error->after_comment = true;
    } else if (strncmp(message, "shift state", 11) == 0) {
        error->after_comment = false;
    } else if (strncmp(message, "detect_error", 12) == 0) {
        error->found = true;
        error->at_newline = strstr(message, "lookahead:_nl") != NULL;
    } else if (strncmp(message, "process ", 8) == 0 && !error->after_comment && place != NULL &&
               sscanf(place, "row:%u, col:%u", &row, &column) == 2) {
        error->good_end = (TSPoint){row, column};
    }
}

/* Passes blanks, newlines and comments. */
static const char *next_token(const char *at) {
    for (;;) {
        at += strspn(at, " \t\r\n");
        if (at[0] == '#' && at[1] == '*') {
            const char *end = strstr(at, "*#");
            if (end == NULL) return at;
            at = end + 2;
        } else if (at[0] == '#' && at[1] != '{') {
            at += strcspn(at, "\n");
        } else {
            return at;
        }
    }
}

/* A declaration's first token in column 0. */
static bool begins_declaration(const char *text, const char *at) {
    return (at == text || at[-1] == '\n') && (isalpha((unsigned char)*at) || strchr("_@[(", *at)) &&
           strncmp(at, "import", 6) != 0 && strncmp(at, "end", 3) != 0;
}

/* True if `bad` stands in the head of a declaration that begins on its line while
 * the one before is not complete: what breaks off swallowed the head. */
static bool breaks_off_before_line(const Source *source, const char *bad) {
    const char *line = bad;

    while (line > source->text && line[-1] != '\n') line--;
    if (line == bad || !islower((unsigned char)*line)) return false;
    for (const char *at = line; at < bad; at++) {
        if (!isalnum((unsigned char)*at) && !strchr("_(), ", *at)) return false;
    }
    TSTree *before = ts_parser_parse_string(parser, NULL, source->text, (uint32_t)(line - source->text));
    bool complete = !ts_node_has_error(ts_tree_root_node(before));
    ts_tree_delete(before);
    return !complete;
}

/* The line on which the first syntax error is to be reported, or 0: that of the
 * first bad token, but that of the last good one if what is bad is the end of the
 * line, the end of the file, or the next declaration. */
static uint32_t error_line(const Source *source) {
    FirstError error = {{0, 0}, false, false, false};
    const char *good = source->text;
    const char *bad;
    uint32_t line;

    ts_parser_set_logger(parser, (TSLogger){&error, watch});
    ts_tree_delete(ts_parser_parse_string(parser, NULL, source->text, (uint32_t)source->length));
    ts_parser_set_logger(parser, (TSLogger){NULL, NULL});
    if (!error.found) return 0;
    for (uint32_t row = 0; row < error.good_end.row; row++) good = strchr(good, '\n') + 1;
    good += error.good_end.column;
    bad = next_token(good);
    line = error.good_end.row + 1;
    if (error.at_newline || *bad == '\0' || begins_declaration(source->text, bad)) return line;
    for (const char *at = good; at < bad; at++) {
        if (*at == '\n') line++;
    }
    return breaks_off_before_line(source, bad) ? line - 1 : line;
}

/* A declaration that breaks off at the end of its line swallows the head of the
 * next one; the frontend reports the line that breaks off. */
static bool breaks_off(const char *text, uint32_t expected, uint32_t found) {
    for (uint32_t line = 1; line < expected; line++) text = strchr(text, '\n') + 1;
    const char *next = strchr(text, '\n');
    return found == expected + 1 && next != NULL && begins_declaration(text, next + 1);
}

static void offend(const char *path, const char *what, uint32_t found, uint32_t expected,
                   TSNode root) {
    offenders++;
    printf("%s:%u: %s (the mark is on line %u)\n", path, found, what, expected);
    if (verbose) {
        char *tree = ts_node_string(root);
        printf("  %s\n", tree);
        free(tree);
    }
}

static void check(const char *path) {
    Source source = read_source(path);
    struct timespec start, end;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &start);
    TSTree *tree = ts_parser_parse_string(parser, NULL, source.text, (uint32_t)source.length);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end);
    seconds += (double)(end.tv_sec - start.tv_sec) + (double)(end.tv_nsec - start.tv_nsec) / 1e9;
    bytes += source.length;
    files++;

    TSNode root = ts_tree_root_node(tree);
    bool literal;
    uint32_t expected = marked_line(source.text, &literal);
    uint32_t found = literal ? literal_line(root) : error_line(&source);
    if (expected == found || (expected != 0 && found != 0 && !literal)) {
        if (expected == 0) clean++;
        else rejected++;
    } else if (expected == 0) {
        offend(path, "well-formed program rejected", found, expected, root);
    } else if (found == 0 || breaks_off(source.text, expected, found)) {
        deferred++;
        printf("%s:%u: left to lowering\n", path, expected);
    } else {
        offend(path, "first problem", found, expected, root);
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
    printf("%u programs: %u clean, %u rejected, %u left to lowering, "
           "%u offenders\n",
           files, clean, rejected, deferred, offenders);
    if (timing) printf("%.2f MB/s\n", (double)bytes / 1e6 / seconds);
    ts_parser_delete(parser);
    return files == 0 || offenders != 0;
}
