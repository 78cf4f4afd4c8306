#include "frontend/arena.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum { ALIGNMENT = alignof(max_align_t), FIRST_BLOCK = 1024, LARGEST_BLOCK = 1024 * 1024 };

struct NstArenaBlock {
    NstArenaBlock *older;
    size_t size; // of data
    alignas(max_align_t) char data[];
};

static void out_of_memory(void) {
    fputs("nostos: out of memory\n", stderr);
    exit(70);
}

void *nst_malloc(size_t size) {
    void *memory = malloc(size ? size : 1);
    if (!memory) out_of_memory();
    return memory;
}

void *nst_calloc(size_t count, size_t size) {
    void *memory = calloc(count ? count : 1, size ? size : 1);
    if (!memory) out_of_memory();
    return memory;
}

void *nst_realloc(void *memory, size_t size) {
    void *moved = realloc(memory, size ? size : 1);
    if (!moved) out_of_memory();
    return moved;
}

char *nst_strndup(const char *text, size_t size) {
    char *copy = nst_malloc(size + 1);
    if (size) memcpy(copy, text, size);
    copy[size] = '\0';
    return copy;
}

char *nst_strdup(const char *text) {
    return nst_strndup(text, strlen(text));
}

void nst_arena_init(NstArena *arena) {
    *arena = (NstArena){ 0 };
}

void nst_arena_free(NstArena *arena) {
    for (NstArenaBlock *block = arena->blocks; block;) {
        NstArenaBlock *older = block->older;
        free(block);
        block = older;
    }
    *arena = (NstArena){ 0 };
}

// Blocks double from one to the next, so that small arenas stay small; a request larger than the
// next block gets a block of its own.
static void add_block(NstArena *arena, size_t needed) {
    size_t size = arena->blocks ? arena->blocks->size * 2 : FIRST_BLOCK;
    if (size > LARGEST_BLOCK) size = LARGEST_BLOCK;
    if (size < needed) size = needed;
    if (size > SIZE_MAX - sizeof(NstArenaBlock)) out_of_memory();
    NstArenaBlock *block = nst_malloc(sizeof(NstArenaBlock) + size);
    block->older = arena->blocks;
    block->size = size;
    arena->blocks = block;
    arena->next = block->data;
    arena->limit = block->data + size;
    arena->allocated += size;
}

void *nst_arena_alloc(NstArena *arena, size_t size) {
    if (size > SIZE_MAX / 2) out_of_memory();
    size_t rounded = (size + (ALIGNMENT - 1)) & ~(size_t)(ALIGNMENT - 1);
    if ((size_t)(arena->limit - arena->next) < rounded || !arena->blocks) add_block(arena, rounded);
    char *memory = arena->next;
    arena->next += rounded;
    return memory;
}

void *nst_arena_zero(NstArena *arena, size_t size) {
    return memset(nst_arena_alloc(arena, size), 0, size);
}

void *nst_arena_copy(NstArena *arena, const void *data, size_t size) {
    return size ? memcpy(nst_arena_alloc(arena, size), data, size) : NULL;
}

char *nst_arena_strndup(NstArena *arena, const char *text, size_t size) {
    char *copy = nst_arena_alloc(arena, size + 1);
    if (size) memcpy(copy, text, size);
    copy[size] = '\0';
    return copy;
}

char *nst_arena_strdup(NstArena *arena, const char *text) {
    return nst_arena_strndup(arena, text, strlen(text));
}

char *nst_arena_printf(NstArena *arena, const char *format, ...) {
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int size = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    char *text = nst_arena_alloc(arena, (size_t)size + 1);
    vsnprintf(text, (size_t)size + 1, format, again);
    va_end(again);
    return text;
}

void *nst_arena_grow(NstArena *arena, void *items, size_t count, size_t *capacity, size_t element_size) {
    if (count < *capacity) return items;
    size_t grown = *capacity ? *capacity * 2 : 4;
    if (grown < *capacity || grown > SIZE_MAX / 2 / element_size) out_of_memory();
    void *moved = nst_arena_alloc(arena, grown * element_size);
    if (count) memcpy(moved, items, count * element_size);
    *capacity = grown;
    return moved;
}
