#include "runtime/regex.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/string_ops.h"

struct NstRegex {
    pcre2_code *code;
    char *pattern;
    size_t size;
    NstRegex *next;
};

struct NstRegexMatch {
    const NstRegex *regex;
    const char *text;
    size_t size, at;         // the next search starts here
    size_t last_end;         // of the previous match; SIZE_MAX: none
    pcre2_match_data *data;
};

// Patterns are kept for ever: a program has few of them.
enum { BUCKETS = 512 };
static NstRegex *_Atomic table[BUCKETS];
static pthread_mutex_t compiling = PTHREAD_MUTEX_INITIALIZER;

static size_t bucket_of(const char *pattern, size_t size) {
    uint64_t hash = 14695981039346656037u;
    for (size_t i = 0; i < size; i++) hash = (hash ^ (unsigned char)pattern[i]) * 1099511628211u;
    return hash % BUCKETS;
}

static const NstRegex *known(const NstRegex *first, const char *pattern, size_t size) {
    for (const NstRegex *r = first; r; r = r->next) {
        if (r->size == size && memcmp(r->pattern, pattern, size) == 0) return r;
    }
    return 0;
}

// The syntax is one for linear-time matching: no back-references, no look-around. Null, or what is not supported.
static const char *unsupported(const char *pattern, size_t size) {
    bool in_class = false;
    for (size_t i = 0; i < size; i++) {
        if (pattern[i] == '\\' && i + 1 < size) {
            i++;
            if (!in_class && ((pattern[i] >= '1' && pattern[i] <= '9') || pattern[i] == 'k' || pattern[i] == 'g')) {
                return "backreferences are not supported";
            }
            if (!in_class && (pattern[i] == 'K' || pattern[i] == 'G')) return "unrecognized escape sequence";
        } else if (in_class) {
            in_class = pattern[i] != ']';
        } else if (pattern[i] == '[') {
            in_class = true;
            if (i + 1 < size && pattern[i + 1] == '^') i++;
            if (i + 1 < size && pattern[i + 1] == ']') i++;
        } else if (pattern[i] == '(' && i + 2 < size && pattern[i + 1] == '?') {
            const char *rest = pattern + i + 2;
            bool behind = *rest == '<' && i + 3 < size && (rest[1] == '=' || rest[1] == '!');
            if (*rest == '=' || *rest == '!' || behind) return "look-around is not supported";
            if (strchr("|>&R(0123456789+", *rest)) return "unrecognized group";
            if (*rest == 'P' && i + 3 < size && rest[1] != '<') return "backreferences are not supported";
        } else if (pattern[i] == '(' && i + 1 < size && pattern[i + 1] == '*') {
            return "repetition operator missing expression";
        }
    }
    return 0;
}

static pcre2_code *compile(NstProcess *process, const char *pattern, size_t size) {
    const char *why = unsupported(pattern, size);
    if (why) {
        nst_raise_panic(process, "Invalid regex: %s", why);
        return 0;
    }
    int error;
    PCRE2_SIZE offset;
    pcre2_code *code = pcre2_compile((PCRE2_SPTR)pattern, size,
                                     PCRE2_UTF | PCRE2_UCP | PCRE2_NO_UTF_CHECK | PCRE2_DOLLAR_ENDONLY | PCRE2_NEVER_BACKSLASH_C,
                                     &error, &offset, 0);
    if (!code) {
        char message[256];
        pcre2_get_error_message(error, (PCRE2_UCHAR *)message, sizeof message);
        nst_raise_panic(process, "Invalid regex: %s at position %zu", message, (size_t)offset);
    }
    return code;
}

const NstRegex *nst_regex_get(NstProcess *process, NstValue pattern) {
    const char *text = nst_as_string(pattern)->bytes;
    size_t size = nst_as_string(pattern)->head.count, bucket = bucket_of(text, size);
    // acquire: pairs with the release below; an entry is complete when it is linked and never changes
    const NstRegex *found = known(__atomic_load_n((NstRegex **)&table[bucket], __ATOMIC_ACQUIRE), text, size);
    if (found) return found;
    pcre2_code *code = compile(process, text, size);
    if (!code) return 0;
    NstRegex *made = malloc(sizeof *made);
    char *copy = malloc(size + 1);
    if (!made || !copy) abort();
    memcpy(copy, text, size);
    pthread_mutex_lock(&compiling);
    *made = (NstRegex){ .code = code, .pattern = copy, .size = size, .next = table[bucket] };
    // release: publishes the entry
    __atomic_store_n((NstRegex **)&table[bucket], made, __ATOMIC_RELEASE);
    pthread_mutex_unlock(&compiling);
    return made;
}

NstRegexMatch *nst_regex_begin(const NstRegex *regex, const char *text, size_t size) {
    NstRegexMatch *match = malloc(sizeof *match);
    if (!match) abort();
    *match = (NstRegexMatch){ .regex = regex, .text = text, .size = size, .last_end = SIZE_MAX,
                              .data = pcre2_match_data_create_from_pattern(regex->code, 0) };
    if (!match->data) abort();
    return match;
}

void nst_regex_end(NstRegexMatch *match) {
    pcre2_match_data_free(match->data);
    free(match);
}

static size_t next_character(const NstRegexMatch *m, size_t at) {
    do at++;
    while (at < m->size && ((unsigned char)m->text[at] & 0xC0) == 0x80);
    return at;
}

NstPrimStatus nst_regex_next(NstProcess *process, NstRegexMatch *m, bool *found) {
    *found = false;
    while (m->at <= m->size) {
        int count = pcre2_match(m->regex->code, (PCRE2_SPTR)m->text, m->size, m->at, PCRE2_NO_UTF_CHECK, m->data, 0);
        if (count == PCRE2_ERROR_NOMATCH) return NST_PRIM_OK;
        if (count < 0) return nst_raise_panic(process, "Regex: match limit exceeded");
        size_t start, end;
        nst_regex_group(m, 0, &start, &end);
        // An empty match right behind the previous match is none.
        bool repeated = start == end && start == m->last_end;
        m->at = start == end ? next_character(m, end) : end;
        if (repeated) continue;
        m->last_end = end;
        *found = true;
        return NST_PRIM_OK;
    }
    return NST_PRIM_OK;
}

size_t nst_regex_group_count(const NstRegex *regex) {
    uint32_t count = 0;
    pcre2_pattern_info(regex->code, PCRE2_INFO_CAPTURECOUNT, &count);
    return (size_t)count + 1;
}

void nst_regex_group(const NstRegexMatch *match, size_t group, size_t *start, size_t *end) {
    const PCRE2_SIZE *offsets = pcre2_get_ovector_pointer(match->data);
    *start = offsets[2 * group] == PCRE2_UNSET ? SIZE_MAX : offsets[2 * group];
    *end = offsets[2 * group + 1];
}

size_t nst_regex_group_named(const NstRegex *regex, const char *name, size_t size) {
    char text[64];
    if (size >= sizeof text) return SIZE_MAX;
    memcpy(text, name, size);
    text[size] = 0;
    int group = pcre2_substring_number_from_name(regex->code, (PCRE2_SPTR)text);
    return group > 0 ? (size_t)group : SIZE_MAX;
}
