#include "frontend/resolve_use.h"

#include "frontend/library.h"
#include "frontend/resolve_report.h"
#include "frontend/scope.h"
#include "frontend/scope_library.h"

// ---- Entering ---------------------------------------------------------------------------

static NstImport *import_of(NstProgram *program, NstPart *part, NstName name) {
    for (size_t i = 0; i < part->imports.count; i++)
        if (part->imports.items[i]->name == name) return part->imports.items[i];
    NstImport *import = NST_NEW(program->arena, NstImport);
    import->name = name;
    NST_APPEND(program, part->imports, import);
    return import;
}

static void add_source(NstProgram *program, NstPart *part, NstName name, NstImportSource source) {
    NstImport *import = import_of(program, part, name);
    NST_APPEND(program, import->sources, source);
}

static void add_used(NstProgram *program, NstPart *part, NstModule *module) {
    for (size_t i = 0; i < part->used.count; i++)
        if (part->used.items[i] == module) return;
    NST_APPEND(program, part->used, module);
}

// The module with the path of `item->use.path` extended by `name`; null if there is none.
static NstModule *submodule(NstProgram *program, const NstItem *item, NstIdent name) {
    size_t len = item->use.path_len;
    NstIdent *path = NST_NEW_ARRAY(program->arena, NstIdent, len + 1);
    memcpy(path, item->use.path, len * sizeof *path);
    path[len] = name;
    return nst_find_module(program, path, len + 1);
}

// A type brings its constructors, a trait its methods, under their own names.
static void add_companions(NstProgram *program, NstPart *part, NstModule *module, const NstEntry *entry) {
    const NstTypeDecl *type = entry->type;
    for (size_t i = 0; type && i < type->ctor_count; i++)
        if (type->ctors[i]->name != type->name)
            add_source(program, part, type->ctors[i]->name, (NstImportSource){module, type->ctors[i]->name, type, NULL});
    const NstTrait *trait = entry->trait;
    for (size_t i = 0; trait && i < trait->method_count; i++)
        add_source(program, part, trait->methods[i]->name,
                   (NstImportSource){module, trait->methods[i]->name, NULL, trait});
}

static void enter_name(NstProgram *program, NstPart *part, const NstItem *item, NstModule *module,
                       const NstUseItem *use) {
    NstName name = use->alias.name ? use->alias.name : use->name.name;
    NstModule *below = submodule(program, item, use->name);
    if (below) {
        add_source(program, part, name, (NstImportSource){below, 0, NULL, NULL});
        add_used(program, part, below);
    }
    if (!module) {
        if (!below) add_source(program, part, name, (NstImportSource){NULL, use->name.name, NULL, NULL});
        return;
    }
    NstImportSource source = {module, use->name.name, NULL, NULL};
    // Functions of the library have no companions; they are loaded when they are used.
    if (nst_library_declares(module, use->name.name, NST_LIB_FUNCTION)) {
        add_source(program, part, name, source);
        return;
    }
    const NstEntry *entry = nst_module_entry(program, module, use->name.name);
    if (!entry && below) return;
    add_source(program, part, name, source);
    if (entry) add_companions(program, part, module, entry);
}

// A project directory without a file of its own is a module without items (modules.md 1.2); so is `stdlib`.
static bool is_directory_module(const NstProgram *program, const NstIdent *path, size_t len) {
    if (len == 1 && strcmp(nst_name_text(path[0].name), "stdlib") == 0) return true;
    for (size_t i = 0; i < program->file_count; i++) {
        const NstFile *file = &program->files[i];
        if (file->path_len <= len) continue;
        size_t same = 0;
        while (same < len && file->path[same] == path[same].name) same++;
        if (same == len) return true;
    }
    return false;
}

static void enter_use(NstProgram *program, NstPart *part, NstItem *item) {
    NstModule *module = nst_find_module(program, item->use.path, item->use.path_len);
    if (module) add_used(program, part, module);
    else if (!is_directory_module(program, item->use.path, item->use.path_len)) {
        nst_report_unknown_module(program, item->use.path, item->use.path_len);
        part->failed_star |= item->use.all;
    }
    if (item->use.all && module) NST_APPEND(program, part->stars, module);
    for (size_t i = 0; i < item->use.item_count; i++) enter_name(program, part, item, module, &item->use.items[i]);
}

void nst_use_enter(NstProgram *program, NstPart *part) {
    for (size_t i = 0; i < part->uses.count; i++) enter_use(program, part, part->uses.items[i]);
}

// ---- Checking single items --------------------------------------------------------------

// What the entry has that `from` may import; kinds in `spaces` order.
static const NstSpaceKind importable[] = {NST_SPACE_VALUE, NST_SPACE_TYPE,   NST_SPACE_TRAIT,
                                          NST_SPACE_CTOR,  NST_SPACE_METHOD, NST_SPACE_MODULE};
enum { IMPORTABLE_COUNT = sizeof importable / sizeof *importable };

static bool has_any(const NstEntry *entry, const NstModule *home, const NstModule *from) {
    for (size_t i = 0; i < IMPORTABLE_COUNT; i++) {
        if (importable[i] == NST_SPACE_VALUE && entry->mvar) continue;
        if (nst_entry_has(entry, home, importable[i], from)) return true;
    }
    return false;
}

static void check_name(NstProgram *program, const NstPart *part, const NstItem *item, NstModule *module,
                       const NstUseItem *use) {
    NstModule *below = submodule(program, item, use->name);
    if (below && nst_accessible(below->public_ || !below->parent, below->parent, part->module)) return;
    const NstEntry *entry = module ? nst_module_entry(program, module, use->name.name) : NULL;
    if (entry && has_any(entry, module, part->module)) return;
    const char *name = nst_name_text(use->name.name);
    NstText path = module ? module->path_text : (NstText){"", 0};
    const char *display = path.size ? path.data : nst_name_text(item->use.path[0].name);
    bool exists = below || (entry && has_any(entry, module, module));
    if (exists)
        nst_diag_add(program->diags, NST_DIAG_PRIVATE_ACCESS, use->name.span, "`%s` is private in module `%s`", name,
                     display);
    else
        nst_diag_add(program->diags, NST_DIAG_UNKNOWN_NAME, use->name.span, "`%s` is not defined in module `%s`", name,
                     display);
}

// ---- Conflicts --------------------------------------------------------------------------

// One name that some use item of the part brings in.
typedef struct Brought {
    NstName name;        // in the importing module
    NstModule *module;
    NstName original;
} Brought;

typedef struct BroughtTable {
    NST_LIST(Brought) list;
    int *slots;          // open addressing by name: first index in `list` with that name, or -1; others follow by `next`
    size_t capacity;
    NST_LIST(int) next;
} BroughtTable;

static bool same_space(NstProgram *program, const Brought *a, const Brought *b, const NstModule *from) {
    const NstEntry *left = nst_module_entry(program, a->module, a->original);
    const NstEntry *right = nst_module_entry(program, b->module, b->original);
    if (!left || !right) return false;
    static const NstSpaceKind spaces[] = {NST_SPACE_VALUE, NST_SPACE_TYPE, NST_SPACE_TRAIT, NST_SPACE_MODULE};
    for (size_t i = 0; i < sizeof spaces / sizeof *spaces; i++) {
        if (spaces[i] == NST_SPACE_VALUE && (left->mvar || right->mvar)) continue;
        if (nst_entry_has(left, a->module, spaces[i], from) && nst_entry_has(right, b->module, spaces[i], from)) return true;
    }
    return false;
}

static bool declares(const NstModule *module, NstName name) {
    const NstEntry *own = nst_entry_find(module, name);
    return own && has_any(own, module, module);
}

static int *brought_slot(const BroughtTable *table, NstName name) {
    size_t mask = table->capacity - 1;
    size_t i = (name * 2654435761u) & mask;
    while (table->slots[i] >= 0 && table->list.items[table->slots[i]].name != name) i = (i + 1) & mask;
    return &table->slots[i];
}

static void grow_slots(NstProgram *program, BroughtTable *table) {
    table->capacity = table->capacity ? table->capacity * 4 : 256;
    table->slots = NST_NEW_ARRAY(program->arena, int, table->capacity);
    memset(table->slots, 0xff, table->capacity * sizeof *table->slots);
    for (size_t i = 0; i < table->list.count; i++) {
        int *slot = brought_slot(table, table->list.items[i].name);
        table->next.items[i] = *slot;
        *slot = (int)i;
    }
}

static void bring(NstProgram *program, const NstPart *part, BroughtTable *table, Brought brought, NstSpan span) {
    if (table->list.count * 2 >= table->capacity) grow_slots(program, table);
    int *slot = brought_slot(table, brought.name);
    for (int i = *slot; i >= 0; i = table->next.items[i]) {
        const Brought *earlier = &table->list.items[i];
        if (earlier->module == brought.module && earlier->original == brought.original) return;
        if (declares(part->module, brought.name) || !same_space(program, earlier, &brought, part->module)) continue;
        nst_diag_add(program->diags, NST_DIAG_IMPORT_CONFLICT, span,
                     "import conflict: `%s` is imported from both `%s` and `%s`", nst_name_text(brought.name),
                     nst_module_display(earlier->module), nst_module_display(brought.module));
        return;
    }
    NST_APPEND(program, table->list, brought);
    NST_APPEND(program, table->next, *slot);
    *slot = (int)table->list.count - 1;
}

static void bring_all(NstProgram *program, const NstPart *part, BroughtTable *table, NstModule *module, NstSpan span) {
    const NstScope *scope = nst_module_scope(module);
    if (!scope->file_module) {
        for (size_t i = 0; i < scope->ordered.count; i++) {
            NstName name = scope->ordered.items[i]->name;
            bring(program, part, table, (Brought){name, module, name}, span);
        }
        return;
    }
    size_t count;
    const NstLibEntry *entries = nst_library_module(scope->file_module, scope->space, &count);
    for (size_t i = 0; i < count; i++) {
        if (!(entries[i].flags & NST_LIB_PUBLIC) || entries[i].kind == NST_LIB_IMPL || entries[i].kind == NST_LIB_USE) continue;
        NstName name = nst_name_z(entries[i].name);
        bring(program, part, table, (Brought){name, module, name}, span);
    }
}

void nst_use_check(NstProgram *program, const NstPart *part) {
    BroughtTable table = {0};
    for (size_t i = 0; i < part->uses.count; i++) {
        const NstItem *item = part->uses.items[i];
        NstModule *module = nst_find_module(program, item->use.path, item->use.path_len);
        bool exists = module || is_directory_module(program, item->use.path, item->use.path_len);
        for (size_t j = 0; exists && j < item->use.item_count; j++) {
            const NstUseItem *use = &item->use.items[j];
            check_name(program, part, item, module, use);
            NstName name = use->alias.name ? use->alias.name : use->name.name;
            if (module) bring(program, part, &table, (Brought){name, module, use->name.name}, use->name.span);
        }
        if (module && item->use.all) bring_all(program, part, &table, module, item->span);
    }
}
