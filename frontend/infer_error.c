#include "frontend/infer_internal.h"
#include "frontend/require.h"
#include "frontend/suggest.h"
#include "frontend/trait_solve.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

NstInferPosition nst_infer_position(const NstInfer *infer) {
    return (NstInferPosition){infer->module, infer->level,   infer->body,       infer->pending,
                              infer->current, infer->method_steps, infer->solving, infer->last_chance};
}

void nst_infer_return(NstInfer *infer, NstInferPosition position) {
    infer->module = position.module;
    infer->level = position.level;
    infer->body = position.body;
    infer->pending = position.pending;
    infer->current = position.current;
    infer->method_steps = position.method_steps;
    infer->solving = position.solving;
    infer->last_chance = position.last_chance;
}

size_t nst_infer_reported(const NstInfer *infer) {
    return infer->program->diags->count - infer->nested;
}

static bool is_in_text_of(const NstFunction *fn, NstSpan span) {
    for (size_t c = 0; c < fn->clause_count; c++)
        if (fn->clauses[c]->span.origin == span.origin) return true;
    return false;
}

// Functions on the stack may be one group, whose requirements are shared.
static bool is_elsewhere(const NstInfer *infer, NstSpan span) {
    if (!infer->current || is_in_text_of(infer->current->fn, span)) return false;
    for (size_t i = infer->open_count; i-- > 0;)
        if (is_in_text_of(infer->open[i]->fn, span)) return false;
    for (size_t i = 0; i < infer->current->component_count; i++)
        if (is_in_text_of(infer->current->component[i]->fn, span)) return false;
    return true;
}

NstDiag *nst_infer_error(NstInfer *infer, NstDiagKind kind, NstSpan span, const char *format, ...) {
    infer->failed = true;
    if (infer->silent) return NULL;
    infer->errors++;
    if (infer->current) infer->current->in_error = true;
    infer->reported_elsewhere |= is_elsewhere(infer, span);
    char text[2048];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return nst_diag_add(infer->program->diags, kind, span, "%s", text);
}

void nst_infer_arity(NstInfer *infer, NstSpan span, size_t expected, size_t found) {
    nst_infer_error(infer, NST_DIAG_ARITY_MISMATCH, span, "Wrong number of arguments: expected %zu, found %zu", expected,
                    found);
}

static bool is_numeric(NstType *type) {
    return nst_prim_is_numeric(nst_type_prim(type));
}

static bool lacks_num(NstInfer *infer, NstType *type) {
    type = nst_type_resolve(type);
    return type->kind != NST_TY_VAR && type->kind != NST_TY_PARAM &&
           !nst_trait_holds(infer, type, nst_builtin_trait(infer->program, NST_TRAIT_NUM));
}

NstDiag *nst_infer_mismatch(NstInfer *infer, NstUnify why, NstType *expected, NstType *found, NstSpan span, bool quote) {
    infer->failed = true;
    if (infer->silent) return NULL;
    NstDiag *diag;
    expected = nst_type_resolve(expected);
    found = nst_type_resolve(found);
    char *first = nst_type_show_pair(expected, NULL);
    char *second = nst_type_show_pair(found, expected);
    if (why == NST_UNIFY_INFINITE) {
        bool swap = found->kind == NST_TY_VAR;
        char *whole = swap ? nst_type_show_pair(expected, found) : second;
        char *inner = swap ? nst_type_show_pair(found, NULL) : first;
        diag = nst_infer_error(infer, NST_DIAG_INFINITE_TYPE, span,
                        "Type mismatch: cannot unify a type with a type containing itself (%s in %s)", inner, whole);
        if (swap) {
            free(whole);
            free(inner);
        }
    } else {
        const char *mark = quote ? "`" : "";
        char extra[512] = "";
        if (is_numeric(expected) && lacks_num(infer, found))
            snprintf(extra, sizeof extra, "; %s does not implement Num", second);
        else if (is_numeric(found) && lacks_num(infer, expected))
            snprintf(extra, sizeof extra, "; %s does not implement Num", first);
        else if (expected->kind == NST_TY_FUN && found->kind != NST_TY_FUN)
            snprintf(extra, sizeof extra, "; expected function");
        else if ((nst_is_list(expected) && found->kind == NST_TY_TUPLE) ||
                 (nst_is_list(found) && expected->kind == NST_TY_TUPLE))
            snprintf(extra, sizeof extra, "; Cannot unify types");
        diag = nst_infer_error(infer, NST_DIAG_TYPE_MISMATCH, span, "type mismatch: expected %s%s%s, found %s%s%s%s", mark, first,
                        mark, mark, second, mark, extra);
    }
    free(first);
    free(second);
    return diag;
}

void nst_infer_suggest_field(NstInfer *infer, NstDiag *diag, const NstCtor *ctor, NstName name) {
    NstSuggestion suggestion = nst_suggest(nst_name_text(name));
    for (size_t i = 0; i < ctor->field_count; i++)
        if (ctor->field_names && ctor->field_names[i])
            nst_suggest_consider(&suggestion, nst_name_text(ctor->field_names[i]));
    nst_suggest_hint(infer->program->diags, diag, &suggestion);
}

void nst_infer_label(NstInfer *infer, NstDiag *diag, NstSpan span, const char *text) {
    if (!diag) return;
    const NstOrigin origin = nst_origin(infer->program->sources, span.origin);
    const NstSource *source = nst_source(infer->program->sources, origin.source);
    if (!source || source->library) return;
    if (span.origin == diag->span.origin && span.start == diag->span.start && span.end == diag->span.end) return;
    nst_diag_label(infer->program->diags, diag, span, "%s", text);
}

static NstDiag *try_unify(NstInfer *infer, NstType *expected, NstType *found, NstSpan span, bool *ok) {
    nst_settle_conflict(infer, expected, found);
    NstUnify result;
    if (!nst_spreads(infer, nst_type_resolve(expected), nst_type_resolve(found), &result))
        result = nst_unify(infer, expected, found);
    *ok = result == NST_UNIFY_OK;
    NstDiag *diag = *ok ? NULL : nst_infer_mismatch(infer, result, expected, found, span, true);
    nst_requirements_solve(infer);
    return diag;
}

bool nst_infer_unify(NstInfer *infer, NstType *expected, NstType *found, NstSpan span) {
    bool ok;
    try_unify(infer, expected, found, span, &ok);
    return ok;
}

bool nst_infer_unify_because(NstInfer *infer, NstType *expected, NstType *found, NstSpan span, NstSpan reason,
                             const char *label) {
    bool ok;
    NstDiag *diag = try_unify(infer, expected, found, span, &ok);
    if (diag) nst_infer_label(infer, diag, reason, label);
    return ok;
}
