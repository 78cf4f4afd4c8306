#include "runtime/handles.h"

#include <stdlib.h>

typedef struct Entry {
    int64_t number;
    NstHandle *handle;
} Entry;

struct NstHandles {
    pthread_mutex_t lock;
    int64_t last;
    Entry *entries; // ascending numbers
    size_t count, capacity;
};

NstHandles *nst_handles_new(void) {
    NstHandles *handles = calloc(1, sizeof *handles);
    if (!handles) abort();
    pthread_mutex_init(&handles->lock, 0);
    return handles;
}

static void destroy(NstHandle *handle) {
    handle->destroy(handle->thing);
    pthread_mutex_destroy(&handle->lock);
    free(handle);
}

void nst_handles_free(NstHandles *handles) {
    if (!handles) return;
    for (size_t i = 0; i < handles->count; i++) destroy(handles->entries[i].handle);
    free(handles->entries);
    pthread_mutex_destroy(&handles->lock);
    free(handles);
}

int64_t nst_handles_add(NstHandles *handles, void *thing, void (*destroy_thing)(void *thing)) {
    NstHandle *handle = malloc(sizeof *handle);
    if (!handle) abort();
    *handle = (NstHandle){ .holders = 1, .thing = thing, .destroy = destroy_thing };
    pthread_mutex_init(&handle->lock, 0);
    pthread_mutex_lock(&handles->lock);
    if (handles->count == handles->capacity) {
        handles->capacity = handles->capacity ? 2 * handles->capacity : 8;
        handles->entries = realloc(handles->entries, handles->capacity * sizeof *handles->entries);
        if (!handles->entries) abort();
    }
    int64_t number = ++handles->last;
    handles->entries[handles->count++] = (Entry){ number, handle };
    pthread_mutex_unlock(&handles->lock);
    return number;
}

static size_t find(const NstHandles *handles, int64_t number) {
    size_t low = 0, high = handles->count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (handles->entries[middle].number < number) low = middle + 1;
        else high = middle;
    }
    return low < handles->count && handles->entries[low].number == number ? low : SIZE_MAX;
}

NstHandle *nst_handles_hold(NstHandles *handles, int64_t number) {
    pthread_mutex_lock(&handles->lock);
    size_t i = find(handles, number);
    NstHandle *handle = i == SIZE_MAX ? 0 : handles->entries[i].handle;
    if (handle) handle->holders++;
    pthread_mutex_unlock(&handles->lock);
    return handle;
}

void nst_handles_release(NstHandles *handles, NstHandle *handle) {
    pthread_mutex_lock(&handles->lock);
    bool last = --handle->holders == 0;
    pthread_mutex_unlock(&handles->lock);
    if (last) destroy(handle);
}

int64_t nst_handles_find(NstHandles *handles, bool (*wanted)(void *thing, void *context), void *context) {
    pthread_mutex_lock(&handles->lock);
    int64_t number = 0;
    for (size_t i = 0; i < handles->count && number == 0; i++) {
        if (wanted(handles->entries[i].handle->thing, context)) number = handles->entries[i].number;
    }
    pthread_mutex_unlock(&handles->lock);
    return number;
}

bool nst_handles_remove(NstHandles *handles, int64_t number) {
    pthread_mutex_lock(&handles->lock);
    size_t i = find(handles, number);
    NstHandle *handle = 0;
    if (i != SIZE_MAX) {
        handle = handles->entries[i].handle;
        for (handles->count--; i < handles->count; i++) handles->entries[i] = handles->entries[i + 1];
    }
    pthread_mutex_unlock(&handles->lock);
    if (handle) nst_handles_release(handles, handle);
    return handle;
}
