// "Did you mean …?": the candidate most similar to a name that was not found.
//
// Candidates are offered one by one, the nearest scope first: of equally similar ones the first wins. Texts are
// borrowed. A name of one or two letters gets no suggestion.
#ifndef NST_SUGGEST_H
#define NST_SUGGEST_H

#include "frontend/diag.h"

typedef struct NstSuggestion {
    const char *wanted;
    const char *best; // null: nothing similar so far
    size_t distance;  // of the best, or the limit + 1
} NstSuggestion;

NstSuggestion nst_suggest(const char *wanted);
void nst_suggest_consider(NstSuggestion *suggestion, const char *candidate);

// Adds the hint if something similar was found; the diagnostic may be null.
void nst_suggest_hint(NstDiags *diags, NstDiag *diag, const NstSuggestion *suggestion);

#endif
