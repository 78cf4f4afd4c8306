// Places, names and errors: what every part of lowering uses.
#include "frontend/lower_internal.h"

#include <stdarg.h>

NstSpan nst_lower_range_span(const NstLower *lower, uint32_t start, uint32_t end) {
    return (NstSpan){ lower->origin, start - lower->base, end - lower->base };
}

NstSpan nst_lower_span(const NstLower *lower, const NstNode *node) {
    return nst_lower_range_span(lower, node->start, node->end);
}

NstRange nst_lower_range(const NstNode *node) {
    return (NstRange){ node->start, node->end };
}

NstIdent nst_lower_ident(const NstLower *lower, const NstNode *node) {
    return (NstIdent){ nst_name(lower->text + node->start, node->end - node->start), nst_lower_span(lower, node) };
}

bool nst_lower_token_is(const NstLower *lower, const NstNode *node, const char *text) {
    size_t size = strlen(text);
    return node->end - node->start == size && memcmp(lower->text + node->start, text, size) == 0;
}

const NstNode *nst_lower_find_token(const NstLower *lower, const NstNode *node, const char *text) {
    for (uint32_t i = 0; i < node->child_count; i++)
        if (node->children[i].kind == NST_NODE_TOKEN && nst_lower_token_is(lower, &node->children[i], text))
            return &node->children[i];
    return NULL;
}

bool nst_lower_trailing_comma(const NstLower *lower, const NstNode *node) {
    if (node->child_count < 2) return false;
    const NstNode *last = &node->children[node->child_count - 2];
    return last->kind == NST_NODE_TOKEN && nst_lower_token_is(lower, last, ",");
}

void nst_lower_problem(NstLower *lower, NstRange at, const char *hint, const char *format, ...) {
    lower->errors = true;
    if (lower->problem_message && lower->problem.start <= at.start) return;
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    size_t size = (size_t)vsnprintf(NULL, 0, format, arguments) + 1;
    va_end(arguments);
    char *message = nst_arena_alloc(lower->arena, size);
    vsnprintf(message, size, format, again);
    va_end(again);
    lower->problem = at;
    lower->problem_message = message;
    lower->problem_hint = hint;
}

void nst_lower_problem_at(NstLower *lower, const NstNode *node, const char *message) {
    nst_lower_problem(lower, nst_lower_range(node), NULL, "%s", message);
}

void nst_lower_flush(NstLower *lower) {
    if (!lower->problem_message) return;
    NstSpan span = nst_lower_range_span(lower, lower->problem.start, lower->problem.end);
    NstDiag *diag = nst_diag_add(lower->diags, NST_DIAG_SYNTAX_ERROR, span, "%s", lower->problem_message);
    if (lower->problem_hint) nst_diag_hint(lower->diags, diag, "%s", lower->problem_hint);
    lower->problem_message = NULL;
    lower->problem_hint = NULL;
}
