// Lock sets and the static rules of mvars (mvars.md 5 and 6).
//
// A *mention* is an occurrence of an mvar's name, spawn operands excepted. A *locking* operation is an assignment whose
// right side mentions its mvar, every assignment to a part, and `update`. What a call may do is followed only for
// functions called by name (effects.h).

#include <stdlib.h>

#include "frontend/checks.h"
#include "frontend/walk.h"

typedef struct Checker {
    NstProgram *program;
    const NstEffectTable *effects;
} Checker;

// ---- Mentions ---------------------------------------------------------------------------

typedef struct MvarSet {
    NstProgram *program;
    NstMvar **items;
    size_t count, capacity;
} MvarSet;

static bool set_has(const MvarSet *set, const NstMvar *mvar) {
    for (size_t i = 0; i < set->count; i++)
        if (set->items[i] == mvar) return true;
    return false;
}

static void set_add(MvarSet *set, NstMvar *mvar) {
    if (mvar && !set_has(set, mvar)) NST_PUSH(set->program->arena, set->items, set->count, set->capacity, mvar);
}

static bool mention_in_expr(void *context, NstExpr *e) {
    if (e->kind == NST_EXPR_SPAWN) return false;
    if (e->target == NST_TARGET_MVAR || e->target == NST_TARGET_MVAR_UPDATE) set_add(context, e->to.mvar);
    return true;
}

static bool mention_in_stmt(void *context, NstStmt *stmt) {
    set_add(context, stmt->mvar);
    return true;
}

static void collect_mentions(MvarSet *set, NstExpr *e) {
    NstVisitor visitor = { set, mention_in_expr, mention_in_stmt };
    nst_walk_expr(&visitor, e);
}

static int compare_rank(const void *a, const void *b) {
    const NstMvar *left = *(NstMvar *const *)a, *right = *(NstMvar *const *)b;
    return (left->lock_rank > right->lock_rank) - (left->lock_rank < right->lock_rank);
}

static void sort_set(MvarSet *set) {
    if (set->count) qsort(set->items, set->count, sizeof *set->items, compare_rank);
}

// ---- Waiting ----------------------------------------------------------------------------

typedef struct WaitSearch {
    const Checker *checker;
    const NstExpr *found;
} WaitSearch;

static bool may_receive(const Checker *checker, const NstFunction *fn) {
    return fn && !fn->library && checker->effects && checker->effects->functions[fn->id].receives;
}

static bool wait_in_expr(void *context, NstExpr *e) {
    WaitSearch *search = context;
    if (search->found || e->kind == NST_EXPR_SPAWN) return false;
    if (e->kind == NST_EXPR_RECEIVE || may_receive(search->checker, nst_called_function(e))) search->found = e;
    return !search->found;
}

// The first expression inside `e` that may wait for a message, or null.
static const NstExpr *find_wait(const Checker *checker, NstExpr *e) {
    WaitSearch search = { checker, NULL };
    NstVisitor visitor = { &search, wait_in_expr, NULL };
    nst_walk_expr(&visitor, e);
    return search.found;
}

// ---- Assignments ------------------------------------------------------------------------

typedef struct WriteSearch {
    const NstMvar *mvar;
    bool found;
} WriteSearch;

static bool write_in_stmt(void *context, NstStmt *stmt) {
    WriteSearch *search = context;
    if (stmt->mvar == search->mvar) search->found = true;
    return !search->found;
}

static bool writes(NstExpr *e, const NstMvar *mvar) {
    WriteSearch search = { mvar, false };
    NstVisitor visitor = { &search, NULL, write_in_stmt };
    nst_walk_expr(&visitor, e);
    return search.found;
}

static void report_wait(Checker *checker, NstSpan span, const NstMvar *mvar, const NstExpr *wait) {
    NstDiag *diag = nst_diag_add(checker->program->diags, NST_DIAG_UNSAFE_MVAR, span,
                                 "waiting for a message here holds lock on mvar `%s`", nst_name_text(mvar->name));
    const NstFunction *fn = nst_called_function(wait);
    if (fn)
        nst_diag_label(checker->program->diags, diag, wait->span, "`%s` waits for a message", nst_name_text(fn->name));
    else
        nst_diag_label(checker->program->diags, diag, wait->span, "waits for a message");
    nst_diag_hint(checker->program->diags, diag, "receive the message first, then change `%s`", nst_name_text(mvar->name));
}

static bool assignment_in_stmt(void *context, NstStmt *stmt) {
    Checker *checker = context;
    NstMvar *mvar = stmt->mvar;
    if (!mvar) return true;
    MvarSet set = { .program = checker->program };
    collect_mentions(&set, stmt->value);
    bool part = stmt->kind == NST_STMT_ASSIGN_FIELD || stmt->kind == NST_STMT_ASSIGN_INDEX;
    stmt->locking = part || set_has(&set, mvar);
    if (writes(stmt->value, mvar)) {
        nst_diag_add(checker->program->diags, NST_DIAG_UNSAFE_MVAR, stmt->span, "nested write to mvar `%s`",
                     nst_name_text(mvar->name));
        return true;
    }
    if (!stmt->locking) return true;
    if (part) collect_mentions(&set, stmt->place);
    set_add(&set, mvar);
    sort_set(&set);
    stmt->lock_set = set.items;
    stmt->lock_count = set.count;
    const NstExpr *wait = find_wait(checker, stmt->value);
    if (wait) report_wait(checker, stmt->span, mvar, wait);
    return true;
}

static bool update_in_expr(void *context, NstExpr *e) {
    Checker *checker = context;
    if (e->kind != NST_EXPR_METHOD || e->target != NST_TARGET_MVAR_UPDATE) return true;
    MvarSet set = { .program = checker->program };
    set_add(&set, e->to.mvar);
    for (size_t i = 0; i < e->call.arg_count; i++) {
        NstExpr *function = e->call.args[i].value;
        if (function->kind != NST_EXPR_LAMBDA) continue;
        collect_mentions(&set, function);
        const NstExpr *wait = find_wait(checker, function);
        if (wait) report_wait(checker, e->span, e->to.mvar, wait);
    }
    sort_set(&set);
    e->call.lock_set = set.items;
    e->call.lock_count = set.count;
    return true;
}

// ---- Compare and set --------------------------------------------------------------------

typedef struct PlainWrites {
    Checker *checker;
    const MvarSet *read;
} PlainWrites;

static bool plain_write_in_stmt(void *context, NstStmt *stmt) {
    PlainWrites *search = context;
    if (stmt->kind == NST_STMT_BIND && stmt->mvar && !stmt->locking && set_has(search->read, stmt->mvar)) {
        const char *name = nst_name_text(stmt->mvar->name);
        NstDiags *diags = search->checker->program->diags;
        NstDiag *diag = nst_diag_add(diags, NST_DIAG_UNSAFE_MVAR, stmt->span,
                                     "the conditional reads mvar `%s` and later writes it", name);
        nst_diag_hint(diags, diag, "use `%s.update(...)`, which keeps the lock", name);
    }
    return true;
}

static void check_guarded(Checker *checker, NstExpr *condition, NstExpr *branch) {
    MvarSet read = { .program = checker->program };
    collect_mentions(&read, condition);
    if (!read.count || !branch) return;
    PlainWrites search = { checker, &read };
    NstVisitor visitor = { &search, NULL, plain_write_in_stmt };
    nst_walk_expr(&visitor, branch);
}

// Follows the positions in which the rule applies: bodies, statements, right sides, and the parts of conditionals.
static void check_position(Checker *checker, NstExpr *e) {
    if (!e) return;
    if (e->kind == NST_EXPR_BLOCK) {
        for (size_t i = 0; i < e->block.count; i++) check_position(checker, e->block.stmts[i]->value);
    } else if (e->kind == NST_EXPR_IF) {
        check_guarded(checker, e->branch.cond, e->branch.then);
        check_guarded(checker, e->branch.cond, e->branch.otherwise);
        check_position(checker, e->branch.cond);
        check_position(checker, e->branch.then);
        check_position(checker, e->branch.otherwise);
    } else if (e->kind == NST_EXPR_MATCH) {
        for (size_t i = 0; i < e->match.arm_count; i++) {
            check_guarded(checker, e->match.scrutinee, e->match.arms[i].body);
            check_position(checker, e->match.arms[i].body);
        }
        check_position(checker, e->match.scrutinee);
    }
}

static bool body_in_expr(void *context, NstExpr *e) {
    if (e->kind == NST_EXPR_LAMBDA) check_position(context, e->lambda->body_expr);
    if (e->kind == NST_EXPR_SPAWN && !e->spawn.by_value) check_position(context, e->spawn.operand);
    return true;
}

static bool body_in_stmt(void *context, NstStmt *stmt) {
    for (size_t i = 0; i < stmt->clause_count; i++) check_position(context, stmt->clauses[i]->body_expr);
    return true;
}

// ---- All of a program -------------------------------------------------------------------

static bool touches_mvars(const NstEffects *effects) {
    for (size_t i = 0; i < effects->count; i++)
        if (effects->items[i].mvar) return true;
    return false;
}

static void each_body(Checker *checker, const NstVisitor *visitor, bool positions) {
    NstProgram *p = checker->program;
    for (size_t i = 0; i < p->function_count; i++) {
        NstFunction *fn = p->functions[i];
        if (fn->library || !touches_mvars(&checker->effects->functions[fn->id])) continue;
        for (size_t k = 0; k < fn->clause_count; k++) {
            nst_walk_clause(visitor, fn->clauses[k]);
            if (positions) check_position(checker, fn->clauses[k]->body_expr);
        }
    }
    for (size_t i = 0; i < p->mvar_count; i++) nst_walk_expr(visitor, p->mvars[i]->init);
}

void nst_fill_lock_sets(NstProgram *program, NstFunction *fn) {
    if (fn->lock_sets_filled || !fn->module->mvar_count) return;
    fn->lock_sets_filled = true;
    Checker checker = { program, NULL };
    NstVisitor assignments = { &checker, update_in_expr, assignment_in_stmt };
    for (size_t k = 0; k < fn->clause_count; k++) nst_walk_clause(&assignments, fn->clauses[k]);
}

void nst_check_mvar_rules(NstProgram *program, const NstEffectTable *effects) {
    if (!program->mvar_count) return;
    Checker checker = { program, effects };
    NstVisitor assignments = { &checker, update_in_expr, assignment_in_stmt };
    each_body(&checker, &assignments, false);
    NstVisitor bodies = { &checker, body_in_expr, body_in_stmt };
    each_body(&checker, &bodies, true);
}
