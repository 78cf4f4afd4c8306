#include "frontend/infer_body.h"
#include "frontend/infer_field.h"
#include "frontend/infer_function.h"
#include "frontend/require.h"
#include "frontend/resolve_report.h"
#include "frontend/scheme.h"
#include "frontend/scope.h"

#include <stdlib.h>

static const NstPrimType literal_prims[] = {
    [NST_LIT_UNIT] = NST_PRIM_NONE,       [NST_LIT_BOOL] = NST_PRIM_BOOL,       [NST_LIT_CHAR] = NST_PRIM_CHAR,
    [NST_LIT_STRING] = NST_PRIM_STRING,   [NST_LIT_INT] = NST_PRIM_INT,         [NST_LIT_INT8] = NST_PRIM_INT8,
    [NST_LIT_INT16] = NST_PRIM_INT16,     [NST_LIT_INT32] = NST_PRIM_INT32,     [NST_LIT_UINT8] = NST_PRIM_UINT8,
    [NST_LIT_UINT16] = NST_PRIM_UINT16,   [NST_LIT_UINT32] = NST_PRIM_UINT32,   [NST_LIT_UINT64] = NST_PRIM_UINT64,
    [NST_LIT_FLOAT] = NST_PRIM_FLOAT,     [NST_LIT_FLOAT32] = NST_PRIM_FLOAT32, [NST_LIT_BIGINT] = NST_PRIM_BIGINT,
    [NST_LIT_DECIMAL] = NST_PRIM_DECIMAL,
};

NstType *nst_literal_type(NstInfer *infer, NstLiteralKind kind) {
    return kind == NST_LIT_UNIT ? nst_unit(infer) : nst_prim(infer, literal_prims[kind]);
}

static void require_eq(NstInfer *infer, NstType *type, NstSpan span) {
    nst_require_trait(infer, type, nst_builtin_trait(infer->program, NST_TRAIT_EQ), span);
}

// ---- Names ------------------------------------------------------------------------------

static void infer_name_pattern(NstInfer *infer, NstPattern *pattern, NstType *type) {
    NstLocal *local = pattern->local;
    if (!local) return;
    if (!local->type) {
        local->type = type;
        return;
    }
    nst_infer_unify(infer, local->type, type, pattern->span);
    if (pattern->role == NST_ROLE_EQUALS) require_eq(infer, type, pattern->span);
}

// ---- Constructors -----------------------------------------------------------------------

static NstType *ctor_type(NstInfer *infer, const NstTypeDecl *decl) {
    NstType **args = nst_type_array(infer, decl->param_count);
    for (size_t i = 0; i < decl->param_count; i++) args[i] = nst_var(infer);
    return nst_type_con(infer->program, (NstTypeDecl *)decl, args, decl->param_count);
}

static bool fits_shape(const NstPattern *pattern, const NstCtor *ctor) {
    if (pattern->named)
        return true;
    return pattern->item_count == ctor->field_count;
}

// Open scrutinee: the constructor in the nearest scope, of those of the pattern's shape if there are any.
static NstCtor *nearest_ctor(NstInfer *infer, const NstPattern *pattern) {
    NstCtorSet set = nst_visible_ctors(infer->program, infer->module, pattern->ident.name);
    if (set.count == 0) return NULL;
    NstCtor *fitting = NULL;
    size_t fitting_count = 0;
    for (size_t i = 0; i < set.count; i++) {
        if (!fits_shape(pattern, set.ctors[i])) continue;
        if (!fitting) fitting = set.ctors[i];
        fitting_count++;
    }
    if (fitting_count <= 1) return fitting ? fitting : set.ctors[0];
    if (set.ambiguous || infer->receiving)
        nst_infer_error(infer, NST_DIAG_AMBIGUOUS_CALL, pattern->ident.span, "constructor `%s` belongs to several %stypes",
                        nst_name_text(pattern->ident.name), set.ambiguous ? "imported " : "");
    return fitting;
}

static void unknown_ctor(NstInfer *infer, NstIdent ident) {
    const NstPart *part = nst_module_scope(infer->module)->parts.items[0];
    infer->failed = true;
    if (infer->silent || nst_lookup(infer->program, part, ident.name, NST_SPACE_CTOR).state == NST_FOUND_SILENT) return;
    infer->errors++;
    nst_report_unknown(infer->program, infer->module, NST_DIAG_UNKNOWN_CONSTRUCTOR, ident, NST_SPACE_CTOR,
                       "Unknown constructor: %s");
}

static NstCtor *pattern_ctor(NstInfer *infer, NstPattern *pattern, NstType *type) {
    type = nst_type_resolve(type);
    NstName name = pattern->ident.name;
    NstCtor *ctor = NULL;
    if (type->kind == NST_TY_CON) ctor = nst_type_ctor(type->decl, name);
    if (ctor && !nst_type_accessible(ctor->type, infer->module)) {
        const NstModule *owner = ctor->type->module;
        nst_infer_error(infer, NST_DIAG_PRIVATE_ACCESS, pattern->ident.span, "type `%s` is private in module `%.*s`",
                        nst_name_text(ctor->type->name), (int)owner->path_text.size, owner->path_text.data);
        return ctor;
    }
    if (!ctor) ctor = nearest_ctor(infer, pattern);
    if (!ctor && type->kind != NST_TY_ERROR) unknown_ctor(infer, pattern->ident);
    return ctor;
}

static int field_index(const NstCtor *ctor, NstName name) {
    for (size_t i = 0; i < ctor->field_count; i++)
        if (ctor->field_names[i] == name) return (int)i;
    return NST_FIELD_NONE;
}

static void unknown_parts(NstInfer *infer, NstPattern *pattern) {
    NstType *unknown = nst_error_type(infer);
    for (size_t i = 0; i < pattern->item_count; i++) nst_infer_pattern(infer, pattern->items[i], unknown);
    for (size_t i = 0; i < pattern->field_count; i++) nst_infer_pattern(infer, pattern->fields[i].pattern, unknown);
}

static void unknown_field(NstInfer *infer, NstType *type, NstIdent name) {
    char *shown = nst_type_show(infer->program, type);
    NstDiag *diag = nst_infer_error(infer, NST_DIAG_UNKNOWN_FIELD, name.span, "Type %s has no field %s", shown,
                                    nst_name_text(name.name));
    if (type->kind == NST_TY_CON && type->decl->ctor_count == 1)
        nst_infer_suggest_field(infer, diag, type->decl->ctors[0], name.name);
    free(shown);
}

static void infer_fields(NstInfer *infer, NstPattern *pattern, const NstCtor *ctor, NstType *type) {
    for (size_t i = 0; i < pattern->field_count; i++) {
        NstFieldPattern *field = &pattern->fields[i];
        field->field = field_index(ctor, field->name.name);
        NstType *field_type = nst_error_type(infer);
        if (field->field == NST_FIELD_NONE) unknown_field(infer, type, field->name);
        else field_type = nst_type_substitute(infer->program, ctor->field_types[field->field], ctor->type->scheme, type->args);
        nst_infer_pattern(infer, field->pattern, field_type);
    }
}

// Whether the value's type and the one that the pattern asks for are one. Parts of a value in error are in error.
static bool take_apart(NstInfer *infer, NstType *type, NstType *asked, NstSpan span) {
    bool ok = nst_infer_unify(infer, type, asked, span);
    if (nst_type_resolve(type)->kind == NST_TY_ERROR) nst_silence(infer, asked);
    return ok;
}

static void infer_ctor(NstInfer *infer, NstPattern *pattern, NstType *type) {
    NstCtor *ctor = pattern_ctor(infer, pattern, type);
    if (!ctor) {
        unknown_parts(infer, pattern);
        return;
    }
    pattern->ctor = ctor;
    NstType *whole = ctor_type(infer, ctor->type);
    if (!take_apart(infer, type, whole, pattern->span)) type = whole;
    whole = nst_type_resolve(whole);
    if (pattern->named) {
        infer_fields(infer, pattern, ctor, whole);
        return;
    }
    if (pattern->item_count != ctor->field_count) {
        nst_infer_arity(infer, pattern->span, ctor->field_count, pattern->item_count);
        unknown_parts(infer, pattern);
        return;
    }
    for (size_t i = 0; i < pattern->item_count; i++)
        nst_infer_pattern(infer, pattern->items[i],
                          nst_type_substitute(infer->program, ctor->field_types[i], ctor->type->scheme, whole->args));
}

// {f, g: p}: on an unknown value the fields are found at run time.
static void infer_record(NstInfer *infer, NstPattern *pattern, NstType *type) {
    type = nst_type_resolve(type);
    if (type->kind == NST_TY_CON && type->decl->ctor_count == 1) {
        pattern->ctor = type->decl->ctors[0];
        infer_fields(infer, pattern, pattern->ctor, type);
        return;
    }
    bool open = type->kind == NST_TY_VAR;
    for (size_t i = 0; i < pattern->field_count; i++) {
        NstFieldPattern *field = &pattern->fields[i];
        field->field = NST_FIELD_NONE;
        if (!open && type->kind != NST_TY_ERROR) unknown_field(infer, type, field->name);
        nst_infer_pattern(infer, field->pattern, open ? nst_dynamic_var(infer) : nst_error_type(infer));
    }
}

// ---- Collections ------------------------------------------------------------------------

static bool looks_like_prefix(const NstPattern *pattern) {
    if (!pattern->rest || pattern->item_count == 0) return false;
    for (size_t i = 0; i < pattern->item_count; i++)
        if (pattern->items[i]->kind != NST_PAT_LITERAL || pattern->items[i]->literal.kind != NST_LIT_STRING) return false;
    return true;
}

static void infer_list(NstInfer *infer, NstPattern *pattern, NstType *type) {
    NstType *known = nst_type_resolve(type);
    bool string = nst_type_prim(known) == NST_PRIM_STRING;
    if (looks_like_prefix(pattern) && (known->kind == NST_TY_VAR || known->kind == NST_TY_ERROR || string)) {
        pattern->string_prefix = string;
        pattern->maybe_prefix = known->kind == NST_TY_VAR;
        for (size_t i = 0; i < pattern->item_count; i++)
            nst_infer_pattern(infer, pattern->items[i], nst_prim(infer, NST_PRIM_STRING));
        nst_infer_pattern(infer, pattern->rest, type);
        return;
    }
    NstType *element = nst_var(infer);
    NstType *list = nst_list_of(infer, element);
    if (!take_apart(infer, type, list, pattern->span)) {
        unknown_parts(infer, pattern);
        if (pattern->rest) nst_infer_pattern(infer, pattern->rest, nst_error_type(infer));
        return;
    }
    for (size_t i = 0; i < pattern->item_count; i++) nst_infer_pattern(infer, pattern->items[i], element);
    if (pattern->rest) nst_infer_pattern(infer, pattern->rest, list);
}

static void infer_tuple(NstInfer *infer, NstPattern *pattern, NstType *type) {
    NstType **args = nst_type_array(infer, pattern->item_count);
    for (size_t i = 0; i < pattern->item_count; i++)
        args[i] = pattern->loose_shape ? nst_dynamic_var(infer) : nst_var(infer);
    NstType *tuple = nst_tuple(infer, args, pattern->item_count);
    if (pattern->loose_shape) {
        pattern->type = tuple;
    } else if (!take_apart(infer, type, tuple, pattern->span)) {
        unknown_parts(infer, pattern);
        return;
    }
    for (size_t i = 0; i < pattern->item_count; i++) nst_infer_pattern(infer, pattern->items[i], args[i]);
}

void nst_infer_pattern(NstInfer *infer, NstPattern *pattern, NstType *type) {
    pattern->type = type;
    switch (pattern->kind) {
    case NST_PAT_ERROR:
        unknown_parts(infer, pattern);
        break;
    case NST_PAT_WILDCARD: break;
    case NST_PAT_NAME: infer_name_pattern(infer, pattern, type); break;
    case NST_PAT_PIN:
        nst_check_expr(infer, pattern->pin, type);
        require_eq(infer, type, pattern->span);
        break;
    case NST_PAT_LITERAL:
        nst_infer_unify(infer, type, nst_literal_type(infer, pattern->literal.kind), pattern->span);
        break;
    case NST_PAT_RANGE: nst_infer_unify(infer, type, nst_prim(infer, NST_PRIM_INT), pattern->span); break;
    case NST_PAT_TUPLE: infer_tuple(infer, pattern, type); break;
    case NST_PAT_LIST: infer_list(infer, pattern, type); break;
    case NST_PAT_CTOR: infer_ctor(infer, pattern, type); break;
    case NST_PAT_RECORD: infer_record(infer, pattern, type); break;
    case NST_PAT_MAP: {
        NstType *key = nst_var(infer), *value = nst_var(infer);
        take_apart(infer, type, nst_map_of(infer, key, value), pattern->span);
        for (size_t i = 0; i < pattern->item_count; i++) {
            nst_infer_pattern(infer, pattern->keys[i], key);
            nst_infer_pattern(infer, pattern->items[i], value);
        }
        break;
    }
    case NST_PAT_SET: {
        NstType *element = nst_var(infer);
        take_apart(infer, type, nst_set_of(infer, element), pattern->span);
        for (size_t i = 0; i < pattern->item_count; i++) nst_infer_pattern(infer, pattern->items[i], element);
        break;
    }
    case NST_PAT_OR:
        for (size_t i = 0; i < pattern->item_count; i++) nst_infer_pattern(infer, pattern->items[i], type);
        break;
    }
}

// ---- Patterns of one value together -----------------------------------------------------

static bool is_tuple(const NstPattern *pattern) {
    return pattern->kind == NST_PAT_TUPLE;
}

// Clauses: tuple patterns of different length or nesting (types.md 12.3).
static bool shapes_differ(const NstPattern *a, const NstPattern *b, bool nesting, int depth) {
    if (!is_tuple(a) || !is_tuple(b)) return nesting && depth > 0 && is_tuple(a) != is_tuple(b);
    if (a->item_count != b->item_count) return true;
    for (size_t i = 0; nesting && i < a->item_count; i++)
        if (shapes_differ(a->items[i], b->items[i], nesting, depth + 1)) return true;
    return false;
}

static size_t flatten(NstPattern *pattern, NstPattern **into) {
    if (pattern->kind != NST_PAT_OR) {
        if (into) *into = pattern;
        return 1;
    }
    size_t count = 0;
    for (size_t i = 0; i < pattern->item_count; i++) count += flatten(pattern->items[i], into ? into + count : NULL);
    return count;
}

static bool loosen_tuples(NstPattern *const *all, size_t count, NstType *type, bool nesting) {
    const NstPattern *first = NULL; // having one shape is an equivalence: comparing with one tuple is enough
    bool differ = false;
    for (size_t i = 0; i < count && !differ; i++) {
        if (!is_tuple(all[i])) continue;
        if (!first) first = all[i];
        differ = shapes_differ(all[i], first, nesting, 0);
    }
    type = nst_type_resolve(type);
    if (!differ || (type->kind != NST_TY_VAR && type->kind != NST_TY_TUPLE)) return false;
    for (size_t i = 0; i < count; i++)
        if (is_tuple(all[i]) && (type->kind == NST_TY_VAR || type->arg_count != all[i]->item_count))
            all[i]->loose_shape = true;
    return true;
}

// True if some constructor name in the patterns belongs to several visible types.
static bool has_shared_ctor(NstInfer *infer, const NstPattern *pattern) {
    if (pattern->kind == NST_PAT_CTOR && nst_visible_ctors(infer->program, infer->module, pattern->ident.name).count > 1)
        return true;
    for (size_t i = 0; i < pattern->item_count; i++)
        if (has_shared_ctor(infer, pattern->items[i])) return true;
    for (size_t i = 0; i < pattern->field_count; i++)
        if (has_shared_ctor(infer, pattern->fields[i].pattern)) return true;
    return pattern->rest && has_shared_ctor(infer, pattern->rest);
}

// A first, silent pass over the patterns: constructors that belong to one type only say what the value is.
static void learn(NstInfer *infer, const NstPattern *pattern, NstType *type) {
    switch (pattern->kind) {
    case NST_PAT_TUPLE: {
        if (pattern->loose_shape) return;
        NstType **args = nst_type_array(infer, pattern->item_count);
        for (size_t i = 0; i < pattern->item_count; i++) args[i] = nst_var(infer);
        NstType *tuple = nst_tuple(infer, args, pattern->item_count);
        if (!nst_unifiable(infer, type, tuple)) return;
        nst_unify(infer, type, tuple);
        for (size_t i = 0; i < pattern->item_count; i++) learn(infer, pattern->items[i], args[i]);
        return;
    }
    case NST_PAT_LIST: {
        if (looks_like_prefix(pattern)) return;
        NstType *element = nst_var(infer), *list = nst_list_of(infer, element);
        if (!nst_unifiable(infer, type, list)) return;
        nst_unify(infer, type, list);
        for (size_t i = 0; i < pattern->item_count; i++) learn(infer, pattern->items[i], element);
        if (pattern->rest) learn(infer, pattern->rest, list);
        return;
    }
    case NST_PAT_OR:
        for (size_t i = 0; i < pattern->item_count; i++) learn(infer, pattern->items[i], type);
        return;
    case NST_PAT_CTOR: {
        NstType *known = nst_type_resolve(type);
        NstCtor *ctor = NULL;
        if (known->kind == NST_TY_CON) {
            ctor = nst_type_ctor(known->decl, pattern->ident.name);
        } else if (known->kind == NST_TY_VAR) {
            NstCtorSet set = nst_visible_ctors(infer->program, infer->module, pattern->ident.name);
            if (set.count != 1) return;
            ctor = set.ctors[0];
            nst_unify(infer, type, ctor_type(infer, ctor->type));
        }
        if (!ctor || pattern->named || pattern->item_count != ctor->field_count) return;
        known = nst_type_resolve(type);
        for (size_t i = 0; i < pattern->item_count; i++)
            learn(infer, pattern->items[i],
                  nst_type_substitute(infer->program, ctor->field_types[i], ctor->type->scheme, known->args));
        return;
    }
    default: return;
    }
}

bool nst_prepare_patterns(NstInfer *infer, NstPattern *const *patterns, size_t count, NstType *type, NstShapes shapes) {
    size_t total = 0;
    for (size_t i = 0; i < count; i++) total += flatten(patterns[i], NULL);
    NstPattern **all = NST_NEW_ARRAY(infer->arena, NstPattern *, total + 1);
    size_t at = 0;
    for (size_t i = 0; i < count; i++) at += flatten(patterns[i], all + at);
    bool loose = shapes != NST_SHAPES_ONE && loosen_tuples(all, total, type, shapes == NST_SHAPES_NESTING);
    bool shared = false;
    for (size_t i = 0; i < total && !shared; i++) shared = has_shared_ctor(infer, all[i]);
    for (size_t i = 0; shared && i < total; i++) learn(infer, all[i], type);
    return loose;
}

// ---- Catch arms -------------------------------------------------------------------------

static void collect_locals(NstPattern *pattern, NstLocal **locals, size_t *count) {
    if (pattern->kind == NST_PAT_NAME && pattern->role == NST_ROLE_BIND && pattern->local) {
        bool present = false;
        for (size_t i = 0; i < *count; i++) present |= locals && locals[i] == pattern->local;
        if (!present) {
            if (locals) locals[*count] = pattern->local;
            ++*count;
        }
    }
    for (size_t i = 0; i < pattern->item_count; i++) collect_locals(pattern->items[i], locals, count);
    for (size_t i = 0; i < pattern->field_count; i++) collect_locals(pattern->fields[i].pattern, locals, count);
    if (pattern->rest) collect_locals(pattern->rest, locals, count);
}

// The values decide what is not known of the type of a variable that a `catch` pattern binds (errors.md 2.1).
static void make_dynamic(NstType *type) {
    type = nst_type_resolve(type);
    if (type->kind == NST_TY_VAR) type->dynamic = true;
    for (size_t i = 0; i < type->arg_count; i++) make_dynamic(type->args[i]);
}

void nst_generalise_pattern(NstInfer *infer, NstPattern *pattern) {
    size_t count = 0;
    collect_locals(pattern, NULL, &count);
    if (count == 0) return;
    NstLocal **locals = NST_NEW_ARRAY(infer->arena, NstLocal *, count);
    count = 0;
    collect_locals(pattern, locals, &count);
    NstType **types = nst_type_array(infer, count);
    NstScheme **schemes = NST_NEW_ARRAY(infer->arena, NstScheme *, count);
    for (size_t i = 0; i < count; i++) {
        types[i] = locals[i]->type;
        make_dynamic(types[i]);
        schemes[i] = NST_NEW(infer->arena, NstScheme);
    }
    NstRequirementList ignored = {0};
    nst_generalise(infer, types, schemes, count, infer->pending->count, &ignored);
    for (size_t i = 0; i < count; i++)
        if (schemes[i]->param_count) locals[i]->scheme = schemes[i];
}
