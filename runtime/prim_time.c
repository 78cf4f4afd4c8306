// Primitives of Time.
#include <inttypes.h>
#include <time.h>

#include "runtime/calendar.h"
#include "runtime/gate.h"
#include "runtime/heap.h"
#include "runtime/process.h"
#include "runtime/show.h"
#include "runtime/status.h"
#include "runtime/string_ops.h"

NST_PRIMITIVE(time_now) {
    args[0] = nst_int(nst_gate_wall_ms(process->vm));
    return NST_PRIM_OK;
}

// (year, month, day)
NST_PRIMITIVE(time_from_date) {
    int64_t year = args[0].w.i, month = args[1].w.i, day = args[2].w.i;
    if (!nst_calendar_valid(year, month, day)) {
        return nst_raise_panic(process, "Invalid date: %" PRId64 "-%" PRId64 "-%" PRId64, year, month, day);
    }
    args[0] = nst_int(nst_calendar_days(year, (int)month, (int)day) * 86400000);
    return NST_PRIM_OK;
}

// (hour, minute, second), checked
NST_PRIMITIVE(time_of_day) {
    int64_t h = args[0].w.i, m = args[1].w.i, s = args[2].w.i;
    if (h < 0 || h > 23 || m < 0 || m > 59 || s < 0 || s > 59) {
        return nst_raise_panic(process, "Invalid time: %" PRId64 ":%" PRId64 ":%" PRId64, h, m, s);
    }
    args[0] = nst_int(h * 3600000 + m * 60000 + s * 1000);
    return NST_PRIM_OK;
}

// (timestamp, part: 0 year, 1 month, 2 day, 3 hour, 4 minute, 5 second, 6 weekday)
NST_PRIMITIVE(time_part) {
    NST_EXPECT_TAG(args[0], NST_TAG_INT, "Int");
    NstMoment m = nst_calendar_split(args[0].w.i);
    int64_t parts[] = { m.year, m.month, m.day, m.hour, m.minute, m.second, m.weekday };
    args[0] = nst_int(parts[args[1].w.u % 7]);
    return NST_PRIM_OK;
}

static NstZone local_zone(int64_t timestamp, struct tm *tm) {
    time_t seconds = (time_t)(timestamp / 1000 - (timestamp % 1000 < 0));
    if (!localtime_r(&seconds, tm)) return (NstZone){ 0, "UTC" };
    // A zone without a name of letters is called by its offset.
    const char *name = tm->tm_zone ? tm->tm_zone : "";
    bool letters = (*name >= 'A' && *name <= 'Z') || (*name >= 'a' && *name <= 'z');
    return (NstZone){ (int)tm->tm_gmtoff, letters ? name : "" };
}

// (timestamp, format, local: Bool)
NST_PRIMITIVE(time_format) {
    NST_EXPECT_TAG(args[0], NST_TAG_INT, "Int");
    NST_EXPECT_KIND(args[1], NST_KIND_STRING, "String");
    const NstString *format = nst_as_string(args[1]);
    struct tm tm;
    NstZone zone = args[2].w.u ? local_zone(args[0].w.i, &tm) : (NstZone){ 0, "UTC" };
    NstTextBuffer text = NST_TEXT_BUFFER_INIT;
    if (!nst_calendar_format(&text, args[0].w.i, format->bytes, format->head.count, zone)) {
        nst_text_free(&text);
        return nst_raise_panic(process, "Invalid time format: %s", format->bytes);
    }
    return nst_text_finish(process, &text, &args[0]);
}

// (text, format) -> Int, or the status "absent"
NST_PRIMITIVE(time_parse) {
    NST_EXPECT_KIND(args[0], NST_KIND_STRING, "String");
    NST_EXPECT_KIND(args[1], NST_KIND_STRING, "String");
    const NstString *text = nst_as_string(args[0]), *format = nst_as_string(args[1]);
    int64_t timestamp;
    switch (nst_calendar_parse(text->bytes, text->head.count, format->bytes, format->head.count, &timestamp)) {
    case NST_PARSE_OK: args[0] = nst_int(timestamp); return NST_PRIM_OK;
    case NST_PARSE_NO_MATCH: args[0] = NST_STATUS_ABSENT; return NST_PRIM_OK;
    default: return nst_raise_panic(process, "Invalid time format: %s", format->bytes);
    }
}

NST_PRIMITIVE(time_zone_name) {
    struct tm tm;
    NstZone zone = local_zone(nst_gate_wall_ms(process->vm), &tm);
    if (*zone.name) {
        args[0] = nst_string_z(process, zone.name);
        return NST_PRIM_OK;
    }
    NstTextBuffer text = NST_TEXT_BUFFER_INIT;
    int minutes = (zone.offset < 0 ? -zone.offset : zone.offset) / 60;
    nst_text_printf(&text, "%c%02d:%02d", zone.offset < 0 ? '-' : '+', minutes / 60, minutes % 60);
    return nst_text_finish(process, &text, &args[0]);
}

NST_PRIMITIVE(time_zone_offset) {
    struct tm tm;
    args[0] = nst_int(local_zone(nst_gate_wall_ms(process->vm), &tm).offset / 60);
    return NST_PRIM_OK;
}
