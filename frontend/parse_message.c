// The words of a syntax error: the usual slips first (parse_slips.c), then what the place wants, which the parser
// knows.
#include "frontend/parse_context.h"

// ---- Tokens -----------------------------------------------------------------------------

static bool token_is(const NstSyntaxContext *context, NstToken token, const char *word) {
    return nst_token_is(context->text, token, word);
}

bool nst_bad_is(const NstSyntaxContext *context, const char *word) {
    return token_is(context, context->damage->token, word);
}

bool nst_last_is(const NstSyntaxContext *context, const char *word) {
    return token_is(context, context->damage->last, word);
}

bool nst_first_is(const NstSyntaxContext *context, const char *word) {
    return token_is(context, context->damage->first, word);
}

bool nst_expects(const NstSyntaxContext *context, const char *token) {
    char text[24];
    snprintf(text, sizeof text, " %s", token);
    return context->continuation->accepts(context->continuation->data, text);
}

bool nst_expects_operand(const NstSyntaxContext *context) {
    return nst_expects(context, "if") || nst_expects(context, "_");
}

bool nst_after_operand(const NstSyntaxContext *context) {
    return nst_expects(context, "+ ");
}

const char *nst_quoted(const NstSyntaxContext *context, NstToken token) {
    uint32_t size = token.end - token.start;
    const char *newline = memchr(context->text + token.start, '\n', size);
    if (newline) size = (uint32_t)(newline - (context->text + token.start));
    bool cut = size > 40 || newline;
    return nst_arena_printf(context->arena, "`%.*s%s`", (int)(size > 40 ? 40 : size), context->text + token.start,
                            cut ? "…" : "");
}

NstToken nst_token_after(const NstSyntaxContext *context, NstToken token) {
    NstScan scan;
    nst_scan_init(&scan, context->text, context->size, token.end);
    NstToken next = nst_scan_next(&scan);
    nst_scan_free(&scan);
    return next;
}

bool nst_say(const NstSyntaxContext *context, const char *hint, const char *message) {
    context->result->message = message;
    context->result->hint = hint;
    return true;
}

// What stands at the bad place, for a message.
static const char *found(const NstSyntaxContext *context) {
    if (context->damage->token.kind == NST_TOKEN_END) return "the end of the file";
    return nst_quoted(context, context->damage->token);
}

bool nst_say_unexpected(const NstSyntaxContext *context, const char *hint) {
    NstToken last = context->damage->last;
    const char *after =
        last.kind == NST_TOKEN_END ? "" : nst_arena_printf(context->arena, " after %s", nst_quoted(context, last));
    return nst_say(context, hint, nst_arena_printf(context->arena, "unexpected %s%s", found(context), after));
}

void nst_mark_token(const NstSyntaxContext *context, NstToken token) {
    context->result->start = token.start;
    context->result->end = token.end;
}

// ---- What is expected -------------------------------------------------------------------

enum { MAX_EXPECTED = 4 };

// What may begin at the bad place; null after a finished operand, and where it has no name.
static const char *expected_class(const NstSyntaxContext *context) {
    if (nst_after_operand(context)) return NULL;
    if (nst_expects(context, "if")) return nst_expects(context, "var") ? "a statement" : "an expression";
    if (nst_expects(context, "mvar")) return nst_expects(context, "->") ? NULL : "a declaration";
    if (nst_expects(context, "_") && nst_expects(context, "1")) return "a pattern";
    if (nst_expects(context, "X") && nst_expects(context, "(") && nst_expects(context, "x")) return "a type";
    if (nst_expects(context, "x") && nst_expects(context, "X")) return "a name";
    if (nst_expects(context, "x")) return "a name";
    if (nst_expects(context, "X")) return "a name that begins with an upper-case letter";
    if (nst_expects(context, "\"\"")) return "a string";
    return nst_expects(context, "1") ? "a literal" : NULL;
}

// ``expected `)` or `,`, found `main` ``; false if the place takes too many things.
static bool say_expected(const NstSyntaxContext *context, const char *hint) {
    static const char *const tokens[] = { ")",    "]",  "}",    ",",   "->", "=>",   "=", ":",
                                          "then", "to", "when", "end", "|",  "from", "." };
    const char *list[MAX_EXPECTED + 1];
    size_t count = 0;
    bool operand = nst_after_operand(context);
    const char *class = expected_class(context);
    if (class) list[count++] = class;
    for (size_t i = 0; i < sizeof tokens / sizeof *tokens; i++) {
        bool selects =
            token_is(context, context->damage->token, tokens[i]) || ((operand || class) && strchr(".|", *tokens[i]));
        bool name =
            *tokens[i] >= 'a' && *tokens[i] <= 'z' && nst_expects(context, "x"); // `to` and `from` are names, too
        if (selects || name || !nst_expects(context, tokens[i])) continue;
        if (count > MAX_EXPECTED) return false;
        list[count++] = nst_arena_printf(context->arena, "`%s`", tokens[i]);
    }
    if (count == 0 || count > MAX_EXPECTED) return false;
    const char *text = list[0];
    for (size_t i = 1; i < count; i++)
        text = nst_arena_printf(context->arena, "%s%s%s", text, i + 1 == count ? " or " : ", ", list[i]);
    return nst_say(context, hint, nst_arena_printf(context->arena, "expected %s, found %s", text, found(context)));
}

// ---- Declarations -----------------------------------------------------------------------

static bool explain_use(const NstSyntaxContext *context) {
    NstToken first = context->damage->first;
    if (!nst_first_is(context, "use")) return false;
    NstToken name = nst_token_after(context, first);
    bool bare = (name.kind == NST_TOKEN_NAME || name.kind == NST_TOKEN_UPPER) && name.end == context->damage->last.end;
    if (!bare) return false;
    int size = (int)(name.end - name.start);
    const char *text = context->text + name.start;
    if (!context->damage->token.first_on_line && context->damage->token.kind != NST_TOKEN_END) return false;
    nst_mark_token(context, name);
    return nst_say(context, NULL,
                   nst_arena_printf(context->arena,
                                    "bare `use %.*s` is not valid — use `use %.*s.*` to import all public names, or "
                                    "`use %.*s.{SomeName}` to import specific names",
                                    size, text, size, text, size, text));
}

static bool explain_declaration(const NstSyntaxContext *context) {
    const NstDamage *damage = context->damage;
    if (explain_use(context)) return true;
    if (nst_last_is(context, "pub") && damage->token.kind == NST_TOKEN_KEYWORD)
        return nst_say(
            context, NULL,
            nst_arena_printf(context->arena, "`pub` cannot stand before %s", nst_quoted(context, damage->token)));
    if (nst_bad_is(context, "pub") && damage->open_end && damage->opener == UINT32_MAX)
        return nst_say(context, "the methods of a trait or implementation are as visible as it is",
                       "`pub` cannot stand here");
    if (nst_first_is(context, "mvar") && damage->token.start > damage->first.end && nst_bad_is(context, "="))
        return nst_say(context, "write `mvar name: Type = value`", "the type of an mvar is mandatory");
    if (nst_first_is(context, "const") && nst_bad_is(context, ":"))
        return nst_say(context, "write `const name = literal`", "a constant carries no type annotation");
    bool wants_upper = nst_last_is(context, "type") || nst_last_is(context, "module") ||
                       nst_last_is(context, "trait") || nst_last_is(context, "reactive");
    if (wants_upper && damage->token.kind == NST_TOKEN_NAME)
        return nst_say(context, NULL,
                       nst_arena_printf(context->arena, "the name of a %.*s begins with an upper-case letter",
                                        (int)(damage->last.end - damage->last.start),
                                        context->text + damage->last.start));
    if (nst_first_is(context, "const") && nst_token_ends_operand(context->text, damage->last) && !damage->first_on_line)
        return nst_say_unexpected(context, "the value of a constant is one literal; a function or binding may compute");
    if (nst_bad_is(context, "when") && !damage->first_on_line && nst_expects(context, "=") &&
        !nst_last_is(context, ")"))
        return nst_say(context, "`f(n) when n > 0 -> Int = …`", "the guard stands before the result type");
    return false;
}

// A declaration that another one follows before it is complete.
static bool explain_breaking_off(const NstSyntaxContext *context) {
    const NstDamage *damage = context->damage;
    nst_mark_token(context, damage->last);
    if (explain_use(context)) return true;
    if (nst_first_is(context, "mvar"))
        return nst_say(context, "write `mvar name: Type = value`", "this mvar has no initial value");
    const char *hint = NULL;
    if (damage->first.kind == NST_TOKEN_NAME && nst_last_is(context, ")"))
        hint = "a function is `name(parameters) = body`; a statement stands inside a function: `main() = { … }`";
    return nst_say(
        context, hint,
        nst_arena_printf(context->arena, "something is missing after %s", nst_quoted(context, damage->last)));
}

// ---- Places -----------------------------------------------------------------------------

static void label_opener(const NstSyntaxContext *context, const char *text) {
    if (context->damage->opener == UINT32_MAX) return;
    context->result->label = context->damage->opener;
    context->result->label_text = text;
}

static const char *opening(const NstSyntaxContext *context) {
    uint32_t at = context->damage->opener;
    if (context->text[at] == '"' || context->text[at] == '\'') return "${";
    return nst_arena_printf(context->arena, "%.*s", context->text[at] == '#' ? 2 : 1, context->text + at);
}

static bool explain_construct(const NstSyntaxContext *context) {
    if (nst_last_is(context, "receive"))
        return nst_say(context, NULL, "`receive` requires a block with pattern arms: `receive { pattern -> expr }`");
    if (nst_last_is(context, "catch"))
        return nst_say(context, NULL, "`catch` is followed by its arms: `catch { pattern -> expr }`");
    if (nst_last_is(context, "spawn") || nst_last_is(context, "spawn_link") || nst_last_is(context, "spawn_monitor"))
        return nst_say(context, NULL, "`spawn` is followed by a block or an expression in parentheses");
    return false;
}

static bool explain_equals(const NstSyntaxContext *context) {
    if (!nst_bad_is(context, "=") || !nst_after_operand(context)) return false;
    return nst_say(context, "comparison is `==`; an assignment is a statement of its own", "`=` cannot stand here");
}

static bool explain_end(const NstSyntaxContext *context) {
    if (context->damage->token.kind != NST_TOKEN_END) return false;
    if (context->damage->opener != UINT32_MAX) {
        label_opener(context, "this is not closed");
        return nst_say(
            context, NULL,
            nst_arena_printf(context->arena, "unexpected end of the file: `%s` is not closed", opening(context)));
    }
    if (context->damage->open_end) return nst_say(context, NULL, "unexpected end of the file: `end` is missing");
    return nst_explain_slip(context) || say_expected(context, NULL) ||
           nst_say(context, NULL, "unexpected end of the file");
}

// A bracket is still open on a line that begins a declaration in the first column.
static bool explain_unclosed(const NstSyntaxContext *context) {
    const NstDamage *damage = context->damage;
    uint32_t line = damage->token.start;
    while (line && context->text[line - 1] != '\n') line--;
    if (damage->opener == UINT32_MAX || damage->opener >= line || damage->token.kind == NST_TOKEN_CLOSE) return false;
    if (!nst_begins_declaration(context->text, context->size, line) || strchr(" \t\r", context->text[line]))
        return false;
    bool head = line == damage->token.start || nst_bad_is(context, "=") || nst_bad_is(context, ":");
    if (!head) return false;
    label_opener(context, "opened here");
    return nst_say(context, NULL,
                   nst_arena_printf(context->arena, "`%s` is not closed before this declaration", opening(context)));
}

// A reserved word in the place of a name.
static bool explain_reserved(const NstSyntaxContext *context) {
    NstToken bad = context->damage->token;
    if (bad.kind != NST_TOKEN_KEYWORD) return false;
    NstToken next = nst_token_after(context, bad);
    bool named = token_is(context, next, "=") || token_is(context, next, ":") || nst_last_is(context, ".") ||
                 (nst_expects(context, "x") && !nst_after_operand(context) &&
                  (token_is(context, next, ")") || token_is(context, next, ",")));
    if (!named) return false;
    return nst_say(
        context, "choose another name",
        nst_arena_printf(context->arena, "%s is a reserved word and cannot be a name", nst_quoted(context, bad)));
}

static bool explain_keyword(const NstSyntaxContext *context) {
    static const char *const declarations[] = { "type",     "trait", "use",  "module", "const",   "mvar",
                                                "template", "pub",   "test", "extern", "reactive" };
    NstToken bad = context->damage->token;
    if (bad.kind != NST_TOKEN_KEYWORD) return false;
    const char *word = nst_quoted(context, bad);
    for (size_t i = 0; i < sizeof declarations / sizeof *declarations; i++) {
        if (!nst_bad_is(context, declarations[i])) continue;
        if (context->damage->opener != UINT32_MAX)
            return nst_say(context, "declarations stand outside of functions",
                           nst_arena_printf(context->arena, "%s cannot stand inside a function", word));
        if (context->damage->open_end)
            return nst_say(context, "a trait, an implementation and a module end with `end`",
                           nst_arena_printf(context->arena, "expected `end`, found %s", word));
    }
    return false;
}

static bool explain_bracket(const NstSyntaxContext *context) {
    NstToken bad = context->damage->token;
    if (bad.kind != NST_TOKEN_CLOSE) return false;
    if (nst_last_is(context, ",")) return nst_say(context, "remove the comma", "a trailing comma is not allowed here");
    if (context->damage->opener == UINT32_MAX)
        return nst_say(context, NULL, nst_arena_printf(context->arena, "%s closes nothing", nst_quoted(context, bad)));
    label_opener(context, "opened here");
    char open = context->text[context->damage->opener], close = context->text[bad.start];
    bool matches =
        (open == '(' && close == ')') || (open == '[' && close == ']') || (open != '(' && open != '[' && close == '}');
    if (!matches)
        return nst_say(
            context, NULL,
            nst_arena_printf(context->arena, "%s does not close `%s`", nst_quoted(context, bad), opening(context)));
    return say_expected(context, NULL) ||
           nst_say(context, NULL,
                   nst_arena_printf(context->arena, "something is missing before %s", nst_quoted(context, bad)));
}

static bool explain_line(const NstSyntaxContext *context) {
    const NstDamage *damage = context->damage;
    NstToken bad = damage->token;
    bool operand = nst_token_ends_operand(context->text, damage->last);
    if (bad.first_on_line && (bad.kind == NST_TOKEN_OPERATOR || nst_bad_is(context, "when")) && operand)
        return nst_say(context, "write it at the end of the line before",
                       nst_arena_printf(context->arena, "a line cannot begin with %s", nst_quoted(context, bad)));
    if ((nst_bad_is(context, ";") || nst_bad_is(context, ",")) && damage->opener == UINT32_MAX)
        return nst_say(context, "declarations stand on lines of their own",
                       nst_arena_printf(context->arena, "%s does not separate declarations", nst_quoted(context, bad)));
    return false;
}

// Two operands without anything between them.
static bool explain_neighbours(const NstSyntaxContext *context) {
    const NstDamage *damage = context->damage;
    NstToken bad = damage->token;
    bool starts_operand = bad.kind == NST_TOKEN_NAME || bad.kind == NST_TOKEN_UPPER || bad.kind == NST_TOKEN_NUMBER ||
                          bad.kind == NST_TOKEN_STRING || bad.kind == NST_TOKEN_CHAR || bad.kind == NST_TOKEN_KEYWORD;
    if (!starts_operand || bad.first_on_line || !nst_token_ends_operand(context->text, damage->last)) return false;
    bool block = damage->opener != UINT32_MAX && context->text[damage->opener] == '{' && nst_expects(context, ";");
    if (block) return nst_say_unexpected(context, "two statements, or two arms, on one line are separated by `;`");
    if (damage->opener != UINT32_MAX && nst_expects(context, ",")) {
        label_opener(context, "opened here");
        return nst_say_unexpected(context, "what stands between brackets is separated by `,`");
    }
    return say_expected(context, NULL) || nst_say_unexpected(context, NULL);
}

// ---- All --------------------------------------------------------------------------------

NstSyntaxMessage nst_damage_message(const char *text, uint32_t size, const NstDamage *damage, bool unfinished,
                                    const NstContinuation *continuation, NstArena *arena) {
    static bool (*const explanations[])(const NstSyntaxContext *) = {
        explain_unclosed, explain_construct, explain_declaration, explain_end,     explain_reserved,   nst_explain_slip,
        explain_equals,   explain_line,      explain_bracket,     explain_keyword, explain_neighbours,
    };
    NstSyntaxMessage result = { .start = damage->token.start, .end = damage->token.end, .label = UINT32_MAX };
    NstSyntaxContext context = { text, size, damage, continuation, arena, &result };
    if (damage->token.kind == NST_TOKEN_END) { // reported on the last line that holds anything
        result.end = size;
        while (result.end && text[result.end - 1] && strchr(" \t\r\n", text[result.end - 1])) result.end--;
        result.start = result.end ? result.end - 1 : 0;
    }
    bool missing = unfinished && damage->first_on_line && damage->token.kind != NST_TOKEN_END &&
                   nst_begins_declaration(text, size, damage->bad);
    if (missing && nst_first_is(&context, "@")) {
        nst_say(&context, NULL,
                nst_arena_printf(arena, "decorators stand before functions and types, not before %s",
                                 nst_quoted(&context, damage->token)));
        return result;
    }
    if (missing) {
        explain_breaking_off(&context);
        return result;
    }
    if (!unfinished && damage->token.kind != NST_TOKEN_END && damage->opener == UINT32_MAX && damage->first_on_line) {
        if (nst_explain_line_slip(&context) || explain_line(&context)) return result;
        const char *hint = damage->token.kind == NST_TOKEN_OPERATOR || damage->token.kind == NST_TOKEN_CLOSE
                               ? NULL
                               : "a statement stands inside a function: `main() = { … }`";
        nst_say(&context, hint,
                nst_arena_printf(arena, "a declaration is expected here, not %s", nst_quoted(&context, damage->token)));
        return result;
    }
    for (size_t i = 0; i < sizeof explanations / sizeof *explanations; i++)
        if (explanations[i](&context)) return result;
    if (!say_expected(&context, NULL)) nst_say_unexpected(&context, NULL);
    return result;
}
