#include "frontend/infer_body.h"
#include "frontend/infer_field.h"
#include "frontend/infer_function.h"
#include "frontend/require.h"
#include "frontend/scheme.h"

// `f = g`: generalised like the function it names; `info = typeInfo(name)`: open at every use.
static void bind_alias(NstInfer *infer, NstStmt *stmt) {
    NstLocal *local = stmt->pattern->local;
    size_t mark = infer->pending->count, floor = infer->pending->floor;
    infer->pending->floor = mark;
    infer->level++;
    NstType *type = nst_infer_expr(infer, stmt->value, NULL);
    infer->level--;
    NstScheme *scheme = NST_NEW(infer->arena, NstScheme);
    NstRequirementList unowned = {0};
    nst_generalise(infer, &type, &scheme, 1, mark, infer->current ? &infer->current->looks : &unowned);
    infer->pending->floor = floor;
    nst_infer_pattern(infer, stmt->pattern, type);
    if (scheme->param_count && local->type == type) local->scheme = scheme;
}

static void bind(NstInfer *infer, NstStmt *stmt) {
    NstPattern *pattern = stmt->pattern;
    bool plain = pattern->kind == NST_PAT_NAME && pattern->role == NST_ROLE_BIND && pattern->local;
    if (plain && !stmt->var_ && !stmt->annotation && stmt->value->kind != NST_EXPR_LAMBDA && nst_is_generalisable(stmt->value)) {
        bind_alias(infer, stmt);
        return;
    }
    if (pattern->kind == NST_PAT_NAME && pattern->role == NST_ROLE_MVAR && stmt->mvar) {
        NstType *type = nst_mvar_type(infer, stmt->mvar);
        pattern->type = type;
        NstType *value = nst_infer_expr(infer, stmt->value, type);
        nst_infer_unify(infer, type, value, stmt->span);
        return;
    }
    bool assigns = pattern->kind == NST_PAT_NAME && pattern->role == NST_ROLE_ASSIGN && pattern->local;
    NstType *declared = NULL;
    if (stmt->annotation && infer->body && infer->body->types)
        declared = nst_typeexpr_type(infer->body->types, stmt->annotation);
    NstType *hint = declared ? declared : assigns ? pattern->local->type : NULL;
    NstType *value = nst_infer_expr(infer, stmt->value, hint);
    if (declared) {
        NstUnify result;
        if (!nst_spreads(infer, nst_type_resolve(declared), nst_type_resolve(value), &result))
            result = nst_unify(infer, declared, value);
        if (result != NST_UNIFY_OK) {
            NstDiag *diag = nst_infer_mismatch(infer, result, declared, value, stmt->span, false);
            nst_infer_label(infer, diag, stmt->annotation->span, "the declared type");
            nst_infer_label(infer, diag, stmt->value->span, "the value");
        }
        nst_requirements_solve(infer);
        value = declared;
    }
    if (assigns && pattern->local->type) {
        pattern->type = pattern->local->type;
        nst_infer_unify_because(infer, pattern->local->type, value, stmt->span, pattern->local->span,
                                "its type is that of its first value");
        return;
    }
    nst_prepare_patterns(infer, &pattern, 1, value, NST_SHAPES_ONE);
    nst_infer_pattern(infer, pattern, value);
}

static NstType *infer_stmt(NstInfer *infer, NstExpr *block, size_t i, NstType *expected) {
    NstStmt *stmt = block->block.stmts[i];
    switch (stmt->kind) {
    case NST_STMT_EXPR: return nst_infer_expr(infer, stmt->value, expected);
    case NST_STMT_BIND:
        nst_infer_local_functions(infer, block->block.stmts, block->block.count, i);
        if (stmt->pattern->kind == NST_PAT_NAME && stmt->pattern->local && stmt->pattern->local->definition == stmt) break;
        bind(infer, stmt);
        break;
    case NST_STMT_FUNCTION: nst_infer_local_functions(infer, block->block.stmts, block->block.count, i); break;
    case NST_STMT_ASSIGN_FIELD: {
        NstType *type = nst_infer_field(infer, stmt->place, true);
        stmt->place->type = type;
        NstType *value = nst_infer_expr(infer, stmt->value, type);
        nst_infer_unify(infer, type, value, stmt->span);
        break;
    }
    case NST_STMT_ASSIGN_INDEX: nst_infer_assign_index(infer, stmt); break;
    }
    return nst_unit(infer);
}

NstType *nst_infer_block(NstInfer *infer, NstExpr *expr, NstType *expected) {
    size_t count = expr->block.count;
    NstType *type = nst_unit(infer);
    for (size_t i = 0; i < count; i++) {
        type = infer_stmt(infer, expr, i, i + 1 == count ? expected : NULL);
        nst_requirements_solve(infer);
    }
    return type;
}
