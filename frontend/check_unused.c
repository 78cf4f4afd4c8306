// Local bindings that nothing reads (warning `unused`).
//
// Reported are names bound by a statement: `x = e`, `x: T = e`, `var x = e`, and local functions. Parameters, the names of
// destructuring patterns and of arms are often there for the reader, so they are not. A name that begins with `_` says
// that it is meant to be unused.

#include "frontend/checks.h"
#include "frontend/walk.h"

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

static bool mark_stmt(void *context, NstStmt *stmt) {
    (void)context;
    mark_pattern(stmt->pattern);
    return true;
}

static void report(NstProgram *program, const NstLocal *local, NstSpan span) {
    const char *name = nst_name_text(local->name);
    if (local->read || name[0] == '_' || !nst_written_by_user(program, span)) return;
    NstDiag *diag = nst_diag_add(program->diags, NST_DIAG_UNUSED, span,
                                 local->mutable_ ? "`%s` is assigned but never read" : "unused binding `%s`", name);
    nst_diag_hint(program->diags, diag, "remove it, or call it `_%s` if it is meant to be unused", name);
}

static bool report_stmt(void *context, NstStmt *stmt) {
    NstProgram *program = context;
    if (stmt->kind == NST_STMT_FUNCTION && stmt->local) {
        report(program, stmt->local, stmt->clauses[0]->name.span);
    } else if (stmt->kind == NST_STMT_BIND && stmt->pattern->kind == NST_PAT_NAME &&
               stmt->pattern->role == NST_ROLE_BIND && stmt->pattern->local) {
        report(program, stmt->pattern->local, stmt->pattern->span);
    }
    return true;
}

static void walk_program(NstProgram *program, const NstVisitor *visitor) {
    for (size_t i = 0; i < program->function_count; i++) {
        const NstFunction *fn = program->functions[i];
        for (size_t k = 0; k < fn->clause_count && !fn->library; k++) nst_walk_clause(visitor, fn->clauses[k]);
    }
    for (size_t i = 0; i < program->mvar_count; i++)
        if (!program->mvars[i]->module->library) nst_walk_expr(visitor, program->mvars[i]->init);
}

void nst_check_unused(NstProgram *program) {
    NstVisitor marks = { program, mark_expr, mark_stmt };
    walk_program(program, &marks);
    NstVisitor reports = { program, NULL, report_stmt };
    walk_program(program, &reports);
}
