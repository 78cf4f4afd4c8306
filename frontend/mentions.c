#include "frontend/mentions.h"

#include "frontend/walk.h"

static void say(const NstMentions *m, NstName name) {
    if (name) m->name(m->context, name);
}

static void say_all(const NstMentions *m, const NstIdent *names, size_t count) {
    for (size_t i = 0; i < count; i++) say(m, names[i].name);
}

static void in_type(const NstMentions *m, const NstTypeExpr *type) {
    if (!type) return;
    say_all(m, type->path, type->path_len);
    for (size_t i = 0; i < type->arg_count; i++) in_type(m, type->args[i]);
    in_type(m, type->result);
}

static void in_type_params(const NstMentions *m, const NstTypeParam *params, size_t count) {
    for (size_t i = 0; i < count; i++) say_all(m, params[i].bounds, params[i].bound_count);
}

// ---- Bodies -----------------------------------------------------------------------------

static void in_pattern(const NstMentions *m, const NstPattern *p) {
    if (!p) return;
    if (p->kind == NST_PAT_CTOR || p->kind == NST_PAT_PIN) say(m, p->ident.name);
    for (size_t i = 0; i < p->item_count; i++) {
        if (p->keys) in_pattern(m, p->keys[i]);
        in_pattern(m, p->items[i]);
    }
    for (size_t i = 0; i < p->field_count; i++) in_pattern(m, p->fields[i].pattern);
    in_pattern(m, p->rest);
}

static void in_arms(const NstMentions *m, const NstArm *arms, size_t count) {
    for (size_t i = 0; i < count; i++) in_pattern(m, arms[i].pattern);
}

static void in_params(const NstMentions *m, const NstParam *params, size_t count) {
    for (size_t i = 0; i < count; i++) {
        in_type(m, params[i].annotation);
        in_pattern(m, params[i].pattern);
    }
}

static void in_signature(const NstMentions *m, const NstClause *clause) {
    in_type_params(m, clause->type_params, clause->type_param_count);
    in_params(m, clause->params, clause->param_count);
    in_type(m, clause->result);
}

static void in_name(const NstMentions *m, const NstExpr *e) {
    say(m, e->name.ident.name);
    bool qualified = e->span.origin != e->name.ident.span.origin || e->span.start != e->name.ident.span.start;
    if (qualified && m->qualified) m->qualified(m->context, e);
}

static bool in_expr(void *context, NstExpr *e) {
    const NstMentions *m = context;
    switch (e->kind) {
    case NST_EXPR_NAME: in_name(m, e); break;
    case NST_EXPR_FIELD: say(m, e->field.field.name); break;
    case NST_EXPR_METHOD: say(m, e->call.method.name); // fall through
    case NST_EXPR_CALL:
        for (size_t i = 0; i < e->call.type_arg_count; i++) in_type(m, e->call.type_args[i]);
        break;
    case NST_EXPR_LAMBDA:
        in_params(m, e->lambda->params, e->lambda->param_count);
        in_type(m, e->lambda->result);
        break;
    case NST_EXPR_MATCH: in_arms(m, e->match.arms, e->match.arm_count); break;
    case NST_EXPR_TRY: in_arms(m, e->try_.arms, e->try_.arm_count); break;
    case NST_EXPR_RECEIVE: in_arms(m, e->receive.arms, e->receive.arm_count); break;
    default: break;
    }
    return true;
}

static bool in_stmt(void *context, NstStmt *stmt) {
    const NstMentions *m = context;
    in_type(m, stmt->annotation);
    in_pattern(m, stmt->pattern);
    for (size_t i = 0; i < stmt->clause_count; i++) in_signature(m, stmt->clauses[i]);
    return true;
}

static void in_code(const NstMentions *m, NstExpr *e) {
    NstVisitor visitor = { (void *)(uintptr_t)m, in_expr, in_stmt };
    nst_walk_expr(&visitor, e);
}

void nst_mentions_of_clause(const NstMentions *m, const NstClause *clause) {
    in_signature(m, clause);
    NstVisitor visitor = { (void *)(uintptr_t)m, in_expr, in_stmt };
    nst_walk_clause(&visitor, (NstClause *)(uintptr_t)clause);
}

// ---- Items ------------------------------------------------------------------------------

static void in_clauses(const NstMentions *m, NstClause *const *clauses, size_t count) {
    for (size_t i = 0; i < count; i++) nst_mentions_of_clause(m, clauses[i]);
}

static void in_type_item(const NstMentions *m, const NstItem *item) {
    in_type_params(m, item->type.params, item->type.param_count);
    in_type(m, item->type.alias);
    for (size_t i = 0; i < item->type.ctor_count; i++)
        for (size_t k = 0; k < item->type.ctors[i].field_count; k++) in_type(m, item->type.ctors[i].fields[k].type);
}

void nst_mentions_of_item(const NstMentions *m, const NstItem *item) {
    for (size_t i = 0; i < item->decorator_count; i++) {
        say(m, item->decorators[i].name.name);
        for (size_t k = 0; k < item->decorators[i].arg_count; k++) in_code(m, item->decorators[i].args[k]);
    }
    switch (item->kind) {
    case NST_ITEM_FUNCTION:
    case NST_ITEM_TEMPLATE:
    case NST_ITEM_EXTERN: nst_mentions_of_clause(m, item->clause); break;
    case NST_ITEM_TYPE: in_type_item(m, item); break;
    case NST_ITEM_TRAIT:
        say_all(m, item->trait.supers, item->trait.super_count);
        in_clauses(m, item->trait.methods, item->trait.method_count);
        break;
    case NST_ITEM_IMPL:
        in_type(m, item->impl.head);
        say(m, item->impl.trait.name);
        for (size_t i = 0; i < item->impl.bound_count; i++)
            say_all(m, item->impl.bounds[i].traits, item->impl.bounds[i].trait_count);
        in_clauses(m, item->impl.methods, item->impl.method_count);
        break;
    case NST_ITEM_MODULE:
        for (size_t i = 0; i < item->module.item_count; i++) nst_mentions_of_item(m, item->module.items[i]);
        break;
    case NST_ITEM_CONST:
    case NST_ITEM_BINDING:
    case NST_ITEM_MVAR:
    case NST_ITEM_TEST:
        in_type(m, item->value.type);
        in_code(m, item->value.value);
        break;
    case NST_ITEM_USE:
    case NST_ITEM_EXTERN_TYPE:
    case NST_ITEM_ERROR: break;
    }
}
