// Top-level functions: declared types, inference by groups of mutually recursive functions, uses.
//
//   NEW ──(annotations)──▶ DECLARED ──(first use, or the program's turn)──▶ OPEN ──(its group is complete)──▶ DONE
//
// A function that is used while it is OPEN belongs to the group of its user; groups are found by Tarjan's algorithm
// on the uses as inference meets them, so methods that become known late count like written calls.
#ifndef NST_INFER_FUNCTION_H
#define NST_INFER_FUNCTION_H

#include "frontend/infer_internal.h"

NstFunctionInfo *nst_function_info(NstInfer *infer, NstFunction *fn);

// Makes sure that fn->scheme exists, unless the function is OPEN.
void nst_infer_function(NstInfer *infer, NstFunction *fn);

// Makes sure that the body is inferred (library functions: the first time their code is needed).
void nst_infer_function_body(NstInfer *infer, NstFunction *fn);

// The type of `fn` at one use. *subst are the types for its scheme's params: null if it has none, or if the function is
// OPEN; then `expr` (if not null) gets them when the group is complete.
NstType *nst_function_use(NstInfer *infer, NstFunction *fn, NstSpan span, NstExpr *expr, NstType ***subst);

// Binds what is still open in a type of a function in error: nothing more is asked of it.
void nst_silence(NstInfer *infer, NstType *type);

// Type variables that annotations name from now on live at this level; the level before.
uint32_t nst_type_vars_level(NstTypeContext *types, uint32_t level);

// Number of types in a use's subst.
static inline size_t nst_function_param_count(const NstFunction *fn) {
    return fn->scheme ? fn->scheme->param_count : 0;
}

// The declared type parameter by position ([T, U]) at a use; null if there is none.
NstType *nst_function_type_param(NstInfer *infer, NstFunction *fn, size_t index, NstType *const *subst);

// Gives a module-level binding or constant its type, apart from any use.
void nst_infer_const(NstInfer *infer, NstConst *constant);

// A module-level binding or constant at a use.
NstType *nst_const_use(NstInfer *infer, NstConst *constant, NstSpan span, NstExpr *expr);

// An mvar at one access.
NstType *nst_mvar_type(NstInfer *infer, NstMvar *mvar);

// Which scheme params some requirement looks at: of a function, of a generalised local inside `fn` (null: module level).
const bool *nst_function_relevant(NstInfer *infer, NstFunction *fn);
const bool *nst_local_relevant(NstInfer *infer, NstFunction *fn, const NstLocal *local);

bool nst_is_trait_method(const NstFunction *fn); // the trait's own declaration

// A default method is checked for each type that takes it over: its requirements on Self are reported at their places.
void nst_check_default(NstInfer *infer, const NstImpl *impl, const NstFunction *method);

// True if that check finds an error. Reports nothing.
bool nst_default_fails(NstInfer *infer, const NstImpl *impl, NstFunction *method);

#endif
