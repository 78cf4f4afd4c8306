#include "runtime/list.h"

#include <string.h>

#include "runtime/list_tree.h"

enum { WIDTH = NST_LIST_CHUNK, FIRST_CHUNK = 4 };

static NstList empty = {
    .head = { .kind = NST_KIND_LIST, .flags = NST_OBJ_FROZEN | NST_OBJ_IMMORTAL },
};

NstValue nst_list_empty(void) {
    return nst_object(&empty);
}

// A list taken apart; functions on parts allocate no list object. front_count is 0 only while it is being rebuilt.
typedef struct Parts {
    NstObject *front, *tree, *back;
    uint32_t front_count, tree_count, back_count;
} Parts;

static Parts parts_of(const NstObject *list) {
    const NstList *l = nst_list_of(list);
    uint32_t front = nst_list_front_count(list), back = nst_list_back_count(list);
    return (Parts){ .front = l->front, .tree = l->tree, .back = l->back, .front_count = front,
                    .tree_count = list->count - front - back, .back_count = back };
}

static NstValue make(NstProcess *p, const Parts *parts) {
    uint32_t count = parts->front_count + parts->tree_count + parts->back_count;
    if (count == 0) return nst_list_empty();
    NstList *list = nst_alloc(p, sizeof *list);
    list->head = (NstObject){ .kind = NST_KIND_LIST, .count = count,
                              .aux = (uint16_t)(parts->front_count | parts->back_count << 6) };
    list->front = parts->front;
    list->tree = parts->tree_count ? parts->tree : NULL;
    list->back = parts->back_count ? parts->back : NULL;
    return nst_object(list);
}

// Restores invariant 1 when the front is used up.
static void refill_front(NstProcess *p, Parts *parts) {
    if (parts->front_count > 0) return;
    if (parts->tree_count > 0) {
        parts->tree = nst_tree_pop_first(p, parts->tree, &parts->front);
        parts->front_count = parts->front->count;
        parts->tree_count -= parts->front_count;
    } else if (parts->back_count > 0) {
        bool whole = parts->back->count == parts->back_count;
        parts->front = whole ? parts->back : nst_chunk_part(p, parts->back, 0, parts->back_count);
        parts->front_count = parts->back_count;
        parts->back_count = 0;
    }
}

// The capacity of a chunk for one more element than `count`.
static uint32_t grown(const Parts *parts, uint32_t count) {
    if (parts->tree_count > 0 || count >= WIDTH / 2) return WIDTH;
    return count < FIRST_CHUNK / 2 ? FIRST_CHUNK : count * 2;
}

static bool claimable(const NstObject *chunk, uint32_t shown) {
    return chunk->aux > 0 && shown + chunk->aux == chunk->count && !(chunk->flags & NST_OBJ_FROZEN);
}

static void cons(NstProcess *p, Parts *parts, NstValue v) {
    if (parts->front_count == WIDTH) { // a full chunk has no free slots
        parts->tree = nst_tree_prepend(p, parts->tree_count ? parts->tree : NULL, parts->front);
        parts->tree_count += WIDTH;
        parts->front_count = 0;
    }
    uint32_t count = parts->front_count;
    if (count == 0 || !claimable(parts->front, count)) {
        uint32_t capacity = grown(parts, count);
        NstObject *chunk = nst_chunk_new(p, capacity);
        if (count > 0) {
            const NstObject *old = parts->front;
            memcpy(nst_slots(chunk) + capacity - count, nst_slots(old) + old->count - count, count * sizeof(NstWord));
            memcpy(nst_slot_tags(chunk) + capacity - count, nst_slot_tags(old) + old->count - count, count);
            chunk->aux = (uint16_t)(capacity - count);
        }
        parts->front = chunk;
    }
    nst_chunk_init(parts->front, --parts->front->aux, v);
    nst_barrier(p, parts->front, v);
    parts->front_count++;
}

static void push(NstProcess *p, Parts *parts, NstValue v) {
    if (parts->front_count == 0) {
        cons(p, parts, v);
        return;
    }
    if (parts->back_count == WIDTH) {
        parts->tree = nst_tree_append(p, parts->tree_count ? parts->tree : NULL, parts->back);
        parts->tree_count += WIDTH;
        parts->back_count = 0;
    }
    uint32_t count = parts->back_count;
    if (count == 0 || !claimable(parts->back, count)) {
        NstObject *chunk = nst_chunk_new(p, grown(parts, count));
        if (count > 0) {
            memcpy(nst_slots(chunk), nst_slots(parts->back), count * sizeof(NstWord));
            memcpy(nst_slot_tags(chunk), nst_slot_tags(parts->back), count);
            chunk->aux = (uint16_t)(chunk->count - count);
        }
        parts->back = chunk;
    }
    nst_chunk_init(parts->back, count, v);
    parts->back->aux--;
    nst_barrier(p, parts->back, v);
    parts->back_count++;
}

NstValue nst_list_cons(NstProcess *p, NstValue head, NstObject *tail) {
    Parts parts = parts_of(tail);
    cons(p, &parts, head);
    return make(p, &parts);
}

NstValue nst_list_push(NstProcess *p, NstObject *list, NstValue last) {
    Parts parts = parts_of(list);
    push(p, &parts, last);
    return make(p, &parts);
}

NstValue nst_list_tail(NstProcess *p, NstObject *list) {
    uint32_t front = nst_list_front_count(list);
    if (front > 1) {
        NstList *rest = nst_alloc(p, sizeof *rest);
        *rest = *nst_list_of(list);
        rest->head.flags = 0;
        rest->head.count--;
        rest->head.aux--; // the front count is in the low bits
        return nst_object(rest);
    }
    Parts parts = parts_of(list);
    parts.front_count = 0;
    refill_front(p, &parts);
    return make(p, &parts);
}

// The first `n` elements of the front, as a front.
static void cut_front(NstProcess *p, Parts *parts, uint32_t n) {
    if (n < parts->front_count && n > 0) {
        parts->front = nst_chunk_part(p, parts->front, parts->front->count - parts->front_count, n);
    }
    parts->front_count = n;
}

NstValue nst_list_init(NstProcess *p, NstObject *list) {
    Parts parts = parts_of(list);
    if (parts.back_count == 0 && parts.tree_count > 0) {
        parts.tree = nst_tree_pop_last(p, parts.tree, &parts.back);
        parts.back_count = parts.back->count;
        parts.tree_count -= parts.back_count;
    }
    if (parts.back_count > 0) parts.back_count--;
    else cut_front(p, &parts, parts.front_count - 1);
    return make(p, &parts);
}

NstListRun nst_list_run(const NstObject *list, size_t i) {
    Parts parts = parts_of(list);
    if (i < parts.front_count) {
        uint32_t slot = parts.front->count - parts.front_count + (uint32_t)i;
        return (NstListRun){ .chunk = parts.front, .slot = slot, .count = parts.front_count - (uint32_t)i };
    }
    uint32_t rest = (uint32_t)i - parts.front_count;
    if (rest < parts.tree_count) {
        const NstObject *chunk = nst_tree_find(parts.tree, &rest);
        return (NstListRun){ .chunk = chunk, .slot = rest, .count = chunk->count - rest };
    }
    rest -= parts.tree_count;
    return (NstListRun){ .chunk = parts.back, .slot = rest, .count = parts.back_count - rest };
}

NstValue nst_list_get_slow(const NstObject *list, size_t i) {
    NstListRun run = nst_list_run(list, i);
    return nst_chunk_get(run.chunk, run.slot);
}

NstValue nst_list_last(const NstObject *list) {
    return nst_list_get(list, list->count - 1u);
}

NstValue nst_list_set(NstProcess *p, NstObject *list, size_t i, NstValue v) {
    Parts parts = parts_of(list);
    uint32_t at = (uint32_t)i;
    if (at < parts.front_count) {
        uint32_t first = parts.front->count - parts.front_count;
        parts.front = nst_chunk_part(p, parts.front, first, parts.front_count);
        nst_slot_init(parts.front, at, v);
    } else if (at - parts.front_count < parts.tree_count) {
        parts.tree = nst_tree_set(p, parts.tree, at - parts.front_count, v);
    } else {
        parts.back = nst_chunk_part(p, parts.back, 0, parts.back_count);
        nst_slot_init(parts.back, at - parts.front_count - parts.tree_count, v);
    }
    return make(p, &parts);
}

static void drop_parts(NstProcess *p, Parts *parts, uint32_t n) {
    if (n < parts->front_count) {
        parts->front_count -= n;
        return;
    }
    n -= parts->front_count;
    parts->front_count = 0;
    if (n < parts->tree_count) {
        parts->tree = nst_tree_drop(p, parts->tree, n);
        parts->tree_count -= n;
    } else {
        n -= parts->tree_count;
        parts->tree_count = 0;
        if (n > 0 && n < parts->back_count) parts->back = nst_chunk_part(p, parts->back, n, parts->back_count - n);
        parts->back_count -= n;
    }
    refill_front(p, parts);
}

static void take_parts(NstProcess *p, Parts *parts, uint32_t n) {
    if (n <= parts->front_count) {
        cut_front(p, parts, n);
        parts->tree_count = parts->back_count = 0;
        return;
    }
    n -= parts->front_count;
    if (n <= parts->tree_count) {
        parts->tree = nst_tree_take(p, parts->tree, n);
        parts->tree_count = n;
        parts->back_count = 0;
    } else {
        parts->back_count = n - parts->tree_count;
    }
}

NstValue nst_list_slice(NstProcess *p, NstObject *list, size_t from, size_t to) {
    if (from >= to) return nst_list_empty();
    if (from == 0 && to == list->count) return nst_object(list);
    Parts parts = parts_of(list);
    take_parts(p, &parts, (uint32_t)to);
    drop_parts(p, &parts, (uint32_t)from);
    return make(p, &parts);
}

// The tree of `a`, the chunks between the two lists put into new ones, and the tree of `b`.
static NstObject *join_trees(NstProcess *p, const Parts *a, const Parts *b) {
    uint32_t between = a->back_count + b->front_count;
    NstObject *all = nst_chunk_new(p, between); // of up to 64: only an intermediate
    NstWord *words = nst_slots(all);
    uint8_t *tags = nst_slot_tags(all);
    if (a->back_count > 0) {
        memcpy(words, nst_slots(a->back), a->back_count * sizeof(NstWord));
        memcpy(tags, nst_slot_tags(a->back), a->back_count);
    }
    uint32_t first = b->front->count - b->front_count;
    memcpy(words + a->back_count, nst_slots(b->front) + first, b->front_count * sizeof(NstWord));
    memcpy(tags + a->back_count, nst_slot_tags(b->front) + first, b->front_count);

    NstObject *tree = a->tree_count ? a->tree : NULL;
    if (between <= WIDTH) {
        all->aux = 0;
        tree = nst_tree_append(p, tree, all);
    } else {
        uint32_t half = between / 2;
        tree = nst_tree_append(p, tree, nst_chunk_part(p, all, 0, half));
        tree = nst_tree_append(p, tree, nst_chunk_part(p, all, half, between - half));
    }
    return nst_tree_join(p, tree, b->tree_count ? b->tree : NULL);
}

NstValue nst_list_concat(NstProcess *p, NstObject *a, NstObject *b) {
    if (a->count == 0) return nst_object(b);
    if (b->count == 0) return nst_object(a);
    if (b->count <= WIDTH) {
        Parts parts = parts_of(a);
        NstListIter it;
        NstValue v;
        for (nst_list_iter(&it, b); nst_list_next(&it, &v);) push(p, &parts, v);
        return make(p, &parts);
    }
    if (a->count <= WIDTH) {
        Parts parts = parts_of(b);
        for (size_t i = a->count; i-- > 0;) cons(p, &parts, nst_list_get(a, i));
        return make(p, &parts);
    }
    Parts parts = parts_of(a), right = parts_of(b);
    parts.tree = join_trees(p, &parts, &right);
    parts.tree_count += parts.back_count + right.front_count + right.tree_count;
    parts.back = right.back;
    parts.back_count = right.back_count;
    return make(p, &parts);
}

NstValue nst_list_from(NstProcess *p, const NstValue *values, size_t count) {
    if (count == 0) return nst_list_empty();
    if (count > WIDTH) {
        NstObject *builder = nst_list_builder(p, count);
        for (size_t i = 0; i < count; i++) nst_list_builder_add(p, builder, values[i]);
        return nst_list_builder_finish(p, builder);
    }
    NstObject *chunk = nst_alloc_slots(p, NST_KIND_LIST_NODE, 0, count);
    for (size_t i = 0; i < count; i++) nst_slot_init(chunk, i, values[i]);
    Parts parts = { .front = chunk, .front_count = (uint32_t)count };
    return make(p, &parts);
}

NstValue nst_list_reverse(NstProcess *p, const NstObject *list) {
    NstObject *builder = nst_list_builder(p, list->count);
    for (size_t left = list->count; left > 0;) {
        NstListRun run = nst_list_run(list, left - 1);
        uint32_t first = run.chunk == nst_list_of(list)->front && left <= nst_list_front_count(list)
                             ? run.chunk->count - nst_list_front_count(list) : 0;
        for (uint32_t slot = run.slot + 1; slot-- > first; left--) {
            nst_list_builder_add(p, builder, nst_chunk_get(run.chunk, slot));
        }
    }
    return nst_list_builder_finish(p, builder);
}

// ---- Iteration ----------------------------------------------------------------------------

void nst_list_iter(NstListIter *it, const NstObject *list) {
    nst_list_iter_at(it, list, 0);
}

void nst_list_iter_at(NstListIter *it, const NstObject *list, size_t from) {
    *it = (NstListIter){ .list = list, .index = from, .length = list->count };
}

void nst_list_iter_load(NstListIter *it) {
    NstListRun run = nst_list_run(it->list, it->index);
    it->words = nst_chunk_words(run.chunk) + run.slot;
    it->tags = nst_chunk_tags(run.chunk) + run.slot;
    it->chunk_left = run.count;
}

// ---- Cursors ------------------------------------------------------------------------------

NstObject *nst_list_cursor(NstProcess *p, NstObject *list) {
    NstObject *cursor = nst_alloc_slots(p, NST_KIND_BUILDER, 0, NST_CURSOR_SLOTS);
    for (size_t i = 1; i < NST_CURSOR_SLOTS; i++) nst_slot_init(cursor, i, nst_int(0));
    nst_slot_init(cursor, NST_CURSOR_LIST, nst_object(list));
    return cursor;
}

bool nst_list_cursor_load(NstProcess *p, NstObject *cursor) {
    NstWord *slots = nst_slots(cursor);
    const NstObject *list = slots[NST_CURSOR_LIST].o;
    if (slots[NST_CURSOR_INDEX].u >= nst_list_length(list)) return false;
    NstListRun run = nst_list_run(list, (size_t)slots[NST_CURSOR_INDEX].u);
    nst_store(p, cursor, NST_CURSOR_CHUNK, nst_object(run.chunk));
    slots[NST_CURSOR_SLOT].u = run.slot;
    slots[NST_CURSOR_LEFT].u = run.count;
    slots[NST_CURSOR_INDEX].u += run.count;
    return true;
}
