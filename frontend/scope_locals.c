#include "frontend/resolve_body.h"

// Appends to an array without a capacity field: it is full when its count is a power of two.
static void *grown(NstProgram *program, void *items, size_t count, size_t item_size) {
    if (count & (count - 1)) return items;
    void *copy = nst_arena_alloc(program->arena, (count ? count * 2 : 1) * item_size);
    if (count) memcpy(copy, items, count * item_size);
    return copy;
}

NstBody *nst_body_new(NstWalk *walk) {
    NstBody *body = NST_NEW(walk->program->arena, NstBody);
    body->parent = walk->body;
    return body;
}

NstLocal *nst_local_new(NstWalk *walk, NstIdent ident, bool mutable_) {
    NstBody *body = walk->body;
    NstLocal *local = NST_NEW(walk->program->arena, NstLocal);
    local->name = ident.name;
    local->span = ident.span;
    local->body = body;
    local->mutable_ = mutable_;
    local->index = (uint32_t)body->local_count;
    local->arity_min = 0;
    local->arity_max = UINT32_MAX;
    body->locals = grown(walk->program, body->locals, body->local_count, sizeof *body->locals);
    body->locals[body->local_count++] = local;
    return local;
}


void nst_frame_push(NstWalk *walk, NstFrame *frame) {
    *frame = (NstFrame){.parent = walk->frame, .body = walk->body};
    walk->frame = frame;
}

void nst_frame_pop(NstWalk *walk) { walk->frame = walk->frame->parent; }

void nst_frame_bind(NstWalk *walk, NstLocal *local) { NST_APPEND(walk->program, walk->frame->locals, local); }

static bool takes(const NstLocal *local, int arity) {
    return arity < 0 || ((uint32_t)arity >= local->arity_min && (uint32_t)arity <= local->arity_max);
}

// The last one of the name in the list; among local functions of that name the one that takes the arguments.
static NstLocal *last_named(NstLocal *const *locals, size_t count, NstName name, int arity) {
    NstLocal *last = NULL;
    for (size_t i = count; i-- > 0;) {
        if (locals[i]->name != name) continue;
        if (!last) last = locals[i];
        if (takes(locals[i], arity)) return locals[i];
        if (!locals[i]->is_function) break; // what stands before it is hidden
    }
    return last;
}

NstLocal *nst_find_local(const NstWalk *walk, NstName name, int arity, bool *early) {
    for (const NstFrame *frame = walk->frame; frame; frame = frame->parent) {
        NstLocal *bound = last_named(frame->locals.items, frame->locals.count, name, arity);
        if (bound && (takes(bound, arity) || !frame->later_visible)) {
            if (early) *early = false;
            return bound;
        }
        NstLocal *later = frame->later_visible ? last_named(frame->later.items, frame->later.count, name, arity) : NULL;
        if (later && (!bound || takes(later, arity))) {
            if (early) *early = true;
            return later;
        }
        if (bound) {
            if (early) *early = false;
            return bound;
        }
    }
    return NULL;
}

static bool has_capture(const NstBody *body, const NstLocal *local) {
    for (size_t i = 0; i < body->capture_count; i++)
        if (body->captures[i] == local) return true;
    return false;
}

void nst_capture_local(NstWalk *walk, NstLocal *local) {
    if (local->body == walk->body) return;
    local->captured = true;
    local->assigned_after_capture_possible = local->mutable_;
    for (NstBody *body = walk->body; body && body != local->body; body = body->parent) {
        if (has_capture(body, local)) continue;
        body->captures = grown(walk->program, body->captures, body->capture_count, sizeof *body->captures);
        body->captures[body->capture_count++] = local;
    }
}

NstLocal *const *nst_use_local_functions(NstWalk *walk, NstName name, size_t *count) {
    *count = 0;
    const NstLocal *found = nst_find_local(walk, name, -1, NULL);
    for (const NstFrame *frame = walk->frame; found && found->is_function && frame; frame = frame->parent) {
        NstLocal *const *visible = frame->later_visible ? frame->later.items : frame->locals.items;
        size_t total = frame->later_visible ? frame->later.count : frame->locals.count;
        NstLocal **functions = NULL;
        bool here = false;
        for (size_t i = 0; i < total; i++) {
            if (visible[i]->name != name || !visible[i]->is_function) continue;
            here |= visible[i] == found;
            functions = grown(walk->program, functions, *count, sizeof *functions);
            functions[(*count)++] = visible[i];
        }
        for (size_t i = 0; here && *count > 1 && i < *count; i++)
            nst_use_local(walk, name, (int)functions[i]->arity_max);
        if (here) return functions;
        *count = 0;
    }
    return NULL;
}

NstLocal *nst_use_local(NstWalk *walk, NstName name, int arity) {
    bool early;
    NstLocal *local = nst_find_local(walk, name, arity, &early);
    if (!local) return NULL;
    if (early) local->captured_early = true;
    nst_capture_local(walk, local);
    return local;
}
