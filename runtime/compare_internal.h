// The stack of pending comparisons that equality, order and hashing share. Private to compare*.c.
//
// A frame is a pair of objects (the second null when hashing) and how far they have been examined. A frame leaves the
// stack before its last part is entered, so chains along the last part need no depth at all.
#ifndef NST_COMPARE_INTERNAL_H
#define NST_COMPARE_INTERNAL_H

#include "runtime/compare.h"

typedef struct NstPending {
    const NstObject *a, *b;
    uint32_t next, end;
} NstPending;

enum { NST_PENDING_INLINE = 48 };

typedef struct NstPendingStack {
    NstPending *frames;
    size_t count, size;
    uint64_t steps;
    NstPending first[NST_PENDING_INLINE];
} NstPendingStack;

static inline void nst_pending_init(NstPendingStack *s) {
    s->frames = s->first;
    s->count = 0;
    s->size = NST_PENDING_INLINE;
    s->steps = 0;
}
void nst_pending_grow(NstPendingStack *s);
void nst_pending_free(NstPendingStack *s);

static inline void nst_pending_push(NstPendingStack *s, const NstObject *a, const NstObject *b, uint32_t end) {
    if (end == 0) return;
    if (s->count == s->size) nst_pending_grow(s);
    s->frames[s->count++] = (NstPending){ .a = a, .b = b, .next = 0, .end = end };
    s->steps++;
}

// The next part of the top frame, which is popped if it is the last one; false if the stack is empty.
static inline bool nst_pending_next(NstPendingStack *s, const NstObject **a, const NstObject **b, uint32_t *i) {
    if (s->count == 0) return false;
    NstPending *top = &s->frames[s->count - 1];
    *a = top->a;
    *b = top->b;
    *i = top->next++;
    if (top->next >= top->end) s->count--;
    return true;
}

// The layout of a constructor value, with or without fields; null for other values.
static inline const NstLayout *nst_value_layout(NstValue v) {
    if (v.tag == NST_TAG_CTOR) return v.w.layout;
    return nst_is_kind(v, NST_KIND_DATA) ? ((const NstData *)(const void *)v.w.o)->layout : NULL;
}

#endif
