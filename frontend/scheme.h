// Type schemes: generalising the types of finished definitions and instantiating them at uses (types.md 8).
//
// Generalising turns variables into params in place: the annotated nodes of the body, which mention the same
// variables, thereby become generic too. Definitions that are generalised together (a group of mutually recursive
// ones) share one list of params, owned by the scheme of the first.
#ifndef NST_SCHEME_H
#define NST_SCHEME_H

#include "frontend/infer_internal.h"

static inline const NstScheme *nst_scheme_owner(const NstScheme *scheme) {
    return scheme->group ? scheme->group : scheme;
}

// `type` with the params of `owner` replaced by `args`; shares unchanged parts.
NstType *nst_scheme_apply(NstInfer *infer, NstType *type, const NstScheme *owner, NstType *const *args);

// Fresh variables for the params and copies of the requirements, attempted at once. Violations are reported at the
// span; with origin 0, where the requirements come from; not at all if the use is known to be in error (`reported`).
NstType **nst_scheme_instantiate(NstInfer *infer, const NstScheme *scheme, NstSpan span, bool reported);

// The first step of nst_generalise, which may report: decides what must be decided first.
void nst_generalise_settle(NstInfer *infer, NstType *const *types, size_t count, size_t mark);

// Generalises `types` over their variables deeper than the current level, together with the pending requirements from
// `mark` on that concern them. Fills one scheme for each type; all requirements of the group go to `looks` as well.
void nst_generalise(NstInfer *infer, NstType *const *types, NstScheme *const *schemes, size_t count, size_t mark,
                    NstRequirementList *looks);

// One more param, of this name (0: none).
NstType *nst_scheme_add_param(NstInfer *infer, NstScheme *scheme, NstName name);

#endif
