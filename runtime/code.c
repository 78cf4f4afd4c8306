// See code.h.
#include "runtime/code.h"

#include <stdatomic.h>

#include "frontend/frontend.h"
#include "runtime/link.h"

typedef enum Shape {
    SHAPE_N, SHAPE_A, SHAPE_AB, SHAPE_ABC, SHAPE_ABI, SHAPE_ABN, SHAPE_AI, SHAPE_AK, SHAPE_ABK, SHAPE_AL, SHAPE_ABL,
    SHAPE_AP, SHAPE_D, SHAPE_J, SHAPE_AJ, SHAPE_ABJ, SHAPE_AIJ, SHAPE_AKJ, SHAPE_ANJ,
} Shape;

static const struct {
    const char *name;
    Shape shape;
} opcodes[] = {
#define NST_OPCODE(name, shape, effects, text) { #name, SHAPE_##shape },
#include "runtime/opcodes.def"
#undef NST_OPCODE
};

const char *nst_opcode_name(uint8_t op) {
    return op < NST_OPCODE_COUNT ? opcodes[op].name : "?";
}

// relaxed: who runs code has read it with acquire (nst_link_code), and the width was noted before its release
static _Atomic uint32_t widest;

uint32_t nst_code_widest(void) {
    return atomic_load_explicit(&widest, memory_order_relaxed);
}

void nst_code_note_width(uint32_t registers) {
    if (registers > nst_code_widest()) atomic_store_explicit(&widest, registers, memory_order_relaxed);
}

NstSpan nst_code_span(const NstCode *code, uint32_t pc) {
    uint32_t low = 0, high = code->span_count; // the last entry whose pc is <= pc
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (code->spans[middle].pc <= pc) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low > 0 ? code->spans[low - 1].span : (NstSpan){ 0 };
}

static void dump_insn(const NstCode *code, uint32_t pc, FILE *out) {
    NstInsn in = code->insns[pc];
    fprintf(out, "%5u %c %-14s", pc, in.flags & NST_INSN_STEP ? '*' : ' ', nst_opcode_name(in.op));
    int b = in.b, c = in.c, ic = (int16_t)in.c, ib = (int16_t)in.b;
    long at = (long)pc;
    switch (opcodes[in.op].shape) {
    case SHAPE_N: break;
    case SHAPE_A: fprintf(out, "r%u", in.a); break;
    case SHAPE_AB: fprintf(out, "r%u r%d", in.a, b); break;
    case SHAPE_ABC: fprintf(out, "r%u r%d r%d", in.a, b, c); break;
    case SHAPE_ABI: fprintf(out, "r%u r%d %d", in.a, b, ic); break;
    case SHAPE_ABN: fprintf(out, "r%u r%d %d", in.a, b, c); break;
    case SHAPE_AI: fprintf(out, "r%u %d", in.a, in.d); break;
    case SHAPE_AK: fprintf(out, "r%u k%d", in.a, in.d); break;
    case SHAPE_ABK: fprintf(out, "r%u r%d k%d", in.a, b, c); break;
    case SHAPE_AL: fprintf(out, "r%u %s", in.a, code->links[in.d]->name); break;
    case SHAPE_ABL: fprintf(out, "r%u r%d %s", in.a, b, code->links[c]->name); break;
    case SHAPE_AP: fprintf(out, "r%u p%d", in.a, in.d); break;
    case SHAPE_D: fprintf(out, "%d", in.d); break;
    case SHAPE_J: fprintf(out, "-> %ld", at + in.d); break;
    case SHAPE_AJ: fprintf(out, "r%u -> %ld", in.a, at + in.d); break;
    case SHAPE_ABJ: fprintf(out, "r%u r%d -> %ld", in.a, b, at + ic); break;
    case SHAPE_AIJ: fprintf(out, "r%u %d -> %ld", in.a, ib, at + ic); break;
    case SHAPE_AKJ: fprintf(out, "r%u k%d -> %ld", in.a, b, at + ic); break;
    case SHAPE_ANJ: fprintf(out, "r%u %d -> %ld", in.a, b, at + ic); break;
    }
    fputc('\n', out);
}

void nst_code_dump(const NstCode *code, FILE *out) {
    fprintf(out, "%s: %u parameters%s, %u registers\n", code->link->name, code->param_count,
            code->has_closure ? " and a closure" : "", code->register_count);
    for (uint32_t pc = 0; pc < code->insn_count; pc++) dump_insn(code, pc, out);
    for (uint32_t i = 0; i < code->handler_count; i++) {
        const NstCodeHandler *h = &code->handlers[i];
        fprintf(out, "      %s [%u, %u) -> %u with r%u\n", h->kind == NST_HANDLER_CATCH ? "catch" : "finally",
                h->start, h->end, h->target, h->reg);
    }
}
