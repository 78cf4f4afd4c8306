// The execution state of one process: registers, frames, handlers. Owner: the VM (exec.c and the dispatch loop).
#ifndef NST_EXEC_H
#define NST_EXEC_H

#include "value.h"

typedef struct NstFrame {
    const struct NstCode *code;
    uint32_t pc;      // return address within code
    uint32_t base;    // first register of the frame in the stack
} NstFrame;

typedef struct NstHandler {
    uint32_t frame;   // frame index that installed it
    uint32_t pc;      // where the handler starts
    uint32_t kind;    // catch, finally, mvar lock release
    uint32_t aux;
} NstHandler;

typedef struct NstExec {
    NstValue *stack;
    uint32_t stack_size, stack_top;
    NstFrame *frames;
    uint32_t frame_count, frame_size;
    NstHandler *handlers;
    uint32_t handler_count, handler_size;
    int64_t reductions;       // left in this slice
    uint64_t reductions_done; // in all
} NstExec;

#endif
