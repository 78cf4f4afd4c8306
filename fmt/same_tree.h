// Whether two texts have the same syntax tree, for `--verify`: same nodes, same tokens; separators, trailing commas
// and leading bars aside.
#ifndef NST_FMT_SAME_TREE_H
#define NST_FMT_SAME_TREE_H

#include "frontend/lower_tree.h"

#include <stdbool.h>

bool nst_same_tree(const NstNode *a, const char *a_text, const NstNode *b, const char *b_text);

#endif
