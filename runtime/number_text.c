#include "runtime/number_text.h"

#include <ctype.h>
#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

// Decimal digits d1 d2 … dn with value 0.d1d2…dn * 10^point.
typedef struct Digits {
    char text[24];
    int count;
    int point;
} Digits;

// Takes the digits out of a "%.*e" text, without trailing zeros.
static void read_digits(const char *text, Digits *out) {
    out->count = 0;
    const char *s = text;
    for (; *s && *s != 'e'; s++) {
        if (isdigit((unsigned char)*s)) out->text[out->count++] = *s;
    }
    while (out->count > 1 && out->text[out->count - 1] == '0') out->count--;
    out->point = *s ? atoi(s + 1) + 1 : 1;
}

static bool reads_back(const char *text, double value, bool single) {
    return single ? strtof(text, 0) == (float)value : strtod(text, 0) == value;
}

// At a power of two the interval that reads back reaches twice as far upward as downward, so that the decimal above
// the nearest one may read back although the nearest does not.
static bool next_above_reads_back(char *text, double value, bool single) {
    char *end = strchr(text, 'e');
    for (char *s = end - 1; s >= text; s--) {
        if (*s == '.') continue;
        if (*s != '9') {
            (*s)++;
            return reads_back(text, value, single);
        }
        *s = '0';
    }
    return false; // 9…9 would get one digit more: the next precision finds it
}

// The shortest digits for a positive finite value.
static void shortest(double value, bool single, Digits *out) {
    char text[40];
    // Every decimal of `safe` digits survives the way through a normal number, so shorter ones appear there as
    // trailing zeros; subnormal numbers have fewer digits and need the search from one.
    int safe = single ? FLT_DIG : DBL_DIG, most = single ? FLT_DECIMAL_DIG : DBL_DECIMAL_DIG;
    bool normal = value >= (single ? (double)FLT_MIN : DBL_MIN);
    int exponent;
    bool power_of_two = frexp(value, &exponent) == 0.5;
    for (int digits = normal ? safe : 1; digits <= most; digits++) {
        snprintf(text, sizeof text, "%.*e", digits - 1, value);
        if (digits == most || reads_back(text, value, single) ||
            (power_of_two && normal && next_above_reads_back(text, value, single))) break;
    }
    read_digits(text, out);
}

static void append_zeros(NstTextBuffer *buffer, int count) {
    for (int i = 0; i < count; i++) nst_text_append_byte(buffer, '0');
}

static void append_floating(NstTextBuffer *buffer, double value, bool single) {
    if (isnan(value)) {
        nst_text_append_z(buffer, "NaN");
        return;
    }
    if (signbit(value)) nst_text_append_byte(buffer, '-');
    if (isinf(value)) {
        nst_text_append_z(buffer, "inf");
        return;
    }
    value = fabs(value);
    if (value == floor(value)) { // whole numbers have all their digits, also beyond the precision
        if (value < 1e15) nst_text_append_uint(buffer, (uint64_t)value);
        else nst_text_printf(buffer, "%.0f", value);
        nst_text_append(buffer, ".0", 2);
        return;
    }
    Digits digits;
    shortest(value, single, &digits);
    if (digits.point <= 0) {
        nst_text_append(buffer, "0.", 2);
        append_zeros(buffer, -digits.point);
        nst_text_append(buffer, digits.text, (size_t)digits.count);
    } else {
        nst_text_append(buffer, digits.text, (size_t)digits.point);
        nst_text_append_byte(buffer, '.');
        nst_text_append(buffer, digits.text + digits.point, (size_t)(digits.count - digits.point));
    }
}

void nst_text_append_double(NstTextBuffer *buffer, double value) { append_floating(buffer, value, false); }
void nst_text_append_float(NstTextBuffer *buffer, float value) { append_floating(buffer, (double)value, true); }

void nst_text_append_uint(NstTextBuffer *buffer, uint64_t value) {
    char text[20];
    size_t i = sizeof text;
    do {
        text[--i] = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    nst_text_append(buffer, text + i, sizeof text - i);
}

void nst_text_append_int(NstTextBuffer *buffer, int64_t value) {
    if (value < 0) nst_text_append_byte(buffer, '-');
    nst_text_append_uint(buffer, value < 0 ? 0 - (uint64_t)value : (uint64_t)value);
}

bool nst_parse_int(const char *text, size_t size, int64_t *out) {
    size_t i = 0;
    bool negative = size > 0 && text[0] == '-';
    if (size > 0 && (text[0] == '-' || text[0] == '+')) i = 1;
    if (i == size) return false;
    uint64_t limit = (uint64_t)INT64_MAX + (negative ? 1 : 0), value = 0;
    for (; i < size; i++) {
        if (text[i] < '0' || text[i] > '9') return false;
        uint64_t digit = (uint64_t)(text[i] - '0');
        if (value > (limit - digit) / 10) return false;
        value = value * 10 + digit;
    }
    *out = negative ? (int64_t)(0 - value) : (int64_t)value;
    return true;
}

static bool equals_ignoring_case(const char *text, size_t size, const char *word) {
    size_t i = 0;
    for (; i < size && word[i]; i++) {
        if (tolower((unsigned char)text[i]) != word[i]) return false;
    }
    return i == size && !word[i];
}

static size_t skip_digits(const char *text, size_t size, size_t i) {
    while (i < size && text[i] >= '0' && text[i] <= '9') i++;
    return i;
}

// digits [. digits] or . digits, then [e [+-] digits]
static bool is_decimal_float(const char *text, size_t size, size_t i) {
    size_t whole = skip_digits(text, size, i), digits = whole - i;
    i = whole;
    if (i < size && text[i] == '.') {
        size_t fraction = skip_digits(text, size, i + 1);
        digits += fraction - i - 1;
        i = fraction;
    }
    if (digits == 0) return false;
    if (i < size && (text[i] == 'e' || text[i] == 'E')) {
        i++;
        if (i < size && (text[i] == '+' || text[i] == '-')) i++;
        size_t end = skip_digits(text, size, i);
        if (end == i) return false;
        i = end;
    }
    return i == size;
}

bool nst_parse_double(const char *text, size_t size, double *out) {
    size_t i = size > 0 && (text[0] == '-' || text[0] == '+') ? 1 : 0;
    double sign = size > 0 && text[0] == '-' ? -1.0 : 1.0;
    if (equals_ignoring_case(text + i, size - i, "inf") || equals_ignoring_case(text + i, size - i, "infinity")) {
        *out = sign * INFINITY;
        return true;
    }
    if (equals_ignoring_case(text + i, size - i, "nan")) {
        *out = NAN;
        return true;
    }
    if (!is_decimal_float(text, size, i)) return false;
    char small[64], *copy = size < sizeof small ? small : malloc(size + 1);
    if (!copy) return false;
    memcpy(copy, text, size);
    copy[size] = 0;
    *out = strtod(copy, 0);
    if (copy != small) free(copy);
    return true;
}

int64_t nst_double_to_int(double value, int64_t min, int64_t max) {
    if (isnan(value)) return 0;
    value = trunc(value);
    // The bounds as doubles may be rounded up to the next power of two, hence >=.
    if (value >= (double)max) return max;
    if (value <= (double)min) return min;
    return (int64_t)value;
}

uint64_t nst_double_to_uint(double value, uint64_t max) {
    if (isnan(value) || value <= 0) return 0;
    value = trunc(value);
    return value >= (double)max ? max : (uint64_t)value;
}
