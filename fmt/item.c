#include "fmt/printer.h"

#include <string.h>

bool nst_is_item(const NstNode *node) {
    switch (node->kind) {
    case NST_NODE_module_declaration:
    case NST_NODE_use_declaration:
    case NST_NODE_function_declaration:
    case NST_NODE_template_declaration:
    case NST_NODE_type_declaration:
    case NST_NODE_trait_declaration:
    case NST_NODE_impl_declaration:
    case NST_NODE_trait_method:
    case NST_NODE_impl_method:
    case NST_NODE_const_declaration:
    case NST_NODE_mvar_declaration:
    case NST_NODE_binding_declaration:
    case NST_NODE_test_declaration:
    case NST_NODE_extern_type_declaration:
    case NST_NODE_extern_function_declaration:
        return true;
    default:
        return false;
    }
}

static void print_use(NstPrinter *f, const NstNode *node) {
    for (uint32_t i = 0; i < node->child_count; i++) {
        const NstNode *child = &node->children[i];
        bool as = child->kind == NST_NODE_TOKEN && nst_is(f, child, "as");
        if (as) nst_emit_blank(f);
        nst_printer_offset(f, &f->free, child->start);
        nst_print_node(f, child);
        if (as || i == 0) nst_emit_blank(f);
    }
}

// `A | B(Int)`, or every constructor on a line of its own behind its bar.
static void print_variants(NstPrinter *f, const NstNode *node) {
    uint32_t i = 0;
    bool bar = node->child_count && node->children[0].kind == NST_NODE_TOKEN;
    bool lone = node->child_count == 2 && node->children[1].child_count < 2;
    bool lines = false;
    for (uint32_t k = 0; k + 1 < node->child_count; k++)
        if (nst_has_newline(f, node->children[k].end, node->children[k + 1].start)) lines = true;
    nst_open(f);
    nst_indent(f);
    if (lines) nst_doc_force(&f->doc);
    nst_emit_line(f, 0);
    if (bar && lone) {
        nst_emit_token(f, &node->children[i++]);
        nst_emit_blank(f);
    } else {
        if (bar) nst_drop_token(f, &node->children[i++]);
        nst_emit_dangling(f);
        nst_emit_if_broken(f, "| ");
    }
    for (; i < node->child_count; i++) {
        const NstNode *child = &node->children[i];
        if (child->kind == NST_NODE_TOKEN) {
            nst_printer_offset(f, &f->free, child->start);
            nst_emit_line(f, 0);
            nst_emit_token(f, child);
            nst_emit_blank(f);
        } else {
            nst_print_node(f, child);
        }
    }
    nst_dedent(f);
    nst_close(f);
}

static bool is_word_before(const NstPrinter *f, const NstNode *token) {
    static const char *const words[] = {"module", "type",  "reactive", "trait", "template", "test",
                                        "const",  "mvar", "extern",   "var",   "pub"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (nst_is(f, token, words[i])) return true;
    return false;
}

static bool is_spaced(const NstPrinter *f, const NstNode *token) {
    static const char *const words[] = {"when", "->", "+", "from"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (nst_is(f, token, words[i])) return true;
    return false;
}

// A long head is broken at its parameters; only what still does not fit is broken in the type of the result.
static void print_parameters(NstPrinter *f, const NstNode *parameters) {
    NstHug hug;
    uint32_t group = nst_doc_open(&f->doc);
    bool breaks = parameters->child_count > 2;
    if (breaks) nst_hug_begin(f, &hug, parameters, group);
    nst_print_node(f, parameters);
    if (breaks) nst_hug_end(f, &hug);
}

// Declarations are words, a head, and perhaps `=` and a value, or members and `end`.
static void print_declaration(NstPrinter *f, const NstNode *node, bool members) {
    bool has_result = nst_node_field(node, NST_FIELD_RETURN_TYPE);
    for (uint32_t i = 0; i < node->child_count; i++) {
        const NstNode *child = &node->children[i];
        bool word = child->kind == NST_NODE_TOKEN || child->kind == NST_NODE_pub || child->kind == NST_NODE_var;
        if (members && (nst_is_item(child) || i + 1 == node->child_count)) {
            nst_print_members(f, node, i);
            return;
        }
        if (child->kind == NST_NODE_decorator) {
            nst_print_node(f, child);
            nst_printer_offset(f, &f->free, node->children[i + 1].start);
            nst_emit_line(f, NST_LINE_HARD);
        } else if (child->field == NST_FIELD_PARAMETERS && has_result) {
            print_parameters(f, child);
        } else if (child->field == NST_FIELD_RETURN_TYPE) {
            nst_print_node(f, child);
            nst_close(f);
        } else if (!word) {
            nst_print_node(f, child);
        } else if (nst_is(f, child, "=")) {
            nst_printer_offset(f, &f->free, child->start);
            nst_emit_blank(f);
            nst_emit_token(f, child);
            nst_print_value(f, &node->children[++i]);
        } else if (is_word_before(f, child) || nst_is(f, child, ":") || nst_is(f, child, ",")) {
            nst_emit_token(f, child);
            nst_emit_blank(f);
        } else if (is_spaced(f, child)) {
            nst_emit_blank(f);
            nst_emit_token(f, child);
            nst_emit_blank(f);
        } else {
            nst_emit_token(f, child);
        }
    }
}

void nst_print_item(NstPrinter *f, const NstNode *node) {
    switch (node->kind) {
    case NST_NODE_use_declaration:
        print_use(f, node);
        break;
    case NST_NODE_module_declaration:
    case NST_NODE_trait_declaration:
    case NST_NODE_impl_declaration:
        print_declaration(f, node, true);
        break;
    case NST_NODE_variant_body:
        print_variants(f, node);
        break;
    default:
        print_declaration(f, node, false);
    }
}
