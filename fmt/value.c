// What follows `=`, `->`, `=>` and `<-`.
#include "fmt/printer.h"

typedef enum Place {
    ON_LINE,       // its first line follows; it can be broken so
    LINE_OR_BELOW, // the same, unless it stands on one line below
    BELOW,         // below, if it does not fit on the line
} Place;

static bool is_pipeline(const NstPrinter *f, const NstNode *node) {
    return node->kind == NST_NODE_binary_expression && nst_is(f, &node->children[1], "|>");
}

static Place place_of(NstPrinter *f, const NstNode *value) {
    switch (value->kind) {
    case NST_NODE_block:
    case NST_NODE_do_block:
    case NST_NODE_receive_expression:
    case NST_NODE_try_expression:
    case NST_NODE_while_expression:
    case NST_NODE_for_expression:
    case NST_NODE_spawn_expression:
    case NST_NODE_quote_expression:
    case NST_NODE_return_expression:
    case NST_NODE_break_expression:
    case NST_NODE_list_expression:
    case NST_NODE_map_expression:
    case NST_NODE_set_expression:
    case NST_NODE_tuple_expression:
    case NST_NODE_parenthesized_expression:
    case NST_NODE_unit:
    case NST_NODE_binding:
    case NST_NODE_typed_binding:
    case NST_NODE_record_type:
    case NST_NODE_tuple_type:
    case NST_NODE_variant_body:
        return ON_LINE;
    case NST_NODE_call_expression:
    case NST_NODE_constructor_expression:
        return nst_is_long_chain(f, value) ? ON_LINE : LINE_OR_BELOW;
    case NST_NODE_match_expression:
    case NST_NODE_lambda:
        return LINE_OR_BELOW;
    case NST_NODE_if_expression:
        return nst_is_block_construct(value) ? LINE_OR_BELOW : BELOW;
    case NST_NODE_unary_expression:
    case NST_NODE_splice_expression:
    case NST_NODE_propagate_expression:
        return place_of(f, nst_node_field(value, NST_FIELD_OPERAND));
    case NST_NODE_binary_expression:
        return is_pipeline(f, value) ? ON_LINE : BELOW;
    default:
        return BELOW;
    }
}

// The bracket up to which the value must fit on the line, or null if all of it must.
static const NstNode *target_of(NstPrinter *f, const NstNode *value) {
    if (nst_is_postfix(value)) return nst_chain_target(f, value);
    if (value->kind == NST_NODE_match_expression || value->kind == NST_NODE_if_expression) return nst_hug_target(f, value);
    if (value->kind != NST_NODE_lambda) return NULL;
    const NstNode *target = nst_hug_target(f, value);
    return target ? target : nst_lambda_body(f, value);
}

bool nst_may_stand_below(NstPrinter *f, const NstNode *value) {
    return place_of(f, value) != ON_LINE;
}

void nst_print_value(NstPrinter *f, const NstNode *value) {
    Place place = nst_gap_breaks(f) ? BELOW : place_of(f, value);
    if (f->hugs && f->hugs->target == value && f->hugs->below) place = BELOW;
    if (value->kind == NST_NODE_variant_body) {
        nst_print_node(f, value);
    } else if (place == ON_LINE) {
        nst_emit_blank(f);
        nst_print_node(f, value);
    } else {
        NstHug hug;
        const NstNode *target = place == BELOW ? NULL : target_of(f, value);
        uint32_t group = nst_open_for(f, value);
        if (place == LINE_OR_BELOW) nst_doc_set(&f->doc, group, NST_GROUP_BELOW);
        nst_indent(f);
        nst_emit_line(f, 0);
        f->bare = true;
        if (target) nst_hug_begin(f, &hug, target, group);
        nst_print_node(f, value);
        if (target) nst_hug_end(f, &hug);
        nst_dedent(f);
        nst_close(f);
    }
}
