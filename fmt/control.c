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

// The blocks of `if` and `try` break together.
static void join(NstPrinter *f, const NstNode *part, bool spread) {
    f->joined = is_block(part) || part->kind == NST_NODE_catch_arms;
    f->spread = f->joined && spread;
}

// The bracket at the end of a condition or subject that breaks before anything else in it, or null.
static const NstNode *last_bracket(NstPrinter *f, const NstNode *node) {
    while (node->kind == NST_NODE_unary_expression) node = &node->children[1];
    switch (node->kind) {
    case NST_NODE_call_expression:
    case NST_NODE_constructor_expression: return nst_only_bracket(f, node);
    case NST_NODE_parenthesized_expression:
    case NST_NODE_tuple_expression:
    case NST_NODE_list_expression:
    case NST_NODE_map_expression:
    case NST_NODE_set_expression: return node->child_count > 2 ? node : NULL;
    default: return NULL;
    }
}

// What stands between a word and `end`, which is `then` or a brace: it begins a line where the head is broken, unless
// the head is broken in its last bracket.
static void print_head(NstPrinter *f, const NstNode *at, const NstNode *end) {
    NstHug hug;
    uint32_t group = nst_doc_open(&f->doc);
    const NstNode *target = last_bracket(f, end - 1);
    nst_emit_blank(f);
    if (target) nst_hug_begin(f, &hug, target, group);
    for (; at < end; at++) {
        nst_print_node(f, at);
        if (at + 1 < end) nst_emit_blank(f);
    }
    if (target) nst_hug_end(f, &hug);
    nst_printer_offset(f, &f->free, end->start);
    nst_emit_line(f, 0);
    nst_close(f);
}

// An `if` with all that follow its `else`.
typedef struct IfChain {
    bool joined; // a branch with a condition is a block, and all blocks break together
    bool spread; // for one of them is written on lines
    bool kept;   // there are two conditions or more, and an `else` is written on a line of its own
} IfChain;

static IfChain read_chain(const NstPrinter *f, const NstNode *node) {
    IfChain chain = {0};
    bool newline = false;
    for (const NstNode *next = node; next; node = next) {
        next = NULL;
        for (uint32_t i = 0; i < node->child_count; i++) {
            const NstNode *child = &node->children[i];
            bool block = child->field != NST_FIELD_CONDITION && is_block(child);
            if (block) chain.spread |= nst_is_on_lines(f, child);
            if (child->field == NST_FIELD_CONSEQUENCE) chain.joined |= block;
            if (child->field != NST_FIELD_ALTERNATIVE) continue;
            newline |= nst_has_newline(f, child[-2].end, child[-1].start);
            if (child->kind == NST_NODE_if_expression) next = child;
        }
        if (next) chain.kept = true;
    }
    chain.kept &= newline;
    return chain;
}

// The condition and its branch; whether that is a block.
static bool print_condition(NstPrinter *f, const NstNode *node, const IfChain *chain, uint32_t group) {
    const NstNode *child = node->children;
    bool then = is_word(f, &child[2], "then");
    const NstNode *branch = &child[2 + then];
    nst_emit_token(f, child);
    if (then || is_block(branch)) {
        print_head(f, &child[1], &child[2]);
    } else {
        nst_emit_blank(f);
        nst_print_node(f, &child[1]);
        nst_printer_offset(f, &f->free, branch->start);
    }
    if (then) nst_emit_token(f, &child[2]);
    if (is_block(branch) && group) nst_doc_end_head(&f->doc, group);
    join(f, branch, chain->spread);
    if (then || !is_block(branch)) print_branch(f, branch, !then);
    else nst_print_node(f, branch);
    return is_block(branch);
}

// The branch of the last `else`. In rows only its bracket breaks; behind a block it stands on the line of that block's
// brace if it fits.
static void print_last_branch(NstPrinter *f, const NstNode *branch, const IfChain *chain, bool after_block, uint32_t group) {
    bool breaks = is_block(branch) || branch->kind == NST_NODE_match_expression || branch->kind == NST_NODE_receive_expression;
    const NstNode *target = breaks && !chain->joined ? nst_hug_target(f, branch) : NULL;
    bool alone = after_block && !is_block(branch);
    NstHug hug;
    if (chain->joined) join(f, branch, chain->spread);
    if (alone) nst_open(f);
    if (target) nst_hug_begin(f, &hug, target, group);
    print_branch(f, branch, false);
    if (target) nst_hug_end(f, &hug);
    if (alone) nst_close(f);
}

// `if` chains are one group: on one line; or a row for each condition with its branch, and for the last `else`; or
// every branch on lines of its own.
static void print_if(NstPrinter *f, const NstNode *node) {
    IfChain chain = read_chain(f, node);
    uint8_t row = chain.joined ? 0 : chain.kept ? NST_LINE_ROW | NST_LINE_HARD : NST_LINE_ROW;
    uint32_t group = nst_open_for(f, node);
    for (uint32_t first = group;; first = 0) {
        const NstNode *last = &node->children[node->child_count - 1];
        bool block = print_condition(f, node, &chain, first);
        if (last->field != NST_FIELD_ALTERNATIVE) break;
        if (block && !nst_gap_breaks(f)) nst_emit_blank(f);
        else nst_emit_line(f, row);
        nst_emit_token(f, last - 1);
        if (last->kind != NST_NODE_if_expression || nst_gap_breaks(f)) {
            print_last_branch(f, last, &chain, block, group);
            break;
        }
        nst_emit_blank(f);
        node = last;
    }
    nst_close(f);
}

static void print_loop(NstPrinter *f, const NstNode *node) {
    const NstNode *body = &node->children[node->child_count - 1];
    nst_open(f);
    nst_emit_token(f, node->children);
    if (is_block(body)) {
        print_head(f, node->children + 1, body);
        nst_print_node(f, body);
    } else {
        for (const NstNode *child = node->children + 1; child < body; child++) {
            nst_emit_blank(f);
            nst_print_node(f, child);
        }
        nst_printer_offset(f, &f->free, body->start);
        print_branch(f, body, true);
    }
    nst_close(f);
}

static void print_match(NstPrinter *f, const NstNode *node) {
    const NstNode *arms = &node->children[node->child_count - 1];
    nst_emit_token(f, node->children);
    print_head(f, node->children + 1, arms);
    nst_print_node(f, arms);
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
    case NST_NODE_match_expression: print_match(f, node); break;
    case NST_NODE_arm:
    case NST_NODE_after_clause: print_arm(f, node); break;
    case NST_NODE_try_expression: print_try(f, node); break;
    case NST_NODE_lambda: print_lambda(f, node); break;
    default: print_words(f, node);
    }
}
