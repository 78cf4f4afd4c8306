#include "runtime/environment.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct NstEnvironment {
    pthread_mutex_t lock;
    char **entries; // "NAME=VALUE", owned
    size_t count, capacity;
};

extern char **environ;

static void *must(void *memory) {
    if (!memory) abort();
    return memory;
}

static void add(NstEnvironment *environment, char *entry) {
    if (environment->count == environment->capacity) {
        environment->capacity = environment->capacity ? 2 * environment->capacity : 64;
        environment->entries = must(realloc(environment->entries, environment->capacity * sizeof(char *)));
    }
    environment->entries[environment->count++] = entry;
}

NstEnvironment *nst_environment_new(void) {
    NstEnvironment *environment = must(calloc(1, sizeof *environment));
    pthread_mutex_init(&environment->lock, 0);
    for (char **e = environ; e && *e; e++) add(environment, must(strdup(*e)));
    return environment;
}

void nst_environment_free(NstEnvironment *environment) {
    if (!environment) return;
    for (size_t i = 0; i < environment->count; i++) free(environment->entries[i]);
    free(environment->entries);
    pthread_mutex_destroy(&environment->lock);
    free(environment);
}

// Index of the entry with the name, or `count`.
static size_t find(const NstEnvironment *environment, const char *name) {
    size_t size = strlen(name), i = 0;
    for (; i < environment->count; i++) {
        if (strncmp(environment->entries[i], name, size) == 0 && environment->entries[i][size] == '=') break;
    }
    return i;
}

char *nst_environment_get(NstEnvironment *environment, const char *name) {
    pthread_mutex_lock(&environment->lock);
    size_t i = find(environment, name);
    char *value = i < environment->count ? must(strdup(environment->entries[i] + strlen(name) + 1)) : 0;
    pthread_mutex_unlock(&environment->lock);
    return value;
}

bool nst_environment_set(NstEnvironment *environment, const char *name, const char *value) {
    if (!*name || strchr(name, '=')) return false;
    char *entry = 0;
    if (value) {
        size_t name_size = strlen(name), value_size = strlen(value);
        entry = must(malloc(name_size + value_size + 2));
        memcpy(entry, name, name_size);
        entry[name_size] = '=';
        memcpy(entry + name_size + 1, value, value_size + 1);
    }
    pthread_mutex_lock(&environment->lock);
    size_t i = find(environment, name);
    if (i < environment->count) {
        free(environment->entries[i]);
        environment->entries[i] = entry ? entry : environment->entries[--environment->count];
    } else if (entry) {
        add(environment, entry);
    }
    pthread_mutex_unlock(&environment->lock);
    return true;
}

char **nst_environment_block(NstEnvironment *environment) {
    pthread_mutex_lock(&environment->lock);
    size_t pointers = (environment->count + 1) * sizeof(char *), bytes = pointers;
    for (size_t i = 0; i < environment->count; i++) bytes += strlen(environment->entries[i]) + 1;
    char **block = must(malloc(bytes));
    char *text = (char *)block + pointers;
    for (size_t i = 0; i < environment->count; i++) {
        block[i] = text;
        size_t size = strlen(environment->entries[i]) + 1;
        memcpy(text, environment->entries[i], size);
        text += size;
    }
    block[environment->count] = 0;
    pthread_mutex_unlock(&environment->lock);
    return block;
}
