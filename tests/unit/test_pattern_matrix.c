// Redundant arms and partial matches against brute force: random matches over small types, whose values are enumerated.
//
//     test_pattern_matrix [MATCHES [SEED]]      the seed is printed and fresh unless given
//
// An arm is redundant if no value reaches it, a match is partial if a value passes all arms (those with guards count as
// taking everything that their pattern matches). The checks must say exactly that. Lists and numbers have endlessly many
// values; the patterns are small enough for a few representatives to stand for all.
#include "frontend/frontend.h"
#include "frontend/program_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { PROGRAM_MATCHES = 40, MAX_ARMS = 7, LONGEST_LIST = 3 };

static uint64_t random_state;

static uint32_t next_random(void) { // splitmix64
    uint64_t z = (random_state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return (uint32_t)((z ^ (z >> 31)) >> 16);
}

static uint32_t below(uint32_t count) { return next_random() % count; }

// ---- Types ------------------------------------------------------------------------------

typedef enum Type { BOOL, INT, COLOR, OPTION, LIST, PAIR, TREE, TYPE_COUNT } Type;

static const char *const type_names[] = { "Bool", "Int", "Color", "Option[Bool]", "List[Bool]", "(Bool, Color)", "Tree" };

static const char declarations[] = "type Color = Red | Green | Blue\n"
                                   "type Tree = Leaf(Int) | Node(Option[Bool], List[Bool], Color) | Empty\n";

typedef struct Shape { // one constructor
    const char *name;
    size_t count;
    Type items[3];
} Shape;

static const Shape bools[] = { { "false", 0, { 0 } }, { "true", 0, { 0 } } };
static const Shape colors[] = { { "Red", 0, { 0 } }, { "Green", 0, { 0 } }, { "Blue", 0, { 0 } } };
static const Shape options[] = { { "None", 0, { 0 } }, { "Some", 1, { BOOL } } };
static const Shape pairs[] = { { "", 2, { BOOL, COLOR } } };
static const Shape trees[] = { { "Leaf", 1, { INT } }, { "Node", 3, { OPTION, LIST, COLOR } }, { "Empty", 0, { 0 } } };

static const Shape *shapes_of(Type type, uint32_t *count) {
    switch (type) {
    case BOOL: *count = 2; return bools;
    case COLOR: *count = 3; return colors;
    case OPTION: *count = 2; return options;
    case PAIR: *count = 1; return pairs;
    case TREE: *count = 3; return trees;
    default: *count = 0; return NULL;
    }
}

// ---- Values -----------------------------------------------------------------------------

typedef struct Value {
    long tag; // constructor, number, or length of a list
    struct Value *items;
} Value;

typedef struct Values {
    Value *items;
    size_t count;
} Values;

static Values universes[TYPE_COUNT];

static void add_value(Values *values, Value value) {
    values->items = nst_realloc(values->items, (values->count + 1) * sizeof value);
    values->items[values->count++] = value;
}

// All combinations of parts of these types, built with the tag.
static void add_products(Values *values, long tag, const Type *types, size_t count) {
    size_t total = 1;
    for (size_t i = 0; i < count; i++) total *= universes[types[i]].count;
    for (size_t n = 0; n < total; n++) {
        Value value = { tag, nst_calloc(count + 1, sizeof *value.items) };
        size_t rest = n;
        for (size_t i = 0; i < count; i++) {
            const Values *part = &universes[types[i]];
            value.items[i] = part->items[rest % part->count];
            rest /= part->count;
        }
        add_value(values, value);
    }
}

static void enumerate(void) {
    static const long numbers[] = { -1, 0, 1, 2, 3, 4, 5, 6, 100 };
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) add_value(&universes[INT], (Value){ numbers[i], NULL });
    for (Type type = 0; type < TYPE_COUNT; type++) {
        static const Type members[LONGEST_LIST] = { BOOL, BOOL, BOOL };
        for (long length = 0; type == LIST && length <= LONGEST_LIST; length++)
            add_products(&universes[LIST], length, members, (size_t)length);
        uint32_t count;
        const Shape *shapes = shapes_of(type, &count);
        for (uint32_t tag = 0; tag < count; tag++) add_products(&universes[type], tag, shapes[tag].items, shapes[tag].count);
    }
}

// ---- Patterns ---------------------------------------------------------------------------

typedef struct Pattern {
    enum { ANY, BUILT, NUMBER, ELEMENTS, EITHER } kind;
    long low, high; // NUMBER; BUILT: low is the tag
    size_t count;
    bool open;      // ELEMENTS: `| _` follows
    struct Pattern *items[3];
} Pattern;

static Pattern *random_pattern(Type type, int depth) {
    Pattern *p = nst_calloc(1, sizeof *p);
    uint32_t dice = below(10);
    if (dice < 3 || depth > 4) return p;
    if (dice < 5) {
        p->kind = EITHER;
        p->count = 2 + below(2);
        for (size_t i = 0; i < p->count; i++) p->items[i] = random_pattern(type, depth + 1);
        return p;
    }
    if (type == INT) {
        p->kind = NUMBER;
        p->low = below(6);
        p->high = below(2) ? p->low : (long)below(6);
        return p;
    }
    if (type == LIST) {
        p->kind = ELEMENTS;
        p->count = below(3);
        p->open = p->count && below(2);
        for (size_t i = 0; i < p->count; i++) {
            p->items[i] = random_pattern(BOOL, depth + 1);
        }
        return p;
    }
    uint32_t count;
    const Shape *shapes = shapes_of(type, &count);
    p->kind = BUILT;
    p->low = below(count);
    p->count = shapes[p->low].count;
    for (size_t i = 0; i < p->count; i++) p->items[i] = random_pattern(shapes[p->low].items[i], depth + 1);
    return p;
}

static void free_pattern(Pattern *p) {
    for (size_t i = 0; i < p->count; i++) free_pattern(p->items[i]);
    free(p);
}

static bool matches(const Pattern *p, const Value *value) {
    switch (p->kind) {
    case ANY: return true;
    case NUMBER: return p->low <= value->tag && value->tag <= p->high;
    case EITHER:
        for (size_t i = 0; i < p->count; i++)
            if (matches(p->items[i], value)) return true;
        return false;
    case ELEMENTS:
        if (value->tag < (long)p->count || (!p->open && value->tag > (long)p->count)) return false;
        break;
    case BUILT:
        if (value->tag != p->low) return false;
        break;
    }
    for (size_t i = 0; i < p->count; i++)
        if (!matches(p->items[i], &value->items[i])) return false;
    return true;
}

static void write_pattern(FILE *out, const Pattern *p, Type type);

static void write_items(FILE *out, const Pattern *p, const Type *types, const char *between) {
    for (size_t i = 0; i < p->count; i++) {
        if (i) fputs(between, out);
        write_pattern(out, p->items[i], types[i]);
    }
}

static void write_pattern(FILE *out, const Pattern *p, Type type) {
    const Type same[3] = { type, type, type }, members[3] = { BOOL, BOOL, BOOL };
    uint32_t count;
    const Shape *shapes = shapes_of(type, &count);
    switch (p->kind) {
    case ANY: fputc('_', out); break;
    case NUMBER:
        if (p->low == p->high) fprintf(out, "%ld", p->low);
        else fprintf(out, "%ld..=%ld", p->low, p->high);
        break;
    case EITHER:
        fputc('(', out);
        write_items(out, p, same, " | ");
        fputc(')', out);
        break;
    case ELEMENTS:
        fputc('[', out);
        write_items(out, p, members, ", ");
        fputs(p->open ? " | _]" : "]", out);
        break;
    case BUILT:
        fputs(shapes[p->low].name, out);
        if (!p->count) break;
        fputc('(', out);
        write_items(out, p, shapes[p->low].items, ", ");
        fputc(')', out);
        break;
    }
}

// ---- Matches ----------------------------------------------------------------------------

typedef struct Match {
    Type type;
    size_t count;
    Pattern *arms[MAX_ARMS];
    bool guarded[MAX_ARMS];
    unsigned line; // of the scrutinee; the arms follow, one a line
} Match;

// The tuple around the value keeps `non-exhaustive`, an error, away.
static void write_match(FILE *out, Match *match, size_t number, unsigned *line) {
    match->type = below(TYPE_COUNT);
    match->count = 1 + below(MAX_ARMS);
    match->line = *line;
    fprintf(out, "f%zu(v: %s) = match (v, 0) {\n", number, type_names[match->type]);
    for (size_t i = 0; i < match->count; i++) {
        match->arms[i] = random_pattern(match->type, 0);
        match->guarded[i] = below(5) == 0;
        fputs("    (", out);
        write_pattern(out, match->arms[i], match->type);
        fprintf(out, ", _)%s -> %zu\n", match->guarded[i] ? " when v == v" : "", i);
    }
    fputs("}\n", out);
    *line += (unsigned)match->count + 2;
}

static bool is_reached(const Match *match, size_t arm) {
    const Values *values = &universes[match->type];
    for (size_t v = 0; v < values->count; v++) {
        bool taken = false;
        for (size_t i = 0; i < arm && !taken; i++) taken = !match->guarded[i] && matches(match->arms[i], &values->items[v]);
        if (!taken && matches(match->arms[arm], &values->items[v])) return true;
    }
    return false;
}

static bool is_partial(const Match *match) {
    const Values *values = &universes[match->type];
    for (size_t v = 0; v < values->count; v++) {
        bool taken = false;
        for (size_t i = 0; i < match->count && !taken; i++) taken = matches(match->arms[i], &values->items[v]);
        if (!taken) return true;
    }
    return false;
}

// ---- Comparing --------------------------------------------------------------------------

static bool reported(const NstProgram *program, unsigned line, bool arm) {
    for (size_t i = 0; i < program->diags->count; i++) {
        const NstDiag *diag = program->diags->items[i];
        bool wanted = arm ? diag->kind == NST_DIAG_REDUNDANT_ARM || diag->kind == NST_DIAG_UNREACHABLE
                          : diag->kind == NST_DIAG_PARTIAL_MATCH;
        NstPlace place;
        if (wanted && nst_place(program, diag->span, &place) && place.line == line) return true;
    }
    return false;
}

static size_t compare(const NstProgram *program, const Match *match) {
    size_t wrong = 0;
    for (size_t i = 0; i < match->count; i++) {
        bool found = reported(program, match->line + 1 + (unsigned)i, true), reached = is_reached(match, i);
        if (found != reached) continue;
        printf("line %u: %s\n", match->line + 1 + (unsigned)i, reached ? "reached, but reported" : "redundant, but not reported");
        wrong++;
    }
    if (reported(program, match->line, false) != is_partial(match)) {
        printf("line %u: %s\n", match->line, is_partial(match) ? "partial, but not reported" : "complete, but reported");
        wrong++;
    }
    return wrong;
}

static size_t run_program(void) {
    Match found[PROGRAM_MATCHES];
    char *text = NULL;
    size_t size = 0, wrong = 0;
    unsigned line = 3;
    FILE *out = open_memstream(&text, &size);
    fputs(declarations, out);
    for (size_t i = 0; i < PROGRAM_MATCHES; i++) write_match(out, &found[i], i, &line);
    fputs("main() = ()\n", out);
    fclose(out);
    NstOptions options_ = { 0 };
    NstProgram *program = nst_program_from_text("generated.nos", text, size, &options_);
    if (nst_diags_count(nst_program_diags(program), NST_ERROR)) {
        nst_diags_print_text(program, stdout, false);
        wrong++;
    }
    for (size_t i = 0; i < PROGRAM_MATCHES; i++) wrong += compare(program, &found[i]);
    if (wrong) fputs(text, stdout);
    for (size_t i = 0; i < PROGRAM_MATCHES; i++)
        for (size_t k = 0; k < found[i].count; k++) free_pattern(found[i].arms[k]);
    nst_program_free(program);
    free(text);
    return wrong;
}

int main(int argc, char **argv) {
    size_t count = argc > 1 ? strtoul(argv[1], NULL, 10) : 4000, done = 0;
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    random_state = argc > 2 ? strtoull(argv[2], NULL, 10) : (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
    printf("seed %llu\n", (unsigned long long)random_state);
    fflush(stdout);
    enumerate();
    for (; done < count; done += PROGRAM_MATCHES)
        if (run_program()) return 1;
    printf("%zu matches\n", done);
    return 0;
}
