#include "frontend/infer_field.h"

#include "frontend/infer_body.h"
#include "frontend/infer_call.h"
#include "frontend/infer_function.h"
#include "frontend/require.h"
#include "frontend/scheme.h"
#include "frontend/trait_solve.h"

#include <stdio.h>
#include <stdlib.h>

// ---- Fields -----------------------------------------------------------------------------

// Positions are fields named by their number.
static bool position_of(NstName name, size_t *position) {
    const char *text = nst_name_text(name);
    if (*text < '0' || *text > '9') return false;
    char *end;
    *position = strtoul(text, &end, 10);
    return *end == '\0';
}

static int virtual_field(NstInfer *infer, NstType *type, NstName name, NstType **field_type) {
    const char *text = nst_name_text(name);
    bool parents = strcmp(text, "parents") == 0;
    if (!type->decl->reactive || type->decl->body != NST_BODY_RECORD || (!parents && strcmp(text, "children") != 0))
        return NST_FIELD_NONE;
    NstType *element = nst_dynamic_var(infer);
    if (parents) {
        NstType **args = nst_type_array(infer, 2);
        args[0] = element;
        args[1] = nst_prim(infer, NST_PRIM_STRING);
        element = nst_tuple(infer, args, 2);
    }
    *field_type = nst_list_of(infer, element);
    return parents ? NST_FIELD_PARENTS : NST_FIELD_CHILDREN;
}

int nst_find_field(NstInfer *infer, NstType *type, NstName name, NstType **field_type) {
    type = nst_type_resolve(type);
    size_t position = 0;
    bool numbered = position_of(name, &position);
    if (type->kind == NST_TY_TUPLE) {
        if (!numbered || position >= type->arg_count) return NST_FIELD_NONE;
        *field_type = type->args[position];
        return (int)position;
    }
    if (type->kind != NST_TY_CON || type->decl->ctor_count != 1) return NST_FIELD_NONE;
    const NstCtor *ctor = type->decl->ctors[0];
    for (size_t i = 0; i < ctor->field_count; i++) {
        if (numbered ? ctor->named || i != position : ctor->field_names[i] != name) continue;
        *field_type = nst_type_substitute(infer->program, ctor->field_types[i], ctor->type->scheme, type->args);
        return (int)i;
    }
    return virtual_field(infer, type, name, field_type);
}

static void check_assignable(NstInfer *infer, NstRequirement *req, NstType *type) {
    if (!req->place || req->derived) return;
    if (type->kind == NST_TY_CON && (type->decl->mutable_ || type->decl->reactive)) return;
    char *shown = nst_type_show(infer->program, type);
    nst_requirement_error(infer, req, NST_DIAG_IMMUTABLE_ASSIGNMENT,
                          "cannot assign to field `%s`: %s is not declared with `var type`", nst_name_text(req->name), shown);
    free(shown);
}

bool nst_field_attempt(NstInfer *infer, NstRequirement *req) {
    NstType *type = nst_type_resolve(req->type);
    if (type->kind == NST_TY_VAR) return false;
    if (type->kind == NST_TY_ERROR || type->kind == NST_TY_NEVER) {
        nst_unify(infer, req->result, nst_error_type(infer));
        return true;
    }
    if (type->kind == NST_TY_ANY) return true;
    NstType *field_type;
    int field = nst_find_field(infer, type, req->name, &field_type);
    if (field == NST_FIELD_NONE) {
        char *shown = nst_type_show(infer->program, type);
        NstDiag *diag = nst_requirement_error(infer, req, NST_DIAG_UNKNOWN_FIELD, "Type %s has no field %s", shown,
                                              nst_name_text(req->name));
        if (type->kind == NST_TY_CON && type->decl->ctor_count == 1)
            nst_infer_suggest_field(infer, diag, type->decl->ctors[0], req->name);
        free(shown);
        nst_unify(infer, req->result, nst_error_type(infer));
        return true;
    }
    check_assignable(infer, req, type);
    nst_requirement_unify(infer, req, req->result, field_type, req->span);
    return true;
}

// Another pending access to the same field of the same value gives the same type.
static NstType *known_access(NstInfer *infer, NstType *type, NstName name) {
    type = nst_type_resolve(type);
    if (type->kind != NST_TY_VAR) return NULL;
    for (size_t i = infer->pending->count; i-- > 0;) {
        const NstRequirement *req = infer->pending->items[i];
        if (req->kind == NST_REQ_FIELD && !req->solved && !req->generalised && req->name == name &&
            nst_type_resolve(req->type) == type)
            return req->result;
    }
    return NULL;
}

NstType *nst_infer_field(NstInfer *infer, NstExpr *expr, bool place) {
    NstType *receiver = nst_infer_expr(infer, expr->field.receiver, NULL);
    NstIdent field = expr->field.field;
    if (expr->kind == NST_EXPR_TUPLE_INDEX) {
        char number[16];
        snprintf(number, sizeof number, "%u", (unsigned)expr->field.position);
        field.name = nst_name_z(number);
    }
    NstRequirement *req = nst_requirement_new(infer, NST_REQ_FIELD, field.span.origin ? field.span : expr->span, expr);
    req->type = receiver;
    req->name = field.name;
    req->place = place;
    NstType *known = known_access(infer, receiver, field.name);
    req->result = known ? known : nst_var(infer);
    nst_require(infer, req);
    return req->result;
}

// ---- Indexing ---------------------------------------------------------------------------

static void index_mismatch(NstInfer *infer, NstRequirement *req, NstType *wanted, NstType *index) {
    NstExpr *expr = req->expr;
    nst_requirement_unify(infer, req, wanted, index, expr ? expr->index.index->span : req->span);
}

// t[k] with a literal k is t.k.
static bool index_tuple(NstInfer *infer, NstRequirement *req, NstType *type) {
    const NstExpr *index = req->expr ? req->expr->index.index : NULL;
    if (!index || index->kind != NST_EXPR_LITERAL || index->literal.kind != NST_LIT_INT) return false;
    int64_t position = index->literal.integer;
    if (position < 0 || (size_t)position >= type->arg_count) {
        char *shown = nst_type_show(infer->program, type);
        nst_requirement_error(infer, req, NST_DIAG_UNKNOWN_FIELD, "Type %s has no field %lld", shown, (long long)position);
        free(shown);
        nst_unify(infer, req->result, nst_error_type(infer));
        return true;
    }
    nst_requirement_unify(infer, req, req->result, type->args[position], req->span);
    return true;
}

// The method of a user's Index implementation.
static NstFunction *own_index(NstInfer *infer, NstType *type, NstBuiltinTrait trait, const char *name) {
    size_t count;
    NstImplMatch *matches = nst_impl_matches(infer, type, nst_builtin_trait(infer->program, trait), &count);
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < matches[i].impl->method_count; k++)
            if (matches[i].impl->methods[k]->name == nst_name_z(name)) return matches[i].impl->methods[k];
    return NULL;
}

static void not_indexable(NstInfer *infer, NstRequirement *req, NstType *type) {
    char *shown = nst_type_show(infer->program, type);
    nst_requirement_error(infer, req, NST_DIAG_MISSING_TRAIT, "Missing trait implementation: %s does not implement Index", shown);
    free(shown);
    nst_unify(infer, req->result, nst_error_type(infer));
}

bool nst_index_attempt(NstInfer *infer, NstRequirement *req) {
    NstType *type = nst_type_resolve(req->type), *index = req->args[0];
    NstType *element = NULL, *wanted = nst_prim(infer, NST_PRIM_INT);
    if (type->kind == NST_TY_VAR) return false;
    if (type->kind == NST_TY_ERROR || type->kind == NST_TY_NEVER || type->kind == NST_TY_ANY) {
        nst_unify(infer, req->result, nst_error_type(infer));
        return true;
    }
    switch (nst_type_prim(type)) {
    case NST_PRIM_LIST: element = type->args[0]; break;
    case NST_PRIM_STRING: element = type; break;
    case NST_PRIM_INT64_ARRAY: element = wanted; break;
    case NST_PRIM_FLOAT64_ARRAY:
    case NST_PRIM_FLOAT32_ARRAY: element = nst_prim(infer, NST_PRIM_FLOAT); break;
    case NST_PRIM_MAP:
        wanted = type->args[0];
        element = type->args[1];
        break;
    case NST_PRIM_SET:
        wanted = type->args[0];
        element = nst_prim(infer, NST_PRIM_BOOL);
        break;
    default: break;
    }
    if (element) {
        index_mismatch(infer, req, wanted, index);
        nst_requirement_unify(infer, req, req->result, element, req->span);
        return true;
    }
    if (type->kind == NST_TY_TUPLE && index_tuple(infer, req, type)) return true;
    NstFunction *method = own_index(infer, type, NST_TRAIT_INDEX, "index");
    if (!method) {
        not_indexable(infer, req, type);
        return true;
    }
    NstType **subst;
    NstType *use = nst_type_resolve(nst_function_use(infer, method, req->span, NULL, &subst));
    if (use->arg_count == 2) {
        nst_requirement_unify(infer, req, use->args[0], type, req->span);
        index_mismatch(infer, req, use->args[1], index);
        nst_requirement_unify(infer, req, req->result, use->result, req->span);
    }
    return true;
}

NstType *nst_infer_index(NstInfer *infer, NstExpr *expr) {
    NstType *receiver = nst_infer_expr(infer, expr->index.receiver, NULL);
    NstType *index = nst_infer_expr(infer, expr->index.index, NULL);
    NstRequirement *req = nst_requirement_new(infer, NST_REQ_INDEX, expr->span, expr);
    req->type = receiver;
    req->args = nst_type_array(infer, 1);
    req->args[0] = index;
    req->arg_count = 1;
    req->result = nst_var(infer);
    nst_require(infer, req);
    return req->result;
}

// ---- Assignment to an element -----------------------------------------------------------

static bool assign_own(NstInfer *infer, NstStmt *stmt, NstType *type, NstType *index, NstType *value) {
    NstFunction *method = own_index(infer, type, NST_TRAIT_INDEX_MUT, "indexMut");
    if (!method) return false;
    NstType **subst;
    NstType *use = nst_type_resolve(nst_function_use(infer, method, stmt->span, NULL, &subst));
    if (use->arg_count != 3) return true;
    nst_infer_unify(infer, use->args[0], type, stmt->span);
    nst_infer_unify(infer, use->args[1], index, stmt->place->index.index->span);
    nst_infer_unify(infer, use->args[2], value, stmt->value->span);
    return true;
}

// Lists and maps are values: the assignment rebinds a local name, or replaces the part of an mvar.
static void need_local(NstInfer *infer, NstStmt *stmt, const char *what) {
    if (stmt->local || stmt->mvar) return;
    nst_infer_error(infer, NST_DIAG_IMMUTABLE_ASSIGNMENT, stmt->span,
                    "cannot assign to an element of this %s: it is not a local variable", what);
}

void nst_infer_assign_index(NstInfer *infer, NstStmt *stmt) {
    NstExpr *place = stmt->place;
    NstType *type = nst_type_resolve(nst_infer_expr(infer, place->index.receiver, NULL));
    NstType *index = nst_infer_expr(infer, place->index.index, NULL);
    if (stmt->local && !stmt->local->type) nst_infer_unify(infer, nst_local_type(infer, stmt->local), type, stmt->span);
    NstType *wanted = nst_prim(infer, NST_PRIM_INT), *element = NULL;
    switch (nst_type_prim(type)) {
    case NST_PRIM_LIST:
        need_local(infer, stmt, "list");
        element = type->args[0];
        break;
    case NST_PRIM_MAP:
        need_local(infer, stmt, "map");
        wanted = type->args[0];
        element = type->args[1];
        break;
    case NST_PRIM_INT64_ARRAY: element = wanted; break;
    case NST_PRIM_FLOAT64_ARRAY:
    case NST_PRIM_FLOAT32_ARRAY: element = nst_prim(infer, NST_PRIM_FLOAT); break;
    default: break;
    }
    place->type = element ? element : nst_var(infer);
    NstType *value = nst_infer_expr(infer, stmt->value, element);
    if (element) {
        nst_infer_unify(infer, wanted, index, place->index.index->span);
        nst_infer_unify(infer, element, value, stmt->span);
        return;
    }
    if (type->kind == NST_TY_VAR) {
        // The container is found out later (or at each use): what is stored must be what indexing gives.
        NstRequirement *req = nst_requirement_new(infer, NST_REQ_INDEX, place->span, place);
        req->type = type;
        req->args = nst_type_array(infer, 1);
        req->args[0] = index;
        req->arg_count = 1;
        req->result = value;
        nst_require(infer, req);
        return;
    }
    if (type->kind == NST_TY_ERROR || type->kind == NST_TY_NEVER) return;
    if (assign_own(infer, stmt, type, index, value)) {
        need_local(infer, stmt, "value");
        if (stmt->local && !stmt->local->mutable_)
            nst_infer_error(infer, NST_DIAG_IMMUTABLE_ASSIGNMENT, stmt->span,
                            "cannot assign to an element of immutable variable '%s'; use 'var' to declare a mutable variable",
                            nst_name_text(stmt->local->name));
        return;
    }
    char *shown = nst_type_show(infer->program, type);
    if (nst_type_prim(type) == NST_PRIM_STRING || nst_type_prim(type) == NST_PRIM_SET || type->kind == NST_TY_TUPLE)
        nst_infer_error(infer, NST_DIAG_IMMUTABLE_ASSIGNMENT, stmt->span, "cannot assign to an element of a %s", shown);
    else
        nst_infer_error(infer, NST_DIAG_MISSING_TRAIT, stmt->span,
                        "Missing trait implementation: %s does not implement IndexMut", shown);
    free(shown);
}

// ---- length -----------------------------------------------------------------------------

bool nst_length_attempt(NstInfer *infer, NstRequirement *req) {
    NstType *type = nst_type_resolve(req->type);
    if (type->kind == NST_TY_VAR) return false;
    if (type->kind == NST_TY_ERROR || type->kind == NST_TY_NEVER || type->kind == NST_TY_ANY) return true;
    const char *hint = "";
    switch (nst_type_prim(type)) {
    case NST_PRIM_LIST:
    case NST_PRIM_STRING:
    case NST_PRIM_INT64_ARRAY:
    case NST_PRIM_FLOAT64_ARRAY:
    case NST_PRIM_FLOAT32_ARRAY: return true;
    case NST_PRIM_MAP: hint = "; use .size() for Map"; break;
    case NST_PRIM_SET: hint = "; use .size() for Set"; break;
    default: break;
    }
    if (type->kind == NST_TY_TUPLE && type->arg_count) return true;
    char *shown = nst_type_show(infer->program, type);
    nst_requirement_error(infer, req, NST_DIAG_TYPE_MISMATCH,
                          "type mismatch: expected List, String, Tuple, or Array, found `%s`%s", shown, hint);
    free(shown);
    return true;
}

void nst_require_length(NstInfer *infer, NstType *type, NstSpan span) {
    NstRequirement *req = nst_requirement_new(infer, NST_REQ_LENGTH, span, NULL);
    req->type = type;
    nst_require(infer, req);
}

// ---- ? ----------------------------------------------------------------------------------

static NstType *variant_of(NstInfer *infer, const char *name, size_t count) {
    NstTypeDecl *decl = nst_program_library_type(infer->program, name);
    if (!decl) return NULL;
    NstType **args = nst_type_array(infer, count);
    for (size_t i = 0; i < count; i++) args[i] = nst_var(infer);
    return nst_type_con(infer->program, decl, args, count);
}

static bool is_variant(NstInfer *infer, NstType *type, const char *name) {
    type = nst_type_resolve(type);
    return type->kind == NST_TY_CON && type->decl == nst_program_library_type(infer->program, name);
}

// The operand decides; if it is not known, the function's result does.
bool nst_try_attempt(NstInfer *infer, NstRequirement *req) {
    NstType *type = nst_type_resolve(req->type), *result = nst_type_resolve(req->args[1]);
    if (type->kind == NST_TY_ERROR || type->kind == NST_TY_NEVER || type->kind == NST_TY_ANY) {
        nst_unify(infer, req->args[0], nst_error_type(infer));
        return true;
    }
    if (type->kind == NST_TY_VAR && result->kind == NST_TY_VAR) return false;
    NstType *decides = type->kind == NST_TY_VAR ? result : type;
    bool option = is_variant(infer, decides, "Option");
    NstSpan operand = req->expr ? req->expr->unary.operand->span : req->span;
    if (!option && !is_variant(infer, decides, "Result")) {
        NstType *wanted = variant_of(infer, "Result", 2);
        if (wanted) nst_requirement_unify(infer, req, wanted, decides, operand);
        nst_unify(infer, req->args[0], nst_error_type(infer));
        return true;
    }
    NstType *value = variant_of(infer, option ? "Option" : "Result", option ? 1 : 2);
    NstType *returned = variant_of(infer, option ? "Option" : "Result", option ? 1 : 2);
    nst_unify(infer, value, type);
    if (!option) nst_unify(infer, value->args[1], returned->args[1]);
    nst_requirement_unify(infer, req, result, returned, req->span);
    nst_requirement_unify(infer, req, req->args[0], value->args[0], req->span);
    return true;
}

NstType *nst_infer_try_op(NstInfer *infer, NstExpr *expr) {
    NstType *operand = nst_infer_expr(infer, expr->unary.operand, NULL);
    NstRequirement *req = nst_requirement_new(infer, NST_REQ_TRY, expr->span, expr);
    req->type = operand;
    req->args = nst_type_array(infer, 2);
    req->args[0] = nst_var(infer);
    req->args[1] = infer->body ? infer->body->result : nst_error_type(infer);
    req->arg_count = 2;
    bool open = nst_is_var(req->args[1]);
    nst_require(infer, req);
    if (infer->body && open && !nst_is_var(req->args[1])) infer->body->try_span = expr->span;
    return req->args[0];
}
