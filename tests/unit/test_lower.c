// From text to AST: what lowering decides, and every kind of syntax error at its line.
#include "frontend/ast_dump.h"
#include "frontend/parse.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

typedef struct Parsed {
    NstSources *sources;
    NstDiags *diags;
    NstArena arena;
    NstFileAst *file;
} Parsed;

static Parsed parse(const char *text) {
    Parsed parsed = { .sources = nst_sources_new(), .diags = nst_diags_new() };
    uint32_t source = nst_sources_add_file(parsed.sources, "t.nos", text, strlen(text));
    parsed.file = nst_parse_file(parsed.sources, source, &parsed.arena, parsed.diags);
    return parsed;
}

static void free_parsed(Parsed *parsed) {
    nst_arena_free(&parsed->arena);
    nst_diags_free(parsed->diags);
    nst_sources_free(parsed->sources);
}

static void expect_dump(const char *text, const char *expected) {
    Parsed parsed = parse(text);
    char *dump = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&dump, &size);
    assert_non_null(out);
    nst_ast_dump(out, parsed.file);
    fclose(out);
    assert_int_equal(parsed.diags->count, 0);
    assert_string_equal(dump, expected);
    free(dump);
    free_parsed(&parsed);
}

// Lines of the errors, in order: "2 syntax-error, 5 invalid-literal".
static void expect_errors(const char *text, const char *expected) {
    Parsed parsed = parse(text);
    NstDiag **sorted = nst_diags_sorted(parsed.sources, parsed.diags);
    char found[512] = "";
    for (size_t i = 0; i < parsed.diags->count; i++) {
        NstPlace place;
        assert_true(nst_sources_place(parsed.sources, sorted[i]->span, &place));
        size_t used = strlen(found);
        snprintf(found + used, sizeof found - used, "%s%u %s", used ? ", " : "", place.line,
                 nst_diag_kind_text(sorted[i]->kind));
    }
    assert_string_equal(found, expected);
    assert_int_equal(parsed.file->has_syntax_errors, parsed.diags->count > 0);
    free(sorted);
    free_parsed(&parsed);
}

static void test_operators(void **state) {
    (void)state;
    expect_dump("a = -2 ** 2 - -x.abs()", "(let a (- (** (neg 2) 2) (neg (method x .abs))))\n");
    expect_dump("a = not b == c && 1 :: 2 :: xs ++ ys", "(let a (&& (== (not b) c) (++ (:: 1 (:: 2 xs)) ys)))\n");
    expect_dump("a = 1 + if c then 2 else 3 + 10", "(let a (+ 1 (if c 2 (+ 3 10))))\n");
    expect_dump("a = x => x + 1 |> f", "(let a (lambda (x) (call piped f (+ x 1))))\n");
    expect_dump("a = x |> f |> g(1) |> m.k(2) |> Some",
                "(let a (call piped Some (method piped m .k (call piped g (call piped f x) 1) 2)))\n");
    expect_dump("a = -9223372036854775808", "(let a -9223372036854775808)\n");
    expect_dump("a = t.0.1", "(let a (element (element t 0) 1))\n");
}

static void test_type_arguments(void **state) {
    (void)state;
    expect_dump("a = decode[User](s)", "(let a (call decode [ (type User) ] s))\n");
    expect_dump("a = m.f[List[Int], (A) -> B](s)",
                "(let a (method m .f [ (type List (type Int)) (-> (type A) (type B)) ] s))\n");
    expect_dump("a = handlers[i](ev)", "(let a (call (index handlers i) ev))\n");
    expect_dump("f[t](x: t) = g[t](x)", "(function (f (param t) ((: x (var t))) = (call g [ (var t) ] x)))\n");
    expect_dump("f(t) = g[t](t)", "(function (f (t) = (call (index g t) t)))\n");
}

static void test_cover_forms(void **state) {
    (void)state;
    expect_dump("f() = { {x, y: (_, b)} = p }",
                "(function (f () = (block (bind (record (x x) (y (tuple _ b))) p))))\n");
    expect_dump("f() = { P(x: 1, y: c) = p }", "(function (f () = (block (bind (ctor P (x 1) (y c)) p))))\n");
    expect_dump("f() = { [1 .. 3, ^k | r] = p }",
                "(function (f () = (block (bind (list (range 1 3) (pin k) | r) p))))\n");
    expect_dump("f() = { a[0].b = 1; a.b[c] = 2 }",
                "(function (f () = (block (assign (field (index a 0) .b) 1) (assign (index (field a .b) c) 2))))\n");
    expect_dump("f() = { g(0) = 1\n x = 2\n g(n, k: Int = 3) = n\n g(n) = n }",
                "(function (f () = (block (local (g (0) = 1) (g (n) = n)) (bind x 2) (local (g (n (: k (type Int)) = "
                "3) = n)))))\n");
    expect_dump("f() = ((a, b), c: Int) -> Int => a",
                "(function (f () = (lambda ((tuple a b) (: c (type Int))) (type Int) a)))\n");
    expect_dump("f() = { h: (Int, a) -> [b] = g }",
                "(function (f () = (block (bind h (-> (type Int) (var a) (list (var b))) g))))\n");
}

static void test_control(void **state) {
    (void)state;
    expect_dump("f() = if a then b = 1 else c.d = 2",
                "(function (f () = (if a (block (bind b 1)) (block (assign (field c .d) 2)))))\n");
    expect_dump("f() = match x { 1 | -2 -> n = 1 | _ when b -> 2 }",
                "(function (f () = (match x (arm (or 1 -2) (block (bind n 1))) (arm _ when b 2))))\n");
    expect_dump("f() = { spawn { g }; spawn(g); spawn_link(() => 1) }",
                "(function (f () = (block (spawn (block g)) (spawn value g) (spawn_link value (lambda () 1)))))\n");
    expect_dump("f() = { do\n 1\n end; return }", "(function (f () = (block (block 1) (return none))))\n");
}

static void test_literals(void **state) {
    (void)state;
    expect_dump("a = \"x\\n${b}\\q\\$\"", "(let a (string \"x\\x0a\" b \"\\\\q$\"))\n");
    expect_dump("a = ['a', '\\'', 'ab', 1__0_, 0xfF, 0b1_1, 7n, 1_0.50d, 255u8]",
                "(let a (list (char 97) (char 39) \"ab\" 10 255 3 7n 10.50d 255u8))\n");
    expect_dump("const a = -2.5", "(const a (float -2.5))\n");
}

static void test_documentation(void **state) {
    (void)state;
    Parsed parsed = parse("# no\n\n## One.\n#  two\n@d\nf() = 1\n\nmodule M\n  # in\n  g() = 2\nend\n");
    assert_int_equal(parsed.file->item_count, 2);
    const NstItem *f = parsed.file->items[0], *m = parsed.file->items[1];
    assert_int_equal(f->doc.size, 9);
    assert_memory_equal(f->doc.data, "One.\n two", 9);
    assert_int_equal(m->doc.size, 0);
    assert_memory_equal(m->module.items[0]->doc.data, "in", 2);
    assert_int_not_equal(f->span.origin, m->span.origin);
    assert_int_equal(f->span.start, 0);
    free_parsed(&parsed);
}

static void test_left_sides(void **state) {
    (void)state;
    expect_errors("f() = {\n  1 + 2 = x\n}", "2 syntax-error");
    expect_errors("f() = {\n  f(1).g() = 2\n}", "2 syntax-error");
    expect_errors("f() = {\n  (1 + 2, b) = x\n}", "2 syntax-error");
    expect_errors("f() = {\n  g(x + 1) = 3\n}", "2 syntax-error");
    expect_errors("f() = {\n  A.B(x) = 3\n}", "2 syntax-error");
    expect_errors("f() = (x + 1) => 2", "1 syntax-error");
}

static void test_trailing_commas(void **state) {
    (void)state;
    expect_errors("a = [1,]\nb = f(1,)\nc = (1,)\nd(x,) = 1",
                  "1 syntax-error, 2 syntax-error, 3 syntax-error, 4 syntax-error");
    expect_errors("a = xs[1,]\nb = xs[1, 2]", "1 syntax-error, 2 syntax-error");
    expect_errors("f() = { P(x,) = 1 }\ng() = match x { P(a,) -> 1 }", "1 syntax-error, 2 syntax-error");
    expect_errors("a = P(1,)\nb = %{1: 2,}\nc = #{1,}\nf() = { {x,} = p }", "");
}

static void test_missing_at_line_end(void **state) {
    (void)state;
    expect_errors("use Tools\nmain() = 1", "1 syntax-error");
    expect_errors("mvar n: Int\nf() = 1", "1 syntax-error");
    expect_errors("module A\n  use B\n  f() = 1\nend\ng() = )", "2 syntax-error, 5 syntax-error");
    expect_errors("f() = {\n  1\n\n", "2 syntax-error");
}

static void test_recovery(void **state) {
    (void)state;
    Parsed parsed = parse("f() = 1\ng() = )\nh() = 2\nmodule M\n  a() = 1 2\n  b() = 3\nend\nk() = [\n");
    assert_int_equal(parsed.diags->count, 3);
    assert_int_equal(parsed.file->item_count, 3);
    assert_int_equal(parsed.file->items[2]->module.item_count, 1);
    free_parsed(&parsed);
    expect_errors("f() = 5i64 + '\\q'\ng() = 300u8", "1 invalid-literal, 1 invalid-literal, 2 invalid-literal");
    expect_errors("f() = {\n  println(\"abc)\n}\n", "2 invalid-literal");
}

static void test_deep_trees(void **state) {
    (void)state;
    enum { DEPTH = 9000 };
    char *text = malloc(2 * DEPTH + 16);
    assert_non_null(text);
    strcpy(text, "a = ");
    memset(text + 4, '[', DEPTH);
    memset(text + 4 + DEPTH, ']', DEPTH);
    strcpy(text + 4 + 2 * DEPTH, "\n");
    Parsed parsed = parse(text);
    assert_int_equal(parsed.diags->count, 0);
    assert_int_equal(parsed.file->item_count, 1);
    free_parsed(&parsed);
    text[4 + 2 * DEPTH - 1] = ' '; // and with an error at the bottom of the parser's stack
    parsed = parse(text);
    assert_int_equal(parsed.diags->count, 1);
    free_parsed(&parsed);
    free(text);
}

static void test_expressions_alone(void **state) {
    (void)state;
    static const struct {
        const char *text, *statements, *expression;
    } cases[] = {
        { "1 + 2", "(block (+ 1 2))", "(+ 1 2)" },
        { "x = 1; x", "(block (bind x 1) x)", NULL },
        { "1) + (2", NULL, NULL },
        { "} ; {", NULL, NULL },
        { "f(1, ", NULL, NULL },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        for (int statements = 0; statements < 2; statements++) {
            Parsed parsed = { .sources = nst_sources_new(), .diags = nst_diags_new() };
            uint32_t source = nst_sources_add_file(parsed.sources, "<repl>", cases[i].text, strlen(cases[i].text));
            NstExpr *expr = (statements ? nst_parse_statements : nst_parse_expression)(parsed.sources, source,
                                                                                       &parsed.arena, parsed.diags);
            const char *expected = statements ? cases[i].statements : cases[i].expression;
            assert_int_equal(expr != NULL, expected != NULL);
            assert_int_equal(parsed.diags->count, expected ? 0 : 1);
            if (expr) {
                char dump[128] = "";
                FILE *out = fmemopen(dump, sizeof dump, "w");
                nst_ast_dump_expr(out, expr);
                fclose(out);
                assert_string_equal(dump, expected);
                assert_int_equal(expr->span.start, 0);
                assert_int_equal(expr->span.end, strlen(cases[i].text));
            }
            free_parsed(&parsed);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_operators),
        cmocka_unit_test(test_type_arguments),
        cmocka_unit_test(test_cover_forms),
        cmocka_unit_test(test_control),
        cmocka_unit_test(test_literals),
        cmocka_unit_test(test_documentation),
        cmocka_unit_test(test_left_sides),
        cmocka_unit_test(test_trailing_commas),
        cmocka_unit_test(test_missing_at_line_end),
        cmocka_unit_test(test_recovery),
        cmocka_unit_test(test_deep_trees),
        cmocka_unit_test(test_expressions_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
