// Bump allocation by lifetime: an arena belongs to one parse, one analysis or one request, and
// everything in it is freed at once.
//
// Invariant: memory from an arena never moves and is aligned for any type. An arena is used by one
// thread at a time. Running out of memory ends the tool with a message, so no call returns null.
#ifndef NST_ARENA_H
#define NST_ARENA_H

#include <stddef.h>
#include <string.h>

typedef struct NstArenaBlock NstArenaBlock;

// A zeroed struct is an empty arena.
typedef struct NstArena {
    NstArenaBlock *blocks; // newest first
    char *next;
    char *limit;
    size_t allocated; // bytes taken from the system
} NstArena;

void nst_arena_init(NstArena *arena);
void nst_arena_free(NstArena *arena); // leaves an empty arena

void *nst_arena_alloc(NstArena *arena, size_t size); // uninitialised
void *nst_arena_zero(NstArena *arena, size_t size);
void *nst_arena_copy(NstArena *arena, const void *data, size_t size); // null if size is 0
char *nst_arena_strdup(NstArena *arena, const char *text);
char *nst_arena_strndup(NstArena *arena, const char *text, size_t size);
char *nst_arena_printf(NstArena *arena, const char *format, ...) __attribute__((format(printf, 2, 3), nonnull));

#define NST_NEW(arena, T) ((T *)nst_arena_zero((arena), sizeof(T)))
#define NST_NEW_ARRAY(arena, T, n) ((T *)nst_arena_zero((arena), sizeof(T) * (size_t)(n)))

// Grows an arena array so that one more element fits; the old copy stays in the arena until its end.
void *nst_arena_grow(NstArena *arena, void *items, size_t count, size_t *capacity, size_t element_size);

// Appends to an array given by three lvalues: items, count, capacity.
#define NST_PUSH(arena, items, count, capacity, value)                                                                 \
    do {                                                                                                               \
        if ((count) == (capacity)) (items) = nst_arena_grow((arena), (items), (count), &(capacity), sizeof *(items));  \
        (items)[(count)++] = (value);                                                                                  \
    } while (0)

// The system's allocator with the arena's manners: never null, and zero bytes are one byte.
void *nst_malloc(size_t size);
void *nst_calloc(size_t count, size_t size);
void *nst_realloc(void *memory, size_t size);
char *nst_strdup(const char *text);
char *nst_strndup(const char *text, size_t size);

#endif
