#include "runtime/compare.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "frontend/frontend.h"
#include "frontend/program.h"
#include "runtime/bigint.h"
#include "runtime/compare_internal.h"
#include "runtime/decimal.h"
#include "runtime/hash_node.h"
#include "runtime/list.h"

// ---- Pending pairs ------------------------------------------------------------------------

void nst_pending_grow(NstPendingStack *s) {
    size_t size = s->size * 2;
    NstPending *frames = malloc(size * sizeof *frames);
    if (!frames) abort();
    memcpy(frames, s->frames, s->count * sizeof *frames);
    if (s->frames != s->first) free(s->frames);
    s->frames = frames;
    s->size = size;
}

void nst_pending_free(NstPendingStack *s) {
    if (s->frames != s->first) free(s->frames);
}

// Pairs met before, for values that share much within themselves (which a plain walk would examine once for every
// path) and cyclic mutable ones (for which it would not end): a pair under examination or examined needs no second
// look, because the first difference ends everything. Used only when a comparison turns out to be long.
enum { LONG_COMPARISON = 100 * 1000, MOST_IMMUTABLE = 1 << 20 };

typedef struct Pair {
    const NstObject *a, *b;
} Pair;

typedef struct PairSet {
    Pair *pairs;
    size_t count, size;
} PairSet;

static Pair *pair_place(const PairSet *set, Pair pair) {
    uint64_t hash = ((uint64_t)(uintptr_t)pair.a * 31 + (uint64_t)(uintptr_t)pair.b) * UINT64_C(0x9E3779B97F4A7C15);
    size_t i = (size_t)(hash >> 32) & (set->size - 1);
    while (set->pairs[i].a && (set->pairs[i].a != pair.a || set->pairs[i].b != pair.b)) i = (i + 1) & (set->size - 1);
    return &set->pairs[i];
}

// True if the pair was there.
static bool pair_met(PairSet *set, Pair pair, bool always) {
    if (set->size > 0) {
        Pair *place = pair_place(set, pair);
        if (place->a) return true;
    }
    if (!always && set->count >= MOST_IMMUTABLE) return false;
    if ((set->count + 1) * 2 > set->size) {
        PairSet grown = { .count = set->count, .size = set->size ? set->size * 2 : 4096 };
        grown.pairs = calloc(grown.size, sizeof(Pair));
        if (!grown.pairs) abort();
        for (size_t i = 0; i < set->size; i++) {
            if (set->pairs[i].a) *pair_place(&grown, set->pairs[i]) = set->pairs[i];
        }
        free(set->pairs);
        *set = grown;
    }
    *pair_place(set, pair) = pair;
    set->count++;
    return false;
}

// ---- Equality -----------------------------------------------------------------------------

typedef struct Equality {
    NstPendingStack stack;
    PairSet met;
    bool honour_own, nan_equal;
} Equality;

static bool float_equal(const Equality *e, double a, double b) {
    return a == b || (e->nan_equal && isnan(a) && isnan(b));
}

static bool own_eq(NstValue v) {
    const NstLayout *layout = nst_value_layout(v);
    return layout && (layout->own & NST_OWN_EQ);
}

static bool arrays_equal(const Equality *e, const NstObject *a, const NstObject *b) {
    const NstArray *x = (const NstArray *)(const void *)a, *y = (const NstArray *)(const void *)b;
    if (x->length != y->length) return false;
    if (a->kind == NST_KIND_INT64_ARRAY) return memcmp(x->data, y->data, x->length * 8) == 0;
    for (uint64_t i = 0; i < x->length; i++) {
        if (a->kind == NST_KIND_FLOAT64_ARRAY) {
            double c, d;
            memcpy(&c, &x->data[i], sizeof c);
            memcpy(&d, &y->data[i], sizeof d);
            if (!float_equal(e, c, d)) return false;
        } else {
            float c, d;
            memcpy(&c, (const float *)(const void *)x->data + i, sizeof c);
            memcpy(&d, (const float *)(const void *)y->data + i, sizeof d);
            if (!float_equal(e, (double)c, (double)d)) return false;
        }
    }
    return true;
}

static NstCmp cmp(bool equal) {
    return equal ? NST_CMP_TRUE : NST_CMP_FALSE;
}

// Pushes the pair for examination, unless it is under examination already.
static NstCmp later(Equality *e, const NstObject *a, const NstObject *b, uint32_t parts) {
    if (e->stack.steps > LONG_COMPARISON) {
        bool mutable_ = a->kind == NST_KIND_DATA && ((const NstData *)(const void *)a)->layout->mutable_;
        if (pair_met(&e->met, (Pair){ a, b }, mutable_)) return NST_CMP_TRUE;
    }
    nst_pending_push(&e->stack, a, b, parts);
    return NST_CMP_TRUE;
}

static uint32_t node_parts(const NstObject *node) {
    return node ? nst_node_entries(node) + nst_node_children(node) : 0;
}

static NstCmp later_nodes(Equality *e, const NstObject *a, const NstObject *b) {
    if (!a || !b) return cmp(a == b);
    if (((a->aux ^ b->aux) & NST_HASH_COLLISION) || nst_slots(a)[0].u != nst_slots(b)[0].u) return NST_CMP_FALSE;
    return later(e, a, b, node_parts(a));
}

// TRUE: equal as far as can be seen without looking at pushed pairs.
static NstCmp equal_objects(Equality *e, const NstObject *a, const NstObject *b) {
    if (a->kind != b->kind) return NST_CMP_FALSE;
    if (a == b && e->nan_equal) return NST_CMP_TRUE;
    switch ((NstKind)a->kind) {
    case NST_KIND_STRING:
        return cmp(a == b || (a->count == b->count && memcmp(((const NstString *)(const void *)a)->bytes,
                                                             ((const NstString *)(const void *)b)->bytes,
                                                             a->count) == 0));
    case NST_KIND_BIGINT:
        return cmp(a->count == b->count && a->aux == b->aux
                   && memcmp(((const NstBigInt *)(const void *)a)->limbs, ((const NstBigInt *)(const void *)b)->limbs,
                             a->count * sizeof(uint64_t)) == 0);
    case NST_KIND_DECIMAL:
        return cmp(nst_decimal_compare(nst_object(a), nst_object(b)) == 0);
    case NST_KIND_DATA: {
        const NstLayout *layout = ((const NstData *)(const void *)a)->layout;
        if (layout->reactive) return cmp(a == b);
        if (layout != ((const NstData *)(const void *)b)->layout) return NST_CMP_FALSE;
        return later(e, a, b, a->count);
    }
    case NST_KIND_TUPLE: case NST_KIND_LIST:
        if (a->count != b->count) return NST_CMP_FALSE;
        return later(e, a, b, a->count);
    case NST_KIND_MAP: case NST_KIND_SET:
        if (a->count != b->count) return NST_CMP_FALSE;
        return later_nodes(e, nst_map_root(a), nst_map_root(b));
    case NST_KIND_INT64_ARRAY: case NST_KIND_FLOAT64_ARRAY: case NST_KIND_FLOAT32_ARRAY:
        return cmp(arrays_equal(e, a, b));
    case NST_KIND_CLOSURE:
        return NST_CMP_TYPE;
    default:
        return cmp(a == b);
    }
}

static NstCmp equal_values(Equality *e, NstValue a, NstValue b) {
    if (a.tag != b.tag) {
        return e->honour_own && (own_eq(a) || own_eq(b)) ? NST_CMP_OWN : NST_CMP_FALSE;
    }
    switch ((NstTag)a.tag) {
    case NST_TAG_FLOAT: return cmp(float_equal(e, a.w.f, b.w.f));
    case NST_TAG_FLOAT32: return cmp(float_equal(e, (double)a.w.f32, (double)b.w.f32));
    case NST_TAG_FUNCTION: return NST_CMP_TYPE;
    case NST_TAG_CTOR: case NST_TAG_OBJECT:
        if (e->honour_own && (own_eq(a) || own_eq(b))) return NST_CMP_OWN;
        return a.tag == NST_TAG_CTOR ? cmp(a.w.layout == b.w.layout) : equal_objects(e, a.w.o, b.w.o);
    default: return cmp(a.w.u == b.w.u);
    }
}

// Lists: goes on until an element needs the stack, then resumes behind it. `i` has been popped or advanced already.
static NstCmp equal_lists(Equality *e, const NstObject *a, const NstObject *b, uint32_t i) {
    NstListIter x, y;
    nst_list_iter_at(&x, a, i);
    nst_list_iter_at(&y, b, i);
    size_t depth = e->stack.count;
    bool popped = i + 1 == a->count;
    NstValue v, w;
    while (nst_list_next(&x, &v) && nst_list_next(&y, &w)) {
        i++;
        NstCmp result = equal_values(e, v, w);
        if (result != NST_CMP_TRUE) return result;
        if (e->stack.count > depth) break;
    }
    if (popped) return NST_CMP_TRUE;
    // The list's own frame is at depth - 1; an element pushed onto it lies above.
    NstPending *own = &e->stack.frames[depth - 1];
    own->next = i;
    if (i < a->count) return NST_CMP_TRUE;
    if (e->stack.count > depth) *own = e->stack.frames[depth]; // at most one was pushed
    e->stack.count--;
    return NST_CMP_TRUE;
}

static NstCmp equal_collision_entry(Equality *e, const NstObject *a, const NstObject *b, uint32_t width, uint32_t i) {
    NstEntry entry = nst_node_entry(a, width, i);
    for (uint32_t k = 0; k < nst_node_entries(b); k++) {
        NstEntry other = nst_node_entry(b, width, k);
        NstCmp same = entry.hash == other.hash ? nst_key_equal(entry.key, other.key) : NST_CMP_FALSE;
        if (same == NST_CMP_TRUE) return width == 1 ? same : equal_values(e, entry.value, other.value);
        if (same != NST_CMP_FALSE && e->honour_own) return same;
    }
    return NST_CMP_FALSE;
}

// Nodes of one form: maps are equal only if their tries are (hash.h, invariant 1).
static NstCmp equal_nodes(Equality *e, const NstObject *a, const NstObject *b, uint32_t i) {
    uint32_t entries = nst_node_entries(a), width = nst_node_width(a);
    if (i >= entries) return later_nodes(e, nst_node_child(a, i - entries), nst_node_child(b, i - entries));
    if (nst_node_collision(a)) return equal_collision_entry(e, a, b, width, i);
    NstEntry x = nst_node_entry(a, width, i), y = nst_node_entry(b, width, i);
    if (x.hash != y.hash) return NST_CMP_FALSE;
    NstCmp same = nst_key_equal(x.key, y.key);
    if (same == NST_CMP_OWN && !e->honour_own) same = NST_CMP_FALSE;
    return same != NST_CMP_TRUE || width == 1 ? same : equal_values(e, x.value, y.value);
}

static NstCmp equal(NstValue a, NstValue b, bool honour_own, bool nan_equal) {
    Equality e;
    nst_pending_init(&e.stack);
    e.met = (PairSet){ 0 };
    e.honour_own = honour_own;
    e.nan_equal = nan_equal;
    NstCmp result = equal_values(&e, a, b);
    const NstObject *x, *y;
    uint32_t i;
    while (result == NST_CMP_TRUE && nst_pending_next(&e.stack, &x, &y, &i)) {
        if (x->kind == NST_KIND_LIST) result = equal_lists(&e, x, y, i);
        else if (x->kind == NST_KIND_HASH_NODE) result = equal_nodes(&e, x, y, i);
        else result = equal_values(&e, nst_slot(x, i), nst_slot(y, i));
    }
    nst_pending_free(&e.stack);
    free(e.met.pairs);
    return result;
}

static bool immediate(NstValue v) {
    return v.tag < NST_TAG_FLOAT;
}

NstCmp nst_equal(NstValue a, NstValue b, bool honour_own) {
    if (immediate(a) && immediate(b)) return cmp(a.tag == b.tag && a.w.u == b.w.u);
    return equal(a, b, honour_own, false);
}

NstCmp nst_key_equal(NstValue a, NstValue b) {
    if (immediate(a) && immediate(b)) return cmp(a.tag == b.tag && a.w.u == b.w.u);
    return equal(a, b, true, true);
}

// ---- Order --------------------------------------------------------------------------------

// None and Err come first, wherever the library declares them.
static uint32_t constructor_rank(const NstLayout *layout) {
    const NstTypeDecl *type = layout->ctor ? layout->ctor->type : NULL;
    if (!type || !type->module || !type->module->library) return layout->index;
    const char *name = nst_name_text(layout->name);
    if (strcmp(name, "None") == 0 || strcmp(name, "Err") == 0) return 0;
    if (strcmp(name, "Some") == 0 || strcmp(name, "Ok") == 0) return 1;
    return layout->index;
}

int nst_constructor_order(const NstLayout *a, const NstLayout *b) {
    uint32_t x = constructor_rank(a), y = constructor_rank(b);
    return x < y ? -1 : x > y;
}

static int order_floats(double a, double b, bool *unordered) {
    if (isnan(a) || isnan(b)) *unordered = true;
    return a < b ? -1 : a > b;
}

static int order_strings(const NstObject *a, const NstObject *b) {
    uint32_t common = a->count < b->count ? a->count : b->count;
    int order = memcmp(((const NstString *)(const void *)a)->bytes, ((const NstString *)(const void *)b)->bytes, common);
    return order != 0 ? order : a->count < b->count ? -1 : a->count > b->count;
}

static NstCmp order_values(NstPendingStack *stack, NstValue a, NstValue b, bool honour_own, int *out,
                           bool *unordered) {
    *out = 0;
    const NstLayout *x = nst_value_layout(a), *y = nst_value_layout(b);
    if (x && y) {
        if (honour_own && ((x->own | y->own) & NST_OWN_ORD)) return NST_CMP_OWN;
        if (x->reactive || x->type_id != y->type_id) return NST_CMP_TYPE;
        if (x != y) *out = nst_constructor_order(x, y);
        else if (a.tag == NST_TAG_OBJECT) nst_pending_push(stack, a.w.o, b.w.o, a.w.o->count);
        return NST_CMP_TRUE;
    }
    if (a.tag != b.tag) return NST_CMP_TYPE;
    switch ((NstTag)a.tag) {
    case NST_TAG_CHAR: case NST_TAG_UINT8: case NST_TAG_UINT16: case NST_TAG_UINT32: case NST_TAG_UINT64:
        *out = a.w.u < b.w.u ? -1 : a.w.u > b.w.u;
        return NST_CMP_TRUE;
    case NST_TAG_INT: case NST_TAG_INT8: case NST_TAG_INT16: case NST_TAG_INT32:
        *out = a.w.i < b.w.i ? -1 : a.w.i > b.w.i;
        return NST_CMP_TRUE;
    case NST_TAG_FLOAT:
        *out = order_floats(a.w.f, b.w.f, unordered);
        return NST_CMP_TRUE;
    case NST_TAG_FLOAT32:
        *out = order_floats((double)a.w.f32, (double)b.w.f32, unordered);
        return NST_CMP_TRUE;
    case NST_TAG_OBJECT:
        break;
    default:
        return NST_CMP_TYPE;
    }
    const NstObject *o = a.w.o, *p = b.w.o;
    if (o->kind != p->kind) return NST_CMP_TYPE;
    switch ((NstKind)o->kind) {
    case NST_KIND_STRING: *out = order_strings(o, p); return NST_CMP_TRUE;
    case NST_KIND_BIGINT: *out = nst_bigint_compare(a, b); return NST_CMP_TRUE;
    case NST_KIND_DECIMAL: *out = nst_decimal_compare(a, b); return NST_CMP_TRUE;
    case NST_KIND_TUPLE:
        if (o->count != p->count) return NST_CMP_TYPE;
        nst_pending_push(stack, o, p, o->count);
        return NST_CMP_TRUE;
    default: return NST_CMP_TYPE;
    }
}

NstCmp nst_compare(NstValue a, NstValue b, bool honour_own, int *out, bool *unordered) {
    NstPendingStack stack;
    nst_pending_init(&stack);
    *unordered = false;
    NstCmp result = order_values(&stack, a, b, honour_own, out, unordered);
    const NstObject *x, *y;
    uint32_t i;
    while (result == NST_CMP_TRUE && *out == 0 && nst_pending_next(&stack, &x, &y, &i)) {
        result = order_values(&stack, nst_slot(x, i), nst_slot(y, i), honour_own, out, unordered);
    }
    nst_pending_free(&stack);
    return result;
}
