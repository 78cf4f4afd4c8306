// Random numbers of one run: xoshiro256**, seeded through the gate (so that a schedule's seed decides them, too).
#ifndef NST_RANDOM_H
#define NST_RANDOM_H

#include <stdint.h>

#include "runtime/vm_state.h"

typedef struct NstRandom NstRandom;

NstRandom *nst_random_new(NstVm *vm);
void nst_random_free(NstRandom *random);
uint64_t nst_random_next(NstRandom *random);                   // thread-safe
uint64_t nst_random_below(NstRandom *random, uint64_t bound);  // uniform in 0 .. bound-1; bound 0: all 64 bits

#endif
