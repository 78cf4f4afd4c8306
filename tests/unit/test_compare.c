// Equality, order and hashing: the rules of the language case by case, random values against a plain recursion, and
// deep, shared and cyclic values.
#include <math.h>

#include "frontend/frontend.h"
#include "frontend/program.h"
#include "heap_fixture.h"
#include "runtime/compare.h"
#include "runtime/decimal.h"
#include "runtime/hash.h"
#include "runtime/heap_inline.h"
#include "runtime/list.h"

static Fixture *f;
static NstLayout layouts[4] = { { .index = 0 }, { .index = 1 }, { .index = 2 }, { .index = 3 } }; // of one type
static const NstLayout own = { .own = NST_OWN_EQ | NST_OWN_ORD | NST_OWN_HASH, .type_id = 9 };
static const NstLayout reactive = { .reactive = true, .mutable_ = true, .field_count = 1, .type_id = 7 };
static const NstLayout record = { .mutable_ = true, .is_record = true, .type_id = 8 };

static NstValue text(const char *s) { return nst_string_z(&f->process, s); }
static NstValue number(NstTag tag, int64_t i) { return (NstValue){ .w.i = i, .tag = tag }; }
static NstValue small(float x) { return (NstValue){ .w.f32 = x, .tag = NST_TAG_FLOAT32 }; }
static NstValue decimal(const char *s) { return nst_decimal_from_text(&f->process, s, strlen(s)); }

static NstValue tuple(NstValue a, NstValue b) {
    NstObject *o = nst_heap_slots(&f->process, NST_KIND_TUPLE, 2);
    nst_slot_init(o, 0, a);
    nst_slot_init(o, 1, b);
    return nst_object(o);
}

static NstValue data(const NstLayout *layout, NstValue v) {
    NstObject *o = data_new(&f->process, layout, 1);
    nst_slot_init(o, 0, v);
    return nst_object(o);
}

static NstValue list(NstValue a, NstValue b) {
    return nst_list_from(&f->process, (NstValue[]){ a, b }, 2);
}

static NstValue map1(NstValue k, NstValue v) {
    uint64_t hash;
    assert_int_equal(nst_key_hash(k, &hash), NST_CMP_TRUE);
    return nst_map_insert(&f->process, nst_map_empty().w.o, k, hash, v);
}

static int order(NstValue a, NstValue b) {
    int out;
    bool unordered;
    assert_int_equal(nst_compare(a, b, true, &out, &unordered), NST_CMP_TRUE);
    assert_false(unordered);
    return (out > 0) - (out < 0);
}

static bool same(NstValue a, NstValue b) {
    NstCmp result = nst_equal(a, b, true);
    assert_true(result == NST_CMP_TRUE || result == NST_CMP_FALSE);
    return result == NST_CMP_TRUE;
}

static void rules_of_equality(void **state) {
    (void)state;
    assert_true(same(NST_UNIT, NST_UNIT));
    assert_false(same(nst_int(1), number(NST_TAG_INT8, 1)));
    assert_true(same(nst_float(0.0), nst_float(-0.0)));
    assert_false(same(nst_float(NAN), nst_float(NAN)));
    NstValue with_nan = tuple(nst_float(NAN), nst_int(1));
    assert_false(same(with_nan, with_nan));
    assert_int_equal(nst_key_equal(with_nan, tuple(nst_float(-NAN), nst_int(1))), NST_CMP_TRUE);
    assert_true(same(text("abc"), text("abc")));
    assert_false(same(text("abc"), text("abd")));
    assert_true(same(decimal("1.50"), decimal("1.5")));
    assert_true(same(list(text("a"), nst_int(2)), list(text("a"), nst_int(2))));
    assert_true(same(map1(text("k"), list(nst_int(1), nst_int(2))), map1(text("k"), list(nst_int(1), nst_int(2)))));
    assert_false(same(map1(text("k"), list(nst_int(1), nst_int(2))), map1(text("k"), list(nst_int(1), nst_int(3)))));
    assert_true(same(data(&layouts[1], nst_int(3)), data(&layouts[1], nst_int(3))));
    assert_false(same(data(&layouts[1], nst_int(3)), data(&layouts[2], nst_int(3))));
    assert_false(same(nst_ctor(&layouts[0]), data(&layouts[2], nst_int(3))));
    assert_true(same(data(&record, nst_int(3)), data(&record, nst_int(3))));
    NstValue r = data(&reactive, nst_int(3));
    assert_true(same(r, r));
    assert_false(same(r, data(&reactive, nst_int(3))));
    NstValue function = { .tag = NST_TAG_FUNCTION };
    assert_int_equal(nst_equal(tuple(nst_int(1), function), tuple(nst_int(1), function), true), NST_CMP_TYPE);
    assert_int_equal(nst_equal(tuple(nst_int(1), function), tuple(nst_int(2), function), true), NST_CMP_FALSE);
}

static void rules_of_order(void **state) {
    (void)state;
    assert_int_equal(order(nst_int(-5), nst_int(3)), -1);
    assert_int_equal(order(number(NST_TAG_UINT64, -1), number(NST_TAG_UINT64, 1)), 1);
    assert_int_equal(order(text("a"), text("ab")), -1);
    assert_int_equal(order(text("Z"), text("a")), -1);
    assert_int_equal(order(text("z"), text("\xc3\xa9")), -1);          // é
    assert_int_equal(order(text("\xef\xbf\xbd"), text("\xf0\x9f\x98\x80")), -1); // U+FFFD < U+1F600
    assert_int_equal(order(decimal("1.50"), decimal("1.5")), 0);
    assert_int_equal(order(decimal("-1.5"), decimal("1.25")), -1);
    assert_int_equal(order(tuple(nst_int(1), text("b")), tuple(nst_int(1), text("a"))), 1);
    assert_int_equal(order(nst_ctor(&layouts[0]), data(&layouts[1], nst_int(0))), -1);
    assert_int_equal(order(data(&layouts[2], nst_int(1)), data(&layouts[2], nst_int(2))), -1);
    assert_int_equal(order(small(1.5f), small(2.5f)), -1);
    int out;
    bool unordered;
    assert_int_equal(nst_compare(nst_float(NAN), nst_float(1), true, &out, &unordered), NST_CMP_TRUE);
    assert_true(unordered && out == 0);
    assert_int_equal(nst_compare(tuple(nst_float(NAN), nst_int(1)), tuple(nst_float(1), nst_int(2)), true, &out,
                                 &unordered), NST_CMP_TRUE);
    assert_true(unordered && out < 0); // a later component decides
    assert_int_equal(nst_compare(nst_bool(true), nst_bool(false), true, &out, &unordered), NST_CMP_TYPE);
    assert_int_equal(nst_compare(list(NST_UNIT, NST_UNIT), list(NST_UNIT, NST_UNIT), true, &out, &unordered),
                     NST_CMP_TYPE);
}

// The library declares `Some | None` and `Ok | Err`.
static void none_and_err_come_first(void **state) {
    (void)state;
    NstModule library = { .library = true }, program = { .library = false };
    NstTypeDecl type = { .module = &library };
    NstCtor ctor = { .type = &type };
    NstLayout some = { .ctor = &ctor, .name = nst_name_z("Some"), .index = 0, .field_count = 1 };
    NstLayout none = { .ctor = &ctor, .name = nst_name_z("None"), .index = 1 };
    assert_int_equal(order(nst_ctor(&none), data(&some, nst_int(1))), -1);
    assert_int_equal(order(data(&some, nst_int(1)), nst_ctor(&none)), 1);
    assert_int_equal(order(data(&some, nst_int(1)), data(&some, nst_int(2))), -1);
    type.module = &program; // a user's own type of that form has its declared order
    assert_int_equal(order(nst_ctor(&none), data(&some, nst_int(1))), 1);
}

static void own_implementations_stop(void **state) {
    (void)state;
    int out;
    bool unordered;
    uint64_t hash;
    NstValue a = tuple(nst_int(1), nst_ctor(&own)), b = tuple(nst_int(1), data(&own, nst_int(1)));
    assert_int_equal(nst_equal(a, b, true), NST_CMP_OWN);
    assert_int_equal(nst_equal(a, b, false), NST_CMP_FALSE);
    assert_int_equal(nst_compare(a, b, true, &out, &unordered), NST_CMP_OWN);
    assert_int_equal(nst_hash(a, true, &hash), NST_CMP_OWN);
    assert_int_equal(nst_key_hash(list(a, a), &hash), NST_CMP_OWN);
    assert_int_equal(nst_equal(tuple(nst_int(2), a), tuple(nst_int(1), b), true), NST_CMP_FALSE);
}

static uint64_t hash_of(NstValue v) {
    uint64_t hash;
    assert_int_equal(nst_hash(v, true, &hash), NST_CMP_TRUE);
    return hash;
}

static void rules_of_hashing(void **state) {
    (void)state;
    assert_true(hash_of(NST_UNIT) == 0);
    assert_true(hash_of(nst_bool(false)) == 0);
    assert_true(hash_of(nst_bool(true)) == 1);
    assert_true(hash_of(text("a")) == UINT64_C(0xAF63DC4C8601EC8C)); // the published FNV-1a value
    assert_true(hash_of(nst_float(0.0)) == hash_of(nst_float(-0.0)));
    assert_true(hash_of(nst_float(NAN)) == hash_of(nst_float(-NAN)));
    assert_true(hash_of(decimal("1.50")) == hash_of(decimal("1.5")));
    assert_true(hash_of(tuple(nst_int(1), nst_int(2))) != hash_of(tuple(nst_int(2), nst_int(1))));
    uint64_t hash;
    assert_int_equal(nst_hash((NstValue){ .tag = NST_TAG_FUNCTION }, true, &hash), NST_CMP_TYPE);
}

// ---- Random values against a plain recursion -------------------------------------------------

static NstValue random_value(int depth) {
    static const char *const words[] = { "", "a", "b", "ab", "longer than the others" };
    switch (below(depth == 0 ? 5 : 9)) {
    case 0: return nst_int((int64_t)below(3));
    case 1: return text(words[below(5)]);
    case 2: return nst_float(below(8) == 0 ? (double)NAN : (double)below(3));
    case 3: return nst_ctor(&layouts[below(4)]);
    case 4: return number(NST_TAG_INT8, (int64_t)below(2));
    case 5: return tuple(random_value(depth - 1), random_value(depth - 1));
    case 6: return data(&layouts[below(4)], random_value(depth - 1));
    case 7: {
        NstValue l = nst_list_empty();
        for (size_t n = below(4); n > 0; n--) {
            NstValue v = random_value(depth - 1);
            l = below(2) ? nst_list_push(&f->process, l.w.o, v) : nst_list_cons(&f->process, v, l.w.o);
        }
        return l;
    }
    default: {
        NstObject *builder = nst_map_builder(&f->process, false, NULL);
        for (size_t n = below(5); n > 0; n--) {
            uint64_t hash;
            NstValue key = nst_int((int64_t)below(6));
            nst_key_hash(key, &hash);
            nst_map_builder_put(&f->process, builder, key, hash, random_value(depth - 1));
        }
        return nst_map_builder_finish(&f->process, builder);
    }
    }
}

static bool plain_equal(NstValue a, NstValue b) {
    if (a.tag != b.tag) return false;
    if (a.tag == NST_TAG_FLOAT) return a.w.f == b.w.f;
    if (a.tag != NST_TAG_OBJECT) return a.w.u == b.w.u;
    NstObject *x = a.w.o, *y = b.w.o;
    if (x->kind != y->kind || x->count != y->count) return false;
    if (x->kind == NST_KIND_STRING) {
        return strcmp(((NstString *)(void *)x)->bytes, ((NstString *)(void *)y)->bytes) == 0;
    }
    if (x->kind == NST_KIND_DATA && ((NstData *)(void *)x)->layout != ((NstData *)(void *)y)->layout) return false;
    if (x->kind == NST_KIND_MAP) {
        NstMapIter it;
        NstValue key, v, w;
        for (nst_map_iter(&it, x); nst_map_next(&it, &key, &v);) {
            uint64_t hash;
            nst_key_hash(key, &hash);
            if (!nst_map_lookup(y, key, hash, &w) || !plain_equal(v, w)) return false;
        }
        return true;
    }
    for (uint32_t i = 0; i < x->count; i++) {
        bool equal = x->kind == NST_KIND_LIST ? plain_equal(nst_list_get(x, i), nst_list_get(y, i))
                                              : plain_equal(nst_slot(x, i), nst_slot(y, i));
        if (!equal) return false;
    }
    return true;
}

static void random_values_agree(void **state) {
    (void)state;
    random_begin("random_values_agree");
    int equal = 0;
    for (int i = 0; i < 60000; i++) {
        int depth = (int)below(4);
        NstValue a = random_value(depth), b = random_value(depth);
        bool expected = plain_equal(a, b);
        assert_int_equal(nst_equal(a, b, true), expected ? NST_CMP_TRUE : NST_CMP_FALSE);
        if (expected) {
            assert_true(hash_of(a) == hash_of(b));
            equal++;
        }
        if (f->process.heap.want_collect) fixture_safepoint(f, false); // a and b are not used any more
    }
    assert_true(equal > 100);
}

// ---- Deep, shared, cyclic ----------------------------------------------------------------------

static void deep_values(void **state) {
    (void)state;
    NstValue a = NST_UNIT, b = NST_UNIT, c = NST_UNIT, d = NST_UNIT;
    for (int i = 0; i < 300000; i++) {
        a = tuple(nst_int(i), a); // along the last part
        b = tuple(nst_int(i), b);
        c = list(c, nst_int(i)); // along the first
        d = list(d, nst_int(i));
    }
    assert_true(same(a, b));
    assert_true(hash_of(a) == hash_of(b));
    assert_true(same(c, d));
    assert_true(hash_of(c) == hash_of(d));
    assert_false(same(a, tuple(nst_int(1), b)));
}

static void shared_and_cyclic_values(void **state) {
    (void)state;
    NstValue a = nst_int(1), b = nst_int(1);
    for (int i = 0; i < 60; i++) { // 2^60 paths
        a = tuple(a, a);
        b = tuple(b, b);
    }
    assert_true(same(a, b));
    assert_true(hash_of(a) == hash_of(b));
    NstValue x = data(&record, NST_UNIT), y = data(&record, NST_UNIT);
    nst_store(&f->process, x.w.o, 0, x);
    nst_store(&f->process, y.w.o, 0, data(&record, y));
    assert_true(same(x, y));
    assert_true(hash_of(x) == hash_of(y));
}

static int set_up(void **state) {
    (void)state;
    f = fixture_new();
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    fixture_free(f);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rules_of_equality),        cmocka_unit_test(rules_of_order),
        cmocka_unit_test(none_and_err_come_first),  cmocka_unit_test(own_implementations_stop),
        cmocka_unit_test(rules_of_hashing),         cmocka_unit_test(random_values_agree),
        cmocka_unit_test(deep_values),              cmocka_unit_test(shared_and_cyclic_values),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
