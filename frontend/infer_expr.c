#include "frontend/infer_body.h"
#include "frontend/infer_call.h"
#include "frontend/infer_field.h"
#include "frontend/infer_function.h"
#include "frontend/infer_operator.h"
#include "frontend/require.h"
#include "frontend/scheme.h"

static bool is_never(NstType *type) {
    return nst_type_resolve(type)->kind == NST_TY_NEVER;
}

// The arguments that a hint gives for a type of this kind, or null.
static NstType *const *hinted_args(NstType *expected, NstPrimType prim) {
    if (!expected) return NULL;
    expected = nst_type_resolve(expected);
    return nst_type_prim(expected) == prim ? expected->args : NULL;
}

void nst_check_expr(NstInfer *infer, NstExpr *expr, NstType *type) {
    NstType *found = nst_infer_expr(infer, expr, type);
    nst_infer_unify(infer, type, found, expr->span);
}

// The common type of alternatives (branches, arms) as far as they have been seen; null: none.
typedef struct Joined {
    NstType *type;
    NstSpan first; // the alternative that gave it
    bool odd;      // some alternative is of another type
} Joined;

static void join(NstInfer *infer, Joined *joined, NstType *next, NstSpan span) {
    if (!joined->type || is_never(joined->type) || nst_is_silent(joined->type)) {
        *joined = (Joined){next, span, joined->odd};
        return;
    }
    if (!is_never(next) &&
        !nst_infer_unify_because(infer, joined->type, next, span, joined->first, "the first one is this"))
        joined->odd = true;
}

// The type of the whole. Alternatives that disagree have been reported; what is done with their value is not.
static NstType *joined_type(NstInfer *infer, const Joined *joined) {
    return joined->odd ? nst_error_type(infer) : joined->type;
}

// ---- Literals and collections -----------------------------------------------------------

static NstType *infer_string(NstInfer *infer, NstExpr *expr) {
    for (size_t i = 0; i < expr->string.part_count; i++) {
        NstExpr *part = expr->string.parts[i].expr;
        if (!part) continue;
        NstType *type = nst_infer_expr(infer, part, NULL);
        nst_require_trait(infer, type, nst_builtin_trait(infer->program, NST_TRAIT_SHOW), part->span);
    }
    return nst_prim(infer, NST_PRIM_STRING);
}

static NstType *infer_tuple(NstInfer *infer, NstExpr *expr, NstType *expected) {
    size_t count = expr->seq.count;
    NstType **args = nst_type_array(infer, count);
    if (expected) expected = nst_type_resolve(expected);
    bool hinted = expected && expected->kind == NST_TY_TUPLE && expected->arg_count == count;
    for (size_t i = 0; i < count; i++) args[i] = nst_infer_expr(infer, expr->seq.items[i], hinted ? expected->args[i] : NULL);
    return nst_tuple(infer, args, count);
}

static NstType *infer_list(NstInfer *infer, NstExpr *expr, NstType *expected) {
    NstType *const *hint = hinted_args(expected, NST_PRIM_LIST);
    NstType *element = nst_var(infer);
    for (size_t i = 0; i < expr->seq.count; i++) {
        NstType *known = nst_is_var(element) && hint ? hint[0] : element;
        NstType *item = nst_infer_expr(infer, expr->seq.items[i], known);
        if (!nst_infer_unify_because(infer, element, item, expr->seq.items[i]->span, expr->seq.items[0]->span,
                                     "the first element is this"))
            element = nst_error_type(infer); // only the first odd element is reported
    }
    NstType *list = nst_list_of(infer, element);
    if (!expr->seq.rest) return list;
    NstType *rest = nst_infer_expr(infer, expr->seq.rest, list);
    return nst_infer_unify(infer, list, rest, expr->seq.rest->span) ? list : nst_list_of(infer, nst_error_type(infer));
}

// Keys and elements need Hash and Eq; one error for both, after which the result is false.
static bool require_key(NstInfer *infer, NstType *type, NstSpan span) {
    static const NstBuiltinTrait traits[] = {NST_TRAIT_HASH, NST_TRAIT_EQ};
    NstBatch *batch = NST_NEW(infer->arena, NstBatch);
    for (size_t i = 0; i < 2; i++) {
        NstRequirement *req = nst_requirement_new(infer, NST_REQ_TRAIT, span, NULL);
        req->type = type;
        req->trait = nst_builtin_trait(infer->program, traits[i]);
        req->batch = batch;
        nst_require(infer, req);
    }
    return !batch->reported;
}

static NstType *infer_map(NstInfer *infer, NstExpr *expr, NstType *expected) {
    NstType *const *hint = hinted_args(expected, NST_PRIM_MAP);
    NstType *types[] = {nst_var(infer), nst_var(infer)};
    for (size_t i = 0; i < expr->seq.count; i++) {
        NstType *common = types[i % 2];
        NstType *known = nst_is_var(common) && hint ? hint[i % 2] : common;
        NstType *item = nst_infer_expr(infer, expr->seq.items[i], known);
        if (!nst_infer_unify_because(infer, common, item, expr->seq.items[i]->span, expr->seq.items[i % 2]->span,
                                     i % 2 ? "the first value is this" : "the first key is this"))
            types[i % 2] = nst_error_type(infer);
    }
    if (!require_key(infer, types[0], expr->seq.count ? expr->seq.items[0]->span : expr->span)) return nst_error_type(infer);
    return nst_map_of(infer, types[0], types[1]);
}

static NstType *infer_set(NstInfer *infer, NstExpr *expr, NstType *expected) {
    NstType *const *hint = hinted_args(expected, NST_PRIM_SET);
    NstType *element = nst_var(infer);
    for (size_t i = 0; i < expr->seq.count; i++) {
        NstType *known = nst_is_var(element) && hint ? hint[0] : element;
        NstType *item = nst_infer_expr(infer, expr->seq.items[i], known);
        if (!nst_infer_unify_because(infer, element, item, expr->seq.items[i]->span, expr->seq.items[0]->span,
                                     "the first element is this"))
            element = nst_error_type(infer);
    }
    if (!require_key(infer, element, expr->seq.count ? expr->seq.items[0]->span : expr->span)) return nst_error_type(infer);
    return nst_set_of(infer, element);
}

// ---- Functions --------------------------------------------------------------------------

// A hint of one tuple parameter gives a lambda of n parameters the components.
static NstType *const *hinted_params(const NstType *expected, size_t count) {
    if (!expected || expected->kind != NST_TY_FUN) return NULL;
    if (expected->arg_count == count) return expected->args;
    if (expected->arg_count != 1 || count < 2) return NULL;
    const NstType *only = nst_type_resolve(expected->args[0]);
    return only->kind == NST_TY_TUPLE && only->arg_count == count ? only->args : NULL;
}

NstType *nst_infer_lambda(NstInfer *infer, NstExpr *expr, NstType *expected) {
    NstLambda *lambda = expr->lambda;
    NstTypeContext *types = infer->body ? infer->body->types : NULL;
    if (expected) expected = nst_type_resolve(expected);
    NstType *const *hints = hinted_params(expected, lambda->param_count);
    NstType **params = nst_type_array(infer, lambda->param_count);
    NstType *result = nst_var(infer);
    NstBodyContext context = {.outer = infer->body, .body = lambda->body, .result = result, .types = types};
    infer->body = &context;
    for (size_t i = 0; i < lambda->param_count; i++) {
        NstParam *param = &lambda->params[i];
        if (param->annotation && types) params[i] = nst_typeexpr_type(types, param->annotation);
        else params[i] = hints ? hints[i] : nst_var(infer);
    }
    for (size_t i = 0; i < lambda->param_count; i++) nst_infer_pattern(infer, lambda->params[i].pattern, params[i]);
    NstType *hint = hints ? expected->result : NULL;
    if (lambda->result && types) {
        hint = nst_typeexpr_type(types, lambda->result);
        context.result_span = lambda->result->span;
        nst_infer_unify(infer, result, hint, lambda->result->span);
    }
    NstType *body = nst_infer_expr(infer, lambda->body_expr, hint);
    nst_infer_result(infer, body, lambda->body_expr->span);
    if (lambda->body) lambda->body->result_type = result;
    infer->body = context.outer;
    return nst_fun(infer, params, lambda->param_count, result);
}

static NstType *infer_spawn(NstInfer *infer, NstExpr *expr) {
    NstType *pid = nst_prim(infer, NST_PRIM_PID);
    NstExpr *operand = expr->spawn.operand;
    if (expr->spawn.by_value) {
        NstType *wanted = nst_fun(infer, NULL, 0, nst_var(infer));
        NstType *found = nst_type_resolve(nst_infer_expr(infer, operand, wanted));
        if (found->kind == NST_TY_FUN && found->arg_count != 0) nst_infer_arity(infer, operand->span, 0, found->arg_count);
        else nst_infer_unify(infer, wanted, found, operand->span);
    } else {
        NstBodyContext context = {.outer = infer->body, .body = expr->spawn.body, .result = nst_var(infer),
                                  .types = infer->body ? infer->body->types : NULL};
        infer->body = &context;
        NstType *value = nst_infer_expr(infer, operand, NULL);
        (void)value; // discarded: of any type, also beside a `return` of another
        if (expr->spawn.body) expr->spawn.body->result_type = context.result;
        infer->body = context.outer;
    }
    if (expr->spawn.how != NST_SPAWN_MONITOR) return pid;
    NstType **args = nst_type_array(infer, 2);
    args[0] = pid;
    args[1] = nst_prim(infer, NST_PRIM_REF);
    return nst_tuple(infer, args, 2);
}

// ---- Control flow -----------------------------------------------------------------------

static NstType *infer_if(NstInfer *infer, NstExpr *expr, NstType *expected) {
    nst_check_expr(infer, expr->branch.cond, nst_prim(infer, NST_PRIM_BOOL));
    if (!expr->branch.otherwise) {
        NstType *unit = nst_unit(infer), *branch = nst_infer_expr(infer, expr->branch.then, unit);
        return nst_infer_unify(infer, unit, branch, expr->branch.then->span) ? unit : nst_error_type(infer);
    }
    NstExpr *then = expr->branch.then, *otherwise = expr->branch.otherwise;
    Joined result = {nst_infer_expr(infer, then, expected), then->span, false};
    join(infer, &result, nst_infer_expr(infer, otherwise, expected ? expected : result.type), otherwise->span);
    return joined_type(infer, &result);
}

static NstPattern **arm_patterns(NstInfer *infer, NstArm *arms, size_t count) {
    NstPattern **patterns = NST_NEW_ARRAY(infer->arena, NstPattern *, count + 1);
    for (size_t i = 0; i < count; i++) patterns[i] = arms[i].pattern;
    return patterns;
}

// Guard and body of an arm.
static void infer_arm(NstInfer *infer, NstArm *arm, Joined *joined, NstType *expected) {
    if (arm->guard) nst_check_expr(infer, arm->guard, nst_prim(infer, NST_PRIM_BOOL));
    join(infer, joined, nst_infer_expr(infer, arm->body, expected ? expected : joined->type), arm->body->span);
}

static NstType *infer_match(NstInfer *infer, NstExpr *expr, NstType *expected) {
    NstType *scrutinee = nst_infer_expr(infer, expr->match.scrutinee, NULL);
    if (is_never(scrutinee)) scrutinee = nst_var(infer);
    size_t count = expr->match.arm_count;
    expr->match.loose_shape = nst_prepare_patterns(infer, arm_patterns(infer, expr->match.arms, count), count, scrutinee,
                                                   NST_SHAPES_LENGTHS);
    Joined result = {0};
    for (size_t i = 0; i < count; i++) {
        nst_infer_pattern(infer, expr->match.arms[i].pattern, scrutinee);
        infer_arm(infer, &expr->match.arms[i], &result, expected);
    }
    return result.type ? joined_type(infer, &result) : nst_unit(infer);
}

// Whether all arms agree with the body is tried out, with what is required of them (`catch { e -> e + 1 }` does not agree with
// a Bool); if they do not, the value is dynamically typed.
static NstType *infer_try(NstInfer *infer, NstExpr *expr, NstType *expected) {
    NstType *body = nst_infer_expr(infer, expr->try_.body, expected);
    size_t count = expr->try_.arm_count;
    NstType **types = nst_type_array(infer, count + 1);
    for (size_t i = 0; i < count; i++) {
        NstArm *arm = &expr->try_.arms[i];
        infer->level++;
        NstType *caught = nst_var(infer);
        NstPattern *pattern = arm->pattern;
        nst_prepare_patterns(infer, &pattern, 1, caught, NST_SHAPES_ONE);
        nst_infer_pattern(infer, pattern, caught);
        infer->level--;
        nst_generalise_pattern(infer, pattern);
        if (arm->guard) nst_check_expr(infer, arm->guard, nst_prim(infer, NST_PRIM_BOOL));
        types[i] = nst_infer_expr(infer, arm->body, expected);
    }
    if (expr->try_.finally) nst_infer_expr(infer, expr->try_.finally, NULL);
    if (count == 0) return body;

    NstType *result = body;
    NstTrial trial = nst_trial_begin(infer);
    bool agree = true;
    for (size_t i = 0; i < count && agree; i++) {
        if (is_never(result)) result = types[i];
        else agree = nst_unify(infer, result, types[i]) == NST_UNIFY_OK;
    }
    if (agree && nst_requirements_fit(infer, trial.woken)) {
        nst_trial_keep(infer, trial);
        nst_requirements_solve(infer);
        return result;
    }
    nst_trial_undo(infer, trial);
    expr->try_.loose = true;
    return nst_dynamic_var(infer);
}

static NstType *infer_loop(NstInfer *infer, NstExpr *body) {
    NstLoop loop = {.outer = infer->body ? infer->body->loop : NULL};
    if (infer->body) infer->body->loop = &loop;
    nst_infer_expr(infer, body, NULL);
    if (infer->body) infer->body->loop = loop.outer;
    return loop.value ? loop.value : nst_unit(infer);
}

static NstType *infer_for(NstInfer *infer, NstExpr *expr) {
    NstType *number = nst_prim(infer, NST_PRIM_INT);
    nst_check_expr(infer, expr->for_.from, number);
    nst_check_expr(infer, expr->for_.to, number);
    if (expr->for_.local) expr->for_.local->type = number;
    return infer_loop(infer, expr->for_.body);
}

static void infer_break(NstInfer *infer, NstExpr *expr) {
    NstLoop *loop = infer->body ? infer->body->loop : NULL;
    if (!expr->unary.operand) return;
    NstType *value = nst_infer_expr(infer, expr->unary.operand, loop ? loop->value : NULL);
    if (!loop) return;
    Joined joined = {loop->value, loop->first, false};
    join(infer, &joined, value, expr->unary.operand->span);
    loop->value = joined.type;
    loop->first = joined.first;
}

static void infer_return(NstInfer *infer, NstExpr *expr) {
    NstType *result = infer->body ? infer->body->result : nst_error_type(infer);
    NstExpr *operand = expr->unary.operand;
    NstType *value = operand ? nst_infer_expr(infer, operand, result) : nst_unit(infer);
    NstSpan span = operand ? operand->span : expr->span;
    if (infer->body && infer->body->result_span.origin)
        nst_infer_unify_because(infer, result, value, span, infer->body->result_span, "the result is this");
    else nst_infer_unify(infer, result, value, span);
}

static NstType *infer_receive(NstInfer *infer, NstExpr *expr, NstType *expected) {
    NstType *message = nst_dynamic_var(infer);
    Joined result = {0};
    size_t count = expr->receive.arm_count;
    nst_prepare_patterns(infer, arm_patterns(infer, expr->receive.arms, count), count, message, NST_SHAPES_ONE);
    for (size_t i = 0; i < count; i++) {
        infer->receiving = true;
        nst_infer_pattern(infer, expr->receive.arms[i].pattern, message);
        infer->receiving = false;
        infer_arm(infer, &expr->receive.arms[i], &result, expected);
    }
    if (expr->receive.after_time) nst_check_expr(infer, expr->receive.after_time, nst_prim(infer, NST_PRIM_INT));
    if (expr->receive.after_body) {
        NstExpr *after = expr->receive.after_body;
        join(infer, &result, nst_infer_expr(infer, after, expected ? expected : result.type), after->span);
    }
    return result.type ? joined_type(infer, &result) : nst_var(infer);
}

// ---- All --------------------------------------------------------------------------------

static NstType *infer_kind(NstInfer *infer, NstExpr *expr, NstType *expected) {
    switch (expr->kind) {
    case NST_EXPR_LITERAL: return nst_literal_type(infer, expr->literal.kind);
    case NST_EXPR_STRING: return infer_string(infer, expr);
    case NST_EXPR_NAME: return nst_infer_name(infer, expr, expected);
    case NST_EXPR_TUPLE: return infer_tuple(infer, expr, expected);
    case NST_EXPR_LIST: return infer_list(infer, expr, expected);
    case NST_EXPR_RANGE_LIST:
        nst_check_expr(infer, expr->index.receiver, nst_prim(infer, NST_PRIM_INT));
        nst_check_expr(infer, expr->index.index, nst_prim(infer, NST_PRIM_INT));
        return nst_list_of(infer, nst_prim(infer, NST_PRIM_INT));
    case NST_EXPR_MAP: return infer_map(infer, expr, expected);
    case NST_EXPR_SET: return infer_set(infer, expr, expected);
    case NST_EXPR_BLOCK: return nst_infer_block(infer, expr, expected);
    case NST_EXPR_LAMBDA: return nst_infer_lambda(infer, expr, expected);
    case NST_EXPR_IF: return infer_if(infer, expr, expected);
    case NST_EXPR_MATCH: return infer_match(infer, expr, expected);
    case NST_EXPR_TRY: return infer_try(infer, expr, expected);
    case NST_EXPR_WHILE:
        nst_check_expr(infer, expr->loop.cond, nst_prim(infer, NST_PRIM_BOOL));
        return infer_loop(infer, expr->loop.body);
    case NST_EXPR_FOR: return infer_for(infer, expr);
    case NST_EXPR_RECEIVE: return infer_receive(infer, expr, expected);
    case NST_EXPR_SPAWN: return infer_spawn(infer, expr);
    case NST_EXPR_BREAK: infer_break(infer, expr); return infer->program->never_type;
    case NST_EXPR_CONTINUE: return infer->program->never_type;
    case NST_EXPR_RETURN: infer_return(infer, expr); return infer->program->never_type;
    case NST_EXPR_UNARY: return nst_infer_unary(infer, expr);
    case NST_EXPR_BINARY: return nst_infer_binary(infer, expr, expected);
    case NST_EXPR_SEND:
        nst_check_expr(infer, expr->binary.left, nst_prim(infer, NST_PRIM_PID));
        nst_infer_expr(infer, expr->binary.right, NULL);
        return nst_unit(infer);
    case NST_EXPR_CALL: return nst_infer_call(infer, expr, expected);
    case NST_EXPR_METHOD: return nst_infer_method(infer, expr, expected);
    case NST_EXPR_FIELD: return nst_infer_field(infer, expr, false);
    case NST_EXPR_TUPLE_INDEX: return nst_infer_field(infer, expr, false);
    case NST_EXPR_INDEX: return nst_infer_index(infer, expr);
    case NST_EXPR_TRY_OP: return nst_infer_try_op(infer, expr);
    case NST_EXPR_ERROR:
    case NST_EXPR_WILDCARD:
    case NST_EXPR_QUOTE:
    case NST_EXPR_SPLICE: break;
    }
    return nst_error_type(infer);
}

// Expressions whose type can be larger than those of their parts together.
static bool builds_type(const NstExpr *expr) {
    return expr->kind == NST_EXPR_CALL || expr->kind == NST_EXPR_METHOD || expr->kind == NST_EXPR_TUPLE;
}

NstType *nst_infer_expr(NstInfer *infer, NstExpr *expr, NstType *expected) {
    expr->type = infer_kind(infer, expr, expected);
    if (builds_type(expr) && nst_type_is_huge(expr->type)) {
        nst_infer_error(infer, NST_DIAG_INFINITE_TYPE, expr->span, "the type of this expression has more than %d parts",
                        NST_TYPE_PARTS);
        expr->type = nst_error_type(infer);
    }
    return expr->type;
}
