// A process without VM and scheduler, for tests of memory and collections: its roots are an array of values.
//
// Random tests print their seed when they fail to start from another one: SEED=n in the environment repeats a run.
#ifndef NST_HEAP_FIXTURE_H
#define NST_HEAP_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "runtime/mailbox.h"
#include "runtime/heap_internal.h"
#include "runtime/process.h"
#include "runtime/slab.h"

enum { ROOTS = 256 };

typedef struct Fixture {
    NstProcess process; // first: the visitors get from the process to the roots
    NstValue roots[ROOTS];
} Fixture;

void nst_exec_roots(NstProcess *process, NstRootVisitor visit, void *context) {
    Fixture *f = (Fixture *)(void *)process;
    for (size_t i = 0; i < ROOTS; i++) visit(context, &f->roots[i]);
}

void nst_mailbox_roots(NstProcess *process, NstRootVisitor visit, void *context) {
    (void)process;
    (void)visit;
    (void)context;
}

void nst_prim_charge(NstProcess *process, uint64_t reductions) {
    (void)process;
    (void)reductions;
}

static inline Fixture *fixture_new(void) {
    Fixture *f = calloc(1, sizeof *f);
    nst_heap_init(&f->process.heap);
    return f;
}

static inline void fixture_free(Fixture *f) {
    nst_heap_destroy(&f->process.heap);
    free(f);
}

// Collects as a safepoint would, and now and then although nobody asked.
static inline void fixture_safepoint(Fixture *f, bool full) {
    nst_heap_collect(&f->process, full);
}

// Everything that the test took has been given back.
static inline void assert_no_memory_left(void) {
    while (nst_frozen_drain()) {}
    nst_slab_flush();
    assert_int_equal(nst_slab_total(), 0);
}

// ---- Random numbers -------------------------------------------------------------------------

static uint64_t random_state;

static inline uint64_t random_next(void) {
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return random_state;
}

static inline size_t below(size_t n) {
    return (size_t)(random_next() % n);
}

static inline void random_begin(const char *test) {
    const char *given = getenv("SEED");
    random_state = given ? strtoull(given, NULL, 10) : (uint64_t)time(NULL) * 2654435761u + 1;
    if (random_state == 0) random_state = 1;
    print_message("%s: SEED=%llu\n", test, (unsigned long long)random_state);
}

static inline NstObject *data_new(NstProcess *p, const NstLayout *layout, size_t count) {
    NstObject *o = nst_heap_slots(p, NST_KIND_DATA, count);
    ((NstData *)(void *)o)->layout = layout;
    if (layout->mutable_) o->flags |= NST_OBJ_MUTABLE;
    return o;
}

#endif
