// Host tool: turns the standard library's source into the tables of library_data.h and the runtime's primitive table.
//
//     stdlib_index LIBRARY.c PRIMITIVES.c FILE.nos ...
//
// It parses with the product's own parser, so the index can never disagree with the language. A library that does not
// parse, declares a prelude name in two modules, or a primitive with two arities stops the build.

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "frontend/diag.h"
#include "frontend/library_data.h"
#include "frontend/parse.h"
#include "frontend/source.h"

// The tool links the frontend without a library.
const NstLibFile nst_lib_files[1] = { { "", "", "", 0 } };
const uint32_t nst_lib_file_count = 0;
const NstLibEntry nst_lib_entries[1] = { { "", "", "", "", NST_LIB_USE, 0, 0, 0, 0, 0 } };
const uint32_t nst_lib_entry_count = 0;
const uint32_t nst_lib_prelude[1] = { 0 };
const uint32_t nst_lib_prelude_count = 0;
const uint32_t nst_lib_methods[1] = { 0 };
const uint32_t nst_lib_method_count = 0;
const uint32_t nst_lib_space_items[1] = { 0 };
const uint32_t nst_lib_space_item_count = 0;

typedef struct Primitive {
    const char *name;
    uint32_t params;
} Primitive;

typedef struct Index {
    NstArena arena;
    NstSources *sources;
    NstDiags *diags;
    NstLibEntry *entries;
    size_t count, capacity;
    NstLibFile *files;
    size_t file_count, file_capacity;
    Primitive *primitives;
    size_t primitive_count, primitive_capacity;
} Index;

static _Noreturn void die(const char *format, const char *text) {
    fprintf(stderr, "stdlib_index: ");
    fprintf(stderr, format, text); // formats are literals of this file
    fputc('\n', stderr);
    exit(1);
}

// ---- Collecting -------------------------------------------------------------------------

typedef struct Place {
    const char *module, *space;
    uint32_t file, start, end;
} Place;

static bool is_prelude_module(const char *module) {
    return strcmp(module, "stdlib.list") == 0 || strcmp(module, "stdlib.io") == 0 || strcmp(module, "stdlib.traits") == 0;
}

static void add(Index *index, const Place *at, NstLibKind kind, const char *name, const char *owner, uint32_t flags,
                uint32_t params) {
    if ((flags & NST_LIB_PUBLIC) && !*at->space && is_prelude_module(at->module)) flags |= NST_LIB_PRELUDE;
    NstLibEntry entry = { at->module, at->space, name, owner, kind, flags, at->file, at->start, at->end, params };
    NST_PUSH(&index->arena, index->entries, index->count, index->capacity, entry);
}

static bool is_param(const NstClause *clause, NstName name) {
    for (size_t i = 0; i < clause->type_param_count; i++)
        if (clause->type_params[i].name.name == name) return true;
    const char *text = nst_name_text(name);
    return text[0] && !text[1]; // a single letter
}

// The type constructor of an annotation; "" for a variable.
static const char *constructor_of(const NstTypeExpr *type, const NstClause *clause) {
    if (!type) return "";
    switch (type->kind) {
    case NST_TEXPR_NAME: {
        NstName last = type->path[type->path_len - 1].name;
        return clause && type->path_len == 1 && is_param(clause, last) ? "" : nst_name_text(last);
    }
    case NST_TEXPR_LIST: return "List";
    case NST_TEXPR_TUPLE: return "(,)";
    case NST_TEXPR_FUN: return "->";
    default: return "";
    }
}

static uint32_t decorator_flags(const NstItem *item) {
    uint32_t flags = 0;
    for (size_t i = 0; i < item->decorator_count; i++) {
        const char *name = nst_name_text(item->decorators[i].name.name);
        if (strcmp(name, "method") == 0) flags |= NST_LIB_METHOD_ONLY | NST_LIB_METHOD;
        else if (strcmp(name, "builtin") == 0) flags |= NST_LIB_BUILTIN;
        else if (strcmp(name, "redefinable") == 0) flags |= NST_LIB_REDEFINABLE;
        else if (strcmp(name, "special") != 0) die("unknown decorator @%s", name);
    }
    return flags;
}

static void add_function(Index *index, const Place *at, const NstItem *item) {
    const NstClause *clause = item->clause;
    bool is_extern = item->kind == NST_ITEM_EXTERN;
    uint32_t flags = decorator_flags(item) | (item->public_ ? NST_LIB_PUBLIC : 0u) | (is_extern ? NST_LIB_EXTERN : 0u);
    const char *owner = constructor_of(clause->param_count ? clause->params[0].annotation : NULL, clause);
    bool in_own_space = *at->space && strcmp(at->space, owner) == 0;
    bool prelude = !*at->space && is_prelude_module(at->module);
    if (item->public_ && clause->param_count && (in_own_space || prelude)) flags |= NST_LIB_METHOD;
    add(index, at, NST_LIB_FUNCTION, nst_name_text(clause->name.name), owner, flags, (uint32_t)clause->param_count);
    if (is_extern) {
        Primitive primitive = { nst_arena_strndup(&index->arena, clause->extern_name.data, clause->extern_name.size),
                                (uint32_t)clause->param_count };
        NST_PUSH(&index->arena, index->primitives, index->primitive_count, index->primitive_capacity, primitive);
    }
}

static void add_item(Index *index, const Place *at, const NstItem *item);

static void add_items(Index *index, const Place *around, NstItem *const *items, size_t count, uint32_t start) {
    for (size_t i = 0; i < count; i++) {
        NstFileRange range;
        if (!nst_file_range(index->sources, items[i]->span, &range)) die("%s: an item without a place", around->module);
        // From the end of the item before: documentation and decorators belong to the item.
        Place at = { around->module, around->space, around->file, start, range.end };
        add_item(index, &at, items[i]);
        start = range.end;
    }
}

static void add_item(Index *index, const Place *at, const NstItem *item) {
    uint32_t flags = item->public_ ? NST_LIB_PUBLIC : 0;
    const char *name = item->name.name ? nst_name_text(item->name.name) : "";
    switch (item->kind) {
    case NST_ITEM_FUNCTION:
    case NST_ITEM_EXTERN: add_function(index, at, item); break;
    case NST_ITEM_TYPE:
        add(index, at, NST_LIB_TYPE, name, "", flags, 0);
        for (size_t i = 0; i < item->type.ctor_count && item->type.body == NST_BODY_VARIANT; i++)
            add(index, at, NST_LIB_CTOR, nst_name_text(item->type.ctors[i].name.name), name, flags, 0);
        if (item->type.body == NST_BODY_RECORD) add(index, at, NST_LIB_CTOR, name, name, flags, 0);
        break;
    case NST_ITEM_TRAIT:
        add(index, at, NST_LIB_TRAIT, name, "", flags, 0);
        for (size_t i = 0; i < item->trait.method_count; i++)
            add(index, at, NST_LIB_TRAIT_METHOD, nst_name_text(item->trait.methods[i]->name.name), name, flags, 0);
        break;
    case NST_ITEM_IMPL:
        add(index, at, NST_LIB_IMPL, nst_name_text(item->impl.trait.name), constructor_of(item->impl.head, NULL), flags, 0);
        break;
    case NST_ITEM_USE: add(index, at, NST_LIB_USE, "", "", 0, 0); break;
    case NST_ITEM_CONST:
    case NST_ITEM_BINDING: add(index, at, NST_LIB_VALUE, name, "", flags, 0); break;
    case NST_ITEM_MVAR: add(index, at, NST_LIB_MVAR, name, "", flags, 0); break;
    case NST_ITEM_TEMPLATE: add(index, at, NST_LIB_TEMPLATE, nst_name_text(item->clause->name.name), "", flags, 0); break;
    case NST_ITEM_MODULE: {
        if (*at->space) die("%s: namespaces do not nest", at->module);
        Place space = { at->module, at->space, at->file, at->end, at->end };
        add(index, &space, NST_LIB_SPACE, name, "", flags, 0);
        // Its first item begins behind the word `module`, the name and the line's end.
        NstFileRange range;
        nst_file_range(index->sources, item->name.span, &range);
        Place inside = { at->module, name, at->file, 0, 0 };
        add_items(index, &inside, item->module.items, item->module.item_count, range.end);
        break;
    }
    case NST_ITEM_TEST:
    case NST_ITEM_EXTERN_TYPE:
    case NST_ITEM_ERROR: break;
    }
}

static void read_library_file(Index *index, const char *path) {
    FILE *file = fopen(path, "rb");
    if (!file) die("cannot read %s", path);
    char *text = NULL;
    size_t size = 0, capacity = 0;
    for (;;) {
        if (size == capacity) text = nst_realloc(text, capacity = capacity ? capacity * 2 : 65536);
        size_t got = fread(text + size, 1, capacity - size, file);
        if (!got) break;
        size += got;
    }
    fclose(file);
    const char *slash = strrchr(path, '/');
    const char *base = slash ? slash + 1 : path;
    size_t stem = strlen(base) - strlen(".nos");
    NstLibFile entry = { nst_arena_printf(&index->arena, "stdlib.%.*s", (int)stem, base),
                         nst_arena_printf(&index->arena, "stdlib/%s", base),
                         nst_arena_strndup(&index->arena, text, size), (uint32_t)size };
    free(text);
    uint32_t number = (uint32_t)index->file_count;
    NST_PUSH(&index->arena, index->files, index->file_count, index->file_capacity, entry);
    uint32_t source = nst_sources_add_file(index->sources, path, entry.text, size);
    NstFileAst *ast = nst_parse_file(index->sources, source, &index->arena, index->diags);
    Place place = { entry.module, "", number, 0, 0 };
    add_items(index, &place, ast->items, ast->item_count, 0);
}

// ---- Writing ----------------------------------------------------------------------------

static int compare_entries(const void *a, const void *b) {
    const NstLibEntry *l = a, *r = b;
    int order = strcmp(l->module, r->module);
    if (!order) order = strcmp(l->space, r->space);
    if (!order) order = strcmp(l->name, r->name);
    if (!order) order = (l->start > r->start) - (l->start < r->start);
    return order;
}

static const NstLibEntry *sorted; // qsort has no context

static int compare_by_name(const void *a, const void *b) {
    uint32_t l = *(const uint32_t *)a, r = *(const uint32_t *)b;
    int order = strcmp(sorted[l].name, sorted[r].name);
    return order ? order : (l > r) - (l < r);
}

static int compare_by_space(const void *a, const void *b) {
    uint32_t l = *(const uint32_t *)a, r = *(const uint32_t *)b;
    int order = strcmp(sorted[l].space, sorted[r].space);
    return order ? order : compare_by_name(a, b);
}

static int compare_primitives(const void *a, const void *b) {
    return strcmp(((const Primitive *)a)->name, ((const Primitive *)b)->name);
}

static void write_text(FILE *out, const char *text, size_t size) {
    fputs("    \"", out);
    for (size_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c == '\n') fputs(i + 1 < size ? "\\n\"\n    \"" : "\\n", out);
        else if (c == '"' || c == '\\') fprintf(out, "\\%c", c);
        else if (c == '?') fputs("\\?", out);
        else if (c < 0x20 || c >= 0x7f) fprintf(out, "\\%03o", c);
        else fputc(c, out);
    }
    fputs("\"", out);
}

typedef bool Selects(const NstLibEntry *entry);
static bool is_prelude(const NstLibEntry *e) { return (e->flags & NST_LIB_PRELUDE) != 0; }
static bool is_method(const NstLibEntry *e) { return (e->flags & NST_LIB_METHOD) != 0; }
static bool is_space_item(const NstLibEntry *e) { return *e->space != 0; }

static void write_order(FILE *out, const Index *index, const char *name, const char *count_name, Selects *selects,
                        int (*compare)(const void *, const void *), bool one_module) {
    uint32_t *order = nst_calloc(index->count + 1, sizeof *order);
    size_t count = 0;
    for (size_t i = 0; i < index->count; i++)
        if (selects(&index->entries[i])) order[count++] = (uint32_t)i;
    sorted = index->entries;
    if (count) qsort(order, count, sizeof *order, compare);
    for (size_t i = 1; one_module && i < count; i++) {
        const NstLibEntry *l = &sorted[order[i - 1]], *r = &sorted[order[i]];
        if (strcmp(l->name, r->name) == 0 && strcmp(l->space, r->space) == 0 && strcmp(l->module, r->module) != 0 &&
            l->kind == r->kind && l->kind != NST_LIB_USE && l->kind != NST_LIB_IMPL)
            die("declared in two library modules: %s", l->name);
    }
    fprintf(out, "const uint32_t nst_lib_%s = %zu;\nconst uint32_t nst_lib_%s[] = {\n", count_name, count, name);
    for (size_t i = 0; i < count; i++) fprintf(out, "%u,%s", order[i], i % 16 == 15 ? "\n" : " ");
    fputs("0 };\n", out);
    free(order);
}

static FILE *create(const char *path) {
    FILE *out = fopen(path, "w");
    if (!out) die("cannot write %s", path);
    return out;
}

static void close_checked(FILE *out, const char *path) {
    if (ferror(out) | fclose(out)) die("cannot write %s", path);
}

static void write_library(const Index *index, const char *path) {
    FILE *out = create(path);
    fputs("// Generated by frontend/tools/stdlib_index.c.\n#include \"frontend/library_data.h\"\n\n", out);
    fprintf(out, "const uint32_t nst_lib_file_count = %zu;\nconst NstLibFile nst_lib_files[] = {\n", index->file_count);
    for (size_t i = 0; i < index->file_count; i++) {
        const NstLibFile *file = &index->files[i];
        fprintf(out, "  { \"%s\", \"%s\",\n", file->module, file->path);
        write_text(out, file->text, file->size);
        fprintf(out, ", %u },\n", file->size);
    }
    fprintf(out, "  { 0, 0, 0, 0 } };\n\nconst uint32_t nst_lib_entry_count = %zu;\nconst NstLibEntry nst_lib_entries[] = {\n",
            index->count);
    for (size_t i = 0; i < index->count; i++) {
        const NstLibEntry *e = &index->entries[i];
        fprintf(out, "  { \"%s\", \"%s\", \"%s\", \"%s\", (NstLibKind)%d, %u, %u, %u, %u, %u },\n", e->module, e->space, e->name,
                e->owner, (int)e->kind, e->flags, e->file, e->start, e->end, e->params);
    }
    fputs("  { 0, 0, 0, 0, (NstLibKind)0, 0, 0, 0, 0, 0 } };\n\n", out);
    write_order(out, index, "prelude", "prelude_count", is_prelude, compare_by_name, true);
    write_order(out, index, "methods", "method_count", is_method, compare_by_name, false);
    write_order(out, index, "space_items", "space_item_count", is_space_item, compare_by_space, true);
    close_checked(out, path);
}

static void write_primitives(Index *index, const char *path) {
    FILE *out = create(path);
    if (index->primitive_count)
        qsort(index->primitives, index->primitive_count, sizeof *index->primitives, compare_primitives);
    size_t kept = 0;
    for (size_t i = 0; i < index->primitive_count; i++) {
        const Primitive *p = &index->primitives[i];
        if (kept && strcmp(index->primitives[kept - 1].name, p->name) == 0) {
            if (index->primitives[kept - 1].params != p->params) die("primitive with two arities: %s", p->name);
            continue;
        }
        index->primitives[kept++] = *p;
    }
    fputs("// Generated by frontend/tools/stdlib_index.c.\n#include \"runtime/prim.h\"\n\n", out);
    for (size_t i = 0; i < kept; i++)
        fprintf(out, "NstPrimStatus nst_p_%s(NstProcess *, NstValue *);\n", index->primitives[i].name);
    fputs("\nconst NstPrimEntry nst_prim_table[] = {\n", out);
    for (size_t i = 0; i < kept; i++)
        fprintf(out, "    { \"%s\", nst_p_%s, %u },\n", index->primitives[i].name, index->primitives[i].name,
                index->primitives[i].params);
    fputs("    { 0, 0, 0 },\n};\n", out);
    close_checked(out, path);
}

int main(int argc, char **argv) {
    if (argc < 4) die("usage: %s", "stdlib_index LIBRARY.c PRIMITIVES.c FILE.nos ...");
    Index index = { .sources = nst_sources_new(), .diags = nst_diags_new() };
    nst_arena_init(&index.arena);
    for (int i = 3; i < argc; i++) read_library_file(&index, argv[i]);
    if (nst_diags_count(index.diags, NST_ERROR)) {
        nst_diags_write_text(index.sources, index.diags, stderr, false);
        return 1;
    }
    if (index.count) qsort(index.entries, index.count, sizeof *index.entries, compare_entries);
    write_library(&index, argv[1]);
    write_primitives(&index, argv[2]);
    nst_arena_free(&index.arena);
    nst_diags_free(index.diags);
    nst_sources_free(index.sources);
    return 0;
}
