// Maps and sets: their operations as instructions, and changing them in place.
//
// A map or set that a program builds up in a loop is owned by one variable: nobody else can see it. Its header and the
// nodes made for it bear its stamp, and the next insertion changes them instead of copying a path (hash.h).
//
// Invariants
//  1. An owned map is referenced by one register that will be read again: that of a `var`, or of a fold's accumulator. It
//     becomes owned only by an instruction that overwrites this register (`m = m.insert(k, v)`, `m[k] = v`) or that is the
//     last one to look at it (the accumulator's insertion in tail position).
//  2. Every other mention of the variable gives ownership up first (RELEASE), unless it only reads (look-ups, sizes) or is
//     itself what a fold's function gives back. A captured variable is never an owner.
//  3. What a fold's function gives back may be owned; stdlib.list.fold releases it at the end. Such a function is a lambda
//     that is written as fold's argument, so nobody else calls it. No other function gives an owned map back.
#include <string.h>

#include "runtime/codegen_internal.h"

// ---- What is called ----------------------------------------------------------------------

typedef enum Operation { NONE, PUT, REMOVE, FIND, HAS, GET, READ, UNWRAP } Operation;

static const struct {
    const char *name;
    Operation operation;
} operations[] = {
    { "insert", PUT },      { "remove", REMOVE }, { "lookup", FIND },  { "contains", HAS }, { "get", GET },
    { "getOrThrow", READ }, { "size", READ },     { "isEmpty", READ }, { "keys", READ },    { "values", READ },
    { "toList", READ },
};

static bool is_inline_module(const NstModule *module, const char *name) {
    return module && module->library && module->path_len > 0 &&
           strcmp(nst_name_text(module->path[module->path_len - 1]), name) == 0;
}

static bool in_order(const NstTarget *target, size_t count) {
    for (size_t i = 0; target->order && i < count; i++) {
        if (i >= target->order_count || target->order[i] != (int)i) return false;
    }
    return true;
}

// NONE unless the call is of one of the library's functions with all its arguments in order. UNWRAP: of Option.unwrapOr.
static Operation operation_of(const NstTarget *target, size_t count, bool *map) {
    const NstFunction *fn = target->fn;
    if (!fn || !fn->library || count != fn->param_count || fn->extern_name.data || !in_order(target, count)) return NONE;
    if (is_inline_module(fn->module, "option")) {
        return count == 2 && strcmp(nst_name_text(fn->name), "unwrapOr") == 0 ? UNWRAP : NONE;
    }
    *map = is_inline_module(fn->module, "Map");
    if (!*map && !is_inline_module(fn->module, "Set")) return NONE;
    for (size_t i = 0; i < sizeof operations / sizeof operations[0]; i++) {
        if (strcmp(operations[i].name, nst_name_text(fn->name)) == 0) return operations[i].operation;
    }
    return NONE;
}

// ---- Owners ------------------------------------------------------------------------------

static bool in_library(const NstCg *cg) {
    return cg->module && cg->module->library;
}

bool cg_owner(NstCg *cg, const NstLocal *local, uint32_t *reg) {
    if (local->captured || in_library(cg) || !cg_plain_register(cg, local, reg)) return false;
    bool accumulator = cg->link->gives_owned && *reg == 0;
    if (!accumulator && !local->mutable_) return false;
    NstPrimType prim = nst_type_prim(cg_type(cg, local->type));
    return prim == NST_PRIM_MAP || prim == NST_PRIM_SET;
}

void cg_release(NstCg *cg, const NstLocal *local) {
    uint32_t reg;
    if (cg_owner(cg, local, &reg)) cg_emit(cg, NST_OP_CODE_RELEASE, reg, 0, 0);
}

// Whether what is in the register goes back to the fold whose accumulator it is.
static bool goes_back(const NstCg *cg, uint32_t reg, NstDest dest) {
    return (dest & CG_RETURN) && cg->link->gives_owned && reg == 0 && cg_may_tail(cg);
}

bool cg_give_back(NstCg *cg, const NstLocal *local, NstDest dest) {
    uint32_t reg;
    if (!cg_owner(cg, local, &reg) || !goes_back(cg, reg, dest)) return false;
    cg_return(cg, reg);
    return true;
}

// The owner's register if the expression is a plain mention of one.
static bool mentions_owner(NstCg *cg, const NstExpr *expr, uint32_t *reg) {
    if (expr->kind != NST_EXPR_NAME || cg_target(cg, expr)->kind != NST_TARGET_LOCAL || cg_def(expr->to.local)) return false;
    return cg_owner(cg, expr->to.local, reg);
}

bool cg_borrow(NstCg *cg, const NstExpr *expr, const NstExpr *later, uint32_t *reg) {
    return !cg_has_statements(later) && mentions_owner(cg, expr, reg);
}

// ---- Instructions ------------------------------------------------------------------------

// Whether the changed collection goes to where the receiver was: into its variable, or back to the fold.
static bool replaces(NstCg *cg, uint32_t owner, NstDest dest) {
    if (dest & CG_RETURN) return goes_back(cg, owner, dest);
    return CG_IS_REG(dest) && !(dest & CG_FRESH) && CG_REG(dest) == owner;
}

static void change(NstCg *cg, const NstExpr *expr, NstOpcode op, const NstExpr *const *args, size_t count, NstDest dest) {
    const NstExpr *value = count > 2 ? args[2] : NULL;
    uint32_t mark = cg->next, collection;
    bool owned = !cg_has_statements(args[1]) && !cg_has_statements(value) && mentions_owner(cg, args[0], &collection) &&
                 replaces(cg, collection, dest);
    if (!owned) collection = cg_into_temp(cg, args[0]);
    uint32_t key = cg_operand_before(cg, args[1], value, CG_NONE);
    uint32_t third = value ? cg_operand(cg, value) : 0;
    cg_at(cg, expr->span, false);
    cg_emit(cg, op, collection, key, third);
    cg_result(cg, NST_OP_CODE_RESULT, collection, owned);
    cg_deliver(cg, collection, dest);
    cg->next = mark;
}

static uint32_t receiver_of(NstCg *cg, const NstExpr *const *args) {
    uint32_t reg;
    return cg_borrow(cg, args[0], args[1], &reg) ? reg : cg_operand_before(cg, args[0], args[1], CG_NONE);
}

// R[found] = the value, or missing.
static void find(NstCg *cg, const NstExpr *expr, const NstExpr *const *args, uint32_t found) {
    uint32_t map = receiver_of(cg, args), key = cg_operand(cg, args[1]);
    cg_at(cg, expr->span, false);
    cg_emit(cg, NST_OP_CODE_MAP_FIND, found, map, key);
    cg_result(cg, NST_OP_CODE_RESULT_MISSING, found, 0);
}

static const NstLayout *option_layout(const NstTarget *target, bool content) {
    const NstTypeDecl *option = nst_type_resolve(nst_type_resolve(target->fn->scheme->type)->result)->decl;
    const NstCtor *first = option->ctors[0];
    bool is_first = (first->field_count > 0) == content;
    return nst_layout_of(option->ctors[is_first ? 0 : 1]);
}

bool cg_find(NstCg *cg, const NstExpr *expr, uint32_t *found) {
    if (cg->observed || in_library(cg)) return false;
    const NstExpr *args[CG_FEW];
    size_t count;
    bool map;
    const NstTarget *target = cg_function_call(cg, expr, args, &count);
    if (!target || operation_of(target, count, &map) != FIND) return false;
    *found = cg_temp(cg);
    find(cg, expr, args, *found);
    return true;
}

// m.lookup(k).unwrapOr(default)
static bool unwrap(NstCg *cg, const NstExpr *const *args, NstDest dest) {
    uint32_t mark = cg->next, found;
    if (!cg_find(cg, args[0], &found)) return false;
    NstCgLabel none = CG_LABEL, end = CG_LABEL;
    uint32_t otherwise = cg_operand(cg, args[1]), reg = cg_place_for(cg, dest);
    cg_jump(cg, NST_OP_CODE_J_MISSING, found, 0, &none);
    cg_move(cg, reg, found);
    cg_jump(cg, NST_OP_CODE_JUMP, 0, 0, &end);
    cg_bind(cg, &none);
    cg_move(cg, reg, otherwise);
    cg_bind(cg, &end);
    cg_deliver(cg, reg, dest);
    cg->next = mark;
    return true;
}

static void lookup(NstCg *cg, const NstExpr *expr, const NstTarget *target, const NstExpr *const *args, NstDest dest) {
    uint32_t mark = cg->next, reg = cg_place_for(cg, dest), found = cg_temp(cg);
    NstCgLabel none = CG_LABEL, end = CG_LABEL;
    find(cg, expr, args, found);
    cg_jump(cg, NST_OP_CODE_J_MISSING, found, 0, &none);
    cg_emit(cg, NST_OP_CODE_NEW_DATA, reg, found, cg_constant(cg, nst_ctor(option_layout(target, true))));
    cg_jump(cg, NST_OP_CODE_JUMP, 0, 0, &end);
    cg_bind(cg, &none);
    cg_emit_d(cg, NST_OP_CODE_LOAD_K, reg, (int32_t)cg_constant(cg, nst_ctor(option_layout(target, false))));
    cg_bind(cg, &end);
    cg_deliver(cg, reg, dest);
    cg->next = mark;
}

static void map_contains(NstCg *cg, const NstExpr *expr, const NstExpr *const *args, NstDest dest) {
    uint32_t mark = cg->next, reg = cg_place_for(cg, dest), found = cg_temp(cg);
    NstCgLabel absent = CG_LABEL, end = CG_LABEL;
    find(cg, expr, args, found);
    cg_jump(cg, NST_OP_CODE_J_MISSING, found, 0, &absent);
    cg_emit_d(cg, NST_OP_CODE_LOAD_BOOL, reg, 1);
    cg_jump(cg, NST_OP_CODE_JUMP, 0, 0, &end);
    cg_bind(cg, &absent);
    cg_emit_d(cg, NST_OP_CODE_LOAD_BOOL, reg, 0);
    cg_bind(cg, &end);
    cg_deliver(cg, reg, dest);
    cg->next = mark;
}

// R[dest] = op(collection, key)
static void read_at(NstCg *cg, const NstExpr *expr, NstOpcode op, const NstExpr *const *args, NstDest dest) {
    uint32_t mark = cg->next, reg = cg_place_for(cg, dest);
    uint32_t collection = receiver_of(cg, args), key = cg_operand(cg, args[1]);
    cg_at(cg, expr->span, false);
    cg_emit(cg, op, reg, collection, key);
    cg_result(cg, NST_OP_CODE_RESULT, reg, 0);
    cg_deliver(cg, reg, dest);
    cg->next = mark;
}

bool cg_collection_call(NstCg *cg, const NstExpr *expr, NstDest dest) {
    if (cg->observed || in_library(cg)) return false;
    const NstExpr *args[CG_FEW];
    size_t count;
    bool map;
    const NstTarget *target = cg_function_call(cg, expr, args, &count);
    if (!target) return false;
    switch (operation_of(target, count, &map)) {
    case PUT: change(cg, expr, map ? NST_OP_CODE_MAP_PUT : NST_OP_CODE_SET_PUT, args, count, dest); return true;
    case REMOVE: change(cg, expr, NST_OP_CODE_REMOVE, args, count, dest); return true;
    case FIND: lookup(cg, expr, target, args, dest); return true;
    case HAS:
        if (map) map_contains(cg, expr, args, dest);
        else read_at(cg, expr, NST_OP_CODE_SET_HAS, args, dest);
        return true;
    case GET: read_at(cg, expr, NST_OP_CODE_INDEX, args, dest); return true;
    case UNWRAP: return unwrap(cg, args, dest);
    default: return false;
    }
}

bool cg_only_reads(const NstTarget *target, size_t count) {
    bool map;
    return operation_of(target, count, &map) == READ;
}

// The function of List.fold and List.foldl, if the argument is the lambda that is given for it.
void cg_mark_fold(NstCg *cg, const NstTarget *target, size_t parameter, const NstExpr *arg) {
    const NstFunction *fn = target->fn;
    if (arg->kind != NST_EXPR_LAMBDA || parameter != 2 || !fn->library || cg->observed || in_library(cg)) return;
    const char *name = nst_name_text(fn->name);
    bool fold = strcmp(name, "fold") == 0 || strcmp(name, "foldl") == 0;
    if (!fold || !is_inline_module(fn->module, "list") || arg->lambda->param_count != 2) return;
    if (arg->lambda->params[0].pattern->kind != NST_PAT_NAME) return;
    nst_link_lambda(cg->instance, arg->lambda, cg->link)->gives_owned = true;
}
