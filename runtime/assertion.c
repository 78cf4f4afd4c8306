#include "runtime/assertion.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/difference.h"
#include "runtime/prim.h"

struct NstFailedAssertion {
    size_t left_size, right_size;
    char text[]; // left, right
};

static void note(NstVm *vm, const NstString *left, const NstString *right) {
    size_t size = (size_t)left->head.count + right->head.count;
    NstFailedAssertion *failed = malloc(sizeof *failed + size);
    if (!failed) return;
    *failed = (NstFailedAssertion){ .left_size = left->head.count, .right_size = right->head.count };
    memcpy(failed->text, left->bytes, left->head.count);
    memcpy(failed->text + left->head.count, right->bytes, right->head.count);
    // acq_rel: whoever takes it out frees what another thread may have written
    free(atomic_exchange_explicit(&vm->failed_assertion, failed, memory_order_acq_rel));
}

// (expected: String, actual: String), the texts of two values that are not equal
NST_PRIMITIVE(assertion_failed) {
    NST_EXPECT_KIND(args[0], NST_KIND_STRING, "String");
    NST_EXPECT_KIND(args[1], NST_KIND_STRING, "String");
    const NstString *left = (const NstString *)(const void *)args[0].w.o;
    const NstString *right = (const NstString *)(const void *)args[1].w.o;
    if (process->vm->options.capture) note(process->vm, left, right);
    return nst_raise_panic(process, "Assertion failed: %.*s != %.*s", (int)left->head.count, left->bytes,
                           (int)right->head.count, right->bytes);
}

// The message of ("Panic", message), or null.
static const NstString *panic_message(NstValue exception) {
    if (!nst_is_kind(exception, NST_KIND_TUPLE) || exception.w.o->count != 2) return NULL;
    NstValue message = nst_slot(exception.w.o, 1);
    return nst_is_kind(message, NST_KIND_STRING) ? (const NstString *)(const void *)message.w.o : NULL;
}

char *nst_assertion_difference(const NstProcess *main) {
    static const char before[] = "Assertion failed: ", between[] = " != ";
    // acquire: as in note
    const NstFailedAssertion *failed = atomic_load_explicit(&main->vm->failed_assertion, memory_order_acquire);
    const NstString *message = panic_message(main->exception);
    if (!failed || !message) return NULL;
    const char *left = failed->text, *right = failed->text + failed->left_size;
    size_t at = sizeof before - 1, middle = at + failed->left_size, behind = middle + sizeof between - 1;
    bool same = message->head.count == behind + failed->right_size &&
                memcmp(message->bytes + at, left, failed->left_size) == 0 &&
                memcmp(message->bytes + behind, right, failed->right_size) == 0;
    if (!same) return NULL; // another assertion was caught before
    NstTextBuffer text = NST_TEXT_BUFFER_INIT;
    nst_text_append_difference(&text, left, failed->left_size, right, failed->right_size);
    if (text.size == 0) return NULL;
    nst_text_append_byte(&text, '\0');
    if (!text.failed) return text.data;
    nst_text_free(&text);
    return NULL;
}

void nst_assertion_free(NstVm *vm) {
    free(atomic_exchange_explicit(&vm->failed_assertion, NULL, memory_order_acq_rel)); // as in note
}
