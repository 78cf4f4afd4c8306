#include "runtime/slab.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

// The address sanitizer sees errors only in memory of malloc.
#if defined(__SANITIZE_ADDRESS__)
#define SLAB_MALLOC 1
#else
#define SLAB_MALLOC 0
#endif

static _Atomic size_t total_bytes; // statistics and budget only: relaxed everywhere

static _Noreturn void out_of_memory(void) {
    fputs("Runtime error: the system has no memory left\n", stderr);
    exit(1);
}

size_t nst_slab_total(void) {
    return atomic_load_explicit(&total_bytes, memory_order_relaxed);
}

static void count(size_t bytes) {
    atomic_fetch_add_explicit(&total_bytes, bytes, memory_order_relaxed);
}

static void uncount(size_t bytes) {
    atomic_fetch_sub_explicit(&total_bytes, bytes, memory_order_relaxed);
}

#if SLAB_MALLOC

void *nst_slab_alloc(size_t bytes) {
    void *memory = malloc(bytes);
    if (!memory) out_of_memory();
    count(bytes);
    return memory;
}

void nst_slab_free(void *memory, size_t bytes) {
    uncount(bytes);
    free(memory);
}

size_t nst_slab_usable(size_t bytes) {
    return bytes;
}

void nst_slab_flush(void) {}

bool nst_slab_trim(void) {
    return false;
}

#else

enum { SLAB_BYTES = 256 * 1024, CLASS_COUNT = 33 };

// A slab's head; the blocks follow it. Slabs are aligned to their size, so a block knows its slab by its address.
typedef struct Slab {
    struct Slab *next, *previous; // among the class's slabs with free blocks, or the free slabs
    void *free;                   // returned blocks, linked by their first word
    char *fresh;                  // blocks never handed out start here
    uint32_t class, free_count, block_count;
} Slab;

enum { SLAB_HEAD = 64, SLAB_ROOM = SLAB_BYTES - SLAB_HEAD };
_Static_assert(sizeof(Slab) <= SLAB_HEAD, "slab head");

// Upper bounds; from 16 KiB on a class divides a slab evenly.
static const uint32_t class_bytes[CLASS_COUNT] = {
    32, 48, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, 448, 512, 576, 640, 704, 768, 896, 1024, 1280,
    1536, 2048, 3072, 4096, 6144, 8192, 12272,
    (SLAB_ROOM / 16) & ~15, (SLAB_ROOM / 8) & ~15, (SLAB_ROOM / 4) & ~15, (SLAB_ROOM / 2) & ~15,
};
_Static_assert(((SLAB_ROOM / 2) & ~15) >= NST_SLAB_LARGEST, "largest class");

// Classes of requests up to 1 KiB by (bytes + 15) / 16.
static const uint8_t small_class[65] = {
    0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 11, 11, 12, 12, 12, 12, 13, 13, 13, 13, 14, 14, 14, 14,
    15, 15, 15, 15, 16, 16, 16, 16, 17, 17, 17, 17, 18, 18, 18, 18, 19, 19, 19, 19, 19, 19, 19, 19, 20, 20, 20, 20, 20,
    20, 20, 20,
};

// Blocks exchanged at a time between a thread and the slabs: about 16 KiB.
static const uint8_t class_batch[CLASS_COUNT] = {
    64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 51, 42, 36, 32, 28, 25, 23, 21, 18, 16, 12, 10, 8,
    5, 4, 2, 2, 1, 1, 1, 1, 1,
};

typedef struct Class {
    pthread_mutex_t lock;
    Slab *partial; // slabs with free blocks
} Class;

static Class classes[CLASS_COUNT] = {
    [0 ... CLASS_COUNT - 1] = { .lock = PTHREAD_MUTEX_INITIALIZER },
};

static struct {
    pthread_mutex_t lock;
    Slab *free;
    size_t free_count, mapped;
} pool = { .lock = PTHREAD_MUTEX_INITIALIZER };

typedef struct Cache {
    void *free;
    uint32_t count;
} Cache;
static _Thread_local Cache caches[CLASS_COUNT];

static uint32_t class_of(size_t bytes) {
    if (bytes <= 1024) return small_class[(bytes + 15) / 16];
    uint32_t class = 21;
    while (class_bytes[class] < bytes) class++;
    return class;
}

static void *map(size_t bytes) {
    void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) out_of_memory();
#ifdef MADV_NOHUGEPAGE
    madvise(memory, bytes, MADV_NOHUGEPAGE); // many small heaps: huge pages would multiply their size
#endif
    return memory;
}

// Neighbouring mappings usually are aligned already; else a larger one is cut to size.
static Slab *map_slab(void) {
    char *memory = map(SLAB_BYTES);
    if ((uintptr_t)memory % SLAB_BYTES == 0) return (Slab *)memory;
    munmap(memory, SLAB_BYTES);
    memory = map(2 * SLAB_BYTES);
    size_t skip = (SLAB_BYTES - (uintptr_t)memory % SLAB_BYTES) % SLAB_BYTES;
    if (skip) munmap(memory, skip);
    munmap(memory + skip + SLAB_BYTES, SLAB_BYTES - skip);
    return (Slab *)(memory + skip);
}

static Slab *slab_take(uint32_t class) {
    pthread_mutex_lock(&pool.lock);
    Slab *slab = pool.free;
    if (slab) {
        pool.free = slab->next;
        pool.free_count--;
    } else {
        slab = map_slab();
        pool.mapped++;
    }
    pthread_mutex_unlock(&pool.lock);
    count(SLAB_BYTES);
    slab->class = class;
    slab->block_count = slab->free_count = SLAB_ROOM / class_bytes[class];
    slab->free = NULL;
    slab->fresh = (char *)slab + SLAB_HEAD;
    return slab;
}

static void slab_give(Slab *slab) {
    uncount(SLAB_BYTES);
    pthread_mutex_lock(&pool.lock);
    slab->next = pool.free;
    pool.free = slab;
    pool.free_count++;
    pthread_mutex_unlock(&pool.lock);
}

bool nst_slab_trim(void) {
    enum { SLICE = 16 };
    Slab *surplus = NULL;
    int count = 0;
    pthread_mutex_lock(&pool.lock);
    while (count < SLICE && pool.free_count > 32 && pool.free_count > (pool.mapped - pool.free_count) / 2) {
        Slab *slab = pool.free;
        pool.free = slab->next;
        pool.free_count--;
        pool.mapped--;
        slab->next = surplus;
        surplus = slab;
        count++;
    }
    pthread_mutex_unlock(&pool.lock);
    while (surplus) {
        Slab *next = surplus->next;
        munmap(surplus, SLAB_BYTES);
        surplus = next;
    }
    return count == SLICE;
}

static void partial_add(Class *class, Slab *slab) {
    slab->previous = NULL;
    slab->next = class->partial;
    if (slab->next) slab->next->previous = slab;
    class->partial = slab;
}

static void partial_remove(Class *class, Slab *slab) {
    if (slab->next) slab->next->previous = slab->previous;
    if (slab->previous) slab->previous->next = slab->next;
    else class->partial = slab->next;
}

static void refill(uint32_t c, Cache *cache) {
    Class *class = &classes[c];
    uint32_t wanted = class_batch[c];
    pthread_mutex_lock(&class->lock);
    while (wanted > 0) {
        if (!class->partial) {
            if (cache->count > 0) break; // enough for now: no new slab for the rest of a batch
            partial_add(class, slab_take(c));
        }
        Slab *slab = class->partial;
        for (; wanted > 0 && slab->free_count > 0; wanted--) {
            void *block = slab->free;
            if (block) {
                slab->free = *(void **)block;
            } else {
                block = slab->fresh;
                slab->fresh += class_bytes[c];
            }
            slab->free_count--;
            *(void **)block = cache->free;
            cache->free = block;
            cache->count++;
        }
        if (slab->free_count == 0) partial_remove(class, slab);
    }
    pthread_mutex_unlock(&class->lock);
}

static void give_back(uint32_t c, Cache *cache, uint32_t number) {
    Class *class = &classes[c];
    Slab *empty = NULL;
    pthread_mutex_lock(&class->lock);
    for (; number > 0; number--) {
        void *block = cache->free;
        cache->free = *(void **)block;
        cache->count--;
        Slab *slab = (Slab *)((uintptr_t)block & ~(uintptr_t)(SLAB_BYTES - 1));
        if (slab->free_count == 0) partial_add(class, slab);
        *(void **)block = slab->free;
        slab->free = block;
        if (++slab->free_count == slab->block_count) {
            partial_remove(class, slab);
            slab->next = empty;
            empty = slab;
        }
    }
    pthread_mutex_unlock(&class->lock);
    while (empty) {
        Slab *next = empty->next;
        slab_give(empty);
        empty = next;
    }
}

void *nst_slab_alloc(size_t bytes) {
    if (__builtin_expect(bytes > NST_SLAB_LARGEST, 0)) {
        count(bytes);
        while (nst_slab_trim()) {} // free slabs are no use for this
        return map(bytes);
    }
    uint32_t class = class_of(bytes);
    Cache *cache = &caches[class];
    if (__builtin_expect(!cache->free, 0)) refill(class, cache);
    void *block = cache->free;
    cache->free = *(void **)block;
    cache->count--;
    return block;
}

void nst_slab_free(void *memory, size_t bytes) {
    if (__builtin_expect(bytes > NST_SLAB_LARGEST, 0)) {
        uncount(bytes);
        munmap(memory, bytes);
        return;
    }
    uint32_t class = class_of(bytes);
    Cache *cache = &caches[class];
    *(void **)memory = cache->free;
    cache->free = memory;
    cache->count++;
    if (__builtin_expect(cache->count > 2u * class_batch[class], 0)) give_back(class, cache, class_batch[class]);
}

size_t nst_slab_usable(size_t bytes) {
    return bytes > NST_SLAB_LARGEST ? bytes : class_bytes[class_of(bytes)];
}

void nst_slab_flush(void) {
    for (uint32_t class = 0; class < CLASS_COUNT; class++) {
        if (caches[class].count > 0) give_back(class, &caches[class], caches[class].count);
    }
}

#endif
