#include "fmt/glob.h"

#include <stdlib.h>
#include <string.h>

typedef struct Glob {
    const char *end;  // of the pattern
    bool braces;
} Glob;

// Matching backs up at every `*`; the budget keeps hostile patterns from taking for ever.
enum { BUDGET = 100000 };

static bool match(const Glob *glob, const char *pattern, const char *text, const char *rest, const char *rest_end,
                  int *budget);

// The rest of the pattern after the alternative of a brace.
static bool match_rest(const Glob *glob, const char *text, const char *rest, const char *rest_end, int *budget) {
    if (!rest) return *text == 0;
    Glob after = {.end = rest_end, .braces = glob->braces};
    return match(&after, rest, text, NULL, NULL, budget);
}

static const char *set_end(const Glob *glob, const char *at) {
    const char *first = ++at;
    if (at < glob->end && (*at == '!' || *at == '^')) first = ++at;
    for (; at < glob->end; at++)
        if (*at == ']' && at > first) return at;
    return NULL;
}

static bool in_set(const char *at, const char *end, char c) {
    bool negated = *at == '!' || *at == '^', found = false;
    for (at += negated; at < end; at++) {
        if (at + 2 < end && at[1] == '-') {
            if (c >= at[0] && c <= at[2]) found = true;
            at += 2;
        } else if (*at == c) {
            found = true;
        }
    }
    return found != negated;
}

static const char *brace_end(const Glob *glob, const char *at) {
    int depth = 0;
    for (; at < glob->end; at++) {
        if (*at == '{') depth++;
        else if (*at == '}' && --depth == 0) return at;
        else if (*at == '\\') at++;
    }
    return NULL;
}

static bool match_range(const Glob *glob, const char *inside, const char *close, const char *text, const char *rest,
                        const char *rest_end, int *budget, bool *is_range) {
    char *end;
    long low = strtol(inside, &end, 10);
    *is_range = end > inside && end + 2 < close && end[0] == '.' && end[1] == '.';
    if (!*is_range) return false;
    const char *second = end + 2;
    long high = strtol(second, &end, 10);
    *is_range = end == close;
    char *number_end;
    long number = strtol(text, &number_end, 10);
    if (!*is_range || number_end == text || number < (low < high ? low : high) || number > (low < high ? high : low))
        return false;
    return match(glob, close + 1, number_end, rest, rest_end, budget);
}

static bool match_brace(const Glob *glob, const char *open, const char *close, const char *text, int *budget) {
    bool is_range;
    if (match_range(glob, open + 1, close, text, NULL, NULL, budget, &is_range)) return true;
    if (is_range) return false;
    int depth = 0;
    const char *start = open + 1;
    for (const char *at = start; at <= close; at++) {
        if (*at == '{') depth++;
        if (*at == '}' && at < close) depth--;
        if ((*at == ',' && depth == 0) || at == close) {
            Glob part = {.end = at, .braces = true};
            if (match(&part, start, text, close + 1, glob->end, budget)) return true;
            start = at + 1;
        }
    }
    return false;
}

static bool match_stars(const Glob *glob, const char *pattern, const char *text, const char *rest, const char *rest_end,
                        int *budget) {
    bool any = pattern + 1 < glob->end && pattern[1] == '*';
    const char *after = pattern + (any ? 2 : 1);
    if (any && after < glob->end && *after == '/' && match(glob, after + 1, text, rest, rest_end, budget)) return true;
    for (;; text++) {
        if (match(glob, after, text, rest, rest_end, budget)) return true;
        if (!*text || (*text == '/' && !any)) return false;
    }
}

static bool match(const Glob *glob, const char *pattern, const char *text, const char *rest, const char *rest_end,
                  int *budget) {
    for (; pattern < glob->end; pattern++, text++) {
        const char *close;
        if (--*budget < 0) return false;
        if (*pattern == '*') return match_stars(glob, pattern, text, rest, rest_end, budget);
        if (*pattern == '{' && glob->braces && !rest && (close = brace_end(glob, pattern)) != NULL)
            return match_brace(glob, pattern, close, text, budget);
        if (!*text) return false;
        if (*pattern == '?') {
            if (*text == '/') return false;
        } else if (*pattern == '[' && (close = set_end(glob, pattern)) != NULL) {
            if (*text == '/' || !in_set(pattern + 1, close, *text)) return false;
            pattern = close;
        } else {
            if (*pattern == '\\' && pattern + 1 < glob->end) pattern++;
            if (*pattern != *text) return false;
        }
    }
    return match_rest(glob, text, rest, rest_end, budget);
}

bool nst_glob_match(const char *pattern, size_t size, const char *text, bool braces) {
    Glob glob = {.end = pattern + size, .braces = braces};
    int budget = BUDGET;
    return match(&glob, pattern, text, NULL, NULL, &budget);
}
