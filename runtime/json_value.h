// Values of the type Json (stdlib.json) as C sees them.
#ifndef NST_JSON_VALUE_H
#define NST_JSON_VALUE_H

#include "runtime/prim.h"
#include "runtime/text_buffer.h"
#include "runtime/value.h"

typedef enum NstJsonKind {
    NST_JSON_NULL, NST_JSON_BOOL, NST_JSON_NUMBER, NST_JSON_INTEGER, NST_JSON_STRING, NST_JSON_ARRAY, NST_JSON_OBJECT,
    NST_JSON_KINDS // no Json value
} NstJsonKind;

typedef struct NstJsonType {
    NstTypeDecl *decl;
    const NstLayout *layouts[NST_JSON_KINDS];
} NstJsonType;

// Of the process's program; found at the first use.
const NstJsonType *nst_json_type(NstProcess *process);

NstJsonKind nst_json_kind(const NstJsonType *type, NstValue v);
NstValue nst_json_payload(NstValue v); // of a value that is not Null
NstValue nst_json_null(const NstJsonType *type);
NstValue nst_json_make(NstProcess *process, const NstJsonType *type, NstJsonKind kind, NstValue payload);
// A member of an object: the pair (name, value).
NstValue nst_json_member(NstProcess *process, NstValue name, NstValue value);

// One document; raises ("Panic", "JSON parse error: … at line L column C").
NstPrimStatus nst_json_parse(NstProcess *process, const char *text, size_t size, NstValue *out);
// Compact text; raises TypeError for a value that is not Json.
NstPrimStatus nst_json_write(NstProcess *process, NstTextBuffer *out, NstValue json);
// The characters as they stand between JSON quotes.
void nst_json_escape(NstTextBuffer *out, const char *text, size_t size);
// json.md 4
NstValue nst_json_reflect(NstProcess *process, NstValue v);

#endif
