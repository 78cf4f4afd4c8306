// How mvars are used: never, only written (warnings `unused`, `unread-mvar`), or held while something waits
// (`waiting-while-locked`).
//
// An mvar is written only if every read of it can do nothing but change the mvar again, as in `n = n + 1`.
// What waits while an mvar is held is looked for in the text of the locking operation and in the functions that it
// calls by name, down to the library's primitives. Lambdas inside count only where they are called, which is not known.

#include <stdlib.h>

#include "frontend/checks.h"
#include "frontend/resolve.h"
#include "frontend/walk.h"

// ---- Reads and writes -------------------------------------------------------------------

typedef struct Use {
    bool read, written;
    NstSpan first_write;
} Use;

static bool note_use(void *context, const NstEffect *effect) {
    Use *uses = context;
    if (!effect->mvar) return true;
    Use *use = &uses[effect->mvar->index];
    bool write = effect->kind != NST_EFFECT_READ;
    bool read = effect->kind == NST_EFFECT_READ || effect->kind == NST_EFFECT_UPDATE;
    use->read |= read && !effect->own;
    if (write && !use->written) {
        use->written = true;
        use->first_write = effect->stmt ? effect->stmt->span : effect->expr->span;
    }
    return true;
}

static void report_use(NstProgram *program, const NstMvar *mvar, const Use *use) {
    const char *name = nst_name_text(mvar->name);
    if (use->read || name[0] == '_' || !nst_written_by_user(program, mvar->span)) return;
    if (!use->written) {
        if (!mvar->constant_init) return; // it is there for what its initialiser does
        nst_diag_add(program->diags, NST_DIAG_UNUSED, mvar->span, "unused mvar `%s`", name);
        return;
    }
    NstDiag *diag = nst_diag_add(program->diags, NST_DIAG_UNREAD_MVAR, mvar->span, "mvar `%s` is written but never read", name);
    nst_diag_label(program->diags, diag, use->first_write, "written here");
    nst_diag_hint(program->diags, diag, "remove it, or call it `_%s` if only a debugger is to see it", name);
}

// ---- Waiting ----------------------------------------------------------------------------

// Primitives that wait for time or for the outside world, as far as the user notices.
static const char *const waiting_primitives[] = {
    "process_sleep", "tcp_accept",        "tcp_connect",       "tcp_read",
    "http_request",  "server_accept", "exec_run",   "exec_read_line",    "exec_wait",         "websocket_accept",
    "websocket_connect", "websocket_receive",
};

typedef enum State { UNSEEN, WAITS_NOT, WAITS } State; // a function under visit counts as WAITS_NOT

typedef struct Waits {
    NstProgram *program;
    State *states; // by function id
    size_t capacity;
    const NstExpr *found;
} Waits;

static bool is_waiting_primitive(NstText name) {
    for (size_t i = 0; i < sizeof waiting_primitives / sizeof *waiting_primitives; i++)
        if (strlen(waiting_primitives[i]) == name.size && memcmp(waiting_primitives[i], name.data, name.size) == 0) return true;
    return false;
}

static bool function_waits(Waits *w, NstFunction *fn);

static bool wait_in_stmt(void *context, NstStmt *stmt) {
    (void)context;
    return stmt->kind != NST_STMT_FUNCTION;
}

static bool wait_in_expr(void *context, NstExpr *e) {
    Waits *w = context;
    if (w->found || e->kind == NST_EXPR_SPAWN || e->kind == NST_EXPR_LAMBDA) return false;
    NstFunction *fn = nst_called_function(e);
    if (fn && function_waits(w, fn)) w->found = e;
    return !w->found;
}

static bool function_waits(Waits *w, NstFunction *fn) {
    if (fn->extern_name.size) return is_waiting_primitive(fn->extern_name);
    if (fn->id >= w->capacity) {
        size_t capacity = fn->id * 2 + 64;
        w->states = nst_realloc(w->states, capacity * sizeof *w->states);
        memset(w->states + w->capacity, 0, (capacity - w->capacity) * sizeof *w->states);
        w->capacity = capacity;
    }
    if (w->states[fn->id] != UNSEEN) return w->states[fn->id] == WAITS;
    w->states[fn->id] = WAITS_NOT;
    if (fn->library) nst_resolve_body(w->program, fn);
    NstVisitor visitor = { w, wait_in_expr, wait_in_stmt };
    for (size_t i = 0; i < fn->clause_count && !w->found; i++) {
        nst_walk_expr(&visitor, fn->clauses[i]->guard);
        nst_walk_expr(&visitor, fn->clauses[i]->body_expr);
    }
    bool waits = w->found != NULL;
    w->found = NULL;
    if (waits) w->states[fn->id] = WAITS;
    return waits;
}

static void check_held(Waits *w, const NstMvar *mvar, NstExpr *held) {
    w->found = NULL;
    NstVisitor visitor = { w, wait_in_expr, wait_in_stmt };
    nst_walk_expr(&visitor, held);
    if (!w->found || !nst_written_by_user(w->program, w->found->span)) return;
    const char *name = nst_name_text(mvar->name);
    NstDiag *diag = nst_diag_add(w->program->diags, NST_DIAG_WAITING_WHILE_LOCKED, w->found->span,
                                 "`%s` waits while mvar `%s` is held", nst_name_text(nst_called_function(w->found)->name), name);
    nst_diag_hint(w->program->diags, diag, "every process that needs `%s` waits too: do it before, then change `%s`", name, name);
}

static bool check_effect(void *context, const NstEffect *effect) {
    Waits *w = context;
    if (effect->stmt && effect->mvar && effect->stmt->locking) check_held(w, effect->mvar, effect->stmt->value);
    if (effect->kind == NST_EFFECT_UPDATE)
        for (size_t i = 0; i < effect->expr->call.arg_count; i++) {
            const NstExpr *function = effect->expr->call.args[i].value;
            if (function->kind == NST_EXPR_LAMBDA) check_held(w, effect->mvar, function->lambda->body_expr);
        }
    return true;
}

void nst_check_mvar_use(NstProgram *program, const NstEffectTable *effects) {
    if (!program->mvar_count) return;
    Use *uses = nst_calloc(program->mvar_count, sizeof *uses);
    nst_effects_each(effects, note_use, uses);
    for (size_t i = 0; i < program->mvar_count; i++) {
        const NstMvar *mvar = program->mvars[i];
        if (!mvar->module->library && !(program->lib && mvar->public_)) report_use(program, mvar, &uses[i]);
    }
    free(uses);
    Waits waits = { .program = program };
    nst_effects_each(effects, check_effect, &waits);
    free(waits.states);
}
