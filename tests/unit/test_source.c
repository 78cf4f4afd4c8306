// Names, sources, origins and places.
#include "frontend/source.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void test_names(void **state) {
    (void)state;
    NstName a = nst_name_z("alpha"), b = nst_name("alphabet", 5), c = nst_name_z("beta");
    assert_int_equal(a, b);
    assert_int_not_equal(a, c);
    assert_int_not_equal(a, 0);
    assert_string_equal(nst_name_text(a), "alpha");
    assert_string_equal(nst_name_text(0), "");
}

static void *intern_many(void *argument) {
    (void)argument;
    for (int i = 0; i < 10000; i++) {
        char text[32];
        snprintf(text, sizeof text, "name%d", i);
        if (strcmp(nst_name_text(nst_name_z(text)), text) != 0) return "differs";
    }
    return NULL;
}

static void test_names_from_threads(void **state) {
    (void)state;
    pthread_t threads[4];
    for (int i = 0; i < 4; i++) assert_int_equal(pthread_create(&threads[i], NULL, intern_many, NULL), 0);
    for (int i = 0; i < 4; i++) {
        void *failure;
        pthread_join(threads[i], &failure);
        assert_null(failure);
    }
}

static void test_places(void **state) {
    (void)state;
    const char *text = "ab\r\nxü😀y\n\nend";
    NstSources *sources = nst_sources_new();
    uint32_t source = nst_sources_add_file(sources, "dir/t.nos", text, strlen(text));
    uint32_t origin = nst_sources_add_origin(sources, source, 4); // at the x
    NstPlace place;
    assert_true(nst_sources_place(sources, (NstSpan){ origin, 7, 8 }, &place)); // the y
    assert_string_equal(place.path, "dir/t.nos");
    assert_int_equal(place.line, 2);
    assert_int_equal(place.column, 4);
    assert_int_equal(place.end_column, 5);
    NstSource *file = nst_source(sources, source);
    assert_int_equal(nst_source_position(file, 11, NST_COLUMN_UTF16).column, 4);
    assert_int_equal(nst_source_position(file, 11, NST_COLUMN_UTF8).column, 7);
    assert_int_equal(nst_source_offset(file, (NstPosition){ 1, 4 }, NST_COLUMN_UTF16), 11);
    assert_int_equal(nst_source_offset(file, (NstPosition){ 1, 3 }, NST_COLUMN_UTF32), 11);
    assert_int_equal(nst_source_offset(file, (NstPosition){ 0, 99 }, NST_COLUMN_UTF32), 2);
    assert_int_equal(nst_source_line(file, 0).size, 2);
    assert_int_equal(nst_source_line(file, 2).size, 0);
    assert_int_equal(nst_source_line(file, 3).size, 3);
    assert_false(nst_sources_place(sources, (NstSpan){ 0, 0, 0 }, &place));
    nst_sources_free(sources);
}

static void test_byte_order_mark(void **state) {
    (void)state;
    NstSources *sources = nst_sources_new();
    uint32_t source = nst_sources_add_file(sources, "b.nos",
                                           "\xEF\xBB\xBF"
                                           "ab",
                                           5);
    NstPlace place;
    assert_true(nst_sources_place(sources, nst_source_span(sources, source, 3, 4), &place));
    assert_int_equal(place.column, 1);
    nst_sources_free(sources);
}

// A chain of expansions stands at the outermost call.
static void test_expansions(void **state) {
    (void)state;
    NstSources *sources = nst_sources_new();
    uint32_t file = nst_sources_add_file(sources, "t.nos", "\n  @twice\n", 10);
    uint32_t outer =
        nst_sources_add_synthetic(sources, nst_source_span(sources, file, 3, 9), nst_name_z("twice"), "f() = g()", 9);
    uint32_t inner = nst_sources_add_synthetic(sources, nst_source_span(sources, outer, 6, 9), nst_name_z("g"), "1", 1);
    NstPlace place;
    assert_true(nst_sources_place(sources, nst_source_span(sources, inner, 0, 1), &place));
    assert_string_equal(place.path, "t.nos");
    assert_int_equal(place.line, 2);
    assert_int_equal(place.column, 3);
    assert_int_equal(place.end_column, 9);
    NstText text = nst_span_text(sources, nst_source_span(sources, outer, 6, 9));
    assert_int_equal(text.size, 3);
    assert_memory_equal(text.data, "g()", 3);
    nst_sources_free(sources);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),      cmocka_unit_test(test_names_from_threads),
        cmocka_unit_test(test_places),     cmocka_unit_test(test_byte_order_mark),
        cmocka_unit_test(test_expansions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
