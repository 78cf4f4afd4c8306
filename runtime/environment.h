// The environment variables of one run: a copy of the tool's own, because setenv is not safe among threads.
#ifndef NST_ENVIRONMENT_H
#define NST_ENVIRONMENT_H

#include <stdbool.h>
#include <stddef.h>

typedef struct NstEnvironment NstEnvironment;

NstEnvironment *nst_environment_new(void);
void nst_environment_free(NstEnvironment *environment);

// Malloc'ed copy of the value, or null.
char *nst_environment_get(NstEnvironment *environment, const char *name);
// value null: remove. False for a name that cannot be one (empty, '=' or NUL inside).
bool nst_environment_set(NstEnvironment *environment, const char *name, const char *value);
// "NAME=VALUE" texts ended by null, for starting commands; one malloc'ed block.
char **nst_environment_block(NstEnvironment *environment);

#endif
