// The table from node kinds to their printing, and everything that is printed in one piece.
#include "fmt/printer.h"

#include <string.h>

static const NstListStyle tight = {0};
static const NstListStyle tight_comma = {.trailing_comma = true};
static const NstListStyle literal = {.trailing_comma = true, .keeps_open = true};

static bool is_simple_number(const NstNode *node) {
    switch (node->kind) {
    case NST_NODE_TOKEN:
    case NST_NODE_integer:
    case NST_NODE_sized_integer:
    case NST_NODE_big_integer:
    case NST_NODE_float:
    case NST_NODE_float32:
    case NST_NODE_decimal:
    case NST_NODE_character:
    case NST_NODE_boolean:
        return true;
    case NST_NODE_unary_expression:
        return is_simple_number(&node->children[1]);
    default:
        return false;
    }
}

// Lists of numbers fill their lines.
static bool fills(const NstNode *list) {
    for (uint32_t i = 0; i < list->child_count; i++)
        if (!is_simple_number(&list->children[i])) return false;
    return true;
}

// Parts that follow each other without blanks, but for those around or after some tokens.
static void print_parts(NstPrinter *f, const NstNode *node) {
    static const char *const around = " = -> + | as ";
    for (uint32_t i = 0; i < node->child_count; i++) {
        const NstNode *child = &node->children[i];
        char word[8] = " ";
        size_t size = child->end - child->start;
        if (child->kind == NST_NODE_TOKEN && size < 5) {
            memcpy(word + 1, f->text + child->start, size);
            memcpy(word + 1 + size, " ", 2);
        }
        bool spaced = word[1] && strstr(around, word);
        bool fields = node->kind == NST_NODE_constructor && child->kind == NST_NODE_record_type; // `Circle { r: Float }`
        if (spaced || fields) nst_emit_blank(f);
        nst_print_node(f, child);
        if (spaced || strcmp(word, " : ") == 0 || child->kind == NST_NODE_private) nst_emit_blank(f);
    }
}

static void print_cover(NstPrinter *f, const NstNode *node, bool cover) {
    bool before = f->cover;
    f->cover = cover;
    nst_print_node(f, node);
    f->cover = before;
}

// Bindings, local functions, and arguments with names: what is read as a pattern or type, and the value.
static void print_binding(NstPrinter *f, const NstNode *node) {
    for (uint32_t i = 0; i < node->child_count; i++) {
        const NstNode *child = &node->children[i];
        bool token = child->kind == NST_NODE_TOKEN || child->kind == NST_NODE_var;
        if (token && nst_is(f, child, "=")) {
            nst_printer_offset(f, &f->free, child->start);
            nst_emit_blank(f);
            nst_emit_token(f, child);
            bool before = f->cover;
            f->cover = false;
            nst_print_value(f, &node->children[++i]);
            f->cover = before;
        } else if (token) {
            if (nst_is(f, child, "->")) nst_emit_blank(f);
            nst_emit_token(f, child);
            nst_emit_blank(f);
        } else {
            bool place = child->kind == NST_NODE_field_expression || child->kind == NST_NODE_index_expression;
            print_cover(f, child, f->cover || !place || child->field != NST_FIELD_LEFT);
        }
    }
}

static void print_default(NstPrinter *f, const NstNode *node) {
    bool before = f->cover;
    for (uint32_t i = 0; i < node->child_count; i++) {
        const NstNode *child = &node->children[i];
        bool equals = child->kind == NST_NODE_TOKEN && nst_is(f, child, "=");
        if (equals) nst_emit_blank(f);
        f->cover = before && child->field != NST_FIELD_DEFAULT && child->field != NST_FIELD_VALUE;
        if (node->kind == NST_NODE_named_argument && child->field == NST_FIELD_VALUE) f->cover = before;
        nst_print_node(f, child);
        f->cover = before;
        if (child->kind == NST_NODE_TOKEN) nst_emit_blank(f);
    }
}

static void print_send(NstPrinter *f, const NstNode *node) {
    nst_print_node(f, &node->children[0]);
    nst_emit_blank(f);
    nst_emit_token(f, &node->children[1]);
    nst_print_value(f, &node->children[2]);
}

static void print_unary(NstPrinter *f, const NstNode *node) {
    // Operators nest without a limit of their own.
    for (; node->kind == NST_NODE_unary_expression; node = &node->children[1]) {
        nst_emit_token(f, &node->children[0]);
        if (nst_is(f, &node->children[0], "not")) nst_emit_blank(f);
    }
    nst_print_node(f, node);
}

static void print_operand(NstPrinter *f, const NstNode *node) {
    nst_emit_token(f, &node->children[0]);
    if (node->child_count < 2) return;
    nst_emit_blank(f);
    nst_print_node(f, &node->children[1]);
}

static void print_parentheses(NstPrinter *f, const NstNode *node) {
    nst_print_list(f, node, (NstListStyle){.hug = true});
}

// ---- Strings ----------------------------------------------------------------------------

// The code of an interpolation is formatted on one line; if it is not written on one line, or has comments, the string
// is left as it is.
static bool is_plain_string(const NstPrinter *f, const NstNode *node) {
    bool code = false;
    for (uint32_t i = 0; i < node->child_count; i++) {
        const NstNode *child = &node->children[i];
        if (child->kind != NST_NODE_interpolation) continue;
        code = true;
        for (uint32_t at = child->start; at < child->end; at++)
            if (f->text[at] == '\n' || f->text[at] == '#') return true;
    }
    return !code;
}

void nst_print_string(NstPrinter *f, const NstNode *node) {
    NstNode whole = {.kind = NST_NODE_TOKEN, .start = node->start, .end = node->end};
    if (is_plain_string(f, node)) {
        nst_emit_token(f, &whole);
        return;
    }
    whole.end = node->children[0].end;
    for (uint32_t i = 1; i < node->child_count; i++) {
        const NstNode *child = &node->children[i];
        if (child->kind != NST_NODE_interpolation) {
            whole.end = child->end;
            continue;
        }
        whole.end = child->children[0].end; // `${`
        nst_emit_token(f, &whole);
        f->flat++;
        nst_open(f);
        nst_print_node(f, &child->children[1]);
        nst_close(f);
        f->flat--;
        whole.start = whole.end = child->end - 1; // `}`
        if (i + 1 == node->child_count) whole.end = child->end;
    }
    nst_emit_token(f, &whole);
}

// ---- All nodes --------------------------------------------------------------------------

static bool is_cover_block(const NstPrinter *f, const NstNode *node) {
    if (f->cover) return true;
    for (uint32_t i = 0; i < node->child_count; i++)
        if (node->children[i].kind == NST_NODE_record_field) return true;
    return false;
}

static void print_arguments(NstPrinter *f, const NstNode *node) {
    bool constructor = node->kind == NST_NODE_constructor_arguments;
    nst_print_list(f, node, (NstListStyle){.hug = !f->cover, .trailing_comma = constructor && !f->cover, .keeps_open = !f->cover});
}

void nst_print_node(NstPrinter *f, const NstNode *node) {
    bool bare = f->bare;
    f->bare = false;
    if (node->kind == NST_NODE_string) {
        nst_print_string(f, node);
        return;
    }
    if (!node->child_count) {
        nst_emit_token(f, node);
        return;
    }
    switch (node->kind) {
    case NST_NODE_block:
        if (is_cover_block(f, node)) nst_print_list(f, node, tight);
        else nst_print_block(f, node);
        break;
    case NST_NODE_do_block:
    case NST_NODE_match_arms:
    case NST_NODE_catch_arms:
    case NST_NODE_receive_arms:
        nst_print_block(f, node);
        break;
    case NST_NODE_operator_name: nst_print_node(f, &node->children[0]); break;
    case NST_NODE_binary_expression: nst_print_binary(f, node, bare); break;
    case NST_NODE_send_expression: print_send(f, node); break;
    case NST_NODE_unary_expression: print_unary(f, node); break;
    case NST_NODE_call_expression:
    case NST_NODE_constructor_expression:
    case NST_NODE_index_expression:
    case NST_NODE_field_expression:
    case NST_NODE_tuple_element_expression:
    case NST_NODE_propagate_expression: nst_print_chain(f, node); break;
    case NST_NODE_arguments:
    case NST_NODE_constructor_arguments: print_arguments(f, node); break;
    case NST_NODE_parenthesized_expression: print_parentheses(f, node); break;
    case NST_NODE_list_expression: nst_print_list(f, node, (NstListStyle){.fill = fills(node)}); break;
    case NST_NODE_parameters:
    case NST_NODE_template_parameters:
    case NST_NODE_extern_parameters:
    case NST_NODE_decorator_arguments:
    case NST_NODE_positional_fields:
    case NST_NODE_unit:
    case NST_NODE_tuple_expression:
    case NST_NODE_parenthesized_pattern:
    case NST_NODE_tuple_pattern:
    case NST_NODE_list_pattern:
    case NST_NODE_positional_patterns:
    case NST_NODE_unit_type:
    case NST_NODE_parenthesized_type:
    case NST_NODE_tuple_type:
    case NST_NODE_list_type: nst_print_list(f, node, tight); break;
    case NST_NODE_use_list: nst_print_list(f, node, literal); break;
    case NST_NODE_map_expression:
    case NST_NODE_set_expression: nst_print_list(f, node, f->cover ? tight_comma : literal); break;
    case NST_NODE_type_parameters:
    case NST_NODE_type_arguments:
    case NST_NODE_field_patterns:
    case NST_NODE_named_patterns:
    case NST_NODE_map_pattern:
    case NST_NODE_set_pattern: nst_print_list(f, node, tight_comma); break;
    case NST_NODE_record_type:
        nst_print_list(f, node, (NstListStyle){.blanks = true, .trailing_comma = true, .keeps_open = true});
        break;
    case NST_NODE_binding:
    case NST_NODE_typed_binding:
    case NST_NODE_var_binding:
    case NST_NODE_local_function: print_binding(f, node); break;
    case NST_NODE_named_argument:
    case NST_NODE_default_argument: print_default(f, node); break;
    case NST_NODE_record_pattern_cover:
    case NST_NODE_alternative_cover:
    case NST_NODE_typed_element: {
        bool cover = f->cover;
        f->cover = true;
        print_parts(f, node);
        f->cover = cover;
        break;
    }
    case NST_NODE_if_expression:
    case NST_NODE_while_expression:
    case NST_NODE_for_expression:
    case NST_NODE_match_expression:
    case NST_NODE_receive_expression:
    case NST_NODE_try_expression:
    case NST_NODE_spawn_expression:
    case NST_NODE_quote_expression:
    case NST_NODE_arm:
    case NST_NODE_after_clause:
    case NST_NODE_lambda: nst_print_control(f, node); break;
    case NST_NODE_return_expression:
    case NST_NODE_break_expression: print_operand(f, node); break;
    default:
        if (nst_is_item(node) || node->kind == NST_NODE_variant_body) nst_print_item(f, node);
        else print_parts(f, node);
    }
}
