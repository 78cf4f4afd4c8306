// Raising exceptions from C: see prim.h and the table of errors.md 5.
#include <stdarg.h>
#include <stdio.h>

#include "frontend/frontend.h"
#include "runtime/heap.h"
#include "runtime/prim.h"
#include "runtime/process.h"
#include "runtime/text_buffer.h"
#include "runtime/type_text.h"

NstPrimStatus nst_raise(NstProcess *process, NstValue exception) {
    process->exception = exception;
    return NST_PRIM_RAISE;
}

static NstValue format_string(NstProcess *process, const char *format, va_list args) {
    char small[256];
    va_list again;
    va_copy(again, args);
    int size = vsnprintf(small, sizeof small, format, args);
    NstString *s = nst_heap_string(process, size > 0 ? (size_t)size : 0);
    if (size > 0) vsnprintf(s->bytes, (size_t)size + 1, format, again); // the NUL of the string is the formatter's
    va_end(again);
    nst_string_finish(s);
    return nst_object(s);
}

static NstPrimStatus raise_pair(NstProcess *process, const char *kind, NstValue message) {
    NstObject *pair = nst_heap_slots(process, NST_KIND_TUPLE, 2);
    nst_slot_init(pair, 0, nst_string_z(process, kind));
    nst_slot_init(pair, 1, message);
    return nst_raise(process, nst_object(pair));
}

NstPrimStatus nst_raise_pair(NstProcess *process, const char *kind, const char *format, ...) {
    va_list args;
    va_start(args, format);
    NstValue message = format_string(process, format, args);
    va_end(args);
    return raise_pair(process, kind, message);
}

NstPrimStatus nst_raise_string(NstProcess *process, const char *format, ...) {
    va_list args;
    va_start(args, format);
    NstValue message = format_string(process, format, args);
    va_end(args);
    return nst_raise(process, message);
}

NstPrimStatus nst_raise_panic(NstProcess *process, const char *format, ...) {
    va_list args;
    va_start(args, format);
    NstValue message = format_string(process, format, args);
    va_end(args);
    return raise_pair(process, "Panic", message);
}

NstPrimStatus nst_raise_type(NstProcess *process, const char *expected, NstValue v) {
    return nst_raise_pair(process, "TypeError", "expected %s, got %s", expected, nst_value_type_text(v));
}
