// A table of handles: numbers that the program holds for things of the outside world. They count from 1 and are never
// used again.
//
// An object is shared by the table and by the operations under way on it; whoever lets go last destroys it. `lock` of
// the object makes operations on one handle atomic with respect to each other.
#ifndef NST_HANDLES_H
#define NST_HANDLES_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct NstHandle {
    pthread_mutex_t lock;
    uint32_t holders; // under the table's lock
    void *thing;
    void (*destroy)(void *thing);
} NstHandle;

typedef struct NstHandles NstHandles;

NstHandles *nst_handles_new(void);
void nst_handles_free(NstHandles *handles); // destroys what is left

int64_t nst_handles_add(NstHandles *handles, void *thing, void (*destroy)(void *thing));
// The object, held until released; null if there is none.
NstHandle *nst_handles_hold(NstHandles *handles, int64_t number);
void nst_handles_release(NstHandles *handles, NstHandle *handle);
// The lowest number whose thing is wanted; 0 if there is none.
int64_t nst_handles_find(NstHandles *handles, bool (*wanted)(void *thing, void *context), void *context);
// Takes the number out of the table; false if it is not in it.
bool nst_handles_remove(NstHandles *handles, int64_t number);

#endif
