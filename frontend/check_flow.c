// Statements that are never reached because the one before them leaves the block (warning `unreachable`).

#include "frontend/checks.h"

static bool leaves(const NstExpr *e);

static bool arms_leave(const NstArm *arms, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (!leaves(arms[i].body)) return false;
    return count > 0;
}

static bool block_leaves(const NstExpr *block) {
    for (size_t i = 0; i < block->block.count; i++)
        if (block->block.stmts[i]->kind == NST_STMT_EXPR && leaves(block->block.stmts[i]->value)) return true;
    return false;
}

static bool is_throw(const NstExpr *e) {
    if (e->target != NST_TARGET_FUNCTION || !e->to.fn->library) return false;
    const char *name = nst_name_text(e->to.fn->name);
    return strcmp(name, "throw") == 0 || strcmp(name, "panic") == 0;
}

// Whether what stands behind the expression in its block is never evaluated, whatever the values are.
static bool leaves(const NstExpr *e) {
    switch (e->kind) {
    case NST_EXPR_RETURN:
    case NST_EXPR_BREAK:
    case NST_EXPR_CONTINUE: return true;
    case NST_EXPR_CALL: return is_throw(e);
    case NST_EXPR_BLOCK: return block_leaves(e);
    case NST_EXPR_IF: return e->branch.otherwise && leaves(e->branch.then) && leaves(e->branch.otherwise);
    case NST_EXPR_MATCH: return arms_leave(e->match.arms, e->match.arm_count);
    default: return false;
    }
}

void nst_check_flow(NstProgram *program, const NstExpr *e) {
    if (e->kind != NST_EXPR_BLOCK) return;
    for (size_t i = 0; i + 1 < e->block.count; i++) {
        const NstStmt *stmt = e->block.stmts[i], *next = e->block.stmts[i + 1];
        if (stmt->kind != NST_STMT_EXPR || next->kind == NST_STMT_FUNCTION || !leaves(stmt->value)) continue;
        if (!nst_written_by_user(program, next->span)) break;
        NstDiag *diag = nst_diag_add(program->diags, NST_DIAG_UNREACHABLE, next->span, "unreachable code");
        nst_diag_label(program->diags, diag, stmt->span, "this always leaves the block");
        break;
    }
}
