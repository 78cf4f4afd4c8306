// Exhaustiveness of `match` and unreachable arms and clauses (patterns.md 5).

#include "frontend/checks.h"
#include "frontend/walk.h"

// A name or `_`, also as an alternative: makes a match exhaustive even behind a guard.
bool nst_pattern_is_catch_all(const NstPattern *p) {
    if (p->kind == NST_PAT_WILDCARD || p->kind == NST_PAT_NAME) return true;
    if (p->kind != NST_PAT_OR) return false;
    for (size_t i = 0; i < p->item_count; i++)
        if (nst_pattern_is_catch_all(p->items[i])) return true;
    return false;
}

static bool has_error(const NstPattern *p) {
    if (!p) return false;
    if (p->kind == NST_PAT_ERROR || (p->kind == NST_PAT_CTOR && !p->ctor)) return true;
    for (size_t i = 0; i < p->item_count; i++)
        if (has_error(p->items[i])) return true;
    for (size_t i = 0; i < p->field_count; i++)
        if (has_error(p->fields[i].pattern)) return true;
    return has_error(p->rest);
}

// Matches every value of its type, whatever the value: later arms are unreachable.
bool nst_pattern_is_irrefutable(const NstPattern *p) {
    switch (p->kind) {
    case NST_PAT_WILDCARD: return true;
    case NST_PAT_NAME: return p->role == NST_ROLE_BIND || p->role == NST_ROLE_ASSIGN;
    case NST_PAT_TUPLE:
        if (p->loose_shape) return false;
        for (size_t i = 0; i < p->item_count; i++)
            if (!nst_pattern_is_irrefutable(p->items[i])) return false;
        return true;
    case NST_PAT_RECORD:
        for (size_t i = 0; i < p->field_count; i++)
            if (!nst_pattern_is_irrefutable(p->fields[i].pattern)) return false;
        return true;
    case NST_PAT_CTOR:
        if (!p->ctor || p->ctor->type->ctor_count != 1) return false;
        for (size_t i = 0; i < p->item_count; i++)
            if (!nst_pattern_is_irrefutable(p->items[i])) return false;
        for (size_t i = 0; i < p->field_count; i++)
            if (!nst_pattern_is_irrefutable(p->fields[i].pattern)) return false;
        return true;
    case NST_PAT_OR:
        for (size_t i = 0; i < p->item_count; i++)
            if (nst_pattern_is_irrefutable(p->items[i])) return true;
        return false;
    default: return false;
    }
}

// Whether a top-level pattern mentions the constructor (or Bool value) number `index`.
static bool covers(const NstPattern *p, uint32_t index) {
    if (p->kind == NST_PAT_OR) {
        for (size_t i = 0; i < p->item_count; i++)
            if (covers(p->items[i], index)) return true;
        return false;
    }
    if (p->kind == NST_PAT_CTOR) return p->ctor->index == index;
    if (p->kind == NST_PAT_LITERAL && p->literal.kind == NST_LIT_BOOL) return (uint32_t)p->literal.boolean == index;
    // A record pattern without constructor matches every value of a single-constructor type.
    return p->kind == NST_PAT_RECORD;
}

// The constructor written as a pattern: `Some(_)`, `Point{_}`, `None`.
static void witness(NstProgram *program, const NstCtor *ctor, char *out, size_t size) {
    const char *name = nst_name_text(ctor->name);
    if (!ctor->field_count) {
        snprintf(out, size, "%s", name);
        return;
    }
    size_t used = (size_t)snprintf(out, size, "%s(", name);
    for (size_t i = 0; i < ctor->field_count && used + 5 < size; i++)
        used += (size_t)snprintf(out + used, size - used, "%s_", i ? ", " : "");
    if (used + 2 < size) snprintf(out + used, size - used, ")");
    (void)program;
}

static void check_exhaustive(NstProgram *program, const NstExpr *e) {
    for (size_t i = 0; i < e->match.arm_count; i++)
        if (has_error(e->match.arms[i].pattern)) return;
    for (size_t i = 0; i < e->match.arm_count; i++)
        if (nst_pattern_is_catch_all(e->match.arms[i].pattern)) return;
    if (!e->match.scrutinee->type) return;
    const NstType *type = nst_type_resolve(e->match.scrutinee->type);
    if (type->kind != NST_TY_CON) return;
    bool boolean = type->decl->prim == NST_PRIM_BOOL;
    if (!boolean && type->decl->body != NST_BODY_VARIANT) return;
    size_t count = boolean ? 2 : type->decl->ctor_count;
    NstDiag *diag = NULL;
    for (uint32_t c = 0; c < count; c++) {
        bool covered = false;
        for (size_t i = 0; i < e->match.arm_count && !covered; i++) covered = covers(e->match.arms[i].pattern, c);
        if (covered) continue;
        char pattern[256];
        if (boolean) snprintf(pattern, sizeof pattern, "%s", c ? "true" : "false");
        else witness(program, type->decl->ctors[c], pattern, sizeof pattern);
        if (!diag)
            diag = nst_diag_add(program->diags, NST_DIAG_NON_EXHAUSTIVE, e->match.scrutinee->span,
                                "non-exhaustive patterns: `%s` is not covered", pattern);
        else
            nst_diag_note(program->diags, diag, "`%s` is not covered either", pattern);
        nst_diag_hint(program->diags, diag, "add an arm `%s -> ...`", pattern);
    }
}

// `any_type`: the arms of a catch, which see values of every type, so that only a name or `_` matches all of them.
static void check_arms(NstProgram *program, const NstArm *arms, size_t count, bool any_type) {
    const NstArm *all = NULL;
    for (size_t i = 0; i < count; i++) {
        if (all) {
            NstDiag *diag = nst_diag_add(program->diags, NST_DIAG_UNREACHABLE, arms[i].pattern->span,
                                         "unreachable arm: an earlier arm matches everything");
            nst_diag_label(program->diags, diag, all->pattern->span, "this arm matches everything");
        } else if (!arms[i].guard && nst_pattern_is_irrefutable(arms[i].pattern) &&
                   (!any_type || nst_pattern_is_catch_all(arms[i].pattern))) {
            all = &arms[i];
        }
    }
}

static bool visit_expr(void *context, NstExpr *e) {
    NstProgram *program = context;
    if (e->kind == NST_EXPR_MATCH) {
        check_exhaustive(program, e);
        check_arms(program, e->match.arms, e->match.arm_count, false);
    } else if (e->kind == NST_EXPR_TRY) {
        check_arms(program, e->try_.arms, e->try_.arm_count, true);
    }
    return true;
}

static void check_clauses(NstProgram *program, NstClause *const *clauses, size_t count) {
    const NstClause *all = NULL;
    for (size_t i = 0; i < count; i++) {
        NstClause *clause = clauses[i];
        if (all) {
            NstDiag *diag = nst_diag_add(program->diags, NST_DIAG_UNREACHABLE, clause->name.span,
                                         "unreachable clause: an earlier clause matches everything");
            nst_diag_label(program->diags, diag, all->name.span, "this clause matches everything");
            continue;
        }
        bool matches_all = !clause->guard && clause->body_expr;
        for (size_t k = 0; k < clause->param_count && matches_all; k++)
            matches_all = nst_pattern_is_irrefutable(clause->params[k].pattern);
        if (matches_all) all = clause;
    }
}

static bool visit_stmt(void *context, NstStmt *stmt) {
    if (stmt->kind == NST_STMT_FUNCTION) check_clauses(context, stmt->clauses, stmt->clause_count);
    return true;
}

void nst_check_matches(NstProgram *program, NstFunction *fn) {
    NstVisitor visitor = { program, visit_expr, visit_stmt };
    check_clauses(program, fn->clauses, fn->clause_count);
    for (size_t i = 0; i < fn->clause_count; i++) nst_walk_clause(&visitor, fn->clauses[i]);
}
