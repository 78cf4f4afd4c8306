#include "fmt/units.h"

#include "frontend/parse_error.h"

#include <string.h>

enum { MAX_PIECES = 1000 }; // of all broken texts of a file; the rest stays broken

typedef struct Collect {
    NstPrinter *f;
    NstUnits units;
    bool split;
    size_t pieces;
} Collect;

static void push(Collect *collect, const NstNode *node) {
    NST_PUSH(collect->f->arena, collect->units.items, collect->units.count, collect->units.capacity, node);
}

// Whether the line has nothing but decorators, some without their `@`.
static bool has_only_decorators(const NstPrinter *f, uint32_t line, uint32_t end) {
    NstScan scan;
    nst_scan_init(&scan, f->text, end, line);
    NstToken token = nst_scan_next(&scan);
    bool only = true;
    while (only && token.kind != NST_TOKEN_END) {
        if (nst_token_is(f->text, token, "@")) token = nst_scan_next(&scan);
        only = token.kind == NST_TOKEN_NAME;
        token = nst_scan_next(&scan);
        if (!nst_token_is(f->text, token, "(")) continue;
        while (scan.depth > 0 && token.kind != NST_TOKEN_END) token = nst_scan_next(&scan);
        token = nst_scan_next(&scan);
    }
    nst_scan_free(&scan);
    return only;
}

// A declaration below broken decorators is part of what is broken.
static bool has_decorator(const NstPrinter *f, const NstNode *broken, const NstNode *item) {
    if (f->text[broken->start + strspn(f->text + broken->start, " \t")] == '@') return true;
    uint32_t line = broken->end;
    while (line > broken->start && f->text[line - 1] != '\n') line--;
    if (f->text[line + strspn(f->text + line, " \t")] == '@') return true;
    const char *newline = memchr(f->text + broken->end, '\n', item->start - broken->end);
    bool adjoins = newline && !memchr(newline + 1, '\n', (size_t)(f->text + item->start - newline - 1));
    return adjoins && has_only_decorators(f, line, broken->end);
}

static void push_item(Collect *collect, const NstNode *item) {
    NstUnits *units = &collect->units;
    const NstNode *last = units->count ? units->items[units->count - 1] : NULL;
    if (!last || last->kind != NST_NODE_ERROR || !has_decorator(collect->f, last, item)) {
        push(collect, item);
        return;
    }
    NstNode *node = NST_NEW(collect->f->arena, NstNode);
    *node = (NstNode){.kind = NST_NODE_ERROR, .start = last->start, .end = item->end};
    units->items[units->count - 1] = node;
}

static void add_broken(Collect *collect, uint32_t start, uint32_t end) {
    NstUnits *units = &collect->units;
    end = nst_broken_end(collect->f, start, end);
    if (end <= start) return;
    const NstNode *last = units->count ? units->items[units->count - 1] : NULL;
    if (last && last->kind == NST_NODE_ERROR && nst_broken_end(collect->f, last->start, start) == last->end) {
        start = last->start; // one broken text, not two
        units->count--;
    }
    NstNode *node = NST_NEW(collect->f->arena, NstNode);
    *node = (NstNode){.kind = NST_NODE_ERROR, .start = start, .end = end};
    push(collect, node);
}

static void shift_tree(NstNode *root, uint32_t offset, NstArena *arena) {
    NstNode **open = NULL;
    size_t count = 0, capacity = 0;
    NST_PUSH(arena, open, count, capacity, root);
    while (count) {
        NstNode *node = open[--count];
        node->start += offset;
        node->end += offset;
        for (uint32_t i = 0; i < node->child_count; i++) NST_PUSH(arena, open, count, capacity, &node->children[i]);
    }
}

// The declarations of a piece that is well-formed by itself; false if it is not.
static bool add_well_formed(Collect *collect, uint32_t start, uint32_t end) {
    NstSources *sources = nst_sources_new();
    NstDiags *diags = nst_diags_new();
    uint32_t source = nst_sources_add_file(sources, "", collect->f->text + start, end - start);
    NstSyntax syntax = nst_parse_syntax(sources, source, collect->f->arena, diags);
    bool well_formed = syntax.root && !syntax.broken_count && nst_diags_count(diags, NST_ERROR) == 0;
    nst_sources_free(sources);
    nst_diags_free(diags);
    if (!well_formed) return false;
    shift_tree((NstNode *)(uintptr_t)syntax.root, start, collect->f->arena);
    for (uint32_t i = 0; i < syntax.root->child_count; i++) push_item(collect, &syntax.root->children[i]);
    return true;
}

// A line may begin a declaration if its first tokens say so, or, with its first tokens damaged, after an empty line.
static bool may_begin(const NstPrinter *f, uint32_t line, uint32_t start) {
    if (nst_is_one_of(f->text[line], " \t\r\n#)]}")) return false;
    bool after_empty = line >= start + 2 && f->text[line - 2] == '\n';
    return after_empty || nst_begins_declaration(f->text, f->size, line);
}

// The next line after `start` that may begin a declaration in its first column.
static uint32_t next_piece(const NstPrinter *f, uint32_t start, uint32_t end) {
    for (uint32_t at = start;;) {
        const char *newline = memchr(f->text + at, '\n', end - at);
        if (!newline) return end;
        at = (uint32_t)(newline - f->text) + 1;
        if (at >= end) return end;
        if (may_begin(f, at, start)) return at;
    }
}

static void split_broken(Collect *collect, uint32_t start, uint32_t end) {
    bool newline;
    while (start < end) {
        start = nst_broken_start(collect->f, start, nst_scan_skip_blanks(collect->f->text, end, start, &newline));
        bool more = collect->split && collect->pieces++ < MAX_PIECES;
        uint32_t next = more ? next_piece(collect->f, start, end) : end;
        bool whole = next == end && !collect->units.count;
        if (whole || !add_well_formed(collect, start, nst_broken_end(collect->f, start, next)))
            add_broken(collect, start, next);
        start = next;
    }
}

// The last unit that begins in the first column, and all after it, are part of what is broken; returns their start.
static uint32_t take_back(Collect *collect) {
    const NstNode *unit;
    do unit = collect->units.items[--collect->units.count];
    while (collect->units.count && nst_column_of(collect->f, unit->start) > 0);
    return unit->start;
}

NstUnits nst_collect_units(NstPrinter *f, const NstSyntax *syntax, bool has_bad_string) {
    Collect collect = {.f = f, .split = !has_bad_string};
    if (!syntax->root) {
        split_broken(&collect, f->at, f->size);
        return collect.units;
    }
    size_t broken = 0;
    uint32_t done = 0;
    for (uint32_t i = 0; i <= syntax->root->child_count; i++) {
        const NstNode *item = i < syntax->root->child_count ? &syntax->root->children[i] : NULL;
        for (; broken < syntax->broken_count; broken++) {
            NstSkipped skipped = syntax->broken[broken];
            if (item && skipped.start >= item->start) break;
            if (skipped.start < done) continue; // inside a module
            uint32_t after = collect.units.count ? collect.units.items[collect.units.count - 1]->end : f->at;
            uint32_t start = nst_broken_start(f, after, skipped.start);
            uint32_t first = start + (uint32_t)strspn(f->text + start, " \t");
            if (collect.units.count && (nst_column_of(f, first) > 0 || f->text[skipped.start] == '}'))
                start = take_back(&collect);
            split_broken(&collect, start, skipped.end);
        }
        if (item) push_item(&collect, item);
        if (item) done = item->end;
    }
    return collect.units;
}
