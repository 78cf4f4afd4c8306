#include "runtime/type_key.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_ARGS = 64, MAX_DEPTH = 200 };

const NstType *nst_type_with(NstProgram *program, const NstType *type, NstType *const *args, size_t count) {
    type = nst_type_resolve((NstType *)(uintptr_t)type);
    if (type->kind == NST_TY_PARAM) return type->id < count ? args[type->id] : nst_program_any(program);
    bool parts = (type->kind == NST_TY_CON || type->kind == NST_TY_TUPLE) && type->arg_count > 0;
    if (!parts || type->arg_count > MAX_ARGS) return type;
    const NstType *replaced[MAX_ARGS];
    for (size_t i = 0; i < type->arg_count; i++) replaced[i] = nst_type_with(program, type->args[i], args, count);
    return type->kind == NST_TY_CON ? nst_program_con(program, type->decl, replaced, type->arg_count)
                                    : nst_program_tuple(program, replaced, type->arg_count);
}

// ---- Reading -----------------------------------------------------------------------------

typedef struct Reader {
    NstProgram *program;
    const NstModule *module;
    const char *at;
    int depth;
} Reader;

static const NstType *read_type(Reader *r);

static bool take(Reader *r, char c) {
    while (*r->at == ' ') r->at++;
    if (*r->at != c) return false;
    r->at++;
    return true;
}

// Types separated by commas up to `close`; -1 for anything else.
static int read_types(Reader *r, char close, const NstType *types[MAX_ARGS]) {
    int count = 0;
    if (take(r, close)) return 0;
    do {
        if (count == MAX_ARGS || !(types[count] = read_type(r))) return -1;
        count++;
    } while (take(r, ','));
    return take(r, close) ? count : -1;
}

static const NstType *read_named(Reader *r) {
    const char *start = r->at;
    while (isalnum((unsigned char)*r->at) || *r->at == '_' || *r->at == '.') r->at++;
    size_t size = (size_t)(r->at - start);
    char name[256];
    if (size == 0 || size >= sizeof name) return 0;
    memcpy(name, start, size);
    name[size] = 0;
    NstTypeDecl *decl = nst_program_type(r->program, r->module, name);
    const NstType *args[MAX_ARGS];
    int count = take(r, '[') ? read_types(r, ']', args) : 0;
    if (!decl || count < 0) return 0;
    if ((size_t)count > decl->param_count) return 0;
    for (; (size_t)count < decl->param_count && count < MAX_ARGS; count++) args[count] = nst_program_any(r->program);
    if (decl->body != NST_BODY_ALIAS || !decl->alias) return nst_program_con(r->program, decl, args, (size_t)count);
    NstType *given[MAX_ARGS];
    for (int i = 0; i < count; i++) given[i] = (NstType *)(uintptr_t)args[i];
    return nst_type_with(r->program, decl->alias, given, (size_t)count);
}

static const NstType *read_type(Reader *r) {
    while (*r->at == ' ') r->at++;
    if (++r->depth > MAX_DEPTH) return 0;
    const NstType *types[MAX_ARGS], *type = 0;
    if (take(r, '[')) {
        NstTypeDecl *list = nst_program_type(r->program, 0, "List");
        if (list && read_types(r, ']', types) == 1) type = nst_program_con(r->program, list, types, 1);
    } else if (take(r, '(')) {
        int count = read_types(r, ')', types);
        if (count == 1) type = types[0];
        else if (count >= 0) type = nst_program_tuple(r->program, types, (size_t)count);
    } else {
        type = read_named(r);
    }
    r->depth--;
    return type;
}

const NstType *nst_type_read(NstProgram *program, const NstModule *module, const char *text) {
    Reader r = { .program = program, .module = module, .at = text };
    const NstType *type = read_type(&r);
    while (*r.at == ' ') r.at++;
    return *r.at ? 0 : type;
}

// ---- Writing -----------------------------------------------------------------------------

static void append_types(NstTextBuffer *out, NstTypeExpr *const *types, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (i > 0) nst_text_append(out, ", ", 2);
        nst_text_append_type(out, types[i]);
    }
}

void nst_text_append_type(NstTextBuffer *out, const NstTypeExpr *type) {
    switch (type->kind) {
    case NST_TEXPR_NAME:
    case NST_TEXPR_VAR:
        for (size_t i = 0; i < type->path_len; i++) {
            if (i > 0) nst_text_append_byte(out, '.');
            nst_text_append_z(out, nst_name_text(type->path[i].name));
        }
        if (type->arg_count == 0) break;
        nst_text_append_byte(out, '[');
        append_types(out, type->args, type->arg_count);
        nst_text_append_byte(out, ']');
        break;
    case NST_TEXPR_LIST:
        nst_text_append_z(out, "List[");
        append_types(out, type->args, 1);
        nst_text_append_byte(out, ']');
        break;
    case NST_TEXPR_TUPLE:
    case NST_TEXPR_FUN:
        nst_text_append_byte(out, '(');
        append_types(out, type->args, type->arg_count);
        nst_text_append_byte(out, ')');
        if (type->kind == NST_TEXPR_TUPLE) break;
        nst_text_append_z(out, " -> ");
        nst_text_append_type(out, type->result);
        break;
    default: nst_text_append_z(out, "()"); break;
    }
}
