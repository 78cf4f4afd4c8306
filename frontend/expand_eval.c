// From texts to trees: `eval`, `comptime`, `toVar` (templates.md 5, 6).
#include "frontend/ast_dump.h"
#include "frontend/expand_internal.h"
#include "frontend/parse.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// ---- Parsing ----------------------------------------------------------------------------

// Texts are parsed silently: an error in them is one of the template's, with the first message in its words.
typedef struct Attempt {
    NstDiags *diags;
    uint32_t source;
} Attempt;

static Attempt attempt(NstExpansion *x, NstText text) {
    return (Attempt){ nst_diags_new(), nst_expansion_source(x, text.data, text.size) };
}

static const char *first_message(NstExpansion *x, const NstDiags *diags) {
    return diags->count ? nst_arena_strdup(x->arena, diags->items[0]->message) : "it is empty";
}

static NstExpr *parse_expr(NstExpansion *x, NstText text, bool stmts, const char **message) {
    Attempt parse = attempt(x, text);
    NstSources *sources = x->expander->program->sources;
    NstExpr *expr = stmts ? nst_parse_statements(sources, parse.source, x->arena, parse.diags)
                          : nst_parse_expression(sources, parse.source, x->arena, parse.diags);
    if (!expr) *message = first_message(x, parse.diags);
    nst_diags_free(parse.diags);
    return expr;
}

static NstFileAst *parse_items(NstExpansion *x, NstText text, const char **message) {
    Attempt parse = attempt(x, text);
    NstFileAst *file = nst_parse_file(x->expander->program->sources, parse.source, x->arena, parse.diags);
    bool failed = file->has_syntax_errors || nst_diags_count(parse.diags, NST_ERROR);
    if (failed) *message = first_message(x, parse.diags);
    nst_diags_free(parse.diags);
    return failed ? NULL : file;
}

static void report_text(NstExpansion *x, NstSpan span, NstText text, const char *message) {
    size_t shown = text.size < 120 ? text.size : 120;
    nst_expansion_error(x, NST_DIAG_SYNTAX_ERROR, span, "the generated text `%.*s%s` does not parse: %s", (int)shown,
                        text.data, shown < text.size ? "…" : "", message);
}

static bool text_argument(NstExpansion *x, NstExpr *argument, const char *what, NstText *text) {
    NstMetaStatus status = nst_meta_text(x, argument, text);
    if (status == NST_META_OPEN)
        nst_expansion_error(x, NST_DIAG_MISPLACED, argument->span,
                            "the text of `%s` cannot be computed at compile time", what);
    return status == NST_META_OK;
}

// ---- eval -------------------------------------------------------------------------------

static bool is_declaration(const NstItem *item) {
    return item->kind == NST_ITEM_FUNCTION || item->kind == NST_ITEM_IMPL;
}

static bool all_declarations(const NstFileAst *file) {
    for (size_t i = 0; i < file->item_count; i++)
        if (!is_declaration(file->items[i])) return false;
    return true;
}

static void add_items(NstExpansion *x, const NstFileAst *file) {
    for (size_t i = 0; i < file->item_count; i++)
        NST_PUSH(x->arena, x->items, x->item_count, x->item_capacity, file->items[i]);
}

static void add_error(NstExpansion *x, NstSpan span, NstSequence *out) {
    nst_sequence_add_expr(x->arena, out, nst_expansion_error_expr(x, span));
}

static void eval_declarations(NstExpansion *x, NstText text, NstSpan span, NstSequence *out) {
    const char *message;
    NstFileAst *file = parse_items(x, text, &message);
    if (file && all_declarations(file)) {
        add_items(x, file);
        return;
    }
    if (!file) report_text(x, span, text, message);
    else
        nst_expansion_error(x, NST_DIAG_MISPLACED, span,
                            "only functions and implementations of traits can be generated for a type");
    add_error(x, span, out);
}

void nst_eval_stmts(NstExpansion *x, NstExpr *argument, NstSpan span, NstSequence *out) {
    NstText text;
    const char *message;
    if (!text_argument(x, argument, "eval", &text)) {
        add_error(x, span, out);
        return;
    }
    bool outermost = x->copier.depth == 0; // an item of the expansion itself
    if (outermost && x->for_type) {
        eval_declarations(x, text, span, out);
        return;
    }
    NstFileAst *file = outermost ? parse_items(x, text, &message) : NULL;
    if (file && all_declarations(file)) {
        add_items(x, file);
        return;
    }
    NstExpr *block = parse_expr(x, text, true, &message);
    if (block) {
        for (size_t i = 0; i < block->block.count; i++) nst_sequence_add(x->arena, out, block->block.stmts[i]);
        return;
    }
    if (file)
        nst_expansion_error(x, NST_DIAG_MISPLACED, span,
                            "only functions, implementations and code can be generated here");
    else report_text(x, span, text, message);
    add_error(x, span, out);
}

NstExpr *nst_eval_expr(NstExpansion *x, NstExpr *argument, NstSpan span) {
    NstText text;
    const char *message;
    if (!text_argument(x, argument, "eval", &text)) return nst_expansion_error_expr(x, span);
    NstExpr *expr = parse_expr(x, text, false, &message);
    if (expr) return expr;
    const char *ignored;
    NstExpr *block = parse_expr(x, text, true, &ignored); // several statements: their value
    if (block && block->block.count) return block;
    report_text(x, span, text, message);
    return nst_expansion_error_expr(x, span);
}

// ---- toVar ------------------------------------------------------------------------------

// A name, or the digits that stand for a parameter which is a number.
NstExpr *nst_eval_variable(NstExpansion *x, NstText name, NstSpan span) {
    const char *message;
    NstExpr *expr = parse_expr(x, name, false, &message);
    const NstExpr *digits = expr && expr->kind == NST_EXPR_UNARY ? expr->binary.left : expr;
    bool number = digits && digits->kind == NST_EXPR_LITERAL && digits->literal.kind == NST_LIT_INT;
    if (number || (expr && expr->kind == NST_EXPR_NAME)) return expr;
    nst_expansion_error(x, NST_DIAG_MISPLACED, span, "`%.*s` is not the name of a variable", (int)name.size, name.data);
    return nst_expansion_error_expr(x, span);
}

// ---- comptime ---------------------------------------------------------------------------

static NstComptimeHook *comptime_hook;

void nst_set_comptime_hook(NstComptimeHook *hook) {
    comptime_hook = hook;
}

static NstSpan no_place(void *context, NstSpan span) {
    (void)context, (void)span;
    return (NstSpan){ 0, 0, 0 };
}

static NstSpan same_place(void *context, NstSpan span) {
    (void)span;
    return *(NstSpan *)context;
}

static bool is_block(const NstExpr *argument) {
    return argument->kind == NST_EXPR_BLOCK || argument->kind == NST_EXPR_QUOTE;
}

// The code to run; null after an error.
static NstExpr *comptime_code(NstExpansion *x, NstExpr *argument, NstSpan span) {
    while (argument->kind == NST_EXPR_SPLICE) argument = argument->unary.operand;
    if (is_block(argument)) {
        NstSequence stmts = { 0 };
        unsigned depth = x->copier.depth++;
        nst_quote_stmts(x, argument->kind == NST_EXPR_QUOTE ? argument->unary.operand : argument, &stmts);
        x->copier.depth = depth;
        return nst_expansion_block(x, &stmts, argument->span);
    }
    NstText text;
    const char *message;
    if (!text_argument(x, argument, "comptime", &text)) return NULL;
    NstExpr *block = parse_expr(x, text, true, &message);
    if (!block) nst_expansion_error(x, NST_DIAG_MISPLACED, span, "the text of `comptime` does not parse: %s", message);
    return block;
}

// What the code of this content gave before: it is pure, so it gives the same again, in this program, in its next
// edition and in every other one.
typedef struct Computed {
    const char *content; // the code as an S-expression
    NstExpr *value;      // null: it gave none, for the reason `error`
    const char *error;
} Computed;

enum { MOST_COMPUTED = 4096 }; // beyond it nothing is kept

static struct {
    pthread_mutex_t lock;
    NstArena arena;
    Computed *entries;
    size_t count, capacity;
} computed = { .lock = PTHREAD_MUTEX_INITIALIZER };

static char *content_of(const NstExpr *code) {
    char *content = NULL;
    size_t size;
    FILE *stream = open_memstream(&content, &size);
    if (!stream) return NULL;
    nst_ast_dump_expr(stream, code);
    fclose(stream);
    return content;
}

static const Computed *find_computed_locked(const char *content) {
    for (size_t i = 0; content && i < computed.count; i++)
        if (strcmp(computed.entries[i].content, content) == 0) return &computed.entries[i];
    return NULL;
}

// A copy in `arena` of the value of the code, which has no places; *error is the reason if there is none.
static NstExpr *compute(NstArena *arena, NstExpr *code, NstCopier *placed, const char **error) {
    char *content = content_of(code);
    pthread_mutex_lock(&computed.lock);
    Computed fresh = { content ? content : "", NULL, NULL };
    const Computed *entry = find_computed_locked(content);
    if (!entry) {
        bool kept = content && computed.count < MOST_COMPUTED;
        NstArena *home = kept ? &computed.arena : arena;
        char *why = NULL;
        fresh.value = comptime_hook(code, home, &why);
        if (!fresh.value) fresh.error = nst_arena_strdup(home, why ? why : "it failed");
        free(why);
        if (kept) {
            fresh.content = nst_arena_strdup(home, content);
            NST_PUSH(home, computed.entries, computed.count, computed.capacity, fresh);
        }
        entry = &fresh;
    }
    NstExpr *value = entry->value ? nst_copy_expr(placed, entry->value) : NULL;
    *error = entry->error ? nst_arena_strdup(arena, entry->error) : NULL;
    pthread_mutex_unlock(&computed.lock);
    free(content);
    return value;
}

NstExpr *nst_eval_comptime(NstExpansion *x, NstExpr *argument, NstSpan span) {
    bool failed = x->expander->failed;
    x->expander->failed = false;
    NstExpr *code = comptime_code(x, argument, span);
    bool usable = code && !x->expander->failed;
    x->expander->failed |= failed;
    if (!usable) return nst_expansion_error_expr(x, span);
    if (!comptime_hook) {
        nst_expansion_error(x, NST_DIAG_MISPLACED, span, "`comptime` needs the runtime, which this tool does not have");
        return nst_expansion_error_expr(x, span);
    }
    // Places of this program mean nothing in the one that is run.
    NstCopier placeless = { .arena = x->arena, .span = no_place };
    NstSpan place = nst_expansion_span(x, span);
    NstCopier placed = { .arena = x->arena, .context = &place, .span = same_place };
    const char *error;
    NstExpr *value = compute(x->arena, nst_copy_expr(&placeless, code), &placed, &error);
    if (value) return value;
    nst_expansion_error(x, NST_DIAG_MISPLACED, span, "`comptime` gives no value: %s", error);
    return nst_expansion_error_expr(x, span);
}
