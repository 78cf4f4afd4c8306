// The collector against a model: a random object graph, mutated and collected, must keep its shape and its sharing.
#include "heap_fixture.h"
#include "runtime/heap_inline.h"

enum { NODES = 300, EDGES = 5 };

static Fixture *f;
static const NstLayout record = { .mutable_ = true };

// Node n of the model exists if it is reachable from the model's roots; its object carries n in slot 0.
static int edges[NODES][EDGES]; // -1: none
static int model_roots[ROOTS];
static int64_t payload[NODES];

static NstObject *find(int node, NstObject **known) {
    return known[node];
}

// Walks the heap and the model together; every model node is one object.
static void check_graph(NstObject **known) {
    int stack[NODES * EDGES + ROOTS];
    size_t depth = 0;
    memset(known, 0, NODES * sizeof *known);
    for (size_t r = 0; r < ROOTS; r++) {
        if (model_roots[r] < 0) {
            assert_int_not_equal(f->roots[r].tag, NST_TAG_OBJECT);
            continue;
        }
        NstObject *o = f->roots[r].w.o;
        if (known[model_roots[r]]) assert_ptr_equal(known[model_roots[r]], o);
        else stack[depth++] = model_roots[r];
        known[model_roots[r]] = o;
    }
    while (depth > 0) {
        int n = stack[--depth];
        NstObject *o = known[n];
        assert_int_equal(o->count, EDGES + 2);
        assert_int_equal(nst_slot(o, 0).w.i, n);
        const NstString *text = (const NstString *)(const void *)nst_slot(o, 1).w.o;
        char expected[32];
        snprintf(expected, sizeof expected, "payload %lld", (long long)payload[n]);
        assert_string_equal(text->bytes, expected);
        for (int e = 0; e < EDGES; e++) {
            NstValue v = nst_slot(o, (size_t)e + 2);
            int to = edges[n][e];
            assert_int_equal(v.tag == NST_TAG_OBJECT, to >= 0);
            if (to < 0) continue;
            if (known[to]) assert_ptr_equal(known[to], v.w.o);
            else stack[depth++] = to;
            known[to] = v.w.o;
        }
    }
}

static NstObject *node_new(int n) {
    NstObject *o = data_new(&f->process, &record, EDGES + 2);
    char text[32];
    payload[n] = (int64_t)below(1000000);
    snprintf(text, sizeof text, "payload %lld", (long long)payload[n]);
    nst_slot_init(o, 0, nst_int(n));
    nst_slot_init(o, 1, nst_string_z(&f->process, text));
    for (int e = 0; e < EDGES; e++) edges[n][e] = -1;
    return o;
}

static void graphs_survive(void **state) {
    (void)state;
    random_begin("graphs_survive");
    f = fixture_new();
    for (size_t r = 0; r < ROOTS; r++) model_roots[r] = -1;
    NstObject *known[NODES];
    for (int step = 0; step < 20000; step++) {
        check_graph(known);
        int n = (int)below(NODES), to = (int)below(NODES), e = (int)below(EDGES);
        size_t r = below(20);
        switch (below(8)) {
        case 0: case 1: // a new node, referenced from a root and perhaps from an old one
            if (known[n]) break;
            f->roots[r] = nst_object(node_new(n));
            model_roots[r] = n;
            if (find(to, known)) {
                nst_store(&f->process, find(to, known), (size_t)e + 2, f->roots[r]);
                edges[to][e] = n;
            }
            break;
        case 2: case 3: case 4:
            if (!known[n] || !known[to]) break;
            nst_store(&f->process, known[n], (size_t)e + 2, nst_object(known[to]));
            edges[n][e] = to;
            break;
        case 5:
            if (!known[n]) break;
            nst_store(&f->process, known[n], (size_t)e + 2, NST_UNIT);
            edges[n][e] = -1;
            break;
        case 6:
            f->roots[r] = NST_UNIT;
            model_roots[r] = -1;
            break;
        default:
            if (below(4) == 0) nst_heap_alloc(&f->process, 16 + below(20000)), memset(f->process.heap.next, 0, 0);
            break;
        }
        if (below(10) == 0) fixture_safepoint(f, below(5) == 0);
    }
    fixture_free(f);
    assert_no_memory_left();
}

// Large objects: not copied while they live, freed when they do not; their references count.
static void large_objects(void **state) {
    (void)state;
    f = fixture_new();
    NstObject *big = nst_heap_slots(&f->process, NST_KIND_TUPLE, 3000);
    f->roots[0] = nst_object(big);
    for (size_t i = 0; i < 3000; i++) nst_store(&f->process, big, i, nst_string_z(&f->process, "x"));
    fixture_safepoint(f, false);
    assert_ptr_equal(f->roots[0].w.o, big);
    for (size_t i = 0; i < 3000; i += 7) nst_store(&f->process, big, i, nst_string_z(&f->process, "young"));
    fixture_safepoint(f, false);
    fixture_safepoint(f, true);
    fixture_safepoint(f, true);
    assert_ptr_equal(f->roots[0].w.o, big);
    for (size_t i = 0; i < 3000; i++) {
        const NstString *s = (const NstString *)(const void *)nst_slot(big, i).w.o;
        assert_string_equal(s->bytes, i % 7 == 0 ? "young" : "x");
    }
    f->roots[0] = NST_UNIT;
    size_t before = nst_heap_bytes(&f->process.heap);
    fixture_safepoint(f, true);
    assert_true(nst_heap_bytes(&f->process.heap) + 24000 < before);
    fixture_free(f);
    assert_no_memory_left();
}

// A chain of a million cells: neither the collector nor destruction recurses; the memory goes back.
static void deep_data(void **state) {
    (void)state;
    f = fixture_new();
    f->roots[0] = NST_UNIT;
    for (int i = 0; i < 1000000; i++) {
        NstObject *pair = nst_heap_slots(&f->process, NST_KIND_TUPLE, 2);
        nst_slot_init(pair, 0, nst_int(i));
        nst_slot_init(pair, 1, f->roots[0]);
        f->roots[0] = nst_object(pair);
        if (f->process.heap.want_collect) fixture_safepoint(f, false);
    }
    fixture_safepoint(f, true);
    int64_t expected = 1000000;
    for (NstValue v = f->roots[0]; nst_is_object(v); v = nst_slot(v.w.o, 1)) {
        assert_int_equal(nst_slot(v.w.o, 0).w.i, --expected);
    }
    assert_int_equal(expected, 0);
    f->roots[0] = NST_UNIT;
    fixture_safepoint(f, true);
    assert_true(nst_heap_bytes(&f->process.heap) < 4096);
    fixture_free(f);
    assert_no_memory_left();
}

static void an_idle_process_costs_nothing(void **state) {
    (void)state;
    f = fixture_new();
    assert_int_equal(nst_heap_bytes(&f->process.heap), 0);
    nst_heap_slots(&f->process, NST_KIND_TUPLE, 2);
    assert_true(nst_heap_bytes(&f->process.heap) <= 512);
    fixture_free(f);
    assert_no_memory_left();
}

static void budgets(void **state) {
    (void)state;
    f = fixture_new();
    nst_heap_set_budget(0, 1 << 20);
    assert_true(nst_heap_can(&f->process, 1000));
    assert_false(nst_heap_can(&f->process, 2 << 20));
    for (int i = 0; i < 40; i++) f->roots[i] = nst_object(nst_heap_slots(&f->process, NST_KIND_TUPLE, 4000));
    assert_true(f->process.heap.out_of_memory);
    fixture_safepoint(f, false);
    assert_true(f->process.heap.out_of_memory); // all of it is alive
    for (int i = 0; i < 40; i++) f->roots[i] = NST_UNIT;
    fixture_safepoint(f, false);
    assert_false(f->process.heap.out_of_memory);
    nst_heap_set_budget(0, 0);
    fixture_free(f);
    assert_no_memory_left();
}

static void buffers_grow(void **state) {
    (void)state;
    f = fixture_new();
    f->roots[0] = nst_buffer_new(&f->process);
    for (int i = 0; i < 5000; i++) {
        nst_buffer_append(&f->process, f->roots[0].w.o, "abcdefg", 7);
        if (i % 100 == 3) fixture_safepoint(f, i % 200 == 3);
    }
    size_t size;
    const char *bytes = nst_buffer_bytes(f->roots[0].w.o, &size);
    assert_int_equal(size, 35000);
    for (size_t i = 0; i < size; i++) assert_int_equal(bytes[i], "abcdefg"[i % 7]);
    fixture_free(f);
    assert_no_memory_left();
}

static void strings_know_their_length(void **state) {
    (void)state;
    f = fixture_new();
    const NstString *ascii = (const NstString *)(const void *)nst_string_z(&f->process, "hello, world").w.o;
    assert_int_equal(ascii->length, 12);
    assert_int_equal(ascii->head.aux, NST_STR_ASCII);
    const NstString *wide = (const NstString *)(const void *)nst_string_z(&f->process, "gr\xc3\xbc\xc3\x9f dich \xf0\x9f\x98\x80").w.o;
    assert_int_equal(wide->length, 11);
    assert_int_equal(wide->head.aux, 0);
    fixture_free(f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(graphs_survive),
        cmocka_unit_test(large_objects),
        cmocka_unit_test(deep_data),
        cmocka_unit_test(an_idle_process_costs_nothing),
        cmocka_unit_test(budgets),
        cmocka_unit_test(buffers_grow),
        cmocka_unit_test(strings_know_their_length),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
