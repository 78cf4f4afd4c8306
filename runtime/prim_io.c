// Primitives of println and its relatives: one call writes its text as a whole.
#include "runtime/output.h"
#include "runtime/process.h"
#include "runtime/show.h"
#include "runtime/status.h"

static NstPrimStatus write_out(NstProcess *process, NstTextBuffer *buffer, bool newline, int fd, NstValue *result) {
    if (newline) nst_text_append_byte(buffer, '\n');
    if (buffer->failed) {
        nst_text_free(buffer);
        return nst_raise_pair(process, "OutOfMemory", "text too long");
    }
    NstPrimStatus status = nst_output_put(process, fd, buffer->data, buffer->size);
    nst_prim_charge(process, buffer->size / 256);
    nst_text_free(buffer);
    if (status == NST_PRIM_OK) *result = NST_UNIT;
    return status;
}

// (value, newline: Bool, descriptor: Int) -> () or the status "own"
NST_PRIMITIVE(print_value) {
    NST_EXPECT_TAG(args[1], NST_TAG_BOOL, "Bool");
    NST_EXPECT_TAG(args[2], NST_TAG_INT, "Int");
    if (nst_output_resumed(process)) {
        args[0] = NST_UNIT;
        return NST_PRIM_OK;
    }
    NstTextBuffer buffer = NST_TEXT_BUFFER_INIT;
    NstShow how = { .form = NST_SHOW_DISPLAY, .own = NST_OWN_STOP };
    if (!nst_show_append(&buffer, args[0], &how)) {
        nst_text_free(&buffer);
        args[0] = NST_STATUS_OWN;
        return NST_PRIM_OK;
    }
    return write_out(process, &buffer, args[1].w.u != 0, (int)args[2].w.i, &args[0]);
}

NST_PRIMITIVE(flush_output) {
    NST_EXPECT_TAG(args[0], NST_TAG_INT, "Int");
    NstPrimStatus status = NST_PRIM_OK;
    if (!nst_output_resumed(process)) status = nst_output_flush_for(process, (int)args[0].w.i);
    if (status == NST_PRIM_OK) args[0] = NST_UNIT;
    return status;
}
