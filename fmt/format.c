// One text: parse, print item by item, check, and put the pieces together.
#include "fmt/fmt.h"

#include "fmt/check.h"
#include "fmt/printer.h"
#include "fmt/same_tree.h"
#include "fmt/units.h"
#include "frontend/guard.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    DEEP_TREE = 400, // trees of more levels are formatted on a thread with a large stack
    LARGE_STACK = 512 * 1024 * 1024,
    MAX_ROUNDS = 4,
};

typedef struct Format {
    const NstFmtOptions *options;
    NstArena arena;
    NstSources *sources;
    NstDiags *diags;
    uint32_t source;
    NstSyntax syntax;
    NstPrinter printer;
    NstOffsets bad;          // starts of errors, ascending
    bool has_bad_string;     // a string has no end
    NstUnits units;          // items and broken items in order
    NstDocStyle style;
    uint32_t line, line_at;  // the line of the offset up to which lines have been counted
    NstFmtBuffer out;
    const char *failure;
} Format;

NstFmtStyle nst_fmt_default_style(void) {
    return (NstFmtStyle){.indent = 4, .width = 100, .end_of_line = NST_FMT_EOL_KEEP, .final_newline = true};
}

// ---- Errors -----------------------------------------------------------------------------

static int compare_offsets(const void *a, const void *b) {
    uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;
    return (left > right) - (left < right);
}

// Only what makes a text ill-formed concerns the formatter: a misplaced `break` does not.
static void keep_syntax_errors(Format *format) {
    NstDiags *diags = format->diags;
    size_t kept = 0;
    for (size_t i = 0; i < diags->count; i++) {
        NstDiag *diag = diags->items[i];
        if (diag->kind != NST_DIAG_SYNTAX_ERROR && diag->kind != NST_DIAG_INVALID_LITERAL) continue;
        diags->items[kept++] = diag;
        if (strstr(diag->message, "unterminated")) format->has_bad_string = true;
        NstFileRange range;
        if (nst_file_range(format->sources, diag->span, &range)) nst_printer_offset(&format->printer, &format->bad, range.start);
    }
    diags->count = kept;
    if (kept) qsort(format->bad.items, format->bad.count, sizeof(uint32_t), compare_offsets);
}

static char *write_diagnostics(const Format *format) {
    if (!format->diags->count) return NULL;
    char *text = NULL;
    size_t size;
    FILE *stream = open_memstream(&text, &size);
    if (!stream) abort();
    nst_diags_write_text(format->sources, format->diags, stream, format->options->color);
    fclose(stream);
    return text;
}

// Offsets come in ascending order.
static uint32_t line_of(Format *format, uint32_t offset) {
    const char *text = format->printer.text, *end = text + offset;
    for (const char *at = text + format->line_at; (at = memchr(at, '\n', (size_t)(end - at))); at++) format->line++;
    format->line_at = offset;
    return format->line;
}

static bool is_selected(Format *format, const NstNode *unit) {
    const NstFmtOptions *options = format->options;
    if (!options->line_count) return true;
    uint32_t first = line_of(format, unit->start), last = line_of(format, unit->end);
    for (size_t i = 0; i < options->line_count; i++)
        if (first <= options->lines[i].last && last >= options->lines[i].first) return true;
    return false;
}

static bool stays(const Format *format, const NstNode *unit) {
    if (unit->kind == NST_NODE_ERROR) return true;
    if (format->printer.directives && nst_has_skip(&format->printer, unit)) return true;
    if (!nst_is_bad(&format->printer, unit)) return false;
    if (unit->kind != NST_NODE_module_declaration) return true;
    for (size_t i = 0; i < format->bad.count; i++) {
        uint32_t place = format->bad.items[i];
        bool inside = place < unit->start || place >= unit->end;
        for (uint32_t k = 0; k < unit->child_count && !inside; k++)
            inside = nst_is_item(&unit->children[k]) && place >= unit->children[k].start && place < unit->children[k].end;
        for (size_t k = 0; k < format->syntax.broken_count && !inside; k++)
            inside = place >= format->syntax.broken[k].start && place < format->syntax.broken[k].end;
        if (!inside) return true;
    }
    return false;
}

static bool has_broken_part(const Format *format, const NstNode *unit) {
    const NstSyntax *syntax = &format->syntax;
    size_t low = 0, high = syntax->broken_count; // the first range that begins in or behind the unit
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (syntax->broken[middle].start < unit->start) low = middle + 1;
        else high = middle;
    }
    return (low < syntax->broken_count && syntax->broken[low].start < unit->end) || nst_is_bad(&format->printer, unit);
}

// ---- Printing ---------------------------------------------------------------------------

static void fail(Format *format, const char *failure) {
    if (!format->failure) format->failure = failure;
}

static void write_source(Format *format, uint32_t start, uint32_t end) {
    nst_buffer_add(&format->out, format->printer.text + start, end - start);
}

// Lays out what has been emitted and checks it against the text from `start` on; `raw` bytes at the end are left out
// of the check.
static void flush(Format *format, uint32_t start, uint32_t raw, bool check) {
    NstPrinter *f = &format->printer;
    size_t before = format->out.size;
    nst_doc_print(&f->doc, &format->style, &format->out);
    nst_doc_clear(&f->doc);
    if (f->failed) fail(format, "a token was printed out of order");
    const char *output = format->out.bytes ? format->out.bytes + before : "";
    if (check) {
        const char *failure = nst_check_output(f, start, f->at - raw, output, format->out.size - before - raw);
        if (failure) fail(format, failure);
    }
    f->separated.count = f->free.count = f->optional.count = 0;
}

static void begin_unit(Format *format, bool first) {
    NstPrinter *f = &format->printer;
    if (first) nst_emit_dangling(f);
    else nst_emit_line(f, NST_LINE_HARD | NST_LINE_EMPTY);
}

static void skip_to(NstPrinter *f, uint32_t at) {
    f->at = at;
    f->gap_known = false;
    f->piece_count = 0;
    f->lines = f->gap_lines = 0;
    f->after_opener = false;
}

static void print_unit(Format *format, size_t i, bool format_gap) {
    NstPrinter *f = &format->printer;
    const NstNode *unit = format->units.items[i];
    uint32_t start = f->at;
    bool first = !format->out.size;
    if (unit->kind == NST_NODE_ERROR) nst_end_gap(f, unit->start);
    if (!format_gap) {
        write_source(format, f->at, unit->start);
        start = unit->start;
        skip_to(f, start);
    } else {
        begin_unit(format, first);
    }
    nst_printer_offset(f, &f->separated, unit->start);
    if (stays(format, unit)) {
        nst_emit_dangling(f);
        uint32_t end = nst_trim_blanks(f, unit->start, unit->end); // a string without end has the rest of the file
        nst_emit_verbatim(f, unit->start, end, unit->kind == NST_NODE_ERROR);
        flush(format, start, end - unit->start, true);
    } else {
        nst_print_item(f, unit);
        flush(format, start, 0, !has_broken_part(format, unit));
    }
}

// The units up to `# fmt: on`, or all that are left, stay as they are. Between lines that were chosen, so do the gaps
// around them.
static bool print_off(Format *format, size_t *i, bool format_gap) {
    NstPrinter *f = &format->printer;
    uint32_t start, end, from = f->at;
    size_t index = *i;
    if (!f->directives || !nst_find_off(f, format->units.items, format->units.count, &index, f->size, &start, &end)) return false;
    if (format_gap) {
        begin_unit(format, !format->out.size);
        nst_emit_verbatim(f, start, end, false);
        flush(format, from, end - start, true);
    } else {
        write_source(format, from, end);
        skip_to(f, end);
    }
    while (*i < format->units.count && format->units.items[*i]->start < end) (*i)++;
    return true;
}

static void print_end(Format *format, bool format_gap) {
    NstPrinter *f = &format->printer;
    uint32_t start = f->at;
    if (!format_gap) {
        write_source(format, f->at, f->size);
        return;
    }
    nst_emit_dangling(f);
    if (f->next != f->size) f->failed = true;
    f->at = f->size;
    flush(format, start, 0, true);
    NstFmtBuffer *out = &format->out;
    if (out->size && format->options->style.final_newline)
        nst_buffer_add(out, format->style.newline, strlen(format->style.newline));
}

static void print_units(Format *format) {
    NstPrinter *f = &format->printer;
    bool all = !format->options->line_count;
    bool selected_before = true;
    uint32_t mark = f->at; // the byte-order mark is put before the output at the end
    for (size_t i = 0; i < format->units.count;) {
        if (print_off(format, &i, all)) {
            selected_before = all;
            continue;
        }
        bool selected = is_selected(format, format->units.items[i]);
        if (selected) {
            print_unit(format, i, selected_before);
        } else {
            write_source(format, f->at, format->units.items[i]->end);
            skip_to(f, format->units.items[i]->end);
        }
        selected_before = selected;
        i++;
    }
    if (print_off(format, &(size_t){format->units.count}, all)) selected_before = all;
    print_end(format, selected_before && (all || format->units.count));
    if (mark) {
        NstFmtBuffer marked = {0};
        nst_buffer_add(&marked, f->text, mark);
        if (format->out.size) nst_buffer_add(&marked, format->out.bytes, format->out.size);
        free(format->out.bytes);
        format->out = marked;
    }
}

// ---- One text ---------------------------------------------------------------------------

static const char *newline_of(const NstFmtStyle *style, const char *text, size_t size) {
    if (style->end_of_line != NST_FMT_EOL_KEEP) return style->end_of_line == NST_FMT_EOL_CRLF ? "\r\n" : "\n";
    const char *first = memchr(text, '\n', size);
    return first && first > text && first[-1] == '\r' ? "\r\n" : "\n";
}

static void *run(void *argument) {
    Format *format = argument;
    print_units(format);
    return NULL;
}

static void run_with_stack(Format *format) {
    pthread_t thread;
    pthread_attr_t attributes;
    if (format->syntax.depth <= DEEP_TREE) {
        run(format);
        return;
    }
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, LARGE_STACK);
    if (pthread_create(&thread, &attributes, run, format) == 0) pthread_join(thread, NULL);
    else fail(format, "no memory for a large stack");
    pthread_attr_destroy(&attributes);
}

static bool mentions_directive(const char *text, size_t size) {
    const char *end = text + size;
    for (; (text = memchr(text, 'f', (size_t)(end - text))); text++)
        if (end - text >= 4 && memcmp(text, "fmt:", 4) == 0) return true;
    return false;
}

static void parse(Format *format, const char *path, const char *text, size_t size) {
    format->sources = nst_sources_new();
    format->diags = nst_diags_new();
    format->source = nst_sources_add_file(format->sources, path, text, size);
    format->syntax = nst_parse_syntax(format->sources, format->source, &format->arena, format->diags);
    NstPrinter *f = &format->printer;
    f->text = nst_source(format->sources, format->source)->text;
    f->size = (uint32_t)size;
    f->arena = &format->arena;
    f->broken = format->syntax.broken;
    f->broken_count = format->syntax.broken_count;
    f->bad = &format->bad;
    f->at = nst_guard_bom(text, size);
    f->after_opener = true;
    f->lines = 1; // the text's first comment begins a line
    f->directives = mentions_directive(text, size);
    format->line = 1;
    format->style = (NstDocStyle){.width = format->options->style.width, .indent = format->options->style.indent,
                                  .newline = newline_of(&format->options->style, text, size)};
    keep_syntax_errors(format);
}

static void release(Format *format) {
    nst_doc_free(&format->printer.doc);
    nst_sources_free(format->sources);
    nst_diags_free(format->diags);
    nst_arena_free(&format->arena);
    free(format->out.bytes);
}

// Whether the guard is why there is no tree; the other reason is that recovery gave up.
static bool is_refused(const Format *format) {
    NstDiags *diags = nst_diags_new();
    bool refused = !nst_guard_check(format->sources, format->source, diags);
    nst_diags_free(diags);
    return refused;
}

// The result parsed in full has the same tree, and formatted again it is itself.
static const char *verify(const Format *format, const char *path, const NstFmtResult *result) {
    NstFmtOptions again = {.style = format->options->style};
    Format second = {.options = &again};
    const char *failure = NULL;
    parse(&second, path, result->text, result->size);
    bool broken = result->status == NST_FMT_BROKEN; // how far damage reaches depends on the indentation around it
    if ((!broken && !second.syntax.root) || (second.diags->count > 0) != broken ||
        (!broken && !nst_same_tree(format->syntax.root, format->printer.text, second.syntax.root, second.printer.text)))
        failure = "the result has another syntax tree";
    release(&second);
    // Items that were not selected may still change, and broken texts are settled later.
    if (failure || broken || format->options->line_count) return failure;
    NstFmtResult formatted = nst_fmt_text(path, result->text, result->size, &again);
    if (formatted.status != result->status || formatted.changed) failure = "formatting the result again gives another text";
    nst_fmt_result_free(&formatted);
    return failure;
}

static NstFmtResult format_once(const char *path, const char *text, size_t size, const NstFmtOptions *options) {
    Format format = {.options = options};
    NstFmtResult result = {0};
    parse(&format, path, text, size);
    result.diagnostics = write_diagnostics(&format);
    if (!format.syntax.root && is_refused(&format)) {
        result.status = NST_FMT_REFUSED;
        release(&format);
        return result;
    }
    format.units = nst_collect_units(&format.printer, &format.syntax, format.has_bad_string);
    run_with_stack(&format);
    if (format.out.size > NST_MAX_SOURCE_SIZE) fail(&format, "the result is larger than a source file may be");
    if (!format.failure) {
        nst_buffer_add(&format.out, "", 0);
        result.status = result.diagnostics ? NST_FMT_BROKEN : NST_FMT_OK;
        result.text = format.out.bytes;
        result.size = format.out.size;
        result.changed = result.size != size || memcmp(result.text, text, size) != 0;
        format.out = (NstFmtBuffer){0};
        if (options->verify) format.failure = verify(&format, path, &result);
    }
    if (format.failure) {
        free(result.text);
        result.text = NULL;
        result.status = NST_FMT_INTERNAL;
        result.failure = nst_strdup(format.failure);
    }
    release(&format);
    return result;
}

// How far damage reaches depends on the indentation around it, which formatting changes: a broken text is formatted until
// nothing changes any more. The diagnostics are those of the text as it was.
NstFmtResult nst_fmt_text(const char *path, const char *text, size_t size, const NstFmtOptions *options) {
    NstFmtResult result = format_once(path, text, size, options);
    bool settled = result.status != NST_FMT_BROKEN || options->line_count;
    for (int round = 0; !settled && round < MAX_ROUNDS; round++) {
        NstFmtResult next = format_once(path, result.text, result.size, options);
        settled = !next.text || !next.changed;
        if (!settled) {
            free(result.text);
            result.text = next.text;
            result.size = next.size;
            result.changed = result.size != size || memcmp(result.text, text, size) != 0;
            next.text = NULL;
        }
        nst_fmt_result_free(&next);
    }
    return result;
}

void nst_fmt_result_free(NstFmtResult *result) {
    free(result->text);
    free(result->diagnostics);
    free(result->failure);
    *result = (NstFmtResult){0};
}
