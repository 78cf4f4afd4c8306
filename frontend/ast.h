// The abstract syntax tree: what lowering makes of a tree-sitter tree, what the
// resolver and the type inference annotate, and what every later step reads.
//
// Invariants
//  1. Every node has a span; a span is relative to its origin (one origin per top-level item
//     or template expansion), so moving an item in its file changes no node.
//  2. Nodes live in the arena of their item; they are built by lowering and completed in place
//     by the resolver and by inference (the fields under "filled by"), then never change again.
//  3. Desugaring in lowering is limited to what has no observer: parentheses disappear, `do … end`
//     is a block, `[a..b]` stays a node, `not e` is `!e`, hex/underscores are decoded.
//  4. Erroneous parts are NST_EXPR_ERROR / NST_PAT_ERROR / NST_TEXPR_ERROR: a diagnostic has
//     been reported for them, later steps stay silent about them.
#ifndef NST_AST_H
#define NST_AST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct NstType NstType;           // types.h
typedef struct NstScheme NstScheme;       // types.h
typedef struct NstModule NstModule;       // program.h
typedef struct NstFunction NstFunction;   // program.h
typedef struct NstTypeDecl NstTypeDecl;   // program.h
typedef struct NstCtor NstCtor;           // program.h
typedef struct NstMvar NstMvar;           // program.h
typedef struct NstConst NstConst;         // program.h (const and module-level binding)
typedef struct NstRequirement NstRequirement; // types.h
typedef struct NstDoc NstDoc;

// An interned identifier; equal text, equal id. 0 is "no name".
typedef uint32_t NstName;

// Text borrowed from an arena or a source buffer; not NUL-terminated.
typedef struct NstText {
    const char *data;
    size_t size;
} NstText;

// A place: bytes [start, end) of the origin's text. Origin 0 is "no place".
typedef struct NstSpan {
    uint32_t origin;
    uint32_t start;
    uint32_t end;
} NstSpan;

typedef struct NstIdent {
    NstName name;
    NstSpan span;
} NstIdent;

typedef struct NstExpr NstExpr;
typedef struct NstPattern NstPattern;
typedef struct NstTypeExpr NstTypeExpr;
typedef struct NstStmt NstStmt;
typedef struct NstItem NstItem;

// ---- Type expressions -----------------------------------------------------------------

typedef enum NstTypeExprKind {
    NST_TEXPR_ERROR,
    NST_TEXPR_NAME,   // path with arguments: List[Int], Geo.Pt, Self; also a one-letter upper-case variable
    NST_TEXPR_VAR,    // lower-case name
    NST_TEXPR_LIST,   // [T]: always the predefined list; args[0]
    NST_TEXPR_TUPLE,  // args, n >= 2
    NST_TEXPR_UNIT,   // ()
    NST_TEXPR_FUN,    // args -> result
    NST_TEXPR_RECORD, // anonymous record type: bad-type-declaration wherever it is used
} NstTypeExprKind;

struct NstTypeExpr {
    NstTypeExprKind kind;
    NstSpan span;
    NstIdent *path; // NAME: segments, last is the type; VAR: one
    size_t path_len;
    NstTypeExpr **args;
    size_t arg_count;
    bool has_args; // NAME: brackets were written
    NstTypeExpr *result; // FUN
};

// A type parameter with bounds: [T: Show + Eq].
typedef struct NstTypeParam {
    NstIdent name;
    NstIdent *bounds;
    size_t bound_count;
} NstTypeParam;

// ---- Locals ---------------------------------------------------------------------------

// One local variable (parameter, pattern variable, binding, var, loop variable, local function).
// Created by the resolver.
typedef struct NstLocal {
    NstName name;
    NstSpan span;
    struct NstBody *body;  // the function body (function clause, lambda, local function, spawn body) that owns it
    bool mutable_;         // `var`
    bool captured;         // some inner body mentions it
    bool assigned_after_capture_possible; // mutable_ && captured: needs a shared cell
    bool captured_early;   // a function of its block mentions it, perhaps before it is bound (recursion): a captured
                           // copy of the value would come too early
    struct NstLocal *copy_of; // starts as a copy of this captured local when its body is entered (functions.md 4.3:
                           // element assignment to a captured immutable name)
    bool is_function;      // bound by a local function definition or by a lambda binding (may refer to itself)
    uint32_t index;        // number within its body, in order of binding
    uint32_t arity_min, arity_max; // numbers of arguments that a local function takes
    NstType *type;         // filled by inference: monomorphic type, or the scheme's body
    NstScheme *scheme;     // filled by inference: non-null if generalised with at least one variable
    NstExpr **uses;        // filled by inference: uses of a generalised local (NST_EXPR_LOCAL nodes)
    size_t use_count;
    struct NstStmt *definition; // a local function's FUNCTION statement; filled by inference
    bool read;             // filled by the unused check: some expression or pattern looks at it
    NstFunction *alias_of; // `f = g` of a top-level function: calls may omit g's defaults
    struct NstLocal *alias_of_local; // the same of a local function
} NstLocal;

// One function body: the unit that has its own frame, `return`, and set of locals.
typedef struct NstBody {
    struct NstBody *parent;  // enclosing body, null for top-level clauses
    NstLocal **locals;       // all locals it owns, by index
    size_t local_count;
    NstLocal **captures;     // locals of enclosing bodies that it (or a body inside it) mentions, each once
    size_t capture_count;
    NstType *result_type;    // filled by inference
} NstBody;

// ---- Patterns -------------------------------------------------------------------------

typedef enum NstLiteralKind {
    NST_LIT_UNIT, NST_LIT_BOOL, NST_LIT_CHAR, NST_LIT_STRING,
    NST_LIT_INT, NST_LIT_INT8, NST_LIT_INT16, NST_LIT_INT32,
    NST_LIT_UINT8, NST_LIT_UINT16, NST_LIT_UINT32, NST_LIT_UINT64,
    NST_LIT_FLOAT, NST_LIT_FLOAT32, NST_LIT_BIGINT, NST_LIT_DECIMAL,
} NstLiteralKind;

// A literal value, decoded. Numbers in patterns carry their sign here; in expressions a leading
// minus is a unary operator except where syntax.md 1.5 folds it (the minimum values).
typedef struct NstLiteral {
    NstLiteralKind kind;
    union {
        bool boolean;
        uint32_t character;
        int64_t integer;   // INT and the sized signed kinds; unsigned kinds use `natural`
        uint64_t natural;
        double floating;   // FLOAT; FLOAT32 holds the rounded value
        NstText text;      // STRING (decoded), BIGINT (digits, optional '-'), DECIMAL (digits with point)
    };
} NstLiteral;

typedef enum NstPatternKind {
    NST_PAT_ERROR,
    NST_PAT_WILDCARD,
    NST_PAT_NAME,      // lowering; the resolver turns it into BIND, EQUALS (pin-like) or ASSIGN by `role`
    NST_PAT_PIN,       // ^name
    NST_PAT_LITERAL,
    NST_PAT_RANGE,     // low .. high, inclusive flag
    NST_PAT_TUPLE,     // items
    NST_PAT_LIST,      // items, rest (null if none)
    NST_PAT_CTOR,      // ident; positional items, or fields (named)
    NST_PAT_RECORD,    // {f, g: p, _}
    NST_PAT_MAP,       // keys/items pairwise
    NST_PAT_SET,       // items: literals or pins
    NST_PAT_OR,        // items
} NstPatternKind;

typedef enum NstNameRole {
    NST_ROLE_BIND,    // a new local
    NST_ROLE_EQUALS,  // must equal an existing immutable local (patterns.md 3.1)
    NST_ROLE_ASSIGN,  // assigns an existing var (patterns.md 3.2)
    NST_ROLE_MVAR,    // only `name = e` statements: assigns a module's mvar
} NstNameRole;

typedef struct NstFieldPattern {
    NstIdent name;
    NstPattern *pattern; // never null; the short form {f} has a NAME pattern with always_binds
    int field;           // filled by inference: index in the constructor (-1 unknown: run-time look-up by name)
} NstFieldPattern;

struct NstPattern {
    NstPatternKind kind;
    NstSpan span;
    NstType *type;           // filled by inference
    NstIdent ident;          // NAME, PIN, CTOR
    NstNameRole role;        // NAME: filled by resolver
    bool always_binds;       // NAME: short field form, lambda parameter
    NstLocal *local;         // NAME: the local bound/compared/assigned. PIN: the local (else expr)
    NstExpr *pin;            // PIN: name expression, resolved like any name (local, function, mvar, …)
    NstLiteral literal;      // LITERAL; RANGE: low
    NstLiteral high;         // RANGE
    bool inclusive;          // RANGE
    NstPattern **items;      // TUPLE LIST CTOR MAP SET OR
    size_t item_count;
    NstPattern *rest;        // LIST
    bool has_parens;         // CTOR: C(...) or C{...} written
    NstFieldPattern *fields; // RECORD; CTOR with named fields
    size_t field_count;
    bool named;              // CTOR: fields by name
    NstPattern **keys;       // MAP: LITERAL or PIN patterns, parallel to items
    NstCtor *ctor;           // CTOR: filled by inference
    bool string_prefix;      // LIST: all items string literals and a rest and the scrutinee is a String
                             // (filled by inference; if the type is unknown: `maybe_prefix`, decided at run time)
    bool maybe_prefix;
    bool loose_shape;        // TUPLE: scrutinee not constrained (types.md 12.3): test the shape at run time
};

// ---- Expressions ----------------------------------------------------------------------

typedef enum NstExprKind {
    NST_EXPR_ERROR,
    NST_EXPR_LITERAL,
    NST_EXPR_STRING,       // interpolated string: parts
    NST_EXPR_NAME,         // lowering: a plain name (either case); the resolver sets `target`
    NST_EXPR_WILDCARD,     // `_`, reported as misplaced
    NST_EXPR_TUPLE,        // args
    NST_EXPR_LIST,         // args, rest
    NST_EXPR_RANGE_LIST,   // [left .. right] (both forms inclusive)
    NST_EXPR_MAP,          // args: k1 v1 k2 v2 …
    NST_EXPR_SET,          // args
    NST_EXPR_BLOCK,        // block
    NST_EXPR_LAMBDA,       // lambda
    NST_EXPR_IF,           // cond, then, otherwise (null if absent)
    NST_EXPR_MATCH,        // scrutinee, arms
    NST_EXPR_TRY,          // body, arms (has_catch), finally (null if absent)
    NST_EXPR_WHILE,        // cond, body
    NST_EXPR_FOR,          // loop
    NST_EXPR_RECEIVE,      // arms, after_time, after_body
    NST_EXPR_SPAWN,        // spawn
    NST_EXPR_QUOTE,        // quote (templates)
    NST_EXPR_SPLICE,       // ~ operand (templates)
    NST_EXPR_BREAK,        // operand or null
    NST_EXPR_CONTINUE,
    NST_EXPR_RETURN,       // operand or null
    NST_EXPR_UNARY,        // op, operand
    NST_EXPR_BINARY,       // op, left, right  (|> is not here: see CALL)
    NST_EXPR_SEND,         // left <- right
    NST_EXPR_CALL,         // callee(args): lowering also makes `a |> f(b)` a CALL with piped = true (args[0] is a)
    NST_EXPR_METHOD,       // receiver.name(args): method, UFCS, field call or qualified call: resolver/inference decide
    NST_EXPR_FIELD,        // receiver.name without call: field, qualified name
    NST_EXPR_TUPLE_INDEX,  // receiver.N
    NST_EXPR_INDEX,        // receiver[index]
    NST_EXPR_TRY_OP,       // operand ?
} NstExprKind;

typedef enum NstOperator {
    NST_OP_NEG, NST_OP_NOT,                                    // unary
    NST_OP_ADD, NST_OP_SUB, NST_OP_MUL, NST_OP_DIV, NST_OP_MOD, NST_OP_POW,
    NST_OP_CONCAT, NST_OP_CONS,
    NST_OP_EQ, NST_OP_NE, NST_OP_LT, NST_OP_GT, NST_OP_LE, NST_OP_GE,
    NST_OP_AND, NST_OP_OR,
} NstOperator;

typedef struct NstArg {
    NstIdent name; // name.name == 0: positional
    NstExpr *value;
} NstArg;

typedef struct NstStringPart {
    NstExpr *expr; // null: text
    NstText text;
} NstStringPart;

typedef struct NstArm {
    NstPattern *pattern;
    NstExpr *guard;   // or null
    NstExpr *body;    // an assignment or binding as arm body is a BLOCK of one statement
    NstSpan span;
} NstArm;

typedef struct NstParam {
    NstPattern *pattern;
    NstTypeExpr *annotation;  // or null
    NstExpr *default_value;   // or null
    NstSpan span;
} NstParam;

typedef struct NstLambda {
    NstParam *params;
    size_t param_count;
    NstTypeExpr *result; // or null
    NstExpr *body_expr;
    NstBody *body;       // made by the resolver
} NstLambda;

typedef enum NstSpawnKind { NST_SPAWN, NST_SPAWN_LINK, NST_SPAWN_MONITOR } NstSpawnKind;

// What a name, a qualified name or a callee denotes; filled by the resolver, refined by inference.
typedef enum NstTargetKind {
    NST_TARGET_NONE,       // not resolved (error reported) or not applicable
    NST_TARGET_LOCAL,      // local
    NST_TARGET_LOCALS,     // resolver only: local functions of one name that differ in their number of parameters
    NST_TARGET_FUNCTION,   // fn with subst (types for fn->scheme variables): user or library function, trait method
                           // implementation, default method
    NST_TARGET_OVERLOADS,  // resolver only: set of candidate functions
    NST_TARGET_CTOR,       // ctor (of a variant or record type)
    NST_TARGET_CTORS,      // resolver only: constructors of several types, nearest first
    NST_TARGET_UPDATE,     // T(base, f: e): ctor; args[0] is the base
    NST_TARGET_CONST,      // constant or module-level binding
    NST_TARGET_MVAR,       // mvar (read)
    NST_TARGET_MVAR_UPDATE,// M.update(f)
    NST_TARGET_PRIMITIVE,  // operator on primitive types: prim_op with the operand tag
    NST_TARGET_FIELD,      // field `field` of a record/single constructor/tuple
    NST_TARGET_FIELD_CALL, // field of function type, called
    NST_TARGET_VALUE_CALL, // callee is a function value
    NST_TARGET_INDEX,      // built-in index; container tells which
    NST_TARGET_MODULE,     // resolver only: the receiver of a qualified name
    NST_TARGET_DERIVED,    // derived operation (==, <, show, hash, copy) on a structured type
    NST_TARGET_SPECIAL,    // compiler-known function: `special`
    NST_TARGET_DYNAMIC,    // decided at run time by the values
} NstTargetKind;

struct NstExpr {
    NstExprKind kind;
    NstSpan span;
    NstType *type;             // filled by inference (over the variables of the enclosing schemes)
    NstRequirement *req;       // filled by inference: the requirement whose solution is this node's target, or null
    union {
        NstLiteral literal;                                            // LITERAL
        struct { NstStringPart *parts; size_t part_count; } string;    // STRING
        struct {                                                       // NAME and (after resolution) qualified FIELD
            NstIdent ident;
            NstTypeDecl *self_type; // Type.Trait.m: the type; filled by the resolver
        } name;
        struct { NstExpr **items; size_t count; NstExpr *rest; } seq;  // TUPLE LIST MAP SET
        struct { NstStmt **stmts; size_t count; } block;               // BLOCK
        NstLambda *lambda;                                             // LAMBDA
        struct { NstExpr *cond, *then, *otherwise; } branch;           // IF
        struct { NstExpr *scrutinee; NstArm *arms; size_t arm_count; bool loose_shape; } match; // MATCH
        struct { NstExpr *body; NstArm *arms; size_t arm_count; bool has_catch; NstExpr *finally;
                 bool loose; /* arms disagree with the body: the value is dynamically typed */ } try_; // TRY
        struct { NstExpr *cond, *body; } loop;                         // WHILE
        struct { NstIdent var; NstLocal *local; NstExpr *from, *to, *body; } for_; // FOR
        struct { NstArm *arms; size_t arm_count; NstExpr *after_time, *after_body; } receive; // RECEIVE
        struct {                                                       // SPAWN
            NstSpawnKind how;
            NstExpr *operand;
            bool by_value;   // operand is a function value to call (lambda or name); else operand is the body
            NstBody *body;   // !by_value: made by the resolver
        } spawn;
        struct { NstOperator op; NstExpr *left, *right; } binary;      // BINARY; UNARY uses left; SEND uses both
        struct { NstExpr *operand; } unary;                            // BREAK RETURN QUOTE SPLICE TRY_OP
        struct {                                                       // CALL METHOD
            NstExpr *callee;       // CALL: callee; METHOD: receiver
            NstIdent method;       // METHOD
            NstTypeExpr **type_args; size_t type_arg_count;            // f[Int](x)
            NstArg *args; size_t arg_count; // METHOD: without the receiver
            bool piped;
            NstMvar **lock_set;    // M.update(f): filled by the mvar check, in lock order
            size_t lock_count;
        } call;
        struct { NstExpr *receiver; NstIdent field; uint32_t position; } field; // FIELD, TUPLE_INDEX
        struct { NstExpr *receiver, *index; } index;                   // INDEX; RANGE_LIST uses receiver..index
    };
    // Filled by resolver/inference for NAME, FIELD, CALL, METHOD, BINARY, UNARY, INDEX, TRY_OP, STRING…
    NstTargetKind target;
    union {
        NstLocal *local;
        NstFunction *fn;
        NstCtor *ctor;
        NstConst *constant;
        NstMvar *mvar;
        NstModule *module;
        struct { NstLocal *const *locals; size_t count; } locals;
        struct { NstFunction *const *fns; size_t count; } overloads;
        struct { NstCtor *const *ctors; size_t count; bool ambiguous; } ctors; // ambiguous: equally near
    } to;
    NstType **subst;      // types for the scheme variables of to.fn / of a generalised to.local, or null
    size_t subst_count;
};

// ---- Statements -----------------------------------------------------------------------

typedef enum NstStmtKind {
    NST_STMT_EXPR,
    NST_STMT_BIND,         // pattern [: type] = value; `var_` for `var pattern = …`. `name = e` is a NAME pattern
                           // whose role the resolver sets (BIND, ASSIGN, MVAR; after an error BIND)
    NST_STMT_ASSIGN_FIELD, // place (FIELD expr) = value
    NST_STMT_ASSIGN_INDEX, // place (INDEX expr) = value
    NST_STMT_FUNCTION,     // local function: all clauses of one name and arity of the block, in the first one's place
} NstStmtKind;

typedef struct NstClause NstClause;

struct NstStmt {
    NstStmtKind kind;
    NstSpan span;
    NstExpr *value;           // EXPR, BIND, ASSIGN_*
    NstPattern *pattern;      // BIND
    NstTypeExpr *annotation;  // BIND, or null
    bool var_;                // BIND
    NstExpr *place;           // ASSIGN_*
    NstLocal *local;          // FUNCTION, ASSIGN_INDEX on a local name: filled by resolver
    NstClause **clauses;      // FUNCTION
    size_t clause_count;
    NstMvar *mvar;            // BIND with role MVAR, ASSIGN_* rooted in an mvar: filled by resolver
    NstMvar **lock_set;       // filled by mvar check for self-referring assignments, in lock order; see mvars.md 5
    size_t lock_count;
    bool locking;             // self-referring assignment / part assignment of an mvar
};

// One clause of a top-level function, method or local function.
struct NstClause {
    NstSpan span;
    NstIdent name;             // operators: the interned symbol text
    NstTypeParam *type_params;
    size_t type_param_count;
    NstParam *params;
    size_t param_count;
    NstExpr *guard;            // or null
    NstTypeExpr *result;       // or null
    NstExpr *body_expr;        // null: trait method signature without default, extern
    NstBody *body;             // made by the resolver
    bool public_;
    NstText extern_name;       // `extern f(…) -> T from "name"`: data != null
};

// ---- Items ----------------------------------------------------------------------------

typedef enum NstItemKind {
    NST_ITEM_ERROR,
    NST_ITEM_FUNCTION,   // one clause
    NST_ITEM_TEMPLATE,   // one clause
    NST_ITEM_TYPE,
    NST_ITEM_TRAIT,
    NST_ITEM_IMPL,
    NST_ITEM_USE,
    NST_ITEM_MODULE,     // items
    NST_ITEM_CONST,
    NST_ITEM_BINDING,
    NST_ITEM_MVAR,
    NST_ITEM_TEST,
    NST_ITEM_EXTERN_TYPE,
    NST_ITEM_EXTERN,     // clause with extern_name
} NstItemKind;

typedef enum NstTypeBodyKind {
    NST_BODY_OPAQUE, NST_BODY_RECORD, NST_BODY_VARIANT, NST_BODY_ALIAS,
} NstTypeBodyKind;

typedef struct NstFieldDecl {
    NstIdent name;        // name.name == 0: positional
    NstTypeExpr *type;
} NstFieldDecl;

typedef struct NstCtorDecl {
    NstIdent name;
    NstFieldDecl *fields;
    size_t field_count;
    bool named;           // C { a: T }
    NstSpan span;
} NstCtorDecl;

typedef struct NstBound {  // T: A + B (impl `when`)
    NstIdent var;
    NstIdent *traits;
    size_t trait_count;
} NstBound;

typedef struct NstUseItem {
    NstIdent name, alias; // alias.name == 0: none
} NstUseItem;

typedef struct NstDecorator {
    NstIdent name;
    NstExpr **args;
    size_t arg_count;
    NstSpan span;
} NstDecorator;

struct NstItem {
    NstItemKind kind;
    NstSpan span;
    NstText doc;             // documentation comment, marks stripped; size 0 if none
    NstIdent name;           // TYPE TRAIT MODULE CONST BINDING MVAR; TEST: none, see text
    bool public_;
    NstDecorator *decorators; // FUNCTION, TYPE
    size_t decorator_count;
    union {
        NstClause *clause;                                       // FUNCTION TEMPLATE EXTERN
        struct {                                                 // TYPE
            NstTypeParam *params; size_t param_count;
            NstTypeBodyKind body;
            bool mutable_, reactive;
            NstCtorDecl *ctors; size_t ctor_count;               // VARIANT; RECORD: one, named like the type
            NstTypeExpr *alias;                                  // ALIAS (a bare name is an alias also if it names no type)
        } type;
        struct {                                                 // TRAIT
            NstIdent *supers; size_t super_count;
            NstClause **methods; size_t method_count;
        } trait;
        struct {                                                 // IMPL
            NstTypeExpr *head; NstIdent trait;
            NstBound *bounds; size_t bound_count;
            NstClause **methods; size_t method_count;
        } impl;
        struct {                                                 // USE
            NstIdent *path; size_t path_len;                     // the module path
            bool all;                                            // .*
            NstUseItem *items; size_t item_count;
            bool braces;
        } use;
        struct { NstItem **items; size_t item_count; } module;   // MODULE
        struct { NstTypeExpr *type; NstExpr *value; bool var_; } value; // CONST BINDING MVAR TEST
    };
    NstText text;            // TEST: the test's name
};

// All items of one file, in source order.
typedef struct NstFileAst {
    NstItem **items;
    size_t item_count;
    bool has_syntax_errors;
    bool failed_expansion; // templates that failed may have left out declarations: unknown names are no new mistakes
} NstFileAst;

#endif
