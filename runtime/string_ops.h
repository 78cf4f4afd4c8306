// Operations on string values that the VM and several primitives share.
#ifndef NST_STRING_OPS_H
#define NST_STRING_OPS_H

#include "runtime/prim.h"
#include "runtime/value.h"

static inline const NstString *nst_as_string(NstValue v) { return (const NstString *)(const void *)v.w.o; }

// a ++ b; both are strings. Raises OutOfMemory when the result is too long.
NstPrimStatus nst_string_concat(NstProcess *process, NstValue a, NstValue b, NstValue *out);
// The texts of `count` strings one behind the other (interpolation).
NstPrimStatus nst_string_join(NstProcess *process, const NstValue *parts, size_t count, NstValue *out);
// s[i]: a one-character string, or the Panic of errors.md 5.
NstPrimStatus nst_string_at(NstProcess *process, NstValue s, int64_t index, NstValue *out);
// The part between two byte offsets.
NstValue nst_string_part(NstProcess *process, NstValue s, size_t from, size_t to);
// Byte offset of character `n`, clamped to 0 .. length.
size_t nst_string_offset(NstValue s, int64_t n);
// Number of the character that begins at a byte offset.
size_t nst_string_index(NstValue s, size_t offset);
// Room for a string of `bytes`; null and an exception if there is none.
NstString *nst_string_make(NstProcess *process, size_t bytes);

#endif
