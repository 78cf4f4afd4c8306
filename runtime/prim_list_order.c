// Primitives of lists that compare elements: sorting, searching, extremes, sums. They answer NST_STATUS_OWN when they
// meet a type with its own Eq, Ord or Hash; library source then does the work.
#include <stdlib.h>
#include <string.h>

#include "runtime/compare.h"
#include "runtime/heap_inline.h"
#include "runtime/list.h"
#include "runtime/prim.h"
#include "runtime/status.h"

// Turns a comparison that could not be decided into the primitive's result.
static NstPrimStatus undecided(NstProcess *process, NstValue *args, NstCmp result, NstValue v) {
    if (result == NST_CMP_TYPE) return nst_raise_type(process, "comparable value", v);
    args[0] = NST_STATUS_OWN;
    return NST_PRIM_OK;
}

static NstPrimStatus not_comparable(NstProcess *process, const char *what) {
    return nst_raise_panic(process, "%s: values are not comparable", what);
}

// ---- Sorting ------------------------------------------------------------------------------

typedef struct Sorter {
    bool ints;        // all elements are Int
    bool unordered;   // met a NaN
    NstCmp result;    // TRUE, or why it stopped
    NstValue culprit;
} Sorter;

// True if b must come before a: strictly smaller.
static inline bool before(Sorter *s, NstValue b, NstValue a) {
    if (s->ints) return b.w.i < a.w.i;
    int order;
    bool unordered;
    NstCmp result = nst_compare(b, a, true, &order, &unordered);
    if (result != NST_CMP_TRUE && s->result == NST_CMP_TRUE) {
        s->result = result;
        s->culprit = a;
    }
    s->unordered |= unordered;
    return order < 0;
}

static bool stopped(const Sorter *s) {
    return s->result != NST_CMP_TRUE || s->unordered;
}

enum { RUN = 12 };

static void sort_run(Sorter *s, NstValue *values, size_t count) {
    for (size_t i = 1; i < count && !stopped(s); i++) {
        NstValue v = values[i];
        size_t j = i;
        for (; j > 0 && before(s, v, values[j - 1]); j--) values[j] = values[j - 1];
        values[j] = v;
    }
}

static void merge(Sorter *s, const NstValue *left, size_t left_count, const NstValue *right, size_t right_count,
                  NstValue *out) {
    while (left_count > 0 && right_count > 0) {
        if (before(s, *right, *left)) {
            *out++ = *right++;
            right_count--;
        } else {
            *out++ = *left++;
            left_count--;
        }
    }
    memcpy(out, left, left_count * sizeof *out);
    memcpy(out + left_count, right, right_count * sizeof *out);
}

// Stable bottom-up merge sort; `spare` is as long as `values`. Returns the one that holds the result.
static NstValue *sort_values(Sorter *s, NstValue *values, NstValue *spare, size_t count) {
    for (size_t i = 0; i < count; i += RUN) sort_run(s, values + i, count - i < RUN ? count - i : RUN);
    for (size_t width = RUN; width < count && !stopped(s); width *= 2) {
        for (size_t i = 0; i < count; i += 2 * width) {
            size_t left = count - i < width ? count - i : width;
            size_t right = count - i - left < width ? count - i - left : width;
            // Sorted already, as it is where the list was: no merging.
            if (right == 0 || !before(s, values[i + left], values[i + left - 1])) {
                memcpy(spare + i, values + i, (left + right) * sizeof *values);
            } else {
                merge(s, values + i, left, values + i + left, right, spare + i);
            }
        }
        NstValue *swap = values;
        values = spare;
        spare = swap;
    }
    return values;
}

NST_PRIMITIVE(list_sort) {
    NST_EXPECT_KIND(args[0], NST_KIND_LIST, "List");
    size_t count = nst_list_length(args[0].w.o);
    if (count < 2) return NST_PRIM_OK;
    nst_prim_charge(process, 2 * count);
    size_t bytes = 2 * count * sizeof(NstValue);
    NstValue *memory = nst_heap_can(process, bytes) ? malloc(bytes) : NULL;
    if (!memory) return nst_raise_pair(process, "OutOfMemory", "sorting %zu elements", count);
    Sorter s = { .ints = true, .result = NST_CMP_TRUE };
    NstListIter it;
    nst_list_iter(&it, args[0].w.o);
    for (size_t i = 0; nst_list_next(&it, &memory[i]); i++) s.ints &= memory[i].tag == NST_TAG_INT;
    NstValue *sorted = sort_values(&s, memory, memory + count, count);
    NstPrimStatus status = NST_PRIM_OK;
    if (s.result != NST_CMP_TRUE) status = undecided(process, args, s.result, s.culprit);
    else if (s.unordered) status = not_comparable(process, "sort");
    else args[0] = nst_list_from(process, sorted, count);
    free(memory);
    return status;
}

NST_PRIMITIVE(list_is_sorted) {
    NST_EXPECT_KIND(args[0], NST_KIND_LIST, "List");
    NstListIter it;
    NstValue previous, v;
    nst_list_iter(&it, args[0].w.o);
    bool sorted = true;
    if (nst_list_next(&it, &previous)) {
        for (; sorted && nst_list_next(&it, &v); previous = v) {
            int order;
            bool unordered;
            NstCmp result = nst_compare(v, previous, true, &order, &unordered);
            if (result != NST_CMP_TRUE) return undecided(process, args, result, v);
            sorted = order >= 0;
        }
    }
    nst_prim_charge(process, it.index);
    args[0] = nst_bool(sorted);
    return NST_PRIM_OK;
}

// The first greatest (sign 1) or least (-1) element.
static NstPrimStatus extreme(NstProcess *process, NstValue *args, int sign, const char *what) {
    NST_EXPECT_KIND(args[0], NST_KIND_LIST, "List");
    nst_prim_charge(process, nst_list_length(args[0].w.o));
    NstListIter it;
    NstValue best, v;
    nst_list_iter(&it, args[0].w.o);
    if (!nst_list_next(&it, &best)) return nst_raise_panic(process, "%s: empty list", what);
    while (nst_list_next(&it, &v)) {
        int order;
        bool unordered;
        NstCmp result = nst_compare(v, best, true, &order, &unordered);
        if (result != NST_CMP_TRUE) return undecided(process, args, result, v);
        if (unordered) return not_comparable(process, what);
        if ((order > 0) - (order < 0) == sign) best = v;
    }
    args[0] = best;
    return NST_PRIM_OK;
}

NST_PRIMITIVE(list_maximum) {
    return extreme(process, args, 1, "listMax");
}

NST_PRIMITIVE(list_minimum) {
    return extreme(process, args, -1, "listMin");
}

// ---- Searching ----------------------------------------------------------------------------

// The index of the first element equal to v, or -1; *result is TRUE, or why it stopped.
static int64_t index_of(NstProcess *process, const NstObject *list, NstValue v, NstCmp *result) {
    NstListIter it;
    NstValue element;
    int64_t found = -1;
    *result = NST_CMP_TRUE;
    for (nst_list_iter(&it, list); found < 0 && nst_list_next(&it, &element);) {
        NstCmp equal = nst_equal(element, v, true);
        if (equal == NST_CMP_TRUE) found = (int64_t)it.index - 1;
        if (equal == NST_CMP_OWN || equal == NST_CMP_TYPE) {
            *result = equal;
            break;
        }
    }
    nst_prim_charge(process, it.index / 4);
    return found;
}

NST_PRIMITIVE(list_contains) {
    NST_EXPECT_KIND(args[0], NST_KIND_LIST, "List");
    NstCmp result;
    int64_t i = index_of(process, args[0].w.o, args[1], &result);
    if (result != NST_CMP_TRUE) return undecided(process, args, result, args[1]);
    args[0] = nst_bool(i >= 0);
    return NST_PRIM_OK;
}

NST_PRIMITIVE(list_index_of) {
    NST_EXPECT_KIND(args[0], NST_KIND_LIST, "List");
    NstCmp result;
    int64_t i = index_of(process, args[0].w.o, args[1], &result);
    if (result != NST_CMP_TRUE) return undecided(process, args, result, args[1]);
    args[0] = nst_int(i);
    return NST_PRIM_OK;
}

NST_PRIMITIVE(list_remove_first) {
    NST_EXPECT_KIND(args[0], NST_KIND_LIST, "List");
    NstObject *list = args[0].w.o;
    NstCmp result;
    int64_t i = index_of(process, list, args[1], &result);
    if (result != NST_CMP_TRUE) return undecided(process, args, result, args[1]);
    if (i < 0) return NST_PRIM_OK;
    NstObject *front = nst_list_slice(process, list, 0, (size_t)i).w.o;
    NstObject *rest = nst_list_slice(process, list, (size_t)i + 1, nst_list_length(list)).w.o;
    args[0] = nst_list_concat(process, front, rest);
    return NST_PRIM_OK;
}

// The elements kept so far: a table of their indices by hash. Equality is that of `==`, so every NaN is kept.
typedef struct Distinct {
    NstValue *kept;
    uint64_t *hashes;
    uint32_t *table; // index + 1 of a kept element, or 0
    size_t count, table_size;
} Distinct;

static NstCmp add_if_new(Distinct *d, NstValue v) {
    uint64_t hash;
    NstCmp result = nst_key_hash(v, &hash);
    if (result != NST_CMP_TRUE) return result;
    size_t at = (size_t)(hash * UINT64_C(0x9E3779B97F4A7C15) >> 32) & (d->table_size - 1);
    for (; d->table[at]; at = (at + 1) & (d->table_size - 1)) {
        uint32_t i = d->table[at] - 1;
        if (d->hashes[i] != hash) continue;
        NstCmp equal = nst_equal(d->kept[i], v, true);
        if (equal == NST_CMP_TRUE) return NST_CMP_TRUE;
        if (equal != NST_CMP_FALSE) return equal;
    }
    d->kept[d->count] = v;
    d->hashes[d->count] = hash;
    d->table[at] = (uint32_t)++d->count;
    return NST_CMP_TRUE;
}

NST_PRIMITIVE(list_unique) {
    NST_EXPECT_KIND(args[0], NST_KIND_LIST, "List");
    size_t count = nst_list_length(args[0].w.o);
    if (count < 2) return NST_PRIM_OK;
    nst_prim_charge(process, count);
    Distinct d = { .table_size = 4 };
    while (d.table_size < 2 * count) d.table_size *= 2;
    if (!nst_heap_can(process, count * 40)) {
        return nst_raise_pair(process, "OutOfMemory", "list of %zu elements", count);
    }
    d.kept = malloc(count * sizeof *d.kept);
    d.hashes = malloc(count * sizeof *d.hashes);
    d.table = calloc(d.table_size, sizeof *d.table);
    NstPrimStatus status = NST_PRIM_OK;
    if (!d.kept || !d.hashes || !d.table) {
        status = nst_raise_pair(process, "OutOfMemory", "list of %zu elements", count);
    } else {
        NstListIter it;
        NstValue v = NST_UNIT;
        NstCmp result = NST_CMP_TRUE;
        for (nst_list_iter(&it, args[0].w.o); result == NST_CMP_TRUE && nst_list_next(&it, &v);) {
            result = add_if_new(&d, v);
        }
        if (result != NST_CMP_TRUE) status = undecided(process, args, result, v);
        else if (d.count < count) args[0] = nst_list_from(process, d.kept, d.count);
    }
    free(d.kept);
    free(d.hashes);
    free(d.table);
    return status;
}

NST_PRIMITIVE(list_group) {
    NST_EXPECT_KIND(args[0], NST_KIND_LIST, "List");
    nst_prim_charge(process, nst_list_length(args[0].w.o));
    NstObject *groups = nst_list_builder(process, 0), *group = nst_list_builder(process, 0);
    NstListIter it;
    NstValue previous = NST_UNIT, v;
    for (nst_list_iter(&it, args[0].w.o); nst_list_next(&it, &v); previous = v) {
        if (it.index > 1) {
            NstCmp equal = nst_equal(previous, v, true);
            if (equal == NST_CMP_OWN || equal == NST_CMP_TYPE) return undecided(process, args, equal, v);
            if (equal == NST_CMP_FALSE) {
                nst_list_builder_add(process, groups, nst_list_builder_finish(process, group));
            }
        }
        nst_list_builder_add(process, group, v);
    }
    if (it.length > 0) nst_list_builder_add(process, groups, nst_list_builder_finish(process, group));
    args[0] = nst_list_builder_finish(process, groups);
    return NST_PRIM_OK;
}

// ---- Sums ---------------------------------------------------------------------------------

// Bits of a fixed-width integer type, negative if it is signed; 0 for all other tags.
static int width_of(uint64_t tag) {
    switch ((NstTag)tag) {
    case NST_TAG_INT: return -64;
    case NST_TAG_INT8: return -8;
    case NST_TAG_INT16: return -16;
    case NST_TAG_INT32: return -32;
    case NST_TAG_UINT8: return 8;
    case NST_TAG_UINT16: return 16;
    case NST_TAG_UINT32: return 32;
    case NST_TAG_UINT64: return 64;
    default: return 0;
    }
}

// Extends the low bits of a result to 64 as the width says.
static uint64_t wrap(uint64_t bits, int width) {
    int unused = 64 - abs(width);
    return width < 0 ? (uint64_t)((int64_t)(bits << unused) >> unused) : bits << unused >> unused;
}

static bool sum_values(const NstObject *list, bool product, NstValue *out) {
    NstListIter it;
    NstValue v;
    nst_list_iter(&it, list);
    uint64_t tag = nst_list_length(list) > 0 ? nst_list_head(list).tag : NST_TAG_MISSING;
    int width = width_of(tag);
    uint64_t whole = product;
    double f = product ? 1.0 : 0.0;
    float f32 = product ? 1.0f : 0.0f;
    if (width == 0 && tag != NST_TAG_FLOAT && tag != NST_TAG_FLOAT32) return false;
    while (nst_list_next(&it, &v)) {
        if (v.tag != tag) return false;
        if (width != 0) whole = product ? whole * v.w.u : whole + v.w.u;
        else if (tag == NST_TAG_FLOAT) f = product ? f * v.w.f : f + v.w.f;
        else f32 = product ? f32 * v.w.f32 : f32 + v.w.f32;
    }
    *out = (NstValue){ .tag = tag };
    if (width != 0) out->w.u = wrap(whole, width);
    else if (tag == NST_TAG_FLOAT) out->w.f = f;
    else out->w.f32 = f32;
    return true;
}

static NstPrimStatus total(NstProcess *process, NstValue *args, bool product) {
    NST_EXPECT_KIND(args[0], NST_KIND_LIST, "List");
    nst_prim_charge(process, nst_list_length(args[0].w.o) / 4);
    NstValue result;
    args[0] = sum_values(args[0].w.o, product, &result) ? result : NST_STATUS_ABSENT;
    return NST_PRIM_OK;
}

NST_PRIMITIVE(list_sum) {
    return total(process, args, false);
}

NST_PRIMITIVE(list_product) {
    return total(process, args, true);
}
