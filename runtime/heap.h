// A process's heap, frozen objects and parcels.
//
// The contract that keeps C simple: **objects move only at safepoints.** A collection runs only when the VM calls
// nst_heap_collect between two instructions; allocation never collects, it takes another nursery block and asks
// for a collection. So a primitive may allocate as often as it likes and hold raw pointers across allocations, but
// never across a return to the VM.
//
// Roots are: the registers of the process up to its stack top, its exception value, and the values that
// nst_heap_collect's caller passes by `visit_roots`.
//
// The heap is copying and generational: nursery blocks, an old generation. Every store into an object that may be
// old goes through nst_store (write barrier).
//
// Storage outside processes (design: two forms):
//  - frozen: immutable objects, shared, reference-counted. A process lists the frozen objects it references;
//    loading a child counts nothing; at a collection each directly reached one is counted once, then the previous
//    list is released. Freeing a big graph is iterative and in slices.
//  - parcel: a closed region with mutable parts, aliasing and cycles kept; copied in and out, freed whole.
#ifndef NST_HEAP_H
#define NST_HEAP_H

#include "value.h"

// Bump allocation in the current nursery block; the rest belongs to heap.c. Embedded in NstProcess.
typedef struct NstHeap {
    char *next, *end;          // free part of the current nursery block
    struct NstBlock *nursery;  // current block first
    struct NstBlock *old;
    bool want_collect;         // a collection should happen at the next safepoint
    bool out_of_memory;        // budget exceeded since the last safepoint
    size_t nursery_bytes, old_bytes, frozen_bytes, old_limit;
    NstObject **remembered;    // old objects that may point into the nursery
    uint32_t remembered_count, remembered_size;
    NstObject **frozen;        // frozen objects that this heap holds a count on
    uint32_t frozen_count, frozen_size;
    uint64_t collections;
} NstHeap;

// ---- Allocation (owner thread only) -----------------------------------------------------

// Uninitialised memory for an object of `bytes` (multiple of 8); the header must be written before the next
// safepoint. Never null: beyond the process's or VM's budget it sets heap->out_of_memory, which the VM turns into
// the exception ("OutOfMemory", …) at the next safepoint. Sizes that can never be had (> budget) should be
// checked first with nst_heap_can.
void *nst_heap_alloc(NstProcess *process, size_t bytes);
bool nst_heap_can(NstProcess *process, size_t bytes);

NstObject *nst_heap_slots(NstProcess *process, NstKind kind, size_t count); // header written, slots MISSING
NstString *nst_heap_string(NstProcess *process, size_t bytes);  // contents to be filled, then nst_string_finish
void nst_string_finish(NstString *s);                           // computes ASCII flag and length from valid UTF-8
NstValue nst_string(NstProcess *process, const char *text, size_t bytes);
NstValue nst_string_z(NstProcess *process, const char *text);

// Write barrier: `slot i of object o = v`, o may be old.
void nst_store(NstProcess *process, NstObject *o, size_t i, NstValue v);

// ---- Collection -------------------------------------------------------------------------

void nst_heap_init(NstHeap *heap);
void nst_heap_destroy(NstHeap *heap);     // iterative; releases frozen references
// Collects the nursery, or everything if the old generation has grown enough or `full`.
void nst_heap_collect(NstProcess *process, bool full);
size_t nst_heap_bytes(const NstHeap *heap); // own blocks plus share of frozen objects

// ---- Transfer between processes ---------------------------------------------------------

// A value on its way: an immediate, a counted reference to a frozen object, or a parcel.
typedef struct NstTransfer {
    NstValue value;    // immediates and frozen references
    void *parcel;      // or null
} NstTransfer;

// Copies a value out of the process. False if it contains a reactive record (nothing is transferred).
// Small immutable values become parcels (one allocation); large immutable ones may be frozen.
bool nst_transfer_out(NstProcess *from, NstValue value, NstTransfer *out);
// Brings the value into the process and releases the transfer.
NstValue nst_transfer_in(NstProcess *to, NstTransfer *transfer);
void nst_transfer_drop(NstTransfer *transfer);

// MVar contents: freezes immutable values so that storing back a changed persistent map costs its new path, and
// reading costs nothing; mutable values are kept as parcels and copied at each read.
bool nst_shared_store(NstProcess *from, NstValue value, NstTransfer *out);
NstValue nst_shared_read(NstProcess *to, const NstTransfer *shared); // keeps `shared`

// An immortal frozen string or other constant, made while lowering code (any thread, under the compile lock).
NstValue nst_immortal_string(const char *text, size_t bytes);

#endif
