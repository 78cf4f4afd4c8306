#include "frontend/parse.h"

#include "frontend/guard.h"
#include "frontend/lower.h"
#include "frontend/parse_error.h"
#include "grammar/grammar.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <tree_sitter/api.h>

enum {
    DEEP_TREE = 400, // trees of more levels are lowered on a thread of their own
    LOWERING_STACK = 128 * 1024 * 1024,
    MAX_BROKEN = 4 * NST_DIAG_LIMIT, // broken declarations after which a file is given up
};

typedef struct Parse {
    NstSources *sources;
    uint32_t source;
    NstArena *arena;
    NstDiags *diags;
    const char *text;    // the source's
    uint32_t start, end; // what of it is parsed
    NstFileAst *file;
    size_t item_capacity;
    const uint32_t *origins; // of items that have been parsed before
    size_t origin_count;
    NstSyntax *syntax; // null unless the tree is wanted
    size_t broken_capacity;
} Parse;

// ---- tree-sitter ------------------------------------------------------------------------

static TSTree *parse_text(const char *text, uint32_t size) {
    TSParser *parser = ts_parser_new();
    ts_parser_set_language(parser, tree_sitter_nostos());
    TSTree *tree = ts_parser_parse_string(parser, NULL, text, size);
    ts_parser_delete(parser);
    return tree;
}

static bool is_well_formed(const char *text, uint32_t size) {
    TSTree *tree = parse_text(text, size);
    bool well_formed = !ts_node_has_error(ts_tree_root_node(tree));
    ts_tree_delete(tree);
    return well_formed;
}

// The grammar has no conflicts, so there is one parse stack, and the place of the stack when the parser first finds
// no action for a token is exact. The parser tells it only to its log.
typedef struct Probe {
    size_t cancelled; // tree-sitter polls it
    unsigned row, column;
    bool failed;
} Probe;

static void watch_log(void *payload, TSLogType type, const char *message) {
    Probe *probe = payload;
    if (type != TSLogTypeParse || probe->failed) return;
    const char *place = strncmp(message, "process version:", 16) == 0 ? strstr(message, "row:") : NULL;
    if (place) {
        const char *column = strstr(place, "col:");
        probe->row = (unsigned)strtoul(place + 4, NULL, 10);
        if (column) probe->column = (unsigned)strtoul(column + 4, NULL, 10);
    } else if (strncmp(message, "detect_error", 12) == 0) {
        probe->failed = true;
        probe->cancelled = 1;
    }
}

// The first token that cannot continue the text; `size` if the end of the text is it. False if there is none.
static bool find_error(const char *text, uint32_t size, uint32_t *bad) {
    Probe probe = { 0 };
    TSParser *parser = ts_parser_new();
    ts_parser_set_language(parser, tree_sitter_nostos());
    ts_parser_set_logger(parser, (TSLogger){ &probe, watch_log });
    ts_parser_set_cancellation_flag(parser, &probe.cancelled);
    TSTree *tree = ts_parser_parse_string(parser, NULL, text, size);
    if (tree) ts_tree_delete(tree);
    ts_parser_delete(parser);
    if (!probe.failed) return false;
    const char *line = text;
    for (unsigned row = 0; row < probe.row; row++)
        line = (const char *)memchr(line, '\n', size - (size_t)(line - text)) + 1;
    bool newline = false;
    *bad = nst_scan_skip_blanks(text, size, (uint32_t)(line - text) + probe.column, &newline);
    return true;
}

// ---- Lowering ---------------------------------------------------------------------------

typedef struct Lowering {
    Parse *parse;
    const NstNode *root;
} Lowering;

static uint32_t item_origin(const Parse *parse, uint32_t start) {
    if (parse->file->item_count >= parse->origin_count) return nst_sources_add_origin(parse->sources, parse->source, start);
    uint32_t origin = parse->origins[parse->file->item_count];
    nst_origin_move(parse->sources, origin, start);
    return origin;
}

static void lower_items(Parse *parse, const NstNode *root) {
    for (uint32_t i = 0; i < root->child_count; i++) {
        const NstNode *node = &root->children[i];
        if (node->kind == NST_NODE_TOKEN) continue;
        uint32_t origin = item_origin(parse, node->start);
        NstLower lower = {
            .arena = parse->arena, .diags = parse->diags, .text = parse->text, .origin = origin, .base = node->start
        };
        NstItem *item = nst_lower_item(&lower, node);
        NST_PUSH(parse->arena, parse->file->items, parse->file->item_count, parse->item_capacity, item);
        parse->file->has_syntax_errors |= lower.errors;
    }
}

static void *lower_on_thread(void *argument) {
    Lowering *lowering = argument;
    lower_items(lowering->parse, lowering->root);
    return NULL;
}

static void run_on_large_stack(void *(*function)(void *), void *argument) {
    pthread_t thread;
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, LOWERING_STACK);
    if (pthread_create(&thread, &attributes, function, argument) == 0) pthread_join(thread, NULL);
    else function(argument);
    pthread_attr_destroy(&attributes);
}

// Consumes the tree, which covers the parse's range.
static void lower_tree(Parse *parse, TSTree *tree) {
    NstArena nodes = { 0 };
    uint32_t depth;
    const NstNode *root = nst_node_tree(tree, parse->start, parse->syntax ? parse->arena : &nodes, &depth);
    ts_tree_delete(tree);
    Lowering lowering = { parse, root };
    if (depth > DEEP_TREE) run_on_large_stack(lower_on_thread, &lowering);
    else lower_items(parse, root);
    nst_arena_free(&nodes);
    if (!parse->syntax) return;
    parse->syntax->root = root;
    parse->syntax->depth = depth;
}

// ---- What may follow --------------------------------------------------------------------

// The text from a top-level declaration up to the first bad token, with room for another token.
typedef struct Prefix {
    char *text;
    uint32_t size;
} Prefix;

enum { MAX_PREFIX = 32 * 1024, MAX_CONTINUATION = 32 }; // of longer declarations it is not said what is expected

static bool accepts_token(void *data, const char *token) {
    Prefix *prefix = data;
    uint32_t size = (uint32_t)strlen(token), bad;
    if (!prefix->text) return false;
    memcpy(prefix->text + prefix->size, token, size);
    return !find_error(prefix->text, prefix->size + size, &bad) || bad >= prefix->size + size;
}

static Prefix prefix_of(const char *text, uint32_t start, uint32_t end) {
    if (end - start > MAX_PREFIX) return (Prefix){ 0 };
    Prefix prefix = { nst_malloc(end - start + MAX_CONTINUATION), end - start };
    memcpy(prefix.text, text + start, end - start);
    return prefix;
}

// ---- Recovery ---------------------------------------------------------------------------

// `text` is the source's, or what is left of it without the declarations that are broken; null: it is not said what is
// expected.
static void report(Parse *parse, const char *text, const NstDamage *damage, bool unfinished) {
    parse->file->has_syntax_errors = true;
    uint32_t quote = damage->unterminated;
    if (quote != UINT32_MAX) {
        nst_diag_add(parse->diags, NST_DIAG_INVALID_LITERAL,
                     nst_source_span(parse->sources, parse->source, quote, quote + 1), "unterminated string literal");
        return;
    }
    uint32_t end = damage->token.start < damage->bad ? damage->token.start : damage->bad;
    uint32_t start = damage->top_level < end ? damage->top_level : end;
    Prefix prefix = text ? prefix_of(text, start, end) : (Prefix){ 0 };
    NstContinuation continuation = { accepts_token, &prefix };
    NstSyntaxMessage words =
        nst_damage_message(parse->text, parse->end, damage, unfinished, &continuation, parse->arena);
    free(prefix.text);
    NstSpan span = nst_source_span(parse->sources, parse->source, words.start, words.end);
    NstDiag *diag = nst_diag_add(parse->diags, NST_DIAG_SYNTAX_ERROR, span, "%s", words.message);
    if (words.hint) nst_diag_hint(parse->diags, diag, "%s", words.hint);
    if (words.label == UINT32_MAX) return;
    span = nst_source_span(parse->sources, parse->source, words.label, words.label + 1);
    nst_diag_label(parse->diags, diag, span, "%s", words.label_text);
}

// A later skip may contain earlier ones, or stand before them: a module that is not closed goes after what is in it.
static void add_skipped(Parse *parse, uint32_t start, uint32_t end) {
    NstSyntax *syntax = parse->syntax;
    NstSkipped skipped = { start, end };
    size_t first = syntax->broken_count;
    while (first > 0 && syntax->broken[first - 1].start >= start) first--;
    size_t last = first;
    for (; last < syntax->broken_count && syntax->broken[last].start < skipped.end; last++)
        if (syntax->broken[last].end > skipped.end) skipped.end = syntax->broken[last].end;
    NST_PUSH(parse->arena, syntax->broken, syntax->broken_count, parse->broken_capacity, skipped);
    memmove(syntax->broken + first + 1, syntax->broken + last, (syntax->broken_count - 1 - last) * sizeof skipped);
    syntax->broken[first] = skipped;
    syntax->broken_count -= last - first;
}

static void blank_out(Parse *parse, char *text, uint32_t start, uint32_t end) {
    for (uint32_t at = start; at < end; at++)
        if (text[at] != '\n') text[at] = ' ';
    if (!parse->syntax) return;
    // What is skipped ends with its last character that is no blank.
    while (end > start && parse->text[end - 1] && strchr(" \t\r\n", parse->text[end - 1])) end--;
    if (end > start) add_skipped(parse, start, end);
}

// Takes a broken declaration out of the text, up to `end`. What begins a line between, where a declaration would, and
// is one, was swallowed by a bracket that is not closed: it stays.
static void take_out(Parse *parse, char *text, const NstDamage *damage, uint32_t end) {
    uint32_t at = damage->declaration;
    for (bool broken = true; at < end;) {
        uint32_t next = nst_damage_next(text, end, damage, at);
        for (uint32_t line = at; text[line] == '@' && next < end; line = next, next = nst_damage_next(text, end, damage, next))
            continue; // decorators and what they decorate are one
        if (broken || !is_well_formed(text + at, next - at)) blank_out(parse, text, at, next);
        broken = false;
        at = next;
    }
}

// The declaration around the first bad token is not complete before it.
static bool is_unfinished(const char *text, const NstDamage *damage) {
    return damage->declaration < damage->bad &&
           !is_well_formed(text + damage->declaration, damage->bad - damage->declaration);
}

enum { OUTER_LINES = 4 }; // how far before the first bad token a broken declaration without a beginning is looked for

// A declaration that breaks off at the end of a line swallows the head of the next one before the parser finds a token
// that does not fit; what is wrong is the end of that line.
static NstDamage find_damage(const char *text, uint32_t size, uint32_t from, uint32_t bad) {
    NstDamage damage = nst_damage_find(text, size, from, bad);
    if (damage.head != UINT32_MAX) {
        NstDamage earlier = nst_damage_find(text, size, from, damage.head);
        if (is_unfinished(text, &earlier)) return earlier;
    }
    // Lines that do not begin as declarations do, after one that is complete, are a broken declaration of their own.
    bool none = damage.declaration == bad && !damage.in_module; // has begun so far
    uint32_t before = damage.declaration, line = bad + 1;
    for (int lines = 0; lines < OUTER_LINES && line > from; lines++) {
        line = nst_outer_line(text, from, line - 1, none ? 0 : damage.indent);
        if (before == bad) before = line > from ? from : line;
        bool inside = damage.opener != UINT32_MAX && damage.opener < line;
        if (line < before || line == damage.declaration || bad - before > MAX_PREFIX) break;
        if (inside || (line != before && !is_well_formed(text + before, line - before))) continue;
        nst_damage_begin(&damage, text, size, line);
        break;
    }
    return damage;
}

// Finds, reports and takes out broken declarations one after the other. `text` is a copy of the source's text that
// this may change; at the end only well-formed declarations are left in it.
static void take_out_broken(Parse *parse, char *text) {
    uint32_t from = parse->start, size = parse->end, bad;
    for (int broken = 0; find_error(text + from, size - from, &bad); broken++) {
        bad += from;
        NstDamage damage = find_damage(text, size, from, bad);
        bad = damage.bad;
        bool unfinished = is_unfinished(text, &damage);
        bool at_end = damage.token.kind == NST_TOKEN_END;
        if (!unfinished && !at_end && damage.first_on_line) damage.declaration = bad;
        report(parse, text, &damage, unfinished);
        uint32_t after = damage.unterminated != UINT32_MAX ? damage.unterminated : bad;
        uint32_t end = nst_damage_end(text, size, &damage, after);
        if (broken == MAX_BROKEN) {
            blank_out(parse, text, damage.top_level, size);
            return;
        }
        if (at_end && end == size && damage.in_module) { // a module that is not closed goes as a whole
            damage.declaration = damage.top_level;
            damage.indent = nst_indent_of(text, damage.top_level);
            damage.in_module = false;
        }
        take_out(parse, text, &damage, end);
        // Complete top-level declarations before the damage need no second look.
        from = damage.in_module ? damage.top_level : damage.declaration;
    }
}

static void parse_broken(Parse *parse) {
    char *copy = nst_strndup(parse->text, parse->end);
    TSTree *tree = NULL;
    // A second time if what was taken out held together something before it.
    for (int times = 0; times < 2 && (!tree || ts_node_has_error(ts_tree_root_node(tree))); times++) {
        if (tree) ts_tree_delete(tree);
        take_out_broken(parse, copy);
        tree = parse_text(copy + parse->start, parse->end - parse->start);
    }
    free(copy);
    if (ts_node_has_error(ts_tree_root_node(tree))) ts_tree_delete(tree);
    else lower_tree(parse, tree);
}

static void parse_items(Parse *parse) {
    parse->file = NST_NEW(parse->arena, NstFileAst);
    TSTree *tree = parse_text(parse->text + parse->start, parse->end - parse->start);
    if (!ts_node_has_error(ts_tree_root_node(tree))) {
        lower_tree(parse, tree);
        return;
    }
    ts_tree_delete(tree);
    parse_broken(parse);
}

// ---- Entry points -----------------------------------------------------------------------

static NstFileAst *parse_source(NstSources *sources, uint32_t source, NstArena *arena, NstDiags *diags,
                                NstSyntax *syntax) {
    const NstSource *file = nst_source(sources, source);
    if (!nst_guard_check(sources, source, diags)) {
        NstFileAst *refused = NST_NEW(arena, NstFileAst);
        refused->has_syntax_errors = true;
        return refused;
    }
    Parse parse = { .sources = sources,
                    .source = source,
                    .arena = arena,
                    .diags = diags,
                    .text = file->text,
                    .start = nst_guard_bom(file->text, file->size),
                    .end = (uint32_t)file->size,
                    .syntax = syntax };
    parse_items(&parse);
    return parse.file;
}

NstFileAst *nst_parse_file(NstSources *sources, uint32_t source, NstArena *arena, NstDiags *diags) {
    return parse_source(sources, source, arena, diags, NULL);
}

NstSyntax nst_parse_syntax(NstSources *sources, uint32_t source, NstArena *arena, NstDiags *diags) {
    NstSyntax syntax = { 0 };
    parse_source(sources, source, arena, diags, &syntax);
    return syntax;
}

NstFileAst *nst_parse_range(NstSources *sources, uint32_t source, uint32_t start, uint32_t end, NstArena *arena,
                            NstDiags *diags) {
    Parse parse = { .sources = sources,
                    .source = source,
                    .arena = arena,
                    .diags = diags,
                    .text = nst_source(sources, source)->text,
                    .start = start,
                    .end = end };
    parse_items(&parse);
    return parse.file;
}

NstFileAst *nst_parse_again(NstSources *sources, uint32_t source, uint32_t start, uint32_t end, const uint32_t *origins,
                            size_t origin_count, NstArena *arena) {
    Parse parse = { .sources = sources,
                    .source = source,
                    .arena = arena,
                    .diags = nst_diags_new(),
                    .text = nst_source(sources, source)->text,
                    .start = start,
                    .end = end,
                    .file = NST_NEW(arena, NstFileAst),
                    .origins = origins,
                    .origin_count = origin_count };
    TSTree *tree = parse_text(parse.text + start, end - start);
    bool well_formed = !ts_node_has_error(ts_tree_root_node(tree));
    if (well_formed) lower_tree(&parse, tree);
    else ts_tree_delete(tree);
    well_formed &= parse.diags->count == 0 && !parse.file->has_syntax_errors && parse.file->item_count == origin_count;
    nst_diags_free(parse.diags);
    return well_formed ? parse.file : NULL;
}

// ---- Expressions and statements ---------------------------------------------------------

// A text that is not a file's is parsed as the value of a binding: `it = ( … )` or `it = { … }`. Offsets in the tree
// are the source's all the same: the wrapping before it has offsets below zero, which nobody looks at.
typedef struct Wrapped {
    Parse parse;
    const NstNode *value;
    NstExpr *result;
} Wrapped;

static void *lower_wrapped(void *argument) {
    Wrapped *wrapped = argument;
    Parse *parse = &wrapped->parse;
    NstLower lower = { .arena = parse->arena,
                       .diags = parse->diags,
                       .text = parse->text,
                       .origin = nst_source(parse->sources, parse->source)->whole };
    wrapped->result = nst_lower_expr(&lower, wrapped->value);
    if (wrapped->value->start > parse->end) { // the wrapping block itself
        wrapped->result->span.start = 0;
        wrapped->result->span.end = parse->end;
    }
    nst_lower_flush(&lower);
    parse->file->has_syntax_errors |= lower.errors;
    return NULL;
}

// What is to be lowered: the wrapping block, or what stands in the wrapping parentheses. Null if the text closed the
// wrapping bracket itself.
static const NstNode *wrapped_value(const NstNode *root, uint32_t end, bool statements) {
    const NstNode *item = nst_node_named_count(root) == 1 ? nst_node_named(root, 0) : NULL;
    const NstNode *value =
        item && item->kind == NST_NODE_binding_declaration ? nst_node_field(item, NST_FIELD_VALUE) : NULL;
    uint16_t kind = statements ? NST_NODE_block : NST_NODE_parenthesized_expression;
    if (!value || value->kind != kind || value->end != end) return NULL;
    return statements ? value : nst_node_named(value, 0);
}

static NstExpr *parse_wrapped(NstSources *sources, uint32_t source, NstArena *arena, NstDiags *diags, bool statements) {
    static const char *const brackets[2][2] = { { "it = (", "\n)" }, { "it = {", "\n}" } };
    if (!nst_guard_check(sources, source, diags)) return NULL;
    const NstSource *file = nst_source(sources, source);
    Wrapped wrapped = { .parse = { .sources = sources,
                                   .source = source,
                                   .arena = arena,
                                   .diags = diags,
                                   .text = file->text,
                                   .end = (uint32_t)file->size,
                                   .file = NST_NEW(arena, NstFileAst) } };
    uint32_t prefix = (uint32_t)strlen(brackets[statements][0]);
    uint32_t size = prefix + (uint32_t)file->size + 2;
    char *text = nst_malloc(size);
    memcpy(text, brackets[statements][0], prefix);
    memcpy(text + prefix, file->text, file->size);
    memcpy(text + size - 2, brackets[statements][1], 2);

    NstArena nodes = { 0 };
    uint32_t depth;
    TSTree *tree = parse_text(text, size);
    const NstNode *root = nst_node_tree(tree, 0 - prefix, &nodes, &depth);
    if (!ts_node_has_error(ts_tree_root_node(tree)))
        wrapped.value = wrapped_value(root, (uint32_t)file->size + 2, statements);
    ts_tree_delete(tree);
    if (wrapped.value) {
        if (depth > DEEP_TREE) run_on_large_stack(lower_wrapped, &wrapped);
        else lower_wrapped(&wrapped);
    } else {
        // Our closing bracket is the end of the text; an error in the wrapping is one at its beginning.
        uint32_t bad;
        bool found = find_error(text, size, &bad) && bad >= prefix;
        bad = found ? bad - prefix : 0;
        if (bad > file->size) bad = (uint32_t)file->size;
        NstDamage damage = nst_damage_find(file->text, (uint32_t)file->size, 0, bad);
        report(&wrapped.parse, NULL, &damage, true);
    }
    nst_arena_free(&nodes);
    free(text);
    return wrapped.parse.file->has_syntax_errors ? NULL : wrapped.result;
}

NstExpr *nst_parse_expression(NstSources *sources, uint32_t source, NstArena *arena, NstDiags *diags) {
    return parse_wrapped(sources, source, arena, diags, false);
}

NstExpr *nst_parse_statements(NstSources *sources, uint32_t source, NstArena *arena, NstDiags *diags) {
    return parse_wrapped(sources, source, arena, diags, true);
}
