// Implementations: heads, methods, and the checks of traits.md 2 that need no inference.
#include "frontend/collect.h"

#include "frontend/scope.h"
#include "frontend/typeexpr.h"

// ---- Heads ------------------------------------------------------------------------------

typedef struct HeadVars {
    NstProgram *program;
    NstScheme *scheme;
} HeadVars;

static NstType *head_var(void *data, NstName name) {
    HeadVars *vars = data;
    NstScheme *scheme = vars->scheme;
    NstType *param = NST_NEW(vars->program->arena, NstType);
    param->kind = NST_TY_PARAM;
    param->name = name;
    param->id = (uint32_t)scheme->param_count;
    param->owner = scheme;
    NstType **params = NST_NEW_ARRAY(vars->program->arena, NstType *, scheme->param_count + 1);
    if (scheme->param_count) memcpy(params, scheme->params, scheme->param_count * sizeof *params);
    params[scheme->param_count++] = param;
    scheme->params = params;
    return param;
}

static void bad_impl(NstProgram *program, NstSpan span, const char *message) {
    nst_diag_add(program->diags, NST_DIAG_BAD_IMPL, span, "%s", message);
}

// The implementing type over the scheme's parameters; null after an error.
static NstType *resolve_head(NstProgram *program, const NstPart *part, NstItem *item, NstScheme *scheme) {
    NstTypeExpr *head = item->impl.head;
    HeadVars vars = {program, scheme};
    NstTypeContext context = {.program = program, .module = part->module, .rule = NST_TYPE_VARS_FLEXIBLE,
                              .fresh = head_var, .data = &vars};
    NstType *type = nst_typeexpr_type(&context, head);
    if (type->kind == NST_TY_PARAM) bad_impl(program, head->span, "a type variable cannot have an implementation");
    else if (type->kind == NST_TY_FUN) bad_impl(program, head->span, "a function type cannot have an implementation");
    else if (type->kind == NST_TY_NEVER) bad_impl(program, head->span, "`Never` cannot have an implementation");
    return type->kind == NST_TY_CON || type->kind == NST_TY_TUPLE ? type : NULL;
}

static void resolve_bounds(NstProgram *program, const NstPart *part, NstItem *item) {
    for (size_t i = 0; i < item->impl.bound_count; i++)
        for (size_t j = 0; j < item->impl.bounds[i].trait_count; j++)
            nst_resolve_trait_ident(program, part, &item->impl.bounds[i].traits[j]);
}

// ---- Methods ----------------------------------------------------------------------------

static NstFunction *trait_method(const NstTrait *trait, NstName name) {
    for (size_t i = 0; i < trait->method_count; i++)
        if (trait->methods[i]->name == name) return trait->methods[i];
    return NULL;
}

static bool has_receiver(const NstFunction *method) {
    if (method->param_count == 0) return false;
    const NstTypeExpr *annotation = method->clauses[0]->params[0].annotation;
    if (!annotation || annotation->kind == NST_TEXPR_ERROR) return true;
    if (annotation->path_len != 1 || annotation->arg_count) return false;
    const char *text = nst_name_text(annotation->path[0].name);
    return strcmp(text, "Self") == 0 || strcmp(text, "self") == 0;
}

static const char *head_text(NstProgram *program, const NstItem *item) {
    NstText text = nst_span_text(program->sources, item->impl.head->span);
    return nst_arena_strndup(program->arena, text.data, text.size);
}

// Reports a definition that does not fit the trait; true if it does.
static bool conforms(NstProgram *program, const NstTrait *trait, const NstItem *item, const NstClause *clause) {
    const char *name = nst_name_text(clause->name.name);
    const NstFunction *declared = trait_method(trait, clause->name.name);
    bool symbol = !((name[0] >= 'a' && name[0] <= 'z') || name[0] == '_' || (name[0] >= 'A' && name[0] <= 'Z'));
    if (symbol) {
        nst_diag_add(program->diags, NST_DIAG_BAD_IMPL, clause->name.span,
                     "operator method `%s` cannot be implemented; operators use the methods of the predefined traits", name);
        return false;
    }
    if (!declared) {
        nst_diag_add(program->diags, NST_DIAG_BAD_IMPL, clause->name.span, "`%s` is not a method of trait `%s`", name,
                     nst_name_text(trait->name));
        return false;
    }
    if (declared->param_count != clause->param_count) {
        nst_diag_add(program->diags, NST_DIAG_BAD_IMPL, clause->name.span,
                     "trait method `%s` signature mismatch in `%s: %s`: expected %zu parameter(s), found %zu", name,
                     head_text(program, item), nst_name_text(trait->name), declared->param_count, clause->param_count);
        return false;
    }
    return true;
}

static NstFunction *find_defined(const NstImpl *impl, NstName name) {
    for (size_t i = 0; i < impl->method_count; i++)
        if (impl->methods[i]->name == name) return impl->methods[i];
    return NULL;
}

// All clauses of the item that define the name, from index `first` on.
static NstClause **clauses_named(NstProgram *program, const NstItem *item, size_t first, NstName name, size_t *count) {
    NST_LIST(NstClause *) list = {0};
    for (size_t i = first; i < item->impl.method_count; i++)
        if (item->impl.methods[i]->name.name == name && (list.count == 0 || item->impl.methods[i]->param_count == list.items[0]->param_count))
            NST_APPEND(program, list, item->impl.methods[i]);
    *count = list.count;
    return list.items;
}

static void collect_methods(NstProgram *program, NstPart *part, NstImpl *impl) {
    const NstItem *item = impl->item;
    impl->methods = NST_NEW_ARRAY(program->arena, NstFunction *, item->impl.method_count);
    for (size_t i = 0; i < item->impl.method_count; i++) {
        NstClause *clause = item->impl.methods[i];
        if (!conforms(program, impl->trait, item, clause)) {
            nst_mark_broken_method(program, impl->head_decl, clause->name.name);
            continue;
        }
        if (find_defined(impl, clause->name.name)) continue;
        size_t count;
        NstClause **clauses = clauses_named(program, item, i, clause->name.name, &count);
        NstFunction *method = nst_function_new(program, part, clause->name.name);
        method->impl = impl;
        method->trait = impl->trait;
        method->public_ = true;
        nst_function_set_clauses(program, method, clauses, count);
        impl->methods[impl->method_count++] = method;
    }
}

// An implementation in error: nothing is said of its methods, of the lack of its trait, and of that of a supertrait for
// its type.
static void mark_methods(NstProgram *program, const NstItem *item, const NstType *head) {
    const NstTypeDecl *type = head && head->kind == NST_TY_CON ? head->decl : NULL;
    nst_mark_broken(program, item->impl.trait.name);
    if (item->impl.head->path_len) nst_mark_broken(program, item->impl.head->path[item->impl.head->path_len - 1].name);
    for (size_t i = 0; i < item->impl.method_count; i++)
        nst_mark_broken_method(program, type, item->impl.methods[i]->name.name);
}

static void mark_own(NstImpl *impl) {
    NstTypeDecl *decl = impl->head_decl;
    const char *trait = nst_name_text(impl->trait->name);
    if (!decl || !impl->trait->builtin) return;
    decl->has_own_show |= strcmp(trait, "Show") == 0;
    decl->has_own_eq |= strcmp(trait, "Eq") == 0;
    decl->has_own_ord |= strcmp(trait, "Ord") == 0 && impl->method_count > 0;
    decl->has_own_hash |= strcmp(trait, "Hash") == 0;
    decl->has_own_copy |= strcmp(trait, "Copy") == 0;
}

void nst_collect_impl(NstProgram *program, NstPart *part, NstItem *item) {
    NstTrait *trait = nst_resolve_trait_ident(program, part, &item->impl.trait);
    NstScheme *scheme = NST_NEW(program->arena, NstScheme);
    NstType *head = resolve_head(program, part, item, scheme);
    resolve_bounds(program, part, item);
    if (!trait || !head) {
        mark_methods(program, item, head);
        return;
    }
    if (!part->module->library && trait == nst_builtin_trait(program, NST_TRAIT_CONCAT))
        bad_impl(program, item->impl.trait.span, "`Concat` belongs to String and List only");
    for (size_t i = 0; i < trait->method_count; i++)
        if (!has_receiver(trait->methods[i])) {
            nst_diag_add(program->diags, NST_DIAG_BAD_IMPL, item->impl.trait.span,
                         "trait `%s` cannot be implemented: method `%s` has no receiver", nst_name_text(trait->name),
                         nst_name_text(trait->methods[i]->name));
            mark_methods(program, item, head);
            return;
        }
    NstImpl *impl = NST_NEW(program->arena, NstImpl);
    impl->trait = trait;
    impl->head = head;
    impl->head_decl = head->kind == NST_TY_CON ? head->decl : NULL;
    impl->scheme = scheme;
    scheme->type = head;
    impl->module = part->module;
    impl->item = item;
    collect_methods(program, part, impl);
    mark_own(impl);
    NST_APPEND(program, program->resolver->impls, impl);
    NST_APPEND(program, nst_module_scope(part->module)->impls, impl);
}

// ---- Coherence --------------------------------------------------------------------------

static bool covers_all(const NstType *head) {
    for (size_t i = 0; i < head->arg_count; i++) {
        if (head->args[i]->kind != NST_TY_PARAM) return false;
        for (size_t j = 0; j < i; j++)
            if (head->args[j] == head->args[i]) return false;
    }
    return true;
}

static bool same_shape(const NstType *a, const NstType *b) {
    if (a->kind != b->kind || a->decl != b->decl || a->arg_count != b->arg_count) return false;
    for (size_t i = 0; i < a->arg_count; i++)
        if (!same_shape(a->args[i], b->args[i])) return false;
    return a->kind != NST_TY_FUN || same_shape(a->result, b->result);
}

static bool same_head(const NstImpl *a, const NstImpl *b) {
    if (a->trait != b->trait || a->head->kind != b->head->kind || a->head_decl != b->head_decl ||
        a->head->arg_count != b->head->arg_count)
        return false;
    return covers_all(a->head) && covers_all(b->head) ? true : same_shape(a->head, b->head);
}

static void check_duplicates(NstProgram *program, NstImpl *const *impls, size_t at) {
    const NstImpl *impl = impls[at];
    for (size_t m = 0; m < impl->method_count; m++)
        for (size_t i = 0; i < at; i++)
            if (same_head(impls[i], impl) && find_defined(impls[i], impl->methods[m]->name)) {
                nst_diag_add(program->diags, NST_DIAG_DUPLICATE_DEFINITION, impl->methods[m]->source_order[0]->name.span,
                             "method `%s` of trait `%s` is already defined for type `%s`",
                             nst_name_text(impl->methods[m]->name), nst_name_text(impl->trait->name),
                             head_text(program, impl->item));
                break;
            }
}

// ---- Completeness -----------------------------------------------------------------------

// The names that an item defines, also wrongly: what is defined with a mistake is not missing.
static bool mentions_method(const NstItem *item, NstName name) {
    for (size_t i = 0; i < item->impl.method_count; i++)
        if (item->impl.methods[i]->name.name == name) return true;
    return false;
}

static bool optional_method(NstProgram *program, const NstFunction *method) {
    if (method->clauses[0]->body_expr) return true;
    const NstTrait *trait = method->trait;
    return trait == nst_builtin_trait(program, NST_TRAIT_NUM) || trait == nst_builtin_trait(program, NST_TRAIT_ORD) ||
           (trait == nst_builtin_trait(program, NST_TRAIT_EQ) && strcmp(nst_name_text(method->name), "neq") == 0);
}

static void check_complete(NstProgram *program, NstImpl *const *impls, size_t count, size_t at) {
    const NstImpl *impl = impls[at];
    for (size_t i = 0; i < at; i++)
        if (same_head(impls[i], impl)) return; // judged at the first block
    for (size_t m = 0; m < impl->trait->method_count; m++) {
        const NstFunction *method = impl->trait->methods[m];
        bool found = optional_method(program, method);
        for (size_t i = at; i < count && !found; i++)
            found = same_head(impls[i], impl) && mentions_method(impls[i]->item, method->name);
        if (found) continue;
        nst_mark_broken_method(program, impl->head_decl, method->name);
        nst_diag_add(program->diags, NST_DIAG_MISSING_METHOD, impl->item->impl.trait.span,
                     "type `%s` does not implement method `%s` required by trait `%s`", head_text(program, impl->item),
                     nst_name_text(method->name), nst_name_text(impl->trait->name));
    }
}

// ---- Supertraits ------------------------------------------------------------------------

static bool prim_has(const char *trait, NstPrimType prim) {
    bool number = prim >= NST_PRIM_INT && prim <= NST_PRIM_DECIMAL;
    bool scalar = number || prim == NST_PRIM_STRING || prim == NST_PRIM_CHAR;
    bool container = prim >= NST_PRIM_LIST && prim <= NST_PRIM_BUFFER;
    if (strcmp(trait, "Num") == 0) return number;
    if (strcmp(trait, "Ord") == 0) return scalar;
    if (strcmp(trait, "Hash") == 0) return !container;
    if (strcmp(trait, "Concat") == 0) return prim == NST_PRIM_STRING || prim == NST_PRIM_LIST;
    return strcmp(trait, "Eq") == 0 || strcmp(trait, "Show") == 0 || strcmp(trait, "Copy") == 0;
}

// Whether the type has the predefined trait without an implementation of its own (traits.md 6). Parts whose types are
// parameters, and recursion, are taken to have it.
static bool derives(const char *trait, const NstType *type, unsigned depth) {
    if (type->kind == NST_TY_FUN) return strcmp(trait, "Copy") == 0;
    if (depth == 0 || (type->kind != NST_TY_CON && type->kind != NST_TY_TUPLE)) return true;
    for (size_t i = 0; i < type->arg_count; i++)
        if (!derives(trait, type->args[i], depth - 1)) return false;
    if (type->kind == NST_TY_CON && type->decl->prim) return prim_has(trait, type->decl->prim);
    if (strcmp(trait, "Num") == 0 || strcmp(trait, "Concat") == 0 || strncmp(trait, "Index", 5) == 0) return false;
    if (type->kind == NST_TY_TUPLE) return type->arg_count > 0 || strcmp(trait, "Ord") != 0;
    for (size_t i = 0; i < type->decl->ctor_count; i++)
        for (size_t j = 0; j < type->decl->ctors[i]->field_count; j++)
            if (!derives(trait, type->decl->ctors[i]->field_types[j], depth - 1)) return false;
    return true;
}

static bool textually_before(const NstProgram *program, const NstImpl *a, const NstImpl *b) {
    NstFileRange first, second;
    if (!nst_file_range(program->sources, a->item->span, &first) || !nst_file_range(program->sources, b->item->span, &second))
        return true;
    return first.source != second.source || first.start < second.start;
}

static bool has_super(NstProgram *program, NstImpl *const *impls, size_t count, const NstImpl *impl,
                      const NstTrait *super) {
    if (super->builtin && derives(nst_name_text(super->name), impl->head, 8)) return true;
    for (size_t i = 0; i < count; i++) {
        const NstImpl *other = impls[i];
        if (other->trait != super || other->head->kind != impl->head->kind || other->head_decl != impl->head_decl ||
            other->head->arg_count != impl->head->arg_count)
            continue;
        if ((covers_all(other->head) || same_shape(other->head, impl->head)) && textually_before(program, other, impl))
            return true;
    }
    return false;
}

static void check_supers(NstProgram *program, NstImpl *const *impls, size_t count, const NstImpl *impl) {
    for (size_t i = 0; i < impl->trait->super_count; i++) {
        const NstTrait *super = impl->trait->supers[i];
        bool broken = impl->head_decl && impl->head_decl->item && !impl->head_decl->module->library &&
                      nst_name_is_broken(program, impl->head_decl->name); // which may have been that very one
        if (broken || has_super(program, impls, count, impl, super)) continue;
        nst_diag_add(program->diags, NST_DIAG_MISSING_TRAIT, impl->item->impl.trait.span,
                     "type `%s` must implement supertrait `%s` before implementing `%s`", head_text(program, impl->item),
                     nst_name_text(super->name), nst_name_text(impl->trait->name));
    }
}

void nst_check_impls(NstProgram *program) {
    const NstResolver *resolver = program->resolver;
    size_t count = resolver->impls.count;
    NstImpl **impls = nst_arena_copy(program->arena, resolver->impls.items, count * sizeof *impls);
    for (size_t i = 0; i < count; i++) {
        if (impls[i]->module->library) continue;
        check_duplicates(program, impls, i);
        check_complete(program, impls, count, i);
        check_supers(program, impls, count, impls[i]);
    }
}
