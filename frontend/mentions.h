// Mentions: the names that a piece of program writes, whatever they mean there.
//
// One walk over expressions, patterns, types and declarations that reports every identifier which may refer to an item
// of a module: plain names, methods, constructors, types, traits, decorators, segments of paths. Checks that only need
// "could this be a use?" ask by name and cannot be wrong about overloads, methods chosen later or code in templates.
#ifndef NST_MENTIONS_H
#define NST_MENTIONS_H

#include "frontend/ast.h"

typedef struct NstMentions {
    void *context;
    void (*name)(void *context, NstName name);
    void (*qualified)(void *context, const NstExpr *name); // a NAME that was written M.x; may be null
} NstMentions;

void nst_mentions_of_clause(const NstMentions *mentions, const NstClause *clause);

// Everything in the item except what it declares; nothing for `use`; a module's items one by one.
void nst_mentions_of_item(const NstMentions *mentions, const NstItem *item);

#endif
