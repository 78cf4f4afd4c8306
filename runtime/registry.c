#include "runtime/registry.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "frontend/arena.h"
#include "runtime/list.h"
#include "runtime/process_state.h"
#include "runtime/process_table.h"
#include "runtime/vm_state.h"

typedef struct Entry {
    struct Entry *next_in_bucket;
    struct Entry *next, *previous; // order of registration
    NstPid pid;
    size_t size;
    char name[];
} Entry;

struct NstRegistry {
    pthread_mutex_t lock;
    Entry **buckets;
    size_t bucket_count;
    size_t count;
    Entry *first, *last;
};

NstRegistry *nst_registry_new(void) {
    NstRegistry *registry = nst_calloc(1, sizeof *registry);
    pthread_mutex_init(&registry->lock, NULL);
    registry->bucket_count = 16;
    registry->buckets = nst_calloc(registry->bucket_count, sizeof *registry->buckets);
    return registry;
}

void nst_registry_free(NstRegistry *registry) {
    for (Entry *entry = registry->first, *next; entry; entry = next) {
        next = entry->next;
        free(entry);
    }
    free(registry->buckets);
    pthread_mutex_destroy(&registry->lock);
    free(registry);
}

static Entry **bucket_of(const NstRegistry *registry, const char *name, size_t size) {
    uint64_t hash = 14695981039346656037u; // FNV-1a
    for (size_t i = 0; i < size; i++) hash = (hash ^ (unsigned char)name[i]) * 1099511628211u;
    return &registry->buckets[hash & (registry->bucket_count - 1)];
}

static Entry **find_locked(const NstRegistry *registry, const char *name, size_t size) {
    Entry **link = bucket_of(registry, name, size);
    while (*link && !((*link)->size == size && memcmp((*link)->name, name, size) == 0)) link = &(*link)->next_in_bucket;
    return link;
}

static void grow_locked(NstRegistry *registry) {
    free(registry->buckets);
    registry->bucket_count *= 2;
    registry->buckets = nst_calloc(registry->bucket_count, sizeof *registry->buckets);
    for (Entry *entry = registry->first; entry; entry = entry->next) {
        Entry **bucket = bucket_of(registry, entry->name, entry->size);
        entry->next_in_bucket = *bucket;
        *bucket = entry;
    }
}

static void remove_locked(NstRegistry *registry, Entry **link) {
    Entry *entry = *link;
    *link = entry->next_in_bucket;
    *(entry->previous ? &entry->previous->next : &registry->first) = entry->next;
    *(entry->next ? &entry->next->previous : &registry->last) = entry->previous;
    registry->count--;
    free(entry);
}

static void insert_locked(NstRegistry *registry, const char *name, size_t size, NstPid pid) {
    if (registry->count == registry->bucket_count) grow_locked(registry);
    Entry *entry = nst_malloc(sizeof *entry + size + 1);
    Entry **bucket = bucket_of(registry, name, size);
    *entry = (Entry){ .next_in_bucket = *bucket, .previous = registry->last, .pid = pid, .size = size };
    memcpy(entry->name, name, size);
    entry->name[size] = 0;
    *bucket = entry;
    *(registry->last ? &registry->last->next : &registry->first) = entry;
    registry->last = entry;
    registry->count++;
}

// Marks the process as having names, unless its end has begun to free them.
static bool may_have_name(NstProcess *process) {
    nst_spin_lock(&process->shared->lock);
    bool may = !process->shared->names_freed;
    if (may) process->shared->named = true;
    nst_spin_unlock(&process->shared->lock);
    return may;
}

bool nst_registry_add(NstVm *vm, const char *name, size_t size, NstPid pid) {
    NstRegistry *registry = vm->registry;
    NstProcess *process = nst_process_table_find(vm->processes, pid);
    if (!process) return false;
    pthread_mutex_lock(&registry->lock);
    bool added = !*find_locked(registry, name, size) && may_have_name(process);
    if (added) insert_locked(registry, name, size, pid);
    pthread_mutex_unlock(&registry->lock);
    return added;
}

bool nst_registry_remove(NstRegistry *registry, const char *name, size_t size) {
    pthread_mutex_lock(&registry->lock);
    Entry **link = find_locked(registry, name, size);
    bool found = *link != NULL;
    if (found) remove_locked(registry, link);
    pthread_mutex_unlock(&registry->lock);
    return found;
}

NstPid nst_registry_find(NstRegistry *registry, const char *name, size_t size) {
    pthread_mutex_lock(&registry->lock);
    Entry *entry = *find_locked(registry, name, size);
    NstPid pid = entry ? entry->pid : 0;
    pthread_mutex_unlock(&registry->lock);
    return pid;
}

NstValue nst_registry_names(NstProcess *process) {
    NstRegistry *registry = process->vm->registry;
    pthread_mutex_lock(&registry->lock);
    NstObject *builder = nst_list_builder(process, registry->count);
    for (Entry *entry = registry->first; entry; entry = entry->next) {
        nst_list_builder_add(process, builder, nst_string(process, entry->name, entry->size));
    }
    NstValue names = nst_list_builder_finish(process, builder);
    pthread_mutex_unlock(&registry->lock);
    return names;
}

void nst_registry_forget(NstRegistry *registry, NstProcess *process) {
    nst_spin_lock(&process->shared->lock);
    process->shared->names_freed = true; // no name is added any more
    bool named = process->shared->named;
    nst_spin_unlock(&process->shared->lock);
    if (!named) return;
    pthread_mutex_lock(&registry->lock);
    for (Entry *entry = registry->first, *next; entry; entry = next) {
        next = entry->next;
        if (entry->pid == process->pid) remove_locked(registry, find_locked(registry, entry->name, entry->size));
    }
    pthread_mutex_unlock(&registry->lock);
}
