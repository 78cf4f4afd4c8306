// Types, schemes, requirements and instances.
//
// A type is a tree of NstType nodes. Unification variables are bound in place (`link`); readers go
// through nst_type_resolve(). After a group of functions is generalised its types contain only
// constructors and *rigid* variables (NST_TY_PARAM) that belong to a scheme.
//
// Threads: types of finished groups are immutable and may be read by any thread. Instances are made
// under the program's instance lock (nst_instance_* take it themselves).
#ifndef NST_TYPES_H
#define NST_TYPES_H

#include "frontend/ast.h"

typedef struct NstProgram NstProgram;

typedef enum NstTypeKind {
    NST_TY_VAR,    // unification variable (only while its group is being inferred)
    NST_TY_PARAM,  // quantified variable of a scheme
    NST_TY_CON,    // named type: decl + args (Int, List[T], user types)
    NST_TY_TUPLE,  // args, n >= 2; n == 0 is unit
    NST_TY_FUN,    // args -> result
    NST_TY_NEVER,  // throw, return, break: unifies with everything
    NST_TY_ERROR,  // erroneous part: unifies with everything, silent
    NST_TY_ANY,    // only in instances: statically unknown, decided by the values (dynamic)
} NstTypeKind;

struct NstType {
    NstTypeKind kind;
    uint32_t id;             // VAR: number; PARAM: index in its scheme
    uint32_t level;          // VAR: let-level
    NstType *link;           // VAR: bound to
    NstTypeDecl *decl;       // CON
    NstType **args;          // CON TUPLE FUN
    size_t arg_count;
    NstType *result;         // FUN
    NstScheme *owner;        // PARAM
    NstName name;            // PARAM, VAR: the written name if any (for messages)
    bool dynamic;            // VAR, PARAM: stands for values whose type only the run time knows (messages, contents of
                             // untyped mvars, loose places): what stays unknown is decided by the values
    bool closed;             // known to contain neither variables nor params
    NstType *interned;       // instance.c: the interned form of a closed type
    uint32_t visit;          // unify.c: last walk that was here (types share parts)
    struct NstWatch *watch;  // VAR: requirements to look at again when it is bound (require.h)
};

// What the predefined types are to the compiler. NST_PRIM_NONE for every other type.
typedef enum NstPrimType {
    NST_PRIM_NONE,
    NST_PRIM_INT, NST_PRIM_INT8, NST_PRIM_INT16, NST_PRIM_INT32,
    NST_PRIM_UINT8, NST_PRIM_UINT16, NST_PRIM_UINT32, NST_PRIM_UINT64,
    NST_PRIM_FLOAT, NST_PRIM_FLOAT32, NST_PRIM_BIGINT, NST_PRIM_DECIMAL,
    NST_PRIM_BOOL, NST_PRIM_CHAR, NST_PRIM_STRING,
    NST_PRIM_PID, NST_PRIM_REF,
    NST_PRIM_LIST, NST_PRIM_MAP, NST_PRIM_SET,
    NST_PRIM_INT64_ARRAY, NST_PRIM_FLOAT64_ARRAY, NST_PRIM_FLOAT32_ARRAY,
    NST_PRIM_BUFFER,
} NstPrimType;

struct NstScheme {
    NstType **params;            // NST_TY_PARAM, by index
    size_t param_count;
    NstRequirement **reqs;       // requirements that mention the params
    size_t req_count;
    NstType *type;               // for functions: NST_TY_FUN
    NstScheme *group;            // definitions that were generalised together share the params of their first one, which
                                 // is the params' owner; null: this scheme is the owner
};

typedef enum NstRequirementKind {
    NST_REQ_TRAIT,     // type has `trait`
    NST_REQ_FIELD,     // type.name : result
    NST_REQ_METHOD,    // type.name(args) : result
    NST_REQ_OVERLOAD,  // name(args) : result
    NST_REQ_INDEX,     // type[args[0]] : result
    NST_REQ_ARITH,     // args[0] op args[1] : result
    NST_REQ_LENGTH,    // length(type)
    NST_REQ_TRY,       // type? : args[0], in a function whose result is args[1]
    NST_REQ_LOOK,      // the type's name or structure is looked at (typeNameOf[T], fromJson[T]); always met
} NstRequirementKind;

// The solution of a requirement at concrete types; what lowering reads (nst_instance_target).
typedef struct NstTarget {
    NstTargetKind kind;
    NstFunction *fn;             // FUNCTION: callee; CALL of it passes the arguments in `order`
    NstType *const *subst;       // FUNCTION: concrete types (or ANY) for fn->scheme params
    size_t subst_count;
    const int *order;            // FUNCTION, CTOR, UPDATE: for each parameter/field the index of the argument
    size_t order_count;          //   (METHOD: 0 is the receiver, i+1 is args[i]; CALL: i is args[i]); -1: default
                                 //   (UPDATE: -1 keeps the base's field)
    NstCtor *ctor;               // CTOR, UPDATE
    NstLocal *local;             // LOCAL, VALUE_CALL of a local
    NstMvar *mvar;
    NstConst *constant;
    int field;                   // FIELD, FIELD_CALL: index
    NstPrimType prim;            // PRIMITIVE: operand type; INDEX, DERIVED: container/type if primitive
    NstPrimType prim_right;      // PRIMITIVE: type of the right operand (Int with Float or BigInt promotes)
    bool negate;                 // FUNCTION for != by `eq`, or comparison derived by negation
    bool swap;                   // FUNCTION for > by `lt` with swapped operands
    bool spread;                 // the callee's n parameters take the components of one tuple argument
} NstTarget;

// A function (or other body owner) at concrete types. Interned: same function and same relevant
// substitution, same pointer. Types that no requirement in the body looks at are NST_TY_ANY in
// `subst`, so functions without requirements have exactly one instance.
typedef struct NstInstance {
    NstProgram *program;
    NstFunction *fn;
    NstType **subst;
    size_t subst_count;
    const struct NstInstance *outer; // for instances of generalised local functions: the enclosing instance
    NstLocal *local;                 // then: the local (its scheme gives the params)
    void *code;                      // owned by the runtime; opaque here
} NstInstance;

// What a variable is bound to, through any number of variables. Writes nothing; never null.
NstType *nst_type_resolve(NstType *type);

// The predefined type that `type` is, or NST_PRIM_NONE. Unit is TUPLE with no args.
NstPrimType nst_type_prim(const NstType *type);

// Appends the type as written in source ("List[Int]", "(Int) -> Bool", unknowns as a, b, …) to a buffer;
// returns the text, allocated with malloc.
char *nst_type_show(const NstProgram *program, const NstType *type);

// The instance of `fn` at `subst` (fn->scheme->param_count types, concrete or ANY). Thread-safe.
NstInstance *nst_instance_get(NstProgram *program, NstFunction *fn, NstType *const *subst);

// The instance of a generalised local function or lambda at a use's substitution, inside `outer`.
NstInstance *nst_instance_local(const NstInstance *outer, NstLocal *local, NstType *const *subst);

// The instance without function and substitution: for mvar initialisers and the values of constants.
const NstInstance *nst_instance_module(NstProgram *program);

// The type of an annotated node in the instance: params replaced; unknown parts are ANY. Thread-safe.
const NstType *nst_instance_type(const NstInstance *instance, const NstType *type);

// What the node (NAME, CALL, METHOD, FIELD, BINARY, UNARY, INDEX, TRY_OP, STRING part owner…) means in this
// instance. NST_TARGET_DYNAMIC when the types are not known. The result lives as long as the program.
// Thread-safe.
const NstTarget *nst_instance_target(const NstInstance *instance, const NstExpr *expr);

// Run-time dispatch: what `receiver_type.name(args…)` means for a receiver whose type became known only at run
// time (args unknown: ANY). Kind NONE if there is no such method. Also for operators by their trait method
// ("add", "eq", "lt", "show", "hash", "copy", …) of user types. `call`: the call that names arguments, or null. A function
// may have more parameters than there are arguments: the others have defaults. Thread-safe.
const NstTarget *nst_program_method(NstProgram *program, const NstModule *from, const NstType *receiver,
                                    NstName name, size_t arg_count, const NstExpr *call);

// Type constructors for run-time type reconstruction. Thread-safe; results are interned by the program.
const NstType *nst_program_con(NstProgram *program, NstTypeDecl *decl, const NstType *const *args, size_t count);
const NstType *nst_program_prim(NstProgram *program, NstPrimType prim, const NstType *const *args, size_t count);
const NstType *nst_program_tuple(NstProgram *program, const NstType *const *args, size_t count);
const NstType *nst_program_any(NstProgram *program);

#endif
