// What the words of a syntax error are found from: the tokens around the first bad one, and what the parser would have
// taken in its place. Shared by parse_message.c and parse_slips.c.
#ifndef NST_PARSE_CONTEXT_H
#define NST_PARSE_CONTEXT_H

#include "frontend/parse_error.h"

typedef struct NstSyntaxContext {
    const char *text;
    uint32_t size;
    const NstDamage *damage;
    const NstContinuation *continuation;
    NstArena *arena;
    NstSyntaxMessage *result;
} NstSyntaxContext;

// The first bad token, the one before it, the first of the declaration.
bool nst_bad_is(const NstSyntaxContext *context, const char *word);
bool nst_last_is(const NstSyntaxContext *context, const char *word);
bool nst_first_is(const NstSyntaxContext *context, const char *word);

// Whether the parser would have taken this token instead.
bool nst_expects(const NstSyntaxContext *context, const char *token);

// An expression, pattern or type could begin at the bad token; or one has ended before it.
bool nst_expects_operand(const NstSyntaxContext *context);
bool nst_after_operand(const NstSyntaxContext *context);

const char *nst_quoted(const NstSyntaxContext *context, NstToken token);
NstToken nst_token_after(const NstSyntaxContext *context, NstToken token);
void nst_mark_token(const NstSyntaxContext *context, NstToken token);

// Sets message and hint (which may be null); true.
bool nst_say(const NstSyntaxContext *context, const char *hint, const char *message);

// ``unexpected `x` after `y` ``, with what is meant as the hint.
bool nst_say_unexpected(const NstSyntaxContext *context, const char *hint);

// parse_slips.c: habits from other languages and usual slips. False if it is none of them.
bool nst_explain_slip(const NstSyntaxContext *context);

// The same where a line begins that should begin a declaration.
bool nst_explain_line_slip(const NstSyntaxContext *context);

#endif
