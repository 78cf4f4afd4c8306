// Regular expressions (stdlib-system.md 9) by PCRE2. Compiled patterns are kept and shared; matching is thread-safe.
#ifndef NST_REGEX_H
#define NST_REGEX_H

#include "runtime/prim.h"
#include "runtime/value.h"

typedef struct NstRegex NstRegex;
typedef struct NstRegexMatch NstRegexMatch;

// Raises the Panic "Invalid regex: …" and returns null for an invalid pattern.
const NstRegex *nst_regex_get(NstProcess *process, NstValue pattern);

// One search through a text. The group offsets are byte offsets; a group that took no part has start SIZE_MAX.
NstRegexMatch *nst_regex_begin(const NstRegex *regex, const char *text, size_t size);
void nst_regex_end(NstRegexMatch *match);
// The next match after the previous one, non-overlapping. OK, or RAISE when matching gives up; *found says whether.
NstPrimStatus nst_regex_next(NstProcess *process, NstRegexMatch *match, bool *found);
size_t nst_regex_group_count(const NstRegex *regex); // group 0 included
void nst_regex_group(const NstRegexMatch *match, size_t group, size_t *start, size_t *end);
// Number of the named group, or SIZE_MAX.
size_t nst_regex_group_named(const NstRegex *regex, const char *name, size_t size);

#endif
