// receive, spawn, send, mvars.
#include "runtime/codegen_internal.h"
#include "runtime/process.h"

// ---- Messages ----------------------------------------------------------------------------

void cg_receive(NstCg *cg, const NstExpr *expr, NstDest dest) {
    uint32_t mark = cg->next;
    uint32_t message = cg_temp(cg);
    bool has_timeout = expr->receive.after_time != NULL;
    uint32_t time = has_timeout ? cg_operand(cg, expr->receive.after_time) : 0;
    NstCgLabel next = CG_LABEL, timeout = CG_LABEL, end = CG_LABEL;
    cg_at(cg, expr->span, false);
    cg_emit_d(cg, NST_OP_CODE_RECEIVE, time, has_timeout);
    cg_bind(cg, &next);
    cg_jump(cg, NST_OP_CODE_EXAMINE, message, 0, &timeout);
    if (!cg_arms(cg, expr->receive.arms, expr->receive.arm_count, message, dest, &end, true)) {
        cg_emit(cg, NST_OP_CODE_SKIP, 0, 0, 0);
        cg_jump(cg, NST_OP_CODE_JUMP, 0, 0, &next);
    }
    cg_bind(cg, &timeout);
    if (has_timeout) {
        cg_at(cg, expr->receive.after_body->span, true);
        cg_value(cg, expr->receive.after_body, dest);
    }
    cg_bind(cg, &end);
    cg->next = mark;
}

void cg_spawn(NstCg *cg, const NstExpr *expr, NstDest dest) {
    static const uint8_t how[] = {
        [NST_SPAWN] = NST_SPAWN_PLAIN, [NST_SPAWN_LINK] = NST_SPAWN_LINKED, [NST_SPAWN_MONITOR] = NST_SPAWN_MONITORED,
    };
    uint32_t mark = cg->next;
    uint32_t reg = cg_place_for(cg, dest);
    uint32_t fn;
    if (expr->spawn.by_value) {
        fn = cg_operand(cg, expr->spawn.operand);
    } else {
        fn = cg_temp(cg);
        cg_closure(cg, nst_link_body(cg->instance, expr, cg->link), fn);
    }
    cg_at(cg, expr->span, false);
    cg_emit(cg, NST_OP_CODE_SPAWN, reg, fn, how[expr->spawn.how]);
    cg_deliver(cg, reg, dest);
    cg->next = mark;
}

void cg_send(NstCg *cg, const NstExpr *expr, NstDest dest) {
    uint32_t mark = cg->next;
    uint32_t to = cg_operand_before(cg, expr->binary.left, expr->binary.right, CG_NONE);
    uint32_t message = cg_operand(cg, expr->binary.right);
    cg_emit(cg, NST_OP_CODE_SEND, to, message, 0);
    cg->next = mark;
    cg_unit(cg, dest);
}

// ---- Mvars -------------------------------------------------------------------------------

typedef struct Lock {
    NstControl control;
    uint32_t passing; // two registers for an exception on its way
} Lock;

static void lock(NstCg *cg, Lock *l, NstMvar *const *mvars, size_t count) {
    *l = (Lock){ .passing = cg_temps(cg, 2) };
    l->control.lock_set = cg_lock_set(cg, mvars, count);
    cg_emit_d(cg, NST_OP_CODE_MVAR_LOCK, 0, (int32_t)l->control.lock_set);
    cg_protect(cg, &l->control, CONTROL_LOCK);
}

static void unlock(NstCg *cg, Lock *l) {
    NstCgLabel over = CG_LABEL;
    int32_t set = (int32_t)l->control.lock_set;
    cg_unprotect(cg, &l->control);
    cg_emit_d(cg, NST_OP_CODE_MVAR_UNLOCK, 0, set);
    cg_jump(cg, NST_OP_CODE_JUMP, 0, 0, &over);
    cg_handler(cg, &l->control, NST_HANDLER_FINALLY, l->passing);
    cg_emit_d(cg, NST_OP_CODE_MVAR_UNLOCK, 0, set);
    cg_emit(cg, NST_OP_CODE_RETHROW, l->passing, 0, 0);
    cg_bind(cg, &over);
}

// The lock set of an assignment: at least the mvar itself.
static void lock_for(NstCg *cg, Lock *l, const NstStmt *stmt) {
    NstMvar *own[1] = { stmt->mvar };
    lock(cg, l, stmt->lock_count > 0 ? stmt->lock_set : own, stmt->lock_count > 0 ? stmt->lock_count : 1);
}

void cg_mvar_assign(NstCg *cg, const NstStmt *stmt) {
    uint32_t mark = cg->next;
    Lock l;
    if (stmt->locking) lock_for(cg, &l, stmt);
    uint32_t value = cg_operand(cg, stmt->value);
    cg_emit_d(cg, NST_OP_CODE_MVAR_SET, value, (int32_t)stmt->mvar->index);
    if (stmt->locking) unlock(cg, &l);
    cg->next = mark;
}

// The current value of a place: a private copy of the mvar's content, or a part of it.
static uint32_t load_place(NstCg *cg, const NstExpr *place, const NstMvar *mvar) {
    uint32_t reg = cg_temp(cg);
    if (place->kind == NST_EXPR_FIELD || place->kind == NST_EXPR_INDEX) {
        cg_value(cg, place, reg | CG_FRESH);
    } else {
        cg_emit_d(cg, NST_OP_CODE_MVAR_GET, reg, (int32_t)mvar->index);
    }
    return reg;
}

// Stores `value` in the place by storing its updated container in the container's place, up to the mvar itself.
static void store_place(NstCg *cg, const NstExpr *place, const NstMvar *mvar, uint32_t value) {
    if (place->kind == NST_EXPR_FIELD) {
        uint32_t container = load_place(cg, place->field.receiver, mvar);
        const NstLayout *layout = cg_record_layout(cg, place->field.receiver->type);
        NstName name = place->field.field.name;
        uint32_t position = 0;
        for (uint32_t i = 0; layout && i < layout->field_count; i++) {
            if (layout->field_names[i] == name) position = i;
        }
        cg_emit(cg, NST_OP_CODE_FIELD_SET, container, value, cg_field(cg, layout, position, name));
        cg_result(cg, NST_OP_CODE_RESULT_NONE, 0, 0);
        store_place(cg, place->field.receiver, mvar, container);
    } else if (place->kind == NST_EXPR_INDEX) {
        uint32_t container = load_place(cg, place->index.receiver, mvar);
        uint32_t index = cg_into_temp(cg, place->index.index);
        cg_emit(cg, NST_OP_CODE_INDEX_SET, container, index, value);
        cg_result(cg, NST_OP_CODE_RESULT, container, 0);
        store_place(cg, place->index.receiver, mvar, container);
    } else {
        cg_emit_d(cg, NST_OP_CODE_MVAR_SET, value, (int32_t)mvar->index);
    }
}

void cg_mvar_part(NstCg *cg, const NstStmt *stmt) {
    uint32_t mark = cg->next;
    Lock l;
    lock_for(cg, &l, stmt);
    uint32_t value = cg_into_temp(cg, stmt->value);
    store_place(cg, stmt->place, stmt->mvar, value);
    unlock(cg, &l);
    cg->next = mark;
}

void cg_mvar_update(NstCg *cg, const NstExpr *expr, NstDest dest) {
    uint32_t mark = cg->next;
    NstMvar *mvar = expr->target == NST_TARGET_MVAR_UPDATE ? expr->to.mvar : cg_target(cg, expr)->mvar;
    uint32_t result = cg_temp(cg);
    uint32_t fn = cg_into_temp(cg, expr->call.args[0].value);
    bool has_set = expr->call.lock_count > 0;
    Lock l;
    lock(cg, &l, has_set ? expr->call.lock_set : &mvar, has_set ? expr->call.lock_count : 1);
    uint32_t window = cg_temp(cg);
    cg_emit_d(cg, NST_OP_CODE_MVAR_GET, window, (int32_t)mvar->index);
    cg_call_value(cg, fn, window, 1, result);
    cg_emit_d(cg, NST_OP_CODE_MVAR_SET, result, (int32_t)mvar->index);
    unlock(cg, &l);
    cg_deliver(cg, result, dest);
    cg->next = mark;
}
