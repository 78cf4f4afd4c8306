#include "frontend/expand_copy.h"

#include "frontend/guard.h"

enum { MAX_DEPTH = 2 * NST_MAX_NESTING }; // a template and an argument may each be as deep as a file

// ---- Parts ------------------------------------------------------------------------------

static NstSpan copy_span(NstCopier *c, NstSpan span) {
    return c->span ? c->span(c->context, span) : span;
}

static NstIdent copy_ident(NstCopier *c, NstIdent ident) {
    if (ident.name) ident.span = copy_span(c, ident.span);
    return ident;
}

static NstIdent *copy_idents(NstCopier *c, const NstIdent *idents, size_t count) {
    if (!count) return NULL;
    NstIdent *copy = nst_arena_copy(c->arena, idents, count * sizeof *idents);
    for (size_t i = 0; i < count; i++) copy[i] = copy_ident(c, copy[i]);
    return copy;
}

static bool enter(NstCopier *c) {
    if (++c->depth > MAX_DEPTH || (c->node_limit && ++c->nodes > c->node_limit)) c->overflow = true;
    return !c->overflow;
}

static NstTypeExpr *copy_type(NstCopier *c, const NstTypeExpr *type);

static NstTypeExpr **copy_types(NstCopier *c, NstTypeExpr *const *types, size_t count) {
    NstTypeExpr **copy = count ? NST_NEW_ARRAY(c->arena, NstTypeExpr *, count) : NULL;
    for (size_t i = 0; i < count; i++) copy[i] = copy_type(c, types[i]);
    return copy;
}

static NstTypeExpr *copy_type(NstCopier *c, const NstTypeExpr *type) {
    if (!type) return NULL;
    NstTypeExpr *copy = nst_arena_copy(c->arena, type, sizeof *type);
    copy->span = copy_span(c, type->span);
    if (enter(c)) {
        copy->path = copy_idents(c, type->path, type->path_len);
        copy->args = copy_types(c, type->args, type->arg_count);
        copy->result = copy_type(c, type->result);
    } else {
        copy->kind = NST_TEXPR_ERROR;
    }
    c->depth--;
    return copy;
}

static NstPattern *copy_pattern(NstCopier *c, const NstPattern *pattern);

static NstPattern **copy_patterns(NstCopier *c, NstPattern *const *patterns, size_t count) {
    if (!patterns) return NULL;
    NstPattern **copy = NST_NEW_ARRAY(c->arena, NstPattern *, count);
    for (size_t i = 0; i < count; i++) copy[i] = copy_pattern(c, patterns[i]);
    return copy;
}

static NstPattern *copy_pattern(NstCopier *c, const NstPattern *pattern) {
    if (!pattern) return NULL;
    NstPattern *copy = nst_arena_copy(c->arena, pattern, sizeof *pattern);
    copy->span = copy_span(c, pattern->span);
    copy->ident = copy_ident(c, pattern->ident);
    if (enter(c)) {
        copy->pin = nst_copy_expr(c, pattern->pin);
        copy->items = copy_patterns(c, pattern->items, pattern->item_count);
        copy->keys = copy_patterns(c, pattern->keys, pattern->item_count);
        copy->rest = copy_pattern(c, pattern->rest);
        copy->fields = nst_arena_copy(c->arena, pattern->fields, pattern->field_count * sizeof *pattern->fields);
        for (size_t i = 0; i < pattern->field_count; i++) {
            copy->fields[i].name = copy_ident(c, pattern->fields[i].name);
            copy->fields[i].pattern = copy_pattern(c, pattern->fields[i].pattern);
        }
    } else {
        copy->kind = NST_PAT_ERROR;
    }
    c->depth--;
    return copy;
}

static NstParam *copy_params(NstCopier *c, const NstParam *params, size_t count) {
    NstParam *copy = nst_arena_copy(c->arena, params, count * sizeof *params);
    for (size_t i = 0; i < count; i++) {
        copy[i].pattern = copy_pattern(c, params[i].pattern);
        copy[i].annotation = copy_type(c, params[i].annotation);
        copy[i].default_value = nst_copy_expr(c, params[i].default_value);
        copy[i].span = copy_span(c, params[i].span);
    }
    return copy;
}

static NstTypeParam *copy_type_params(NstCopier *c, const NstTypeParam *params, size_t count) {
    NstTypeParam *copy = nst_arena_copy(c->arena, params, count * sizeof *params);
    for (size_t i = 0; i < count; i++) {
        copy[i].name = copy_ident(c, params[i].name);
        copy[i].bounds = copy_idents(c, params[i].bounds, params[i].bound_count);
    }
    return copy;
}

NstClause *nst_copy_clause(NstCopier *c, const NstClause *clause) {
    NstClause *copy = nst_arena_copy(c->arena, clause, sizeof *clause);
    copy->span = copy_span(c, clause->span);
    copy->name = copy_ident(c, clause->name);
    copy->type_params = copy_type_params(c, clause->type_params, clause->type_param_count);
    copy->params = copy_params(c, clause->params, clause->param_count);
    copy->guard = nst_copy_expr(c, clause->guard);
    copy->result = copy_type(c, clause->result);
    copy->body_expr = nst_copy_expr(c, clause->body_expr);
    return copy;
}

static NstArm *copy_arms(NstCopier *c, const NstArm *arms, size_t count) {
    NstArm *copy = nst_arena_copy(c->arena, arms, count * sizeof *arms);
    for (size_t i = 0; i < count; i++) {
        copy[i].pattern = copy_pattern(c, arms[i].pattern);
        copy[i].guard = nst_copy_expr(c, arms[i].guard);
        copy[i].body = nst_copy_expr(c, arms[i].body);
        copy[i].span = copy_span(c, arms[i].span);
    }
    return copy;
}

// ---- Sequences --------------------------------------------------------------------------

NstExpr *nst_expr_new(NstArena *arena, NstExprKind kind, NstSpan span) {
    NstExpr *expr = NST_NEW(arena, NstExpr);
    expr->kind = kind;
    expr->span = span;
    return expr;
}

NstStmt *nst_expr_stmt(NstArena *arena, NstExpr *value) {
    NstStmt *stmt = NST_NEW(arena, NstStmt);
    stmt->kind = NST_STMT_EXPR;
    stmt->span = value->span;
    stmt->value = value;
    return stmt;
}

void nst_sequence_add(NstArena *arena, NstSequence *sequence, NstStmt *stmt) {
    NST_PUSH(arena, sequence->stmts, sequence->count, sequence->capacity, stmt);
}

void nst_sequence_add_expr(NstArena *arena, NstSequence *sequence, NstExpr *value) {
    nst_sequence_add(arena, sequence, nst_expr_stmt(arena, value));
}

static void copy_element(NstCopier *c, NstExpr *element, NstExprKind within, NstSequence *out) {
    if (c->elements && c->elements(c->context, element, within, out)) return;
    nst_sequence_add_expr(c->arena, out, nst_copy_expr(c, element));
}

static void copy_seq(NstCopier *c, const NstExpr *from, NstExpr *to) {
    NstSequence elements = { 0 };
    bool pairs = from->kind == NST_EXPR_MAP; // keys and values alternate: one element each
    for (size_t i = 0; i < from->seq.count; i++) {
        if (pairs) nst_sequence_add_expr(c->arena, &elements, nst_copy_expr(c, from->seq.items[i]));
        else copy_element(c, from->seq.items[i], from->kind, &elements);
    }
    to->seq.count = elements.count;
    to->seq.items = NST_NEW_ARRAY(c->arena, NstExpr *, elements.count);
    for (size_t i = 0; i < elements.count; i++) to->seq.items[i] = elements.stmts[i]->value;
    to->seq.rest = nst_copy_expr(c, from->seq.rest);
}

static void copy_args(NstCopier *c, const NstExpr *from, NstExpr *to) {
    NstArg *args = NULL;
    size_t count = 0, capacity = 0;
    for (size_t i = 0; i < from->call.arg_count; i++) {
        NstArg arg = from->call.args[i];
        NstSequence elements = { 0 };
        if (arg.name.name) nst_sequence_add_expr(c->arena, &elements, nst_copy_expr(c, arg.value));
        else copy_element(c, arg.value, from->kind, &elements);
        arg.name = copy_ident(c, arg.name);
        for (size_t e = 0; e < elements.count; e++) {
            arg.value = elements.stmts[e]->value;
            NST_PUSH(c->arena, args, count, capacity, arg);
        }
    }
    to->call.args = args;
    to->call.arg_count = count;
}

NstStmt *nst_copy_stmt(NstCopier *c, const NstStmt *stmt) {
    NstStmt *copy = nst_arena_copy(c->arena, stmt, sizeof *stmt);
    copy->span = copy_span(c, stmt->span);
    copy->value = nst_copy_expr(c, stmt->value);
    copy->pattern = copy_pattern(c, stmt->pattern);
    copy->annotation = copy_type(c, stmt->annotation);
    copy->place = nst_copy_expr(c, stmt->place);
    copy->clauses = NST_NEW_ARRAY(c->arena, NstClause *, stmt->clause_count);
    for (size_t i = 0; i < stmt->clause_count; i++) copy->clauses[i] = nst_copy_clause(c, stmt->clauses[i]);
    // The copy may have lost the form of a place: what was spliced is none.
    bool place = !copy->place || (copy->place->kind == stmt->place->kind);
    if (!place) copy->place->kind = NST_EXPR_ERROR;
    return copy;
}

void nst_copy_block_stmts(NstCopier *c, const NstExpr *block, NstSequence *out) {
    for (size_t i = 0; i < block->block.count; i++) {
        NstStmt *stmt = block->block.stmts[i];
        if (c->stmts && c->stmts(c->context, stmt, out)) continue;
        nst_sequence_add(c->arena, out, nst_copy_stmt(c, stmt));
    }
}

// ---- Expressions ------------------------------------------------------------------------

static void copy_lambda(NstCopier *c, const NstExpr *from, NstExpr *to) {
    NstLambda *lambda = nst_arena_copy(c->arena, from->lambda, sizeof *lambda);
    lambda->params = copy_params(c, from->lambda->params, from->lambda->param_count);
    lambda->result = copy_type(c, from->lambda->result);
    lambda->body_expr = nst_copy_expr(c, from->lambda->body_expr);
    to->lambda = lambda;
}

static void copy_string(NstCopier *c, const NstExpr *from, NstExpr *to) {
    to->string.parts = nst_arena_copy(c->arena, from->string.parts, from->string.part_count * sizeof *to->string.parts);
    for (size_t i = 0; i < from->string.part_count; i++)
        to->string.parts[i].expr = nst_copy_expr(c, from->string.parts[i].expr);
}

static void copy_contents(NstCopier *c, NstExpr *from, NstExpr *to) {
    switch (from->kind) {
    case NST_EXPR_ERROR:
    case NST_EXPR_LITERAL:
    case NST_EXPR_WILDCARD:
    case NST_EXPR_CONTINUE: break;
    case NST_EXPR_NAME: to->name.ident = copy_ident(c, from->name.ident); break;
    case NST_EXPR_STRING: copy_string(c, from, to); break;
    case NST_EXPR_TUPLE:
    case NST_EXPR_LIST:
    case NST_EXPR_MAP:
    case NST_EXPR_SET: copy_seq(c, from, to); break;
    case NST_EXPR_BLOCK: {
        NstSequence stmts = { 0 };
        nst_copy_block_stmts(c, from, &stmts);
        to->block.stmts = stmts.stmts;
        to->block.count = stmts.count;
        break;
    }
    case NST_EXPR_LAMBDA: copy_lambda(c, from, to); break;
    case NST_EXPR_IF:
        to->branch.cond = nst_copy_expr(c, from->branch.cond);
        to->branch.then = nst_copy_expr(c, from->branch.then);
        to->branch.otherwise = nst_copy_expr(c, from->branch.otherwise);
        break;
    case NST_EXPR_MATCH:
        to->match.scrutinee = nst_copy_expr(c, from->match.scrutinee);
        to->match.arms = copy_arms(c, from->match.arms, from->match.arm_count);
        break;
    case NST_EXPR_TRY:
        to->try_.body = nst_copy_expr(c, from->try_.body);
        to->try_.arms = copy_arms(c, from->try_.arms, from->try_.arm_count);
        to->try_.finally = nst_copy_expr(c, from->try_.finally);
        break;
    case NST_EXPR_WHILE:
        to->loop.cond = nst_copy_expr(c, from->loop.cond);
        to->loop.body = nst_copy_expr(c, from->loop.body);
        break;
    case NST_EXPR_FOR:
        to->for_.var = copy_ident(c, from->for_.var);
        to->for_.from = nst_copy_expr(c, from->for_.from);
        to->for_.to = nst_copy_expr(c, from->for_.to);
        to->for_.body = nst_copy_expr(c, from->for_.body);
        break;
    case NST_EXPR_RECEIVE:
        to->receive.arms = copy_arms(c, from->receive.arms, from->receive.arm_count);
        to->receive.after_time = nst_copy_expr(c, from->receive.after_time);
        to->receive.after_body = nst_copy_expr(c, from->receive.after_body);
        break;
    case NST_EXPR_SPAWN: to->spawn.operand = nst_copy_expr(c, from->spawn.operand); break;
    case NST_EXPR_UNARY:
    case NST_EXPR_BINARY:
    case NST_EXPR_SEND:
        to->binary.left = nst_copy_expr(c, from->binary.left);
        to->binary.right = nst_copy_expr(c, from->binary.right);
        break;
    case NST_EXPR_QUOTE:
    case NST_EXPR_SPLICE:
    case NST_EXPR_BREAK:
    case NST_EXPR_RETURN:
    case NST_EXPR_TRY_OP: to->unary.operand = nst_copy_expr(c, from->unary.operand); break;
    case NST_EXPR_CALL:
    case NST_EXPR_METHOD:
        to->call.callee = nst_copy_expr(c, from->call.callee);
        to->call.method = copy_ident(c, from->call.method);
        to->call.type_args = copy_types(c, from->call.type_args, from->call.type_arg_count);
        copy_args(c, from, to);
        break;
    case NST_EXPR_FIELD:
    case NST_EXPR_TUPLE_INDEX:
        to->field.receiver = nst_copy_expr(c, from->field.receiver);
        to->field.field = copy_ident(c, from->field.field);
        break;
    case NST_EXPR_RANGE_LIST:
    case NST_EXPR_INDEX:
        to->index.receiver = nst_copy_expr(c, from->index.receiver);
        to->index.index = nst_copy_expr(c, from->index.index);
        break;
    }
}

NstExpr *nst_copy_expr(NstCopier *c, NstExpr *expr) {
    if (!expr) return NULL;
    NstExpr *copy = NULL;
    if (!enter(c)) {
        copy = nst_expr_new(c->arena, NST_EXPR_ERROR, copy_span(c, expr->span));
    } else if (!c->expr || !c->expr(c->context, expr, &copy)) {
        copy = nst_arena_copy(c->arena, expr, sizeof *expr);
        copy->span = copy_span(c, expr->span);
        copy_contents(c, expr, copy);
    }
    c->depth--;
    return copy;
}
