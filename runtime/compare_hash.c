// Structural hashing: a walk in the order of the parts that folds scalar hashes (64-bit FNV-1a over a scalar's bytes)
// into one number. Of maps and sets it takes the stored hashes of the keys, in the order of the trie, which equal maps
// share.
#include <math.h>
#include <string.h>

#include "runtime/compare.h"
#include "runtime/compare_internal.h"
#include "runtime/decimal.h"
#include "runtime/hash_node.h"
#include "runtime/list.h"

// Cyclic mutable values have no end, and shared parts are walked once for each path: the walk stops after so many
// objects. Equal values have been walked equally far.
enum { MOST_STEPS = 4 * 1000 * 1000 };

static const uint64_t fnv_basis = UINT64_C(0xCBF29CE484222325), fnv_prime = UINT64_C(0x100000001B3);

static uint64_t hash_bytes(const void *bytes, size_t size) {
    const unsigned char *at = bytes;
    uint64_t hash = fnv_basis;
    for (size_t i = 0; i < size; i++) hash = (hash ^ at[i]) * fnv_prime;
    return hash;
}

// The little-endian bytes of a number of `size` bytes, whatever the machine.
static uint64_t hash_number(uint64_t bits, size_t size) {
    uint64_t hash = fnv_basis;
    for (size_t i = 0; i < size; i++) hash = (hash ^ (bits >> (8 * i) & 255)) * fnv_prime;
    return hash;
}

static uint64_t hash_double(double f) {
    uint64_t bits;
    memcpy(&bits, &f, sizeof bits);
    return hash_number(isnan(f) ? UINT64_C(0x7FF8000000000000) : f == 0.0 ? 0 : bits, 8);
}

static uint64_t hash_float32(float f) {
    uint32_t bits;
    memcpy(&bits, &f, sizeof bits);
    return hash_number(isnan(f) ? 0x7FC00000u : f == 0.0f ? 0 : bits, 4);
}

uint64_t nst_hash_fold(uint64_t hash, uint64_t part) {
    hash = (hash << 7 | hash >> 57) ^ part;
    return (hash ^ hash >> 32) * UINT64_C(0x9E3779B97F4A7C15);
}

typedef struct Hashing {
    NstPendingStack stack;
    uint8_t own;    // implementations to stop at
    bool scalar;    // nothing was folded yet: the value's own hash is the result
    uint64_t hash;
} Hashing;

static void fold(Hashing *h, uint64_t part) {
    h->hash = h->scalar ? part : nst_hash_fold(h->hash, part);
    h->scalar = false;
}

static uint64_t hash_array(const NstObject *o) {
    const NstArray *array = (const NstArray *)(const void *)o;
    uint64_t hash = array->length;
    for (uint64_t i = 0; i < array->length; i++) {
        uint64_t part;
        if (o->kind == NST_KIND_INT64_ARRAY) {
            part = array->data[i];
        } else if (o->kind == NST_KIND_FLOAT64_ARRAY) {
            double f;
            memcpy(&f, &array->data[i], sizeof f);
            part = hash_double(f);
        } else {
            float f;
            memcpy(&f, (const float *)(const void *)array->data + i, sizeof f);
            part = hash_float32(f);
        }
        hash = nst_hash_fold(hash, part);
    }
    return hash;
}

static uint64_t hash_decimal(NstValue v) {
    NstDec d = nst_decimal_normal(nst_decimal_read(v));
    uint64_t hash = nst_hash_fold((uint64_t)d.coefficient, (uint64_t)(d.coefficient >> 64));
    return nst_hash_fold(hash, (uint64_t)d.scale * 2 + d.negative);
}

// Folds an object's outermost part and pushes the others.
static NstCmp hash_object(Hashing *h, NstValue v) {
    const NstObject *o = v.w.o;
    switch ((NstKind)o->kind) {
    case NST_KIND_STRING: fold(h, hash_bytes(((const NstString *)(const void *)o)->bytes, o->count)); break;
    case NST_KIND_BIGINT: {
        uint64_t hash = o->aux;
        for (uint32_t i = 0; i < o->count; i++) hash = nst_hash_fold(hash, ((const NstBigInt *)(const void *)o)->limbs[i]);
        fold(h, hash);
        break;
    }
    case NST_KIND_DECIMAL: fold(h, hash_decimal(v)); break;
    case NST_KIND_INT64_ARRAY: case NST_KIND_FLOAT64_ARRAY: case NST_KIND_FLOAT32_ARRAY:
        fold(h, hash_array(o));
        break;
    case NST_KIND_BUFFER: {
        size_t size;
        const char *bytes = nst_buffer_bytes(o, &size);
        fold(h, hash_bytes(bytes, size));
        break;
    }
    case NST_KIND_DATA: {
        const NstLayout *layout = ((const NstData *)(const void *)o)->layout;
        if (layout->reactive) { // by identity: the number that follows the fields
            fold(h, o->count > layout->field_count ? nst_slots(o)[layout->field_count].u : layout->type_id);
            break;
        }
        fold(h, UINT64_C(0x100) + layout->index);
        nst_pending_push(&h->stack, o, NULL, o->count);
        break;
    }
    case NST_KIND_TUPLE: case NST_KIND_LIST:
        fold(h, UINT64_C(0x200) + o->count);
        nst_pending_push(&h->stack, o, NULL, o->count);
        break;
    case NST_KIND_MAP: case NST_KIND_SET: {
        fold(h, UINT64_C(0x300) + o->count);
        const NstObject *root = nst_map_root(o);
        if (root) nst_pending_push(&h->stack, root, NULL, nst_node_entries(root) + nst_node_children(root));
        break;
    }
    default: return NST_CMP_TYPE;
    }
    return NST_CMP_TRUE;
}

static NstCmp hash_value(Hashing *h, NstValue v) {
    const NstLayout *layout = nst_value_layout(v);
    if (layout && (layout->own & h->own)) return NST_CMP_OWN;
    switch ((NstTag)v.tag) {
    case NST_TAG_UNIT: fold(h, 0); break;
    case NST_TAG_BOOL: fold(h, v.w.u); break;
    case NST_TAG_INT8: case NST_TAG_UINT8: fold(h, hash_number(v.w.u, 1)); break;
    case NST_TAG_INT16: case NST_TAG_UINT16: fold(h, hash_number(v.w.u, 2)); break;
    case NST_TAG_CHAR: case NST_TAG_INT32: case NST_TAG_UINT32: fold(h, hash_number(v.w.u, 4)); break;
    case NST_TAG_INT: case NST_TAG_UINT64: case NST_TAG_PID: case NST_TAG_REF: fold(h, hash_number(v.w.u, 8)); break;
    case NST_TAG_FLOAT: fold(h, hash_double(v.w.f)); break;
    case NST_TAG_FLOAT32: fold(h, hash_float32(v.w.f32)); break;
    case NST_TAG_CTOR: fold(h, UINT64_C(0x100) + v.w.layout->index); break;
    case NST_TAG_OBJECT: return hash_object(h, v);
    default: return NST_CMP_TYPE;
    }
    return NST_CMP_TRUE;
}

static NstCmp hash_whole(NstValue v, uint8_t own, uint64_t *out);

// Entries that collide have no order that equal maps share: their values are added up.
static NstCmp hash_collision(Hashing *h, const NstObject *node, uint32_t width) {
    uint64_t sum = 0;
    for (uint32_t i = 0; i < nst_node_entries(node) && width == 2; i++) {
        uint64_t part;
        NstCmp result = hash_whole(nst_node_entry(node, width, i).value, h->own, &part);
        if (result != NST_CMP_TRUE) return result;
        sum += part;
    }
    fold(h, nst_hash_fold(sum, nst_node_hash(node, 0)));
    return NST_CMP_TRUE;
}

static NstCmp hash_node(Hashing *h, const NstObject *node, uint32_t i) {
    uint32_t entries = nst_node_entries(node), width = nst_node_width(node);
    if (i >= entries) {
        const NstObject *child = nst_node_child(node, i - entries);
        nst_pending_push(&h->stack, child, NULL, nst_node_entries(child) + nst_node_children(child));
        return NST_CMP_TRUE;
    }
    if (nst_node_collision(node)) return i == 0 ? hash_collision(h, node, width) : NST_CMP_TRUE;
    NstEntry entry = nst_node_entry(node, width, i);
    fold(h, entry.hash);
    return width == 2 ? hash_value(h, entry.value) : NST_CMP_TRUE;
}

static NstCmp hash_whole(NstValue v, uint8_t own, uint64_t *out) {
    Hashing h;
    nst_pending_init(&h.stack);
    h.own = own;
    h.scalar = true;
    h.hash = 0;
    NstCmp result = hash_value(&h, v);
    const NstObject *o, *none;
    uint32_t i;
    while (result == NST_CMP_TRUE && h.stack.steps < MOST_STEPS && nst_pending_next(&h.stack, &o, &none, &i)) {
        if (o->kind == NST_KIND_LIST) result = hash_value(&h, nst_list_get(o, i));
        else if (o->kind == NST_KIND_HASH_NODE) result = hash_node(&h, o, i);
        else result = hash_value(&h, nst_slot(o, i));
    }
    nst_pending_free(&h.stack);
    *out = h.hash;
    return result;
}

NstCmp nst_hash(NstValue v, bool honour_own, uint64_t *out) {
    return hash_whole(v, honour_own ? NST_OWN_HASH : 0, out);
}

// Where an Int belongs in a trie. Its digits of five bits choose the branches, the first one first: neighbours lie in one
// node, so walking through a range of keys touches memory in order, and a range of n keys is log n deep. What is left of
// the place tells numbers with as many digits apart from those with more; of large numbers the upper bits are mixed in.
static uint32_t place_of_int(int64_t i) {
    enum { DIGITS = 6, BITS = 5 };
    uint32_t low = (uint32_t)i & 0x3FFFFFFFu, digits = DIGITS, top = 1;
    uint64_t high = (uint64_t)i >> 30;
    if (high != 0) {
        uint32_t mixed = (uint32_t)(high * UINT64_C(0x9E3779B97F4A7C15) >> 32);
        low ^= mixed & 0x3FFFFFFFu;
        top = mixed >> 30;
    } else if (low < 1u << 25) {
        digits = low < 1u << 5 ? 1 : low < 1u << 10 ? 2 : low < 1u << 15 ? 3 : low < 1u << 20 ? 4 : 5;
        top = 0;
        uint32_t free = (DIGITS - digits) * BITS, fill = (31u - digits) * 0x02108421u; // 30 … 26 in every place
        low = low << free | (fill & ((1u << free) - 1));
    }
    return (low >> 25 & 31u) | (low >> 15 & 31u << 5) | (low >> 5 & 31u << 10) | (low << 5 & 31u << 15) |
           (low << 15 & 31u << 20) | (low << 25 & 31u << 25) | top << 30;
}

NstCmp nst_key_hash(NstValue v, uint64_t *out) {
    if (v.tag == NST_TAG_INT) {
        *out = nst_hash_unmix(place_of_int(v.w.i));
        return NST_CMP_TRUE;
    }
    return hash_whole(v, NST_OWN_HASH | NST_OWN_EQ, out);
}
