// A process's heap, frozen objects and parcels.
//
// The contract that keeps C simple: **objects move only at safepoints.** A collection runs only when the VM calls
// nst_heap_collect between two instructions; allocation never collects, it takes another nursery block and asks
// for a collection. So a primitive may allocate as often as it likes and hold raw pointers across allocations, but
// never across a return to the VM.
//
// Roots are: the registers of the process up to its stack top, its exception value and result (nst_exec_roots), and
// the messages its mailbox has imported (nst_mailbox_roots).
//
// The heap is copying and generational: nursery blocks, an old generation. Every store into an object that may be
// old goes through nst_store (write barrier).
//
// At a safepoint the VM does:
//     if (heap.want_collect) nst_heap_collect(process, false);
//     if (heap.out_of_memory) { heap.out_of_memory = false; raise ("OutOfMemory", …) }
// A collection finds out anew whether the process is beyond its budget, so it comes first. What a primitive was refused
// (nst_heap_can) may be there after a full collection: the VM makes one and executes the instruction again, once.
//
// Storage outside processes (design: two forms):
//  - frozen: immutable objects, shared, reference-counted. A process lists the frozen objects it references;
//    loading a child counts nothing; at a collection each directly reached one is counted once, then the previous
//    list is released. Freeing a big graph is iterative and in slices.
//  - parcel: a closed region with mutable parts, aliasing and cycles kept; copied in and out, freed whole.
//
// Invariants
//  1. Frozen objects reference only frozen (or immortal) objects; their graph has no cycles.
//  2. A process references frozen objects only through its own objects and roots, and each of them is in its list
//     or below one that is.
#ifndef NST_HEAP_H
#define NST_HEAP_H

#include "runtime/value.h"

struct NstBlock;
struct NstLarge;

// Bump allocation in the current nursery block; the rest belongs to heap.c. Embedded in NstProcess.
typedef struct NstHeap {
    char *next, *end;             // free part of the current nursery block
    struct NstBlock *nursery;     // current block first
    struct NstBlock *old, *old_last; // in the order in which they were filled
    struct NstLarge *young_large, *old_large; // objects with a block of their own
    bool want_collect;            // a collection should happen at the next safepoint
    bool out_of_memory;           // budget exceeded
    bool refused;                 // nst_heap_can has said no since the VM last looked
    bool want_full;               // the next collection is a full one
    bool epoch;                   // colour of the old objects; changes at each full collection
    uint16_t stamp;               // the last one given to a map that is changed in place (hash.h)
    uint32_t collections;
    uint32_t refused_at;          // collections when a refused instruction was last executed again
    size_t nursery_bytes, nursery_limit;
    size_t old_bytes, old_limit;
    size_t large_bytes;           // of old_bytes: objects with a block of their own, which are never copied
    size_t since_full;            // nursery bytes filled since the last full collection
    size_t frozen_bytes;          // what the listed frozen objects keep alive, estimated
    size_t frozen_limit;
    NstObject **remembered;       // old objects that may point into the nursery; null if there are none
    NstObject **frozen;           // hash table of the frozen objects that this heap holds a count on
    uint32_t remembered_count, frozen_count, frozen_size;
    uint32_t roots;               // visited by the last collection
} NstHeap;

// ---- Allocation (owner thread only) -----------------------------------------------------

// Uninitialised memory for an object of `bytes` (rounded up to 8, at least 16); the header must be written before the
// next safepoint. Never null: beyond the process's or VM's budget it sets heap->out_of_memory, which the VM turns into
// the exception ("OutOfMemory", …) at the next safepoint. Sizes that may be out of all proportion are checked first
// with nst_heap_can. The VM and hot primitives use nst_alloc of heap_inline.h.
void *nst_heap_alloc(NstProcess *process, size_t bytes);
bool nst_heap_can(NstProcess *process, size_t bytes);

NstObject *nst_heap_slots(NstProcess *process, NstKind kind, size_t count); // header written, slots MISSING
NstString *nst_heap_string(NstProcess *process, size_t bytes);  // contents to be filled, then nst_string_finish
void nst_string_finish(NstString *s);                           // computes ASCII flag and length from valid UTF-8
NstValue nst_string(NstProcess *process, const char *text, size_t bytes);
NstValue nst_string_z(NstProcess *process, const char *text);

// Write barrier: `slot i of object o = v`, o may be old.
void nst_store(NstProcess *process, NstObject *o, size_t i, NstValue v);
// The barrier alone: call it after storing a reference to `target` in a field of `o` by other means.
void nst_heap_remember(NstProcess *process, NstObject *o, const NstObject *target);

// ---- Byte stores of kind BUFFER -----------------------------------------------------------

NstValue nst_buffer_new(NstProcess *process);
void nst_buffer_append(NstProcess *process, NstObject *buffer, const char *bytes, size_t size);
const char *nst_buffer_bytes(const NstObject *buffer, size_t *size); // valid until the next append or safepoint

// ---- Collection -------------------------------------------------------------------------

void nst_heap_init(NstHeap *heap);
void nst_heap_destroy(NstHeap *heap);     // iterative; releases frozen references
// Collects the nursery, or everything if the old generation has grown enough or `full`.
void nst_heap_collect(NstProcess *process, bool full);
// The process is going to wait, perhaps for long: collects what is worth it, so that thousands of waiting processes do
// not keep their garbage. Costs nothing if little was allocated since the last collection.
void nst_heap_rest(NstProcess *process);
size_t nst_heap_bytes(const NstHeap *heap); // own blocks plus share of frozen objects
// The two budgets, the whole program's and each process's; 0: none. A process's share includes the room for copying its
// old generation, so that no collection goes beyond them.
void nst_heap_set_budget(size_t program_bytes, size_t process_bytes);
// Whether a mailbox of so many bytes is beyond the budget of its process, or most of what a program at its limit holds.
bool nst_heap_mailbox_over(size_t bytes);
// Collect at every safepoint; also set by the stress switch "gc" (stress.h).
void nst_heap_stress(bool on);

// ---- Transfer between processes ---------------------------------------------------------

// A value on its way: an immediate, a counted reference to a frozen object, or a parcel.
typedef struct NstTransfer {
    NstValue value;    // immediates and frozen references
    void *parcel;      // or null
} NstTransfer;

// Copies a value out of the process. False if it contains a reactive record (nothing is transferred).
// Small immutable values become parcels (one allocation); large immutable ones are frozen.
bool nst_transfer_out(NstProcess *from, NstValue value, NstTransfer *out);
// Brings the value into the process and releases the transfer.
NstValue nst_transfer_in(NstProcess *to, NstTransfer *transfer);
void nst_transfer_drop(NstTransfer *transfer);
size_t nst_transfer_bytes(const NstTransfer *transfer); // for mailbox accounting: what it keeps alive, estimated

// MVar contents: freezes immutable values so that storing back a changed persistent map costs its new path, and
// reading costs nothing; mutable values are kept as parcels and copied at each read. `shared` must not be dropped by
// another thread during the read.
bool nst_shared_store(NstProcess *from, NstValue value, NstTransfer *out);
NstValue nst_shared_read(NstProcess *to, const NstTransfer *shared); // keeps `shared`

// Dead frozen objects are freed in slices; a thread that has nothing else to do calls this until it answers false.
bool nst_frozen_drain(void);

// An immortal frozen string or other constant, made while lowering code (any thread, under the compile lock).
NstValue nst_immortal_string(const char *text, size_t bytes);

#endif
