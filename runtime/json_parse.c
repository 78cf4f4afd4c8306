// The JSON parser: RFC 8259, iterative, so that nesting is limited by memory only.
#include <stdlib.h>
#include <string.h>

#include "runtime/heap.h"
#include "runtime/json_value.h"
#include "runtime/list.h"
#include "runtime/number_text.h"
#include "runtime/process.h"
#include "runtime/unicode.h"

// An array or object that is not closed yet.
typedef struct Level {
    size_t first; // place of its first item in `items`
    bool is_object;
    NstValue key; // of the member whose value is next
} Level;

enum { NAMES = 256 };

typedef struct Parser {
    NstProcess *process;
    const NstJsonType *type;
    const char *text, *at, *end;
    const char *error; // null: none
    Level *levels;
    size_t depth, capacity;
    NstValue *items; // of all levels, the innermost level's last
    size_t item_count, item_capacity;
    NstString *names[NAMES]; // of members, by hash: what many objects have in common is there once
    NstValue bools[2];
} Parser;

static bool fail(Parser *p, const char *error) {
    if (!p->error) p->error = error;
    return false;
}

static void skip_space(Parser *p) {
    while (p->at < p->end && (*p->at == ' ' || *p->at == '\t' || *p->at == '\n' || *p->at == '\r')) p->at++;
}

static bool take(Parser *p, char c) {
    skip_space(p);
    if (p->at == p->end || *p->at != c) return false;
    p->at++;
    return true;
}

static bool take_word(Parser *p, const char *word) {
    size_t size = strlen(word);
    if ((size_t)(p->end - p->at) < size || memcmp(p->at, word, size) != 0) return fail(p, "unexpected character");
    p->at += size;
    return true;
}

static bool is_digit(const Parser *p) { return p->at < p->end && *p->at >= '0' && *p->at <= '9'; }

static bool digits(Parser *p) {
    if (!is_digit(p)) return fail(p, "digit expected");
    while (is_digit(p)) p->at++;
    return true;
}

static bool number(Parser *p, NstValue *out) {
    const char *start = p->at;
    bool whole = true;
    if (*p->at == '-') p->at++;
    const char *first = p->at;
    if (!digits(p)) return false;
    if (*first == '0' && p->at - first > 1) {
        p->at = first + 1; // a document that begins with 0 goes wrong at the next digit
        return fail(p, "digit after a leading zero");
    }
    if (p->at < p->end && *p->at == '.') {
        whole = false;
        p->at++;
        if (!digits(p)) return false;
    }
    if (p->at < p->end && (*p->at == 'e' || *p->at == 'E')) {
        whole = false;
        p->at++;
        if (p->at < p->end && (*p->at == '+' || *p->at == '-')) p->at++;
        if (!digits(p)) return false;
    }
    int64_t integer;
    double floating = 0;
    if (whole && nst_parse_int(start, (size_t)(p->at - start), &integer)) {
        *out = nst_json_make(p->process, p->type, NST_JSON_INTEGER, nst_int(integer));
    } else {
        nst_parse_double(start, (size_t)(p->at - start), &floating);
        *out = nst_json_make(p->process, p->type, NST_JSON_NUMBER, nst_float(floating));
    }
    return true;
}

static bool hex4(Parser *p, uint32_t *out) {
    if (p->end - p->at < 4) return fail(p, "incomplete \\u escape");
    *out = 0;
    for (int i = 0; i < 4; i++, p->at++) {
        char c = *p->at;
        int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
        if (digit < 0) return fail(p, "hexadecimal digit expected");
        *out = *out << 4 | (uint32_t)digit;
    }
    return true;
}

// After the backslash and 'u'.
static bool unicode_escape(Parser *p, NstTextBuffer *out) {
    uint32_t code, low;
    if (!hex4(p, &code)) return false;
    if (code >= 0xD800 && code <= 0xDBFF) {
        if (p->end - p->at < 2 || p->at[0] != '\\' || p->at[1] != 'u') return fail(p, "unpaired surrogate");
        p->at += 2;
        if (!hex4(p, &low)) return false;
        if (low < 0xDC00 || low > 0xDFFF) return fail(p, "unpaired surrogate");
        code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
    } else if (code >= 0xDC00 && code <= 0xDFFF) {
        return fail(p, "unpaired surrogate");
    }
    nst_text_append_code_point(out, code);
    return true;
}

static bool escape(Parser *p, NstTextBuffer *out) {
    if (p->at == p->end) return fail(p, "unterminated string");
    switch (*p->at++) {
    case '"': nst_text_append_byte(out, '"'); return true;
    case '\\': nst_text_append_byte(out, '\\'); return true;
    case '/': nst_text_append_byte(out, '/'); return true;
    case 'b': nst_text_append_byte(out, '\b'); return true;
    case 'f': nst_text_append_byte(out, '\f'); return true;
    case 'n': nst_text_append_byte(out, '\n'); return true;
    case 'r': nst_text_append_byte(out, '\r'); return true;
    case 't': nst_text_append_byte(out, '\t'); return true;
    case 'u': return unicode_escape(p, out);
    default: p->at--; return fail(p, "unknown escape");
    }
}

// After the opening quote.
static bool string(Parser *p, NstValue *out) {
    const char *start = p->at;
    while (p->at < p->end && *p->at != '"' && *p->at != '\\' && (unsigned char)*p->at >= 0x20) p->at++;
    if (p->at < p->end && *p->at == '"') { // no escapes
        *out = nst_string(p->process, start, (size_t)(p->at - start));
        p->at++;
        return true;
    }
    NstTextBuffer text = NST_TEXT_BUFFER_INIT;
    nst_text_append(&text, start, (size_t)(p->at - start));
    bool ok = true, closed = false;
    while (ok && !closed) {
        if (p->at == p->end) {
            ok = fail(p, "unterminated string");
        } else if ((unsigned char)*p->at < 0x20) {
            ok = fail(p, "control character in string");
        } else if (*p->at == '"') {
            p->at++;
            closed = true;
        } else if (*p->at == '\\') {
            p->at++;
            ok = escape(p, &text);
        } else {
            nst_text_append_byte(&text, *p->at++);
        }
    }
    if (ok) *out = nst_string(p->process, text.data ? text.data : "", text.size);
    nst_text_free(&text);
    return ok;
}

static void open_level(Parser *p, bool is_object) {
    if (p->depth == p->capacity) {
        p->capacity = p->capacity ? 2 * p->capacity : 16;
        p->levels = realloc(p->levels, p->capacity * sizeof *p->levels);
        if (!p->levels) abort();
    }
    p->levels[p->depth++] = (Level){ .first = p->item_count, .is_object = is_object };
}

static void add_item(Parser *p, NstValue item) {
    if (p->item_count == p->item_capacity) {
        p->item_capacity = p->item_capacity ? 2 * p->item_capacity : 64;
        p->items = realloc(p->items, p->item_capacity * sizeof *p->items);
        if (!p->items) abort();
    }
    p->items[p->item_count++] = item;
}

static NstValue close_level(Parser *p) {
    Level *level = &p->levels[--p->depth];
    NstValue list = nst_list_from(p->process, p->items + level->first, p->item_count - level->first);
    p->item_count = level->first;
    return nst_json_make(p->process, p->type, level->is_object ? NST_JSON_OBJECT : NST_JSON_ARRAY, list);
}

// A name without escapes that was met before; p->at stands behind its closing quote then.
static bool known_name(Parser *p, NstString ***place) {
    uint32_t hash = 2166136261u;
    const char *at = p->at;
    for (; at < p->end && *at != '"' && *at != '\\' && (unsigned char)*at >= 0x20; at++) {
        hash = (hash ^ (unsigned char)*at) * 16777619u;
    }
    *place = at < p->end && *at == '"' ? &p->names[(hash ^ hash >> 16) % NAMES] : NULL;
    if (!*place || !**place) return false;
    size_t size = (size_t)(at - p->at);
    if ((**place)->head.count != size || memcmp((**place)->bytes, p->at, size) != 0) return false;
    p->at = at + 1;
    return true;
}

// "name" :
static bool member_name(Parser *p) {
    skip_space(p);
    if (!take(p, '"')) return fail(p, "member name expected");
    NstValue *key = &p->levels[p->depth - 1].key;
    NstString **place;
    if (known_name(p, &place)) {
        *key = nst_object(*place);
    } else {
        if (!string(p, key)) return false;
        if (place) *place = (NstString *)(void *)key->w.o;
    }
    return take(p, ':') || fail(p, "':' expected");
}

static NstValue boolean(Parser *p, bool b) {
    NstValue *known = &p->bools[b];
    if (!nst_is_object(*known)) *known = nst_json_make(p->process, p->type, NST_JSON_BOOL, nst_bool(b));
    return *known;
}

// Reads a value, or opens an array or object that has one (*opened).
static bool begin_value(Parser *p, NstValue *out, bool *opened) {
    *opened = false;
    skip_space(p);
    if (p->at == p->end) return fail(p, "unexpected end of text");
    switch (*p->at) {
    case '{':
    case '[': {
        bool is_object = *p->at++ == '{';
        open_level(p, is_object);
        if (take(p, is_object ? '}' : ']')) {
            *out = close_level(p);
            return true;
        }
        *opened = true;
        return !is_object || member_name(p);
    }
    case '"': {
        NstValue text;
        p->at++;
        if (!string(p, &text)) return false;
        *out = nst_json_make(p->process, p->type, NST_JSON_STRING, text);
        return true;
    }
    case 'n': *out = nst_json_null(p->type); return take_word(p, "null");
    case 't': *out = boolean(p, true); return take_word(p, "true");
    case 'f': *out = boolean(p, false); return take_word(p, "false");
    default:
        if (*p->at == '-' || is_digit(p)) return number(p, out);
        return fail(p, "unexpected character");
    }
}

// Puts a finished value into the levels that it ends; *done when the document is complete.
static bool end_value(Parser *p, NstValue *value, bool *done) {
    while (p->depth > 0) {
        Level *level = &p->levels[p->depth - 1];
        NstValue item = level->is_object ? nst_json_member(p->process, level->key, *value) : *value;
        add_item(p, item);
        if (take(p, ',')) return !level->is_object || member_name(p);
        if (!take(p, level->is_object ? '}' : ']')) {
            return fail(p, level->is_object ? "',' or '}' expected" : "',' or ']' expected");
        }
        *value = close_level(p);
    }
    *done = true;
    return true;
}

static NstPrimStatus raise_error(Parser *p) {
    size_t line = 1;
    const char *start = p->text;
    for (const char *s = p->text; s < p->at; s++) {
        if (*s != '\n') continue;
        line++;
        start = s + 1;
    }
    return nst_raise_panic(p->process, "JSON parse error: %s at line %zu column %zu", p->error, line,
                           nst_utf8_length(start, (size_t)(p->at - start)) + 1);
}

NstPrimStatus nst_json_parse(NstProcess *process, const char *text, size_t size, NstValue *out) {
    Parser p = { .process = process, .type = nst_json_type(process), .text = text, .at = text, .end = text + size };
    NstValue value = NST_UNIT;
    bool done = false, opened;
    // Beyond the budget the rest of a long document is not read; after a collection there may be room for all of it.
    while (!done && !process->heap.out_of_memory && begin_value(&p, &value, &opened) &&
           (opened || end_value(&p, &value, &done))) continue;
    if (done) {
        skip_space(&p);
        if (p.at < p.end) fail(&p, "unexpected text after the document");
    }
    free(p.levels);
    free(p.items);
    nst_prim_charge(process, size / 64);
    if (p.error) return raise_error(&p);
    if (!done) {
        process->heap.refused = true;
        return nst_raise_pair(process, "OutOfMemory", "JSON document too large");
    }
    *out = value;

    return NST_PRIM_OK;
}
