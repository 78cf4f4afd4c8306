// Operations decided by the values: the slow side of every typed instruction, and all of NST_TARGET_DYNAMIC.
//
// No function here calls Nostos code. Where a type's own implementation is needed they answer NST_DYN_OWN, and the VM
// pushes a frame for the library's or the type's function.
#ifndef NST_DYNAMIC_H
#define NST_DYNAMIC_H

#include "frontend/frontend.h"
#include "runtime/code.h"
#include "runtime/process.h"

typedef enum NstDyn {
    NST_DYN_OK,
    NST_DYN_RAISE, // process->exception is set
    NST_DYN_OWN,   // meets a type's own implementation
} NstDyn;

// OWN: an operand is of a user type: the method add, sub, mul or div of its type.
NstDyn nst_dyn_arith(NstProcess *process, NstOperator op, NstValue a, NstValue b, NstValue *out);
NstDyn nst_dyn_negate(NstProcess *process, NstValue a, NstValue *out);

// a == b; types without the trait are unequal to everything.
NstDyn nst_dyn_equal(NstProcess *process, NstValue a, NstValue b, bool *out);
// a op b for <, >, <=, >=.
NstDyn nst_dyn_order(NstProcess *process, NstOperator op, NstValue a, NstValue b, bool *out);
// Whether `op` holds for compareOwn's answer (-1, 0, 1; 2: unordered).
bool nst_dyn_order_holds(NstOperator op, int64_t answer);

// Field by name; OWN: the record is reactive, *position is the field's.
NstDyn nst_dyn_field(NstProcess *process, NstValue v, NstName name, NstValue *out, uint32_t *position);
// The same without raising and without the reactive case: false if there is no such field.
bool nst_dyn_field_find(NstValue v, NstName name, NstValue *out);
// Component n of a tuple or positional field of a constructor.
NstDyn nst_dyn_component(NstProcess *process, NstValue v, uint32_t n, NstValue *out);
// OWN: the record is reactive.
NstDyn nst_dyn_field_set(NstProcess *process, NstValue v, NstName name, NstValue value, uint32_t *position);

// c[i] and c[i] = v (*out: what the collection's name is bound to afterwards). OWN: a map or set whose keys have their
// own equality, or a user type.
NstDyn nst_dyn_index(NstProcess *process, NstValue c, NstValue i, NstValue *out);
NstDyn nst_dyn_index_set(NstProcess *process, NstValue c, NstValue i, NstValue v, NstValue *out);

NstDyn nst_dyn_concat(NstProcess *process, NstValue a, NstValue b, NstValue *out);
NstDyn nst_dyn_length(NstProcess *process, NstValue v, NstValue *out);
// The strings parts[0 .. count) one after the other.
NstDyn nst_dyn_join(NstProcess *process, const NstValue *parts, size_t count, NstValue *out);
// [low .. high], both inclusive.
NstDyn nst_dyn_range(NstProcess *process, NstValue low, NstValue high, NstValue *out);

// The type of a value, as far as the value tells.
const NstType *nst_dyn_type(NstProgram *program, NstValue v);

// The method by the receiver's type, or null.
NstLink *nst_dyn_find_method(NstProgram *program, NstMethodSite *site, NstValue receiver, uint32_t argc);

// The callee of receiver.name(…) by the receiver's type: a link, or null with *field set (a field that holds a
// function), or null and process->exception set.
NstLink *nst_dyn_method(NstProcess *process, NstProgram *program, NstMethodSite *site, NstValue receiver, uint32_t argc,
                        NstValue *field);

#endif
