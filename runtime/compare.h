// Structural equality, order and hash of values, iterative on deep data.
//
// Types with their own Eq/Ord/Hash implementation inside a value cannot be handled in C (C never calls back): the
// functions then answer NST_CMP_OWN and the library's slow path takes over (see stdlib source of `==`).
#ifndef NST_COMPARE_H
#define NST_COMPARE_H

#include "runtime/value.h"

typedef enum NstCmp {
    NST_CMP_FALSE = 0, // equal: not equal
    NST_CMP_TRUE = 1,
    NST_CMP_OWN = 2,   // meets a type with its own implementation
    NST_CMP_TYPE = 3,  // not comparable (function inside, or order of values without order): TypeError
} NstCmp;

// `honour_own`: stop at own implementations. Values of different types are unequal.
NstCmp nst_equal(NstValue a, NstValue b, bool honour_own);

// Order: *out < 0, 0, > 0. *unordered: a NaN was met; if *out is not 0 a later component has decided all the same.
// Result TRUE if decided, OWN or TYPE otherwise.
NstCmp nst_compare(NstValue a, NstValue b, bool honour_own, int *out, bool *unordered);

// hash(x): equal values, equal hashes. TRUE if *out is set, OWN, or TYPE (function inside).
NstCmp nst_hash(NstValue v, bool honour_own, uint64_t *out);

// Equality of map keys and set elements: as nst_equal with honour_own, but every NaN equals every NaN.
NstCmp nst_key_equal(NstValue a, NstValue b);

// hash of a map key or set element: OWN if it meets an own Hash or an own Eq.
NstCmp nst_key_hash(NstValue v, uint64_t *out);

// Constructors of one type in the order of traits.md 6: by declaration, but None < Some and Err < Ok.
int nst_constructor_order(const NstLayout *a, const NstLayout *b);
// Mixes the hash of a part into that of the whole; depends on the order.
uint64_t nst_hash_fold(uint64_t hash, uint64_t part);

#endif
