// Diagnostics: the list, its order, and both renderings (cli.md 5).
#include "frontend/diag.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

typedef struct Fixture {
    NstSources *sources;
    NstDiags *diags;
    uint32_t source;
} Fixture;

static Fixture make_fixture(const char *text) {
    Fixture fixture = { nst_sources_new(), nst_diags_new(), 0 };
    fixture.source = nst_sources_add_file(fixture.sources, "app/main.nos", text, strlen(text));
    return fixture;
}

static void free_fixture(Fixture *fixture) {
    nst_diags_free(fixture->diags);
    nst_sources_free(fixture->sources);
}

static NstSpan span(const Fixture *fixture, uint32_t start, uint32_t end) {
    return nst_source_span(fixture->sources, fixture->source, start, end);
}

typedef void (*Render)(const Fixture *fixture, FILE *out);

static void render_text(const Fixture *fixture, FILE *out) {
    nst_diags_write_text(fixture->sources, fixture->diags, out, false);
}

static void render_json(const Fixture *fixture, FILE *out) {
    nst_diags_write_json(fixture->sources, fixture->diags, out);
}

static char *rendered(const Fixture *fixture, Render render) {
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    assert_non_null(out);
    render(fixture, out);
    fclose(out);
    return text;
}

static void expect(const Fixture *fixture, Render render, const char *expected) {
    char *text = rendered(fixture, render);
    assert_string_equal(text, expected);
    free(text);
}

static void test_text_form(void **state) {
    (void)state;
    Fixture fixture = make_fixture("main() = {\n    total: Int = \"x\"\n}\n");
    NstDiag *diag = nst_diag_add(fixture.diags, NST_DIAG_TYPE_MISMATCH, span(&fixture, 28, 31),
                                 "type mismatch: expected `%s`, found `%s`", "Int", "String");
    nst_diag_hint(fixture.diags, diag, "convert with `toInt`");
    nst_diag_note(fixture.diags, diag, "`total` is declared `Int`");
    nst_diag_add(fixture.diags, NST_DIAG_UNUSED, span(&fixture, 0, 4), "unused");
    expect(&fixture, render_text,
           "warning[unused]: unused\n"
           "  --> app/main.nos:1:1\n"
           "   |\n"
           " 1 | main() = {\n"
           "   | ^^^^\n"
           "error[type-mismatch]: type mismatch: expected `Int`, found `String`\n"
           "  --> app/main.nos:2:18\n"
           "   |\n"
           " 2 |     total: Int = \"x\"\n"
           "   |                  ^^^\n"
           "   = help: convert with `toInt`\n"
           "   = note: `total` is declared `Int`\n"
           "1 error, 1 warning\n");
    free_fixture(&fixture);
}

static void test_json_form(void **state) {
    (void)state;
    Fixture fixture = make_fixture("größe = \"a\"\n");
    NstDiag *diag = nst_diag_add(fixture.diags, NST_DIAG_SYNTAX_ERROR, span(&fixture, 10, 13), "unexpected \"ü\"");
    nst_diag_hint(fixture.diags, diag, "h");
    nst_diag_note(fixture.diags, diag, "n");
    nst_diag_label(fixture.diags, diag, span(&fixture, 0, 2), "here");
    diag = nst_diag_add_path(fixture.diags, NST_DIAG_MISSING_MAIN, "app", "No main");
    diag->project = true;
    expect(&fixture, render_json,
           "{\"file\":\"app\",\"line\":0,\"column\":0,\"endLine\":0,\"endColumn\":0,\"severity\":\"error\","
           "\"kind\":\"project\",\"code\":\"missing-main\",\"message\":\"No main\"}\n"
           "{\"file\":\"app/main.nos\",\"line\":1,\"column\":9,\"endLine\":1,\"endColumn\":12,\"severity\":\"error\","
           "\"kind\":\"parse\",\"code\":\"syntax-error\",\"message\":\"unexpected \\\"ü\\\"\",\"hint\":\"h\","
           "\"notes\":[\"n\"],\"labels\":[{\"file\":\"app/main.nos\",\"line\":1,\"column\":1,\"endLine\":1,"
           "\"endColumn\":3,\"message\":\"here\"}]}\n");
    free_fixture(&fixture);
}

static void test_same_diagnostic_once(void **state) {
    (void)state;
    Fixture fixture = make_fixture("abc\n");
    NstDiag *first = nst_diag_add(fixture.diags, NST_DIAG_UNKNOWN_NAME, span(&fixture, 0, 1), "unknown `%s`", "a");
    assert_ptr_equal(nst_diag_add(fixture.diags, NST_DIAG_UNKNOWN_NAME, span(&fixture, 0, 1), "unknown `a`"), first);
    nst_diag_add(fixture.diags, NST_DIAG_UNKNOWN_NAME, span(&fixture, 1, 2), "unknown `a`");
    assert_int_equal(nst_diags_count(fixture.diags, NST_ERROR), 2);
    nst_diags_truncate(fixture.diags, 1);
    nst_diag_add(fixture.diags, NST_DIAG_UNKNOWN_NAME, span(&fixture, 1, 2), "unknown `a`");
    assert_int_equal(nst_diags_count(fixture.diags, NST_ERROR), 2);
    free_fixture(&fixture);
}

static void test_limit(void **state) {
    (void)state;
    Fixture fixture = make_fixture("a\n");
    for (int i = 0; i < 150; i++) nst_diag_add(fixture.diags, NST_DIAG_UNKNOWN_NAME, span(&fixture, 0, 1), "e%03d", i);
    char *text = rendered(&fixture, render_text);
    assert_non_null(strstr(text, "e099\n"));
    assert_null(strstr(text, "e100\n"));
    assert_non_null(strstr(text, "too many errors\n150 errors\n"));
    free(text);
    free_fixture(&fixture);
}

static void test_order_of_modules(void **state) {
    (void)state;
    Fixture fixture = make_fixture("a\n");
    uint32_t other = nst_sources_add_file(fixture.sources, "app/zoo.nos", "b\n", 2);
    nst_source_set_module(fixture.sources, fixture.source, "shop.cart");
    nst_source_set_module(fixture.sources, other, "shop");
    nst_diag_add(fixture.diags, NST_DIAG_UNUSED, span(&fixture, 0, 1), "second");
    nst_diag_add(fixture.diags, NST_DIAG_UNUSED, nst_source_span(fixture.sources, other, 0, 1), "first");
    NstDiag **sorted = nst_diags_sorted(fixture.sources, fixture.diags);
    assert_string_equal(sorted[0]->message, "first");
    assert_string_equal(sorted[1]->message, "second");
    free(sorted);
    free_fixture(&fixture);
}

static void test_generated_code(void **state) {
    (void)state;
    Fixture fixture = make_fixture("@logged\nf() = 1\n");
    uint32_t made =
        nst_sources_add_synthetic(fixture.sources, span(&fixture, 0, 7), nst_name_z("logged"), "pritn(1)", 8);
    nst_diag_add(fixture.diags, NST_DIAG_UNKNOWN_NAME, nst_source_span(fixture.sources, made, 0, 5), "unknown");
    expect(&fixture, render_text,
           "error[unknown-name]: unknown\n"
           "  --> app/main.nos:1:1\n"
           "   |\n"
           " 1 | @logged\n"
           "   | ^^^^^^^\n"
           "   = note: in code generated by template `logged`\n"
           "   = note: generated: pritn(1)\n"
           "1 error\n");
    free_fixture(&fixture);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text_form),
        cmocka_unit_test(test_json_form),
        cmocka_unit_test(test_same_diagnostic_once),
        cmocka_unit_test(test_limit),
        cmocka_unit_test(test_order_of_modules),
        cmocka_unit_test(test_generated_code),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
