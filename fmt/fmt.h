// The formatter: one style for Nostos source text (docs/style-guide.md).
//
// This is the folder's one public header. Two ways in: a text in memory (editors, the language server), and the
// command `nostos fmt` (docs/language/cli.md 10).
//
// What every result keeps: the tokens of the input in their order (but for separators, trailing commas and leading
// bars, which belong to the style), every comment exactly once and between the same two tokens (or, past a separator,
// in the same bracket), and the meaning of every newline. A result is checked for that before it is handed out.
// Formatting a result again gives the same text.
//
// Any number of threads may format at the same time. Recursion goes as deep as the text nests (10,000 levels at
// most); callers need no large stack, deep texts are formatted on a thread of their own.
#ifndef NST_FMT_H
#define NST_FMT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct NstFmtStyle {
    uint32_t indent;        // blanks of one level
    uint32_t width;         // columns of a line
    enum { NST_FMT_EOL_KEEP, NST_FMT_EOL_LF, NST_FMT_EOL_CRLF } end_of_line; // KEEP: as the text's first line
    bool final_newline;
} NstFmtStyle;

// 4, 100, KEEP, true: what holds without an .editorconfig.
NstFmtStyle nst_fmt_default_style(void);

// The style for a file: the defaults, and what the .editorconfig files above it say.
NstFmtStyle nst_fmt_style_for(const char *path);

// Lines from 1, inclusive.
typedef struct NstFmtLines {
    uint32_t first, last;
} NstFmtLines;

typedef enum NstFmtStatus {
    NST_FMT_OK,        // `text` is the whole text, formatted
    NST_FMT_BROKEN,    // so is it, but items with syntax errors in it are as they were
    NST_FMT_REFUSED,   // not UTF-8, too large, nested too deeply: `text` is null
    NST_FMT_INTERNAL,  // the self-check failed: `text` is null, `failure` says why
} NstFmtStatus;

typedef struct NstFmtOptions {
    NstFmtStyle style;
    const NstFmtLines *lines; // only top-level items that touch one of these; count 0: all
    size_t line_count;
    bool verify;              // parse and format the result again
    bool color;               // in `diagnostics`
} NstFmtOptions;

typedef struct NstFmtResult {
    NstFmtStatus status;
    char *text;               // malloc'ed, NUL-terminated
    size_t size;
    bool changed;             // differs from the input
    char *diagnostics;        // syntax errors as cli.md 5.1 writes them, malloc'ed; null if there are none
    char *failure;            // malloc'ed, or null
} NstFmtResult;

// `path` is for diagnostics alone. Free the result with nst_fmt_result_free.
NstFmtResult nst_fmt_text(const char *path, const char *text, size_t size, const NstFmtOptions *options);
void nst_fmt_result_free(NstFmtResult *result);

// The command; argv[0] is its name. Returns the exit status.
int nst_fmt_main(int argc, char **argv);

#endif
