// The proleptic Gregorian calendar and texts of points in time (stdlib-system.md 7).
//
// A timestamp is milliseconds since 1970-01-01T00:00:00 UTC. Pure functions; the local zone is an argument.
#ifndef NST_CALENDAR_H
#define NST_CALENDAR_H

#include "runtime/text_buffer.h"

typedef struct NstMoment {
    int64_t year;
    int month, day;                    // 1..12, 1..31
    int hour, minute, second, millisecond;
    int weekday;                       // 0 = Sunday
    int year_day;                      // 1..366
} NstMoment;

typedef struct NstZone {
    int offset;       // seconds east of UTC
    const char *name; // "UTC", "CET"; "" if it has none
} NstZone;

int64_t nst_calendar_days(int64_t year, int month, int day); // since 1970-01-01
bool nst_calendar_valid(int64_t year, int64_t month, int64_t day);
NstMoment nst_calendar_split(int64_t timestamp);

// False for an unknown directive in `format`.
bool nst_calendar_format(NstTextBuffer *out, int64_t timestamp, const char *format, size_t size, NstZone zone);

typedef enum NstParse { NST_PARSE_OK, NST_PARSE_NO_MATCH, NST_PARSE_BAD_FORMAT } NstParse;
NstParse nst_calendar_parse(const char *text, size_t text_size, const char *format, size_t format_size, int64_t *out);

#endif
