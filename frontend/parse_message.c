// The words of a syntax error, from the tokens around it: the usual slips first, then what the place wants.
#include "frontend/parse_error.h"

typedef struct Context {
    const char *text;
    uint32_t size;
    const NstDamage *damage;
    NstArena *arena;
    NstSyntaxMessage *result;
} Context;

static bool token_is(const Context *context, NstToken token, const char *word) {
    return nst_token_is(context->text, token, word);
}

static bool bad_is(const Context *context, const char *word) {
    return token_is(context, context->damage->token, word);
}

static bool last_is(const Context *context, const char *word) {
    return token_is(context, context->damage->last, word);
}

static bool first_is(const Context *context, const char *word) {
    return token_is(context, context->damage->first, word);
}

static const char *quoted(const Context *context, NstToken token) {
    uint32_t size = token.end - token.start;
    return nst_arena_printf(context->arena, "`%.*s%s`", (int)(size > 40 ? 40 : size), context->text + token.start,
                            size > 40 ? "…" : "");
}

static bool say(const Context *context, const char *hint, const char *message) {
    context->result->message = message;
    context->result->hint = hint;
    return true;
}

static NstToken token_after(const Context *context, NstToken token) {
    NstScan scan;
    nst_scan_init(&scan, context->text, context->size, token.end);
    NstToken next = nst_scan_next(&scan);
    nst_scan_free(&scan);
    return next;
}

static void mark(const Context *context, NstToken token) {
    context->result->start = token.start;
    context->result->end = token.end;
}

// ---- Characters and tokens that the language does not have ------------------------------

static bool explain_character(const Context *context) {
    NstToken bad = context->damage->token;
    if (bad.kind == NST_TOKEN_UNTERMINATED_COMMENT)
        return say(context, "it ends at `*#`", "unterminated block comment");
    if (bad.kind != NST_TOKEN_BAD) return false;
    unsigned char c = (unsigned char)context->text[bad.start];
    if (c == '&') return say(context, "logical and is `&&`", "`&` is not an operator");
    if (c == '$') return say(context, "`${…}` inserts a value, inside a string", "`$` cannot stand here");
    if (c == '\\' || c == '`')
        return say(context, NULL, nst_arena_printf(context->arena, "unexpected character `%c`", c));
    if (c < 0x20 || c == 0x7F)
        return say(context, NULL, nst_arena_printf(context->arena, "control character 0x%02X in the text", c));
    return say(context,
               "names are made of ASCII letters, digits and `_`; other characters stand in strings and comments",
               nst_arena_printf(context->arena, "unexpected character %s", quoted(context, bad)));
}

static bool explain_foreign_operator(const Context *context) {
    static const char *const assignments[] = { "+=", "-=", "*=", "/=" };
    NstToken bad = context->damage->token, last = context->damage->last;
    for (size_t i = 0; i < sizeof assignments / sizeof *assignments; i++) {
        if (!bad_is(context, assignments[i])) continue;
        return say(context, nst_arena_printf(context->arena, "write `x = x %c …`", *assignments[i]),
                   "there is no compound assignment");
    }
    bool touching = last.end == bad.start;
    if (bad_is(context, "/") && ((last_is(context, "/") && touching) || context->text[bad.end] == '/'))
        return say(context, "a comment begins with `#`", "`//` is not a comment");
    if (bad_is(context, "*") && last_is(context, "/") && touching)
        return say(context, "a block comment is `#* … *#`", "`/*` is not a comment");
    if (bad_is(context, "..") || bad_is(context, "..="))
        return say(context, "a list of numbers is `[a..b]`; a loop is `for i = a to b { … }`",
                   "a range stands only in list brackets and, between integers, in patterns");
    if (bad_is(context, "@") && context->damage->last.kind == NST_TOKEN_NAME && !context->damage->first_on_line)
        return say(context, NULL, "there are no `name @ pattern` patterns");
    if (bad_is(context, "::") && context->damage->last.kind != NST_TOKEN_OPERATOR)
        return say(context, "a list is taken apart with `[head | tail]`", "`::` cannot stand here");
    if (bad_is(context, "<-")) return say(context, "put one of the sends in parentheses", "`<-` cannot be chained");
    return false;
}

// ---- Words ------------------------------------------------------------------------------

static bool explain_foreign_word(const Context *context) {
    static const struct {
        const char *word, *hint;
    } words[] = {
        { "let", "a binding is `name = value`, a variable `var name = value`" },
        { "val", "a binding is `name = value`" },
        { "fn", "a function is `name(parameters) = body`, a lambda `x => body`" },
        { "def", "a function is `name(parameters) = body`" },
        { "fun", "a function is `name(parameters) = body`" },
        { "func", "a function is `name(parameters) = body`" },
        { "function", "a function is `name(parameters) = body`" },
        { "impl", "an implementation is `Type: Trait … end`" },
        { "struct", "a record type is `type Name = { field: Type }`" },
        { "class", "a record type is `type Name = { field: Type }`" },
        { "enum", "a variant type is `type Name = A | B(Type)`" },
        { "data", "a variant type is `type Name = A | B(Type)`" },
        { "case", "`match e { pattern -> value }`" },
        { "switch", "`match e { pattern -> value }`" },
        { "elif", "write `else if`" },
        { "elsif", "write `else if`" },
        { "and", "logical and is `&&`" },
        { "or", "logical or is `||`" },
        { "throw", "a call needs parentheses: `throw(…)`" },
        { "panic", "a call needs parentheses: `panic(…)`" },
        { "println", "a call needs parentheses: `println(…)`" },
        { "print", "a call needs parentheses: `print(…)`" },
        { "assert", "a call needs parentheses: `assert(…)`" },
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        NstToken bad = context->damage->token;
        bool here = bad_is(context, words[i].word), before = last_is(context, words[i].word) && !bad.first_on_line;
        if (!here && !before) continue;
        return say(context, words[i].hint, nst_arena_printf(context->arena, "unexpected %s", quoted(context, bad)));
    }
    return false;
}

static bool explain_use(const Context *context) {
    NstToken first = context->damage->first;
    if (!first_is(context, "use")) return false;
    NstToken name = token_after(context, first);
    bool bare = (name.kind == NST_TOKEN_NAME || name.kind == NST_TOKEN_UPPER) && name.end == context->damage->last.end;
    if (!bare) return false;
    int size = (int)(name.end - name.start);
    const char *text = context->text + name.start;
    if (!context->damage->token.first_on_line && context->damage->token.kind != NST_TOKEN_END) return false;
    mark(context, name);
    return say(context, NULL,
               nst_arena_printf(context->arena,
                                "bare `use %.*s` is not valid — use `use %.*s.*` to import all public names, or "
                                "`use %.*s.{SomeName}` to import specific names",
                                size, text, size, text, size, text));
}

static bool explain_declaration(const Context *context) {
    const NstDamage *damage = context->damage;
    if (explain_use(context)) return true;
    if (last_is(context, "pub"))
        return say(context, NULL,
                   nst_arena_printf(context->arena, "`pub` cannot stand before %s", quoted(context, damage->token)));
    if (first_is(context, "mvar") && damage->token.start > damage->first.end && bad_is(context, "="))
        return say(context, "write `mvar name: Type = value`", "the type of an mvar is mandatory");
    if (first_is(context, "const") && bad_is(context, ":"))
        return say(context, "write `const name = literal`", "a constant carries no type annotation");
    bool wants_upper = last_is(context, "type") || last_is(context, "module") || last_is(context, "trait") ||
                       last_is(context, "reactive");
    if (wants_upper && damage->token.kind == NST_TOKEN_NAME)
        return say(context, NULL,
                   nst_arena_printf(context->arena, "the name of a %.*s begins with an upper-case letter",
                                    (int)(damage->last.end - damage->last.start), context->text + damage->last.start));
    if (bad_is(context, "when") && !damage->first_on_line)
        return say(context, "`f(n) when n > 0 -> Int = …`", "the guard stands before the result type");
    if (bad_is(context, "import")) return say(context, "write `use Module.*`", "`import` begins no declaration");
    return false;
}

static bool explain_construct(const Context *context) {
    if (last_is(context, "receive"))
        return say(context, NULL, "`receive` requires a block with pattern arms: `receive { pattern -> expr }`");
    if (last_is(context, "catch"))
        return say(context, NULL, "`catch` is followed by its arms: `catch { pattern -> expr }`");
    if (bad_is(context, "if") && context->damage->last.kind != NST_TOKEN_OPERATOR)
        return say(context, "a guard begins with `when`", "`if` cannot stand here");
    if (bad_is(context, "in"))
        return say(context, "to visit the elements of a list use `xs.each(x => …)`", "a loop counts: `for i = a to b`");
    if (last_is(context, "spawn") || last_is(context, "spawn_link") || last_is(context, "spawn_monitor"))
        return say(context, NULL, "`spawn` is followed by a block or an expression in parentheses");
    if (bad_is(context, "="))
        return say(context, "comparison is `==`; an assignment is a statement of its own", "`=` cannot stand here");
    return false;
}

static bool explain_keyword(const Context *context) {
    static const char *const declarations[] = { "type",     "trait", "use",  "module", "const",   "mvar",
                                                "template", "pub",   "test", "extern", "reactive" };
    NstToken bad = context->damage->token;
    if (bad.kind != NST_TOKEN_KEYWORD) return false;
    const char *word = quoted(context, bad);
    NstToken next = token_after(context, bad);
    if (token_is(context, next, "=") || token_is(context, next, ":") || last_is(context, "."))
        return say(context, NULL, nst_arena_printf(context->arena, "%s is a reserved word and cannot be a name", word));
    for (size_t i = 0; i < sizeof declarations / sizeof *declarations; i++)
        if (bad_is(context, declarations[i]) && context->damage->opener != UINT32_MAX)
            return say(context, NULL, nst_arena_printf(context->arena, "%s cannot stand inside a function", word));
    return say(context, NULL, nst_arena_printf(context->arena, "unexpected %s", word));
}

// ---- Places -----------------------------------------------------------------------------

static void label_opener(const Context *context, const char *text) {
    if (context->damage->opener == UINT32_MAX) return;
    context->result->label = context->damage->opener;
    context->result->label_text = text;
}

static bool explain_end(const Context *context) {
    if (context->damage->token.kind != NST_TOKEN_END) return false;
    label_opener(context, "this is not closed");
    if (context->damage->opener != UINT32_MAX)
        return say(context, NULL, "unexpected end of the file: a bracket is not closed");
    if (context->damage->open_end) return say(context, NULL, "unexpected end of the file: `end` is missing");
    return say(context, NULL, "unexpected end of the file");
}

static bool explain_bracket(const Context *context) {
    NstToken bad = context->damage->token;
    if (bad.kind == NST_TOKEN_CLOSE) {
        if (last_is(context, ",")) return say(context, NULL, "a trailing comma is not allowed here");
        label_opener(context, "opened here");
        if (context->damage->opener == UINT32_MAX)
            return say(context, NULL, nst_arena_printf(context->arena, "%s closes nothing", quoted(context, bad)));
        char open = context->text[context->damage->opener], close = context->text[bad.start];
        bool matches = (open == '(' && close == ')') || (open == '[' && close == ']') ||
                       (open != '(' && open != '[' && close == '}');
        if (!matches)
            return say(context, NULL,
                       nst_arena_printf(context->arena, "%s does not close `%c`", quoted(context, bad), open));
        return say(context, NULL,
                   nst_arena_printf(context->arena, "something is missing before %s", quoted(context, bad)));
    }
    if (bad_is(context, "{") && context->damage->last.kind == NST_TOKEN_UPPER)
        return say(context, "a record is built with parentheses: `Point(x: 1, y: 2)`", "unexpected `{`");
    return false;
}

static bool explain_line(const Context *context) {
    const NstDamage *damage = context->damage;
    NstToken bad = damage->token;
    bool operand = nst_token_ends_operand(context->text, damage->last);
    if (bad.first_on_line && bad.kind == NST_TOKEN_OPERATOR && operand)
        return say(context, "put the operator at the end of the line before",
                   nst_arena_printf(context->arena, "a line cannot begin with %s", quoted(context, bad)));
    if ((bad_is(context, ";") || bad_is(context, ",")) && damage->opener == UINT32_MAX)
        return say(context, NULL,
                   nst_arena_printf(context->arena, "%s does not separate declarations", quoted(context, bad)));
    bool starts_operand = bad.kind == NST_TOKEN_NAME || bad.kind == NST_TOKEN_UPPER || bad.kind == NST_TOKEN_NUMBER ||
                          bad.kind == NST_TOKEN_STRING || bad.kind == NST_TOKEN_CHAR;
    if (operand && starts_operand && !bad.first_on_line) {
        bool in_type = first_is(context, "type") || first_is(context, "var") || first_is(context, "reactive") ||
                       first_is(context, "pub") || first_is(context, "use");
        bool in_block = damage->opener != UINT32_MAX && context->text[damage->opener] == '{' && !in_type;
        bool head = damage->opener == UINT32_MAX && damage->first.kind == NST_TOKEN_NAME && last_is(context, ")");
        return say(context,
                   in_block ? "two statements on one line are separated by `;`"
                   : head   ? "a function is `name(parameters) = body`"
                            : NULL,
                   nst_arena_printf(context->arena, "unexpected %s after %s", quoted(context, bad),
                                    quoted(context, damage->last)));
    }
    if (damage->last.kind == NST_TOKEN_OPERATOR && !operand)
        return say(context, NULL,
                   nst_arena_printf(context->arena, "%s cannot follow %s", quoted(context, bad),
                                    quoted(context, damage->last)));
    return false;
}

NstSyntaxMessage nst_damage_message(const char *text, uint32_t size, const NstDamage *damage, bool unfinished,
                                    NstArena *arena) {
    static bool (*const explanations[])(const Context *) = {
        explain_character, explain_foreign_operator, explain_declaration, explain_foreign_word, explain_construct,
        explain_end,       explain_keyword,          explain_bracket,     explain_line,
    };
    NstSyntaxMessage result = { .start = damage->token.start, .end = damage->token.end, .label = UINT32_MAX };
    Context context = { text, size, damage, arena, &result };
    if (damage->token.kind == NST_TOKEN_END) { // reported on the last line that holds anything
        result.end = size;
        while (result.end && strchr(" \t\r\n", text[result.end - 1])) result.end--;
        result.start = result.end ? result.end - 1 : 0;
    }
    bool missing = unfinished && damage->first_on_line && damage->token.kind != NST_TOKEN_END &&
                   nst_begins_declaration(text, size, damage->bad);
    if (missing && nst_token_is(text, damage->first, "@")) {
        say(&context, NULL, nst_arena_printf(arena, "decorators stand before functions and types, not before %s",
                                             quoted(&context, damage->token)));
        return result;
    }
    if (missing) {
        mark(&context, damage->last);
        if (!explain_use(&context) &&
            !(nst_token_is(text, damage->first, "mvar") &&
              say(&context, "write `mvar name: Type = value`", "this mvar has no initial value")))
            say(&context, NULL,
                nst_arena_printf(arena, "something is missing after %s", quoted(&context, damage->last)));
        return result;
    }
    if (!unfinished && damage->token.kind != NST_TOKEN_END && damage->opener == UINT32_MAX && damage->first_on_line &&
        damage->token.kind != NST_TOKEN_BAD && damage->token.kind != NST_TOKEN_UNTERMINATED_COMMENT &&
        !bad_is(&context, "import")) {
        say(&context, NULL,
            nst_arena_printf(arena, "a declaration is expected here, not %s", quoted(&context, damage->token)));
        if (!explain_line(&context) && !explain_foreign_operator(&context)) return result;
        return result;
    }
    for (size_t i = 0; i < sizeof explanations / sizeof *explanations; i++)
        if (explanations[i](&context)) return result;
    say(&context, NULL, nst_arena_printf(arena, "unexpected %s", quoted(&context, damage->token)));
    return result;
}
