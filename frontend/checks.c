#include "frontend/checks.h"

#include <stddef.h>

#include "frontend/check_cache.h"
#include "frontend/walk.h"

bool nst_written_by_user(const NstProgram *program, NstSpan span) {
    NstFileRange range;
    return nst_file_range(program->sources, span, &range) && nst_origin(program->sources, span.origin).source == range.source;
}

// ---- Nodes ------------------------------------------------------------------------------

typedef struct Body {
    NstProgram *program;
    const NstModule *module;
    bool loose;
} Body;

static bool visit_expr(void *context, NstExpr *e) {
    const Body *body = context;
    nst_check_arms_of_expr(body->program, e, body->loose);
    nst_check_flow(body->program, e);
    nst_check_shadowing_expr(body->program, body->module, e);
    return true;
}

// Local clauses are tried in the order of the text; their tuples may be loose.
static bool visit_stmt(void *context, NstStmt *stmt) {
    const Body *body = context;
    if (stmt->kind == NST_STMT_FUNCTION)
        nst_check_clauses(body->program, stmt->clauses, stmt->clause_count, true, body->loose);
    nst_check_shadowing_stmt(body->program, body->module, stmt);
    return true;
}

static void check_body_beyond_errors(NstProgram *program, NstArena *arena, NstFunction *fn) {
    bool loose = nst_check_cache(program)->loose;
    Body body = { program, fn->module, loose };
    NstVisitor visitor = { &body, visit_expr, visit_stmt };
    nst_check_clauses(program, fn->clauses, fn->clause_count, fn->loose_tuple_params, loose);
    for (size_t i = 0; i < fn->clause_count; i++) nst_walk_clause(&visitor, fn->clauses[i]);
    nst_check_unused(program, arena, fn);
}

static void check_body(NstProgram *program, NstArena *arena, NstFunction *fn) {
    (void)arena;
    nst_check_matches(program, fn);
}

// Received and caught values, and those of untyped mvars, may have another type than inference took them for (types.md 12).
static bool is_loose(const NstProgram *program, const NstEffectTable *effects) {
    for (size_t i = 0; i < program->mvar_count; i++)
        if (program->mvars[i]->untyped && !program->mvars[i]->module->library) return true;
    for (size_t i = 0; i < effects->function_count; i++)
        if (effects->functions[i].loose) return true;
    for (size_t i = 0; i < effects->initialiser_count; i++)
        if (effects->initialisers[i].loose) return true;
    return false;
}

// ---- Programs ---------------------------------------------------------------------------

static void adopt(NstDiags *diags, const NstDiags *list, size_t first) {
    for (size_t i = first; i < list->count; i++) nst_diags_adopt(diags, list->items[i]);
}

// Reports what a check of single bodies says about those that have changed to its list, and takes the list in. `done` is
// the offset of the fact that the list has what it says.
static void check_bodies(NstProgram *program, NstArena *arena, NstDiags *list, size_t done,
                         void (*check)(NstProgram *, NstArena *, NstFunction *)) {
    NstDiags *diags = program->diags;
    program->diags = list;
    for (size_t i = 0; i < program->function_count; i++) {
        bool *known = (bool *)((char *)&nst_check_cache(program)->bodies[i] + done);
        if (program->functions[i]->library || *known) continue;
        *known = true;
        check(program, arena, program->functions[i]);
    }
    program->diags = diags;
    adopt(diags, list, 0);
}

static void check_whole(NstProgram *program, NstArena *arena, const NstEffectTable *effects) {
    (void)arena;
    nst_check_mvar_rules(program, effects);
}

static void check_whole_beyond_errors(NstProgram *program, NstArena *arena, const NstEffectTable *effects) {
    nst_check_unused_initialisers(program, arena);
    nst_check_unused_items(program, arena);
    if (!program->lib) nst_check_messages(program, arena, effects);
    nst_check_mvar_use(program, effects);
}

// What follows from all bodies together is reported to a list of its own, which the next check throws away.
static void check_all(NstProgram *program, NstArena *arena, const NstEffectTable *effects,
                      void (*check)(NstProgram *, NstArena *, const NstEffectTable *)) {
    NstDiags *diags = program->diags, *list = program->checks->whole;
    size_t first = list->count;
    program->diags = list;
    check(program, arena, effects);
    program->diags = diags;
    adopt(diags, list, first);
}

void nst_check_program(NstProgram *program) {
    NstArena arena;
    nst_arena_init(&arena);
    NstCheckCache *cache = nst_check_cache(program);
    nst_diags_free(cache->whole);
    cache->whole = nst_diags_new();
    check_bodies(program, &arena, cache->matches, offsetof(NstBodyFacts, matched), check_body);
    NstEffectTable effects = nst_effects_build(&arena, program);
    check_all(program, &arena, &effects, check_whole);
    if (!nst_diags_count(program->diags, NST_ERROR)) {
        bool loose = is_loose(program, &effects);
        if (loose != cache->loose) nst_check_forget_warnings(program);
        cache->loose = loose;
        check_bodies(program, &arena, cache->warnings, offsetof(NstBodyFacts, considered), check_body_beyond_errors);
        check_all(program, &arena, &effects, check_whole_beyond_errors);
    }
    nst_arena_free(&arena);
}
