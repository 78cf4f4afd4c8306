#include "runtime/comptime.h"

#include <stdlib.h>
#include <string.h>

#include "frontend/arena.h"
#include "frontend/diag.h"
#include "frontend/walk.h"
#include "runtime/bigint.h"
#include "runtime/evaluate.h"
#include "runtime/hash.h"
#include "runtime/list.h"
#include "runtime/process.h"
#include "runtime/runtime.h"

enum {
    TIME_LIMIT_MS = 10 * 1000,
    HEAP_LIMIT = 256 * 1024 * 1024,
    STACK_LIMIT = 64 * 1024 * 1024,
    MAX_NODES = 1000 * 1000,
    MAX_DEPTH = 1000,
};

// ---- What is allowed --------------------------------------------------------------------

bool nst_comptime_forbids(NstText primitive) {
    static const char *const prefixes[] = { "dir_",
                                            "env_",
                                            "exec_",
                                            "file_",
                                            "flush",
                                            "http_",
                                            "process_",
                                            "print",
                                            "random_",
                                            "reactive_",
                                            "runtime_",
                                            "server_",
                                            "tcp_",
                                            "time_",
                                            "uuid_v4",
                                            "vm_",
                                            "websocket_",
                                            "crypto_random",
                                            "crypto_bcrypt_hash" };
    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++) {
        size_t size = strlen(prefixes[i]);
        if (primitive.size >= size && memcmp(primitive.data, prefixes[i], size) == 0) return true;
    }
    return false;
}

static bool find_process(void *context, NstExpr *expr) {
    if (expr->kind == NST_EXPR_SPAWN || expr->kind == NST_EXPR_SEND || expr->kind == NST_EXPR_RECEIVE)
        *(bool *)context = true;
    return true;
}

static bool uses_processes(NstExpr *code) {
    bool found = false;
    NstVisitor visitor = { .context = &found, .expr = find_process };
    nst_walk_expr(&visitor, code);
    return found;
}

// ---- From values to literals ------------------------------------------------------------

typedef struct Literals {
    NstArena *arena;
    size_t nodes;
    unsigned depth;
    NstExpr *result;
    const char *problem; // why there is none
} Literals;

static NstExpr *literal_of(Literals *l, NstValue v);

static NstExpr *new_expr(Literals *l, NstExprKind kind) {
    NstExpr *expr = NST_NEW(l->arena, NstExpr);
    expr->kind = kind;
    return expr;
}

static NstExpr *simple(Literals *l, NstLiteral literal) {
    NstExpr *expr = new_expr(l, NST_EXPR_LITERAL);
    expr->literal = literal;
    return expr;
}

static NstExpr *problem(Literals *l, const char *text) {
    if (!l->problem) l->problem = text;
    return new_expr(l, NST_EXPR_ERROR);
}

static NstExpr *sequence(Literals *l, NstExprKind kind, size_t count) {
    NstExpr *expr = new_expr(l, kind);
    if (l->nodes + count > MAX_NODES) return problem(l, "it is too large");
    expr->seq.items = NST_NEW_ARRAY(l->arena, NstExpr *, count);
    expr->seq.count = count;
    return expr;
}

static NstExpr *list_literal(Literals *l, const NstObject *list) {
    NstExpr *expr = sequence(l, NST_EXPR_LIST, nst_list_length(list));
    if (expr->kind == NST_EXPR_LIST)
        for (size_t i = 0; i < expr->seq.count; i++) expr->seq.items[i] = literal_of(l, nst_list_get(list, i));
    return expr;
}

static NstExpr *tuple_literal(Literals *l, const NstObject *tuple) {
    NstExpr *expr = sequence(l, NST_EXPR_TUPLE, tuple->count);
    if (expr->kind == NST_EXPR_TUPLE)
        for (size_t i = 0; i < expr->seq.count; i++) expr->seq.items[i] = literal_of(l, nst_slot(tuple, i));
    return expr;
}

static NstExpr *map_literal(Literals *l, const NstObject *map) {
    NstMapIter it;
    NstValue key, value;
    size_t count = 0;
    nst_map_iter(&it, map);
    while (nst_map_next(&it, &key, &value)) count += 2;
    NstExpr *expr = sequence(l, NST_EXPR_MAP, count);
    if (expr->kind != NST_EXPR_MAP) return expr;
    nst_map_iter(&it, map);
    for (size_t i = 0; nst_map_next(&it, &key, &value); i += 2) {
        expr->seq.items[i] = literal_of(l, key);
        expr->seq.items[i + 1] = literal_of(l, value);
    }
    return expr;
}

static NstExpr *record_literal(Literals *l, const NstObject *record) {
    const NstLayout *layout = ((const NstData *)record)->layout;
    if (!layout->is_record || layout->reactive)
        return problem(l, "a value of a variant or reactive type has no literal here");
    NstExpr *expr = new_expr(l, NST_EXPR_CALL);
    expr->call.callee = new_expr(l, NST_EXPR_NAME);
    expr->call.callee->name.ident.name = layout->name;
    expr->call.args = NST_NEW_ARRAY(l->arena, NstArg, record->count);
    expr->call.arg_count = record->count;
    for (size_t i = 0; i < record->count; i++) {
        if (layout->field_names) expr->call.args[i].name.name = layout->field_names[i];
        expr->call.args[i].value = literal_of(l, nst_slot(record, i));
    }
    return expr;
}

static NstText text_copy(Literals *l, const char *data, size_t size) {
    return (NstText){ nst_arena_strndup(l->arena, data, size), size };
}

static NstExpr *bigint_literal(Literals *l, NstValue v) {
    NstTextBuffer digits = NST_TEXT_BUFFER_INIT;
    nst_text_append_bigint(&digits, v);
    NstExpr *expr = simple(l, (NstLiteral){ .kind = NST_LIT_BIGINT, .text = text_copy(l, digits.data, digits.size) });
    nst_text_free(&digits);
    return expr;
}

static NstExpr *object_literal(Literals *l, NstValue v) {
    const NstObject *o = v.w.o;
    switch ((NstKind)o->kind) {
    case NST_KIND_STRING: {
        const NstString *string = (const NstString *)o;
        NstText text = text_copy(l, string->bytes, string->head.count);
        return simple(l, (NstLiteral){ .kind = NST_LIT_STRING, .text = text });
    }
    case NST_KIND_BIGINT: return bigint_literal(l, v);
    case NST_KIND_LIST: return list_literal(l, o);
    case NST_KIND_TUPLE: return tuple_literal(l, o);
    case NST_KIND_MAP: return map_literal(l, o);
    case NST_KIND_DATA: return record_literal(l, o);
    default: return problem(l, "a value of this type has no literal");
    }
}

static NstLiteralKind integer_kind(uint64_t tag) {
    static const NstLiteralKind kinds[] = { NST_LIT_INT,   NST_LIT_INT8,   NST_LIT_INT16,  NST_LIT_INT32,
                                            NST_LIT_UINT8, NST_LIT_UINT16, NST_LIT_UINT32, NST_LIT_UINT64 };
    return kinds[tag - NST_TAG_INT];
}

static NstExpr *literal_of(Literals *l, NstValue v) {
    if (++l->nodes > MAX_NODES || l->depth >= MAX_DEPTH) return problem(l, "it is too large");
    l->depth++;
    NstExpr *expr;
    switch ((NstTag)v.tag) {
    case NST_TAG_UNIT: expr = simple(l, (NstLiteral){ .kind = NST_LIT_UNIT }); break;
    case NST_TAG_BOOL: expr = simple(l, (NstLiteral){ .kind = NST_LIT_BOOL, .boolean = v.w.u != 0 }); break;
    case NST_TAG_CHAR: expr = simple(l, (NstLiteral){ .kind = NST_LIT_CHAR, .character = (uint32_t)v.w.u }); break;
    case NST_TAG_INT:
    case NST_TAG_INT8:
    case NST_TAG_INT16:
    case NST_TAG_INT32:
    case NST_TAG_UINT8:
    case NST_TAG_UINT16:
    case NST_TAG_UINT32:
    case NST_TAG_UINT64: expr = simple(l, (NstLiteral){ .kind = integer_kind(v.tag), .integer = v.w.i }); break;
    case NST_TAG_FLOAT: expr = simple(l, (NstLiteral){ .kind = NST_LIT_FLOAT, .floating = v.w.f }); break;
    case NST_TAG_FLOAT32: expr = simple(l, (NstLiteral){ .kind = NST_LIT_FLOAT32, .floating = (double)v.w.f32 }); break;
    case NST_TAG_OBJECT: expr = object_literal(l, v); break;
    default: expr = problem(l, "a value of this type has no literal");
    }
    l->depth--;
    return expr;
}

// ---- The hook ---------------------------------------------------------------------------

static void take_value(void *context, NstValue value) {
    Literals *l = context;
    l->result = literal_of(l, value);
}

// "Runtime error: TEXT" and a stack trace: TEXT is what matters.
static char *first_line(const char *report) {
    static const char prefix[] = "Runtime error: ";
    if (strncmp(report, prefix, sizeof prefix - 1) == 0) report += sizeof prefix - 1;
    return nst_strndup(report, strcspn(report, "\n"));
}

NstExpr *nst_runtime_comptime(NstExpr *code, NstArena *arena, char **error) {
    if (uses_processes(code)) {
        *error = nst_strdup("processes cannot be used at compile time");
        return NULL;
    }
    // The program is never freed: compiled code is found by the addresses of what it stands for.
    NstFunction *function;
    NstProgram *program = nst_program_from_code(code, &function);
    NstDiags *diags = nst_program_diags(program);
    for (size_t i = 0; i < diags->count; i++) {
        if (diags->items[i]->severity != NST_ERROR) continue;
        *error = nst_strdup(diags->items[i]->message);
        return NULL;
    }
    NstRunOptions options = { .threads = 1, .max_heap = HEAP_LIMIT, .max_stack = STACK_LIMIT, .capture = true };
    Literals literals = { .arena = arena };
    char *report = nst_runtime_evaluate(program, function, &options, TIME_LIMIT_MS, take_value, &literals);
    if (report) {
        *error = first_line(report);
        free(report);
        return NULL;
    }
    if (!literals.problem) return literals.result;
    *error = nst_strdup(literals.problem);
    return NULL;
}
