// A run that is only about one function's value.
#ifndef NST_EVALUATE_H
#define NST_EVALUATE_H

#include "runtime/runtime.h"
#include "runtime/value.h"

// Calls a function without parameters in a fresh instance of the program and hands its value to `take`, which must
// not keep it. Output is dropped. Null if that was done; otherwise why there is no value, malloc'ed.
char *nst_runtime_evaluate(NstProgram *program, NstFunction *function, const NstRunOptions *options, int64_t timeout_ms,
                           void (*take)(void *context, NstValue value), void *context);

#endif
