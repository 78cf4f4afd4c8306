// What the files of the code generator share. Private to codegen*.c and regalloc.c.
//
// One NstCg compiles one unit. Values are computed *into a destination*: a register, "returned from the unit" (tail
// position: the generated code does not fall through), or "not needed". Registers are a stack: named locals and
// temporaries are taken from `next` upwards and given back in the opposite order, so that at a call everything from the
// argument window upwards is dead.
#ifndef NST_CODEGEN_INTERNAL_H
#define NST_CODEGEN_INTERNAL_H

#include "frontend/frontend.h"
#include "runtime/code.h"
#include "runtime/codegen.h"
#include "runtime/link.h"

// ---- Destinations ------------------------------------------------------------------------

typedef uint32_t NstDest; // low 16 bits: register
enum {
    CG_FRESH = 0x10000,  // flag: nothing reads the register before the value is complete
    CG_RETURN = 0x20000, // the unit's value
    CG_NONE = 0x40000,   // not needed
};
#define CG_REG(dest) ((dest) & 0xFFFFu)
#define CG_IS_REG(dest) ((dest) < CG_RETURN)

// ---- Labels ------------------------------------------------------------------------------

typedef struct NstCgLabel {
    int32_t pc;    // -1: not bound yet
    int32_t fixup; // newest jump to it in cg->fixups, or -1
} NstCgLabel;
#define CG_LABEL ((NstCgLabel){ -1, -1 })

// ---- Regions that break, continue, return and exceptions must respect ----------------------

typedef enum NstControlKind { CONTROL_LOOP, CONTROL_CATCH, CONTROL_FINALLY, CONTROL_LOCK } NstControlKind;

typedef struct NstSegment {
    uint32_t start, end;
} NstSegment;

typedef struct NstControl {
    NstControlKind kind;
    struct NstControl *parent;
    NstCgLabel *break_, *continue_; // LOOP
    NstDest value;                  // LOOP: where the value of break goes
    const NstExpr *finally;         // FINALLY
    uint32_t lock_set;              // LOCK
    uint32_t start;                 // protected from here on, while open
    bool open;
    NstSegment *segments;
    uint32_t segment_count;
} NstControl;

// Flag in NstCg.places: the register has been chosen before the binding is reached. A cell is there already
// (NstLocal.captured_early), or alternatives of an or-pattern bind the same register.
enum { CG_PREPARED = 0x40000000 };

// ---- The generator's state ----------------------------------------------------------------

typedef struct NstFixup {
    uint32_t pc;
    int32_t next;
} NstFixup;

typedef struct NstCg {
    NstLink *link;
    NstProgram *program;
    const NstInstance *instance;
    const NstModule *module;

    NstInsn *insns;
    uint32_t insn_count, insn_size;
    NstValue *constants;
    uint32_t constant_count, constant_size;
    NstLink **links;
    uint32_t link_count, link_size;
    NstPrimFn *prims;
    uint32_t prim_count, prim_size;
    NstCodeHandler *handlers;
    uint32_t handler_count, handler_size;
    NstCodeSpan *spans;
    uint32_t span_count, span_size;
    NstCodeLocal *locals;
    uint32_t local_count, local_size;
    NstFieldRef *fields;
    uint32_t field_count, field_size;
    NstMethodSite *methods;
    uint32_t method_count, method_size;
    NstLockSet *lock_sets;
    uint32_t lock_set_count, lock_set_size;
    NstJumpTable *tables;
    uint32_t table_count, table_size;
    NstFixup *fixups;
    uint32_t fixup_count, fixup_size;

    uint32_t next, max;      // registers in use, and the most there ever were
    uint32_t closure;        // the closure's register, if the unit has captures
    const NstBody *body;     // whose locals `places` has
    int32_t *places;         // register by NstLocal.index, perhaps with CG_PREPARED; -1: not bound
    NstControl *control;     // innermost region
    NstSpan span;            // place of the instructions that follow
    bool step;               // the next instruction begins a statement
    bool observed;           // ENTER and LEAVE are wanted (profile.h)
    bool far;                // conditional jumps go through unconditional ones: second attempt for huge bodies
    bool too_far;            // a conditional jump did not reach
    const char *failure;     // what cannot be compiled, or null
} NstCg;

// ---- regalloc.c: registers, emission, labels, tables ---------------------------------------

uint32_t cg_temp(NstCg *cg);                        // one more register
uint32_t cg_temps(NstCg *cg, uint32_t count);       // consecutive ones, the first
void cg_reserve(NstCg *cg, uint32_t top);           // registers up to top - 1 may be touched
void cg_fail(NstCg *cg, const char *why);

uint32_t cg_emit(NstCg *cg, NstOpcode op, uint32_t a, uint32_t b, uint32_t c);
uint32_t cg_emit_d(NstCg *cg, NstOpcode op, uint32_t a, int32_t d);
void cg_jump(NstCg *cg, NstOpcode op, uint32_t a, uint32_t b, NstCgLabel *label);
void cg_bind(NstCg *cg, NstCgLabel *label);
// The word after an EXT instruction: value from the window (the registers from `next` on, which it reserves) to `dest`.
void cg_result(NstCg *cg, NstOpcode op, uint32_t dest, uint32_t c);
void cg_move(NstCg *cg, uint32_t to, uint32_t from);

uint32_t cg_constant(NstCg *cg, NstValue v);
uint32_t cg_constant_pair(NstCg *cg, NstValue first, NstValue second); // consecutive
uint32_t cg_string_constant(NstCg *cg, const char *text, size_t size);
uint32_t cg_link(NstCg *cg, NstLink *link);
uint32_t cg_prim(NstCg *cg, NstPrimFn fn);
uint32_t cg_field(NstCg *cg, const NstLayout *layout, uint32_t position, NstName name);
uint32_t cg_method(NstCg *cg, NstName name, const NstExpr *call);
uint32_t cg_lock_set(NstCg *cg, NstMvar *const *mvars, size_t count);
void cg_add_handler(NstCg *cg, NstCodeHandler handler);
uint32_t cg_add_table(NstCg *cg, NstJumpTable table);

// Marks the beginning of a statement or another place that has a line.
void cg_at(NstCg *cg, NstSpan span, bool step);

// Locals in scope for the debugger.
void cg_name_local(NstCg *cg, const NstLocal *local, uint32_t reg, bool cell);
void cg_name_function(NstCg *cg, const NstLocal *local, NstLink *function);
uint32_t cg_scope_begin(NstCg *cg);
void cg_scope_end(NstCg *cg, uint32_t mark);

// The finished code, in memory for ever; the vectors are freed.
NstCode *cg_finish(NstCg *cg, bool has_closure);
void cg_reset(NstCg *cg); // for a second attempt

// ---- codegen_expr.c ----------------------------------------------------------------------

void cg_value(NstCg *cg, const NstExpr *expr, NstDest dest);
uint32_t cg_operand(NstCg *cg, const NstExpr *expr); // a register with the value; not to be written to
// The same, safe against assignments that evaluating `later` (or null) may make. The value of the whole operation goes to
// `dest`: a fresh register of it may serve for the operand.
uint32_t cg_operand_before(NstCg *cg, const NstExpr *expr, const NstExpr *later, NstDest dest);
uint32_t cg_into_temp(NstCg *cg, const NstExpr *expr); // in a new register of its own
void cg_deliver(NstCg *cg, uint32_t reg, NstDest dest); // a value in a register goes to where it is wanted
uint32_t cg_place_for(NstCg *cg, NstDest dest);         // a register for a value that goes to dest; then cg_deliver
NstDest cg_dest(NstCg *cg, NstDest dest);               // the same as a destination
void cg_unit(NstCg *cg, NstDest dest);
void cg_literal(NstCg *cg, const NstLiteral *literal, uint32_t reg);
NstValue cg_literal_value(const NstLiteral *literal); // immortal
const NstTarget *cg_target(NstCg *cg, const NstExpr *expr);
const NstType *cg_type(NstCg *cg, const NstType *type);
const NstLayout *cg_record_layout(NstCg *cg, const NstType *type); // of the single constructor, or null
bool cg_has_statements(const NstExpr *expr);

// ---- codegen_operator.c ------------------------------------------------------------------

void cg_binary(NstCg *cg, const NstExpr *expr, NstDest dest);
void cg_unary(NstCg *cg, const NstExpr *expr, NstDest dest);
void cg_try_op(NstCg *cg, const NstExpr *expr, NstDest dest);
// Jumps to `target` if the condition is `when`.
void cg_branch(NstCg *cg, const NstExpr *condition, bool when, NstCgLabel *target);

// ---- codegen_call.c ----------------------------------------------------------------------

void cg_call(NstCg *cg, const NstExpr *expr, NstDest dest);
void cg_filled_unit(NstCg *cg);
// Calls link with its arguments at `window`.
void cg_call_link(NstCg *cg, NstLink *link, uint32_t window, NstDest dest);
void cg_call_fn(NstCg *cg, NstFunction *fn, NstType *const *subst, uint32_t window, NstDest dest);
void cg_call_value(NstCg *cg, uint32_t fn, uint32_t window, uint32_t count, NstDest dest);
// Start of an argument window for a call whose value goes to dest.
uint32_t cg_window(NstCg *cg, NstDest dest);
// What a call of a function of 1 to CG_FEW arguments calls, and the arguments, receiver first; null for others.
enum { CG_FEW = 3 };
const NstTarget *cg_function_call(NstCg *cg, const NstExpr *expr, const NstExpr *args[CG_FEW], size_t *count);
NstLink *cg_fn_link(NstCg *cg, NstFunction *fn, NstType *const *subst);
bool cg_may_tail(const NstCg *cg);
// One-operand derived operations and operators of user types.
void cg_unary_op(NstCg *cg, NstOpcode op, const NstExpr *operand, NstDest dest);

// ---- codegen_collection.c: maps and sets ---------------------------------------------------

// A call of a library function on a map or set that is an instruction; false: it is called like any other.
bool cg_collection_call(NstCg *cg, const NstExpr *expr, NstDest dest);
// Code for a look-up without its Option: *found is a register with the value, or MISSING. False if it is no look-up.
bool cg_find(NstCg *cg, const NstExpr *expr, uint32_t *found);
// Whether the call is of a library function that keeps no reference to its first argument, a map or set.
bool cg_only_reads(const NstTarget *target, size_t count);
// Whether the local is a variable that may own a map or set; its register.
bool cg_owner(NstCg *cg, const NstLocal *local, uint32_t *reg);
// Returns the local, still owning, from a fold's function; false if that is not what this mention does.
bool cg_give_back(NstCg *cg, const NstLocal *local, NstDest dest);
// Before any other mention of the local that may leave a second reference.
void cg_release(NstCg *cg, const NstLocal *local);
// A mention of an owner by an operation that only reads, once `later` has been evaluated: its register, not released.
bool cg_borrow(NstCg *cg, const NstExpr *expr, const NstExpr *later, uint32_t *reg);
// Argument `parameter` of a call: a fold's function may give back the map that it owns.
void cg_mark_fold(NstCg *cg, const NstTarget *target, size_t parameter, const NstExpr *arg);

// ---- codegen_closure.c -------------------------------------------------------------------

bool cg_is_cell(const NstLocal *local);
NstLocalDef *cg_def(const NstLocal *local);            // resolved through generalised aliases; null if none
void cg_define_block(NstCg *cg, NstStmt *const *stmts, size_t count); // before its statements
void cg_define_function(NstCg *cg, const NstLocal *local);  // the closure of a local function or lambda binding
void cg_lambda(NstCg *cg, const NstExpr *expr, NstDest dest);
void cg_closure(NstCg *cg, NstLink *link, uint32_t dest);
uint32_t cg_local(NstCg *cg, const NstLocal *local);   // a register with its value; maybe a new temporary
void cg_local_value(NstCg *cg, const NstExpr *use, const NstLocal *local, const NstTarget *target, NstDest dest);
// The code to call for a known local function, or null.
NstLink *cg_local_link(NstCg *cg, const NstExpr *use, const NstLocal *local, const NstTarget *target);
uint32_t cg_local_closure(NstCg *cg, const NstLocal *local); // register of its closure
// Makes the local's register (or cell) hold the value in `reg`; `own` says that reg may become the local's register.
void cg_bind_local(NstCg *cg, NstLocal *local, uint32_t reg, bool own);
void cg_assign_local(NstCg *cg, const NstLocal *local, uint32_t reg);
bool cg_plain_register(NstCg *cg, const NstLocal *local, uint32_t *reg); // an uncelled local of this body
void cg_enter_body(NstCg *cg, const NstBody *body);

// ---- codegen_pattern.c -------------------------------------------------------------------

// Jumps to `fail` unless R[reg] matches; binds the pattern's variables. Assignments to vars are carried out at the end.
void cg_pattern(NstCg *cg, const NstPattern *pattern, uint32_t reg, NstCgLabel *fail);
bool cg_irrefutable(const NstPattern *pattern);
// Tries the arms on R[reg]; code for "no arm" follows behind, unless the answer is true: some arm takes every value.
bool cg_arms(NstCg *cg, const NstArm *arms, size_t count, uint32_t reg, NstDest dest, NstCgLabel *end, bool take);
void cg_match(NstCg *cg, const NstExpr *expr, NstDest dest);

// ---- codegen_control.c -------------------------------------------------------------------

void cg_block(NstCg *cg, const NstExpr *expr, NstDest dest);
void cg_stmt(NstCg *cg, const NstStmt *stmt, NstDest dest);
void cg_if(NstCg *cg, const NstExpr *expr, NstDest dest);
void cg_while(NstCg *cg, const NstExpr *expr, NstDest dest);
void cg_for(NstCg *cg, const NstExpr *expr, NstDest dest);
void cg_break(NstCg *cg, const NstExpr *expr);
void cg_return(NstCg *cg, uint32_t reg);
void cg_try(NstCg *cg, const NstExpr *expr, NstDest dest);
void cg_protect(NstCg *cg, NstControl *control, NstControlKind kind);
void cg_unprotect(NstCg *cg, NstControl *control);
void cg_handler(NstCg *cg, NstControl *control, NstHandlerKind kind, uint32_t reg); // target: here

// ---- codegen_process.c -------------------------------------------------------------------

void cg_receive(NstCg *cg, const NstExpr *expr, NstDest dest);
void cg_spawn(NstCg *cg, const NstExpr *expr, NstDest dest);
void cg_send(NstCg *cg, const NstExpr *expr, NstDest dest);
void cg_mvar_assign(NstCg *cg, const NstStmt *stmt);
void cg_mvar_part(NstCg *cg, const NstStmt *stmt);
void cg_mvar_update(NstCg *cg, const NstExpr *expr, NstDest dest);

#endif
