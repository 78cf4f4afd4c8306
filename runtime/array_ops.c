#include "runtime/array_ops.h"

#include <string.h>

#include "runtime/heap.h"

static size_t data_bytes(NstKind kind, uint64_t length) {
    return kind == NST_KIND_FLOAT32_ARRAY ? (length * 4 + 7) & ~(uint64_t)7 : length * 8;
}

NstPrimStatus nst_array_new(NstProcess *process, NstKind kind, int64_t length, NstValue *out) {
    if (length < 0) return nst_raise_panic(process, "negative array length: %lld", (long long)length);
    size_t bytes = data_bytes(kind, (uint64_t)length);
    if (length > INT64_MAX / 16 || !nst_heap_can(process, sizeof(NstArray) + bytes)) {
        return nst_raise_pair(process, "OutOfMemory", "array of %lld elements", (long long)length);
    }
    NstArray *array = nst_heap_alloc(process, sizeof *array + bytes);
    array->head = (NstObject){ .kind = (uint8_t)kind, .flags = NST_OBJ_MUTABLE };
    array->length = (uint64_t)length;
    memset(array->data, 0, bytes);
    nst_prim_charge(process, bytes / 4096);
    *out = nst_object(array);
    return NST_PRIM_OK;
}

NstValue nst_array_get(const NstArray *array, size_t i) {
    switch ((NstKind)array->head.kind) {
    case NST_KIND_INT64_ARRAY: return nst_int((int64_t)array->data[i]);
    case NST_KIND_FLOAT64_ARRAY: {
        double d;
        memcpy(&d, &array->data[i], sizeof d);
        return nst_float(d);
    }
    default: {
        float f;
        memcpy(&f, (const char *)array->data + 4 * i, sizeof f);
        return nst_float((double)f);
    }
    }
}

void nst_array_set(NstArray *array, size_t i, NstValue v) {
    if (array->head.kind == NST_KIND_FLOAT32_ARRAY) {
        float f = (float)v.w.f;
        memcpy((char *)array->data + 4 * i, &f, sizeof f);
    } else {
        array->data[i] = v.w.u; // the bits of an Int or a Float
    }
}

const char *nst_array_type_name(const NstArray *array) {
    return array->head.kind == NST_KIND_INT64_ARRAY     ? "Int64Array"
           : array->head.kind == NST_KIND_FLOAT64_ARRAY ? "Float64Array"
                                                        : "Float32Array";
}
