// A tree-sitter tree in the form that lowering walks: one walk with a cursor copies it into plain nodes with kinds
// as an enumeration, fields as numbers, children as arrays, comments left out.
//
// Nodes live in the arena given and hold offsets into the source's text; the tree-sitter tree may be deleted.
#ifndef NST_LOWER_TREE_H
#define NST_LOWER_TREE_H

#include "frontend/arena.h"

#include <stdbool.h>
#include <stdint.h>

typedef struct TSTree TSTree; // tree_sitter/api.h

typedef enum NstNodeKind {
    NST_NODE_TOKEN, // an anonymous token: its text tells which
    NST_NODE_ERROR, // an ERROR or a missing token
#define NST_NODE(name) NST_NODE_##name,
#include "frontend/lower_tree.def"
#undef NST_NODE
    NST_NODE_COUNT
} NstNodeKind;

typedef enum NstField {
    NST_FIELD_NONE,
#define NST_FIELD(id, text) NST_FIELD_##id,
#include "frontend/lower_fields.def"
#undef NST_FIELD
    NST_FIELD_COUNT
} NstField;

typedef struct NstNode {
    uint16_t kind;       // NstNodeKind
    uint16_t field;      // NstField under which its parent holds it
    uint32_t start, end; // bytes of the source's text
    uint32_t child_count;
    struct NstNode *children;
} NstNode;

// The root of the copy; *depth is the tree's height. `offset` is where the parsed text begins in the source; it wraps
// around where the parsed text begins before the source's (a wrapped expression).
NstNode *nst_node_tree(const TSTree *tree, uint32_t offset, NstArena *arena, uint32_t *depth);

NstNode *nst_node_field(const NstNode *node, NstField field); // first child under the field, or null

// The i-th child that is not an anonymous token, or null.
NstNode *nst_node_named(const NstNode *node, uint32_t index);
uint32_t nst_node_named_count(const NstNode *node);

const char *nst_node_kind_name(uint16_t kind);

#endif
