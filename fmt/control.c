// Control structures.
#include "fmt/printer.h"

#include <string.h>

static bool is_block(const NstNode *node) {
    return node->kind == NST_NODE_block || node->kind == NST_NODE_do_block;
}

// Without `then`, a newline is what keeps some branches from continuing the condition.
static bool would_continue(const NstPrinter *f, const NstNode *branch) {
    return nst_is_one_of(f->text[branch->start], "([-.?{<>=+*/%&|:#") && f->text[branch->start] != '{';
}

// A branch or body: a block follows on the line, anything else on the line if the whole construct fits there.
static void print_branch(NstPrinter *f, const NstNode *branch, bool after_head) {
    bool lines = nst_gap_breaks(f);
    if (is_block(branch) && !lines) {
        nst_emit_blank(f);
        nst_print_node(f, branch);
        return;
    }
    f->joined = f->spread = false;
    uint8_t flags = after_head && nst_gap_has_newline(f) && would_continue(f, branch) ? NST_LINE_HARD : 0;
    nst_indent(f);
    nst_emit_line(f, flags);
    f->bare = true;
    nst_print_node(f, branch);
    nst_dedent(f);
}

static bool is_word(const NstPrinter *f, const NstNode *node, const char *word) {
    return node->kind == NST_NODE_TOKEN && nst_is(f, node, word);
}

bool nst_is_block_construct(const NstNode *node) {
    uint16_t first = node->kind == NST_NODE_if_expression ? NST_FIELD_CONSEQUENCE : NST_FIELD_BODY;
    return is_block(nst_node_field(node, first));
}

const NstNode *nst_if_tail(const NstPrinter *f, const NstNode *node) {
    const NstNode *tail = nst_node_field(node, NST_FIELD_ALTERNATIVE);
    if (!tail || nst_is_block_construct(node)) return NULL;
    bool breaks = is_block(tail) || tail->kind == NST_NODE_match_expression || tail->kind == NST_NODE_receive_expression;
    return breaks ? nst_hug_target(f, tail) : NULL;
}

// The blocks of `if` and `try` break together.
static void join(NstPrinter *f, const NstNode *part, bool spread) {
    f->joined = is_block(part) || part->kind == NST_NODE_catch_arms;
    f->spread = f->joined && spread;
}

// Whether a branch of the chain is a block that is written on lines.
static bool has_block_on_lines(const NstPrinter *f, const NstNode *node) {
    for (const NstNode *next = node; next; node = next) {
        next = NULL;
        for (uint32_t i = 0; i < node->child_count; i++) {
            const NstNode *child = &node->children[i];
            if (child->field == NST_FIELD_ALTERNATIVE && child->kind == NST_NODE_if_expression) next = child;
            if (child->field != NST_FIELD_CONDITION && is_block(child) && nst_is_on_lines(f, child)) return true;
        }
    }
    return false;
}

// `if` chains are one group: either all on one line or every branch on lines of its own. Only `if … then X else {` may
// break the block alone.
static void print_if(NstPrinter *f, const NstNode *node) {
    bool spread = !f->flat && has_block_on_lines(f, node);
    const NstNode *target = nst_if_tail(f, node);
    NstHug hug;
    uint32_t group = nst_open_for(f, node);
    for (;;) {
        const NstNode *child = node->children, *end = child + node->child_count;
        nst_emit_token(f, child++);
        nst_emit_blank(f);
        nst_print_node(f, child++);
        bool then = is_word(f, child, "then");
        if (then) {
            nst_emit_blank(f);
            nst_emit_token(f, child++);
        } else {
            nst_printer_offset(f, &f->free, child->start);
        }
        join(f, child, spread);
        print_branch(f, child, !then);
        bool block = is_block(child++);
        if (child == end) break;
        if (block && !nst_gap_breaks(f)) nst_emit_blank(f);
        else nst_emit_line(f, 0);
        nst_emit_token(f, child++);
        if (child->kind != NST_NODE_if_expression || nst_gap_breaks(f)) {
            if (target) nst_hug_begin(f, &hug, target, group);
            else join(f, child, spread);
            print_branch(f, child, false);
            if (target) nst_hug_end(f, &hug);
            break;
        }
        nst_emit_blank(f);
        node = child;
    }
    nst_close(f);
}

static void print_loop(NstPrinter *f, const NstNode *node) {
    uint32_t body = node->child_count - 1;
    nst_open(f);
    for (uint32_t i = 0; i < body; i++) {
        nst_print_node(f, &node->children[i]);
        if (i + 1 < body) nst_emit_blank(f);
    }
    nst_printer_offset(f, &f->free, node->children[body].start);
    print_branch(f, &node->children[body], true);
    nst_close(f);
}

// Words and parts with one blank between; an arm list or a `catch` may stand on a further line of the text, but that
// newline means nothing.
static void print_words(NstPrinter *f, const NstNode *node) {
    bool is_call = node->child_count == 2 && node->children[1].kind == NST_NODE_parenthesized_expression &&
                   node->children[1].field == NST_FIELD_BODY;
    for (uint32_t i = 0; i < node->child_count; i++) {
        const NstNode *child = &node->children[i];
        if (i) nst_printer_offset(f, &f->free, child->start);
        if (i && !is_call) nst_emit_blank(f);
        nst_print_node(f, child);
    }
}

static void print_try(NstPrinter *f, const NstNode *node) {
    bool spread = false;
    for (uint32_t i = 0; i < node->child_count && !f->flat; i++) {
        const NstNode *child = &node->children[i];
        if ((is_block(child) || child->kind == NST_NODE_catch_arms) && nst_is_on_lines(f, child)) spread = true;
    }
    nst_open_for(f, node);
    for (uint32_t i = 0; i < node->child_count; i++) {
        const NstNode *child = &node->children[i];
        if (i) {
            nst_printer_offset(f, &f->free, child->start);
            nst_emit_blank(f);
        }
        join(f, child, spread);
        nst_print_node(f, child);
    }
    nst_close(f);
}

static void print_arm(NstPrinter *f, const NstNode *node) {
    for (uint32_t i = 0; i < node->child_count; i++) {
        const NstNode *child = &node->children[i];
        if (i) {
            if (is_word(f, &node->children[i - 1], "->")) {
                nst_print_value(f, child);
                continue;
            }
            nst_emit_blank(f);
        }
        nst_print_node(f, child);
    }
}

static void print_lambda(NstPrinter *f, const NstNode *node) {
    bool cover = f->cover;
    for (uint32_t i = 0; i < node->child_count; i++) {
        const NstNode *child = &node->children[i];
        if (child->field == NST_FIELD_BODY) {
            nst_print_value(f, child);
            continue;
        }
        if (i) nst_emit_blank(f);
        f->cover = cover || child->field == NST_FIELD_PARAMETERS;
        nst_print_node(f, child);
        f->cover = cover;
    }
}

void nst_print_control(NstPrinter *f, const NstNode *node) {
    switch (node->kind) {
    case NST_NODE_if_expression: print_if(f, node); break;
    case NST_NODE_while_expression:
    case NST_NODE_for_expression: print_loop(f, node); break;
    case NST_NODE_arm:
    case NST_NODE_after_clause: print_arm(f, node); break;
    case NST_NODE_try_expression: print_try(f, node); break;
    case NST_NODE_lambda: print_lambda(f, node); break;
    default: print_words(f, node);
    }
}
