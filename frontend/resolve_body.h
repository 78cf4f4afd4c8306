// Resolving bodies: lexical scopes, patterns, names in expressions.
//
// A *body* (NstBody) owns the locals of one function, lambda, local function or spawned block; a *frame* is one lexical
// scope in it. Names are looked up from the innermost frame outwards, across bodies; a local found in an outer body is
// captured by every body in between.
#ifndef NST_RESOLVE_BODY_H
#define NST_RESOLVE_BODY_H

#include "frontend/resolve_internal.h"
#include "frontend/scope.h"

typedef struct NstFrame {
    struct NstFrame *parent;
    NstBody *body;
    NST_LIST(NstLocal *) locals; // bound so far
    NST_LIST(NstLocal *) later;  // functions of this block, also those that are not bound yet
    unsigned later_visible;      // > 0 while a function of the block is being resolved: it sees `later`
} NstFrame;

typedef struct NstWalk {
    NstProgram *program;
    const NstPart *part;
    NstFunction *fn;      // null in an mvar's initialiser
    NstBody *body;
    NstFrame *frame;
    unsigned loops;       // loops around the node in this body
    unsigned spawns;      // spawn operands around the node
    NstModule *markup;    // inside Html(…) or RHtml(…): the library module whose tags calls mean
} NstWalk;

// ---- Locals (scope_locals.c) ------------------------------------------------------------

NstBody *nst_body_new(NstWalk *walk);                       // a child of the current body
NstLocal *nst_local_new(NstWalk *walk, NstIdent ident, bool mutable_); // in the current body, not yet visible
void nst_frame_push(NstWalk *walk, NstFrame *frame);
void nst_frame_pop(NstWalk *walk);
void nst_frame_bind(NstWalk *walk, NstLocal *local);

// The local that the name means here, or null. Nothing is captured. `arity` chooses among local functions of one block that
// differ in their number of parameters; -1: any.
NstLocal *nst_find_local(const NstWalk *walk, NstName name, int arity, bool *early);

// The same for a mention of the name: the local is captured by the bodies in between.
NstLocal *nst_use_local(NstWalk *walk, NstName name, int arity);

// The local functions that the name as a value may mean here, in the order of their text; captured if they are several.
NstLocal *const *nst_use_local_functions(NstWalk *walk, NstName name, size_t *count);

// Records that the current body mentions the local.
void nst_capture_local(NstWalk *walk, NstLocal *local);

// ---- Patterns (resolve_pattern.c) -------------------------------------------------------

typedef enum NstPatternMode {
    NST_PATTERNS_PARAMS,   // function clause, local function
    NST_PATTERNS_LAMBDA,   // names always bind
    NST_PATTERNS_ARM,
    NST_PATTERNS_BINDING,  // pattern = e
    NST_PATTERNS_VAR,      // var pattern = e
} NstPatternMode;

// Resolves a pattern in the current frame, where its names become visible. `first` is the number of locals that the frame had
// before the pattern (or parameter list) began.
void nst_resolve_pattern(NstWalk *walk, NstPattern *pattern, NstPatternMode mode, size_t first);

// ---- Names (resolve_names.c) ------------------------------------------------------------

// A plain name; arity: number of arguments if it is called, else -1.
void nst_resolve_name(NstWalk *walk, NstExpr *expr, int arity);

// Turns a qualified FIELD into a NAME, a qualified METHOD into a CALL. False: it is a field or method of a value, and
// nothing has been resolved. Arguments are not resolved.
bool nst_resolve_qualified(NstWalk *walk, NstExpr *expr);

// Turns the METHOD x.M.f(a) into the CALL M.f(x, a). False: it is a method of a value.
bool nst_resolve_infix_module(NstWalk *walk, NstExpr *expr);

// The mvar that a plain name means where no local hides it, or null.
NstMvar *nst_plain_mvar(NstWalk *walk, NstName name);

// True if the current module may change the mvar.
bool nst_may_assign(const NstWalk *walk, const NstMvar *mvar);

// ---- Scoping forms (resolve_markup.c) ---------------------------------------------------

// Resolves a call of a plain name, and its argument, if it is a scoping form.
bool nst_resolve_markup(NstWalk *walk, NstExpr *call);

// What a called name means inside a scoping form, or null.
NstEntry *nst_markup_entry(NstWalk *walk, NstName name);

// ---- Expressions (resolve_body.c) -------------------------------------------------------

void nst_resolve_expr(NstWalk *walk, NstExpr *expr);

// All clauses of a function: their bodies, parameters, defaults, guards.
void nst_resolve_function(NstProgram *program, NstFunction *fn);

// An mvar's initialiser.
void nst_resolve_initialiser(NstProgram *program, const NstPart *part, NstMvar *mvar);

#endif
