// See vm_own.h.
#include "runtime/vm_own.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "runtime/codegen.h"
#include "runtime/dynamic.h"
#include "runtime/vm_state.h"

enum { SITE_COUNT = 6 };

// Hangs on NstVm.code; made at first use.
typedef struct Owned {
    NstLink *_Atomic links[NST_OWN_FN_COUNT];
    NstMethodSite sites[SITE_COUNT]; // add sub mul div index indexMut
} Owned;

static const char *const names[] = {
#define NST_OWN_NAME(id, name) "stdlib.ops." name,
    NST_OWN_FUNCTIONS(NST_OWN_NAME)
#undef NST_OWN_NAME
};
static const char *const methods[SITE_COUNT] = { "add", "sub", "mul", "div", "index", "indexMut" };

static Owned *owned(NstProcess *process) {
    void *_Atomic *slot = (void *_Atomic *)&process->vm->code;
    // acquire: pairs with the release below; the structure is complete once published
    Owned *all = atomic_load_explicit(slot, memory_order_acquire);
    if (all) return all;
    Owned *made = nst_code_alloc(sizeof *made);
    for (int i = 0; i < SITE_COUNT; i++) made->sites[i].name = nst_name_z(methods[i]);
    void *expected = NULL;
    if (atomic_compare_exchange_strong_explicit(slot, &expected, made, memory_order_release, memory_order_acquire)) {
        return made;
    }
    free(made);
    return expected;
}

NstLink *nst_own_function(NstProcess *process, NstOwnFunction which) {
    NstLink *_Atomic *slot = &owned(process)->links[which];
    // relaxed: links are found under the compile lock and never change; threads that race find the same one
    NstLink *link = atomic_load_explicit(slot, memory_order_relaxed);
    if (!link) {
        link = nst_link_library(process->vm->program, names[which]);
        atomic_store_explicit(slot, link, memory_order_relaxed);
    }
    return link;
}

static NstLink *method(NstProcess *process, int site, NstValue receiver, uint32_t argc) {
    NstValue field;
    return nst_dyn_method(process, process->vm->program, &owned(process)->sites[site], receiver, argc, &field);
}

NstLink *nst_own_operator(NstProcess *process, NstOperator op, NstValue left) {
    switch (op) {
    case NST_OP_ADD: return method(process, 0, left, 2);
    case NST_OP_SUB: return method(process, 1, left, 2);
    case NST_OP_MUL: return method(process, 2, left, 2);
    case NST_OP_DIV: return method(process, 3, left, 2);
    default: nst_raise_type(process, "number", left); return NULL;
    }
}

NstLink *nst_own_index(NstProcess *process, NstValue collection, bool set) {
    if (nst_is_kind(collection, NST_KIND_MAP)) {
        return nst_own_function(process, set ? NST_OWN_FN_MAP_PUT : NST_OWN_FN_MAP_GET);
    }
    if (nst_is_kind(collection, NST_KIND_SET)) return nst_own_function(process, NST_OWN_FN_SET_HAS);
    return method(process, set ? 5 : 4, collection, set ? 3 : 2);
}
