// What every text must pass before the parser sees it: limits and encoding, in one linear pass.
//
// libtree-sitter corrupts its heap when error recovery pops more than 65,535 stack entries, and later
// passes recurse over the tree. So texts beyond 16 MiB and texts that may nest more than 10,000 levels
// are refused here, before any tree exists. "May nest" is judged from tokens alone, never too low for
// brackets and operator chains.
#ifndef NST_GUARD_H
#define NST_GUARD_H

#include "frontend/diag.h"
#include "frontend/source.h"

// 10,000 levels of brackets, and the few levels around them: a body, a block, a call, a string.
enum { NST_MAX_SOURCE_SIZE = 16 * 1024 * 1024, NST_MAX_NESTING = 10000 + 32 };

// True if the source may be parsed; else one syntax error has been reported and the file is not analysed.
bool nst_guard_check(const NstSources *sources, uint32_t source, NstDiags *diags);

// At most so many entries does the parser's stack hold at the end of this text, which does not nest too deeply.
size_t nst_guard_entries(const char *text, size_t size);

// Bytes of the byte-order mark at the start of the text: 3 or 0.
uint32_t nst_guard_bom(const char *text, size_t size);

// Offset of the first byte that is not valid UTF-8; `size` if there is none.
size_t nst_guard_utf8(const char *text, size_t size);

#endif
