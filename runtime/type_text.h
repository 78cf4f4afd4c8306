// Names of run-time types.
#ifndef NST_TYPE_TEXT_H
#define NST_TYPE_TEXT_H

#include "runtime/value.h"

// The type's name for TypeError texts: "Int", "List", the declared name of records and variants.
const char *nst_value_type_text(NstValue v);

// typeOf(x) of stdlib-core.md 3.2: "Record" and "Variant" for user types, "Int64List" for lists of Int.
const char *nst_value_category(NstValue v);

#endif
