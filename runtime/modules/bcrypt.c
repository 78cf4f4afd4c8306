// The module nostos_bcrypt, loaded by the first use of bcrypt.
#include "runtime/bcrypt.h"

#include <crypt.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

static int setting(unsigned long cost, const char *random_bytes, char *out) {
    return crypt_gensalt_rn("$2b$", cost, random_bytes, 16, out, NST_BCRYPT_SIZE) ? 0 : -errno;
}

static int hash(const char *password, const char *with, char *out) {
    struct crypt_data *data = calloc(1, sizeof *data); // 32 KiB, too much for a stack
    if (!data) return -ENOMEM;
    // Not crypt_r: sanitizers intercept that one and crash if libcrypt was not loaded with the program.
    const char *result = crypt_rn(password, with, data, sizeof *data);
    int status = result ? 0 : -EINVAL;
    if (status == 0) snprintf(out, NST_BCRYPT_SIZE, "%s", result);
    free(data);
    return status;
}

const NstBcryptModule nst_bcrypt_module = { setting, hash };
