// Link cells: the indirection through which all calls go, and what a body must know before it is compiled.
//
// A link stands for one function body at concrete types (a *unit*): a function's instance, a lambda, a local function,
// a parameter's default, a spawned block, an mvar's initialiser, the program's start. Its code is made on the first call
// and published with release; calls read it with acquire. Links live as long as the process of the tool: values
// of all heaps point to them.
//
// Threads: nst_link_code and the nst_link_* makers may be called by any thread; they take the compile lock.
#ifndef NST_LINK_H
#define NST_LINK_H

#include "frontend/frontend.h"
#include "runtime/code.h"
#include "runtime/value.h"

typedef enum NstUnitKind {
    NST_UNIT_FUNCTION, // all clauses of instance->fn
    NST_UNIT_DEFAULT,  // default of parameter `index` of instance->fn, or of a local function
    NST_UNIT_LAMBDA,
    NST_UNIT_LOCAL,    // a local function's clauses
    NST_UNIT_BODY,     // expression with a body of its own: spawn operand
    NST_UNIT_MVAR,     // initialiser
    NST_UNIT_BOOT,     // mvar initialisers, the entry function, the text of its value
    NST_UNIT_CTOR,     // a constructor used as a function
    NST_UNIT_PRIMITIVE, // a primitive used as a function
    NST_UNIT_ADAPTED,  // another link with swapped arguments or negated result (comparisons derived from one another)
    NST_UNIT_FILLED    // a method found at run time, called with named arguments or with fewer than it has parameters
} NstUnitKind;

// A local function or lambda binding, as every body that mentions it must know it.
typedef struct NstLocalDef {
    NstLocal *local;
    NstClause **clauses;      // local function
    size_t clause_count;
    const NstExpr *value;     // binding: LAMBDA, or for generalised names the name expression
    bool closed;              // captures nothing but closed functions: needs no closure at run time
    NstLocal **captures;      // what its closures hold, in this order
    size_t capture_count;
} NstLocalDef;

struct NstLink {
    const NstCode *_Atomic code; // null: not compiled yet
    uint16_t param_count;
    uint16_t capture_count;      // > 0: function values are closures
    NstUnitKind kind;
    NstProgram *program;
    const NstInstance *instance; // what the types of the body are; null for BOOT
    const NstLink *parent;       // the unit around it, or null
    const char *name;            // display name for traces
    NstLocal **captures;         // parallel to the closure's slots
    const NstLocalDef *def;      // LOCAL, DEFAULT of a local function
    const void *node;            // LAMBDA: NstLambda; BODY: NstExpr (spawn); MVAR: NstMvar; CTOR: NstCtor; ADAPTED: NstLink;
                                 // FILLED: NstTarget; BOOT: entry NstFunction or null
    bool gives_owned;            // LAMBDA: its value may be an owned map (codegen_collection.c); set before it is compiled
    struct Unit *profile;        // profile.c: atomic, published with release
    uint32_t index;              // DEFAULT: the parameter; ADAPTED: 1 negate, 2 swap
};

// The code of the link, compiled if need be. Never null.
const NstCode *nst_link_compile(NstLink *link);

static inline const NstCode *nst_link_code(NstLink *link) {
    // acquire: pairs with the release store of nst_link_compile, which other threads may have done
    const NstCode *code = __atomic_load_n((const NstCode *const *)&link->code, __ATOMIC_ACQUIRE);
    return __builtin_expect(code != NULL, 1) ? code : nst_link_compile(link);
}

// The function's own name: show writes <function NAME>; null for lambdas, shown as <closure>.
const char *nst_link_name(const NstLink *link);

// The function value of `fn` at all-unknown types.
NstValue nst_link_value(NstProgram *program, NstFunction *fn);
// A parameterless function value for the main process: evaluates the mvar initialisers in order, calls `entry` and returns
// the nested text of its value as a String, or () if that is () (entry null: only the initialisers).
NstValue nst_link_boot(NstProgram *program, NstFunction *entry);

// Links by what they stand for; the same arguments give the same link.
NstLink *nst_link_instance(const NstInstance *instance);
NstLink *nst_link_default(const NstInstance *instance, uint32_t index, const NstLocalDef *def, const NstLink *parent);
NstLink *nst_link_lambda(const NstInstance *instance, const NstLambda *lambda, const NstLink *parent);
NstLink *nst_link_local(const NstInstance *instance, const NstLocalDef *def, const NstLink *parent);
NstLink *nst_link_body(const NstInstance *instance, const NstExpr *spawn, const NstLink *parent);
NstLink *nst_link_mvar(NstProgram *program, NstMvar *mvar);
NstLink *nst_link_ctor(NstProgram *program, NstCtor *ctor);
NstLink *nst_link_adapted(NstLink *link, bool negate, bool swap); // of two parameters, without captures
// Takes `arg_count` arguments as they are written; the other parameters have defaults. `target` lives for ever.
NstLink *nst_link_filled(const NstInstance *instance, const NstTarget *target, uint32_t arg_count);

// The library's function of that qualified name at unknown types, or null.
NstLink *nst_link_library(NstProgram *program, const char *qualified);

// What the code generator knows of local functions, by local; null if it is none.
NstLocalDef *nst_local_def(const NstLocal *local);
NstLocalDef *nst_local_def_add(NstLocal *local);

// A dense number for a module-level binding, for GLOBAL.
uint32_t nst_link_global(const NstConst *binding, const NstInstance *instance);

// The layout of a constructor, made at the first request. Immortal. That of a reactive variant's constructor is the
// layout of plain values, the contents of cells.
const NstLayout *nst_layout_of(NstCtor *ctor);
// The layout of the cells of a reactive variant type: one field, the content.
const NstLayout *nst_layout_cell(NstTypeDecl *type);
// Whether a constructor expression makes a cell around the value.
bool nst_makes_cell(const NstCtor *ctor);

#endif
