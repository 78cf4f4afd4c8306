// Diagnostics for people: cli.md 5.1.
#include "frontend/diag.h"

#include <stdlib.h>

typedef struct Style {
    const char *error, *warning, *bold, *frame, *help, *reset;
} Style;

static const Style plain = { "", "", "", "", "", "" };
static const Style colored = { "\033[1;31m", "\033[1;33m", "\033[1m", "\033[1;34m", "\033[1;36m", "\033[0m" };

typedef struct Writer {
    const NstSources *sources;
    FILE *out;
    const Style *style;
    int gutter; // width of the line numbers
} Writer;

static int digits(uint32_t number) {
    int count = 1;
    while (number >= 10) number /= 10, count++;
    return count;
}

static void write_frame(const Writer *writer, uint32_t line) {
    if (line) fprintf(writer->out, "%s%*u |%s", writer->style->frame, writer->gutter, line, writer->style->reset);
    else fprintf(writer->out, "%s%*s |%s", writer->style->frame, writer->gutter, "", writer->style->reset);
}

// What of a long line is shown: a window around the marked part that begins and ends between characters.
enum { SHOWN_BYTES = 160, SHOWN_BEFORE = 60 };

static bool is_continuation(char c) {
    return ((unsigned char)c & 0xC0) == 0x80;
}

static void choose_window(NstText line, size_t from, size_t *first, size_t *last) {
    *first = 0;
    *last = line.size;
    if (line.size <= SHOWN_BYTES) return;
    *first = from > SHOWN_BEFORE ? from - SHOWN_BEFORE : 0;
    *last = *first + SHOWN_BYTES < line.size ? *first + SHOWN_BYTES : line.size;
    while (*first && is_continuation(line.data[*first])) --*first;
    while (*last < line.size && is_continuation(line.data[*last])) ++*last;
}

// The line of a range and, under it, marks from its start to its end or the end of the line. Tabs are
// repeated under tabs so that the marks stand right whatever their width.
static void write_excerpt(const Writer *writer, NstFileRange range, char mark, const char *color, const char *message) {
    NstSource *source = nst_source(writer->sources, range.source);
    NstPosition start = nst_source_position(source, range.start, NST_COLUMN_UTF8);
    NstText line = nst_source_line(source, start.line);
    size_t from = start.column < line.size ? start.column : line.size, first, last;
    choose_window(line, from, &first, &last);
    size_t to = range.end > range.start ? from + (range.end - range.start) : from + 1;
    if (to > last) to = last;
    size_t shown = first;
    if (start.line == 0 && first == 0 && line.size >= 3 && memcmp(line.data, "\xEF\xBB\xBF", 3) == 0) shown = 3;

    write_frame(writer, start.line + 1);
    fprintf(writer->out, " %s%.*s%s\n", first ? "…" : "", (int)(last - shown), line.data + shown,
            last < line.size ? "…" : "");
    write_frame(writer, 0);
    fputs(first ? "  " : " ", writer->out);
    for (size_t i = shown; i < from; i++)
        if (!is_continuation(line.data[i])) fputc(line.data[i] == '\t' ? '\t' : ' ', writer->out);
    fputs(color, writer->out);
    size_t marks = 0;
    for (size_t i = from; i < to; i++)
        if (!is_continuation(line.data[i])) fputc(mark, writer->out), marks++;
    if (!marks) fputc(mark, writer->out);
    if (message && *message) fprintf(writer->out, " %s", message);
    fprintf(writer->out, "%s\n", writer->style->reset);
}

static void write_remark(const Writer *writer, const char *word, const char *text) {
    fprintf(writer->out, "%s%*s = %s%s%s:%s ", writer->style->frame, writer->gutter, "", writer->style->reset,
            writer->style->help, word, writer->style->reset);
    // Further lines of the text are indented to stand under its first one.
    int indent = writer->gutter + 5 + (int)strlen(word);
    for (const char *at = text; *at; at++) {
        fputc(*at, writer->out);
        if (*at == '\n') fprintf(writer->out, "%*s", indent, "");
    }
    fputc('\n', writer->out);
}

static void write_note(void *context, const char *text) {
    write_remark(context, "note", text);
}

static int gutter_width(const NstSources *sources, const NstDiag *diag, uint32_t line) {
    int width = digits(line);
    for (size_t i = 0; i < diag->label_count; i++) {
        NstPlace place;
        if (nst_sources_place(sources, diag->labels[i].span, &place) && digits(place.line) > width)
            width = digits(place.line);
    }
    return width < 2 ? 2 : width;
}

static void write_labels(const Writer *writer, const NstDiag *diag, uint32_t source) {
    for (size_t i = 0; i < diag->label_count; i++) {
        NstFileRange range;
        NstPlace place;
        if (!nst_file_range(writer->sources, diag->labels[i].span, &range)) continue;
        if (range.source != source && nst_sources_place(writer->sources, diag->labels[i].span, &place))
            fprintf(writer->out, "  ::: %s:%u:%u\n", place.path, place.line, place.column);
        source = range.source;
        write_excerpt(writer, range, '-', writer->style->frame, diag->labels[i].message);
    }
}

static void write_diag(Writer *writer, const NstDiag *diag) {
    bool error = diag->severity == NST_ERROR;
    const char *color = error ? writer->style->error : writer->style->warning;
    fprintf(writer->out, "%s%s[%s]%s%s: %s%s\n", color, error ? "error" : "warning", nst_diag_kind_text(diag->kind),
            writer->style->reset, writer->style->bold, diag->message, writer->style->reset);
    NstPlace place;
    NstFileRange range;
    writer->gutter = 2;
    if (nst_sources_place(writer->sources, diag->span, &place) && nst_file_range(writer->sources, diag->span, &range)) {
        writer->gutter = gutter_width(writer->sources, diag, place.line);
        fprintf(writer->out, "  %s-->%s %s:%u:%u\n", writer->style->frame, writer->style->reset, place.path, place.line,
                place.column);
        write_frame(writer, 0);
        fputc('\n', writer->out);
        write_excerpt(writer, range, '^', color, NULL);
        write_labels(writer, diag, range.source);
    } else if (diag->path) {
        fprintf(writer->out, "  %s-->%s %s\n", writer->style->frame, writer->style->reset, diag->path);
    }
    if (diag->hint) write_remark(writer, "help", diag->hint);
    for (size_t i = 0; i < diag->note_count; i++) write_remark(writer, "note", diag->notes[i]);
    nst_diag_expansion_notes(writer->sources, diag, write_note, writer);
}

static void write_summary(FILE *out, size_t errors, size_t warnings) {
    if (errors) fprintf(out, "%zu error%s", errors, errors == 1 ? "" : "s");
    if (errors && warnings) fputs(", ", out);
    if (warnings) fprintf(out, "%zu warning%s", warnings, warnings == 1 ? "" : "s");
    if (errors || warnings) fputc('\n', out);
}

void nst_diags_write_text(const NstSources *sources, const NstDiags *diags, FILE *out, bool color) {
    Writer writer = { sources, out, color ? &colored : &plain, 2 };
    NstDiag **sorted = nst_diags_sorted(sources, diags);
    size_t written = 0;
    for (size_t i = 0; i < diags->count; i++) {
        if (sorted[i]->severity == NST_ERROR && written++ == NST_DIAG_LIMIT) {
            fputs("too many errors\n", out);
            break;
        }
        write_diag(&writer, sorted[i]);
    }
    free(sorted);
    write_summary(out, nst_diags_count(diags, NST_ERROR), nst_diags_count(diags, NST_WARNING));
}
