#include "fmt/printer.h"

#include <string.h>

// The bracket that may break alone when `node` is the last element: the body of a lambda, the arms of a match, …
const NstNode *nst_hug_target(const NstPrinter *f, const NstNode *node) {
    for (;;) {
        switch (node->kind) {
        case NST_NODE_block:
        case NST_NODE_do_block:
            return f->cover || node->child_count < 3 ? NULL : node;
        case NST_NODE_list_expression:
        case NST_NODE_map_expression:
        case NST_NODE_set_expression:
        case NST_NODE_match_arms:
        case NST_NODE_receive_arms:
            return node->child_count > 2 ? node : NULL;
        case NST_NODE_try_expression:
        case NST_NODE_if_expression: return nst_is_block_construct(node) ? node : NULL;
        case NST_NODE_lambda:
        case NST_NODE_spawn_expression:
        case NST_NODE_quote_expression:
            node = nst_node_field(node, NST_FIELD_BODY);
            break;
        case NST_NODE_named_argument:
        case NST_NODE_default_argument:
        case NST_NODE_constructor_field:
            node = nst_node_field(node, NST_FIELD_VALUE);
            break;
        case NST_NODE_match_expression:
        case NST_NODE_receive_expression:
            node = nst_node_field(node, NST_FIELD_ARMS);
            break;
        default:
            return NULL;
        }
        if (!node) return NULL;
    }
}

static bool is_bar(const NstPrinter *f, const NstNode *node) {
    return node->kind == NST_NODE_TOKEN && nst_is(f, node, "|");
}

static bool is_comma(const NstPrinter *f, const NstNode *node) {
    return node->kind == NST_NODE_TOKEN && nst_is(f, node, ",");
}

bool nst_is_literal_bracket(uint16_t kind) {
    return kind == NST_NODE_list_expression || kind == NST_NODE_map_expression || kind == NST_NODE_set_expression;
}

static bool is_call(const NstNode *node) {
    return node->kind == NST_NODE_call_expression || node->kind == NST_NODE_constructor_expression;
}

const NstNode *nst_lambda_body(NstPrinter *f, const NstNode *node) {
    while (node && node->kind == NST_NODE_lambda) {
        node = nst_node_field(node, NST_FIELD_BODY);
        if (node && node->kind != NST_NODE_lambda && nst_may_stand_below(f, node)) return node;
    }
    return NULL;
}

typedef struct Hug {
    const NstNode *target; // or null
    bool body;             // of a lambda, below its `=>`
    bool sole;             // the brackets of a call that is the only element
} Hug;

// The last element of a list breaks alone only if no other is of its kind.
static Hug find_hug(NstPrinter *f, const NstNode *node, uint32_t first, uint32_t last) {
    const NstNode *element = NULL;
    for (uint32_t i = last; i-- > first && !element;)
        if (!is_comma(f, &node->children[i])) element = &node->children[i];
    if (!element) return (Hug){0};
    Hug hug = {.target = nst_hug_target(f, element)};
    bool named = element->kind == NST_NODE_named_argument;
    const NstNode *value = named ? nst_node_field(element, NST_FIELD_VALUE) : element;
    if (!hug.target) hug.body = (hug.target = nst_lambda_body(f, value)) != NULL;
    if (!hug.target && element == &node->children[first] && is_call(element))
        hug.sole = (hug.target = nst_only_bracket(f, element)) != NULL;
    for (uint32_t i = first; hug.target && i < last; i++) {
        const NstNode *other = &node->children[i];
        if (other != element && other->kind == element->kind && !is_comma(f, other)) return (Hug){0};
    }
    return hug;
}

static void print_list_elements(NstPrinter *f, const NstNode *node, uint32_t first, uint32_t last, NstListStyle style) {
    uint8_t between = style.fill ? NST_LINE_FILL : 0;
    for (uint32_t i = first; i < last; i++) {
        const NstNode *child = &node->children[i];
        if (is_comma(f, child) && i + 1 == last) {
            nst_drop_token(f, child);
            nst_emit_comma_if_broken(f);
            if (!f->flat && style.keeps_open) nst_doc_force(&f->doc);
        } else if (is_comma(f, child)) {
            nst_emit_separator(f, child);
            nst_emit_line(f, between);
        } else if (is_bar(f, child)) {
            nst_emit_line(f, 0);
            nst_emit_token(f, child);
            nst_emit_blank(f);
        } else {
            nst_print_node(f, child);
            bool ends = i + 1 == last;
            if (ends && style.trailing_comma) nst_emit_comma_if_broken(f);
            if (!ends && !is_comma(f, child + 1) && !is_bar(f, child + 1)) nst_emit_line(f, NST_LINE_HARD);
        }
    }
}

// Brackets in patterns, types and heads go on with what stands before them even on a line of their own; those in
// expressions do not.
static bool always_continues(const NstNode *node) {
    switch (node->kind) {
    case NST_NODE_parameters:
    case NST_NODE_template_parameters:
    case NST_NODE_extern_parameters:
    case NST_NODE_type_parameters:
    case NST_NODE_decorator_arguments:
    case NST_NODE_positional_fields:
    case NST_NODE_positional_patterns:
    case NST_NODE_named_patterns:
    case NST_NODE_field_patterns:
        return true;
    default:
        return false;
    }
}

void nst_print_list(NstPrinter *f, const NstNode *node, NstListStyle style) {
    uint32_t first = 0, last = node->child_count - 1;
    const NstNode *close = &node->children[last];
    uint8_t edge = style.blanks ? 0 : NST_LINE_SOFT;
    NstHug hugs;
    if (always_continues(node)) nst_printer_offset(f, &f->free, node->start);
    uint32_t group = nst_open_for(f, node);
    do nst_emit_token(f, &node->children[first]);
    while (nst_is(f, &node->children[first++], "%")); // `%` `{`
    Hug hug = style.hug ? find_hug(f, node, first, last) : (Hug){0};
    if (hug.sole) nst_doc_set(&f->doc, group, NST_GROUP_SOLE);
    nst_indent(f);
    if (first < last) {
        nst_emit_line(f, edge);
        if (hug.target) nst_hug_begin(f, &hugs, hug.target, group);
        hugs.below = hug.body;
        print_list_elements(f, node, first, last, style);
        if (hug.target) nst_hug_end(f, &hugs);
    }
    nst_read_gap(f);
    bool breaks = first < last || f->piece_count;
    nst_emit_dangling(f);
    nst_dedent(f);
    if (first == last) edge = NST_LINE_SOFT;
    if (breaks) nst_emit_line(f, hug.body ? edge | NST_LINE_HUG : edge);
    nst_emit_token(f, close);
    nst_close(f);
}
