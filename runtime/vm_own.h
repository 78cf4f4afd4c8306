// Nostos functions that the dispatch loop calls where C must not go on by itself: types with their own implementation of
// a trait, reactive records. They are found once per run.
#ifndef NST_VM_OWN_H
#define NST_VM_OWN_H

#include "runtime/link.h"
#include "runtime/process.h"

// Library functions: X(id, name).
#define NST_OWN_FUNCTIONS(X)              \
    X(EQUAL, "stdlib.ops.equalOwn")                  \
    X(COMPARE, "stdlib.ops.compareOwn")              \
    X(SHOW, "stdlib.ops.showOwn")                    \
    X(HASH, "stdlib.ops.hashOwn")                    \
    X(COPY, "stdlib.ops.copyOwn")                    \
    X(MAP_PUT, "stdlib.ops.mapPutOwn")               \
    X(MAP_GET, "stdlib.ops.mapGetOwn")               \
    X(MAP_FIND, "stdlib.ops.mapFindOwn")             \
    X(MAP_REMOVE, "stdlib.ops.mapRemoveOwn")         \
    X(SET_PUT, "stdlib.ops.setPutOwn")               \
    X(SET_HAS, "stdlib.ops.setHasOwn")               \
    X(SET_REMOVE, "stdlib.ops.setRemoveOwn")         \
    X(REACTIVE_READ, "stdlib.reactive.reactiveRead")      \
    X(REACTIVE_WRITTEN, "stdlib.reactive.reactiveWritten") \
    X(REACTIVE_CONTENT, "stdlib.reactive.reactiveContent")

typedef enum NstOwnFunction {
#define NST_OWN_ID(id, name) NST_OWN_FN_##id,
    NST_OWN_FUNCTIONS(NST_OWN_ID)
#undef NST_OWN_ID
    NST_OWN_FN_COUNT
} NstOwnFunction;

// Null if the library has no such function.
NstLink *nst_own_function(NstProcess *process, NstOwnFunction which);

// What shows, hashes, copies or compares (EQUAL; COMPARE for `op`) the value: the method of its type if that has its own
// implementation of the trait, otherwise the library function, which goes through the parts.
NstLink *nst_own_operation(NstProcess *process, NstOwnFunction which, NstOperator op, NstValue v);

// The method add, sub, mul or div of the value's type; null: process->exception is set.
NstLink *nst_own_operator(NstProcess *process, NstOperator op, NstValue left);

// What c[i] (or c[i] = v) calls for a collection with own keys or a user type; null: process->exception is set.
NstLink *nst_own_index(NstProcess *process, NstValue collection, bool set);

#endif
