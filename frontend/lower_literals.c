// Literals: decoding, ranges (syntax.md 1.5-1.7).
#include "frontend/lower_internal.h"

#include <errno.h>
#include <stdlib.h>

typedef struct IntegerType {
    const char *suffix, *type;
    NstLiteralKind kind;
    bool is_signed;
    uint64_t maximum;
} IntegerType;

static const IntegerType integer_types[] = {
    { "", "Int", NST_LIT_INT, true, INT64_MAX },
    { "i8", "Int8", NST_LIT_INT8, true, INT8_MAX },
    { "i16", "Int16", NST_LIT_INT16, true, INT16_MAX },
    { "i32", "Int32", NST_LIT_INT32, true, INT32_MAX },
    { "u8", "UInt8", NST_LIT_UINT8, false, UINT8_MAX },
    { "u16", "UInt16", NST_LIT_UINT16, false, UINT16_MAX },
    { "u32", "UInt32", NST_LIT_UINT32, false, UINT32_MAX },
    { "u64", "UInt64", NST_LIT_UINT64, false, UINT64_MAX },
};

bool nst_lower_is_number(const NstNode *node) {
    switch (node->kind) {
    case NST_NODE_integer:
    case NST_NODE_sized_integer:
    case NST_NODE_big_integer:
    case NST_NODE_float:
    case NST_NODE_float32:
    case NST_NODE_decimal:
    case NST_NODE_invalid_number: return true;
    default: return false;
    }
}

bool nst_lower_is_literal(const NstNode *node) {
    switch (node->kind) {
    case NST_NODE_character:
    case NST_NODE_invalid_character:
    case NST_NODE_string:
    case NST_NODE_boolean: return true;
    default: return nst_lower_is_number(node);
    }
}

static void report_invalid(NstLower *lower, const NstNode *node, const char *message, const char *hint) {
    lower->errors = true;
    NstDiag *diag = nst_diag_add(lower->diags, NST_DIAG_INVALID_LITERAL, nst_lower_span(lower, node), "%s", message);
    if (hint) nst_diag_hint(lower->diags, diag, "%s", hint);
}

static NstText node_text(const NstLower *lower, const NstNode *node) {
    return (NstText){ lower->text + node->start, node->end - node->start };
}

// ---- Integers ---------------------------------------------------------------------------

static const IntegerType *integer_type_of(NstText text) {
    for (size_t i = 1; i < sizeof integer_types / sizeof *integer_types; i++) {
        size_t size = strlen(integer_types[i].suffix);
        if (text.size > size && memcmp(text.data + text.size - size, integer_types[i].suffix, size) == 0)
            return &integer_types[i];
    }
    return &integer_types[0];
}

// The magnitude of digits of a base, underscores passed; false if it exceeds 64 bits.
static bool read_magnitude(NstText digits, unsigned base, uint64_t *magnitude) {
    *magnitude = 0;
    for (size_t i = 0; i < digits.size; i++) {
        char c = digits.data[i];
        if (c == '_') continue;
        unsigned digit = c <= '9' ? (unsigned)(c - '0') : (unsigned)((c | 32) - 'a') + 10;
        if (__builtin_mul_overflow(*magnitude, base, magnitude)) return false;
        if (__builtin_add_overflow(*magnitude, digit, magnitude)) return false;
    }
    return true;
}

// Type and magnitude of an integer or sized_integer node.
static const IntegerType *read_integer(const NstLower *lower, const NstNode *node, uint64_t *magnitude, bool *fits) {
    NstText text = node_text(lower, node);
    unsigned base = 10;
    const IntegerType *type = &integer_types[0];
    if (node->kind == NST_NODE_sized_integer) {
        type = integer_type_of(text);
        text.size -= strlen(type->suffix);
    } else if (text.size > 2 && text.data[0] == '0' && (text.data[1] | 32) >= 'a') {
        base = (text.data[1] | 32) == 'x' ? 16 : 2;
        text.data += 2;
        text.size -= 2;
    }
    *fits = read_magnitude(text, base, magnitude);
    return type;
}

// Whether the token directly before the literal is `-` (and not the end of `<-`).
static bool follows_minus(const NstLower *lower, const NstNode *node) {
    uint32_t at = node->start;
    while (at && strchr(" \t\r\n", lower->text[at - 1])) at--;
    return at && lower->text[at - 1] == '-' && !(at > 1 && lower->text[at - 2] == '<');
}

bool nst_lower_is_minimum(const NstLower *lower, const NstNode *node) {
    if (node->kind != NST_NODE_integer && node->kind != NST_NODE_sized_integer) return false;
    uint64_t magnitude;
    bool fits;
    const IntegerType *type = read_integer(lower, node, &magnitude, &fits);
    return fits && type->is_signed && magnitude == type->maximum + 1 && follows_minus(lower, node);
}

static bool lower_integer(NstLower *lower, const NstNode *node, bool negative, NstLiteral *literal) {
    uint64_t magnitude;
    bool fits;
    const IntegerType *type = read_integer(lower, node, &magnitude, &fits);
    bool minimum = fits && type->is_signed && magnitude == type->maximum + 1 && follows_minus(lower, node);
    if (!fits || (magnitude > type->maximum && !minimum)) {
        NstText text = node_text(lower, node);
        char range[64];
        if (type->is_signed)
            snprintf(range, sizeof range, "-%llu to %llu", (unsigned long long)type->maximum + 1,
                     (unsigned long long)type->maximum);
        else snprintf(range, sizeof range, "0 to %llu", (unsigned long long)type->maximum);
        report_invalid(lower, node,
                       nst_arena_printf(lower->arena, "integer literal `%.*s` is out of range for %s (valid range: %s)",
                                        (int)text.size, text.data, type->type, range),
                       type->kind == NST_LIT_INT ? "a larger number is a BigInt: write an `n` after the digits" : NULL);
        return false;
    }
    literal->kind = type->kind;
    if (!type->is_signed) literal->natural = magnitude;
    else if (minimum) literal->integer = -(int64_t)type->maximum - 1;
    else literal->integer = negative ? -(int64_t)magnitude : (int64_t)magnitude;
    return true;
}

// ---- Other numbers ----------------------------------------------------------------------

// The literal's text without underscores and suffix, with a `-` if negative.
static NstText clean_number(NstLower *lower, NstText text, size_t suffix, bool negative) {
    char *clean = nst_arena_alloc(lower->arena, text.size + 2);
    size_t size = 0;
    if (negative) clean[size++] = '-';
    for (size_t i = 0; i + suffix < text.size; i++)
        if (text.data[i] != '_') clean[size++] = text.data[i];
    clean[size] = '\0';
    return (NstText){ clean, size };
}

// A Decimal has a coefficient of 96 bits and at most 28 digits after the point.
static bool decimal_fits(NstText digits) {
    unsigned __int128 coefficient = 0;
    size_t scale = 0;
    bool point = false;
    for (size_t i = 0; i < digits.size; i++) {
        char c = digits.data[i];
        if (c == '.') point = true;
        if (c < '0' || c > '9') continue;
        scale += point;
        coefficient = coefficient * 10 + (unsigned)(c - '0');
        if (coefficient >> 96) return false;
    }
    return scale <= 28;
}

static bool lower_number(NstLower *lower, const NstNode *node, bool negative, NstLiteral *literal) {
    NstText text = node_text(lower, node);
    switch (node->kind) {
    case NST_NODE_integer:
    case NST_NODE_sized_integer: return lower_integer(lower, node, negative, literal);
    case NST_NODE_big_integer:
        literal->kind = NST_LIT_BIGINT;
        literal->text = clean_number(lower, text, 1, negative);
        return true;
    case NST_NODE_decimal:
        literal->kind = NST_LIT_DECIMAL;
        literal->text = clean_number(lower, text, 1, negative);
        if (decimal_fits(literal->text)) return true;
        report_invalid(lower, node,
                       nst_arena_printf(lower->arena, "decimal literal `%.*s` has too many digits for Decimal",
                                        (int)text.size, text.data),
                       "a Decimal holds 28 digits, up to 28 of them after the point");
        return false;
    case NST_NODE_float:
        literal->kind = NST_LIT_FLOAT;
        literal->floating = strtod(clean_number(lower, text, 0, negative).data, NULL);
        return true;
    case NST_NODE_float32:
        literal->kind = NST_LIT_FLOAT32;
        literal->floating = (double)strtof(clean_number(lower, text, 3, negative).data, NULL);
        return true;
    default:
        report_invalid(
            lower, node, nst_arena_printf(lower->arena, "`%.*s` is not a number", (int)text.size, text.data),
            "suffixes are i8 i16 i32 u8 u16 u32 u64 n d f32; a float needs digits on both sides of its point");
        return false;
    }
}

// ---- Characters and strings -------------------------------------------------------------

static uint32_t decode_escape(char c) {
    switch (c) {
    case 'n': return '\n';
    case 'r': return '\r';
    case 't': return '\t';
    case '0': return '\0';
    default: return (unsigned char)c;
    }
}

static uint32_t decode_utf8(const char *text, size_t size) {
    const unsigned char *at = (const unsigned char *)text;
    if (at[0] < 0x80) return at[0];
    uint32_t character = at[0] >= 0xF0 ? at[0] & 7u : at[0] >= 0xE0 ? at[0] & 15u : at[0] & 31u;
    for (size_t i = 1; i < size && (at[i] & 0xC0) == 0x80; i++) character = character << 6 | (at[i] & 0x3Fu);
    return character;
}

static bool lower_character(NstLower *lower, const NstNode *node, NstLiteral *literal) {
    NstText text = node_text(lower, node);
    if (node->kind == NST_NODE_invalid_character) {
        bool empty = text.size <= 2;
        report_invalid(lower, node,
                       empty ? "a character literal holds one character"
                             : nst_arena_printf(lower->arena, "unknown escape in character literal %.*s",
                                                (int)text.size, text.data),
                       empty ? "the empty string is \"\"" : "the escapes are \\n \\r \\t \\0 \\\\ \\' \\\" \\$");
        return false;
    }
    literal->kind = NST_LIT_CHAR;
    literal->character = text.data[1] == '\\' ? decode_escape(text.data[2]) : decode_utf8(text.data + 1, text.size - 2);
    return true;
}

// Appends a string's text or escape, decoded, to a growing buffer.
typedef struct Buffer {
    char *data;
    size_t size, capacity;
} Buffer;

static void append(NstLower *lower, Buffer *buffer, char c) {
    NST_PUSH(lower->arena, buffer->data, buffer->size, buffer->capacity, c);
}

static void append_part(NstLower *lower, Buffer *buffer, const NstNode *part) {
    NstText text = node_text(lower, part);
    if (part->kind == NST_NODE_escape_sequence && text.size == 2) {
        append(lower, buffer, (char)decode_escape(text.data[1]));
        return;
    }
    for (size_t i = 0; i < text.size; i++) append(lower, buffer, text.data[i]);
}

const NstNode *nst_lower_interpolation(const NstNode *node) {
    for (uint32_t i = 0; i < node->child_count; i++)
        if (node->children[i].kind == NST_NODE_interpolation) return &node->children[i];
    return NULL;
}

static bool is_unterminated(const NstNode *node) {
    return node->child_count && node->children[node->child_count - 1].kind == NST_NODE_unterminated;
}

static void report_unterminated(NstLower *lower, const NstNode *node) {
    NstNode quote = { .start = node->start, .end = node->start + 1 };
    report_invalid(lower, &quote, "unterminated string literal", NULL);
}

static void push_text(NstLower *lower, NstStringPart **parts, size_t *count, size_t *capacity, Buffer *buffer) {
    if (!buffer->size) return;
    NstStringPart part = { .text = { buffer->data, buffer->size } };
    NST_PUSH(lower->arena, *parts, *count, *capacity, part);
    *buffer = (Buffer){ 0 };
}

// A single quote ends a single-quoted string, also in its interpolated code (syntax.md 1.7).
static void check_quotes(NstLower *lower, const NstNode *interpolation) {
    const char *text = lower->text + interpolation->start;
    const char *quote = memchr(text, '\'', interpolation->end - interpolation->start);
    if (!quote) return;
    uint32_t at = interpolation->start + (uint32_t)(quote - text);
    nst_lower_problem(lower, (NstRange){ at, at + 1 }, "write the string with double quotes",
                      "a single-quoted string cannot contain `'` in its interpolated code");
}

NstExpr *nst_lower_string(NstLower *lower, const NstNode *node) {
    if (is_unterminated(node)) {
        report_unterminated(lower, node);
        return nst_lower_new_expr(lower, NST_EXPR_ERROR, node);
    }
    NstStringPart *parts = NULL;
    size_t count = 0, capacity = 0;
    Buffer buffer = { 0 };
    for (uint32_t i = 0; i < node->child_count; i++) {
        const NstNode *child = &node->children[i];
        if (child->kind == NST_NODE_string_content || child->kind == NST_NODE_escape_sequence) {
            append_part(lower, &buffer, child);
        } else if (child->kind == NST_NODE_interpolation) {
            if (lower->text[node->start] == '\'') check_quotes(lower, child);
            push_text(lower, &parts, &count, &capacity, &buffer);
            NstStringPart part = { .expr = nst_lower_expr_field(lower, child, NST_FIELD_EXPRESSION) };
            NST_PUSH(lower->arena, parts, count, capacity, part);
        }
    }
    if (!nst_lower_interpolation(node)) {
        NstExpr *expr = nst_lower_new_expr(lower, NST_EXPR_LITERAL, node);
        expr->literal.kind = NST_LIT_STRING;
        expr->literal.text = (NstText){ buffer.data ? buffer.data : "", buffer.size };
        return expr;
    }
    push_text(lower, &parts, &count, &capacity, &buffer);
    NstExpr *expr = nst_lower_new_expr(lower, NST_EXPR_STRING, node);
    expr->string.parts = parts;
    expr->string.part_count = count;
    return expr;
}

NstText nst_lower_plain_string(NstLower *lower, const NstNode *node) {
    const NstNode *interpolation = nst_lower_interpolation(node);
    if (interpolation) {
        nst_lower_problem_at(lower, interpolation, "this string cannot contain an interpolation");
        return (NstText){ "", 0 };
    }
    NstExpr *expr = nst_lower_string(lower, node);
    return expr->kind == NST_EXPR_LITERAL ? expr->literal.text : (NstText){ "", 0 };
}

bool nst_lower_literal(NstLower *lower, const NstNode *node, bool negative, NstLiteral *literal) {
    *literal = (NstLiteral){ .kind = NST_LIT_UNIT };
    switch (node->kind) {
    case NST_NODE_unit: return true;
    case NST_NODE_boolean:
        literal->kind = NST_LIT_BOOL;
        literal->boolean = nst_lower_token_is(lower, node, "true");
        return true;
    case NST_NODE_character:
    case NST_NODE_invalid_character: return lower_character(lower, node, literal);
    case NST_NODE_string:
        literal->kind = NST_LIT_STRING;
        literal->text = nst_lower_plain_string(lower, node);
        return !nst_lower_interpolation(node) && !is_unterminated(node);
    default: return lower_number(lower, node, negative, literal);
    }
}
