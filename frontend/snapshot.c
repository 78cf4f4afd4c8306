#include "frontend/snapshot.h"

#include <stdatomic.h>
#include <stdlib.h>

struct NstSnapshot {
    NstArena arena;
    atomic_uint references;
    char *target_error;
    NstProblem *problems;
    size_t count;
};

// ---- Making -----------------------------------------------------------------------------

static const char *copy_text(NstSnapshot *snapshot, const char *text) {
    return text ? nst_arena_strdup(&snapshot->arena, text) : NULL;
}

static NstProblemPlace place_of(NstSnapshot *snapshot, const NstProgram *program, NstSpan span, const char *path) {
    NstProblemPlace at = { .place = { .path = copy_text(snapshot, path) } };
    NstFileRange range;
    if (!nst_file_range(program->sources, span, &range)) return at;
    at.start = range.start;
    at.end = range.end;
    nst_sources_place(program->sources, span, &at.place);
    at.place.path = copy_text(snapshot, at.place.path);
    return at;
}

typedef struct Notes {
    NstSnapshot *snapshot;
    NstProblem *problem;
    size_t capacity;
} Notes;

static void add_note(void *context, const char *text) {
    Notes *notes = context;
    NstProblem *problem = notes->problem;
    NST_PUSH(&notes->snapshot->arena, problem->notes, problem->note_count, notes->capacity, copy_text(notes->snapshot, text));
}

static void fill(NstSnapshot *snapshot, NstProblem *problem, const NstProgram *program, const NstDiag *diag) {
    *problem = (NstProblem){ .kind = diag->kind,
                             .severity = diag->severity,
                             .at = place_of(snapshot, program, diag->span, diag->path),
                             .message = copy_text(snapshot, diag->message),
                             .hint = copy_text(snapshot, diag->hint),
                             .labels = NST_NEW_ARRAY(&snapshot->arena, NstProblemLabel, diag->label_count),
                             .label_count = diag->label_count,
                             .edits = NST_NEW_ARRAY(&snapshot->arena, NstProblemLabel, diag->edit_count),
                             .edit_count = diag->edit_count,
                             .project = diag->project };
    Notes notes = { snapshot, problem, 0 };
    for (size_t i = 0; i < diag->note_count; i++) add_note(&notes, diag->notes[i]);
    nst_diag_expansion_notes(program->sources, diag, add_note, &notes);
    for (size_t i = 0; i < diag->label_count; i++)
        problem->labels[i] = (NstProblemLabel){ place_of(snapshot, program, diag->labels[i].span, NULL),
                                                copy_text(snapshot, diag->labels[i].message) };
    for (size_t i = 0; i < diag->edit_count; i++)
        problem->edits[i] = (NstProblemLabel){ place_of(snapshot, program, diag->edits[i].span, NULL),
                                               copy_text(snapshot, diag->edits[i].replacement) };
}

NstSnapshot *nst_snapshot_make(const NstProgram *program) {
    NstSnapshot *snapshot = nst_calloc(1, sizeof *snapshot);
    atomic_init(&snapshot->references, 1);
    snapshot->target_error = (char *)copy_text(snapshot, program->target_error);
    snapshot->count = program->diags->count;
    snapshot->problems = NST_NEW_ARRAY(&snapshot->arena, NstProblem, snapshot->count);
    NstDiag **sorted = nst_diags_sorted(program->sources, program->diags);
    for (size_t i = 0; i < snapshot->count; i++) fill(snapshot, &snapshot->problems[i], program, sorted[i]);
    free(sorted);
    return snapshot;
}

// ---- Life -------------------------------------------------------------------------------

NstSnapshot *nst_snapshot_retain(NstSnapshot *snapshot) {
    atomic_fetch_add_explicit(&snapshot->references, 1, memory_order_relaxed); // the caller's reference keeps it alive
    return snapshot;
}

void nst_snapshot_release(NstSnapshot *snapshot) {
    // Each release hands its reads over to the one that frees: release there, acquire here.
    if (!snapshot || atomic_fetch_sub_explicit(&snapshot->references, 1, memory_order_acq_rel) != 1) return;
    nst_arena_free(&snapshot->arena);
    free(snapshot);
}

const NstProblem *nst_snapshot_problems(const NstSnapshot *snapshot, size_t *count) {
    *count = snapshot->count;
    return snapshot->problems;
}

const char *nst_snapshot_target_error(const NstSnapshot *snapshot) {
    return snapshot->target_error;
}

// ---- Comparing --------------------------------------------------------------------------

static bool same_text(const char *a, const char *b) {
    return a && b ? strcmp(a, b) == 0 : a == b;
}

static bool same_place(const NstProblemPlace *a, const NstProblemPlace *b) {
    return same_text(a->place.path, b->place.path) && a->place.line == b->place.line && a->place.column == b->place.column &&
           a->place.end_line == b->place.end_line && a->place.end_column == b->place.end_column && a->start == b->start &&
           a->end == b->end;
}

static bool same_labels(const NstProblemLabel *a, size_t count, const NstProblemLabel *b, size_t other_count) {
    bool same = count == other_count;
    for (size_t i = 0; same && i < count; i++) same = same_place(&a[i].at, &b[i].at) && same_text(a[i].message, b[i].message);
    return same;
}

static bool same_problem(const NstProblem *a, const NstProblem *b) {
    bool same = a->kind == b->kind && a->severity == b->severity && a->project == b->project && same_place(&a->at, &b->at) &&
                same_text(a->message, b->message) && same_text(a->hint, b->hint) && a->note_count == b->note_count &&
                same_labels(a->labels, a->label_count, b->labels, b->label_count) &&
                same_labels(a->edits, a->edit_count, b->edits, b->edit_count);
    for (size_t i = 0; same && i < a->note_count; i++) same = same_text(a->notes[i], b->notes[i]);
    return same;
}

bool nst_snapshot_equal(const NstSnapshot *a, const NstSnapshot *b) {
    bool same = same_text(a->target_error, b->target_error) && a->count == b->count;
    for (size_t i = 0; same && i < a->count; i++) same = same_problem(&a->problems[i], &b->problems[i]);
    return same;
}
