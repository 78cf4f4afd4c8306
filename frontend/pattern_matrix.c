#include "frontend/pattern_matrix.h"

#include <stdio.h>
#include <stdlib.h>

enum { MAX_STEPS = 400000 }; // cells looked at

// ---- Patterns as the matrix sees them ---------------------------------------------------

typedef enum Kind {
    WILD,     // every value
    OPAQUE,   // nobody knows which values
    BUILT,    // by constructor `tag` of the domain, from `items`
    INTERVAL, // whole numbers low .. high
    EQUAL,    // one value of an endless type: literal
    PREFIX,   // strings that begin with `text`
    HOLDS,    // maps or sets with at least the members `keys`
    EITHER,   // items are alternatives
} Kind;

typedef enum DomainKind { DOMAIN_BOOL, DOMAIN_UNIT, DOMAIN_TYPE, DOMAIN_TUPLE, DOMAIN_LOOSE_TUPLE, DOMAIN_LIST,
               DOMAIN_MAP, DOMAIN_SET } DomainKind;

typedef struct Pattern {
    Kind kind;
    DomainKind domain;
    NstLiteralKind literal_kind; // INTERVAL: which type
    const NstTypeDecl *decl;
    const NstLiteral *literal;
    NstText text;
    const NstLiteral **keys;
    size_t key_count;
    bool demanding; // HOLDS: asks for more than the keys
    uint32_t tag;
    int64_t low, high;
    size_t count;
    const struct Pattern **items;
} Pattern;

typedef struct NstMatrixCell {
    const Pattern *head;
    const struct NstMatrixCell *tail;
} Cell;

enum { NIL, CONS };

static const Pattern wild = { .kind = WILD }, opaque = { .kind = OPAQUE };
static const Cell end; // of a row without columns: not null, which means "not useful"

static Pattern *new_pattern(NstMatrix *m, Kind kind, size_t count) {
    Pattern *p = NST_NEW(&m->arena, Pattern);
    p->kind = kind;
    p->count = count;
    p->items = NST_NEW_ARRAY(&m->arena, const Pattern *, count + 1);
    for (size_t i = 0; i < count; i++) p->items[i] = &wild;
    return p;
}

static Pattern *new_built(NstMatrix *m, DomainKind domain, uint32_t tag, size_t count) {
    Pattern *p = new_pattern(m, BUILT, count);
    p->domain = domain;
    p->tag = tag;
    return p;
}

static const Pattern *lower(NstMatrix *m, const NstPattern *source);

// The limits of the whole-number types that are split into intervals; the others are compared value by value.
static bool bounds(NstLiteralKind kind, int64_t *low, int64_t *high) {
    switch (kind) {
    case NST_LIT_INT: *low = INT64_MIN, *high = INT64_MAX; return true;
    case NST_LIT_INT8: *low = INT8_MIN, *high = INT8_MAX; return true;
    case NST_LIT_INT16: *low = INT16_MIN, *high = INT16_MAX; return true;
    case NST_LIT_INT32: *low = INT32_MIN, *high = INT32_MAX; return true;
    case NST_LIT_UINT8: *low = 0, *high = UINT8_MAX; return true;
    case NST_LIT_UINT16: *low = 0, *high = UINT16_MAX; return true;
    case NST_LIT_UINT32: *low = 0, *high = UINT32_MAX; return true;
    default: *low = *high = 0; return false;
    }
}

static bool is_unsigned(NstLiteralKind kind) { return kind >= NST_LIT_UINT8 && kind <= NST_LIT_UINT64; }

static const Pattern *lower_literal(NstMatrix *m, const NstLiteral *literal) {
    int64_t low, high;
    if (literal->kind == NST_LIT_BOOL) return new_built(m, DOMAIN_BOOL, literal->boolean, 0);
    if (literal->kind == NST_LIT_UNIT) return new_built(m, DOMAIN_UNIT, 0, 0);
    Pattern *p = new_pattern(m, EQUAL, 0);
    p->literal = literal;
    p->literal_kind = literal->kind;
    if (bounds(literal->kind, &low, &high)) {
        p->kind = INTERVAL;
        p->low = p->high = is_unsigned(literal->kind) ? (int64_t)literal->natural : literal->integer;
    }
    return p;
}

static const Pattern *lower_range(NstMatrix *m, const NstPattern *source) {
    Pattern *p = new_pattern(m, INTERVAL, 0);
    p->literal_kind = NST_LIT_INT;
    p->low = source->literal.integer;
    p->high = source->high.integer;
    if (!source->inclusive) {
        if (p->high == INT64_MIN) return new_pattern(m, EITHER, 0);
        p->high--;
    }
    return p->low <= p->high ? p : new_pattern(m, EITHER, 0); // an empty range never matches
}

// With anything but a name for the rest of the string nobody knows which strings are meant.
static const Pattern *lower_prefix(NstMatrix *m, const NstPattern *source) {
    size_t size = 0;
    for (size_t i = 0; i < source->item_count; i++) size += source->items[i]->literal.text.size;
    const Pattern *rest = lower(m, source->rest);
    if (size == 0 && !m->open) return rest; // every string begins with ""
    if (rest->kind != WILD) return &opaque;
    Pattern *p = new_pattern(m, PREFIX, 0);
    p->literal_kind = NST_LIT_STRING;
    char *text = nst_arena_alloc(&m->arena, size + 1);
    p->text = (NstText){ text, size };
    for (size_t i = 0; i < source->item_count; i++) {
        NstText part = source->items[i]->literal.text;
        if (part.size) memcpy(text, part.data, part.size);
        text += part.size;
    }
    return p;
}

static const Pattern *lower_members(NstMatrix *m, const NstPattern *source) {
    if (!source->item_count && !m->open) return &wild;
    bool map = source->kind == NST_PAT_MAP;
    Pattern *p = new_pattern(m, HOLDS, 0);
    p->domain = map ? DOMAIN_MAP : DOMAIN_SET;
    p->keys = NST_NEW_ARRAY(&m->arena, const NstLiteral *, source->item_count + 1);
    for (size_t i = 0; i < source->item_count; i++) {
        const NstPattern *key = map ? source->keys[i] : source->items[i];
        if (key->kind == NST_PAT_LITERAL) p->keys[p->key_count++] = &key->literal;
        else p->demanding = true;
        p->demanding |= map && lower(m, source->items[i])->kind != WILD;
    }
    return p;
}

static const Pattern *lower_list(NstMatrix *m, const NstPattern *source) {
    if (source->string_prefix) return lower_prefix(m, source);
    if (source->maybe_prefix) return &opaque;
    const Pattern *list = source->rest ? lower(m, source->rest) : new_built(m, DOMAIN_LIST, NIL, 0);
    for (size_t i = source->item_count; i-- > 0;) {
        Pattern *cons = new_built(m, DOMAIN_LIST, CONS, 2);
        cons->items[0] = lower(m, source->items[i]);
        cons->items[1] = list;
        list = cons;
    }
    return list;
}

static const Pattern *lower_fields(NstMatrix *m, const NstPattern *source, const NstCtor *ctor) {
    Pattern *p = new_built(m, DOMAIN_TYPE, ctor->index, ctor->field_count);
    p->decl = ctor->type;
    for (size_t i = 0; i < source->item_count && i < p->count; i++) p->items[i] = lower(m, source->items[i]);
    for (size_t i = 0; i < source->field_count; i++) {
        int field = source->fields[i].field;
        if (field < 0 || (size_t)field >= p->count) return &opaque;
        p->items[field] = lower(m, source->fields[i].pattern);
    }
    return p;
}

static const Pattern *lower_record(NstMatrix *m, const NstPattern *source) {
    const NstType *type = source->type ? nst_type_resolve(source->type) : NULL;
    if (!type || type->kind != NST_TY_CON || type->decl->ctor_count != 1) return &opaque;
    return lower_fields(m, source, type->decl->ctors[0]);
}

static const Pattern *lower(NstMatrix *m, const NstPattern *source) {
    switch (source->kind) {
    case NST_PAT_WILDCARD: return &wild;
    case NST_PAT_NAME: return source->role == NST_ROLE_BIND || source->role == NST_ROLE_ASSIGN ? &wild : &opaque;
    case NST_PAT_LITERAL: return lower_literal(m, &source->literal);
    case NST_PAT_RANGE: return lower_range(m, source);
    case NST_PAT_LIST: return lower_list(m, source);
    case NST_PAT_RECORD: return lower_record(m, source);
    case NST_PAT_CTOR: return source->ctor ? lower_fields(m, source, source->ctor) : &opaque;
    case NST_PAT_MAP:
    case NST_PAT_SET: return lower_members(m, source);
    case NST_PAT_TUPLE:
    case NST_PAT_OR: {
        Pattern *p = source->kind == NST_PAT_OR
                         ? new_pattern(m, EITHER, source->item_count)
                         : new_built(m, source->loose_shape ? DOMAIN_LOOSE_TUPLE : DOMAIN_TUPLE, 0, source->item_count);
        for (size_t i = 0; i < p->count; i++) p->items[i] = lower(m, source->items[i]);
        return p;
    }
    default: return &opaque;
    }
}

// ---- Rows -------------------------------------------------------------------------------

static const Cell *cons(NstMatrix *m, const Pattern *head, const Cell *tail) {
    Cell *cell = nst_arena_alloc(&m->arena, sizeof *cell);
    *cell = (Cell){ head, tail };
    return cell;
}

static const Cell *push_items(NstMatrix *m, const Pattern *p, const Cell *tail) {
    for (size_t i = p->count; i-- > 0;) tail = cons(m, p->items[i], tail);
    return tail;
}

static const Cell *push_wild(NstMatrix *m, size_t count, const Cell *tail) {
    while (count--) tail = cons(m, &wild, tail);
    return tail;
}

typedef struct Rows {
    const Cell **items;
    size_t count, capacity;
} Rows;

static void add_row(NstMatrix *m, Rows *rows, const Cell *row) {
    NST_PUSH(&m->arena, rows->items, rows->count, rows->capacity, row);
}

// The row once for each alternative of its first pattern.
static void add_alternatives(NstMatrix *m, Rows *rows, const Cell *row) {
    if (row->head->kind != EITHER) {
        add_row(m, rows, row);
        return;
    }
    for (size_t i = 0; i < row->head->count; i++) add_alternatives(m, rows, cons(m, row->head->items[i], row->tail));
}

static bool spend(NstMatrix *m, size_t steps) {
    if (m->steps <= steps) {
        m->steps = 0;
        return false;
    }
    m->steps -= steps;
    return true;
}

// ---- Constructors -----------------------------------------------------------------------

static bool same_literal(const NstLiteral *a, const NstLiteral *b) {
    if (a->kind != b->kind) return false;
    switch (a->kind) {
    case NST_LIT_CHAR: return a->character == b->character;
    case NST_LIT_FLOAT:
    case NST_LIT_FLOAT32: return a->floating == b->floating;
    case NST_LIT_UINT8:
    case NST_LIT_UINT16:
    case NST_LIT_UINT32:
    case NST_LIT_UINT64: return a->natural == b->natural;
    case NST_LIT_INT:
    case NST_LIT_INT8:
    case NST_LIT_INT16:
    case NST_LIT_INT32: return a->integer == b->integer;
    case NST_LIT_BOOL: return a->boolean == b->boolean;
    case NST_LIT_UNIT: return true;
    default: return a->text.size == b->text.size && (!a->text.size || memcmp(a->text.data, b->text.data, a->text.size) == 0);
    }
}

static bool is_string(const Pattern *p) { return (p->kind == EQUAL && p->literal_kind == NST_LIT_STRING) || p->kind == PREFIX; }

static bool same_domain(const Pattern *a, const Pattern *b) {
    if (is_string(a) && is_string(b)) return true;
    if (a->kind != b->kind) return false;
    if (a->kind == HOLDS) return a->domain == b->domain;
    if (a->kind != BUILT) return a->literal_kind == b->literal_kind;
    if (a->domain != b->domain || a->decl != b->decl) return false;
    return (a->domain != DOMAIN_TUPLE && a->domain != DOMAIN_LOOSE_TUPLE) || a->count == b->count;
}

static bool begins(const Pattern *inner, NstText text) {
    NstText whole = inner->kind == PREFIX ? inner->text : inner->literal->text;
    return whole.size >= text.size && (!text.size || memcmp(whole.data, text.data, text.size) == 0);
}

static bool holds(const Pattern *inner, const Pattern *outer) {
    if (outer->demanding) return false;
    for (size_t i = 0; i < outer->key_count; i++) {
        size_t k = 0;
        while (k < inner->key_count && !same_literal(inner->keys[k], outer->keys[i])) k++;
        if (k == inner->key_count) return false;
    }
    return true;
}

// Whether `inner` (of which intervals are not cut by `outer`) is matched by `outer` as far as the head goes.
static bool within(const Pattern *inner, const Pattern *outer) {
    if (!same_domain(inner, outer)) return false;
    if (inner->kind == INTERVAL) return outer->low <= inner->low && inner->high <= outer->high;
    if (outer->kind == PREFIX) return begins(inner, outer->text);
    if (inner->kind == HOLDS) return holds(inner, outer);
    if (outer->kind == EQUAL) return inner->kind == EQUAL && same_literal(inner->literal, outer->literal);
    return inner->tag == outer->tag;
}

static const Cell *useful(NstMatrix *m, const Rows *rows, const Cell *query);

// The rows that remain when the first value is built as `head` says, its parts in front.
static Rows specialize(NstMatrix *m, const Rows *rows, const Pattern *head) {
    Rows kept = { 0 };
    for (size_t i = 0; i < rows->count; i++) {
        const Cell *row = rows->items[i];
        if (row->head->kind == WILD) add_row(m, &kept, push_wild(m, head->count, row->tail));
        else if (within(head, row->head)) add_row(m, &kept, push_items(m, row->head, row->tail));
    }
    return kept;
}

// Puts the first `head->count` patterns of a witness back together.
static const Cell *rebuild(NstMatrix *m, const Pattern *head, const Cell *witness) {
    if (!witness) return NULL;
    Pattern *whole = nst_arena_copy(&m->arena, head, sizeof *head);
    whole->items = NST_NEW_ARRAY(&m->arena, const Pattern *, head->count + 1);
    for (size_t i = 0; i < head->count; i++, witness = witness->tail) whole->items[i] = witness->head;
    return cons(m, whole, witness);
}

static const Cell *useful_built(NstMatrix *m, const Rows *rows, const Pattern *head, const Cell *query) {
    bool parts = query->head->kind == BUILT;
    const Cell *inner = parts ? push_items(m, query->head, query->tail) : push_wild(m, head->count, query->tail);
    Rows kept = specialize(m, rows, head);
    return rebuild(m, head, useful(m, &kept, inner));
}

// ---- Whole numbers ----------------------------------------------------------------------

// The longest interval from `low`, at most to `high`, that no row's interval cuts.
static int64_t uncut(const Rows *rows, const Pattern *type, int64_t low, int64_t high) {
    for (size_t i = 0; i < rows->count; i++) {
        const Pattern *p = rows->items[i]->head;
        if (p->kind != INTERVAL || p->literal_kind != type->literal_kind) continue;
        if (p->low > low && p->low - 1 < high) high = p->low - 1;
        if (p->high >= low && p->high < high) high = p->high;
    }
    return high;
}

static const Cell *useful_interval(NstMatrix *m, const Rows *rows, const Pattern *whole, const Cell *query) {
    for (int64_t low = whole->low;;) {
        if (!spend(m, rows->count + 1)) return NULL;
        Pattern *piece = nst_arena_copy(&m->arena, whole, sizeof *whole);
        piece->low = low;
        piece->high = uncut(rows, whole, low, whole->high);
        const Cell *witness = useful_built(m, rows, piece, query);
        if (witness) return witness;
        if (piece->high == whole->high) return NULL;
        low = piece->high + 1;
    }
}

// ---- Complete sets ----------------------------------------------------------------------

static size_t domain_size(const NstMatrix *m, const Pattern *p) {
    if (m->open || p->kind != BUILT) return SIZE_MAX;
    switch (p->domain) {
    case DOMAIN_BOOL:
    case DOMAIN_LIST: return 2;
    case DOMAIN_TYPE: return p->decl->ctor_count;
    case DOMAIN_UNIT:
    case DOMAIN_TUPLE: return 1;
    default: return SIZE_MAX;
    }
}

static const Pattern *constructor(NstMatrix *m, const Pattern *like, uint32_t tag) {
    size_t count = like->count;
    if (like->domain == DOMAIN_TYPE) count = like->decl->ctors[tag]->field_count;
    if (like->domain == DOMAIN_LIST) count = tag == CONS ? 2 : 0;
    Pattern *p = new_built(m, like->domain, tag, count);
    p->decl = like->decl;
    return p;
}

// The first constructor pattern of the column; null if there is none, or if they are of several domains (*mixed).
static const Pattern *column_domain(const Rows *rows, bool *mixed) {
    const Pattern *first = NULL;
    *mixed = false;
    for (size_t i = 0; i < rows->count; i++) {
        const Pattern *p = rows->items[i]->head;
        if (p->kind == WILD || p->kind == OPAQUE) continue;
        if (!first) first = p;
        else if (!same_domain(first, p)) *mixed = true;
    }
    return first;
}

// The rows that take the first value whatever it is.
static const Cell *useful_rest(NstMatrix *m, const Rows *rows, const Pattern *missing, const Cell *query) {
    Rows kept = { 0 };
    for (size_t i = 0; i < rows->count; i++)
        if (rows->items[i]->head->kind == WILD) add_row(m, &kept, rows->items[i]->tail);
    const Cell *witness = useful(m, &kept, query->tail);
    return witness ? cons(m, missing, witness) : NULL;
}

// A constructor of the domain that no row of the column mentions, or null.
static const Pattern *unmentioned(NstMatrix *m, const Rows *rows, const Pattern *like) {
    size_t size = domain_size(m, like);
    if (size == SIZE_MAX) return &wild;
    bool *seen = NST_NEW_ARRAY(&m->arena, bool, size + 1);
    for (size_t i = 0; i < rows->count; i++)
        if (rows->items[i]->head->kind == BUILT) seen[rows->items[i]->head->tag] = true;
    for (uint32_t tag = 0; tag < size; tag++)
        if (!seen[tag]) return constructor(m, like, tag);
    return NULL;
}

// The numbers above all that the rows mention.
static Pattern *numbers_above(NstMatrix *m, const Rows *rows, const Pattern *like) {
    int64_t low;
    Pattern *above = nst_arena_copy(&m->arena, like, sizeof *like);
    bounds(like->literal_kind, &low, &above->high);
    for (size_t i = 0; i < rows->count; i++) {
        const Pattern *p = rows->items[i]->head;
        if (p->kind == INTERVAL && p->high >= low) low = p->high == above->high ? p->high : p->high + 1;
    }
    above->low = low;
    return above;
}

// Numbers that read well are tried first, unless there are many to try.
static const Cell *useful_number(NstMatrix *m, const Rows *rows, const Pattern *like, const Cell *query) {
    enum { MANY = 100 };
    if (rows->count > MANY) {
        const Cell *witness = useful_interval(m, rows, numbers_above(m, rows, like), query);
        if (witness) return witness;
    }
    int64_t low, high;
    bounds(like->literal_kind, &low, &high);
    Pattern *part = nst_arena_copy(&m->arena, like, sizeof *like);
    part->low = 0;
    part->high = high;
    const Cell *witness = useful_interval(m, rows, part, query);
    if (witness || low == 0) return witness;
    part = nst_arena_copy(&m->arena, like, sizeof *like);
    part->low = low;
    part->high = -1;
    return useful_interval(m, rows, part, query);
}

static const Cell *useful_any(NstMatrix *m, const Rows *rows, const Cell *query) {
    bool mixed;
    const Pattern *like = column_domain(rows, &mixed);
    if (!like || mixed) return useful_rest(m, rows, &wild, query);
    if (like->kind == INTERVAL && !m->open) return useful_number(m, rows, like, query);
    const Pattern *missing = unmentioned(m, rows, like);
    if (missing) return useful_rest(m, rows, missing, query);
    for (uint32_t tag = 0; tag < domain_size(m, like); tag++) {
        const Cell *witness = useful_built(m, rows, constructor(m, like, tag), query);
        if (witness) return witness;
    }
    return NULL;
}

// A row of values that the query matches and none of the rows; null if there is none.
static const Cell *useful(NstMatrix *m, const Rows *given, const Cell *query) {
    if (query == &end) return given->count ? NULL : &end;
    if (!spend(m, given->count + 1)) return NULL;
    Rows rows = { 0 };
    for (size_t i = 0; i < given->count; i++) add_alternatives(m, &rows, given->items[i]);
    const Pattern *head = query->head;
    switch (head->kind) {
    case BUILT:
    case EQUAL:
    case PREFIX:
    case HOLDS: return useful_built(m, &rows, head, query);
    case INTERVAL: return useful_interval(m, &rows, head, query);
    case EITHER:
        for (size_t i = 0; i < head->count; i++) {
            const Cell *witness = useful(m, &rows, cons(m, head->items[i], query->tail));
            if (witness) return witness;
        }
        return NULL;
    default: return useful_any(m, &rows, query);
    }
}

// ---- The matrix -------------------------------------------------------------------------

void nst_matrix_init(NstMatrix *m, size_t columns, bool open) {
    *m = (NstMatrix){ .columns = columns, .open = open, .steps = MAX_STEPS };
    nst_arena_init(&m->arena);
}

void nst_matrix_free(NstMatrix *m) { nst_arena_free(&m->arena); }

static const Cell *row_of(NstMatrix *m, const NstPattern *const *patterns) {
    const Cell *row = &end;
    for (size_t i = m->columns; i-- > 0;) row = cons(m, lower(m, patterns[i]), row);
    return row;
}

static const Cell *left_over(NstMatrix *m, const Cell *query) {
    Rows rows = { m->rows, m->row_count, m->row_count };
    return useful(m, &rows, query);
}

bool nst_matrix_covers(NstMatrix *m, const NstPattern *const *patterns) {
    return !left_over(m, row_of(m, patterns)) && m->steps;
}

void nst_matrix_add(NstMatrix *m, const NstPattern *const *patterns) {
    NST_PUSH(&m->arena, m->rows, m->row_count, m->row_capacity, row_of(m, patterns));
}

// ---- Witnesses --------------------------------------------------------------------------

static void write_pattern(FILE *out, const Pattern *p);

static void write_parts(FILE *out, const Pattern *p) {
    fputc('(', out);
    for (size_t i = 0; i < p->count; i++) {
        if (i) fputs(", ", out);
        write_pattern(out, p->items[i]);
    }
    fputc(')', out);
}

static void write_list(FILE *out, const Pattern *p) {
    fputc('[', out);
    for (bool first = true; p->kind == BUILT && p->tag == CONS; p = p->items[1], first = false) {
        if (!first) fputs(", ", out);
        write_pattern(out, p->items[0]);
    }
    if (p->kind != BUILT) fputs(" | _", out);
    fputc(']', out);
}

// The number that reads best: 0, or the end nearest to it.
static int64_t example(const Pattern *p) {
    if (p->low <= 0 && p->high >= 0) return 0;
    return p->low > 0 ? p->low : p->high;
}

static void write_pattern(FILE *out, const Pattern *p) {
    if (p->kind == INTERVAL) {
        fprintf(out, "%lld", (long long)example(p));
        return;
    }
    if (p->kind != BUILT) {
        fputc('_', out);
        return;
    }
    switch (p->domain) {
    case DOMAIN_BOOL: fputs(p->tag ? "true" : "false", out); break;
    case DOMAIN_UNIT: fputs("()", out); break;
    case DOMAIN_LIST: write_list(out, p); break;
    case DOMAIN_TYPE:
        fputs(nst_name_text(p->decl->ctors[p->tag]->name), out);
        if (p->count) write_parts(out, p);
        break;
    default: write_parts(out, p); break;
    }
}

char *nst_matrix_missing(NstMatrix *m) {
    const Cell *witness = left_over(m, push_wild(m, m->columns, &end));
    if (!witness) return NULL;
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    for (; witness != &end; witness = witness->tail) {
        write_pattern(out, witness->head);
        if (witness->tail != &end) fputs(", ", out);
    }
    fclose(out);
    return text;
}
