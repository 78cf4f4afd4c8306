// The intern table behind nst_name: one per process of the tool, grows for ever.
//
// Interning takes a lock; reading a name's text does not: texts are kept in chunks that never move.
#include "frontend/arena.h"
#include "frontend/frontend.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

enum { CHUNK_SIZE = 4096, CHUNK_COUNT = 65536, FIRST_SLOTS = 4096 };

typedef struct NameEntry {
    const char *text;
    size_t size;
    uint32_t hash;
} NameEntry;

static pthread_mutex_t table_lock = PTHREAD_MUTEX_INITIALIZER;

// Written once under the lock with release, read anywhere with acquire: who holds a name's id finds
// the entry that was filled in before the id was handed out.
static _Atomic(NameEntry *) chunks[CHUNK_COUNT];

static uint32_t name_count; // guarded by table_lock, like everything below
static NstName *slots;      // open addressing, 0 is empty
static size_t slot_count;
static NstArena texts;

static uint32_t hash_text(const char *text, size_t size) {
    uint32_t hash = 2166136261u;
    for (size_t i = 0; i < size; i++) hash = (hash ^ (unsigned char)text[i]) * 16777619u;
    return hash ^ hash >> 15;
}

static NameEntry *entry_of(NstName name) {
    uint32_t index = name - 1;
    NameEntry *chunk = atomic_load_explicit(&chunks[index / CHUNK_SIZE], memory_order_acquire);
    return &chunk[index % CHUNK_SIZE];
}

static void grow_slots(void) {
    size_t grown = slot_count ? slot_count * 2 : FIRST_SLOTS;
    NstName *fresh = nst_calloc(grown, sizeof *fresh);
    for (NstName name = 1; name <= name_count; name++) {
        size_t at = entry_of(name)->hash & (grown - 1);
        while (fresh[at]) at = (at + 1) & (grown - 1);
        fresh[at] = name;
    }
    free(slots);
    slots = fresh;
    slot_count = grown;
}

static NstName add_name(const char *text, size_t size, uint32_t hash) {
    uint32_t index = name_count;
    if (index / CHUNK_SIZE >= CHUNK_COUNT) {
        fputs("nostos: too many names\n", stderr);
        exit(70);
    }
    if (index % CHUNK_SIZE == 0)
        atomic_store_explicit(&chunks[index / CHUNK_SIZE], nst_calloc(CHUNK_SIZE, sizeof(NameEntry)),
                              memory_order_release);
    name_count++;
    *entry_of(name_count) = (NameEntry){ nst_arena_strndup(&texts, text, size), size, hash };
    return name_count;
}

NstName nst_name(const char *text, size_t size) {
    uint32_t hash = hash_text(text, size);
    pthread_mutex_lock(&table_lock);
    if ((size_t)name_count * 2 >= slot_count) grow_slots();
    size_t at = hash & (slot_count - 1);
    for (; slots[at]; at = (at + 1) & (slot_count - 1)) {
        const NameEntry *entry = entry_of(slots[at]);
        if (entry->hash == hash && entry->size == size && memcmp(entry->text, text, size) == 0) break;
    }
    if (!slots[at]) slots[at] = add_name(text, size, hash);
    NstName name = slots[at];
    pthread_mutex_unlock(&table_lock);
    return name;
}

NstName nst_name_z(const char *text) {
    return nst_name(text, strlen(text));
}

const char *nst_name_text(NstName name) {
    return name ? entry_of(name)->text : "";
}
