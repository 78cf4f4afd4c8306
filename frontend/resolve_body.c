#include "frontend/resolve_body.h"

#include "frontend/collect.h"
#include "frontend/walk.h"

static void resolve_stmt(NstWalk *walk, NstStmt *stmt);

// ---- Bodies inside bodies ---------------------------------------------------------------

// What a new body replaces while it is resolved.
typedef struct Outer {
    NstBody *body;
    unsigned loops;
} Outer;

static Outer enter_body(NstWalk *walk, NstBody *body, NstFrame *frame) {
    Outer outer = {walk->body, walk->loops};
    walk->body = body;
    walk->loops = 0;
    nst_frame_push(walk, frame);
    return outer;
}

static void leave_body(NstWalk *walk, Outer outer) {
    nst_frame_pop(walk);
    walk->body = outer.body;
    walk->loops = outer.loops;
}

// Element assignment to a captured immutable name changes a local of the closure that hides it (functions.md 4.3): that
// local starts as a copy when the closure begins.
typedef struct CopyScan {
    NstWalk *walk;
} CopyScan;

static bool scan_expr(void *context, NstExpr *expr) {
    (void)context;
    return expr->kind != NST_EXPR_LAMBDA && expr->kind != NST_EXPR_SPAWN;
}

static bool scan_stmt(void *context, NstStmt *stmt) {
    NstWalk *walk = ((CopyScan *)context)->walk;
    if (stmt->kind == NST_STMT_FUNCTION) return false;
    if (stmt->kind != NST_STMT_ASSIGN_INDEX || stmt->place->index.receiver->kind != NST_EXPR_NAME) return true;
    NstIdent ident = stmt->place->index.receiver->name.ident;
    NstLocal *outer = nst_find_local(walk, ident.name, -1, NULL);
    if (!outer || outer->body == walk->body || outer->mutable_ || outer->is_function) return true;
    nst_capture_local(walk, outer);
    NstLocal *copy = nst_local_new(walk, ident, false);
    copy->copy_of = outer;
    nst_frame_bind(walk, copy);
    return true;
}

static void make_copies(NstWalk *walk, NstExpr *body) {
    if (!walk->body->parent) return;
    CopyScan scan = {walk};
    NstVisitor visitor = {&scan, scan_expr, scan_stmt};
    nst_walk_expr(&visitor, body);
}

static void resolve_params(NstWalk *walk, NstParam *params, size_t count, NstPatternMode mode) {
    size_t first = walk->frame->locals.count;
    for (size_t i = 0; i < count; i++) {
        if (params[i].default_value) nst_resolve_expr(walk, params[i].default_value);
        nst_resolve_pattern(walk, params[i].pattern, mode, first);
    }
}

static void check_bounds(NstWalk *walk, NstClause *clause) {
    for (size_t i = 0; i < clause->type_param_count; i++)
        for (size_t j = 0; j < clause->type_params[i].bound_count; j++)
            nst_resolve_trait_ident(walk->program, walk->part, &clause->type_params[i].bounds[j]);
}

static void resolve_clause(NstWalk *walk, NstClause *clause) {
    check_bounds(walk, clause);
    clause->body = nst_body_new(walk);
    NstFrame frame;
    Outer outer = enter_body(walk, clause->body, &frame);
    resolve_params(walk, clause->params, clause->param_count, NST_PATTERNS_PARAMS);
    if (clause->body_expr) make_copies(walk, clause->body_expr);
    if (clause->guard) nst_resolve_expr(walk, clause->guard);
    if (clause->body_expr) nst_resolve_expr(walk, clause->body_expr);
    leave_body(walk, outer);
}

static void resolve_lambda(NstWalk *walk, NstLambda *lambda) {
    lambda->body = nst_body_new(walk);
    NstFrame frame;
    Outer outer = enter_body(walk, lambda->body, &frame);
    resolve_params(walk, lambda->params, lambda->param_count, NST_PATTERNS_LAMBDA);
    make_copies(walk, lambda->body_expr);
    nst_resolve_expr(walk, lambda->body_expr);
    leave_body(walk, outer);
}

static void resolve_spawn(NstWalk *walk, NstExpr *expr) {
    NstExpr *operand = expr->spawn.operand;
    walk->spawns++;
    bool qualified = operand->kind == NST_EXPR_FIELD && nst_resolve_qualified(walk, operand);
    expr->spawn.by_value = qualified || operand->kind == NST_EXPR_LAMBDA || operand->kind == NST_EXPR_NAME;
    if (expr->spawn.by_value) {
        if (!qualified) nst_resolve_expr(walk, operand);
    } else {
        expr->spawn.body = nst_body_new(walk);
        NstFrame frame;
        Outer outer = enter_body(walk, expr->spawn.body, &frame);
        make_copies(walk, operand);
        nst_resolve_expr(walk, operand);
        leave_body(walk, outer);
    }
    walk->spawns--;
}

// ---- Blocks -----------------------------------------------------------------------------

static NstLocal *function_local(NstWalk *walk, NstIdent ident, size_t required, size_t total) {
    NstLocal *local = nst_local_new(walk, ident, false);
    local->is_function = true;
    local->arity_min = (uint32_t)required;
    local->arity_max = (uint32_t)total;
    NST_APPEND(walk->program, walk->frame->later, local);
    return local;
}

static size_t required_params(NstClause *const *clauses, size_t count) {
    size_t required = clauses[0]->param_count;
    for (size_t p = 0; p < clauses[0]->param_count; p++)
        for (size_t i = 0; i < count; i++)
            if (clauses[i]->params[p].default_value) {
                required--;
                break;
            }
    return required;
}

// True if `name = lambda` makes a new local (rather than assigning an existing variable), as far as is known at the start of
// the block.
static bool binds_new_name(NstWalk *walk, NstStmt *const *stmts, size_t at) {
    const NstStmt *stmt = stmts[at];
    NstName name = stmt->pattern->ident.name;
    for (size_t i = 0; i < at; i++)
        if (stmts[i]->kind == NST_STMT_BIND && stmts[i]->pattern->kind == NST_PAT_NAME &&
            stmts[i]->pattern->ident.name == name)
            return false;
    const NstLocal *local = nst_find_local(walk, name, -1, NULL);
    if (local) return local->body != walk->body ? !local->mutable_ : local->copy_of != NULL;
    return stmt->annotation || !nst_plain_mvar(walk, name);
}

// Functions of a block see each other, wherever they stand.
static void announce_functions(NstWalk *walk, NstStmt *const *stmts, size_t count) {
    for (size_t i = 0; i < count; i++) {
        NstStmt *stmt = stmts[i];
        if (stmt->kind == NST_STMT_FUNCTION) {
            size_t total = stmt->clauses[0]->param_count;
            stmt->local = function_local(walk, stmt->clauses[0]->name,
                                         required_params(stmt->clauses, stmt->clause_count), total);
        } else if (stmt->kind == NST_STMT_BIND && !stmt->var_ && stmt->pattern->kind == NST_PAT_NAME &&
                   stmt->value->kind == NST_EXPR_LAMBDA && binds_new_name(walk, stmts, i)) {
            size_t params = stmt->value->lambda->param_count;
            stmt->local = function_local(walk, stmt->pattern->ident, params, params);
        }
    }
}

static void resolve_block(NstWalk *walk, NstExpr *expr) {
    NstFrame frame;
    nst_frame_push(walk, &frame);
    announce_functions(walk, expr->block.stmts, expr->block.count);
    for (size_t i = 0; i < expr->block.count; i++) resolve_stmt(walk, expr->block.stmts[i]);
    nst_frame_pop(walk);
}

// ---- Bindings and assignments -----------------------------------------------------------

static void reassigned(NstWalk *walk, NstPattern *pattern, const NstLocal *local) {
    NstDiag *diag = nst_diag_add(walk->program->diags, NST_DIAG_IMMUTABLE_ASSIGNMENT, pattern->span,
                 "cannot reassign immutable variable '%s'; use 'var' to declare a mutable variable",
                 nst_name_text(pattern->ident.name));
    nst_diag_label(walk->program->diags, diag, local->span, "it is bound here");
}

static void bind_name(NstWalk *walk, NstPattern *pattern, NstLocal *local) {
    if (!local) local = nst_local_new(walk, pattern->ident, false);
    pattern->role = NST_ROLE_BIND;
    pattern->local = local;
    nst_frame_bind(walk, local);
}

// `g = f` of a function: calls through g may omit f's defaults.
static void note_alias(const NstStmt *stmt, NstLocal *local) {
    const NstExpr *value = stmt->value;
    if (value->kind == NST_EXPR_NAME && value->target == NST_TARGET_OVERLOADS && value->to.overloads.count == 1)
        local->alias_of = value->to.overloads.fns[0];
    if (value->kind != NST_EXPR_NAME || value->target != NST_TARGET_LOCAL) return;
    NstLocal *source = value->to.local;
    if (local->mutable_ || source->mutable_) return; // a `var` may hold another function when it is called
    local->alias_of = source->alias_of;
    local->alias_of_local = source->is_function ? source : source->alias_of_local;
}

// `name = e` and `name: T = e`.
static void resolve_name_binding(NstWalk *walk, NstStmt *stmt) {
    NstPattern *pattern = stmt->pattern;
    NstLocal *announced = stmt->local;
    stmt->local = NULL;
    NstLocal *local = nst_find_local(walk, pattern->ident.name, -1, NULL);
    bool own = local && local->body == walk->body && !local->copy_of;
    if (announced && !own) {
        bind_name(walk, pattern, announced);
    } else if (local && local->mutable_ && !stmt->annotation) {
        pattern->role = NST_ROLE_ASSIGN;
        pattern->local = local;
        nst_capture_local(walk, local);
    } else if (own) {
        reassigned(walk, pattern, local);
        bind_name(walk, pattern, NULL);
    } else if (!local && !stmt->annotation && (stmt->mvar = nst_plain_mvar(walk, pattern->ident.name))) {
        pattern->role = NST_ROLE_MVAR;
    } else {
        bind_name(walk, pattern, NULL);
        note_alias(stmt, pattern->local);
    }
}

static void resolve_binding(NstWalk *walk, NstStmt *stmt) {
    NstFrame *frame = walk->frame;
    bool function = stmt->local != NULL; // announced: a lambda that may refer to itself
    if (function) frame->later_visible++;
    nst_resolve_expr(walk, stmt->value);
    if (function) frame->later_visible--;
    if (stmt->pattern->kind == NST_PAT_NAME && !stmt->var_) {
        resolve_name_binding(walk, stmt);
        return;
    }
    nst_resolve_pattern(walk, stmt->pattern, stmt->var_ ? NST_PATTERNS_VAR : NST_PATTERNS_BINDING, frame->locals.count);
    if (stmt->pattern->kind == NST_PAT_NAME && stmt->pattern->local) note_alias(stmt, stmt->pattern->local);
}

static void resolve_local_function(NstWalk *walk, NstStmt *stmt) {
    NstFrame *frame = walk->frame;
    frame->later_visible++;
    for (size_t i = 0; i < stmt->clause_count; i++) resolve_clause(walk, stmt->clauses[i]);
    frame->later_visible--;
    nst_frame_bind(walk, stmt->local);
}

// The expression at the root of a.b[i].c: what an assignment to it changes.
static NstExpr *root_of(NstExpr *place) {
    for (;;) {
        if (place->kind == NST_EXPR_FIELD || place->kind == NST_EXPR_TUPLE_INDEX) place = place->field.receiver;
        else if (place->kind == NST_EXPR_INDEX) place = place->index.receiver;
        else return place;
    }
}

static void foreign_mvar(NstWalk *walk, NstSpan span, const NstMvar *mvar) {
    nst_diag_add(walk->program->diags, NST_DIAG_IMMUTABLE_ASSIGNMENT, span,
                 "only module `%s` may change its mvar `%s`", nst_module_display(mvar->module), nst_name_text(mvar->name));
}

// An assignment whose target is in error leaves its right side.
static void evaluate_only(NstStmt *stmt) {
    stmt->kind = NST_STMT_EXPR;
    stmt->place = NULL;
}

// `M.x = e`: another module's item is never an assignment target.
static void resolve_qualified_assignment(NstWalk *walk, NstStmt *stmt) {
    const NstExpr *place = stmt->place;
    if (place->kind == NST_EXPR_ERROR) {
        evaluate_only(stmt);
        return;
    }
    if (place->target == NST_TARGET_MVAR && nst_may_assign(walk, place->to.mvar)) {
        NstPattern *pattern = NST_NEW(walk->program->arena, NstPattern);
        pattern->kind = NST_PAT_NAME;
        pattern->span = place->span;
        pattern->ident = place->name.ident;
        pattern->role = NST_ROLE_MVAR;
        stmt->kind = NST_STMT_BIND;
        stmt->pattern = pattern;
        stmt->mvar = place->to.mvar;
        stmt->place = NULL;
        return;
    }
    if (place->target == NST_TARGET_MVAR) foreign_mvar(walk, place->span, place->to.mvar);
    else
        nst_diag_add(walk->program->diags, NST_DIAG_IMMUTABLE_ASSIGNMENT, place->span,
                     "cannot assign to `%s`: an item of a module is not a variable", nst_name_text(place->name.ident.name));
    evaluate_only(stmt);
}

static void resolve_place_assignment(NstWalk *walk, NstStmt *stmt) {
    nst_resolve_expr(walk, stmt->value);
    nst_resolve_expr(walk, stmt->place);
    if (stmt->place->kind == NST_EXPR_NAME || stmt->place->kind == NST_EXPR_ERROR) {
        resolve_qualified_assignment(walk, stmt);
        return;
    }
    NstExpr *root = root_of(stmt->place);
    if (root->kind != NST_EXPR_NAME) return;
    if (root->target == NST_TARGET_MVAR) {
        if (nst_may_assign(walk, root->to.mvar)) {
            stmt->mvar = root->to.mvar;
            stmt->locking = true;
        } else {
            foreign_mvar(walk, stmt->place->span, root->to.mvar);
            evaluate_only(stmt);
        }
    } else if (root->target == NST_TARGET_LOCAL && stmt->kind == NST_STMT_ASSIGN_INDEX &&
               root == stmt->place->index.receiver) {
        stmt->local = root->to.local;
    }
}

static void resolve_stmt(NstWalk *walk, NstStmt *stmt) {
    switch (stmt->kind) {
    case NST_STMT_EXPR: nst_resolve_expr(walk, stmt->value); break;
    case NST_STMT_BIND: resolve_binding(walk, stmt); break;
    case NST_STMT_ASSIGN_FIELD:
    case NST_STMT_ASSIGN_INDEX: resolve_place_assignment(walk, stmt); break;
    case NST_STMT_FUNCTION: resolve_local_function(walk, stmt); break;
    }
}

// ---- Expressions ------------------------------------------------------------------------

static void misplaced(NstWalk *walk, NstExpr *expr, const char *message) {
    nst_diag_add(walk->program->diags, NST_DIAG_MISPLACED, expr->span, "%s", message);
    expr->kind = NST_EXPR_ERROR;
}

static void resolve_optional(NstWalk *walk, NstExpr *expr) {
    if (expr) nst_resolve_expr(walk, expr);
}

static void resolve_args(NstWalk *walk, NstExpr *expr) {
    for (size_t i = 0; i < expr->call.arg_count; i++) nst_resolve_expr(walk, expr->call.args[i].value);
}

// T(base, f: e): a constructor, one positional argument, then only named ones.
static bool is_update(const NstExpr *expr) {
    const NstExpr *callee = expr->call.callee;
    bool ctor = callee->kind == NST_EXPR_NAME && (callee->target == NST_TARGET_CTOR || callee->target == NST_TARGET_CTORS);
    if (!ctor || expr->call.arg_count < 2 || expr->call.args[0].name.name) return false;
    for (size_t i = 1; i < expr->call.arg_count; i++)
        if (!expr->call.args[i].name.name) return false;
    return true;
}

static void resolve_mvar_update(NstWalk *walk, NstExpr *expr) {
    const NstExpr *receiver = expr->call.callee;
    if (nst_may_assign(walk, receiver->to.mvar)) {
        expr->target = NST_TARGET_MVAR_UPDATE;
        expr->to.mvar = receiver->to.mvar;
    } else {
        foreign_mvar(walk, receiver->span, receiver->to.mvar);
        expr->kind = NST_EXPR_ERROR;
    }
}

// A method call whose receiver is resolved.
static void resolve_method_rest(NstWalk *walk, NstExpr *expr) {
    if (nst_resolve_infix_module(walk, expr)) {
        for (size_t i = 1; i < expr->call.arg_count; i++) nst_resolve_expr(walk, expr->call.args[i].value);
        return;
    }
    resolve_args(walk, expr);
    const NstExpr *receiver = expr->call.callee;
    if (receiver->kind == NST_EXPR_NAME && receiver->target == NST_TARGET_MVAR && expr->call.arg_count == 1 &&
        expr->call.method.name == walk->program->resolver->name_update) {
        resolve_mvar_update(walk, expr);
        return;
    }
    NstLocal *local = nst_use_local(walk, expr->call.method.name, (int)expr->call.arg_count + 1);
    if (local) {
        expr->target = NST_TARGET_LOCAL;
        expr->to.local = local;
    }
}

// What a postfix form is applied to; null if the expression is no postfix form.
static NstExpr *head_of(const NstExpr *expr) {
    switch (expr->kind) {
    case NST_EXPR_METHOD:
    case NST_EXPR_CALL: return expr->call.callee;
    case NST_EXPR_FIELD:
    case NST_EXPR_TUPLE_INDEX: return expr->field.receiver;
    case NST_EXPR_INDEX: return expr->index.receiver;
    case NST_EXPR_TRY_OP: return expr->unary.operand;
    default: return NULL;
    }
}

// The parts of a postfix form other than its head, which is resolved.
static void resolve_rest(NstWalk *walk, NstExpr *expr) {
    switch (expr->kind) {
    case NST_EXPR_METHOD: resolve_method_rest(walk, expr); break;
    case NST_EXPR_CALL:
        resolve_args(walk, expr);
        if (is_update(expr)) expr->target = NST_TARGET_UPDATE;
        break;
    case NST_EXPR_INDEX: nst_resolve_expr(walk, expr->index.index); break;
    default: break;
    }
}

// The longest qualified name at the beginning of a chain of postfix forms: spine[count - 1] is applied to a name. Gives the
// index of the form that it has become (its arguments are resolved), or `count` if there is none.
static size_t resolve_qualified_head(NstWalk *walk, NstExpr *const *spine, size_t count) {
    size_t top = count;
    while (top > 0 && spine[top - 1]->kind == NST_EXPR_FIELD) top--;
    if (top > 0 && spine[top - 1]->kind == NST_EXPR_METHOD) top--;
    for (size_t i = top; i < count; i++) {
        bool method = spine[i]->kind == NST_EXPR_METHOD;
        if (!nst_resolve_qualified(walk, spine[i])) continue;
        if (method) resolve_rest(walk, spine[i]);
        return i;
    }
    return count;
}

// Chains of calls, fields and indexes may be of any length, so they are taken from the inside out without recursion.
static void resolve_postfix(NstWalk *walk, NstExpr *expr) {
    NST_LIST(NstExpr *) spine = {0};
    NstExpr *head = expr;
    for (NstExpr *next = head_of(head); next; next = head_of(head)) {
        NST_APPEND(walk->program, spine, head);
        head = next;
    }
    size_t done = spine.count;
    if (head->kind == NST_EXPR_NAME) {
        done = resolve_qualified_head(walk, spine.items, spine.count);
        NstExpr *inner = spine.items[spine.count - 1];
        bool call = inner->kind == NST_EXPR_CALL;
        if (done == spine.count && call && nst_resolve_markup(walk, inner)) done--;
        else if (done == spine.count) nst_resolve_name(walk, head, call ? (int)inner->call.arg_count : -1);
    } else {
        nst_resolve_expr(walk, head);
    }
    while (done-- > 0) resolve_rest(walk, spine.items[done]);
}

// Left operands nest arbitrarily deep.
static void resolve_binary(NstWalk *walk, NstExpr *expr) {
    NST_LIST(NstExpr *) spine = {0};
    for (; expr->kind == NST_EXPR_BINARY || expr->kind == NST_EXPR_SEND; expr = expr->binary.left)
        NST_APPEND(walk->program, spine, expr);
    nst_resolve_expr(walk, expr);
    for (size_t i = spine.count; i-- > 0;) nst_resolve_expr(walk, spine.items[i]->binary.right);
}

static void resolve_arms(NstWalk *walk, NstArm *arms, size_t count) {
    for (size_t i = 0; i < count; i++) {
        NstFrame frame;
        nst_frame_push(walk, &frame);
        nst_resolve_pattern(walk, arms[i].pattern, NST_PATTERNS_ARM, 0);
        if (arms[i].guard) nst_resolve_expr(walk, arms[i].guard);
        nst_resolve_expr(walk, arms[i].body);
        nst_frame_pop(walk);
    }
}

static void resolve_for(NstWalk *walk, NstExpr *expr) {
    nst_resolve_expr(walk, expr->for_.from);
    nst_resolve_expr(walk, expr->for_.to);
    NstFrame frame;
    nst_frame_push(walk, &frame);
    expr->for_.local = nst_local_new(walk, expr->for_.var, false);
    nst_frame_bind(walk, expr->for_.local);
    walk->loops++;
    nst_resolve_expr(walk, expr->for_.body);
    walk->loops--;
    nst_frame_pop(walk);
}

static void resolve_while(NstWalk *walk, NstExpr *expr) {
    nst_resolve_expr(walk, expr->loop.cond);
    walk->loops++;
    nst_resolve_expr(walk, expr->loop.body);
    walk->loops--;
}

static void resolve_receive(NstWalk *walk, NstExpr *expr) {
    if (walk->fn && !walk->spawns) walk->fn->contains_receive = true;
    resolve_arms(walk, expr->receive.arms, expr->receive.arm_count);
    resolve_optional(walk, expr->receive.after_time);
    resolve_optional(walk, expr->receive.after_body);
}

void nst_resolve_expr(NstWalk *walk, NstExpr *expr) {
    switch (expr->kind) {
    case NST_EXPR_ERROR:
    case NST_EXPR_LITERAL: break;
    case NST_EXPR_STRING:
        for (size_t i = 0; i < expr->string.part_count; i++) resolve_optional(walk, expr->string.parts[i].expr);
        break;
    case NST_EXPR_NAME: nst_resolve_name(walk, expr, -1); break;
    case NST_EXPR_WILDCARD:
        misplaced(walk, expr, "Wildcard '_' is only valid in pattern contexts, not as a standalone expression");
        break;
    case NST_EXPR_TUPLE:
    case NST_EXPR_LIST:
    case NST_EXPR_MAP:
    case NST_EXPR_SET:
        for (size_t i = 0; i < expr->seq.count; i++) nst_resolve_expr(walk, expr->seq.items[i]);
        resolve_optional(walk, expr->seq.rest);
        break;
    case NST_EXPR_RANGE_LIST:
        nst_resolve_expr(walk, expr->index.receiver);
        nst_resolve_expr(walk, expr->index.index);
        break;
    case NST_EXPR_BLOCK: resolve_block(walk, expr); break;
    case NST_EXPR_LAMBDA: resolve_lambda(walk, expr->lambda); break;
    case NST_EXPR_IF:
        nst_resolve_expr(walk, expr->branch.cond);
        nst_resolve_expr(walk, expr->branch.then);
        resolve_optional(walk, expr->branch.otherwise);
        break;
    case NST_EXPR_MATCH:
        nst_resolve_expr(walk, expr->match.scrutinee);
        resolve_arms(walk, expr->match.arms, expr->match.arm_count);
        break;
    case NST_EXPR_TRY:
        nst_resolve_expr(walk, expr->try_.body);
        resolve_arms(walk, expr->try_.arms, expr->try_.arm_count);
        resolve_optional(walk, expr->try_.finally);
        break;
    case NST_EXPR_WHILE: resolve_while(walk, expr); break;
    case NST_EXPR_FOR: resolve_for(walk, expr); break;
    case NST_EXPR_RECEIVE: resolve_receive(walk, expr); break;
    case NST_EXPR_SPAWN: resolve_spawn(walk, expr); break;
    case NST_EXPR_QUOTE: misplaced(walk, expr, "`quote` is only allowed in the body of a template"); break;
    case NST_EXPR_SPLICE: misplaced(walk, expr, "`~` is only allowed inside `quote`"); break;
    case NST_EXPR_BREAK:
        resolve_optional(walk, expr->unary.operand);
        if (!walk->loops) misplaced(walk, expr, "`break` outside of a loop");
        break;
    case NST_EXPR_CONTINUE:
        if (!walk->loops) misplaced(walk, expr, "`continue` outside of a loop");
        break;
    case NST_EXPR_RETURN: resolve_optional(walk, expr->unary.operand); break;
    case NST_EXPR_UNARY: nst_resolve_expr(walk, expr->binary.left); break;
    case NST_EXPR_BINARY:
    case NST_EXPR_SEND: resolve_binary(walk, expr); break;
    case NST_EXPR_CALL:
    case NST_EXPR_METHOD:
    case NST_EXPR_FIELD:
    case NST_EXPR_TUPLE_INDEX:
    case NST_EXPR_INDEX:
    case NST_EXPR_TRY_OP: resolve_postfix(walk, expr); break;
    }
}

// ---- Ways in ----------------------------------------------------------------------------

void nst_resolve_function(NstProgram *program, NstFunction *fn) {
    NstFunctionNote *note = nst_function_note(program, fn);
    if (note->resolved) return;
    note->resolved = true;
    for (size_t i = 0; i < fn->clause_count; i++) {
        NstWalk walk = {.program = program, .part = note->part, .fn = fn};
        resolve_clause(&walk, fn->source_order[i]);
    }
}

void nst_resolve_initialiser(NstProgram *program, const NstPart *part, NstMvar *mvar) {
    NstWalk walk = {.program = program, .part = part};
    mvar->init_body = nst_body_new(&walk);
    walk.body = mvar->init_body;
    NstFrame frame;
    nst_frame_push(&walk, &frame);
    nst_resolve_expr(&walk, mvar->init);
    nst_frame_pop(&walk);
}
