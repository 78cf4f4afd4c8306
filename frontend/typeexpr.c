#include "frontend/typeexpr.h"

#include "frontend/collect.h"
#include "frontend/resolve_report.h"

// ---- Variables --------------------------------------------------------------------------

static NstTypeVar *find_var(const NstTypeContext *context, NstName name) {
    for (size_t i = 0; i < context->var_count; i++)
        if (context->vars[i].name == name) return &context->vars[i];
    return NULL;
}

static NstType *add_var(NstTypeContext *context, NstName name, bool declared) {
    NstTypeVar var = {name, context->fresh(context->data, name), declared};
    NST_PUSH(context->program->arena, context->vars, context->var_count, context->var_capacity, var);
    return var.type;
}

void nst_type_context_declare(NstTypeContext *context, const NstTypeParam *params, size_t count) {
    for (size_t i = 0; i < count; i++) {
        NstTypeVar *var = find_var(context, params[i].name.name);
        if (var) var->declared = true;
        else add_var(context, params[i].name.name, true);
    }
}

NstType *nst_type_context_var(NstTypeContext *context, NstName name) {
    const NstTypeVar *var = find_var(context, name);
    return var ? var->type : add_var(context, name, false);
}

bool nst_name_is_letter(NstName name) {
    const char *text = nst_name_text(name);
    bool letter = (text[0] >= 'a' && text[0] <= 'z') || (text[0] >= 'A' && text[0] <= 'Z');
    return letter && text[1] == 0;
}

// ---- Building types ---------------------------------------------------------------------

NstType *nst_type_con(NstProgram *program, NstTypeDecl *decl, NstType *const *args, size_t count) {
    NstDeclNote *note = nst_decl_note(program, decl);
    if (count == 0 && note->plain) return note->plain;
    NstType *type = NST_NEW(program->arena, NstType);
    type->kind = NST_TY_CON;
    type->decl = decl;
    type->args = nst_arena_copy(program->arena, args, count * sizeof *args);
    type->arg_count = count;
    if (count == 0) note->plain = type;
    return type;
}

static NstType *substitute_parts(NstProgram *program, NstType *type, const NstScheme *scheme, NstType *const *args) {
    bool changed = false;
    NstType **parts = NST_NEW_ARRAY(program->arena, NstType *, type->arg_count);
    for (size_t i = 0; i < type->arg_count; i++) {
        parts[i] = nst_type_substitute(program, type->args[i], scheme, args);
        changed |= parts[i] != type->args[i];
    }
    NstType *result = type->result ? nst_type_substitute(program, type->result, scheme, args) : NULL;
    if (!changed && result == type->result) return type;
    NstType *copy = NST_NEW(program->arena, NstType);
    *copy = *type;
    copy->args = parts;
    copy->result = result;
    return copy;
}

NstType *nst_type_substitute(NstProgram *program, NstType *type, const NstScheme *scheme, NstType *const *args) {
    while (type->kind == NST_TY_VAR && type->link) type = type->link;
    if (type->kind == NST_TY_PARAM) return type->owner == scheme ? args[type->id] : type;
    if (type->kind == NST_TY_CON || type->kind == NST_TY_TUPLE || type->kind == NST_TY_FUN)
        return type->arg_count || type->result ? substitute_parts(program, type, scheme, args) : type;
    return type;
}

// ---- Names ------------------------------------------------------------------------------

NstFound nst_lookup_in_module(NstProgram *program, const NstModule *module, NstName name, NstSpaceKind space) {
    const NstScope *scope = nst_module_scope(module);
    NstFound best = {.state = NST_FOUND_NOTHING};
    for (size_t i = 0; i < scope->parts.count; i++) {
        NstFound found = nst_lookup(program, scope->parts.items[i], name, space);
        if (found.state == NST_FOUND) return found;
        if (best.state == NST_FOUND_NOTHING) best = found;
    }
    return best;
}

static NstTypeDecl *resolve_qualified_type(NstProgram *program, const NstModule *module, const NstIdent *path,
                                           size_t len) {
    const NstPart *part = nst_module_scope(module)->parts.items[0];
    NstPath found = nst_lookup_path(program, part, path, len - 1);
    if (!nst_report_path(program, &found, path, len)) return NULL;
    const NstIdent *last = &path[len - 1];
    if (found.len != len - 1) {
        nst_report_unknown_module(program, path, len - 1);
        return NULL;
    }
    const NstEntry *entry = nst_module_entry(program, found.module, last->name);
    if (!entry || !entry->type) {
        nst_diag_add(program->diags, NST_DIAG_UNKNOWN_TYPE, last->span, "unknown type `%s.%s`",
                     nst_module_display(found.module), nst_name_text(last->name));
        return NULL;
    }
    if (!nst_accessible(entry->type->public_, found.module, module)) {
        nst_report_private_type(program, last->span, last->name, found.module);
        return NULL;
    }
    return entry->type;
}

NstTypeDecl *nst_resolve_type_path(NstProgram *program, const NstModule *module, const NstIdent *path, size_t len,
                                   NstSpan span) {
    if (len > 1) return resolve_qualified_type(program, module, path, len);
    NstFound found = nst_lookup_in_module(program, module, path[0].name, NST_SPACE_TYPE);
    if (found.state == NST_FOUND) return found.entry->type;
    if (found.state == NST_FOUND_PRIVATE) nst_report_private_type(program, span, path[0].name, found.module);
    if (found.state == NST_FOUND_NOTHING)
        nst_report_unknown(program, module, NST_DIAG_UNKNOWN_TYPE, path[0], NST_SPACE_TYPE, "unknown type `%s`");
    return NULL;
}

// ---- Annotations ------------------------------------------------------------------------

static NstType *error_type(NstTypeContext *context, NstTypeExpr *expr) {
    expr->kind = NST_TEXPR_ERROR;
    return context->program->error_type;
}

static NstType *unknown_type(NstTypeContext *context, NstTypeExpr *expr) {
    nst_diag_add(context->program->diags, NST_DIAG_UNKNOWN_TYPE, expr->path[0].span, "unknown type `%s`",
                 nst_name_text(expr->path[0].name));
    return error_type(context, expr);
}

static NstType *wrong_count(NstTypeContext *context, NstTypeExpr *expr, size_t expected) {
    nst_diag_add(context->program->diags, NST_DIAG_ARITY_MISMATCH, expr->span,
                 "Wrong number of type arguments: expected %zu, found %zu", expected, expr->arg_count);
    return error_type(context, expr);
}

static NstType *declared_type(NstTypeContext *context, NstTypeExpr *expr, NstTypeDecl *decl) {
    NstProgram *program = context->program;
    nst_ensure_type_params(program, decl);
    size_t count = decl->param_count;
    if (expr->arg_count && expr->arg_count != count) {
        for (size_t i = 0; i < expr->arg_count; i++) nst_typeexpr_type(context, expr->args[i]);
        return wrong_count(context, expr, count);
    }
    NstType **args = NST_NEW_ARRAY(program->arena, NstType *, count);
    for (size_t i = 0; i < count; i++)
        args[i] = expr->arg_count ? nst_typeexpr_type(context, expr->args[i]) : context->fresh(context->data, 0);
    if (decl->body != NST_BODY_ALIAS) return nst_type_con(program, decl, args, count);
    NstType *type = nst_type_substitute(program, nst_ensure_alias(program, decl), decl->scheme, args);
    if (!nst_type_is_huge(type)) return type;
    nst_diag_add(program->diags, NST_DIAG_INFINITE_TYPE, expr->span, "the type that `%s` stands for has more than %d parts",
                 nst_name_text(decl->name), NST_TYPE_PARTS);
    return error_type(context, expr);
}

// `Unit` and `Never`, unless the program declares types of these names; null for other names.
static NstType *named_special(NstTypeContext *context, NstTypeExpr *expr) {
    NstProgram *program = context->program;
    NstName name = expr->path[0].name;
    bool unit = name == program->resolver->name_unit;
    if (!unit && name != program->resolver->name_never) return NULL;
    if (expr->arg_count) return wrong_count(context, expr, 0);
    return unit ? program->unit_type : program->never_type;
}

static NstType *self_type(NstTypeContext *context, NstTypeExpr *expr) {
    return context->self_type ? context->self_type : unknown_type(context, expr);
}

static bool is_self(const NstTypeExpr *expr) {
    const char *text = nst_name_text(expr->path[0].name);
    return strcmp(text, "Self") == 0 || strcmp(text, "self") == 0;
}

static NstType *plain_name(NstTypeContext *context, NstTypeExpr *expr) {
    NstProgram *program = context->program;
    NstName name = expr->path[0].name;
    const NstTypeVar *var = find_var(context, name);
    if (var && (var->declared || !nst_name_is_upper(name))) return expr->arg_count ? wrong_count(context, expr, 0) : var->type;
    if (is_self(expr)) return self_type(context, expr);
    bool letter = context->rule == NST_TYPE_VARS_FLEXIBLE && nst_name_is_letter(name);
    if (!nst_name_is_upper(name)) return letter ? nst_type_context_var(context, name) : unknown_type(context, expr);

    NstFound found = nst_lookup_in_module(program, context->module, name, NST_SPACE_TYPE);
    if (found.state == NST_FOUND) return declared_type(context, expr, found.entry->type);
    NstType *special = named_special(context, expr);
    if (special) return special;
    if (letter && found.state == NST_FOUND_NOTHING)
        return expr->arg_count ? wrong_count(context, expr, 0) : nst_type_context_var(context, name);
    nst_resolve_type_path(program, context->module, expr->path, 1, expr->path[0].span);
    return error_type(context, expr);
}

static NstType *qualified_name(NstTypeContext *context, NstTypeExpr *expr) {
    NstTypeDecl *decl = nst_resolve_type_path(context->program, context->module, expr->path, expr->path_len, expr->span);
    return decl ? declared_type(context, expr, decl) : error_type(context, expr);
}

static NstType *structural(NstTypeContext *context, NstTypeExpr *expr, NstTypeKind kind) {
    NstType *type = NST_NEW(context->program->arena, NstType);
    type->kind = kind;
    type->args = NST_NEW_ARRAY(context->program->arena, NstType *, expr->arg_count);
    type->arg_count = expr->arg_count;
    for (size_t i = 0; i < expr->arg_count; i++) type->args[i] = nst_typeexpr_type(context, expr->args[i]);
    if (kind == NST_TY_FUN) type->result = nst_typeexpr_type(context, expr->result);
    return type;
}

NstType *nst_typeexpr_type(NstTypeContext *context, NstTypeExpr *expr) {
    NstProgram *program = context->program;
    switch (expr->kind) {
    case NST_TEXPR_ERROR: return program->error_type;
    case NST_TEXPR_NAME: return expr->path_len == 1 ? plain_name(context, expr) : qualified_name(context, expr);
    case NST_TEXPR_VAR: return plain_name(context, expr);
    case NST_TEXPR_LIST: {
        NstType *element = nst_typeexpr_type(context, expr->args[0]);
        return nst_type_con(program, program->builtin[NST_PRIM_LIST], &element, 1);
    }
    case NST_TEXPR_TUPLE: return structural(context, expr, NST_TY_TUPLE);
    case NST_TEXPR_UNIT: return program->unit_type;
    case NST_TEXPR_FUN: return structural(context, expr, NST_TY_FUN);
    case NST_TEXPR_RECORD:
        nst_diag_add(program->diags, NST_DIAG_BAD_TYPE_DECLARATION, expr->span,
                     "anonymous record types have no values; declare a type with these fields");
        return error_type(context, expr);
    }
    return program->error_type;
}
