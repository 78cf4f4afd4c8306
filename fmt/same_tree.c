#include "fmt/same_tree.h"

#include "fmt/doc.h"

#include <stdlib.h>
#include <string.h>

typedef struct Pair {
    const NstNode *a, *b;
} Pair;

// Pairs still to be compared: trees nest to the left without limit, so this is no recursion.
typedef struct Pairs {
    Pair *items;
    size_t count, capacity;
} Pairs;

static void push(Pairs *pairs, const NstNode *a, const NstNode *b) {
    if (pairs->count == pairs->capacity) {
        pairs->capacity = pairs->capacity ? pairs->capacity * 2 : 256;
        pairs->items = nst_realloc(pairs->items, pairs->capacity * sizeof(Pair));
    }
    pairs->items[pairs->count++] = (Pair){a, b};
}

static bool is_separator(const NstNode *node, const char *text) {
    return node->kind == NST_NODE_TOKEN && node->end - node->start == 1 && nst_is_one_of(text[node->start], ",;|");
}

static const NstNode *next_child(const NstNode *node, uint32_t *at, const char *text) {
    while (*at < node->child_count && is_separator(&node->children[*at], text)) (*at)++;
    return *at < node->child_count ? &node->children[(*at)++] : NULL;
}

static bool push_children(Pairs *pairs, Pair pair, const char *a_text, const char *b_text) {
    uint32_t i = 0, k = 0;
    for (;;) {
        const NstNode *a = next_child(pair.a, &i, a_text), *b = next_child(pair.b, &k, b_text);
        if (!a || !b) return !a && !b;
        push(pairs, a, b);
    }
}

static bool same_leaf(Pair pair, const char *a_text, const char *b_text) {
    uint32_t size = pair.a->end - pair.a->start;
    return pair.b->end - pair.b->start == size && memcmp(a_text + pair.a->start, b_text + pair.b->start, size) == 0;
}

bool nst_same_tree(const NstNode *a, const char *a_text, const NstNode *b, const char *b_text) {
    Pairs pairs = {0};
    bool same = push_children(&pairs, (Pair){a, b}, a_text, b_text); // the roots may have nothing in them
    while (same && pairs.count) {
        Pair pair = pairs.items[--pairs.count];
        same = pair.a->kind == pair.b->kind && pair.a->field == pair.b->field;
        if (!same) break;
        if (!pair.a->child_count && !pair.b->child_count) same = same_leaf(pair, a_text, b_text);
        else same = push_children(&pairs, pair, a_text, b_text);
    }
    free(pairs.items);
    return same;
}
