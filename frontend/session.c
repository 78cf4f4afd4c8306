// Sessions (frontend.h): a program, the texts that an editor has, and the choice between patching and beginning from
// nothing.
//
//   nothing ──check──▶ checked ──texts change──▶ stale ──check: patch──▶ checked
//                                                  │ refused, or too much garbage
//                                                  ▼
//                                            begin from nothing ──▶ checked
//
// A patch leaves its predecessors' trees and types in the program's arena. When they outweigh the program it is made anew, so
// memory stays within a constant factor of what the program needs.

#include "frontend/session_patch.h"
#include "frontend/snapshot.h"

#include <stdlib.h>

enum { GARBAGE_FACTOR = 3, GARBAGE_FREE = 16 * 1024 * 1024 };

struct NstSession {
    char *target;
    char *bin;
    NstOptions options;
    NstOverlays overlays;
    NstProgram *program;  // null: must begin from nothing
    NstPatcher patcher;
    bool patchable;
    size_t first_bytes;   // the program's memory when it was made
    NstSessionCounts counts;
};

NstSession *nst_session_new(const char *target, const NstOptions *options) {
    NstSession *session = nst_calloc(1, sizeof *session);
    session->target = nst_strdup(target);
    session->bin = options->bin ? nst_strdup(options->bin) : NULL;
    session->options = *options;
    session->options.bin = session->bin;
    return session;
}

static void drop_program(NstSession *session) {
    nst_patcher_free(&session->patcher);
    nst_program_free(session->program);
    session->program = NULL;
    session->patchable = false;
}

void nst_session_free(NstSession *session) {
    if (!session) return;
    drop_program(session);
    for (size_t i = 0; i < session->overlays.count; i++) {
        free(session->overlays.items[i].path);
        free(session->overlays.items[i].text);
    }
    free(session->overlays.items);
    free(session->target);
    free(session->bin);
    free(session);
}

// ---- Texts ------------------------------------------------------------------------------

static NstOverlay *find_overlay(const NstSession *session, const char *path) {
    for (size_t i = 0; i < session->overlays.count; i++)
        if (strcmp(session->overlays.items[i].path, path) == 0) return &session->overlays.items[i];
    return NULL;
}

static NstOverlay *add_overlay(NstSession *session, const char *path) {
    NstOverlays *overlays = &session->overlays;
    if (overlays->count == overlays->capacity) {
        overlays->capacity = overlays->capacity ? overlays->capacity * 2 : 8;
        overlays->items = nst_realloc(overlays->items, overlays->capacity * sizeof *overlays->items);
    }
    overlays->items[overlays->count] = (NstOverlay){ .path = nst_strdup(path) };
    return &overlays->items[overlays->count++];
}

void nst_session_set_text(NstSession *session, const char *path, const char *text, size_t size) {
    NstOverlay *overlay = find_overlay(session, path);
    if (!overlay) overlay = add_overlay(session, path);
    free(overlay->text);
    overlay->text = nst_strndup(text, size);
    overlay->size = size;
    overlay->changed = true;
}

bool nst_session_edit(NstSession *session, const char *path, size_t start, size_t end, const char *text, size_t size) {
    NstOverlay *overlay = find_overlay(session, path);
    if (!overlay || start > end || end > overlay->size) return false;
    char *edited = nst_malloc(overlay->size - (end - start) + size + 1);
    memcpy(edited, overlay->text, start);
    if (size) memcpy(edited + start, text, size);
    memcpy(edited + start + size, overlay->text + end, overlay->size - end + 1);
    free(overlay->text);
    overlay->text = edited;
    overlay->size += size - (end - start);
    overlay->changed = true;
    return true;
}

void nst_session_close_file(NstSession *session, const char *path) {
    NstOverlay *overlay = find_overlay(session, path);
    if (!overlay) return;
    free(overlay->path);
    free(overlay->text);
    *overlay = session->overlays.items[--session->overlays.count];
    drop_program(session);
}

void nst_session_refresh(NstSession *session) {
    drop_program(session);
}

// ---- Checking ---------------------------------------------------------------------------

static size_t program_bytes(const NstProgram *program) {
    return program->arena->allocated + program->diags->arena.allocated + program->sources->arena.allocated;
}

static void begin_from_nothing(NstSession *session) {
    drop_program(session);
    session->program = nst_program_load_with(session->target, &session->options, &session->overlays, 0);
    session->patchable = nst_patcher_init(&session->patcher, session->program);
    session->first_bytes = program_bytes(session->program);
    session->counts.whole++;
    session->counts.functions = session->program->function_count;
}

static void *patch(void *argument) {
    NstSession *session = argument;
    return nst_patch(&session->patcher, &session->overlays) ? session : NULL;
}

static bool may_patch(const NstSession *session) {
    return session->program && session->patchable &&
           program_bytes(session->program) <= GARBAGE_FACTOR * session->first_bytes + GARBAGE_FREE;
}

static bool any_changed(const NstSession *session) {
    for (size_t i = 0; i < session->overlays.count; i++)
        if (session->overlays.items[i].changed) return true;
    return false;
}

NstSnapshot *nst_session_check(NstSession *session) {
    session->counts.functions = 0;
    if (!session->program || any_changed(session)) {
        if (may_patch(session) && nst_on_big_stack(patch, session)) {
            session->counts.partial++;
            session->counts.functions = session->patcher.functions;
        } else {
            begin_from_nothing(session);
        }
    }
    for (size_t i = 0; i < session->overlays.count; i++) session->overlays.items[i].changed = false;
    session->counts.bytes = program_bytes(session->program);
    return nst_snapshot_make(session->program);
}

NstSessionCounts nst_session_counts(const NstSession *session) {
    return session->counts;
}
