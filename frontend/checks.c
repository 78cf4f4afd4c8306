#include "frontend/checks.h"

#include "frontend/walk.h"

bool nst_written_by_user(const NstProgram *program, NstSpan span) {
    NstFileRange range;
    return nst_file_range(program->sources, span, &range) && nst_origin(program->sources, span.origin).source == range.source;
}

// ---- Nodes ------------------------------------------------------------------------------

typedef struct Body {
    NstProgram *program;
    const NstModule *module;
} Body;

static bool visit_expr(void *context, NstExpr *e) {
    const Body *body = context;
    nst_check_arms_of_expr(body->program, e);
    nst_check_flow(body->program, e);
    nst_check_shadowing_expr(body->program, body->module, e);
    return true;
}

// Local clauses are tried in the order of the text; their tuples may be loose.
static bool visit_stmt(void *context, NstStmt *stmt) {
    const Body *body = context;
    if (stmt->kind == NST_STMT_FUNCTION) nst_check_clauses(body->program, stmt->clauses, stmt->clause_count, true);
    nst_check_shadowing_stmt(body->program, body->module, stmt);
    return true;
}

static void check_nodes(NstProgram *program, NstFunction *fn) {
    Body body = { program, fn->module };
    NstVisitor visitor = { &body, visit_expr, visit_stmt };
    nst_check_clauses(program, fn->clauses, fn->clause_count, fn->loose_tuple_params);
    for (size_t i = 0; i < fn->clause_count; i++) nst_walk_clause(&visitor, fn->clauses[i]);
}

// ---- Programs ---------------------------------------------------------------------------

static void check_beyond_errors(NstProgram *program, NstArena *arena, const NstEffectTable *effects) {
    for (size_t i = 0; i < program->function_count; i++)
        if (!program->functions[i]->library) check_nodes(program, program->functions[i]);
    nst_check_unused(program, arena);
    nst_check_unused_items(program, arena);
    if (!program->lib) nst_check_messages(program, arena, effects);
    nst_check_mvar_use(program, effects);
}

void nst_check_program(NstProgram *program) {
    NstArena arena;
    nst_arena_init(&arena);
    for (size_t i = 0; i < program->function_count; i++)
        if (!program->functions[i]->library) nst_check_matches(program, program->functions[i]);
    NstEffectTable effects = nst_effects_build(&arena, program);
    nst_check_mvar_rules(program, &effects);
    if (!nst_diags_count(program->diags, NST_ERROR)) check_beyond_errors(program, &arena, &effects);
    nst_arena_free(&arena);
}
