// Inferred types of definitions, as the text that messages show, and what the unifier promises.
#include "frontend/infer.h"
#include "frontend/infer_internal.h"
#include "frontend/instance.h"
#include "frontend/scheme.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

static NstProgram *load(const char *text) {
    NstOptions options = {.lib = true};
    return nst_program_from_text("test.nos", text, strlen(text), &options);
}

static NstFunction *find(NstProgram *program, const char *name) {
    for (size_t i = 0; i < program->function_count; i++)
        if (!program->functions[i]->library && program->functions[i]->name == nst_name_z(name)) return program->functions[i];
    fail_msg("no function %s", name);
    return NULL;
}

// ---- Schemes ----------------------------------------------------------------------------

typedef struct Row {
    const char *text; // the first function of the text is `f`
    const char *type;
    size_t requirements;
} Row;

static const Row rows[] = {
    {"f(x) = x", "(a) -> a", 0},
    {"f(x) = x + 1", "(Int) -> Int", 0},
    {"f(x) = x / 2.0", "(Float) -> Float", 0},
    {"f(a, b) = a + b", "(a, a) -> a", 1},
    {"f(a, b) = a == [b]", "(List[a], a) -> Bool", 1},
    {"f(x) = x.name", "(a) -> b", 1},
    {"f(x) = x.len * 2", "(a) -> b", 2},
    {"f(xs) = xs.filter(x => x > 1)", "(List[Int]) -> List[Int]", 0},
    {"f(xs) = xs.map(x => x)", "(a) -> b", 1},
    {"f(g, h) = x => h(g(x))", "((a) -> b, (b) -> c) -> (a) -> c", 0},
    {"f(n) = if n == 0 then [] else [n] ++ f(n - 1)", "(Int) -> List[Int]", 0},
    {"f([]) = []\nf([x | r]) = [x | g(r)]\ng([]) = []\ng([_ | r]) = f(r)", "(List[a]) -> List[a]", 0},
    {"f(a) = a ++ [1]", "(List[a]) -> List[Int]", 0},
    {"f() = receive { v -> v }", "() -> a", 0},
    {"f(x: T, n: Int) = [x]", "(a, Int) -> List[a]", 0},
    {"f[T](x: T) -> Int = x + 1", "(Int) -> Int", 0},
    {"f(o) = match o { Some(v) -> v, None -> throw(\"none\") }", "(Option[a]) -> a", 0},
    {"f(a = 1, b = a) = b", "(Int, Int) -> Int", 0},
    {"f(x) = { g = y => (x, y); (g(1), g(\"a\")) }", "(a) -> ((a, Int), (a, String))", 0},
    {"f(x) = { g(y) = x + y; g(x) }", "(a) -> a", 1},
    {"f(x) = x.f()", "(a) -> b", 1},
};

static void test_schemes(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        NstProgram *program = load(rows[i].text);
        if (nst_diags_count(program->diags, NST_ERROR)) fail_msg("%s: %s", rows[i].text, program->diags->items[0]->message);
        const NstScheme *scheme = find(program, "f")->scheme;
        char *shown = nst_type_show(program, scheme->type);
        if (strcmp(shown, rows[i].type) != 0) fail_msg("%s: %s instead of %s", rows[i].text, shown, rows[i].type);
        if (scheme->req_count != rows[i].requirements)
            fail_msg("%s: %zu requirements instead of %zu", rows[i].text, scheme->req_count, rows[i].requirements);
        free(shown);
        nst_program_free(program);
    }
}

// ---- Unification ------------------------------------------------------------------------

static NstInfer *fresh_infer(NstProgram *program) {
    NstInfer *infer = nst_infer_of(program);
    infer->level = NST_LEVEL_FUNCTION;
    return infer;
}

static void test_unify_binds_both_ways(void **state) {
    (void)state;
    NstProgram *program = load("f() = 1");
    NstInfer *infer = fresh_infer(program);
    NstType *a = nst_var(infer), *b = nst_var(infer);
    assert_int_equal(nst_unify(infer, nst_list_of(infer, a), nst_list_of(infer, b)), NST_UNIFY_OK);
    assert_int_equal(nst_unify(infer, b, nst_prim(infer, NST_PRIM_INT)), NST_UNIFY_OK);
    assert_int_equal(nst_type_prim(a), NST_PRIM_INT);
    assert_int_equal(nst_unify(infer, a, nst_prim(infer, NST_PRIM_STRING)), NST_UNIFY_MISMATCH);
    nst_program_free(program);
}

static void test_unify_refuses_infinite_types(void **state) {
    (void)state;
    NstProgram *program = load("f() = 1");
    NstInfer *infer = fresh_infer(program);
    NstType *a = nst_var(infer);
    assert_int_equal(nst_unify(infer, a, nst_list_of(infer, nst_list_of(infer, a))), NST_UNIFY_INFINITE);
    nst_program_free(program);
}

static void test_trial_takes_back_bindings_and_levels(void **state) {
    (void)state;
    NstProgram *program = load("f() = 1");
    NstInfer *infer = fresh_infer(program);
    NstType *outer = nst_var(infer);
    infer->level++;
    NstType *inner = nst_var(infer);
    NstTrial trial = nst_trial_begin(infer);
    assert_int_equal(nst_unify(infer, outer, nst_list_of(infer, inner)), NST_UNIFY_OK);
    assert_int_equal(inner->level, outer->level);
    nst_trial_undo(infer, trial);
    assert_true(nst_is_var(outer));
    assert_int_equal(inner->level, outer->level + 1);
    nst_program_free(program);
}

static void test_never_and_error_constrain_nothing(void **state) {
    (void)state;
    NstProgram *program = load("f() = 1");
    NstInfer *infer = fresh_infer(program);
    NstType *a = nst_var(infer);
    assert_int_equal(nst_unify(infer, a, program->never_type), NST_UNIFY_OK);
    assert_true(nst_is_var(a));
    assert_int_equal(nst_unify(infer, program->error_type, nst_prim(infer, NST_PRIM_INT)), NST_UNIFY_OK);
    nst_program_free(program);
}

// ---- Instances --------------------------------------------------------------------------

static void test_only_relevant_types_make_instances(void **state) {
    (void)state;
    NstProgram *program = load("f(x) = [x]\ng(x) = x + x");
    NstInfer *infer = nst_infer_of(program);
    NstType *number[] = {nst_concrete(infer, NULL, nst_prim(infer, NST_PRIM_INT))};
    NstType *text[] = {nst_concrete(infer, NULL, nst_prim(infer, NST_PRIM_STRING))};
    NstFunction *f = find(program, "f"), *g = find(program, "g");
    assert_ptr_equal(nst_instance_get(program, f, number), nst_instance_get(program, f, text));
    assert_ptr_not_equal(nst_instance_get(program, g, number), nst_instance_get(program, g, text));
    assert_ptr_equal(nst_instance_get(program, g, number), nst_instance_get(program, g, number));
    nst_program_free(program);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_schemes),
        cmocka_unit_test(test_unify_binds_both_ways),
        cmocka_unit_test(test_unify_refuses_infinite_types),
        cmocka_unit_test(test_trial_takes_back_bindings_and_levels),
        cmocka_unit_test(test_never_and_error_constrain_nothing),
        cmocka_unit_test(test_only_relevant_types_make_instances),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
