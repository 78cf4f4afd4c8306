// Unary and binary operators (types.md 3, 7, 12.1).
#ifndef NST_INFER_OPERATOR_H
#define NST_INFER_OPERATOR_H

#include "frontend/infer_internal.h"

NstType *nst_infer_binary(NstInfer *infer, NstExpr *expr, NstType *expected);
NstType *nst_infer_unary(NstInfer *infer, NstExpr *expr);
bool nst_arith_attempt(NstInfer *infer, NstRequirement *req);

// False if what is known of its operands and its result excludes each other. Decides nothing.
bool nst_arith_fits(NstInfer *infer, const NstRequirement *req);

// The method of the operator's trait ("add", "eq", "lt"), 0 if it has none; *swap, *negate: as in NstTarget.
NstName nst_operator_method(NstOperator op);

#endif
