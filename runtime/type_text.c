#include "runtime/type_text.h"

#include "frontend/frontend.h"
#include "runtime/list.h"

static const char *const tag_names[NST_TAG_COUNT] = {
    [NST_TAG_MISSING] = "nothing", [NST_TAG_UNIT] = "Unit",     [NST_TAG_BOOL] = "Bool",     [NST_TAG_CHAR] = "Char",
    [NST_TAG_INT] = "Int",         [NST_TAG_INT8] = "Int8",     [NST_TAG_INT16] = "Int16",   [NST_TAG_INT32] = "Int32",
    [NST_TAG_UINT8] = "UInt8",     [NST_TAG_UINT16] = "UInt16", [NST_TAG_UINT32] = "UInt32", [NST_TAG_UINT64] = "UInt64",
    [NST_TAG_FLOAT] = "Float",     [NST_TAG_FLOAT32] = "Float32", [NST_TAG_PID] = "Pid",     [NST_TAG_REF] = "Ref",
    [NST_TAG_CTOR] = "Variant",    [NST_TAG_FUNCTION] = "Function", [NST_TAG_OBJECT] = "Object",
};

static const char *const kind_names[NST_KIND_COUNT] = {
    [NST_KIND_FORWARD] = "Object",  [NST_KIND_TUPLE] = "Tuple",   [NST_KIND_DATA] = "Record",
    [NST_KIND_CLOSURE] = "Function", [NST_KIND_CELL] = "Cell",    [NST_KIND_STRING] = "String",
    [NST_KIND_BIGINT] = "BigInt",   [NST_KIND_DECIMAL] = "Decimal", [NST_KIND_LIST] = "List",
    [NST_KIND_LIST_NODE] = "List",  [NST_KIND_MAP] = "Map",       [NST_KIND_SET] = "Set",
    [NST_KIND_HASH_NODE] = "Map",   [NST_KIND_INT64_ARRAY] = "Int64Array",
    [NST_KIND_FLOAT64_ARRAY] = "Float64Array", [NST_KIND_FLOAT32_ARRAY] = "Float32Array",
    [NST_KIND_BUFFER] = "Buffer",   [NST_KIND_BUILDER] = "Builder",
    [NST_KIND_WEAK] = "Reference",
};

static const NstLayout *layout_of(NstValue v) {
    if (v.tag == NST_TAG_CTOR) return v.w.layout;
    return nst_is_kind(v, NST_KIND_DATA) ? ((const NstData *)v.w.o)->layout : 0;
}

static const char *plain_name(NstValue v) {
    return v.tag == NST_TAG_OBJECT ? kind_names[v.w.o->kind] : tag_names[v.tag];
}

const char *nst_value_type_text(NstValue v) {
    const NstLayout *layout = layout_of(v);
    return layout ? nst_name_text(layout->type_name) : plain_name(v);
}

const char *nst_value_category(NstValue v) {
    const NstLayout *layout = layout_of(v);
    if (layout) {
        if (layout->reactive) return layout->is_record ? "ReactiveRecord" : "ReactiveVariant";
        return layout->is_record ? "Record" : "Variant";
    }
    if (nst_is_kind(v, NST_KIND_LIST) && nst_list_length(v.w.o) > 0 && nst_list_head(v.w.o).tag == NST_TAG_INT) {
        return "Int64List";
    }
    return plain_name(v);
}
