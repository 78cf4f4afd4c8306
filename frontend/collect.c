#include "frontend/collect.h"

#include "frontend/scope.h"

// ---- New declarations -------------------------------------------------------------------

NstTypeDecl *nst_type_decl_new(NstProgram *program, NstPart *part, NstName name) {
    NstResolver *resolver = program->resolver;
    NstTypeDecl *decl = NST_NEW(program->arena, NstTypeDecl);
    decl->name = name;
    decl->module = part->module;
    decl->id = (uint32_t)resolver->types.count;
    decl->scheme = NST_NEW(program->arena, NstScheme);
    NstDeclNote *note = NST_NEW(program->arena, NstDeclNote);
    note->part = part;
    NST_APPEND(program, resolver->types, decl);
    NST_APPEND(program, resolver->decls, note);
    NST_APPEND(program, nst_module_scope(part->module)->types, decl);
    program->types = resolver->types.items;
    program->type_count = resolver->types.count;
    return decl;
}

NstType *nst_type_decl_add_param(NstProgram *program, NstTypeDecl *decl, NstName name) {
    NstType *param = NST_NEW(program->arena, NstType);
    param->kind = NST_TY_PARAM;
    param->name = name;
    param->id = (uint32_t)decl->param_count;
    param->owner = decl->scheme;
    NstType **params = NST_NEW_ARRAY(program->arena, NstType *, decl->param_count + 1);
    if (decl->param_count) memcpy(params, decl->params, decl->param_count * sizeof *params);
    params[decl->param_count++] = param;
    decl->params = decl->scheme->params = params;
    decl->scheme->param_count = decl->param_count;
    return param;
}

NstFunction *nst_function_new(NstProgram *program, NstPart *part, NstName name) {
    NstResolver *resolver = program->resolver;
    NstFunction *fn = NST_NEW(program->arena, NstFunction);
    fn->name = name;
    fn->module = part->module;
    fn->library = part->module->library;
    fn->id = (uint32_t)resolver->functions.count;
    NstFunctionNote *note = NST_NEW(program->arena, NstFunctionNote);
    note->part = part;
    NST_APPEND(program, resolver->functions, fn);
    NST_APPEND(program, resolver->notes, note);
    program->functions = resolver->functions.items;
    program->function_count = resolver->functions.count;
    return fn;
}

NstFunction *nst_function_of_expr(NstProgram *program, NstPart *part, NstName name, NstExpr *body,
                                  NstTypeExpr *annotation, NstSpan span) {
    NstClause *clause = NST_NEW(program->arena, NstClause);
    clause->span = span;
    clause->name = (NstIdent){name, span};
    clause->result = annotation;
    clause->body_expr = body;
    NstFunction *fn = nst_function_new(program, part, name);
    nst_function_set_clauses(program, fn, nst_arena_copy(program->arena, &clause, sizeof clause), 1);
    return fn;
}

void nst_report_duplicate(NstProgram *program, NstIdent second, const char *what) {
    nst_diag_add(program->diags, NST_DIAG_DUPLICATE_DEFINITION, second.span, "%s `%s` is already defined", what,
                 nst_name_text(second.name));
}

void nst_mark_broken_method(NstProgram *program, const NstTypeDecl *type, NstName name) {
    NstBroken broken = {name, type};
    NST_APPEND(program, program->resolver->broken, broken);
}

void nst_mark_broken(NstProgram *program, NstName name) { nst_mark_broken_method(program, NULL, name); }

// ---- Values -----------------------------------------------------------------------------

static bool has_value(const NstEntry *entry) {
    return entry->clauses.count || entry->constant || entry->mvar;
}

static void collect_function(NstProgram *program, NstPart *part, NstItem *item, NstPending *pending) {
    NstClause *clause = item->clause;
    NstEntry *entry = nst_entry_get(program, part->module, clause->name.name);
    if (entry->constant || entry->mvar) {
        if (!entry->clauses.count) nst_report_duplicate(program, clause->name, "the name");
        return;
    }
    if (!entry->clauses.count) {
        NST_APPEND(program, pending->functions, entry);
        NST_APPEND(program, pending->function_parts, part);
    }
    NST_APPEND(program, entry->clauses, item);
}

static void collect_template(NstProgram *program, NstPart *part, NstItem *item) {
    NstEntry *entry = nst_entry_get(program, part->module, item->clause->name.name);
    if (entry->template_) nst_report_duplicate(program, item->clause->name, "template");
    else entry->template_ = item;
}

static void collect_const(NstProgram *program, NstPart *part, NstItem *item) {
    NstEntry *entry = nst_entry_get(program, part->module, item->name.name);
    if (item->kind == NST_ITEM_BINDING && item->value.var_)
        nst_diag_add(program->diags, NST_DIAG_MISPLACED, item->span,
                     "`var` is not allowed at module level; shared mutable state is an `mvar`");
    if (has_value(entry)) {
        nst_report_duplicate(program, item->name, "the name");
        return;
    }
    NstConst *constant = NST_NEW(program->arena, NstConst);
    constant->name = item->name.name;
    constant->span = item->name.span;
    constant->module = part->module;
    constant->item = item;
    constant->value = item->value.value;
    constant->public_ = item->public_;
    if (item->kind == NST_ITEM_BINDING) {
        constant->fn = nst_function_of_expr(program, part, item->name.name, item->value.value, item->value.type,
                                            item->name.span);
        constant->fn->public_ = item->public_;
        constant->fn->doc = item->doc;
    }
    entry->constant = constant;
    NST_APPEND(program, nst_module_scope(part->module)->consts, constant);
}

static void collect_mvar(NstProgram *program, NstPart *part, NstItem *item, NstPending *pending) {
    NstEntry *entry = nst_entry_get(program, part->module, item->name.name);
    if (has_value(entry)) {
        nst_report_duplicate(program, item->name, "the name");
        return;
    }
    NstResolver *resolver = program->resolver;
    NstMvar *mvar = NST_NEW(program->arena, NstMvar);
    mvar->name = item->name.name;
    mvar->span = item->name.span;
    mvar->module = part->module;
    mvar->item = item;
    mvar->init = item->value.value;
    mvar->public_ = item->public_;
    mvar->index = (uint32_t)resolver->mvars.count;
    entry->mvar = mvar;
    NST_APPEND(program, resolver->mvars, mvar);
    NST_APPEND(program, resolver->mvar_parts, part);
    NST_APPEND(program, nst_module_scope(part->module)->mvars, mvar);
    NST_APPEND(program, pending->mvars, mvar);
}

static void collect_test(NstProgram *program, NstPart *part, NstItem *item) {
    NstTest *test = NST_NEW(program->arena, NstTest);
    test->name = item->text;
    test->module = part->module;
    test->span = item->span;
    test->fn = nst_function_of_expr(program, part, nst_name(item->text.data, item->text.size), item->value.value, NULL,
                                    item->span);
    test->fn->is_test = true;
    NST_APPEND(program, nst_module_scope(part->module)->tests, test);
}

// ---- Modules ----------------------------------------------------------------------------

static void collect_module(NstProgram *program, NstPart *part, NstItem *item, NstPending *pending) {
    NstEntry *entry = nst_entry_get(program, part->module, item->name.name);
    NstModule *outer = part->module;
    if (!entry->module) {
        NstName *path = NST_NEW_ARRAY(program->arena, NstName, outer->path_len + 1);
        if (outer->path_len) memcpy(path, outer->path, outer->path_len * sizeof *path);
        path[outer->path_len] = item->name.name;
        entry->module = nst_module_new(program, outer, path, outer->path_len + 1);
        entry->module->source = outer->source;
        entry->module->library = outer->library;
        NST_APPEND(program, program->resolver->modules, entry->module);
    }
    entry->module->public_ |= item->public_;
    NstPart *inner = nst_part_new(program, part, entry->module);
    nst_collect_items(program, inner, item->module.items, item->module.item_count, pending);
}

void nst_collect_items(NstProgram *program, NstPart *part, NstItem **items, size_t count, NstPending *pending) {
    for (size_t i = 0; i < count; i++) {
        NstItem *item = items[i];
        switch (item->kind) {
        case NST_ITEM_ERROR: break;
        case NST_ITEM_FUNCTION:
        case NST_ITEM_EXTERN: collect_function(program, part, item, pending); break;
        case NST_ITEM_TEMPLATE: collect_template(program, part, item); break;
        case NST_ITEM_TYPE:
        case NST_ITEM_EXTERN_TYPE: nst_collect_type_item(program, part, item, pending); break;
        case NST_ITEM_TRAIT: nst_collect_trait_item(program, part, item, pending); break;
        case NST_ITEM_IMPL:
            NST_APPEND(program, pending->impls, item);
            NST_APPEND(program, pending->impl_parts, part);
            break;
        case NST_ITEM_USE: NST_APPEND(program, part->uses, item); break;
        case NST_ITEM_MODULE: collect_module(program, part, item, pending); break;
        case NST_ITEM_CONST:
        case NST_ITEM_BINDING: collect_const(program, part, item); break;
        case NST_ITEM_MVAR: collect_mvar(program, part, item, pending); break;
        case NST_ITEM_TEST: collect_test(program, part, item); break;
        }
    }
}

// ---- Completion -------------------------------------------------------------------------

static NstType *no_fresh(void *data, NstName name) {
    (void)name;
    NstProgram *program = data;
    NstType *any = NST_NEW(program->arena, NstType);
    any->kind = NST_TY_ANY;
    return any;
}

// `mvar box: Map = …`: a generic type without arguments leaves the contents untyped (mvars.md 1).
static bool contains_any(const NstType *type) {
    if (type->kind == NST_TY_ANY) return true;
    for (size_t i = 0; i < type->arg_count; i++)
        if (contains_any(type->args[i])) return true;
    return type->kind == NST_TY_FUN && contains_any(type->result);
}

static void complete_mvar(NstProgram *program, NstMvar *mvar) {
    NstTypeContext context = {.program = program, .module = mvar->module, .rule = NST_TYPE_VARS_NONE,
                              .fresh = no_fresh, .data = program};
    mvar->type = nst_typeexpr_type(&context, mvar->item->value.type);
    mvar->untyped = contains_any(mvar->type);
}

void nst_collect_complete(NstProgram *program, NstPending *pending) {
    for (size_t i = 0; i < pending->types.count; i++) nst_ensure_type_params(program, pending->types.items[i]);
    for (size_t i = 0; i < pending->types.count; i++) nst_complete_type(program, pending->types.items[i]);
    for (size_t i = 0; i < pending->traits.count; i++) nst_complete_trait(program, pending->traits.items[i]);
    for (size_t i = 0; i < pending->functions.count; i++)
        nst_group_functions(program, pending->functions.items[i], pending->function_parts.items[i]);
    for (size_t i = 0; i < pending->mvars.count; i++) complete_mvar(program, pending->mvars.items[i]);
    for (size_t i = 0; i < pending->impls.count; i++)
        nst_collect_impl(program, pending->impl_parts.items[i], pending->impls.items[i]);
    nst_modules_publish(program);
}

// ---- Publishing -------------------------------------------------------------------------

void nst_module_publish(NstModule *module) {
    const NstScope *scope = nst_module_scope(module);
    module->functions = scope->functions.items;
    module->function_count = scope->functions.count;
    module->types = scope->types.items;
    module->type_count = scope->types.count;
    module->traits = scope->traits.items;
    module->trait_count = scope->traits.count;
    module->impls = scope->impls.items;
    module->impl_count = scope->impls.count;
    module->mvars = scope->mvars.items;
    module->mvar_count = scope->mvars.count;
    module->consts = scope->consts.items;
    module->const_count = scope->consts.count;
    module->tests = scope->tests.items;
    module->test_count = scope->tests.count;
}

void nst_modules_publish(NstProgram *program) {
    NstResolver *resolver = program->resolver;
    for (size_t i = 0; i < resolver->modules.count; i++) nst_module_publish(resolver->modules.items[i]);
    program->modules = resolver->modules.items;
    program->module_count = resolver->modules.count;
    program->types = resolver->types.items;
    program->type_count = resolver->types.count;
    program->functions = resolver->functions.items;
    program->function_count = resolver->functions.count;
    program->traits = resolver->traits.items;
    program->trait_count = resolver->traits.count;
    program->impls = resolver->impls.items;
    program->impl_count = resolver->impls.count;
    program->mvars = resolver->mvars.items;
    program->mvar_count = resolver->mvars.count;
}
