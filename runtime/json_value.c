#include "runtime/json_value.h"

#include <stdlib.h>
#include <string.h>

#include "frontend/frontend.h"
#include "runtime/heap.h"
#include "runtime/lib_state.h"
#include "runtime/link.h"
#include "runtime/process.h"

static const char *const names[NST_JSON_KINDS] = { "Null", "Bool", "Number", "Integer", "String", "Array", "Object" };

static NstJsonType *make_type(NstProgram *program) {
    NstFunction *anchor = nst_program_library_function(program, "stdlib.json.jsonAnchor");
    NstJsonType *type = calloc(1, sizeof *type);
    if (!type) abort();
    for (size_t i = 0; anchor && i < anchor->module->type_count; i++) {
        NstTypeDecl *decl = anchor->module->types[i];
        if (strcmp(nst_name_text(decl->name), "Json") != 0) continue;
        type->decl = decl;
        for (size_t c = 0; c < decl->ctor_count; c++) {
            for (size_t k = 0; k < NST_JSON_KINDS; k++) {
                if (strcmp(nst_name_text(decl->ctors[c]->name), names[k]) == 0) {
                    type->layouts[k] = nst_layout_of(decl->ctors[c]);
                }
            }
        }
    }
    return type;
}

const NstJsonType *nst_json_type(NstProcess *process) {
    NstLibState *state = nst_lib_state(process->vm);
    // acquire: pairs with the release of the compare-and-exchange of the thread that made it
    NstJsonType *type = __atomic_load_n(&state->json, __ATOMIC_ACQUIRE);
    if (type) return type;
    NstJsonType *made = make_type(process->vm->program), *expected = 0;
    // release: publishes the layouts; acquire on failure: another thread's ones
    if (__atomic_compare_exchange_n(&state->json, &expected, made, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) return made;
    free(made);
    return expected;
}

NstJsonKind nst_json_kind(const NstJsonType *type, NstValue v) {
    const NstLayout *layout = v.tag == NST_TAG_CTOR ? v.w.layout
                              : nst_is_kind(v, NST_KIND_DATA) ? ((const NstData *)(const void *)v.w.o)->layout : 0;
    int kind = 0;
    while (kind < NST_JSON_KINDS && (!layout || type->layouts[kind] != layout)) kind++;
    return (NstJsonKind)kind;
}

NstValue nst_json_payload(NstValue v) { return nst_slot(v.w.o, 0); }

NstValue nst_json_null(const NstJsonType *type) { return nst_ctor(type->layouts[NST_JSON_NULL]); }

NstValue nst_json_make(NstProcess *process, const NstJsonType *type, NstJsonKind kind, NstValue payload) {
    NstObject *data = nst_heap_slots(process, NST_KIND_DATA, 1);
    ((NstData *)(void *)data)->layout = type->layouts[kind];
    nst_slot_init(data, 0, payload);
    return nst_object(data);
}

NstValue nst_json_member(NstProcess *process, NstValue name, NstValue value) {
    NstObject *pair = nst_heap_slots(process, NST_KIND_TUPLE, 2);
    nst_slot_init(pair, 0, name);
    nst_slot_init(pair, 1, value);
    return nst_object(pair);
}
