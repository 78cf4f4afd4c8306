#include "frontend/lower_tree.h"

#include "grammar/grammar.h"

#include <pthread.h>
#include <stdlib.h>
#include <tree_sitter/api.h>

static const char *const node_names[NST_NODE_COUNT] = {
    [NST_NODE_TOKEN] = "token",
    [NST_NODE_ERROR] = "error",
#define NST_NODE(name) [NST_NODE_##name] = #name,
#include "frontend/lower_tree.def"
#undef NST_NODE
};

static const char *const field_names[NST_FIELD_COUNT] = {
    [NST_FIELD_NONE] = "",
#define NST_FIELD(id, text) [NST_FIELD_##id] = text,
#include "frontend/lower_fields.def"
#undef NST_FIELD
};

// Tables from the grammar's numbers to ours; built once, read-only afterwards.
static pthread_once_t tables_once = PTHREAD_ONCE_INIT;
static uint16_t *kind_of_symbol;
static uint16_t *field_of_id;

static uint16_t find_kind(const char *name) {
    for (uint16_t kind = NST_NODE_ERROR + 1; kind < NST_NODE_COUNT; kind++)
        if (strcmp(node_names[kind], name) == 0) return kind;
    return NST_NODE_TOKEN;
}

static void build_tables(void) {
    const TSLanguage *language = tree_sitter_nostos();
    uint32_t symbols = ts_language_symbol_count(language);
    kind_of_symbol = nst_calloc(symbols, sizeof *kind_of_symbol);
    for (uint32_t symbol = 0; symbol < symbols; symbol++) {
        bool named = ts_language_symbol_type(language, (TSSymbol)symbol) == TSSymbolTypeRegular;
        const char *name = ts_language_symbol_name(language, (TSSymbol)symbol);
        kind_of_symbol[symbol] = named ? find_kind(name) : NST_NODE_TOKEN;
    }
    uint32_t fields = ts_language_field_count(language);
    field_of_id = nst_calloc(fields + 1, sizeof *field_of_id);
    for (uint32_t id = 1; id <= fields; id++) {
        const char *name = ts_language_field_name_for_id(language, (TSFieldId)id);
        for (uint16_t field = 1; field < NST_FIELD_COUNT; field++)
            if (strcmp(field_names[field], name) == 0) field_of_id[id] = field;
    }
}

static uint16_t kind_of(TSNode node) {
    if (ts_node_is_missing(node)) return NST_NODE_ERROR;
    TSSymbol symbol = ts_node_symbol(node);
    return symbol == (TSSymbol)-1 ? (uint16_t)NST_NODE_ERROR : kind_of_symbol[symbol];
}

static bool is_comment(uint16_t kind) {
    return kind == NST_NODE_line_comment || kind == NST_NODE_block_comment;
}

// The walk keeps finished and unfinished siblings on one stack of nodes: when the last child of a node has been
// pushed, the run of its children is moved to the arena.
typedef struct Walk {
    NstNode *nodes;
    size_t count, capacity;
    size_t *parents; // for each open ancestor: its index in `nodes`
    size_t depth, depth_capacity, deepest;
    uint32_t offset;
} Walk;

static void push_node(Walk *walk, const TSTreeCursor *cursor, uint16_t kind) {
    if (walk->count == walk->capacity) {
        walk->capacity = walk->capacity ? walk->capacity * 2 : 256;
        walk->nodes = nst_realloc(walk->nodes, walk->capacity * sizeof *walk->nodes);
    }
    TSNode node = ts_tree_cursor_current_node(cursor);
    TSFieldId field = ts_tree_cursor_current_field_id(cursor);
    walk->nodes[walk->count++] = (NstNode){ .kind = kind,
                                            .field = field_of_id[field],
                                            .start = ts_node_start_byte(node) + walk->offset,
                                            .end = ts_node_end_byte(node) + walk->offset };
}

static void open_node(Walk *walk) {
    if (walk->depth == walk->depth_capacity) {
        walk->depth_capacity = walk->depth_capacity ? walk->depth_capacity * 2 : 64;
        walk->parents = nst_realloc(walk->parents, walk->depth_capacity * sizeof *walk->parents);
    }
    walk->parents[walk->depth++] = walk->count - 1;
    if (walk->depth > walk->deepest) walk->deepest = walk->depth;
}

static void close_node(Walk *walk, NstArena *arena) {
    size_t parent = walk->parents[--walk->depth];
    size_t children = walk->count - parent - 1;
    walk->nodes[parent].child_count = (uint32_t)children;
    walk->nodes[parent].children = nst_arena_copy(arena, walk->nodes + parent + 1, children * sizeof(NstNode));
    walk->count = parent + 1;
}

NstNode *nst_node_tree(const TSTree *tree, uint32_t offset, NstArena *arena, uint32_t *depth) {
    pthread_once(&tables_once, build_tables);
    Walk walk = { .offset = offset };
    TSTreeCursor cursor = ts_tree_cursor_new(ts_tree_root_node(tree));
    push_node(&walk, &cursor, kind_of(ts_tree_cursor_current_node(&cursor)));
    bool down = true;
    for (;;) {
        if (down && ts_tree_cursor_goto_first_child(&cursor)) {
            open_node(&walk);
        } else if (!ts_tree_cursor_goto_next_sibling(&cursor)) {
            if (!ts_tree_cursor_goto_parent(&cursor)) break;
            close_node(&walk, arena);
            down = false;
            continue;
        }
        uint16_t kind = kind_of(ts_tree_cursor_current_node(&cursor));
        down = !is_comment(kind);
        if (down) push_node(&walk, &cursor, kind);
    }
    ts_tree_cursor_delete(&cursor);
    NstNode *root = nst_arena_copy(arena, walk.nodes, sizeof(NstNode));
    *depth = (uint32_t)walk.deepest;
    free(walk.nodes);
    free(walk.parents);
    return root;
}

NstNode *nst_node_field(const NstNode *node, NstField field) {
    for (uint32_t i = 0; i < node->child_count; i++)
        if (node->children[i].field == field) return &node->children[i];
    return NULL;
}

NstNode *nst_node_named(const NstNode *node, uint32_t index) {
    for (uint32_t i = 0; i < node->child_count; i++)
        if (node->children[i].kind != NST_NODE_TOKEN && index-- == 0) return &node->children[i];
    return NULL;
}

uint32_t nst_node_named_count(const NstNode *node) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < node->child_count; i++) count += node->children[i].kind != NST_NODE_TOKEN;
    return count;
}

const char *nst_node_kind_name(uint16_t kind) {
    return node_names[kind];
}
