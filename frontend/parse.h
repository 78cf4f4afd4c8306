// From text to AST: guard, tree-sitter, lowering.
//
// A file is parsed once. If that fails, its declarations are parsed one after the other: each broken one is reported
// once, at the first token that cannot continue it, and left out; all others are lowered as if it were not there
// (syntax.md 9). Every top-level item gets an origin of its own; an item in an inline module shares the module's.
//
// Results live in the arena given. Any number of threads may parse at the same time, each with its own tables.
#ifndef NST_PARSE_H
#define NST_PARSE_H

#include "frontend/diag.h"
#include "frontend/lower_tree.h"
#include "frontend/source.h"

// All items of a source. Never null.
NstFileAst *nst_parse_file(NstSources *sources, uint32_t source, NstArena *arena, NstDiags *diags);

// The items in bytes [start, end) of a source whose text has passed the guard (the standard library).
NstFileAst *nst_parse_range(NstSources *sources, uint32_t source, uint32_t start, uint32_t end, NstArena *arena,
                            NstDiags *diags);

// The same for items that have been parsed before: the first `origin_count` items get these origins, which move to where
// the items stand now. Null if there is any error in the range or not exactly that many items.
NstFileAst *nst_parse_again(NstSources *sources, uint32_t source, uint32_t start, uint32_t end, const uint32_t *origins,
                            size_t origin_count, NstArena *arena);

// The syntax of a source for tools that work on text (formatter, editors): diagnostics as by nst_parse_file, and
// instead of the AST the tree of everything well-formed and the ranges that recovery skipped, in order of position.
// Declarations with errors that only lowering finds are in the tree. Root is null if the guard refused the text.
typedef struct NstSkipped {
    uint32_t start, end; // bytes of the source's text
} NstSkipped;

typedef struct NstSyntax {
    const NstNode *root;
    uint32_t depth;
    NstSkipped *broken;
    size_t broken_count;
} NstSyntax;

NstSyntax nst_parse_syntax(NstSources *sources, uint32_t source, NstArena *arena, NstDiags *diags);

// The whole source as one expression, or as the statements of a block (a BLOCK expression): templates' `eval` and
// `comptime`, the REPL, the debugger. Null after a syntax error, which has been reported; *has_errors also tells of
// invalid literals.
NstExpr *nst_parse_expression(NstSources *sources, uint32_t source, NstArena *arena, NstDiags *diags);
NstExpr *nst_parse_statements(NstSources *sources, uint32_t source, NstArena *arena, NstDiags *diags);

#endif
