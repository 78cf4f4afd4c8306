// What templates can inspect of a function or type (templates.md 3).
#include "frontend/expand_internal.h"

static NstText text_of(const char *text) {
    return (NstText){ text, strlen(text) };
}

static NstText name_text(NstName name) {
    return text_of(nst_name_text(name));
}

static NstText type_text(NstExpansion *x, const NstTypeExpr *type) {
    return type ? nst_span_text(x->expander->program->sources, type->span) : text_of("");
}

// ---- Functions --------------------------------------------------------------------------

static NstText param_name(NstExpansion *x, const NstPattern *pattern) {
    if (pattern->kind == NST_PAT_NAME) return name_text(pattern->ident.name);
    if (pattern->kind == NST_PAT_LITERAL && pattern->literal.kind == NST_LIT_INT)
        return text_of(nst_arena_printf(x->arena, "%lld", (long long)pattern->literal.integer));
    return text_of("_");
}

static NstMeta params_of(NstExpansion *x, const NstClause *clause) {
    NstMeta list = { .kind = NST_META_LIST, .count = clause->param_count };
    list.items = NST_NEW_ARRAY(x->arena, NstMeta, clause->param_count);
    for (size_t i = 0; i < clause->param_count; i++)
        list.items[i] = (NstMeta){ .kind = NST_META_MEMBER,
                                   .text = param_name(x, clause->params[i].pattern),
                                   .type = type_text(x, clause->params[i].annotation) };
    return list;
}

// ---- Types ------------------------------------------------------------------------------

static NstMeta fields_of(NstExpansion *x, const NstCtorDecl *ctor) {
    NstMeta list = { .kind = NST_META_LIST, .count = ctor->field_count };
    list.items = NST_NEW_ARRAY(x->arena, NstMeta, ctor->field_count);
    for (size_t i = 0; i < ctor->field_count; i++) {
        NstText type = type_text(x, ctor->fields[i].type);
        list.items[i] =
            ctor->named
                ? (NstMeta){ .kind = NST_META_MEMBER, .text = name_text(ctor->fields[i].name.name), .type = type }
                : nst_meta_of_text(type);
    }
    return list;
}

static NstMeta type_fields(NstExpansion *x, const NstItem *item) {
    if (item->type.body == NST_BODY_ALIAS) return nst_meta_of_text(type_text(x, item->type.alias));
    bool record = item->type.body == NST_BODY_RECORD || (item->type.ctor_count == 1 && item->type.ctors[0].named);
    if (record) return fields_of(x, &item->type.ctors[0]);
    NstMeta list = { .kind = NST_META_LIST, .count = item->type.ctor_count };
    list.items = NST_NEW_ARRAY(x->arena, NstMeta, item->type.ctor_count);
    for (size_t i = 0; i < item->type.ctor_count; i++) {
        NstMeta fields = fields_of(x, &item->type.ctors[i]);
        list.items[i] = (NstMeta){ .kind = NST_META_MEMBER,
                                   .text = name_text(item->type.ctors[i].name.name),
                                   .items = fields.items,
                                   .count = fields.count };
    }
    return list;
}

static NstMeta type_params(NstExpansion *x, const NstItem *item) {
    NstMeta list = { .kind = NST_META_LIST, .count = item->type.param_count };
    list.items = NST_NEW_ARRAY(x->arena, NstMeta, item->type.param_count);
    for (size_t i = 0; i < item->type.param_count; i++)
        list.items[i] = nst_meta_of_text(name_text(item->type.params[i].name.name));
    return list;
}

// ---- Attributes -------------------------------------------------------------------------

static bool is(NstText text, const char *word) {
    return text.size == strlen(word) && memcmp(text.data, word, text.size) == 0;
}

static bool function_attribute(NstExpansion *x, const NstClause *clause, NstText name, NstMeta *value) {
    if (is(name, "name")) *value = nst_meta_of_text(name_text(clause->name.name));
    else if (is(name, "body")) *value = (NstMeta){ .kind = NST_META_TREE, .tree = clause->body_expr };
    else if (is(name, "params")) *value = params_of(x, clause);
    else if (is(name, "returnType")) *value = nst_meta_of_text(type_text(x, clause->result));
    else return false;
    return true;
}

static bool type_attribute(NstExpansion *x, const NstItem *item, NstText name, NstMeta *value) {
    if (is(name, "name")) *value = nst_meta_of_text(name_text(item->name.name));
    else if (is(name, "typeParams")) *value = type_params(x, item);
    else if (is(name, "fields")) *value = type_fields(x, item);
    else return false;
    return true;
}

static bool member_attribute(const NstMeta *member, NstText name, NstMeta *value) {
    if (is(name, "name")) *value = nst_meta_of_text(member->text);
    else if (member->type.data && (is(name, "ty") || is(name, "type"))) *value = nst_meta_of_text(member->type);
    else if (!member->type.data && is(name, "fields"))
        *value = (NstMeta){ .kind = NST_META_LIST, .items = member->items, .count = member->count };
    else return false;
    return true;
}

static const char *describe(const NstMeta *of) {
    switch (of->kind) {
    case NST_META_FUNCTION: return "a function has the attributes name, body, params, returnType";
    case NST_META_TYPE: return "a type has the attributes name, typeParams, fields";
    case NST_META_MEMBER:
        return of->type.data ? "it has the attributes name and ty" : "a constructor has the attributes name and fields";
    default: return "only functions, types and their parts have attributes";
    }
}

NstMetaStatus nst_meta_attribute(NstExpansion *x, const NstMeta *of, NstText name, NstSpan span, NstMeta *value) {
    bool known = of->kind == NST_META_FUNCTION ? function_attribute(x, of->item->clause, name, value)
                 : of->kind == NST_META_TYPE   ? type_attribute(x, of->item, name, value)
                 : of->kind == NST_META_MEMBER ? member_attribute(of, name, value)
                                               : false;
    if (known) return NST_META_OK;
    nst_expansion_error(x, NST_DIAG_UNKNOWN_FIELD, span, "unknown attribute `%.*s`: %s", (int)name.size, name.data,
                        describe(of));
    return NST_META_ERROR;
}
