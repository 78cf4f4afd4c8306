// The look-ups that inference asks (resolve.h).
#include "frontend/collect.h"
#include "frontend/resolve_internal.h"
#include "frontend/resolve_memo.h"
#include "frontend/scope.h"
#include "frontend/scope_library.h"
#include "frontend/typeexpr.h"

// ---- Functions --------------------------------------------------------------------------

NstFunction *const *nst_resolve_functions(NstProgram *program, const NstModule *module, NstName name, size_t *count) {
    *count = 0;
    NstFound found = nst_lookup_in_module(program, module, name, NST_SPACE_VALUE);
    if (found.state != NST_FOUND || !found.function_count) return NULL;
    size_t prelude_count;
    NstFunction *const *prelude = nst_prelude_functions(program, name, &prelude_count);
    if (prelude_count && prelude[0] == found.functions[0]) return NULL;
    *count = found.function_count;
    return found.functions;
}

NstFunction *const *nst_prelude_functions(NstProgram *program, NstName name, size_t *count) {
    NstFound found = nst_lookup_prelude(program, name, NST_SPACE_VALUE);
    *count = found.state == NST_FOUND ? found.function_count : 0;
    return *count ? found.functions : NULL;
}

static bool owned_by(const NstLibEntry *entry, const NstTypeDecl *owner) {
    return !owner || strcmp(entry->owner, nst_name_text(owner->name)) == 0;
}

// Remembers a list; gives it back.
static void *remember(NstProgram *program, NstMemoKind kind, NstName name, const void *key, void *items, size_t count) {
    if (!program->resolver->collected) return items;
    NstMemo *memo = nst_memo(program, kind, name, key);
    memo->known = true;
    memo->items = items;
    memo->count = count;
    return items;
}

// The remembered list, or null; then *known is false.
static void *recall(NstProgram *program, NstMemoKind kind, NstName name, const void *key, size_t *count, bool *known) {
    const NstMemo *memo = nst_memo(program, kind, name, key);
    *known = memo->known;
    *count = memo->count;
    return (void *)memo->items;
}

NstFunction *const *nst_program_library_methods(NstProgram *program, NstName name, const NstTypeDecl *owner,
                                                size_t *count) {
    bool known;
    void *before = recall(program, NST_MEMO_LIBRARY_METHODS, name, owner, count, &known);
    if (known) return before;
    NST_LIST(NstFunction *) list = {0};
    const char *text = nst_name_text(name);
    const NstLibEntry *entry;
    for (size_t i = 0; (entry = nst_library_method(text, i)); i++) {
        if (!owned_by(entry, owner)) continue;
        const NstEntry *found = nst_library_entry(program, entry);
        for (size_t f = 0; f < found->functions.count; f++) {
            NstFunction *fn = found->functions.items[f];
            bool skip = fn->param_count == 0;
            for (size_t k = 0; k < list.count && !skip; k++) skip = list.items[k] == fn;
            if (!skip) NST_APPEND(program, list, fn);
        }
    }
    *count = list.count;
    return remember(program, NST_MEMO_LIBRARY_METHODS, name, owner, list.items, list.count);
}

static bool declares_field(const NstModule *module, NstName name) {
    for (size_t t = 0; t < module->type_count; t++)
        for (size_t c = 0; c < module->types[t]->ctor_count; c++) {
            const NstCtor *ctor = module->types[t]->ctors[c];
            for (size_t f = 0; f < ctor->field_count; f++)
                if (ctor->field_names[f] == name) return true;
        }
    return false;
}

static bool bears_name(const NstProgram *program, NstName name) {
    for (size_t i = 0; i < program->user_module_count; i++) {
        const NstModule *module = program->modules[i];
        const NstEntry *entry = nst_entry_find(module, name);
        if (entry && (entry->functions.count || entry->methods.count)) return true;
        if (declares_field(module, name)) return true;
    }
    return false;
}

bool nst_user_bears_name(NstProgram *program, NstName name) {
    NstMemo *memo = nst_memo(program, NST_MEMO_BEARS, name, NULL);
    if (memo->known) return memo->count != 0;
    memo->known = program->resolver->collected;
    memo->count = bears_name(program, name);
    return memo->count != 0;
}

bool nst_name_is_broken(const NstProgram *program, NstName name) {
    for (size_t i = 0; i < program->resolver->broken.count; i++)
        if (program->resolver->broken.items[i].name == name) return true;
    return false;
}

bool nst_method_is_broken(const NstProgram *program, const NstTypeDecl *type, NstName name) {
    for (size_t i = 0; i < program->resolver->broken.count; i++) {
        const NstBroken *broken = &program->resolver->broken.items[i];
        if (broken->name == name && (!broken->type || broken->type == type)) return true;
    }
    return false;
}

bool nst_impl_is_broken(const NstProgram *program, const NstTypeDecl *type, const NstTrait *trait) {
    if (!type || !nst_name_is_broken(program, type->name)) return false;
    for (size_t i = 0; i < trait->method_count; i++)
        if (nst_method_is_broken(program, type, trait->methods[i]->name)) return true;
    return trait->method_count == 0;
}

bool nst_name_of_failed_use(NstProgram *program, const NstModule *module, NstName name) {
    return nst_lookup_in_module(program, module, name, NST_SPACE_VALUE).state == NST_FOUND_SILENT;
}

// ---- Traits -----------------------------------------------------------------------------

NstFunction *const *nst_trait_methods_named(NstProgram *program, NstName name, size_t *count) {
    bool known;
    void *before = recall(program, NST_MEMO_TRAIT_METHODS, name, NULL, count, &known);
    if (known) return before;
    NST_LIST(NstFunction *) list = {0};
    size_t entry_count;
    const NstLibEntry *entries = nst_library_entries(&entry_count);
    const char *text = nst_name_text(name);
    for (size_t i = 0; i < entry_count; i++)
        if (entries[i].kind == NST_LIB_TRAIT_METHOD && strcmp(entries[i].name, text) == 0)
            nst_library_entry(program, &entries[i]);
    for (size_t i = 0; i < program->resolver->traits.count; i++) {
        NstTrait *trait = program->resolver->traits.items[i];
        for (size_t m = 0; m < trait->method_count; m++)
            if (trait->methods[m]->name == name) NST_APPEND(program, list, trait->methods[m]);
    }
    *count = list.count;
    return remember(program, NST_MEMO_TRAIT_METHODS, name, NULL, list.items, list.count);
}

NstTrait *nst_resolve_trait(NstProgram *program, const NstModule *module, NstName name) {
    NstFound found = nst_lookup_in_module(program, module, name, NST_SPACE_TRAIT);
    return found.state == NST_FOUND ? found.entry->trait : NULL;
}

NstImpl *const *nst_trait_impls(NstProgram *program, const NstTrait *trait, size_t *count) {
    bool known;
    void *before = recall(program, NST_MEMO_IMPLS, 0, trait, count, &known);
    if (known) return before;
    if (trait->module->library) nst_library_load_impls(program, trait);
    NST_LIST(NstImpl *) list = {0};
    const NstResolver *resolver = program->resolver;
    for (int library = 0; library <= 1; library++)
        for (size_t i = 0; i < resolver->impls.count; i++) {
            NstImpl *impl = resolver->impls.items[i];
            if (impl->trait == trait && impl->module->library == (library == 1)) NST_APPEND(program, list, impl);
        }
    *count = list.count;
    return remember(program, NST_MEMO_IMPLS, 0, trait, list.items, list.count);
}

bool nst_trait_accessible(const NstTrait *trait, const NstModule *module) {
    return nst_accessible(trait->public_, trait->module, module);
}

// ---- Constructors and types -------------------------------------------------------------

NstCtorSet nst_visible_ctors(NstProgram *program, const NstModule *module, NstName name) {
    const NstScope *scope = nst_module_scope(module);
    for (size_t i = 0; i < scope->parts.count; i++) {
        NstCtorSet set = nst_lookup_ctors(program, scope->parts.items[i], name);
        if (set.count) return set;
    }
    return (NstCtorSet){NULL, 0, false};
}

NstCtor *nst_type_ctor(const NstTypeDecl *decl, NstName name) {
    for (size_t i = 0; i < decl->ctor_count; i++)
        if (decl->ctors[i]->name == name) return decl->ctors[i];
    return NULL;
}

bool nst_type_accessible(const NstTypeDecl *decl, const NstModule *module) {
    return nst_accessible(decl->public_, decl->module, module);
}

NstTypeDecl *nst_builtin_type(NstProgram *program, NstPrimType prim) { return program->builtin[prim]; }

NstTypeDecl *nst_program_library_type(NstProgram *program, const char *name) {
    NstFound found = nst_lookup_prelude(program, nst_name_z(name), NST_SPACE_TYPE);
    if (found.state == NST_FOUND) return found.entry->type;
    size_t count;
    const NstLibEntry *entries = nst_library_entries(&count);
    for (size_t i = 0; i < count; i++)
        if (entries[i].kind == NST_LIB_TYPE && strcmp(entries[i].name, name) == 0) {
            const NstEntry *entry = nst_library_entry(program, &entries[i]);
            if (entry && entry->type) return entry->type;
        }
    return NULL;
}
