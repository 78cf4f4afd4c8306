// Primitives that look at types at run time; the library decodes JSON with them (stdlib/json.nos).
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/bigint.h"
#include "runtime/decimal.h"
#include "runtime/hash.h"
#include "runtime/heap.h"
#include "runtime/json_value.h"
#include "runtime/link.h"
#include "runtime/list.h"
#include "runtime/number_text.h"
#include "runtime/process.h"
#include "runtime/reactive.h"
#include "runtime/status.h"
#include "runtime/string_ops.h"
#include "runtime/type_key.h"
#include "runtime/vm_state.h"

static bool is_library_type(const NstTypeDecl *decl, const char *name) {
    return decl->module && decl->module->library && strcmp(nst_name_text(decl->name), name) == 0;
}

static NstTypeCase case_of(NstProcess *process, const NstType *type) {
    if (type->kind == NST_TY_TUPLE) return type->arg_count == 0 ? NST_CASE_UNIT : NST_CASE_TUPLE;
    if (type->kind != NST_TY_CON) return NST_CASE_OTHER;
    const NstTypeDecl *decl = type->decl;
    switch (decl->prim) {
    case NST_PRIM_INT:
    case NST_PRIM_INT8:
    case NST_PRIM_INT16:
    case NST_PRIM_INT32:
    case NST_PRIM_UINT8:
    case NST_PRIM_UINT16:
    case NST_PRIM_UINT32:
    case NST_PRIM_UINT64: return NST_CASE_INTEGER;
    case NST_PRIM_FLOAT:
    case NST_PRIM_FLOAT32: return NST_CASE_FLOAT;
    case NST_PRIM_BIGINT: return NST_CASE_BIGINT;
    case NST_PRIM_STRING: return NST_CASE_STRING;
    case NST_PRIM_BOOL: return NST_CASE_BOOL;
    case NST_PRIM_CHAR: return NST_CASE_CHAR;
    case NST_PRIM_LIST: return NST_CASE_LIST;
    case NST_PRIM_MAP: return NST_CASE_MAP;
    case NST_PRIM_SET: return NST_CASE_SET;
    case NST_PRIM_DECIMAL: return NST_CASE_DECIMAL;
    case NST_PRIM_NONE: break;
    default: return NST_CASE_OTHER;
    }
    if (decl == nst_json_type(process)->decl) return NST_CASE_JSON;
    if (is_library_type(decl, "Option")) return NST_CASE_OPTION;
    if (is_library_type(decl, "Result")) return NST_CASE_RESULT;
    return decl->body == NST_BODY_RECORD ? NST_CASE_RECORD : decl->body == NST_BODY_VARIANT ? NST_CASE_VARIANT : NST_CASE_OTHER;
}

NST_PRIMITIVE(type_case) {
    args[0] = nst_int(case_of(process, nst_type_of_key(args[0])));
    return NST_PRIM_OK;
}

NST_PRIMITIVE(type_show) {
    char *text = nst_type_show(process->vm->program, nst_type_of_key(args[0]));
    args[0] = nst_string_z(process, text);
    free(text);
    return NST_PRIM_OK;
}

// The type's own name, without arguments.
NST_PRIMITIVE(type_name) {
    const NstType *type = nst_type_of_key(args[0]);
    args[0] = nst_string_z(process, type->kind == NST_TY_CON ? nst_name_text(type->decl->name) : "");
    return NST_PRIM_OK;
}

NST_PRIMITIVE(type_arg_count) {
    args[0] = nst_int((int64_t)nst_type_of_key(args[0])->arg_count);
    return NST_PRIM_OK;
}

NST_PRIMITIVE(type_arg) {
    const NstType *type = nst_type_of_key(args[0]);
    bool known = args[1].w.u < type->arg_count;
    args[0] = nst_type_key(known ? type->args[args[1].w.u] : nst_program_any(process->vm->program));
    return NST_PRIM_OK;
}

NST_PRIMITIVE(type_ctor_count) {
    args[0] = nst_int((int64_t)nst_type_of_key(args[0])->decl->ctor_count);
    return NST_PRIM_OK;
}

static const NstCtor *ctor_of(NstValue *args) { return nst_type_of_key(args[0])->decl->ctors[args[1].w.u]; }

NST_PRIMITIVE(type_ctor_name) {
    args[0] = nst_string_z(process, nst_name_text(ctor_of(args)->name));
    return NST_PRIM_OK;
}

NST_PRIMITIVE(type_field_count) {
    args[0] = nst_int((int64_t)ctor_of(args)->field_count);
    return NST_PRIM_OK;
}

static NstValue tuple_of(NstProcess *process, const NstValue *parts, size_t count) {
    NstObject *tuple = nst_heap_slots(process, NST_KIND_TUPLE, count);
    for (size_t i = 0; i < count; i++) nst_slot_init(tuple, i, parts[i]);
    return nst_object(tuple);
}

// The name of a field; positional ones are _0, _1 and so on.
static NstValue field_name(NstProcess *process, const NstCtor *ctor, size_t i) {
    if (ctor->field_names[i]) return nst_string_z(process, nst_name_text(ctor->field_names[i]));
    NstTextBuffer text = NST_TEXT_BUFFER_INIT;
    nst_text_append_byte(&text, '_');
    nst_text_append_uint(&text, i);
    NstValue name = nst_string(process, text.data, text.size);
    nst_text_free(&text);
    return name;
}

// (type, constructor, field): its name, "_0" and so on for positional ones
NST_PRIMITIVE(type_field_name) {
    args[0] = field_name(process, ctor_of(args), args[2].w.u);
    return NST_PRIM_OK;
}

NST_PRIMITIVE(type_field_type) {
    const NstType *type = nst_type_of_key(args[0]);
    args[0] = nst_type_key(nst_type_with(process->vm->program, ctor_of(args)->field_types[args[2].w.u], type->args,
                                         type->arg_count));
    return NST_PRIM_OK;
}

static NstValue build(NstProcess *process, const NstCtor *ctor, const NstLayout *layout, const NstValue *fields) {
    if (layout->reactive && layout->is_record) return nst_reactive_new(process, layout, fields);
    NstValue plain = nst_ctor(layout);
    if (layout->field_count > 0) {
        NstObject *data = nst_heap_slots(process, NST_KIND_DATA, layout->field_count);
        ((NstData *)(void *)data)->layout = layout;
        if (layout->mutable_) data->flags |= NST_OBJ_MUTABLE;
        for (size_t i = 0; i < layout->field_count; i++) nst_slot_init(data, i, fields[i]);
        plain = nst_object(data);
    }
    return nst_makes_cell(ctor) ? nst_reactive_new(process, nst_layout_cell(ctor->type), &plain) : plain;
}

// (type, constructor, list of its fields) -> the value
NST_PRIMITIVE(type_construct) {
    NST_EXPECT_KIND(args[2], NST_KIND_LIST, "List");
    const NstLayout *layout = nst_layout_of((NstCtor *)(uintptr_t)ctor_of(args));
    NstValue *fields = malloc((layout->field_count + 1) * sizeof *fields);
    if (!fields) abort();
    NstListIter iter;
    nst_list_iter(&iter, args[2].w.o);
    for (size_t i = 0; i < layout->field_count; i++) {
        if (!nst_list_next(&iter, &fields[i])) fields[i] = NST_UNIT;
    }
    args[0] = build(process, ctor_of(args), layout, fields);
    free(fields);
    return NST_PRIM_OK;
}

// A list of at least two elements as a tuple.
NST_PRIMITIVE(list_to_tuple) {
    NST_EXPECT_KIND(args[0], NST_KIND_LIST, "List");
    size_t count = nst_list_length(args[0].w.o);
    NstObject *tuple = nst_heap_slots(process, NST_KIND_TUPLE, count);
    for (size_t i = 0; i < count; i++) nst_slot_init(tuple, i, nst_list_get(args[0].w.o, i));
    args[0] = nst_object(tuple);
    return NST_PRIM_OK;
}

// The type of a text, or 0.
NST_PRIMITIVE(type_read) {
    NST_EXPECT_KIND(args[0], NST_KIND_STRING, "String");
    const NstModule *module = nst_exec_module(process);
    args[0] = nst_type_key(nst_type_read(process->vm->program, module, nst_as_string(args[0])->bytes));
    return NST_PRIM_OK;
}

// ---- Descriptions ------------------------------------------------------------------------

// [(name, type as it is declared)]
static NstValue field_list(NstProcess *process, const NstCtor *ctor) {
    const NstCtorDecl *declared = &ctor->type->item->type.ctors[ctor->index];
    NstObject *list = nst_list_builder(process, ctor->field_count);
    for (size_t i = 0; i < ctor->field_count; i++) {
        NstTextBuffer type = NST_TEXT_BUFFER_INIT;
        nst_text_append_type(&type, declared->fields[i].type);
        NstValue field[] = { field_name(process, ctor, i), nst_string(process, type.data, type.size) };
        nst_list_builder_add(process, list, tuple_of(process, field, 2));
        nst_text_free(&type);
    }
    return nst_list_builder_finish(process, list);
}

static const char *kind_of(const NstTypeDecl *decl) {
    switch (decl->body) {
    case NST_BODY_ALIAS: return "alias";
    case NST_BODY_RECORD: return decl->reactive ? "reactive" : "record";
    default: return decl->reactive ? "reactive_variant" : "variant";
    }
}

static NstValue type_name_text(NstProcess *process, const NstTypeDecl *decl) {
    NstTextBuffer text = NST_TEXT_BUFFER_INIT;
    if (decl->module && decl->module->library) {
        nst_text_append(&text, decl->module->path_text.data, decl->module->path_text.size);
        nst_text_append_byte(&text, '.');
    }
    nst_text_append_z(&text, nst_name_text(decl->name));
    NstValue name = nst_string(process, text.data, text.size);
    nst_text_free(&text);
    return name;
}

// (name) -> (full name, kind, fields, constructors with their fields, type parameters), or the status "absent"
NST_PRIMITIVE(type_describe) {
    NST_EXPECT_KIND(args[0], NST_KIND_STRING, "String");
    NstTypeDecl *decl = nst_program_type(process->vm->program, nst_exec_module(process), nst_as_string(args[0])->bytes);
    if (!decl || decl->prim != NST_PRIM_NONE || !decl->item) {
        args[0] = NST_STATUS_ABSENT;
        return NST_PRIM_OK;
    }
    bool record = decl->body == NST_BODY_RECORD && decl->ctor_count == 1;
    NstObject *ctors = nst_list_builder(process, decl->ctor_count), *params = nst_list_builder(process, decl->param_count);
    for (size_t i = 0; i < decl->ctor_count && decl->body == NST_BODY_VARIANT; i++) {
        const NstCtor *ctor = decl->ctors[i];
        NstValue pair[] = { nst_string_z(process, nst_name_text(ctor->name)), field_list(process, ctor) };
        nst_list_builder_add(process, ctors, tuple_of(process, pair, 2));
    }
    for (size_t i = 0; i < decl->param_count; i++) {
        nst_list_builder_add(process, params, nst_string_z(process, nst_name_text(decl->params[i]->name)));
    }
    NstValue parts[] = { type_name_text(process, decl), nst_string_z(process, kind_of(decl)),
                         record ? field_list(process, decl->ctors[0]) : nst_list_empty(),
                         nst_list_builder_finish(process, ctors), nst_list_builder_finish(process, params) };
    args[0] = tuple_of(process, parts, 5);
    return NST_PRIM_OK;
}

// ---- Values against types ----------------------------------------------------------------

static const struct {
    NstPrimType prim;
    NstTag tag;
} scalars[] = {
    { NST_PRIM_INT, NST_TAG_INT },       { NST_PRIM_INT8, NST_TAG_INT8 },     { NST_PRIM_INT16, NST_TAG_INT16 },
    { NST_PRIM_INT32, NST_TAG_INT32 },   { NST_PRIM_UINT8, NST_TAG_UINT8 },   { NST_PRIM_UINT16, NST_TAG_UINT16 },
    { NST_PRIM_UINT32, NST_TAG_UINT32 }, { NST_PRIM_UINT64, NST_TAG_UINT64 }, { NST_PRIM_FLOAT, NST_TAG_FLOAT },
    { NST_PRIM_FLOAT32, NST_TAG_FLOAT32 }, { NST_PRIM_BOOL, NST_TAG_BOOL },   { NST_PRIM_CHAR, NST_TAG_CHAR },
    { NST_PRIM_PID, NST_TAG_PID },       { NST_PRIM_REF, NST_TAG_REF },
};

static const struct {
    NstPrimType prim;
    NstKind kind;
} kinds[] = {
    { NST_PRIM_BIGINT, NST_KIND_BIGINT }, { NST_PRIM_DECIMAL, NST_KIND_DECIMAL }, { NST_PRIM_STRING, NST_KIND_STRING },
    { NST_PRIM_LIST, NST_KIND_LIST },     { NST_PRIM_MAP, NST_KIND_MAP },         { NST_PRIM_SET, NST_KIND_SET },
    { NST_PRIM_INT64_ARRAY, NST_KIND_INT64_ARRAY },     { NST_PRIM_FLOAT64_ARRAY, NST_KIND_FLOAT64_ARRAY },
    { NST_PRIM_FLOAT32_ARRAY, NST_KIND_FLOAT32_ARRAY }, { NST_PRIM_BUFFER, NST_KIND_BUFFER },
};

static bool fits_prim(NstPrimType prim, NstValue v) {
    for (size_t i = 0; i < sizeof scalars / sizeof *scalars; i++) {
        if (scalars[i].prim == prim) return v.tag == scalars[i].tag;
    }
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (kinds[i].prim == prim) return nst_is_kind(v, kinds[i].kind);
    }
    return false;
}

static bool fits(const NstType *type, NstValue v);

static bool elements_fit(const NstType *type, const NstObject *collection) {
    NstValue key, value;
    if (collection->kind == NST_KIND_LIST) {
        NstListIter list;
        nst_list_iter(&list, collection);
        while (nst_list_next(&list, &value)) {
            if (!fits(type->args[0], value)) return false;
        }
        return true;
    }
    NstMapIter map;
    nst_map_iter(&map, collection);
    while (nst_map_next(&map, &key, &value)) {
        if (!fits(type->args[0], key) || (type->arg_count > 1 && !fits(type->args[1], value))) return false;
    }
    return true;
}

// Whether the value has the type. Recursion goes as deep as the type is written: of records and variants only the type's
// identity is looked at.
static bool fits(const NstType *type, NstValue v) {
    type = nst_type_resolve((NstType *)(uintptr_t)type);
    if (type->kind == NST_TY_TUPLE) {
        if (type->arg_count == 0) return v.tag == NST_TAG_UNIT;
        if (!nst_is_kind(v, NST_KIND_TUPLE) || v.w.o->count != type->arg_count) return false;
        for (size_t i = 0; i < type->arg_count; i++) {
            if (!fits(type->args[i], nst_slot(v.w.o, i))) return false;
        }
        return true;
    }
    if (type->kind == NST_TY_FUN) return v.tag == NST_TAG_FUNCTION || nst_is_kind(v, NST_KIND_CLOSURE);
    if (type->kind != NST_TY_CON) return true;
    if (type->decl->prim != NST_PRIM_NONE) {
        if (!fits_prim(type->decl->prim, v)) return false;
        bool collection = type->arg_count > 0 && v.tag == NST_TAG_OBJECT;
        return !collection || elements_fit(type, v.w.o);
    }
    const NstLayout *layout = v.tag == NST_TAG_CTOR ? v.w.layout
                              : nst_is_kind(v, NST_KIND_DATA) ? ((const NstData *)(const void *)v.w.o)->layout : 0;
    return layout && layout->type_id == type->decl->id;
}

// (type, value)
NST_PRIMITIVE(type_fits) {
    args[0] = nst_bool(fits(nst_type_of_key(args[0]), args[1]));
    return NST_PRIM_OK;
}

// ---- Numbers of a declared type ----------------------------------------------------------

static const struct {
    NstPrimType prim;
    NstTag tag;
    int64_t min;
    uint64_t max;
} integers[] = {
    { NST_PRIM_INT, NST_TAG_INT, INT64_MIN, INT64_MAX },      { NST_PRIM_INT8, NST_TAG_INT8, INT8_MIN, INT8_MAX },
    { NST_PRIM_INT16, NST_TAG_INT16, INT16_MIN, INT16_MAX },  { NST_PRIM_INT32, NST_TAG_INT32, INT32_MIN, INT32_MAX },
    { NST_PRIM_UINT8, NST_TAG_UINT8, 0, UINT8_MAX },          { NST_PRIM_UINT16, NST_TAG_UINT16, 0, UINT16_MAX },
    { NST_PRIM_UINT32, NST_TAG_UINT32, 0, UINT32_MAX },       { NST_PRIM_UINT64, NST_TAG_UINT64, 0, UINT64_MAX },
};

static NstValue integer_of(NstPrimType prim, NstValue v) {
    for (size_t i = 0; i < sizeof integers / sizeof *integers; i++) {
        if (integers[i].prim != prim) continue;
        NstValue out = { .w = v.w, .tag = integers[i].tag };
        if (v.tag == NST_TAG_INT) {
            bool within = v.w.i >= integers[i].min && (v.w.i < 0 || v.w.u <= integers[i].max);
            return within ? out : NST_STATUS_ABSENT;
        }
        double whole = trunc(v.w.f);
        // As doubles the greatest bounds are one too large: the power of two itself does not fit.
        bool wide = integers[i].max >= INT64_MAX;
        bool within = whole >= (double)integers[i].min &&
                    (wide ? whole < (double)integers[i].max : whole <= (double)integers[i].max);
        if (!within) return NST_STATUS_ABSENT; // NaN, too
        if (whole < 0) out.w.i = (int64_t)whole;
        else out.w.u = (uint64_t)whole;
        return out;
    }
    return NST_STATUS_ABSENT;
}

// The decimal of the digits with which the number is shown.
static NstValue decimal_of(NstProcess *process, NstValue v) {
    NstTextBuffer text = NST_TEXT_BUFFER_INIT;
    if (v.tag == NST_TAG_INT) nst_text_append_int(&text, v.w.i);
    else nst_text_append_double(&text, v.w.f);
    NstDec d;
    bool fits_in = nst_decimal_parse(text.data, text.size, &d);
    nst_text_free(&text);
    return fits_in ? nst_decimal_make(process, d) : NST_STATUS_ABSENT;
}

// (type, Int or Float) -> the number as a value of the type, or the status "absent" if it does not fit
NST_PRIMITIVE(type_number) {
    NstPrimType prim = nst_type_prim(nst_type_of_key(args[0]));
    NstValue v = args[1];
    if (v.tag != NST_TAG_INT && v.tag != NST_TAG_FLOAT) return nst_raise_type(process, "number", v);
    if (prim == NST_PRIM_FLOAT || prim == NST_PRIM_FLOAT32) {
        double d = v.tag == NST_TAG_INT ? (double)v.w.i : v.w.f;
        args[0] = prim == NST_PRIM_FLOAT ? nst_float(d) : (NstValue){ .w.f32 = (float)d, .tag = NST_TAG_FLOAT32 };
    } else if (prim == NST_PRIM_BIGINT) {
        if (v.tag == NST_TAG_INT) args[0] = nst_bigint_from_int(process, v.w.i);
        else args[0] = isfinite(v.w.f) ? nst_bigint_from_double(process, v.w.f) : NST_STATUS_ABSENT;
    } else if (prim == NST_PRIM_DECIMAL) {
        args[0] = decimal_of(process, v);
    } else {
        args[0] = integer_of(prim, v);
    }
    return NST_PRIM_OK;
}
