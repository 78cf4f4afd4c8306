// Typed arrays: making them and reading elements as values (stdlib-core.md 12).
#ifndef NST_ARRAY_OPS_H
#define NST_ARRAY_OPS_H

#include "runtime/prim.h"
#include "runtime/value.h"

static inline bool nst_is_array(NstValue v) {
    return v.tag == NST_TAG_OBJECT && v.w.o->kind >= NST_KIND_INT64_ARRAY && v.w.o->kind <= NST_KIND_FLOAT32_ARRAY;
}
static inline NstArray *nst_as_array(NstValue v) { return (NstArray *)(void *)v.w.o; }

// Elements are zero. Panic for a negative length, OutOfMemory for one that cannot be had.
NstPrimStatus nst_array_new(NstProcess *process, NstKind kind, int64_t length, NstValue *out);
// i < length
NstValue nst_array_get(const NstArray *array, size_t i);
// The value has the element type (Int; Float); Float32 arrays round.
void nst_array_set(NstArray *array, size_t i, NstValue v);
const char *nst_array_type_name(const NstArray *array);

#endif
