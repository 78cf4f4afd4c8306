// The inside of type inference, for its own files.
//
// Inference works on one definition at a time, but a definition that meets another one that has no type yet infers
// that one first (infer_function.c): NstInfer holds the place where the work stands, and whoever goes elsewhere
// saves and restores it (NstPosition).
//
// Levels: GLOBAL holds what the whole program determines together (module-level bindings that are not generalised),
// FUNCTION a group of top-level functions, deeper ones the generalised bindings inside. A variable whose level is deeper
// than the current one belongs to the definition just left.
//
// Threads: the owner of the program's lock.
#ifndef NST_INFER_INTERNAL_H
#define NST_INFER_INTERNAL_H

#include "frontend/program_internal.h"
#include "frontend/resolve.h"
#include "frontend/unify.h"

enum { NST_LEVEL_GLOBAL = 1, NST_LEVEL_FUNCTION = 2 };

typedef struct NstRequirementList {
    NstRequirement **items;
    size_t count, capacity;
    size_t floor; // items below belong to definitions around the one being inferred: positions there stay
} NstRequirementList;

typedef struct NstLoop {
    struct NstLoop *outer;
    NstType *value;          // common type of the `break` values, null if there is none yet
    NstSpan first;           // where it comes from
} NstLoop;

// What holds in the function body (function, lambda, local function, spawn operand) that is being inferred.
typedef struct NstBodyContext {
    struct NstBodyContext *outer;
    NstBody *body;
    NstType *result;         // what `return` and `?` give
    NstSpan result_span;     // what says its type, if anything: an annotation, or the body of the first clause
    NstTypeContext *types;   // type variables of the definition; bodies inside it share them
    NstLoop *loop;           // innermost loop of this body
    NstSpan try_span;        // the `?` that made the result an Option or Result, if one did
} NstBodyContext;

// A function's types as they are declared, and where its inference stands.
typedef enum NstFunctionState {
    NST_FUNCTION_NEW,
    NST_FUNCTION_DECLARED,  // annotations are known
    NST_FUNCTION_OPEN,      // on the stack of functions being inferred: has one monomorphic type
    NST_FUNCTION_DONE,      // has its scheme
} NstFunctionState;

typedef struct NstFunctionList {
    NstFunction **items;
    size_t count, capacity;
} NstFunctionList;

typedef struct NstFunctionInfo {
    NstFunction *fn;
    NstConst *constant;      // the function computes this module-level binding
    NstFunctionState state;
    NstScheme *declared;     // variables of the annotations; type: FUN in which unannotated parts are params of their own
    bool *annotated;         // per parameter
    bool fixed;              // the annotations say everything: the declared scheme is the scheme
    bool complete;           // fully annotated over type variables: while OPEN, uses go by the declared scheme
    bool in_error;           // an error has been reported in its body
    bool body_done;          // the body has been inferred (or is being)
    NstTypeVar *vars;        // named variables of the annotations (types: params of `declared`)
    size_t var_count;
    NstType *self_type;      // Self, over `declared`
    NstType **inherited;     // methods of implementations: the trait's types, null where it says nothing
    NstType *inherited_result;
    NstFunction **group;     // functions inferred together with it (infer_groups.h), in the order of the text
    size_t group_count;
    // while and after the body is inferred
    NstType *mono;           // its type; after generalisation over the scheme's params
    NstType **open_args;     // the variables of `declared` while the body is inferred
    NstTypeVar *body_vars;   // the named variables in it
    NstType *self_var;       // default methods: Self
    uint32_t index, low;     // Tarjan's numbers while OPEN
    NstRequirementList looks;// requirements of its group, its local definitions and (library) its body
    bool *relevant;          // per scheme parameter: some requirement looks at it
    // what inferring it again needs to know (infer_again.h)
    NstFunctionList mentions;// user functions that the text names (infer_groups.h)
    bool mentions_known;
    NstFunctionList uses;    // user functions whose types inference has looked at
    const struct NstFunctionInfo *last_user; // the one that has noted it last
    struct NstFunctionInfo **component; // functions generalised together with it
    size_t component_count;
} NstFunctionInfo;

// A node that names a function or local while it is being inferred: gets the identity substitution when that is
// generalised.
typedef struct NstInnerUse {
    NstExpr *expr;
    NstFunctionInfo *info;   // or
    NstLocal *local;
    NstType *type;           // of a complete function: its type at this use, compared with the scheme in the end
    NstSpan span;
} NstInnerUse;

struct NstInfer {
    NstProgram *program;
    NstArena *arena;
    NstModule *module;       // of the definition being inferred
    uint32_t level;
    uint32_t next_var;
    NstBodyContext *body;
    NstRequirementList *pending; // of the top-level definition being inferred
    NstRequirementList global;   // on variables of the global level
    bool silent;             // instances and attempts: nothing is reported
    bool failed;             // an error was found (reported or not)
    size_t errors;           // reported so far
    bool solving;
    bool last_chance;        // requirements decide with what is known
    const NstFunction *failed_default; // is called for a type for which its body is in error: no more reports
    bool receiving;          // patterns of a receive: several constructors in scope do not decide the type
    // unify.c
    struct { NstType *var; uint32_t level; bool bound; } *trail;
    size_t trail_count, trail_capacity, trials;
    uint32_t visit;
    NstRequirement **woken;  // queue
    size_t woken_first, woken_count, woken_capacity;
    size_t woken_base;       // what is queued before belongs to definitions that wait for the one under way
    // infer_function.c
    NstFunctionInfo **infos; // by function id
    size_t info_count;
    NstFunctionInfo **open;  // Tarjan's stack
    size_t open_count, open_capacity;
    NstFunctionInfo *current;
    uint32_t next_index;
    NstInnerUse *inner_uses; // of functions on the stack and of locals being inferred
    size_t inner_count, inner_capacity;
    const struct NstMethodStep *method_steps; // infer_method.c: method calls being resolved, innermost first
    struct NstInstances *instances; // instance.c
    // infer_again.h
    bool whole;              // what belongs to no function is being inferred
    NstFunctionList whole_uses; // user functions whose types that looked at
    bool open_globals;       // module-level bindings that the whole program determines: nothing is inferred alone
    bool grown;              // some group turned out to be larger than the text shows
    bool reported_elsewhere; // an error of one function stands in the text of another
    size_t nested;           // diagnostics that definitions inferred on the way have reported
};

NstInfer *nst_infer_of(NstProgram *program); // made when first asked for

// Saves and restores where the work stands.
typedef struct NstInferPosition {
    NstModule *module;
    uint32_t level;
    NstBodyContext *body;
    NstRequirementList *pending;
    NstFunctionInfo *current;
    const struct NstMethodStep *method_steps;
    bool solving;
    bool last_chance;
} NstInferPosition;

NstInferPosition nst_infer_position(const NstInfer *infer);
void nst_infer_return(NstInfer *infer, NstInferPosition position);

// ---- Types (types.c) --------------------------------------------------------------------

NstType *nst_var(NstInfer *infer);                          // at the current level
NstType *nst_dynamic_var(NstInfer *infer);
NstType *nst_var_at(NstInfer *infer, uint32_t level, NstName name);
NstType *nst_fun(NstInfer *infer, NstType **args, size_t count, NstType *result); // takes args over
NstType *nst_tuple(NstInfer *infer, NstType **args, size_t count);                // takes args over
NstType *nst_prim(NstInfer *infer, NstPrimType prim);       // without arguments
NstType *nst_list_of(NstInfer *infer, NstType *element);
NstType *nst_map_of(NstInfer *infer, NstType *key, NstType *value);
NstType *nst_set_of(NstInfer *infer, NstType *element);
NstType *nst_unit(NstInfer *infer);
NstType *nst_error_type(NstInfer *infer);
bool nst_is_unit(const NstType *type);
bool nst_is_var(NstType *type);
bool nst_is_silent(NstType *type);                          // ERROR
bool nst_is_list(NstType *type);
bool nst_prim_is_numeric(NstPrimType prim);
bool nst_prim_is_integer(NstPrimType prim);
bool nst_type_has_vars(NstType *type);                      // unbound variables inside
bool nst_type_has_params(NstType *type);
NstType **nst_type_array(NstInfer *infer, size_t count);
NstType *nst_type_copy(NstInfer *infer, NstType *type);     // as it is now: bindings taken back later do not change it

// The text of `type` in a message that shows `other` (or null) before it: equal variables get equal letters, types of
// equal names their module paths. Malloc'ed.
char *nst_type_show_pair(const NstType *type, const NstType *other);

// ---- Errors (infer_error.c) -------------------------------------------------------------

// Reports unless silent; returns the diagnostic or null.
NstDiag *nst_infer_error(NstInfer *infer, NstDiagKind kind, NstSpan span, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

// Number of diagnostics so far, those of other definitions left out: it grows if the definition under way reports.
size_t nst_infer_reported(const NstInfer *infer);

// Unifies, solves what that woke, and reports a failure at the span. False if it failed.
bool nst_infer_unify(NstInfer *infer, NstType *expected, NstType *found, NstSpan span);

// The same, with a label at the place that made `expected` what it is.
bool nst_infer_unify_because(NstInfer *infer, NstType *expected, NstType *found, NstSpan span, NstSpan reason,
                             const char *label);

// A second place of a diagnostic, if it is one of the user's text and not the diagnostic's own.
void nst_infer_label(NstInfer *infer, NstDiag *diag, NstSpan span, const char *text);

// "did you mean" one of the constructor's fields? The diagnostic may be null.
void nst_infer_suggest_field(NstInfer *infer, NstDiag *diag, const NstCtor *ctor, NstName name);

// A function of n parameters for one that takes an n-tuple (types.md 4); an open parameter becomes the tuple. False if
// this is not the case, else *result is the outcome.
bool nst_spreads(NstInfer *infer, const NstType *expected, const NstType *found, NstUnify *result);

// The report of a failed unification with the texts of types.md 14. `quote` is false for bindings and callbacks.
NstDiag *nst_infer_mismatch(NstInfer *infer, NstUnify why, NstType *expected, NstType *found, NstSpan span, bool quote);
void nst_infer_arity(NstInfer *infer, NstSpan span, size_t expected, size_t found);

#endif
