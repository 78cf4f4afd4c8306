// Blocks, statements, branches, loops, return, try.
//
// Regions of exception handlers are static ranges of instructions. A jump out of regions (return, break, continue) runs the
// finally parts of those it leaves, which are copied to the place; while they and the jump are emitted the left regions
// are interrupted, so that no part runs twice.
#include <stdlib.h>
#include <string.h>

#include "runtime/codegen_internal.h"

// ---- Regions -----------------------------------------------------------------------------

static void open_region(NstCg *cg, NstControl *control) {
    control->start = cg->insn_count;
    control->open = true;
}

static void close_region(NstCg *cg, NstControl *control) {
    control->open = false;
    if (control->start == cg->insn_count) return;
    NstSegment *bigger = nst_code_alloc((control->segment_count + 1) * sizeof *bigger);
    if (control->segment_count > 0) memcpy(bigger, control->segments, control->segment_count * sizeof *bigger);
    free(control->segments);
    control->segments = bigger;
    control->segments[control->segment_count++] = (NstSegment){ control->start, cg->insn_count };
}

void cg_protect(NstCg *cg, NstControl *control, NstControlKind kind) {
    control->kind = kind;
    control->parent = cg->control;
    cg->control = control;
    open_region(cg, control);
}

void cg_unprotect(NstCg *cg, NstControl *control) {
    close_region(cg, control);
    cg->control = control->parent;
}

void cg_handler(NstCg *cg, NstControl *control, NstHandlerKind kind, uint32_t reg) {
    for (uint32_t i = 0; i < control->segment_count; i++) {
        cg_add_handler(cg, (NstCodeHandler){ control->segments[i].start, control->segments[i].end, cg->insn_count,
                                             (uint16_t)reg, (uint8_t)kind });
    }
    free(control->segments);
    control->segments = NULL;
    control->segment_count = 0;
}

static void run_exit(NstCg *cg, const NstControl *control) {
    uint32_t mark = cg->next;
    if (control->kind == CONTROL_FINALLY) cg_value(cg, control->finally, CG_NONE);
    if (control->kind == CONTROL_LOCK) cg_emit_d(cg, NST_OP_CODE_MVAR_UNLOCK, 0, (int32_t)control->lock_set);
    cg->next = mark;
}

// Emits what leaving all regions inside `until` runs. The regions stay interrupted until reopen().
static void leave(NstCg *cg, const NstControl *until) {
    NstControl *innermost = cg->control;
    for (NstControl *c = innermost; c != until; c = c->parent) {
        if (c->kind == CONTROL_LOOP) continue;
        if (c->open) close_region(cg, c);
        cg->control = c->parent;
        run_exit(cg, c);
    }
    cg->control = innermost;
}

static void reopen(NstCg *cg, const NstControl *until) {
    for (NstControl *c = cg->control; c != until; c = c->parent) {
        if (c->kind != CONTROL_LOOP) open_region(cg, c);
    }
}

void cg_return(NstCg *cg, uint32_t reg) {
    uint32_t mark = cg->next;
    if (reg >= cg->next) cg->next = reg + 1; // the value survives the finally parts
    cg_reserve(cg, cg->next);
    leave(cg, NULL);
    if (cg->observed) cg_emit(cg, NST_OP_CODE_LEAVE, 0, 0, 0);
    cg_emit(cg, NST_OP_CODE_RETURN, reg, 0, 0);
    reopen(cg, NULL);
    cg->next = mark;
}

void cg_break(NstCg *cg, const NstExpr *expr) {
    NstControl *loop = cg->control;
    while (loop && loop->kind != CONTROL_LOOP) loop = loop->parent;
    if (!loop) {
        cg_fail(cg, "break outside a loop reached code generation");
        return;
    }
    bool leaves = expr->kind == NST_EXPR_BREAK;
    if (leaves) {
        if (expr->unary.operand) {
            cg_value(cg, expr->unary.operand, loop->value);
        } else {
            cg_unit(cg, loop->value);
        }
    }
    leave(cg, loop);
    cg_jump(cg, NST_OP_CODE_JUMP, 0, 0, leaves ? loop->break_ : loop->continue_);
    reopen(cg, loop);
}

// ---- Blocks and statements ---------------------------------------------------------------

void cg_block(NstCg *cg, const NstExpr *expr, NstDest dest) {
    uint32_t mark = cg->next, scope = cg_scope_begin(cg);
    size_t count = expr->block.count;
    if (count == 0) {
        cg_unit(cg, dest);
        return;
    }
    cg_define_block(cg, expr->block.stmts, count);
    for (size_t i = 0; i + 1 < count; i++) cg_stmt(cg, expr->block.stmts[i], CG_NONE);
    cg_stmt(cg, expr->block.stmts[count - 1], dest);
    cg_scope_end(cg, scope);
    cg->next = mark;
}

static void bind_name(NstCg *cg, const NstStmt *stmt) {
    NstLocal *local = stmt->pattern->local;
    if (stmt->pattern->role == NST_ROLE_ASSIGN) {
        uint32_t mark = cg->next, plain;
        if (cg_plain_register(cg, local, &plain)) {
            cg_value(cg, stmt->value, plain);
        } else {
            cg_assign_local(cg, local, cg_operand(cg, stmt->value));
        }
        cg->next = mark;
        return;
    }
    if (cg_def(local)) {
        cg_define_function(cg, local);
        return;
    }
    uint32_t reg = cg_temp(cg);
    cg_value(cg, stmt->value, reg | CG_FRESH);
    cg_bind_local(cg, local, reg, true);
}

static void bind_pattern(NstCg *cg, const NstStmt *stmt) {
    // A copy of a variable's value: names of the pattern may take its register over.
    uint32_t reg = stmt->pattern->kind == NST_PAT_OR ? cg_into_temp(cg, stmt->value) : cg_operand(cg, stmt->value);
    NstCgLabel fail = CG_LABEL, matched = CG_LABEL;
    cg_at(cg, stmt->span, false);
    cg_pattern(cg, stmt->pattern, reg, &fail);
    if (fail.fixup < 0) return;
    cg_jump(cg, NST_OP_CODE_JUMP, 0, 0, &matched);
    cg_bind(cg, &fail);
    cg_emit(cg, NST_OP_CODE_NO_MATCH, 0, 0, 0);
    cg_bind(cg, &matched);
}

static void assign_field(NstCg *cg, const NstStmt *stmt) {
    const NstExpr *place = stmt->place;
    uint32_t mark = cg->next;
    uint32_t value = cg_operand_before(cg, stmt->value, place->field.receiver, CG_NONE);
    uint32_t receiver = cg_operand(cg, place->field.receiver);
    const NstLayout *layout = cg_record_layout(cg, place->field.receiver->type);
    NstName name = place->field.field.name;
    uint32_t position = 0;
    for (uint32_t i = 0; layout && i < layout->field_count; i++) {
        if (layout->field_names[i] == name) position = i;
    }
    cg_at(cg, stmt->span, false);
    cg_emit(cg, NST_OP_CODE_FIELD_SET, receiver, value, cg_field(cg, layout, position, name));
    cg_result(cg, NST_OP_CODE_RESULT_NONE, 0, 0);
    cg->next = mark;
}

// c[i] = e: a typed array is changed in place; any other collection is a new one, which its name takes over.
static void assign_index(NstCg *cg, const NstStmt *stmt) {
    const NstExpr *place = stmt->place;
    uint32_t mark = cg->next;
    uint32_t value = cg_into_temp(cg, stmt->value);
    uint32_t collection;
    bool owned = stmt->local && place->index.receiver->kind == NST_EXPR_NAME && !cg_has_statements(place->index.index) &&
                 cg_owner(cg, stmt->local, &collection) && stmt->local->mutable_;
    if (!owned) collection = cg_into_temp(cg, place->index.receiver);
    uint32_t index = cg_operand(cg, place->index.index);
    cg_at(cg, stmt->span, false);
    cg_emit(cg, NST_OP_CODE_INDEX_SET, collection, index, value);
    cg_result(cg, NST_OP_CODE_RESULT, collection, owned);
    if (stmt->local && !owned) {
        uint32_t plain;
        if (stmt->local->body == cg->body && !cg_is_cell(stmt->local) && !cg_plain_register(cg, stmt->local, &plain)) {
            cg_bind_local(cg, stmt->local, collection, true); // a new local that hides a captured name
            return;
        }
        cg_assign_local(cg, stmt->local, collection);
    }
    cg->next = mark;
}

void cg_stmt(NstCg *cg, const NstStmt *stmt, NstDest dest) {
    cg_at(cg, stmt->span, true);
    switch (stmt->kind) {
    case NST_STMT_EXPR: cg_value(cg, stmt->value, dest); return;
    case NST_STMT_BIND:
        if (stmt->pattern->kind != NST_PAT_NAME) {
            bind_pattern(cg, stmt);
        } else if (stmt->pattern->role == NST_ROLE_MVAR) {
            cg_mvar_assign(cg, stmt);
        } else {
            bind_name(cg, stmt);
        }
        break;
    case NST_STMT_ASSIGN_FIELD:
        if (stmt->mvar) {
            cg_mvar_part(cg, stmt);
        } else {
            assign_field(cg, stmt);
        }
        break;
    case NST_STMT_ASSIGN_INDEX:
        if (stmt->mvar) {
            cg_mvar_part(cg, stmt);
        } else {
            assign_index(cg, stmt);
        }
        break;
    case NST_STMT_FUNCTION: cg_define_function(cg, stmt->local); break;
    }
    cg_unit(cg, dest);
}

// ---- Branches and loops ------------------------------------------------------------------

void cg_if(NstCg *cg, const NstExpr *expr, NstDest dest) {
    NstCgLabel no = CG_LABEL, end = CG_LABEL;
    cg_branch(cg, expr->branch.cond, false, &no);
    cg_value(cg, expr->branch.then, expr->branch.otherwise || (dest & CG_RETURN) ? dest : (NstDest)CG_NONE);
    if (expr->branch.otherwise) {
        if (!(dest & CG_RETURN)) cg_jump(cg, NST_OP_CODE_JUMP, 0, 0, &end);
        cg_bind(cg, &no);
        cg_value(cg, expr->branch.otherwise, dest);
        cg_bind(cg, &end);
    } else {
        cg_bind(cg, &no);
        cg_unit(cg, dest);
    }
}

// Behind the loop: its value if it ended by itself, then the place where break goes.
static void finish_loop(NstCg *cg, NstCgLabel *exit, NstCgLabel *broken, NstDest value, NstDest dest) {
    cg_bind(cg, exit);
    cg_unit(cg, value);
    cg_bind(cg, broken);
    if (dest & CG_RETURN) cg_return(cg, CG_REG(value));
}

// Loops deliver into a register; a loop in tail position returns it afterwards.
static NstDest loop_value(NstCg *cg, NstDest dest) {
    return dest & CG_RETURN ? cg_temp(cg) : dest & ~(NstDest)CG_FRESH;
}

void cg_while(NstCg *cg, const NstExpr *expr, NstDest dest) {
    uint32_t mark = cg->next;
    NstDest value = loop_value(cg, dest);
    NstCgLabel top = CG_LABEL, again = CG_LABEL, exit = CG_LABEL, broken = CG_LABEL;
    NstControl loop = { .kind = CONTROL_LOOP, .parent = cg->control, .break_ = &broken, .continue_ = &again, .value = value };
    cg_bind(cg, &top);
    cg_branch(cg, expr->loop.cond, false, &exit);
    cg->control = &loop;
    cg_value(cg, expr->loop.body, CG_NONE);
    cg->control = loop.parent;
    cg_bind(cg, &again);
    cg_at(cg, expr->span, false);
    cg_jump(cg, NST_OP_CODE_LOOP, 0, 0, &top);
    finish_loop(cg, &exit, &broken, value, dest);
    cg->next = mark;
}

void cg_for(NstCg *cg, const NstExpr *expr, NstDest dest) {
    uint32_t mark = cg->next, scope = cg_scope_begin(cg);
    NstDest value = loop_value(cg, dest);
    uint32_t counter = cg_into_temp(cg, expr->for_.from);
    uint32_t limit = cg_into_temp(cg, expr->for_.to);
    NstCgLabel body = CG_LABEL, again = CG_LABEL, exit = CG_LABEL, broken = CG_LABEL;
    NstControl loop = { .kind = CONTROL_LOOP, .parent = cg->control, .break_ = &broken, .continue_ = &again, .value = value };
    cg_jump(cg, NST_OP_CODE_FOR_PREP, counter, limit, &exit);
    cg_bind(cg, &body);
    if (expr->for_.local) cg_bind_local(cg, expr->for_.local, counter, true);
    cg->control = &loop;
    cg_value(cg, expr->for_.body, CG_NONE);
    cg->control = loop.parent;
    cg_bind(cg, &again);
    cg_at(cg, expr->span, false);
    cg_jump(cg, NST_OP_CODE_FOR_LOOP, counter, limit, &body);
    finish_loop(cg, &exit, &broken, value, dest);
    cg_scope_end(cg, scope);
    cg->next = mark;
}

// ---- try ---------------------------------------------------------------------------------

// Handlers take two registers: the exception, and what RETHROW needs.
void cg_try(NstCg *cg, const NstExpr *expr, NstDest dest) {
    uint32_t mark = cg->next;
    bool has_finally = expr->try_.finally != NULL, has_catch = expr->try_.has_catch;
    // The value waits in a register of its own while finally runs; a body in tail position is not a tail call.
    bool own = has_finally || (dest & CG_RETURN);
    NstDest value = own ? (dest & CG_NONE ? (NstDest)CG_NONE : cg_temp(cg)) : dest & ~(NstDest)CG_FRESH;
    uint32_t caught = cg_temps(cg, 2), passing = cg_temps(cg, 2);
    NstControl outer = { .finally = expr->try_.finally }, inner = { 0 };
    NstCgLabel after = CG_LABEL, end = CG_LABEL;
    if (has_finally) cg_protect(cg, &outer, CONTROL_FINALLY);
    if (has_catch) cg_protect(cg, &inner, CONTROL_CATCH);
    cg_value(cg, expr->try_.body, value);
    if (has_catch) {
        cg_unprotect(cg, &inner);
        cg_jump(cg, NST_OP_CODE_JUMP, 0, 0, &after);
        cg_handler(cg, &inner, NST_HANDLER_CATCH, caught);
        NstDest arm = !has_finally && (dest & CG_RETURN) ? dest : value;
        if (!cg_arms(cg, expr->try_.arms, expr->try_.arm_count, caught, arm, &after, false)) {
            cg_emit(cg, NST_OP_CODE_RETHROW, caught, 0, 0);
        }
    }
    cg_bind(cg, &after);
    if (has_finally) {
        cg_unprotect(cg, &outer);
        run_exit(cg, &outer);
        cg_jump(cg, NST_OP_CODE_JUMP, 0, 0, &end);
        cg_handler(cg, &outer, NST_HANDLER_FINALLY, passing);
        run_exit(cg, &outer);
        cg_emit(cg, NST_OP_CODE_RETHROW, passing, 0, 0);
    }
    cg_bind(cg, &end);
    if (own && !(value & CG_NONE)) cg_deliver(cg, CG_REG(value), dest);
    cg->next = mark;
}
