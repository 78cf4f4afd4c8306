// The life of an execution: start, stacks, roots, unwinding, end. The loop itself is vm_loop.c.
#include "runtime/exec.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/link.h"
#include "runtime/process.h"
#include "runtime/profile.h"
#include "runtime/show.h"
#include "runtime/stress.h"
#include "runtime/trace.h"
#include "runtime/vm_state.h"
#include "runtime/vm_loop.h"

enum {
    FIRST_STACK = 16, // registers of a fresh process
    FIRST_FRAMES = 4,
    TRIM_STACK = 4096, // smaller stacks are kept as they are
};

static const uint64_t default_max_stack = 256u * 1024 * 1024;

static bool stress_stack(void) {
    static int answer = -1; // every thread finds the same answer
    int known = __atomic_load_n(&answer, __ATOMIC_RELAXED);
    if (known < 0) {
        known = nst_stress("stack");
        __atomic_store_n(&answer, known, __ATOMIC_RELAXED);
    }
    return known;
}

// ---- Start and end -----------------------------------------------------------------------

// Prepares the call of `fn` with its base at `base`; what is below stays.
static void prepare(NstProcess *process, uint32_t base, NstValue fn, const NstValue *args, uint32_t count) {
    NstExec *exec = &process->exec;
    exec->frame_count = 0;
    exec->code = NULL;
    exec->pc = 0;
    exec->base = base;
    exec->start_args = count;
    exec->resume_primitive = false;
    if (base + 1 + count > exec->stack_size) nst_exec_grow_stack(process, base + 1 + count);
    exec->stack[base] = fn;
    for (uint32_t i = 0; i < count; i++) exec->stack[base + 1 + i] = args[i];
}

void nst_exec_start(NstProcess *process, NstValue fn) {
    process->exec = (NstExec){ 0 };
    if (process->vm && process->pid == process->vm->main_pid) nst_profile_begin(process->vm);
    prepare(process, 0, fn, NULL, 0);
}

void nst_exec_destroy(NstProcess *process) {
    NstExec *exec = &process->exec;
    free(exec->stack);
    free(exec->frames);
    free(exec->globals);
    nst_trace_free(exec->trace);
    nst_profile_free(process);
    *exec = (NstExec){ 0 };
}

static void move_stack(NstProcess *process);

NstStop nst_exec_run(NstProcess *process, int64_t slice) {
    NstExec *exec = &process->exec;
    if (stress_stack()) move_stack(process);
    exec->reductions = slice;
    NstStop stop = nst_vm_loop(process);
    exec->reductions_done += (uint64_t)(slice - exec->reductions);
    return stop;
}

// ---- Stacks ------------------------------------------------------------------------------

static bool within_limit(const NstProcess *process, uint64_t registers, uint64_t frames) {
    uint64_t limit = process->vm && process->vm->max_stack > 0 ? process->vm->max_stack : default_max_stack;
    return registers * sizeof(NstValue) + frames * sizeof(NstFrame) <= limit;
}

static void *resize(void *memory, uint64_t bytes) {
    void *result = realloc(memory, (size_t)bytes);
    if (!result) {
        fputs("Runtime error: out of memory\n", stderr);
        exit(1);
    }
    return result;
}

bool nst_exec_grow_stack(NstProcess *process, uint64_t top) {
    NstExec *exec = &process->exec;
    if (!within_limit(process, top, exec->frame_count)) return false;
    uint64_t size = exec->stack_size ? exec->stack_size : FIRST_STACK;
    while (size < top) size *= 2;
    if (stress_stack() && size > top && top <= TRIM_STACK) size = top > exec->stack_size ? top : exec->stack_size;
    if (size == exec->stack_size) return true;
    exec->stack = resize(exec->stack, size * sizeof *exec->stack);
    memset(exec->stack + exec->stack_size, 0, (size_t)(size - exec->stack_size) * sizeof *exec->stack); // invariant 1
    exec->stack_size = (uint32_t)size;
    return true;
}

bool nst_exec_grow_frames(NstProcess *process) {
    NstExec *exec = &process->exec;
    if (!within_limit(process, exec->base, (uint64_t)exec->frame_count + 1)) return false;
    uint64_t size = exec->frame_size ? (uint64_t)exec->frame_size * 2 : FIRST_FRAMES;
    exec->frames = resize(exec->frames, size * sizeof *exec->frames);
    exec->frame_size = (uint32_t)size;
    return true;
}

static uint32_t stack_top(const NstExec *exec) {
    if (!exec->code) return exec->stack_size > 0 ? exec->base + 1 + exec->start_args : 0;
    uint32_t top = exec->base + exec->code->register_count;
    return top < exec->stack_size ? top : exec->stack_size;
}

// NOSTOS_STRESS=stack: a stack of exactly the size that the activations need, at another address.
static void move_stack(NstProcess *process) {
    NstExec *exec = &process->exec;
    uint32_t top = stack_top(exec);
    if (top == 0 || top > TRIM_STACK) return; // deep stacks would be copied over and over
    for (uint32_t i = 0; i < exec->frame_count; i++) {
        uint32_t end = exec->frames[i].base + exec->frames[i].code->register_count;
        if (end > top) top = end;
    }
    NstValue *moved = resize(NULL, top * sizeof *moved);
    memcpy(moved, exec->stack, top * sizeof *moved);
    free(exec->stack);
    exec->stack = moved;
    exec->stack_size = top;
}

void nst_exec_trim(NstProcess *process) {
    NstExec *exec = &process->exec;
    uint32_t top = stack_top(exec) + nst_code_widest(); // a caller's registers may reach beyond its callee's
    if (exec->stack_size > TRIM_STACK && top < exec->stack_size / 4) {
        uint32_t size = exec->stack_size;
        while (size > TRIM_STACK && top < size / 4) size /= 2;
        exec->stack = resize(exec->stack, size * sizeof *exec->stack);
        exec->stack_size = size;
    }
    if (exec->frame_size > TRIM_STACK && exec->frame_count < exec->frame_size / 4) {
        uint32_t size = exec->frame_size;
        while (size > TRIM_STACK && exec->frame_count < size / 4) size /= 2;
        exec->frames = resize(exec->frames, size * sizeof *exec->frames);
        exec->frame_size = size;
    }
}

void nst_exec_collect(NstProcess *process) {
    nst_heap_collect(process, false);
    nst_exec_trim(process);
}

void nst_exec_roots(NstProcess *process, NstRootVisitor visit, void *context) {
    NstExec *exec = &process->exec;
    uint32_t top = stack_top(exec);
    for (uint32_t i = 0; i < top; i++) visit(context, &exec->stack[i]);
    for (uint32_t i = 0; i < exec->global_count; i++) visit(context, &exec->globals[i]);
    for (size_t i = 0; i < sizeof exec->reactive / sizeof exec->reactive[0]; i++) visit(context, &exec->reactive[i]);
    visit(context, &process->exception);
    visit(context, &process->result);
    if (exec->stack_size > top) { // invariant 1: what is above would point to where objects were
        memset(exec->stack + top, 0, (exec->stack_size - top) * sizeof *exec->stack);
    }
}

void nst_exec_clear_above(NstProcess *process, NstValue *first) {
    const NstExec *exec = &process->exec;
    const NstValue *end = exec->stack + stack_top(exec);
    if (first < end) memset(first, 0, (size_t)(end - first) * sizeof *first);
}

// ---- Unwinding ---------------------------------------------------------------------------

static const NstCodeHandler *find_handler(const NstCode *code, uint32_t pc, bool exiting) {
    for (uint32_t i = 0; i < code->handler_count; i++) {
        const NstCodeHandler *h = &code->handlers[i];
        if (pc >= h->start && pc < h->end && !(exiting && h->kind == NST_HANDLER_CATCH)) return h;
    }
    return NULL;
}

static bool is_out_of_memory(NstValue exception) {
    if (!nst_is_kind(exception, NST_KIND_TUPLE) || exception.w.o->count != 2) return false;
    NstValue kind = nst_slot(exception.w.o, 0);
    return nst_is_kind(kind, NST_KIND_STRING) && strcmp(((const NstString *)kind.w.o)->bytes, "OutOfMemory") == 0;
}

bool nst_exec_retry(NstProcess *process) {
    NstHeap *heap = &process->heap;
    heap->refused = false;
    if (!is_out_of_memory(process->exception) || heap->refused_at == heap->collections) return false;
    nst_heap_collect(process, true);
    heap->out_of_memory = false;
    heap->refused_at = heap->collections;
    return true;
}

// Gives the handler the memory that nothing needs any more. Registers are a stack: those above the handler's two belong
// to what was protected.
static void make_room(NstProcess *process, const NstCodeHandler *handler) {
    NstExec *exec = &process->exec;
    uint32_t first = exec->base + handler->reg + 2u, top = stack_top(exec);
    if (first < top) memset(exec->stack + first, 0, (top - first) * sizeof *exec->stack);
    nst_heap_collect(process, true);
    process->heap.out_of_memory = false;
}

bool nst_exec_unwind(NstProcess *process, uint32_t site, uint32_t trace_id) {
    NstExec *exec = &process->exec;
    if (trace_id == 0 || !exec->trace || exec->trace->id != trace_id) nst_trace_record(process, site);
    uint32_t pc = site;
    for (;;) {
        const NstCodeHandler *handler = find_handler(exec->code, pc, process->exiting);
        if (handler) {
            NstValue *registers = exec->stack + exec->base;
            registers[handler->reg] = process->exiting ? process->result : process->exception;
            registers[handler->reg + 1] = nst_int((int64_t)exec->trace->id * 2 + process->exiting);
            process->exiting = false; // what a finally part does is ordinary work; its RETHROW goes on exiting
            exec->pc = handler->target;
            if (is_out_of_memory(process->exception)) make_room(process, handler);
            nst_exec_trim(process);
            return true;
        }
        if (exec->frame_count == 0) return false;
        const NstFrame *caller = &exec->frames[--exec->frame_count];
        exec->code = caller->code;
        exec->base = caller->base;
        pc = caller->pc - 1; // the call, not what follows it
    }
}

// ---- Where it is -------------------------------------------------------------------------

static const NstFunction *unit_function(const NstLink *link) {
    for (; link; link = link->parent) {
        if (link->instance && link->instance->fn) return link->instance->fn;
    }
    return NULL;
}

// The n-th activation from the inside, 0 the current one; false if there are fewer.
static bool activation(const NstExec *exec, uint32_t n, const NstCode **code, uint32_t *pc) {
    if (!exec->code || n > exec->frame_count) return false;
    const NstFrame *frame = n > 0 ? &exec->frames[exec->frame_count - n] : NULL;
    *code = frame ? frame->code : exec->code;
    *pc = frame ? frame->pc - 1 : exec->pc;
    return true;
}

bool nst_exec_place(NstProcess *process, NstPlace *place) {
    const NstCode *code;
    uint32_t pc;
    for (uint32_t n = 0; activation(&process->exec, n, &code, &pc); n++) {
        const NstFunction *fn = unit_function(code->link);
        if (fn && fn->library) continue;
        NstSpan span = nst_code_span(code, pc);
        return span.origin != 0 && nst_place(process->vm->program, span, place);
    }
    return false;
}

const NstModule *nst_exec_module(const NstProcess *process) {
    const NstCode *code;
    uint32_t pc;
    for (uint32_t n = 0; activation(&process->exec, n, &code, &pc); n++) {
        const NstFunction *fn = unit_function(code->link);
        if (fn && !fn->library) return fn->module;
    }
    return NULL;
}

// ---- Texts -------------------------------------------------------------------------------

static char *copy_string(NstValue v) {
    const NstString *s = (const NstString *)v.w.o;
    char *text = malloc((size_t)s->head.count + 1);
    if (text) {
        memcpy(text, s->bytes, s->head.count);
        text[s->head.count] = 0;
    }
    return text;
}

// Runs showOwn(v) on the ended process; false if it fails in any way. Exception and result are kept in registers
// below the call, where the collector finds them.
static bool show_by_library(NstProcess *process, NstValue v, NstValue *out) {
    NstLink *link = nst_link_library(process->vm->program, "stdlib.ops.showOwn");
    if (!link) return false;
    NstExec *exec = &process->exec;
    exec->base = 0;
    if (exec->stack_size < 2) nst_exec_grow_stack(process, 2);
    exec->stack[0] = process->exception;
    exec->stack[1] = process->result;
    prepare(process, 2, (NstValue){ .w.link = link, .tag = NST_TAG_FUNCTION }, &v, 1);
    exec->reductions = INT64_MAX;
    NstStop stop = nst_vm_loop(process);
    *out = process->result;
    process->exception = exec->stack[0];
    process->result = exec->stack[1];
    return stop == NST_STOP_DONE && nst_is_kind(*out, NST_KIND_STRING);
}

char *nst_exec_show(NstProcess *process, NstValue v) {
    NstValue text;
    if (!nst_show_text(process, v, NST_SHOW_DISPLAY, true, &text) && !show_by_library(process, v, &text)) {
        nst_show_text(process, v, NST_SHOW_DISPLAY, false, &text);
    }
    return copy_string(text);
}

void nst_exec_report(NstProcess *process) {
    nst_trace_report(process);
}
