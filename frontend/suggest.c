#include "frontend/suggest.h"

#include <string.h>

enum { MAX_NAME = 64 };

// Number of single-letter changes (insert, delete, replace, swap neighbours) between the texts, or more than `limit`.
static size_t edit_distance(const char *a, const char *b, size_t limit) {
    size_t n = strlen(a), m = strlen(b);
    if (n >= MAX_NAME || m >= MAX_NAME || n > m + limit || m > n + limit) return limit + 1;
    size_t rows[3][MAX_NAME + 1];
    size_t *before = rows[0], *last = rows[1], *row = rows[2];
    for (size_t j = 0; j <= m; j++) last[j] = j;
    for (size_t i = 1; i <= n; i++) {
        row[0] = i;
        for (size_t j = 1; j <= m; j++) {
            size_t best = last[j - 1] + (a[i - 1] != b[j - 1]);
            if (last[j] + 1 < best) best = last[j] + 1;
            if (row[j - 1] + 1 < best) best = row[j - 1] + 1;
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] && before[j - 2] + 1 < best)
                best = before[j - 2] + 1;
            row[j] = best;
        }
        size_t *free_row = before;
        before = last;
        last = row;
        row = free_row;
    }
    return last[m];
}

NstSuggestion nst_suggest(const char *wanted) {
    size_t size = strlen(wanted), limit = size < 3 ? 0 : size < 6 ? 1 : 2;
    return (NstSuggestion){ wanted, NULL, limit ? limit + 1 : 0 };
}

void nst_suggest_consider(NstSuggestion *suggestion, const char *candidate) {
    if (!suggestion->distance) return;
    size_t distance = edit_distance(suggestion->wanted, candidate, suggestion->distance);
    if (!distance || distance >= suggestion->distance) return;
    suggestion->best = candidate;
    suggestion->distance = distance;
}

void nst_suggest_hint(NstDiags *diags, NstDiag *diag, const NstSuggestion *suggestion) {
    if (diag && suggestion->best) nst_diag_hint(diags, diag, "did you mean `%s`?", suggestion->best);
}
