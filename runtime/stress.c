#include "runtime/stress.h"

#include <stdlib.h>
#include <string.h>

bool nst_stress(const char *switch_name) {
    const char *at = getenv("NOSTOS_STRESS");
    size_t size = strlen(switch_name);
    while (at && *at) {
        size_t length = strcspn(at, ",");
        if (length == 3 && strncmp(at, "all", 3) == 0) return true;
        if (length == size && strncmp(at, switch_name, size) == 0) return true;
        at += length + (at[length] == ',');
    }
    return false;
}
