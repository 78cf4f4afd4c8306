#include "frontend/message_shape.h"

#include <stdio.h>
#include <stdlib.h>

#include "frontend/types.h"

static const NstShape any = { .kind = NST_SHAPE_ANY };

// ---- Making -----------------------------------------------------------------------------

static const NstShape *of_type(NstArena *arena, const NstType *given, int depth) {
    const NstType *type = nst_type_resolve((NstType *)given);
    if (depth > 8) return &any;
    switch (type->kind) {
    case NST_TY_CON: {
        NstShape *shape = NST_NEW(arena, NstShape);
        *shape = (NstShape){ .kind = NST_SHAPE_OF_TYPE, .decl = type->decl };
        return shape;
    }
    case NST_TY_TUPLE: {
        NstShape *shape = NST_NEW(arena, NstShape);
        *shape = (NstShape){ .kind = NST_SHAPE_TUPLE, .count = type->arg_count };
        shape->items = NST_NEW_ARRAY(arena, const NstShape *, type->arg_count + 1);
        for (size_t i = 0; i < type->arg_count; i++) shape->items[i] = of_type(arena, type->args[i], depth + 1);
        return shape;
    }
    case NST_TY_FUN: {
        static const NstShape function = { .kind = NST_SHAPE_FUNCTION };
        return &function;
    }
    default: return &any;
    }
}

static const NstShape *of_items(NstArena *arena, const NstExpr *e, NstShapeKind kind) {
    NstShape *shape = NST_NEW(arena, NstShape);
    *shape = (NstShape){ .kind = kind, .count = e->seq.count, .open = e->seq.rest != NULL };
    shape->items = NST_NEW_ARRAY(arena, const NstShape *, e->seq.count + 1);
    for (size_t i = 0; i < e->seq.count; i++) shape->items[i] = nst_shape_of(arena, e->seq.items[i]);
    return shape;
}

static const NstShape *of_construction(NstArena *arena, const NstExpr *call, const NstCtor *ctor) {
    NstShape *shape = NST_NEW(arena, NstShape);
    *shape = (NstShape){ .kind = NST_SHAPE_BUILT, .ctor = ctor, .count = ctor->field_count };
    shape->items = NST_NEW_ARRAY(arena, const NstShape *, ctor->field_count + 1);
    for (size_t i = 0; i < ctor->field_count; i++) shape->items[i] = &any;
    for (size_t i = 0; call && i < call->call.arg_count && i < ctor->field_count; i++) {
        const NstArg *arg = &call->call.args[i];
        size_t field = i;
        if (arg->name.name)
            for (field = 0; field < ctor->field_count && ctor->field_names[field] != arg->name.name;) field++;
        if (field < ctor->field_count) shape->items[field] = nst_shape_of(arena, arg->value);
    }
    return shape;
}

const NstShape *nst_shape_of(NstArena *arena, const NstExpr *e) {
    switch (e->kind) {
    case NST_EXPR_LITERAL: {
        NstShape *shape = NST_NEW(arena, NstShape);
        *shape = (NstShape){ .kind = NST_SHAPE_LITERAL, .literal = &e->literal };
        return shape;
    }
    case NST_EXPR_TUPLE: return of_items(arena, e, NST_SHAPE_TUPLE);
    case NST_EXPR_LIST: return of_items(arena, e, NST_SHAPE_LIST);
    case NST_EXPR_NAME:
        if (e->target == NST_TARGET_CTOR && !e->to.ctor->field_count) return of_construction(arena, NULL, e->to.ctor);
        break;
    case NST_EXPR_CALL:
        if (e->target == NST_TARGET_CTOR) return of_construction(arena, e, e->to.ctor);
        break;
    default: break;
    }
    return e->type ? of_type(arena, e->type, 0) : &any;
}

// ---- Matching ---------------------------------------------------------------------------

static bool is_number(NstLiteralKind kind) { return kind >= NST_LIT_INT; }

static bool is_number_type(NstPrimType prim) { return prim >= NST_PRIM_INT && prim <= NST_PRIM_DECIMAL; }

// Numbers of different types are told apart only by the run time: a literal may have another type than its form says.
static bool literals_may_agree(const NstLiteral *sent, const NstLiteral *wanted) {
    if (is_number(sent->kind) != is_number(wanted->kind)) return false;
    if (is_number(sent->kind))
        return sent->kind != NST_LIT_INT || wanted->kind != NST_LIT_INT || sent->integer == wanted->integer;
    if (sent->kind != wanted->kind) return false;
    switch (sent->kind) {
    case NST_LIT_BOOL: return sent->boolean == wanted->boolean;
    case NST_LIT_CHAR: return sent->character == wanted->character;
    case NST_LIT_STRING:
        return sent->text.size == wanted->text.size &&
               (!sent->text.size || memcmp(sent->text.data, wanted->text.data, sent->text.size) == 0);
    default: return true;
    }
}

static bool type_may_hold(NstPrimType prim, NstLiteralKind kind) {
    switch (kind) {
    case NST_LIT_UNIT: return false;
    case NST_LIT_BOOL: return prim == NST_PRIM_BOOL;
    case NST_LIT_CHAR: return prim == NST_PRIM_CHAR;
    case NST_LIT_STRING: return prim == NST_PRIM_STRING;
    default: return is_number_type(prim);
    }
}

static bool literal_may_match(const NstShape *shape, const NstLiteral *wanted) {
    if (shape->kind == NST_SHAPE_LITERAL) return literals_may_agree(shape->literal, wanted);
    if (shape->kind == NST_SHAPE_OF_TYPE) return type_may_hold(shape->decl->prim, wanted->kind);
    return shape->kind == NST_SHAPE_TUPLE && shape->count == 0 && wanted->kind == NST_LIT_UNIT;
}

static bool range_may_match(const NstShape *shape, const NstPattern *p) {
    if (shape->kind == NST_SHAPE_OF_TYPE) return is_number_type(shape->decl->prim);
    if (shape->kind != NST_SHAPE_LITERAL || !is_number(shape->literal->kind)) return false;
    if (shape->literal->kind != NST_LIT_INT) return true;
    int64_t n = shape->literal->integer;
    return n >= p->literal.integer && (p->inclusive ? n <= p->high.integer : n < p->high.integer);
}

static bool items_may_match(const NstShape *shape, const NstPattern *p) {
    for (size_t i = 0; i < p->item_count && i < shape->count; i++)
        if (!nst_shape_may_match(shape->items[i], p->items[i])) return false;
    return true;
}

// With a rest and string literals only, a list pattern is also a pattern of a String's beginning.
static bool may_be_prefix(const NstPattern *p) {
    for (size_t i = 0; i < p->item_count; i++)
        if (p->items[i]->kind != NST_PAT_LITERAL || p->items[i]->literal.kind != NST_LIT_STRING) return false;
    return p->rest && p->item_count;
}

static bool list_may_match(const NstShape *shape, const NstPattern *p) {
    if (shape->kind == NST_SHAPE_LITERAL) return shape->literal->kind == NST_LIT_STRING && may_be_prefix(p);
    if (shape->kind == NST_SHAPE_OF_TYPE)
        return shape->decl->prim == NST_PRIM_LIST || (shape->decl->prim == NST_PRIM_STRING && may_be_prefix(p));
    if (shape->kind != NST_SHAPE_LIST) return false;
    if (!shape->open && shape->count < p->item_count) return false;
    if (!p->rest && shape->count > p->item_count) return false;
    return items_may_match(shape, p);
}

static bool ctor_may_match(const NstShape *shape, const NstPattern *p) {
    if (!p->ctor) return true;
    if (shape->kind == NST_SHAPE_OF_TYPE) return shape->decl == p->ctor->type;
    if (shape->kind != NST_SHAPE_BUILT || shape->ctor != p->ctor) return false;
    return p->named || items_may_match(shape, p);
}

// A record pattern asks only for names of fields.
static bool record_may_match(const NstShape *shape) {
    if (shape->kind == NST_SHAPE_OF_TYPE) return shape->decl->prim == NST_PRIM_NONE;
    return shape->kind == NST_SHAPE_BUILT;
}

static bool is_of_type(const NstShape *shape, NstPrimType prim) {
    return shape->kind == NST_SHAPE_OF_TYPE && shape->decl->prim == prim;
}

bool nst_shape_may_match(const NstShape *shape, const NstPattern *p) {
    if (shape->kind == NST_SHAPE_ANY) return true;
    switch (p->kind) {
    case NST_PAT_LITERAL: return literal_may_match(shape, &p->literal);
    case NST_PAT_RANGE: return range_may_match(shape, p);
    case NST_PAT_TUPLE:
        return shape->kind == NST_SHAPE_TUPLE && shape->count == p->item_count && items_may_match(shape, p);
    case NST_PAT_LIST: return list_may_match(shape, p);
    case NST_PAT_CTOR: return ctor_may_match(shape, p);
    case NST_PAT_RECORD: return record_may_match(shape);
    case NST_PAT_MAP: return is_of_type(shape, NST_PRIM_MAP);
    case NST_PAT_SET: return is_of_type(shape, NST_PRIM_SET);
    case NST_PAT_OR:
        for (size_t i = 0; i < p->item_count; i++)
            if (nst_shape_may_match(shape, p->items[i])) return true;
        return false;
    default: return true;
    }
}

bool nst_pattern_accepts_all(const NstPattern *p) {
    if (p->kind == NST_PAT_OR) {
        for (size_t i = 0; i < p->item_count; i++)
            if (nst_pattern_accepts_all(p->items[i])) return true;
        return false;
    }
    return p->kind == NST_PAT_WILDCARD || p->kind == NST_PAT_NAME || p->kind == NST_PAT_PIN || p->kind == NST_PAT_ERROR;
}

// ---- Text -------------------------------------------------------------------------------

static void write_literal(FILE *out, const NstLiteral *literal) {
    switch (literal->kind) {
    case NST_LIT_UNIT: fputs("()", out); break;
    case NST_LIT_BOOL: fputs(literal->boolean ? "true" : "false", out); break;
    case NST_LIT_STRING: fprintf(out, "\"%.*s\"", (int)literal->text.size, literal->text.data); break;
    case NST_LIT_INT: fprintf(out, "%lld", (long long)literal->integer); break;
    default: fputc('_', out); break;
    }
}

static void write_shape(FILE *out, const NstShape *shape);

static void write_items(FILE *out, const NstShape *shape, char open, char close) {
    fputc(open, out);
    for (size_t i = 0; i < shape->count; i++) {
        if (i) fputs(", ", out);
        write_shape(out, shape->items[i]);
    }
    if (shape->open) fputs(shape->count ? " | _" : "_ | _", out);
    fputc(close, out);
}

static void write_shape(FILE *out, const NstShape *shape) {
    switch (shape->kind) {
    case NST_SHAPE_LITERAL: write_literal(out, shape->literal); break;
    case NST_SHAPE_TUPLE: write_items(out, shape, '(', ')'); break;
    case NST_SHAPE_LIST: write_items(out, shape, '[', ']'); break;
    case NST_SHAPE_BUILT:
        fputs(nst_name_text(shape->ctor->name), out);
        if (shape->count) write_items(out, shape, '(', ')');
        break;
    default: fputc('_', out); break;
    }
}

char *nst_shape_text(const NstShape *shape) {
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    write_shape(out, shape);
    fclose(out);
    return text;
}
