// Status results of primitives: what a primitive returns instead of its result when there is none ("absent"), or when
// it met a type with its own Show, Eq, Ord, Hash or Copy, which only library source can call ("own").
//
// Library source tests it with value_status(x) before anything else; it never leaves the library function.
#ifndef NST_STATUS_H
#define NST_STATUS_H

#include "runtime/value.h"

#define NST_STATUS_ABSENT ((NstValue){ .w.u = 0, .tag = NST_TAG_MISSING })
#define NST_STATUS_OWN ((NstValue){ .w.u = 1, .tag = NST_TAG_MISSING })

#endif
