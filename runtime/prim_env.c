// Primitives of Env.
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/environment.h"
#include "runtime/heap.h"
#include "runtime/lib_state.h"
#include "runtime/list.h"
#include "runtime/os_text.h"
#include "runtime/process.h"
#include "runtime/status.h"
#include "runtime/string_ops.h"

static NstEnvironment *environment(NstProcess *process) { return nst_lib_state(process->vm)->environment; }

// String, or the status "absent"
NST_PRIMITIVE(env_get) {
    NST_EXPECT_KIND(args[0], NST_KIND_STRING, "String");
    char *value = nst_environment_get(environment(process), nst_as_string(args[0])->bytes);
    args[0] = value ? nst_os_string(process, value, strlen(value)) : NST_STATUS_ABSENT;
    free(value);
    return NST_PRIM_OK;
}

static bool has_nul(NstValue s) { return strlen(nst_as_string(s)->bytes) != nst_as_string(s)->head.count; }

NST_PRIMITIVE(env_set) {
    NST_EXPECT_KIND(args[0], NST_KIND_STRING, "String");
    NST_EXPECT_KIND(args[1], NST_KIND_STRING, "String");
    if (has_nul(args[0]) || has_nul(args[1]) ||
        !nst_environment_set(environment(process), nst_as_string(args[0])->bytes, nst_as_string(args[1])->bytes)) {
        return nst_raise_panic(process, "Invalid environment variable name or value");
    }
    args[0] = NST_UNIT;
    return NST_PRIM_OK;
}

NST_PRIMITIVE(env_remove) {
    NST_EXPECT_KIND(args[0], NST_KIND_STRING, "String");
    if (has_nul(args[0]) || !nst_environment_set(environment(process), nst_as_string(args[0])->bytes, 0)) {
        return nst_raise_panic(process, "Invalid environment variable name or value");
    }
    args[0] = NST_UNIT;
    return NST_PRIM_OK;
}

NST_PRIMITIVE(env_all) {
    char **block = nst_environment_block(environment(process));
    NstObject *list = nst_list_builder(process, 0);
    for (char **entry = block; *entry; entry++) {
        const char *equals = strchr(*entry, '=');
        if (!equals) continue;
        NstObject *pair = nst_heap_slots(process, NST_KIND_TUPLE, 2);
        nst_slot_init(pair, 0, nst_os_string(process, *entry, (size_t)(equals - *entry)));
        nst_slot_init(pair, 1, nst_os_string(process, equals + 1, strlen(equals + 1)));
        nst_list_builder_add(process, list, nst_object(pair));
    }
    free(block);
    args[0] = nst_list_builder_finish(process, list);
    return NST_PRIM_OK;
}

NST_PRIMITIVE(env_args) {
    const NstRunOptions *options = &process->vm->options;
    NstObject *list = nst_list_builder(process, options->arg_count);
    for (size_t i = 0; i < options->arg_count; i++) {
        nst_list_builder_add(process, list, nst_os_string(process, options->args[i], strlen(options->args[i])));
    }
    args[0] = nst_list_builder_finish(process, list);
    return NST_PRIM_OK;
}

NST_PRIMITIVE(env_cwd) {
    char *path = getcwd(0, 0);
    if (!path) return nst_raise_panic(process, "Failed to get cwd: %s", strerror(errno));
    args[0] = nst_os_string(process, path, strlen(path));
    free(path);
    return NST_PRIM_OK;
}

NST_PRIMITIVE(env_set_cwd) {
    NST_EXPECT_KIND(args[0], NST_KIND_STRING, "String");
    if (has_nul(args[0])) return nst_raise_panic(process, "Failed to set cwd: NUL in path");
    if (chdir(nst_as_string(args[0])->bytes) != 0) {
        int code = errno;
        return nst_raise_panic(process, "Failed to set cwd: %s (os error %d)", strerror(code), code);
    }
    args[0] = NST_UNIT;
    return NST_PRIM_OK;
}

NST_PRIMITIVE(env_platform) {
#if defined(__linux__)
    args[0] = nst_string_z(process, "linux");
#elif defined(__APPLE__)
    args[0] = nst_string_z(process, "macos");
#else
    args[0] = nst_string_z(process, "unknown");
#endif
    return NST_PRIM_OK;
}
