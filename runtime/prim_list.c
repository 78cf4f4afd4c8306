// Primitives of lists. What takes a function is library source (stdlib/list.nos).
#include "runtime/heap_inline.h"
#include "runtime/list.h"
#include "runtime/prim.h"

// ---- Size and access ----------------------------------------------------------------------

NST_PRIMITIVE(list_length) {
    NST_EXPECT_KIND(args[0], NST_KIND_LIST, "List");
    args[0] = nst_int((int64_t)nst_list_length(args[0].w.o));
    return NST_PRIM_OK;
}

NST_PRIMITIVE(list_is_empty) {
    NST_EXPECT_KIND(args[0], NST_KIND_LIST, "List");
    args[0] = nst_bool(nst_list_length(args[0].w.o) == 0);
    return NST_PRIM_OK;
}

static bool in_range(const NstObject *list, int64_t i) {
    return i >= 0 && (uint64_t)i < nst_list_length(list);
}

static NstPrimStatus get(NstProcess *process, NstValue *args) {
    NST_EXPECT_KIND(args[0], NST_KIND_LIST, "List");
    NST_EXPECT_TAG(args[1], NST_TAG_INT, "Int");
    int64_t i = args[1].w.i;
    if (!in_range(args[0].w.o, i)) return nst_raise_panic(process, "Index %lld out of bounds", (long long)i);
    args[0] = nst_list_get(args[0].w.o, (size_t)i);
    return NST_PRIM_OK;
}

NST_PRIMITIVE(list_get) {
    return get(process, args);
}

NST_PRIMITIVE(list_at) {
    return get(process, args);
}

NST_PRIMITIVE(list_nth) {
    NST_EXPECT_KIND(args[0], NST_KIND_LIST, "List");
    NST_EXPECT_TAG(args[1], NST_TAG_INT, "Int");
    long long i = args[1].w.i;
    if (i < 0) return nst_raise_string(process, "Index out of bounds: %lld (negative index not allowed)", i);
    if (!in_range(args[0].w.o, i)) {
        return nst_raise_string(process, "Index out of bounds: index %lld is out of range", i);
    }
    args[0] = nst_list_get(args[0].w.o, (size_t)i);
    return NST_PRIM_OK;
}

static NstPrimStatus raise_empty(NstProcess *process) {
    return nst_raise_pair(process, "IndexOutOfBounds", "index 0 out of bounds (length 0)");
}

NST_PRIMITIVE(list_head) {
    NST_EXPECT_KIND(args[0], NST_KIND_LIST, "List");
    if (nst_list_length(args[0].w.o) == 0) return raise_empty(process);
    args[0] = nst_list_head(args[0].w.o);
    return NST_PRIM_OK;
}

NST_PRIMITIVE(list_tail) {
    NST_EXPECT_KIND(args[0], NST_KIND_LIST, "List");
    if (nst_list_length(args[0].w.o) == 0) return raise_empty(process);
    args[0] = nst_list_tail(process, args[0].w.o);
    return NST_PRIM_OK;
}

NST_PRIMITIVE(list_last) {
    NST_EXPECT_KIND(args[0], NST_KIND_LIST, "List");
    if (nst_list_length(args[0].w.o) == 0) return nst_raise_panic(process, "last: empty list");
    args[0] = nst_list_last(args[0].w.o);
    return NST_PRIM_OK;
}

NST_PRIMITIVE(list_init) {
    NST_EXPECT_KIND(args[0], NST_KIND_LIST, "List");
    if (nst_list_length(args[0].w.o) == 0) {
        return nst_raise_panic(process, "Non-exhaustive match: no pattern matched");
    }
    args[0] = nst_list_init(process, args[0].w.o);
    return NST_PRIM_OK;
}

// ---- Changed lists ------------------------------------------------------------------------

NST_PRIMITIVE(list_cons) {
    NST_EXPECT_KIND(args[1], NST_KIND_LIST, "List");
    args[0] = nst_list_cons(process, args[0], args[1].w.o);
    return NST_PRIM_OK;
}

NST_PRIMITIVE(list_push) {
    NST_EXPECT_KIND(args[0], NST_KIND_LIST, "List");
    args[0] = nst_list_push(process, args[0].w.o, args[1]);
    return NST_PRIM_OK;
}

NST_PRIMITIVE(list_set) {
    NST_EXPECT_KIND(args[0], NST_KIND_LIST, "List");
    NST_EXPECT_TAG(args[1], NST_TAG_INT, "Int");
    if (in_range(args[0].w.o, args[1].w.i)) {
        args[0] = nst_list_set(process, args[0].w.o, (size_t)args[1].w.i, args[2]);
    }
    return NST_PRIM_OK;
}

NST_PRIMITIVE(list_update) {
    NST_EXPECT_KIND(args[0], NST_KIND_LIST, "List");
    NST_EXPECT_TAG(args[1], NST_TAG_INT, "Int");
    int64_t i = args[1].w.i;
    if (!in_range(args[0].w.o, i)) return nst_raise_panic(process, "Index %lld out of bounds", (long long)i);
    args[0] = nst_list_set(process, args[0].w.o, (size_t)i, args[2]);
    return NST_PRIM_OK;
}

NST_PRIMITIVE(list_insert_at) {
    NST_EXPECT_KIND(args[0], NST_KIND_LIST, "List");
    NST_EXPECT_TAG(args[1], NST_TAG_INT, "Int");
    NstObject *list = args[0].w.o;
    size_t length = nst_list_length(list), i = in_range(list, args[1].w.i) ? (size_t)args[1].w.i : length;
    NstObject *front = nst_list_push(process, nst_list_slice(process, list, 0, i).w.o, args[2]).w.o;
    args[0] = nst_list_concat(process, front, nst_list_slice(process, list, i, length).w.o);
    return NST_PRIM_OK;
}

static NstValue without(NstProcess *process, NstObject *list, size_t i) {
    NstObject *front = nst_list_slice(process, list, 0, i).w.o;
    return nst_list_concat(process, front, nst_list_slice(process, list, i + 1, nst_list_length(list)).w.o);
}

NST_PRIMITIVE(list_remove_at) {
    NST_EXPECT_KIND(args[0], NST_KIND_LIST, "List");
    NST_EXPECT_TAG(args[1], NST_TAG_INT, "Int");
    if (in_range(args[0].w.o, args[1].w.i)) args[0] = without(process, args[0].w.o, (size_t)args[1].w.i);
    return NST_PRIM_OK;
}

NST_PRIMITIVE(list_concat) {
    NST_EXPECT_KIND(args[0], NST_KIND_LIST, "List");
    NST_EXPECT_KIND(args[1], NST_KIND_LIST, "List");
    if (nst_list_length(args[0].w.o) + nst_list_length(args[1].w.o) > UINT32_MAX) {
        return nst_raise_pair(process, "OutOfMemory", "list too long");
    }
    args[0] = nst_list_concat(process, args[0].w.o, args[1].w.o);
    return NST_PRIM_OK;
}

static size_t clamp(int64_t i, size_t length) {
    return i < 0 ? 0 : (uint64_t)i > length ? length : (size_t)i;
}

NST_PRIMITIVE(list_slice) {
    NST_EXPECT_KIND(args[0], NST_KIND_LIST, "List");
    NST_EXPECT_TAG(args[1], NST_TAG_INT, "Int");
    NST_EXPECT_TAG(args[2], NST_TAG_INT, "Int");
    size_t length = nst_list_length(args[0].w.o);
    args[0] = nst_list_slice(process, args[0].w.o, clamp(args[1].w.i, length), clamp(args[2].w.i, length));
    return NST_PRIM_OK;
}

NST_PRIMITIVE(list_take) {
    NST_EXPECT_KIND(args[0], NST_KIND_LIST, "List");
    NST_EXPECT_TAG(args[1], NST_TAG_INT, "Int");
    size_t length = nst_list_length(args[0].w.o);
    args[0] = nst_list_slice(process, args[0].w.o, 0, clamp(args[1].w.i, length));
    return NST_PRIM_OK;
}

NST_PRIMITIVE(list_drop) {
    NST_EXPECT_KIND(args[0], NST_KIND_LIST, "List");
    NST_EXPECT_TAG(args[1], NST_TAG_INT, "Int");
    size_t length = nst_list_length(args[0].w.o);
    args[0] = nst_list_slice(process, args[0].w.o, clamp(args[1].w.i, length), length);
    return NST_PRIM_OK;
}

NST_PRIMITIVE(list_reverse) {
    NST_EXPECT_KIND(args[0], NST_KIND_LIST, "List");
    nst_prim_charge(process, nst_list_length(args[0].w.o));
    args[0] = nst_list_reverse(process, args[0].w.o);
    return NST_PRIM_OK;
}

// ---- New lists ----------------------------------------------------------------------------

// A builder for `count` elements; null if that is beyond all bounds (the exception is set).
static NstObject *builder_for(NstProcess *process, uint64_t count) {
    if (count > UINT32_MAX || !nst_heap_can(process, count * 10)) {
        nst_raise_pair(process, "OutOfMemory", "list of %llu elements", (unsigned long long)count);
        return NULL;
    }
    nst_prim_charge(process, count);
    return nst_list_builder(process, count);
}

NST_PRIMITIVE(list_range) {
    NST_EXPECT_TAG(args[0], NST_TAG_INT, "Int");
    NST_EXPECT_TAG(args[1], NST_TAG_INT, "Int");
    int64_t from = args[0].w.i, to = args[1].w.i;
    NstObject *builder = builder_for(process, from < to ? (uint64_t)to - (uint64_t)from : 0);
    if (!builder) return NST_PRIM_RAISE;
    for (int64_t i = from; i < to; i++) nst_list_builder_add(process, builder, nst_int(i));
    args[0] = nst_list_builder_finish(process, builder);
    return NST_PRIM_OK;
}

NST_PRIMITIVE(list_range_down) {
    NST_EXPECT_TAG(args[0], NST_TAG_INT, "Int");
    int64_t n = args[0].w.i;
    NstObject *builder = builder_for(process, n > 0 ? (uint64_t)n : 0);
    if (!builder) return NST_PRIM_RAISE;
    for (int64_t i = n; i > 0; i--) nst_list_builder_add(process, builder, nst_int(i));
    args[0] = nst_list_builder_finish(process, builder);
    return NST_PRIM_OK;
}

NST_PRIMITIVE(list_replicate) {
    NST_EXPECT_TAG(args[0], NST_TAG_INT, "Int");
    int64_t n = args[0].w.i;
    NstObject *builder = builder_for(process, n > 0 ? (uint64_t)n : 0);
    if (!builder) return NST_PRIM_RAISE;
    for (int64_t i = 0; i < n; i++) nst_list_builder_add(process, builder, args[1]);
    args[0] = nst_list_builder_finish(process, builder);
    return NST_PRIM_OK;
}

NST_PRIMITIVE(list_flatten) {
    NST_EXPECT_KIND(args[0], NST_KIND_LIST, "List");
    NstListIter it;
    NstValue sub;
    uint64_t total = 0;
    for (nst_list_iter(&it, args[0].w.o); nst_list_next(&it, &sub);) {
        NST_EXPECT_KIND(sub, NST_KIND_LIST, "List");
        total += nst_list_length(sub.w.o);
    }
    NstObject *builder = builder_for(process, total);
    if (!builder) return NST_PRIM_RAISE;
    for (nst_list_iter(&it, args[0].w.o); nst_list_next(&it, &sub);) {
        nst_list_builder_append(process, builder, sub.w.o);
    }
    args[0] = nst_list_builder_finish(process, builder);
    return NST_PRIM_OK;
}

static NstValue tuple2(NstProcess *process, NstValue a, NstValue b) {
    NstObject *pair = nst_alloc_slots(process, NST_KIND_TUPLE, 0, 2);
    nst_slot_init(pair, 0, a);
    nst_slot_init(pair, 1, b);
    return nst_object(pair);
}

NST_PRIMITIVE(list_zip) {
    NST_EXPECT_KIND(args[0], NST_KIND_LIST, "List");
    NST_EXPECT_KIND(args[1], NST_KIND_LIST, "List");
    size_t m = nst_list_length(args[0].w.o), n = nst_list_length(args[1].w.o);
    NstObject *builder = builder_for(process, m < n ? m : n);
    if (!builder) return NST_PRIM_RAISE;
    NstListIter left, right;
    NstValue a, b;
    nst_list_iter(&left, args[0].w.o);
    nst_list_iter(&right, args[1].w.o);
    while (nst_list_next(&left, &a) && nst_list_next(&right, &b)) {
        nst_list_builder_add(process, builder, tuple2(process, a, b));
    }
    args[0] = nst_list_builder_finish(process, builder);
    return NST_PRIM_OK;
}

NST_PRIMITIVE(list_unzip) {
    NST_EXPECT_KIND(args[0], NST_KIND_LIST, "List");
    NstObject *left = builder_for(process, nst_list_length(args[0].w.o));
    NstObject *right = left ? builder_for(process, nst_list_length(args[0].w.o)) : NULL;
    if (!right) return NST_PRIM_RAISE;
    NstListIter it;
    NstValue pair;
    for (nst_list_iter(&it, args[0].w.o); nst_list_next(&it, &pair);) {
        if (!nst_is_kind(pair, NST_KIND_TUPLE) || pair.w.o->count != 2) return nst_raise_type(process, "Tuple", pair);
        nst_list_builder_add(process, left, nst_slot(pair.w.o, 0));
        nst_list_builder_add(process, right, nst_slot(pair.w.o, 1));
    }
    NstValue first = nst_list_builder_finish(process, left);
    args[0] = tuple2(process, first, nst_list_builder_finish(process, right));
    return NST_PRIM_OK;
}

NST_PRIMITIVE(list_enumerate) {
    NST_EXPECT_KIND(args[0], NST_KIND_LIST, "List");
    NST_EXPECT_TAG(args[1], NST_TAG_INT, "Int");
    NstObject *builder = builder_for(process, nst_list_length(args[0].w.o));
    if (!builder) return NST_PRIM_RAISE;
    NstListIter it;
    NstValue v;
    uint64_t i = args[1].w.u; // wraps like Int
    for (nst_list_iter(&it, args[0].w.o); nst_list_next(&it, &v); i++) {
        nst_list_builder_add(process, builder, tuple2(process, nst_int((int64_t)i), v));
    }
    args[0] = nst_list_builder_finish(process, builder);
    return NST_PRIM_OK;
}

NST_PRIMITIVE(list_intersperse) {
    NST_EXPECT_KIND(args[0], NST_KIND_LIST, "List");
    NstObject *builder = builder_for(process, 2 * nst_list_length(args[0].w.o));
    if (!builder) return NST_PRIM_RAISE;
    NstListIter it;
    NstValue v;
    for (nst_list_iter(&it, args[0].w.o); nst_list_next(&it, &v);) {
        if (it.index > 1) nst_list_builder_add(process, builder, args[1]);
        nst_list_builder_add(process, builder, v);
    }
    args[0] = nst_list_builder_finish(process, builder);
    return NST_PRIM_OK;
}

NST_PRIMITIVE(list_interleave) {
    NST_EXPECT_KIND(args[0], NST_KIND_LIST, "List");
    NST_EXPECT_KIND(args[1], NST_KIND_LIST, "List");
    NstObject *builder = builder_for(process, nst_list_length(args[0].w.o) + nst_list_length(args[1].w.o));
    if (!builder) return NST_PRIM_RAISE;
    NstListIter left, right;
    NstValue a, b;
    nst_list_iter(&left, args[0].w.o);
    nst_list_iter(&right, args[1].w.o);
    for (;;) {
        bool more = nst_list_next(&left, &a), other = nst_list_next(&right, &b);
        if (more) nst_list_builder_add(process, builder, a);
        if (other) nst_list_builder_add(process, builder, b);
        if (!more && !other) break;
    }
    args[0] = nst_list_builder_finish(process, builder);
    return NST_PRIM_OK;
}

// ---- Builders and cursors -----------------------------------------------------------------

NST_PRIMITIVE(list_builder) {
    NST_EXPECT_TAG(args[0], NST_TAG_INT, "Int");
    args[0] = nst_object(nst_list_builder(process, args[0].w.i > 0 ? (size_t)args[0].w.i : 0));
    return NST_PRIM_OK;
}

NST_PRIMITIVE(list_builder_add) {
    nst_list_builder_add(process, args[0].w.o, args[1]);
    args[0] = NST_UNIT;
    return NST_PRIM_OK;
}

NST_PRIMITIVE(list_builder_append) {
    NST_EXPECT_KIND(args[1], NST_KIND_LIST, "List");
    nst_prim_charge(process, nst_list_length(args[1].w.o));
    nst_list_builder_append(process, args[0].w.o, args[1].w.o);
    args[0] = NST_UNIT;
    return NST_PRIM_OK;
}

NST_PRIMITIVE(list_builder_length) {
    args[0] = nst_int((int64_t)nst_list_builder_length(args[0].w.o));
    return NST_PRIM_OK;
}

NST_PRIMITIVE(list_builder_finish) {
    args[0] = nst_list_builder_finish(process, args[0].w.o);
    return NST_PRIM_OK;
}

NST_PRIMITIVE(list_cursor) {
    NST_EXPECT_KIND(args[0], NST_KIND_LIST, "List");
    args[0] = nst_object(nst_list_cursor(process, args[0].w.o));
    return NST_PRIM_OK;
}

NST_PRIMITIVE(list_cursor_next) {
    return nst_list_cursor_next(process, args[0].w.o, &args[0]) ? NST_PRIM_OK : raise_empty(process);
}
