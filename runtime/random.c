#include "runtime/random.h"

#include <pthread.h>
#include <stdlib.h>

#include "runtime/gate.h"

struct NstRandom {
    pthread_mutex_t lock;
    uint64_t state[4];
};

NstRandom *nst_random_new(NstVm *vm) {
    NstRandom *random = calloc(1, sizeof *random);
    if (!random) abort();
    pthread_mutex_init(&random->lock, 0);
    for (int i = 0; i < 4; i++) random->state[i] = nst_gate_random(vm);
    random->state[0] |= 1; // not all zero
    return random;
}

void nst_random_free(NstRandom *random) {
    if (!random) return;
    pthread_mutex_destroy(&random->lock);
    free(random);
}

static uint64_t rotate(uint64_t x, int bits) { return x << bits | x >> (64 - bits); }

uint64_t nst_random_next(NstRandom *random) {
    pthread_mutex_lock(&random->lock);
    uint64_t *s = random->state;
    uint64_t result = rotate(s[1] * 5, 7) * 9, t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotate(s[3], 45);
    pthread_mutex_unlock(&random->lock);
    return result;
}

uint64_t nst_random_below(NstRandom *random, uint64_t bound) {
    if (bound == 0) return nst_random_next(random);
    uint64_t surplus = (0 - bound) % bound; // 2^64 mod bound: values below it would make the first numbers more likely
    uint64_t value;
    do value = nst_random_next(random);
    while (value < surplus);
    return value % bound;
}
