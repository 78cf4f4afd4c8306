// From the syntax tree to a document: what all parts of the translation share.
//
// The translation walks the tree in the order of the text and emits every token exactly once, in order; `nst_emit_token`
// notes a failure if the token is not the next one of the text. What stands between two tokens, the *gap*, is read when
// the first of `nst_emit_…` needs it: its comments are emitted there, so none can be lost, doubled or moved past a
// token. The only tokens that comments may pass are separators.
//
// Where a comment goes: one that begins on the line of the token before stays there; one on a line of its own keeps a
// line of its own, at the indentation of what follows; before a closing bracket, at the indentation of the content.
#ifndef NST_FMT_PRINTER_H
#define NST_FMT_PRINTER_H

#include "fmt/doc.h"
#include "frontend/arena.h"
#include "frontend/lower_tree.h"
#include "frontend/parse.h"

// A comment of the current gap.
typedef struct NstPiece {
    uint32_t start, end;
    uint32_t lines_before;  // newlines between it and the comment or token before
    bool block;
} NstPiece;

// A group that will record where the bracket `target` opens.
typedef struct NstHug {
    const NstNode *target;
    uint32_t group;
    bool below;            // the target is the body of a lambda, which goes below
    struct NstHug *outer;
} NstHug;

// Places where the style may change newlines or tokens: offsets in the text, ascending.
typedef struct NstOffsets {
    uint32_t *items;
    size_t count, capacity;
} NstOffsets;

typedef struct NstPrinter {
    const char *text;
    uint32_t size;
    NstArena *arena;
    NstDoc doc;

    uint32_t at;             // end of the last token emitted
    bool gap_known;
    uint32_t next;           // start of the next token
    NstPiece *pieces;        // comments of the gap that are not emitted yet
    size_t piece_count, piece_capacity;
    uint32_t lines;          // newlines between the last comment or token and the next token
    uint32_t gap_lines;      // newlines in the whole gap
    bool after_opener;       // the last token opened a bracket (or nothing has been emitted)

    bool directives;         // the text has `# fmt:` comments
    bool cover;              // expressions stand for a pattern or type
    bool bare;               // the next operator chain stands at an indentation of its own
    bool joined;             // the next block belongs to the group around it
    bool spread;             // the next block has a line for each statement
    uint32_t flat;           // inside an interpolation: no line breaks
    NstHug *hugs;
    bool failed;             // a token was out of order

    NstOffsets separated;    // tokens that begin a statement, arm or declaration
    NstOffsets free;         // tokens before which a newline means nothing
    NstOffsets optional;     // separators that the output may lack
    const NstSkipped *broken;
    size_t broken_count;
    const NstOffsets *bad;   // places of errors that are in the tree
} NstPrinter;

// ---- trivia.c ---------------------------------------------------------------------------

void nst_printer_offset(NstPrinter *f, NstOffsets *offsets, uint32_t offset);

void nst_emit_token(NstPrinter *f, const NstNode *token);
void nst_emit_blank(NstPrinter *f);
void nst_emit_line(NstPrinter *f, uint8_t flags);
void nst_emit_separator(NstPrinter *f, const NstNode *token);      // comments before it come after it
void nst_emit_flat_separator(NstPrinter *f, const NstNode *token); // only if the group is flat
void nst_emit_if_broken(NstPrinter *f, const char *text);          // static text
void nst_emit_comma_if_broken(NstPrinter *f);
void nst_drop_token(NstPrinter *f, const NstNode *token);
void nst_emit_dangling(NstPrinter *f);                             // all comments of the gap
void nst_emit_verbatim(NstPrinter *f, uint32_t start, uint32_t end, bool whole_line);

// About the gap before the next token.
void nst_read_gap(NstPrinter *f);
void nst_end_gap(NstPrinter *f, uint32_t at); // comments from there on belong to text that stays as it is
bool nst_gap_breaks(NstPrinter *f);       // a comment in it forces a newline
bool nst_gap_has_newline(NstPrinter *f);

bool nst_is_control(char c); // one that no source text may hold outside strings

// Whether the text between the two offsets, blanks and comments, has a newline.
bool nst_has_newline(const NstPrinter *f, uint32_t start, uint32_t end);

void nst_open(NstPrinter *f);
uint32_t nst_open_for(NstPrinter *f, const NstNode *bracket); // a group that others may hug
void nst_close(NstPrinter *f);
void nst_indent(NstPrinter *f);
void nst_dedent(NstPrinter *f);
void nst_hug_begin(NstPrinter *f, NstHug *hug, const NstNode *target, uint32_t group);
void nst_hug_end(NstPrinter *f, NstHug *hug);

bool nst_is(const NstPrinter *f, const NstNode *node, const char *text);

// ---- sequence.c: statements, arms, declarations --------------------------------------------

typedef enum NstDirective { NST_FMT_OFF, NST_FMT_ON, NST_FMT_SKIP } NstDirective;

// If the gap holds `# fmt: off`: where it begins and where the untouched text ends, which is before the `# fmt: on`
// between later elements or at `limit`. *index becomes the first element after it.
bool nst_find_off(NstPrinter *f, const NstNode *const *elements, size_t count, size_t *index, uint32_t limit,
                  uint32_t *start, uint32_t *end);
bool nst_has_skip(const NstPrinter *f, const NstNode *element);

void nst_print_block(NstPrinter *f, const NstNode *node);    // block, do_block, arms
bool nst_is_on_lines(const NstPrinter *f, const NstNode *block); // written so, and kept so
void nst_print_members(NstPrinter *f, const NstNode *node, uint32_t first); // declarations up to `end`
uint32_t nst_trim_blanks(const NstPrinter *f, uint32_t start, uint32_t end); // the end without blanks before it
uint32_t nst_column_of(const NstPrinter *f, uint32_t at); // bytes, from 0
uint32_t nst_line_start(const NstPrinter *f, uint32_t at); // if only blanks stand before `at`; else `at`

// Where a broken text begins that recovery skipped from `start` on: with the comment in which a bad character stands,
// and with its line's indentation. `after`: the end of what stands before it.
uint32_t nst_broken_start(const NstPrinter *f, uint32_t after, uint32_t start);

// What recovery skipped runs up to the next declaration: the comments that stand above that are none of its text.
uint32_t nst_broken_end(const NstPrinter *f, uint32_t start, uint32_t end);
bool nst_continues_broken(const NstPrinter *f, const NstNode *declaration, const NstSkipped *broken);
bool nst_is_bad(const NstPrinter *f, const NstNode *node);   // an error of lowering stands in it

// ---- list.c: brackets -------------------------------------------------------------------

typedef struct NstListStyle {
    bool blanks;         // `{ a }` rather than `{a}`
    bool trailing_comma; // one after the last element when broken
    bool keeps_open;     // a trailing comma in the text keeps it broken
    bool hug;            // the last element may break alone
    bool fill;           // as many as fit on a line
} NstListStyle;

void nst_print_list(NstPrinter *f, const NstNode *node, NstListStyle style);
const NstNode *nst_hug_target(const NstPrinter *f, const NstNode *node); // or null
const NstNode *nst_lambda_body(NstPrinter *f, const NstNode *node); // of a lambda, if it may stand below; or null
bool nst_is_literal_bracket(uint16_t kind);

// ---- the parts of the language ----------------------------------------------------------

void nst_print_node(NstPrinter *f, const NstNode *node);  // any node: nodes.c
void nst_print_item(NstPrinter *f, const NstNode *node);  // item.c
bool nst_is_item(const NstNode *node);
void nst_print_chain(NstPrinter *f, const NstNode *node); // chain.c: calls, fields, indexes
bool nst_is_postfix(const NstNode *node);
bool nst_is_long_chain(NstPrinter *f, const NstNode *node); // which is rather broken than put below
const NstNode *nst_only_bracket(NstPrinter *f, const NstNode *node); // the last one, if the chain is not broken at calls
const NstNode *nst_chain_target(const NstPrinter *f, const NstNode *node); // code that the last call may break alone, or null
void nst_print_binary(NstPrinter *f, const NstNode *node, bool bare); // binary.c
void nst_print_string(NstPrinter *f, const NstNode *node);
bool nst_is_block_construct(const NstNode *node); // `if` or `try` whose first part is a block
void nst_print_control(NstPrinter *f, const NstNode *node); // control.c: if, while, for, match, receive, try, …

// After `=`, `->`, `=>` or `<-`: a block, literal and the like follows on the line; a call does unless it stands on one
// line below, a `match`, `if` with a block, or lambda unless its head fits only there; any other value goes below if it
// does not fit.
void nst_print_value(NstPrinter *f, const NstNode *value);
bool nst_may_stand_below(NstPrinter *f, const NstNode *value);

#endif
