// Chains of infix operators, and pipelines.
//
// Operators of one level are one group: all of it on a line, or a line for each operand. The operator ends its line,
// for a newline before it would end the expression; `|>` begins its line.
#include "fmt/printer.h"

#include <string.h>

static int level_of(const NstPrinter *f, const NstNode *node) {
    static const char *const levels[] = {"|>", "||", "&&", "== != < > <= >=", "++", "::", "+ -", "* / %", "**"};
    if (node->kind != NST_NODE_binary_expression) return -1;
    const NstNode *operator = nst_node_field(node, NST_FIELD_OPERATOR);
    size_t size = operator->end - operator->start;
    for (int level = 0; level < (int)(sizeof levels / sizeof *levels); level++) {
        for (const char *at = levels[level]; *at; at += strcspn(at, " "), at += *at == ' ')
            if (strcspn(at, " ") == size && memcmp(at, f->text + operator->start, size) == 0) return level;
    }
    return -1;
}

enum { PIPE_LEVEL = 0, CONS_LEVEL = 5, POWER_LEVEL = 8 };

typedef struct Operands {
    const NstNode **items; // operand, operator, operand, …
    size_t count, capacity;
} Operands;

static void push(NstPrinter *f, Operands *operands, const NstNode *node) {
    NST_PUSH(f->arena, operands->items, operands->count, operands->capacity, node);
}

// Left-associative chains nest to the left without limit, so this is a loop.
static Operands flatten(NstPrinter *f, const NstNode *node, int level) {
    Operands operands = {0};
    if (level == CONS_LEVEL || level == POWER_LEVEL) {
        for (; level_of(f, node) == level; node = &node->children[2]) {
            push(f, &operands, &node->children[0]);
            push(f, &operands, &node->children[1]);
        }
        push(f, &operands, node);
        return operands;
    }
    for (; level_of(f, node) == level; node = &node->children[0]) {
        push(f, &operands, &node->children[2]);
        push(f, &operands, &node->children[1]);
    }
    push(f, &operands, node);
    for (size_t i = 0; i < operands.count / 2; i++) {
        const NstNode *other = operands.items[i];
        operands.items[i] = operands.items[operands.count - 1 - i];
        operands.items[operands.count - 1 - i] = other;
    }
    return operands;
}

// A pipeline that was written on several lines, two pipes at least, stays so.
static bool keeps_lines(const NstPrinter *f, const Operands *operands) {
    if (operands->count < 5) return false;
    for (size_t i = 1; i < operands->count; i += 2)
        if (nst_has_newline(f, operands->items[i - 1]->end, operands->items[i]->start)) return true;
    return false;
}

// The bracket of the last call in the last operand, if that may break while the rest stays on its line.
static const NstNode *last_bracket(const NstPrinter *f, const NstNode *operand) {
    const NstNode *arguments = operand->kind == NST_NODE_call_expression ? nst_node_field(operand, NST_FIELD_ARGUMENTS) : NULL;
    if (!arguments || arguments->child_count < 3) return NULL;
    return nst_hug_target(f, &arguments->children[arguments->child_count - 2]);
}

static void print_pipeline(NstPrinter *f, const Operands *operands) {
    NstHug hug;
    uint32_t group = nst_doc_open(&f->doc);
    size_t last = operands->count - 1;
    const NstNode *target = last_bracket(f, operands->items[last]);
    if (keeps_lines(f, operands) && !f->flat) nst_doc_force(&f->doc);
    nst_print_node(f, operands->items[0]);
    nst_indent(f);
    for (size_t i = 1; i < last; i += 2) {
        nst_emit_line(f, 0);
        nst_emit_token(f, operands->items[i]);
        nst_emit_blank(f);
        bool hugs = target && i + 1 == last;
        if (hugs) nst_hug_begin(f, &hug, target, group);
        nst_print_node(f, operands->items[i + 1]);
        if (hugs) nst_hug_end(f, &hug);
    }
    nst_dedent(f);
    nst_close(f);
}

void nst_print_binary(NstPrinter *f, const NstNode *node, bool bare) {
    int level = level_of(f, node);
    Operands operands = flatten(f, node, level);
    if (level == PIPE_LEVEL) {
        print_pipeline(f, &operands);
        return;
    }
    size_t last = operands.count - 1;
    NstHug hug;
    uint32_t group = nst_doc_open(&f->doc);
    const NstNode *target = nst_hug_target(f, operands.items[last]);
    nst_print_node(f, operands.items[0]);
    if (!bare) nst_indent(f);
    for (size_t i = 1; i < last; i += 2) {
        nst_emit_blank(f);
        nst_emit_token(f, operands.items[i]);
        nst_emit_line(f, 0);
        bool hugs = target && i + 1 == last;
        if (hugs) nst_hug_begin(f, &hug, target, group);
        nst_print_node(f, operands.items[i + 1]);
        if (hugs) nst_hug_end(f, &hug);
    }
    if (!bare) nst_dedent(f);
    nst_close(f);
}
