// Numbers as text against strtod and GMP.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <gmp.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "runtime/number_text.h"

enum { ROUNDS = 20000 };

static uint64_t state;

static uint64_t next_random(void) { // xorshift64*
    state ^= state >> 12;
    state ^= state << 25;
    state ^= state >> 27;
    return state * 2685821657736338717u;
}

static int seed(void **unused) {
    (void)unused;
    const char *given = getenv("SEED");
    state = given ? strtoull(given, 0, 10) : (uint64_t)time(0) * 2 + 1;
    print_message("SEED=%llu\n", (unsigned long long)state);
    return 0;
}

static void text_of(double value, bool single, char out[400]) {
    NstTextBuffer buffer = NST_TEXT_BUFFER_INIT;
    if (single) nst_text_append_float(&buffer, (float)value);
    else nst_text_append_double(&buffer, value);
    assert_true(buffer.size < 400);
    memcpy(out, buffer.data, buffer.size);
    out[buffer.size] = 0;
    nst_text_free(&buffer);
}

static int significant_digits(const char *text) {
    int count = 0, zeros = 0;
    for (; *text; text++) {
        if (*text < '0' || *text > '9') continue;
        if (*text == '0') zeros += count > 0;
        else count += 1 + zeros, zeros = 0;
    }
    return count;
}

// Some precision below that of the text must not read back: the text is as short as can be.
static void check_shortest(double value, bool single, const char *text) {
    int digits = significant_digits(text);
    char shorter[64];
    for (int precision = 1; precision < digits; precision++) {
        snprintf(shorter, sizeof shorter, "%.*e", precision - 1, value);
        bool same = single ? strtof(shorter, 0) == (float)value : strtod(shorter, 0) == value;
        assert_false(same);
    }
}

static void check_whole(double value, const char *text) {
    mpz_t exact;
    mpz_init_set_d(exact, value);
    char *digits = mpz_get_str(0, 10, exact);
    size_t size = strlen(digits);
    if (value == 0 && signbit(value)) assert_string_equal(text, "-0.0");
    else assert_true(strncmp(text, digits, size) == 0 && strcmp(text + size, ".0") == 0);
    free(digits);
    mpz_clear(exact);
}

static void check_float(double value, bool single) {
    char text[400];
    text_of(value, single, text);
    assert_null(strpbrk(text, "eE"));
    assert_non_null(strchr(text, '.'));
    if (single) assert_true(strtof(text, 0) == (float)value);
    else assert_true(strtod(text, 0) == value);
    if (value == floor(value)) check_whole(value, text);
    else check_shortest(value, single, text);
    double read;
    assert_true(nst_parse_double(text, strlen(text), &read));
    if (!single) assert_true(read == value && signbit(read) == signbit(value));
}

static void doubles(void **unused) {
    (void)unused;
    for (int i = 0; i < ROUNDS; i++) {
        uint64_t bits = next_random();
        double value;
        memcpy(&value, &bits, sizeof value);
        if (isfinite(value)) check_float(value, false);
        check_float((double)(int64_t)(bits % 2000000) / 1000.0, false);
        check_float(ldexp(1.0, (int)(bits % 2098) - 1074), false); // powers of two: the asymmetric interval
    }
}

static void floats(void **unused) {
    (void)unused;
    for (int i = 0; i < ROUNDS; i++) {
        uint32_t bits = (uint32_t)next_random();
        float value;
        memcpy(&value, &bits, sizeof value);
        if (isfinite(value)) check_float((double)value, true);
        check_float((double)ldexpf(1.0f, (int)(bits % 277) - 149), true);
    }
}

static void special_values(void **unused) {
    (void)unused;
    static const struct {
        double value;
        const char *text;
    } cases[] = { { 2.0, "2.0" }, { -0.0, "-0.0" }, { 1e-7, "0.0000001" }, { 1e20, "100000000000000000000.0" },
                  { INFINITY, "inf" }, { -INFINITY, "-inf" }, { NAN, "NaN" }, { 0x1p-44, "0.00000000000005684341886080802" } };
    char text[400];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        text_of(cases[i].value, false, text);
        assert_string_equal(text, cases[i].text);
    }
    text_of(0.1f, true, text);
    assert_string_equal(text, "0.1");
}

static void integers(void **unused) {
    (void)unused;
    for (int i = 0; i < ROUNDS; i++) {
        int64_t value = (int64_t)(next_random() >> (next_random() % 64)), read;
        if (next_random() % 2) value = (int64_t)(0 - (uint64_t)value);
        NstTextBuffer buffer = NST_TEXT_BUFFER_INIT;
        char expected[32];
        nst_text_append_int(&buffer, value);
        snprintf(expected, sizeof expected, "%lld", (long long)value);
        assert_int_equal(buffer.size, strlen(expected));
        assert_memory_equal(buffer.data, expected, buffer.size);
        assert_true(nst_parse_int(buffer.data, buffer.size, &read) && read == value);
        // One digit more: in or out of the range as strtoll says.
        nst_text_append_byte(&buffer, (char)('0' + next_random() % 10));
        nst_text_append_byte(&buffer, 0);
        errno = 0;
        int64_t longer = strtoll(buffer.data, 0, 10);
        bool fits = errno == 0;
        assert_int_equal(nst_parse_int(buffer.data, buffer.size - 1, &read), fits);
        if (fits) assert_true(read == longer);
        nst_text_free(&buffer);
    }
}

static void what_is_no_number(void **unused) {
    (void)unused;
    static const char *const no_ints[] = { "", "+", "-", "1_0", "0x1", "1.0", " 1", "1 ", "--1", "9223372036854775808" };
    static const char *const no_floats[] = { "", ".", "+", "e5", "1e", "1e+", "0x10", "1.2.3", "infinit", "na", "1f", " 1" };
    static const char *const floats_too[] = { "5.", ".5", "1e5", "1E-3", "+inf", "-Infinity", "NaN", "007" };
    int64_t i;
    double d;
    for (size_t k = 0; k < sizeof no_ints / sizeof *no_ints; k++) assert_false(nst_parse_int(no_ints[k], strlen(no_ints[k]), &i));
    for (size_t k = 0; k < sizeof no_floats / sizeof *no_floats; k++) {
        assert_false(nst_parse_double(no_floats[k], strlen(no_floats[k]), &d));
    }
    for (size_t k = 0; k < sizeof floats_too / sizeof *floats_too; k++) {
        assert_true(nst_parse_double(floats_too[k], strlen(floats_too[k]), &d));
    }
}

static void saturation(void **unused) {
    (void)unused;
    assert_int_equal(nst_double_to_int(NAN, INT64_MIN, INT64_MAX), 0);
    assert_true(nst_double_to_int(1e30, INT64_MIN, INT64_MAX) == INT64_MAX);
    assert_true(nst_double_to_int(-1e30, INT64_MIN, INT64_MAX) == INT64_MIN);
    assert_int_equal(nst_double_to_int(-128.9, -128, 127), -128);
    assert_int_equal(nst_double_to_int(127.9, -128, 127), 127);
    assert_true(nst_double_to_uint(1e30, UINT64_MAX) == UINT64_MAX);
    assert_true(nst_double_to_uint(-1.0, UINT64_MAX) == 0);
    assert_true(nst_double_to_uint(18446744073709549568.0, UINT64_MAX) == 18446744073709549568u);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(doubles), cmocka_unit_test(floats), cmocka_unit_test(special_values), cmocka_unit_test(integers),
        cmocka_unit_test(what_is_no_number), cmocka_unit_test(saturation),
    };
    return cmocka_run_group_tests(tests, seed, 0);
}
