// The textual forms of values: printing.md.
//
// The display form and the nested form differ only for strings and characters themselves; the form of main's result is
// the nested one with suffixes on sized numbers. Iterative: data may be of any depth.
//
// Values of a type with its own Show are where C must stop: library source (stdlib.ops) asks for those parts in the
// order in which they are met (NST_OWN_COLLECT), calls their `show`, and has the text assembled (NST_OWN_REPLACE).
#ifndef NST_SHOW_H
#define NST_SHOW_H

#include "runtime/prim.h"
#include "runtime/text_buffer.h"
#include "runtime/value.h"

typedef enum NstShowForm { NST_SHOW_DISPLAY, NST_SHOW_NESTED, NST_SHOW_RESULT } NstShowForm;

typedef enum NstOwnMode {
    NST_OWN_IGNORE,  // show by structure
    NST_OWN_STOP,    // give up at the first own Show
    NST_OWN_COLLECT, // own parts go to `parts`
    NST_OWN_REPLACE, // own parts are replaced by the strings of `texts`, in order
} NstOwnMode;

typedef struct NstShow {
    NstShowForm form;
    NstOwnMode own;
    NstProcess *process;   // COLLECT
    NstObject *parts;      // COLLECT: a list builder
    const NstObject *texts; // REPLACE: a list of strings
    size_t next_text;
} NstShow;

// Appends the text of `v`. False if it stopped at an own Show.
bool nst_show_append(NstTextBuffer *buffer, NstValue v, NstShow *show);

// The text as a string value; false if honour_own and the value meets an own Show.
bool nst_show_text(NstProcess *process, NstValue v, NstShowForm form, bool honour_own, NstValue *out);

// Makes a string of the buffer and frees it; raises OutOfMemory if it failed or is too long.
NstPrimStatus nst_text_finish(NstProcess *process, NstTextBuffer *buffer, NstValue *out);

#endif
