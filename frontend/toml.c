#include "frontend/toml.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct Reader {
    const char *at, *end;
    int line;
    int depth;
    const char *reason;
    NstToml *root;
    jmp_buf fail;
} Reader;

enum { MAX_DEPTH = 200 };

static _Noreturn void fail(Reader *r, const char *reason) {
    r->reason = reason;
    longjmp(r->fail, 1);
}

static void *checked(void *memory) {
    if (!memory) abort();
    return memory;
}

static NstToml *make(Reader *r, NstTomlKind kind) {
    NstToml *value = checked(calloc(1, sizeof *value));
    value->kind = kind;
    value->line = r->line;
    return value;
}

static void append(NstToml *parent, NstToml *child) {
    if (parent->last) parent->last->next = child;
    else parent->first = child;
    parent->last = child;
}

void nst_toml_free(NstToml *value) {
    while (value) {
        NstToml *next = value->next;
        nst_toml_free(value->first); // depth is bounded by MAX_DEPTH
        free(value->key);
        free(value->text);
        free(value);
        value = next;
    }
}

const NstToml *nst_toml_get(const NstToml *table, const char *key) {
    if (!table || table->kind != NST_TOML_TABLE) return NULL;
    for (const NstToml *child = table->first; child; child = child->next)
        if (strcmp(child->key, key) == 0) return child;
    return NULL;
}

static int peek(const Reader *r) { return r->at < r->end ? (unsigned char)*r->at : -1; }

static bool take(Reader *r, char c) {
    if (peek(r) != (unsigned char)c) return false;
    r->at++;
    return true;
}

static bool ahead(const Reader *r, const char *word) {
    size_t size = strlen(word);
    return (size_t)(r->end - r->at) >= size && memcmp(r->at, word, size) == 0;
}

static void skip_blanks(Reader *r) {
    while (peek(r) == ' ' || peek(r) == '\t') r->at++;
}

static bool is_newline(const Reader *r) {
    return peek(r) == '\n' || (peek(r) == '\r' && r->at + 1 < r->end && r->at[1] == '\n');
}

static void take_newline(Reader *r) {
    if (peek(r) == '\r') r->at++;
    r->at++;
    r->line++;
}

static void skip_comment(Reader *r) {
    if (peek(r) != '#') return;
    while (r->at < r->end && !is_newline(r)) {
        int c = peek(r);
        if ((c < 0x20 && c != '\t') || c == 0x7f) fail(r, "control character in a comment");
        r->at++;
    }
}

// Blanks, comments and newlines, as between the elements of an array.
static void skip_all(Reader *r) {
    for (;;) {
        skip_blanks(r);
        skip_comment(r);
        if (!is_newline(r)) return;
        take_newline(r);
    }
}

typedef struct Text {
    char *data;
    size_t size, capacity;
} Text;

static void put(Text *t, char c) {
    if (t->size + 1 >= t->capacity) {
        t->capacity = t->capacity ? t->capacity * 2 : 32;
        t->data = checked(realloc(t->data, t->capacity));
    }
    t->data[t->size++] = c;
    t->data[t->size] = 0;
}

static void put_utf8(Text *t, uint32_t c) {
    if (c < 0x80) {
        put(t, (char)c);
    } else if (c < 0x800) {
        put(t, (char)(0xC0 | c >> 6));
        put(t, (char)(0x80 | (c & 0x3F)));
    } else if (c < 0x10000) {
        put(t, (char)(0xE0 | c >> 12));
        put(t, (char)(0x80 | (c >> 6 & 0x3F)));
        put(t, (char)(0x80 | (c & 0x3F)));
    } else {
        put(t, (char)(0xF0 | c >> 18));
        put(t, (char)(0x80 | (c >> 12 & 0x3F)));
        put(t, (char)(0x80 | (c >> 6 & 0x3F)));
        put(t, (char)(0x80 | (c & 0x3F)));
    }
}

static void read_escape(Reader *r, Text *t, bool multi_line) {
    int c = peek(r);
    if (c < 0) fail(r, "unterminated string");
    r->at++;
    switch (c) {
    case 'b': put(t, '\b'); return;
    case 't': put(t, '\t'); return;
    case 'n': put(t, '\n'); return;
    case 'f': put(t, '\f'); return;
    case 'r': put(t, '\r'); return;
    case '"': put(t, '"'); return;
    case '\\': put(t, '\\'); return;
    case 'u':
    case 'U': {
        uint32_t code = 0;
        for (int i = 0; i < (c == 'u' ? 4 : 8); i++) {
            int digit = peek(r);
            if (digit < 0 || !isxdigit(digit)) fail(r, "invalid unicode escape");
            code = code * 16 + (uint32_t)(digit <= '9' ? digit - '0' : (digit | 32) - 'a' + 10);
            r->at++;
        }
        if (code > 0x10FFFF || (code >= 0xD800 && code < 0xE000)) fail(r, "invalid unicode escape");
        put_utf8(t, code);
        return;
    }
    default: break;
    }
    if (multi_line) { // a backslash at the end of a line swallows white space
        r->at--;
        skip_blanks(r);
        if (is_newline(r)) {
            while (peek(r) == ' ' || peek(r) == '\t' || is_newline(r)) {
                if (is_newline(r)) take_newline(r);
                else r->at++;
            }
            return;
        }
    }
    fail(r, "invalid escape sequence");
}

// At a quote. `keys` may not be multi-line strings.
static char *read_string(Reader *r, bool key) {
    char quote = *r->at;
    char triple[4] = { quote, quote, quote, 0 };
    bool multi = ahead(r, triple);
    if (multi && key) fail(r, "multi-line string as a key");
    r->at += multi ? 3 : 1;
    Text text = { 0 };
    put(&text, 0);
    text.size = 0;
    if (multi && is_newline(r)) take_newline(r);
    for (;;) {
        int c = peek(r);
        if (c < 0) break;
        if (multi && ahead(r, triple)) {
            r->at += 3;
            while (peek(r) == (unsigned char)quote && text.size < SIZE_MAX) { // up to two quotes belong to the text
                size_t extra = 0;
                while (extra < 3 && peek(r) == (unsigned char)quote) {
                    if (++extra > 2) { free(text.data); fail(r, "too many quotes"); }
                    put(&text, quote);
                    r->at++;
                }
            }
            return text.data;
        }
        if (!multi && c == (unsigned char)quote) {
            r->at++;
            return text.data;
        }
        if (is_newline(r)) {
            if (!multi) break;
            take_newline(r);
            put(&text, '\n');
            continue;
        }
        if ((c < 0x20 && c != '\t') || c == 0x7f) {
            free(text.data);
            fail(r, "control character in a string");
        }
        r->at++;
        if (c == '\\' && quote == '"') read_escape(r, &text, multi);
        else put(&text, (char)c);
    }
    free(text.data);
    fail(r, "unterminated string");
}

static bool is_bare(int c) { return c >= 0 && (isalnum(c) || c == '_' || c == '-'); }

static char *read_key_part(Reader *r) {
    if (peek(r) == '"' || peek(r) == '\'') return read_string(r, true);
    const char *start = r->at;
    while (is_bare(peek(r))) r->at++;
    if (r->at == start) fail(r, "expected a key");
    char *key = checked(malloc((size_t)(r->at - start) + 1));
    memcpy(key, start, (size_t)(r->at - start));
    key[r->at - start] = 0;
    return key;
}

static NstToml *find(NstToml *table, const char *key) { return (NstToml *)(uintptr_t)nst_toml_get(table, key); }

static NstToml *add(Reader *r, NstToml *table, char *key, NstTomlKind kind) {
    NstToml *child = make(r, kind);
    child->key = key;
    append(table, child);
    return child;
}

static void read_value(Reader *r, NstToml *into);

// key . key . key = value, inside `table`.
static void read_pair(Reader *r, NstToml *table) {
    for (;;) {
        char *key = read_key_part(r);
        skip_blanks(r);
        NstToml *old = find(table, key);
        if (take(r, '.')) {
            skip_blanks(r);
            if (old) {
                free(key);
                if (old->kind != NST_TOML_TABLE || old->closed || (old->explicit_ && !old->by_dots))
                    fail(r, "key is already defined");
                table = old;
            } else {
                table = add(r, table, key, NST_TOML_TABLE);
                table->by_dots = true;
                table->explicit_ = true;
            }
            continue;
        }
        if (old) {
            free(key);
            fail(r, "key is already defined");
        }
        NstToml *value = add(r, table, key, NST_TOML_BOOL);
        if (!take(r, '=')) fail(r, "expected '='");
        skip_blanks(r);
        read_value(r, value);
        return;
    }
}

static void read_array(Reader *r, NstToml *array) {
    array->kind = NST_TOML_ARRAY;
    array->closed = true;
    r->at++;
    for (;;) {
        skip_all(r);
        if (take(r, ']')) return;
        NstToml *item = make(r, NST_TOML_BOOL);
        append(array, item);
        read_value(r, item);
        skip_all(r);
        if (take(r, ',')) continue;
        if (take(r, ']')) return;
        fail(r, "expected ',' or ']' in an array");
    }
}

static void read_inline_table(Reader *r, NstToml *table) {
    table->kind = NST_TOML_TABLE;
    table->explicit_ = true;
    r->at++;
    skip_blanks(r);
    if (!take(r, '}')) {
        for (;;) {
            skip_blanks(r);
            read_pair(r, table);
            skip_blanks(r);
            if (take(r, ',')) continue;
            if (take(r, '}')) break;
            fail(r, "expected ',' or '}' in an inline table");
        }
    }
    table->closed = true;
}

// Underscores only between digits; digits of the given base. Returns the end or null.
static bool digits_ok(const char *text, const char *end, int base) {
    bool previous = false;
    if (text == end) return false;
    for (; text < end; text++) {
        if (*text == '_') {
            if (!previous || text + 1 == end) return false;
            previous = false;
            continue;
        }
        int c = (unsigned char)*text;
        int digit = isdigit(c) ? c - '0' : isalpha(c) ? (c | 32) - 'a' + 10 : 99;
        if (digit >= base) return false;
        previous = true;
    }
    return true;
}

static bool read_special_float(const char *word, double *out) {
    double sign = *word == '-' ? -1 : 1;
    if (*word == '+' || *word == '-') word++;
    if (strcmp(word, "inf") == 0) *out = sign * HUGE_VAL;
    else if (strcmp(word, "nan") == 0) *out = (double)NAN;
    else return false;
    return true;
}

static bool read_integer(const char *word, int64_t *out) {
    const char *body = word;
    int base = 10;
    if (body[0] == '0' && body[1] && strchr("xob", body[1])) {
        base = body[1] == 'x' ? 16 : body[1] == 'o' ? 8 : 2;
        body += 2;
    } else if (*body == '+' || *body == '-') {
        body++;
    }
    const char *end = body + strlen(body);
    if (!digits_ok(body, end, base)) return false;
    if (base == 10 && body[0] == '0' && body[1]) return false; // no leading zeros
    char plain[80];
    size_t size = 0;
    if (*word == '-') plain[size++] = '-';
    for (const char *p = body; p < end; p++) {
        if (*p == '_') continue;
        if (size + 1 >= sizeof plain) return false;
        plain[size++] = *p;
    }
    plain[size] = 0;
    errno = 0;
    *out = strtoll(plain, NULL, base);
    return errno == 0;
}

static bool read_float(const char *word, double *out) {
    const char *p = word;
    if (*p == '+' || *p == '-') p++;
    const char *whole = p;
    while (isdigit((unsigned char)*p) || *p == '_') p++;
    if (!digits_ok(whole, p, 10) || (whole[0] == '0' && p - whole > 1)) return false;
    bool point = false, exponent = false;
    if (*p == '.') {
        const char *fraction = ++p;
        while (isdigit((unsigned char)*p) || *p == '_') p++;
        if (!digits_ok(fraction, p, 10)) return false;
        point = true;
    }
    if (*p == 'e' || *p == 'E') {
        p++;
        if (*p == '+' || *p == '-') p++;
        const char *power = p;
        while (isdigit((unsigned char)*p) || *p == '_') p++;
        if (!digits_ok(power, p, 10)) return false;
        exponent = true;
    }
    if (*p || (!point && !exponent)) return false;
    char plain[128];
    size_t size = 0;
    for (p = word; *p; p++) {
        if (*p == '_') continue;
        if (size + 1 >= sizeof plain) return false;
        plain[size++] = *p;
    }
    plain[size] = 0;
    *out = strtod(plain, NULL);
    return true;
}

// 1979-05-27T07:32:00Z and its parts; ranges of the fields are checked.
static bool is_time(const char *word) {
    int a = 0, b = 0, c = 0, used = 0;
    const char *p = word;
    if (sscanf(p, "%4d-%2d-%2d%n", &a, &b, &c, &used) == 3 && used == 10) {
        if (b < 1 || b > 12 || c < 1 || c > 31) return false;
        p += 10;
        if (!*p) return true;
        if (*p != 'T' && *p != 't' && *p != ' ') return false;
        p++;
    }
    used = 0;
    if (sscanf(p, "%2d:%2d:%2d%n", &a, &b, &c, &used) != 3 || used != 8 || a > 23 || b > 59 || c > 60) return false;
    bool with_date = p != word;
    p += 8;
    if (*p == '.') {
        p++;
        if (!isdigit((unsigned char)*p)) return false;
        while (isdigit((unsigned char)*p)) p++;
    }
    if (!*p) return true;
    if (!with_date) return false;
    if ((*p == 'Z' || *p == 'z') && !p[1]) return true;
    if (*p != '+' && *p != '-') return false;
    used = 0;
    return sscanf(p + 1, "%2d:%2d%n", &a, &b, &used) == 2 && used == 5 && !p[6] && a < 24 && b < 60;
}

static void read_scalar(Reader *r, NstToml *into) {
    char word[160];
    size_t size = 0;
    while (is_bare(peek(r)) || peek(r) == '+' || peek(r) == '.' || peek(r) == ':' ||
           (peek(r) == ' ' && size == 10 && word[4] == '-' && r->at + 1 < r->end && isdigit((unsigned char)r->at[1]))) {
        if (size + 1 >= sizeof word) fail(r, "invalid value");
        word[size++] = *r->at++;
    }
    word[size] = 0;
    if (strcmp(word, "true") == 0 || strcmp(word, "false") == 0) {
        into->kind = NST_TOML_BOOL;
        into->integer = word[0] == 't';
    } else if (read_integer(word, &into->integer)) {
        into->kind = NST_TOML_INT;
    } else if (read_special_float(word, &into->floating) || read_float(word, &into->floating)) {
        into->kind = NST_TOML_FLOAT;
    } else if (is_time(word)) {
        into->kind = NST_TOML_TIME;
        into->text = checked(strdup(word));
    } else {
        fail(r, size ? "invalid value" : "expected a value");
    }
}

static void read_value(Reader *r, NstToml *into) {
    if (++r->depth > MAX_DEPTH) fail(r, "nested too deeply");
    into->line = r->line;
    switch (peek(r)) {
    case '"':
    case '\'':
        into->kind = NST_TOML_STRING;
        into->text = read_string(r, false);
        break;
    case '[': read_array(r, into); break;
    case '{': read_inline_table(r, into); break;
    default: read_scalar(r, into); break;
    }
    r->depth--;
}

// [a.b] or [[a.b]]: returns the table that the following pairs go into.
static NstToml *read_header(Reader *r, NstToml *root) {
    r->at++;
    bool array = take(r, '[');
    NstToml *table = root;
    for (int parts = 1;; parts++) {
        if (parts > MAX_DEPTH) fail(r, "nested too deeply");
        skip_blanks(r);
        char *key = read_key_part(r);
        skip_blanks(r);
        NstToml *child = find(table, key);
        if (take(r, '.')) {
            if (!child) {
                child = add(r, table, key, NST_TOML_TABLE);
            } else {
                free(key);
                if (child->kind == NST_TOML_ARRAY && !child->closed) child = child->last;
                if (child->kind != NST_TOML_TABLE || child->closed) fail(r, "key is already defined");
            }
            table = child;
            continue;
        }
        if (array) {
            if (!child) {
                child = add(r, table, key, NST_TOML_ARRAY);
            } else {
                free(key);
                if (child->kind != NST_TOML_ARRAY || child->closed) fail(r, "key is already defined");
            }
            NstToml *item = make(r, NST_TOML_TABLE);
            item->explicit_ = true;
            append(child, item);
            table = item;
        } else if (!child) {
            table = add(r, table, key, NST_TOML_TABLE);
            table->explicit_ = true;
        } else {
            free(key);
            if (child->kind != NST_TOML_TABLE || child->closed || child->explicit_) fail(r, "table is already defined");
            child->explicit_ = true;
            child->line = r->line;
            table = child;
        }
        if (!take(r, ']') || (array && !take(r, ']'))) fail(r, "expected ']'");
        return table;
    }
}

static void read_document(Reader *r) {
    if (ahead(r, "\xEF\xBB\xBF")) r->at += 3;
    NstToml *table = r->root;
    for (;;) {
        skip_all(r);
        if (r->at >= r->end) return;
        if (peek(r) == '[') table = read_header(r, r->root);
        else read_pair(r, table);
        skip_blanks(r);
        skip_comment(r);
        if (r->at < r->end && !is_newline(r)) fail(r, "expected the end of the line");
    }
}

NstToml *nst_toml_parse(const char *text, size_t size, int *line, const char **reason) {
    Reader reader = { .at = text, .end = text + size, .line = 1 };
    reader.root = checked(calloc(1, sizeof *reader.root));
    reader.root->kind = NST_TOML_TABLE;
    reader.root->line = 1;
    if (setjmp(reader.fail)) {
        *line = reader.line;
        *reason = reader.reason;
        nst_toml_free(reader.root);
        return NULL;
    }
    read_document(&reader);
    return reader.root;
}
