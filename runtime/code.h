// Bytecode of one function body, and its disassembler.
//
// Code is immutable once published through its link (link.h), except for the op byte of instructions, which the
// debugger may replace by BREAKPOINT; therefore op bytes are read and written with relaxed atomics: any mixture of old
// and new instructions is a correct program. Code words hold no addresses: constants, links and primitives are
// referred to by index.
//
// A statement's first instruction has NST_INSN_STEP set. No fused instruction spans two statements, so the debugger can
// stop before every statement.
#ifndef NST_CODE_H
#define NST_CODE_H

#include <stdatomic.h>
#include <stdio.h>

#include "runtime/value.h"
#include "runtime/prim.h"

typedef struct NstLink NstLink; // link.h

typedef enum NstOpcode {
#define NST_OPCODE(name, shape, effects, text) NST_OP_CODE_##name,
#include "runtime/opcodes.def"
#undef NST_OPCODE
    NST_OPCODE_COUNT
} NstOpcode;

enum { NST_INSN_STEP = 1 };

typedef struct NstInsn {
    uint8_t op;
    uint8_t flags;
    uint16_t a;
    union {
        struct {
            uint16_t b, c;
        };
        int32_t d;
    };
} NstInsn;

typedef enum NstHandlerKind { NST_HANDLER_CATCH, NST_HANDLER_FINALLY } NstHandlerKind;

// Instructions [start, end) are protected: an exception continues at `target` with the value in R[reg] and, in
// R[reg + 1], what RETHROW needs. Inner handlers come before outer ones. A FINALLY handler also runs at Process.exit.
typedef struct NstCodeHandler {
    uint32_t start, end, target;
    uint16_t reg;
    uint8_t kind;
} NstCodeHandler;

// From `pc` on the instructions belong to `span` (until the next entry).
typedef struct NstCodeSpan {
    uint32_t pc;
    NstSpan span;
} NstCodeSpan;

// A named local lives in `reg` in [start, end); `cell`: the register holds its cell. A function that captures nothing
// has no register: it is `function`.
typedef struct NstCodeLocal {
    NstName name;
    uint32_t start, end;
    uint16_t reg;
    bool cell;
    struct NstLink *function;
} NstCodeLocal;

// A field by name, with the layout and position that the static type promises (layout null: none).
typedef struct NstFieldRef {
    const NstLayout *layout;
    uint32_t position;
    NstName name;
} NstFieldRef;

// A call site of a method found at run time, with the targets met so far.
typedef struct NstMethodSite {
    NstName name;
    const NstModule *module;
    const NstExpr *call; // names arguments; else null
    struct NstMethodCache *_Atomic cache; // dynamic.c; published with release
} NstMethodSite;

typedef struct NstLockSet {
    uint32_t *mvars; // by lock rank
    uint32_t count;
} NstLockSet;

typedef struct NstJumpTable {
    int32_t *offsets; // relative to the SWITCH instruction; the last one is the default
    uint32_t count;
    uint32_t type_id; // of the type whose constructors it lists
} NstJumpTable;

struct NstCode {
    NstInsn *insns;
    const NstValue *constants;
    NstLink **links;
    const NstPrimFn *prims;
    uint16_t param_count;
    uint16_t register_count; // parameters, closure, locals and temporaries
    bool has_closure;        // R[param_count] is the closure at entry
    bool hidden;             // not shown in stack traces
    uint32_t insn_count, constant_count, link_count, prim_count;
    NstCodeHandler *handlers;
    uint32_t handler_count;
    NstCodeSpan *spans;
    uint32_t span_count;
    NstCodeLocal *locals;
    uint32_t local_count;
    NstFieldRef *fields;
    uint32_t field_count;
    NstMethodSite *methods;
    uint32_t method_count;
    NstLockSet *lock_sets;
    uint32_t lock_set_count;
    NstJumpTable *tables;
    uint32_t table_count;
    NstLink *link;           // whose code this is
};

// The place of an instruction; origin 0 if there is none.
NstSpan nst_code_span(const NstCode *code, uint32_t pc);

// The most registers that any code has.
uint32_t nst_code_widest(void);
void nst_code_note_width(uint32_t registers); // by the code generator, before the code is published

const char *nst_opcode_name(uint8_t op);

void nst_code_dump(const NstCode *code, FILE *out);

#endif
