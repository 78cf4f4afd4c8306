#include "frontend/infer_body.h"
#include "frontend/infer_call.h"
#include "frontend/infer_field.h"
#include "frontend/trait_solve.h"

#include <stdlib.h>

// ---- Which constructor ------------------------------------------------------------------

// The declaration that an expected type names: of the value, or of a constructor function's result.
static const NstTypeDecl *expected_decl(NstType *expected) {
    if (!expected) return NULL;
    expected = nst_type_resolve(expected);
    if (expected->kind == NST_TY_FUN) expected = nst_type_resolve(expected->result);
    return expected->kind == NST_TY_CON ? expected->decl : NULL;
}

static bool takes(const NstCtor *ctor, const NstCallSite *site) {
    for (size_t i = 0; i < site->count; i++) {
        bool known = site->actuals[i].name == 0;
        for (size_t k = 0; k < ctor->field_count && !known; k++) known = ctor->field_names[k] == site->actuals[i].name;
        if (!known) return false;
    }
    return ctor->field_count == site->count || (site->expr && site->expr->target == NST_TARGET_UPDATE);
}

static bool accepts(NstInfer *infer, const NstCtor *ctor, const NstCallSite *site) {
    NstType **bindings = nst_type_array(infer, ctor->type->param_count);
    for (size_t i = 0; i < site->count; i++) {
        size_t field = i;
        for (size_t k = 0; site->actuals[i].name && k < ctor->field_count; k++)
            if (ctor->field_names[k] == site->actuals[i].name) field = k;
        if (!site->actuals[i].type || field >= ctor->field_count) continue;
        if (nst_type_match(ctor->field_types[field], ctor->type->scheme, site->actuals[i].type, bindings) == NST_MATCH_NO)
            return false;
    }
    return true;
}

NstCtor *nst_choose_ctor(NstInfer *infer, NstExpr *name, NstType *expected, const NstCallSite *site) {
    if (name->target == NST_TARGET_CTOR) return name->to.ctor;
    NstCtor *const *ctors = name->to.ctors.ctors;
    size_t count = name->to.ctors.count;
    const NstTypeDecl *decl = expected_decl(expected);
    for (size_t i = 0; decl && i < count; i++)
        if (ctors[i]->type == decl) return ctors[i];
    NstCtor **left = NST_NEW_ARRAY(infer->arena, NstCtor *, count);
    size_t left_count = 0;
    for (size_t i = 0; i < count; i++)
        if (!site || takes(ctors[i], site)) left[left_count++] = ctors[i];
    if (left_count > 1 && site) {
        size_t kept = 0;
        for (size_t i = 0; i < left_count; i++)
            if (accepts(infer, left[i], site)) left[kept++] = left[i];
        if (kept) left_count = kept;
    }
    if (left_count == 0) return ctors[0];
    if (left_count > 1 && name->to.ctors.ambiguous)
        nst_infer_error(infer, NST_DIAG_AMBIGUOUS_CALL, name->span, "`%s` is a constructor of several imported types",
                        nst_name_text(name->name.ident.name));
    return left[0];
}

// ---- Construction and update ------------------------------------------------------------

static NstType *fresh_instance(NstInfer *infer, NstTypeDecl *decl) {
    NstType **args = nst_type_array(infer, decl->param_count);
    for (size_t i = 0; i < decl->param_count; i++) args[i] = nst_var(infer);
    return nst_type_con(infer->program, decl, args, decl->param_count);
}

static NstType *field_of(NstInfer *infer, const NstCtor *ctor, size_t field, const NstType *instance) {
    return nst_type_substitute(infer->program, ctor->field_types[field], ctor->type->scheme, instance->args);
}

static void unknown_field(NstInfer *infer, const NstCtor *ctor, const NstActual *actual) {
    NstDiag *diag = nst_infer_error(infer, NST_DIAG_UNKNOWN_FIELD, actual->span, "Type %s has no field %s",
                                    nst_name_text(ctor->type->name), nst_name_text(actual->name));
    nst_infer_suggest_field(infer, diag, ctor, actual->name);
}

// Gives one argument its field; the field's index or -1 after an error.
static int place(NstInfer *infer, const NstCtor *ctor, const NstActual *actual, const bool *given) {
    size_t field = 0;
    if (actual->name) {
        while (field < ctor->field_count && ctor->field_names[field] != actual->name) field++;
        if (field == ctor->field_count) {
            unknown_field(infer, ctor, actual);
            return -1;
        }
        if (given[field]) {
            nst_infer_error(infer, NST_DIAG_UNKNOWN_ARGUMENT, actual->span, "duplicate named argument '%s'",
                            nst_name_text(actual->name));
            return -1;
        }
        return (int)field;
    }
    while (field < ctor->field_count && given[field]) field++;
    return field < ctor->field_count ? (int)field : -2;
}

static void check_field(NstInfer *infer, NstCallSite *site, NstActual *actual, NstType *type, NstType *hint) {
    if (!actual->type) actual->type = nst_infer_expr(infer, actual->expr, hint ? hint : type);
    nst_pass(infer, site, type, actual->type, actual->span);
}

static NstType *construct(NstInfer *infer, NstCallSite *site, NstCtor *ctor) {
    NstType *whole = fresh_instance(infer, ctor->type);
    NstType *expected = site->expected ? nst_type_resolve(site->expected) : NULL;
    if (expected && (expected->kind != NST_TY_CON || expected->decl != ctor->type)) expected = NULL;
    bool *given = NST_NEW_ARRAY(infer->arena, bool, ctor->field_count + 1);
    int *fields = NST_NEW_ARRAY(infer->arena, int, site->count + 1);
    bool ok = true, surplus = false;
    for (size_t i = 0; i < site->count; i++) {
        fields[i] = place(infer, ctor, &site->actuals[i], given);
        if (fields[i] >= 0) given[fields[i]] = true;
        surplus |= fields[i] == -2;
        ok &= fields[i] >= 0;
    }
    if (surplus || (!ctor->named && ok && site->count < ctor->field_count)) {
        nst_infer_arity(infer, site->span, ctor->field_count, site->count);
        ok = false;
    }
    for (size_t i = 0; ok && i < ctor->field_count; i++) {
        if (given[i]) continue;
        nst_infer_error(infer, NST_DIAG_MISSING_FIELD, site->span, "Missing field: %s", nst_name_text(ctor->field_names[i]));
        ok = false;
    }
    if (!ok) {
        nst_infer_actuals(infer, site, true);
        return whole;
    }
    for (size_t i = 0; i < site->count; i++) {
        size_t field = (size_t)fields[i];
        NstType *hint = expected ? field_of(infer, ctor, field, expected) : NULL;
        if (hint && nst_is_var(hint)) hint = NULL;
        check_field(infer, site, &site->actuals[i], field_of(infer, ctor, field, whole), hint);
    }
    return whole;
}

static NstType *update(NstInfer *infer, NstCallSite *site, NstCtor *ctor) {
    NstType *whole = fresh_instance(infer, ctor->type);
    NstActual *base = &site->actuals[0];
    if (ctor->type->reactive)
        nst_infer_error(infer, NST_DIAG_TYPE_MISMATCH, site->span, "type mismatch: reactive type %s has no update form",
                        nst_name_text(ctor->type->name));
    else nst_pass(infer, site, whole, base->type, base->span);
    bool *given = NST_NEW_ARRAY(infer->arena, bool, ctor->field_count + 1);
    for (size_t i = 1; i < site->count; i++) {
        NstActual *actual = &site->actuals[i];
        int field = actual->name ? place(infer, ctor, actual, given) : -1;
        NstType *type = nst_error_type(infer);
        if (field >= 0) {
            given[field] = true;
            type = field_of(infer, ctor, (size_t)field, whole);
        }
        check_field(infer, site, actual, type, NULL);
    }
    return whole;
}

// T(e, f: v) updates a value of type T; with a first argument of another type it is a construction in which the rest
// is named.
static bool is_update(NstInfer *infer, NstCallSite *site, const NstCtor *ctor) {
    NstActual *base = &site->actuals[0];
    if (!base->type) base->type = nst_infer_expr(infer, base->expr, NULL);
    NstType *type = nst_type_resolve(base->type);
    if (type->kind == NST_TY_CON && type->decl == ctor->type) return true;
    if (type->kind == NST_TY_VAR || type->kind == NST_TY_ERROR || type->kind == NST_TY_NEVER) return true;
    return site->count != ctor->field_count;
}

NstType *nst_infer_construction(NstInfer *infer, NstExpr *expr, NstType *expected) {
    NstExpr *name = expr->call.callee;
    NstCallSite site = nst_site_of(infer, expr, expected);
    bool updates = expr->target == NST_TARGET_UPDATE;
    if (name->target == NST_TARGET_CTORS && !expected_decl(expected)) nst_infer_actuals(infer, &site, false);
    if (name->target != NST_TARGET_CTOR && name->target != NST_TARGET_CTORS) {
        nst_infer_actuals_after_error(infer, &site);
        return nst_error_type(infer);
    }
    NstCtor *ctor = nst_choose_ctor(infer, name, expected, &site);
    name->target = NST_TARGET_CTOR;
    name->to.ctor = ctor;
    updates = updates && is_update(infer, &site, ctor);
    expr->target = updates ? NST_TARGET_UPDATE : NST_TARGET_CTOR;
    expr->to.ctor = ctor;
    return updates ? update(infer, &site, ctor) : construct(infer, &site, ctor);
}
