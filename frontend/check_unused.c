// Local bindings that nothing reads (warning `unused`).
//
// Reported are names bound by a statement: `x = e`, `x: T = e`, `var x = e`, and local functions. Parameters, the names of
// destructuring patterns and of arms are often there for the reader, so they are not. A name that begins with `_` says
// that it is meant to be unused.

#include "frontend/checks.h"
#include "frontend/walk.h"

typedef struct Candidate {
    const NstLocal *local;
    NstSpan span;
} Candidate;

typedef struct Unused {
    NstArena *arena;
    Candidate *candidates;
    size_t count, capacity;
} Unused;

static void mark_pattern(const NstPattern *pattern) {
    if (!pattern) return;
    if (pattern->local && (pattern->role == NST_ROLE_EQUALS || pattern->kind == NST_PAT_PIN)) pattern->local->read = true;
    for (size_t i = 0; i < pattern->item_count; i++) {
        if (pattern->keys) mark_pattern(pattern->keys[i]);
        mark_pattern(pattern->items[i]);
    }
    for (size_t i = 0; i < pattern->field_count; i++) mark_pattern(pattern->fields[i].pattern);
    mark_pattern(pattern->rest);
}

static void mark_arms(const NstArm *arms, size_t count) {
    for (size_t i = 0; i < count; i++) mark_pattern(arms[i].pattern);
}

static bool mark_expr(void *context, NstExpr *e) {
    (void)context;
    // METHOD: a visible local with the method's name is only a candidate; counting it as read avoids false alarms.
    if (e->target == NST_TARGET_LOCAL || e->target == NST_TARGET_VALUE_CALL) {
        if (e->to.local) e->to.local->read = true;
    }
    if (e->kind == NST_EXPR_MATCH) mark_arms(e->match.arms, e->match.arm_count);
    if (e->kind == NST_EXPR_TRY) mark_arms(e->try_.arms, e->try_.arm_count);
    if (e->kind == NST_EXPR_RECEIVE) mark_arms(e->receive.arms, e->receive.arm_count);
    return true;
}

static void report(NstProgram *program, const NstLocal *local, NstSpan span) {
    const char *name = nst_name_text(local->name);
    if (local->read || name[0] == '_' || !nst_written_by_user(program, span)) return;
    NstDiag *diag = nst_diag_add(program->diags, NST_DIAG_UNUSED, span,
                                 local->mutable_ ? "`%s` is assigned but never read" : "unused binding `%s`", name);
    nst_diag_hint(program->diags, diag, "remove it, or call it `_%s` if it is meant to be unused", name);
}

// A binding to report if nothing reads it.
static void add_candidate(Unused *unused, const NstLocal *local, NstSpan span) {
    NST_PUSH(unused->arena, unused->candidates, unused->count, unused->capacity, ((Candidate){ local, span }));
}

static bool visit_stmt(void *context, NstStmt *stmt) {
    mark_pattern(stmt->pattern);
    if (stmt->kind == NST_STMT_FUNCTION && stmt->local) {
        add_candidate(context, stmt->local, stmt->clauses[0]->name.span);
    } else if (stmt->kind == NST_STMT_BIND && stmt->pattern->kind == NST_PAT_NAME &&
               stmt->pattern->role == NST_ROLE_BIND && stmt->pattern->local) {
        add_candidate(context, stmt->pattern->local, stmt->pattern->span);
    }
    return true;
}

static void report_all(NstProgram *program, const Unused *unused) {
    for (size_t i = 0; i < unused->count; i++) report(program, unused->candidates[i].local, unused->candidates[i].span);
}

void nst_check_unused(NstProgram *program, NstArena *arena, NstFunction *fn) {
    Unused unused = { .arena = arena };
    NstVisitor visitor = { &unused, mark_expr, visit_stmt };
    for (size_t i = 0; i < fn->clause_count; i++) nst_walk_clause(&visitor, fn->clauses[i]);
    report_all(program, &unused);
}

void nst_check_unused_initialisers(NstProgram *program, NstArena *arena) {
    Unused unused = { .arena = arena };
    NstVisitor visitor = { &unused, mark_expr, visit_stmt };
    for (size_t i = 0; i < program->mvar_count; i++)
        if (!program->mvars[i]->module->library) nst_walk_expr(&visitor, program->mvars[i]->init);
    report_all(program, &unused);
}
