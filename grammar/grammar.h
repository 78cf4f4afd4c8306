/* The grammar of Nostos.
 *
 * The one public header of grammar/: it hands out the parse tables that
 * libtree-sitter (>= 0.20.7, parser ABI 14) needs to turn text into a tree.
 * The nodes and fields of that tree are documented in grammar/README.md.
 *
 * The language object is static and immutable: any number of threads may use
 * it at the same time, and nobody frees it. Its external scanner keeps no state
 * between tokens. */
#ifndef NOSTOS_GRAMMAR_H
#define NOSTOS_GRAMMAR_H

typedef struct TSLanguage TSLanguage;

/* Never NULL. */
const TSLanguage *tree_sitter_nostos(void);

#endif
