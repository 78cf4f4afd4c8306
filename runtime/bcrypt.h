// bcrypt by the system's libcrypt, linked only by the module runtime/modules/bcrypt.c. Any thread.
#ifndef NST_BCRYPT_H
#define NST_BCRYPT_H

#include <stddef.h>

enum { NST_BCRYPT_SIZE = 64 }; // of a setting or a hash with its NUL

typedef struct NstBcryptModule {
    // The setting for a cost of 4 to 31 from 16 random bytes; 0 or a negative errno.
    int (*setting)(unsigned long cost, const char *random_bytes, char *out);
    // The hash of a password by a setting (or by another hash's setting); 0 or a negative errno.
    int (*hash)(const char *password, const char *setting, char *out);
} NstBcryptModule;
extern const NstBcryptModule nst_bcrypt_module;

// Null if the module is not installed beside nostos.
const NstBcryptModule *nst_bcrypt(void);

#endif
