#include "frontend/diag.h"

#include <stdarg.h>
#include <stdlib.h>

static const struct {
    const char *text;
    NstSeverity severity;
} kinds[NST_DIAG_COUNT] = {
#define NST_DIAG(id, text, severity, page) [NST_DIAG_##id] = { text, severity },
#include "frontend/diag.def"
#undef NST_DIAG
};

NstDiags *nst_diags_new(void) {
    return nst_calloc(1, sizeof(NstDiags));
}

void nst_diags_free(NstDiags *diags) {
    if (!diags) return;
    free(diags->items);
    free(diags->slots);
    nst_arena_free(&diags->arena);
    free(diags);
}

const char *nst_diag_kind_text(NstDiagKind kind) {
    return kinds[kind].text;
}

NstSeverity nst_diag_kind_severity(NstDiagKind kind) {
    return kinds[kind].severity;
}

NstDiagKind nst_diag_kind_from_text(const char *text) {
    for (int kind = 0; kind < NST_DIAG_COUNT; kind++)
        if (strcmp(kinds[kind].text, text) == 0) return (NstDiagKind)kind;
    return NST_DIAG_COUNT;
}

size_t nst_diags_count(const NstDiags *diags, NstSeverity severity) {
    size_t count = 0;
    for (size_t i = 0; i < diags->count; i++) count += diags->items[i]->severity == severity;
    return count;
}

__attribute__((nonnull)) static char *format_text(NstArena *arena, const char *format, va_list arguments) {
    va_list again;
    va_copy(again, arguments);
    int size = vsnprintf(NULL, 0, format, arguments);
    char *text = nst_arena_alloc(arena, (size_t)size + 1);
    vsnprintf(text, (size_t)size + 1, format, again);
    va_end(again);
    return text;
}

// ---- The set of diagnostics -------------------------------------------------------------

static size_t hash_diag(const NstDiag *diag) {
    size_t hash = (size_t)diag->kind * 31 + diag->span.origin;
    hash = hash * 31 + diag->span.start;
    hash = hash * 31 + diag->span.end;
    for (const char *at = diag->message; *at; at++) hash = hash * 31 + (unsigned char)*at;
    return hash ^ hash >> 17;
}

static bool same_diag(const NstDiag *a, const NstDiag *b) {
    return a->kind == b->kind && a->span.origin == b->span.origin && a->span.start == b->span.start &&
           a->span.end == b->span.end && strcmp(a->message, b->message) == 0 &&
           strcmp(a->path ? a->path : "", b->path ? b->path : "") == 0;
}

static size_t find_slot(const NstDiags *diags, const NstDiag *diag) {
    size_t at = hash_diag(diag) & (diags->slot_count - 1);
    while (diags->slots[at] && !same_diag(diags->items[diags->slots[at] - 1], diag))
        at = (at + 1) & (diags->slot_count - 1);
    return at;
}

static void rebuild_slots(NstDiags *diags, size_t slot_count) {
    free(diags->slots);
    diags->slots = nst_calloc(slot_count, sizeof *diags->slots);
    diags->slot_count = slot_count;
    for (size_t i = 0; i < diags->count; i++) diags->slots[find_slot(diags, diags->items[i])] = (uint32_t)i + 1;
}

// The slot of such a diagnostic, with room for it.
static size_t slot_for(NstDiags *diags, const NstDiag *diag) {
    if (diags->count * 2 >= diags->slot_count) rebuild_slots(diags, diags->slot_count ? diags->slot_count * 2 : 32);
    if (diags->count == diags->capacity) {
        diags->capacity = diags->capacity ? diags->capacity * 2 : 16;
        diags->items = nst_realloc(diags->items, diags->capacity * sizeof *diags->items);
    }
    return find_slot(diags, diag);
}

static void enter(NstDiags *diags, size_t slot, NstDiag *diag) {
    diags->items[diags->count++] = diag;
    diags->slots[slot] = (uint32_t)diags->count;
}

static NstDiag *add_diag(NstDiags *diags, NstDiag diag) {
    size_t slot = slot_for(diags, &diag);
    if (diags->slots[slot]) return diags->items[diags->slots[slot] - 1];
    NstDiag *kept = nst_arena_copy(&diags->arena, &diag, sizeof diag);
    kept->stage = (uint8_t)diags->stage;
    enter(diags, slot, kept);
    return kept;
}

void nst_diags_adopt(NstDiags *diags, NstDiag *diag) {
    size_t slot = slot_for(diags, diag);
    if (!diags->slots[slot]) enter(diags, slot, diag);
}

NstDiag *nst_diag_add(NstDiags *diags, NstDiagKind kind, NstSpan span, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    char *message = format_text(&diags->arena, format, arguments);
    va_end(arguments);
    return add_diag(diags,
                    (NstDiag){ .kind = kind, .severity = kinds[kind].severity, .span = span, .message = message });
}

NstDiag *nst_diag_add_path(NstDiags *diags, NstDiagKind kind, const char *path, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    char *message = format_text(&diags->arena, format, arguments);
    va_end(arguments);
    return add_diag(diags, (NstDiag){ .kind = kind,
                                      .severity = kinds[kind].severity,
                                      .path = nst_arena_strdup(&diags->arena, path),
                                      .message = message });
}

void nst_diags_truncate(NstDiags *diags, size_t count) {
    if (count >= diags->count) return;
    diags->count = count;
    rebuild_slots(diags, diags->slot_count);
}

void nst_diags_remove(NstDiags *diags, bool (*test)(const NstDiag *diag, void *context), void *context) {
    size_t kept = 0;
    for (size_t i = 0; i < diags->count; i++)
        if (!test(diags->items[i], context)) diags->items[kept++] = diags->items[i];
    nst_diags_truncate(diags, kept);
}

// ---- Particulars ------------------------------------------------------------------------

void nst_diag_hint(NstDiags *diags, NstDiag *diag, const char *format, ...) {
    if (diag->hint) return;
    va_list arguments;
    va_start(arguments, format);
    diag->hint = format_text(&diags->arena, format, arguments);
    va_end(arguments);
}

void nst_diag_note(NstDiags *diags, NstDiag *diag, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    const char *text = format_text(&diags->arena, format, arguments);
    va_end(arguments);
    for (size_t i = 0; i < diag->note_count; i++)
        if (strcmp(diag->notes[i], text) == 0) return;
    const char **notes = nst_arena_alloc(&diags->arena, (diag->note_count + 1) * sizeof *notes);
    if (diag->note_count) memcpy(notes, diag->notes, diag->note_count * sizeof *notes);
    notes[diag->note_count++] = text;
    diag->notes = notes;
}

void nst_diag_label(NstDiags *diags, NstDiag *diag, NstSpan span, const char *format, ...) {
    for (size_t i = 0; i < diag->label_count; i++)
        if (memcmp(&diag->labels[i].span, &span, sizeof span) == 0) return;
    va_list arguments;
    va_start(arguments, format);
    const char *text = format_text(&diags->arena, format, arguments);
    va_end(arguments);
    NstLabel *labels = nst_arena_alloc(&diags->arena, (diag->label_count + 1) * sizeof *labels);
    if (diag->label_count) memcpy(labels, diag->labels, diag->label_count * sizeof *labels);
    labels[diag->label_count++] = (NstLabel){ span, text };
    diag->labels = labels;
}

void nst_diag_edit(NstDiags *diags, NstDiag *diag, NstSpan span, const char *replacement) {
    for (size_t i = 0; i < diag->edit_count; i++)
        if (memcmp(&diag->edits[i].span, &span, sizeof span) == 0) return;
    NstEdit *edits = nst_arena_alloc(&diags->arena, (diag->edit_count + 1) * sizeof *edits);
    if (diag->edit_count) memcpy(edits, diag->edits, diag->edit_count * sizeof *edits);
    edits[diag->edit_count++] = (NstEdit){ span, nst_arena_strdup(&diags->arena, replacement) };
    diag->edits = edits;
}

// ---- Order ------------------------------------------------------------------------------

typedef struct SortKey {
    NstDiag *diag;
    const char *module, *path; // diagnostics without a place have no module and come first
    uint32_t start, end;
} SortKey;

static int compare_keys(const void *left, const void *right) {
    const SortKey *a = left, *b = right;
    if (!a->module != !b->module) return a->module ? 1 : -1;
    int order = a->module ? strcmp(a->module, b->module) : 0;
    if (!order) order = strcmp(a->path, b->path);
    if (order) return order;
    if (a->start != b->start) return a->start < b->start ? -1 : 1;
    if (a->end != b->end) return a->end < b->end ? -1 : 1;
    if (a->diag->kind != b->diag->kind) return a->diag->kind < b->diag->kind ? -1 : 1;
    order = strcmp(a->diag->message, b->diag->message);
    if (order) return order;
    // Texts that templates generated for one place: in the order of their making.
    NstSpan one = a->diag->span, other = b->diag->span;
    if (one.origin != other.origin) return one.origin < other.origin ? -1 : 1;
    return one.start < other.start ? -1 : one.start > other.start;
}

NstDiag **nst_diags_sorted(const NstSources *sources, const NstDiags *diags) {
    SortKey *keys = nst_calloc(diags->count, sizeof *keys);
    for (size_t i = 0; i < diags->count; i++) {
        NstDiag *diag = diags->items[i];
        NstFileRange range;
        keys[i] = (SortKey){ .diag = diag, .path = diag->path ? diag->path : "" };
        if (!nst_file_range(sources, diag->span, &range)) continue;
        const NstSource *source = nst_source(sources, range.source);
        keys[i].module = source->module;
        keys[i].path = source->path;
        keys[i].start = range.start;
        keys[i].end = range.end;
    }
    qsort(keys, diags->count, sizeof *keys, compare_keys);
    NstDiag **sorted = nst_calloc(diags->count, sizeof *sorted);
    for (size_t i = 0; i < diags->count; i++) sorted[i] = keys[i].diag;
    free(keys);
    return sorted;
}

// What code it is: the line that was generated, or where the copied line stands.
static bool code_note(const NstSources *sources, NstSource *source, uint32_t offset, char *text, size_t size) {
    NstText line = nst_source_line(source, nst_source_position(source, offset, NST_COLUMN_UTF32).line);
    while (line.size && (*line.data == ' ' || *line.data == '\t')) line.data++, line.size--;
    if (line.size > 160) line.size = 160;
    NstSpan original = source->copy_of;
    original.start += offset;
    original.end = original.start;
    NstPlace place;
    if (source->copy_of.origin && nst_sources_place(sources, original, &place))
        snprintf(text, size, "at %.60s:%u: %.*s", place.path, place.line, (int)line.size, line.data);
    else snprintf(text, size, "generated: %.*s", (int)line.size, line.data);
    return line.size > 0;
}

void nst_diag_expansion_notes(const NstSources *sources, const NstDiag *diag,
                              void (*note)(void *context, const char *text), void *context) {
    NstSpan span = diag->span;
    for (int depth = 0; depth < 3; depth++) {
        NstOrigin origin = nst_origin(sources, span.origin);
        NstSource *source = nst_source(sources, origin.source);
        if (!source || !source->parent.origin) return;
        char text[256];
        if (source->template_name) {
            snprintf(text, sizeof text, "in code generated by template `%s`", nst_name_text(source->template_name));
            note(context, text);
        }
        if (depth == 0 && code_note(sources, source, origin.base + span.start, text, sizeof text)) note(context, text);
        span = source->parent;
    }
}
