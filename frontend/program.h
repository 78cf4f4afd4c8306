// The typed program: modules and their declarations after resolution and inference.
//
// Everything here is owned by the NstProgram and immutable once nst_program_check() has returned,
// except lazily checked library items (checked under the program's lock when first reached).
#ifndef NST_PROGRAM_H
#define NST_PROGRAM_H

#include "frontend/ast.h"
#include "frontend/types.h"

// Functions that the compiler itself must know, because their type or evaluation is not that of a
// function (typing.c and the runtime's lowering agree on them by this list alone).
typedef enum NstSpecial {
    NST_SPECIAL_NONE,
    NST_SPECIAL_LENGTH,        // length(x): List, String, tuple, typed array
    NST_SPECIAL_ASSERT_TYPE,   // assertType[T](e)
    NST_SPECIAL_TYPE_NAME_OF,  // typeNameOf[T]()
    NST_SPECIAL_FROM_JSON,     // fromJson[T], jsonToType[T]
    NST_SPECIAL_MAKE_RECORD, NST_SPECIAL_MAKE_VARIANT,
    NST_SPECIAL_SUM_ZERO,      // zero/one of the element type for sum/product of []: zeroOf[T](), oneOf[T]()
    NST_SPECIAL_ONE,
    NST_SPECIAL_TYPE_KEY,      // typeKey[T](): the type argument as an Int for library code
} NstSpecial;

struct NstCtor {
    NstName name;
    NstSpan span;
    NstTypeDecl *type;
    uint32_t index;            // position in the declaration
    size_t field_count;
    NstName *field_names;      // 0: positional
    NstType **field_types;     // over type->params
    bool named;
    bool is_record;            // the constructor of a record type
    void *layout;              // owned by the runtime
};

struct NstTypeDecl {
    NstName name;
    NstSpan span;
    NstModule *module;
    NstItem *item;             // null for predefined types
    NstType **params;          // NST_TY_PARAM nodes owned by `scheme`
    size_t param_count;
    NstScheme *scheme;
    NstPrimType prim;
    NstTypeBodyKind body;
    bool mutable_, reactive, public_;
    NstCtor **ctors;
    size_t ctor_count;
    NstType *alias;            // ALIAS: over params
    uint32_t id;               // dense number in the program
    bool has_own_show, has_own_eq, has_own_ord, has_own_hash, has_own_copy; // any impl of the trait for this type
    void *runtime;             // owned by the runtime
};

typedef struct NstTrait {
    NstName name;
    NstSpan span;
    NstModule *module;
    NstItem *item;
    struct NstTrait **supers;
    size_t super_count;
    NstFunction **methods;     // declarations; a default body is in its clause
    size_t method_count;
    bool builtin;              // one of the predefined traits
    bool public_;
} NstTrait;

typedef struct NstImpl {
    NstTrait *trait;
    NstTypeDecl *head_decl;    // null for tuple heads
    NstType *head;             // over scheme params
    NstScheme *scheme;
    NstModule *module;
    NstItem *item;
    NstFunction **methods;     // defined ones
    size_t method_count;
} NstImpl;

// One overload: all clauses of one function, in dispatch order (functions.md 1.1).
struct NstFunction {
    NstName name;
    NstModule *module;
    NstClause **clauses;       // sorted for dispatch
    NstClause **source_order;
    size_t clause_count;
    size_t param_count;
    NstName *param_names;      // of the first clause; 0 for patterns
    NstExpr **defaults;        // per parameter, null if required (from the clause that has it)
    NstScheme *scheme;         // filled by inference
    NstImpl *impl;             // method of an implementation
    NstTrait *trait;           // trait method declaration, or default method used at an implementing type
    NstText extern_name;       // primitive: bound to C by this name
    NstSpecial special;
    bool public_;
    bool is_test;
    bool library;              // declared in the standard library
    bool method_only;          // form M
    bool contains_receive;     // its text contains `receive` outside spawn operands (mvars.md 6.2)
    bool lock_sets_filled;     // library functions of modules with mvars: see nst_fill_lock_sets
    bool loose_tuple_params;   // clauses have tuple patterns of different shapes (types.md 12.3)
    NstText doc;
    uint32_t id;
};

struct NstMvar {
    NstName name;
    NstSpan span;
    NstModule *module;
    NstItem *item;
    NstType *type;
    NstExpr *init;
    NstBody *init_body;        // the initialiser is compiled as a body of its own
    bool constant_init;        // mvars.md 2.1
    bool untyped;              // generic type without arguments
    bool public_;
    uint32_t index;            // dense number; lock order is by qualified name: see lock_rank
    uint32_t lock_rank;
};

struct NstConst {
    NstName name;
    NstSpan span;
    NstModule *module;
    NstItem *item;
    NstExpr *value;
    NstFunction *fn;           // bindings: evaluated by calling this parameterless function; null for literals
    NstScheme *scheme;
    bool public_;
};

typedef struct NstTest {
    NstText name;
    NstFunction *fn;           // parameterless
    NstModule *module;
    NstSpan span;
} NstTest;

struct NstModule {
    NstName *path;             // segments; the root module has none
    size_t path_len;
    NstText path_text;         // "shop.cart"
    NstModule *parent;         // inline modules
    uint32_t source;           // source id of its file
    bool library;
    bool public_;
    NstFunction **functions;   // all overloads declared here
    size_t function_count;
    NstTypeDecl **types;
    size_t type_count;
    NstTrait **traits;
    size_t trait_count;
    NstImpl **impls;
    size_t impl_count;
    NstMvar **mvars;
    size_t mvar_count;
    NstConst **consts;
    size_t const_count;
    NstTest **tests;
    size_t test_count;
    void *scope;               // resolver's tables
};

#endif
