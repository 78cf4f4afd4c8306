// See vm_own.h.
#include "runtime/vm_own.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "runtime/codegen.h"
#include "runtime/dynamic.h"
#include "runtime/vm_state.h"

// Methods that are looked up by the type of a value.
typedef enum Site {
    SITE_ADD, SITE_SUB, SITE_MUL, SITE_DIV, SITE_INDEX, SITE_INDEX_MUT, SITE_EQ, SITE_LT, SITE_GT, SITE_LTE, SITE_GTE,
    SITE_SHOW, SITE_HASH, SITE_COPY, SITE_COUNT,
} Site;

// Hangs on NstVm.code; made at first use.
typedef struct Owned {
    NstLink *_Atomic links[NST_OWN_FN_COUNT];
    NstMethodSite sites[SITE_COUNT];
} Owned;

static const char *const names[] = {
#define NST_OWN_NAME(id, name) name,
    NST_OWN_FUNCTIONS(NST_OWN_NAME)
#undef NST_OWN_NAME
};
static const char *const methods[SITE_COUNT] = {
    "add", "sub", "mul", "div", "index", "indexMut", "eq", "lt", "gt", "lte", "gte", "show", "hash", "copy",
};

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

NstLink *nst_own_operation(NstProcess *process, NstOwnFunction which, NstOperator op, NstValue v) {
    static const struct {
        uint8_t bit, site;
    } traits[] = {
        [NST_OWN_FN_EQUAL] = { NST_OWN_EQ, SITE_EQ },
        [NST_OWN_FN_COMPARE] = { NST_OWN_ORD, SITE_LT },
        [NST_OWN_FN_SHOW] = { NST_OWN_SHOW, SITE_SHOW },
        [NST_OWN_FN_HASH] = { NST_OWN_HASH, SITE_HASH },
        [NST_OWN_FN_COPY] = { NST_OWN_COPY, SITE_COPY },
    };
    const NstLayout *layout = v.tag == NST_TAG_CTOR                ? v.w.layout
                              : nst_is_kind(v, NST_KIND_DATA) ? ((const NstData *)v.w.o)->layout : NULL;
    if (layout && (layout->own & traits[which].bit)) {
        uint32_t site = traits[which].site;
        if (op == NST_OP_GT) site = SITE_GT;
        if (op == NST_OP_LE) site = SITE_LTE;
        if (op == NST_OP_GE) site = SITE_GTE;
        uint32_t argc = which == NST_OWN_FN_EQUAL || which == NST_OWN_FN_COMPARE ? 2 : 1;
        NstLink *link = nst_dyn_find_method(process->vm->program, &owned(process)->sites[site], v, argc);
        if (link) return link;
    }
    return nst_own_function(process, which);
}

static NstLink *method(NstProcess *process, Site site, NstValue receiver, uint32_t argc) {
    NstValue field;
    return nst_dyn_method(process, process->vm->program, &owned(process)->sites[site], receiver, argc, &field);
}

NstLink *nst_own_operator(NstProcess *process, NstOperator op, NstValue left) {
    switch (op) {
    case NST_OP_ADD: return method(process, SITE_ADD, left, 2);
    case NST_OP_SUB: return method(process, SITE_SUB, left, 2);
    case NST_OP_MUL: return method(process, SITE_MUL, left, 2);
    case NST_OP_DIV: return method(process, SITE_DIV, left, 2);
    default: nst_raise_type(process, "number", left); return NULL;
    }
}

NstLink *nst_own_index(NstProcess *process, NstValue collection, bool set) {
    if (nst_is_kind(collection, NST_KIND_MAP)) {
        return nst_own_function(process, set ? NST_OWN_FN_MAP_PUT : NST_OWN_FN_MAP_GET);
    }
    if (nst_is_kind(collection, NST_KIND_SET)) return nst_own_function(process, NST_OWN_FN_SET_HAS);
    return method(process, set ? SITE_INDEX_MUT : SITE_INDEX, collection, set ? 3 : 2);
}
