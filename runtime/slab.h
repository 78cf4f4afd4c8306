// Memory for heap blocks, parcels and frozen objects: fixed size classes, cached per thread, without locks in the
// common case.
//
// Slabs of 256 KiB are taken from the system and cut into blocks of one class; a thread keeps a few free blocks of
// each class and exchanges them with the class's slabs in batches. A slab all of whose blocks are free is reused for
// another class; memory goes back to the system after a peak, when a worker has nothing to do or when a larger request
// comes, which is mapped directly.
//
// A block may be freed by another thread than the one that took it. The size must be known when freeing.
#ifndef NST_SLAB_H
#define NST_SLAB_H

#include <stdbool.h>
#include <stddef.h>

enum { NST_SLAB_LARGEST = 130 * 1000 }; // the largest request that comes from a slab

// 16-byte aligned, uninitialised. Never null: ends the program when the system has no memory left.
void *nst_slab_alloc(size_t bytes);
void nst_slab_free(void *memory, size_t bytes);
// The size that a request of `bytes` really gets; freeing may use any size of the same class.
size_t nst_slab_usable(size_t bytes);

// Bytes in use by blocks, parcels, frozen objects and large objects of the whole program (slabs count whole).
size_t nst_slab_total(void);
// Gives a few free slabs back to the system, as long as there are many in proportion to those in use, so that a load that
// swings does not map and unmap. False: there is nothing left to do.
bool nst_slab_trim(void);
// Gives the calling thread's free blocks back; call it before a thread ends.
void nst_slab_flush(void);

#endif
