#include "frontend/infer_internal.h"

#include <stdio.h>
#include <stdlib.h>

// Chains are not shortened on the way: a trial (unify.h) takes single bindings back, and other threads read.
NstType *nst_type_resolve(NstType *type) {
    while (type->kind == NST_TY_VAR && type->link) type = type->link;
    return type;
}

static const NstType *target(const NstType *type) {
    while (type->kind == NST_TY_VAR && type->link) type = type->link;
    return type;
}

NstPrimType nst_type_prim(const NstType *type) {
    type = target(type);
    return type->kind == NST_TY_CON ? type->decl->prim : NST_PRIM_NONE;
}

// ---- Building ---------------------------------------------------------------------------

NstType *nst_var_at(NstInfer *infer, uint32_t level, NstName name) {
    NstType *var = NST_NEW(infer->arena, NstType);
    var->kind = NST_TY_VAR;
    var->id = infer->next_var++;
    var->level = level;
    var->name = name;
    return var;
}

NstType *nst_var(NstInfer *infer) {
    return nst_var_at(infer, infer->level, 0);
}

NstType *nst_dynamic_var(NstInfer *infer) {
    NstType *var = nst_var(infer);
    var->dynamic = true;
    return var;
}

NstType **nst_type_array(NstInfer *infer, size_t count) {
    return NST_NEW_ARRAY(infer->arena, NstType *, count ? count : 1);
}

NstType *nst_fun(NstInfer *infer, NstType **args, size_t count, NstType *result) {
    NstType *type = NST_NEW(infer->arena, NstType);
    type->kind = NST_TY_FUN;
    type->args = args;
    type->arg_count = count;
    type->result = result;
    return type;
}

NstType *nst_tuple(NstInfer *infer, NstType **args, size_t count) {
    if (count == 0) return infer->program->unit_type;
    NstType *type = NST_NEW(infer->arena, NstType);
    type->kind = NST_TY_TUPLE;
    type->args = args;
    type->arg_count = count;
    return type;
}

NstType *nst_prim(NstInfer *infer, NstPrimType prim) {
    return nst_type_con(infer->program, nst_builtin_type(infer->program, prim), NULL, 0);
}

NstType *nst_list_of(NstInfer *infer, NstType *element) {
    return nst_type_con(infer->program, nst_builtin_type(infer->program, NST_PRIM_LIST), &element, 1);
}

NstType *nst_set_of(NstInfer *infer, NstType *element) {
    return nst_type_con(infer->program, nst_builtin_type(infer->program, NST_PRIM_SET), &element, 1);
}

NstType *nst_map_of(NstInfer *infer, NstType *key, NstType *value) {
    NstType *args[] = {key, value};
    return nst_type_con(infer->program, nst_builtin_type(infer->program, NST_PRIM_MAP), args, 2);
}

NstType *nst_unit(NstInfer *infer) {
    return infer->program->unit_type;
}

NstType *nst_error_type(NstInfer *infer) {
    return infer->program->error_type;
}

NstType *nst_type_copy(NstInfer *infer, NstType *type) {
    type = nst_type_resolve(type);
    if (type->closed || (type->arg_count == 0 && type->kind != NST_TY_FUN)) return type;
    NstType *copy = nst_arena_copy(infer->arena, type, sizeof *type);
    copy->args = nst_type_array(infer, type->arg_count);
    for (size_t i = 0; i < type->arg_count; i++) copy->args[i] = nst_type_copy(infer, type->args[i]);
    if (type->kind == NST_TY_FUN) copy->result = nst_type_copy(infer, type->result);
    return copy;
}

// ---- Asking -----------------------------------------------------------------------------

bool nst_is_unit(const NstType *type) {
    type = target(type);
    return type->kind == NST_TY_TUPLE && type->arg_count == 0;
}

bool nst_is_var(NstType *type) {
    return nst_type_resolve(type)->kind == NST_TY_VAR;
}

bool nst_is_silent(NstType *type) {
    return nst_type_resolve(type)->kind == NST_TY_ERROR;
}

bool nst_is_list(NstType *type) {
    return nst_type_prim(type) == NST_PRIM_LIST;
}

bool nst_prim_is_integer(NstPrimType prim) {
    return (prim >= NST_PRIM_INT && prim <= NST_PRIM_UINT64) || prim == NST_PRIM_BIGINT;
}

bool nst_prim_is_numeric(NstPrimType prim) {
    return prim >= NST_PRIM_INT && prim <= NST_PRIM_DECIMAL;
}

bool nst_type_has_vars(NstType *type) {
    type = nst_type_resolve(type);
    if (type->kind == NST_TY_VAR) return true;
    if (type->closed) return false;
    for (size_t i = 0; i < type->arg_count; i++)
        if (nst_type_has_vars(type->args[i])) return true;
    return type->kind == NST_TY_FUN && nst_type_has_vars(type->result);
}

// The number of nodes, counted as a tree and up to the limit.
static size_t count_parts(const NstType *type, size_t limit) {
    type = target(type);
    size_t count = 1;
    for (size_t i = 0; i < type->arg_count && count <= limit; i++) count += count_parts(type->args[i], limit - count);
    if (type->kind == NST_TY_FUN && count <= limit) count += count_parts(type->result, limit - count);
    return count;
}

bool nst_type_is_huge(const NstType *type) {
    return count_parts(type, NST_TYPE_PARTS) > NST_TYPE_PARTS;
}

bool nst_type_has_params(NstType *type) {
    type = nst_type_resolve(type);
    if (type->kind == NST_TY_PARAM) return true;
    if (type->closed) return false;
    for (size_t i = 0; i < type->arg_count; i++)
        if (nst_type_has_params(type->args[i])) return true;
    return type->kind == NST_TY_FUN && nst_type_has_params(type->result);
}

// ---- Showing ----------------------------------------------------------------------------

enum { SHOWN_VARS = 64, SHOWN_DEPTH = 60, SHOWN_SIZE = 400, NAMESAKE_DEPTH = 12 };

typedef struct Printer {
    char *text;
    size_t size, capacity;
    const NstType *vars[SHOWN_VARS];
    size_t var_count;
    const NstType *roots[2]; // everything that the message shows: tells which names need their module
} Printer;

static void put(Printer *printer, const char *text) {
    size_t size = strlen(text);
    if (printer->size + size + 1 > printer->capacity) {
        printer->capacity = (printer->size + size + 1) * 2;
        printer->text = nst_realloc(printer->text, printer->capacity);
    }
    memcpy(printer->text + printer->size, text, size + 1);
    printer->size += size;
}

// True if `type` mentions another declaration of the same name.
static bool mentions_namesake(const NstType *type, const NstTypeDecl *decl, int depth) {
    if (!type || depth > NAMESAKE_DEPTH) return false;
    type = target(type);
    if (type->kind == NST_TY_CON && type->decl != decl && type->decl->name == decl->name) return true;
    for (size_t i = 0; i < type->arg_count; i++)
        if (mentions_namesake(type->args[i], decl, depth + 1)) return true;
    return type->kind == NST_TY_FUN && mentions_namesake(type->result, decl, depth + 1);
}

static void put_var(Printer *printer, const NstType *var) {
    size_t i = 0;
    while (i < printer->var_count && printer->vars[i] != var) i++;
    if (i == printer->var_count && i < SHOWN_VARS) printer->vars[printer->var_count++] = var;
    char letters[16];
    if (i < 26) snprintf(letters, sizeof letters, "%c", (char)('a' + i));
    else snprintf(letters, sizeof letters, "a%zu", i);
    put(printer, letters);
}

static void put_type(Printer *printer, const NstType *type, int depth);

static void put_types(Printer *printer, NstType *const *types, size_t count, int depth) {
    for (size_t i = 0; i < count; i++) {
        if (i) put(printer, ", ");
        put_type(printer, types[i], depth);
    }
}

static void put_type(Printer *printer, const NstType *type, int depth) {
    type = target(type);
    if (depth > SHOWN_DEPTH || printer->size > SHOWN_SIZE) {
        put(printer, "…");
        return;
    }
    switch (type->kind) {
    case NST_TY_VAR:
    case NST_TY_PARAM: put_var(printer, type); break;
    case NST_TY_NEVER: put(printer, "Never"); break;
    case NST_TY_ERROR:
    case NST_TY_ANY: put(printer, "_"); break;
    case NST_TY_TUPLE:
        put(printer, "(");
        put_types(printer, type->args, type->arg_count, depth + 1);
        put(printer, ")");
        break;
    case NST_TY_FUN:
        put(printer, "(");
        put_types(printer, type->args, type->arg_count, depth + 1);
        put(printer, ") -> ");
        put_type(printer, type->result, depth + 1);
        break;
    case NST_TY_CON:
        if (type->decl->module && type->decl->module->path_len &&
            (mentions_namesake(printer->roots[0], type->decl, 0) || mentions_namesake(printer->roots[1], type->decl, 0))) {
            char *path = nst_strndup(type->decl->module->path_text.data, type->decl->module->path_text.size);
            put(printer, path);
            put(printer, ".");
            free(path);
        }
        put(printer, nst_name_text(type->decl->name));
        if (type->arg_count) {
            put(printer, "[");
            put_types(printer, type->args, type->arg_count, depth + 1);
            put(printer, "]");
        }
        break;
    }
}

// Gives the variables of `first` their letters before those of the type that is shown.
static void name_vars(Printer *printer, const NstType *first) {
    put_type(printer, first, 0);
    printer->size = 0;
    printer->text[0] = '\0';
}

char *nst_type_show_pair(const NstType *type, const NstType *other) {
    Printer printer = {.roots = {type, other}};
    put(&printer, "");
    if (other) name_vars(&printer, other);
    put_type(&printer, type, 0);
    return printer.text;
}

char *nst_type_show(const NstProgram *program, const NstType *type) {
    (void)program;
    return nst_type_show_pair(type, NULL);
}
