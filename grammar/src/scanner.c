/* External scanner: the tokens a context-free token regex cannot deliver.
 *
 * The scanner keeps no state: every decision is made from the set of tokens
 * the parser can accept here and from the text ahead, so any node may be reused
 * after an edit. What it decides:
 *
 *   newlines    where the parser accepts a newline token, one look at the next
 *               real token tells whether the newline ends something (syntax.md,
 *               section 2, rules N3 to N6); everywhere else it is a blank
 *   names       a reserved word is never a name, whatever the parser state;
 *               `as` and `from` are words only where the parser wants them
 *   numbers     every malformed number is one `invalid_number` token
 *   strings     `'x'` is a character, `'xy'` a string; text runs and escapes
 *
 * Block comments are left to the generated lexer. A line comment is always
 * delivered before the newline that ends it is judged, so that judging a newline
 * never reads over line comments: scanning stays linear. */
#include "tree_sitter/parser.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* What the generated parser calls. */
void *tree_sitter_nostos_external_scanner_create(void);
void tree_sitter_nostos_external_scanner_destroy(void *payload);
unsigned tree_sitter_nostos_external_scanner_serialize(void *payload, char *buffer);
void tree_sitter_nostos_external_scanner_deserialize(void *payload, const char *buffer,
                                                     unsigned length);
bool tree_sitter_nostos_external_scanner_scan(void *payload, TSLexer *lexer, const bool *valid);

/* In the order of `externals` in grammar.js. */
enum Token {
    NL,
    NL_BEFORE_EQUALS,
    NL_BEFORE_BAR,
    LINE_COMMENT,
    IDENTIFIER,
    UPPER_IDENTIFIER,
    WORD_AS,
    WORD_FROM,
    INTEGER,
    SIZED_INTEGER,
    BIG_INTEGER,
    FLOAT,
    FLOAT32,
    DECIMAL,
    INVALID_NUMBER,
    INDEX_POINT, /* the `.` before a tuple index */
    TUPLE_INDEX,
    CHARACTER,
    INVALID_CHARACTER,
    DOUBLE_QUOTE,
    SINGLE_QUOTE,
    DOUBLE_QUOTED_TEXT,
    SINGLE_QUOTED_TEXT,
    ESCAPE_SEQUENCE,
    INTERPOLATION_START,
    DOUBLE_QUOTE_END,
    SINGLE_QUOTE_END,
    UNTERMINATED,
    ERROR_SENTINEL, /* valid only while the parser recovers from an error */
};

/* Long enough for every reserved word and number suffix, with room to see that
 * a word is longer than all of them. */
enum { WORD_CAPACITY = 16 };

typedef struct {
    char text[WORD_CAPACITY];
    size_t length; /* of the word itself; `text` holds at most CAPACITY - 1 */
} Word;

static const char *const reserved_words[] = {
    "after",  "break",  "catch",      "const",         "continue", "do",       "else",
    "end",    "extern", "false",      "finally",       "for",      "if",       "import",
    "match",  "module", "mvar",       "not",           "private",  "pub",      "quote",
    "reactive", "receive", "return",  "spawn",         "spawn_link", "spawn_monitor",
    "template", "test", "then",       "trait",         "true",     "try",      "type",
    "use",    "var",    "when",       "while",
};

static void advance(TSLexer *lexer) { lexer->advance(lexer, false); }
static void skip(TSLexer *lexer) { lexer->advance(lexer, true); }

static bool is_digit(int32_t c) { return c >= '0' && c <= '9'; }
static bool is_lower(int32_t c) { return (c >= 'a' && c <= 'z') || c == '_'; }
static bool is_upper(int32_t c) { return c >= 'A' && c <= 'Z'; }
static bool is_word(int32_t c) { return is_lower(c) || is_upper(c) || is_digit(c); }
static bool is_blank(int32_t c) { return c == ' ' || c == '\t' || c == '\r'; }

/* No part of a comment; the text's end is 0 too. */
static bool is_control(int32_t c) {
    return (c >= 0 && c < ' ' && !is_blank(c) && c != '\n') || c == 0x7F;
}

static bool is_hex(int32_t c) {
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static bool is_escape(int32_t c) {
    return c == 'n' || c == 'r' || c == 't' || c == '0' || c == '\\' || c == '\'' || c == '"' ||
           c == '$';
}

static bool deliver(TSLexer *lexer, enum Token token) {
    lexer->result_symbol = (TSSymbol)token;
    return true;
}

static void read_word(TSLexer *lexer, Word *word) {
    word->length = 0;
    while (is_word(lexer->lookahead)) {
        if (word->length < WORD_CAPACITY - 1) {
            word->text[word->length] = (char)lexer->lookahead;
        }
        word->length++;
        advance(lexer);
    }
    word->text[word->length < WORD_CAPACITY ? word->length : WORD_CAPACITY - 1] = '\0';
}

static bool word_is(const Word *word, const char *text) {
    return word->length < WORD_CAPACITY && strcmp(word->text, text) == 0;
}

static bool is_reserved(const Word *word) {
    for (size_t i = 0; i < sizeof reserved_words / sizeof *reserved_words; i++) {
        if (word_is(word, reserved_words[i])) return true;
    }
    return false;
}

/* ------------------------------------------------------------------ strings */

/* Text, escape, interpolation start or closing quote of a string whose quote is
 * `quote`. A backslash before an unknown character stands for itself. */
static bool scan_string_part(TSLexer *lexer, int32_t quote, enum Token text, enum Token end) {
    for (bool has_text = false;; has_text = true) {
        int32_t c = lexer->lookahead;
        enum Token special;

        if (c != quote && c != '\\' && c != '$' && !lexer->eof(lexer)) {
            advance(lexer);
            continue;
        }
        lexer->mark_end(lexer);
        if (lexer->eof(lexer)) return deliver(lexer, has_text ? text : UNTERMINATED);
        advance(lexer);
        if (c == quote) {
            special = end;
        } else if (c == '\\' && is_escape(lexer->lookahead)) {
            special = ESCAPE_SEQUENCE;
        } else if (c == '$' && lexer->lookahead == '{') {
            special = INTERPOLATION_START;
        } else {
            continue;
        }
        if (has_text) return deliver(lexer, text);
        if (special != end) advance(lexer);
        lexer->mark_end(lexer);
        return deliver(lexer, special);
    }
}

/* At a single quote: a character, an invalid character, or a string's start. */
static bool scan_single_quote(TSLexer *lexer, const bool *valid) {
    advance(lexer);
    lexer->mark_end(lexer);
    enum Token token = CHARACTER;
    if (lexer->lookahead == '\'') {
        advance(lexer);
        lexer->mark_end(lexer);
        return valid[INVALID_CHARACTER] && deliver(lexer, INVALID_CHARACTER);
    }
    if (lexer->lookahead == '\\') {
        advance(lexer);
        if (!is_escape(lexer->lookahead)) token = INVALID_CHARACTER;
    }
    if (!lexer->eof(lexer)) advance(lexer);
    if (lexer->lookahead == '\'') {
        advance(lexer);
        lexer->mark_end(lexer);
        return valid[token] && deliver(lexer, token);
    }
    return valid[SINGLE_QUOTE] && deliver(lexer, SINGLE_QUOTE);
}

/* ------------------------------------------------------------------ numbers */

static void skip_digits(TSLexer *lexer) {
    while (is_digit(lexer->lookahead) || lexer->lookahead == '_') advance(lexer);
}

/* After the digits of a decimal number: its suffix decides the kind. */
static enum Token number_kind(const Word *suffix, bool has_point, bool has_exponent) {
    static const char *const sizes[] = {"i8", "i16", "i32", "u8", "u16", "u32", "u64"};

    if (suffix->length == 0) return has_point ? FLOAT : INTEGER;
    if (has_point && word_is(suffix, "f32")) return FLOAT32;
    if (!has_exponent && word_is(suffix, "d")) return DECIMAL;
    if (has_point) return INVALID_NUMBER;
    if (word_is(suffix, "n")) return BIG_INTEGER;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        if (word_is(suffix, sizes[i])) return SIZED_INTEGER;
    }
    return INVALID_NUMBER;
}

/* `0x…` and `0b…`, after the letter. */
static enum Token scan_based_digits(TSLexer *lexer, bool binary) {
    bool ok = binary ? lexer->lookahead == '0' || lexer->lookahead == '1' : is_hex(lexer->lookahead);
    while (is_word(lexer->lookahead)) {
        int32_t c = lexer->lookahead;
        if (c != '_' && !(binary ? c == '0' || c == '1' : is_hex(c))) ok = false;
        advance(lexer);
    }
    lexer->mark_end(lexer);
    return ok ? INTEGER : INVALID_NUMBER;
}

/* A number, after its integer digits (none if it starts with the point). A point
 * belongs to it only before a digit (`1..2` is a range, `1.show()` a call); before
 * what can follow a finished number it is a float without its digits. */
static enum Token scan_fraction_and_suffix(TSLexer *lexer, bool has_integer_digits) {
    bool has_point = false;
    bool has_exponent = false;
    bool ok = has_integer_digits;
    Word suffix;

    lexer->mark_end(lexer);
    if (lexer->lookahead == '.') {
        advance(lexer);
        if (lexer->lookahead > 0 && strchr(")]},;+-*/%=<>!?:", (char)lexer->lookahead) != NULL &&
            lexer->lookahead < 128) {
            lexer->mark_end(lexer);
            return INVALID_NUMBER;
        }
        if (!is_digit(lexer->lookahead)) return INTEGER;
        has_point = true;
        skip_digits(lexer);
    }
    if (has_point && (lexer->lookahead == 'e' || lexer->lookahead == 'E')) {
        has_exponent = true;
        advance(lexer);
        if (lexer->lookahead == '+' || lexer->lookahead == '-') advance(lexer);
        if (!is_digit(lexer->lookahead)) ok = false;
        while (is_digit(lexer->lookahead)) advance(lexer);
    }
    read_word(lexer, &suffix);
    lexer->mark_end(lexer);
    enum Token kind = number_kind(&suffix, has_point, has_exponent);
    return ok ? kind : INVALID_NUMBER;
}

static enum Token scan_number(TSLexer *lexer) {
    bool starts_with_zero = lexer->lookahead == '0';
    advance(lexer);
    if (starts_with_zero) {
        int32_t letter = lexer->lookahead;
        if (letter == 'x' || letter == 'X' || letter == 'b' || letter == 'B') {
            advance(lexer);
            return scan_based_digits(lexer, letter == 'b' || letter == 'B');
        }
    }
    skip_digits(lexer);
    return scan_fraction_and_suffix(lexer, true);
}

/* ------------------------------------------------------ newlines and comments */

static bool continues_line(const Word *word) {
    return word_is(word, "then") || word_is(word, "else") || word_is(word, "catch") ||
           word_is(word, "finally") || word_is(word, "end");
}

/* After a newline, at the next thing that is neither blank nor comment: the
 * newline token that stands before it, or ERROR_SENTINEL for none. A name or
 * keyword is read into `word`. */
static enum Token judge_newline(TSLexer *lexer, const bool *valid, Word *word) {
    enum Token token = NL;

    if (lexer->eof(lexer)) return ERROR_SENTINEL;
    switch (lexer->lookahead) {
    case ')':
    case ']':
    case '}':
        return ERROR_SENTINEL;
    case '.':
        advance(lexer);
        if (is_word(lexer->lookahead)) return ERROR_SENTINEL;
        break;
    case '|':
        advance(lexer);
        if (lexer->lookahead == '>') return ERROR_SENTINEL;
        if (valid[NL_BEFORE_BAR] && !valid[ERROR_SENTINEL]) token = NL_BEFORE_BAR;
        break;
    case '=':
        advance(lexer);
        if (valid[NL_BEFORE_EQUALS] && !valid[ERROR_SENTINEL] && lexer->lookahead != '=' &&
            lexer->lookahead != '>') {
            token = NL_BEFORE_EQUALS;
        }
        break;
    default:
        if (is_lower(lexer->lookahead)) {
            read_word(lexer, word);
            if (continues_line(word)) return ERROR_SENTINEL;
        }
    }
    return valid[token] ? token : ERROR_SENTINEL;
}

/* At the `*` of a block comment: passes that comment and those that follow it on
 * the same line. False if what follows then is a newline, a line comment or the
 * end of the file: the newline is judged again from there. */
static bool pass_block_comments(TSLexer *lexer) {
    for (;;) {
        bool after_star = false;

        advance(lexer);
        while (!after_star || lexer->lookahead != '#') {
            if (lexer->eof(lexer)) return false;
            after_star = lexer->lookahead == '*';
            advance(lexer);
        }
        advance(lexer);
        while (is_blank(lexer->lookahead)) advance(lexer);
        if (lexer->lookahead == '\n' || lexer->eof(lexer)) return false;
        if (lexer->lookahead != '#') return true;
        advance(lexer);
        if (lexer->lookahead == '{') return true;
        if (lexer->lookahead != '*') return false;
    }
}

/* At a `#`; `newline` says that a newline was crossed and may be a token, which
 * then ends here. */
static bool scan_hash(TSLexer *lexer, const bool *valid, bool newline) {
    Word word = {.length = 0};
    enum Token token;

    advance(lexer);
    if (lexer->lookahead == '{') return newline && valid[NL] && deliver(lexer, NL);
    if (lexer->lookahead == '*') {
        if (!newline || !pass_block_comments(lexer)) return false;
        token = judge_newline(lexer, valid, &word);
        return token != ERROR_SENTINEL && deliver(lexer, token);
    }
    while (lexer->lookahead != '\n' && !is_control(lexer->lookahead) && !lexer->eof(lexer)) advance(lexer);
    lexer->mark_end(lexer);
    return deliver(lexer, LINE_COMMENT);
}

/* -------------------------------------------------------------------- names */

/* After a word that begins in lower case. */
static bool deliver_lower(TSLexer *lexer, const bool *valid, const Word *word) {
    lexer->mark_end(lexer);
    if (!valid[ERROR_SENTINEL]) {
        if (valid[WORD_AS] && word_is(word, "as")) return deliver(lexer, WORD_AS);
        if (valid[WORD_FROM] && word_is(word, "from")) return deliver(lexer, WORD_FROM);
    }
    return valid[IDENTIFIER] && !word_is(word, "_") && !is_reserved(word) &&
           deliver(lexer, IDENTIFIER);
}

static bool scan_upper(TSLexer *lexer, const bool *valid) {
    Word word;

    read_word(lexer, &word);
    lexer->mark_end(lexer);
    return valid[UPPER_IDENTIFIER] && !word_is(&word, "Self") && deliver(lexer, UPPER_IDENTIFIER);
}

/* At a `.`, or behind it after a newline that continues the line. Where an operand
 * ends and another may begin, behind the condition of an `if`, `.5` is an index. */
static bool scan_point(TSLexer *lexer, const bool *valid, bool passed) {
    if (!passed) advance(lexer);
    if (valid[INDEX_POINT] && !valid[ERROR_SENTINEL]) {
        lexer->mark_end(lexer);
        while (is_blank(lexer->lookahead) || lexer->lookahead == '\n') advance(lexer);
        return is_digit(lexer->lookahead) && deliver(lexer, INDEX_POINT);
    }
    if (passed || !valid[INVALID_NUMBER] || valid[ERROR_SENTINEL] || !is_digit(lexer->lookahead)) return false;
    skip_digits(lexer);
    return deliver(lexer, scan_fraction_and_suffix(lexer, false));
}

/* ----------------------------------------------------------------- the scanner */

bool tree_sitter_nostos_external_scanner_scan(void *payload, TSLexer *lexer, const bool *valid) {
    bool newline = false;
    Word word = {.length = 0};
    int32_t c;

    (void)payload;
    if (!valid[ERROR_SENTINEL]) {
        if (valid[DOUBLE_QUOTED_TEXT]) {
            return scan_string_part(lexer, '"', DOUBLE_QUOTED_TEXT, DOUBLE_QUOTE_END);
        }
        if (valid[SINGLE_QUOTED_TEXT]) {
            return scan_string_part(lexer, '\'', SINGLE_QUOTED_TEXT, SINGLE_QUOTE_END);
        }
    }

    while (is_blank(lexer->lookahead) || lexer->lookahead == '\n') {
        if (lexer->lookahead == '\n') newline = true;
        skip(lexer);
    }
    newline = newline && (valid[NL] || valid[NL_BEFORE_EQUALS] || valid[NL_BEFORE_BAR]);
    lexer->mark_end(lexer);
    c = lexer->lookahead;

    if (c == '#') return scan_hash(lexer, valid, newline);
    if (newline) {
        enum Token token = judge_newline(lexer, valid, &word);
        if (token != ERROR_SENTINEL) return deliver(lexer, token);
        if (c == '|' || c == '=') return false;
    }
    if (c == '.') return scan_point(lexer, valid, newline);
    if (is_lower(c)) {
        if (word.length == 0) read_word(lexer, &word);
        return deliver_lower(lexer, valid, &word);
    }
    if (is_upper(c)) return scan_upper(lexer, valid);
    if (is_digit(c) && valid[TUPLE_INDEX] && !valid[ERROR_SENTINEL]) {
        while (is_digit(lexer->lookahead)) advance(lexer);
        lexer->mark_end(lexer);
        return deliver(lexer, TUPLE_INDEX);
    }
    if (is_digit(c) && valid[INVALID_NUMBER]) return deliver(lexer, scan_number(lexer));
    if (c == '"' && valid[DOUBLE_QUOTE]) {
        advance(lexer);
        lexer->mark_end(lexer);
        return deliver(lexer, DOUBLE_QUOTE);
    }
    if (c == '\'' && valid[SINGLE_QUOTE]) return scan_single_quote(lexer, valid);
    return false;
}

void *tree_sitter_nostos_external_scanner_create(void) { return NULL; }

void tree_sitter_nostos_external_scanner_destroy(void *payload) { (void)payload; }

unsigned tree_sitter_nostos_external_scanner_serialize(void *payload, char *buffer) {
    (void)payload;
    (void)buffer;
    return 0;
}

void tree_sitter_nostos_external_scanner_deserialize(void *payload, const char *buffer,
                                                     unsigned length) {
    (void)payload;
    (void)buffer;
    (void)length;
}
