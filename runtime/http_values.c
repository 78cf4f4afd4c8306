#include "runtime/http_values.h"

#include <string.h>
#include <strings.h>

#include "runtime/heap.h"
#include "runtime/list.h"
#include "runtime/os_text.h"
#include "runtime/string_ops.h"

NstValue nst_http_headers_value(NstProcess *process, const NstHttpMessage *m) {
    NstObject *list = nst_list_builder(process, m->header_count);
    for (size_t i = 0; i < m->header_count; i++) {
        NstObject *pair = nst_heap_slots(process, NST_KIND_TUPLE, 2);
        nst_slot_init(pair, 0, nst_os_string(process, m->headers[i].name, strlen(m->headers[i].name)));
        nst_slot_init(pair, 1, nst_os_string(process, m->headers[i].value, strlen(m->headers[i].value)));
        nst_list_builder_add(process, list, nst_object(pair));
    }
    return nst_list_builder_finish(process, list);
}

NstPrimStatus nst_http_append_headers(NstProcess *process, NstTextBuffer *out, NstValue headers) {
    NST_EXPECT_KIND(headers, NST_KIND_LIST, "List");
    NstListIter iter;
    nst_list_iter(&iter, headers.w.o);
    NstValue pair;
    while (nst_list_next(&iter, &pair)) {
        if (!nst_is_kind(pair, NST_KIND_TUPLE) || pair.w.o->count != 2) return nst_raise_type(process, "(String, String)", pair);
        NstValue name = nst_slot(pair.w.o, 0), value = nst_slot(pair.w.o, 1);
        NST_EXPECT_KIND(name, NST_KIND_STRING, "String");
        NST_EXPECT_KIND(value, NST_KIND_STRING, "String");
        const char *n = nst_as_string(name)->bytes, *v = nst_as_string(value)->bytes;
        if (strcasecmp(n, "content-length") == 0 || strcasecmp(n, "connection") == 0) continue;
        // A header must not break out of its line.
        if (!*n || strpbrk(n, "\r\n:") || strpbrk(v, "\r\n")) return nst_raise_pair(process, "io_error", "HTTP error: invalid header");
        nst_text_printf(out, "%s: %s\r\n", n, v);
    }
    return NST_PRIM_OK;
}
