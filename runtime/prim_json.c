// Primitives of stdlib.json.
#include "runtime/heap.h"
#include "runtime/json_value.h"
#include "runtime/process.h"
#include "runtime/show.h"
#include "runtime/string_ops.h"

NST_PRIMITIVE(json_parse) {
    NST_EXPECT_KIND(args[0], NST_KIND_STRING, "String");
    return nst_json_parse(process, nst_as_string(args[0])->bytes, nst_as_string(args[0])->head.count, &args[0]);
}

NST_PRIMITIVE(json_write) {
    NstTextBuffer text = NST_TEXT_BUFFER_INIT;
    NstPrimStatus status = nst_json_write(process, &text, args[0]);
    if (status == NST_PRIM_OK) return nst_text_finish(process, &text, &args[0]);
    nst_text_free(&text);
    return status;
}

NST_PRIMITIVE(json_escape) {
    NST_EXPECT_KIND(args[0], NST_KIND_STRING, "String");
    NstTextBuffer text = NST_TEXT_BUFFER_INIT;
    nst_json_escape(&text, nst_as_string(args[0])->bytes, nst_as_string(args[0])->head.count);
    return nst_text_finish(process, &text, &args[0]);
}

NST_PRIMITIVE(json_reflect) {
    args[0] = nst_json_reflect(process, args[0]);
    return NST_PRIM_OK;
}

// Whether the value is of the type Json.
NST_PRIMITIVE(json_is) {
    args[0] = nst_bool(nst_json_kind(nst_json_type(process), args[0]) != NST_JSON_KINDS);
    return NST_PRIM_OK;
}
