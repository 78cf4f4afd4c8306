// Documents: text with possible line breaks, and the choice of the breaks that fit (after Wadler and Prettier).
//
// A document is a linear list of commands, written by nst_doc_… calls in the order of the text. Commands between open
// and close are a *group*: its lines are all blanks (flat) or all newlines (broken). A group is flat if nothing in it
// forces a break and it fits up to the first possible break after it. A group with a *hug* has a third layout: its own
// lines are flat and one group within it, usually the block of a last argument, decides for itself. A group *below*
// begins with a line: it is broken there only if what follows then stands on one line or, with a hug, its head does, or
// if not even its first break fits on the line; otherwise the groups within it decide for themselves. A group with
// *rows* is broken only before these if each of them stands on one line, the last one up to its hug.
//
// Every question "does it fit?" is answered from prefix sums kept with the commands, so layout is linear in the number
// of commands. Widths are display columns; line comments have none.
//
// Invariants
//  1. Texts are borrowed: they outlive the document.
//  2. A line comment is always followed by a newline before the next text, whatever the groups say.
//  3. No line ends with blanks, except within texts.
#ifndef NST_FMT_DOC_H
#define NST_FMT_DOC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

// Texts may contain NUL, which strchr finds in every set.
static inline bool nst_is_one_of(char c, const char *set) {
    return c && strchr(set, c);
}

typedef enum NstDocOp {
    NST_DOC_TEXT,
    NST_DOC_BLANK,     // one blank, unless a newline or another blank follows
    NST_DOC_LINE,
    NST_DOC_INDENT,    // one level more, if the group around it is broken
    NST_DOC_DEDENT,
    NST_DOC_OPEN,
    NST_DOC_CLOSE,
    NST_DOC_IF_BROKEN, // text only where the group around it is broken
    NST_DOC_IF_FLAT,   // text only where it is not
    NST_DOC_FORCE,     // breaks the groups around it
    NST_DOC_COMMENT,
} NstDocOp;

enum {
    // texts
    NST_TEXT_WHOLE_LINE = 1, // brings its own indentation
    // groups
    NST_GROUP_BELOW = 1,
    NST_GROUP_SOLE = 2, // has a hug, but is rather broken if what it holds then stands on one line
    // lines
    NST_LINE_SOFT = 1,   // nothing when flat (otherwise a blank)
    NST_LINE_HARD = 2,   // always a newline
    NST_LINE_EMPTY = 4,  // an empty line before it, where it is a newline
    NST_LINE_FILL = 8,   // in a broken group: a newline only if what follows does not fit
    NST_LINE_ROW = 16,   // begins a further row of the innermost group
    NST_LINE_HUG = 32,   // a newline also behind the group that breaks alone
    // comments
    NST_COMMENT_OWN = 16,         // begins a line
    NST_COMMENT_ENDS_LINE = 32,   // a newline must follow
    NST_COMMENT_EMPTY_AFTER = 64, // an empty line after it
    NST_COMMENT_LINE = 128,       // `#`, no width
};

typedef struct NstDocCommand {
    const char *text;
    uint32_t size;
    uint8_t op, flags;
    uint32_t before;     // flat width of all commands before this one
    uint32_t forced;     // forced breaks before this one
    uint32_t next_line;  // index of the first line at or after this one; the count if there is none
    uint32_t link;       // OPEN: its CLOSE
    uint32_t hug;        // OPEN: the group that may break alone, or 0
    uint32_t head;       // OPEN: where the head that precedes its first break ends, or 0: at its beginning
    uint32_t row;        // OPEN: its last ROW line, or 0; ROW line: the one before it
} NstDocCommand;

typedef struct NstDoc {
    NstDocCommand *commands;
    uint32_t count, capacity;
    uint32_t width, forced; // of all commands so far
    uint32_t late_width;    // of texts before the next line that count only if that line is flat, less (modulo 2^32)
                            // that of a comma that counts only if it is not
    uint32_t *open;         // indexes of open groups
    uint32_t open_count, open_capacity;
    uint32_t ended;         // next_line is known up to here
} NstDoc;

// Output under construction.
typedef struct NstFmtBuffer {
    char *bytes;
    size_t size, capacity;
} NstFmtBuffer;

void nst_buffer_add(NstFmtBuffer *buffer, const char *bytes, size_t size);

void nst_doc_clear(NstDoc *doc);
void nst_doc_free(NstDoc *doc);

void nst_doc_text(NstDoc *doc, const char *text, uint32_t size);
void nst_doc_blank(NstDoc *doc);
void nst_doc_line(NstDoc *doc, uint8_t flags);
void nst_doc_if_broken(NstDoc *doc, const char *text);       // static text, without width
void nst_doc_comma_if_broken(NstDoc *doc); // a line of the same group follows
void nst_doc_if_flat(NstDoc *doc, const char *text, uint32_t size); // a line of the same group follows
void nst_doc_verbatim(NstDoc *doc, const char *text, uint32_t size, bool whole_line); // breaks the groups around it
void nst_doc_force(NstDoc *doc);
void nst_doc_comment(NstDoc *doc, const char *text, uint32_t size, uint8_t flags);
void nst_doc_indent(NstDoc *doc);
void nst_doc_dedent(NstDoc *doc);
uint32_t nst_doc_open(NstDoc *doc); // the group
void nst_doc_set(NstDoc *doc, uint32_t group, uint8_t flags);
void nst_doc_close(NstDoc *doc);
void nst_doc_hug(NstDoc *doc, uint32_t group, uint32_t inner);
void nst_doc_end_head(NstDoc *doc, uint32_t group); // up to the next line

typedef struct NstDocStyle {
    uint32_t width, indent;
    const char *newline;
} NstDocStyle;

// Appends the laid-out text; the last line is not ended.
void nst_doc_print(NstDoc *doc, const NstDocStyle *style, NstFmtBuffer *out);

// Columns that a text takes on its first line.
uint32_t nst_display_width(const char *text, uint32_t size);

#endif
