// What follows `=`, `->`, `=>` and `<-`.
#include "fmt/printer.h"

static bool is_pipeline(const NstPrinter *f, const NstNode *node) {
    return node->kind == NST_NODE_binary_expression && nst_is(f, &node->children[1], "|>");
}

// Whether the value can be broken so that its first line still follows on the line before it.
bool nst_breaks_itself(const NstPrinter *f, const NstNode *value) {
    switch (value->kind) {
    case NST_NODE_block:
    case NST_NODE_do_block:
    case NST_NODE_match_expression:
    case NST_NODE_receive_expression:
    case NST_NODE_try_expression:
    case NST_NODE_if_expression:
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
    case NST_NODE_call_expression:
    case NST_NODE_constructor_expression:
    case NST_NODE_lambda:
    case NST_NODE_binding:
    case NST_NODE_typed_binding:
    case NST_NODE_record_type:
    case NST_NODE_tuple_type:
    case NST_NODE_variant_body:
        return true;
    case NST_NODE_unary_expression:
    case NST_NODE_splice_expression:
    case NST_NODE_propagate_expression:
        return nst_breaks_itself(f, nst_node_field(value, NST_FIELD_OPERAND));
    case NST_NODE_binary_expression:
        return is_pipeline(f, value);
    default:
        return false;
    }
}

void nst_print_value(NstPrinter *f, const NstNode *value) {
    if (value->kind == NST_NODE_variant_body) {
        nst_print_node(f, value);
    } else if (nst_breaks_itself(f, value) && !nst_gap_breaks(f)) {
        nst_emit_blank(f);
        nst_print_node(f, value);
    } else {
        nst_open(f);
        nst_indent(f);
        nst_emit_line(f, 0);
        f->bare = true;
        nst_print_node(f, value);
        nst_dedent(f);
        nst_close(f);
    }
}
