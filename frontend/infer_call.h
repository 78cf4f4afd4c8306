// Calls: matching arguments with parameters, choosing among overloads and methods (types.md 10 and 11).
#ifndef NST_INFER_CALL_H
#define NST_INFER_CALL_H

#include "frontend/infer_internal.h"
#include "frontend/require.h"

// One argument as written (the receiver of a method call is the first).
typedef struct NstActual {
    NstName name;     // 0: positional
    NstExpr *expr;    // null in queries at run time
    NstSpan span;
    NstType *type;    // null: not inferred yet
} NstActual;

// One call. The same code serves a call that is being inferred (types of arguments come as they are needed), a
// requirement that is solved later, and an instance's question (`solution`).
typedef struct NstCallSite {
    NstExpr *expr;             // CALL, METHOD; NAME for a function used as a value
    NstSpan span;              // of errors about the call as a whole
    NstActual *actuals;
    size_t count;
    NstRequirement *req;       // solved for this requirement, or null
    NstType *expected;         // hint for the result
    bool value;                // not a call: the name is used as a value of type (actuals) -> result
} NstCallSite;

// What is called, as far as arguments are concerned.
typedef struct NstCallee {
    NstType *type;             // FUN
    const NstName *names;      // of the parameters, or null
    const NstName *declared_names; // of an implementation's method: those of the trait's declaration; or null
    NstExpr *const *defaults;  // or null
    const NstType *declared;   // the scheme's type: tells parameters of one type variable; or null
    const NstFunction *fn;     // or null
} NstCallee;

// A function's parameters as its callers see them.
NstCallee nst_callee_of(NstInfer *infer, const NstFunctionInfo *info);

// ---- Arguments --------------------------------------------------------------------------

// For each parameter the actual's index or -1 (default). Reports and returns false if they do not fit.
bool nst_map_arguments(NstInfer *infer, const NstCallSite *site, const NstCallee *callee, bool report, int *order);

// Checks the actuals against the parameters, inferring those that have no type yet.
void nst_check_arguments(NstInfer *infer, NstCallSite *site, const NstCallee *callee, const int *order);

// Unifies an argument with its parameter; a function of n parameters fits one that takes an n-tuple.
bool nst_pass(NstInfer *infer, const NstCallSite *site, NstType *expected, NstType *found, NstSpan span);

// Infers the actuals that have no type yet, without a hint. `all` false: not those that a hint may decide (lambdas,
// names of several functions or constructors).
void nst_infer_actuals(NstInfer *infer, NstCallSite *site, bool all);

// Infers all that have no type yet, of a call that is in error: the parameters of lambdas are silent.
void nst_infer_actuals_after_error(NstInfer *infer, NstCallSite *site);

// True if the type that is expected may decide what the expression means.
bool nst_wants_hint(const NstExpr *expr);

// Reports for the site: at the use and once if it is a copied requirement.
bool nst_site_error(NstInfer *infer, const NstCallSite *site, NstDiagKind kind, NstSpan span, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

// ---- Functions --------------------------------------------------------------------------

// Types the call of `fn`; the target goes to the node or the solution.
NstType *nst_call_function(NstInfer *infer, NstCallSite *site, NstFunction *fn);

// Types a call whose callee is a value of this type.
NstType *nst_call_value(NstInfer *infer, NstCallSite *site, const NstCallee *callee);

// Records what the site's node means: in the node, or in the solution that an instance asks for.
void nst_site_target(const NstCallSite *site, NstTargetKind kind, NstFunction *fn, NstLocal *local, NstType **subst,
                     size_t subst_count);

// ---- Overloads (overload.c) -------------------------------------------------------------

typedef enum NstChoice {
    NST_CHOICE_ONE,
    NST_CHOICE_ARITY,   // none takes that many arguments (or these names)
    NST_CHOICE_TYPES,   // none takes these types
    NST_CHOICE_DELAYED, // not enough is known
} NstChoice;

// Chooses by the types that the actuals have; those without a type are unknown.
NstChoice nst_overload_choose(NstInfer *infer, const NstCallSite *site, NstFunction *const *fns, size_t count,
                              NstFunction **chosen);

// Chooses, calls, and reports if nothing fits; null: delayed, a requirement is needed.
NstType *nst_overload_call(NstInfer *infer, NstCallSite *site, NstFunction *const *fns, size_t count);

// True if the function's first parameter may take a value of this type (by its declaration).
bool nst_accepts_first(NstInfer *infer, NstFunction *fn, NstType *type);

bool nst_overload_attempt(NstInfer *infer, NstRequirement *req);

// True if `var`, an argument of the undecided overload, fits none of its definitions once it is `type`. Binds nothing.
bool nst_overload_excludes(NstInfer *infer, NstRequirement *req, NstType *var, NstType *type);
bool nst_method_attempt(NstInfer *infer, NstRequirement *req);

// Begins the resolution of a method or overload requirement for the type(s) that it asks about; the caller restores
// `method_steps`. False if that is being resolved further out, whose answer is then the result, or if it would never
// end (a function that calls itself at ever larger types).
bool nst_method_step(NstInfer *infer, NstRequirement *req, NstType *asked);

// ---- Expressions ------------------------------------------------------------------------

NstType *nst_infer_call(NstInfer *infer, NstExpr *expr, NstType *expected);
NstType *nst_infer_method(NstInfer *infer, NstExpr *expr, NstType *expected);
NstType *nst_infer_trait_call(NstInfer *infer, NstExpr *expr, NstType *expected);
NstType *nst_infer_construction(NstInfer *infer, NstExpr *expr, NstType *expected);
NstType *nst_infer_name(NstInfer *infer, NstExpr *expr, NstType *expected);

// The actuals of a CALL or METHOD node; of a requirement, with their types.
NstCallSite nst_site_of(NstInfer *infer, NstExpr *expr, NstType *expected);
NstCallSite nst_site_of_requirement(NstInfer *infer, NstRequirement *req);

// A requirement for the site's call: its arguments' types and a fresh result.
NstRequirement *nst_site_requirement(NstInfer *infer, NstCallSite *site, NstRequirementKind kind, NstName name);

// The callee that a local is: local functions have parameter names and defaults, `f = g` those of g.
NstCallee nst_local_callee(NstInfer *infer, NstLocal *local, NstType *type);

// The constructor that a use means when several types have it: by the expected type, else by the arguments (null:
// none known), else the nearest. Reports ambiguous-call.
NstCtor *nst_choose_ctor(NstInfer *infer, NstExpr *name, NstType *expected, const NstCallSite *site);

#endif
