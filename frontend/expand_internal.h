// What the files of template expansion share.
//
//   expand.c           walks over the files: which template a decorator or call means, items that were generated
//   expand_template.c  one expansion: binds parameters, makes the new body or items
//   expand_splice.c    what replaces a splice
//   expand_value.c     compile-time values: attributes, texts, numbers, conditions
//   expand_meta.c      what templates can inspect of a function or type
//   expand_eval.c      `eval`, `comptime`, `toVar`: from texts to trees
//   expand_copy.c      copies of trees
#ifndef NST_EXPAND_INTERNAL_H
#define NST_EXPAND_INTERNAL_H

#include "frontend/expand.h"
#include "frontend/expand_copy.h"
#include "frontend/program_internal.h"

enum {
    NST_EXPANSION_DEPTH = 200,         // of a chain of expansions
    NST_EXPANSION_NODES = 1000 * 1000, // of one outermost expansion
    NST_EXPANSION_EVAL_DEPTH = 10000   // nesting of one compile-time value
};

// ---- Templates and where they are visible -----------------------------------------------

// The declarations of one module, as far as expansion must know them.
typedef struct NstTemplateScope {
    struct NstTemplateScope *parent, *next; // enclosing module; next one with the same parent
    struct NstTemplateScope *inner;
    NstName name;
    NstItem **templates;
    size_t template_count, template_capacity;
    NstName *functions; // hide templates of enclosing modules
    size_t function_count, function_capacity;
} NstTemplateScope;

typedef struct NstExpander {
    NstProgram *program;
    int64_t gensym; // the next number
    bool needed;    // there are templates or decorators
    bool failed;    // an expansion has reported an error
    size_t nodes;   // copied by the outermost expansion under way
} NstExpander;

// The template that the name means in the module, or null.
NstItem *nst_template_find(const NstTemplateScope *scope, NstName name);

// ---- Compile-time values ----------------------------------------------------------------

typedef enum NstMetaKind {
    NST_META_TREE,     // tree
    NST_META_FUNCTION, // item: the decorated clause
    NST_META_TYPE,     // item: the decorated type
    NST_META_TEXT,
    NST_META_INT,
    NST_META_BOOL,
    NST_META_LIST,   // items
    NST_META_MEMBER, // a parameter, field or constructor
} NstMetaKind;

typedef struct NstMeta {
    NstMetaKind kind;
    NstExpr *tree;
    NstItem *item;
    NstText text; // TEXT; MEMBER: its name
    int64_t integer;
    bool boolean;
    struct NstMeta *items; // LIST; MEMBER: fields of a constructor
    size_t count;
    NstText type; // MEMBER: data is null for a constructor
} NstMeta;

typedef struct NstMetaBinding {
    const struct NstMetaBinding *outer;
    NstName name;
    NstMeta value;
} NstMetaBinding;

typedef enum NstMetaStatus {
    NST_META_OK,
    NST_META_OPEN,  // not decidable at compile time; nothing was reported
    NST_META_ERROR, // reported
} NstMetaStatus;

// ---- One expansion ----------------------------------------------------------------------

// A stretch of a file whose nodes were copied, and the synthetic source that stands for it in the expansion.
typedef struct NstCopiedRange {
    NstSpan from;
    uint32_t origin;
} NstCopiedRange;

typedef struct NstExpansion {
    NstExpander *expander;
    NstArena *arena;
    const NstTemplateScope *scope; // of the template
    NstItem *template_;
    NstSpan place;  // the decorator or call
    unsigned depth; // expansions around this one, and itself
    bool for_type;  // decorator of a type: the block's items are declarations

    NstCopier copier;
    const NstMetaBinding *bindings;
    NstSpan tree; // what is being copied: its places become places of the expansion
    bool spliced; // inside a splice: plain names mean template parameters, too
    NstCopiedRange *ranges;
    size_t range_count, range_capacity;

    NstItem **items; // made by `eval`
    size_t item_count, item_capacity;
} NstExpansion;

// Reports at a node of the template; the place is the decorator or call.
void nst_expansion_error(NstExpansion *x, NstDiagKind kind, NstSpan span, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

// The place that a node at `span` of the tree under copy has in the expansion.
NstSpan nst_expansion_span(NstExpansion *x, NstSpan span);

// A source for text that the expansion has computed; its places are the decorator or call.
uint32_t nst_expansion_source(NstExpansion *x, const char *text, size_t size);

// A copy of a tree that came in as argument or body: nothing in it is expanded.
NstExpr *nst_expansion_copy_tree(NstExpansion *x, NstExpr *tree);

// The template's parameters bound to values[0 .. params - 1], behind one another.
const NstMetaBinding *nst_template_bind(NstArena *arena, const NstItem *template_, const NstMeta *values);

// An expansion of the template's body with these arguments, ready to run.
NstExpansion nst_expansion_begin(NstExpander *expander, const NstTemplateScope *scope, NstItem *template_,
                                 const NstMetaBinding *bindings, NstSpan place, unsigned depth);

// The template's body, expanded: an expression; with statements, a block.
NstExpr *nst_expansion_body(NstExpansion *x);

// The items of a type decorator's expansion are all in x->items.
void nst_expansion_items(NstExpansion *x);

// expand_splice.c: what stands for `~ operand`.
NstExpr *nst_splice_expr(NstExpansion *x, NstExpr *operand);
void nst_splice_stmts(NstExpansion *x, NstExpr *operand, NstSequence *out);
bool nst_splice_elements(NstExpansion *x, NstExpr *operand, NstExprKind within, NstSequence *out);

// True if the expression, inside a splice, is replaced like one: an attribute, `map`, `eval` and so on.
bool nst_is_splice_form(const NstExpansion *x, const NstExpr *expr);

// The quoted code's statements, or the one expression as a statement.
void nst_quote_stmts(NstExpansion *x, NstExpr *quoted, NstSequence *out);
// Statements as one expression: a single expression is itself, none is ().
NstExpr *nst_expansion_block(NstExpansion *x, const NstSequence *stmts, NstSpan span);

// expand_value.c. OPEN gives no value and has no effect.
NstMetaStatus nst_meta_eval(NstExpansion *x, NstExpr *expr, NstMeta *value);
NstMetaStatus nst_meta_text(NstExpansion *x, NstExpr *expr, NstText *text);
NstMetaStatus nst_meta_number(NstExpansion *x, NstExpr *expr, int64_t *value);
NstMetaStatus nst_meta_condition(NstExpansion *x, NstExpr *expr, bool *value);
const NstMeta *nst_meta_binding(const NstExpansion *x, NstName name);
NstMeta nst_meta_of_text(NstText text);
// The value as code; null if it has no form as an expression, which has been reported.
NstExpr *nst_meta_expr(NstExpansion *x, const NstMeta *value, NstSpan span);

// expand_meta.c
NstMetaStatus nst_meta_attribute(NstExpansion *x, const NstMeta *of, NstText name, NstSpan span, NstMeta *value);

// expand_eval.c. They report what is wrong and give an ERROR node then.
void nst_eval_stmts(NstExpansion *x, NstExpr *argument, NstSpan span, NstSequence *out);
NstExpr *nst_eval_expr(NstExpansion *x, NstExpr *argument, NstSpan span);
NstExpr *nst_eval_comptime(NstExpansion *x, NstExpr *argument, NstSpan span);
NstExpr *nst_eval_variable(NstExpansion *x, NstText name, NstSpan span);

NstExpr *nst_expansion_error_expr(NstExpansion *x, NstSpan span);

// A call of another template inside a splice: its expansion.
NstExpr *nst_expand_nested_call(NstExpansion *x, NstExpr *call, NstItem *template_);

#endif
