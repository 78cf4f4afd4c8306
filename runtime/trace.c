// See trace.h.
#include "runtime/trace.h"

#include <stdlib.h>
#include <string.h>

#include "frontend/frontend.h"
#include "runtime/link.h"
#include "runtime/output.h"
#include "runtime/show.h"
#include "runtime/text_buffer.h"
#include "runtime/vm_state.h"

// ---- Recording ---------------------------------------------------------------------------

static NstTrace *fresh_trace(NstExec *exec) {
    if (!exec->trace) {
        exec->trace = calloc(1, sizeof *exec->trace);
        if (!exec->trace) {
            fputs("Runtime error: out of memory\n", stderr);
            exit(1);
        }
    }
    NstTrace *trace = exec->trace;
    for (uint32_t i = 0; i < trace->count; i++) {
        free(trace->locals[i]);
        trace->locals[i] = NULL;
    }
    trace->id = trace->id == UINT32_MAX / 2 ? 1 : trace->id + 1;
    trace->depth = trace->count = 0;
    return trace;
}

void nst_trace_free(NstTrace *trace) {
    if (!trace) return;
    for (uint32_t i = 0; i < trace->count; i++) free(trace->locals[i]);
    free(trace);
}

enum { LOCAL_TEXT = 200 }; // code points of a local's value that --debug shows

static void append_cut(NstTextBuffer *out, const NstTextBuffer *text) {
    size_t points = 0, at = 0;
    while (at < text->size && points < LOCAL_TEXT) {
        at++;
        while (at < text->size && ((unsigned char)text->data[at] & 0xC0) == 0x80) at++;
        points++;
    }
    nst_text_append(out, text->data, at);
    if (at < text->size) nst_text_append_z(out, "…");
}

// The text of an activation's parameters and locals, in order of binding.
static char *locals_text(const NstCode *code, uint32_t pc, const NstValue *registers) {
    NstTextBuffer out = NST_TEXT_BUFFER_INIT;
    for (uint32_t i = 0; i < code->local_count; i++) {
        const NstCodeLocal *local = &code->locals[i];
        if (pc < local->start || pc >= local->end) continue;
        NstValue v = local->function ? (NstValue){ .w.link = local->function, .tag = NST_TAG_FUNCTION }
                                     : registers[local->reg];
        if (local->cell && nst_is_kind(v, NST_KIND_CELL)) v = nst_slot(v.w.o, 0);
        if (v.tag == NST_TAG_MISSING) continue;
        NstTextBuffer text = NST_TEXT_BUFFER_INIT;
        nst_show_append(&text, v, &(NstShow){ .form = NST_SHOW_NESTED, .own = NST_OWN_IGNORE });
        nst_text_printf(&out, "      %s = ", nst_name_text(local->name));
        append_cut(&out, &text);
        nst_text_append_z(&out, "\n");
        nst_text_free(&text);
    }
    nst_text_append_byte(&out, 0);
    return out.data;
}

typedef struct Activation {
    const NstCode *code;
    uint32_t pc, base;
} Activation;

// The n-th activation from the inside; 0 is the current one.
static Activation activation(const NstExec *exec, uint32_t site, uint32_t n) {
    if (n == 0) return (Activation){ exec->code, site, exec->base };
    const NstFrame *frame = &exec->frames[exec->frame_count - n];
    return (Activation){ frame->code, frame->pc - 1, frame->base };
}

static bool is_library(const NstCode *code) {
    const NstInstance *instance = code->link->instance;
    return instance && instance->fn && instance->fn->library;
}

// The number of innermost activations to leave out: a report begins with the program's own line, not inside the
// `panic` or `head` that was called there.
static uint32_t library_depth(const NstExec *exec, uint32_t site, uint32_t all) {
    uint32_t depth = 0;
    while (depth < all && is_library(activation(exec, site, depth).code)) depth++;
    return depth < all ? depth : 0;
}

void nst_trace_record(NstProcess *process, uint32_t site) {
    NstExec *exec = &process->exec;
    NstTrace *trace = fresh_trace(exec);
    bool debug = process->vm && process->vm->options.debug;
    uint32_t all = exec->frame_count + 1;
    if (activation(exec, site, all - 1).code->hidden) all--; // the start of the program
    uint32_t skipped = library_depth(exec, site, all);
    trace->depth = all - skipped;
    for (uint32_t n = 0; n < trace->depth; n++) {
        if (n == NST_TRACE_INNER && trace->depth > NST_TRACE_INNER + NST_TRACE_OUTER) n = trace->depth - NST_TRACE_OUTER;
        Activation a = activation(exec, site, n + skipped);
        trace->entries[trace->count] = (NstTraceEntry){ a.code, a.pc };
        trace->locals[trace->count] = debug ? locals_text(a.code, a.pc, exec->stack + a.base) : NULL;
        trace->count++;
    }
}

// ---- The text of an exception ------------------------------------------------------------

static bool text_is(const NstString *s, const char *text) {
    return strlen(text) == s->head.count && memcmp(s->bytes, text, s->head.count) == 0;
}

// errors.md 3: pairs of the language's own kinds have their own forms.
static bool known_text(NstValue v, NstTextBuffer *out) {
    if (!nst_is_kind(v, NST_KIND_TUPLE) || v.w.o->count != 2) return false;
    NstValue first = nst_slot(v.w.o, 0), second = nst_slot(v.w.o, 1);
    if (!nst_is_kind(first, NST_KIND_STRING) || !nst_is_kind(second, NST_KIND_STRING)) return false;
    const NstString *kind = (const NstString *)first.w.o, *message = (const NstString *)second.w.o;
    if (text_is(kind, "StackOverflow")) {
        nst_text_append_z(out, "Stack overflow");
        return true;
    }
    if (text_is(kind, "Panic")) {
        nst_text_append_z(out, "Panic: ");
    } else if (text_is(kind, "TypeError")) {
        nst_text_append_z(out, "Type error: ");
    } else if (text_is(kind, "IndexOutOfBounds")) {
        long long index, length;
        if (sscanf(message->bytes, "index %lld out of bounds (length %lld)", &index, &length) == 2) {
            nst_text_printf(out, "Index out of bounds: %lld (length %lld)", index, length);
            return true;
        }
        nst_text_append_z(out, "Index out of bounds: ");
    } else {
        return false;
    }
    nst_text_append(out, message->bytes, message->head.count);
    return true;
}

static void exception_text(NstProcess *process, NstTextBuffer *out) {
    if (known_text(process->exception, out)) return;
    nst_text_append_z(out, "Panic: Uncaught exception: ");
    char *text = nst_exec_show(process, process->exception);
    if (text) nst_text_append_z(out, text);
    free(text);
}

// ---- Reports -----------------------------------------------------------------------------

// False if the entry is library code, which has no file, or its place is unknown.
static bool entry_place(const NstProgram *program, const NstTraceEntry *entry, NstPlace *place) {
    if (is_library(entry->code)) return false;
    NstSpan span = nst_code_span(entry->code, entry->pc);
    return span.origin != 0 && nst_place(program, span, place);
}

static const char *base_name(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static void append_trace(const NstProgram *program, const NstTrace *trace, NstTextBuffer *out) {
    nst_text_append_z(out, "\n\nStack trace:\n");
    uint32_t skipped = trace->depth - trace->count;
    for (uint32_t i = 0; i < trace->count; i++) {
        uint32_t number = i + 1;
        if (skipped > 0 && i >= NST_TRACE_INNER) {
            if (i == NST_TRACE_INNER) nst_text_printf(out, "  … %u more\n", skipped);
            number += skipped;
        }
        const NstTraceEntry *entry = &trace->entries[i];
        nst_text_printf(out, "  %u. %s", number, entry->code->link->name);
        NstPlace place;
        if (entry_place(program, entry, &place)) nst_text_printf(out, " (%s:%u)", base_name(place.path), place.line);
        nst_text_append_z(out, "\n");
        if (trace->locals[i]) nst_text_append_z(out, trace->locals[i]);
    }
}

static void append_json_string(NstTextBuffer *out, const char *text, size_t size) {
    nst_text_append_byte(out, '"');
    for (size_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char)text[i];
        switch (c) {
        case '"': nst_text_append_z(out, "\\\""); break;
        case '\\': nst_text_append_z(out, "\\\\"); break;
        case '\n': nst_text_append_z(out, "\\n"); break;
        case '\t': nst_text_append_z(out, "\\t"); break;
        case '\r': nst_text_append_z(out, "\\r"); break;
        default:
            if (c < 0x20) {
                nst_text_printf(out, "\\u%04x", c);
            } else {
                nst_text_append_byte(out, (char)c);
            }
        }
    }
    nst_text_append_byte(out, '"');
}

static void append_json(const NstProgram *program, const NstTrace *trace, const NstTextBuffer *message,
                        NstTextBuffer *out) {
    nst_text_append_z(out, "{\"severity\":\"error\",\"kind\":\"runtime\",\"message\":");
    append_json_string(out, message->data, message->size);
    nst_text_append_z(out, ",\"trace\":[");
    for (uint32_t i = 0; trace && i < trace->count; i++) {
        const NstTraceEntry *entry = &trace->entries[i];
        nst_text_append_z(out, i > 0 ? ",{\"function\":" : "{\"function\":");
        append_json_string(out, entry->code->link->name, strlen(entry->code->link->name));
        NstPlace place;
        if (entry_place(program, entry, &place)) {
            nst_text_append_z(out, ",\"file\":");
            append_json_string(out, place.path, strlen(place.path));
            nst_text_printf(out, ",\"line\":%u", place.line);
        }
        nst_text_append_z(out, "}");
    }
    nst_text_append_z(out, "]}\n");
}

void nst_trace_report(NstProcess *process) {
    const NstProgram *program = process->vm->program;
    NstTrace *trace = process->exec.trace;
    process->exec.trace = NULL; // showing the exception may raise another one
    NstTextBuffer message = NST_TEXT_BUFFER_INIT, out = NST_TEXT_BUFFER_INIT;
    exception_text(process, &message);
    if (process->vm->options.json) {
        append_json(program, trace, &message, &out);
    } else {
        nst_text_append_z(&out, "Runtime error: ");
        nst_text_append(&out, message.data, message.size);
        if (trace) {
            append_trace(program, trace, &out);
        } else {
            nst_text_append_z(&out, "\n");
        }
    }
    nst_output_write(process->vm, 2, out.data, out.size);
    nst_text_free(&message);
    nst_text_free(&out);
    nst_trace_free(process->exec.trace);
    process->exec.trace = trace;
}
