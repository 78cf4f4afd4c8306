// Values on their way between processes: parcels, frozen objects, mvar contents; counts and memory add up.
#include <pthread.h>

#include "heap_fixture.h"
#include "runtime/compare.h"
#include "runtime/hash.h"
#include "runtime/heap_inline.h"
#include "runtime/list.h"

static Fixture *a, *b;
static const NstLayout record = { .mutable_ = true }, plain = { .index = 1 }, reactive = { .mutable_ = true, .reactive = true };

static void begin(void) {
    a = fixture_new();
    b = fixture_new();
}

static void end(void) {
    fixture_free(a);
    fixture_free(b);
    assert_no_memory_left();
}

static NstValue send(NstValue v) {
    NstTransfer t;
    assert_true(nst_transfer_out(&a->process, v, &t));
    return nst_transfer_in(&b->process, &t);
}

static NstValue numbers(NstProcess *p, int64_t count) {
    NstObject *builder = nst_list_builder(p, (size_t)count);
    for (int64_t i = 0; i < count; i++) nst_list_builder_add(p, builder, nst_int(i));
    return nst_list_builder_finish(p, builder);
}

static NstValue map_of(NstProcess *p, int64_t count) {
    NstObject *builder = nst_map_builder(p, false, NULL);
    for (int64_t i = 0; i < count; i++) {
        uint64_t hash;
        nst_key_hash(nst_int(i), &hash);
        nst_map_builder_put(p, builder, nst_int(i), hash, nst_int(i * i));
    }
    return nst_map_builder_finish(p, builder);
}

static void small_messages(void **state) {
    (void)state;
    begin();
    NstObject *pair = nst_heap_slots(&a->process, NST_KIND_TUPLE, 2);
    nst_slot_init(pair, 0, nst_int(7));
    nst_slot_init(pair, 1, nst_string_z(&a->process, "text"));
    NstObject *outer = data_new(&a->process, &plain, 3);
    nst_slot_init(outer, 0, nst_object(pair));
    nst_slot_init(outer, 1, nst_object(pair));
    nst_slot_init(outer, 2, numbers(&a->process, 10));
    a->roots[0] = nst_object(outer);
    b->roots[0] = send(a->roots[0]);
    assert_ptr_not_equal(b->roots[0].w.o, outer);
    assert_int_equal(nst_equal(a->roots[0], b->roots[0], true), NST_CMP_TRUE);
    assert_ptr_equal(nst_slot(b->roots[0].w.o, 0).w.o, nst_slot(b->roots[0].w.o, 1).w.o);
    assert_int_equal(outer->kind, NST_KIND_DATA); // the sender's objects are as before
    fixture_safepoint(a, true);
    fixture_safepoint(b, false);
    fixture_safepoint(b, true);
    assert_int_equal(nst_equal(a->roots[0], b->roots[0], true), NST_CMP_TRUE);
    assert_int_equal(send(nst_int(3)).w.i, 3);
    end();
}

static void cycles_and_aliasing(void **state) {
    (void)state;
    begin();
    NstObject *x = data_new(&a->process, &record, 2), *y = data_new(&a->process, &record, 2);
    nst_slot_init(x, 0, nst_object(y));
    nst_slot_init(x, 1, numbers(&a->process, 40));
    nst_slot_init(y, 0, nst_object(x));
    nst_slot_init(y, 1, nst_slot(x, 1));
    a->roots[0] = nst_list_from(&a->process, (NstValue[]){ nst_object(x), nst_object(y), nst_object(x) }, 3);
    b->roots[0] = send(a->roots[0]);
    NstObject *list = b->roots[0].w.o;
    NstObject *p = nst_list_get(list, 0).w.o, *q = nst_list_get(list, 1).w.o;
    assert_ptr_equal(nst_list_get(list, 2).w.o, p);
    assert_ptr_equal(nst_slot(p, 0).w.o, q);
    assert_ptr_equal(nst_slot(q, 0).w.o, p);
    assert_ptr_equal(nst_slot(p, 1).w.o, nst_slot(q, 1).w.o);
    nst_store(&b->process, p, 0, NST_UNIT);
    assert_ptr_equal(nst_slot(x, 0).w.o, y);
    end();
}

static void reactive_records_stay(void **state) {
    (void)state;
    begin();
    NstTransfer t;
    NstObject *r = data_new(&a->process, &reactive, 1);
    nst_slot_init(r, 0, nst_int(1));
    NstObject *pair = nst_heap_slots(&a->process, NST_KIND_TUPLE, 2);
    nst_slot_init(pair, 0, numbers(&a->process, 5000));
    nst_slot_init(pair, 1, nst_object(r));
    assert_false(nst_transfer_out(&a->process, nst_object(r), &t));
    assert_false(nst_transfer_out(&a->process, nst_object(pair), &t));
    assert_false(nst_shared_store(&a->process, nst_object(pair), &t));
    assert_int_equal(nst_list_length(nst_slot(pair, 0).w.o), 5000);
    // A list that no longer shows the record can go, although its chunk still holds it.
    NstValue list = nst_list_from(&a->process, (NstValue[]){ nst_object(r), nst_int(1), nst_int(2) }, 3);
    assert_false(nst_transfer_out(&a->process, list, &t));
    NstValue rest = nst_list_tail(&a->process, list.w.o);
    b->roots[0] = send(rest);
    assert_int_equal(nst_list_length(b->roots[0].w.o), 2);
    assert_int_equal(nst_list_head(b->roots[0].w.o).w.i, 1);
    end();
}

static void large_values_are_frozen_once(void **state) {
    (void)state;
    begin();
    a->roots[0] = numbers(&a->process, 100000);
    b->roots[0] = send(a->roots[0]);
    assert_true(b->roots[0].w.o->flags & NST_OBJ_FROZEN);
    assert_int_equal(nst_equal(a->roots[0], b->roots[0], true), NST_CMP_TRUE);
    size_t before = nst_slab_total();
    NstTransfer t;
    assert_true(nst_transfer_out(&b->process, b->roots[0], &t)); // nothing is copied the second time
    assert_true(nst_slab_total() == before);
    a->roots[1] = nst_transfer_in(&a->process, &t);
    assert_ptr_equal(a->roots[1].w.o, b->roots[0].w.o);
    // A part alone keeps what it needs.
    b->roots[1] = nst_list_slice(&b->process, b->roots[0].w.o, 50000, 50100);
    b->roots[0] = a->roots[1] = NST_UNIT;
    fixture_safepoint(a, true);
    fixture_safepoint(b, true);
    assert_int_equal(nst_list_head(b->roots[1].w.o).w.i, 50000);
    b->roots[2] = nst_list_cons(&b->process, nst_int(-1), b->roots[1].w.o);
    b->roots[2] = nst_list_push(&b->process, b->roots[2].w.o, nst_int(-2));
    assert_int_equal(nst_list_last(b->roots[2].w.o).w.i, -2);
    assert_int_equal(nst_list_last(b->roots[1].w.o).w.i, 50099);
    end();
}

// An mvar with a big map: reading is O(1), storing a changed one copies its path only.
static void shared_maps_cost_their_path(void **state) {
    (void)state;
    begin();
    NstTransfer shared, changed;
    a->roots[0] = map_of(&a->process, 100000);
    assert_true(nst_shared_store(&a->process, a->roots[0], &shared));
    for (int64_t i = 0; i < 3000; i++) {
        Fixture *p = i % 2 ? a : b;
        p->roots[1] = nst_shared_read(&p->process, &shared);
        uint64_t hash;
        nst_key_hash(nst_int(i), &hash);
        p->roots[1] = nst_map_insert(&p->process, p->roots[1].w.o, nst_int(i), hash, nst_int(-i));
        assert_true(nst_shared_store(&p->process, p->roots[1], &changed));
        assert_true(nst_transfer_bytes(&changed) < 10000);
        nst_transfer_drop(&shared);
        shared = changed;
        if (p->process.heap.want_collect) fixture_safepoint(p, false);
    }
    // What the two processes keep alive of 3,000 versions is bounded.
    while (nst_frozen_drain()) {}
    assert_true(nst_slab_total() < 64u << 20);
    b->roots[1] = nst_shared_read(&b->process, &shared);
    for (int64_t i = 0; i < 100000; i += 13) {
        uint64_t hash;
        NstValue v;
        nst_key_hash(nst_int(i), &hash);
        assert_true(nst_map_lookup(b->roots[1].w.o, nst_int(i), hash, &v));
        assert_int_equal(v.w.i, i < 3000 ? -i : i * i);
    }
    nst_transfer_drop(&shared);
    end();
}

static void shared_mutable_values_are_copied(void **state) {
    (void)state;
    begin();
    NstTransfer shared;
    NstObject *r = data_new(&a->process, &record, 2);
    nst_slot_init(r, 0, nst_int(1));
    nst_slot_init(r, 1, send(numbers(&a->process, 3)));
    a->roots[0] = nst_object(r);
    assert_true(nst_shared_store(&a->process, a->roots[0], &shared));
    nst_store(&a->process, r, 0, nst_int(2));
    b->roots[0] = nst_shared_read(&b->process, &shared);
    b->roots[1] = nst_shared_read(&b->process, &shared);
    assert_ptr_not_equal(b->roots[0].w.o, b->roots[1].w.o);
    assert_int_equal(nst_slot(b->roots[0].w.o, 0).w.i, 1);
    nst_transfer_drop(&shared);
    end();
}

// Random values: structure survives any chain of transfers, stores and collections.
static NstValue random_value(NstProcess *p, int depth, bool mutable_) {
    size_t n = below(4) + 1;
    switch (depth == 0 ? below(3) : below(9)) {
    case 0: return nst_int((int64_t)below(100));
    case 1: return nst_string_z(p, below(2) ? "short" : "a somewhat longer string with more than a few bytes");
    case 2: return nst_float((double)below(10));
    case 3: return numbers(p, (int64_t)below(3000));
    case 4: return map_of(p, (int64_t)below(300));
    case 5: {
        NstObject *array = nst_alloc(p, sizeof(NstArray) + 8 * n);
        *array = (NstObject){ .kind = NST_KIND_INT64_ARRAY, .flags = NST_OBJ_MUTABLE };
        ((NstArray *)(void *)array)->length = n;
        for (size_t i = 0; i < n; i++) ((NstArray *)(void *)array)->data[i] = below(9);
        return mutable_ ? nst_object(array) : NST_UNIT;
    }
    default: {
        NstObject *o = mutable_ && below(3) == 0 ? data_new(p, &record, n) : nst_heap_slots(p, NST_KIND_TUPLE, n);
        for (size_t i = 0; i < n; i++) nst_slot_init(o, i, random_value(p, depth - 1, mutable_));
        if (n > 1 && below(3) == 0) nst_slot_init(o, 0, nst_slot(o, 1));
        return below(3) ? nst_object(o) : nst_list_from(p, (NstValue[]){ nst_object(o), NST_UNIT, nst_object(o) }, 3);
    }
    }
}

static void random_values_survive(void **state) {
    (void)state;
    random_begin("random_values_survive");
    for (int round = 0; round < 300; round++) {
        begin();
        NstTransfer shared = { .value = NST_UNIT };
        a->roots[0] = a->roots[1] = random_value(&a->process, 6, below(2) == 0);
        for (int step = 0; step < 12; step++) {
            Fixture *from = below(2) ? a : b, *to = below(2) ? a : b;
            NstTransfer t;
            if (!nst_is_object(from->roots[1])) continue;
            if (below(3) == 0) {
                nst_transfer_drop(&shared);
                assert_true(nst_shared_store(&from->process, from->roots[1], &shared));
                to->roots[1] = nst_shared_read(&to->process, &shared);
            } else {
                assert_true(nst_transfer_out(&from->process, from->roots[1], &t));
                if (below(10) == 0) nst_transfer_drop(&t);
                else to->roots[1] = nst_transfer_in(&to->process, &t);
            }
            assert_int_equal(nst_equal(a->roots[0], to->roots[1].tag == NST_TAG_OBJECT ? to->roots[1] : a->roots[0],
                                       true), NST_CMP_TRUE);
            if (below(3) == 0) fixture_safepoint(to, below(2) == 0);
            if (below(3) == 0) fixture_safepoint(from, below(2) == 0);
        }
        nst_transfer_drop(&shared);
        end();
    }
}

// Threads that read, change and store one shared map under a lock, and drop old versions without it.
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static NstTransfer cell;

static void *change(void *argument) {
    Fixture *f = fixture_new();
    int64_t base = (int64_t)(intptr_t)argument;
    for (int64_t i = 0; i < 2000; i++) {
        NstTransfer old;
        pthread_mutex_lock(&lock);
        f->roots[0] = nst_shared_read(&f->process, &cell);
        uint64_t hash;
        nst_key_hash(nst_int(base + i), &hash);
        f->roots[0] = nst_map_insert(&f->process, f->roots[0].w.o, nst_int(base + i), hash, nst_int(i));
        old = cell;
        nst_shared_store(&f->process, f->roots[0], &cell);
        pthread_mutex_unlock(&lock);
        nst_transfer_drop(&old);
        if (f->process.heap.want_collect || i % 100 == 0) fixture_safepoint(f, i % 300 == 0);
    }
    fixture_free(f);
    while (nst_frozen_drain()) {}
    nst_slab_flush();
    return NULL;
}

static void threads_share(void **state) {
    (void)state;
    begin();
    cell = (NstTransfer){ .value = nst_map_empty() };
    pthread_t threads[3];
    for (intptr_t i = 0; i < 3; i++) pthread_create(&threads[i], NULL, change, (void *)(i * 100000));
    for (int i = 0; i < 3; i++) pthread_join(threads[i], NULL);
    a->roots[0] = nst_shared_read(&a->process, &cell);
    assert_int_equal(nst_map_size(a->roots[0].w.o), 6000);
    nst_transfer_drop(&cell);
    end();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(small_messages),
        cmocka_unit_test(cycles_and_aliasing),
        cmocka_unit_test(reactive_records_stay),
        cmocka_unit_test(large_values_are_frozen_once),
        cmocka_unit_test(shared_maps_cost_their_path),
        cmocka_unit_test(shared_mutable_values_are_copied),
        cmocka_unit_test(random_values_survive),
        cmocka_unit_test(threads_share),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
