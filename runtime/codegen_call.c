// Calls: functions, constructors, record updates, values, methods, primitives, compiler-known functions.
#include <stdlib.h>
#include <string.h>

#include "runtime/codegen_internal.h"
#include "runtime/comptime.h"
#include "runtime/heap.h"

// ---- Windows and call instructions -------------------------------------------------------

uint32_t cg_window(NstCg *cg, NstDest dest) {
    bool on_top = CG_IS_REG(dest) && (dest & CG_FRESH) && CG_REG(dest) + 1 == cg->next;
    return on_top ? CG_REG(dest) : cg->next;
}

// The register of argument i, allocated; arguments are taken in ascending order.
static uint32_t slot(NstCg *cg, uint32_t window, uint32_t i) {
    if (cg->next <= window + i) cg_temps(cg, window + i + 1 - cg->next);
    return window + i;
}

// A call needs at least the register that takes its value.
static void claim(NstCg *cg, uint32_t window) {
    slot(cg, window, 0);
}

// Tail calls leave this activation, so nothing of it may be protected (functions.md 6).
bool cg_may_tail(const NstCg *cg) {
    for (const NstControl *c = cg->control; c; c = c->parent) {
        if (c->kind != CONTROL_LOOP) return false;
    }
    return true;
}

// True for a call from the program to a library function that takes no function. It comes back before anything else of
// the program is called in a loop, so it need not be a tail call; and being none, `panic("…")` or `xs.head()` at the end
// of a function leaves that function in the trace.
static bool stays_in_library(const NstCg *cg, const NstLink *link) {
    const NstFunction *callee = link->instance ? link->instance->fn : NULL;
    if (!callee || !callee->library || !callee->scheme) return false;
    if (!cg->instance || !cg->instance->fn || cg->instance->fn->library) return false;
    const NstType *type = callee->scheme->type;
    for (size_t i = 0; i < type->arg_count; i++) {
        if (nst_type_resolve(type->args[i])->kind == NST_TY_FUN) return false;
    }
    return true;
}

void cg_call_link(NstCg *cg, NstLink *link, uint32_t window, NstDest dest) {
    claim(cg, window);
    uint32_t index = cg_link(cg, link);
    if ((dest & CG_RETURN) && cg_may_tail(cg) && !stays_in_library(cg, link)) {
        if (cg->observed) cg_emit(cg, NST_OP_CODE_LEAVE, 0, 0, 0);
        cg_emit_d(cg, NST_OP_CODE_TAIL_CALL, window, (int32_t)index);
        return;
    }
    cg_emit_d(cg, NST_OP_CODE_CALL, window, (int32_t)index);
    cg_deliver(cg, window, dest);
}

static void call_local(NstCg *cg, NstLink *link, uint32_t closure, uint32_t window, NstDest dest) {
    claim(cg, window);
    uint32_t index = cg_link(cg, link);
    if ((dest & CG_RETURN) && cg_may_tail(cg)) {
        if (cg->observed) cg_emit(cg, NST_OP_CODE_LEAVE, 0, 0, 0);
        cg_emit(cg, NST_OP_CODE_TAIL_LOCAL, window, closure, index);
        return;
    }
    cg_emit(cg, NST_OP_CODE_CALL_LOCAL, window, closure, index);
    cg_deliver(cg, window, dest);
}

void cg_call_value(NstCg *cg, uint32_t fn, uint32_t window, uint32_t count, NstDest dest) {
    claim(cg, window);
    if ((dest & CG_RETURN) && cg_may_tail(cg)) {
        if (cg->observed) cg_emit(cg, NST_OP_CODE_LEAVE, 0, 0, 0);
        cg_emit(cg, NST_OP_CODE_TAIL_VALUE, window, count, fn);
        return;
    }
    cg_emit(cg, NST_OP_CODE_CALL_VALUE, window, count, fn);
    cg_deliver(cg, window, dest);
}

static void call_method(NstCg *cg, NstName name, const NstExpr *call, uint32_t window, uint32_t count, NstDest dest) {
    uint32_t site = cg_method(cg, name, call);
    if ((dest & CG_RETURN) && cg_may_tail(cg)) {
        if (cg->observed) cg_emit(cg, NST_OP_CODE_LEAVE, 0, 0, 0);
        cg_emit(cg, NST_OP_CODE_TAIL_METHOD, window, count, site);
        return;
    }
    cg_emit(cg, NST_OP_CODE_METHOD, window, count, site);
    cg_deliver(cg, window, dest);
}

NstLink *cg_fn_link(NstCg *cg, NstFunction *fn, NstType *const *subst) {
    size_t count = fn->scheme ? fn->scheme->param_count : 0;
    NstType **unknown = NULL;
    if (!subst && count > 0) {
        unknown = nst_code_alloc(count * sizeof *unknown);
        for (size_t i = 0; i < count; i++) unknown[i] = (NstType *)(uintptr_t)nst_program_any(cg->program);
    }
    NstLink *link = nst_link_instance(nst_instance_get(cg->program, fn, subst ? subst : unknown));
    free(unknown);
    return link;
}

// ---- Primitives --------------------------------------------------------------------------

static NstPrimFn primitive(NstCg *cg, const NstFunction *fn) {
    if (nst_program_is_comptime(cg->program) && nst_comptime_forbids(fn->extern_name)) {
        static char text[160];
        snprintf(text, sizeof text, "`%s` cannot be used at compile time", nst_name_text(fn->name));
        cg_fail(cg, text);
        return NULL;
    }
    NstPrimFn prim = nst_prim_find(fn->extern_name.data, fn->extern_name.size);
    if (!prim) {
        static char text[160];
        snprintf(text, sizeof text, "primitive `%.*s` is missing", (int)fn->extern_name.size, fn->extern_name.data);
        cg_fail(cg, text);
    }
    return prim;
}

// The primitive that the function does nothing but call with its own parameters, or null.
static const NstFunction *wrapped_primitive(const NstInstance *instance) {
    const NstFunction *fn = instance->fn;
    if (!fn->library || fn->clause_count != 1) return NULL;
    const NstClause *clause = fn->clauses[0];
    const NstExpr *body = clause->body_expr;
    if (!body || clause->guard || body->kind != NST_EXPR_CALL || body->call.arg_count != fn->param_count) return NULL;
    for (size_t i = 0; i < fn->param_count; i++) {
        const NstPattern *param = clause->params[i].pattern;
        const NstExpr *arg = body->call.args[i].value;
        if (param->kind != NST_PAT_NAME || arg->kind != NST_EXPR_NAME || body->call.args[i].name.name != 0) return NULL;
        if (arg->target != NST_TARGET_LOCAL || arg->to.local != param->local) return NULL;
    }
    const NstTarget *target = nst_instance_target(instance, body);
    if (!target || target->kind != NST_TARGET_FUNCTION || !target->fn->extern_name.data) return NULL;
    return target->fn->param_count == fn->param_count ? target->fn : NULL;
}

// Primitives that are instructions: R[a] = op R[b], or for BUILDER_ADD op R[a] R[b].
static const struct {
    const char *name;
    NstOpcode op;
} intrinsics[] = {
    { "float_sqrt", NST_OP_CODE_SQRT },
    { "list_cursor_next", NST_OP_CODE_CURSOR_NEXT },
    { "list_builder_add", NST_OP_CODE_BUILDER_ADD },
    { "length", NST_OP_CODE_LENGTH },
};

static NstOpcode intrinsic(const NstFunction *fn) {
    for (size_t i = 0; i < sizeof intrinsics / sizeof intrinsics[0]; i++) {
        const char *name = intrinsics[i].name;
        if (strlen(name) == fn->extern_name.size && memcmp(name, fn->extern_name.data, fn->extern_name.size) == 0) {
            return intrinsics[i].op;
        }
    }
    return NST_OP_CODE_NOP;
}

static void call_primitive(NstCg *cg, const NstFunction *fn, uint32_t window, NstDest dest) {
    claim(cg, window);
    NstPrimFn prim = primitive(cg, fn);
    if (!prim) return;
    cg_emit_d(cg, NST_OP_CODE_PRIM, window, (int32_t)cg_prim(cg, prim));
    cg_deliver(cg, window, dest);
}

void cg_call_fn(NstCg *cg, NstFunction *fn, NstType *const *subst, uint32_t window, NstDest dest) {
    if (fn->extern_name.data) {
        call_primitive(cg, fn, window, dest);
        return;
    }
    NstLink *link = cg_fn_link(cg, fn, subst);
    const NstFunction *wrapped = cg->observed ? NULL : wrapped_primitive(link->instance);
    if (wrapped) {
        call_primitive(cg, wrapped, window, dest);
    } else {
        cg_call_link(cg, link, window, dest);
    }
}

// ---- Arguments ---------------------------------------------------------------------------

static size_t arg_count(const NstExpr *expr) {
    return expr->call.arg_count + (expr->kind == NST_EXPR_METHOD ? 1 : 0);
}

// NstTarget.order counts a method's receiver as argument 0.
static const NstExpr *arg_at(const NstExpr *expr, size_t i) {
    if (expr->kind == NST_EXPR_METHOD) return i == 0 ? expr->call.callee : expr->call.args[i - 1].value;
    return expr->call.args[i].value;
}

// Where the parameter's default is written: the function itself, or for an implementation the trait's declaration.
static NstFunction *default_owner(NstFunction *fn, size_t i) {
    if (fn->defaults && fn->defaults[i]) return fn;
    if (!fn->impl) return NULL;
    const NstTrait *trait = fn->impl->trait;
    for (size_t m = 0; m < trait->method_count; m++) {
        NstFunction *declared = trait->methods[m];
        if (declared->name == fn->name && i < declared->param_count && declared->defaults && declared->defaults[i]) {
            return declared;
        }
    }
    return NULL;
}

// The left-out argument i, whose left neighbours lie at `window`. `closure`: of a local function with captures.
static void default_value(NstCg *cg, NstLink *link, const NstExpr *value, uint32_t window, uint32_t i, bool closed,
                          uint32_t closure) {
    uint32_t place = slot(cg, window, i);
    if (value->kind == NST_EXPR_LITERAL) {
        cg_literal(cg, &value->literal, place);
        return;
    }
    uint32_t mark = cg->next;
    uint32_t args = cg_temps(cg, i + 1);
    for (uint32_t k = 0; k < i; k++) cg_move(cg, args + k, window + k);
    if (closed) {
        cg_call_link(cg, link, args, place);
    } else {
        call_local(cg, link, closure, args, place);
    }
    cg->next = mark;
}

// Evaluates the arguments into the window in the order of the parameters (functions.md 3.3).
static void arguments(NstCg *cg, const NstExpr *expr, const NstTarget *target, NstFunction *fn,
                      NstType *const *subst, uint32_t window) {
    size_t count = fn->param_count;
    for (uint32_t p = 0; p < count; p++) {
        int from = target->order && p < target->order_count ? target->order[p] : (int)p;
        if (from >= 0 && (size_t)from < arg_count(expr)) {
            uint32_t place = slot(cg, window, p), borrowed;
            const NstExpr *arg = arg_at(expr, (size_t)from);
            cg_mark_fold(cg, target, p, arg);
            const NstExpr *later = count > 1 && p == 0 && arg_count(expr) > 1 ? arg_at(expr, 1) : NULL;
            if (p == 0 && cg_only_reads(target, arg_count(expr)) && cg_borrow(cg, arg, later, &borrowed)) {
                cg_move(cg, place, borrowed);
            } else {
                cg_value(cg, arg, place | CG_FRESH);
            }
            continue;
        }
        NstFunction *owner = default_owner(fn, p);
        if (!owner) {
            cg_fail(cg, "a call without an argument for a required parameter");
            return;
        }
        const NstInstance *instance = cg_fn_link(cg, owner, owner == fn ? subst : NULL)->instance;
        default_value(cg, nst_link_default(instance, p, NULL, NULL), owner->defaults[p], window, p, true, 0);
    }
}

// NST_UNIT_FILLED: the arguments come as they are written.
void cg_filled_unit(NstCg *cg) {
    const NstTarget *target = cg->link->node;
    NstFunction *fn = target->fn;
    uint32_t window = cg_temps(cg, (uint32_t)fn->param_count);
    for (uint32_t p = 0; p < fn->param_count; p++) {
        int from = target->order ? target->order[p] : p < cg->link->param_count ? (int)p : -1;
        if (from >= 0) {
            cg_move(cg, window + p, (uint32_t)from);
            continue;
        }
        NstFunction *owner = default_owner(fn, p);
        if (!owner) {
            cg_fail(cg, "a call without an argument for a required parameter");
            return;
        }
        const NstInstance *instance = cg_fn_link(cg, owner, owner == fn ? target->subst : NULL)->instance;
        default_value(cg, nst_link_default(instance, p, NULL, NULL), owner->defaults[p], window, p, true, 0);
    }
    cg_call_fn(cg, fn, target->subst, window, CG_RETURN);
}

static void positional(NstCg *cg, const NstExpr *expr, size_t from, uint32_t window) {
    for (size_t i = from; i < arg_count(expr); i++) {
        uint32_t place = slot(cg, window, (uint32_t)(i - from));
        cg_value(cg, arg_at(expr, i), place | CG_FRESH);
    }
}

// ---- Constructors ------------------------------------------------------------------------

// Fields are evaluated in the order written.
static void fields_in_text_order(NstCg *cg, const NstExpr *expr, const NstTarget *target, size_t first, size_t count,
                                 uint32_t window) {
    for (size_t a = first; a < arg_count(expr); a++) {
        size_t field = a - first;
        for (size_t f = 0; target->order && f < target->order_count; f++) {
            if (target->order[f] == (int)a) field = f;
        }
        if (field < count) cg_value(cg, arg_at(expr, a), (window + (uint32_t)field) | CG_FRESH);
    }
}

static void construct(NstCg *cg, const NstExpr *expr, const NstTarget *target, NstDest dest) {
    NstCtor *ctor = target->ctor;
    const NstLayout *layout = nst_layout_of(ctor);
    uint32_t mark = cg->next;
    uint32_t count = (uint32_t)ctor->field_count;
    uint32_t reg = cg_place_for(cg, dest);
    uint32_t window = cg->next;
    if (count > 0) cg_temps(cg, count);
    fields_in_text_order(cg, expr, target, 0, count, window);
    if (count == 0) {
        cg_emit_d(cg, NST_OP_CODE_LOAD_K, reg, (int32_t)cg_constant(cg, nst_ctor(layout)));
    } else {
        cg_emit(cg, NST_OP_CODE_NEW_DATA, reg, window, cg_constant(cg, nst_ctor(layout)));
    }
    if (nst_makes_cell(ctor)) {
        cg_emit(cg, NST_OP_CODE_NEW_DATA, reg, reg, cg_constant(cg, nst_ctor(nst_layout_cell(ctor->type))));
    }
    cg_deliver(cg, reg, dest);
    cg->next = mark;
}

// T(base, f: e): a copy of the base with some fields replaced.
static void update(NstCg *cg, const NstExpr *expr, const NstTarget *target, NstDest dest) {
    NstCtor *ctor = target->ctor;
    const NstLayout *layout = nst_layout_of(ctor);
    uint32_t mark = cg->next;
    uint32_t reg = cg_place_for(cg, dest);
    uint32_t base = cg_into_temp(cg, arg_at(expr, 0));
    uint32_t count = (uint32_t)ctor->field_count;
    uint32_t window = cg_temps(cg, count);
    fields_in_text_order(cg, expr, target, 1, count, window);
    for (uint32_t f = 0; f < count; f++) {
        bool kept = !target->order || f >= target->order_count || target->order[f] < 0;
        if (kept) cg_emit(cg, NST_OP_CODE_FIELD, window + f, base, cg_field(cg, layout, f, ctor->field_names[f]));
    }
    cg_emit(cg, NST_OP_CODE_NEW_DATA, reg, window, cg_constant(cg, nst_ctor(layout)));
    cg_deliver(cg, reg, dest);
    cg->next = mark;
}

// ---- Compiler-known functions ------------------------------------------------------------

void cg_unary_op(NstCg *cg, NstOpcode op, const NstExpr *operand, NstDest dest) {
    uint32_t mark = cg->next;
    uint32_t reg = cg_place_for(cg, dest);
    uint32_t value = cg_operand(cg, operand);
    cg_emit(cg, op, reg, value, 0);
    bool calls = op == NST_OP_CODE_SHOW || op == NST_OP_CODE_HASH || op == NST_OP_CODE_COPY;
    if (calls) cg_result(cg, NST_OP_CODE_RESULT, reg, 0);
    cg_deliver(cg, reg, dest);
    cg->next = mark;
}

static void constant_call(NstCg *cg, NstValue v, NstDest dest) {
    uint32_t mark = cg->next;
    uint32_t reg = cg_place_for(cg, dest);
    cg_emit_d(cg, NST_OP_CODE_LOAD_K, reg, (int32_t)cg_constant(cg, v));
    cg_deliver(cg, reg, dest);
    cg->next = mark;
}

// 0 or 1 of a numeric type; Int where the type never became known.
static NstValue number_of(NstPrimType prim, int one) {
    static const uint8_t tags[] = {
        [NST_PRIM_INT8] = NST_TAG_INT8,   [NST_PRIM_INT16] = NST_TAG_INT16,   [NST_PRIM_INT32] = NST_TAG_INT32,
        [NST_PRIM_UINT8] = NST_TAG_UINT8, [NST_PRIM_UINT16] = NST_TAG_UINT16, [NST_PRIM_UINT32] = NST_TAG_UINT32,
        [NST_PRIM_UINT64] = NST_TAG_UINT64,
    };
    NstLiteral literal = { .kind = NST_LIT_INT, .integer = one };
    switch (prim) {
    case NST_PRIM_FLOAT: return nst_float(one);
    case NST_PRIM_FLOAT32: literal = (NstLiteral){ .kind = NST_LIT_FLOAT32, .floating = one }; break;
    case NST_PRIM_BIGINT: literal = (NstLiteral){ .kind = NST_LIT_BIGINT, .text = { one ? "1" : "0", 1 } }; break;
    case NST_PRIM_DECIMAL: literal = (NstLiteral){ .kind = NST_LIT_DECIMAL, .text = { one ? "1" : "0", 1 } }; break;
    default:
        if (prim < sizeof tags && tags[prim] != 0) return (NstValue){ .w.i = one, .tag = tags[prim] };
        break;
    }
    return cg_literal_value(&literal);
}

static const NstType *first_type(NstCg *cg, const NstExpr *expr, const NstTarget *target) {
    if (target->subst && target->subst_count > 0) return target->subst[0];
    return cg_type(cg, expr->type);
}

// False: it is called like any other function.
static bool special(NstCg *cg, const NstExpr *expr, const NstTarget *target, NstDest dest) {
    switch (target->fn ? target->fn->special : NST_SPECIAL_NONE) {
    case NST_SPECIAL_LENGTH: cg_unary_op(cg, NST_OP_CODE_LENGTH, arg_at(expr, 0), dest); return true;
    case NST_SPECIAL_ASSERT_TYPE: cg_value(cg, arg_at(expr, 0), dest); return true;
    case NST_SPECIAL_TYPE_NAME_OF: {
        char *text = nst_type_show(cg->program, first_type(cg, expr, target));
        constant_call(cg, nst_immortal_string(text, strlen(text)), dest);
        free(text);
        return true;
    }
    case NST_SPECIAL_TYPE_KEY:
        constant_call(cg, nst_int((int64_t)(intptr_t)first_type(cg, expr, target)), dest);
        return true;
    case NST_SPECIAL_SUM_ZERO: constant_call(cg, number_of(nst_type_prim(first_type(cg, expr, target)), 0), dest); return true;
    case NST_SPECIAL_ONE: constant_call(cg, number_of(nst_type_prim(first_type(cg, expr, target)), 1), dest); return true;
    default: return false;
    }
}

// show, hash and copy of types without own implementation; false for anything else.
static bool derived(NstCg *cg, const NstExpr *expr, NstDest dest) {
    NstName name = expr->kind == NST_EXPR_METHOD ? expr->call.method.name
                   : expr->call.callee->kind == NST_EXPR_NAME ? expr->call.callee->name.ident.name : 0;
    if (arg_count(expr) != 1) return false;
    NstOpcode op;
    if (name == nst_name_z("show") || name == nst_name_z("toString")) {
        op = NST_OP_CODE_SHOW;
    } else if (name == nst_name_z("hash")) {
        op = NST_OP_CODE_HASH;
    } else if (name == nst_name_z("copy")) {
        op = NST_OP_CODE_COPY;
    } else {
        return false;
    }
    cg_unary_op(cg, op, arg_at(expr, 0), dest);
    return true;
}

// ---- All calls ---------------------------------------------------------------------------

// The primitive that a call of fn comes down to, or null.
static const NstFunction *called_primitive(NstCg *cg, NstFunction *fn, NstType *const *subst) {
    if (fn->extern_name.data || cg->observed) return fn->extern_name.data ? fn : NULL;
    return wrapped_primitive(cg_fn_link(cg, fn, subst)->instance);
}

// A call that is an instruction; false if there is none.
static bool intrinsic_call(NstCg *cg, const NstExpr *expr, const NstTarget *target, NstDest dest) {
    if (!target->fn->library || target->fn->param_count != arg_count(expr)) return false;
    const NstFunction *fn = called_primitive(cg, target->fn, target->subst);
    NstOpcode op = fn ? intrinsic(fn) : NST_OP_CODE_NOP;
    if (op == NST_OP_CODE_NOP) return false;
    if (op != NST_OP_CODE_BUILDER_ADD) {
        cg_unary_op(cg, op, arg_at(expr, 0), dest);
        return true;
    }
    uint32_t mark = cg->next;
    uint32_t builder = cg_operand_before(cg, arg_at(expr, 0), arg_at(expr, 1), CG_NONE);
    cg_emit(cg, op, builder, cg_operand(cg, arg_at(expr, 1)), 0);
    cg->next = mark;
    cg_unit(cg, dest);
    return true;
}

const NstTarget *cg_function_call(NstCg *cg, const NstExpr *expr, const NstExpr *args[CG_FEW], size_t *count) {
    if (expr->kind != NST_EXPR_CALL && expr->kind != NST_EXPR_METHOD) return NULL;
    const NstTarget *target = cg_target(cg, expr);
    *count = arg_count(expr);
    bool known = target->kind == NST_TARGET_FUNCTION || target->kind == NST_TARGET_PRIMITIVE;
    if (!known || !target->fn || *count == 0 || *count > CG_FEW) return NULL;
    for (size_t i = 0; i < *count; i++) args[i] = arg_at(expr, i);
    return target;
}

static void function_call(NstCg *cg, const NstExpr *expr, const NstTarget *target, NstDest dest) {
    if (intrinsic_call(cg, expr, target, dest) || cg_collection_call(cg, expr, dest)) return;
    uint32_t mark = cg->next;
    uint32_t window = cg_window(cg, dest);
    arguments(cg, expr, target, target->fn, target->subst, window);
    cg_at(cg, expr->span, false);
    cg_call_fn(cg, target->fn, target->subst, window, dest);
    cg->next = mark;
}

// A known local function: direct, with its own defaults.
static void local_call(NstCg *cg, const NstExpr *expr, const NstTarget *target, const NstLocal *local, NstLink *link,
                       NstDest dest) {
    const NstLocalDef *def = link->def;
    uint32_t mark = cg->next;
    uint32_t closure = def->closed ? 0 : cg_local_closure(cg, local);
    uint32_t window = cg_window(cg, dest);
    for (uint32_t p = 0; p < link->param_count; p++) {
        int from = target->order && p < target->order_count ? target->order[p] : (int)p;
        if (from >= 0 && (size_t)from < arg_count(expr)) {
            uint32_t place = slot(cg, window, p);
            cg_value(cg, arg_at(expr, (size_t)from), place | CG_FRESH);
            continue;
        }
        const NstExpr *value = NULL;
        for (size_t c = 0; c < def->clause_count && !value; c++) value = def->clauses[c]->params[p].default_value;
        if (!value) {
            cg_fail(cg, "a call without an argument for a required parameter");
            return;
        }
        NstLink *unit = nst_link_default(link->instance, p, def, link->parent);
        default_value(cg, unit, value, window, p, def->closed, closure);
    }
    cg_at(cg, expr->span, false);
    if (def->closed) {
        cg_call_link(cg, link, window, dest);
    } else {
        call_local(cg, link, closure, window, dest);
    }
    cg->next = mark;
}

// The local function that the call names, or null.
static const NstLocal *called_local(NstCg *cg, const NstExpr *expr, const NstTarget *target, const NstExpr **use) {
    *use = expr;
    if (expr->kind == NST_EXPR_METHOD) return target->local ? target->local : expr->target == NST_TARGET_LOCAL ? expr->to.local : NULL;
    const NstExpr *callee = expr->call.callee;
    if (callee->kind != NST_EXPR_NAME || cg_target(cg, callee)->kind != NST_TARGET_LOCAL) return NULL;
    *use = callee;
    return callee->to.local;
}

static void value_call(NstCg *cg, const NstExpr *expr, const NstTarget *target, NstDest dest) {
    const NstExpr *use;
    const NstLocal *local = called_local(cg, expr, target, &use);
    if (local) {
        const NstTarget *meaning = expr->kind == NST_EXPR_METHOD ? target : cg_target(cg, use);
        NstLink *link = cg_local_link(cg, use, local, meaning);
        if (!link && local->alias_of_local) link = cg_local_link(cg, use, local->alias_of_local, meaning); // the same closure
        if (link && (target->order || link->param_count == arg_count(expr))) {
            local_call(cg, expr, target, local, link, dest);
            return;
        }
    }
    uint32_t mark = cg->next;
    uint32_t window = cg_window(cg, dest);
    uint32_t count = (uint32_t)arg_count(expr);
    if (local && local->alias_of && target->order_count == local->alias_of->param_count) {
        arguments(cg, expr, target, local->alias_of, NULL, window); // g = f: f's defaults
        count = (uint32_t)local->alias_of->param_count;
    } else {
        positional(cg, expr, 0, window);
    }
    claim(cg, window);
    uint32_t fn;
    if (local) {
        uint32_t plain;
        if (!cg_def(local) && cg_plain_register(cg, local, &plain)) {
            fn = plain;
        } else {
            fn = cg_temp(cg);
            cg_local_value(cg, use, local, expr->kind == NST_EXPR_METHOD ? target : cg_target(cg, use), fn | CG_FRESH);
        }
    } else {
        fn = cg_operand(cg, expr->call.callee); // after the arguments
    }
    cg_at(cg, expr->span, false);
    cg_call_value(cg, fn, window, count, dest);
    cg->next = mark;
}

// receiver.f(args) where f is a field that holds a function.
static void field_call(NstCg *cg, const NstExpr *expr, const NstTarget *target, NstDest dest) {
    uint32_t mark = cg->next;
    uint32_t fn = cg_temp(cg);
    uint32_t receiver = cg_operand(cg, expr->call.callee);
    const NstLayout *layout = cg_record_layout(cg, expr->call.callee->type);
    NstName name = expr->call.method.name;
    if (layout && !layout->reactive && target->field >= 0) {
        cg_emit(cg, NST_OP_CODE_FIELD, fn, receiver, cg_field(cg, layout, (uint32_t)target->field, name));
    } else {
        cg_emit(cg, NST_OP_CODE_FIELD_DYN, fn, receiver, cg_field(cg, NULL, 0, name));
        cg_result(cg, NST_OP_CODE_RESULT, fn, 0);
    }
    cg->next = fn + 1;
    uint32_t window = cg->next;
    positional(cg, expr, 1, window);
    cg_at(cg, expr->span, false);
    cg_call_value(cg, fn, window, (uint32_t)expr->call.arg_count, dest);
    cg->next = mark;
}

// The name decides at run time which method or overload is meant.
static bool names_arguments(const NstExpr *expr) {
    for (size_t i = 0; i < expr->call.arg_count; i++) {
        if (expr->call.args[i].name.name) return true;
    }
    return false;
}

static void dynamic_call(NstCg *cg, const NstExpr *expr, NstName name, NstDest dest) {
    uint32_t mark = cg->next;
    uint32_t window = cg_window(cg, dest);
    positional(cg, expr, 0, window);
    cg_at(cg, expr->span, false);
    call_method(cg, name, names_arguments(expr) ? expr : NULL, window, (uint32_t)arg_count(expr), dest);
    cg->next = mark;
}

void cg_call(NstCg *cg, const NstExpr *expr, NstDest dest) {
    const NstTarget *target = cg_target(cg, expr);
    NstTargetKind kind = target->kind;
    if (kind == NST_TARGET_NONE && expr->target == NST_TARGET_MVAR_UPDATE) kind = NST_TARGET_MVAR_UPDATE;
    switch (kind) {
    case NST_TARGET_FUNCTION:
    case NST_TARGET_SPECIAL:
        if (!special(cg, expr, target, dest)) function_call(cg, expr, target, dest);
        return;
    case NST_TARGET_CTOR: construct(cg, expr, target, dest); return;
    case NST_TARGET_UPDATE: update(cg, expr, target, dest); return;
    case NST_TARGET_MVAR_UPDATE: cg_mvar_update(cg, expr, dest); return;
    case NST_TARGET_FIELD_CALL: field_call(cg, expr, target, dest); return;
    case NST_TARGET_DERIVED:
    case NST_TARGET_PRIMITIVE:
        if (derived(cg, expr, dest)) return;
        if (target->fn) {
            function_call(cg, expr, target, dest);
            return;
        }
        break;
    default: break;
    }
    const NstExpr *callee = expr->call.callee;
    if (expr->kind == NST_EXPR_METHOD) {
        if (kind == NST_TARGET_LOCAL || kind == NST_TARGET_VALUE_CALL) {
            value_call(cg, expr, target, dest);
        } else {
            dynamic_call(cg, expr, expr->call.method.name, dest);
        }
        return;
    }
    bool by_name = kind == NST_TARGET_DYNAMIC && callee->kind == NST_EXPR_NAME && arg_count(expr) > 0 &&
                   (callee->target == NST_TARGET_OVERLOADS || callee->target == NST_TARGET_FUNCTION);
    if (by_name) {
        if (!derived(cg, expr, dest)) dynamic_call(cg, expr, callee->name.ident.name, dest);
    } else {
        value_call(cg, expr, target, dest);
    }
}
