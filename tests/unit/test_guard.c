// The guard before the parser: encoding, size, and nesting of every kind, just below and just above the limits.
#include "frontend/guard.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static const char *refusal(const char *text, size_t size, uint32_t *offset) {
    static char message[256];
    NstSources *sources = nst_sources_new();
    NstDiags *diags = nst_diags_new();
    uint32_t source = nst_sources_add_file(sources, "t.nos", text, size);
    bool passed = nst_guard_check(sources, source, diags);
    assert_int_equal(passed, diags->count == 0);
    if (!passed) {
        assert_int_equal(diags->count, 1);
        assert_int_equal(diags->items[0]->kind, NST_DIAG_SYNTAX_ERROR);
        snprintf(message, sizeof message, "%s", diags->items[0]->message);
        *offset = diags->items[0]->span.start;
    }
    nst_diags_free(diags);
    nst_sources_free(sources);
    return passed ? NULL : message;
}

static void expect_passes(const char *text) {
    uint32_t offset;
    assert_null(refusal(text, strlen(text), &offset));
}

static void expect_refused(const char *text, size_t size, const char *message, uint32_t at) {
    uint32_t offset = 0;
    const char *said = refusal(text, size, &offset);
    assert_non_null(said);
    assert_non_null(strstr(said, message));
    assert_int_equal(offset, at);
}

// `head`, then `unit` n times.
static char *repeat(const char *head, const char *unit, size_t n) {
    size_t length = strlen(unit), start = strlen(head);
    char *text = malloc(start + length * n + 1);
    assert_non_null(text);
    strcpy(text, head);
    for (size_t i = 0; i < n; i++) memcpy(text + start + i * length, unit, length);
    text[start + length * n] = '\0';
    return text;
}

static void check_nesting(const char *unit, size_t n, bool refused) {
    char *text = repeat("f() = ", unit, n);
    uint32_t offset;
    const char *said = refusal(text, strlen(text), &offset);
    if (refused) assert_non_null(said);
    else assert_null(said);
    free(text);
}

static void test_encoding(void **state) {
    (void)state;
    expect_passes("main() = \"grüße 漢字 😀\"");
    expect_passes("\xEF\xBB\xBFmain() = 1");
    expect_refused("x = \"\xFF\"", 7, "not valid UTF-8", 5);
    expect_refused("\xC0\x80", 2, "not valid UTF-8", 0);           // overlong
    expect_refused("a\xED\xA0\x80", 4, "not valid UTF-8", 1);      // surrogate
    expect_refused("ab\xF4\x90\x80\x80", 6, "not valid UTF-8", 2); // beyond U+10FFFF
    expect_refused("abc\xE2\x82", 5, "not valid UTF-8", 3);        // cut off
}

static void test_size(void **state) {
    (void)state;
    size_t size = NST_MAX_SOURCE_SIZE + 1;
    char *text = malloc(size);
    assert_non_null(text);
    memset(text, '\n', size);
    expect_refused(text, size, "file too large", 0);
    uint32_t offset;
    assert_null(refusal(text, size - 1, &offset));
    free(text);
}

static void test_brackets(void **state) {
    (void)state;
    check_nesting("(", NST_MAX_NESTING, false);
    check_nesting("(", NST_MAX_NESTING + 1, true);
    check_nesting("[", NST_MAX_NESTING + 1, true);
    check_nesting("{\n", NST_MAX_NESTING + 1, true);
    check_nesting("\"${", NST_MAX_NESTING + 1, true);
    check_nesting("do\n", NST_MAX_NESTING + 1, true);
    check_nesting("()", 100000, false);
    check_nesting("if a { ", NST_MAX_NESTING, false);
}

static void test_chains(void **state) {
    (void)state;
    check_nesting("- ", NST_MAX_NESTING + 1, true);
    check_nesting("not ", NST_MAX_NESTING + 1, true);
    check_nesting("1 :: ", NST_MAX_NESTING + 1, true);
    check_nesting("1 ** ", NST_MAX_NESTING + 1, true);
    check_nesting("x => ", NST_MAX_NESTING + 2, true);
    check_nesting("if a then ", NST_MAX_NESTING + 2, true);
    check_nesting("if a then b else ", NST_MAX_NESTING + 2, true);
    check_nesting("1 + ", 100000, false);
    check_nesting("-1 + ", 100000, false);
    check_nesting("a.b(1)", 100000, false);
    check_nesting("-1\n", 100000, false);
    check_nesting("1 :: 2 ++ ", 100000, false);
    char *list = repeat("f() = [", "-1, x => x, ", 50000);
    expect_passes(list);
    free(list);
}

static void test_text_is_not_code(void **state) {
    (void)state;
    char *text = repeat("# ", "(((", 10000);
    expect_passes(text);
    free(text);
    text = repeat("x = \"", "[[[", 10000);
    expect_passes(text);
    free(text);
    text = repeat("#* ", "{{{", 10000);
    expect_passes(text);
    free(text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_encoding),         cmocka_unit_test(test_size),
        cmocka_unit_test(test_brackets),         cmocka_unit_test(test_chains),
        cmocka_unit_test(test_text_is_not_code),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
