// Lists against arrays: every operation on a pool of lists, with collections in between.
#include "heap_fixture.h"
#include "runtime/list.h"

enum { POOL = 24, MOST = 6000 };

typedef struct Model {
    int64_t *values;
    size_t length;
} Model;

static Fixture *f;
static Model models[POOL];

static NstObject *list_at(size_t i) {
    return f->roots[i].w.o;
}

static void store(size_t i, NstValue list, int64_t *values, size_t length) {
    f->roots[i] = list;
    free(models[i].values);
    models[i] = (Model){ values, length };
}

static int64_t *array_of(size_t length) {
    return calloc(length + 1, sizeof(int64_t));
}

static void check(size_t i) {
    const NstObject *list = list_at(i);
    const Model *m = &models[i];
    assert_int_equal(nst_list_length(list), m->length);
    NstListIter it;
    NstValue v;
    size_t k = 0;
    for (nst_list_iter(&it, list); nst_list_next(&it, &v); k++) {
        assert_int_equal(v.tag, NST_TAG_INT);
        assert_int_equal(v.w.i, m->values[k]);
    }
    assert_int_equal(k, m->length);
    for (int n = 0; n < 5 && m->length > 0; n++) {
        k = below(m->length);
        assert_int_equal(nst_list_get(list, k).w.i, m->values[k]);
    }
    if (m->length > 0) {
        assert_int_equal(nst_list_head(list).w.i, m->values[0]);
        assert_int_equal(nst_list_last(list).w.i, m->values[m->length - 1]);
    }
}

static void op_slice(size_t to, size_t from, size_t start, size_t end) {
    const Model *m = &models[from];
    NstValue list = nst_list_slice(&f->process, list_at(from), start, end);
    int64_t *values = array_of(end - start);
    memcpy(values, m->values + start, (end - start) * sizeof *values);
    store(to, list, values, end - start);
}

static void op_concat(size_t to, size_t a, size_t b) {
    const Model *x = &models[a], *y = &models[b];
    if (x->length + y->length > MOST) return;
    NstValue list = nst_list_concat(&f->process, list_at(a), list_at(b));
    int64_t *values = array_of(x->length + y->length);
    memcpy(values, x->values, x->length * sizeof *values);
    memcpy(values + x->length, y->values, y->length * sizeof *values);
    store(to, list, values, x->length + y->length);
}

static void op_cons(size_t to, size_t from, size_t times) {
    const Model *m = &models[from];
    NstValue list = f->roots[from];
    int64_t *values = array_of(m->length + times);
    memcpy(values + times, m->values, m->length * sizeof *values);
    for (size_t i = times; i-- > 0;) {
        values[i] = (int64_t)below(1000);
        list = nst_list_cons(&f->process, nst_int(values[i]), list.w.o);
    }
    store(to, list, values, m->length + times);
}

static void op_push(size_t to, size_t from, size_t times) {
    const Model *m = &models[from];
    NstValue list = f->roots[from];
    int64_t *values = array_of(m->length + times);
    memcpy(values, m->values, m->length * sizeof *values);
    for (size_t i = 0; i < times; i++) {
        values[m->length + i] = (int64_t)below(1000);
        list = nst_list_push(&f->process, list.w.o, nst_int(values[m->length + i]));
    }
    store(to, list, values, m->length + times);
}

static void op_ends(size_t to, size_t from, size_t times, bool front) {
    const Model *m = &models[from];
    if (times > m->length) times = m->length;
    NstValue list = f->roots[from];
    for (size_t i = 0; i < times; i++) {
        list = front ? nst_list_tail(&f->process, list.w.o) : nst_list_init(&f->process, list.w.o);
    }
    int64_t *values = array_of(m->length - times);
    memcpy(values, m->values + (front ? times : 0), (m->length - times) * sizeof *values);
    store(to, list, values, m->length - times);
}

static void op_set(size_t to, size_t from) {
    const Model *m = &models[from];
    if (m->length == 0) return;
    size_t i = below(m->length);
    int64_t *values = array_of(m->length);
    memcpy(values, m->values, m->length * sizeof *values);
    values[i] = -1 - (int64_t)below(100);
    store(to, nst_list_set(&f->process, list_at(from), i, nst_int(values[i])), values, m->length);
}

static void op_new(size_t to, size_t length, bool builder) {
    int64_t *values = array_of(length);
    NstValue *items = calloc(length + 1, sizeof *items);
    for (size_t i = 0; i < length; i++) {
        values[i] = (int64_t)below(1000);
        items[i] = nst_int(values[i]);
    }
    NstValue list;
    if (builder) {
        f->roots[POOL] = nst_object(nst_list_builder(&f->process, below(2) ? length : below(40)));
        for (size_t i = 0; i < length; i++) {
            nst_list_builder_add(&f->process, f->roots[POOL].w.o, items[i]);
            if (below(3000) == 0) fixture_safepoint(f, below(2) == 0);
        }
        assert_int_equal(nst_list_builder_length(f->roots[POOL].w.o), length);
        list = nst_list_builder_finish(&f->process, f->roots[POOL].w.o);
    } else {
        list = nst_list_from(&f->process, items, length);
    }
    free(items);
    store(to, list, values, length);
}

static void op_reverse(size_t to, size_t from) {
    const Model *m = &models[from];
    int64_t *values = array_of(m->length);
    for (size_t i = 0; i < m->length; i++) values[i] = m->values[m->length - 1 - i];
    store(to, nst_list_reverse(&f->process, list_at(from)), values, m->length);
}

static size_t some_length(void) {
    switch (below(4)) {
    case 0: return below(4);
    case 1: return below(40);
    case 2: return below(200);
    default: return below(2500);
    }
}

static void lists_behave_like_arrays(void **state) {
    (void)state;
    random_begin("lists_behave_like_arrays");
    f = fixture_new();
    for (size_t i = 0; i < POOL; i++) store(i, nst_list_empty(), array_of(0), 0);
    for (int step = 0; step < 6000; step++) {
        size_t to = below(POOL), from = below(POOL), length = models[from].length;
        size_t times = below(3) ? below(4) : below(100);
        switch (below(10)) {
        case 0: op_concat(to, from, below(POOL)); break;
        case 1: {
            size_t start = below(length + 1);
            op_slice(to, from, start, start + below(length - start + 1));
            break;
        }
        case 2: if (length < MOST) op_cons(to, from, times); break;
        case 3: if (length < MOST) op_push(to, from, times); break;
        case 4: op_ends(to, from, times, true); break;
        case 5: op_ends(to, from, times, false); break;
        case 6: op_set(to, from); break;
        case 7: if (below(4) == 0) op_reverse(to, from); break;
        case 8: op_new(to, some_length(), true); break;
        default: op_new(to, some_length(), false); break;
        }
        check(to);
        if (below(20) == 0) fixture_safepoint(f, below(4) == 0);
        if (step % 500 == 0) {
            for (size_t i = 0; i < POOL; i++) check(i);
        }
    }
    for (size_t i = 0; i < POOL; i++) {
        check(i);
        free(models[i].values);
        models[i].values = NULL;
    }
    fixture_free(f);
    assert_no_memory_left();
}

// cons, head and tail over a million elements, from every list of a chain: claims must not show through.
static void chains_of_cons_are_independent(void **state) {
    (void)state;
    f = fixture_new();
    f->roots[0] = nst_list_empty();
    for (int64_t i = 0; i < 200000; i++) {
        f->roots[0] = nst_list_cons(&f->process, nst_int(i), f->roots[0].w.o);
        if (i % 1000 == 17) { // a branch beside the chain
            f->roots[1] = nst_list_cons(&f->process, nst_int(-i), nst_list_tail(&f->process, f->roots[0].w.o).w.o);
        }
        if (i % 1000 == 29) {
            assert_int_equal(nst_list_head(f->roots[1].w.o).w.i, -(i - 12));
            assert_int_equal(nst_list_get(f->roots[1].w.o, 1).w.i, i - 13);
        }
        if (f->process.heap.want_collect) fixture_safepoint(f, false);
    }
    for (int64_t i = 200000; i-- > 0;) {
        assert_int_equal(nst_list_length(f->roots[0].w.o), i + 1);
        assert_int_equal(nst_list_head(f->roots[0].w.o).w.i, i);
        f->roots[0] = nst_list_tail(&f->process, f->roots[0].w.o);
        if (f->process.heap.want_collect) fixture_safepoint(f, false);
    }
    assert_ptr_equal(f->roots[0].w.o, nst_list_empty().w.o);
    fixture_free(f);
    assert_no_memory_left();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_behave_like_arrays),
        cmocka_unit_test(chains_of_cons_are_independent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
