// Type declarations: constructors, parameters, fields, aliases.
#include "frontend/collect.h"

#include "frontend/typeexpr.h"

// ---- Shells -----------------------------------------------------------------------------

static void add_ctor(NstProgram *program, NstPart *part, NstTypeDecl *decl, NstIdent name, const NstCtorDecl *source,
                     NstCtor **out) {
    NstCtor *ctor = NST_NEW(program->arena, NstCtor);
    ctor->name = name.name;
    ctor->span = name.span;
    ctor->type = decl;
    ctor->index = (uint32_t)decl->ctor_count;
    ctor->field_count = source ? source->field_count : 0;
    ctor->named = source && source->named;
    ctor->is_record = decl->body == NST_BODY_RECORD;
    ctor->field_names = NST_NEW_ARRAY(program->arena, NstName, ctor->field_count);
    ctor->field_types = NST_NEW_ARRAY(program->arena, NstType *, ctor->field_count);
    for (size_t i = 0; i < ctor->field_count; i++) {
        ctor->field_names[i] = source->fields[i].name.name;
        ctor->field_types[i] = program->error_type;
    }
    out[decl->ctor_count++] = ctor;
    decl->ctors = out;
    NstEntry *entry = nst_entry_get(program, part->module, name.name);
    NST_APPEND(program, entry->ctors, ctor);
}

static void check_fields(NstProgram *program, const NstTypeDecl *decl, const NstCtorDecl *ctor) {
    for (size_t i = 0; i < ctor->field_count; i++) {
        NstIdent field = ctor->fields[i].name;
        if (!field.name) continue;
        for (size_t j = 0; j < i; j++)
            if (ctor->fields[j].name.name == field.name) {
                nst_report_duplicate(program, field, "field");
                break;
            }
        const char *text = nst_name_text(field.name);
        if (decl->reactive && (strcmp(text, "parents") == 0 || strcmp(text, "children") == 0))
            nst_diag_add(program->diags, NST_DIAG_BAD_TYPE_DECLARATION, field.span,
                         "a reactive type cannot declare a field `%s`: every reactive value has one", text);
    }
}

static void collect_ctors(NstProgram *program, NstPart *part, NstTypeDecl *decl, const NstItem *item) {
    NstCtor **out = NST_NEW_ARRAY(program->arena, NstCtor *, item->type.ctor_count + 1);
    for (size_t i = 0; i < item->type.ctor_count; i++) {
        const NstCtorDecl *source = &item->type.ctors[i];
        NstIdent name = decl->body == NST_BODY_RECORD ? item->name : source->name;
        bool repeated = false;
        for (size_t j = 0; j < decl->ctor_count; j++) repeated |= out[j]->name == name.name;
        if (repeated) nst_report_duplicate(program, name, "constructor");
        else add_ctor(program, part, decl, name, source, out);
        check_fields(program, decl, source);
    }
}

// `type Flag = Flag` declares a constructor; every other bare name is an alias.
static bool names_itself(const NstItem *item) {
    const NstTypeExpr *alias = item->type.alias;
    return item->type.body == NST_BODY_ALIAS && alias->kind == NST_TEXPR_NAME && alias->path_len == 1 &&
           !alias->has_args && alias->path[0].name == item->name.name;
}

static void collect_params(NstProgram *program, NstTypeDecl *decl, const NstItem *item) {
    for (size_t i = 0; i < item->type.param_count; i++) {
        NstIdent name = item->type.params[i].name;
        bool repeated = false;
        for (size_t j = 0; j < decl->param_count; j++) repeated |= decl->params[j]->name == name.name;
        if (repeated) nst_report_duplicate(program, name, "type parameter");
        else nst_type_decl_add_param(program, decl, name.name);
    }
}

void nst_collect_type_item(NstProgram *program, NstPart *part, NstItem *item, NstPending *pending) {
    NstEntry *entry = nst_entry_get(program, part->module, item->name.name);
    if (entry->type) {
        nst_report_duplicate(program, item->name, "type");
        for (size_t i = 0; i < item->type.ctor_count; i++) nst_mark_broken(program, item->type.ctors[i].name.name);
        return;
    }
    NstTypeDecl *decl = nst_type_decl_new(program, part, item->name.name);
    entry->type = decl;
    decl->span = item->name.span;
    decl->item = item;
    decl->public_ = item->public_;
    decl->body = NST_BODY_OPAQUE;
    if (item->kind == NST_ITEM_TYPE) {
        bool itself = names_itself(item);
        decl->body = itself ? NST_BODY_VARIANT : item->type.body;
        decl->mutable_ = item->type.mutable_;
        decl->reactive = item->type.reactive;
        collect_params(program, decl, item);
        if (itself) add_ctor(program, part, decl, item->name, NULL, NST_NEW_ARRAY(program->arena, NstCtor *, 1));
        else collect_ctors(program, part, decl, item);
    }
    NST_APPEND(program, pending->types, decl);
}

// ---- Implicit parameters ----------------------------------------------------------------

static bool has_param(const NstTypeDecl *decl, NstName name) {
    for (size_t i = 0; i < decl->param_count; i++)
        if (decl->params[i]->name == name) return true;
    return false;
}

static void find_implicit(NstProgram *program, NstTypeDecl *decl, const NstTypeExpr *expr) {
    bool plain = (expr->kind == NST_TEXPR_NAME || expr->kind == NST_TEXPR_VAR) && expr->path_len == 1 && !expr->has_args;
    if (plain && nst_name_is_letter(expr->path[0].name) && !has_param(decl, expr->path[0].name)) {
        NstName name = expr->path[0].name;
        bool type = nst_name_is_upper(name) &&
                    nst_lookup(program, nst_decl_note(program, decl)->part, name, NST_SPACE_TYPE).state != NST_FOUND_NOTHING;
        if (!type) nst_type_decl_add_param(program, decl, name);
    }
    for (size_t i = 0; i < expr->arg_count; i++) find_implicit(program, decl, expr->args[i]);
    if (expr->result) find_implicit(program, decl, expr->result);
}

void nst_ensure_type_params(NstProgram *program, NstTypeDecl *decl) {
    NstDeclNote *note = nst_decl_note(program, decl);
    if (note->has_params) return;
    note->has_params = true;
    if (!decl->item || decl->item->kind != NST_ITEM_TYPE) return;
    const NstItem *item = decl->item;
    for (size_t i = 0; i < item->type.ctor_count; i++)
        for (size_t j = 0; j < item->type.ctors[i].field_count; j++)
            find_implicit(program, decl, item->type.ctors[i].fields[j].type);
    if (decl->body == NST_BODY_ALIAS) find_implicit(program, decl, item->type.alias);
}

// ---- Fields and aliases -----------------------------------------------------------------

// A missing type argument in a declaration is unknown at every use.
static NstType *unknown_argument(void *data, NstName name) {
    (void)name;
    NstProgram *program = data;
    NstType *type = NST_NEW(program->arena, NstType);
    type->kind = NST_TY_ANY;
    return type;
}

static NstTypeContext declaration_context(NstProgram *program, const NstTypeDecl *decl) {
    NstTypeContext context = {.program = program, .module = decl->module, .rule = NST_TYPE_VARS_NONE,
                              .fresh = unknown_argument, .data = program};
    context.vars = NST_NEW_ARRAY(program->arena, NstTypeVar, decl->param_count);
    context.var_count = context.var_capacity = decl->param_count;
    for (size_t i = 0; i < decl->param_count; i++)
        context.vars[i] = (NstTypeVar){decl->params[i]->name, decl->params[i], true};
    return context;
}

static bool earlier(const NstProgram *program, NstSpan a, NstSpan b) {
    NstFileRange left, right;
    if (!nst_file_range(program->sources, a, &left) || !nst_file_range(program->sources, b, &right)) return false;
    return left.source != right.source ? left.source < right.source : left.start < right.start;
}

// The declarations from `decl` to the top of the alias stack expand to each other.
static void report_alias_cycle(NstProgram *program, NstTypeDecl *decl) {
    NstResolver *resolver = program->resolver;
    NstTypeDecl *first = decl;
    for (size_t i = resolver->alias_stack.count; i-- > 0;) {
        NstTypeDecl *member = resolver->alias_stack.items[i];
        if (earlier(program, member->span, first->span)) first = member;
        nst_decl_note(program, member)->alias = NST_ALIAS_DONE;
        member->alias = program->error_type;
        if (member == decl) break;
    }
    nst_diag_add(program->diags, NST_DIAG_BAD_TYPE_DECLARATION, first->span, "type alias `%s` expands to itself",
                 nst_name_text(first->name));
}

NstType *nst_ensure_alias(NstProgram *program, NstTypeDecl *decl) {
    NstDeclNote *note = nst_decl_note(program, decl);
    if (note->alias == NST_ALIAS_ACTIVE) report_alias_cycle(program, decl);
    if (note->alias == NST_ALIAS_DONE) return decl->alias;
    NstResolver *resolver = program->resolver;
    note->alias = NST_ALIAS_ACTIVE;
    NST_APPEND(program, resolver->alias_stack, decl);
    NstTypeContext context = declaration_context(program, decl);
    NstType *target = nst_typeexpr_type(&context, decl->item->type.alias);
    resolver->alias_stack.count--;
    if (note->alias == NST_ALIAS_ACTIVE) { // else it is part of a cycle, which made it the error type
        note->alias = NST_ALIAS_DONE;
        decl->alias = target;
    }
    return decl->alias;
}

static void check_bounds(NstProgram *program, const NstTypeDecl *decl) {
    for (size_t i = 0; i < decl->item->type.param_count; i++) {
        NstTypeParam *param = &decl->item->type.params[i];
        for (size_t j = 0; j < param->bound_count; j++)
            nst_resolve_trait_ident(program, nst_decl_note(program, decl)->part, &param->bounds[j]);
    }
}

void nst_complete_type(NstProgram *program, NstTypeDecl *decl) {
    NstDeclNote *note = nst_decl_note(program, decl);
    if (note->completed) return;
    note->completed = true;
    if (decl->item->kind != NST_ITEM_TYPE) return;
    check_bounds(program, decl);
    decl->scheme->type = nst_type_con(program, decl, decl->params, decl->param_count);
    if (decl->body == NST_BODY_ALIAS) {
        nst_ensure_alias(program, decl);
        return;
    }
    NstTypeContext context = declaration_context(program, decl);
    size_t made = 0; // constructors in the item that were no duplicates, in order
    for (size_t i = 0; i < decl->item->type.ctor_count && made < decl->ctor_count; i++) {
        const NstCtorDecl *source = &decl->item->type.ctors[i];
        NstCtor *ctor = decl->ctors[made];
        if (decl->body != NST_BODY_RECORD && ctor->span.start != source->name.span.start) continue;
        for (size_t j = 0; j < ctor->field_count; j++)
            ctor->field_types[j] = nst_typeexpr_type(&context, source->fields[j].type);
        made++;
    }
}
