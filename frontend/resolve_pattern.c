// Names in patterns (patterns.md 3): each NAME binds, compares or assigns.
#include "frontend/resolve_body.h"

#include "frontend/library.h"
#include "frontend/resolve.h"
#include "frontend/resolve_report.h"

// Names of the first alternative of an or-pattern, which the other alternatives share.
typedef struct Shared {
    struct Shared *outer;
    NstLocal **locals;
    size_t count;
} Shared;

typedef struct Patterns {
    NstWalk *walk;
    NstPatternMode mode;
    size_t first;
    Shared *shared; // null outside later alternatives
} Patterns;

static void resolve(Patterns *in, NstPattern *pattern);

// ---- Names ------------------------------------------------------------------------------

static NstLocal *bound_here(const Patterns *in, NstName name) {
    const NstFrame *frame = in->walk->frame;
    for (size_t i = in->first; i < frame->locals.count; i++)
        if (frame->locals.items[i]->name == name) return frame->locals.items[i];
    return NULL;
}

static NstLocal *shared_local(const Patterns *in, NstName name) {
    for (const Shared *shared = in->shared; shared; shared = shared->outer)
        for (size_t i = 0; i < shared->count; i++)
            if (shared->locals[i]->name == name) return shared->locals[i];
    return NULL;
}

static void bind(Patterns *in, NstPattern *pattern) {
    NstLocal *local = shared_local(in, pattern->ident.name);
    if (!local) local = nst_local_new(in->walk, pattern->ident, in->mode == NST_PATTERNS_VAR);
    pattern->role = NST_ROLE_BIND;
    pattern->local = local;
    nst_frame_bind(in->walk, local);
}

static void resolve_always(Patterns *in, NstPattern *pattern) {
    if (bound_here(in, pattern->ident.name))
        nst_diag_add(in->walk->program->diags, NST_DIAG_DUPLICATE_BINDING, pattern->ident.span, "`%s` is bound twice",
                     nst_name_text(pattern->ident.name));
    bind(in, pattern);
}

static void resolve_pattern_name(Patterns *in, NstPattern *pattern) {
    NstWalk *walk = in->walk;
    if (pattern->always_binds || in->mode == NST_PATTERNS_LAMBDA || in->mode == NST_PATTERNS_VAR) {
        resolve_always(in, pattern);
        return;
    }
    NstLocal *local = nst_find_local(walk, pattern->ident.name, -1, NULL);
    // A function of the block that is not bound yet does not count, nor does the copy of an outer local.
    bool bound = local && !(local->body == walk->body && local->copy_of);
    bool same_body = bound && local->body == walk->body;
    if (same_body || (bound && local->mutable_ && in->mode == NST_PATTERNS_BINDING)) {
        pattern->role = local->mutable_ ? NST_ROLE_ASSIGN : NST_ROLE_EQUALS;
        pattern->local = local;
        nst_capture_local(walk, local);
        return;
    }
    bind(in, pattern);
}

static void resolve_pin(Patterns *in, NstPattern *pattern) {
    if (!pattern->pin) {
        pattern->pin = NST_NEW(in->walk->program->arena, NstExpr);
        pattern->pin->kind = NST_EXPR_NAME;
        pattern->pin->span = pattern->ident.span;
        pattern->pin->name.ident = pattern->ident;
    }
    nst_resolve_name(in->walk, pattern->pin, -1);
    if (pattern->pin->target == NST_TARGET_LOCAL) pattern->local = pattern->pin->to.local;
}

// ---- Constructors -----------------------------------------------------------------------

// True if any type of the program or the library has a constructor of that name.
static bool ctor_exists(NstProgram *program, const NstPart *part, NstName name) {
    if (nst_lookup_ctors(program, part, name).count) return true;
    for (size_t i = 0; i < program->user_module_count; i++) {
        const NstEntry *entry = nst_entry_find(program->modules[i], name);
        if (entry && entry->ctors.count) return true;
    }
    size_t count;
    const NstLibEntry *entries = nst_library_entries(&count);
    const char *text = nst_name_text(name);
    for (size_t i = 0; i < count; i++)
        if (entries[i].kind == NST_LIB_CTOR && strcmp(entries[i].name, text) == 0) return true;
    return false;
}

static void check_ctor(Patterns *in, NstPattern *pattern) {
    NstWalk *walk = in->walk;
    if (ctor_exists(walk->program, walk->part, pattern->ident.name)) return;
    if (nst_lookup(walk->program, walk->part, pattern->ident.name, NST_SPACE_CTOR).state != NST_FOUND_SILENT &&
        !nst_name_is_broken(walk->program, pattern->ident.name))
        nst_report_unknown(walk->program, walk->part->module, NST_DIAG_UNKNOWN_CONSTRUCTOR, pattern->ident,
                           NST_SPACE_CTOR, "Unknown constructor: %s");
    pattern->kind = NST_PAT_ERROR;
}

static void resolve_fields(Patterns *in, NstPattern *pattern) {
    for (size_t i = 0; i < pattern->field_count; i++) {
        pattern->fields[i].field = -1;
        resolve(in, pattern->fields[i].pattern);
    }
}

// ---- Alternatives -----------------------------------------------------------------------

static bool contains(NstLocal *const *locals, size_t count, NstName name) {
    for (size_t i = 0; i < count; i++)
        if (locals[i]->name == name) return true;
    return false;
}

static void report_uneven(NstProgram *program, const NstLocal *local) {
    nst_diag_add(program->diags, NST_DIAG_INVALID_PATTERN, local->span,
                 "`%s` is not bound by every alternative of the pattern", nst_name_text(local->name));
}

// What the frame has bound since then; null if it has bound nothing at all.
static NstLocal *const *locals_from(const NstFrame *frame, size_t start) {
    return frame->locals.items ? frame->locals.items + start : NULL;
}

// The first alternative makes the locals; each other one starts from the same scope and binds the same locals.
static void resolve_or(Patterns *in, NstPattern *pattern) {
    NstFrame *frame = in->walk->frame;
    NstProgram *program = in->walk->program;
    size_t start = frame->locals.count;
    resolve(in, pattern->items[0]);
    size_t count = frame->locals.count - start;
    NstLocal **first = nst_arena_copy(program->arena, locals_from(frame, start), count * sizeof *first);
    const NstLocal *missing = NULL, *extra = NULL;
    Shared shared = {in->shared, first, count};
    for (size_t i = 1; i < pattern->item_count; i++) {
        frame->locals.count = start;
        in->shared = &shared;
        resolve(in, pattern->items[i]);
        in->shared = shared.outer;
        size_t bound = frame->locals.count - start;
        NstLocal *const *mine = locals_from(frame, start);
        for (size_t j = 0; j < count && !missing; j++)
            if (!contains(mine, bound, first[j]->name)) missing = first[j];
        for (size_t j = 0; j < bound && !extra; j++)
            if (!contains(first, count, mine[j]->name)) extra = mine[j];
    }
    if (missing) report_uneven(program, missing);
    else if (extra) report_uneven(program, extra);
    frame->locals.count = start;
    for (size_t j = 0; j < count; j++) nst_frame_bind(in->walk, first[j]);
    if (extra) nst_frame_bind(in->walk, in->walk->body->locals[extra->index]);
}

// An element of a set pattern is a value to look for: a literal or a pin.
static void resolve_element(Patterns *in, NstPattern *pattern) {
    bool literal = pattern->kind == NST_PAT_LITERAL && pattern->literal.kind != NST_LIT_UNIT &&
                   pattern->literal.kind < NST_LIT_FLOAT;
    if (literal || pattern->kind == NST_PAT_PIN || pattern->kind == NST_PAT_ERROR) {
        resolve(in, pattern);
        return;
    }
    nst_diag_add(in->walk->program->diags, NST_DIAG_INVALID_PATTERN, pattern->span,
                 "an element of a set pattern is a literal or `^name`");
    pattern->kind = NST_PAT_ERROR;
}

// ---- All forms --------------------------------------------------------------------------

static void resolve(Patterns *in, NstPattern *pattern) {
    switch (pattern->kind) {
    case NST_PAT_ERROR:
    case NST_PAT_WILDCARD:
    case NST_PAT_LITERAL:
    case NST_PAT_RANGE: break;
    case NST_PAT_NAME: resolve_pattern_name(in, pattern); break;
    case NST_PAT_PIN: resolve_pin(in, pattern); break;
    case NST_PAT_OR: resolve_or(in, pattern); break;
    case NST_PAT_SET:
        for (size_t i = 0; i < pattern->item_count; i++) resolve_element(in, pattern->items[i]);
        break;
    case NST_PAT_TUPLE:
    case NST_PAT_LIST:
        for (size_t i = 0; i < pattern->item_count; i++) resolve(in, pattern->items[i]);
        if (pattern->rest) resolve(in, pattern->rest);
        break;
    case NST_PAT_MAP:
        for (size_t i = 0; i < pattern->item_count; i++) {
            resolve(in, pattern->keys[i]);
            resolve(in, pattern->items[i]);
        }
        break;
    case NST_PAT_CTOR:
        for (size_t i = 0; i < pattern->item_count; i++) resolve(in, pattern->items[i]);
        resolve_fields(in, pattern);
        check_ctor(in, pattern);
        break;
    case NST_PAT_RECORD: resolve_fields(in, pattern); break;
    }
}

void nst_resolve_pattern(NstWalk *walk, NstPattern *pattern, NstPatternMode mode, size_t first) {
    Patterns in = {walk, mode, first, NULL};
    resolve(&in, pattern);
}
