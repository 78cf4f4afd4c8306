// A linear scanner over source text: what must be known about a text before, or in spite of, the parser.
//
// It splits text into tokens as syntax.md 1 defines them, passes comments, and keeps the stack of open
// brackets so that the code inside `${ … }` is code and the rest of the string is text. It accepts any
// text and never fails. The parser proper is tree-sitter's; this scanner serves the limits that are
// checked before parsing (guard.c), the search for item starts after an error, and the words of
// syntax errors (parse_error.c).
#ifndef NST_SCAN_H
#define NST_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum NstTokenKind {
    NST_TOKEN_END,
    NST_TOKEN_NAME, // lower-case identifier
    NST_TOKEN_UPPER,
    NST_TOKEN_KEYWORD,
    NST_TOKEN_WILDCARD,
    NST_TOKEN_NUMBER,
    NST_TOKEN_CHAR,
    NST_TOKEN_STRING, // text between a quote or interpolation and the next
    NST_TOKEN_OPEN,   // ( [ { #{ ${
    NST_TOKEN_CLOSE,
    NST_TOKEN_OPERATOR,            // every other punctuation
    NST_TOKEN_BAD,                 // a character that no token begins with
    NST_TOKEN_UNTERMINATED_STRING, // from the opening quote to the end of the text
    NST_TOKEN_UNTERMINATED_COMMENT,
} NstTokenKind;

typedef struct NstToken {
    NstTokenKind kind;
    uint32_t start, end;
    bool first_on_line; // a newline stands between it and the token before
    bool string_opens;  // STRING: it begins with the opening quote
    bool string_closes; // STRING: it ends with the closing quote
} NstToken;

typedef struct NstScanBracket {
    char kind;      // ( [ { or $ for `${`
    char quote;     // $: of the surrounding string
    uint32_t start; // of the bracket; $: of the string's opening quote
} NstScanBracket;

typedef struct NstScan {
    const char *text;
    uint32_t size;
    uint32_t at;
    bool resume_string; // the `}` of an interpolation was just passed
    bool after_dot;     // digits here are a tuple index, never a float
    NstScanBracket *brackets;
    size_t depth, capacity;
} NstScan;

void nst_scan_init(NstScan *scan, const char *text, uint32_t size, uint32_t at);
void nst_scan_free(NstScan *scan);
NstToken nst_scan_next(NstScan *scan);

bool nst_is_keyword(const char *text, size_t size);
bool nst_token_is(const char *text, NstToken token, const char *word);

// True if an expression, pattern or type may end with this token (a newline after it is then significant).
bool nst_token_ends_operand(const char *text, NstToken token);

// Blanks, newlines and comments passed from `at`; *newline tells whether a line end was among them.
// An unterminated block comment is not passed.
uint32_t nst_scan_skip_blanks(const char *text, uint32_t size, uint32_t at, bool *newline);

#endif
