#include "frontend/guard.h"

#include "frontend/scan.h"

#include <stdlib.h>

uint32_t nst_guard_bom(const char *text, size_t size) {
    return size >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
}

// Length of the well-formed sequence at `at`, 0 if there is none (Unicode 15, table 3-7).
static size_t sequence_length(const unsigned char *at, size_t left) {
    if (at[0] < 0x80) return 1;
    size_t length = at[0] >= 0xF0 ? 4 : at[0] >= 0xE0 ? 3 : 2;
    if (at[0] < 0xC2 || at[0] > 0xF4 || left < length) return 0;
    unsigned char low = 0x80, high = 0xBF;
    if (at[0] == 0xE0) low = 0xA0;
    if (at[0] == 0xED) high = 0x9F;
    if (at[0] == 0xF0) low = 0x90;
    if (at[0] == 0xF4) high = 0x8F;
    if (at[1] < low || at[1] > high) return 0;
    for (size_t i = 2; i < length; i++)
        if (at[i] < 0x80 || at[i] > 0xBF) return 0;
    return length;
}

size_t nst_guard_utf8(const char *text, size_t size) {
    for (size_t at = 0; at < size;) {
        size_t length = sequence_length((const unsigned char *)text + at, size - at);
        if (!length) return at;
        at += length;
    }
    return size;
}

// ---- Nesting ----------------------------------------------------------------------------

// Operators that are waiting for the end of their right operand, by how tightly they bind (syntax.md 5.1). Level 0 are
// keywords, `=>` and `->`, whose operand extends as far as it can. An operator ends the waiting ones that bind
// tighter, and of its own level if it associates to the left; a separator, a closing bracket or a line end ends all.
enum { OPEN_ENDED = 0, CONS = 7, POWER = 10, PREFIX = 11, BINDING_LEVELS = 12 };

// The parser's stack: a level of brackets is at most so many entries, a waiting operator so many (grammar/README.md),
// and libtree-sitter cannot pop more entries than this in one error.
enum { LEVEL_ENTRIES = 6, OPEN_ENDED_ENTRIES = 5, OPERATOR_ENTRIES = 2, MAX_ENTRIES = 65000 };

typedef struct Level {
    uint32_t pending[BINDING_LEVELS];
    uint32_t loops; // of the open-ended ones: `for`, whose bounds take an entry more than the level has
    bool keyword; // opened by `do`, `module` or `trait`, closed by `end`
    bool lines;   // newlines separate here: outside brackets, or in braces
} Level;

typedef struct Nesting {
    const char *text;
    Level *levels;
    size_t count, capacity;
    size_t depth;   // as syntax.md 1.1 counts: brackets, and waiting operators of those kinds that nest
    size_t entries; // of the parser's stack, at most
} Nesting;

static Level *top_level(Nesting *nesting) {
    return &nesting->levels[nesting->count - 1];
}

static void push_level(Nesting *nesting, bool keyword, bool lines) {
    if (nesting->count == nesting->capacity) {
        nesting->capacity = nesting->capacity ? nesting->capacity * 2 : 64;
        nesting->levels = nst_realloc(nesting->levels, nesting->capacity * sizeof *nesting->levels);
    }
    nesting->levels[nesting->count++] = (Level){ .keyword = keyword, .lines = lines };
    nesting->depth += nesting->count > 1;
    nesting->entries += LEVEL_ENTRIES;
}

// How much `count` waiting operators nest. Left-associative ones do not; of the open-ended ones the first is the level
// itself (`if c {` is one level, not two).
static size_t nested_by(int level, uint32_t count) {
    if (level == CONS || level == POWER || level == PREFIX) return count;
    return level == OPEN_ENDED && count ? count - 1 : 0;
}

// The first open-ended one is among the level's own entries.
static size_t entries_of(int level, uint32_t count) {
    if (level == OPEN_ENDED) return count ? (count - 1) * (size_t)OPEN_ENDED_ENTRIES : 0;
    return count * (size_t)OPERATOR_ENTRIES;
}

static void set_pending(Nesting *nesting, int level, uint32_t count) {
    uint32_t *pending = &top_level(nesting)->pending[level];
    nesting->depth += nested_by(level, count) - nested_by(level, *pending);
    nesting->entries += entries_of(level, count) - entries_of(level, *pending);
    *pending = count;
}

static void end_loop_heads(Nesting *nesting) {
    nesting->entries -= top_level(nesting)->loops;
    top_level(nesting)->loops = 0;
}

static void end_pending(Nesting *nesting, int loosest) {
    if (loosest == OPEN_ENDED) end_loop_heads(nesting);
    for (int level = loosest; level < BINDING_LEVELS; level++) set_pending(nesting, level, 0);
}

static void add_pending(Nesting *nesting, int level) {
    set_pending(nesting, level, top_level(nesting)->pending[level] + 1);
}

static void pop_level(Nesting *nesting) {
    if (nesting->count == 1) return;
    end_pending(nesting, OPEN_ENDED);
    nesting->count--;
    nesting->depth--;
    nesting->entries -= LEVEL_ENTRIES;
}

static bool is_one_of(const Nesting *nesting, NstToken token, const char *const *words) {
    for (; *words; words++)
        if (nst_token_is(nesting->text, token, *words)) return true;
    return false;
}

static int binding_level(const Nesting *nesting, NstToken token) {
    static const struct {
        const char *text;
        int level;
    } operators[] = {
        { "<-", 1 }, { "|>", 2 }, { "||", 3 }, { "&&", 4 }, { "==", 5 }, { "!=", 5 },
        { "<", 5 },  { ">", 5 },  { "<=", 5 }, { ">=", 5 }, { "++", 6 }, { "::", 7 },
        { "+", 8 },  { "-", 8 },  { "*", 9 },  { "/", 9 },  { "%", 9 },  { "**", 10 },
    };
    for (size_t i = 0; i < sizeof operators / sizeof *operators; i++)
        if (nst_token_is(nesting->text, token, operators[i].text)) return operators[i].level;
    return -1;
}

static void note_operator(Nesting *nesting, NstToken token, bool operand_before) {
    static const char *const separators[] = { ",", ";", "|", NULL };
    static const char *const openers[] = { "=>", "->", NULL };
    static const char *const prefixes[] = { "-", "!", "~", NULL };
    if (is_one_of(nesting, token, separators)) {
        end_pending(nesting, OPEN_ENDED);
    } else if (nst_token_is(nesting->text, token, "=")) {
        end_pending(nesting, OPEN_ENDED + 1);
    } else if (is_one_of(nesting, token, openers)) {
        end_pending(nesting, OPEN_ENDED + 1);
        add_pending(nesting, OPEN_ENDED);
    } else if (!operand_before) {
        if (is_one_of(nesting, token, prefixes)) add_pending(nesting, PREFIX);
    } else {
        int level = binding_level(nesting, token);
        if (level < 0) return;
        end_pending(nesting, level == CONS || level == POWER ? level + 1 : level);
        add_pending(nesting, level);
    }
}

static void note_keyword(Nesting *nesting, NstToken token) {
    static const char *const blocks[] = { "do", "module", "trait", NULL };
    static const char *const open_ended[] = { "if",      "match",  "while", "for",   "try",        "catch",
                                              "finally", "return", "break", "spawn", "spawn_link", "spawn_monitor",
                                              "quote",   "when",   "after", NULL };
    if (is_one_of(nesting, token, blocks)) push_level(nesting, true, true);
    else if (nst_token_is(nesting->text, token, "end") && top_level(nesting)->keyword) pop_level(nesting);
    else if (nst_token_is(nesting->text, token, "not")) add_pending(nesting, PREFIX);
    else if (is_one_of(nesting, token, open_ended)) add_pending(nesting, OPEN_ENDED);
    if (!nst_token_is(nesting->text, token, "for")) return;
    top_level(nesting)->loops++;
    nesting->entries++;
}

static void note_close(Nesting *nesting) {
    while (nesting->count > 1 && top_level(nesting)->keyword) pop_level(nesting);
    pop_level(nesting);
}

// Whether the newline before the token ends what stands before it (syntax.md 2: N1 to N4).
static bool ends_line(Nesting *nesting, NstToken before, NstToken token) {
    static const char *const continuing[] = { "then", "else", "catch", "finally", ".", "|>", NULL };
    return token.first_on_line && top_level(nesting)->lines && nst_token_ends_operand(nesting->text, before) &&
           !is_one_of(nesting, token, continuing);
}

// The start of the first token that nests too deeply; `size` if there is none. *entries: at most so many of the
// parser's stack are in use at that place.
static uint32_t find_too_deep(const char *text, uint32_t size, uint32_t from, size_t *entries) {
    Nesting nesting = { .text = text };
    NstScan scan;
    uint32_t found = size;
    nst_scan_init(&scan, text, size, from);
    push_level(&nesting, false, true);
    NstToken before = { .kind = NST_TOKEN_END };
    for (;;) {
        NstToken token = nst_scan_next(&scan);
        if (token.kind == NST_TOKEN_END) break;
        bool operand_before = nst_token_ends_operand(text, before);
        if (ends_line(&nesting, before, token)) {
            end_pending(&nesting, OPEN_ENDED);
            operand_before = false;
        }
        if (token.kind == NST_TOKEN_OPERATOR) {
            note_operator(&nesting, token, operand_before);
        } else if (token.kind == NST_TOKEN_KEYWORD) {
            note_keyword(&nesting, token);
        } else if (token.kind == NST_TOKEN_OPEN) {
            if (operand_before && nst_token_is(text, token, "{")) end_loop_heads(&nesting); // the body begins
            bool map = before.kind == NST_TOKEN_OPERATOR && nst_token_is(text, before, "%") && !operand_before;
            push_level(&nesting, false, nst_token_is(text, token, "{") && !map);
        } else if (token.kind == NST_TOKEN_CLOSE) {
            note_close(&nesting);
        }
        if (nesting.depth > NST_MAX_NESTING || nesting.entries > MAX_ENTRIES) {
            found = token.start;
            break;
        }
        before = token;
    }
    *entries = nesting.entries;
    nst_scan_free(&scan);
    free(nesting.levels);
    return found;
}

size_t nst_guard_entries(const char *text, size_t size) {
    size_t entries;
    find_too_deep(text, (uint32_t)size, 0, &entries);
    return entries;
}

bool nst_guard_check(const NstSources *sources, uint32_t source, NstDiags *diags) {
    const NstSource *file = nst_source(sources, source);
    if (file->size > NST_MAX_SOURCE_SIZE) {
        nst_diag_add(diags, NST_DIAG_SYNTAX_ERROR, nst_source_span(sources, source, 0, 0), "file too large");
        return false;
    }
    uint32_t size = (uint32_t)file->size;
    uint32_t bad = (uint32_t)nst_guard_utf8(file->text, size);
    if (bad < size) {
        nst_diag_add(diags, NST_DIAG_SYNTAX_ERROR, nst_source_span(sources, source, bad, bad + 1),
                     "the text is not valid UTF-8: byte 0x%02X", (unsigned)(unsigned char)file->text[bad]);
        return false;
    }
    size_t entries;
    uint32_t deep = find_too_deep(file->text, size, nst_guard_bom(file->text, size), &entries);
    if (deep < size) {
        nst_diag_add(diags, NST_DIAG_SYNTAX_ERROR, nst_source_span(sources, source, deep, deep + 1),
                     "nested too deeply");
        return false;
    }
    return true;
}
