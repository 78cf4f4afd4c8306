// Primitives: the C functions that library source declares as
//     extern listLength(xs: List[a]) -> Int from "list_length"
// and that are defined as
//     NST_PRIMITIVE(list_length) { args[0] = nst_int(...); return NST_PRIM_OK; }
//
// The table of primitives is generated at build time from the library's extern declarations (one source of truth);
// an extern without a definition is a link error.
//
// Contract
//  1. args[0 .. n-1] are the arguments (registers of the process); the result goes to args[0].
//  2. A primitive is a leaf: it never calls back into Nostos code. What takes a function is library source.
//  3. Objects do not move while it runs (heap.h). It is iterative on deep data.
//  4. Work that is not bounded by a small constant charges reductions: nst_prim_charge(process, n).
//  5. Static types are guaranteed except at the loose places of types.md 12, so an argument that is used as an object
//     of some kind must be checked with NST_EXPECT_KIND / NST_EXPECT_TAG: a wrong one raises TypeError.
#ifndef NST_PRIM_H
#define NST_PRIM_H

#include "runtime/value.h"

typedef enum NstPrimStatus {
    NST_PRIM_OK,
    NST_PRIM_RAISE,  // process->exception is set (nst_raise_*)
    NST_PRIM_BLOCK,  // the process has been parked; when it is woken the result is in args[0] already, or the
                     // primitive is executed again if process->retry is set
    NST_PRIM_YIELD,  // executed again after other processes had a turn
} NstPrimStatus;

typedef NstPrimStatus (*NstPrimFn)(NstProcess *process, NstValue *args);

#define NST_PRIMITIVE(name)                                                 \
    NstPrimStatus nst_p_##name(NstProcess *process, NstValue *args);        \
    NstPrimStatus nst_p_##name(NstProcess *process __attribute__((unused)), \
                               NstValue *args __attribute__((unused)))

typedef struct NstPrimEntry {
    const char *name;
    NstPrimFn fn;
    uint32_t param_count;
} NstPrimEntry;

// The generated table, sorted by name, ended by a null name.
extern const NstPrimEntry nst_prim_table[];
NstPrimFn nst_prim_find(const char *name, size_t size);

void nst_prim_charge(NstProcess *process, uint64_t reductions);

// Set process->exception and return NST_PRIM_RAISE.
NstPrimStatus nst_raise(NstProcess *process, NstValue exception);
NstPrimStatus nst_raise_pair(NstProcess *process, const char *kind, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
NstPrimStatus nst_raise_string(NstProcess *process, const char *format, ...) __attribute__((format(printf, 2, 3)));
NstPrimStatus nst_raise_panic(NstProcess *process, const char *format, ...) __attribute__((format(printf, 2, 3)));
// ("TypeError", "expected EXPECTED, got <type of v>")
NstPrimStatus nst_raise_type(NstProcess *process, const char *expected, NstValue v);

#define NST_EXPECT_KIND(v, k, what)                                          \
    do {                                                                     \
        if (!nst_is_kind((v), (k))) return nst_raise_type(process, what, v); \
    } while (0)
#define NST_EXPECT_TAG(v, t, what)                                           \
    do {                                                                     \
        if ((v).tag != (t)) return nst_raise_type(process, what, v);         \
    } while (0)

#endif
