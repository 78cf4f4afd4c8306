// Myers' greedy algorithm ("An O(ND) difference algorithm", 1986) over lines. Texts with more than MAX_EDITS
// differences get one block for what lies between the common beginning and the common end.
#include "fmt/diff.h"

#include "frontend/arena.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CONTEXT = 3, MAX_EDITS = 3000 };

typedef struct Line {
    const char *text;
    size_t size; // with the newline
} Line;

typedef struct Lines {
    Line *items;
    size_t count;
} Lines;

// A run of lines of the old text replaced by a run of the new one.
typedef struct Edit {
    size_t old_start, old_count, new_start, new_count;
} Edit;

typedef struct Edits {
    Edit *items;
    size_t count, capacity;
} Edits;

static Lines split_lines(const char *text, size_t size) {
    Lines lines = {0};
    size_t capacity = 0;
    for (const char *end = text + size; text < end;) {
        const char *newline = memchr(text, '\n', (size_t)(end - text));
        size_t length = newline ? (size_t)(newline - text) + 1 : (size_t)(end - text);
        if (lines.count == capacity) {
            capacity = capacity ? capacity * 2 : 256;
            lines.items = nst_realloc(lines.items, capacity * sizeof(Line));
        }
        lines.items[lines.count++] = (Line){text, length};
        text += length;
    }
    return lines;
}

static bool same(Line a, Line b) {
    return a.size == b.size && memcmp(a.text, b.text, a.size) == 0;
}

static void add_edit(Edits *edits, Edit edit) {
    if (edits->count == edits->capacity) {
        edits->capacity = edits->capacity ? edits->capacity * 2 : 16;
        edits->items = nst_realloc(edits->items, edits->capacity * sizeof(Edit));
    }
    edits->items[edits->count++] = edit;
}

// Marks the lines that are in both texts, from the furthest points of each number of edits.
typedef struct Search {
    const Line *a, *b;
    size_t n, m;
    bool *kept_a, *kept_b;
} Search;

// Whether the furthest point of diagonal k with d edits was reached from diagonal k + 1.
static bool comes_down(const int *last, int d, int k) {
    return k == -d || (k != d && last[k - 1] < last[k + 1]);
}

static void walk_back(const Search *search, int **trace, int edits) {
    int x = (int)search->n, y = (int)search->m;
    for (int d = edits; d >= 0; d--) {
        int before_x = 0, before_y = 0;
        if (d > 0) {
            const int *last = trace[d - 1] + d;
            int k = x - y, before_k = comes_down(last, d, k) ? k + 1 : k - 1;
            before_x = last[before_k];
            before_y = before_x - before_k;
        }
        while (x > before_x && y > before_y) {
            x--, y--;
            search->kept_a[x] = search->kept_b[y] = true;
        }
        x = before_x;
        y = before_y;
    }
}

// False if there are more than MAX_EDITS edits.
static bool find_common(const Search *search) {
    int n = (int)search->n, m = (int)search->m;
    int **trace = nst_calloc(MAX_EDITS + 1, sizeof *trace);
    int found = -1;
    // trace[d] holds diagonals -d - 1 … d + 1; those of the wrong parity, and the two outermost, are -1.
    for (int d = 0; d <= MAX_EDITS && found < 0; d++) {
        trace[d] = nst_malloc((size_t)(2 * d + 3) * sizeof(int));
        int *v = trace[d] + d + 1;
        const int *last = d ? trace[d - 1] + d : NULL;
        for (int k = -d - 1; k <= d + 1; k++) v[k] = -1;
        for (int k = -d; k <= d; k += 2) {
            int x = !d ? 0 : comes_down(last, d, k) ? last[k + 1] : last[k - 1] + 1;
            int y = x - k;
            while (x < n && y < m && same(search->a[x], search->b[y])) x++, y++;
            v[k] = x;
            if (x >= n && y >= m) {
                found = d;
                break;
            }
        }
    }
    if (found >= 0) walk_back(search, trace, found);
    for (int d = 0; d <= MAX_EDITS && trace[d]; d++) free(trace[d]);
    free(trace);
    return found >= 0;
}

static Edits find_edits(Lines a, Lines b) {
    Edits edits = {0};
    size_t start = 0, end = 0;
    while (start < a.count && start < b.count && same(a.items[start], b.items[start])) start++;
    while (end < a.count - start && end < b.count - start &&
           same(a.items[a.count - 1 - end], b.items[b.count - 1 - end])) end++;
    Search search = {.a = a.items + start, .b = b.items + start, .n = a.count - start - end, .m = b.count - start - end};
    search.kept_a = nst_calloc(search.n + 1, 1);
    search.kept_b = nst_calloc(search.m + 1, 1);
    find_common(&search);
    for (size_t i = 0, k = 0; i < search.n || k < search.m;) {
        Edit edit = {.old_start = start + i, .new_start = start + k};
        for (; i < search.n && !search.kept_a[i]; i++) edit.old_count++;
        for (; k < search.m && !search.kept_b[k]; k++) edit.new_count++;
        if (edit.old_count || edit.new_count) add_edit(&edits, edit);
        while (i < search.n && k < search.m && search.kept_a[i] && search.kept_b[k]) i++, k++;
    }
    free(search.kept_a);
    free(search.kept_b);
    return edits;
}

// ---- Writing ----------------------------------------------------------------------------

typedef struct Writer {
    NstFmtBuffer *out;
    bool color;
} Writer;

static void write_line(Writer *writer, char mark, Line line) {
    const char *color = mark == '-' ? "\x1b[31m" : mark == '+' ? "\x1b[32m" : "";
    bool newline = line.size && line.text[line.size - 1] == '\n';
    if (writer->color) nst_buffer_add(writer->out, color, strlen(color));
    nst_buffer_add(writer->out, &mark, 1);
    nst_buffer_add(writer->out, line.text, line.size - newline);
    if (writer->color && *color) nst_buffer_add(writer->out, "\x1b[m", 3);
    nst_buffer_add(writer->out, "\n", 1);
    if (!newline) nst_buffer_add(writer->out, "\\ No newline at end of file\n", 28);
}

static void write_range(char *text, size_t capacity, size_t start, size_t count) {
    if (count == 1) snprintf(text, capacity, "%zu", start + 1);
    else snprintf(text, capacity, "%zu,%zu", count ? start + 1 : start, count);
}

// Edits [from, to) share a hunk.
static void write_hunk(Writer *writer, Lines a, Lines b, const Edit *edits, size_t from, size_t to) {
    const Edit *first = &edits[from], *last = &edits[to - 1];
    size_t lead = first->old_start < CONTEXT ? first->old_start : CONTEXT;
    size_t old_end = last->old_start + last->old_count;
    size_t tail = a.count - old_end < CONTEXT ? a.count - old_end : CONTEXT;
    size_t old_start = first->old_start - lead, new_start = first->new_start - lead;
    char old_range[48], new_range[48], head[128];
    write_range(old_range, sizeof old_range, old_start, old_end + tail - old_start);
    write_range(new_range, sizeof new_range, new_start, last->new_start + last->new_count + tail - new_start);
    int length = snprintf(head, sizeof head, "%s@@ -%s +%s @@%s\n", writer->color ? "\x1b[36m" : "", old_range, new_range,
                          writer->color ? "\x1b[m" : "");
    nst_buffer_add(writer->out, head, (size_t)length);
    size_t at = old_start;
    for (size_t i = from; i < to; i++) {
        for (; at < edits[i].old_start; at++) write_line(writer, ' ', a.items[at]);
        for (; at < edits[i].old_start + edits[i].old_count; at++) write_line(writer, '-', a.items[at]);
        for (size_t k = 0; k < edits[i].new_count; k++) write_line(writer, '+', b.items[edits[i].new_start + k]);
    }
    for (; at < old_end + tail; at++) write_line(writer, ' ', a.items[at]);
}

static void write_head(Writer *writer, const char *mark, const char *path) {
    nst_buffer_add(writer->out, mark, 4);
    nst_buffer_add(writer->out, path, strlen(path));
    nst_buffer_add(writer->out, "\n", 1);
}

void nst_diff_unified(const char *path, const char *before, size_t before_size, const char *after, size_t after_size,
                      bool color, NstFmtBuffer *out) {
    Lines a = split_lines(before, before_size), b = split_lines(after, after_size);
    Edits edits = find_edits(a, b);
    Writer writer = {out, color};
    if (edits.count) {
        write_head(&writer, "--- ", path);
        write_head(&writer, "+++ ", path);
    }
    for (size_t from = 0, to; from < edits.count; from = to) {
        for (to = from + 1; to < edits.count; to++) {
            size_t end = edits.items[to - 1].old_start + edits.items[to - 1].old_count;
            if (edits.items[to].old_start - end > 2 * CONTEXT) break;
        }
        write_hunk(&writer, a, b, edits.items, from, to);
    }
    free(edits.items);
    free(a.items);
    free(b.items);
}
