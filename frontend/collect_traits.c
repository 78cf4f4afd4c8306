// Trait declarations.
#include "frontend/collect.h"

#include "frontend/library.h"
#include "frontend/resolve_report.h"
#include "frontend/scope.h"

static const char *const builtin_names[NST_BUILTIN_TRAIT_COUNT] = {
    [NST_TRAIT_NUM] = "Num",     [NST_TRAIT_EQ] = "Eq",       [NST_TRAIT_ORD] = "Ord",
    [NST_TRAIT_CONCAT] = "Concat", [NST_TRAIT_SHOW] = "Show",   [NST_TRAIT_HASH] = "Hash",
    [NST_TRAIT_COPY] = "Copy",   [NST_TRAIT_INDEX] = "Index", [NST_TRAIT_INDEX_MUT] = "IndexMut",
};

NstTrait *nst_builtin_trait(NstProgram *program, NstBuiltinTrait which) {
    NstFound found = nst_lookup_prelude(program, nst_name_z(builtin_names[which]), NST_SPACE_TRAIT);
    return found.state == NST_FOUND ? found.entry->trait : NULL;
}

static NstTrait *builtin_of_name(NstProgram *program, NstName name) {
    for (int i = 0; i < NST_BUILTIN_TRAIT_COUNT; i++)
        if (strcmp(builtin_names[i], nst_name_text(name)) == 0) return nst_builtin_trait(program, (NstBuiltinTrait)i);
    return NULL;
}

// ---- Methods ----------------------------------------------------------------------------

static const NstFunction *find_method(const NstTrait *trait, NstName name) {
    for (size_t i = 0; i < trait->method_count; i++)
        if (trait->methods[i]->name == name) return trait->methods[i];
    return NULL;
}

// A user's trait with the name and methods of a predefined one is that trait (traits.md 5).
static bool stands_for(const NstTrait *builtin, const NstItem *item) {
    if (item->trait.method_count == 0 && builtin->method_count > 0) return false;
    for (size_t i = 0; i < item->trait.method_count; i++) {
        const NstFunction *method = find_method(builtin, item->trait.methods[i]->name.name);
        if (!method || method->param_count != item->trait.methods[i]->param_count) return false;
    }
    return true;
}

static bool is_builtin_function(NstName name) {
    size_t count;
    const NstLibEntry *entry = nst_library_prelude(nst_name_text(name), &count);
    for (size_t i = 0; i < count; i++)
        if (entry[i].kind == NST_LIB_FUNCTION && (entry[i].flags & NST_LIB_BUILTIN)) return true;
    return false;
}

static void check_method_name(NstProgram *program, const NstItem *item, NstIdent name) {
    const char *text = nst_name_text(name.name);
    const NstTrait *builtin = builtin_of_name(program, item->name.name);
    if (strcmp(text, "toString") == 0 || (builtin && find_method(builtin, name.name))) return;
    if (is_builtin_function(name.name))
        nst_diag_add(program->diags, NST_DIAG_DUPLICATE_DEFINITION, name.span,
                     "Trait method '%s' shadows built-in function '%s'", text, text);
}

static void collect_methods(NstProgram *program, NstPart *part, NstTrait *trait) {
    const NstItem *item = trait->item;
    trait->methods = NST_NEW_ARRAY(program->arena, NstFunction *, item->trait.method_count);
    for (size_t i = 0; i < item->trait.method_count; i++) {
        NstClause *clause = item->trait.methods[i];
        if (find_method(trait, clause->name.name)) {
            nst_report_duplicate(program, clause->name, "method");
            continue;
        }
        if (!part->module->library) check_method_name(program, item, clause->name);
        NstFunction *method = nst_function_new(program, part, clause->name.name);
        method->trait = trait;
        method->public_ = trait->public_;
        nst_function_set_clauses(program, method, &item->trait.methods[i], 1);
        trait->methods[trait->method_count++] = method;
        NST_APPEND(program, nst_entry_get(program, part->module, method->name)->methods, method);
    }
}

void nst_collect_trait_item(NstProgram *program, NstPart *part, NstItem *item, NstPending *pending) {
    NstEntry *entry = nst_entry_get(program, part->module, item->name.name);
    if (entry->trait) {
        nst_report_duplicate(program, item->name, "trait");
        for (size_t i = 0; i < item->trait.method_count; i++)
            nst_mark_broken(program, item->trait.methods[i]->name.name);
        return;
    }
    NstTrait *builtin = part->module->library ? NULL : builtin_of_name(program, item->name.name);
    if (builtin && stands_for(builtin, item)) {
        entry->trait = builtin;
        for (size_t i = 0; i < item->trait.method_count; i++) {
            NstName name = item->trait.methods[i]->name.name;
            for (size_t j = 0; j < builtin->method_count; j++)
                if (builtin->methods[j]->name == name)
                    NST_APPEND(program, nst_entry_get(program, part->module, name)->methods, builtin->methods[j]);
        }
        return;
    }
    NstTrait *trait = NST_NEW(program->arena, NstTrait);
    trait->name = item->name.name;
    trait->span = item->name.span;
    trait->module = part->module;
    trait->item = item;
    trait->public_ = item->public_;
    trait->builtin = part->module->library;
    entry->trait = trait;
    NST_APPEND(program, program->resolver->traits, trait);
    NST_APPEND(program, nst_module_scope(part->module)->traits, trait);
    collect_methods(program, part, trait);
    NST_APPEND(program, pending->traits, trait);
}

// ---- Names of traits --------------------------------------------------------------------

NstTrait *nst_resolve_trait_ident(NstProgram *program, const NstPart *part, NstIdent *ident) {
    if (!ident->name) return NULL;
    NstFound found = nst_lookup(program, part, ident->name, NST_SPACE_TRAIT);
    if (found.state == NST_FOUND) return found.entry->trait;
    if (found.state == NST_FOUND_PRIVATE)
        nst_diag_add(program->diags, NST_DIAG_PRIVATE_ACCESS, ident->span, "trait `%s` is private in module `%s`",
                     nst_name_text(ident->name), nst_module_display(found.module));
    if (found.state == NST_FOUND_NOTHING)
        nst_report_unknown(program, part->module, NST_DIAG_UNKNOWN_TRAIT, *ident, NST_SPACE_TRAIT, "unknown trait `%s`");
    ident->name = 0;
    return NULL;
}

// ---- Supertraits ------------------------------------------------------------------------

// Supertraits stand before the trait that names them, if they are in the same file.
static bool declared_before(const NstProgram *program, const NstTrait *super, const NstTrait *trait) {
    NstFileRange first, second;
    if (super == trait) return false;
    if (!nst_file_range(program->sources, super->span, &first) || !nst_file_range(program->sources, trait->span, &second))
        return true;
    return first.source != second.source || first.start < second.start;
}

void nst_complete_trait(NstProgram *program, NstTrait *trait) {
    NstItem *item = trait->item;
    const NstPart *part = NULL;
    for (size_t i = 0; i < trait->method_count && !part; i++) part = nst_function_note(program, trait->methods[i])->part;
    if (!part) part = nst_module_scope(trait->module)->parts.items[0];
    trait->supers = NST_NEW_ARRAY(program->arena, NstTrait *, item->trait.super_count);
    for (size_t i = 0; i < item->trait.super_count; i++) {
        NstIdent *name = &item->trait.supers[i];
        NstTrait *super = nst_resolve_trait_ident(program, part, name);
        if (super && !declared_before(program, super, trait)) {
            nst_diag_add(program->diags, NST_DIAG_UNKNOWN_TRAIT, name->span,
                         "unknown trait `%s`: a supertrait is declared before the trait that names it",
                         nst_name_text(name->name));
            super = NULL;
        }
        if (super) trait->supers[trait->super_count++] = super;
    }
}
