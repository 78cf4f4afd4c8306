// Where a broken declaration begins and ends, and what to say about it (syntax.md 9). Works on text alone, with the
// scanner of scan.h; parse.c knows from the parser where the first bad token is.
#ifndef NST_PARSE_ERROR_H
#define NST_PARSE_ERROR_H

#include "frontend/diag.h"
#include "frontend/scan.h"

// The damaged declaration around the first bad token.
typedef struct NstDamage {
    uint32_t bad;          // start of the first token that cannot continue the text; the text's size at its end
    uint32_t declaration;  // where the damaged declaration begins; `bad` if the text before is complete
    uint32_t top_level;    // where the top-level declaration around it begins
    uint32_t indent;       // of the declaration's line
    bool in_module;        // it stands in an inline module that begins at `top_level`
    bool first_on_line;    // `bad` begins a line outside brackets
    uint32_t head;         // `bad` stands in what reads as the head of a declaration that begins a line here, or UINT32_MAX
    NstToken token;        // at `bad`
    NstToken last, before; // the token before it, and the one before that
    NstToken first;        // of the declaration
    uint32_t unterminated; // opening quote of a string that never ends, or UINT32_MAX
    uint32_t opener;       // the innermost bracket that is open at `bad`, or UINT32_MAX
    bool open_end;         // else: `do`, `module`, `trait` or an implementation is open
} NstDamage;

// Text before `from` is of no concern. Everything between is a beginning of valid declarations.
NstDamage nst_damage_find(const char *text, uint32_t size, uint32_t from, uint32_t bad);

// True if a declaration could begin with the token at `at`, judged by its first tokens.
bool nst_begins_declaration(const char *text, uint32_t size, uint32_t at);

// The damaged declaration begins with the first token of this line.
void nst_damage_begin(NstDamage *damage, const char *text, uint32_t size, uint32_t line);

uint32_t nst_text_line_start(const char *text, uint32_t at);

// The last line up to `at` that is indented no deeper, without those that hold nothing but a comment; not before `from`.
uint32_t nst_outer_line(const char *text, uint32_t from, uint32_t at, uint32_t indent);

// Blanks and tabs before the text of the line.
uint32_t nst_indent_of(const char *text, uint32_t at);

// The next line after `after` that begins a declaration and is indented no deeper than the damaged one, or is the `end`
// of the enclosing module. The text's size if there is none.
uint32_t nst_damage_next(const char *text, uint32_t size, const NstDamage *damage, uint32_t after);

// Where parsing goes on after the error: that line, or the one that the first bad token begins if it is such a line.
uint32_t nst_damage_end(const char *text, uint32_t size, const NstDamage *damage, uint32_t after);

// Whether the text before the first bad token could go on with this text; asks the parser.
typedef struct NstContinuation {
    bool (*accepts)(void *data, const char *token);
    void *data;
} NstContinuation;

// Words for the error. Hint is null or a text; both are static or live in the arena.
typedef struct NstSyntaxMessage {
    uint32_t start, end; // what to mark
    const char *message, *hint;
    uint32_t label; // a bracket that matters, or UINT32_MAX
    const char *label_text;
} NstSyntaxMessage;

// `unfinished`: the declaration is not complete before `bad`.
NstSyntaxMessage nst_damage_message(const char *text, uint32_t size, const NstDamage *damage, bool unfinished,
                                    const NstContinuation *continuation, NstArena *arena);

#endif
