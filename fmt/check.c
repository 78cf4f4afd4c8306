#include "fmt/check.h"

#include "frontend/scan.h"

#include <stdlib.h>
#include <string.h>

typedef struct Range {
    uint32_t start, end;
} Range;

enum { MANY = 64 }; // comments or separators between two tokens that are compared without the heap

// One text, read from one solid token to the next. Separators are not solid.
typedef struct Reader {
    NstScan scan;
    const char *text;
    uint32_t at;             // end of the last token
    NstToken token;          // the solid token
    NstToken before;         // the one before it
    bool newline;            // between them
    bool in_round;           // the innermost bracket is ( or [
    Range *comments;
    size_t comment_count, comment_capacity;
    uint32_t *separators;    // offsets
    size_t separator_count, separator_capacity;
} Reader;

static void *grow(void *items, size_t count, size_t *capacity, size_t size) {
    if (count < *capacity) return items;
    *capacity = *capacity ? *capacity * 2 : MANY;
    return nst_realloc(items, *capacity * size);
}

static void read_comments(Reader *reader, uint32_t end) {
    for (uint32_t at = reader->at; at < end; at++) {
        char c = reader->text[at];
        if (c == '\n') {
            reader->newline = true;
        } else if (c == '#') {
            uint32_t start = at;
            bool block = at + 1 < end && reader->text[at + 1] == '*';
            if (block) {
                for (at += 2; at + 1 < end && !(reader->text[at] == '*' && reader->text[at + 1] == '#');) at++;
                at = at + 2 < end ? at + 2 : end;
            } else {
                while (at < end && reader->text[at] != '\n') at++;
            }
            uint32_t stop = at;
            while (!block && stop > start && nst_is_one_of(reader->text[stop - 1], " \t\r")) stop--;
            reader->comments = grow(reader->comments, reader->comment_count, &reader->comment_capacity, sizeof(Range));
            reader->comments[reader->comment_count++] = (Range){start, stop};
            at--;
        }
    }
}

static bool is_separator(const Reader *reader, NstToken token) {
    return token.kind == NST_TOKEN_OPERATOR && token.end - token.start == 1 && nst_is_one_of(reader->text[token.start], ",;|");
}

static void read_next(Reader *reader) {
    reader->before = reader->token;
    reader->newline = false;
    reader->comment_count = reader->separator_count = 0;
    for (;;) {
        size_t depth = reader->scan.depth;
        char bracket = depth ? reader->scan.brackets[depth - 1].kind : 0;
        reader->in_round = bracket == '(' || bracket == '[';
        NstToken token = nst_scan_next(&reader->scan);
        if (token.kind != NST_TOKEN_STRING || token.string_opens) read_comments(reader, token.start);
        reader->at = token.end;
        if (!is_separator(reader, token)) {
            reader->token = token;
            return;
        }
        reader->separators =
            grow(reader->separators, reader->separator_count, &reader->separator_capacity, sizeof(uint32_t));
        reader->separators[reader->separator_count++] = token.start;
    }
}

// Offsets come in ascending order, so one position per list is enough.
static bool contains(const NstOffsets *offsets, size_t *position, uint32_t offset) {
    while (*position < offsets->count && offsets->items[*position] < offset) (*position)++;
    return *position < offsets->count && offsets->items[*position] == offset;
}

typedef struct Check {
    const NstPrinter *f;
    Reader in, out;
    size_t separated, free, optional;
} Check;

static bool same_comments(const Check *check) {
    if (check->in.comment_count != check->out.comment_count) return false;
    for (size_t i = 0; i < check->in.comment_count; i++) {
        Range a = check->in.comments[i], b = check->out.comments[i];
        if (a.end - a.start != b.end - b.start ||
            memcmp(check->in.text + a.start, check->out.text + b.start, a.end - a.start) != 0)
            return false;
    }
    return true;
}

static bool may_be_added(const Reader *out, char separator) {
    if (separator == ',') return out->token.kind == NST_TOKEN_CLOSE;
    return separator == '|' && nst_token_is(out->text, out->before, "=");
}

static bool same_separators(Check *check) {
    Reader *in = &check->in, *out = &check->out;
    size_t k = 0;
    for (size_t i = 0; i < in->separator_count; i++) {
        char separator = in->text[in->separators[i]];
        bool optional = contains(&check->f->optional, &check->optional, in->separators[i]);
        if (k < out->separator_count && out->text[out->separators[k]] == separator) k++;
        else if (!optional) return false;
    }
    for (; k < out->separator_count; k++)
        if (!may_be_added(out, out->text[out->separators[k]])) return false;
    return true;
}

static bool is_word(char c) {
    return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// Whether a newline between the two tokens of the output means as much as a blank (N1 to N4).
static bool is_free(const Reader *out) {
    static const char *const words[] = {"then", "else", "catch", "finally", "end", "|>", NULL};
    if (out->in_round || out->token.kind == NST_TOKEN_CLOSE || out->token.kind == NST_TOKEN_END) return true;
    if (!nst_token_ends_operand(out->text, out->before)) return true;
    if (out->separator_count) return true;
    for (const char *const *word = words; *word; word++)
        if (nst_token_is(out->text, out->token, *word)) return true;
    return nst_token_is(out->text, out->token, ".") && is_word(out->text[out->token.end]);
}

// Whether the token could go on with what stands before it, so that only a newline may have kept them apart.
static bool could_continue(const Reader *out) {
    static const char *const operators[] = {"(", "[", "?", ".", "+", "-", "*", "/", "%", "**", "++", "::", "==", "!=",
                                            "<", ">", "<=", ">=", "&&", "||", "|>", "<-", NULL};
    for (const char *const *operator = operators; *operator; operator++)
        if (nst_token_is(out->text, out->token, *operator)) return true;
    return false;
}

static bool same_newlines(Check *check) {
    const Reader *in = &check->in, *out = &check->out;
    bool separated = contains(&check->f->separated, &check->separated, in->token.start);
    bool is_declared_free = contains(&check->f->free, &check->free, in->token.start);
    if (separated) {
        bool apart = in->newline || in->separator_count;
        return !apart || out->newline || out->separator_count || out->before.kind == NST_TOKEN_OPEN ||
               !nst_token_ends_operand(out->text, out->before);
    }
    if (in->newline && !out->newline && !could_continue(out)) return true;
    return in->newline == out->newline || is_declared_free || is_free(out);
}

static bool same_token(const Reader *in, const Reader *out) {
    uint32_t size = in->token.end - in->token.start;
    return in->token.kind == out->token.kind && size == out->token.end - out->token.start &&
           memcmp(in->text + in->token.start, out->text + out->token.start, size) == 0;
}

static const char *compare(Check *check) {
    for (;;) {
        read_next(&check->in);
        read_next(&check->out);
        if (!same_token(&check->in, &check->out)) return "a token differs";
        if (!same_comments(check)) return "a comment was lost, doubled or moved";
        if (!same_separators(check)) return "a separator differs";
        if (check->in.token.kind == NST_TOKEN_END) return NULL;
        if (!same_newlines(check)) return "a newline changes the meaning";
    }
}

static void begin(Reader *reader, const char *text, uint32_t start, uint32_t end) {
    reader->text = text;
    reader->at = start;
    reader->token = (NstToken){.kind = NST_TOKEN_OPEN, .start = start, .end = start};
    nst_scan_init(&reader->scan, text, end, start);
}

static void finish(Reader *reader) {
    nst_scan_free(&reader->scan);
    free(reader->comments);
    free(reader->separators);
}

const char *nst_check_output(const NstPrinter *f, uint32_t start, uint32_t end, const char *output, size_t size) {
    Check check = {.f = f};
    begin(&check.in, f->text, start, end);
    begin(&check.out, output, 0, (uint32_t)size);
    const char *failure = compare(&check);
    finish(&check.in);
    finish(&check.out);
    return failure;
}
