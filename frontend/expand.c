#include "frontend/expand.h"

#include "frontend/expand_internal.h"
#include "frontend/guard.h"
#include "frontend/walk.h"

enum { MAX_EXPANDED_NESTING = 2 * NST_MAX_NESTING };

// ---- Which templates there are ----------------------------------------------------------

static NstTemplateScope *inner_scope(NstArena *arena, NstTemplateScope *outer, NstName name) {
    for (NstTemplateScope *scope = outer->inner; scope; scope = scope->next)
        if (scope->name == name) return scope;
    NstTemplateScope *scope = NST_NEW(arena, NstTemplateScope);
    scope->parent = outer;
    scope->name = name;
    scope->next = outer->inner;
    outer->inner = scope;
    return scope;
}

static void declare_items(NstExpander *expander, NstTemplateScope *scope, NstItem *const *items, size_t count) {
    NstArena *arena = expander->program->arena;
    for (size_t i = 0; i < count; i++) {
        NstItem *item = items[i];
        if (item->kind == NST_ITEM_TEMPLATE) {
            NST_PUSH(arena, scope->templates, scope->template_count, scope->template_capacity, item);
            expander->needed = true;
        } else if (item->kind == NST_ITEM_FUNCTION) {
            NST_PUSH(arena, scope->functions, scope->function_count, scope->function_capacity, item->clause->name.name);
        } else if (item->kind == NST_ITEM_MODULE) {
            NstTemplateScope *inner = inner_scope(arena, scope, item->name.name);
            declare_items(expander, inner, item->module.items, item->module.item_count);
        }
        expander->needed |= item->decorator_count > 0;
    }
}

static NstItem *own_template(const NstTemplateScope *scope, NstName name) {
    for (size_t i = 0; i < scope->template_count; i++)
        if (scope->templates[i]->clause->name.name == name) return scope->templates[i];
    return NULL;
}

static bool declares_function(const NstTemplateScope *scope, NstName name) {
    for (size_t i = 0; i < scope->function_count; i++)
        if (scope->functions[i] == name) return true;
    return false;
}

NstItem *nst_template_find(const NstTemplateScope *scope, NstName name) {
    for (; scope; scope = scope->parent) {
        NstItem *found = own_template(scope, name);
        if (found) return found;
        if (declares_function(scope, name)) return NULL;
    }
    return NULL;
}

static bool sees_templates(const NstTemplateScope *scope) {
    while (scope && !scope->template_count) scope = scope->parent;
    return scope != NULL;
}

// ---- A walk over the code of one item ---------------------------------------------------

// The items of one module block under expansion.
typedef struct Block {
    NstExpander *expander;
    NstFileAst *file;
    NstTemplateScope *scope;
    NstItem **items;
    size_t count, capacity;
    unsigned *chains; // of each item: expansions that produced its code
    size_t chain_count, chain_capacity;
} Block;

typedef struct Walk {
    Block *block;
    unsigned chain;  // expansions that produced the code under the walk
    unsigned depth;  // of expressions
    bool stopped;    // the chain has no end: nothing more of it is expanded
    NstName *locals; // names of templates that the item binds as variables
    size_t local_count, local_capacity;
} Walk;

static void add_items(Block *block, NstExpansion *x, bool public_, unsigned chain);

static void make_error(NstExpr *expr) {
    *expr = (NstExpr){ .kind = NST_EXPR_ERROR, .span = expr->span };
}

static void report_arity(NstExpander *expander, NstSpan span, const NstItem *template_, size_t wanted, size_t given,
                         const char *of) {
    nst_diag_add(expander->program->diags, NST_DIAG_ARITY_MISMATCH, span, "%s `%s` takes %zu argument%s, %zu given", of,
                 nst_name_text(template_->clause->name.name), wanted, wanted == 1 ? "" : "s", given);
}

static size_t param_index(const NstItem *template_, NstName name) {
    size_t i = 0;
    while (i < template_->clause->param_count && template_->clause->params[i].pattern->ident.name != name) i++;
    return i;
}

// The call's arguments by parameter; null if they do not fit, which has been reported.
static NstMeta *call_values(NstExpander *expander, const NstExpr *call, const NstItem *template_) {
    size_t count = template_->clause->param_count;
    if (call->call.arg_count != count) {
        report_arity(expander, call->span, template_, count, call->call.arg_count, "template");
        return NULL;
    }
    NstMeta *values = NST_NEW_ARRAY(expander->program->arena, NstMeta, count);
    for (size_t i = 0; i < count; i++) {
        const NstArg *arg = &call->call.args[i];
        size_t at = arg->name.name ? param_index(template_, arg->name.name) : i;
        if (at == count || values[at].tree) {
            nst_diag_add(expander->program->diags, NST_DIAG_UNKNOWN_ARGUMENT,
                         arg->name.name ? arg->name.span : call->span,
                         "template `%s` has no further parameter for this argument",
                         nst_name_text(template_->clause->name.name));
            return NULL;
        }
        values[at] = (NstMeta){ .kind = NST_META_TREE, .tree = arg->value };
    }
    return values;
}

static bool chain_ends(Walk *walk, NstSpan place, const NstItem *template_) {
    if (walk->stopped) return false;
    if (walk->chain < NST_EXPANSION_DEPTH) return true;
    nst_diag_add(walk->block->expander->program->diags, NST_DIAG_MISPLACED, place,
                 "the expansion of template `%s` does not end: it is %d expansions deep",
                 nst_name_text(template_->clause->name.name), NST_EXPANSION_DEPTH);
    walk->stopped = true;
    return false;
}

static void expand_call(Walk *walk, NstExpr *call, NstItem *template_) {
    Block *block = walk->block;
    NstExpander *expander = block->expander;
    if (!walk->chain) expander->nodes = 0;
    NstMeta *values = chain_ends(walk, call->span, template_) ? call_values(expander, call, template_) : NULL;
    if (!values) {
        make_error(call);
        return;
    }
    const NstMetaBinding *bindings = nst_template_bind(expander->program->arena, template_, values);
    NstExpansion x = nst_expansion_begin(expander, block->scope, template_, bindings, call->span, walk->chain + 1);
    *call = *nst_expansion_body(&x);
    if (x.copier.overflow) walk->stopped = true;
    add_items(block, &x, false, walk->chain + 1);
}

static NstItem *called_template(const Walk *walk, const NstExpr *expr) {
    if (expr->kind != NST_EXPR_CALL || expr->call.callee->kind != NST_EXPR_NAME) return NULL;
    NstName name = expr->call.callee->name.ident.name;
    for (size_t i = 0; i < walk->local_count; i++)
        if (walk->locals[i] == name) return NULL;
    NstItem *found = nst_template_find(walk->block->scope, name);
    if (!found || found->clause->param_count == expr->call.arg_count) return found;
    // A function of that name beside the template takes other numbers of arguments.
    const NstTemplateScope *scope = walk->block->scope;
    while (!own_template(scope, name)) scope = scope->parent;
    return declares_function(scope, name) ? NULL : found;
}

static bool visit_expr(void *context, NstExpr *expr);

static NstVisitor call_visitor_of(Walk *walk) {
    return (NstVisitor){ .context = walk, .expr = visit_expr };
}

static bool visit_expr(void *context, NstExpr *expr) {
    Walk *walk = context;
    unsigned chain = walk->chain;
    if (walk->depth >= MAX_EXPANDED_NESTING && chain) {
        nst_diag_add(walk->block->expander->program->diags, NST_DIAG_MISPLACED, expr->span,
                     "the expanded code nests too deeply");
        make_error(expr);
        return false;
    }
    walk->depth++;
    for (NstItem *template_; (template_ = called_template(walk, expr)); walk->chain++)
        expand_call(walk, expr, template_);
    NstVisitor visitor = call_visitor_of(walk);
    nst_walk_children(&visitor, expr);
    walk->depth--;
    walk->chain = chain;
    if (!chain) walk->stopped = false;
    return false;
}

// ---- Variables that hide templates ------------------------------------------------------

static void note_local(Walk *walk, NstName name) {
    if (!name || !nst_template_find(walk->block->scope, name)) return;
    NST_PUSH(walk->block->expander->program->arena, walk->locals, walk->local_count, walk->local_capacity, name);
}

static void note_pattern(Walk *walk, const NstPattern *pattern) {
    if (!pattern) return;
    if (pattern->kind == NST_PAT_NAME) note_local(walk, pattern->ident.name);
    for (size_t i = 0; i < pattern->item_count; i++) note_pattern(walk, pattern->items[i]);
    for (size_t i = 0; i < pattern->field_count; i++) note_pattern(walk, pattern->fields[i].pattern);
    note_pattern(walk, pattern->rest);
}

static void note_params(Walk *walk, const NstParam *params, size_t count) {
    for (size_t i = 0; i < count; i++) note_pattern(walk, params[i].pattern);
}

static void note_arms(Walk *walk, const NstArm *arms, size_t count) {
    for (size_t i = 0; i < count; i++) note_pattern(walk, arms[i].pattern);
}

static bool note_expr(void *context, NstExpr *expr) {
    Walk *walk = context;
    switch (expr->kind) {
    case NST_EXPR_LAMBDA: note_params(walk, expr->lambda->params, expr->lambda->param_count); break;
    case NST_EXPR_FOR: note_local(walk, expr->for_.var.name); break;
    case NST_EXPR_MATCH: note_arms(walk, expr->match.arms, expr->match.arm_count); break;
    case NST_EXPR_TRY: note_arms(walk, expr->try_.arms, expr->try_.arm_count); break;
    case NST_EXPR_RECEIVE: note_arms(walk, expr->receive.arms, expr->receive.arm_count); break;
    default: break;
    }
    return true;
}

static bool note_stmt(void *context, NstStmt *stmt) {
    Walk *walk = context;
    note_pattern(walk, stmt->pattern);
    for (size_t i = 0; i < stmt->clause_count; i++) {
        note_local(walk, stmt->clauses[i]->name.name);
        note_params(walk, stmt->clauses[i]->params, stmt->clauses[i]->param_count);
    }
    return true;
}

static void walk_clause(Block *block, NstClause *clause, unsigned chain) {
    if (!sees_templates(block->scope)) return;
    Walk walk = { .block = block, .chain = chain };
    NstVisitor notes = { .context = &walk, .expr = note_expr, .stmt = note_stmt };
    note_params(&walk, clause->params, clause->param_count);
    nst_walk_clause(&notes, clause);
    NstVisitor calls = call_visitor_of(&walk);
    nst_walk_clause(&calls, clause);
}

static void walk_value(Block *block, NstExpr *value, unsigned chain) {
    NstClause clause = { .body_expr = value };
    walk_clause(block, &clause, chain);
}

// ---- Decorators -------------------------------------------------------------------------

// The template of a decorator whose arguments fit, or null.
static NstItem *decorator_template(Block *block, const NstDecorator *decorator) {
    NstItem *template_ = nst_template_find(block->scope, decorator->name.name);
    if (!template_) {
        nst_diag_add(block->expander->program->diags, NST_DIAG_UNKNOWN_NAME, decorator->span, "unknown template `%s`",
                     nst_name_text(decorator->name.name));
        return NULL;
    }
    size_t params = template_->clause->param_count;
    if (params == decorator->arg_count + 1) return template_;
    if (params)
        report_arity(block->expander, decorator->span, template_, params - 1, decorator->arg_count, "decorator");
    else
        nst_diag_add(block->expander->program->diags, NST_DIAG_ARITY_MISMATCH, decorator->span,
                     "template `%s` has no parameter for what it decorates", nst_name_text(decorator->name.name));
    return NULL;
}

static NstExpansion begin_decorator(Block *block, const NstDecorator *decorator, NstItem *template_, NstMeta decorated,
                                    unsigned chain) {
    NstArena *arena = block->expander->program->arena;
    NstMeta *values = NST_NEW_ARRAY(arena, NstMeta, decorator->arg_count + 1);
    values[0] = decorated;
    for (size_t i = 0; i < decorator->arg_count; i++)
        values[i + 1] = (NstMeta){ .kind = NST_META_TREE, .tree = decorator->args[i] };
    block->expander->nodes = 0;
    return nst_expansion_begin(block->expander, block->scope, template_, nst_template_bind(arena, template_, values),
                               decorator->span, chain + 1);
}

static bool too_deep(Block *block, const NstDecorator *decorator, unsigned chain) {
    if (chain < NST_EXPANSION_DEPTH) return false;
    nst_diag_add(block->expander->program->diags, NST_DIAG_MISPLACED, decorator->span,
                 "the expansion of template `%s` does not end: it is %d expansions deep",
                 nst_name_text(decorator->name.name), NST_EXPANSION_DEPTH);
    return true;
}

// From the bottom up: each sees the body that the one below it has made.
static void decorate_function(Block *block, NstItem *item, unsigned chain) {
    for (size_t i = item->decorator_count; i-- > 0;) {
        const NstDecorator *decorator = &item->decorators[i];
        NstItem *template_ = decorator_template(block, decorator);
        if (!template_ || !item->clause->body_expr || too_deep(block, decorator, chain)) continue;
        NstMeta fn = { .kind = NST_META_FUNCTION, .item = item };
        NstExpansion x = begin_decorator(block, decorator, template_, fn, chain);
        item->clause->body_expr = nst_expansion_body(&x);
        add_items(block, &x, false, chain + 1);
    }
}

static void decorate_type(Block *block, NstItem *item, unsigned chain) {
    for (size_t i = item->decorator_count; i-- > 0;) {
        const NstDecorator *decorator = &item->decorators[i];
        NstItem *template_ = decorator_template(block, decorator);
        if (!template_) block->file->failed_expansion = true;
        if (!template_ || too_deep(block, decorator, chain)) continue;
        NstMeta type = { .kind = NST_META_TYPE, .item = item };
        NstExpansion x = begin_decorator(block, decorator, template_, type, chain);
        nst_expansion_items(&x);
        add_items(block, &x, true, chain + 1);
    }
}

// Clauses that may belong to one function: no annotations that tell them apart.
static bool same_function(const NstSources *sources, const NstClause *a, const NstClause *b) {
    if (a->name.name != b->name.name || a->param_count != b->param_count) return false;
    for (size_t i = 0; i < a->param_count; i++) {
        if (!a->params[i].annotation || !b->params[i].annotation) continue;
        NstText left = nst_span_text(sources, a->params[i].annotation->span);
        NstText right = nst_span_text(sources, b->params[i].annotation->span);
        if (left.size != right.size || memcmp(left.data, right.data, left.size) != 0) return false;
    }
    return true;
}

// A decorator stands before the whole function: later clauses have it, too, around their own.
static void share_decorators(NstProgram *program, NstItem *const *items, size_t count) {
    size_t *own = NST_NEW_ARRAY(program->arena, size_t, count);
    for (size_t i = 0; i < count; i++) own[i] = items[i]->decorator_count;
    for (size_t i = count; i-- > 0;) {
        if (items[i]->kind != NST_ITEM_FUNCTION || !own[i]) continue;
        const NstDecorator *shared = items[i]->decorators + (items[i]->decorator_count - own[i]);
        for (size_t j = i + 1; j < count; j++) {
            NstItem *later = items[j];
            if (later->kind != NST_ITEM_FUNCTION || !same_function(program->sources, items[i]->clause, later->clause))
                continue;
            NstDecorator *all = NST_NEW_ARRAY(program->arena, NstDecorator, own[i] + later->decorator_count);
            memcpy(all, shared, own[i] * sizeof *all);
            if (later->decorator_count) memcpy(all + own[i], later->decorators, later->decorator_count * sizeof *all);
            later->decorators = all;
            later->decorator_count += own[i];
        }
    }
}

// ---- Items ------------------------------------------------------------------------------

static bool visit_template(void *context, NstExpr *expr) {
    NstExpander *expander = context;
    if (expr->kind == NST_EXPR_SPLICE)
        nst_diag_add(expander->program->diags, NST_DIAG_MISPLACED, expr->span, "`~` is only allowed inside `quote`");
    return expr->kind != NST_EXPR_QUOTE && expr->kind != NST_EXPR_SPLICE;
}

static void expand_items(Block *block, NstItem **items, size_t count);

static void expand_module(Block *block, NstItem *item) {
    NstTemplateScope *scope = inner_scope(block->expander->program->arena, block->scope, item->name.name);
    Block inner = { .expander = block->expander, .file = block->file, .scope = scope };
    expand_items(&inner, item->module.items, item->module.item_count);
    item->module.items = inner.items;
    item->module.item_count = inner.count;
}

// Decorators come first in the whole block: calls then know all functions there are.
static void decorate_item(Block *block, NstItem *item, unsigned chain) {
    NstArena *arena = block->expander->program->arena;
    unsigned inner = item->decorator_count ? chain + 1 : chain;
    NST_PUSH(arena, block->items, block->count, block->capacity, item);
    NST_PUSH(arena, block->chains, block->chain_count, block->chain_capacity, inner);
    if (item->kind == NST_ITEM_FUNCTION) decorate_function(block, item, chain);
    if (item->kind == NST_ITEM_TYPE) decorate_type(block, item, chain);
}

static void expand_calls(Block *block, NstItem *item, unsigned chain) {
    switch (item->kind) {
    case NST_ITEM_FUNCTION: walk_clause(block, item->clause, chain); break;
    case NST_ITEM_TEMPLATE: {
        NstVisitor visitor = { .context = block->expander, .expr = visit_template };
        nst_walk_expr(&visitor, item->clause->body_expr);
        break;
    }
    case NST_ITEM_TRAIT:
        for (size_t i = 0; i < item->trait.method_count; i++) walk_clause(block, item->trait.methods[i], chain);
        break;
    case NST_ITEM_IMPL:
        for (size_t i = 0; i < item->impl.method_count; i++) walk_clause(block, item->impl.methods[i], chain);
        break;
    case NST_ITEM_MODULE: expand_module(block, item); break;
    case NST_ITEM_CONST:
    case NST_ITEM_BINDING:
    case NST_ITEM_MVAR:
    case NST_ITEM_TEST: walk_value(block, item->value.value, chain); break;
    case NST_ITEM_ERROR:
    case NST_ITEM_TYPE:
    case NST_ITEM_USE:
    case NST_ITEM_EXTERN_TYPE:
    case NST_ITEM_EXTERN: break;
    }
}

// Clauses of one function each run its decorators; a helper that comes out the same is meant once.
static bool already_added(const Block *block, const NstItem *item) {
    const NstSources *sources = block->expander->program->sources;
    const NstSource *made = nst_source(sources, nst_origin(sources, item->span.origin).source);
    NstText text = nst_span_text(sources, item->span);
    for (size_t i = 0; i < block->count; i++) {
        const NstItem *other = block->items[i];
        const NstSource *source = nst_source(sources, nst_origin(sources, other->span.origin).source);
        if (other->kind != item->kind || !source || memcmp(&source->parent, &made->parent, sizeof made->parent) != 0)
            continue;
        NstText known = nst_span_text(sources, other->span);
        if (known.size == text.size && memcmp(known.data, text.data, text.size) == 0) return true;
    }
    return false;
}

// Looks for `eval` in a template and in those that it calls.
typedef struct EvalSearch {
    const NstTemplateScope *scope;
    unsigned depth;
    bool found;
} EvalSearch;

static bool visit_for_eval(void *context, NstExpr *expr) {
    EvalSearch *search = context;
    if (expr->kind != NST_EXPR_NAME) return !search->found;
    search->found |= expr->name.ident.name == nst_name_z("eval");
    const NstItem *called = search->found ? NULL : nst_template_find(search->scope, expr->name.ident.name);
    if (!called) return !search->found;
    if (search->depth >= 8) return !(search->found = true);
    EvalSearch inner = { .scope = search->scope, .depth = search->depth + 1 };
    NstVisitor visitor = { .context = &inner, .expr = visit_for_eval };
    nst_walk_expr(&visitor, called->clause->body_expr);
    return !(search->found |= inner.found);
}

// Only `eval` makes functions where a function is decorated: what fails without it leaves no name unknown.
static bool may_make_functions(const NstExpansion *x) {
    EvalSearch search = { .scope = x->scope };
    NstVisitor visitor = { .context = &search, .expr = visit_for_eval };
    nst_walk_expr(&visitor, x->template_->clause->body_expr);
    return search.found;
}

static void add_items(Block *block, NstExpansion *x, bool public_, unsigned chain) {
    if (block->expander->failed && (public_ || may_make_functions(x))) block->file->failed_expansion = true;
    block->expander->failed = false;
    for (size_t i = 0; i < x->item_count; i++) {
        NstItem *item = x->items[i];
        item->public_ = public_;
        if (item->kind == NST_ITEM_FUNCTION) item->clause->public_ = public_;
        if (!public_ && already_added(block, item)) continue;
        declare_items(block->expander, block->scope, &item, 1);
        decorate_item(block, item, chain);
    }
}

static void expand_items(Block *block, NstItem **items, size_t count) {
    share_decorators(block->expander->program, items, count);
    for (size_t i = 0; i < count; i++) decorate_item(block, items[i], 0);
    // Expansions of calls may add further items.
    for (size_t i = 0; i < block->count; i++) expand_calls(block, block->items[i], block->chains[i]);
}

void nst_expand_program(NstProgram *program) {
    NstExpander expander = { .program = program };
    NstTemplateScope *roots = NST_NEW_ARRAY(program->arena, NstTemplateScope, program->file_count);
    for (size_t i = 0; i < program->file_count; i++)
        declare_items(&expander, &roots[i], program->files[i].ast->items, program->files[i].ast->item_count);
    if (!expander.needed) return;
    program->templated = true;
    for (size_t i = 0; i < program->file_count; i++) {
        NstFileAst *file = program->files[i].ast;
        Block block = { .expander = &expander, .file = file, .scope = &roots[i] };
        expander.failed = false;
        expand_items(&block, file->items, file->item_count);
        file->items = block.items;
        file->item_count = block.count;
    }
}

// ---- Calls inside splices ---------------------------------------------------------------

static NstMeta nested_value(NstExpansion *x, NstExpr *argument) {
    NstMeta value;
    while (argument->kind == NST_EXPR_SPLICE) argument = argument->unary.operand;
    bool whole = argument->kind == NST_EXPR_NAME && nst_meta_binding(x, argument->name.ident.name);
    if (whole && nst_meta_eval(x, argument, &value) == NST_META_OK) return value;
    bool spliced = x->spliced;
    x->spliced = true;
    value = (NstMeta){ .kind = NST_META_TREE, .tree = nst_copy_expr(&x->copier, argument) };
    x->spliced = spliced;
    return value;
}

NstExpr *nst_expand_nested_call(NstExpansion *x, NstExpr *call, NstItem *template_) {
    size_t count = template_->clause->param_count;
    if (call->call.arg_count != count || x->depth >= NST_EXPANSION_DEPTH) {
        bool deep = x->depth >= NST_EXPANSION_DEPTH;
        const char *name = nst_name_text(template_->clause->name.name);
        if (deep)
            nst_expansion_error(x, NST_DIAG_MISPLACED, call->span, "the expansion of template `%s` does not end", name);
        else
            nst_expansion_error(x, NST_DIAG_ARITY_MISMATCH, call->span, "template `%s` takes %zu argument%s, %zu given",
                                name, count, count == 1 ? "" : "s", call->call.arg_count);
        return nst_expansion_error_expr(x, call->span);
    }
    NstMeta *values = NST_NEW_ARRAY(x->arena, NstMeta, count);
    for (size_t i = 0; i < count; i++) values[i] = nested_value(x, call->call.args[i].value);
    NstExpansion inner =
        nst_expansion_begin(x->expander, x->scope, template_, nst_template_bind(x->arena, template_, values),
                            nst_expansion_span(x, call->span), x->depth + 1);
    NstExpr *body = nst_expansion_body(&inner);
    for (size_t i = 0; i < inner.item_count; i++)
        NST_PUSH(x->arena, x->items, x->item_count, x->item_capacity, inner.items[i]);
    return body;
}
