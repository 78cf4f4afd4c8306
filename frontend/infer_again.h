// Inferring some functions of a typed program again after their bodies were edited (session_patch.c).
//
// What a function is to others is its scheme. Its *summary* is a hash of the scheme without places; as long as it is the
// same, functions that use it need no second look. Which functions use it, inference has noted (NstFunctionInfo.uses).
#ifndef NST_INFER_AGAIN_H
#define NST_INFER_AGAIN_H

#include "frontend/infer_internal.h"

// The summary of a typed function, or 0 if its scheme cannot be compared.
uint64_t nst_function_summary(NstInfer *infer, NstFunction *fn);

// Forgets the function's types. Its clauses are fresh from the parser and resolved.
void nst_function_forget(NstInfer *infer, NstFunction *fn);

// Infers the forgotten functions, `again[id]` of them, as nst_infer_program would have done. If other functions turn out to
// be in one group with them, these are added to *more; then types are wrong and all of them must be forgotten and
// inferred.
void nst_infer_again(NstInfer *infer, const bool *again, NstFunctionList *more);

#endif
