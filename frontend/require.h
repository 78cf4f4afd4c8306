// Requirements: operations on values whose type is not known yet (types.md 9).
//
// Life of a requirement
//
//   nst_require ──▶ attempted at once ──▶ solved (target of the node known, or an error reported)
//                        │ pending: watches the variables that decide it
//                        ▼
//                  woken by a binding ──▶ attempted again
//                        │
//                        ▼ the definition is generalised (scheme.c)
//      on a generalised variable: part of the scheme, copied and attempted at each use;
//      on an outer variable: stays pending; on neither: dropped, or ambiguous-type.
//
// A copy at a use reports at the use. All copies of one use form a batch, which reports one error at most.
#ifndef NST_REQUIRE_H
#define NST_REQUIRE_H

#include "frontend/infer_internal.h"

// `steps`: the method calls that led to this use (infer_method.c).
typedef struct NstBatch {
    bool reported;
    const struct NstMethodStep *steps;
} NstBatch;

// Where an instance's solution goes (instance.c), instead of into the node.
typedef struct NstSolution {
    bool solved;
    NstTargetKind kind;
    NstFunction *fn;
    NstType **subst;
    size_t subst_count;
    NstLocal *local;
    int field;
    int *order;
    size_t order_count;
} NstSolution;

struct NstRequirement {
    NstRequirementKind kind;
    NstSpan span;            // where a violation is reported
    NstSpan origin;          // what made it
    NstExpr *expr;           // the node that made it: names and places of arguments; null for bounds
    NstType *type;           // the subject; METHOD: the receiver, which is also args[0]
    NstType **args;          // METHOD, OVERLOAD: all arguments; INDEX: index; ARITH: both operands
    size_t arg_count;
    NstType *result;
    NstTrait *trait;         // TRAIT
    NstName name;            // FIELD, METHOD, OVERLOAD
    NstOperator op;          // ARITH
    NstFunction *const *fns; // OVERLOAD
    size_t fn_count;
    NstModule *module;       // whose scope it is solved in
    NstLocal *local;         // METHOD: a visible local of that name
    NstType *local_type;
    NstBatch *batch;         // copies
    NstSolution *solution;   // instances
    uint32_t level;
    bool derived;            // a copy at a use
    bool solved, queued;
    bool generalised;        // belongs to a scheme: only its copies are attempted
    bool declared;           // TRAIT: a written bound
    bool numeric;            // TRAIT Num that a library function asks: only the numeric types will do
    bool hashes;             // TRAIT Eq that the function `hash` asks: reported as Hash
    bool traits_only;        // METHOD written m(x): only trait methods
    const NstTrait *of_trait; // METHOD that a bound gives or that is written Type.Trait.m: this trait's; or null
    bool value;              // METHOD, OVERLOAD: the name is used as a value; args are those of the function type
    bool first;              // OVERLOAD: the first definition that fits is taken, also for a dynamic argument
    bool place;              // FIELD: is assigned to
    bool same;               // ARITH: rule 3 has made both operands one type
    bool bound_known;        // METHOD: a bound's declaration has been applied
};

// A variable's watchers form a ring; NstType.watch is the last one, its `next` the first.
typedef struct NstWatch {
    NstRequirement *req;
    struct NstWatch *next;
} NstWatch;

// A new requirement with the current module and level; the caller fills in the rest.
NstRequirement *nst_requirement_new(NstInfer *infer, NstRequirementKind kind, NstSpan span, NstExpr *expr);

// Attempts it and keeps it if it is pending.
void nst_require(NstInfer *infer, NstRequirement *req);

// TRAIT in one call.
void nst_require_trait(NstInfer *infer, NstType *type, NstTrait *trait, NstSpan span);

// A copy at a use, with the scheme's params replaced.
NstRequirement *nst_requirement_copy(NstInfer *infer, const NstRequirement *req, const NstScheme *owner,
                                     NstType *const *args, NstSpan span, NstBatch *batch);

void nst_requirement_wake(NstInfer *infer, NstRequirement *req);
void nst_requirements_wake_all(NstInfer *infer, const NstType *var); // its watchers, in the order in which they came
void nst_requirements_unwake(NstInfer *infer, size_t woken); // takes back what was queued since

// In a trial: false if a trait or an operator among what was woken since cannot be had any more. Decides nothing.
bool nst_requirements_fit(NstInfer *infer, size_t woken);

// Attempts everything that was woken.
void nst_requirements_solve(NstInfer *infer);

// One attempt; true if it is solved (or failed, which has been reported).
bool nst_requirement_attempt(NstInfer *infer, NstRequirement *req);

// What must be decided before the variables deeper than the current level are generalised over `types`: operators by
// types.md 3 rule 3, overloads that stay undetermined. Looks at the pending ones from `mark` on.
void nst_requirements_settle(NstInfer *infer, size_t mark, NstType *const *types, size_t count);

// The result of an undecided operator meets a type without arithmetic: its operands are unified at once (rule 3), so that
// the mismatch shows where the types meet.
void nst_settle_conflict(NstInfer *infer, NstType *a, NstType *b);

// After generalisation: drops or reports what no definition can decide any more; the others stay pending.
void nst_requirements_close(NstInfer *infer, size_t mark);

// True if the requirement's subject contains a variable for which `test` holds.
bool nst_requirement_subject(const NstRequirement *req, bool (*test)(NstType *var, void *data), void *data);

// True if the subject is dynamic: if it stays unknown the values decide.
bool nst_requirement_is_dynamic(const NstRequirement *req);

// Reports a violation of the requirement, once for its batch.
NstDiag *nst_requirement_error(NstInfer *infer, NstRequirement *req, NstDiagKind kind, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

// Unifies for the requirement and reports a failure as its violation.
bool nst_requirement_unify(NstInfer *infer, NstRequirement *req, NstType *expected, NstType *found, NstSpan span);

#endif
