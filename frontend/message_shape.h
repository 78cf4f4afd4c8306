// Message shapes: what is known, without running the program, about a value that is sent.
//
// A shape says "a tuple of three whose first component is "order"", "built by Paid", "some String", or nothing. The
// question that it answers is whether a receive pattern could match the value (concurrency.md 5.2). Whatever is not
// certain is NST_SHAPE_ANY, so that "no" is a proof and "yes" only says that it is possible.
//
// A shape is a pure function of a typed expression; it lives in the arena it was made in and is never changed.
#ifndef NST_MESSAGE_SHAPE_H
#define NST_MESSAGE_SHAPE_H

#include "frontend/arena.h"
#include "frontend/frontend.h"

typedef enum NstShapeKind {
    NST_SHAPE_ANY,
    NST_SHAPE_LITERAL,  // exactly this value
    NST_SHAPE_TUPLE,    // items
    NST_SHAPE_LIST,     // at least `items`, exactly these if not `open`
    NST_SHAPE_BUILT,    // by `ctor`; items: one for each field, in the order of the declaration
    NST_SHAPE_OF_TYPE,  // some value of the named type
    NST_SHAPE_FUNCTION,
} NstShapeKind;

typedef struct NstShape {
    NstShapeKind kind;
    const NstLiteral *literal;
    const NstCtor *ctor;
    const NstTypeDecl *decl;
    const struct NstShape **items;
    size_t count;
    bool open;
} NstShape;

// Never null.
const NstShape *nst_shape_of(NstArena *arena, const NstExpr *message);

// False only if no value of that shape can match the pattern, whatever its guard says.
bool nst_shape_may_match(const NstShape *shape, const NstPattern *pattern);

// True if the pattern accepts any message.
bool nst_pattern_accepts_all(const NstPattern *pattern);

// The shape as a pattern that matches it: `("order", _, Int)`; malloc'ed.
char *nst_shape_text(const NstShape *shape);

#endif
