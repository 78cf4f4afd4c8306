// Access to parts of values: fields, tuple positions, indexing, `length`, `?`.
#ifndef NST_INFER_FIELD_H
#define NST_INFER_FIELD_H

#include "frontend/infer_internal.h"

// Virtual fields of reactive records in NstTarget.field (reactive.md 2).
enum { NST_FIELD_NONE = -1, NST_FIELD_PARENTS = -2, NST_FIELD_CHILDREN = -3 };

// The position of a field in the one constructor of the type, and its type there; NST_FIELD_NONE if it has none.
int nst_find_field(NstInfer *infer, NstType *type, NstName name, NstType **field_type);

bool nst_field_attempt(NstInfer *infer, NstRequirement *req);
bool nst_index_attempt(NstInfer *infer, NstRequirement *req);
bool nst_length_attempt(NstInfer *infer, NstRequirement *req);
bool nst_try_attempt(NstInfer *infer, NstRequirement *req);

NstType *nst_infer_field(NstInfer *infer, NstExpr *expr, bool place);
NstType *nst_infer_index(NstInfer *infer, NstExpr *expr);
NstType *nst_infer_try_op(NstInfer *infer, NstExpr *expr);

// The value type that `container[index] = value` stores; also the rules about what can be assigned.
void nst_infer_assign_index(NstInfer *infer, NstStmt *stmt);

// A requirement length(type), reported at the span.
void nst_require_length(NstInfer *infer, NstType *type, NstSpan span);

#endif
