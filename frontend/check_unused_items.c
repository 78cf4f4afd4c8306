// Functions that nothing reaches and imports that nothing needs (warning `unused`).
//
// Both go by names (mentions.h), not by meanings: a function is reached if something reached writes its name, whatever
// that means there, and an import is needed if the file writes the name that it brings. So overloads, methods that only
// the run time chooses and functions passed as values cannot make the answer wrong. Files with templates are left out:
// what a template makes of a name is not in the text.

#include <stdlib.h>

#include "frontend/check_cache.h"
#include "frontend/checks.h"
#include "frontend/library.h"
#include "frontend/mentions.h"
#include "frontend/scope.h"
#include "frontend/scope_library.h"

// ---- Sets of names ----------------------------------------------------------------------

typedef struct NameSet {
    bool *has; // by name
    size_t size;
} NameSet;

static bool has_name(const NameSet *set, NstName name) { return name < set->size && set->has[name]; }

static bool add_name(NameSet *set, NstName name) {
    if (name >= set->size) {
        size_t size = (size_t)name * 2 + 256;
        set->has = nst_realloc(set->has, size * sizeof *set->has);
        memset(set->has + set->size, 0, size - set->size);
        set->size = size;
    }
    bool fresh = !set->has[name];
    set->has[name] = true;
    return fresh;
}

static bool has_templates(NstItem *const *items, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (items[i]->kind == NST_ITEM_TEMPLATE) return true;
        if (items[i]->kind == NST_ITEM_MODULE && has_templates(items[i]->module.items, items[i]->module.item_count)) return true;
    }
    return false;
}

// ---- Functions --------------------------------------------------------------------------

typedef struct Reach {
    NstProgram *program;
    NstArena *arena;
    NameSet names;    // mentioned by something that is reached
    NstName *work;    // names whose functions have not been looked at
    size_t work_count, work_capacity;
    uint32_t *first;  // by name: index + 1 of the first function; then `next`
    uint32_t *next;   // by function
    size_t name_limit;
} Reach;

static void reach_name(void *context, NstName name) {
    Reach *reach = context;
    if (name >= reach->name_limit || !add_name(&reach->names, name)) return;
    NST_PUSH(reach->arena, reach->work, reach->work_count, reach->work_capacity, name);
}

static NstMentions reach_mentions(Reach *reach) { return (NstMentions){ reach, reach_name, NULL }; }

static void reach_function(Reach *reach, const NstFunction *fn) {
    const NstBodyFacts *facts = nst_body_facts(reach->program, fn);
    for (size_t i = 0; i < facts->mention_count; i++) reach_name(reach, facts->mentions[i]);
}

static bool is_root(const NstProgram *program, const NstFunction *fn) {
    return fn == program->entry || fn->public_ || fn->is_test || fn->impl || fn->trait || fn->extern_name.size;
}

static void index_functions(Reach *reach) {
    const NstProgram *p = reach->program;
    for (size_t i = 0; i < p->function_count; i++)
        if (!p->functions[i]->library && p->functions[i]->name >= reach->name_limit)
            reach->name_limit = (size_t)p->functions[i]->name + 1;
    reach->first = nst_calloc(reach->name_limit + 1, sizeof *reach->first);
    reach->next = nst_calloc(p->function_count + 1, sizeof *reach->next);
    for (size_t i = 0; i < p->function_count; i++) {
        const NstFunction *fn = p->functions[i];
        if (fn->library) continue;
        reach->next[i] = reach->first[fn->name];
        reach->first[fn->name] = (uint32_t)i + 1;
    }
}

static void reach_roots(Reach *reach) {
    const NstProgram *p = reach->program;
    NstMentions mentions = reach_mentions(reach);
    for (size_t i = 0; i < p->function_count; i++)
        if (!p->functions[i]->library && is_root(p, p->functions[i])) reach_function(reach, p->functions[i]);
    for (size_t f = 0; f < p->file_count; f++)
        for (size_t i = 0; i < p->files[f].ast->item_count; i++) {
            const NstItem *item = p->files[f].ast->items[i];
            bool value = item->kind == NST_ITEM_MVAR || item->kind == NST_ITEM_CONST || item->kind == NST_ITEM_BINDING;
            if (value || item->kind == NST_ITEM_MODULE || item->decorator_count) nst_mentions_of_item(&mentions, item);
        }
    for (size_t i = 0; i < p->bin_entry_count; i++) reach_name(reach, p->bin_entries[i]);
}

static bool declares_value(const NstModule *module, NstName name) {
    for (size_t i = 0; i < module->const_count; i++)
        if (module->consts[i]->name == name) return true;
    return false;
}

static void check_functions(NstProgram *program, NstArena *arena, const NameSet *sources) {
    Reach reach = { .program = program, .arena = arena };
    index_functions(&reach);
    reach_roots(&reach);
    while (reach.work_count) {
        NstName name = reach.work[--reach.work_count];
        for (uint32_t i = reach.first[name]; i; i = reach.next[i - 1]) {
            const NstFunction *fn = program->functions[i - 1];
            if (!is_root(program, fn)) reach_function(&reach, fn);
        }
    }
    for (size_t i = 0; i < program->function_count; i++) {
        const NstFunction *fn = program->functions[i];
        if (fn->library || !fn->clause_count || is_root(program, fn) || has_name(&reach.names, fn->name)) continue;
        const char *name = nst_name_text(fn->name);
        NstSpan span = fn->source_order[0]->name.span;
        if (name[0] == '_' || has_name(sources, fn->module->source) || declares_value(fn->module, fn->name)) continue;
        if (!nst_written_by_user(program, span)) continue;
        NstDiag *diag = nst_diag_add(program->diags, NST_DIAG_UNUSED, span, "function `%s` is never used", name);
        nst_diag_hint(program->diags, diag, "remove it, make it `pub`, or call it `_%s`", name);
    }
    free(reach.first);
    free(reach.next);
    free(reach.names.has);
}

// ---- Imports ----------------------------------------------------------------------------

typedef struct FileUses {
    NstProgram *program;
    NstArena *arena;
    NameSet names;
    bool unknown;              // a qualified name means something whose module is not known
    const NstModule **modules; // named in qualified names
    size_t module_count, module_capacity;
} FileUses;

static void use_name(void *context, NstName name) { add_name(&((FileUses *)context)->names, name); }

static const NstModule *home_of(const NstExpr *e) {
    switch (e->target) {
    case NST_TARGET_FUNCTION: return e->to.fn->module;
    case NST_TARGET_OVERLOADS: return e->to.overloads.fns[0]->module;
    case NST_TARGET_CTOR: return e->to.ctor->type->module;
    case NST_TARGET_CTORS: return e->to.ctors.ctors[0]->type->module;
    case NST_TARGET_CONST: return e->to.constant->module;
    case NST_TARGET_MVAR: return e->to.mvar->module;
    default: return NULL;
    }
}

static void use_qualified(void *context, const NstExpr *name) {
    FileUses *uses = context;
    const NstModule *home = home_of(name);
    uses->unknown |= !home;
    for (size_t i = 0; i < uses->module_count; i++)
        if (uses->modules[i] == home) return;
    if (home) NST_PUSH(uses->arena, uses->modules, uses->module_count, uses->module_capacity, home);
}

// The module, or one inside it, is named somewhere.
static bool names_module(const FileUses *uses, const NstModule *module) {
    for (size_t i = 0; i < uses->module_count; i++)
        for (const NstModule *at = uses->modules[i]; at; at = at->parent)
            if (at == module) return true;
    return uses->unknown || (module->path_len && has_name(&uses->names, module->path[module->path_len - 1]));
}

// The name itself, or what comes with a type or trait.
static bool needs_item(const FileUses *uses, const NstItem *item, NstModule *module, const NstUseItem *use) {
    if (has_name(&uses->names, use->alias.name ? use->alias.name : use->name.name)) return true;
    NstIdent *path = NST_NEW_ARRAY(uses->arena, NstIdent, item->use.path_len + 1);
    memcpy(path, item->use.path, item->use.path_len * sizeof *path);
    path[item->use.path_len] = use->name;
    const NstModule *below = nst_find_module(uses->program, path, item->use.path_len + 1);
    if (below && names_module(uses, below)) return true;
    if (!module || nst_library_declares(module, use->name.name, NST_LIB_FUNCTION)) return false;
    const NstEntry *entry = nst_module_entry(uses->program, module, use->name.name);
    for (size_t i = 0; entry && entry->type && i < entry->type->ctor_count; i++)
        if (has_name(&uses->names, entry->type->ctors[i]->name)) return true;
    for (size_t i = 0; entry && entry->trait && i < entry->trait->method_count; i++)
        if (has_name(&uses->names, entry->trait->methods[i]->name)) return true;
    return false;
}

static bool needs_any(const FileUses *uses, const NstModule *module) {
    const NstScope *scope = nst_module_scope(module);
    if (!scope->file_module) {
        for (size_t i = 0; i < scope->ordered.count; i++)
            if (has_name(&uses->names, scope->ordered.items[i]->name)) return true;
        return false;
    }
    size_t count;
    const NstLibEntry *entries = nst_library_module(scope->file_module, scope->space, &count);
    for (size_t i = 0; i < count; i++)
        if (has_name(&uses->names, nst_name_z(entries[i].name))) return true;
    return false;
}

static void check_use(const FileUses *uses, const NstItem *item) {
    NstProgram *program = uses->program;
    NstModule *module = nst_find_module(program, item->use.path, item->use.path_len);
    bool qualified = module && names_module(uses, module);
    if (item->use.all || !item->use.item_count) {
        if (!module || qualified || module->impl_count || (item->use.all && needs_any(uses, module))) return;
        NstDiag *diag = nst_diag_add(program->diags, NST_DIAG_UNUSED, item->span, "unused import: nothing of module `%s` is used",
                                     nst_module_display(module));
        nst_diag_hint(program->diags, diag, "remove the `use`");
        return;
    }
    size_t needed = 0;
    bool *needs = NST_NEW_ARRAY(uses->arena, bool, item->use.item_count);
    for (size_t i = 0; i < item->use.item_count; i++) needed += needs[i] = needs_item(uses, item, module, &item->use.items[i]);
    if (!needed && qualified) return; // it permits the qualified names
    for (size_t i = 0; i < item->use.item_count; i++) {
        if (needs[i]) continue;
        const NstUseItem *use = &item->use.items[i];
        NstDiag *diag = nst_diag_add(program->diags, NST_DIAG_UNUSED, use->name.span, "unused import `%s`",
                                     nst_name_text(use->alias.name ? use->alias.name : use->name.name));
        nst_diag_hint(program->diags, diag, needed ? "remove the name" : "remove the `use`");
    }
}

static void check_uses(const FileUses *uses, NstItem *const *items, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (items[i]->kind == NST_ITEM_USE && nst_written_by_user(uses->program, items[i]->span)) check_use(uses, items[i]);
        if (items[i]->kind == NST_ITEM_MODULE) check_uses(uses, items[i]->module.items, items[i]->module.item_count);
    }
}

static bool has_uses(NstItem *const *items, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (items[i]->kind == NST_ITEM_USE) return true;
        if (items[i]->kind == NST_ITEM_MODULE && has_uses(items[i]->module.items, items[i]->module.item_count)) return true;
    }
    return false;
}

static void check_imports(NstProgram *program, NstArena *arena, const NstFileAst *ast) {
    if (!has_uses(ast->items, ast->item_count)) return;
    FileUses uses = { .program = program, .arena = arena };
    NstMentions mentions = { &uses, use_name, use_qualified };
    for (size_t i = 0; i < ast->item_count; i++) nst_mentions_of_item(&mentions, ast->items[i]);
    check_uses(&uses, ast->items, ast->item_count);
    free(uses.names.has);
}

void nst_check_unused_items(NstProgram *program, NstArena *arena) {
    NstCheckCache *cache = nst_check_cache(program);
    NstDiags *diags = program->diags;
    NameSet sources = { 0 }; // of files with templates
    program->diags = cache->imported;
    for (size_t i = 0; i < program->file_count; i++) {
        const NstFileAst *ast = program->files[i].ast;
        if (has_templates(ast->items, ast->item_count)) add_name(&sources, program->files[i].source);
        else if (!cache->imports[i]) check_imports(program, arena, ast);
        cache->imports[i] = true;
    }
    program->diags = diags;
    for (size_t i = 0; i < cache->imported->count; i++) nst_diags_adopt(diags, cache->imported->items[i]);
    if (!program->lib) check_functions(program, arena, &sources);
    free(sources.has);
}
