// UTF-8, Base64, percent encoding, digests, the calendar and HTTP messages.
#define _DEFAULT_SOURCE // timegm
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "runtime/calendar.h"
#include "runtime/digest.h"
#include "runtime/encoding.h"
#include "runtime/http_message.h"
#include "runtime/unicode.h"

static void every_character(void **unused) {
    (void)unused;
    for (uint32_t code = 0; code <= 0x10FFFF; code++) {
        char bytes[4];
        size_t width, size = nst_utf8_encode(code, bytes);
        bool scalar = nst_char_is_scalar(code);
        assert_int_equal(nst_utf8_valid(bytes, size), scalar ? size : 0);
        if (!scalar) continue;
        assert_int_equal(nst_utf8_decode(bytes, &width), code);
        assert_int_equal(width, size);
        for (size_t cut = 1; cut < size; cut++) assert_true(nst_utf8_incomplete(bytes, cut));
    }
    static const char *const invalid[] = { "\xC0\x80", "\xE0\x80\x80", "\xF4\x90\x80\x80", "\x80", "\xFF" };
    for (size_t i = 0; i < sizeof invalid / sizeof *invalid; i++) {
        assert_int_equal(nst_utf8_valid(invalid[i], strlen(invalid[i])), 0);
    }
}

static void base64(void **unused) {
    (void)unused;
    unsigned char data[100];
    for (size_t i = 0; i < sizeof data; i++) data[i] = (unsigned char)(i * 37 + 11);
    for (size_t size = 0; size < sizeof data; size++) {
        NstTextBuffer text = NST_TEXT_BUFFER_INIT, back = NST_TEXT_BUFFER_INIT;
        nst_base64_encode(&text, data, size);
        assert_int_equal(text.size, (size + 2) / 3 * 4);
        assert_null(nst_base64_decode(&back, text.data, text.size));
        assert_int_equal(back.size, size);
        if (size > 0) assert_memory_equal(back.data, data, size);
        nst_text_free(&text);
        nst_text_free(&back);
    }
    static const char *const bad[] = { "***", "abc", "ab=c", "a===", "abcd=", "QQ=x", "QR==" };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        NstTextBuffer back = NST_TEXT_BUFFER_INIT;
        assert_non_null(nst_base64_decode(&back, bad[i], strlen(bad[i])));
        nst_text_free(&back);
    }
}

static void percent(void **unused) {
    (void)unused;
    NstTextBuffer out = NST_TEXT_BUFFER_INIT;
    nst_percent_encode(&out, "a b~", 4);
    assert_int_equal(out.size, 8);
    assert_memory_equal(out.data, "a%20b%7E", 8);
    out.size = 0;
    nst_percent_decode(&out, "%41+%4g%2", 9, false);
    assert_int_equal(out.size, 7);
    assert_memory_equal(out.data, "A+%4g%2", 7);
    out.size = 0;
    nst_percent_decode(&out, "a+b", 3, true);
    assert_memory_equal(out.data, "a b", 3);
    nst_text_free(&out);
}

static void hex(const uint8_t *bytes, size_t size, char out[129]) {
    NstTextBuffer text = NST_TEXT_BUFFER_INIT;
    nst_hex_encode(&text, bytes, size);
    memcpy(out, text.data, text.size);
    out[text.size] = 0;
    nst_text_free(&text);
}

static void digests(void **unused) {
    (void)unused;
    uint8_t bytes[64];
    char text[129];
    nst_sha256("abc", 3, bytes);
    hex(bytes, 32, text);
    assert_string_equal(text, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    nst_sha1("abc", 3, bytes);
    hex(bytes, 20, text);
    assert_string_equal(text, "a9993e364706816aba3e25717850c26c9cd0d89d");
    nst_md5("", 0, bytes);
    hex(bytes, 16, text);
    assert_string_equal(text, "d41d8cd98f00b204e9800998ecf8427e");
    nst_sha512("abc", 3, bytes);
    hex(bytes, 8, text);
    assert_string_equal(text, "ddaf35a193617aba");
    char long_text[200]; // around the block sizes
    memset(long_text, 'a', sizeof long_text);
    nst_sha256(long_text, 56, bytes);
    hex(bytes, 32, text);
    assert_string_equal(text, "b35439a4ac6f0948b6d6f9e3c6af0f5f590ce20f1bde7090ef7970686ec6738a");
}

static void calendar(void **unused) {
    (void)unused;
    for (int64_t day = -800000; day < 800000; day += 13) {
        int64_t timestamp = day * 86400000 + 86399999;
        time_t seconds = (time_t)(day * 86400);
        struct tm tm;
        gmtime_r(&seconds, &tm);
        NstMoment m = nst_calendar_split(timestamp);
        assert_true(m.year == tm.tm_year + 1900);
        assert_int_equal(m.month, tm.tm_mon + 1);
        assert_int_equal(m.day, tm.tm_mday);
        assert_int_equal(m.weekday, tm.tm_wday);
        assert_int_equal(m.year_day, tm.tm_yday + 1);
        assert_int_equal(m.millisecond, 999);
        assert_true(nst_calendar_days(m.year, m.month, m.day) == day);
        assert_true(nst_calendar_valid(m.year, m.month, m.day));
    }
    assert_false(nst_calendar_valid(2023, 2, 29));
    assert_true(nst_calendar_valid(2000, 2, 29));
    assert_false(nst_calendar_valid(1900, 2, 29));
}

static void format_and_parse(void **unused) {
    (void)unused;
    static const char format[] = "%Y-%m-%dT%H:%M:%S%.3f %a %B %j %%";
    NstZone utc = { 0, "UTC" };
    for (int64_t t = -86400000000; t < 86400000000; t += 987654321) {
        NstTextBuffer text = NST_TEXT_BUFFER_INIT;
        int64_t back;
        assert_true(nst_calendar_format(&text, t, format, sizeof format - 1, utc));
        assert_int_equal(nst_calendar_parse(text.data, text.size, format, sizeof format - 1, &back), NST_PARSE_OK);
        assert_true(back == t);
        nst_text_free(&text);
    }
    int64_t t;
    assert_int_equal(nst_calendar_parse("2021-02-30", 10, "%Y-%m-%d", 8, &t), NST_PARSE_NO_MATCH);
    assert_int_equal(nst_calendar_parse("2021", 4, "%Q", 2, &t), NST_PARSE_BAD_FORMAT);
    assert_int_equal(nst_calendar_parse("07:05 PM 2021-01-02", 19, "%I:%M %p %F", 11, &t), NST_PARSE_OK);
    assert_int_equal(nst_calendar_split(t).hour, 19);
}

// Feeds a message in pieces of every size: the result must not depend on them.
static void http_messages(void **unused) {
    (void)unused;
    static const char message[] = "POST /a?b HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nX-Two:  y \r\n\r\n"
                                  "4\r\nwiki\r\n5;x=1\r\npedia\r\n0\r\n\r\nGET /next HTTP/1.1\r\n\r\n";
    for (size_t piece = 1; piece < sizeof message; piece++) {
        NstHttpReader reader;
        NstTextBuffer in = NST_TEXT_BUFFER_INIT;
        nst_http_reader_init(&reader, true);
        NstHttpState state = NST_HTTP_HEAD;
        size_t at = 0;
        while (state != NST_HTTP_DONE) {
            assert_true(at < sizeof message - 1);
            size_t count = sizeof message - 1 - at < piece ? sizeof message - 1 - at : piece;
            nst_text_append(&in, message + at, count);
            at += count;
            state = nst_http_read(&reader, &in);
            assert_int_not_equal(state, NST_HTTP_BAD);
        }
        assert_string_equal(reader.message.method, "POST");
        assert_string_equal(reader.message.target, "/a?b");
        assert_string_equal(nst_http_header(&reader.message, "x-two"), "y");
        assert_int_equal(reader.message.body.size, 9);
        assert_memory_equal(reader.message.body.data, "wikipedia", 9);
        assert_true(nst_http_keep_alive(&reader.message));
        nst_http_reader_free(&reader);
        nst_text_append(&in, message + at, sizeof message - 1 - at);
        assert_int_equal(nst_http_read(&reader, &in), NST_HTTP_DONE);
        assert_string_equal(reader.message.target, "/next");
        nst_http_reader_free(&reader);
        nst_text_free(&in);
    }
}

static void bad_http_messages(void **unused) {
    (void)unused;
    static const char *const bad[] = { "GET\r\n\r\n", "GET / FTP/1\r\n\r\n", "GET / HTTP/1.1\r\nContent-Length: x\r\n\r\n" };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        NstHttpReader reader;
        NstTextBuffer in = NST_TEXT_BUFFER_INIT;
        nst_http_reader_init(&reader, true);
        nst_text_append_z(&in, bad[i]);
        assert_int_equal(nst_http_read(&reader, &in), NST_HTTP_BAD);
        nst_http_reader_free(&reader);
        nst_text_free(&in);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_character), cmocka_unit_test(base64), cmocka_unit_test(percent), cmocka_unit_test(digests),
        cmocka_unit_test(calendar), cmocka_unit_test(format_and_parse), cmocka_unit_test(http_messages),
        cmocka_unit_test(bad_http_messages),
    };
    return cmocka_run_group_tests(tests, 0, 0);
}
