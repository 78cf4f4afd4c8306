// libFuzzer target: any bytes as a program's text, checked and its diagnostics rendered in both forms.
//
//     cmake --preset fuzz && cmake --build --preset fuzz && build/fuzz/tests/fuzz_check CORPUS

#include <stdint.h>
#include <stdlib.h>

#include "frontend/frontend.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static FILE *sink;
    if (!sink && !(sink = fopen("/dev/null", "w"))) abort();
    NstOptions options = { .lib = true };
    NstProgram *program = nst_program_from_text("fuzz.nos", (const char *)data, size, &options);
    nst_diags_print_text(program, sink, false);
    nst_diags_print_json(program, sink);
    nst_program_free(program);
    return 0;
}
