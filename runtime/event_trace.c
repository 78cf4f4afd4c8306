#include "runtime/event_trace.h"

#include <inttypes.h>
#include <string.h>

#include "frontend/frontend.h"
#include "runtime/exec.h"
#include "runtime/gate.h"
#include "runtime/output.h"
#include "runtime/show.h"
#include "runtime/text_buffer.h"

enum { VALUE_CHARS = 200 }; // longer values are cut

static void begin(NstTextBuffer *line, const NstProcess *process, const char *event) {
    int64_t microseconds = nst_gate_now(process->vm) / 1000;
    nst_text_printf(line, "[%" PRId64 ".%06" PRId64 "] <pid %" PRIu64 "> %s ", microseconds / 1000000,
                    microseconds % 1000000, process->pid, event);
}

static void finish(NstTextBuffer *line, const NstProcess *process) {
    nst_text_append_byte(line, '\n');
    nst_output_write(process->vm, 2, line->data, line->size);
    nst_text_free(line);
}

// At most VALUE_CHARS code points of the text, on one line.
static void append_cut(NstTextBuffer *line, const char *text, size_t size) {
    size_t end = 0;
    for (int chars = 0; end < size && chars < VALUE_CHARS; chars++) {
        do end++;
        while (end < size && ((unsigned char)text[end] & 0xC0) == 0x80);
    }
    nst_text_append(line, text, end);
}

static void append_value(NstTextBuffer *line, NstValue value) {
    NstTextBuffer text = NST_TEXT_BUFFER_INIT;
    NstShow show = { .form = NST_SHOW_NESTED, .own = NST_OWN_IGNORE };
    nst_show_append(&text, value, &show);
    append_cut(line, text.data, text.size);
    nst_text_free(&text);
}

void nst_event_spawn(NstProcess *process, NstPid child) {
    NstTextBuffer line = NST_TEXT_BUFFER_INIT;
    begin(&line, process, "spawn");
    nst_text_printf(&line, "<pid %" PRIu64 ">", child);
    NstPlace place;
    if (nst_exec_place(process, &place)) {
        const char *slash = strrchr(place.path, '/');
        nst_text_printf(&line, " %s:%" PRIu32, slash ? slash + 1 : place.path, place.line);
    }
    finish(&line, process);
}

void nst_event_send(NstProcess *process, NstPid to, NstValue message) {
    NstTextBuffer line = NST_TEXT_BUFFER_INIT;
    begin(&line, process, "send");
    nst_text_printf(&line, "<pid %" PRIu64 "> ", to);
    append_value(&line, message);
    finish(&line, process);
}

void nst_event_receive(NstProcess *process, NstValue message) {
    NstTextBuffer line = NST_TEXT_BUFFER_INIT;
    begin(&line, process, "receive");
    append_value(&line, message);
    finish(&line, process);
}

void nst_event_exit(NstProcess *process, const NstExitReason *reason) {
    static const char *const words[] = {
        [NST_EXIT_NORMAL] = "normal", [NST_EXIT_SHUTDOWN] = "shutdown", [NST_EXIT_KILLED] = "killed",
    };
    const char *text = reason->kind == NST_EXIT_ERROR ? reason->text : words[reason->kind];
    NstTextBuffer line = NST_TEXT_BUFFER_INIT;
    begin(&line, process, "exit");
    append_cut(&line, text, strlen(text));
    finish(&line, process);
}

void nst_event_call(NstProcess *process, const char *function, const NstValue *args, size_t count) {
    NstTextBuffer line = NST_TEXT_BUFFER_INIT;
    begin(&line, process, "call");
    nst_text_printf(&line, "%s(", function);
    for (size_t i = 0; i < count; i++) {
        if (i > 0) nst_text_append_z(&line, ", ");
        append_value(&line, args[i]);
    }
    nst_text_append_byte(&line, ')');
    finish(&line, process);
}
