#include "frontend/resolve_report.h"

#include "frontend/library.h"

// ---- Similar names ----------------------------------------------------------------------

enum { MAX_NAME = 64 };

// Number of single-letter changes (insert, delete, replace, swap neighbours) between the texts, or more than `limit`.
static size_t edit_distance(const char *a, const char *b, size_t limit) {
    size_t n = strlen(a), m = strlen(b);
    if (n >= MAX_NAME || m >= MAX_NAME || n > m + limit || m > n + limit) return limit + 1;
    size_t rows[3][MAX_NAME + 1];
    size_t *before = rows[0], *last = rows[1], *row = rows[2];
    for (size_t j = 0; j <= m; j++) last[j] = j;
    for (size_t i = 1; i <= n; i++) {
        row[0] = i;
        for (size_t j = 1; j <= m; j++) {
            size_t best = last[j - 1] + (a[i - 1] != b[j - 1]);
            if (last[j] + 1 < best) best = last[j] + 1;
            if (row[j - 1] + 1 < best) best = row[j - 1] + 1;
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] && before[j - 2] + 1 < best)
                best = before[j - 2] + 1;
            row[j] = best;
        }
        size_t *free_row = before;
        before = last;
        last = row;
        row = free_row;
    }
    return last[m];
}

typedef struct Suggestion {
    const char *wanted;
    const char *best;
    size_t distance; // of the best so far, or the limit + 1
} Suggestion;

static void consider(Suggestion *suggestion, const char *candidate) {
    size_t distance = edit_distance(suggestion->wanted, candidate, suggestion->distance);
    if (distance && distance < suggestion->distance) {
        suggestion->best = candidate;
        suggestion->distance = distance;
    }
}

static void consider_module(Suggestion *suggestion, const NstModule *module, NstSpaceKind space, const NstModule *from) {
    const NstScope *scope = nst_module_scope(module);
    for (size_t i = 0; i < scope->ordered.count; i++)
        if (nst_entry_has(scope->ordered.items[i], module, space, from))
            consider(suggestion, nst_name_text(scope->ordered.items[i]->name));
}

static bool prelude_kind(NstLibKind kind, NstSpaceKind space) {
    switch (space) {
    case NST_SPACE_VALUE: return kind == NST_LIB_FUNCTION || kind == NST_LIB_VALUE;
    case NST_SPACE_TYPE: return kind == NST_LIB_TYPE;
    case NST_SPACE_TRAIT: return kind == NST_LIB_TRAIT;
    case NST_SPACE_CTOR: return kind == NST_LIB_CTOR;
    default: return false;
    }
}

static void consider_prelude(NstProgram *program, Suggestion *suggestion, NstSpaceKind space) {
    size_t count;
    const NstLibEntry *entries = nst_library_entries(&count);
    for (size_t i = 0; i < count; i++)
        if ((entries[i].flags & NST_LIB_PRELUDE) && prelude_kind(entries[i].kind, space)) consider(suggestion, entries[i].name);
    consider_module(suggestion, program->resolver->builtins, space, program->resolver->builtins);
}

void nst_report_unknown(NstProgram *program, const NstModule *module, NstDiagKind kind, NstIdent ident,
                        NstSpaceKind space, const char *format) {
    const char *name = nst_name_text(ident.name);
    char *message = nst_arena_printf(program->arena, format, name);
    NstDiag *diag = nst_diag_add(program->diags, kind, ident.span, "%s", message);
    size_t limit = strlen(name) < 3 ? 0 : strlen(name) < 6 ? 1 : 2;
    if (!limit) return;
    Suggestion suggestion = {name, NULL, limit + 1};
    for (const NstPart *level = nst_module_scope(module)->parts.items[0]; level; level = level->parent) {
        consider_module(&suggestion, level->module, space, module);
        for (size_t i = 0; i < level->imports.count; i++) consider(&suggestion, nst_name_text(level->imports.items[i]->name));
        for (size_t i = 0; i < level->stars.count; i++) consider_module(&suggestion, level->stars.items[i], space, module);
    }
    consider_prelude(program, &suggestion, space);
    if (suggestion.best) nst_diag_hint(program->diags, diag, "did you mean `%s`?", suggestion.best);
}

// ---- Modules and visibility -------------------------------------------------------------

static const char *path_text(NstProgram *program, const NstIdent *path, size_t len) {
    const char *text = nst_name_text(path[0].name);
    for (size_t i = 1; i < len; i++) text = nst_arena_printf(program->arena, "%s.%s", text, nst_name_text(path[i].name));
    return text;
}

void nst_report_unknown_module(NstProgram *program, const NstIdent *path, size_t len) {
    nst_diag_add(program->diags, NST_DIAG_UNKNOWN_MODULE, nst_span_join(path[0].span, path[len - 1].span),
                 "module `%s` not found", path_text(program, path, len));
}

void nst_report_private_type(NstProgram *program, NstSpan span, NstName name, const NstModule *module) {
    nst_diag_add(program->diags, NST_DIAG_PRIVATE_ACCESS, span, "type `%s` is private in module `%s`",
                 nst_name_text(name), nst_module_display(module));
}

void nst_report_private(NstProgram *program, NstIdent item, const char *what, const NstModule *module) {
    nst_diag_add(program->diags, NST_DIAG_PRIVATE_ACCESS, item.span,
                 "cannot access private %s `%s` from outside module `%s`", what, nst_name_text(item.name),
                 nst_module_display(module));
}

bool nst_report_path(NstProgram *program, const NstPath *path, const NstIdent *segments, size_t len) {
    switch (path->state) {
    case NST_PATH_MODULE:
    case NST_PATH_SPACE: return true;
    case NST_PATH_SILENT: return false;
    case NST_PATH_NONE: nst_report_unknown_module(program, segments, len - 1); return false;
    case NST_PATH_PRIVATE: {
        const NstModule *hidden = path->module; // the outermost one that is not public is what cannot be named
        NstIdent named = {hidden->path[hidden->path_len - 1], segments[path->len - 1].span};
        nst_report_private(program, named, "module", hidden->parent ? hidden->parent : hidden);
        return false;
    }
    case NST_PATH_NOT_IMPORTED: {
        const char *module = nst_module_display(path->module);
        const char *item = nst_name_text(segments[path->len < len ? path->len : len - 1].name);
        nst_diag_add(program->diags, NST_DIAG_UNKNOWN_MODULE, nst_span_join(segments[0].span, segments[path->len - 1].span),
                     "module `%s` is not imported; add `use %s.*` or `use %s.{%s}` to use `%s`", module, module, module, item,
                     item);
        return false;
    }
    }
    return false;
}
