#include "runtime/module.h"

#include <dlfcn.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#ifdef __APPLE__
#include <mach-o/dyld.h>
#else
#include <unistd.h>
#endif

// The directory of the executable with its slash; empty if unknown.
static void executable_directory(char *path, size_t size) {
#ifdef __APPLE__
    uint32_t capacity = (uint32_t)size;
    if (_NSGetExecutablePath(path, &capacity) != 0) path[0] = 0;
#else
    ssize_t length = readlink("/proc/self/exe", path, size - 1);
    path[length < 0 ? 0 : length] = 0;
#endif
    char *slash = strrchr(path, '/');
    path[slash ? slash - path + 1 : 0] = 0;
}

void *nst_module_symbol(const char *module, const char *symbol) {
    static const char *const places[] = { "", "../lib/nostos/" };
    char directory[PATH_MAX], path[PATH_MAX + 64];
    executable_directory(directory, sizeof directory);
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        snprintf(path, sizeof path, "%s%s%s.so", directory, places[i], module);
        void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL); // counts openings; the first one loads
        if (handle) return dlsym(handle, symbol);
    }
    return NULL;
}
