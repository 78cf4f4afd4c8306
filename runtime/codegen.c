// Units: what surrounds the body of a function, lambda, local function, default, spawned block or initialiser.
#include "runtime/codegen.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/codegen_internal.h"
#include "runtime/heap.h"
#include "runtime/profile.h"

// Parameters are R[0] ..., then the closure; the rest is free.
static void begin(NstCg *cg) {
    uint32_t params = cg->link->param_count;
    cg_temps(cg, params);
    if (cg->link->capture_count > 0) cg->closure = cg_temp(cg);
    cg_reserve(cg, cg->next + 1);
}

static void match_params(NstCg *cg, const NstParam *params, size_t count, NstCgLabel *fail) {
    for (size_t i = 0; i < count; i++) {
        cg_at(cg, params[i].pattern->span, false);
        cg_pattern(cg, params[i].pattern, (uint32_t)i, fail);
    }
}

// One clause; false if it takes every call, so that no further one can be reached.
static bool clause(NstCg *cg, const NstClause *c) {
    uint32_t mark = cg->next, scope = cg_scope_begin(cg);
    NstCgLabel fail = CG_LABEL;
    bool may_fail = c->guard != NULL;
    for (size_t i = 0; i < c->param_count; i++) may_fail = may_fail || !cg_irrefutable(c->params[i].pattern);
    cg_enter_body(cg, c->body);
    match_params(cg, c->params, c->param_count, &fail);
    if (c->guard) {
        cg_at(cg, c->guard->span, false);
        cg_branch(cg, c->guard, false, &fail);
    }
    cg_at(cg, c->body_expr->span, true);
    cg_value(cg, c->body_expr, CG_RETURN);
    cg_bind(cg, &fail);
    cg_scope_end(cg, scope);
    cg->next = mark;
    return may_fail;
}

static void clauses(NstCg *cg, NstClause *const *list, size_t count, NstName name) {
    for (size_t i = 0; i < count; i++) {
        if (!clause(cg, list[i])) return;
    }
    const char *text = nst_name_text(name);
    cg_at(cg, list[0]->span, false);
    cg_emit_d(cg, NST_OP_CODE_NO_CLAUSE, 0, (int32_t)cg_string_constant(cg, text, strlen(text)));
}

static void lambda(NstCg *cg, const NstLambda *l) {
    NstCgLabel fail = CG_LABEL;
    uint32_t scope = cg_scope_begin(cg);
    cg_enter_body(cg, l->body);
    match_params(cg, l->params, l->param_count, &fail);
    cg_at(cg, l->body_expr->span, true);
    cg_value(cg, l->body_expr, CG_RETURN);
    cg_scope_end(cg, scope);
    if (fail.fixup >= 0) {
        cg_bind(cg, &fail);
        cg_emit(cg, NST_OP_CODE_NO_MATCH, 0, 0, 0);
    }
}

// The clause that gives parameter `index` its default.
static const NstClause *default_clause(NstClause *const *list, size_t count, uint32_t index) {
    for (size_t i = 0; i < count; i++) {
        if (list[i]->params[index].default_value) return list[i];
    }
    return NULL;
}

static void default_unit(NstCg *cg) {
    const NstLink *link = cg->link;
    const NstClause *c = link->def ? default_clause(link->def->clauses, link->def->clause_count, link->index)
                                   : default_clause(link->instance->fn->clauses, link->instance->fn->clause_count,
                                                    link->index);
    if (!c) {
        cg_fail(cg, "a parameter's default was not found");
        return;
    }
    NstCgLabel fail = CG_LABEL;
    cg_enter_body(cg, c->body);
    match_params(cg, c->params, link->index, &fail);
    const NstExpr *value = c->params[link->index].default_value;
    cg_at(cg, value->span, true);
    cg_value(cg, value, CG_RETURN);
    cg_bind(cg, &fail);
    cg_emit(cg, NST_OP_CODE_NO_MATCH, 0, 0, 0);
}

static void body_unit(NstCg *cg, const NstBody *body, const NstExpr *expr) {
    cg_enter_body(cg, body);
    cg_at(cg, expr->span, true);
    cg_value(cg, expr, CG_RETURN);
}

static void constructor_unit(NstCg *cg, const NstCtor *ctor) {
    const NstLayout *layout = nst_layout_of((NstCtor *)(uintptr_t)ctor);
    uint32_t window = cg_temp(cg);
    uint32_t k = cg_constant(cg, nst_ctor(layout));
    if (ctor->field_count > 0) {
        cg_emit(cg, NST_OP_CODE_NEW_DATA, window, 0, k);
    } else {
        cg_emit_d(cg, NST_OP_CODE_LOAD_K, window, (int32_t)k);
    }
    if (nst_makes_cell(ctor)) {
        cg_emit(cg, NST_OP_CODE_NEW_DATA, window, window, cg_constant(cg, nst_ctor(nst_layout_cell(ctor->type))));
    }
    cg_return(cg, window);
}

static void adapted_unit(NstCg *cg) {
    bool negate = cg->link->index & 1, swap = cg->link->index & 2;
    uint32_t window = cg_temps(cg, 2);
    cg_move(cg, window, swap ? 1 : 0);
    cg_move(cg, window + 1, swap ? 0 : 1);
    cg_call_link(cg, (NstLink *)(uintptr_t)cg->link->node, window, window);
    if (negate) cg_emit(cg, NST_OP_CODE_NOT, window, window, 0);
    cg_return(cg, window);
}

static void primitive_unit(NstCg *cg) {
    const NstFunction *fn = cg->link->instance->fn;
    cg_call_fn(cg, (NstFunction *)(uintptr_t)fn, NULL, 0, CG_RETURN);
}

// mvars.md 2, then the entry function; its value's text is made here because it may need the program's own show.
static void boot_unit(NstCg *cg) {
    size_t count;
    NstMvar *const *mvars = nst_program_mvar_order(cg->program, &count);
    for (size_t i = 0; i < count; i++) {
        uint32_t value = cg_temp(cg);
        cg_call_link(cg, nst_link_mvar(cg->program, mvars[i]), value, value);
        cg_emit_d(cg, NST_OP_CODE_MVAR_INIT, value, (int32_t)mvars[i]->index);
        cg->next = value;
    }
    NstFunction *entry = (NstFunction *)(uintptr_t)cg->link->node;
    if (!entry) {
        cg_unit(cg, CG_RETURN);
        return;
    }
    uint32_t value = cg_temp(cg);
    cg_call_fn(cg, entry, NULL, value, value);
    NstLink *show = nst_link_library(cg->program, "stdlib.ops.showResult");
    NstCgLabel shown = CG_LABEL;
    if (show) {
        cg_jump(cg, NST_OP_CODE_T_CONST, value, cg_constant(cg, NST_UNIT), &shown);
        cg_return(cg, value);
        cg_bind(cg, &shown);
        cg_call_link(cg, show, value, value);
    }
    cg_return(cg, value);
}

static void unit(NstCg *cg) {
    const NstLink *link = cg->link;
    begin(cg);
    cg->observed = nst_profile_observes() && (link->kind == NST_UNIT_FUNCTION || link->kind == NST_UNIT_LAMBDA ||
                                              link->kind == NST_UNIT_LOCAL || link->kind == NST_UNIT_BODY);
    if (cg->observed) cg_emit(cg, NST_OP_CODE_ENTER, 0, 0, 0);
    switch (link->kind) {
    case NST_UNIT_FUNCTION: {
        const NstFunction *fn = link->instance->fn;
        if (fn->clause_count > 0 && fn->clauses[0]->body_expr) {
            clauses(cg, fn->clauses, fn->clause_count, fn->name);
        } else {
            cg_fail(cg, "a function without body was called");
        }
        break;
    }
    case NST_UNIT_LOCAL:
        if (link->def->clauses) {
            clauses(cg, link->def->clauses, link->def->clause_count, link->def->local->name);
        } else {
            lambda(cg, link->def->value->lambda);
        }
        break;
    case NST_UNIT_DEFAULT: default_unit(cg); break;
    case NST_UNIT_LAMBDA: lambda(cg, link->node); break;
    case NST_UNIT_BODY: {
        const NstExpr *spawn = link->node;
        body_unit(cg, spawn->spawn.body, spawn->spawn.operand);
        break;
    }
    case NST_UNIT_MVAR: {
        const NstMvar *mvar = link->node;
        body_unit(cg, mvar->init_body, mvar->init);
        break;
    }
    case NST_UNIT_CTOR: constructor_unit(cg, link->node); break;
    case NST_UNIT_PRIMITIVE: primitive_unit(cg); break;
    case NST_UNIT_ADAPTED: adapted_unit(cg); break;
    case NST_UNIT_FILLED: cg_filled_unit(cg); break;
    case NST_UNIT_BOOT: boot_unit(cg); break;
    }
}

static const NstModule *unit_module(const NstLink *link) {
    for (; link; link = link->parent) {
        if (link->instance && link->instance->fn) return link->instance->fn->module;
        if (link->kind == NST_UNIT_MVAR) return ((const NstMvar *)link->node)->module;
    }
    return NULL;
}

static void failure_unit(NstCg *cg, const char *why) {
    cg_reset(cg);
    begin(cg);
    cg_emit_d(cg, NST_OP_CODE_INTERNAL, 0, (int32_t)cg_string_constant(cg, why, strlen(why)));
}

const NstCode *nst_codegen_compile(NstLink *link) {
    NstCg cg = { .link = link, .program = link->program, .module = unit_module(link) };
    cg.instance = link->instance ? link->instance : nst_instance_module(link->program);
    unit(&cg);
    if (cg.too_far && !cg.failure) {
        free(cg.places);
        cg_reset(&cg);
        cg.far = true;
        unit(&cg);
        cg.too_far = false;
    }
    free(cg.places);
    cg.places = NULL;
    if (cg.failure) failure_unit(&cg, cg.failure);
    NstCode *code = cg_finish(&cg, link->capture_count > 0);
    const char *dump = getenv("NOSTOS_DUMP_CODE");
    if (dump && *dump) nst_code_dump(code, stderr);
    return code;
}
