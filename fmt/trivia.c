#include "fmt/printer.h"

#include <string.h>

void nst_printer_offset(NstPrinter *f, NstOffsets *offsets, uint32_t offset) {
    NST_PUSH(f->arena, offsets->items, offsets->count, offsets->capacity, offset);
}

// ---- Gaps -------------------------------------------------------------------------------

bool nst_is_control(char c) {
    return ((unsigned char)c < ' ' && !nst_is_one_of(c, "\t\r\n")) || c == 0x7F;
}

// No comment holds a control character (syntax.md 1.1).
static uint32_t comment_end(const NstPrinter *f, uint32_t at, bool *block) {
    *block = at + 1 < f->size && f->text[at + 1] == '*';
    uint32_t i = at + 1 + *block;
    for (; i < f->size && !nst_is_control(f->text[i]); i++) {
        if (!*block && f->text[i] == '\n') return i;
        if (*block && f->text[i] == '*' && i + 1 < f->size && f->text[i + 1] == '#') return i + 2;
    }
    return i;
}

void nst_read_gap(NstPrinter *f) {
    if (f->gap_known) return;
    f->gap_known = true;
    uint32_t at = f->at;
    for (; at < f->size; at++) {
        char c = f->text[at];
        if (c == '\n') {
            f->lines++;
            f->gap_lines++;
        } else if (c == '#' && !(at + 1 < f->size && f->text[at + 1] == '{')) {
            NstPiece piece = {.start = at, .lines_before = f->lines};
            uint32_t end = comment_end(f, at, &piece.block);
            piece.end = end;
            while (!piece.block && piece.end > at && nst_is_one_of(f->text[piece.end - 1], " \t\r")) piece.end--;
            NST_PUSH(f->arena, f->pieces, f->piece_count, f->piece_capacity, piece);
            f->lines = 0;
            at = end - 1;
        } else if (c != ' ' && c != '\t' && c != '\r') {
            break;
        }
    }
    f->next = at;
}

void nst_end_gap(NstPrinter *f, uint32_t at) {
    nst_read_gap(f);
    for (size_t i = 0; i < f->piece_count; i++) {
        if (f->pieces[i].start < at) continue;
        f->lines = f->pieces[i].lines_before;
        f->piece_count = i;
        f->next = at;
    }
}

static void pass(NstPrinter *f, uint32_t end) {
    f->at = end;
    f->gap_known = false;
}

static bool next_closes(const NstPrinter *f) {
    const char *next = f->text + f->next;
    if (f->next >= f->size) return true;
    if (nst_is_one_of(*next, ")]}")) return true;
    return f->size - f->next >= 3 && memcmp(next, "end", 3) == 0 &&
           (f->size - f->next == 3 || nst_is_one_of(next[3], " \t\r\n#"));
}

static bool has_line_after(const NstPrinter *f, size_t i) {
    return (i + 1 < f->piece_count ? f->pieces[i + 1].lines_before : f->lines) > 0;
}

static bool is_own(const NstPrinter *f, size_t i) {
    return f->pieces[i].lines_before > 0 && (!f->pieces[i].block || has_line_after(f, i));
}

static void emit_piece(NstPrinter *f, size_t i) {
    const NstPiece *piece = &f->pieces[i];
    bool last = i + 1 == f->piece_count;
    uint32_t lines_after = last ? f->lines : f->pieces[i + 1].lines_before;
    uint8_t flags = piece->block ? 0 : NST_COMMENT_LINE;
    bool own = is_own(f, i);
    if (own) flags |= NST_COMMENT_OWN;
    if (own && piece->lines_before >= 2 && !(i == 0 && f->after_opener)) flags |= NST_LINE_EMPTY;
    if (own || !piece->block) {
        flags |= NST_COMMENT_ENDS_LINE;
        if (lines_after >= 2 && !(last && next_closes(f))) flags |= NST_COMMENT_EMPTY_AFTER;
    }
    nst_doc_comment(&f->doc, f->text + piece->start, piece->end - piece->start, flags);
}

static void emit_pieces(NstPrinter *f, size_t from, size_t to) {
    for (size_t i = from; i < to; i++) emit_piece(f, i);
}

static void forget_gap(NstPrinter *f) {
    f->piece_count = 0;
    f->lines = f->gap_lines = 0;
}

void nst_emit_dangling(NstPrinter *f) {
    nst_read_gap(f);
    emit_pieces(f, 0, f->piece_count);
    if (f->piece_count) f->after_opener = false;
    f->piece_count = 0;
}

bool nst_gap_breaks(NstPrinter *f) {
    nst_read_gap(f);
    for (size_t i = 0; i < f->piece_count; i++)
        if (!f->pieces[i].block || is_own(f, i)) return true;
    return false;
}

bool nst_gap_has_newline(NstPrinter *f) {
    nst_read_gap(f);
    return f->gap_lines > 0;
}

bool nst_has_newline(const NstPrinter *f, uint32_t start, uint32_t end) {
    for (uint32_t at = start; at < end; at++) {
        if (f->text[at] == '\n') return true;
        if (f->text[at] == '#') {
            bool block;
            at = comment_end(f, at, &block) - 1;
        }
    }
    return false;
}

// ---- Tokens and lines -------------------------------------------------------------------

bool nst_is(const NstPrinter *f, const NstNode *node, const char *text) {
    size_t size = strlen(text);
    return node->end - node->start == size && memcmp(f->text + node->start, text, size) == 0;
}

static void expect(NstPrinter *f, uint32_t start) {
    nst_read_gap(f);
    if (f->next != start) f->failed = true;
}

void nst_emit_token(NstPrinter *f, const NstNode *token) {
    expect(f, token->start);
    nst_emit_dangling(f);
    nst_doc_text(&f->doc, f->text + token->start, token->end - token->start);
    pass(f, token->end);
    forget_gap(f);
    f->after_opener = nst_is_one_of(f->text[token->end - 1], "([{");
}

void nst_emit_separator(NstPrinter *f, const NstNode *token) {
    expect(f, token->start);
    nst_doc_text(&f->doc, f->text + token->start, token->end - token->start);
    pass(f, token->end);
    f->after_opener = false;
}

void nst_emit_flat_separator(NstPrinter *f, const NstNode *token) {
    uint32_t size = token->end - token->start;
    nst_drop_token(f, token);
    if (f->flat) nst_doc_text(&f->doc, f->text + token->start, size);
    else nst_doc_if_flat(&f->doc, f->text + token->start, size);
}

void nst_emit_if_broken(NstPrinter *f, const char *text) {
    if (!f->flat) nst_doc_if_broken(&f->doc, text);
}

void nst_emit_comma_if_broken(NstPrinter *f) {
    if (!f->flat) nst_doc_comma_if_broken(&f->doc);
}

void nst_drop_token(NstPrinter *f, const NstNode *token) {
    expect(f, token->start);
    nst_printer_offset(f, &f->optional, token->start);
    pass(f, token->end);
}

void nst_emit_blank(NstPrinter *f) { nst_doc_blank(&f->doc); }

void nst_emit_line(NstPrinter *f, uint8_t flags) {
    if (f->flat) {
        if (!(flags & NST_LINE_SOFT)) nst_doc_blank(&f->doc);
        return;
    }
    nst_read_gap(f);
    size_t trailing = 0;
    while (trailing < f->piece_count && f->pieces[trailing].lines_before == 0) trailing++;
    emit_pieces(f, 0, trailing);
    if (trailing && trailing == f->piece_count) f->after_opener = false;
    bool empty = trailing == f->piece_count && f->lines >= 2;
    if (!empty) flags &= (uint8_t)~NST_LINE_EMPTY;
    nst_doc_line(&f->doc, flags);
    emit_pieces(f, trailing, f->piece_count);
    f->piece_count = 0;
}

void nst_emit_verbatim(NstPrinter *f, uint32_t start, uint32_t end, bool whole_line) {
    nst_doc_verbatim(&f->doc, f->text + start, end - start, whole_line);
    pass(f, end);
    forget_gap(f);
    f->after_opener = false;
}

// ---- Groups -----------------------------------------------------------------------------

void nst_open(NstPrinter *f) { nst_doc_open(&f->doc); }
void nst_close(NstPrinter *f) { nst_doc_close(&f->doc); }
void nst_indent(NstPrinter *f) { nst_doc_indent(&f->doc); }
void nst_dedent(NstPrinter *f) { nst_doc_dedent(&f->doc); }

uint32_t nst_open_for(NstPrinter *f, const NstNode *bracket) {
    uint32_t group = nst_doc_open(&f->doc);
    for (; f->hugs && f->hugs->target == bracket; f->hugs = f->hugs->outer) nst_doc_hug(&f->doc, f->hugs->group, group);
    return group;
}

void nst_hug_begin(NstPrinter *f, NstHug *hug, const NstNode *target, uint32_t group) {
    *hug = (NstHug){.target = target, .group = group, .outer = f->hugs};
    f->hugs = hug;
}

void nst_hug_end(NstPrinter *f, NstHug *hug) {
    if (f->hugs == hug) f->hugs = hug->outer;
}
