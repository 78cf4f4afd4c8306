#include "runtime/difference.h"

#include <stdlib.h>

enum {
    PLAIN = 24,           // both texts are one line of at most so many bytes
    SHORT_PART = 60,      // a bracketed part up to this long stays on its line
    CONTEXT = 2,          // common lines shown beside different ones
    LARGEST_VALUE = 1 << 20, // text that is laid out
    LARGEST_TABLE = 1 << 22,
    MOST_LINES = 200,     // written
    WIDEST = 120, BEFORE = 40, // of a long line only what surrounds its first difference
};

typedef struct Line {
    const char *text;
    size_t size, indent;
} Line;

typedef struct Lines {
    Line *lines;
    size_t count, capacity;
} Lines;

static void add_line(Lines *all, const char *text, size_t size, size_t indent) {
    if (all->count == all->capacity) {
        all->capacity = all->capacity ? all->capacity * 2 : 32;
        Line *grown = realloc(all->lines, all->capacity * sizeof *grown);
        if (!grown) abort();
        all->lines = grown;
    }
    all->lines[all->count++] = (Line){ .text = text, .size = size, .indent = indent };
}

// ---- Laying out ---------------------------------------------------------------------------

static void split_lines(Lines *all, const char *text, size_t size) {
    for (size_t at = 0; at <= size;) {
        const char *end = memchr(text + at, '\n', size - at);
        size_t length = end ? (size_t)(end - text) - at : size - at;
        add_line(all, text + at, length, 0);
        at += length + 1;
    }
}

// The place behind the string or character that begins at i; `size` if it does not end.
static size_t skip_quoted(const char *text, size_t size, size_t i) {
    if (text[i] == '\'') { // one character, nothing is escaped
        size_t end = i + 2;
        while (end < size && ((unsigned char)text[end] & 0xC0) == 0x80) end++;
        return end < size ? end + 1 : size;
    }
    for (i++; i < size && text[i] != '"'; i++) i += text[i] == '\\';
    return i < size ? i + 1 : size;
}

// For every opening bracket the place of the closing one. Null if they do not pair: then it is no shown value.
static size_t *pair_brackets(const char *text, size_t size) {
    size_t *closing = calloc(size + 1, sizeof *closing), *open = calloc(size + 1, sizeof *open);
    if (!closing || !open) abort();
    size_t depth = 0, i = 0;
    bool paired = true;
    while (i < size && paired) {
        char c = text[i];
        if (c == '"' || c == '\'') {
            i = skip_quoted(text, size, i);
            continue;
        }
        if (c == '(' || c == '[' || c == '{') open[depth++] = i;
        if (c == ')' || c == ']' || c == '}') {
            paired = depth > 0 && text[open[depth - 1]] == (c == ')' ? '(' : c == ']' ? '[' : '{');
            if (paired) closing[open[--depth]] = i;
        }
        i++;
    }
    free(open);
    if (paired && depth == 0) return closing;
    free(closing);
    return NULL;
}

// Long bracketed parts are broken at their commas.
static void break_parts(Lines *all, const char *text, size_t size, const size_t *closing) {
    size_t start = 0, indent = 0, i = 0;
    size_t *ends = calloc(size + 1, sizeof *ends); // of the broken parts that are open
    if (!ends) abort();
    size_t depth = 0;
    while (i < size) {
        char c = text[i];
        if (c == '"' || c == '\'') {
            i = skip_quoted(text, size, i);
        } else if (closing[i] && (depth == 0 || closing[i] - i > SHORT_PART) && closing[i] > i + 1) {
            add_line(all, text + start, i + 1 - start, indent);
            ends[depth++] = closing[i];
            indent += 4;
            start = ++i;
        } else if (closing[i]) {
            i = closing[i] + 1;
        } else if (depth > 0 && i == ends[depth - 1]) {
            add_line(all, text + start, i - start, indent);
            depth--;
            indent -= 4;
            start = i++;
        } else if (c == ',' && depth > 0) {
            add_line(all, text + start, i + 1 - start, indent);
            start = i + (i + 1 < size && text[i + 1] == ' ' ? 2 : 1);
            i = start;
        } else {
            i++;
        }
    }
    if (start < size) add_line(all, text + start, size - start, indent);
    free(ends);
}

static bool is_opening(char c) {
    return c == '(' || c == '[' || c == '{';
}

// The text of a collection, tuple, record or variant begins with a name, % or # and a bracket, and ends with a bracket.
static bool looks_structured(const char *text, size_t size) {
    size_t i = 0;
    while (i < size && (text[i] == '%' || text[i] == '#' || text[i] == '_' || (text[i] >= '0' && text[i] <= '9') ||
                        (text[i] >= 'A' && text[i] <= 'Z') || (text[i] >= 'a' && text[i] <= 'z'))) i++;
    return i < size && is_opening(text[i]) && strchr(")]}", text[size - 1]) != NULL;
}

static Lines lay_out(const char *text, size_t size) {
    Lines all = { 0 };
    size_t *closing = size <= LARGEST_VALUE && looks_structured(text, size) ? pair_brackets(text, size) : NULL;
    if (closing) break_parts(&all, text, size, closing);
    else split_lines(&all, text, size);
    free(closing);
    return all;
}

// ---- Comparing ----------------------------------------------------------------------------

static bool same_line(const Line *a, const Line *b) {
    return a->size == b->size && a->indent == b->indent && memcmp(a->text, b->text, a->size) == 0;
}

// Marks the lines of a longest common subsequence of a[0..n) and b[0..m).
static void mark_common(const Line *a, size_t n, const Line *b, size_t m, bool *common_a, bool *common_b) {
    if (n == 0 || m == 0 || n > LARGEST_TABLE / m) return;
    size_t width = m + 1;
    uint32_t *longest = calloc((n + 1) * width, sizeof *longest); // of the suffixes from i and j
    if (!longest) abort();
    for (size_t i = n; i-- > 0;) {
        for (size_t j = m; j-- > 0;) {
            uint32_t down = longest[(i + 1) * width + j], right = longest[i * width + j + 1];
            longest[i * width + j] = same_line(&a[i], &b[j]) ? longest[(i + 1) * width + j + 1] + 1
                                     : down > right ? down : right;
        }
    }
    for (size_t i = 0, j = 0; i < n && j < m;) {
        if (same_line(&a[i], &b[j])) common_a[i++] = common_b[j++] = true;
        else if (longest[(i + 1) * width + j] >= longest[i * width + j + 1]) i++;
        else j++;
    }
    free(longest);
}

// ---- Writing ------------------------------------------------------------------------------

typedef struct Writer {
    NstTextBuffer *out;
    size_t written;
} Writer;

static void write_line(Writer *w, const char *mark, const Line *line, size_t from) {
    if (w->written++ > MOST_LINES) return;
    if (w->written > MOST_LINES) {
        nst_text_append_z(w->out, "  …\n");
        return;
    }
    nst_text_append_z(w->out, mark);
    for (size_t i = 0; i < line->indent; i++) nst_text_append_byte(w->out, ' ');
    size_t size = line->size - from;
    size_t shown = size > WIDEST ? WIDEST : size;
    while (shown < size && ((unsigned char)line->text[from + shown] & 0xC0) == 0x80) shown++;
    if (from > 0) nst_text_append_z(w->out, "…");
    nst_text_append(w->out, line->text + from, shown);
    if (shown < size) nst_text_append_z(w->out, "…");
    nst_text_append_byte(w->out, '\n');
}

// One line in the place of another: the mark below points at their first difference.
static void write_changed(Writer *w, const Line *a, const Line *b) {
    size_t same = 0;
    while (same < a->size && same < b->size && a->text[same] == b->text[same]) same++;
    while (same > 0 && same < a->size && ((unsigned char)a->text[same] & 0xC0) == 0x80) same--;
    size_t from = a->size > WIDEST || b->size > WIDEST ? (same > BEFORE ? same - BEFORE : 0) : 0;
    while (from > 0 && ((unsigned char)a->text[from] & 0xC0) == 0x80) from--;
    write_line(w, "- ", a, from);
    write_line(w, "+ ", b, from);
    if (w->written > MOST_LINES || a->indent != b->indent || same == 0) return;
    nst_text_append_z(w->out, from > 0 ? "   " : "  ");
    for (size_t i = 0; i < a->indent; i++) nst_text_append_byte(w->out, ' ');
    for (size_t i = from; i < same; i++) {
        if (((unsigned char)a->text[i] & 0xC0) != 0x80) nst_text_append_byte(w->out, ' ');
    }
    nst_text_append_z(w->out, "^\n");
}

static void write_all(Writer *w, const Lines *a, const Lines *b, const bool *common_a, const bool *common_b) {
    size_t i = 0, j = 0;
    while (i < a->count || j < b->count) {
        size_t first_a = i, first_b = j;
        while (i < a->count && !common_a[i]) i++;
        while (j < b->count && !common_b[j]) j++;
        if (i - first_a == 1 && j - first_b == 1) {
            write_changed(w, &a->lines[first_a], &b->lines[first_b]);
        } else {
            for (size_t k = first_a; k < i; k++) write_line(w, "- ", &a->lines[k], 0);
            for (size_t k = first_b; k < j; k++) write_line(w, "+ ", &b->lines[k], 0);
        }
        size_t run = 0;
        while (i + run < a->count && common_a[i + run] && common_b[j + run]) run++;
        size_t before = i == 0 ? 0 : CONTEXT, after = i + run == a->count && j + run == b->count ? 0 : CONTEXT;
        for (size_t k = 0; k < run; k++) {
            if (k < before || run - k <= after) write_line(w, "  ", &a->lines[i + k], 0);
            else if (k == before) nst_text_append_z(w->out, "  …\n");
        }
        i += run;
        j += run;
    }
}

void nst_text_append_difference(NstTextBuffer *out, const char *left, size_t left_size, const char *right,
                                size_t right_size) {
    bool plain = left_size <= PLAIN && right_size <= PLAIN && !memchr(left, '\n', left_size) && !memchr(right, '\n', right_size);
    if (plain) return;
    Lines a = lay_out(left, left_size), b = lay_out(right, right_size);
    bool *common_a = calloc(a.count + 1, sizeof *common_a), *common_b = calloc(b.count + 1, sizeof *common_b);
    if (!common_a || !common_b) abort();
    size_t head = 0, tail = 0;
    while (head < a.count && head < b.count && same_line(&a.lines[head], &b.lines[head])) {
        common_a[head] = common_b[head] = true;
        head++;
    }
    while (tail < a.count - head && tail < b.count - head &&
           same_line(&a.lines[a.count - 1 - tail], &b.lines[b.count - 1 - tail])) {
        common_a[a.count - 1 - tail] = common_b[b.count - 1 - tail] = true;
        tail++;
    }
    mark_common(a.lines + head, a.count - head - tail, b.lines + head, b.count - head - tail, common_a + head,
                common_b + head);
    write_all(&(Writer){ .out = out }, &a, &b, common_a, common_b);
    free(common_a);
    free(common_b);
    free(a.lines);
    free(b.lines);
}
