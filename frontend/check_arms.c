// Arms and clauses that earlier ones leave nothing for, and matches that leave values over where that is allowed
// (warnings `redundant-arm`, `partial-match`; patterns.md 5 decides what is an error or `unreachable`).

#include <stdlib.h>

#include "frontend/checks.h"
#include "frontend/pattern_matrix.h"

typedef struct Row {
    const NstPattern *const *patterns; // one for each column
    bool guarded;
    NstSpan span;
} Row;

typedef struct Table {
    NstProgram *program;
    Row *rows;
    size_t count, columns;
    bool open;  // the type of the values is not known
    bool loose; // … or the program may bring values of another type here
    const char *what; // "arm", "clause"
} Table;

// ---- Redundant rows ---------------------------------------------------------------------

// `other` null: the row matches no value at all, as an empty range does.
static bool row_covered_by(const Table *t, const Row *row, const Row *other) {
    NstMatrix m;
    nst_matrix_init(&m, t->columns, t->open || t->loose);
    if (other) nst_matrix_add(&m, other->patterns);
    bool covered = nst_matrix_covers(&m, row->patterns);
    nst_matrix_free(&m);
    return covered;
}

static void report_redundant(const Table *t, size_t index) {
    const Row *row = &t->rows[index];
    if (!nst_written_by_user(t->program, row->span)) return;
    NstDiags *diags = t->program->diags;
    if (row_covered_by(t, row, NULL)) {
        nst_diag_add(diags, NST_DIAG_REDUNDANT_ARM, row->span, "redundant %s: no value matches it", t->what);
        return;
    }
    NstDiag *diag = nst_diag_add(diags, NST_DIAG_REDUNDANT_ARM, row->span, "redundant %s: earlier ones match everything that it matches",
                                 t->what);
    for (size_t i = 0; i < index; i++)
        if (!t->rows[i].guarded && row_covered_by(t, row, &t->rows[i])) {
            nst_diag_label(diags, diag, t->rows[i].span, "this %s already does", t->what);
            break;
        }
    nst_diag_hint(diags, diag, "remove it, or move it in front of them");
}

// Of an or-pattern in a single column, the alternatives one by one. True if none of them is of any use.
static bool check_alternatives(const Table *t, NstMatrix *m, const NstPattern *pattern, bool guarded) {
    if (pattern->kind != NST_PAT_OR) {
        bool covered = nst_matrix_covers(m, &pattern);
        if (!guarded) nst_matrix_add(m, &pattern);
        return covered;
    }
    const NstPattern *useless[16];
    size_t count = 0;
    for (size_t i = 0; i < pattern->item_count; i++)
        if (check_alternatives(t, m, pattern->items[i], guarded) && count < 16) useless[count++] = pattern->items[i];
    if (count == pattern->item_count) return true;
    for (size_t i = 0; i < count; i++)
        if (nst_written_by_user(t->program, useless[i]->span))
            nst_diag_add(t->program->diags, NST_DIAG_REDUNDANT_ARM, useless[i]->span,
                         "redundant alternative: earlier ones match everything that it matches");
    return false;
}

static bool row_matches_all(const Row *row, size_t columns, bool open) {
    if (row->guarded) return false;
    for (size_t i = 0; i < columns; i++)
        if (!(open ? nst_pattern_is_catch_all(row->patterns[i]) : nst_pattern_is_irrefutable(row->patterns[i]))) return false;
    return true;
}

// Stops at a row that alone matches everything: what follows is `unreachable`.
static void check_redundant(const Table *t) {
    NstMatrix m;
    nst_matrix_init(&m, t->columns, t->open || t->loose);
    for (size_t i = 0; i < t->count; i++) {
        const Row *row = &t->rows[i];
        bool redundant;
        if (t->columns == 1) redundant = check_alternatives(t, &m, row->patterns[0], row->guarded);
        else {
            redundant = nst_matrix_covers(&m, row->patterns);
            if (!row->guarded) nst_matrix_add(&m, row->patterns);
        }
        if (redundant) report_redundant(t, i);
        if (row_matches_all(row, t->columns, t->open)) break;
    }
    nst_matrix_free(&m);
}

// ---- Missing values ---------------------------------------------------------------------

// Guards are taken to be true: which values they leave over is not known.
static char *missing_value(const Table *t) {
    NstMatrix m;
    nst_matrix_init(&m, t->columns, t->open);
    for (size_t i = 0; i < t->count; i++) nst_matrix_add(&m, t->rows[i].patterns);
    char *missing = nst_matrix_missing(&m);
    nst_matrix_free(&m);
    return missing;
}

static void check_missing(const Table *t, NstSpan span) {
    if (t->open || !nst_written_by_user(t->program, span)) return;
    char *missing = missing_value(t);
    if (!missing) return;
    NstDiag *diag = nst_diag_add(t->program->diags, NST_DIAG_PARTIAL_MATCH, span, "`%s` is matched by no arm", missing);
    nst_diag_hint(t->program->diags, diag, "add an arm `%s -> ...` or `_ -> ...`", missing);
    free(missing);
}

// ---- Where there are arms ---------------------------------------------------------------

static Table table_of_arms(NstProgram *program, const NstArm *arms, size_t count, bool open, bool loose) {
    Table t = { .program = program, .count = count, .columns = 1, .open = open, .loose = loose, .what = "arm" };
    t.rows = nst_calloc(count + 1, sizeof *t.rows);
    for (size_t i = 0; i < count; i++)
        t.rows[i] = (Row){ (const NstPattern *const *)&arms[i].pattern, arms[i].guard != NULL, arms[i].pattern->span };
    return t;
}

static void check_arms(NstProgram *program, const NstArm *arms, size_t count, bool open) {
    if (!count) return;
    Table t = table_of_arms(program, arms, count, open, false);
    check_redundant(&t);
    free(t.rows);
}

static bool is_known(const NstType *type) {
    if (!type) return false;
    const NstType *resolved = nst_type_resolve((NstType *)(uintptr_t)type);
    return resolved->kind == NST_TY_CON || resolved->kind == NST_TY_TUPLE;
}

void nst_check_arms_of_expr(NstProgram *program, const NstExpr *e, bool loose) {
    if (e->kind == NST_EXPR_TRY) check_arms(program, e->try_.arms, e->try_.arm_count, true);
    if (e->kind == NST_EXPR_RECEIVE) check_arms(program, e->receive.arms, e->receive.arm_count, true);
    if (e->kind != NST_EXPR_MATCH) return;
    bool open = e->match.loose_shape || !is_known(e->match.scrutinee->type);
    Table t = table_of_arms(program, e->match.arms, e->match.arm_count, open, loose);
    check_redundant(&t);
    check_missing(&t, e->match.scrutinee->span);
    free(t.rows);
}

void nst_check_clauses(NstProgram *program, NstClause *const *clauses, size_t count, bool open, bool loose) {
    if (count < 2 || !clauses[0]->param_count) return;
    Table t = { .program = program, .count = count, .columns = clauses[0]->param_count, .open = open, .loose = loose, .what = "clause" };
    const NstPattern **patterns = nst_calloc(count * t.columns, sizeof *patterns);
    t.rows = nst_calloc(count + 1, sizeof *t.rows);
    bool equal = true;
    for (size_t i = 0; i < count && equal; i++) {
        equal = clauses[i]->param_count == t.columns && clauses[i]->body_expr;
        for (size_t k = 0; k < t.columns && equal; k++) patterns[i * t.columns + k] = clauses[i]->params[k].pattern;
        t.rows[i] = (Row){ patterns + i * t.columns, clauses[i]->guard != NULL, clauses[i]->name.span };
    }
    if (equal) check_redundant(&t);
    free(t.rows);
    free(patterns);
}
