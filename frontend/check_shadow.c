// Names that hide another one where an assignment or a comparison was probably meant (warning `shadowing`).
//
// Hiding by itself is ordinary. Suspicious is
//   1. a new local whose value is computed from the local that it hides, if an assignment could have been meant:
//      `total = total + x` in a lambda, where `total` belongs to the function around it, or `var top = top + 1` where
//      `top` is a `var` (`var n = n` of a parameter is not suspicious: that is how one gets a variable to change);
//   2. `x: T = e` or `var x = e` where the module has an mvar `x`, which `x = e` would have assigned;
//   3. a name in a pattern of an arm that is also the name of a constant, binding or mvar of the module, which it does
//      not compare with (patterns.md 3.1).

#include "frontend/checks.h"
#include "frontend/walk.h"

// ---- New locals -------------------------------------------------------------------------

typedef struct Mention {
    const NstLocal *local;   // the new one
    NstSpan value;
    const NstLocal *hidden;
} Mention;

static bool inside(NstSpan inner, NstSpan outer) {
    return inner.origin == outer.origin && inner.start >= outer.start && inner.end <= outer.end;
}

static bool mention_in_expr(void *context, NstExpr *e) {
    Mention *m = context;
    if (m->hidden) return false;
    if (e->kind != NST_EXPR_NAME || e->target != NST_TARGET_LOCAL) return true;
    const NstLocal *local = e->to.local;
    if (local->name == m->local->name && local != m->local && !inside(local->span, m->value)) m->hidden = local;
    return true;
}

static const NstLocal *hidden_by(const NstLocal *local, NstExpr *value) {
    Mention mention = { .local = local, .value = value->span };
    NstVisitor visitor = { &mention, mention_in_expr, NULL };
    nst_walk_expr(&visitor, value);
    return mention.hidden;
}

static const NstMvar *mvar_named(const NstModule *module, NstName name) {
    for (size_t i = 0; i < module->mvar_count; i++)
        if (module->mvars[i]->name == name) return module->mvars[i];
    return NULL;
}

static void check_binding(NstProgram *program, const NstModule *module, const NstStmt *stmt) {
    const NstPattern *p = stmt->pattern;
    const char *name = nst_name_text(p->ident.name);
    NstDiags *diags = program->diags;
    const NstLocal *hidden = stmt->annotation ? NULL : hidden_by(p->local, stmt->value);
    if (hidden && stmt->var_ && !hidden->mutable_) hidden = NULL;
    const NstMvar *mvar = stmt->var_ || stmt->annotation ? mvar_named(module, p->ident.name) : NULL;
    if (hidden) {
        NstDiag *diag = nst_diag_add(diags, NST_DIAG_SHADOWING, p->span, "this is a new `%s`: the one it is computed from keeps its value",
                                     name);
        nst_diag_label(diags, diag, hidden->span, "this `%s` is hidden", name);
        if (hidden->mutable_) nst_diag_hint(diags, diag, "to assign it, write `%s = ...` without `var`", name);
        else nst_diag_hint(diags, diag, "to assign it, declare it `var %s`; for a new value choose another name", name);
    } else if (mvar) {
        NstDiag *diag = nst_diag_add(diags, NST_DIAG_SHADOWING, p->span, "this is a new local `%s`: the mvar keeps its value", name);
        nst_diag_label(diags, diag, mvar->span, "the mvar `%s` is hidden", name);
        nst_diag_hint(diags, diag, "to assign it, write `%s = ...`", name);
    }
}

void nst_check_shadowing_stmt(NstProgram *program, const NstModule *module, const NstStmt *stmt) {
    const NstPattern *p = stmt->pattern;
    if (stmt->kind == NST_STMT_BIND && p->kind == NST_PAT_NAME && p->role == NST_ROLE_BIND && p->local &&
        nst_written_by_user(program, p->span))
        check_binding(program, module, stmt);
}

// ---- Names of patterns ------------------------------------------------------------------

static bool value_named(const NstModule *module, NstName name, NstSpan *span) {
    for (size_t i = 0; i < module->const_count; i++)
        if (module->consts[i]->name == name) {
            *span = module->consts[i]->span;
            return true;
        }
    const NstMvar *mvar = mvar_named(module, name);
    if (mvar) *span = mvar->span;
    return mvar != NULL;
}

static void check_pattern(NstProgram *program, const NstModule *module, const NstPattern *p) {
    if (!p) return;
    NstSpan declared;
    if (p->kind == NST_PAT_NAME && p->role == NST_ROLE_BIND && !p->always_binds &&
        value_named(module, p->ident.name, &declared) && nst_written_by_user(program, p->span)) {
        const char *name = nst_name_text(p->ident.name);
        NstDiags *diags = program->diags;
        NstDiag *diag = nst_diag_add(diags, NST_DIAG_SHADOWING, p->span, "`%s` is a new local here, it matches everything", name);
        nst_diag_label(diags, diag, declared, "this `%s` is not compared with", name);
        nst_diag_hint(diags, diag, "to compare, write `^%s`", name);
    }
    for (size_t i = 0; i < p->item_count; i++) check_pattern(program, module, p->items[i]);
    for (size_t i = 0; i < p->field_count; i++) check_pattern(program, module, p->fields[i].pattern);
    check_pattern(program, module, p->rest);
}

static void check_arms(NstProgram *program, const NstModule *module, const NstArm *arms, size_t count) {
    for (size_t i = 0; i < count; i++) check_pattern(program, module, arms[i].pattern);
}

void nst_check_shadowing_expr(NstProgram *program, const NstModule *module, const NstExpr *e) {
    if (e->kind == NST_EXPR_MATCH) check_arms(program, module, e->match.arms, e->match.arm_count);
    if (e->kind == NST_EXPR_RECEIVE) check_arms(program, module, e->receive.arms, e->receive.arm_count);
}
