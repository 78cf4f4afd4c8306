// Maps and sets against arrays, with good, bad and equal hashes.
#include "heap_fixture.h"
#include "runtime/compare.h"
#include "runtime/hash.h"
#include "runtime/hash_algebra.h"
#include "runtime/hash_node.h"

enum { KEYS = 400, POOL = 8 };

static Fixture *f;
static int64_t models[POOL][KEYS]; // 0: not in the map
static int hash_form;

static uint64_t hash_of(int64_t key) {
    uint64_t hash;
    assert_int_equal(nst_key_hash(nst_int(key), &hash), NST_CMP_TRUE);
    switch (hash_form) {
    case 0: return hash;
    case 1: return hash % 5;                   // few different ones: collision nodes
    default: return (uint64_t)(key / 3) * 1024; // some equal, some near
    }
}

static void check_form(const NstObject *node, uint32_t width, uint32_t shift, size_t *entries) {
    uint32_t own = nst_node_entries(node), children = nst_node_children(node);
    if (shift > 0) assert_true(own + 2 * children >= 2);
    assert_int_equal(nst_node_width(node), width);
    assert_true(node->count >= nst_node_slots(width, own, children));
    assert_int_equal(nst_node_collision(node), shift >= NST_HASH_DEEPEST);
    *entries += own;
    for (uint32_t i = 0; i < children; i++) {
        check_form(nst_node_child(node, i), width, shift + NST_HASH_BITS, entries);
    }
}

static void check(size_t m) {
    const NstObject *map = f->roots[m].w.o;
    size_t size = 0, entries = 0, seen = 0;
    for (int64_t k = 0; k < KEYS; k++) {
        NstValue v;
        bool there = nst_map_lookup(map, nst_int(k), hash_of(k), &v);
        assert_int_equal(there, models[m][k] != 0);
        if (there) assert_int_equal(v.w.i, models[m][k]);
        size += models[m][k] != 0;
    }
    assert_int_equal(nst_map_size(map), size);
    if (nst_map_root(map)) check_form(nst_map_root(map), 2, 0, &entries);
    assert_int_equal(entries, size);
    NstMapIter it;
    NstValue key, value;
    for (nst_map_iter(&it, map); nst_map_next(&it, &key, &value); seen++) {
        assert_int_equal(models[m][key.w.i], value.w.i);
        assert_int_equal(it.hash, nst_hash_mix(hash_of(key.w.i)));
    }
    assert_int_equal(seen, size);
}

static void rebuild_by_builder(size_t m) {
    bool from = below(2) == 0;
    NstObject *builder = nst_map_builder(&f->process, false, from ? f->roots[m].w.o : NULL);
    if (!from) memset(models[m], 0, sizeof models[m]);
    for (size_t n = below(300); n > 0; n--) {
        int64_t k = (int64_t)below(KEYS), v = 1 + (int64_t)below(1000);
        nst_map_builder_put(&f->process, builder, nst_int(k), hash_of(k), nst_int(v));
        models[m][k] = v;
    }
    f->roots[m] = nst_map_builder_finish(&f->process, builder);
}

static void combine(size_t to, size_t a, size_t b) {
    int64_t result[KEYS];
    NstValue out;
    NstObject *x = f->roots[a].w.o, *y = f->roots[b].w.o;
    unsigned op = (unsigned)below(4);
    bool done = op == 0 ? nst_map_union(&f->process, x, y, &out)
                : op == 1 ? nst_map_intersection(&f->process, x, y, &out)
                : op == 2 ? nst_map_difference(&f->process, x, y, &out)
                          : nst_map_symmetric_difference(&f->process, x, y, &out);
    assert_true(done);
    bool subset, expected = true;
    assert_true(nst_map_subset(x, y, &subset));
    for (int64_t k = 0; k < KEYS; k++) {
        int64_t p = models[a][k], q = models[b][k];
        if (p && !q) expected = false;
        result[k] = op == 0 ? (p ? p : q) : op == 1 ? (q ? p : 0) : op == 2 ? (q ? 0 : p) : p && q ? 0 : p + q;
    }
    assert_int_equal(subset, expected);
    f->roots[to] = out;
    memcpy(models[to], result, sizeof result);
}

// Changes in place, with collections between them; whoever had the map before sees none of it.
static void change_in_place(size_t m) {
    // Also with the last stamps, and with those that a full collection takes back.
    if (below(8) == 0) f->process.heap.stamp = (uint16_t)((NST_HASH_STAMPS - 1 - below(3)) * NST_HASH_STAMP);
    for (size_t n = below(300); n > 0; n--) {
        int64_t k = (int64_t)below(KEYS), v = 1 + (int64_t)below(1000);
        NstObject *map = f->roots[m].w.o;
        bool insert = below(3) != 0;
        f->roots[m] = insert ? nst_map_insert_owned(&f->process, map, nst_int(k), hash_of(k), nst_int(v))
                             : nst_map_remove_owned(&f->process, map, nst_int(k), hash_of(k));
        models[m][k] = insert ? v : 0;
        if (below(40) == 0) fixture_safepoint(f, below(3) == 0);
    }
    nst_map_release(&f->process, f->roots[m].w.o);
}

static void same_content_has_same_form(size_t m) {
    // Inserted in another order: same entries, same trie, equal to the compiler's eye.
    NstValue other = nst_map_empty();
    for (size_t n = 0; n < KEYS; n++) {
        int64_t k = (int64_t)((n * 7 + 3) % KEYS);
        if (models[m][k]) other = nst_map_insert(&f->process, other.w.o, nst_int(k), hash_of(k), nst_int(models[m][k]));
    }
    assert_int_equal(nst_equal(f->roots[m], other, true), NST_CMP_TRUE);
    uint64_t h1, h2;
    nst_hash(f->roots[m], true, &h1);
    nst_hash(other, true, &h2);
    assert_true(h1 == h2);
    NstValue changed = nst_map_insert(&f->process, other.w.o, nst_int(5), hash_of(5), nst_int(-7));
    assert_int_equal(nst_equal(f->roots[m], changed, true), NST_CMP_FALSE);
}

static void rebuilt_is_equal(size_t m) {
    NstValue keys[KEYS], values[KEYS];
    NstMapIter it;
    size_t count = 0;
    for (nst_map_iter(&it, f->roots[m].w.o); nst_map_next(&it, &keys[count], &values[count]);) count++;
    NstValue again = nst_map_rebuild(&f->process, f->roots[m].w.o, keys, values);
    assert_int_equal(nst_equal(f->roots[m], again, true), NST_CMP_TRUE);
}

static void maps_behave_like_arrays(void **state) {
    (void)state;
    random_begin("maps_behave_like_arrays");
    for (hash_form = 0; hash_form < 3; hash_form++) {
        f = fixture_new();
        memset(models, 0, sizeof models);
        for (size_t i = 0; i < POOL; i++) f->roots[i] = nst_map_empty();
        for (int step = 0; step < 4000; step++) {
            size_t m = below(POOL);
            int64_t k = (int64_t)below(KEYS), v = 1 + (int64_t)below(1000);
            switch (below(40)) {
            case 0: rebuild_by_builder(m); break;
            case 1: combine(m, below(POOL), below(POOL)); break;
            case 2: same_content_has_same_form(m); break;
            case 3: rebuilt_is_equal(m); break;
            case 4: change_in_place(m); break;
            case 5:
                f->roots[m] = f->roots[below(POOL)];
                for (size_t i = 0; i < POOL; i++) {
                    if (f->roots[i].w.o == f->roots[m].w.o) memmove(models[m], models[i], sizeof models[m]);
                    if (f->roots[i].w.o == f->roots[m].w.o && i != m) break;
                }
                break;
            default:
                if (below(3)) {
                    f->roots[m] = nst_map_insert(&f->process, f->roots[m].w.o, nst_int(k), hash_of(k), nst_int(v));
                    models[m][k] = v;
                } else {
                    f->roots[m] = nst_map_remove(&f->process, f->roots[m].w.o, nst_int(k), hash_of(k));
                    models[m][k] = 0;
                }
            }
            if (step % 10 == 0) check(m);
            if (below(30) == 0) fixture_safepoint(f, below(3) == 0);
        }
        for (size_t i = 0; i < POOL; i++) check(i);
        fixture_free(f);
    }
    assert_no_memory_left();
}

// Keys that C cannot compare: the caller chooses among the entries of one hash by number.
static void buckets(void **state) {
    (void)state;
    f = fixture_new();
    NstValue map = nst_map_empty();
    NstValue keys[8], values[8];
    for (int64_t i = 0; i < 5; i++) {
        assert_int_equal(nst_map_bucket(map.w.o, 99, keys, values, 8), i);
        map = nst_map_insert_at(&f->process, map.w.o, 99, (size_t)i, nst_int(i), nst_int(10 * i));
    }
    map = nst_map_insert_at(&f->process, map.w.o, 99, 2, nst_int(2), nst_int(77));
    assert_int_equal(nst_map_size(map.w.o), 5);
    assert_int_equal(nst_map_bucket(map.w.o, 99, keys, values, 8), 5);
    assert_int_equal(values[2].w.i, 77);
    map = nst_map_remove_at(&f->process, map.w.o, 99, 0);
    assert_int_equal(nst_map_bucket(map.w.o, 99, keys, values, 8), 4);
    assert_int_equal(keys[0].w.i, 1);
    for (int i = 0; i < 4; i++) map = nst_map_remove_at(&f->process, map.w.o, 99, 0);
    assert_int_equal(nst_map_size(map.w.o), 0);
    assert_ptr_equal(map.w.o, nst_map_empty().w.o);
    fixture_free(f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(maps_behave_like_arrays),
        cmocka_unit_test(buckets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
