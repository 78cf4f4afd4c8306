// Locals, cells, local functions and closures.
//
// A local function or a lambda bound to a name is *closed* if it captures nothing but closed functions: it needs no value
// at run time, calls go to its link directly. Others are closures. A generalised local function has one closure, made
// at unknown types; each use puts the code of its own instance on the same captures.
#include <stdlib.h>

#include "runtime/codegen_internal.h"

bool cg_is_cell(const NstLocal *local) {
    return local->assigned_after_capture_possible || (local->mutable_ && local->captured) || local->captured_early;
}

static bool is_generalised(const NstLocal *local) {
    return local->scheme && local->scheme->param_count > 0;
}

// `f = g` with a generalised type: every use means g at its own types, there is nothing to store.
static bool is_alias(const NstLocalDef *def) {
    return def && def->value && def->value->kind == NST_EXPR_NAME;
}

NstLocalDef *cg_def(const NstLocal *local) {
    return nst_local_def(local);
}

// The local whose value a mention of `local` needs at run time, or null if none.
static NstLocal *stored(NstLocal *local) {
    const NstLocalDef *def = nst_local_def(local);
    while (is_alias(def)) {
        if (def->value->target != NST_TARGET_LOCAL) return NULL;
        local = def->value->to.local;
        def = nst_local_def(local);
    }
    return def && def->closed ? NULL : local;
}

size_t nst_codegen_captures(const NstBody *body, const NstLocal *self, NstLocal **out, size_t count) {
    for (size_t i = 0; i < body->capture_count; i++) {
        NstLocal *local = stored(body->captures[i]);
        bool known = !local || (local == self && !cg_is_cell(local));
        for (size_t k = 0; k < count && !known; k++) known = out[k] == local;
        if (!known) out[count++] = local;
    }
    return count;
}

// ---- Definitions of a block --------------------------------------------------------------

// The lambda or generalised name that the statement binds a name to, or null.
static NstLocal *bound_function(const NstStmt *stmt) {
    if (stmt->kind != NST_STMT_BIND || stmt->var_ || stmt->pattern->kind != NST_PAT_NAME) return NULL;
    NstLocal *local = stmt->pattern->local;
    if (!local || stmt->pattern->role != NST_ROLE_BIND || local->mutable_) return NULL;
    if (stmt->value->kind == NST_EXPR_LAMBDA) return local;
    return stmt->value->kind == NST_EXPR_NAME && is_generalised(local) ? local : NULL;
}

static size_t def_body_count(const NstLocalDef *def) {
    return def->clauses ? def->clause_count : 1;
}

static const NstBody *def_body(const NstLocalDef *def, size_t i) {
    return def->clauses ? def->clauses[i]->body : def->value->lambda->body;
}

// Whether all captures are closed functions, taking the definitions that are still `closed` as such.
static bool captures_are_closed(const NstLocalDef *def) {
    for (size_t b = 0; b < def_body_count(def); b++) {
        const NstBody *body = def_body(def, b);
        for (size_t i = 0; i < body->capture_count; i++) {
            if (stored(body->captures[i])) return false;
        }
    }
    return true;
}

static void set_def_captures(NstLocalDef *def) {
    size_t room = 1;
    for (size_t b = 0; b < def_body_count(def); b++) room += def_body(def, b)->capture_count;
    def->captures = nst_code_alloc(room * sizeof *def->captures);
    for (size_t b = 0; b < def_body_count(def); b++) {
        def->capture_count = nst_codegen_captures(def_body(def, b), def->local, def->captures, def->capture_count);
    }
}

static void prepare_cell(NstCg *cg, const NstLocal *local) {
    if (!local || !local->captured_early || local->body != cg->body || !stored((NstLocal *)(uintptr_t)local)) return;
    uint32_t reg = cg_temp(cg);
    cg_emit(cg, NST_OP_CODE_LOAD_UNIT, reg, 0, 0);
    cg_emit(cg, NST_OP_CODE_NEW_CELL, reg, reg, 0);
    cg->places[local->index] = (int32_t)(reg | CG_PREPARED);
}

// Cells for the locals that functions of the block may capture before they are bound.
static void prepare_pattern(NstCg *cg, const NstPattern *pattern) {
    if (!pattern) return;
    if (pattern->kind == NST_PAT_NAME && pattern->role == NST_ROLE_BIND) prepare_cell(cg, pattern->local);
    for (size_t i = 0; i < pattern->item_count; i++) prepare_pattern(cg, pattern->items[i]);
    for (size_t i = 0; i < pattern->field_count; i++) prepare_pattern(cg, pattern->fields[i].pattern);
    prepare_pattern(cg, pattern->rest);
}

void cg_define_block(NstCg *cg, NstStmt *const *stmts, size_t count) {
    NstLocalDef **fresh = nst_code_alloc((count + 1) * sizeof(NstLocalDef *));
    size_t fresh_count = 0;
    for (size_t i = 0; i < count; i++) {
        NstStmt *stmt = stmts[i];
        NstLocal *local = stmt->kind == NST_STMT_FUNCTION ? stmt->local : bound_function(stmt);
        if (!local || nst_local_def(local)) continue;
        NstLocalDef *def = nst_local_def_add(local);
        if (stmt->kind == NST_STMT_FUNCTION) {
            def->clauses = stmt->clauses;
            def->clause_count = stmt->clause_count;
        } else {
            def->value = stmt->value;
        }
        def->closed = !is_alias(def);
        if (def->closed) fresh[fresh_count++] = def;
    }
    for (bool changed = true; changed;) { // the greatest set of closed functions: they may mention each other
        changed = false;
        for (size_t i = 0; i < fresh_count; i++) {
            if (fresh[i]->closed && !captures_are_closed(fresh[i])) {
                fresh[i]->closed = false;
                changed = true;
            }
        }
    }
    for (size_t i = 0; i < fresh_count; i++) {
        if (!fresh[i]->closed) set_def_captures(fresh[i]);
    }
    free(fresh);
    for (size_t i = 0; i < count; i++) {
        const NstStmt *stmt = stmts[i];
        if (stmt->kind == NST_STMT_FUNCTION) prepare_cell(cg, stmt->local);
        if (stmt->kind == NST_STMT_BIND) prepare_pattern(cg, stmt->pattern);
    }
}

// ---- Registers of locals -----------------------------------------------------------------

static bool is_self(const NstCg *cg, const NstLocal *local) {
    return cg->link->def && cg->link->def->local == local && cg->link->capture_count > 0 && local->body != cg->body;
}

// The register with the local's value, or its cell.
static uint32_t raw(NstCg *cg, const NstLocal *local) {
    if (local->body == cg->body) {
        int32_t place = local->index < cg->body->local_count ? cg->places[local->index] : -1;
        if (place < 0) cg_fail(cg, "a variable is used before it is bound");
        return (uint32_t)place & 0xFFFF;
    }
    for (uint32_t i = 0; i < cg->link->capture_count; i++) {
        if (cg->link->captures[i] != local) continue;
        uint32_t reg = cg_temp(cg);
        cg_emit(cg, NST_OP_CODE_GET_CAPTURE, reg, cg->closure, i);
        return reg;
    }
    if (is_self(cg, local)) return cg->closure;
    cg_fail(cg, "a variable of an enclosing function was not captured");
    return 0;
}

uint32_t cg_local(NstCg *cg, const NstLocal *local) {
    if (is_self(cg, local)) return cg->closure;
    uint32_t reg = raw(cg, local);
    cg_release(cg, local);
    if (!cg_is_cell(local)) return reg;
    uint32_t value = local->body == cg->body ? cg_temp(cg) : reg; // a captured cell is in a temporary already
    cg_emit(cg, NST_OP_CODE_GET_CELL, value, reg, 0);
    return value;
}

bool cg_plain_register(NstCg *cg, const NstLocal *local, uint32_t *reg) {
    if (local->body != cg->body || cg_is_cell(local) || local->index >= cg->body->local_count) return false;
    if (cg->places[local->index] < 0) return false;
    *reg = (uint32_t)cg->places[local->index] & 0xFFFF;
    return true;
}

void cg_bind_local(NstCg *cg, NstLocal *local, uint32_t reg, bool own) {
    if (local->body != cg->body || local->index >= cg->body->local_count) {
        cg_fail(cg, "a variable is bound outside its function");
        return;
    }
    int32_t *place = &cg->places[local->index];
    bool cell = cg_is_cell(local), prepared = *place >= 0 && (*place & CG_PREPARED);
    uint32_t to = (uint32_t)*place & 0xFFFF;
    if (prepared && local->captured_early) {
        cg_emit(cg, NST_OP_CODE_SET_CELL, to, reg, 0);
    } else {
        if (!prepared) to = cell || !own ? cg_temp(cg) : reg;
        if (cell) {
            cg_emit(cg, NST_OP_CODE_NEW_CELL, to, reg, 0);
        } else {
            cg_move(cg, to, reg);
        }
        if (!prepared) *place = (int32_t)to;
    }
    cg_name_local(cg, local, to, cell);
}

void cg_assign_local(NstCg *cg, const NstLocal *local, uint32_t reg) {
    uint32_t mark = cg->next;
    uint32_t to = raw(cg, local);
    if (cg_is_cell(local)) {
        cg_emit(cg, NST_OP_CODE_SET_CELL, to, reg, 0);
    } else {
        cg_move(cg, to, reg);
    }
    cg->next = mark;
}

void cg_enter_body(NstCg *cg, const NstBody *body) {
    free(cg->places);
    cg->body = body;
    cg->places = nst_code_alloc((body->local_count + 1) * sizeof *cg->places);
    for (size_t i = 0; i < body->local_count; i++) cg->places[i] = -1;
    for (size_t i = 0; i < body->local_count; i++) {
        NstLocal *local = body->locals[i];
        if (!local->copy_of) continue;
        uint32_t reg = cg_temp(cg);
        cg_move(cg, reg, cg_local(cg, local->copy_of));
        cg_bind_local(cg, local, reg, true);
    }
}

// ---- Units of local functions ------------------------------------------------------------

static bool owns(const NstLink *link, const NstBody *body) {
    switch (link->kind) {
    case NST_UNIT_FUNCTION:
        for (size_t i = 0; i < link->instance->fn->clause_count; i++) {
            if (link->instance->fn->clauses[i]->body == body) return true;
        }
        return false;
    case NST_UNIT_LAMBDA: return ((const NstLambda *)link->node)->body == body;
    case NST_UNIT_BODY: return ((const NstExpr *)link->node)->spawn.body == body;
    case NST_UNIT_MVAR: return ((const NstMvar *)link->node)->init_body == body;
    case NST_UNIT_LOCAL:
        for (size_t i = 0; i < def_body_count(link->def); i++) {
            if (def_body(link->def, i) == body) return true;
        }
        return false;
    default: return false;
    }
}

// The unit whose activation binds the local: this one or one around it.
static const NstLink *owner(const NstCg *cg, const NstLocal *local) {
    if (local->body == cg->body) return cg->link;
    for (const NstLink *link = cg->link->parent; link; link = link->parent) {
        if (owns(link, local->body)) return link;
    }
    return cg->link;
}

static const NstInstance *owner_instance(const NstCg *cg, const NstLocal *local) {
    const NstLink *link = owner(cg, local);
    return link == cg->link ? cg->instance : link->instance;
}

// The instance of a generalised local at this use (null: at unknown types).
static const NstInstance *instance_at(NstCg *cg, const NstExpr *use, NstLocal *local, const NstTarget *target) {
    const NstInstance *outer = owner_instance(cg, local);
    if (!is_generalised(local)) return outer;
    size_t count = local->scheme->param_count;
    NstType **subst = nst_code_alloc(count * sizeof *subst);
    for (size_t i = 0; i < count; i++) {
        const NstType *type = nst_program_any(cg->program);
        if (target && target->subst && i < target->subst_count) {
            type = target->subst[i];
        } else if (use && use->subst && i < use->subst_count) {
            type = nst_instance_type(cg->instance, use->subst[i]);
        }
        subst[i] = (NstType *)(uintptr_t)type;
    }
    const NstInstance *instance = nst_instance_local(outer, local, subst);
    free(subst);
    return instance;
}

NstLink *cg_local_link(NstCg *cg, const NstExpr *use, const NstLocal *local, const NstTarget *target) {
    const NstLocalDef *def = nst_local_def(local);
    if (!def || is_alias(def)) return NULL;
    // Inside its own body a function has one type.
    if (cg->link->def == def && cg->link->kind == NST_UNIT_LOCAL) return cg->link;
    for (const NstLink *link = cg->link->parent; link; link = link->parent) {
        if (link->def == def && link->kind == NST_UNIT_LOCAL) return (NstLink *)(uintptr_t)link;
    }
    const NstInstance *instance = instance_at(cg, use, def->local, target);
    return nst_link_local(instance, def, owner(cg, local));
}

uint32_t cg_local_closure(NstCg *cg, const NstLocal *local) {
    return cg_local(cg, local);
}

void cg_local_value(NstCg *cg, const NstExpr *use, const NstLocal *local, const NstTarget *target, NstDest dest) {
    const NstLocalDef *def = nst_local_def(local);
    uint32_t mark = cg->next;
    if (is_alias(def)) {
        const NstInstance *instance = cg->instance;
        cg->instance = instance_at(cg, use, def->local, target);
        cg_value(cg, def->value, dest);
        cg->instance = instance;
    } else if (def && def->closed) {
        uint32_t reg = cg_place_for(cg, dest);
        NstLink *link = cg_local_link(cg, use, local, target);
        uint32_t k = cg_constant(cg, (NstValue){ .w.link = link, .tag = NST_TAG_FUNCTION });
        cg_emit_d(cg, NST_OP_CODE_LOAD_K, reg, (int32_t)k);
        cg_deliver(cg, reg, dest);
    } else if (def && is_generalised(local) && !is_self(cg, local)) {
        uint32_t reg = cg_place_for(cg, dest);
        NstLink *link = cg_local_link(cg, use, local, target);
        cg_emit(cg, NST_OP_CODE_AS_LINK, reg, cg_local(cg, local), cg_link(cg, link));
        cg_deliver(cg, reg, dest);
    } else if (!cg_give_back(cg, local, dest)) {
        cg_deliver(cg, cg_local(cg, local), dest);
    }
    cg->next = mark;
}

// ---- Making closures ---------------------------------------------------------------------

void cg_closure(NstCg *cg, NstLink *link, uint32_t dest) {
    if (link->capture_count == 0) {
        uint32_t k = cg_constant(cg, (NstValue){ .w.link = link, .tag = NST_TAG_FUNCTION });
        cg_emit_d(cg, NST_OP_CODE_LOAD_K, dest, (int32_t)k);
        return;
    }
    uint32_t mark = cg->next;
    uint32_t window = cg_temps(cg, link->capture_count);
    for (uint32_t i = 0; i < link->capture_count; i++) {
        uint32_t inner = cg->next;
        cg_move(cg, window + i, raw(cg, link->captures[i]));
        cg->next = inner;
    }
    cg_emit(cg, NST_OP_CODE_NEW_CLOSURE, dest, window, cg_link(cg, link));
    cg->next = mark;
}

void cg_define_function(NstCg *cg, const NstLocal *local) {
    NstLocalDef *def = nst_local_def(local);
    if (is_alias(def)) return;
    NstLink *link = nst_link_local(instance_at(cg, NULL, def->local, NULL), def, cg->link);
    if (def->closed) {
        cg_name_function(cg, def->local, link);
        return;
    }
    uint32_t reg = cg_temp(cg);
    cg_closure(cg, link, reg);
    cg_bind_local(cg, def->local, reg, true);
}

void cg_lambda(NstCg *cg, const NstExpr *expr, NstDest dest) {
    uint32_t mark = cg->next;
    uint32_t reg = cg_place_for(cg, dest);
    cg_closure(cg, nst_link_lambda(cg->instance, expr->lambda, cg->link), reg);
    cg_deliver(cg, reg, dest);
    cg->next = mark;
}
