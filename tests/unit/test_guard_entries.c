// The parser's stack: for every recursive form of the grammar, the entries that each level takes are at most those that
// the guard counts. libtree-sitter corrupts its heap when an error pops more than 65,535.
#include "frontend/guard.h"
#include "grammar/grammar.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <tree_sitter/api.h>

// A text whose `unit` may be repeated any number of times after `start`.
typedef struct Form {
    const char *start, *unit;
} Form;

static const Form forms[] = {
    // brackets of expressions
    { "f() = ", "(" },
    { "f() = ", "(1, " },
    { "f() = ", "(1, 2, 3, " },
    { "f() = ", "[" },
    { "f() = ", "[1, 2, " },
    { "f() = ", "[1 | " },
    { "f() = ", "[1.." },
    { "f() = ", "{" },
    { "f() = ", "{ a; b, " },
    { "f() = ", "{ a\n b\n" },
    { "f() = ", "%{" },
    { "f() = ", "%{1: " },
    { "f() = ", "%{1: 2, 3: " },
    { "f() = ", "#{" },
    { "f() = ", "#{1, " },
    { "f() = ", "g(" },
    { "f() = ", "g(1, 2, " },
    { "f() = ", "g(a: " },
    { "f() = ", "g(a: 1, b = " },
    { "f() = ", "P(" },
    { "f() = ", "P(1, " },
    { "f() = ", "P(a: " },
    { "f() = ", "M.P(" },
    { "f() = ", "x.m(" },
    { "f() = ", "x.m(1, " },
    { "f() = ", "x[" },
    { "f() = ", "g[Int](" },
    { "f() = ", "x?.m(" },
    { "f() = ", "\"${" },
    { "f() = ", "\"a ${b} ${" },
    { "f() = ", "'ab ${" },
    { "f() = ", "do " },
    { "f() = ", "do a\n" },
    { "f() = ", "spawn(" },
    { "f() = ", "spawn {" },
    { "f() = ", "spawn_link { a; " },
    { "f() = ", "quote(" },
    { "f() = ", "quote { a\n" },
    // statements
    { "f() = ", "{ x = " },
    { "f() = ", "{ x: T = " },
    { "f() = ", "{ (a, b) = " },
    { "f() = ", "{ var x = " },
    { "f() = ", "{ var x: T = " },
    { "f() = ", "{ x.y = " },
    { "f() = ", "{ x[1] = " },
    { "f() = ", "{ g(a) = " },
    { "f() = ", "{ g(a: T) -> U = " },
    { "f() = ", "{ a; x = " },
    { "f() = ", "{ {a: b} = " },
    // keyword forms
    { "f() = ", "if " },
    { "f() = ", "if c then " },
    { "f() = ", "if c { " },
    { "f() = ", "if c then 1 else " },
    { "f() = ", "if c { 1 } else { " },
    { "f() = ", "if c then x = " },
    { "f() = ", "while " },
    { "f() = ", "while c " },
    { "f() = ", "while c { " },
    { "f() = ", "for i = " },
    { "f() = ", "for i = 1 to " },
    { "f() = ", "for i = 1 to 2 " },
    { "f() = ", "for i = 1 to 2 { " },
    { "f() = ", "match " },
    { "f() = ", "match x { _ -> " },
    { "f() = ", "match x { 1 | 2 -> 3; a when b -> " },
    { "f() = ", "match x { a when " },
    { "f() = ", "match x { _ -> y = " },
    { "f() = ", "receive { _ -> " },
    { "f() = ", "receive { after " },
    { "f() = ", "receive { after 1 -> " },
    { "f() = ", "receive { 1 -> 2; after 1 -> " },
    { "f() = ", "try " },
    { "f() = ", "try { " },
    { "f() = ", "try a catch { _ -> " },
    { "f() = ", "try a finally " },
    { "f() = ", "try a catch { _ -> 1 } finally " },
    { "f() = ", "x => " },
    { "f() = ", "() => " },
    { "f() = ", "(x, y) => " },
    { "f() = ", "(x: A, y: B) -> C => " },
    { "f() = ", "[h | _] => " },
    { "f() = ", "return " },
    { "f() = ", "break " },
    { "f() = ", "(x => { " },
    // operators
    { "f() = ", "a :: " },
    { "f() = ", "a ** " },
    { "f() = ", "- " },
    { "f() = ", "! " },
    { "f() = ", "not " },
    { "f() = ", "~ " },
    { "f() = ", "a + " },
    { "f() = ", "(a + " },
    { "f() = ", "(a + b * " },
    { "f() = ", "g(a <- " },
    { "f() = ", "(a <- b |> c || d && e == f ++ g :: h + i * j ** -" },
    { "f() = ", "{ x = a || b && c < " },
    { "f() = ", "[a ++ b :: " },
    { "f() = ", "if a + b then c * " },
    // brackets in operands of keyword forms
    { "f() = ", "for i = 1 to (" },
    { "f() = ", "for i = 1 to 2 (" },
    { "f() = ", "for i = 1 to a + (" },
    { "f() = ", "for i = (" },
    { "f() = ", "for i = {1} to 2 (" },
    { "f() = ", "for i = 1 to a + {2} (" },
    { "f() = ", "for i = 1 to 2 { (" },
    { "f() = ", "if c then 1 else (" },
    { "f() = ", "if c then x = [" },
    { "f() = ", "if c then 1 else a * (" },
    { "f() = ", "try a catch { _ -> 1 } finally (" },
    { "f() = ", "match x { a when (" },
    { "f() = ", "{ x: T = (" },
    { "f() = ", "{ g(a: T) -> U = [" },
    { "f() = ", "(x: A) -> B => (" },
    { "f() = ", "receive { 1 -> 2; after (" },
    { "f() = ", "g(1, a: (" },
    { "f() = ", "%{1: 2, 3: (" },
    { "f() = ", "return a + if c then 1 else x => - (" },
    { "f() = ", "while a for i = 1 to if c then 1 else x => {" },
    // patterns
    { "f(", "(" },
    { "f(", "(a, " },
    { "f(", "[" },
    { "f(", "[a, " },
    { "f(", "[a | " },
    { "f(", "A(" },
    { "f(", "A(b, " },
    { "f(", "A(a: " },
    { "f(", "{ a: " },
    { "f(", "A { a: " },
    { "f(", "%{1: " },
    { "f(", "#{" },
    { "f(", "(1 | " },
    { "f() = match x { ", "(a, " },
    { "f() = match x { ", "[a | " },
    { "f() = match x { ", "A(" },
    { "f(a = ", "g(" },
    // types
    { "f(x: ", "(" },
    { "f(x: ", "(A, " },
    { "f(x: ", "[" },
    { "f(x: ", "List[" },
    { "f(x: ", "Map[A, " },
    { "f(x: ", "A -> " },
    { "f(x: ", "(A, B) -> " },
    { "f(x: ", "{ a: " },
    { "type T = ", "(" },
    { "type T = ", "List[" },
    { "type T = A(", "(A, " },
    { "type T = ", "{ a: " },
    { "f() = { x: ", "List[" },
    { "f() = { x: ", "(A) -> " },
    { "mvar x: ", "[" },
    // declarations
    { "", "module A " },
    { "", "module A f() = 1\n" },
    { "@d(", "(" },
    { "trait T m(x: ", "[" },
    { "Int: T m() = ", "{ " },
};

// Shifts and reductions of the parser, from its log: the grammar has no conflicts, so there is one stack.
static void count(void *payload, TSLogType type, const char *message) {
    long *stack = payload;
    if (type != TSLogTypeParse || stack[1]) return;
    if (strncmp(message, "shift", 5) == 0) {
        stack[0]++;
    } else if (strncmp(message, "reduce", 6) == 0) {
        const char *children = strstr(message, "child_count:");
        stack[0] += 1 - strtol(children + 12, NULL, 10);
    } else if (strncmp(message, "detect_error", 12) == 0) {
        stack[1] = 1;
    }
    if (stack[0] > stack[2]) stack[2] = stack[0];
}

static size_t entries_of(const char *text, size_t size) {
    long stack[3] = { 0 };
    TSParser *parser = ts_parser_new();
    ts_parser_set_language(parser, tree_sitter_nostos());
    ts_parser_set_logger(parser, (TSLogger){ stack, count });
    ts_tree_delete(ts_parser_parse_string(parser, NULL, text, (uint32_t)size));
    ts_parser_delete(parser);
    return (size_t)stack[2];
}

static char *repeat(const Form *form, size_t times, size_t *size) {
    size_t start = strlen(form->start), unit = strlen(form->unit);
    char *text = malloc(start + unit * times + 1);
    memcpy(text, form->start, start);
    for (size_t i = 0; i < times; i++) memcpy(text + start + i * unit, form->unit, unit);
    *size = start + unit * times;
    text[*size] = '\0';
    return text;
}

static void test_every_form(void **state) {
    (void)state;
    enum { FEW = 20, MANY = 220 };
    double most = 0;
    size_t more = 0;
    const char *deepest = "";
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        size_t few, many;
        char *text = repeat(&forms[i], FEW, &few), *longer = repeat(&forms[i], MANY, &many);
        size_t used = entries_of(longer, many) - entries_of(text, few);
        size_t counted = nst_guard_entries(longer, many) - nst_guard_entries(text, few);
        if (used > counted)
            print_error("`%s` takes %g entries a level, the guard counts %g\n", forms[i].unit,
                        (double)used / (MANY - FEW), (double)counted / (MANY - FEW));
        more += used > counted;
        double a_level = (double)used / (MANY - FEW);
        if (a_level > most) most = a_level, deepest = forms[i].unit;
        free(text);
        free(longer);
    }
    print_message("%zu forms; the most entries a level: %g, by `%s`\n", sizeof forms / sizeof *forms, most, deepest);
    assert_int_equal(more, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_every_form) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
