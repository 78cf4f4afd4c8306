// The dispatch loop, calls, unwinding and dynamic arithmetic, on code assembled by hand.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/dynamic.h"
#include "runtime/link.h"
#include "runtime/process.h"
#include "runtime/vm_state.h"

#define OP(name) .op = NST_OP_CODE_##name

static NstVm vm;

// One function, which may call itself as link 0.
typedef struct Assembled {
    NstCode code;
    NstLink link;
    NstLink *links[1];
    NstProcess process;
} Assembled;

static void assemble(Assembled *a, NstInsn *insns, uint16_t params, uint16_t registers) {
    memset(a, 0, sizeof *a);
    a->links[0] = &a->link;
    a->code = (NstCode){ .insns = insns, .links = a->links, .param_count = params, .register_count = registers,
                         .link = &a->link };
    a->link.code = &a->code;
    a->link.param_count = params;
    a->link.name = "assembled";
    a->process.vm = &vm;
    a->process.pid = 7; // not the main process: no profile
    nst_code_note_width(registers);
    nst_heap_init(&a->process.heap);
    nst_exec_start(&a->process, (NstValue){ .w.link = &a->link, .tag = NST_TAG_FUNCTION });
}

static void argument(Assembled *a, int64_t value) {
    a->process.exec.stack[1] = nst_int(value);
    a->process.exec.start_args = 1;
}

static NstStop run(Assembled *a, int64_t slice) {
    NstStop stop;
    while ((stop = nst_exec_run(&a->process, slice)) == NST_STOP_YIELD) {}
    return stop;
}

static void finish(Assembled *a) {
    nst_exec_destroy(&a->process);
    nst_heap_destroy(&a->process.heap);
}

static bool raised_kind(const Assembled *a, const char *kind) {
    NstValue pair = a->process.exception;
    assert_true(nst_is_kind(pair, NST_KIND_TUPLE));
    return strcmp(((const NstString *)(void *)nst_slot(pair.w.o, 0).w.o)->bytes, kind) == 0;
}

static void calls_and_slices(void **state) {
    (void)state;
    NstInsn fib[] = {
        { OP(J_GE_I), .a = 0, .b = 2, .c = 2 },
        { OP(RETURN), .a = 0 },
        { OP(SUB_INT_I), .a = 1, .b = 0, .c = 1 },
        { OP(CALL), .a = 1, .d = 0 },
        { OP(SUB_INT_I), .a = 2, .b = 0, .c = 2 },
        { OP(CALL), .a = 2, .d = 0 },
        { OP(ADD_INT), .a = 1, .b = 1, .c = 2 },
        { OP(RETURN), .a = 1 },
    };
    for (int64_t slice = 1; slice < 5000; slice *= 17) {
        Assembled a;
        assemble(&a, fib, 1, 3);
        argument(&a, 15);
        assert_int_equal(run(&a, slice), NST_STOP_DONE);
        assert_int_equal(a.process.result.w.i, 610);
        finish(&a);
    }
}

static void tail_calls_need_no_stack(void **state) {
    (void)state;
    NstInsn loop[] = {
        { OP(J_NE_I), .a = 0, .b = 0, .c = 2 },
        { OP(RETURN), .a = 0 },
        { OP(SUB_INT_I), .a = 1, .b = 0, .c = 1 },
        { OP(TAIL_CALL), .a = 1, .d = 0 },
    };
    Assembled a;
    assemble(&a, loop, 1, 2);
    argument(&a, 1000000);
    assert_int_equal(run(&a, 4000), NST_STOP_DONE);
    assert_true(a.process.exec.stack_size <= 64);
    assert_int_equal(a.process.exec.frame_count, 0);
    finish(&a);
}

static void endless_recursion_ends(void **state) {
    (void)state;
    NstInsn recursion[] = {
        { OP(MOVE), .a = 1, .b = 0 },
        { OP(CALL), .a = 1, .d = 0 },
        { OP(ADD_INT), .a = 0, .b = 0, .c = 1 },
        { OP(RETURN), .a = 0 },
    };
    Assembled a;
    assemble(&a, recursion, 1, 2);
    argument(&a, 1);
    vm.max_stack = 1 << 20;
    assert_int_equal(run(&a, 4000), NST_STOP_RAISED);
    assert_true(raised_kind(&a, "StackOverflow"));
    assert_true(a.process.exec.trace->depth > 10000);
    assert_int_equal(a.process.exec.trace->count, NST_TRACE_INNER + NST_TRACE_OUTER);
    vm.max_stack = 0;
    finish(&a);
}

// try { R0 / 0 } catch { R1 = exception } finally { R3 = 5 }
static void handlers(void **state) {
    (void)state;
    NstInsn body[] = {
        { OP(LOAD_INT), .a = 2, .d = 0 },
        { OP(DIV_INT), .a = 0, .b = 0, .c = 2 }, // protected by both
        { OP(RETURN), .a = 0 },
        { OP(TUPLE_GET), .a = 1, .b = 4, .c = 0 }, // catch, protected by finally
        { OP(THROW), .a = 1 },
        { OP(LOAD_INT), .a = 3, .d = 5 }, // finally
        { OP(RETHROW), .a = 6 },
    };
    NstCodeHandler table[] = {
        { .start = 1, .end = 2, .target = 3, .reg = 4, .kind = NST_HANDLER_CATCH },
        { .start = 1, .end = 5, .target = 5, .reg = 6, .kind = NST_HANDLER_FINALLY },
    };
    Assembled a;
    assemble(&a, body, 1, 8);
    a.code.handlers = table;
    a.code.handler_count = 2;
    argument(&a, 1);
    assert_int_equal(run(&a, 4000), NST_STOP_RAISED);
    assert_int_equal(a.process.exec.stack[3].w.i, 5);
    assert_true(nst_is_kind(a.process.exception, NST_KIND_STRING)); // what the arm threw
    finish(&a);
}

// Process.exit passes catch arms and runs finally parts.
static void exit_passes_catch(void **state) {
    (void)state;
    NstInsn body[] = {
        { OP(THROW), .a = 0 },
        { OP(LOAD_INT), .a = 1, .d = 1 }, // catch
        { OP(RETURN), .a = 1 },
        { OP(LOAD_INT), .a = 1, .d = 2 }, // finally
        { OP(RETHROW), .a = 2 },
    };
    NstCodeHandler table[] = {
        { .start = 0, .end = 1, .target = 1, .reg = 2, .kind = NST_HANDLER_CATCH },
        { .start = 0, .end = 1, .target = 3, .reg = 2, .kind = NST_HANDLER_FINALLY },
    };
    Assembled a;
    assemble(&a, body, 1, 4);
    a.code.handlers = table;
    a.code.handler_count = 2;
    argument(&a, 1);
    a.process.exiting = true; // as the primitive leaves it
    a.process.result = nst_int(99);
    assert_int_equal(run(&a, 4000), NST_STOP_EXITED);
    assert_int_equal(a.process.exec.stack[1].w.i, 2);
    assert_int_equal(a.process.result.w.i, 99);
    finish(&a);
}

static void integers(void **state) {
    (void)state;
    Assembled a;
    NstInsn nothing[] = { { OP(RETURN), .a = 0 } };
    assemble(&a, nothing, 0, 1);
    static const struct {
        NstOperator op;
        uint64_t tag;
        int64_t x, y, result;
    } cases[] = {
        { NST_OP_ADD, NST_TAG_INT, INT64_MAX, 1, INT64_MIN },
        { NST_OP_DIV, NST_TAG_INT, INT64_MIN, -1, INT64_MIN },
        { NST_OP_MOD, NST_TAG_INT, INT64_MIN, -1, 0 },
        { NST_OP_DIV, NST_TAG_INT, -7, 2, -3 },
        { NST_OP_MOD, NST_TAG_INT, -7, 2, -1 },
        { NST_OP_POW, NST_TAG_INT, 3, 5, 243 },
        { NST_OP_POW, NST_TAG_INT, 2, 64, 0 },
        { NST_OP_ADD, NST_TAG_INT8, 100, 100, -56 },
        { NST_OP_MUL, NST_TAG_INT16, 300, 300, 24464 },
        { NST_OP_SUB, NST_TAG_UINT8, 0, 1, 255 },
        { NST_OP_DIV, NST_TAG_UINT64, -1, 2, INT64_MAX },
        { NST_OP_SUB, NST_TAG_UINT32, 0, 1, UINT32_MAX },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        NstValue x = { .w.i = cases[i].x, .tag = cases[i].tag }, y = { .w.i = cases[i].y, .tag = cases[i].tag }, out;
        assert_int_equal(nst_dyn_arith(&a.process, cases[i].op, x, y, &out), NST_DYN_OK);
        assert_int_equal(out.w.i, cases[i].result);
        assert_int_equal(out.tag, cases[i].tag);
    }
    NstValue out;
    assert_int_equal(nst_dyn_arith(&a.process, NST_OP_DIV, nst_int(1), nst_int(0), &out), NST_DYN_RAISE);
    assert_true(raised_kind(&a, "DivisionByZero"));
    assert_int_equal(nst_dyn_arith(&a.process, NST_OP_POW, nst_int(2), nst_int(-1), &out), NST_DYN_RAISE);
    assert_true(raised_kind(&a, "Panic"));
    assert_int_equal(nst_dyn_arith(&a.process, NST_OP_ADD, nst_int(1), nst_float(0.5), &out), NST_DYN_OK);
    assert_true(out.tag == NST_TAG_FLOAT && out.w.f == 1.5);
    assert_int_equal(nst_dyn_arith(&a.process, NST_OP_ADD, nst_int(1), nst_bool(true), &out), NST_DYN_RAISE);
    assert_true(raised_kind(&a, "TypeError"));
    finish(&a);
}

// Every opcode has a name and no two are equal: the table is one list.
static void opcode_names(void **state) {
    (void)state;
    for (int i = 0; i < NST_OPCODE_COUNT; i++) {
        for (int k = 0; k < i; k++) {
            assert_string_not_equal(nst_opcode_name((uint8_t)i), nst_opcode_name((uint8_t)k));
        }
    }
    assert_true(NST_OPCODE_COUNT <= 256);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(calls_and_slices),  cmocka_unit_test(tail_calls_need_no_stack),
        cmocka_unit_test(endless_recursion_ends), cmocka_unit_test(handlers),
        cmocka_unit_test(exit_passes_catch), cmocka_unit_test(integers),
        cmocka_unit_test(opcode_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
