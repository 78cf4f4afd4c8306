#include "frontend/scope.h"

#include "frontend/resolve_memo.h"
#include "frontend/scope_library.h"

// ---- Tables -----------------------------------------------------------------------------

static NstText join_path(NstProgram *program, const NstName *path, size_t path_len) {
    size_t size = 0, at = 0;
    for (size_t i = 0; i < path_len; i++) size += strlen(nst_name_text(path[i])) + 1;
    char *text = nst_arena_alloc(program->arena, size + 1);
    for (size_t i = 0; i < path_len; i++) {
        size_t length = strlen(nst_name_text(path[i]));
        if (i) text[at++] = '.';
        memcpy(text + at, nst_name_text(path[i]), length);
        at += length;
    }
    text[at] = '\0';
    return (NstText){text, at};
}

NstModule *nst_module_new(NstProgram *program, NstModule *parent, const NstName *path, size_t path_len) {
    NstModule *module = NST_NEW(program->arena, NstModule);
    module->parent = parent;
    module->path = nst_arena_copy(program->arena, path, path_len * sizeof *path);
    module->path_len = path_len;
    module->path_text = join_path(program, path, path_len);
    module->scope = NST_NEW(program->arena, NstScope);
    return module;
}

NstPart *nst_part_new(NstProgram *program, NstPart *parent, NstModule *module) {
    NstPart *part = NST_NEW(program->arena, NstPart);
    part->parent = parent;
    part->module = module;
    NST_APPEND(program, nst_module_scope(module)->parts, part);
    return part;
}

// The slot of the name: its entry, or the free slot where it belongs.
static NstEntry **table_slot(const NstEntryTable *table, NstName name) {
    size_t mask = table->capacity - 1;
    size_t i = (name * 2654435761u) & mask;
    while (table->slots[i] && table->slots[i]->name != name) i = (i + 1) & mask;
    return &table->slots[i];
}

static void table_grow(NstProgram *program, NstEntryTable *table) {
    NstEntryTable grown = {.capacity = table->capacity ? table->capacity * 2 : 16, .count = table->count};
    grown.slots = NST_NEW_ARRAY(program->arena, NstEntry *, grown.capacity);
    for (size_t i = 0; i < table->capacity; i++)
        if (table->slots[i]) *table_slot(&grown, table->slots[i]->name) = table->slots[i];
    *table = grown;
}

NstEntry *nst_entry_get(NstProgram *program, NstModule *module, NstName name) {
    NstScope *scope = nst_module_scope(module);
    if (scope->entries.count * 2 >= scope->entries.capacity) table_grow(program, &scope->entries);
    NstEntry **slot = table_slot(&scope->entries, name);
    if (*slot) return *slot;
    *slot = NST_NEW(program->arena, NstEntry);
    (*slot)->name = name;
    scope->entries.count++;
    NST_APPEND(program, scope->ordered, *slot);
    return *slot;
}

NstEntry *nst_entry_find(const NstModule *module, NstName name) {
    const NstEntryTable *table = &nst_module_scope(module)->entries;
    return table->capacity ? *table_slot(table, name) : NULL;
}

NstEntry *nst_module_entry(NstProgram *program, NstModule *module, NstName name) {
    if (module->library) nst_library_load(program, module, name);
    return nst_entry_find(module, name);
}

// ---- Visibility -------------------------------------------------------------------------

bool nst_module_inside(const NstModule *inner, const NstModule *outer) {
    while (inner && inner != outer) inner = inner->parent;
    return inner != NULL;
}

bool nst_accessible(bool public_, const NstModule *home, const NstModule *from) {
    return public_ || nst_module_inside(from, home);
}

static bool any_accessible_function(const NstFunction *const *functions, size_t count, const NstModule *home,
                                    const NstModule *from) {
    for (size_t i = 0; i < count; i++)
        if (nst_accessible(functions[i]->public_, home, from)) return true;
    return false;
}

static bool any_accessible_ctor(const NstEntry *entry, const NstModule *home, const NstModule *from) {
    for (size_t i = 0; i < entry->ctors.count; i++)
        if (nst_accessible(entry->ctors.items[i]->type->public_, home, from)) return true;
    return false;
}

static bool any_accessible_method(const NstEntry *entry, const NstModule *home, const NstModule *from) {
    for (size_t i = 0; i < entry->methods.count; i++)
        if (nst_accessible(entry->methods.items[i]->trait->public_, home, from)) return true;
    return false;
}

bool nst_entry_has(const NstEntry *entry, const NstModule *home, NstSpaceKind space, const NstModule *from) {
    switch (space) {
    case NST_SPACE_VALUE:
        return any_accessible_function((const NstFunction *const *)entry->functions.items, entry->functions.count, home,
                                       from) ||
               (entry->constant && nst_accessible(entry->constant->public_, home, from)) ||
               (entry->mvar && nst_accessible(entry->mvar->public_, home, from));
    case NST_SPACE_TYPE: return entry->type && nst_accessible(entry->type->public_, home, from);
    case NST_SPACE_TRAIT: return entry->trait && nst_accessible(entry->trait->public_, home, from);
    case NST_SPACE_CTOR: return any_accessible_ctor(entry, home, from);
    case NST_SPACE_METHOD: return any_accessible_method(entry, home, from);
    case NST_SPACE_MODULE: return entry->module && nst_accessible(entry->module->public_, home, from);
    case NST_SPACE_TEMPLATE: return entry->template_ && nst_accessible(false, home, from);
    }
    return false;
}

NstFunction *const *nst_entry_functions(NstProgram *program, const NstEntry *entry, const NstModule *home,
                                        const NstModule *from, size_t *count) {
    if (nst_module_inside(from, home)) {
        *count = entry->functions.count;
        return entry->functions.items;
    }
    NST_LIST(NstFunction *) public_ones = {0};
    for (size_t i = 0; i < entry->functions.count; i++)
        if (entry->functions.items[i]->public_) NST_APPEND(program, public_ones, entry->functions.items[i]);
    *count = public_ones.count;
    return public_ones.items;
}

// ---- Plain names ------------------------------------------------------------------------

static NstFound found_in(NstProgram *program, NstEntry *entry, NstModule *home, NstSpaceKind space,
                         const NstModule *from) {
    NstFound found = {.state = NST_FOUND, .entry = entry, .module = home};
    if (space == NST_SPACE_VALUE) {
        found.functions = nst_entry_functions(program, entry, home, from, &found.function_count);
    } else if (space == NST_SPACE_METHOD) {
        found.functions = entry->methods.items;
        found.function_count = entry->methods.count;
    }
    return found;
}

static const NstImport *find_import(const NstPart *part, NstName name) {
    for (size_t i = 0; i < part->imports.count; i++)
        if (part->imports.items[i]->name == name) return part->imports.items[i];
    return NULL;
}

// What an imported entry may mean: everything but mvars; items that came along only of their type or trait.
static bool source_has(const NstImportSource *source, const NstEntry *entry, NstSpaceKind space, const NstModule *from) {
    if (source->type && space != NST_SPACE_CTOR) return false;
    if (source->trait && space != NST_SPACE_METHOD) return false;
    if (space == NST_SPACE_VALUE && entry->mvar) return false;
    return nst_entry_has(entry, source->module, space, from);
}

// The entry of an imported name; a file or inline module of that path is part of it.
static NstEntry *source_entry(NstProgram *program, const NstImportSource *source) {
    return nst_module_entry(program, source->module, source->name);
}

static NstFound lookup_imports(NstProgram *program, const NstPart *part, NstName name, NstSpaceKind space) {
    const NstModule *from = part->module;
    const NstImport *import = find_import(part, name);
    bool silent = false;
    for (size_t i = 0; import && i < import->sources.count; i++) {
        const NstImportSource *source = &import->sources.items[i];
        if (!source->module) {
            silent = true;
            continue;
        }
        NstEntry *entry = source_entry(program, source);
        if (entry && source_has(source, entry, space, from)) return found_in(program, entry, source->module, space, from);
        // A private or missing item was reported at the `use`.
        if (!entry || nst_entry_has(entry, source->module, space, source->module)) silent = true;
    }
    for (size_t i = 0; i < part->stars.count; i++) {
        NstModule *module = part->stars.items[i];
        NstEntry *entry = nst_module_entry(program, module, name);
        NstImportSource source = {.module = module};
        if (entry && source_has(&source, entry, space, from)) return found_in(program, entry, module, space, from);
    }
    return (NstFound){.state = silent ? NST_FOUND_SILENT : NST_FOUND_NOTHING};
}

// The library's prelude entry of the name, or null.
static NstEntry *prelude_entry(NstProgram *program, NstName name, NstModule **module) {
    const NstMemo *before = nst_memo(program, NST_MEMO_PRELUDE, name, NULL);
    if (before->known) {
        *module = before->module;
        return (NstEntry *)before->items;
    }
    size_t count;
    const NstLibEntry *found = nst_library_prelude(nst_name_text(name), &count);
    NstEntry *entry = found ? nst_library_entry(program, found) : NULL;
    *module = found ? nst_library_module_of(program, found->module, found->space) : NULL;
    NstMemo *memo = nst_memo(program, NST_MEMO_PRELUDE, name, NULL);
    memo->known = true;
    memo->items = entry;
    memo->module = *module;
    return entry;
}

// The constructors of Json are visible everywhere, behind all others (json.md 1).
static NstFound lookup_json_ctor(NstProgram *program, NstName name) {
    NstModule *module = nst_library_has_module("stdlib.json") ? nst_library_module_of(program, "stdlib.json", "") : NULL;
    NstEntry *entry = module ? nst_module_entry(program, module, name) : NULL;
    if (entry && entry->ctors.count && strcmp(nst_name_text(entry->ctors.items[0]->type->name), "Json") == 0)
        return (NstFound){.state = NST_FOUND, .entry = entry, .module = module};
    return (NstFound){.state = NST_FOUND_NOTHING};
}

NstFound nst_lookup_prelude(NstProgram *program, NstName name, NstSpaceKind space) {
    NstModule *module;
    NstEntry *library = prelude_entry(program, name, &module);
    if (library && nst_entry_has(library, module, space, program->resolver->builtins))
        return found_in(program, library, module, space, program->resolver->builtins);
    NstModule *builtins = program->resolver->builtins;
    NstEntry *entry = nst_entry_find(builtins, name);
    if (entry && nst_entry_has(entry, builtins, space, builtins)) return found_in(program, entry, builtins, space, builtins);
    return space == NST_SPACE_CTOR ? lookup_json_ctor(program, name) : (NstFound){.state = NST_FOUND_NOTHING};
}

// A name that nothing declares: it may be private in a module imported with *, or come from a failed `use M.*`.
static NstFound lookup_hidden(NstProgram *program, const NstPart *part, NstName name, NstSpaceKind space) {
    bool failed = false;
    for (; part; part = part->parent) {
        failed |= part->failed_star;
        for (size_t i = 0; i < part->stars.count; i++) {
            NstModule *module = part->stars.items[i];
            NstEntry *entry = nst_module_entry(program, module, name);
            if (entry && !(space == NST_SPACE_VALUE && entry->mvar) && nst_entry_has(entry, module, space, module))
                return (NstFound){.state = NST_FOUND_PRIVATE, .entry = entry, .module = module};
        }
    }
    return (NstFound){.state = failed ? NST_FOUND_SILENT : NST_FOUND_NOTHING};
}

NstFound nst_lookup(NstProgram *program, const NstPart *part, NstName name, NstSpaceKind space) {
    bool silent = false;
    for (const NstPart *level = part; level; level = level->parent) {
        NstModule *module = level->module;
        NstEntry *entry = nst_module_entry(program, module, name);
        if (entry && nst_entry_has(entry, module, space, module)) return found_in(program, entry, module, space, module);
        NstFound found = lookup_imports(program, level, name, space);
        if (found.state == NST_FOUND) return found;
        silent |= found.state == NST_FOUND_SILENT;
    }
    if (silent) return (NstFound){.state = NST_FOUND_SILENT};
    NstFound found = nst_lookup_prelude(program, name, space);
    return found.state == NST_FOUND ? found : lookup_hidden(program, part, name, space);
}

// ---- Constructors -----------------------------------------------------------------------

typedef struct CtorList {
    NST_LIST(NstCtor *) list;
} CtorList;

static void add_ctor(NstProgram *program, CtorList *out, NstCtor *ctor) {
    for (size_t i = 0; i < out->list.count; i++)
        if (out->list.items[i] == ctor) return;
    NST_APPEND(program, out->list, ctor);
}

// The entry's constructors, the type declared last first.
static void add_entry_ctors(NstProgram *program, CtorList *out, const NstEntry *entry, const NstModule *home,
                            const NstModule *from, const NstTypeDecl *only) {
    for (size_t i = entry->ctors.count; i-- > 0;) {
        NstCtor *ctor = entry->ctors.items[i];
        if ((!only || ctor->type == only) && nst_accessible(ctor->type->public_, home, from)) add_ctor(program, out, ctor);
    }
}

static void add_imported_ctors(NstProgram *program, CtorList *out, const NstPart *part, NstName name) {
    const NstImport *import = find_import(part, name);
    for (size_t i = 0; import && i < import->sources.count; i++) {
        const NstImportSource *source = &import->sources.items[i];
        if (!source->module || source->trait) continue;
        const NstEntry *entry = source_entry(program, source);
        if (entry) add_entry_ctors(program, out, entry, source->module, part->module, source->type);
    }
    for (size_t i = 0; i < part->stars.count; i++) {
        NstModule *module = part->stars.items[i];
        const NstEntry *entry = nst_module_entry(program, module, name);
        if (entry) add_entry_ctors(program, out, entry, module, part->module, NULL);
    }
}

static bool several_modules(const CtorList *list) {
    for (size_t i = 1; i < list->list.count; i++)
        if (list->list.items[i]->type->module != list->list.items[0]->type->module) return true;
    return false;
}

NstCtorSet nst_lookup_ctors(NstProgram *program, const NstPart *part, NstName name) {
    CtorList out = {0};
    bool ambiguous = false;
    for (const NstPart *level = part; level; level = level->parent) {
        const NstEntry *entry = nst_module_entry(program, level->module, name);
        if (entry) add_entry_ctors(program, &out, entry, level->module, level->module, NULL);
        size_t nearer = out.list.count;
        add_imported_ctors(program, &out, level, name);
        if (nearer == 0) ambiguous = several_modules(&out);
    }
    if (out.list.count == 0) {
        NstFound found = nst_lookup_prelude(program, name, NST_SPACE_CTOR);
        if (found.state == NST_FOUND)
            add_entry_ctors(program, &out, found.entry, found.module, program->resolver->builtins, NULL);
    }
    return (NstCtorSet){out.list.items, out.list.count, ambiguous};
}

// ---- Modules ----------------------------------------------------------------------------

static NstModule *find_file(const NstProgram *program, const NstIdent *path, size_t len) {
    for (size_t i = 0; i < program->file_count; i++) {
        const NstFile *file = &program->files[i];
        if (!file->nameable || file->path_len != len || len == 0 || !file->module) continue;
        size_t same = 0;
        while (same < len && file->path[same] == path[same].name) same++;
        if (same == len) return file->module;
    }
    return NULL;
}

static NstModule *find_library_file(NstProgram *program, const NstIdent *path, size_t len) {
    if (path[0].name != program->resolver->name_stdlib) return NULL;
    const char *text = nst_name_text(path[0].name);
    for (size_t i = 1; i < len; i++) text = nst_arena_printf(program->arena, "%s.%s", text, nst_name_text(path[i].name));
    return nst_library_has_module(text) ? nst_library_module_of(program, text, "") : NULL;
}

static NstModule *inline_module(NstProgram *program, NstModule *outer, NstName name) {
    if (outer->library && !nst_library_declares(outer, name, NST_LIB_SPACE)) return NULL;
    const NstEntry *entry = nst_module_entry(program, outer, name);
    return entry ? entry->module : NULL;
}

// Goes down inline modules from `module` along the segments; null if one is missing.
static NstModule *descend(NstProgram *program, NstModule *module, const NstIdent *path, size_t len) {
    for (size_t i = 0; module && i < len; i++) module = inline_module(program, module, path[i].name);
    return module;
}

NstModule *nst_find_module(NstProgram *program, const NstIdent *path, size_t len) {
    for (size_t file_len = len; file_len > 0; file_len--) {
        NstModule *file = find_file(program, path, file_len);
        if (!file) file = find_library_file(program, path, file_len);
        NstModule *found = file ? descend(program, file, path + file_len, len - file_len) : NULL;
        if (found) return found;
    }
    // A single-file program's inline modules are below the root module, whose path is empty.
    for (size_t i = 0; i < program->file_count; i++)
        if (program->files[i].path_len == 0 && program->files[i].module)
            return descend(program, program->files[i].module, path, len);
    return NULL;
}

// The file module that contains the module.
static const NstModule *file_module(const NstModule *module) {
    while (module->parent) module = module->parent;
    return module;
}

static bool used_by_path(const NstPart *part, const NstModule *module) {
    for (; part; part = part->parent)
        for (size_t i = 0; i < part->used.count; i++)
            if (part->used.items[i] == module) return true;
    return false;
}

// A file may name itself without a `use`.
static bool permitted(const NstPart *part, const NstModule *module) {
    return file_module(part->module) == file_module(module) || used_by_path(part, module) ||
           used_by_path(part, file_module(module));
}

// An inline module may be named where it is visible, and wherever a `use` has its path.
static bool all_visible(const NstModule *module, const NstPart *part) {
    for (; module->parent; module = module->parent)
        if (!nst_accessible(module->public_, module->parent, part->module) && !used_by_path(part, module)) return false;
    return true;
}

// The longest way down from `module`, which segments[0] already names.
static NstPath descend_longest(NstProgram *program, NstModule *module, const NstPart *part, const NstIdent *segments,
                               size_t max) {
    size_t len = 1;
    while (len < max) {
        NstModule *next = inline_module(program, module, segments[len].name);
        if (!next) break;
        module = next;
        len++;
    }
    NstPathState state = all_visible(module, part) ? NST_PATH_MODULE : NST_PATH_PRIVATE;
    return (NstPath){state, module, len};
}

// Steps 2 and 3 of modules.md 3.3: inline modules of the current and enclosing modules, then imported module names.
static NstPath lookup_short_path(NstProgram *program, const NstPart *part, const NstIdent *segments, size_t max) {
    for (const NstPart *level = part; level; level = level->parent) {
        NstModule *module = inline_module(program, level->module, segments[0].name);
        if (module) return descend_longest(program, module, part, segments, max);
    }
    for (const NstPart *level = part; level; level = level->parent) {
        NstFound found = lookup_imports(program, level, segments[0].name, NST_SPACE_MODULE);
        if (found.state == NST_FOUND) return descend_longest(program, found.entry->module, part, segments, max);
        const NstImport *import = find_import(level, segments[0].name);
        for (size_t i = 0; import && i < import->sources.count; i++) {
            const NstImportSource *source = &import->sources.items[i];
            if (!source->module) return (NstPath){NST_PATH_SILENT, NULL, 1};
            // `use shop.cart` where shop.cart is a file: the module itself is the source's meaning.
            if (source->name == 0) return descend_longest(program, source->module, part, segments, max);
        }
    }
    return (NstPath){NST_PATH_NONE, NULL, 0};
}

// Step 4: absolute paths, the longest first.
static NstPath lookup_absolute(NstProgram *program, const NstPart *part, const NstIdent *segments, size_t max) {
    NstPath refused = {NST_PATH_NONE, NULL, 0};
    for (size_t len = max; len > 0; len--) {
        NstModule *module = find_file(program, segments, len);
        if (!module) module = find_library_file(program, segments, len);
        if (!module) continue;
        size_t below = len;
        while (below < max) {
            NstModule *next = inline_module(program, module, segments[below].name);
            if (!next) break;
            module = next;
            below++;
        }
        if (permitted(part, module))
            return (NstPath){all_visible(module, part) ? NST_PATH_MODULE : NST_PATH_PRIVATE, module, below};
        if (!refused.module) refused = (NstPath){NST_PATH_NOT_IMPORTED, module, below};
    }
    return refused;
}

NstPath nst_lookup_path(NstProgram *program, const NstPart *part, const NstIdent *segments, size_t max) {
    NstPath path = lookup_short_path(program, part, segments, max);
    if (path.state == NST_PATH_NONE) path = lookup_absolute(program, part, segments, max);
    if (path.state == NST_PATH_NONE || path.state == NST_PATH_NOT_IMPORTED) {
        NstModule *space = nst_library_space(program, segments[0].name);
        if (space) return (NstPath){NST_PATH_SPACE, space, 1};
    }
    return path;
}

const char *nst_module_display(const NstModule *module) {
    return module->path_len ? module->path_text.data : "main";
}
