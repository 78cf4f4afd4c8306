// The extent of a broken declaration. Its words are in parse_message.c.
#include "frontend/parse_error.h"

// ---- What begins a declaration ----------------------------------------------------------

static bool is_declaration_word(const char *text, NstToken token) {
    static const char *const words[] = { "pub",   "module",   "use",   "type", "reactive", "var",
                                         "trait", "template", "const", "mvar", "test",     "extern" };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (nst_token_is(text, token, words[i])) return true;
    return false;
}

// Passes the rest of a bracket whose opening token was just read.
static void skip_bracket(NstScan *scan) {
    for (size_t depth = scan->depth; scan->depth >= depth;)
        if (nst_scan_next(scan).kind == NST_TOKEN_END) return;
}

// After the first token of an implementation's head: whether the rest of the head and `:` follow.
static bool is_impl_head(NstScan *scan, NstToken token) {
    if (token.kind == NST_TOKEN_OPEN) {
        skip_bracket(scan);
        return nst_token_is(scan->text, nst_scan_next(scan), ":");
    }
    token = nst_scan_next(scan);
    while (nst_token_is(scan->text, token, ".")) {
        nst_scan_next(scan);
        token = nst_scan_next(scan);
    }
    if (nst_token_is(scan->text, token, "[")) {
        skip_bracket(scan);
        token = nst_scan_next(scan);
    }
    return nst_token_is(scan->text, token, ":");
}

typedef enum Beginning { NO_DECLARATION, DECLARATION, IMPLEMENTATION } Beginning;

static Beginning judge_beginning(const char *text, uint32_t size, uint32_t at) {
    static const char *const after_name[] = { "(", "[", "=", ":" };
    NstScan scan;
    nst_scan_init(&scan, text, size, at);
    NstToken token = nst_scan_next(&scan);
    Beginning result = NO_DECLARATION;
    if (token.kind == NST_TOKEN_KEYWORD) {
        if (is_declaration_word(text, token)) result = DECLARATION;
    } else if (token.kind == NST_TOKEN_NAME) {
        NstToken next = nst_scan_next(&scan);
        for (size_t i = 0; i < sizeof after_name / sizeof *after_name && !next.first_on_line; i++)
            if (nst_token_is(text, next, after_name[i])) result = DECLARATION;
    } else if (token.kind == NST_TOKEN_UPPER || nst_token_is(text, token, "[") || nst_token_is(text, token, "(")) {
        if (is_impl_head(&scan, token)) result = IMPLEMENTATION;
    } else if (nst_token_is(text, token, "@")) {
        result = DECLARATION;
    }
    nst_scan_free(&scan);
    return result;
}

bool nst_begins_declaration(const char *text, uint32_t size, uint32_t at) {
    return judge_beginning(text, size, at) != NO_DECLARATION;
}

// Where the head of a function or binding that begins at `at` ends: at its `=`, or at the `:`, `->` or `when` that
// only a declaration can have there. UINT32_MAX if the text does not read as one.
static uint32_t end_of_head(const char *text, uint32_t size, uint32_t at) {
    static const char *const ends[] = { "=", ":", "->", "when" };
    NstScan scan;
    nst_scan_init(&scan, text, size, at);
    NstToken token = nst_scan_next(&scan);
    uint32_t end = UINT32_MAX;
    if (token.kind == NST_TOKEN_NAME) {
        token = nst_scan_next(&scan);
        bool parameters = nst_token_is(text, token, "[");
        if (parameters) {
            skip_bracket(&scan);
            token = nst_scan_next(&scan);
        }
        if (nst_token_is(text, token, "(")) {
            skip_bracket(&scan);
            token = nst_scan_next(&scan);
        } else if (parameters) { // an index
            token.kind = NST_TOKEN_END;
        }
        for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
            if (nst_token_is(text, token, ends[i])) end = token.start;
    }
    nst_scan_free(&scan);
    return end;
}

uint32_t nst_text_line_start(const char *text, uint32_t at) {
    while (at && text[at - 1] != '\n') at--;
    return at;
}

uint32_t nst_indent_of(const char *text, uint32_t at) {
    uint32_t line = nst_text_line_start(text, at), indent = 0;
    while (line + indent < at && (text[line + indent] == ' ' || text[line + indent] == '\t')) indent++;
    return indent;
}

uint32_t nst_outer_line(const char *text, uint32_t from, uint32_t at, uint32_t indent) {
    for (uint32_t line = nst_text_line_start(text, at);; line = nst_text_line_start(text, line - 1)) {
        uint32_t first = line;
        while (text[first] == ' ' || text[first] == '\t') first++;
        bool empty = text[first] == '\n' || text[first] == '\r' || text[first] == '#';
        if (line <= from || (!empty && first - line <= indent)) return line;
    }
}

// ---- The damaged declaration ------------------------------------------------------------

// What `end` closes, outside brackets. A text nests few of these by hand; deeper ones count as blocks.
enum { MAX_OPEN = 64 };

typedef struct Walk {
    const char *text;
    uint32_t size;
    struct {
        bool module;
        uint32_t start;  // of the declaration that opened it
        uint32_t indent; // of the outermost declaration in it
    } open[MAX_OPEN];
    size_t open_count, modules;
    uint32_t indent; // of the outermost declaration of the file
    NstDamage damage;
} Walk;

static void open_construct(Walk *walk, bool module) {
    if (walk->open_count < MAX_OPEN) {
        walk->open[walk->open_count].module = module;
        walk->open[walk->open_count].start = walk->damage.declaration;
        walk->open[walk->open_count].indent = UINT32_MAX;
        walk->modules += module;
    }
    walk->open_count++;
}

static void close_construct(Walk *walk) {
    if (!walk->open_count) return;
    if (--walk->open_count < MAX_OPEN && walk->open[walk->open_count].module) {
        walk->modules--;
        walk->damage.declaration = walk->open[walk->open_count].start;
    }
}

// Declarations stand at the top of the file and directly in modules, not in traits, implementations and `do`.
static bool at_declaration_level(const Walk *walk) {
    return walk->open_count == walk->modules;
}

// Whether what stands before a line's first token may be complete.
static bool may_be_complete(const Walk *walk) {
    NstToken last = walk->damage.last;
    if (last.kind == NST_TOKEN_END || nst_token_ends_operand(walk->text, last)) return true;
    return nst_token_is(walk->text, last, "*") && nst_token_is(walk->text, walk->damage.before, ".");
}

static uint32_t *level_indent(Walk *walk) {
    return walk->open_count && walk->open_count <= MAX_OPEN ? &walk->open[walk->open_count - 1].indent : &walk->indent;
}

static void begin_declaration(Walk *walk, NstToken token, Beginning beginning) {
    uint32_t indent = nst_indent_of(walk->text, token.start);
    if (indent < *level_indent(walk)) *level_indent(walk) = indent;
    walk->damage.declaration = token.start;
    walk->damage.first = token;
    if (!walk->modules) walk->damage.top_level = token.start;
    if (beginning == IMPLEMENTATION) open_construct(walk, false);
}

static bool can_be_decorated(const char *text, NstToken token) {
    static const char *const words[] = { "pub", "type", "var", "reactive" };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (nst_token_is(text, token, words[i])) return true;
    return token.kind != NST_TOKEN_KEYWORD;
}

static void walk_token(Walk *walk, NstToken token, bool outside_brackets) {
    if (!outside_brackets) return;
    bool first = token.first_on_line || walk->damage.last.kind == NST_TOKEN_END;
    if (first && at_declaration_level(walk) && walk->damage.declaration < token.start &&
        nst_indent_of(walk->text, token.start) <= nst_indent_of(walk->text, walk->damage.declaration)) {
        uint32_t end = end_of_head(walk->text, walk->size, token.start);
        if (end != UINT32_MAX && end >= walk->damage.bad) walk->damage.head = token.start;
    }
    if (first && at_declaration_level(walk) && may_be_complete(walk) &&
        !nst_token_is(walk->text, walk->damage.last, "pub")) {
        // A decorator on the line before belongs to what follows; the declaration began with it.
        bool decorated = nst_token_is(walk->text, walk->damage.first, "@") && can_be_decorated(walk->text, token);
        Beginning beginning = judge_beginning(walk->text, walk->size, token.start);
        if (beginning != NO_DECLARATION && !decorated) begin_declaration(walk, token, beginning);
        else if (decorated) walk->damage.first = token;
    }
    if (token.kind != NST_TOKEN_KEYWORD) return;
    if (nst_token_is(walk->text, token, "module")) open_construct(walk, true);
    else if (nst_token_is(walk->text, token, "trait") || nst_token_is(walk->text, token, "do"))
        open_construct(walk, false);
    else if (nst_token_is(walk->text, token, "end")) close_construct(walk);
}

NstDamage nst_damage_find(const char *text, uint32_t size, uint32_t from, uint32_t bad) {
    Walk walk = { .text = text, .size = size, .indent = UINT32_MAX };
    walk.damage = (NstDamage){
        .bad = bad, .declaration = bad, .top_level = bad, .head = UINT32_MAX, .unterminated = UINT32_MAX,
        .opener = UINT32_MAX
    };
    NstScan scan;
    nst_scan_init(&scan, text, size, from);
    for (;;) {
        bool outside = scan.depth == 0;
        NstToken token = nst_scan_next(&scan);
        if (token.kind == NST_TOKEN_UNTERMINATED_STRING) walk.damage.unterminated = token.start;
        if (token.kind == NST_TOKEN_END || token.end > bad) {
            walk.damage.token = token;
            walk.damage.first_on_line = outside && token.first_on_line && at_declaration_level(&walk);
            break;
        }
        walk_token(&walk, token, outside);
        walk.damage.before = walk.damage.last;
        walk.damage.last = token;
        if (scan.depth) walk.damage.opener = scan.brackets[scan.depth - 1].start;
        else walk.damage.opener = UINT32_MAX;
    }
    nst_scan_free(&scan);
    walk.damage.in_module = walk.modules > 0;
    walk.damage.open_end = walk.open_count > 0;
    if (walk.damage.in_module) walk.damage.top_level = walk.open[0].start;
    walk.damage.indent = nst_indent_of(text, walk.damage.declaration);
    // A call that stands deeper than the declarations around it was meant as a statement of the one before.
    uint32_t outermost = *level_indent(&walk);
    if (walk.damage.first.kind == NST_TOKEN_NAME && outermost < walk.damage.indent) walk.damage.indent = outermost;
    return walk.damage;
}

void nst_damage_begin(NstDamage *damage, const char *text, uint32_t size, uint32_t line) {
    NstScan scan;
    nst_scan_init(&scan, text, size, line);
    damage->first = nst_scan_next(&scan);
    damage->declaration = damage->first.start;
    damage->indent = nst_indent_of(text, damage->declaration);
    if (!damage->in_module) damage->top_level = damage->declaration;
    nst_scan_free(&scan);
}

static bool is_module_end(const char *text, uint32_t size, const NstDamage *damage, uint32_t at) {
    NstScan scan;
    if (!damage->in_module || nst_indent_of(text, at) >= damage->indent) return false;
    nst_scan_init(&scan, text, size, at);
    bool end = nst_token_is(text, nst_scan_next(&scan), "end");
    nst_scan_free(&scan);
    return end;
}

uint32_t nst_damage_next(const char *text, uint32_t size, const NstDamage *damage, uint32_t after) {
    uint32_t at = after;
    for (;;) {
        const char *line = at < size ? memchr(text + at, '\n', size - at) : NULL;
        if (!line) return size;
        at = (uint32_t)(line - text) + 1;
        uint32_t indent = 0;
        while (at + indent < size && (text[at + indent] == ' ' || text[at + indent] == '\t')) indent++;
        uint32_t first = at + indent;
        if (first >= size || text[first] == '\n' || text[first] == '#') continue;
        if (is_module_end(text, size, damage, first)) return first;
        if (indent <= damage->indent && nst_begins_declaration(text, size, first)) return first;
    }
}

uint32_t nst_damage_end(const char *text, uint32_t size, const NstDamage *damage, uint32_t after) {
    bool next_is_bad = after > damage->declaration && after == damage->bad && damage->token.first_on_line;
    bool resumes = next_is_bad && (is_module_end(text, size, damage, after) ||
                                   (nst_indent_of(text, after) <= damage->indent && nst_begins_declaration(text, size, after)));
    return resumes ? after : nst_damage_next(text, size, damage, after);
}
