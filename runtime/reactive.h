// Reactive objects (reactive.md): mutable records and variant cells that report reads and writes.
//
// A reactive object is a DATA object whose layout is reactive. Behind its fields it has four more slots: its id, the
// lists of its onChange and onRead callbacks, and its parents, a list of weak references to its holders, each with the
// name of the holder's field: a link does not keep the holder alive. A reactive variant is a
// *cell*: one field, the current constructor value (a plain immutable value whose layout is not reactive), under the
// layout of its type's cells (link.h).
//
// What reads and writes leave behind - changed ids, the render stack, dependencies, pending components - belongs to the
// process: NstExec.reactive. Callbacks are Nostos functions; C only says whether there are any, library source
// (stdlib/reactive.nos) runs them.
#ifndef NST_REACTIVE_H
#define NST_REACTIVE_H

#include "runtime/process.h"

enum { NST_REACTIVE_ID, NST_REACTIVE_ON_CHANGE, NST_REACTIVE_ON_READ, NST_REACTIVE_PARENTS, NST_REACTIVE_EXTRA };

typedef enum NstReactiveState {
    NST_REACTIVE_CHANGED,     // list of ids, in order of first change; MISSING: empty
    NST_REACTIVE_CHANGED_SET, // the same as a set
    NST_REACTIVE_STACK,       // list of component names, innermost first
    NST_REACTIVE_DEPS,        // map from id to the list of components that read it
    NST_REACTIVE_PENDING,     // list of component names
    NST_REACTIVE_RENDER,      // stdlib.rhtml: the components met by the render under way
} NstReactiveState;

bool nst_is_reactive(NstValue v);
bool nst_is_reactive_cell(NstValue v);

// A new object with the layout's fields, linked to the reactive records among them.
NstValue nst_reactive_new(NstProcess *process, const NstLayout *layout, const NstValue *fields);

// A copy with the same field values, a new id and no callbacks (copy(r)).
NstValue nst_reactive_copy(NstProcess *process, const NstObject *object);

// Pairs (holder, field name) for the links from holders that are not collected, oldest first.
NstValue nst_reactive_parents(NstProcess *process, const NstObject *object);

// Reads field i and records the dependency. False: there are onRead callbacks to run.
bool nst_reactive_load(NstProcess *process, NstObject *object, uint32_t i, NstValue *out);

// Steps 1 to 4 of a write. False: there are onChange callbacks to run.
bool nst_reactive_store(NstProcess *process, NstObject *object, uint32_t i, NstValue v, NstValue *old);

#endif
