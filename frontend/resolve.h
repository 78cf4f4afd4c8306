// Name resolution: what the names of a program mean.
//
// nst_resolve_program() makes the modules and declarations out of the files' items and resolves all bodies of the
// user's program. Library items come in when a look-up reaches their name; their bodies are resolved when inference
// asks (nst_resolve_body). Every look-up below is silent unless it says that it reports.
//
// What the resolver leaves in the nodes:
//   NAME     LOCAL (to.local), OVERLOADS (to.overloads: functions of that name, never none, also if there is one; if
//            fns[0]->trait && !fns[0]->impl they are trait methods, used like functions), CTOR (to.ctor) if there is one
//            candidate, CTORS (to.ctors: several types have it; ctors[0] is the nearest) , CONST, MVAR.
//            NONE: unknown, reported; the expression's kind is then NST_EXPR_ERROR.
//            name.self_type: `Type.Trait.m`: the receiver (first argument) has this type.
//   FIELD    a qualified name M.x has become a NAME; otherwise it is a field of a value, target NONE.
//   METHOD   a qualified call M.f(a) has become a CALL of a NAME, and x.M.f(a) the CALL M.f(x, a).
//            MVAR_UPDATE (to.mvar) for m.update(f) of an mvar. Otherwise a method call; target LOCAL (to.local) if a
//            local variable with the method's name is visible: a candidate of types.md 11, step 5.
//   CALL     UPDATE for the record update form T(base, f: e): the constructor is the callee's.
//            Local functions that differ in arity: the callee's local is the one that takes this many arguments.
//   PATTERN  NAME: role and local. PIN: `pin` is a resolved NAME. CTOR: see nst_visible_ctors().
//   STMT     BIND with role MVAR: mvar. ASSIGN_FIELD/INDEX: mvar if the root of the place is one (locking);
//            ASSIGN_INDEX on a local name: `local` is the local that takes the updated collection.
#ifndef NST_RESOLVE_H
#define NST_RESOLVE_H

#include "frontend/frontend.h"

// Modules, declarations, bodies, entry point and mvar order of all files of the program.
void nst_resolve_program(NstProgram *program);

// Frees what is not in the program's arena.
void nst_resolve_free(NstProgram *program);

// Resolves the bodies of a library function (clauses' locals, names, defaults); does nothing the second time. User functions
// are resolved already.
void nst_resolve_body(NstProgram *program, NstFunction *fn);

// ---- Types in annotations ---------------------------------------------------------------

// A type variable of the definition that is being typed.
typedef struct NstTypeVar {
    NstName name;
    NstType *type;
    bool declared;   // in the definition's [...] list: hides types of that name
} NstTypeVar;

typedef enum NstTypeVarRule {
    NST_TYPE_VARS_FLEXIBLE, // functions, lambdas, bindings: undeclared single letters become variables
    NST_TYPE_VARS_NONE,     // mvars: no type variables
} NstTypeVarRule;

// How annotations of one definition become types. `vars` grows: equal names in one definition are one variable.
typedef struct NstTypeContext {
    NstProgram *program;
    NstModule *module;
    NstType *self_type;      // what Self means; null: unknown-type
    NstTypeVarRule rule;
    NstTypeVar *vars;        // in the program's arena
    size_t var_count;
    size_t var_capacity;
    NstType *(*fresh)(void *data, NstName name); // a new unknown; name 0: a missing type argument
    void *data;
} NstTypeContext;

// Enters the definition's declared parameters ([T: Show, U]) as fresh variables; names already there stay.
void nst_type_context_declare(NstTypeContext *context, const NstTypeParam *params, size_t count);

// The variable of that name, made if it does not exist.
NstType *nst_type_context_var(NstTypeContext *context, NstName name);

// The type that an annotation means: aliases expanded, missing arguments fresh. Reports unknown and private types and
// wrong argument counts, once: the erroneous part becomes NST_TEXPR_ERROR and its type the error type. Never null.
NstType *nst_typeexpr_type(NstTypeContext *context, NstTypeExpr *expr);

// A copy of `type` with the declaration's parameters replaced by args. Shares unchanged parts.
NstType *nst_type_substitute(NstProgram *program, NstType *type, const NstScheme *scheme, NstType *const *args);

// decl[args...]; the arguments are copied into the program's arena.
NstType *nst_type_con(NstProgram *program, NstTypeDecl *decl, NstType *const *args, size_t count);

// ---- Declarations by name ---------------------------------------------------------------

// Functions visible from `module` under a plain name by modules.md 3.1 steps 2-4 (own, imported, enclosing), not the
// prelude's and not trait methods.
NstFunction *const *nst_resolve_functions(NstProgram *program, const NstModule *module, NstName name, size_t *count);

// Prelude functions (form F) of that name.
NstFunction *const *nst_prelude_functions(NstProgram *program, NstName name, size_t *count);

// All library functions callable in method syntax under that name: forms F, Q and M of stdlib-core.md 1. `owner` selects
// those whose first parameter has this type constructor; null: all.
NstFunction *const *nst_program_library_methods(NstProgram *program, NstName name, const NstTypeDecl *owner, size_t *count);

// True if a user function, a method of a user trait or a field of a user type is called `name` (types.md 9).
bool nst_user_bears_name(NstProgram *program, NstName name);

// True if a declaration in error would have declared the name (a method of an implementation of an unknown trait, a
// constructor of a repeated type, …): not finding it is no new mistake.
bool nst_name_is_broken(const NstProgram *program, NstName name);

// The same of a method of the type (null: not a named one): what is wrong with another type's does not count.
bool nst_method_is_broken(const NstProgram *program, const NstTypeDecl *type, NstName name);

// True if an implementation in error, of an unknown trait say, may have been meant to be that of the trait for the type.
bool nst_impl_is_broken(const NstProgram *program, const NstTypeDecl *type, const NstTrait *trait);

// True if the plain name may be one of a `use` in error (modules.md 2): not finding it is no new mistake.
bool nst_name_of_failed_use(NstProgram *program, const NstModule *module, NstName name);

// Declarations of trait methods called `name`: of the user's traits and the library's.
NstFunction *const *nst_trait_methods_named(NstProgram *program, NstName name, size_t *count);

typedef enum NstBuiltinTrait {
    NST_TRAIT_NUM, NST_TRAIT_EQ, NST_TRAIT_ORD, NST_TRAIT_CONCAT, NST_TRAIT_SHOW, NST_TRAIT_HASH, NST_TRAIT_COPY,
    NST_TRAIT_INDEX, NST_TRAIT_INDEX_MUT, NST_BUILTIN_TRAIT_COUNT,
} NstBuiltinTrait;

NstTrait *nst_builtin_trait(NstProgram *program, NstBuiltinTrait which);

// The trait visible under a plain name from the module, or null. A user's declaration that stands for a predefined trait
// (traits.md 5) gives the predefined one.
NstTrait *nst_resolve_trait(NstProgram *program, const NstModule *module, NstName name);

// All implementations of the trait: user's in the order of the module paths, then the library's.
NstImpl *const *nst_trait_impls(NstProgram *program, const NstTrait *trait, size_t *count);

// True if code of `module` may call the methods of the trait (modules.md 3.4).
bool nst_trait_accessible(const NstTrait *trait, const NstModule *module);

typedef struct NstCtorSet {
    NstCtor *const *ctors;  // nearest first
    size_t count;
    bool ambiguous;         // several are equally near (imported from different modules)
} NstCtorSet;

// Constructors visible under a plain name.
NstCtorSet nst_visible_ctors(NstProgram *program, const NstModule *module, NstName name);

// The type's constructor of that name, or null.
NstCtor *nst_type_ctor(const NstTypeDecl *decl, NstName name);

// True if code of `module` may write the type's name and constructors.
bool nst_type_accessible(const NstTypeDecl *decl, const NstModule *module);

// A predefined type by its kind; a library type by plain name ("Option", "Json"), whichever library module has it. Null
// if there is none.
NstTypeDecl *nst_builtin_type(NstProgram *program, NstPrimType prim);
NstTypeDecl *nst_program_library_type(NstProgram *program, const char *name);

#endif
