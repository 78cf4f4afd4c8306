// Statements of a block, arms, and the declarations of a module, trait or implementation.
//
// A block or arm list written on one line stays there if it fits, with its separators; otherwise every element has a
// line of its own and the separators go.
#include "fmt/printer.h"

#include <string.h>

static bool is_separator(const NstPrinter *f, const NstNode *node) {
    return node->kind == NST_NODE_TOKEN && node->end - node->start == 1 && nst_is_one_of(f->text[node->start], ",;|");
}

bool nst_is_bad(const NstPrinter *f, const NstNode *node) {
    size_t low = 0, high = f->bad->count; // the first error in or behind the node
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (f->bad->items[middle] < node->start) low = middle + 1;
        else high = middle;
    }
    return low < f->bad->count && f->bad->items[low] < node->end;
}

// ---- `# fmt:` -----------------------------------------------------------------------------

static bool is_directive(const char *text, uint32_t size, NstDirective directive) {
    static const char *const words[] = {"off", "on", "skip"};
    const char *end = text + size;
    while (text < end && *text == '#') text++;
    while (text < end && *text == ' ') text++;
    if (end - text < 4 || memcmp(text, "fmt:", 4) != 0) return false;
    for (text += 4; text < end && *text == ' ';) text++;
    size_t length = strlen(words[directive]);
    return (size_t)(end - text) == length && memcmp(text, words[directive], length) == 0;
}

static bool piece_is(const NstPrinter *f, const NstPiece *piece, NstDirective directive) {
    return !piece->block && is_directive(f->text + piece->start, piece->end - piece->start, directive);
}

// The first `# fmt: on` in the gap that begins at `from`; UINT32_MAX if there is none.
static uint32_t find_on(const NstPrinter *f, uint32_t from) {
    NstPrinter gap = {.text = f->text, .size = f->size, .arena = f->arena, .at = from};
    nst_read_gap(&gap);
    for (size_t i = 0; i < gap.piece_count; i++)
        if (piece_is(f, &gap.pieces[i], NST_FMT_ON)) return gap.pieces[i].start;
    return UINT32_MAX;
}

uint32_t nst_trim_blanks(const NstPrinter *f, uint32_t start, uint32_t end) {
    while (end > start && nst_is_one_of(f->text[end - 1], " \t\r\n")) end--;
    return end;
}

bool nst_find_off(NstPrinter *f, const NstNode *const *elements, size_t count, size_t *index, uint32_t limit,
                  uint32_t *start, uint32_t *end) {
    nst_read_gap(f);
    for (size_t i = 0; i < f->piece_count; i++) {
        if (!piece_is(f, &f->pieces[i], NST_FMT_OFF) || (f->pieces[i].lines_before == 0 && f->at > 0)) continue;
        uint32_t from = f->pieces[i].end;
        *start = f->pieces[i].start;
        nst_end_gap(f, *start); // the comments before it are emitted as usual
        for (;; from = elements[(*index)++]->end) {
            uint32_t on = find_on(f, from);
            if (on == UINT32_MAX && *index < count) continue;
            *end = nst_trim_blanks(f, *start, on == UINT32_MAX ? limit : on);
            return true;
        }
    }
    return false;
}

bool nst_has_skip(const NstPrinter *f, const NstNode *element) {
    const char *line = memchr(f->text + element->start, '\n', f->size - element->start);
    uint32_t end = nst_trim_blanks(f, element->start, line ? (uint32_t)(line - f->text) : f->size);
    for (uint32_t at = end; at > element->start; at--)
        if (f->text[at - 1] == '#') return is_directive(f->text + at - 1, end - at + 1, NST_FMT_SKIP);
    return false;
}

// ---- Elements ---------------------------------------------------------------------------

// What stands between two brackets, or before `end`.
typedef struct Sequence {
    const NstNode **elements;
    size_t count;
    uint32_t limit;   // start of the closing token
    bool lines;       // every element on a line of its own
    bool items;       // declarations
} Sequence;

static void begin_element(NstPrinter *f, const Sequence *sequence, bool first) {
    uint8_t flags = sequence->lines ? NST_LINE_HARD : 0;
    nst_emit_line(f, first ? flags : flags | NST_LINE_EMPTY);
}

// The first skipped range that begins in the gap before the next element.
static const NstSkipped *broken_between(const NstPrinter *f, uint32_t after, uint32_t before) {
    for (size_t i = 0; i < f->broken_count; i++)
        if (f->broken[i].start >= after && f->broken[i].start < before) return &f->broken[i];
    return NULL;
}

uint32_t nst_broken_end(const NstPrinter *f, uint32_t start, uint32_t end) {
    for (;;) {
        end = nst_trim_blanks(f, start, end);
        uint32_t line = end;
        while (line > start && f->text[line - 1] != '\n') line--;
        uint32_t first = line;
        while (first < end && nst_is_one_of(f->text[first], " \t")) first++;
        bool comment = line > start && f->text[first] == '#' && f->text[first + 1] != '{' && f->text[first + 1] != '*';
        for (uint32_t at = first; comment && at < end; at++) comment = !nst_is_control(f->text[at]);
        if (!comment) return end;
        end = line;
    }
}

uint32_t nst_line_start(const NstPrinter *f, uint32_t at) {
    uint32_t start = at;
    while (start > 0 && nst_is_one_of(f->text[start - 1], " \t")) start--;
    return start == 0 || f->text[start - 1] == '\n' ? start : at;
}

uint32_t nst_broken_start(const NstPrinter *f, uint32_t after, uint32_t start) {
    NstPrinter gap = {.text = f->text, .size = f->size, .arena = f->arena, .at = after};
    nst_read_gap(&gap);
    bool in_comment = gap.next == start && gap.piece_count && !gap.lines;
    return nst_line_start(f, in_comment ? gap.pieces[gap.piece_count - 1].start : start);
}

uint32_t nst_column_of(const NstPrinter *f, uint32_t at) {
    uint32_t line = at;
    while (line > 0 && f->text[line - 1] != '\n') line--;
    return at - line;
}

// What recovery skipped may be the rest of a declaration whose beginning makes a declaration by itself: then all of it
// is broken. Only indentation tells.
bool nst_continues_broken(const NstPrinter *f, const NstNode *declaration, const NstSkipped *broken) {
    if (nst_is_one_of(f->text[broken->start], ")]}")) return true;
    bool own_line = nst_line_start(f, broken->start) < broken->start || nst_column_of(f, broken->start) == 0;
    return !own_line || nst_column_of(f, broken->start) > nst_column_of(f, declaration->start);
}

static void print_broken(NstPrinter *f, const Sequence *sequence, const NstSkipped *broken, bool first) {
    uint32_t start = nst_broken_start(f, f->at, broken->start);
    uint32_t end = broken->end < sequence->limit ? broken->end : sequence->limit;
    nst_end_gap(f, start);
    begin_element(f, sequence, first);
    nst_emit_verbatim(f, start, nst_broken_end(f, broken->start, end), true);
}

static void print_element(NstPrinter *f, const NstNode *element, bool items) {
    if ((f->directives && nst_has_skip(f, element)) ||
        (items && nst_is_bad(f, element) && element->kind != NST_NODE_module_declaration)) {
        nst_emit_dangling(f);
        nst_emit_verbatim(f, element->start, nst_trim_blanks(f, element->start, element->end), false);
    } else if (items) {
        nst_print_item(f, element);
    } else {
        nst_print_node(f, element);
    }
}

static void print_separators(NstPrinter *f, const Sequence *sequence, const NstNode **at, const NstNode *end) {
    const NstNode *next = *at;
    while (next < end && is_separator(f, next)) next++;
    bool keep = next < end && !sequence->lines;
    for (; *at < next; (*at)++, keep = false) {
        if (keep && f->text[(*at)->start] == '|') {
            if (f->flat) nst_emit_blank(f);
            else nst_doc_if_flat(&f->doc, " ", 1);
        }
        if (keep) nst_emit_flat_separator(f, *at);
        else nst_drop_token(f, *at);
    }
}

// Children [at, end) are elements and separators; the closing token follows.
static void print_elements(NstPrinter *f, const Sequence *sequence, const NstNode *at, const NstNode *end) {
    bool first = true;
    size_t index = 0;
    for (; at < end && is_separator(f, at); at++) nst_drop_token(f, at); // the leading `|` of an arm list
    while (at < end) {
        const NstSkipped *broken = sequence->items ? broken_between(f, f->at, at->start) : NULL;
        uint32_t start, stop;
        if (broken) {
            print_broken(f, sequence, broken, first);
            first = false;
            continue;
        }
        nst_printer_offset(f, &f->separated, at->start);
        if (f->directives && sequence->lines &&
            nst_find_off(f, sequence->elements, sequence->count, &index, sequence->limit, &start, &stop)) {
            begin_element(f, sequence, first);
            nst_emit_verbatim(f, start, stop, false);
            first = false;
            while (at < end && at->start < stop) at++;
            continue;
        }
        begin_element(f, sequence, first);
        if (sequence->items) broken = broken_between(f, at->end, at + 1 < end ? at[1].start : sequence->limit);
        if (broken && nst_continues_broken(f, at, broken)) {
            nst_emit_dangling(f);
            nst_emit_verbatim(f, at->start, nst_broken_end(f, broken->start, broken->end), false);
        } else {
            print_element(f, at, sequence->items);
        }
        first = false;
        index++;
        at++;
        print_separators(f, sequence, &at, end);
    }
    for (const NstSkipped *broken; sequence->items && (broken = broken_between(f, f->at, sequence->limit)); first = false)
        print_broken(f, sequence, broken, first);
}

static void collect_elements(NstPrinter *f, Sequence *sequence, const NstNode *at, const NstNode *end) {
    sequence->elements = NST_NEW_ARRAY(f->arena, const NstNode *, end - at + 1);
    for (; at < end; at++)
        if (!is_separator(f, at)) sequence->elements[sequence->count++] = at;
}

// Whether a newline stands between the elements, or between them and the brackets.
bool nst_is_on_lines(const NstPrinter *f, const NstNode *node) {
    for (uint32_t i = 1; i < node->child_count; i++)
        if (nst_has_newline(f, node->children[i - 1].end, node->children[i].start)) return true;
    return false;
}

void nst_print_block(NstPrinter *f, const NstNode *node) {
    const NstNode *open = node->children, *close = open + node->child_count - 1;
    bool spread = f->spread, joined = f->joined;
    f->spread = f->joined = false;
    Sequence sequence = {.limit = close->start, .lines = !f->flat && (spread || nst_is_on_lines(f, node))};
    collect_elements(f, &sequence, open + 1, close);
    if (!joined) nst_open_for(f, node);
    nst_emit_token(f, open);
    nst_indent(f);
    if (sequence.count) print_elements(f, &sequence, open + 1, close);
    else for (const NstNode *at = open + 1; at < close; at++) nst_drop_token(f, at);
    nst_read_gap(f);
    bool comments = f->piece_count > 0;
    nst_emit_dangling(f);
    nst_dedent(f);
    if (sequence.count || comments || open->end - open->start > 1)
        nst_emit_line(f, sequence.lines && sequence.count ? NST_LINE_HARD : 0);
    nst_emit_token(f, close);
    if (!joined) nst_close(f);
}

void nst_print_members(NstPrinter *f, const NstNode *node, uint32_t first) {
    const NstNode *at = node->children + first, *close = node->children + node->child_count - 1;
    Sequence sequence = {.limit = close->start, .lines = true, .items = true};
    collect_elements(f, &sequence, at, close);
    nst_indent(f);
    print_elements(f, &sequence, at, close);
    nst_emit_dangling(f);
    nst_dedent(f);
    nst_emit_line(f, NST_LINE_HARD);
    nst_emit_token(f, close);
}
