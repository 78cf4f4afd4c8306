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

static NstLink *find(NstProcess *process, Site site, NstValue v, uint32_t argc) {
    return nst_dyn_find_method(process->vm->program, &owned(process)->sites[site], v, argc);
}

// The comparison `op` by the methods of the type: its own, or derived from another one (traits.md 5).
static NstLink *comparison(NstProcess *process, NstOperator op, NstValue v) {
    static const struct {
        Site site;
        bool negate, swap;
    } ways[4][4] = {
        { { SITE_LT, false, false }, { SITE_GT, false, true }, { SITE_LTE, true, true }, { SITE_GTE, true, false } },
        { { SITE_GT, false, false }, { SITE_LT, false, true }, { SITE_LTE, true, false }, { SITE_GTE, true, true } },
        { { SITE_LTE, false, false }, { SITE_LT, true, true }, { SITE_GT, true, false }, { SITE_GTE, false, true } },
        { { SITE_GTE, false, false }, { SITE_LT, true, false }, { SITE_GT, true, true }, { SITE_LTE, false, true } },
    };
    int row = op == NST_OP_LT ? 0 : op == NST_OP_GT ? 1 : op == NST_OP_LE ? 2 : 3;
    for (int i = 0; i < 4; i++) {
        NstLink *link = find(process, ways[row][i].site, v, 2);
        if (!link) continue;
        if (!ways[row][i].negate && !ways[row][i].swap) return link;
        return nst_link_adapted(link, ways[row][i].negate, ways[row][i].swap);
    }
    return NULL;
}

NstLink *nst_own_operation(NstProcess *process, NstOwnFunction which, NstOperator op, NstValue v) {
    static const uint8_t bits[] = {
        [NST_OWN_FN_EQUAL] = NST_OWN_EQ, [NST_OWN_FN_COMPARE] = NST_OWN_ORD, [NST_OWN_FN_SHOW] = NST_OWN_SHOW,
        [NST_OWN_FN_HASH] = NST_OWN_HASH, [NST_OWN_FN_COPY] = NST_OWN_COPY,
    };
    const NstLayout *layout = v.tag == NST_TAG_CTOR           ? v.w.layout
                              : nst_is_kind(v, NST_KIND_DATA) ? ((const NstData *)v.w.o)->layout : NULL;
    NstLink *link = NULL;
    if (layout && (layout->own & bits[which])) {
        switch (which) {
        case NST_OWN_FN_EQUAL: link = find(process, SITE_EQ, v, 2); break;
        case NST_OWN_FN_COMPARE: link = comparison(process, op, v); break;
        case NST_OWN_FN_SHOW: link = find(process, SITE_SHOW, v, 1); break;
        case NST_OWN_FN_HASH: link = find(process, SITE_HASH, v, 1); break;
        default: link = find(process, SITE_COPY, v, 1); break;
        }
    }
    return link ? link : nst_own_function(process, which);
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
