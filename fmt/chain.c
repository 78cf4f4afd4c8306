// Postfix forms: calls, fields, indexes. A chain of method calls is one group: on one line, or every further call on
// a line of its own.
#include "fmt/printer.h"

#include <string.h>

enum {
    LONG_CHAIN = 3, // calls; such a chain is broken rather than put below
};

typedef struct Segment {
    const NstNode *dot, *name;  // `.name`, or null
    const NstNode *bracket;     // arguments, or the index_expression; null for `.name` and `?`
    const NstNode *mark;        // `?`
} Segment;

typedef struct Chain {
    const NstNode *head;
    Segment *segments;          // last first while collected, then in order
    size_t count, capacity;
} Chain;

bool nst_is_postfix(const NstNode *node) {
    switch (node->kind) {
    case NST_NODE_call_expression:
    case NST_NODE_constructor_expression:
    case NST_NODE_index_expression:
    case NST_NODE_field_expression:
    case NST_NODE_tuple_element_expression:
    case NST_NODE_propagate_expression:
        return true;
    default:
        return false;
    }
}

static void push(NstPrinter *f, Chain *chain, Segment segment) {
    NST_PUSH(f->arena, chain->segments, chain->count, chain->capacity, segment);
}

// Chains nest to the left without limit, so this is a loop.
static Chain flatten(NstPrinter *f, const NstNode *node) {
    Chain chain = {0};
    for (; nst_is_postfix(node); node = &node->children[0]) {
        const NstNode *children = node->children;
        uint32_t count = node->child_count;
        if (node->kind == NST_NODE_call_expression) {
            push(f, &chain, (Segment){.bracket = &children[1]});
        } else if (node->kind == NST_NODE_constructor_expression) {
            push(f, &chain, (Segment){.bracket = &children[count - 1]});
            if (count == 2) {
                node = children;
                break;
            }
            push(f, &chain, (Segment){.dot = &children[1], .name = &children[2]});
        } else if (node->kind == NST_NODE_index_expression) {
            push(f, &chain, (Segment){.bracket = node});
        } else if (node->kind == NST_NODE_propagate_expression) {
            push(f, &chain, (Segment){.mark = &children[1]});
        } else {
            push(f, &chain, (Segment){.dot = &children[1], .name = &children[2]});
        }
    }
    chain.head = node;
    for (size_t i = 0; i < chain.count / 2; i++) {
        Segment other = chain.segments[i];
        chain.segments[i] = chain.segments[chain.count - 1 - i];
        chain.segments[chain.count - 1 - i] = other;
    }
    return chain;
}

// Only a point that its name follows directly may begin a line (syntax.md 12).
static bool has_comment_inside(const NstPrinter *f, const Segment *segment) {
    return memchr(f->text + segment->dot->end, '#', segment->name->start - segment->dot->end) != NULL;
}

static bool is_call(const NstPrinter *f, const Chain *chain, size_t i) {
    if (chain->segments[i].dot && has_comment_inside(f, &chain->segments[i])) return false;
    return chain->segments[i].dot && i + 1 < chain->count && chain->segments[i + 1].bracket &&
           chain->segments[i + 1].bracket->kind != NST_NODE_index_expression;
}

// The first segment that a line may begin with: a function of a module stays with its name.
static size_t first_breakable(const NstPrinter *f, const Chain *chain) {
    bool stays = chain->head->kind == NST_NODE_upper_identifier;
    if (chain->count && !chain->segments[0].dot) stays = false; // `f(x).g()`
    for (size_t i = 0; i < chain->count; i++) {
        if (!is_call(f, chain, i)) continue;
        if (!stays) return i;
        stays = false;
    }
    return chain->count;
}

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static void print_index(NstPrinter *f, const NstNode *node) {
    NstNode list = {.kind = NST_NODE_type_arguments, .start = node->children[1].start, .end = node->end,
                    .child_count = node->child_count - 1, .children = node->children + 1};
    nst_print_list(f, &list, (NstListStyle){0});
}

static void print_segment(NstPrinter *f, const Segment *segment, bool after_number) {
    if (segment->mark) {
        nst_emit_token(f, segment->mark);
    } else if (segment->bracket && segment->bracket->kind == NST_NODE_index_expression) {
        print_index(f, segment->bracket);
    } else if (segment->bracket) {
        nst_print_node(f, segment->bracket);
    } else {
        nst_emit_token(f, segment->dot);
        if (after_number && segment->name->kind == NST_NODE_tuple_index) nst_emit_blank(f); // `2. 5` is no float
        nst_emit_token(f, segment->name);
    }
}

static bool has_comment_before(const NstPrinter *f, const Segment *segment, uint32_t end) {
    for (uint32_t at = end; at < segment->dot->start; at++)
        if (f->text[at] == '#') return true;
    return false;
}

static uint32_t end_of(const Chain *chain, size_t i) {
    if (i == 0) return chain->head->end;
    const Segment *before = &chain->segments[i - 1];
    return before->mark ? before->mark->end : before->bracket ? before->bracket->end : before->name->end;
}

static const NstNode *argument_target(const NstPrinter *f, const NstNode *bracket) {
    return bracket->child_count < 3 ? NULL : nst_hug_target(f, &bracket->children[bracket->child_count - 2]);
}

const NstNode *nst_chain_target(const NstPrinter *f, const NstNode *node) {
    if (node->kind != NST_NODE_call_expression && node->kind != NST_NODE_constructor_expression) return NULL;
    const NstNode *target = argument_target(f, &node->children[node->child_count - 1]);
    return target && nst_is_literal_bracket(target->kind) ? NULL : target;
}

typedef struct Breaks {
    size_t first;     // segment
    size_t calls;     // that may begin a line
    bool newline;     // the text has a newline before one of them
    bool comment;
} Breaks;

static Breaks find_breaks(const NstPrinter *f, const Chain *chain) {
    Breaks breaks = {.first = first_breakable(f, chain)};
    for (size_t i = breaks.first; i < chain->count; i++) {
        if (!is_call(f, chain, i)) continue;
        breaks.calls++;
        breaks.newline |= nst_has_newline(f, end_of(chain, i), chain->segments[i].dot->start);
        breaks.comment |= has_comment_before(f, &chain->segments[i], end_of(chain, i));
    }
    return breaks;
}

bool nst_is_long_chain(NstPrinter *f, const NstNode *node) {
    if (!nst_is_postfix(node)) return false;
    Chain chain = flatten(f, node);
    return find_breaks(f, &chain).calls >= LONG_CHAIN;
}

const NstNode *nst_only_bracket(NstPrinter *f, const NstNode *node) {
    Chain chain = flatten(f, node);
    Breaks breaks = find_breaks(f, &chain);
    const NstNode *bracket = chain.segments[chain.count - 1].bracket;
    bool is_broken_at_calls = breaks.calls > 1 || (breaks.calls && breaks.comment);
    return !is_broken_at_calls && bracket && bracket->child_count > 2 ? bracket : NULL;
}

// What may break while the chain stays on one line: the last argument of the last call or, in a short chain, the
// argument list.
static const NstNode *last_bracket(const NstPrinter *f, const Chain *chain, const Breaks *breaks) {
    for (size_t i = chain->count; i-- > 0;) {
        const NstNode *bracket = chain->segments[i].bracket;
        if (chain->segments[i].dot) return NULL;
        if (!bracket || bracket->kind == NST_NODE_index_expression) continue;
        if (bracket->child_count < 3) return NULL;
        const NstNode *target = argument_target(f, bracket);
        return target ? target : breaks->calls < 2 ? bracket : NULL;
    }
    return NULL;
}

void nst_print_chain(NstPrinter *f, const NstNode *node) {
    Chain chain = flatten(f, node);
    Breaks breaks = find_breaks(f, &chain);
    bool breakable = !f->flat && (breaks.calls >= 2 || (breaks.calls && breaks.comment));
    NstHug hug;
    uint32_t group = 0;
    const NstNode *target = NULL;
    if (breakable) {
        group = nst_doc_open(&f->doc);
        target = last_bracket(f, &chain, &breaks);
        if (breaks.newline) nst_doc_force(&f->doc);
    }
    nst_print_node(f, chain.head);
    if (target) nst_hug_begin(f, &hug, target, group);
    for (size_t i = 0; i < chain.count; i++) {
        if (breakable && i == breaks.first) nst_indent(f);
        if (breakable && i >= breaks.first && is_call(f, &chain, i)) nst_emit_line(f, NST_LINE_SOFT);
        print_segment(f, &chain.segments[i], i == 0 && is_digit(f->text[chain.head->start]));
    }
    if (target) nst_hug_end(f, &hug);
    if (breakable) {
        nst_dedent(f);
        nst_close(f);
    }
}
