// Values: 16-byte self-describing words.
//
// A value is a payload word and a tag. Every value carries its run-time type (the tag, and for references
// the object's header), so the collector is exact without maps, the debugger and `show` need no static
// types, and the places that types.md 12 leaves unchecked are checked by comparing a tag. Static types buy
// speed: lowering picks the opcode for the operand type and nothing is looked up by name.
//
// In heap objects a value is stored packed: an 8-byte payload in `slots` and one tag byte behind the slots.
//
// Invariants
//  1. A value with NST_TAG_OBJECT points to an object of the owning process's heap, to a frozen object that the
//     process holds (heap.h), or to an immortal constant.
//  2. Objects of immutable kinds never change after construction, except list front chunks (list.h).
//  3. Ints and all sized integers are kept normalised: sign- or zero-extended to 64 bits in the payload.
#ifndef NST_VALUE_H
#define NST_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "frontend/ast.h"

typedef struct NstObject NstObject;
typedef struct NstLayout NstLayout;
typedef struct NstCode NstCode;
typedef struct NstProcess NstProcess;

// The tag order is part of the bytecode: numeric tags are contiguous.
#define NST_TAGS(X)                                                                                 \
    X(MISSING) /* no value: an uninitialised register */                                            \
    X(UNIT) X(BOOL) X(CHAR)                                                                         \
    X(INT) X(INT8) X(INT16) X(INT32) X(UINT8) X(UINT16) X(UINT32) X(UINT64)                         \
    X(FLOAT) X(FLOAT32)                                                                             \
    X(PID) X(REF)                                                                                   \
    X(CTOR)     /* a constructor without fields: payload is its NstLayout */                        \
    X(FUNCTION) /* a function without captures: payload is its NstLink */                           \
    X(OBJECT)   /* reference to an object */

typedef enum NstTag {
#define NST_TAG(name) NST_TAG_##name,
    NST_TAGS(NST_TAG)
#undef NST_TAG
    NST_TAG_COUNT
} NstTag;

typedef union NstWord {
    int64_t i;
    uint64_t u;
    double f;
    float f32;
    NstObject *o;
    const NstLayout *layout;
    struct NstLink *link;
} NstWord;

typedef struct NstValue {
    NstWord w;
    uint64_t tag;
} NstValue;

// Object kinds. "slots" objects (TUPLE DATA CLOSURE CELL and collection nodes that say so) have `count` packed values.
#define NST_KINDS(X)                                                                                \
    X(FORWARD) /* the collector's forwarding mark */                                                \
    X(TUPLE)   /* slots */                                                                          \
    X(DATA)    /* slots; layout: record or variant constructor with fields */                       \
    X(CLOSURE) /* slots: captured values; link in the first word */                                 \
    X(CELL)    /* slots: one; a captured `var` */                                                   \
    X(STRING) X(BIGINT) X(DECIMAL)                                                                  \
    X(LIST) X(LIST_NODE) /* list.h */                                                               \
    X(MAP) X(SET) X(HASH_NODE) /* hash.h */                                                         \
    X(INT64_ARRAY) X(FLOAT64_ARRAY) X(FLOAT32_ARRAY)                                                \
    X(BUFFER)                                                                                       \
    X(WEAK)    /* a reference that keeps nothing alive; escapes no library code */                  \
    X(BUILDER) /* transient list/map/set under construction; never escapes the library */

typedef enum NstKind {
#define NST_KIND(name) NST_KIND_##name,
    NST_KINDS(NST_KIND)
#undef NST_KIND
    NST_KIND_COUNT
} NstKind;

// Header flags.
enum {
    NST_OBJ_OLD = 1,      // in the old generation
    NST_OBJ_REMEMBERED = 2,
    NST_OBJ_FROZEN = 4,   // outside every process heap: reference-counted and immutable, or immortal
    NST_OBJ_IMMORTAL = 8, // never freed, not counted
    NST_OBJ_MUTABLE = 16, // identity matters: var records, cells, arrays, buffers
};

struct NstObject {
    uint8_t kind;
    uint8_t flags;
    uint16_t aux;      // by kind
    uint32_t count;    // slots objects: number of slots; others: by kind
};

typedef struct NstSlots {
    NstObject head;
    NstWord slots[];   // `count` words, then `count` tag bytes, padded to 8 (DATA and CLOSURE: see below)
} NstSlots;

// DATA and CLOSURE have one extra word before the slots.
typedef struct NstData {
    NstObject head;
    const NstLayout *layout;
    NstWord slots[];
} NstData;

typedef struct NstClosure {
    NstObject head;
    struct NstLink *link;
    NstWord slots[];
} NstClosure;

typedef struct NstString {
    NstObject head;    // count: size in bytes; aux: NST_STR_ASCII if every byte is < 0x80
    uint32_t length;   // code points
    uint32_t hash;     // 0: not computed
    char bytes[];      // UTF-8, followed by one NUL
} NstString;
enum { NST_STR_ASCII = 1 };

typedef struct NstBigInt {
    NstObject head;    // count: number of limbs; aux: 1 if negative
    uint64_t limbs[];  // least significant first, no leading zero limb
} NstBigInt;

typedef struct NstDecimal { // value = (-1)^negative * coefficient / 10^scale
    NstObject head;         // aux: scale 0..28; count: 1 if negative
    uint64_t low;
    uint32_t high;
    uint32_t pad;
} NstDecimal;

typedef struct NstArray {   // INT64_ARRAY, FLOAT64_ARRAY: 8 bytes an element; FLOAT32_ARRAY: 4
    NstObject head;
    uint64_t length;
    uint64_t data[];
} NstArray;

typedef struct NstBuffer {
    NstObject head;
    NstWord text;      // BUILDER-like growing byte store: see heap.h nst_buffer_*
    uint64_t size;
} NstBuffer;

// The target is never younger than this object. A collection that finds no other way to it makes it null.
typedef struct NstWeak {
    NstObject head;
    NstObject *target;
    NstName name;     // what its maker remembers with it
} NstWeak;

// A constructor's layout: one per constructor of the program, made when its type is first lowered, immortal.
struct NstLayout {
    NstCtor *ctor;          // the frontend's constructor
    NstName name;           // constructor name; for show
    NstName type_name;
    uint32_t index;         // position among the type's constructors
    uint32_t field_count;
    const NstName *field_names;
    bool is_record, mutable_, reactive;
    uint8_t own;            // bits NST_OWN_*: the type has its own implementation
    uint32_t type_id;       // NstTypeDecl.id: equal for all constructors of one type
};
enum { NST_OWN_SHOW = 1, NST_OWN_EQ = 2, NST_OWN_ORD = 4, NST_OWN_HASH = 8, NST_OWN_COPY = 16 };

// ---- Construction and access ------------------------------------------------------------

#define NST_UNIT ((NstValue){ .w.u = 0, .tag = NST_TAG_UNIT })
static inline NstValue nst_bool(bool b) { return (NstValue){ .w.u = b, .tag = NST_TAG_BOOL }; }
static inline NstValue nst_int(int64_t i) { return (NstValue){ .w.i = i, .tag = NST_TAG_INT }; }
static inline NstValue nst_float(double f) { return (NstValue){ .w.f = f, .tag = NST_TAG_FLOAT }; }
static inline NstValue nst_char(uint32_t c) { return (NstValue){ .w.u = c, .tag = NST_TAG_CHAR }; }
static inline NstValue nst_object(const void *o) { return (NstValue){ .w.o = (NstObject *)(uintptr_t)o, .tag = NST_TAG_OBJECT }; }
static inline NstValue nst_ctor(const NstLayout *l) { return (NstValue){ .w.layout = l, .tag = NST_TAG_CTOR }; }
static inline bool nst_is_object(NstValue v) { return v.tag == NST_TAG_OBJECT; }
static inline bool nst_is_kind(NstValue v, NstKind k) { return v.tag == NST_TAG_OBJECT && v.w.o->kind == k; }

static inline NstWord *nst_slots(const NstObject *o) {
    return (NstWord *)(uintptr_t)o + (o->kind == NST_KIND_DATA || o->kind == NST_KIND_CLOSURE ? 2 : 1);
}
static inline uint8_t *nst_slot_tags(const NstObject *o) { return (uint8_t *)(nst_slots(o) + o->count); }
static inline NstValue nst_slot(const NstObject *o, size_t i) {
    return (NstValue){ .w = nst_slots(o)[i], .tag = nst_slot_tags(o)[i] };
}
// Initialising store into a fresh object of the nursery: needs no write barrier.
static inline void nst_slot_init(NstObject *o, size_t i, NstValue v) {
    nst_slots(o)[i] = v.w;
    nst_slot_tags(o)[i] = (uint8_t)v.tag;
}
static inline size_t nst_slots_bytes(NstKind kind, size_t count) {
    return 8u * ((kind == NST_KIND_DATA || kind == NST_KIND_CLOSURE ? 2u : 1u) + count) + ((count + 7u) & ~(size_t)7u);
}

#endif
