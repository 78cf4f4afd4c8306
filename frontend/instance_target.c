#include "frontend/instance.h"

#include "frontend/infer_call.h"
#include "frontend/infer_field.h"
#include "frontend/infer_function.h"
#include "frontend/infer_operator.h"
#include "frontend/require.h"
#include "frontend/scheme.h"
#include "frontend/trait_solve.h"

// ---- Questions to the solver ------------------------------------------------------------

// A place of its own for the solver: nothing is reported, and what a question leaves pending is forgotten.
typedef struct Session {
    NstInferPosition position;
    NstRequirementList pending;
    bool silent;
} Session;

static void begin(NstInfer *infer, Session *session, NstModule *module) {
    session->position = nst_infer_position(infer);
    session->pending = (NstRequirementList){0};
    session->silent = infer->silent;
    infer->silent = true;
    infer->pending = &session->pending;
    infer->level = NST_LEVEL_FUNCTION;
    infer->method_steps = NULL;
    infer->solving = infer->last_chance = false;
    infer->body = NULL;
    infer->current = NULL;
    if (module) infer->module = module;
}

// Lets what is pending decide with what is known.
static void end(NstInfer *infer, Session *session) {
    infer->level = NST_LEVEL_GLOBAL;
    nst_requirements_settle(infer, 0, NULL, 0);
    infer->silent = session->silent;
    nst_infer_return(infer, session->position);
}

static NstType *const *concrete_subst(NstInfer *infer, const NstInstance *instance, NstType *const *subst, size_t count) {
    if (!subst) return NULL;
    NstType **types = nst_type_array(infer, count);
    for (size_t i = 0; i < count; i++) types[i] = nst_concrete(infer, instance, subst[i]);
    return types;
}

static void take_solution(NstInfer *infer, const NstSolution *solution, NstTarget *target) {
    if (!solution->solved) {
        target->kind = NST_TARGET_DYNAMIC;
        return;
    }
    target->kind = solution->kind;
    target->fn = solution->fn;
    target->local = solution->local;
    target->field = solution->field;
    target->subst = concrete_subst(infer, NULL, solution->subst, solution->subst_count);
    target->subst_count = solution->subst_count;
}

static void ask(NstInfer *infer, NstRequirement *req, NstSolution *solution, NstTarget *target) {
    Session session;
    begin(infer, &session, req->module);
    req->solution = solution;
    req->batch = NST_NEW(infer->arena, NstBatch);
    req->derived = true;
    req->level = infer->level;
    req->solved = req->generalised = req->queued = req->declared = req->bound_known = false;
    if (!nst_requirement_attempt(infer, req)) {
        infer->last_chance = true;
        nst_requirement_attempt(infer, req);
        infer->last_chance = false;
    }
    end(infer, &session);
    take_solution(infer, solution, target);
}

// True if the overload is clear although an argument is unknown.
static bool choosable(NstInfer *infer, NstRequirement *req) {
    NstCallSite site = nst_site_of_requirement(infer, req);
    NstFunction *chosen;
    return nst_overload_choose(infer, &site, req->fns, req->fn_count, &chosen) != NST_CHOICE_DELAYED;
}

// The node's requirement at the instance's types.
static void solve(NstInfer *infer, const NstInstance *instance, const NstRequirement *from, NstTarget *target) {
    NstRequirement *req = nst_arena_copy(infer->arena, from, sizeof *from);
    NstSolution solution = {0};
    req->args = nst_type_array(infer, from->arg_count);
    for (size_t i = 0; i < from->arg_count; i++) req->args[i] = nst_concrete(infer, instance, from->args[i]);
    req->type = req->kind == NST_REQ_METHOD ? req->args[0] : nst_concrete(infer, instance, from->type);
    if (req->result) req->result = nst_concrete(infer, instance, from->result);
    if (req->local_type) req->local_type = nst_concrete(infer, instance, from->local_type);
    bool open = req->type->kind == NST_TY_ANY;
    for (size_t i = 0; req->kind == NST_REQ_OVERLOAD && i < req->arg_count; i++) open |= req->args[i]->kind == NST_TY_ANY;
    if (open && (req->kind == NST_REQ_METHOD || !choosable(infer, req))) {
        target->kind = NST_TARGET_DYNAMIC;
        return;
    }
    ask(infer, req, &solution, target);
}

static void function_order(NstInfer *infer, NstExpr *expr, NstTarget *target);

NstTarget *nst_compute_method(NstInfer *infer, NstModule *from, NstType *receiver, NstName name, size_t arg_count,
                              NstExpr *call) {
    NstTarget *target = NST_NEW(infer->arena, NstTarget);
    NstRequirement *req = nst_requirement_new(infer, NST_REQ_METHOD, (NstSpan){0}, call);
    NstSolution solution = {0};
    req->module = from ? from : infer->program->modules[0];
    req->name = name;
    req->arg_count = arg_count + 1;
    req->args = nst_type_array(infer, req->arg_count);
    req->args[0] = req->type = receiver;
    NstType *any = nst_intern(infer, NST_TY_ANY, NULL, NULL, 0, NULL);
    for (size_t i = 1; i < req->arg_count; i++) req->args[i] = any;
    req->result = any;
    if (receiver->kind != NST_TY_ANY) ask(infer, req, &solution, target);
    if (target->kind == NST_TARGET_DYNAMIC) target->kind = NST_TARGET_NONE;
    if (call && target->kind == NST_TARGET_FUNCTION) function_order(infer, call, target);
    return target;
}

// A call of a known function with these arguments.
static void call_at(NstInfer *infer, NstFunction *fn, NstType **args, size_t count, NstType *result, NstTarget *target) {
    Session session;
    begin(infer, &session, fn->module);
    NstSolution solution = {0};
    NstRequirement *req = nst_requirement_new(infer, NST_REQ_OVERLOAD, (NstSpan){0}, NULL);
    req->args = args;
    req->arg_count = count;
    req->type = args[0];
    req->batch = NST_NEW(infer->arena, NstBatch);
    req->derived = true;
    req->solution = &solution;
    NstCallSite site = nst_site_of_requirement(infer, req);
    NstType *found = nst_call_function(infer, &site, fn);
    if (result) nst_unify(infer, result, found);
    nst_requirements_solve(infer);
    end(infer, &session);
    take_solution(infer, &solution, target);
}

// ---- Operators --------------------------------------------------------------------------

static NstFunction *own_method(NstInfer *infer, NstType *type, NstBuiltinTrait trait, const char *name) {
    size_t count;
    NstImplMatch *matches = nst_impl_matches(infer, type, nst_builtin_trait(infer->program, trait), &count);
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < matches[i].impl->method_count; k++)
            if (matches[i].impl->methods[k]->name == nst_name_z(name)) return matches[i].impl->methods[k];
    return NULL;
}

// How a comparison follows from the methods that an implementation may have (traits.md 5), best first.
typedef struct Way {
    const char *method;
    bool swap, negate;
} Way;

static const Way *ways(NstOperator op) {
    static const Way eq[] = {{"eq", false, false}, {NULL, false, false}};
    static const Way ne[] = {{"neq", false, false}, {"eq", false, true}, {NULL, false, false}};
    static const Way lt[] = {{"lt", false, false}, {"gt", true, false}, {"gte", false, true}, {"lte", true, true}, {NULL, false, false}};
    static const Way gt[] = {{"gt", false, false}, {"lt", true, false}, {"lte", false, true}, {"gte", true, true}, {NULL, false, false}};
    static const Way le[] = {{"lte", false, false}, {"gte", true, false}, {"gt", false, true}, {"lt", true, true}, {NULL, false, false}};
    static const Way ge[] = {{"gte", false, false}, {"lte", true, false}, {"lt", false, true}, {"gt", true, true}, {NULL, false, false}};
    switch (op) {
    case NST_OP_EQ: return eq;
    case NST_OP_NE: return ne;
    case NST_OP_LT: return lt;
    case NST_OP_GT: return gt;
    case NST_OP_LE: return le;
    default: return ge;
    }
}

static bool is_data(const NstType *type) {
    return type->kind == NST_TY_CON && type->decl->prim == NST_PRIM_NONE;
}

static bool is_structured(const NstType *type) {
    NstPrimType prim = nst_type_prim(type);
    return prim == NST_PRIM_NONE || prim >= NST_PRIM_LIST;
}

static void comparison(NstInfer *infer, NstOperator op, NstType *left, NstType *right, NstTarget *target) {
    NstType *type = left->kind == NST_TY_ANY ? right : left;
    NstBuiltinTrait trait = op <= NST_OP_NE ? NST_TRAIT_EQ : NST_TRAIT_ORD;
    if (type->kind == NST_TY_ANY) {
        target->kind = NST_TARGET_DYNAMIC;
        return;
    }
    for (const Way *way = ways(op); way->method; way++) {
        NstFunction *fn = own_method(infer, type, trait, way->method);
        if (!fn) continue;
        NstType *args[] = {type, type};
        call_at(infer, fn, args, 2, NULL, target);
        target->swap = way->swap;
        target->negate = way->negate;
        return;
    }
    target->kind = is_structured(type) ? NST_TARGET_DERIVED : NST_TARGET_PRIMITIVE;
    target->prim = target->prim_right = nst_type_prim(type);
}

static void arithmetic(NstInfer *infer, NstOperator op, NstType *left, NstType *right, NstTarget *target) {
    NstType *data = is_data(left) ? left : is_data(right) ? right : NULL;
    NstName method = nst_operator_method(op);
    if (data && method) {
        NstFunction *fn = own_method(infer, data, NST_TRAIT_NUM, nst_name_text(method));
        if (fn) {
            NstType *args[] = {data, data};
            call_at(infer, fn, args, 2, NULL, target);
            return;
        }
    }
    NstPrimType l = nst_type_prim(left), r = nst_type_prim(right);
    if (l == NST_PRIM_NONE || r == NST_PRIM_NONE) {
        target->kind = NST_TARGET_DYNAMIC;
        return;
    }
    target->kind = NST_TARGET_PRIMITIVE;
    target->prim = l;
    target->prim_right = r;
}

static void operator_target(NstInfer *infer, const NstInstance *instance, const NstExpr *expr, NstTarget *target) {
    NstOperator op = expr->binary.op;
    NstType *left = nst_concrete(infer, instance, expr->binary.left->type);
    NstType *right = expr->kind == NST_EXPR_UNARY ? left : nst_concrete(infer, instance, expr->binary.right->type);
    target->kind = NST_TARGET_PRIMITIVE;
    switch (op) {
    case NST_OP_NOT:
    case NST_OP_AND:
    case NST_OP_OR: target->prim = target->prim_right = NST_PRIM_BOOL; return;
    case NST_OP_CONS: target->prim = target->prim_right = NST_PRIM_LIST; return;
    case NST_OP_CONCAT: {
        NstPrimType prim = nst_type_prim(left->kind == NST_TY_ANY ? right : left);
        if (prim != NST_PRIM_STRING && prim != NST_PRIM_LIST) target->kind = NST_TARGET_DYNAMIC;
        target->prim = target->prim_right = prim;
        return;
    }
    case NST_OP_EQ:
    case NST_OP_NE:
    case NST_OP_LT:
    case NST_OP_GT:
    case NST_OP_LE:
    case NST_OP_GE: comparison(infer, op, left, right, target); return;
    default: arithmetic(infer, op, left, right, target); return;
    }
}

// ---- Parts ------------------------------------------------------------------------------

static void field_target(NstInfer *infer, const NstInstance *instance, const NstExpr *expr, NstTarget *target) {
    NstType *type = nst_concrete(infer, instance, expr->field.receiver->type);
    target->kind = NST_TARGET_DYNAMIC;
    if (type->kind == NST_TY_ANY) return;
    NstType *field_type;
    int field = (int)expr->field.position;
    if (expr->kind == NST_EXPR_FIELD) field = nst_find_field(infer, type, expr->field.field.name, &field_type);
    if (field == NST_FIELD_NONE) return;
    if (field >= 0) {
        target->kind = NST_TARGET_FIELD;
        target->field = field;
        return;
    }
    // A virtual field is computed by the library's method of its name.
    size_t count;
    NstFunction *const *fns = nst_program_library_methods(infer->program, expr->field.field.name, NULL, &count);
    for (size_t i = 0; i < count; i++)
        if (fns[i]->param_count == 1) {
            call_at(infer, fns[i], &type, 1, NULL, target);
            return;
        }
}

static void index_target(NstInfer *infer, const NstInstance *instance, const NstExpr *expr, NstTarget *target) {
    NstType *type = nst_concrete(infer, instance, expr->index.receiver->type);
    target->kind = NST_TARGET_DYNAMIC;
    if (type->kind == NST_TY_ANY) return;
    target->prim = nst_type_prim(type);
    if (target->prim != NST_PRIM_NONE) {
        target->kind = NST_TARGET_INDEX;
        return;
    }
    NstFunction *fn = own_method(infer, type, NST_TRAIT_INDEX, "index");
    if (fn) {
        NstType *args[] = {type, nst_concrete(infer, instance, expr->index.index->type)};
        call_at(infer, fn, args, 2, NULL, target);
    } else if (type->kind == NST_TY_TUPLE && expr->index.index->kind == NST_EXPR_LITERAL) {
        target->kind = NST_TARGET_FIELD;
        target->field = (int)expr->index.index->literal.integer;
    }
}

// ---- Calls and names --------------------------------------------------------------------

static void order_of(NstInfer *infer, NstExpr *expr, const NstCallee *callee, NstTarget *target) {
    NstCallSite site = nst_site_of(infer, expr, NULL);
    NstType *fun = nst_type_resolve(callee->type);
    if (fun->kind != NST_TY_FUN) return;
    NstCallee known = *callee;
    known.type = fun;
    int *order = NST_NEW_ARRAY(infer->arena, int, fun->arg_count + 1);
    if (!nst_map_arguments(infer, &site, &known, false, order)) return;
    target->order = order;
    target->order_count = fun->arg_count;
}

static void function_order(NstInfer *infer, NstExpr *expr, NstTarget *target) {
    if (expr->kind != NST_EXPR_CALL && expr->kind != NST_EXPR_METHOD) return;
    NstCallee callee = nst_callee_of(infer, nst_function_info(infer, target->fn));
    order_of(infer, expr, &callee, target);
}

// For each field the argument; -1 keeps the base's.
static void ctor_order(NstInfer *infer, const NstExpr *expr, NstTarget *target) {
    if (expr->kind != NST_EXPR_CALL) return;
    const NstCtor *ctor = target->ctor;
    int *order = NST_NEW_ARRAY(infer->arena, int, ctor->field_count + 1);
    for (size_t i = 0; i < ctor->field_count; i++) order[i] = -1;
    for (size_t i = target->kind == NST_TARGET_UPDATE; i < expr->call.arg_count; i++) {
        size_t field = 0;
        NstName name = expr->call.args[i].name.name;
        if (name)
            while (field < ctor->field_count && ctor->field_names[field] != name) field++;
        else
            while (field < ctor->field_count && order[field] >= 0) field++;
        if (field < ctor->field_count) order[field] = (int)i;
    }
    target->order = order;
    target->order_count = ctor->field_count;
}

static void local_target(NstInfer *infer, NstExpr *expr, NstTarget *target) {
    NstLocal *local = target->local;
    if (expr->kind != NST_EXPR_CALL && expr->kind != NST_EXPR_METHOD) return;
    NstCallee callee = nst_local_callee(infer, local, local->type);
    if (callee.defaults) order_of(infer, expr, &callee, target);
}

static void known_target(NstInfer *infer, const NstInstance *instance, NstExpr *expr, NstTarget *target) {
    target->kind = expr->target;
    target->subst = concrete_subst(infer, instance, expr->subst, expr->subst_count);
    target->subst_count = expr->subst ? expr->subst_count : 0;
    switch (expr->target) {
    case NST_TARGET_FUNCTION:
    case NST_TARGET_SPECIAL: target->fn = expr->to.fn; break;
    case NST_TARGET_CTOR:
    case NST_TARGET_UPDATE:
        target->ctor = expr->to.ctor;
        ctor_order(infer, expr, target);
        break;
    case NST_TARGET_LOCAL:
    case NST_TARGET_VALUE_CALL:
        if (expr->target == NST_TARGET_VALUE_CALL && expr->kind == NST_EXPR_CALL &&
            (expr->call.callee->kind != NST_EXPR_NAME || expr->call.callee->target != NST_TARGET_LOCAL))
            break;
        target->local = expr->to.local;
        local_target(infer, expr, target);
        break;
    case NST_TARGET_CONST: target->constant = expr->to.constant; break;
    case NST_TARGET_MVAR:
    case NST_TARGET_MVAR_UPDATE: target->mvar = expr->to.mvar; break;
    case NST_TARGET_FIELD_CALL: {
        NstType *field_type;
        target->field = nst_find_field(infer, nst_concrete(infer, instance, expr->call.callee->type), expr->call.method.name,
                                       &field_type);
        break;
    }
    default: break;
    }
}

NstTarget *nst_compute_target(NstInfer *infer, const NstInstance *instance, NstExpr *expr) {
    NstTarget *target = NST_NEW(infer->arena, NstTarget);
    switch (expr->kind) {
    case NST_EXPR_BINARY:
    case NST_EXPR_UNARY: operator_target(infer, instance, expr, target); break;
    case NST_EXPR_FIELD:
    case NST_EXPR_TUPLE_INDEX: field_target(infer, instance, expr, target); break;
    case NST_EXPR_INDEX: index_target(infer, instance, expr, target); break;
    case NST_EXPR_NAME:
    case NST_EXPR_CALL:
    case NST_EXPR_METHOD:
        if (expr->req && (expr->req->kind == NST_REQ_METHOD || expr->req->kind == NST_REQ_OVERLOAD))
            solve(infer, instance, expr->req, target);
        else known_target(infer, instance, expr, target);
        if (target->kind == NST_TARGET_FUNCTION || target->kind == NST_TARGET_SPECIAL) function_order(infer, expr, target);
        if (target->kind == NST_TARGET_NONE && expr->kind == NST_EXPR_METHOD) target->kind = NST_TARGET_DYNAMIC;
        break;
    default: target->kind = NST_TARGET_DYNAMIC; break;
    }
    return target;
}
