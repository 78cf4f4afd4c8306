#include "frontend/resolve_report.h"

#include "frontend/library.h"

// ---- Similar names ----------------------------------------------------------------------

static bool library_kind(NstLibKind kind, NstSpaceKind space) {
    switch (space) {
    case NST_SPACE_VALUE: return kind == NST_LIB_FUNCTION || kind == NST_LIB_VALUE;
    case NST_SPACE_TYPE: return kind == NST_LIB_TYPE;
    case NST_SPACE_TRAIT: return kind == NST_LIB_TRAIT;
    case NST_SPACE_CTOR: return kind == NST_LIB_CTOR;
    default: return false;
    }
}

// Library modules are asked by their index: which of their items have been loaded must make no difference.
static void consider_library(NstSuggestion *suggestion, const NstScope *scope, NstSpaceKind space) {
    size_t count;
    const NstLibEntry *entries = nst_library_module(scope->file_module, scope->space, &count);
    for (size_t i = 0; i < count; i++)
        if ((entries[i].flags & NST_LIB_PUBLIC) && library_kind(entries[i].kind, space))
            nst_suggest_consider(suggestion, entries[i].name);
}

void nst_suggest_items(NstSuggestion *suggestion, const NstModule *module, NstSpaceKind space, const NstModule *from) {
    const NstScope *scope = nst_module_scope(module);
    if (scope->file_module) {
        consider_library(suggestion, scope, space);
        return;
    }
    for (size_t i = 0; i < scope->ordered.count; i++)
        if (nst_entry_has(scope->ordered.items[i], module, space, from))
            nst_suggest_consider(suggestion, nst_name_text(scope->ordered.items[i]->name));
}

static void consider_prelude(NstProgram *program, NstSuggestion *suggestion, NstSpaceKind space) {
    size_t count;
    const NstLibEntry *entries = nst_library_entries(&count);
    for (size_t i = 0; i < count; i++)
        if ((entries[i].flags & NST_LIB_PRELUDE) && library_kind(entries[i].kind, space))
            nst_suggest_consider(suggestion, entries[i].name);
    nst_suggest_items(suggestion, program->resolver->builtins, space, program->resolver->builtins);
}

void nst_report_unknown(NstProgram *program, const NstModule *module, NstDiagKind kind, NstIdent ident,
                        NstSpaceKind space, const char *format) {
    nst_report_unknown_beside(program, module, kind, ident, space, format, nst_suggest(nst_name_text(ident.name)));
}

void nst_report_unknown_beside(NstProgram *program, const NstModule *module, NstDiagKind kind, NstIdent ident,
                               NstSpaceKind space, const char *format, NstSuggestion suggestion) {
    char *message = nst_arena_printf(program->arena, format, nst_name_text(ident.name));
    NstDiag *diag = nst_diag_add(program->diags, kind, ident.span, "%s", message);
    for (const NstPart *level = nst_module_scope(module)->parts.items[0]; level; level = level->parent) {
        nst_suggest_items(&suggestion, level->module, space, module);
        for (size_t i = 0; i < level->imports.count; i++) nst_suggest_consider(&suggestion, nst_name_text(level->imports.items[i]->name));
        for (size_t i = 0; i < level->stars.count; i++) nst_suggest_items(&suggestion, level->stars.items[i], space, module);
    }
    consider_prelude(program, &suggestion, space);
    nst_suggest_hint(program->diags, diag, &suggestion);
}

// ---- Modules and visibility -------------------------------------------------------------

static const char *path_text(NstProgram *program, const NstIdent *path, size_t len) {
    const char *text = nst_name_text(path[0].name);
    for (size_t i = 1; i < len; i++) text = nst_arena_printf(program->arena, "%s.%s", text, nst_name_text(path[i].name));
    return text;
}

void nst_report_unknown_module(NstProgram *program, const NstIdent *path, size_t len) {
    const char *name = path_text(program, path, len);
    NstDiag *diag = nst_diag_add(program->diags, NST_DIAG_UNKNOWN_MODULE,
                                 nst_span_join(path[0].span, path[len - 1].span), "module `%s` not found", name);
    NstSuggestion suggestion = nst_suggest(name);
    for (size_t i = 0; i < program->user_module_count; i++)
        if (program->modules[i]->path_text.size) nst_suggest_consider(&suggestion, program->modules[i]->path_text.data);
    size_t count;
    const NstLibEntry *entries = nst_library_entries(&count);
    for (size_t i = 0; i < count; i++) nst_suggest_consider(&suggestion, entries[i].module);
    nst_suggest_hint(program->diags, diag, &suggestion);
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
