#include "frontend/resolve.h"

#include <stdlib.h>

#include "frontend/builtin_types.h"
#include "frontend/collect.h"
#include "frontend/expand.h"
#include "frontend/resolve_body.h"
#include "frontend/resolve_mvars.h"
#include "frontend/resolve_use.h"
#include "frontend/scope_library.h"

// ---- Phases -----------------------------------------------------------------------------

static void make_resolver(NstProgram *program) {
    NstResolver *resolver = NST_NEW(program->arena, NstResolver);
    program->resolver = resolver;
    resolver->name_update = nst_name_z("update");
    resolver->name_unit = nst_name_z("Unit");
    resolver->name_never = nst_name_z("Never");
    resolver->name_stdlib = nst_name_z("stdlib");
    nst_builtin_types_make(program);
}

static void collect_files(NstProgram *program, NstPending *pending) {
    for (size_t i = 0; i < program->file_count; i++) {
        NstFile *file = &program->files[i];
        file->module = nst_module_new(program, NULL, file->path, file->path_len);
        file->module->source = file->source;
        file->module->public_ = true;
        NST_APPEND(program, program->resolver->modules, file->module);
        NstPart *part = nst_part_new(program, NULL, file->module);
        part->failed_star = file->ast->failed_expansion;
        nst_collect_items(program, part, file->ast->items, file->ast->item_count, pending);
    }
}

// Library modules may have been reached while files were collected: user modules come first in the program's list.
static void user_modules_first(NstProgram *program) {
    NstResolver *resolver = program->resolver;
    size_t count = resolver->modules.count, at = 0;
    NstModule **sorted = NST_NEW_ARRAY(program->arena, NstModule *, count);
    for (size_t i = 0; i < count; i++)
        if (!resolver->modules.items[i]->library) sorted[at++] = resolver->modules.items[i];
    program->user_module_count = at;
    for (size_t i = 0; i < count; i++)
        if (resolver->modules.items[i]->library) sorted[at++] = resolver->modules.items[i];
    resolver->modules.items = sorted;
    resolver->modules.capacity = count;
    nst_modules_publish(program);
}

static void for_each_user_part(NstProgram *program, void (*visit)(NstProgram *, NstPart *)) {
    for (size_t i = 0; i < program->user_module_count; i++) {
        const NstScope *scope = nst_module_scope(program->modules[i]);
        for (size_t p = 0; p < scope->parts.count; p++) visit(program, scope->parts.items[p]);
    }
}

static void check_use(NstProgram *program, NstPart *part) { nst_use_check(program, part); }

static void resolve_bodies(NstProgram *program) {
    program->diags->stage = NST_STAGE_BODIES;
    for (size_t i = 0; i < program->resolver->functions.count; i++) {
        NstFunction *fn = program->resolver->functions.items[i];
        if (!fn->library) nst_resolve_function(program, fn);
    }
    program->diags->stage = NST_STAGE_WHOLE;
    nst_library_load_mvars(program);
    for (size_t i = 0; i < program->mvar_count; i++)
        nst_resolve_initialiser(program, program->resolver->mvar_parts.items[i], program->mvars[i]);
}

static void find_entry(NstProgram *program) {
    if (!program->entry_module) return;
    for (size_t i = 0; i < program->file_count; i++) {
        const NstFile *file = &program->files[i];
        if (strcmp(file->module->path_text.data, program->entry_module) != 0) continue;
        const NstEntry *entry = nst_entry_find(file->module, nst_name_z(program->entry_function));
        for (size_t f = 0; entry && f < entry->functions.count; f++)
            if (entry->functions.items[f]->param_count == 0) program->entry = entry->functions.items[f];
        // project.c reports the missing entry of a [[bin]].
        if (program->entry || program->lib || program->project) return;
        NstSpan start = nst_source_span(program->sources, file->source, 0, 0);
        if (file->path_len)
            nst_diag_add(program->diags, NST_DIAG_MISSING_MAIN, start,
                         "No 'main.main' or 'main' function found in project");
        else
            nst_diag_add(program->diags, NST_DIAG_MISSING_MAIN, start, "no function `%s` without parameters",
                         program->entry_function);
        return;
    }
}

void nst_resolve_program(NstProgram *program) {
    nst_expand_program(program);
    make_resolver(program);
    NstPending pending = {0};
    collect_files(program, &pending);
    user_modules_first(program);
    for_each_user_part(program, nst_use_enter);
    nst_collect_complete(program, &pending);
    program->resolver->collected = true;
    for_each_user_part(program, check_use);
    for (size_t i = 0; i < program->user_module_count; i++) nst_check_reserved_names(program, program->modules[i]);
    nst_check_impls(program);
    resolve_bodies(program);
    find_entry(program);
    nst_order_mvars(program);
    nst_modules_publish(program);
    program->diags->stage = NST_STAGE_BODIES;
}

void nst_resolve_body(NstProgram *program, NstFunction *fn) { nst_resolve_function(program, fn); }

// Everything of the resolver is in the program's arena.
void nst_resolve_free(NstProgram *program) { program->resolver = NULL; }

// ---- frontend.h -------------------------------------------------------------------------

NstSources *nst_program_sources(const NstProgram *program) { return program->sources; }
NstDiags *nst_program_diags(NstProgram *program) { return program->diags; }
NstFunction *nst_program_entry(const NstProgram *program) { return program->entry; }
size_t nst_program_module_count(const NstProgram *program) { return program->module_count; }
NstModule *nst_program_module(const NstProgram *program, size_t i) { return program->modules[i]; }
size_t nst_program_mvar_count(const NstProgram *program) { return program->mvar_count; }
NstMvar *nst_program_mvar(const NstProgram *program, size_t index) { return program->mvars[index]; }

NstMvar *const *nst_program_mvar_order(const NstProgram *program, size_t *count) {
    *count = program->mvar_count;
    return program->mvar_order;
}

static bool has_own(const NstProgram *program, const char *trait_name) {
    for (size_t i = 0; i < program->impl_count; i++)
        if (program->impls[i]->trait->builtin && !program->impls[i]->module->library &&
            strcmp(nst_name_text(program->impls[i]->trait->name), trait_name) == 0)
            return true;
    return false;
}

bool nst_program_has_own(const NstProgram *program, const char *trait_name) {
    pthread_mutex_t *lock = &((NstProgram *)program)->lock; // library items may come in meanwhile
    pthread_mutex_lock(lock);
    bool own = has_own(program, trait_name);
    pthread_mutex_unlock(lock);
    return own;
}

static NstFunction *library_function(NstProgram *program, const char *qualified) {
    const char *dot = strrchr(qualified, '.');
    if (!dot) return NULL;
    char *module = nst_strndup(qualified, (size_t)(dot - qualified));
    NstModule *home = nst_library_has_module(module) ? nst_library_module_of(program, module, "")
                                                     : nst_library_space(program, nst_name_z(module));
    free(module);
    const NstEntry *entry = home ? nst_module_entry(program, home, nst_name_z(dot + 1)) : NULL;
    return entry && entry->functions.count ? entry->functions.items[0] : NULL;
}

NstFunction *nst_program_library_function(NstProgram *program, const char *qualified) {
    pthread_mutex_lock(&program->lock);
    NstFunction *fn = library_function(program, qualified);
    pthread_mutex_unlock(&program->lock);
    return fn;
}

// "stdlib.json.Json", "shop.cart.Item".
static NstTypeDecl *type_by_path(NstProgram *program, const char *text, const char *dot) {
    size_t size = (size_t)(dot - text);
    if (!size) return NULL;
    for (size_t i = 0; i < program->user_module_count; i++) {
        NstText path = program->modules[i]->path_text;
        const NstEntry *entry = path.size == size && memcmp(path.data, text, size) == 0
                                    ? nst_entry_find(program->modules[i], nst_name_z(dot + 1)) : NULL;
        if (entry && entry->type) return entry->type;
    }
    NstTypeDecl *decl = nst_program_library_type(program, dot + 1);
    if (!decl || !decl->module) return NULL;
    NstText path = decl->module->path_text;
    return path.size == size && memcmp(path.data, text, size) == 0 ? decl : NULL;
}

static NstTypeDecl *type_by_name(NstProgram *program, const NstModule *module, const char *text) {
    const char *dot = strrchr(text, '.');
    if (dot) return type_by_path(program, text, dot);
    NstName name = nst_name_z(text);
    if (module) {
        const NstEntry *entry = nst_entry_find(module, name);
        if (entry && entry->type) return entry->type;
    }
    for (size_t i = 0; i < program->user_module_count; i++) {
        const NstEntry *entry = nst_entry_find(program->modules[i], name);
        if (entry && entry->type) return entry->type;
    }
    return nst_program_library_type(program, text);
}

NstTypeDecl *nst_program_type(NstProgram *program, const NstModule *module, const char *name) {
    pthread_mutex_lock(&program->lock);
    NstTypeDecl *decl = type_by_name(program, module, name);
    pthread_mutex_unlock(&program->lock);
    return decl;
}

static char *qualified_name(const NstModule *module, const char *name) {
    const char *path = module && module->path_len ? module->path_text.data : "";
    const char *dot = *path ? "." : "";
    size_t size = strlen(path) + strlen(dot) + strlen(name) + 1;
    char *text = nst_malloc(size);
    snprintf(text, size, "%s%s%s", path, dot, name);
    return text;
}

char *nst_function_display_name(const NstFunction *fn) { return qualified_name(fn->module, nst_name_text(fn->name)); }
