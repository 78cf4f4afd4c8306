// Types at run time, for decoding JSON: a key is an NstType of the program as an Int (stdlib.ops typeKey).
#ifndef NST_TYPE_KEY_H
#define NST_TYPE_KEY_H

#include "frontend/frontend.h"
#include "runtime/prim.h"
#include "runtime/text_buffer.h"

// What the decoder distinguishes; the numbers are known to stdlib/json.nos.
typedef enum NstTypeCase {
    NST_CASE_OTHER, NST_CASE_INTEGER, NST_CASE_FLOAT, NST_CASE_BIGINT, NST_CASE_STRING, NST_CASE_BOOL, NST_CASE_CHAR,
    NST_CASE_LIST, NST_CASE_TUPLE, NST_CASE_OPTION, NST_CASE_MAP, NST_CASE_RESULT, NST_CASE_RECORD, NST_CASE_VARIANT,
    NST_CASE_JSON, NST_CASE_UNIT, NST_CASE_DECIMAL, NST_CASE_SET,
} NstTypeCase;

static inline const NstType *nst_type_of_key(NstValue key) { return (const NstType *)(uintptr_t)key.w.u; }
static inline NstValue nst_type_key(const NstType *type) { return nst_int((int64_t)(uintptr_t)type); }

// The type with the parameters of `owner` replaced by `args`; aliases in it are expanded already.
const NstType *nst_type_with(NstProgram *program, const NstType *type, NstType *const *args, size_t count);

// Reads a type as it is written ("Map[String, List[Int]]"); names are looked up as json.md 5 says. Null if unknown.
const NstType *nst_type_read(NstProgram *program, const NstModule *module, const char *text);

// A type as it is written in a declaration.
void nst_text_append_type(NstTextBuffer *out, const NstTypeExpr *type);

#endif
