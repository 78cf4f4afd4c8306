#include "frontend/scope_library.h"

#include "frontend/collect.h"
#include "frontend/parse.h"
#include "frontend/resolve_use.h"
#include "frontend/scope.h"

static uint32_t library_source(NstProgram *program, uint32_t file) {
    NstResolver *resolver = program->resolver;
    if (!resolver->library_sources)
        resolver->library_sources = NST_NEW_ARRAY(program->arena, uint32_t, nst_library_file_count());
    if (!resolver->library_sources[file]) {
        const NstLibFile *text = nst_library_file(file);
        uint32_t source = nst_sources_add_file(program->sources, text->path, text->text, text->size);
        nst_source_set_module(program->sources, source, text->module);
        nst_source(program->sources, source)->library = true;
        resolver->library_sources[file] = source;
    }
    return resolver->library_sources[file];
}

static NstFileAst *parse_entry(NstProgram *program, const NstLibEntry *entry) {
    uint32_t source = library_source(program, entry->file);
    return nst_parse_range(program->sources, source, entry->start, entry->end, program->arena, program->diags);
}

// ---- Modules ----------------------------------------------------------------------------

static NstModule *find_made(const NstProgram *program, const char *file_module, const char *space) {
    const NstResolver *resolver = program->resolver;
    for (size_t i = 0; i < resolver->modules.count; i++) {
        NstModule *module = resolver->modules.items[i];
        const NstScope *scope = nst_module_scope(module);
        if (module->library && strcmp(scope->file_module, file_module) == 0 && strcmp(scope->space, space) == 0)
            return module;
    }
    return NULL;
}

// Splits "stdlib.list" (and the name of the inline module, if any) into segments.
static size_t split_path(NstName *path, size_t max, const char *text, const char *space) {
    size_t len = 0;
    while (*text && len + 1 < max) {
        size_t size = strcspn(text, ".");
        path[len++] = nst_name(text, size);
        text += size + (text[size] == '.');
    }
    if (*space) path[len++] = nst_name_z(space);
    return len;
}

static NstModule *make_module(NstProgram *program, const char *file_module, const char *space) {
    NstModule *parent = *space ? nst_library_module_of(program, file_module, "") : NULL;
    NstName path[8];
    size_t len = split_path(path, 8, file_module, space);
    NstModule *module = nst_module_new(program, parent, path, len);
    module->library = true;
    module->public_ = true;
    NstScope *scope = nst_module_scope(module);
    scope->file_module = nst_arena_strdup(program->arena, file_module);
    scope->space = nst_arena_strdup(program->arena, space);
    NstPart *part = nst_part_new(program, parent ? nst_module_scope(parent)->parts.items[0] : NULL, module);
    NST_APPEND(program, program->resolver->modules, module);
    if (parent) nst_entry_get(program, parent, nst_name_z(space))->module = module;

    size_t count;
    const NstLibEntry *uses = nst_library_find(file_module, space, "", &count);
    for (size_t i = 0; i < count; i++) {
        if (uses[i].kind != NST_LIB_USE) continue;
        NstPending none = {0};
        NstFileAst *ast = parse_entry(program, &uses[i]);
        nst_collect_items(program, part, ast->items, ast->item_count, &none);
    }
    nst_use_enter(program, part);
    nst_modules_publish(program);
    return module;
}

NstModule *nst_library_module_of(NstProgram *program, const char *file_module, const char *space) {
    NstModule *module = find_made(program, file_module, space);
    if (module) return module;
    size_t count;
    if (*space && !nst_library_module(file_module, space, &count)) return NULL;
    return make_module(program, file_module, space);
}

NstModule *nst_library_space(NstProgram *program, NstName name) {
    const char *space = nst_name_text(name);
    if (!nst_library_has_space(space)) return NULL;
    size_t count;
    const NstLibEntry *entries = nst_library_entries(&count);
    for (size_t i = 0; i < count; i++)
        if (strcmp(entries[i].space, space) == 0) return nst_library_module_of(program, entries[i].module, space);
    return NULL;
}

// ---- Items ------------------------------------------------------------------------------

static bool already_loaded(NstScope *scope, const NstLibEntry *entry) {
    for (size_t i = 0; i < scope->loaded.count; i++)
        if (scope->loaded.items[i] == entry->start) return true;
    return false;
}

static void load_entry(NstProgram *program, NstModule *module, const NstLibEntry *entry, NstPending *pending) {
    NstScope *scope = nst_module_scope(module);
    if (entry->kind == NST_LIB_SPACE) {
        nst_library_module_of(program, entry->module, entry->name);
        return;
    }
    if (entry->kind == NST_LIB_USE || already_loaded(scope, entry)) return;
    NST_APPEND(program, scope->loaded, entry->start);
    NstFileAst *ast = parse_entry(program, entry);
    nst_collect_items(program, scope->parts.items[0], ast->items, ast->item_count, pending);
}

void nst_library_load(NstProgram *program, NstModule *module, NstName name) {
    NstScope *scope = nst_module_scope(module);
    if (!scope->file_module) return;
    NstEntry *entry = nst_entry_find(module, name);
    if (entry && entry->loaded) return;
    size_t count;
    const NstLibEntry *entries = nst_library_find(scope->file_module, scope->space, nst_name_text(name), &count);
    nst_entry_get(program, module, name)->loaded = true;
    NstPending pending = {0};
    for (size_t i = 0; i < count; i++)
        if (entries[i].kind != NST_LIB_IMPL) load_entry(program, module, &entries[i], &pending);
    nst_collect_complete(program, &pending);
}

bool nst_library_declares(const NstModule *module, NstName name, NstLibKind kind) {
    const NstScope *scope = nst_module_scope(module);
    if (!scope->file_module) return false;
    size_t count;
    const NstLibEntry *entries = nst_library_find(scope->file_module, scope->space, nst_name_text(name), &count);
    for (size_t i = 0; i < count; i++)
        if (entries[i].kind == kind) return true;
    return false;
}

NstEntry *nst_library_entry(NstProgram *program, const NstLibEntry *entry) {
    NstModule *module = nst_library_module_of(program, entry->module, entry->space);
    return nst_module_entry(program, module, nst_name_z(entry->name));
}

void nst_library_load_impls(NstProgram *program, const NstTrait *trait) {
    NstResolver *resolver = program->resolver;
    for (size_t i = 0; i < resolver->impls_loaded.count; i++)
        if (resolver->impls_loaded.items[i] == trait->name) return;
    NST_APPEND(program, resolver->impls_loaded, trait->name);
    size_t count;
    const NstLibEntry *entries = nst_library_entries(&count);
    const char *name = nst_name_text(trait->name);
    for (size_t i = 0; i < count; i++) {
        if (entries[i].kind != NST_LIB_IMPL || strcmp(entries[i].name, name) != 0) continue;
        NstModule *module = nst_library_module_of(program, entries[i].module, entries[i].space);
        NstPending pending = {0};
        load_entry(program, module, &entries[i], &pending);
        nst_collect_complete(program, &pending);
    }
}

void nst_library_load_mvars(NstProgram *program) {
    NstResolver *resolver = program->resolver;
    for (size_t i = 0; i < resolver->modules.count; i++) { // loading may reach further modules
        NstModule *module = resolver->modules.items[i];
        const NstScope *scope = nst_module_scope(module);
        if (!module->library || *scope->space) continue;
        size_t count;
        const NstLibEntry *entries = nst_library_module(scope->file_module, "", &count);
        for (size_t k = 0; k < count; k++)
            if (entries[k].kind == NST_LIB_MVAR) nst_library_load(program, module, nst_name_z(entries[k].name));
    }
}
