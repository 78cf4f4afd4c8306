#include "frontend/builtin_types.h"

#include "frontend/collect.h"
#include "frontend/scope.h"

static NstType *shared_type(NstProgram *program, NstTypeKind kind) {
    NstType *type = NST_NEW(program->arena, NstType);
    type->kind = kind;
    return type;
}

static void make_type(NstProgram *program, NstPart *part, NstPrimType prim, const char *name, size_t param_count) {
    static const char *const param_names[] = {"a", "b"};
    NstTypeDecl *decl = nst_type_decl_new(program, part, nst_name_z(name));
    decl->prim = prim;
    decl->body = NST_BODY_OPAQUE;
    decl->public_ = true;
    for (size_t i = 0; i < param_count; i++) nst_type_decl_add_param(program, decl, nst_name_z(param_names[i]));
    nst_decl_note(program, decl)->has_params = true;
    nst_decl_note(program, decl)->completed = true;
    nst_entry_get(program, part->module, decl->name)->type = decl;
    program->builtin[prim] = decl;
}

void nst_builtin_types_make(NstProgram *program) {
    program->unit_type = shared_type(program, NST_TY_TUPLE);
    program->never_type = shared_type(program, NST_TY_NEVER);
    program->error_type = shared_type(program, NST_TY_ERROR);

    NstModule *module = nst_module_new(program, NULL, NULL, 0);
    module->library = true;
    module->public_ = true;
    program->resolver->builtins = module;
    NstPart *part = nst_part_new(program, NULL, module);
#define NST_BUILTIN_TYPE(prim, name, params) make_type(program, part, NST_PRIM_##prim, name, params);
#define NST_BUILTIN_ALIAS(name, prim) \
    nst_entry_get(program, module, nst_name_z(name))->type = program->builtin[NST_PRIM_##prim];
#include "frontend/builtin_types.def"
#undef NST_BUILTIN_TYPE
#undef NST_BUILTIN_ALIAS
}
