#include "runtime/calendar.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <strings.h>

enum { DAY_MS = 86400000, ERA_DAYS = 146097, FIRST_YEAR = -262143, LAST_YEAR = 262142 };

static const char *const weekdays[] = { "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday" };
static const char *const months[] = { "January", "February", "March", "April", "May", "June", "July",
                                      "August", "September", "October", "November", "December" };

static int64_t floor_div(int64_t a, int64_t b) { return a / b - (a % b < 0); }

// Years begin in March here, so that the leap day is the last one of a year.
int64_t nst_calendar_days(int64_t year, int month, int day) {
    int64_t y = year - (month <= 2), era = floor_div(y, 400), of_era = y - era * 400;
    int64_t of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    return era * ERA_DAYS + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

static bool is_leap(int64_t year) { return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0; }

bool nst_calendar_valid(int64_t year, int64_t month, int64_t day) {
    static const int lengths[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    if (year < FIRST_YEAR || year > LAST_YEAR || month < 1 || month > 12 || day < 1) return false;
    return day <= lengths[month - 1] + (month == 2 && is_leap(year));
}

NstMoment nst_calendar_split(int64_t timestamp) {
    int64_t days = floor_div(timestamp, DAY_MS);
    int rest = (int)((timestamp % DAY_MS + DAY_MS) % DAY_MS); // days * DAY_MS may lie below the least timestamp
    int64_t shifted = days + 719468, era = floor_div(shifted, ERA_DAYS), of_era = shifted - era * ERA_DAYS;
    int64_t year_of_era = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int of_year = (int)(of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100));
    int month = (5 * of_year + 2) / 153;
    NstMoment m = { .day = of_year - (153 * month + 2) / 5 + 1, .month = month < 10 ? month + 3 : month - 9 };
    m.year = year_of_era + era * 400 + (m.month <= 2);
    m.hour = rest / 3600000;
    m.minute = rest / 60000 % 60;
    m.second = rest / 1000 % 60;
    m.millisecond = rest % 1000;
    m.weekday = (int)(((days + 4) % 7 + 7) % 7);
    m.year_day = (int)(days - nst_calendar_days(m.year, 1, 1)) + 1;
    return m;
}

// ---- Formatting ----------------------------------------------------------------------------

static void append_year(NstTextBuffer *out, int64_t year) {
    if (year >= 0 && year <= 9999) nst_text_printf(out, "%04" PRId64, year);
    else nst_text_printf(out, "%c%04" PRId64, year < 0 ? '-' : '+', year < 0 ? -year : year);
}

static void append_offset(NstTextBuffer *out, int offset, const char *colon) {
    int minutes = abs(offset) / 60;
    nst_text_printf(out, "%c%02d%s%02d", offset < 0 ? '-' : '+', minutes / 60, colon, minutes % 60);
}

static bool append_directive(NstTextBuffer *out, char directive, int64_t timestamp, const NstMoment *m, NstZone zone) {
    int64_t short_year = (m->year % 100 + 100) % 100;
    switch (directive) {
    case 'Y': append_year(out, m->year); return true;
    case 'y': nst_text_printf(out, "%02" PRId64, short_year); return true;
    case 'm': nst_text_printf(out, "%02d", m->month); return true;
    case 'd': nst_text_printf(out, "%02d", m->day); return true;
    case 'e': nst_text_printf(out, "%2d", m->day); return true;
    case 'j': nst_text_printf(out, "%03d", m->year_day); return true;
    case 'H': nst_text_printf(out, "%02d", m->hour); return true;
    case 'I': nst_text_printf(out, "%02d", m->hour % 12 == 0 ? 12 : m->hour % 12); return true;
    case 'M': nst_text_printf(out, "%02d", m->minute); return true;
    case 'S': nst_text_printf(out, "%02d", m->second); return true;
    case 'p': nst_text_append_z(out, m->hour < 12 ? "AM" : "PM"); return true;
    case 'f': nst_text_printf(out, "%09d", m->millisecond * 1000000); return true;
    case 'a': nst_text_append(out, weekdays[m->weekday], 3); return true;
    case 'A': nst_text_append_z(out, weekdays[m->weekday]); return true;
    case 'b': nst_text_append(out, months[m->month - 1], 3); return true;
    case 'B': nst_text_append_z(out, months[m->month - 1]); return true;
    case 'u': nst_text_printf(out, "%d", m->weekday == 0 ? 7 : m->weekday); return true;
    case 'w': nst_text_printf(out, "%d", m->weekday); return true;
    case 'Z':
        if (*zone.name) nst_text_append_z(out, zone.name);
        else append_offset(out, zone.offset, ":");
        return true;
    case 'z': append_offset(out, zone.offset, ""); return true;
    case 's': nst_text_printf(out, "%" PRId64, floor_div(timestamp, 1000)); return true;
    case 'F':
        append_year(out, m->year);
        nst_text_printf(out, "-%02d-%02d", m->month, m->day);
        return true;
    case 'T': nst_text_printf(out, "%02d:%02d:%02d", m->hour, m->minute, m->second); return true;
    case 'D': nst_text_printf(out, "%02d/%02d/%02" PRId64, m->month, m->day, short_year); return true;
    case 'R': nst_text_printf(out, "%02d:%02d", m->hour, m->minute); return true;
    case 'n': nst_text_append_byte(out, '\n'); return true;
    case 't': nst_text_append_byte(out, '\t'); return true;
    case '%': nst_text_append_byte(out, '%'); return true;
    default: return false;
    }
}

// Length of a fraction directive's rest after '%' (".3f" or "3f"), 0 if there is none here.
static size_t fraction_directive(const char *format, size_t left) {
    if (left >= 3 && memcmp(format, ".3f", 3) == 0) return 3;
    return left >= 2 && memcmp(format, "3f", 2) == 0 ? 2 : 0;
}

bool nst_calendar_format(NstTextBuffer *out, int64_t timestamp, const char *format, size_t size, NstZone zone) {
    // The local time of the last moments may lie beyond the range: it wraps.
    NstMoment m = nst_calendar_split((int64_t)((uint64_t)timestamp + (uint64_t)((int64_t)zone.offset * 1000)));
    for (size_t i = 0; i < size; i++) {
        if (format[i] != '%') {
            nst_text_append_byte(out, format[i]);
            continue;
        }
        i++;
        size_t fraction = fraction_directive(format + i, size - i);
        if (fraction > 0) {
            nst_text_printf(out, "%s%03d", fraction == 3 ? "." : "", m.millisecond);
            i += fraction - 1;
        } else if (i == size || !append_directive(out, format[i], timestamp, &m, zone)) {
            return false;
        }
    }
    return true;
}

// ---- Parsing -------------------------------------------------------------------------------

// What the directives have found; -1: not given.
typedef struct Fields {
    const char *text, *end;
    int64_t year, month, day, year_day, hour, hour12, afternoon, minute, second, millisecond;
    bool has_year, has_seconds;
    int64_t seconds; // %s
    bool failed;
} Fields;

static int64_t number(Fields *f, int most, int64_t low, int64_t high) {
    int64_t value = 0;
    int digits = 0;
    while (digits < most && f->text < f->end && isdigit((unsigned char)*f->text)) {
        value = value * 10 + (*f->text++ - '0');
        digits++;
    }
    if (digits == 0 || value < low || value > high) f->failed = true;
    return value;
}

static int64_t signed_number(Fields *f, int most, int most_signed) {
    bool sign = f->text < f->end && (*f->text == '-' || *f->text == '+');
    bool negative = sign && *f->text == '-';
    f->text += sign;
    int64_t value = number(f, sign ? most_signed : most, 0, INT64_MAX);
    return negative ? -value : value;
}

// The long or the short form of one of the names.
static int64_t name(Fields *f, const char *const *names, int count) {
    size_t left = (size_t)(f->end - f->text);
    for (int i = 0; i < count; i++) {
        size_t size = strlen(names[i]);
        if (left >= size && strncasecmp(f->text, names[i], size) == 0) {
            f->text += size;
            return i;
        }
    }
    for (int i = 0; i < count; i++) {
        if (left >= 3 && strncasecmp(f->text, names[i], 3) == 0) {
            f->text += 3;
            return i;
        }
    }
    f->failed = true;
    return 0;
}

static void literal(Fields *f, char c) {
    if (f->text < f->end && *f->text == c) f->text++;
    else f->failed = true;
}

// A fraction of a second of exactly or at most nine digits; what is below a millisecond is cut off.
static void fraction(Fields *f, int digits) {
    const char *start = f->text;
    int64_t value = number(f, digits, 0, INT64_MAX);
    if (digits == 9) f->millisecond = value / 1000000; // %f counts nanoseconds
    else f->millisecond = value;
    if (digits == 3 && f->text - start != 3) f->failed = true;
}

static void offset(Fields *f) {
    if (f->text < f->end && (*f->text == '+' || *f->text == '-')) f->text++;
    else f->failed = true;
    number(f, 2, 0, 23);
    if (f->text < f->end && *f->text == ':') f->text++;
    number(f, 2, 0, 59);
}

static bool take_directive(Fields *f, char directive) {
    switch (directive) {
    case 'Y': f->year = signed_number(f, 4, 6); f->has_year = true; return true;
    case 'y':
        f->year = number(f, 2, 0, 99);
        f->year += f->year < 70 ? 2000 : 1900;
        f->has_year = true;
        return true;
    case 'm': f->month = number(f, 2, 1, 12); return true;
    case 'e':
        while (f->text < f->end && *f->text == ' ') f->text++;
        f->day = number(f, 2, 1, 31);
        return true;
    case 'd': f->day = number(f, 2, 1, 31); return true;
    case 'j': f->year_day = number(f, 3, 1, 366); return true;
    case 'H': f->hour = number(f, 2, 0, 23); return true;
    case 'I': f->hour12 = number(f, 2, 1, 12); return true;
    case 'p': {
        static const char *const halves[] = { "AM", "PM" };
        f->afternoon = f->end - f->text >= 2 && strncasecmp(f->text, halves[1], 2) == 0;
        if (f->end - f->text < 2 || (!f->afternoon && strncasecmp(f->text, halves[0], 2) != 0)) f->failed = true;
        else f->text += 2;
        return true;
    }
    case 'M': f->minute = number(f, 2, 0, 59); return true;
    case 'S': f->second = number(f, 2, 0, 59); return true;
    case 'f': fraction(f, 9); return true;
    case 'a':
    case 'A': name(f, weekdays, 7); return true;
    case 'b':
    case 'B': f->month = name(f, months, 12) + 1; return true;
    case 'u': number(f, 1, 1, 7); return true;
    case 'w': number(f, 1, 0, 6); return true;
    case 'Z':
        while (f->text < f->end && !isspace((unsigned char)*f->text)) f->text++;
        return true;
    case 'z': offset(f); return true;
    case 's': f->seconds = signed_number(f, 15, 15); f->has_seconds = true; return true;
    case 'n': literal(f, '\n'); return true;
    case 't': literal(f, '\t'); return true;
    case '%': literal(f, '%'); return true;
    default: return false;
    }
}

static const char *expansion(char directive) {
    switch (directive) {
    case 'F': return "%Y-%m-%d";
    case 'T': return "%H:%M:%S";
    case 'D': return "%m/%d/%y";
    case 'R': return "%H:%M";
    default: return 0;
    }
}

// False for an unknown directive.
static bool take_format(Fields *f, const char *format, size_t size) {
    for (size_t i = 0; i < size; i++) {
        if (format[i] != '%') {
            literal(f, format[i]);
            continue;
        }
        i++;
        if (i == size) return false;
        size_t rest = fraction_directive(format + i, size - i);
        const char *longer = expansion(format[i]);
        if (rest > 0) {
            if (rest == 3) literal(f, '.');
            fraction(f, 3);
            i += rest - 1;
        } else if (longer) {
            take_format(f, longer, strlen(longer));
        } else if (!take_directive(f, format[i])) {
            return false;
        }
    }
    return true;
}

NstParse nst_calendar_parse(const char *text, size_t text_size, const char *format, size_t format_size, int64_t *out) {
    Fields f = { .text = text, .end = text + text_size, .month = -1, .day = -1, .year_day = -1, .hour = -1,
                 .hour12 = -1, .afternoon = -1 };
    if (!take_format(&f, format, format_size)) return NST_PARSE_BAD_FORMAT;
    if (f.failed || f.text != f.end) return NST_PARSE_NO_MATCH;
    if (f.has_seconds) {
        *out = f.seconds * 1000 + f.millisecond;
        return NST_PARSE_OK;
    }
    if (!f.has_year) return NST_PARSE_NO_MATCH;
    int64_t days;
    if (f.month > 0 && f.day > 0) {
        if (!nst_calendar_valid(f.year, f.month, f.day)) return NST_PARSE_NO_MATCH;
        days = nst_calendar_days(f.year, (int)f.month, (int)f.day);
    } else {
        bool exists = f.year_day > 0 && f.year_day <= 365 + is_leap(f.year) && nst_calendar_valid(f.year, 1, 1);
        if (!exists) return NST_PARSE_NO_MATCH;
        days = nst_calendar_days(f.year, 1, 1) + f.year_day - 1;
    }
    if (f.hour < 0) f.hour = f.hour12 < 0 ? 0 : f.hour12 % 12 + (f.afternoon > 0 ? 12 : 0);
    *out = days * DAY_MS + f.hour * 3600000 + f.minute * 60000 + f.second * 1000 + f.millisecond;
    return NST_PARSE_OK;
}
