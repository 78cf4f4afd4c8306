/* Checks the grammar form by form; the forms and their notation are in
 * grammar_forms.txt, whose path is the one argument. */
#include "../../grammar/grammar.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tree_sitter/api.h>

enum { LINE_LENGTH = 4096, NESTING = 10000 };

typedef struct {
    char *bytes;
    size_t length;
    size_t capacity;
} Text;

static TSParser *parser;
static unsigned checked, failed;

static void text_add(Text *text, const char *bytes, size_t length) {
    if (text->length + length >= text->capacity) {
        text->capacity = (text->length + length + 1) * 2;
        text->bytes = realloc(text->bytes, text->capacity);
        if (text->bytes == NULL) abort();
    }
    memcpy(text->bytes + text->length, bytes, length);
    text->length += length;
    text->bytes[text->length] = '\0';
}

static void text_add_string(Text *text, const char *string) {
    text_add(text, string, strlen(string));
}

/* Adds `form` with each ⏎ made a newline. */
static void text_add_form(Text *text, const char *form) {
    static const char sign[] = "⏎";
    const char *at;

    while ((at = strstr(form, sign)) != NULL) {
        text_add(text, form, (size_t)(at - form));
        text_add_string(text, "\n");
        form = at + strlen(sign);
    }
    text_add_string(text, form);
}

static bool parses(const Text *text) {
    TSTree *tree = ts_parser_parse_string(parser, NULL, text->bytes, (uint32_t)text->length);
    bool ok = !ts_node_has_error(ts_tree_root_node(tree));

    ts_tree_delete(tree);
    return ok;
}

static void expect(const Text *text, bool well_formed, unsigned line, const char *form) {
    checked++;
    if (parses(text) == well_formed) return;
    failed++;
    printf("line %u: %s: %s\n", line, well_formed ? "rejected" : "accepted", form);
}

static void nest(Text *text, char *form, unsigned line) {
    char *core = strstr(form, "|x|");

    if (core == NULL) {
        fprintf(stderr, "line %u: a nest line needs |x|\n", line);
        exit(2);
    }
    text_add_string(text, "main() = ");
    for (int i = 0; i < NESTING; i++) text_add(text, form, (size_t)(core - form));
    text_add_string(text, "x");
    for (int i = 0; i < NESTING; i++) text_add_string(text, core + 3);
    text_add_string(text, "\n");
    expect(text, true, line, form);
}

int main(int count, char **arguments) {
    char line[LINE_LENGTH];
    FILE *file = count == 2 ? fopen(arguments[1], "r") : NULL;

    if (file == NULL) {
        fputs("usage: grammar_forms FORMS\n", stderr);
        return 2;
    }
    parser = ts_parser_new();
    if (!ts_parser_set_language(parser, tree_sitter_nostos())) {
        fputs("the parser's ABI does not fit this libtree-sitter\n", stderr);
        return 2;
    }
    for (unsigned number = 1; fgets(line, sizeof line, file) != NULL; number++) {
        Text text = {NULL, 0, 0};
        char *form = line + 6;

        line[strcspn(line, "\n")] = '\0';
        if (strncmp(line, "decl", 4) == 0) {
            text_add_form(&text, form);
            expect(&text, line[4] == '+', number, form);
        } else if (strncmp(line, "stmt", 4) == 0) {
            text_add_string(&text, "main() = {\n");
            text_add_form(&text, form);
            text_add_string(&text, "\n}\n");
            expect(&text, line[4] == '+', number, form);
        } else if (strncmp(line, "nest ", 5) == 0) {
            nest(&text, line + 5, number);
        }
        free(text.bytes);
    }
    fclose(file);
    ts_parser_delete(parser);
    printf("%u forms, %u wrong\n", checked, failed);
    return checked == 0 || failed != 0;
}
