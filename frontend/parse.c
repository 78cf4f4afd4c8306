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
    DEEP_TREE = 400,                       // trees of more levels are lowered on a thread of their own
    LOWERING_STACK = 128 * 1024 * 1024,
    MAX_BROKEN = 4 * NST_DIAG_LIMIT,       // broken declarations after which a file is given up
};

typedef struct Parse {
    NstSources *sources;
    uint32_t source;
    NstArena *arena;
    NstDiags *diags;
    const char *text;    // what is parsed
    uint32_t size;
    int64_t shift;       // offset in the source minus offset in `text`
    NstFileAst *file;
    size_t item_capacity;
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
    Probe probe = {0};
    TSParser *parser = ts_parser_new();
    ts_parser_set_language(parser, tree_sitter_nostos());
    ts_parser_set_logger(parser, (TSLogger){&probe, watch_log});
    ts_parser_set_cancellation_flag(parser, &probe.cancelled);
    TSTree *tree = ts_parser_parse_string(parser, NULL, text, size);
    if (tree) ts_tree_delete(tree);
    ts_parser_delete(parser);
    if (!probe.failed) return false;
    const char *line = text;
    for (unsigned row = 0; row < probe.row; row++) line = (const char *)memchr(line, '\n', size - (size_t)(line - text)) + 1;
    bool newline = false;
    *bad = nst_scan_skip_blanks(text, size, (uint32_t)(line - text) + probe.column, &newline);
    return true;
}

// ---- Lowering ---------------------------------------------------------------------------

typedef struct Lowering {
    Parse *parse;
    const NstNode *root;
} Lowering;

static void lower_items(Parse *parse, const NstNode *root) {
    for (uint32_t i = 0; i < root->child_count; i++) {
        const NstNode *node = &root->children[i];
        if (node->kind == NST_NODE_TOKEN) continue;
        uint32_t origin = nst_sources_add_origin(parse->sources, parse->source, (uint32_t)(node->start + parse->shift));
        NstLower lower = {.arena = parse->arena, .diags = parse->diags, .text = parse->text, .origin = origin,
                          .base = node->start};
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

// The tree is copied first so that tree-sitter's is gone when the AST grows.
static void lower_tree(Parse *parse, TSTree *tree) {
    NstArena nodes = {0};
    uint32_t depth;
    const NstNode *root = nst_node_tree(tree, &nodes, &depth);
    ts_tree_delete(tree);
    Lowering lowering = {parse, root};
    if (depth > DEEP_TREE) run_on_large_stack(lower_on_thread, &lowering);
    else lower_items(parse, root);
    nst_arena_free(&nodes);
}

// ---- Recovery ---------------------------------------------------------------------------

static NstSpan source_span(const Parse *parse, uint32_t start, uint32_t end) {
    return nst_source_span(parse->sources, parse->source, (uint32_t)(start + parse->shift),
                           (uint32_t)(end + parse->shift));
}

static void report(Parse *parse, const NstDamage *damage, bool unfinished) {
    parse->file->has_syntax_errors = true;
    if (damage->unterminated != UINT32_MAX && damage->token.kind != NST_TOKEN_BAD) {
        nst_diag_add(parse->diags, NST_DIAG_INVALID_LITERAL,
                     source_span(parse, damage->unterminated, damage->unterminated + 1), "unterminated string literal");
        return;
    }
    NstSyntaxMessage words = nst_damage_message(parse->text, parse->size, damage, unfinished, parse->arena);
    NstDiag *diag = nst_diag_add(parse->diags, NST_DIAG_SYNTAX_ERROR, source_span(parse, words.start, words.end), "%s",
                                 words.message);
    if (words.hint) nst_diag_hint(parse->diags, diag, "%s", words.hint);
    if (words.label != UINT32_MAX)
        nst_diag_label(parse->diags, diag, source_span(parse, words.label, words.label + 1), "%s", words.label_text);
}

static void blank_out(char *text, uint32_t start, uint32_t end) {
    for (uint32_t at = start; at < end; at++)
        if (text[at] != '\n') text[at] = ' ';
}

// Finds, reports and takes out broken declarations one after the other. `text` is a copy that this may change; at
// the end only well-formed declarations are left in it.
static void take_out_broken(Parse *parse, char *text) {
    uint32_t from = 0, bad;
    for (int broken = 0; find_error(text + from, parse->size - from, &bad); broken++) {
        bad += from;
        NstDamage damage = nst_damage_find(text, parse->size, from, bad);
        bool unfinished = damage.declaration < bad && !is_well_formed(text + damage.declaration, bad - damage.declaration);
        bool at_end = damage.token.kind == NST_TOKEN_END;
        if (!unfinished && !at_end && damage.first_on_line) damage.declaration = bad;
        report(parse, &damage, unfinished);
        uint32_t after = damage.unterminated != UINT32_MAX ? damage.unterminated : bad;
        uint32_t end = nst_damage_end(text, parse->size, &damage, after);
        if (broken == MAX_BROKEN) {
            blank_out(text, damage.top_level, parse->size);
            return;
        }
        if (at_end && end == parse->size && damage.in_module) { // the module itself is not closed
            blank_out(text, damage.top_level, parse->size);
            return;
        }
        blank_out(text, damage.declaration, end);
        // Complete top-level declarations before the damage need no second look.
        from = damage.in_module ? damage.top_level : damage.declaration;
    }
}

static void parse_broken(Parse *parse) {
    char *copy = nst_strndup(parse->text, parse->size);
    const char *original = parse->text;
    take_out_broken(parse, copy);
    TSTree *tree = parse_text(copy, parse->size);
    parse->text = original; // documentation comments may stand above what was taken out, never inside items
    if (ts_node_has_error(ts_tree_root_node(tree))) ts_tree_delete(tree);
    else lower_tree(parse, tree);
    free(copy);
}

static void parse_items(Parse *parse) {
    TSTree *tree = parse_text(parse->text, parse->size);
    if (!ts_node_has_error(ts_tree_root_node(tree))) {
        lower_tree(parse, tree);
        return;
    }
    ts_tree_delete(tree);
    parse_broken(parse);
}

// ---- Entry points -----------------------------------------------------------------------

NstFileAst *nst_parse_range(NstSources *sources, uint32_t source, uint32_t start, uint32_t end, NstArena *arena,
                            NstDiags *diags) {
    const NstSource *file = nst_source(sources, source);
    Parse parse = {.sources = sources, .source = source, .arena = arena, .diags = diags, .text = file->text + start,
                   .size = end - start, .shift = start, .file = NST_NEW(arena, NstFileAst)};
    parse_items(&parse);
    return parse.file;
}

NstFileAst *nst_parse_file(NstSources *sources, uint32_t source, NstArena *arena, NstDiags *diags) {
    const NstSource *file = nst_source(sources, source);
    if (!nst_guard_check(sources, source, diags)) {
        NstFileAst *refused = NST_NEW(arena, NstFileAst);
        refused->has_syntax_errors = true;
        return refused;
    }
    return nst_parse_range(sources, source, nst_guard_bom(file->text, file->size), (uint32_t)file->size, arena, diags);
}

// A text that is not a file's is parsed as the body of a binding: `it = ( … )` or `it = { … }`.
typedef struct Wrapped {
    Parse parse;
    bool statements;
    NstExpr *result;
    const NstNode *root;
} Wrapped;

static void *lower_wrapped(void *argument) {
    Wrapped *wrapped = argument;
    Parse *parse = &wrapped->parse;
    const NstNode *item = nst_node_named(wrapped->root, 0);
    const NstNode *value = nst_node_field(item, NST_FIELD_VALUE);
    if (!wrapped->statements) value = nst_node_named(value, 0);
    NstLower lower = {.arena = parse->arena, .diags = parse->diags, .text = parse->text,
                      .origin = nst_source(parse->sources, parse->source)->whole, .base = (uint32_t)-parse->shift};
    wrapped->result = nst_lower_expr(&lower, value);
    nst_lower_flush(&lower);
    parse->file->has_syntax_errors |= lower.errors;
    return NULL;
}

// True if the tree is one binding whose value is exactly the wrapping bracket.
static bool is_wrapped(const NstNode *root, uint32_t size, bool statements) {
    if (nst_node_named_count(root) != 1) return false;
    const NstNode *item = nst_node_named(root, 0);
    const NstNode *value = item->kind == NST_NODE_binding_declaration ? nst_node_field(item, NST_FIELD_VALUE) : NULL;
    uint16_t kind = statements ? NST_NODE_block : NST_NODE_parenthesized_expression;
    return value && value->kind == kind && value->end == size;
}

static NstExpr *parse_wrapped(NstSources *sources, uint32_t source, NstArena *arena, NstDiags *diags, bool statements) {
    if (!nst_guard_check(sources, source, diags)) return NULL;
    const NstSource *file = nst_source(sources, source);
    const char *open = statements ? "it = {" : "it = (", *close = statements ? "\n}" : "\n)";
    char *text = nst_arena_printf(arena, "%s%s%s", open, file->text, close);
    Wrapped wrapped = {.statements = statements};
    wrapped.parse = (Parse){.sources = sources, .source = source, .arena = arena, .diags = diags, .text = text,
                            .size = (uint32_t)strlen(text), .shift = -(int64_t)strlen(open),
                            .file = NST_NEW(arena, NstFileAst)};
    TSTree *tree = parse_text(text, wrapped.parse.size);
    bool well_formed = !ts_node_has_error(ts_tree_root_node(tree));
    NstArena nodes = {0};
    uint32_t depth;
    wrapped.root = nst_node_tree(tree, &nodes, &depth);
    ts_tree_delete(tree);
    if (well_formed && is_wrapped(wrapped.root, wrapped.parse.size, statements)) {
        if (depth > DEEP_TREE) run_on_large_stack(lower_wrapped, &wrapped);
        else lower_wrapped(&wrapped);
    } else {
        uint32_t bad = 0, prefix = (uint32_t)strlen(open);
        if (!find_error(text, wrapped.parse.size, &bad) || bad < prefix) bad = prefix;
        // The closing bracket is ours: an error at it is an error at the end of the text.
        uint32_t size = prefix + (uint32_t)file->size;
        if (bad > size) bad = size;
        wrapped.parse.size = size;
        NstDamage damage = nst_damage_find(text, size, 0, bad);
        damage.opener = damage.opener <= prefix ? UINT32_MAX : damage.opener;
        report(&wrapped.parse, &damage, true);
    }
    nst_arena_free(&nodes);
    return wrapped.parse.file->has_syntax_errors ? NULL : wrapped.result;
}

NstExpr *nst_parse_expression(NstSources *sources, uint32_t source, NstArena *arena, NstDiags *diags) {
    return parse_wrapped(sources, source, arena, diags, false);
}

NstExpr *nst_parse_statements(NstSources *sources, uint32_t source, NstArena *arena, NstDiags *diags) {
    return parse_wrapped(sources, source, arena, diags, true);
}
