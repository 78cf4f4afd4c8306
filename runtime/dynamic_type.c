// Types made from values, and methods found by them: the rest of dynamic.h.
#include <stdlib.h>

#include "runtime/codegen.h"
#include "runtime/dynamic.h"
#include "runtime/hash.h"
#include "runtime/link.h"
#include "runtime/list.h"
#include "runtime/type_text.h"

// Beyond this depth a part of the type stays unknown: what a method is chosen by is never that deep.
enum { MAX_DEPTH = 6 };

static const NstType *type_at(NstProgram *program, NstValue v, int depth);

static const NstType *element_type(NstProgram *program, NstValue list, int depth) {
    if (nst_list_length(list.w.o) == 0) return nst_program_any(program);
    return type_at(program, nst_list_get(list.w.o, 0), depth);
}

// Finds in `actual` what stands at the declaration's parameters in `declared`.
static void match_params(const NstType *declared, const NstType *actual, const NstTypeDecl *decl, const NstType **args) {
    declared = nst_type_resolve((NstType *)(uintptr_t)declared);
    if (declared->kind == NST_TY_PARAM) {
        for (size_t i = 0; i < decl->param_count; i++) {
            const NstType *param = nst_type_resolve(decl->params[i]);
            if (param == declared && (!args[i] || args[i]->kind == NST_TY_ANY)) args[i] = actual;
        }
        return;
    }
    if (declared->kind != actual->kind || declared->arg_count != actual->arg_count) return;
    if (declared->kind == NST_TY_CON && declared->decl != actual->decl) return;
    for (size_t i = 0; i < declared->arg_count; i++) match_params(declared->args[i], actual->args[i], decl, args);
}

static const NstType *data_type(NstProgram *program, const NstLayout *layout, NstValue v, int depth) {
    const NstTypeDecl *decl = layout->ctor->type;
    const NstType *args[16] = { 0 };
    size_t count = decl->param_count < 16 ? decl->param_count : 16;
    for (size_t i = 0; count > 0 && i < layout->field_count; i++) {
        match_params(layout->ctor->field_types[i], type_at(program, nst_slot(v.w.o, i), depth), decl, args);
    }
    for (size_t i = 0; i < count; i++) {
        if (!args[i]) args[i] = nst_program_any(program);
    }
    return nst_program_con(program, layout->ctor->type, args, count);
}

static const NstType *container_type(NstProgram *program, NstValue v, int depth) {
    const NstType *args[2] = { nst_program_any(program), nst_program_any(program) };
    NstMapIter it;
    NstValue key, value;
    nst_map_iter(&it, v.w.o);
    bool is_map = v.w.o->kind == NST_KIND_MAP;
    if (nst_map_next(&it, &key, &value)) {
        args[0] = type_at(program, key, depth);
        if (is_map) args[1] = type_at(program, value, depth);
    }
    return nst_program_prim(program, is_map ? NST_PRIM_MAP : NST_PRIM_SET, args, is_map ? 2 : 1);
}

static const NstType *object_type(NstProgram *program, NstValue v, int depth) {
    switch (v.w.o->kind) {
    case NST_KIND_TUPLE: {
        size_t count = v.w.o->count;
        const NstType **args = nst_code_alloc(count * sizeof *args);
        for (size_t i = 0; i < count; i++) args[i] = type_at(program, nst_slot(v.w.o, i), depth);
        const NstType *type = nst_program_tuple(program, args, count);
        free(args);
        return type;
    }
    case NST_KIND_DATA: return data_type(program, ((const NstData *)v.w.o)->layout, v, depth);
    case NST_KIND_STRING: return nst_program_prim(program, NST_PRIM_STRING, NULL, 0);
    case NST_KIND_BIGINT: return nst_program_prim(program, NST_PRIM_BIGINT, NULL, 0);
    case NST_KIND_DECIMAL: return nst_program_prim(program, NST_PRIM_DECIMAL, NULL, 0);
    case NST_KIND_LIST: {
        const NstType *element = element_type(program, v, depth);
        return nst_program_prim(program, NST_PRIM_LIST, &element, 1);
    }
    case NST_KIND_MAP:
    case NST_KIND_SET: return container_type(program, v, depth);
    case NST_KIND_INT64_ARRAY: return nst_program_prim(program, NST_PRIM_INT64_ARRAY, NULL, 0);
    case NST_KIND_FLOAT64_ARRAY: return nst_program_prim(program, NST_PRIM_FLOAT64_ARRAY, NULL, 0);
    case NST_KIND_FLOAT32_ARRAY: return nst_program_prim(program, NST_PRIM_FLOAT32_ARRAY, NULL, 0);
    case NST_KIND_BUFFER: return nst_program_prim(program, NST_PRIM_BUFFER, NULL, 0);
    default: return nst_program_any(program);
    }
}

static const NstType *type_at(NstProgram *program, NstValue v, int depth) {
    static const NstPrimType prims[NST_TAG_COUNT] = {
        [NST_TAG_BOOL] = NST_PRIM_BOOL,       [NST_TAG_CHAR] = NST_PRIM_CHAR,     [NST_TAG_INT] = NST_PRIM_INT,
        [NST_TAG_INT8] = NST_PRIM_INT8,       [NST_TAG_INT16] = NST_PRIM_INT16,   [NST_TAG_INT32] = NST_PRIM_INT32,
        [NST_TAG_UINT8] = NST_PRIM_UINT8,     [NST_TAG_UINT16] = NST_PRIM_UINT16, [NST_TAG_UINT32] = NST_PRIM_UINT32,
        [NST_TAG_UINT64] = NST_PRIM_UINT64,   [NST_TAG_FLOAT] = NST_PRIM_FLOAT,   [NST_TAG_FLOAT32] = NST_PRIM_FLOAT32,
        [NST_TAG_PID] = NST_PRIM_PID,         [NST_TAG_REF] = NST_PRIM_REF,
    };
    if (depth >= MAX_DEPTH) return nst_program_any(program);
    if (v.tag == NST_TAG_OBJECT) return object_type(program, v, depth + 1);
    if (v.tag == NST_TAG_CTOR) return data_type(program, v.w.layout, v, depth + 1);
    if (v.tag == NST_TAG_UNIT) return nst_program_tuple(program, NULL, 0);
    if (prims[v.tag] != NST_PRIM_NONE) return nst_program_prim(program, prims[v.tag], NULL, 0);
    return nst_program_any(program);
}

const NstType *nst_dyn_type(NstProgram *program, NstValue v) {
    return type_at(program, v, 0);
}

// ---- Methods -----------------------------------------------------------------------------

// One target met at a call site; the newest first. Entries are never removed: a site meets few types, and after
// MAX_ENTRIES it stops remembering.
struct NstMethodCache {
    const NstType *type;
    NstLink *link;
    uint32_t length;
    struct NstMethodCache *next;
};
enum { MAX_ENTRIES = 16 };

static const char *derived_function(NstName name) {
    static const char *const functions[][2] = {
        { "show", "stdlib.ops.showOwn" },   { "toString", "stdlib.ops.showOwn" }, { "hash", "stdlib.ops.hashOwn" },
        { "copy", "stdlib.ops.copyOwn" },   { "eq", "stdlib.ops.equalOwn" },
    };
    for (size_t i = 0; i < sizeof functions / sizeof functions[0]; i++) {
        if (name == nst_name_z(functions[i][0])) return functions[i][1];
    }
    return NULL;
}

static NstLink *find_method(NstProgram *program, const NstMethodSite *site, const NstType *type, uint32_t argc) {
    const NstTarget *target = nst_program_method(program, site->module, type, site->name, argc - 1, site->call);
    if (target && target->kind == NST_TARGET_SPECIAL && target->fn->special == NST_SPECIAL_LENGTH) { // of a tuple
        return nst_link_instance(nst_instance_get(program, target->fn, (NstType *const *)target->subst));
    }
    bool defined = target && target->kind == NST_TARGET_FUNCTION && target->fn->param_count >= argc &&
                   (target->fn->extern_name.data ||
                    (target->fn->clause_count > 0 && target->fn->clauses[0]->body_expr)); // not only declared
    if (defined) {
        const NstInstance *instance = nst_instance_get(program, target->fn, (NstType *const *)target->subst);
        if (site->call || target->fn->param_count > argc) return nst_link_filled(instance, target, argc);
        NstLink *link = nst_link_instance(instance);
        return target->negate || target->swap ? nst_link_adapted(link, target->negate, target->swap) : link;
    }
    const char *derived = argc <= 2 ? derived_function(site->name) : NULL;
    return derived ? nst_link_library(program, derived) : NULL;
}

NstLink *nst_dyn_find_method(NstProgram *program, NstMethodSite *site, NstValue receiver, uint32_t argc) {
    const NstType *type = nst_dyn_type(program, receiver); // interned: equal types are the same pointer
    // acquire: pairs with the release below; entries are complete once linked
    struct NstMethodCache *first = atomic_load_explicit(&site->cache, memory_order_acquire);
    for (struct NstMethodCache *entry = first; entry; entry = entry->next) {
        if (entry->type == type) return entry->link;
    }
    NstLink *link = find_method(program, site, type, argc);
    if (link && (!first || first->length < MAX_ENTRIES)) {
        struct NstMethodCache *entry = nst_code_alloc(sizeof *entry);
        *entry = (struct NstMethodCache){ type, link, first ? first->length + 1 : 1, first };
        // release: see above. A lost race only forgets an entry.
        if (!atomic_compare_exchange_strong_explicit(&site->cache, &first, entry, memory_order_release,
                                                     memory_order_relaxed)) {
            free(entry);
        }
    }
    return link;
}

NstLink *nst_dyn_method(NstProcess *process, NstProgram *program, NstMethodSite *site, NstValue receiver, uint32_t argc,
                        NstValue *field) {
    if (nst_dyn_field_find(receiver, site->name, field) &&
        (field->tag == NST_TAG_FUNCTION || nst_is_kind(*field, NST_KIND_CLOSURE))) {
        return NULL;
    }
    field->tag = NST_TAG_MISSING;
    NstLink *link = nst_dyn_find_method(program, site, receiver, argc);
    if (!link) {
        char expected[160];
        snprintf(expected, sizeof expected, "type with method %s", nst_name_text(site->name));
        nst_raise_type(process, expected, receiver);
    }
    return link;
}
