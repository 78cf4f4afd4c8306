// Usual slips and habits from other languages: what was meant, in the language's words.
#include "frontend/parse_context.h"

static bool touches(const NstSyntaxContext *context) {
    return context->damage->last.end == context->damage->token.start;
}

static bool bad_begins(const NstSyntaxContext *context, char c) {
    const NstToken bad = context->damage->token;
    return bad.end > bad.start && context->text[bad.start] == c;
}

static char char_after_bad(const NstSyntaxContext *context) {
    uint32_t end = context->damage->token.end;
    return end < context->size ? context->text[end] : '\0';
}

static char opener(const NstSyntaxContext *context) {
    uint32_t at = context->damage->opener;
    return at == UINT32_MAX ? '\0' : context->text[at];
}

// Places, by what may stand there.
static bool after_arm_head(const NstSyntaxContext *context) {
    return nst_expects(context, "when") && nst_expects(context, "->") && !nst_expects(context, "=");
}

// Between the bounds of a `for`; elsewhere `to` is a name like any other.
static bool wants_to(const NstSyntaxContext *context) {
    return nst_expects(context, "to") && !nst_expects(context, "x");
}

static bool after_parameters(const NstSyntaxContext *context) {
    return nst_expects(context, "=") && nst_last_is(context, ")") && context->damage->first.kind == NST_TOKEN_NAME;
}

static bool after_head(const NstSyntaxContext *context) {
    return nst_expects(context, "=") && !nst_after_operand(context) && context->damage->first.kind == NST_TOKEN_NAME;
}

static bool in_pattern(const NstSyntaxContext *context) {
    return nst_expects(context, "_") && !nst_expects(context, "if");
}

// After the operand of `match`: nothing but its arms can follow.
static bool after_subject(const NstSyntaxContext *context) {
    static const char *const others[] = { "if", "=", "->", "end" };
    if (!nst_token_ends_operand(context->text, context->damage->last) || !nst_expects(context, "{")) return false;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (nst_expects(context, others[i])) return false;
    return true;
}

static bool after_condition(const NstSyntaxContext *context) {
    return nst_after_operand(context) && nst_expects(context, "{") && nst_expects(context, "if");
}

// A token of this text stands directly in the innermost open bracket, before the bad token.
static bool stands_in_bracket(const NstSyntaxContext *context, const char *word) {
    NstScan scan;
    nst_scan_init(&scan, context->text, context->size, context->damage->opener);
    nst_scan_next(&scan);
    bool found = false;
    while (!found) {
        NstToken token = nst_scan_next(&scan);
        if (token.kind == NST_TOKEN_END || token.start >= context->damage->bad) break;
        found = scan.depth == 1 && nst_token_is(context->text, token, word);
    }
    nst_scan_free(&scan);
    return found;
}

// ---- Characters -------------------------------------------------------------------------

static bool explain_character(const NstSyntaxContext *context) {
    NstToken bad = context->damage->token;
    if (bad.kind == NST_TOKEN_UNTERMINATED_COMMENT)
        return nst_say(context, "it ends at `*#`", "unterminated block comment");
    if (bad.kind != NST_TOKEN_BAD) return false;
    unsigned char c = (unsigned char)context->text[bad.start];
    if (c == '&') return nst_say(context, "logical and is `&&`", "`&` is not an operator");
    if (c == '$') return nst_say(context, "`${…}` inserts a value, inside a string", "`$` cannot stand here");
    if (c == '\\') return nst_say(context, "a lambda is `x => body`", "unexpected character `\\`");
    if (c == '`') return nst_say(context, "strings stand in double quotes", "unexpected character `` ` ``");
    if (c < 0x20 || c == 0x7F)
        return nst_say(context, NULL, nst_arena_printf(context->arena, "control character 0x%02X in the text", c));
    return nst_say(context,
                   "names are made of ASCII letters, digits and `_`; other characters stand in strings and comments",
                   nst_arena_printf(context->arena, "unexpected character %s", nst_quoted(context, bad)));
}

// ---- Operators --------------------------------------------------------------------------

static bool explain_comment(const NstSyntaxContext *context) {
    bool starts =
        nst_bad_is(context, "/") && (char_after_bad(context) == '/' || (nst_last_is(context, "/") && touches(context)));
    if (starts) return nst_say(context, "a comment begins with `#`", "`//` is not a comment");
    bool block = (nst_bad_is(context, "*") && nst_last_is(context, "/") && touches(context)) ||
                 (nst_bad_is(context, "/") && char_after_bad(context) == '*');
    if (block) return nst_say(context, "a block comment is `#* … *#`", "`/*` is not a comment");
    if (nst_bad_is(context, "-") && char_after_bad(context) == '-' && context->damage->token.first_on_line)
        return nst_say(context, "a comment begins with `#`", "`--` is not a comment");
    return false;
}

static bool explain_comparison(const NstSyntaxContext *context) {
    if (!nst_bad_is(context, "=") && !nst_bad_is(context, ">") && !nst_bad_is(context, "/=")) return false;
    if (nst_bad_is(context, ">") && nst_last_is(context, "<") && touches(context))
        return nst_say(context, "not equal is `!=`", "`<>` is not an operator");
    if (nst_bad_is(context, "=") && touches(context)) {
        if (nst_last_is(context, "==")) return nst_say(context, "equal is `==`", "`===` is not an operator");
        if (nst_last_is(context, "!=")) return nst_say(context, "not equal is `!=`", "`!==` is not an operator");
        if (nst_last_is(context, ":"))
            return nst_say(context, "a binding is `name = value`", "`:=` is not an operator");
        if (nst_last_is(context, ">") || nst_last_is(context, "<"))
            return nst_say(context, "write `<=` or `>=` without blanks", "unexpected `=`");
    }
    if (nst_bad_is(context, "/="))
        return nst_say(context, "write `x = x / …`; not equal is `!=`", "there is no compound assignment");
    if (nst_bad_is(context, "=") && nst_token_is(context->text, nst_token_after(context, context->damage->token), "/="))
        return nst_say(context, "not equal is `!=`", "`=/=` is not an operator");
    return false;
}

static bool explain_range(const NstSyntaxContext *context) {
    if (!nst_bad_is(context, "..") && !nst_bad_is(context, "..=")) return false;
    if (wants_to(context))
        return nst_say(context, "a loop is `for i = a to b { … }`; it ends before `b`",
                       "a loop counts with `to`, not `..`");
    bool spread = nst_last_is(context, ",") || nst_last_is(context, "[") || nst_last_is(context, "{");
    if (spread && opener(context) == '[')
        return nst_say(context, "the rest of a list is written after a bar: `[first | rest]`",
                       "`..` cannot stand here");
    if (spread && opener(context) == '{')
        return nst_say(context,
                       "a copy with other fields is `Point(p, x: 1)`; a record pattern needs no mark for the rest",
                       "`..` cannot stand here");
    return nst_say(context, "a list of numbers is `[a..b]`; a loop is `for i = a to b { … }`",
                   "a range stands only in list brackets and, between integers, in patterns");
}

static bool explain_bar(const NstSyntaxContext *context) {
    if (!nst_bad_is(context, "|")) return false;
    if (nst_first_is(context, "type") && context->damage->last.kind == NST_TOKEN_UPPER &&
        context->damage->before.kind == NST_TOKEN_UPPER)
        return nst_say(context, "the fields of a constructor stand in parentheses: `Circle(Float)`", "unexpected `|`");
    if (after_parameters(context))
        return nst_say(context, "each case is a clause of its own: `f(x) when x > 0 = …`", "`|` begins no guard");
    if (nst_expects(context, "if") && opener(context) == '(')
        return nst_say(context, "a lambda is `x => body`", "unexpected `|`");
    if (nst_after_operand(context)) return nst_say(context, "logical or is `||`", "`|` is no operator of expressions");
    return false;
}

static bool explain_arrow(const NstSyntaxContext *context) {
    if ((nst_bad_is(context, "=>") || nst_bad_is(context, ":")) && after_arm_head(context))
        return nst_say(
            context, "an arm is `pattern -> value`",
            nst_arena_printf(context->arena, "expected `->`, found %s", nst_quoted(context, context->damage->token)));
    if (nst_bad_is(context, "=>") && after_head(context))
        return nst_say(context, "a function is `name(parameters) = body`", "expected `=`, found `=>`");
    if (nst_bad_is(context, "==") && after_head(context))
        return nst_say(context, "a function is `name(parameters) = body`", "expected `=`, found `==`");
    if (nst_bad_is(context, ":") && after_parameters(context))
        return nst_say(context, "the result type is written `-> Type`", "unexpected `:` after the parameters");
    if (nst_bad_is(context, ":") && after_condition(context))
        return nst_say(context, "a block stands in braces: `{ … }`", "unexpected `:`");
    if (nst_bad_is(context, ":") && !in_pattern(context) && nst_expects(context, ",") && opener(context) == '(' &&
        !nst_first_is(context, "type") && context->damage->last.kind == NST_TOKEN_NAME && nst_expects(context, "|"))
        return nst_say(context, "a list is taken apart with `[head | tail]`", "unexpected `:` in a pattern");
    char bracket = opener(context);
    if ((bracket == '(' || (bracket == '{' && !nst_expects(context, ";"))) && !nst_bad_is(context, "->") &&
        context->damage->token.kind != NST_TOKEN_END && !nst_first_is(context, "type") &&
        !nst_first_is(context, "extern") && stands_in_bracket(context, "->") && !nst_expects_operand(context))
        return nst_say_unexpected(context, "a lambda is written with `=>`: `x => body`");
    return false;
}

static bool explain_operator(const NstSyntaxContext *context) {
    static const char *const assignments[] = { "+=", "-=", "*=" };
    for (size_t i = 0; i < sizeof assignments / sizeof *assignments; i++) {
        if (!nst_bad_is(context, assignments[i])) continue;
        return nst_say(context, nst_arena_printf(context->arena, "write `x = x %c …`", *assignments[i]),
                       "there is no compound assignment");
    }
    if (explain_comment(context) || explain_comparison(context) || explain_range(context) || explain_bar(context) ||
        explain_arrow(context))
        return true;
    const NstDamage *damage = context->damage;
    if (nst_bad_is(context, "@") && damage->last.kind == NST_TOKEN_NAME && !damage->first_on_line)
        return nst_say(context, "match the whole by its name and take it apart in another `match`",
                       "there are no `name @ pattern` patterns");
    if (nst_bad_is(context, "::") && damage->last.kind != NST_TOKEN_OPERATOR)
        return nst_say(context, "a list is taken apart with `[head | tail]`", "`::` cannot stand here");
    if (nst_bad_is(context, "<-"))
        return nst_say(context, "put one of the sends in parentheses", "`<-` cannot be chained");
    if (nst_bad_is(context, "!") && nst_after_operand(context))
        return nst_say(context, "a message is sent with `pid <- message`; `!` stands before its operand",
                       "unexpected `!`");
    if (nst_bad_is(context, "^") && nst_after_operand(context))
        return nst_say(context, "power is `**`", "`^` is no operator of expressions");
    if (nst_bad_is(context, "?") && nst_last_is(context, "?"))
        return nst_say(context, "a default for a missing value is `x.unwrapOr(y)`", "`??` is not an operator");
    if (nst_last_is(context, "?") && !damage->token.first_on_line && damage->token.kind != NST_TOKEN_CLOSE &&
        damage->token.kind != NST_TOKEN_END)
        return nst_say_unexpected(context, "a choice is `if c then a else b`; `x?` hands on the failure of `x`");
    if (nst_bad_is(context, "<") && damage->last.kind == NST_TOKEN_UPPER && nst_expects(context, "["))
        return nst_say(context, "types are applied with square brackets: `List[Int]`", "unexpected `<` after a type");
    return false;
}

// ---- Words ------------------------------------------------------------------------------

static bool explain_foreign_word(const NstSyntaxContext *context) {
    static const char function[] = "a function is `name(parameters) = body`", lambda[] = "a lambda is `x => body`",
                      binding[] = "a binding is `name = value`, a variable `var name = value`",
                      record[] = "a record type is `type Name = { field: Type }`",
                      variant[] = "a variant type is `type Name = A | B(Type)`",
                      match[] = "a choice by patterns is `match x { pattern -> value }`",
                      import[] = "names are imported with `use Module.*` or `use Module.{name}`",
                      call[] = "a call needs parentheses";
    static const struct {
        const char *word, *hint;
        const char *inside; // the hint inside brackets, if another
    } words[] = {
        { "let", binding, binding },
        { "val", binding, binding },
        { "mut", binding, binding },
        { "fn", function, lambda },
        { "fun", function, lambda },
        { "def", function, function },
        { "func", function, lambda },
        { "function", function, lambda },
        { "proc", function, function },
        { "defp", function, function },
        { "lambda", lambda, lambda },
        { "impl", "an implementation is `Type: Trait … end`", NULL },
        { "instance", "an implementation is `Type: Trait … end`", NULL },
        { "interface", "a trait is `trait Name … end`", NULL },
        { "protocol", "a trait is `trait Name … end`", NULL },
        { "struct", record, record },
        { "class", record, record },
        { "record", record, record },
        { "enum", variant, variant },
        { "data", variant, variant },
        { "union", variant, variant },
        { "namespace", "a module is `module Name … end`", NULL },
        { "defmodule", "a module is `module Name … end`", NULL },
        { "package", "a file is a module; inside it `module Name … end` makes another", NULL },
        { "from", import, NULL },
        { "require", import, import },
        { "include", import, import },
        { "using", import, import },
        { "open", import, NULL },
        { "public", "what others may see is marked `pub`", NULL },
        { "export", "what others may see is marked `pub`", NULL },
        { "static", function, NULL },
        { "async", "a process is `spawn { … }`; its answer is received as a message", NULL },
        { "await", "a process is `spawn { … }`; its answer is received as a message", NULL },
        { "case", match, match },
        { "switch", match, match },
        { "cond", match, match },
        { "elif", "write `else if`", NULL },
        { "elsif", "write `else if`", NULL },
        { "elseif", "write `else if`", NULL },
        { "unless", "write `if !c`", NULL },
        { "until", "write `while !c { … }`", NULL },
        { "loop", "an endless loop is `while true { … }`", NULL },
        { "foreach", "elements are visited with `xs.each(x => …)`", NULL },
        { "and", "logical and is `&&`", NULL },
        { "or", "logical or is `||`", NULL },
        { "is", "equality is `==`", NULL },
        { "mod", "the remainder is `%`", NULL },
        { "div", "division of integers is `/`", NULL },
        { "new", "a value is made by its constructor: `Point(1, 2)`", NULL },
        { "except", "exceptions are caught with `try { … } catch { pattern -> value }`", NULL },
        { "rescue", "exceptions are caught with `try { … } catch { pattern -> value }`", NULL },
        { "raise", "an exception is raised with `throw(value)`", NULL },
        { "throw", call, NULL },
        { "panic", call, NULL },
        { "println", call, NULL },
        { "print", call, NULL },
        { "puts", "a line is printed with `println(…)`", NULL },
        { "echo", "a line is printed with `println(…)`", NULL },
        { "assert", call, NULL },
        { "show", call, NULL },
        { "sleep", call, NULL },
        { "yield", "there are no generators; a list or a process gives the values", NULL },
    };
    const NstToken bad = context->damage->token;
    bool before = !bad.first_on_line && bad.kind != NST_TOKEN_END;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        bool subject =
            before && words[i].hint == match && nst_token_is(context->text, context->damage->before, words[i].word);
        bool named = nst_bad_is(context, words[i].word) || (before && nst_last_is(context, words[i].word)) || subject;
        if (!named || (strcmp(words[i].word, "from") == 0 && !nst_first_is(context, "from"))) continue;
        if (nst_last_is(context, words[i].word) && (bad.kind == NST_TOKEN_OPERATOR || bad.kind == NST_TOKEN_CLOSE))
            continue;
        bool inside = context->damage->opener != UINT32_MAX && words[i].inside && opener(context) != '{';
        const char *hint = inside ? words[i].inside : words[i].hint;
        if (hint == call) hint = nst_arena_printf(context->arena, "a call needs parentheses: `%s(…)`", words[i].word);
        return nst_say_unexpected(context, hint);
    }
    return false;
}

// Words that belong to a place.
static bool explain_word_in_place(const NstSyntaxContext *context) {
    const NstDamage *damage = context->damage;
    const NstToken bad = damage->token;
    bool guard_place = nst_expects(context, "when");
    if (nst_bad_is(context, "in") || (nst_last_is(context, "in") && !bad.first_on_line))
        return nst_say(context, "elements are visited with `xs.each(x => …)`", "a loop counts: `for i = a to b { … }`");
    if (nst_bad_is(context, "where") && guard_place)
        return nst_say(context, "a guard begins with `when`", "expected `when`, found `where`");
    if (nst_bad_is(context, "as") && !in_pattern(context) && nst_expects(context, "|") && !nst_after_operand(context))
        return nst_say(context, "match the whole by its name and take it apart in another `match`",
                       "there are no `as` patterns");
    if (nst_bad_is(context, "if") && guard_place && !nst_after_operand(context))
        return nst_say(context, "a guard begins with `when`", "`if` cannot stand here");
    if (nst_bad_is(context, "if") && nst_after_operand(context) && !bad.first_on_line)
        return nst_say(context, "the condition comes first: `if c then a else b`", "`if` cannot stand here");
    if (nst_bad_is(context, "for") && nst_after_operand(context) && !bad.first_on_line)
        return nst_say(context, "a list is made from another with `xs.map(x => …)` and `xs.filter(x => …)`",
                       "`for` cannot stand here");
    if (nst_last_is(context, "for") && nst_bad_is(context, "("))
        return nst_say(context, "a loop is `for i = a to b { … }`", "unexpected `(` after `for`");
    if (wants_to(context) && bad.kind == NST_TOKEN_NAME)
        return nst_say(context, "a loop is `for i = a to b { … }`; it ends before `b`",
                       nst_arena_printf(context->arena, "expected `to`, found %s", nst_quoted(context, bad)));
    if (nst_bad_is(context, "else") && in_pattern(context))
        return nst_say(context, "the arm for everything else is `_ -> …`", "`else` is not a pattern");
    if (nst_bad_is(context, "do") && after_head(context))
        return nst_say(context, "a function is `name(parameters) = body`", "expected `=`, found `do`");
    if (after_subject(context) && !nst_bad_is(context, "}") && bad.kind != NST_TOKEN_END)
        return nst_say(context, "the arms stand in braces: `match x { pattern -> value }`",
                       nst_arena_printf(context->arena, "expected `{`, found %s", nst_quoted(context, bad)));
    return false;
}

static bool explain_brace(const NstSyntaxContext *context) {
    if (!nst_bad_is(context, "{")) return false;
    if (nst_expects(context, "end") && context->damage->last.kind == NST_TOKEN_UPPER)
        return nst_say(context, "it has no braces and ends with `end`", "unexpected `{`");
    if (nst_first_is(context, "type") || nst_first_is(context, "reactive") || nst_first_is(context, "var"))
        return nst_say(context, "a record type is `type Name = { field: Type }`", "expected `=`, found `{`");
    if (after_head(context))
        return nst_say(context, "a function is `name(parameters) = { … }`", "expected `=`, found `{`");
    if (context->damage->last.kind == NST_TOKEN_UPPER)
        return nst_say(context, "a record is built with parentheses: `Point(x: 1, y: 2)`", "unexpected `{`");
    return false;
}

static bool explain_string(const NstSyntaxContext *context) {
    const NstDamage *damage = context->damage;
    if (damage->token.kind != NST_TOKEN_STRING || !touches(context)) return false;
    if (damage->last.kind == NST_TOKEN_STRING)
        return nst_say_unexpected(context,
                                  "there are no triple quotes: a string may span lines; strings are joined with `++`");
    if (damage->last.kind == NST_TOKEN_NAME)
        return nst_say_unexpected(context, "strings have no prefixes: every string may contain `${…}`");
    return false;
}

// A word without its beginning.
static bool explain_orphan(const NstSyntaxContext *context) {
    static const struct {
        const char *word, *message, *hint;
    } words[] = {
        { "else", "there is no `if` that this `else` belongs to", NULL },
        { "then", "there is no `if` that this `then` belongs to", NULL },
        { "catch", "there is no `try` that this `catch` belongs to", NULL },
        { "finally", "there is no `try` that this `finally` belongs to", NULL },
        { "end", "this `end` closes nothing",
          "a block in braces ends with `}`; `if`, `while` and `match` have no `end`" },
        { "import", "`import` begins no declaration", "names are imported with `use Module.*` or `use Module.{name}`" },
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (nst_bad_is(context, words[i].word) && !nst_expects(context, "if"))
            return nst_say(context, words[i].hint, words[i].message);
    return false;
}

bool nst_explain_slip(const NstSyntaxContext *context) {
    if (bad_begins(context, '\0') && context->damage->token.kind == NST_TOKEN_END) return explain_foreign_word(context);
    return explain_character(context) || explain_operator(context) || explain_word_in_place(context) ||
           explain_foreign_word(context) || explain_brace(context) || explain_string(context) ||
           explain_orphan(context);
}

bool nst_explain_line_slip(const NstSyntaxContext *context) {
    return explain_character(context) || explain_comment(context) || explain_orphan(context);
}
