// The latest failed assert_eq of a run that is a test: its two texts, for the difference that `nostos test` shows.
#ifndef NST_ASSERTION_H
#define NST_ASSERTION_H

#include "runtime/vm_state.h"

// The difference (malloc'ed) if the process ended by a failed assert_eq whose texts are long enough for one, else null.
char *nst_assertion_difference(const NstProcess *main);
void nst_assertion_free(NstVm *vm);

#endif
