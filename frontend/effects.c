#include "frontend/effects.h"

#include <stdlib.h>

#include "frontend/check_cache.h"
#include "frontend/walk.h"

typedef struct Summary {
    NstArena *arena;
    NstEffects effects;
    size_t capacity;
    bool spawned, deferred;
    const NstMvar *own;      // the mvar into which everything goes that is read here
    const NstExpr *discarded; // the update call whose value nobody takes
} Summary;

static NstEffect *add(Summary *s, NstEffectKind kind) {
    NstEffect effect = { .kind = kind, .spawned = s->spawned, .deferred = s->deferred };
    NST_PUSH(s->arena, s->effects.items, s->effects.count, s->capacity, effect);
    return &s->effects.items[s->effects.count - 1];
}

NstFunction *nst_called_function(const NstExpr *e) {
    if (e->kind != NST_EXPR_CALL && e->kind != NST_EXPR_METHOD) return NULL;
    const NstExpr *named = e;
    if (e->target != NST_TARGET_FUNCTION && e->kind == NST_EXPR_CALL) named = e->call.callee;
    if (named->target == NST_TARGET_FUNCTION) return named->to.fn;
    if (named->target == NST_TARGET_OVERLOADS && named->to.overloads.count == 1) return named->to.overloads.fns[0];
    return NULL;
}

// ---- Values that go nowhere else --------------------------------------------------------

// Whether an expression only computes: nothing in it could show the value to anybody.
static bool observe(void *context, NstExpr *e) {
    bool *only_computes = context;
    switch (e->kind) {
    case NST_EXPR_BLOCK:
    case NST_EXPR_LAMBDA:
    case NST_EXPR_TRY:
    case NST_EXPR_WHILE:
    case NST_EXPR_FOR:
    case NST_EXPR_RECEIVE:
    case NST_EXPR_SPAWN:
    case NST_EXPR_SEND:
    case NST_EXPR_RETURN:
    case NST_EXPR_BREAK:
    case NST_EXPR_TRY_OP: *only_computes = false; break;
    case NST_EXPR_CALL: *only_computes &= e->target == NST_TARGET_CTOR; break;
    case NST_EXPR_UNARY:
    case NST_EXPR_BINARY: *only_computes &= e->target != NST_TARGET_FUNCTION || e->to.fn->library; break;
    case NST_EXPR_METHOD: {
        NstFunction *fn = nst_called_function(e);
        *only_computes &= fn && fn->library;
        break;
    }
    default: break;
    }
    return *only_computes;
}

static bool only_computes(NstExpr *e) {
    bool result = true;
    NstVisitor visitor = { &result, observe, NULL };
    nst_walk_expr(&visitor, e);
    return result;
}

static bool update_is_own(const Summary *s, const NstExpr *update) {
    if (update != s->discarded || update->call.arg_count != 1) return false;
    const NstExpr *function = update->call.args[0].value;
    return function->kind == NST_EXPR_LAMBDA && only_computes(function->lambda->body_expr);
}

// ---- One body ---------------------------------------------------------------------------

static bool visit_expr(void *context, NstExpr *e);
static bool visit_stmt(void *context, NstStmt *stmt);

static NstVisitor visitor_of(Summary *s) { return (NstVisitor){ s, visit_expr, visit_stmt }; }

static void children(Summary *s, NstExpr *e, bool spawned, bool deferred) {
    Summary outer = *s;
    s->spawned |= spawned;
    s->deferred |= deferred;
    NstVisitor visitor = visitor_of(s);
    nst_walk_children(&visitor, e);
    s->spawned = outer.spawned;
    s->deferred = outer.deferred;
}

static void visit_call(Summary *s, NstExpr *e) {
    NstFunction *fn = nst_called_function(e);
    if (!fn) return;
    NstEffect *effect = add(s, NST_EFFECT_CALL);
    effect->expr = e;
    effect->fn = fn;
}

// The receiver is the name of the mvar, which is not read for itself; the function runs while the mvar is held.
static void visit_update(Summary *s, NstExpr *e) {
    NstEffect *effect = add(s, NST_EFFECT_UPDATE);
    effect->expr = e;
    effect->mvar = e->to.mvar;
    effect->own = update_is_own(s, e);
    NstVisitor visitor = visitor_of(s);
    for (size_t i = 0; i < e->call.arg_count; i++) {
        NstExpr *function = e->call.args[i].value;
        if (function->kind == NST_EXPR_LAMBDA) nst_walk_children(&visitor, function);
        else nst_walk_expr(&visitor, function);
    }
}

static void visit_block(Summary *s, NstExpr *block) {
    NstVisitor visitor = visitor_of(s);
    for (size_t i = 0; i < block->block.count; i++) {
        NstStmt *stmt = block->block.stmts[i];
        s->discarded = i + 1 < block->block.count && stmt->kind == NST_STMT_EXPR ? stmt->value : NULL;
        nst_walk_stmt(&visitor, stmt);
    }
}

static bool visit_expr(void *context, NstExpr *e) {
    Summary *s = context;
    switch (e->kind) {
    case NST_EXPR_BLOCK: visit_block(s, e); return false;
    case NST_EXPR_SEND: {
        NstEffect *effect = add(s, NST_EFFECT_SEND);
        effect->expr = e;
        effect->message = nst_shape_of(s->arena, e->binary.right);
        return true;
    }
    case NST_EXPR_RECEIVE:
        add(s, NST_EFFECT_RECEIVE)->expr = e;
        s->effects.receives |= !s->spawned;
        s->effects.loose = true;
        return true;
    case NST_EXPR_TRY: s->effects.loose |= e->try_.has_catch; return true;
    case NST_EXPR_SPAWN: children(s, e, true, false); return false;
    case NST_EXPR_LAMBDA: children(s, e, false, true); return false;
    case NST_EXPR_METHOD:
        if (e->target == NST_TARGET_MVAR_UPDATE) {
            visit_update(s, e);
            return false;
        }
        visit_call(s, e);
        return true;
    case NST_EXPR_CALL: visit_call(s, e); return true;
    default: break;
    }
    if (e->target == NST_TARGET_MVAR) {
        NstEffect *effect = add(s, NST_EFFECT_READ);
        effect->expr = e;
        effect->mvar = e->to.mvar;
        effect->own = e->to.mvar == s->own;
    }
    return true;
}

// The root of a place is written, the indexes on the way are read.
static void visit_place(Summary *s, NstExpr *place) {
    NstVisitor visitor = visitor_of(s);
    for (NstExpr *at = place; at;) {
        if (at->kind == NST_EXPR_FIELD || at->kind == NST_EXPR_TUPLE_INDEX) at = at->field.receiver;
        else if (at->kind == NST_EXPR_INDEX) {
            nst_walk_expr(&visitor, at->index.index);
            at = at->index.receiver;
        } else break;
    }
}

static void visit_mvar_stmt(Summary *s, NstStmt *stmt) {
    bool part = stmt->kind != NST_STMT_BIND;
    NstEffect *effect = add(s, part ? NST_EFFECT_PART : NST_EFFECT_ASSIGN);
    effect->stmt = stmt;
    effect->mvar = stmt->mvar;
    if (part) visit_place(s, stmt->place);
    const NstMvar *outer = s->own;
    s->own = only_computes(stmt->value) ? stmt->mvar : NULL;
    NstVisitor visitor = visitor_of(s);
    nst_walk_expr(&visitor, stmt->value);
    s->own = outer;
}

static bool visit_stmt(void *context, NstStmt *stmt) {
    Summary *s = context;
    if (stmt->mvar) {
        visit_mvar_stmt(s, stmt);
        return false;
    }
    if (stmt->kind == NST_STMT_FUNCTION) {
        bool outer = s->deferred;
        s->deferred = true;
        NstVisitor visitor = visitor_of(s);
        for (size_t i = 0; i < stmt->clause_count; i++) nst_walk_clause(&visitor, stmt->clauses[i]);
        s->deferred = outer;
        return false;
    }
    return true;
}

NstEffects nst_effects_of_clauses(NstArena *arena, NstClause *const *clauses, size_t count) {
    Summary s = { .arena = arena };
    NstVisitor visitor = visitor_of(&s);
    for (size_t i = 0; i < count; i++) nst_walk_clause(&visitor, clauses[i]);
    return s.effects;
}

NstEffects nst_effects_of_expr(NstArena *arena, NstExpr *expr) {
    Summary s = { .arena = arena };
    NstVisitor visitor = visitor_of(&s);
    nst_walk_expr(&visitor, expr);
    return s.effects;
}

// ---- A program --------------------------------------------------------------------------

// For each function those that call it by name, as lists in one array: the callers of `f` are at
// callers[first[f]] … callers[first[f + 1] - 1].
typedef struct Callers {
    uint32_t *first, *callers;
} Callers;

static bool is_edge(const NstEffect *effect) {
    return effect->kind == NST_EFFECT_CALL && !effect->spawned && !effect->fn->library;
}

static Callers callers_of(const NstEffectTable *table) {
    size_t n = table->function_count;
    Callers c = { nst_calloc(n + 2, sizeof *c.first), NULL };
    for (size_t f = 0; f < n; f++)
        for (size_t i = 0; i < table->functions[f].count; i++)
            if (is_edge(&table->functions[f].items[i])) c.first[table->functions[f].items[i].fn->id + 1]++;
    for (size_t f = 0; f < n; f++) c.first[f + 1] += c.first[f];
    c.callers = nst_calloc(c.first[n] + 1, sizeof *c.callers);
    uint32_t *next = nst_calloc(n + 1, sizeof *next);
    memcpy(next, c.first, n * sizeof *next);
    for (size_t f = 0; f < n; f++)
        for (size_t i = 0; i < table->functions[f].count; i++)
            if (is_edge(&table->functions[f].items[i]))
                c.callers[next[table->functions[f].items[i].fn->id]++] = (uint32_t)f;
    free(next);
    return c;
}

// Every function is put on the work list at most once: when it is found to receive.
static void close_receives(NstEffectTable *table) {
    size_t n = table->function_count, top = 0;
    uint32_t *work = nst_calloc(n + 1, sizeof *work);
    for (size_t f = 0; f < n; f++)
        if (table->functions[f].receives) work[top++] = (uint32_t)f;
    if (top) {
        Callers c = callers_of(table);
        while (top) {
            uint32_t f = work[--top];
            for (uint32_t i = c.first[f]; i < c.first[f + 1]; i++) {
                NstEffects *caller = &table->functions[c.callers[i]];
                if (!caller->receives) work[top++] = c.callers[i];
                caller->receives = true;
            }
        }
        free(c.first);
        free(c.callers);
    }
    free(work);
}

NstEffectTable nst_effects_build(NstArena *arena, NstProgram *program) {
    NstEffectTable table = { .function_count = program->function_count, .initialiser_count = program->mvar_count };
    table.functions = NST_NEW_ARRAY(arena, NstEffects, table.function_count + 1);
    table.initialisers = NST_NEW_ARRAY(arena, NstEffects, table.initialiser_count + 1);
    for (size_t i = 0; i < program->function_count; i++) {
        const NstFunction *fn = program->functions[i];
        if (!fn->library) table.functions[fn->id] = nst_body_facts(program, fn)->effects;
    }
    for (size_t i = 0; i < program->mvar_count; i++)
        if (!program->mvars[i]->module->library)
            table.initialisers[i] = nst_effects_of_expr(arena, program->mvars[i]->init);
    close_receives(&table);
    return table;
}

void nst_effects_each(const NstEffectTable *table, bool (*visit)(void *context, const NstEffect *effect), void *context) {
    for (size_t f = 0; f < table->function_count; f++)
        for (size_t i = 0; i < table->functions[f].count; i++)
            if (!visit(context, &table->functions[f].items[i])) return;
    for (size_t m = 0; m < table->initialiser_count; m++)
        for (size_t i = 0; i < table->initialisers[m].count; i++)
            if (!visit(context, &table->initialisers[m].items[i])) return;
}
