// Messages that no receive could take, and arms that no message could reach (warnings `unmatched-message`,
// `unsent-message`).
//
// Any process may get any message, so a send is compared with every arm of every receive of the program. Shapes
// (message_shape.h) and patterns say "no" only when they are certain; one message of unknown shape keeps every arm that
// it might reach silent. Guards are taken to be true. What the run-time system itself sends (`Down`, `Exit`) is built by
// constructors of the library, about which nothing is claimed.

#include <stdlib.h>

#include "frontend/checks.h"

typedef struct Traffic {
    NstProgram *program;
    NstArena *arena;
    const NstEffect **sends;
    size_t send_count, send_capacity;
    const NstPattern **arms;
    size_t arm_count, arm_capacity;
    const NstExpr **receives;
    size_t receive_count, receive_capacity;
} Traffic;

static bool collect(void *context, const NstEffect *effect) {
    Traffic *t = context;
    NstArena *arena = t->arena;
    if (effect->kind == NST_EFFECT_SEND) NST_PUSH(arena, t->sends, t->send_count, t->send_capacity, effect);
    if (effect->kind != NST_EFFECT_RECEIVE) return true;
    NST_PUSH(arena, t->receives, t->receive_count, t->receive_capacity, effect->expr);
    for (size_t i = 0; i < effect->expr->receive.arm_count; i++)
            NST_PUSH(arena, t->arms, t->arm_count, t->arm_capacity, effect->expr->receive.arms[i].pattern);
    return true;
}

// ---- Messages ---------------------------------------------------------------------------

// How much a pattern looks like what was meant: a tuple of the same length, better with the same tag; the same type.
static int likeness(const NstShape *shape, const NstPattern *p) {
    if (p->kind == NST_PAT_OR) return likeness(shape, p->items[0]);
    if (shape->kind == NST_SHAPE_TUPLE && p->kind == NST_PAT_TUPLE) {
        int tag = p->item_count && shape->count && nst_shape_may_match(shape->items[0], p->items[0]) ? 2 : 0;
        return tag + (shape->count == p->item_count ? 1 : 0);
    }
    if (p->kind == NST_PAT_CTOR && p->ctor) {
        if (shape->kind == NST_SHAPE_BUILT) return (p->ctor == shape->ctor) + (p->ctor->type == shape->ctor->type);
        return shape->kind == NST_SHAPE_OF_TYPE && shape->decl == p->ctor->type;
    }
    return 0;
}

static const NstPattern *nearest(const Traffic *t, const NstShape *shape) {
    const NstPattern *best = NULL;
    int score = 0;
    for (size_t i = 0; i < t->arm_count; i++) {
        int now = likeness(shape, t->arms[i]);
        if (now > score) best = t->arms[i], score = now;
    }
    return best;
}

static void check_send(const Traffic *t, const NstEffect *send) {
    for (size_t i = 0; i < t->arm_count; i++)
        if (nst_shape_may_match(send->message, t->arms[i])) return;
    NstSpan span = send->expr->binary.right->span;
    if (send->message->kind == NST_SHAPE_ANY || !nst_written_by_user(t->program, span)) return;
    NstDiags *diags = t->program->diags;
    char *shape = nst_shape_text(send->message);
    NstDiag *diag = strcmp(shape, "_") == 0
                        ? nst_diag_add(diags, NST_DIAG_UNMATCHED_MESSAGE, span,
                                       "no `receive` of the program can match this message")
                        : nst_diag_add(diags, NST_DIAG_UNMATCHED_MESSAGE, span,
                                       "no `receive` of the program can match the message `%s`", shape);
    const NstPattern *like = nearest(t, send->message);
    if (like) nst_diag_label(diags, diag, like->span, "the nearest arm of a `receive`");
    nst_diag_hint(diags, diag, "it stays in the mailbox for ever: receive it, or correct what is sent");
    free(shape);
}

// ---- Arms -------------------------------------------------------------------------------

// The run-time system may send it.
static bool is_library_message(const NstPattern *p) {
    if (p->kind == NST_PAT_OR) {
        for (size_t i = 0; i < p->item_count; i++)
            if (is_library_message(p->items[i])) return true;
        return false;
    }
    return p->kind == NST_PAT_CTOR && p->ctor && p->ctor->type->module->library;
}

static bool may_come(const Traffic *t, const NstPattern *pattern) {
    for (size_t i = 0; i < t->send_count; i++)
        if (nst_shape_may_match(t->sends[i]->message, pattern)) return true;
    return nst_pattern_accepts_all(pattern) || is_library_message(pattern);
}

// A receive none of whose arms anything reaches is meant to wait, for a timeout or for ever.
static void check_receive(const Traffic *t, const NstExpr *receive) {
    size_t count = receive->receive.arm_count, dead = 0;
    bool *comes = NST_NEW_ARRAY(t->arena, bool, count + 1);
    for (size_t i = 0; i < count; i++) dead += !(comes[i] = may_come(t, receive->receive.arms[i].pattern));
    for (size_t i = 0; i < count && dead < count; i++) {
        NstSpan span = receive->receive.arms[i].pattern->span;
        if (comes[i] || !nst_written_by_user(t->program, span)) continue;
        NstDiags *diags = t->program->diags;
        NstDiag *diag = nst_diag_add(diags, NST_DIAG_UNSENT_MESSAGE, span,
                                     "nothing in the program sends a message that this arm could match");
        nst_diag_hint(diags, diag, "remove the arm, or correct its pattern or what is sent");
    }
}

// Without any arm the program is not yet (or not meant to be) one whose messages are received.
void nst_check_messages(NstProgram *program, NstArena *arena, const NstEffectTable *effects) {
    Traffic t = { .program = program, .arena = arena };
    nst_effects_each(effects, collect, &t);
    for (size_t i = 0; i < t.send_count && t.arm_count; i++) check_send(&t, t.sends[i]);
    for (size_t i = 0; i < t.receive_count; i++) check_receive(&t, t.receives[i]);
}
