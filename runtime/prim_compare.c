// Primitives by which library source compares and hashes values: the fast paths, and the parts of a value for the
// slow paths where a type has its own implementation (stdlib/ops.nos).
#include "runtime/compare.h"
#include "runtime/compare_internal.h"
#include "runtime/prim.h"
#include "runtime/status.h"

NST_PRIMITIVE(value_status) {
    bool status = args[0].tag == NST_TAG_MISSING;
    args[0] = nst_int(!status ? 0 : args[0].w.u == NST_STATUS_OWN.w.u ? 2 : 1);
    return NST_PRIM_OK;
}

NST_PRIMITIVE(value_equal) {
    NstCmp result = nst_equal(args[0], args[1], true);
    if (result == NST_CMP_TYPE) return nst_raise_type(process, "comparable value", args[0]);
    args[0] = result == NST_CMP_OWN ? NST_STATUS_OWN : nst_bool(result == NST_CMP_TRUE);
    return NST_PRIM_OK;
}

NST_PRIMITIVE(value_compare) {
    int order;
    bool unordered;
    NstCmp result = nst_compare(args[0], args[1], true, &order, &unordered);
    if (result == NST_CMP_TYPE) return nst_raise_type(process, "comparable value", args[0]);
    if (result == NST_CMP_OWN) args[0] = NST_STATUS_OWN;
    else args[0] = nst_int(order == 0 ? (unordered ? 2 : 0) : order < 0 ? -1 : 1);
    return NST_PRIM_OK;
}

NST_PRIMITIVE(value_hash) {
    uint64_t hash;
    NstCmp result = nst_hash(args[0], true, &hash);
    if (result == NST_CMP_TYPE) return nst_raise_type(process, "hashable value", args[0]);
    args[0] = result == NST_CMP_OWN ? NST_STATUS_OWN : nst_int((int64_t)hash);
    return NST_PRIM_OK;
}

NST_PRIMITIVE(hash_combine) {
    args[0] = nst_int((int64_t)nst_hash_fold(args[0].w.u, args[1].w.u));
    return NST_PRIM_OK;
}

// The hash of what is outermost: constructor, kind, number of parts.
NST_PRIMITIVE(hash_seed) {
    NstValue v = args[0];
    const NstLayout *layout = nst_value_layout(v);
    uint64_t seed = v.tag;
    if (layout) seed = UINT64_C(0x100) + layout->index;
    else if (nst_is_object(v)) seed = UINT64_C(0x200) + v.w.o->kind * UINT64_C(0x10000) + v.w.o->count;
    args[0] = nst_int((int64_t)seed);
    return NST_PRIM_OK;
}

NST_PRIMITIVE(value_own) {
    const NstLayout *layout = nst_value_layout(args[0]);
    args[0] = nst_int(layout ? layout->own : 0);
    return NST_PRIM_OK;
}

NST_PRIMITIVE(value_kind) {
    int64_t kind = 0;
    if (nst_value_layout(args[0])) {
        kind = 2;
    } else if (nst_is_object(args[0])) {
        switch ((NstKind)args[0].w.o->kind) {
        case NST_KIND_TUPLE: kind = 1; break;
        case NST_KIND_LIST: kind = 3; break;
        case NST_KIND_MAP: kind = 4; break;
        case NST_KIND_SET: kind = 5; break;
        default: break;
        }
    }
    args[0] = nst_int(kind);
    return NST_PRIM_OK;
}

// The components of tuples, records and variants; of a reactive record its fields only.
static uint32_t part_count(NstValue v) {
    if (nst_is_kind(v, NST_KIND_DATA)) return nst_value_layout(v)->field_count;
    return nst_is_kind(v, NST_KIND_TUPLE) ? v.w.o->count : 0;
}

NST_PRIMITIVE(value_part_count) {
    args[0] = nst_int(part_count(args[0]));
    return NST_PRIM_OK;
}

NST_PRIMITIVE(value_part) {
    NST_EXPECT_TAG(args[1], NST_TAG_INT, "Int");
    if (args[1].w.u >= part_count(args[0])) return nst_raise_type(process, "value with parts", args[0]);
    args[0] = nst_slot(args[0].w.o, (size_t)args[1].w.u);
    return NST_PRIM_OK;
}

NST_PRIMITIVE(value_same_ctor) {
    NstValue a = args[0], b = args[1];
    const NstLayout *layout = nst_value_layout(a);
    bool same = layout && layout == nst_value_layout(b);
    if (nst_is_kind(a, NST_KIND_TUPLE) && nst_is_kind(b, NST_KIND_TUPLE)) same = a.w.o->count == b.w.o->count;
    args[0] = nst_bool(same);
    return NST_PRIM_OK;
}

NST_PRIMITIVE(value_ctor_order) {
    const NstLayout *a = nst_value_layout(args[0]), *b = nst_value_layout(args[1]);
    args[0] = nst_int(a && b ? nst_constructor_order(a, b) : 0);
    return NST_PRIM_OK;
}
