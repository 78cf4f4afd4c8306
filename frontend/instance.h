// Instances: functions at concrete types, and what the nodes of their bodies mean there (types.h).
#ifndef NST_INSTANCE_H
#define NST_INSTANCE_H

#include "frontend/infer_internal.h"

typedef struct NstInstances NstInstances;

// Concrete types are interned: equal types are the same pointer.
NstType *nst_intern(NstInfer *infer, NstTypeKind kind, NstTypeDecl *decl, NstType *const *args, size_t count, NstType *result);

// `type` in the instance (null: none): params replaced, what is unknown ANY; interned.
NstType *nst_concrete(NstInfer *infer, const NstInstance *instance, NstType *type);

void nst_instances_free(NstInfer *infer);

// What the node means in the instance (instance_target.c); in the program's arena.
NstTarget *nst_compute_target(NstInfer *infer, const NstInstance *instance, NstExpr *expr);
NstTarget *nst_compute_method(NstInfer *infer, NstModule *from, NstType *receiver, NstName name, size_t arg_count,
                              NstExpr *call);

#endif
