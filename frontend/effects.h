// Effects: what a function does besides giving a value. Which messages it sends and receives, which mvars it touches
// and how, whom it calls.
//
// A *summary* is made from one typed function body and nothing else (nst_effects_of_clauses), so it can be kept as long
// as the body. A *table* holds the summaries of a whole program and what follows from all of them together
// (nst_effects_build). Both are plain data in the arena that they are given; making them reports nothing and changes no node.
//
// What the table says and what it does not:
//  1. Every send, receive and use of an mvar that is written in the program stands in exactly one summary: that of the
//     function (test, binding) or of the mvar's initialiser around it, lambdas and local functions included.
//  2. CALL is a call by name of one function that is known without looking at values. Calls of values, of methods that
//     only the run time can choose, and functions passed as values are not followed: "may receive" is what
//     mvars.md 6.2 asks, not a proof that a function never waits.
//  3. A spawn operand belongs to the function in whose text it stands, marked `spawned`: it happens, in another process.
//
// These are the questions it answers for warnings and for an editor: who sends what this receive takes, who receives
// what this sends, who reads or changes this mvar, what holds it while waiting.
#ifndef NST_EFFECTS_H
#define NST_EFFECTS_H

#include "frontend/message_shape.h"
#include "frontend/program_internal.h"

typedef enum NstEffectKind {
    NST_EFFECT_CALL,    // expr, fn
    NST_EFFECT_SEND,    // expr, message
    NST_EFFECT_RECEIVE, // expr
    NST_EFFECT_READ,    // expr, mvar
    NST_EFFECT_ASSIGN,  // stmt, mvar: M = e
    NST_EFFECT_PART,    // stmt, mvar: M.f = e, M[i] = e
    NST_EFFECT_UPDATE,  // expr, mvar: M.update(f)
} NstEffectKind;

typedef struct NstEffect {
    NstEffectKind kind;
    bool spawned;  // inside a spawn operand
    bool deferred; // inside a lambda or local function: when that is called, if ever
    bool own;      // READ, UPDATE: the value can only come back into the same mvar (n = n + 1, m.update(x => x + 1))
    NstExpr *expr;
    NstStmt *stmt;
    NstMvar *mvar;
    NstFunction *fn;
    const NstShape *message;
} NstEffect;

typedef struct NstEffects {
    NstEffect *items; // in the order of the text
    size_t count;
    bool loose;       // its text binds received or caught values
    bool receives;    // it, or a function that it calls by name, contains a receive outside spawn operands
} NstEffects;

typedef struct NstEffectTable {
    NstEffects *functions;    // by id; library functions have none
    size_t function_count;
    NstEffects *initialisers; // by mvar index
    size_t initialiser_count;
} NstEffectTable;

// The summary of one body. `receives` is only what the text itself contains.
NstEffects nst_effects_of_clauses(NstArena *arena, NstClause *const *clauses, size_t count);
NstEffects nst_effects_of_expr(NstArena *arena, NstExpr *expr);

// The summaries of all user functions and initialisers, `receives` closed over the calls. The table lives in the arena, the
// functions' summaries as long as their bodies (check_cache.h).
NstEffectTable nst_effects_build(NstArena *arena, NstProgram *program);

// The module-level function that a call names, or null.
NstFunction *nst_called_function(const NstExpr *call);

// Calls `visit` for every effect of the program until it gives false.
void nst_effects_each(const NstEffectTable *table, bool (*visit)(void *context, const NstEffect *effect), void *context);

#endif
