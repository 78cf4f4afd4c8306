// Building and rendering diagnostics.
//
// A list of diagnostics is plain data: kind, severity, place, message, and what helps to understand
// or mend it. Invariant: no two diagnostics of a list agree in kind, span and message; adding such a
// one again returns the first. The list owns all texts. One thread at a time.
#ifndef NST_DIAG_H
#define NST_DIAG_H

#include "frontend/arena.h"
#include "frontend/frontend.h"
#include "frontend/source.h"

// Which step reported a diagnostic: what a session (session.h) takes back before it repeats a step.
typedef enum NstDiagStage {
    NST_STAGE_DECLARATIONS, // syntax, templates, declarations, project
    NST_STAGE_BODIES,       // resolving and typing of functions: places are in the function's own item
    NST_STAGE_WHOLE,        // typing of what belongs to no function
    NST_STAGE_CHECKS,       // checks of the typed program
} NstDiagStage;

struct NstDiags {
    NstArena arena;
    NstDiag **items; // in order of reporting
    size_t count, capacity;
    NstDiagStage stage; // of what is reported now
    uint32_t *slots; // hash set over (kind, span, message): index + 1, 0 is empty
    size_t slot_count;
};

NstDiags *nst_diags_new(void);
void nst_diags_free(NstDiags *diags);

// The published name of a kind ("type-mismatch") and back (NST_DIAG_COUNT if there is none).
const char *nst_diag_kind_text(NstDiagKind kind);
NstDiagKind nst_diag_kind_from_text(const char *text);
NstSeverity nst_diag_kind_severity(NstDiagKind kind);

// Reports; the result is never null and lives as long as the list.
NstDiag *nst_diag_add(NstDiags *diags, NstDiagKind kind, NstSpan span, const char *format, ...)
    __attribute__((format(printf, 4, 5), nonnull));

// A diagnostic about a file or directory as a whole.
NstDiag *nst_diag_add_path(NstDiags *diags, NstDiagKind kind, const char *path, const char *format, ...)
    __attribute__((format(printf, 4, 5), nonnull));

void nst_diag_hint(NstDiags *diags, NstDiag *diag, const char *format, ...)
    __attribute__((format(printf, 3, 4), nonnull));
void nst_diag_note(NstDiags *diags, NstDiag *diag, const char *format, ...)
    __attribute__((format(printf, 3, 4), nonnull));
void nst_diag_label(NstDiags *diags, NstDiag *diag, NstSpan span, const char *format, ...)
    __attribute__((format(printf, 4, 5), nonnull));
void nst_diag_edit(NstDiags *diags, NstDiag *diag, NstSpan span, const char *replacement);

// Forgets everything reported after `count` diagnostics (for attempts that may be taken back).
void nst_diags_truncate(NstDiags *diags, size_t count);

// Takes a diagnostic of another list in, unless there is the same one; the other list keeps owning it.
void nst_diags_adopt(NstDiags *diags, NstDiag *diag);

// Forgets the diagnostics for which the test holds.
void nst_diags_remove(NstDiags *diags, bool (*test)(const NstDiag *diag, void *context), void *context);

// ---- Rendering (cli.md 5) ---------------------------------------------------------------

enum { NST_DIAG_LIMIT = 100 }; // errors written before `too many errors`

// All diagnostics in the order of writing: by file (order of the module paths), then position, kind and message; so the
// order does not depend on the order in which things were checked. The array is malloc'ed.
NstDiag **nst_diags_sorted(const NstSources *sources, const NstDiags *diags);

// A diagnostic in code that a template produced gets notes that name the template and show the line.
// Calls `note` for each; the text is valid during the call.
void nst_diag_expansion_notes(const NstSources *sources, const NstDiag *diag,
                              void (*note)(void *context, const char *text), void *context);

void nst_diags_write_text(const NstSources *sources, const NstDiags *diags, FILE *out, bool color);
void nst_diags_write_json(const NstSources *sources, const NstDiags *diags, FILE *out);

#endif
