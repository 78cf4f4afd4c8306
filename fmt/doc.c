#include "fmt/doc.h"

#include "frontend/arena.h"

#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

void nst_buffer_add(NstFmtBuffer *buffer, const char *bytes, size_t size) {
    if (buffer->size + size + 1 > buffer->capacity) {
        buffer->capacity = (buffer->size + size + 1) * 2;
        buffer->bytes = nst_realloc(buffer->bytes, buffer->capacity);
    }
    if (size) memcpy(buffer->bytes + buffer->size, bytes, size);
    buffer->size += size;
    buffer->bytes[buffer->size] = 0;
}

static uint32_t wide_width(const char *text, uint32_t size) {
    uint32_t width = 0;
    for (uint32_t at = 0; at < size && text[at] != '\n';) {
        utf8proc_int32_t point;
        utf8proc_ssize_t length = utf8proc_iterate((const utf8proc_uint8_t *)text + at, (utf8proc_ssize_t)(size - at), &point);
        if (length < 1) {
            at++;
            continue;
        }
        width += (uint32_t)utf8proc_charwidth(point);
        at += (uint32_t)length;
    }
    return width;
}

uint32_t nst_display_width(const char *text, uint32_t size) {
    for (uint32_t at = 0; at < size; at++) {
        if (text[at] == '\n') return at;
        if ((unsigned char)text[at] >= 0x80) return wide_width(text, size);
    }
    return size;
}

// ---- Building ---------------------------------------------------------------------------

void nst_doc_clear(NstDoc *doc) {
    doc->count = doc->width = doc->late_width = doc->forced = doc->open_count = doc->ended = 0;
}

void nst_doc_free(NstDoc *doc) {
    free(doc->commands);
    free(doc->open);
    *doc = (NstDoc){0};
}

static NstDocCommand *add(NstDoc *doc, NstDocOp op, const char *text, uint32_t size, uint8_t flags) {
    if (doc->count == doc->capacity) {
        doc->capacity = doc->capacity ? doc->capacity * 2 : 512;
        doc->commands = nst_realloc(doc->commands, doc->capacity * sizeof *doc->commands);
    }
    NstDocCommand *command = &doc->commands[doc->count++];
    *command = (NstDocCommand){.text = text, .size = size, .op = (uint8_t)op, .flags = flags, .before = doc->width,
                               .forced = doc->forced};
    return command;
}

void nst_doc_text(NstDoc *doc, const char *text, uint32_t size) {
    add(doc, NST_DOC_TEXT, text, size, 0);
    doc->width += nst_display_width(text, size);
}

void nst_doc_blank(NstDoc *doc) {
    add(doc, NST_DOC_BLANK, NULL, 0, 0);
    doc->width++;
}

void nst_doc_line(NstDoc *doc, uint8_t flags) {
    add(doc, NST_DOC_LINE, NULL, 0, flags);
    doc->width += !(flags & NST_LINE_SOFT) + doc->late_width;
    doc->late_width = 0;
    doc->forced += (flags & NST_LINE_HARD) != 0;
    if (!(flags & NST_LINE_ROW)) return;
    NstDocCommand *group = &doc->commands[doc->open[doc->open_count - 1]];
    doc->commands[doc->count - 1].row = group->row;
    group->row = doc->count - 1;
}

void nst_doc_if_broken(NstDoc *doc, const char *text) {
    add(doc, NST_DOC_IF_BROKEN, text, (uint32_t)strlen(text), 0);
}

void nst_doc_comma_if_broken(NstDoc *doc) {
    nst_doc_if_broken(doc, ",");
    doc->width++;
    doc->late_width--;
}

void nst_doc_if_flat(NstDoc *doc, const char *text, uint32_t size) {
    add(doc, NST_DOC_IF_FLAT, text, size, 0);
    doc->late_width += size;
}

void nst_doc_verbatim(NstDoc *doc, const char *text, uint32_t size, bool whole_line) {
    add(doc, NST_DOC_TEXT, text, size, whole_line ? NST_TEXT_WHOLE_LINE : 0);
    doc->width += nst_display_width(text, size);
    doc->forced++;
}

void nst_doc_force(NstDoc *doc) {
    add(doc, NST_DOC_FORCE, NULL, 0, 0);
    doc->forced++;
}

// Whether a comment that is added now stands behind a blank on its line.
static bool is_blank_before_comment(const NstDoc *doc) {
    for (uint32_t at = doc->count; at-- > 0;) {
        const NstDocCommand *command = &doc->commands[at];
        if (command->op == NST_DOC_TEXT) return !nst_is_one_of(command->text[command->size - 1], "([{");
        if (command->op == NST_DOC_BLANK || (command->op == NST_DOC_LINE && !(command->flags & NST_LINE_SOFT)))
            return false; // counted already
    }
    return false;
}

void nst_doc_comment(NstDoc *doc, const char *text, uint32_t size, uint8_t flags) {
    uint32_t width = nst_display_width(text, size) + 1 + is_blank_before_comment(doc);
    add(doc, NST_DOC_COMMENT, text, size, flags);
    if (!(flags & NST_COMMENT_LINE)) doc->width += width;
    doc->forced += (flags & (NST_COMMENT_OWN | NST_COMMENT_ENDS_LINE)) != 0;
}

void nst_doc_indent(NstDoc *doc) { add(doc, NST_DOC_INDENT, NULL, 0, 0); }
void nst_doc_dedent(NstDoc *doc) { add(doc, NST_DOC_DEDENT, NULL, 0, 0); }

uint32_t nst_doc_open(NstDoc *doc) {
    if (doc->open_count == doc->open_capacity) {
        doc->open_capacity = doc->open_capacity ? doc->open_capacity * 2 : 64;
        doc->open = nst_realloc(doc->open, doc->open_capacity * sizeof *doc->open);
    }
    doc->open[doc->open_count++] = doc->count;
    add(doc, NST_DOC_OPEN, NULL, 0, 0);
    return doc->count - 1;
}

void nst_doc_set(NstDoc *doc, uint32_t group, uint8_t flags) {
    doc->commands[group].flags = flags;
}

void nst_doc_close(NstDoc *doc) {
    doc->commands[doc->open[--doc->open_count]].link = doc->count;
    add(doc, NST_DOC_CLOSE, NULL, 0, 0);
}

void nst_doc_hug(NstDoc *doc, uint32_t group, uint32_t inner) {
    doc->commands[group].hug = inner;
}

void nst_doc_end_head(NstDoc *doc, uint32_t group) {
    doc->commands[group].head = doc->count;
}

// ---- Printing ---------------------------------------------------------------------------

// Deeper levels are indented no further, so that the output stays linear in the input.
enum { MAX_LEVELS = 64 };

typedef enum Mode { FLAT, BROKEN, HUG, ROWS } Mode;

typedef struct Printer {
    const NstDoc *doc;
    const NstDocStyle *style;
    NstFmtBuffer *out;
    uint32_t column;
    uint32_t indent;       // levels
    uint32_t newlines;     // at the end of the output; the indentation is written with the next text
    bool want_blank;
    bool after_comment;    // the blank is wanted by a comment: punctuation does without
    bool want_newline;     // a comment has ended the line
    bool want_empty;       // and an empty line follows it
    uint8_t *modes;        // of the open groups
    uint8_t *steps;        // for each INDENT: whether it counted
    uint32_t depth, step_depth;
    uint32_t hugged;       // the group that is left to break by the last one whose head fits: not all of it does
} Printer;

static uint32_t width_from(const NstDoc *doc, uint32_t from, uint32_t to) {
    uint32_t end = to < doc->count ? doc->commands[to].before : doc->width;
    return end - doc->commands[from].before;
}

static uint32_t forced_between(const NstDoc *doc, uint32_t from, uint32_t to) {
    return doc->commands[to].forced - doc->commands[from].forced;
}

static uint32_t line_after(const NstDoc *doc, uint32_t at) {
    return at < doc->count ? doc->commands[at].next_line : doc->count;
}

static uint32_t indentation(const Printer *printer, uint32_t more) {
    uint32_t levels = printer->indent + more < MAX_LEVELS ? printer->indent + more : MAX_LEVELS;
    return levels * printer->style->indent;
}

// The column of the next text.
static uint32_t next_column(const Printer *printer) {
    return printer->want_newline ? indentation(printer, 0) : printer->column + printer->want_blank;
}

static bool at_start(const Printer *printer) {
    return printer->newlines || !printer->out->size;
}

static void newline(Printer *printer, bool empty) {
    nst_buffer_add(printer->out, printer->style->newline, strlen(printer->style->newline));
    if (empty) nst_buffer_add(printer->out, printer->style->newline, strlen(printer->style->newline));
    printer->newlines = empty ? 2 : 1;
    printer->column = indentation(printer, 0);
    printer->want_blank = printer->after_comment = printer->want_newline = printer->want_empty = false;
}

static void write_text(Printer *printer, const char *text, uint32_t size) {
    static const char blanks[] = "                                                                ";
    if (!size) return;
    if (printer->newlines) {
        for (uint32_t left = printer->column; left;) {
            uint32_t part = left < sizeof blanks - 1 ? left : (uint32_t)sizeof blanks - 1;
            nst_buffer_add(printer->out, blanks, part);
            left -= part;
        }
    } else if (printer->want_blank) {
        nst_buffer_add(printer->out, " ", 1);
        printer->column++;
    }
    printer->newlines = 0;
    printer->want_blank = printer->after_comment = false;
    nst_buffer_add(printer->out, text, size);
    const char *last = NULL;
    for (const char *at = text + size; !last && at > text; at--)
        if (at[-1] == '\n') last = at - 1;
    if (last) printer->column = nst_display_width(last + 1, size - (uint32_t)(last + 1 - text));
    else printer->column += nst_display_width(text, size);
}

static void print_text(Printer *printer, const NstDocCommand *command) {
    if (printer->want_newline) newline(printer, printer->want_empty);
    if (printer->want_blank && printer->after_comment && nst_is_one_of(command->text[0], ",;)]}")) printer->want_blank = false;
    if (command->flags & NST_TEXT_WHOLE_LINE && at_start(printer)) printer->column = 0;
    write_text(printer, command->text, command->size);
}

static void print_comment(Printer *printer, const NstDocCommand *command) {
    if (printer->want_newline) newline(printer, printer->want_empty);
    bool empty = command->flags & NST_LINE_EMPTY;
    if (command->flags & NST_COMMENT_OWN) {
        if (!at_start(printer)) newline(printer, empty);
        else if (empty && printer->newlines == 1) newline(printer, false);
    } else if (!at_start(printer) && !nst_is_one_of(printer->out->bytes[printer->out->size - 1], "([{")) {
        printer->want_blank = true;
    }
    if (command->flags & NST_COMMENT_LINE && !at_start(printer)) printer->want_blank = true;
    write_text(printer, command->text, command->size);
    if (command->flags & NST_COMMENT_ENDS_LINE) {
        printer->want_newline = true;
        printer->want_empty = command->flags & NST_COMMENT_EMPTY_AFTER;
    } else {
        printer->want_blank = printer->after_comment = true;
    }
}

static void print_line(Printer *printer, uint32_t at, Mode mode) {
    const NstDocCommand *command = &printer->doc->commands[at];
    bool breaks = mode == BROKEN || command->flags & NST_LINE_HARD || (mode == ROWS && command->flags & NST_LINE_ROW) ||
                  (mode == HUG && command->flags & NST_LINE_HUG);
    if (breaks && command->flags & NST_LINE_FILL && !printer->want_newline) {
        uint32_t width = width_from(printer->doc, at, line_after(printer->doc, at + 1));
        breaks = printer->column + width > printer->style->width;
    }
    if (breaks || printer->want_newline) {
        bool empty = printer->want_empty || command->flags & NST_LINE_EMPTY;
        if (printer->newlines == 0 || printer->want_newline) newline(printer, empty);
    } else if (!(command->flags & NST_LINE_SOFT)) {
        printer->want_blank = true;
        printer->after_comment = false;
    }
}

// Whether the text from the first line of the group to the next line behind `to` fits below, one level deeper.
static bool fits_below(const Printer *printer, uint32_t at, uint32_t to) {
    const NstDoc *doc = printer->doc;
    uint32_t line = doc->commands[at].next_line;
    if (line >= to || forced_between(doc, line, to)) return false;
    return indentation(printer, 1) + width_from(doc, line + 1, line_after(doc, to)) <= printer->style->width;
}

// Where the text ends that must stand on the line on which a broken group begins.
static uint32_t head_end(const NstDoc *doc, uint32_t group) {
    return doc->commands[group].head ? doc->commands[group].head : group;
}

// Comments above a row and behind it do not count.
static bool row_fits(const Printer *printer, uint32_t column, uint32_t from, uint32_t to) {
    const NstDoc *doc = printer->doc;
    uint32_t width = width_from(doc, from, line_after(doc, to));
    while (from < to && doc->commands[from].op == NST_DOC_COMMENT && doc->commands[from].flags & NST_COMMENT_OWN) from++;
    while (to > from && doc->commands[to - 1].op == NST_DOC_COMMENT && !(doc->commands[to - 1].flags & NST_COMMENT_OWN)) to--;
    return !forced_between(doc, from, to) && column + width <= printer->style->width;
}

static bool rows_fit(const Printer *printer, uint32_t group) {
    const NstDoc *doc = printer->doc;
    uint32_t end = doc->commands[group].link, inner = doc->commands[group].hug;
    if (!at_start(printer) && !printer->want_newline) return false; // further rows would not stand below the first
    if (inner && forced_between(doc, doc->commands[inner].link, end)) return false;
    if (inner) end = inner;
    for (uint32_t line = doc->commands[group].row; line; line = doc->commands[line].row) {
        if (!row_fits(printer, indentation(printer, 0), line + 1, end)) return false;
        end = line;
    }
    return row_fits(printer, next_column(printer), group, end);
}

// Whether the line of the group's beginning takes what precedes the first break of its hug.
static bool hug_fits(Printer *printer, uint32_t at) {
    const NstDoc *doc = printer->doc;
    uint32_t inner = doc->commands[at].hug;
    if (!inner) return false;
    uint32_t width = width_from(doc, at, line_after(doc, head_end(doc, inner)));
    if (next_column(printer) + width > printer->style->width) return false;
    printer->hugged = inner;
    return true;
}

// The mode of a group below that does not fit on the line.
static Mode choose_below(Printer *printer, uint32_t at) {
    const NstDoc *doc = printer->doc;
    const NstDocCommand *command = &doc->commands[at];
    // What must break behind the hug, a comment say, breaks what is around it, too.
    bool hugs = command->hug && !forced_between(doc, doc->commands[command->hug].link, command->link);
    if (hugs && hug_fits(printer, at)) return HUG;
    if (fits_below(printer, at, hugs ? head_end(doc, command->hug) : command->link)) return BROKEN;
    uint32_t first_break = line_after(doc, command->next_line + 1);
    uint32_t width = width_from(doc, at, first_break);
    return next_column(printer) + width <= printer->style->width ? HUG : BROKEN;
}

static Mode choose_mode(Printer *printer, uint32_t at, Mode around) {
    const NstDoc *doc = printer->doc;
    const NstDocCommand *command = &doc->commands[at];
    uint32_t inner = command->hug, width = width_from(doc, at, line_after(doc, command->link));
    bool fits = !forced_between(doc, at, command->link) && next_column(printer) + width <= printer->style->width;
    if (around == FLAT || (fits && at != printer->hugged)) return FLAT;
    if (command->row) return rows_fit(printer, at) ? ROWS : BROKEN;
    if (command->flags & NST_GROUP_BELOW) return choose_below(printer, at);
    if (command->flags & NST_GROUP_SOLE && fits_below(printer, at, doc->commands[inner].link)) return BROKEN;
    if (!inner || forced_between(doc, at, head_end(doc, inner)) ||
        forced_between(doc, doc->commands[inner].link, command->link))
        return BROKEN;
    return hug_fits(printer, at) ? HUG : BROKEN;
}

static void find_lines(NstDoc *doc) {
    uint32_t line = doc->count;
    for (uint32_t at = doc->count; at-- > 0;) {
        if (doc->commands[at].op == NST_DOC_LINE) line = at;
        doc->commands[at].next_line = line;
    }
}

static uint32_t count_op(const NstDoc *doc, NstDocOp op) {
    uint32_t count = 0;
    for (uint32_t at = 0; at < doc->count; at++) count += doc->commands[at].op == op;
    return count;
}

void nst_doc_print(NstDoc *doc, const NstDocStyle *style, NstFmtBuffer *out) {
    find_lines(doc);
    Printer printer = {.doc = doc, .style = style, .out = out, .hugged = UINT32_MAX};
    printer.newlines = out->size && out->bytes[out->size - 1] == '\n';
    printer.modes = nst_malloc(count_op(doc, NST_DOC_OPEN) + 1);
    printer.steps = nst_malloc(count_op(doc, NST_DOC_INDENT) + 1);
    printer.modes[printer.depth++] = BROKEN;
    for (uint32_t at = 0; at < doc->count; at++) {
        const NstDocCommand *command = &doc->commands[at];
        Mode mode = printer.modes[printer.depth - 1];
        switch ((NstDocOp)command->op) {
        case NST_DOC_TEXT: print_text(&printer, command); break;
        case NST_DOC_BLANK:
            printer.want_blank = true;
            printer.after_comment = false;
            break;
        case NST_DOC_LINE: print_line(&printer, at, mode); break;
        case NST_DOC_INDENT:
            printer.steps[printer.step_depth++] = mode == BROKEN;
            printer.indent += mode == BROKEN;
            break;
        case NST_DOC_DEDENT: printer.indent -= printer.steps[--printer.step_depth]; break;
        case NST_DOC_OPEN:
            mode = choose_mode(&printer, at, mode);
            printer.modes[printer.depth++] = (uint8_t)mode;
            break;
        case NST_DOC_CLOSE: printer.depth--; break;
        case NST_DOC_IF_BROKEN:
            if (mode == BROKEN) print_text(&printer, command);
            break;
        case NST_DOC_IF_FLAT:
            if (mode != BROKEN) print_text(&printer, command);
            break;
        case NST_DOC_FORCE: break;
        case NST_DOC_COMMENT: print_comment(&printer, command); break;
        }
    }
    free(printer.modes);
    free(printer.steps);
}
