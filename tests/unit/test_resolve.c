// What the resolver decides: overloads and their clauses, locals and captures, roles of names in patterns, mvar order. The
// library is a small one of this file's own (library_data.h).
#include "frontend/library_data.h"
#include "frontend/parse.h"
#include "frontend/program_internal.h"
#include "frontend/resolve.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

// ---- A library --------------------------------------------------------------------------

static const char library_text[] = "pub twice(n: Int) -> Int = n + n\n"
                                   "pub type Option[T] = Some(T) | None\n";

#define LIB_TEXT_LINE 33 // bytes of the first line
const NstLibFile nst_lib_files[] = {{"stdlib.list", "stdlib/list.nos", library_text, sizeof library_text - 1}};
const uint32_t nst_lib_file_count = 1;
const NstLibEntry nst_lib_entries[] = {
    {"stdlib.list", "", "None", "Option", NST_LIB_CTOR, NST_LIB_PUBLIC | NST_LIB_PRELUDE, 0, LIB_TEXT_LINE,
     sizeof library_text - 2, 0},
    {"stdlib.list", "", "Option", "", NST_LIB_TYPE, NST_LIB_PUBLIC | NST_LIB_PRELUDE, 0, LIB_TEXT_LINE,
     sizeof library_text - 2, 0},
    {"stdlib.list", "", "Some", "Option", NST_LIB_CTOR, NST_LIB_PUBLIC | NST_LIB_PRELUDE, 0, LIB_TEXT_LINE,
     sizeof library_text - 2, 0},
    {"stdlib.list", "", "twice", "Int", NST_LIB_FUNCTION, NST_LIB_PUBLIC | NST_LIB_PRELUDE | NST_LIB_METHOD, 0, 0,
     LIB_TEXT_LINE - 1, 1},
};
const uint32_t nst_lib_entry_count = 4;
const uint32_t nst_lib_prelude[] = {0, 1, 2, 3};
const uint32_t nst_lib_prelude_count = 4;
const uint32_t nst_lib_methods[] = {3};
const uint32_t nst_lib_method_count = 1;
const uint32_t nst_lib_space_items[] = {0};
const uint32_t nst_lib_space_item_count = 0;

// ---- A program --------------------------------------------------------------------------

static NstProgram *make_program(const char *const *texts, const char *const *paths, size_t count) {
    NstProgram *program = nst_calloc(1, sizeof *program);
    program->arena = nst_calloc(1, sizeof *program->arena);
    program->diags = nst_diags_new();
    program->sources = nst_sources_new();
    program->lib = true;
    pthread_mutexattr_t recursive;
    pthread_mutexattr_init(&recursive);
    pthread_mutexattr_settype(&recursive, PTHREAD_MUTEX_RECURSIVE);
    pthread_mutex_init(&program->lock, &recursive);
    pthread_mutexattr_destroy(&recursive);
    program->files = NST_NEW_ARRAY(program->arena, NstFile, count);
    program->file_count = count;
    for (size_t i = 0; i < count; i++) {
        NstFile *file = &program->files[i];
        file->source = nst_sources_add_file(program->sources, paths[i], texts[i], strlen(texts[i]));
        file->nameable = true;
        if (*paths[i]) {
            file->path = NST_NEW_ARRAY(program->arena, NstName, 1);
            file->path[0] = nst_name_z(paths[i]);
            file->path_len = 1;
        }
        file->ast = nst_parse_file(program->sources, file->source, program->arena, program->diags);
    }
    program->entry_module = paths[0];
    program->entry_function = "main";
    nst_resolve_program(program);
    return program;
}

static NstProgram *resolve(const char *text) {
    const char *path = "";
    return make_program(&text, &path, 1);
}

static void release(NstProgram *program) {
    nst_resolve_free(program);
    nst_diags_free(program->diags);
    nst_sources_free(program->sources);
    nst_arena_free(program->arena);
    free(program->arena);
    pthread_mutex_destroy(&program->lock);
    free(program);
}

static NstFunction *function(NstProgram *program, const char *name, size_t index) {
    const NstModule *module = program->modules[0];
    for (size_t i = 0; i < module->function_count; i++)
        if (module->functions[i]->name == nst_name_z(name) && index-- == 0) return module->functions[i];
    return NULL;
}

static NstBody *body_of(NstProgram *program, const char *name) { return function(program, name, 0)->clauses[0]->body; }

static NstStmt *stmt_of(NstProgram *program, const char *name, size_t index) {
    return function(program, name, 0)->clauses[0]->body_expr->block.stmts[index];
}

static NstLocal *local_of(const NstBody *body, const char *name) {
    for (size_t i = 0; i < body->local_count; i++)
        if (body->locals[i]->name == nst_name_z(name)) return body->locals[i];
    return NULL;
}

// Kinds of the diagnostics with their lines, in order: "2 unknown-name, 5 misplaced".
static void expect_errors(NstProgram *program, const char *expected) {
    NstDiag **sorted = nst_diags_sorted(program->sources, program->diags);
    char found[512] = "";
    for (size_t i = 0; i < program->diags->count; i++) {
        NstPlace place;
        assert_true(nst_sources_place(program->sources, sorted[i]->span, &place));
        size_t used = strlen(found);
        snprintf(found + used, sizeof found - used, "%s%u %s", used ? ", " : "", place.line,
                 nst_diag_kind_text(sorted[i]->kind));
    }
    assert_string_equal(found, expected);
    free(sorted);
}

// ---- Overloads --------------------------------------------------------------------------

static void clauses_are_sorted_by_specificity(void **state) {
    (void)state;
    NstProgram *program = resolve("f(n) = 1\nf([]) = 2\nf(0) = 3\nf(m) = 4\n");
    NstFunction *f = function(program, "f", 0);
    assert_int_equal(f->clause_count, 4);
    assert_ptr_equal(f->clauses[0], f->source_order[2]);
    assert_ptr_equal(f->clauses[1], f->source_order[1]);
    assert_ptr_equal(f->clauses[2], f->source_order[0]);
    assert_ptr_equal(f->clauses[3], f->source_order[3]);
    release(program);
}

static void literals_join_the_overload_of_their_type(void **state) {
    (void)state;
    NstProgram *program = resolve("t(0) = 1\nt(x) = 2\nt(n: Int) = 3\nt(\"\") = 4\nt(x: Int, y) = 5\n");
    assert_int_equal(program->modules[0]->function_count, 3);
    NstFunction *typed = function(program, "t", 0), *generic = function(program, "t", 1);
    assert_int_equal(typed->clause_count, 2);
    assert_non_null(typed->source_order[1]->params[0].annotation);
    assert_int_equal(generic->clause_count, 2);
    assert_int_equal(function(program, "t", 2)->param_count, 2);
    release(program);
}

static void renamed_variables_and_aliases_are_equal_annotations(void **state) {
    (void)state;
    NstProgram *program = resolve("type Id = Int\n"
                                  "p(x: a, y: b) = 1\np(x: c, y: d) = 2\np(x: a, y: a) = 3\n"
                                  "q(x: Id) = 1\nq(x: Int) = 2\n");
    assert_int_equal(function(program, "p", 0)->clause_count, 2);
    assert_int_equal(function(program, "p", 1)->clause_count, 1);
    assert_int_equal(function(program, "q", 0)->clause_count, 2);
    release(program);
}

// ---- Locals -----------------------------------------------------------------------------

static void captures_go_through_every_body(void **state) {
    (void)state;
    NstProgram *program = resolve("main() = { var a = 1\n b = 2\n f = () => () => { a = b }\n f }\n");
    const NstBody *main_body = body_of(program, "main");
    NstLocal *a = local_of(main_body, "a"), *b = local_of(main_body, "b");
    const NstBody *outer = stmt_of(program, "main", 2)->value->lambda->body;
    assert_int_equal(outer->capture_count, 2);
    assert_true(a->captured && a->assigned_after_capture_possible);
    assert_true(b->captured && !b->assigned_after_capture_possible);
    assert_int_equal(main_body->capture_count, 0);
    release(program);
}

static void functions_of_a_block_see_each_other(void **state) {
    (void)state;
    NstProgram *program = resolve("main() = { even(n) = odd(n)\n odd(n) = even(n)\n x = later()\n later = () => 1\n x }\n");
    expect_errors(program, "3 unknown-name");
    assert_true(local_of(body_of(program, "main"), "odd")->captured_early);
    assert_true(local_of(body_of(program, "main"), "even")->captured);
    release(program);
}

static void element_assignment_in_a_closure_makes_a_copy(void **state) {
    (void)state;
    NstProgram *program = resolve("main() = { xs = [1]\n f = () => { xs[0] = 2\n xs }\n f }\n");
    NstExpr *lambda = stmt_of(program, "main", 1)->value;
    NstLocal *copy = local_of(lambda->lambda->body, "xs");
    assert_non_null(copy);
    assert_ptr_equal(copy->copy_of, local_of(body_of(program, "main"), "xs"));
    assert_ptr_equal(lambda->lambda->body_expr->block.stmts[0]->local, copy);
    release(program);
}

// ---- Patterns ---------------------------------------------------------------------------

static NstPattern *item(const NstPattern *pattern, size_t i) { return pattern->items[i]; }

static void names_in_patterns_bind_compare_or_assign(void **state) {
    (void)state;
    NstProgram *program = resolve("main() = { a = 1\n var b = 2\n (a, b, c, c) = (1, 2, 3, 3)\n"
                                  " f = () => { (a, b) = (1, 2)\n match 1 { b -> b } }\n f }\n");
    expect_errors(program, "");
    const NstPattern *tuple = stmt_of(program, "main", 2)->pattern;
    assert_int_equal(item(tuple, 0)->role, NST_ROLE_EQUALS);
    assert_int_equal(item(tuple, 1)->role, NST_ROLE_ASSIGN);
    assert_int_equal(item(tuple, 2)->role, NST_ROLE_BIND);
    assert_int_equal(item(tuple, 3)->role, NST_ROLE_EQUALS);
    NstStmt **inner = stmt_of(program, "main", 3)->value->lambda->body_expr->block.stmts;
    assert_int_equal(item(inner[0]->pattern, 0)->role, NST_ROLE_BIND);
    assert_int_equal(item(inner[0]->pattern, 1)->role, NST_ROLE_ASSIGN);
    assert_int_equal(inner[1]->value->match.arms[0].pattern->role, NST_ROLE_BIND);
    release(program);
}

static void alternatives_share_their_locals(void **state) {
    (void)state;
    NstProgram *program = resolve("f((1, x) | (x, 1)) = x\ng((1, y) | (_, 1)) = 2\n");
    expect_errors(program, "2 invalid-pattern");
    const NstPattern *either = function(program, "f", 0)->clauses[0]->params[0].pattern;
    assert_ptr_equal(item(item(either, 0), 1)->local, item(item(either, 1), 0)->local);
    assert_int_equal(body_of(program, "f")->local_count, 1);
    release(program);
}

// ---- Declarations -----------------------------------------------------------------------

static void an_alias_cycle_is_reported_once_at_its_first_declaration(void **state) {
    (void)state;
    NstProgram *program = resolve("type C = Int\ntype A = List[B]\ntype B = A\nf(x: B, y: A) = x\nf(x: A, y: B) = x\n");
    expect_errors(program, "2 bad-type-declaration");
    release(program);
}

static void library_items_are_reached_by_name(void **state) {
    (void)state;
    NstProgram *program = resolve("main() = { x: Option[Int] = Some(twice(1))\n x }\n");
    expect_errors(program, "");
    const NstExpr *some = stmt_of(program, "main", 0)->value;
    assert_int_equal(some->call.callee->target, NST_TARGET_CTOR);
    const NstExpr *call = some->call.args[0].value;
    assert_int_equal(call->call.callee->target, NST_TARGET_OVERLOADS);
    NstFunction *twice = call->call.callee->to.overloads.fns[0];
    assert_true(twice->library);
    assert_null(twice->clauses[0]->body); // resolved on demand
    nst_resolve_body(program, twice);
    assert_non_null(twice->clauses[0]->body);
    release(program);
}

static void mvars_are_ordered_by_use_and_ranked_by_name(void **state) {
    (void)state;
    static const char *const texts[] = {
        "use zeta.{z}\nmvar a: Int = z()\nmvar b: Int = 1\nmain() = a\n",
        "pub mvar y: Int = f()\npub z() = y\nf() = 2\n",
    };
    static const char *const paths[] = {"main", "zeta"};
    NstProgram *program = make_program(texts, paths, 2);
    expect_errors(program, "");
    size_t count;
    NstMvar *const *order = nst_program_mvar_order(program, &count);
    assert_int_equal(count, 3);
    assert_string_equal(nst_name_text(order[0]->name), "b"); // constant
    assert_string_equal(nst_name_text(order[1]->name), "y"); // main uses zeta
    assert_string_equal(nst_name_text(order[2]->name), "a");
    assert_int_equal(order[2]->lock_rank, 0); // main.a, main.b, zeta.y
    assert_int_equal(order[1]->lock_rank, 2);
    release(program);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(clauses_are_sorted_by_specificity),
        cmocka_unit_test(literals_join_the_overload_of_their_type),
        cmocka_unit_test(renamed_variables_and_aliases_are_equal_annotations),
        cmocka_unit_test(captures_go_through_every_body),
        cmocka_unit_test(functions_of_a_block_see_each_other),
        cmocka_unit_test(element_assignment_in_a_closure_makes_a_copy),
        cmocka_unit_test(names_in_patterns_bind_compare_or_assign),
        cmocka_unit_test(alternatives_share_their_locals),
        cmocka_unit_test(an_alias_cycle_is_reported_once_at_its_first_declaration),
        cmocka_unit_test(library_items_are_reached_by_name),
        cmocka_unit_test(mvars_are_ordered_by_use_and_ranked_by_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
