// Method names that tell the type of a receiver about which nothing else is known.
#ifndef NST_INFER_RECEIVER_H
#define NST_INFER_RECEIVER_H

#include "frontend/infer_internal.h"

// The type that the name fixes, null if it fixes none; `arguments` without the receiver.
NstType *nst_receiver_of(NstInfer *infer, NstName name, size_t arguments);

#endif
