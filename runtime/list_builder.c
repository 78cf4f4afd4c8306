// Lists from left to right. The builder is a slots object:
//   0 the number of elements; 1 the chunk being filled (like a back chunk); 2 the first full chunk, the front to be;
//   3 + h the finished subtrees of height h that wait for a parent, in a chunk of up to 31 references.
#include <string.h>

#include "runtime/list_tree.h"

enum { LENGTH, FILLING, FRONT, LEVELS, HEIGHTS = 7, SLOTS = LEVELS + HEIGHTS, WIDTH = NST_LIST_CHUNK };

// Empty slots have the payload null as well, so that an object's slot can be read without looking at its tag.
static NstWord *words_of(const NstObject *builder) {
    return (NstWord *)(uintptr_t)(builder + 1);
}

static void reset(NstObject *builder) {
    memset(words_of(builder), 0, SLOTS * sizeof(NstWord));
    memset(words_of(builder) + SLOTS, NST_TAG_MISSING, SLOTS);
    nst_slot_init(builder, LENGTH, nst_int(0));
}

NstObject *nst_list_builder(NstProcess *p, size_t expected) {
    NstObject *builder = nst_alloc_slots(p, NST_KIND_BUILDER, 0, SLOTS);
    reset(builder);
    uint32_t capacity = expected >= WIDTH ? WIDTH : expected > 0 ? (uint32_t)expected : WIDTH / 4;
    nst_slot_init(builder, FILLING, nst_object(nst_chunk_new(p, capacity)));
    return builder;
}

size_t nst_list_builder_length(const NstObject *builder) {
    return (size_t)words_of(builder)[LENGTH].u;
}

static NstObject *slot_object(const NstObject *builder, uint32_t slot) {
    return words_of(builder)[slot].o;
}

static void chunk_add(NstProcess *p, NstObject *chunk, NstValue v) {
    nst_chunk_init(chunk, chunk->count - (uint32_t)chunk->aux--, v);
    nst_barrier(p, chunk, v);
}

// The subtrees that wait at a level, as an array.
static uint32_t waiting(const NstObject *builder, uint32_t height, NstObject **out) {
    const NstObject *level = slot_object(builder, LEVELS + height);
    if (!level) return 0;
    uint32_t count = level->count - level->aux;
    for (uint32_t i = 0; i < count; i++) out[i] = nst_chunk_words(level)[i].o;
    return count;
}

static void add_subtree(NstProcess *p, NstObject *builder, uint32_t height, NstObject *tree) {
    for (;; height++) {
        NstObject *level = slot_object(builder, LEVELS + height);
        if (!level) {
            level = nst_chunk_new(p, WIDTH);
            nst_store(p, builder, LEVELS + height, nst_object(level));
        }
        chunk_add(p, level, nst_object(tree));
        if (level->aux > 0) return;
        NstObject *children[WIDTH];
        tree = nst_tree_node(p, children, waiting(builder, height, children));
        memset(nst_slot_tags(level), NST_TAG_MISSING, WIDTH);
        level->aux = WIDTH;
    }
}

static __attribute__((noinline)) NstObject *next_chunk(NstProcess *p, NstObject *builder, NstObject *chunk) {
    NstObject *next = chunk;
    if (!chunk) {
        next = nst_chunk_new(p, WIDTH / 4);
    } else if (chunk->count < WIDTH) {
        uint32_t count = chunk->count, capacity = count > WIDTH / 2 ? WIDTH : count * 2;
        next = nst_chunk_new(p, capacity);
        memcpy(nst_slots(next), nst_slots(chunk), count * sizeof(NstWord));
        memcpy(nst_slot_tags(next), nst_slot_tags(chunk), count);
        next->aux = (uint16_t)(capacity - count);
    } else {
        next = nst_chunk_new(p, WIDTH);
        if (slot_object(builder, FRONT)) add_subtree(p, builder, 0, chunk);
        else nst_store(p, builder, FRONT, nst_object(chunk));
    }
    nst_store(p, builder, FILLING, nst_object(next));
    return next;
}

void nst_list_builder_add(NstProcess *p, NstObject *builder, NstValue v) {
    NstObject *chunk = slot_object(builder, FILLING);
    if (__builtin_expect(!chunk || chunk->aux == 0, 0)) chunk = next_chunk(p, builder, chunk);
    words_of(builder)[LENGTH].u++;
    chunk_add(p, chunk, v);
}

void nst_list_builder_append(NstProcess *p, NstObject *builder, const NstObject *list) {
    NstListIter it;
    NstValue v;
    for (nst_list_iter(&it, list); nst_list_next(&it, &v);) nst_list_builder_add(p, builder, v);
}

// One tree of what waits at all levels: at each, the waiting subtrees and behind them what came from below.
static NstObject *finish_tree(NstProcess *p, NstObject *builder) {
    NstObject *tree = NULL;
    uint32_t top = HEIGHTS;
    while (top > 0 && !slot_object(builder, LEVELS + top - 1)) top--;
    for (uint32_t height = 0; height < top; height++) {
        NstObject *children[WIDTH];
        uint32_t count = waiting(builder, height, children);
        if (tree) children[count++] = tree;
        if (count == 0) continue;
        bool root = height + 1 == top && count == 1;
        tree = root ? children[0] : nst_tree_node(p, children, count);
    }
    return tree;
}

NstValue nst_list_builder_finish(NstProcess *p, NstObject *builder) {
    size_t length = nst_list_builder_length(builder);
    if (length == 0) return nst_list_empty();
    NstObject *last = slot_object(builder, FILLING), *front = slot_object(builder, FRONT);
    uint32_t used = last->count - last->aux;
    NstList *list = nst_alloc(p, sizeof *list);
    *list = (NstList){ .head = { .kind = NST_KIND_LIST, .count = (uint32_t)length } };
    if (!front) {
        list->front = last->aux == 0 ? last : nst_chunk_part(p, last, 0, used);
        list->head.aux = (uint16_t)used;
    } else {
        list->front = front;
        list->tree = finish_tree(p, builder);
        list->back = used > 0 ? last : NULL;
        list->head.aux = (uint16_t)(front->count | used << 6);
    }
    reset(builder);
    return nst_object(list);
}
