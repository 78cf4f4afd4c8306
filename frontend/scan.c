#include "frontend/scan.h"

#include "frontend/arena.h"

#include <stdlib.h>

static const char *const keywords[] = {
    "Self",   "after",  "break",      "catch",         "const",    "continue", "do",       "else",
    "end",    "extern", "false",      "finally",       "for",      "if",       "import",   "match",
    "module", "mvar",   "not",        "private",       "pub",      "quote",    "reactive", "receive",
    "return", "spawn",  "spawn_link", "spawn_monitor", "template", "test",     "then",     "trait",
    "true",   "try",    "type",       "use",           "var",      "when",     "while",
};

// Longest first among those with a common beginning.
static const char *const operators[] = {
    "..=", "..", "**", "++", "::", "==", "=>", "!=", "<=", ">=", "&&", "||", "|>", "<-", "->", "+=", "-=", "*=", "/=",
};

static const char single_operators[] = "+-*/%=<>!?^~@,;:.|";

void nst_scan_init(NstScan *scan, const char *text, uint32_t size, uint32_t at) {
    *scan = (NstScan){ .text = text, .size = size, .at = at };
}

void nst_scan_free(NstScan *scan) {
    free(scan->brackets);
    *scan = (NstScan){ 0 };
}

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static bool is_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '_';
}

static char peek(const NstScan *scan, uint32_t offset) {
    return offset < scan->size ? scan->text[offset] : '\0';
}

bool nst_is_keyword(const char *text, size_t size) {
    for (size_t i = 0; i < sizeof keywords / sizeof *keywords; i++)
        if (strlen(keywords[i]) == size && memcmp(keywords[i], text, size) == 0) return true;
    return false;
}

bool nst_token_is(const char *text, NstToken token, const char *word) {
    size_t size = strlen(word);
    return token.end - token.start == size && memcmp(text + token.start, word, size) == 0;
}

static bool is_control(char c) {
    return ((unsigned char)c < ' ' && c != '\t' && c != '\r' && c != '\n') || c == 0x7F;
}

// The end of the block comment whose text begins at `at`; `size` if it has none. A control character ends the search:
// no comment can hold it (syntax.md 1.1).
static uint32_t block_comment_end(const char *text, uint32_t size, uint32_t at) {
    for (; at < size && !is_control(text[at]); at++)
        if (text[at] == '*' && at + 1 < size && text[at + 1] == '#') return at + 2;
    return at;
}

uint32_t nst_scan_skip_blanks(const char *text, uint32_t size, uint32_t at, bool *newline) {
    while (at < size) {
        char c = text[at];
        if (c == '\n') {
            *newline = true;
            at++;
        } else if (c == ' ' || c == '\t' || c == '\r') {
            at++;
        } else if (c == '#' && at + 1 < size && text[at + 1] == '*') {
            uint32_t end = block_comment_end(text, size, at + 2);
            bool closed = end > at + 3 && text[end - 1] == '#' && text[end - 2] == '*';
            if (end == size && !closed) return at;
            at = end;
        } else if (c == '#' && !(at + 1 < size && text[at + 1] == '{')) {
            while (at < size && text[at] != '\n' && !is_control(text[at])) at++;
        } else {
            return at;
        }
    }
    return size;
}

static void push_bracket(NstScan *scan, char kind, char quote, uint32_t start) {
    if (scan->depth == scan->capacity) {
        scan->capacity = scan->capacity ? scan->capacity * 2 : 32;
        scan->brackets = nst_realloc(scan->brackets, scan->capacity * sizeof *scan->brackets);
    }
    scan->brackets[scan->depth++] = (NstScanBracket){ kind, quote, start };
}

// String text up to its closing quote or the next interpolation; `opened` is the opening quote's place.
static void scan_string_text(NstScan *scan, NstToken *token, char quote, uint32_t opened) {
    token->kind = NST_TOKEN_STRING;
    while (scan->at < scan->size) {
        char c = scan->text[scan->at];
        if (c == quote) {
            scan->at++;
            token->string_closes = true;
            token->end = scan->at;
            return;
        }
        if (c == '$' && peek(scan, scan->at + 1) == '{') {
            token->end = scan->at;
            push_bracket(scan, '$', quote, opened);
            return;
        }
        scan->at += c == '\\' && scan->at + 1 < scan->size ? 2 : 1;
    }
    token->kind = NST_TOKEN_UNTERMINATED_STRING;
    token->start = opened;
    token->end = scan->at;
}

static uint32_t character_size(const NstScan *scan, uint32_t at) {
    uint32_t size = 1;
    while (at + size < scan->size && ((unsigned char)scan->text[at + size] & 0xC0) == 0x80) size++;
    return size;
}

static void scan_quote(NstScan *scan, NstToken *token, char quote) {
    uint32_t opened = scan->at++;
    if (quote == '\'') {
        uint32_t after = scan->at;
        if (peek(scan, after) == '\'') {
            after += 1; // '' is an invalid character literal
        } else if (after < scan->size) {
            if (scan->text[after] == '\\') after++;
            if (after < scan->size) after += character_size(scan, after);
            after = peek(scan, after) == '\'' ? after + 1 : 0;
        } else {
            after = 0;
        }
        if (after) {
            scan->at = after;
            token->kind = NST_TOKEN_CHAR;
            token->end = after;
            return;
        }
    }
    token->string_opens = true;
    scan_string_text(scan, token, quote, opened);
}

static void scan_number(NstScan *scan, NstToken *token) {
    token->kind = NST_TOKEN_NUMBER;
    if (scan->after_dot) {
        while (is_digit(peek(scan, scan->at))) scan->at++;
    } else {
        while (is_digit(peek(scan, scan->at)) || peek(scan, scan->at) == '_') scan->at++;
        if (peek(scan, scan->at) == '.' && is_digit(peek(scan, scan->at + 1))) {
            scan->at++;
            while (is_digit(peek(scan, scan->at)) || peek(scan, scan->at) == '_') scan->at++;
            char e = peek(scan, scan->at), sign = peek(scan, scan->at + 1);
            if ((e == 'e' || e == 'E') && (sign == '+' || sign == '-')) scan->at += 2;
        }
        while (is_word(peek(scan, scan->at))) scan->at++;
    }
    token->end = scan->at;
}

static void scan_word(NstScan *scan, NstToken *token) {
    while (is_word(peek(scan, scan->at))) scan->at++;
    token->end = scan->at;
    const char *text = scan->text + token->start;
    size_t size = token->end - token->start;
    if (size == 1 && *text == '_') token->kind = NST_TOKEN_WILDCARD;
    else if (nst_is_keyword(text, size)) token->kind = NST_TOKEN_KEYWORD;
    else token->kind = *text >= 'A' && *text <= 'Z' ? NST_TOKEN_UPPER : NST_TOKEN_NAME;
}

static void scan_close(NstScan *scan, NstToken *token, char open) {
    token->kind = NST_TOKEN_CLOSE;
    token->end = ++scan->at;
    if (!scan->depth) return;
    char kind = scan->brackets[scan->depth - 1].kind;
    if (kind == '$' && open == '{') scan->resume_string = true; // popped by the next call
    else if (kind == open) scan->depth--;
}

static void scan_punctuation(NstScan *scan, NstToken *token) {
    token->kind = NST_TOKEN_OPERATOR;
    for (size_t i = 0; i < sizeof operators / sizeof *operators; i++) {
        size_t size = strlen(operators[i]);
        if (scan->size - scan->at >= size && memcmp(scan->text + scan->at, operators[i], size) == 0) {
            scan->at += (uint32_t)size;
            token->end = scan->at;
            return;
        }
    }
    char c = scan->text[scan->at];
    if (!c || !strchr(single_operators, c)) {
        token->kind = NST_TOKEN_BAD;
        scan->at += character_size(scan, scan->at);
    } else {
        scan->at++;
    }
    token->end = scan->at;
}

static void scan_token(NstScan *scan, NstToken *token) {
    char c = scan->text[scan->at];
    if (is_digit(c)) {
        scan_number(scan, token);
    } else if (is_word(c)) {
        scan_word(scan, token);
    } else if (c == '"' || c == '\'') {
        scan_quote(scan, token, c);
    } else if (c == '(' || c == '[' || c == '{') {
        push_bracket(scan, c, 0, scan->at);
        token->kind = NST_TOKEN_OPEN;
        token->end = ++scan->at;
    } else if (c == '#') { // only `#{` is left: comments have been passed, but for an unterminated one
        bool set = peek(scan, scan->at + 1) == '{';
        if (set) push_bracket(scan, '{', 0, scan->at);
        token->kind = set ? NST_TOKEN_OPEN : NST_TOKEN_UNTERMINATED_COMMENT;
        scan->at = set ? scan->at + 2 : scan->size;
        token->end = set ? scan->at : token->start + 2;
    } else if (c == ')' || c == ']' || c == '}') {
        scan_close(scan, token, c == ')' ? '(' : c == ']' ? '[' : '{');
    } else {
        scan_punctuation(scan, token);
    }
}

NstToken nst_scan_next(NstScan *scan) {
    NstToken token = { .start = scan->at, .end = scan->at };
    bool in_string = scan->depth && scan->brackets[scan->depth - 1].kind == '$';
    if (scan->resume_string) {
        scan->resume_string = false;
        NstScanBracket bracket = scan->brackets[--scan->depth];
        scan_string_text(scan, &token, bracket.quote, bracket.start);
        return token;
    }
    if (in_string && peek(scan, scan->at) == '$' && peek(scan, scan->at + 1) == '{') {
        scan->at += 2;
        token.kind = NST_TOKEN_OPEN;
        token.end = scan->at;
        return token;
    }
    token.start = scan->at = nst_scan_skip_blanks(scan->text, scan->size, scan->at, &token.first_on_line);
    if (scan->at == 0) token.first_on_line = true;
    token.end = token.start;
    if (scan->at >= scan->size) return token;
    scan_token(scan, &token);
    scan->after_dot = token.kind == NST_TOKEN_OPERATOR && nst_token_is(scan->text, token, ".");
    return token;
}

bool nst_token_ends_operand(const char *text, NstToken token) {
    static const char *const words[] = { "true", "false", "Self", "end", "continue", "break", "return" };
    switch (token.kind) {
    case NST_TOKEN_NAME:
    case NST_TOKEN_UPPER:
    case NST_TOKEN_WILDCARD:
    case NST_TOKEN_NUMBER:
    case NST_TOKEN_CHAR:
    case NST_TOKEN_CLOSE: return true;
    case NST_TOKEN_STRING: return token.string_closes;
    case NST_TOKEN_KEYWORD:
        for (size_t i = 0; i < sizeof words / sizeof *words; i++)
            if (nst_token_is(text, token, words[i])) return true;
        return false;
    case NST_TOKEN_OPERATOR: return nst_token_is(text, token, "?");
    default: return false;
    }
}
