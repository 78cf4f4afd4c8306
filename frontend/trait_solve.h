// Which types have which traits (traits.md 2, 3 and 6): implementations, their conditions, derived traits.
#ifndef NST_TRAIT_SOLVE_H
#define NST_TRAIT_SOLVE_H

#include "frontend/infer_internal.h"

// True if the type has the trait; what is unknown in it counts as having it.
bool nst_trait_holds(NstInfer *infer, NstType *type, NstTrait *trait);

// NST_REQ_TRAIT.
bool nst_trait_attempt(NstInfer *infer, NstRequirement *req);

typedef enum NstMatch {
    NST_MATCH_NO,
    NST_MATCH_UNKNOWN, // depends on a type that is not known yet
    NST_MATCH_YES,
} NstMatch;

// Compares `type` with a pattern over the params of `scheme`; fills `bindings` (one per param, null at first).
NstMatch nst_type_match(NstType *pattern, const NstScheme *scheme, NstType *type, NstType **bindings);

// An implementation's head against a type.
typedef struct NstImplMatch {
    NstImpl *impl;
    NstType **bindings; // for impl->scheme's params; null where the type leaves it open
    NstMatch match;
    bool general;       // the head covers all instances
} NstImplMatch;

// The implementations of the trait whose head fits the type and whose conditions hold, best first: instances before general
// ones, in the order of the program.
NstImplMatch *nst_impl_matches(NstInfer *infer, NstType *type, const NstTrait *trait, size_t *count);

// True if the trait's operation on this type is an implementation's (traits.md 6), at the type itself.
bool nst_has_own(NstInfer *infer, NstType *type, NstBuiltinTrait trait);

// True if any type inside `type` (itself, components, payloads) has an own implementation of the trait.
bool nst_is_builtin_trait(NstInfer *infer, const NstTrait *trait, NstBuiltinTrait which);

#endif
