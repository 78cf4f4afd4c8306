// Results of look-ups that are asked again and again and cannot change: by kind, name and one more key.
#ifndef NST_RESOLVE_MEMO_H
#define NST_RESOLVE_MEMO_H

#include "frontend/resolve_internal.h"

typedef enum NstMemoKind {
    NST_MEMO_PRELUDE,          // the prelude's entry of a name
    NST_MEMO_LIBRARY_METHODS,  // key: owner
    NST_MEMO_TRAIT_METHODS,
    NST_MEMO_IMPLS,            // key: trait
    NST_MEMO_BEARS,            // nst_user_bears_name
} NstMemoKind;

typedef struct NstMemo {
    NstMemoKind kind;
    NstName name;
    const void *key;
    bool known;
    const void *items;
    size_t count;
    NstModule *module;
} NstMemo;

// The cell of a look-up; `known` is false the first time. Valid until the next call.
NstMemo *nst_memo(NstProgram *program, NstMemoKind kind, NstName name, const void *key);

#endif
