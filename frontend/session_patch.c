#include "frontend/session_patch.h"

#include "frontend/check_cache.h"
#include "frontend/collect.h"
#include "frontend/guard.h"
#include "frontend/infer_again.h"
#include "frontend/infer_function.h"
#include "frontend/parse.h"
#include "frontend/resolve_body.h"

#include <stdlib.h>

// A patch that grows beyond this share of the program costs as much as beginning from nothing.
enum { MAX_SHARE = 2, FEW_FUNCTIONS = 64 };

typedef struct Patch {
    NstPatcher *patcher;
    NstProgram *program;
    NstInfer *infer;
    bool *changed;          // by origin: the item's text has changed
    bool *taken;            // by origin: the item's functions have been inferred again
    bool *stale;            // by origin: … are about to be
    bool *fresh;            // by origin: the item's tree is as the parser made it
    bool *again;            // by function id: is inferred again in this wave
    uint64_t *before;       // by function id: summary before the wave
    NstFunctionList wave;
    uint32_t *edited_from;  // by file: start of the edit; UINT32_MAX: none
} Patch;

// ---- The program's items ----------------------------------------------------------------

// Then diagnostics have been filtered (nst_project_filter_diags), and what was left out is not known any more.
static bool is_filtered(const NstProgram *program) {
    for (size_t i = 0; i < program->file_count; i++)
        if (program->files[i].ast->has_syntax_errors) return true;
    for (size_t i = 0; i < program->diags->count; i++)
        if (program->diags->items[i]->kind == NST_DIAG_SYNTAX_ERROR || program->diags->items[i]->kind == NST_DIAG_INVALID_LITERAL)
            return true;
    return false;
}

static void note_items(NstPatcher *patcher) {
    NstProgram *program = patcher->program;
    for (size_t f = 0; f < program->file_count; f++)
        for (size_t i = 0; i < program->files[f].ast->item_count; i++) {
            NstItem *item = program->files[f].ast->items[i];
            patcher->notes[item->span.origin] = (NstItemNote){ .item = item, .file = f, .index = i };
        }
    for (size_t i = 0; i < program->function_count; i++) {
        NstFunction *fn = program->functions[i];
        for (size_t c = 0; c < fn->clause_count && !fn->library; c++) {
            NstItemNote *note = &patcher->notes[fn->clauses[c]->span.origin];
            NST_PUSH(program->arena, note->fns, note->fn_count, note->fn_capacity, fn);
        }
    }
}

bool nst_patcher_init(NstPatcher *patcher, NstProgram *program) {
    *patcher = (NstPatcher){ .program = program };
    if (program->target_error || !program->file_count || !program->infer || program->templated ||
        is_filtered(program) || program->infer->open_globals || program->infer->reported_elsewhere)
        return false;
    patcher->note_count = (uint32_t)program->sources->origin_count + 1;
    patcher->notes = nst_calloc(patcher->note_count, sizeof *patcher->notes);
    note_items(patcher);
    return true;
}

void nst_patcher_free(NstPatcher *patcher) {
    free(patcher->notes);
    *patcher = (NstPatcher){ 0 };
}

// ---- Bodies of items --------------------------------------------------------------------

typedef struct Bodies {
    NstClause **clauses; // FUNCTION, IMPL
    size_t count;
    NstExpr *value;      // BINDING, TEST
} Bodies;

static bool bodies_of(NstItem *item, Bodies *bodies) {
    *bodies = (Bodies){ 0 };
    switch (item->kind) {
    case NST_ITEM_FUNCTION:
        bodies->clauses = &item->clause;
        bodies->count = 1;
        return item->decorator_count == 0;
    case NST_ITEM_IMPL:
        bodies->clauses = item->impl.methods;
        bodies->count = item->impl.method_count;
        return bodies->count > 0;
    case NST_ITEM_BINDING:
    case NST_ITEM_TEST:
        bodies->value = item->value.value;
        bodies->count = 1;
        return bodies->value != NULL;
    default: return false;
    }
}

static NstExpr *body_at(const Bodies *bodies, size_t i) {
    return bodies->value ? bodies->value : bodies->clauses[i]->body_expr;
}

typedef struct ItemText {
    const char *data;
    size_t size;
} ItemText;

// True if the two texts of one item differ inside its bodies only.
static bool same_outside_bodies(NstItem *old, ItemText old_text, NstItem *new, ItemText new_text) {
    Bodies before, after;
    if (old->kind != new->kind || !bodies_of(old, &before) || !bodies_of(new, &after) || before.count != after.count)
        return false;
    size_t old_from = 0, new_from = 0;
    for (size_t i = 0; i <= before.count; i++) {
        bool last = i == before.count;
        const NstExpr *old_body = last ? NULL : body_at(&before, i), *new_body = last ? NULL : body_at(&after, i);
        if (!last && (!old_body || !new_body)) return false;
        size_t old_to = last ? old_text.size : old_body->span.start, new_to = last ? new_text.size : new_body->span.start;
        if (old_to < old_from || new_to < new_from || old_to - old_from != new_to - new_from ||
            memcmp(old_text.data + old_from, new_text.data + new_from, old_to - old_from) != 0)
            return false;
        if (last) break;
        old_from = old_body->span.end;
        new_from = new_body->span.end;
    }
    return true;
}

// The fresh tree takes the place of the old one. Declarations keep their nodes: everything refers to these.
static void replace_bodies(const NstItemNote *note, NstItem *old, NstItem *new) {
    old->span = new->span;
    if (old->kind == NST_ITEM_FUNCTION) {
        *old->clause = *new->clause;
    } else if (old->kind == NST_ITEM_IMPL) {
        for (size_t i = 0; i < old->impl.method_count; i++) *old->impl.methods[i] = *new->impl.methods[i];
    } else {
        old->value = new->value;
        for (size_t i = 0; i < note->fn_count; i++) {
            NstClause *clause = note->fns[i]->clauses[0];
            clause->body_expr = new->value.value;
            clause->body = NULL;
            if (old->kind == NST_ITEM_BINDING) clause->result = new->value.type;
        }
    }
}

static void update_constant(const Patch *patch, NstFunction *fn) {
    NstConst *constant = nst_function_info(patch->infer, fn)->constant;
    if (constant) constant->value = fn->clauses[0]->body_expr;
}

// ---- Edits ------------------------------------------------------------------------------

static uint32_t item_start(const NstProgram *program, const NstItem *item) {
    return nst_origin(program->sources, item->span.origin).base;
}

// Number of items that start before the offset.
static size_t items_before(const NstProgram *program, const NstFileAst *ast, uint32_t offset) {
    size_t low = 0, high = ast->item_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (item_start(program, ast->items[middle]) < offset) low = middle + 1;
        else high = middle;
    }
    return low;
}

static bool passes_guard(const NstProgram *program, uint32_t source) {
    NstDiags *refusals = nst_diags_new();
    bool passes = nst_guard_check(program->sources, source, refusals);
    nst_diags_free(refusals);
    return passes;
}

// Compares the items [first, first + count) as they were, in `old_text`, with their fresh trees.
static bool take_edited(Patch *patch, const NstFileAst *ast, size_t first, const NstFileAst *fresh, const uint32_t *starts,
                        const char *old_text, const char *new_text) {
    for (size_t i = 0; i < fresh->item_count; i++) {
        NstItem *old = ast->items[first + i], *new = fresh->items[i];
        ItemText before = { old_text + starts[i], old->span.end };
        ItemText after = { new_text + item_start(patch->program, new), new->span.end };
        if (before.size == after.size && memcmp(before.data, after.data, after.size) == 0) continue;
        if (!same_outside_bodies(old, before, new, after)) return false;
        uint32_t origin = old->span.origin;
        const NstItemNote *note = &patch->patcher->notes[origin];
        replace_bodies(note, old, new);
        patch->changed[origin] = patch->fresh[origin] = true;
        for (size_t k = 0; k < note->fn_count; k++) NST_PUSH(patch->program->arena, patch->wave.items, patch->wave.count,
                                                             patch->wave.capacity, note->fns[k]);
    }
    return true;
}

// One edited file: the items around the stretch that differs are parsed again, from the item before it up to the end of the
// item behind it, which shows that what follows begins where it did.
static bool edit_file(Patch *patch, size_t file, const NstOverlay *overlay) {
    NstProgram *program = patch->program;
    const NstFile *edited = &program->files[file];
    const NstFileAst *ast = edited->ast;
    const NstSource *source = nst_source(program->sources, edited->source);
    if (overlay->size > NST_MAX_SOURCE_SIZE) return false;
    size_t start = 0, tail = 0;
    while (start < source->size && start < overlay->size && source->text[start] == overlay->text[start]) start++;
    if (start == source->size && start == overlay->size) return true;
    while (tail < source->size - start && tail < overlay->size - start &&
           source->text[source->size - 1 - tail] == overlay->text[overlay->size - 1 - tail])
        tail++;
    size_t first = items_before(program, ast, (uint32_t)start);
    size_t last = items_before(program, ast, (uint32_t)(source->size - tail)); // behind the last one that is touched
    uint32_t from = first ? item_start(program, ast->items[first - 1]) : nst_guard_bom(source->text, source->size);
    if (first) first--;
    if (start < from) return false;
    size_t count = (last < ast->item_count ? last + 1 : last) - first;
    size_t end = last < ast->item_count ? item_start(program, ast->items[last]) + ast->items[last]->span.end : source->size;
    end += overlay->size - source->size;

    uint32_t *starts = nst_calloc(count + 1, sizeof *starts), *origins = nst_calloc(count + 1, sizeof *origins);
    for (size_t i = 0; i < count; i++) {
        starts[i] = item_start(program, ast->items[first + i]);
        origins[i] = ast->items[first + i]->span.origin;
    }
    char *old_text = nst_strndup(source->text, source->size);
    uint32_t removed = (uint32_t)(source->size - tail - start), added = (uint32_t)(overlay->size - tail - start);
    uint32_t behind = last < ast->item_count ? item_start(program, ast->items[last]) + added - removed : 0;
    nst_source_edit(program->sources, edited->source, overlay->text, overlay->size, (uint32_t)start, removed, added);
    patch->edited_from[file] = (uint32_t)start;
    NstFileAst *fresh = NULL;
    if (count && passes_guard(program, edited->source))
        fresh = nst_parse_again(program->sources, edited->source, from, (uint32_t)end, origins, count, program->arena);
    bool fits = fresh && (!behind || item_start(program, fresh->items[count - 1]) == behind) &&
                take_edited(patch, ast, first, fresh, starts, old_text, overlay->text);
    free(starts);
    free(origins);
    free(old_text);
    return fits;
}

// ---- Waves ------------------------------------------------------------------------------

// Adds a function to the wave, with everything that is generalised or written together with it.
static bool grow_wave(Patch *patch, NstFunction *fn) {
    if (patch->again[fn->id]) return true;
    patch->again[fn->id] = true;
    NST_PUSH(patch->program->arena, patch->wave.items, patch->wave.count, patch->wave.capacity, fn);
    return true;
}

static bool close_wave(Patch *patch) {
    for (size_t i = 0; i < patch->wave.count; i++) {
        const NstFunction *fn = patch->wave.items[i];
        const NstFunctionInfo *info = nst_function_info(patch->infer, patch->wave.items[i]);
        // What a group is like that only types reveal depends on where inference came upon it.
        if (info->component_count && info->component_count != info->group_count) return false;
        for (size_t k = 0; k < info->component_count; k++) grow_wave(patch, info->component[k]->fn);
        for (size_t c = 0; c < fn->clause_count; c++) {
            uint32_t origin = fn->clauses[c]->span.origin;
            const NstItemNote *note = origin < patch->patcher->note_count ? &patch->patcher->notes[origin] : NULL;
            Bodies bodies;
            if (!note || !note->item || !bodies_of(note->item, &bodies)) return false;
            for (size_t k = 0; k < note->fn_count; k++) grow_wave(patch, note->fns[k]);
        }
    }
    return patch->wave.count <= FEW_FUNCTIONS || patch->wave.count * MAX_SHARE <= patch->program->function_count;
}

static bool freshen(Patch *patch, uint32_t origin) {
    if (patch->fresh[origin]) return true;
    NstProgram *program = patch->program;
    const NstItemNote *note = &patch->patcher->notes[origin];
    uint32_t start = item_start(program, note->item);
    NstFileAst *again = nst_parse_again(program->sources, program->files[note->file].source, start,
                                        start + note->item->span.end, &origin, 1, program->arena);
    if (!again) return false;
    replace_bodies(note, note->item, again->items[0]);
    patch->fresh[origin] = true;
    return true;
}

static bool stands_in(const Patch *patch, const NstDiag *diag, const bool *origins) {
    return diag->stage == NST_STAGE_BODIES && diag->span.origin < patch->patcher->note_count && origins[diag->span.origin];
}

static bool is_stale(const NstDiag *diag, void *context) {
    const Patch *patch = context;
    return stands_in(patch, diag, patch->stale);
}

static bool stands_in_stale_item(const NstDiag *diag, void *context) {
    const Patch *patch = context;
    return diag->span.origin < patch->patcher->note_count && patch->stale[diag->span.origin];
}

static bool stands_in_unchecked_file(const NstDiag *diag, void *context) {
    const Patch *patch = context;
    const NstProgram *program = patch->program;
    uint32_t source = nst_origin(program->sources, diag->span.origin).source;
    for (size_t f = 0; f < program->file_count; f++)
        if (program->files[f].source == source) return !program->checks->imports[f];
    return false;
}

// What the checks have kept about the wave's bodies and the files in which they stand.
static void forget_checks(Patch *patch) {
    NstProgram *program = patch->program;
    NstCheckCache *cache = nst_check_cache(program);
    for (size_t i = 0; i < patch->wave.count; i++) {
        const NstFunction *fn = patch->wave.items[i];
        nst_check_forget(program, fn);
        for (size_t c = 0; c < fn->clause_count; c++)
            cache->imports[patch->patcher->notes[fn->clauses[c]->span.origin].file] = false;
    }
    nst_diags_remove(cache->matches, stands_in_stale_item, patch);
    nst_diags_remove(cache->warnings, stands_in_stale_item, patch);
    nst_diags_remove(cache->imported, stands_in_unchecked_file, patch);
}

// Takes back what is known about the bodies of the wave and resolves them.
static bool prepare(Patch *patch) {
    NstProgram *program = patch->program;
    memset(patch->stale, 0, patch->patcher->note_count * sizeof *patch->stale);
    for (size_t i = 0; i < patch->wave.count; i++) {
        const NstFunction *fn = patch->wave.items[i];
        for (size_t c = 0; c < fn->clause_count; c++) {
            uint32_t origin = fn->clauses[c]->span.origin;
            if (!freshen(patch, origin)) return false;
            patch->taken[origin] = patch->stale[origin] = true;
        }
    }
    nst_diags_remove(program->diags, is_stale, patch);
    forget_checks(patch);
    program->diags->stage = NST_STAGE_BODIES;
    for (size_t i = 0; i < patch->wave.count; i++) {
        NstFunction *fn = patch->wave.items[i];
        update_constant(patch, fn);
        nst_function_set_clauses(program, fn, fn->source_order, fn->clause_count);
        nst_function_note(program, fn)->resolved = false;
        fn->contains_receive = false;
        nst_resolve_body(program, fn);
        nst_function_forget(patch->infer, fn);
        for (size_t c = 0; c < fn->clause_count; c++) patch->fresh[fn->clauses[c]->span.origin] = false;
    }
    return true;
}

static void note_summaries(Patch *patch, size_t first) {
    for (size_t i = first; i < patch->wave.count; i++)
        patch->before[patch->wave.items[i]->id] = nst_function_summary(patch->infer, patch->wave.items[i]);
}

static bool run_wave(Patch *patch) {
    for (size_t first = 0;;) {
        if (!close_wave(patch)) return false;
        note_summaries(patch, first);
        first = patch->wave.count;
        if (!prepare(patch)) return false;
        NstFunctionList more = { 0 };
        patch->infer->grown = false; // of other functions
        nst_infer_again(patch->infer, patch->again, &more);
        if (patch->infer->open_globals || patch->infer->reported_elsewhere || patch->infer->grown) return false;
        for (size_t i = 0; i < more.count; i++) grow_wave(patch, more.items[i]);
        if (!more.count) return true;
    }
}

static bool uses_any(const NstFunctionList *uses, const bool *moved) {
    for (size_t i = 0; i < uses->count; i++)
        if (moved[uses->items[i]->id]) return true;
    return false;
}

// The next wave: whoever uses a function whose summary has moved. False if that is not only functions.
static bool next_wave(Patch *patch, bool *moved) {
    NstProgram *program = patch->program;
    memset(moved, 0, program->function_count * sizeof *moved);
    bool any = false;
    for (size_t i = 0; i < patch->wave.count; i++) {
        NstFunction *fn = patch->wave.items[i];
        uint64_t summary = nst_function_summary(patch->infer, fn);
        moved[fn->id] = !summary || summary != patch->before[fn->id];
        any |= moved[fn->id];
        NstConst *constant = nst_function_info(patch->infer, fn)->constant;
        if (constant) constant->scheme = fn->scheme;
    }
    bool *done = patch->again;
    patch->wave.count = 0;
    patch->again = nst_calloc(program->function_count + 1, sizeof *patch->again);
    bool possible = !any || !uses_any(&patch->infer->whole_uses, moved);
    for (size_t i = 0; any && possible && i < program->function_count; i++) {
        NstFunction *fn = program->functions[i];
        if (!fn->library && !done[i] && uses_any(&nst_function_info(patch->infer, fn)->uses, moved)) grow_wave(patch, fn);
    }
    free(done);
    return possible;
}

static bool run_waves(Patch *patch) {
    // The edits have filled the first wave; its functions are entered again one by one.
    NstFunctionList edited = patch->wave;
    patch->wave = (NstFunctionList){ 0 };
    for (size_t i = 0; i < edited.count; i++) grow_wave(patch, edited.items[i]);
    size_t total = 0, limit = patch->program->function_count + FEW_FUNCTIONS;
    bool fits = true;
    while (fits && patch->wave.count) {
        fits = run_wave(patch) && (total += patch->wave.count) <= limit;
        if (!fits) break;
        bool *moved = nst_calloc(patch->program->function_count + 1, sizeof *moved);
        fits = next_wave(patch, moved);
        free(moved);
    }
    patch->patcher->functions = total;
    return fits;
}

// ---- What stays -------------------------------------------------------------------------

// True if the text under the span is where and what it was.
static bool stands(const Patch *patch, NstSpan span) {
    const NstProgram *program = patch->program;
    if (span.origin < patch->patcher->note_count && patch->patcher->notes[span.origin].item) {
        Bodies bodies;
        if (!patch->changed[span.origin]) return true;
        return bodies_of(patch->patcher->notes[span.origin].item, &bodies) && span.end <= body_at(&bodies, 0)->span.start;
    }
    for (size_t f = 0; f < program->file_count; f++)
        if (nst_origin(program->sources, span.origin).source == program->files[f].source)
            return span.end <= patch->edited_from[f];
    return true;
}

static bool list_stands(const Patch *patch, const NstDiags *diags) {
    for (size_t i = 0; i < diags->count; i++) {
        const NstDiag *diag = diags->items[i];
        if (stands_in(patch, diag, patch->taken)) continue;
        if (!stands(patch, diag->span)) return false;
        for (size_t k = 0; k < diag->label_count; k++)
            if (!stands(patch, diag->labels[k].span)) return false;
        for (size_t k = 0; k < diag->edit_count; k++)
            if (!stands(patch, diag->edits[k].span)) return false;
    }
    return true;
}

static bool diagnostics_stand(const Patch *patch) {
    const NstCheckCache *cache = nst_check_cache(patch->program);
    return list_stands(patch, patch->program->diags) && list_stands(patch, cache->matches) &&
           list_stands(patch, cache->warnings) && list_stands(patch, cache->imported);
}

// ---- Patches ----------------------------------------------------------------------------

static const NstOverlay *overlay_of(const NstOverlays *overlays, const char *path) {
    for (size_t i = 0; i < overlays->count; i++)
        if (overlays->items[i].changed && strcmp(overlays->items[i].path, path) == 0) return &overlays->items[i];
    return NULL;
}

static bool edit_files(Patch *patch, const NstOverlays *overlays) {
    NstProgram *program = patch->program;
    size_t wanted = 0, found = 0;
    for (size_t i = 0; i < overlays->count; i++) wanted += overlays->items[i].changed;
    for (size_t f = 0; f < program->file_count; f++) {
        const NstOverlay *overlay = overlay_of(overlays, nst_source(program->sources, program->files[f].source)->path);
        found += overlay != NULL;
        if (overlay && !edit_file(patch, f, overlay)) return false;
    }
    return found == wanted;
}

bool nst_patch(NstPatcher *patcher, const NstOverlays *overlays) {
    NstProgram *program = patcher->program;
    size_t origins = patcher->note_count, functions = program->function_count;
    Patch patch = { .patcher = patcher,
                    .program = program,
                    .infer = program->infer,
                    .changed = nst_calloc(origins, sizeof(bool)),
                    .taken = nst_calloc(origins, sizeof(bool)),
                    .stale = nst_calloc(origins, sizeof(bool)),
                    .fresh = nst_calloc(origins, sizeof(bool)),
                    .again = nst_calloc(functions + 1, sizeof(bool)),
                    .before = nst_calloc(functions + 1, sizeof(uint64_t)),
                    .edited_from = nst_malloc((program->file_count + 1) * sizeof(uint32_t)) };
    for (size_t f = 0; f < program->file_count; f++) patch.edited_from[f] = UINT32_MAX;
    patcher->functions = 0;
    nst_diags_truncate(program->diags, program->typed_diags);
    bool patched = edit_files(&patch, overlays) && run_waves(&patch) && diagnostics_stand(&patch) && !is_filtered(program);
    free(patch.changed);
    free(patch.taken);
    free(patch.stale);
    free(patch.fresh);
    free(patch.again);
    free(patch.before);
    free(patch.edited_from);
    if (!patched) return false;
    nst_modules_publish(program);
    nst_program_finish(program);
    return true;
}
