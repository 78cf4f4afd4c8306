#include "frontend/ast_dump.h"

#include "frontend/frontend.h"

#include <inttypes.h>
#include <string.h>

static void dump_clause(FILE *out, const NstClause *clause);

static void dump_name(FILE *out, NstName name) {
    fputs(nst_name_text(name), out);
}

static void dump_text(FILE *out, NstText text) {
    fputc('"', out);
    for (size_t i = 0; i < text.size; i++) {
        unsigned char c = (unsigned char)text.data[i];
        if (c == '"' || c == '\\') fprintf(out, "\\%c", c);
        else if (c < 0x20) fprintf(out, "\\x%02x", c);
        else fputc(c, out);
    }
    fputc('"', out);
}

static void dump_literal(FILE *out, const NstLiteral *literal) {
    switch (literal->kind) {
    case NST_LIT_UNIT: fputs("()", out); break;
    case NST_LIT_BOOL: fputs(literal->boolean ? "true" : "false", out); break;
    case NST_LIT_CHAR: fprintf(out, "(char %" PRIu32 ")", literal->character); break;
    case NST_LIT_STRING: dump_text(out, literal->text); break;
    case NST_LIT_INT: fprintf(out, "%" PRId64, literal->integer); break;
    case NST_LIT_INT8: fprintf(out, "%" PRId64 "i8", literal->integer); break;
    case NST_LIT_INT16: fprintf(out, "%" PRId64 "i16", literal->integer); break;
    case NST_LIT_INT32: fprintf(out, "%" PRId64 "i32", literal->integer); break;
    case NST_LIT_UINT8: fprintf(out, "%" PRIu64 "u8", literal->natural); break;
    case NST_LIT_UINT16: fprintf(out, "%" PRIu64 "u16", literal->natural); break;
    case NST_LIT_UINT32: fprintf(out, "%" PRIu64 "u32", literal->natural); break;
    case NST_LIT_UINT64: fprintf(out, "%" PRIu64 "u64", literal->natural); break;
    case NST_LIT_FLOAT: fprintf(out, "(float %.17g)", literal->floating); break;
    case NST_LIT_FLOAT32: fprintf(out, "(float32 %.9g)", literal->floating); break;
    case NST_LIT_BIGINT: fprintf(out, "%.*sn", (int)literal->text.size, literal->text.data); break;
    case NST_LIT_DECIMAL: fprintf(out, "%.*sd", (int)literal->text.size, literal->text.data); break;
    }
}

// ---- Types ------------------------------------------------------------------------------

static void dump_types(FILE *out, NstTypeExpr *const *types, size_t count) {
    for (size_t i = 0; i < count; i++) {
        fputc(' ', out);
        nst_ast_dump_type(out, types[i]);
    }
}

void nst_ast_dump_type(FILE *out, const NstTypeExpr *type) {
    static const char *const heads[] = {
        [NST_TEXPR_ERROR] = "(error", [NST_TEXPR_NAME] = "(type",     [NST_TEXPR_VAR] = "(var",
        [NST_TEXPR_LIST] = "(list",   [NST_TEXPR_TUPLE] = "(tuple",   [NST_TEXPR_UNIT] = "(unit",
        [NST_TEXPR_FUN] = "(->",      [NST_TEXPR_RECORD] = "(record",
    };
    fputs(heads[type->kind], out);
    for (size_t i = 0; i < type->path_len; i++) {
        fputc(i ? '.' : ' ', out);
        dump_name(out, type->path[i].name);
    }
    dump_types(out, type->args, type->arg_count);
    if (type->result) dump_types(out, &type->result, 1);
    fputc(')', out);
}

static void dump_type_params(FILE *out, const NstTypeParam *params, size_t count) {
    for (size_t i = 0; i < count; i++) {
        fputs(" (param ", out);
        dump_name(out, params[i].name.name);
        for (size_t j = 0; j < params[i].bound_count; j++) fprintf(out, " %s", nst_name_text(params[i].bounds[j].name));
        fputc(')', out);
    }
}

// ---- Patterns ---------------------------------------------------------------------------

static void dump_patterns(FILE *out, NstPattern *const *items, size_t count) {
    for (size_t i = 0; i < count; i++) {
        fputc(' ', out);
        nst_ast_dump_pattern(out, items[i]);
    }
}

static void dump_field_patterns(FILE *out, const NstPattern *pattern) {
    for (size_t i = 0; i < pattern->field_count; i++) {
        fprintf(out, " (%s ", nst_name_text(pattern->fields[i].name.name));
        nst_ast_dump_pattern(out, pattern->fields[i].pattern);
        fputc(')', out);
    }
}

void nst_ast_dump_pattern(FILE *out, const NstPattern *pattern) {
    static const char *const heads[] = {
        [NST_PAT_ERROR] = "(error",   [NST_PAT_TUPLE] = "(tuple", [NST_PAT_LIST] = "(list", [NST_PAT_CTOR] = "(ctor ",
        [NST_PAT_RECORD] = "(record", [NST_PAT_SET] = "(set",     [NST_PAT_OR] = "(or",     [NST_PAT_MAP] = "(map",
    };
    switch (pattern->kind) {
    case NST_PAT_WILDCARD: fputc('_', out); return;
    case NST_PAT_NAME: dump_name(out, pattern->ident.name); return;
    case NST_PAT_PIN: fprintf(out, "(pin %s)", nst_name_text(pattern->ident.name)); return;
    case NST_PAT_LITERAL: dump_literal(out, &pattern->literal); return;
    case NST_PAT_RANGE:
        fputs(pattern->inclusive ? "(range= " : "(range ", out);
        dump_literal(out, &pattern->literal);
        fputc(' ', out);
        dump_literal(out, &pattern->high);
        fputc(')', out);
        return;
    default: break;
    }
    fputs(heads[pattern->kind], out);
    if (pattern->kind == NST_PAT_CTOR) dump_name(out, pattern->ident.name);
    for (size_t i = 0; i < pattern->item_count; i++) {
        if (pattern->keys) dump_patterns(out, &pattern->keys[i], 1);
        dump_patterns(out, &pattern->items[i], 1);
    }
    dump_field_patterns(out, pattern);
    if (pattern->rest) {
        fputs(" |", out);
        dump_patterns(out, &pattern->rest, 1);
    }
    fputc(')', out);
}

static void dump_params(FILE *out, const NstParam *params, size_t count) {
    fputs(" (", out);
    for (size_t i = 0; i < count; i++) {
        if (i) fputc(' ', out);
        if (params[i].annotation) fputs("(: ", out);
        nst_ast_dump_pattern(out, params[i].pattern);
        if (params[i].annotation) {
            dump_types(out, &params[i].annotation, 1);
            fputc(')', out);
        }
        if (params[i].default_value) {
            fputs(" = ", out);
            nst_ast_dump_expr(out, params[i].default_value);
        }
    }
    fputc(')', out);
}

// ---- Expressions ------------------------------------------------------------------------

static void dump_part(FILE *out, const NstExpr *expr) {
    fputc(' ', out);
    if (expr) nst_ast_dump_expr(out, expr);
    else fputs("none", out);
}

static void dump_parts(FILE *out, NstExpr *const *items, size_t count) {
    for (size_t i = 0; i < count; i++) dump_part(out, items[i]);
}

static void dump_arms(FILE *out, const NstArm *arms, size_t count) {
    for (size_t i = 0; i < count; i++) {
        fputs(" (arm ", out);
        nst_ast_dump_pattern(out, arms[i].pattern);
        if (arms[i].guard) {
            fputs(" when", out);
            dump_part(out, arms[i].guard);
        }
        dump_part(out, arms[i].body);
        fputc(')', out);
    }
}

static void dump_call(FILE *out, const NstExpr *expr) {
    fputs(expr->kind == NST_EXPR_METHOD ? "(method" : "(call", out);
    if (expr->call.piped) fputs(" piped", out);
    dump_part(out, expr->call.callee);
    if (expr->kind == NST_EXPR_METHOD) fprintf(out, " .%s", nst_name_text(expr->call.method.name));
    if (expr->call.type_arg_count) {
        fputs(" [", out);
        dump_types(out, expr->call.type_args, expr->call.type_arg_count);
        fputs(" ]", out);
    }
    for (size_t i = 0; i < expr->call.arg_count; i++) {
        if (expr->call.args[i].name.name) fprintf(out, " %s:", nst_name_text(expr->call.args[i].name.name));
        dump_part(out, expr->call.args[i].value);
    }
    fputc(')', out);
}

static void dump_stmt(FILE *out, const NstStmt *stmt) {
    switch (stmt->kind) {
    case NST_STMT_EXPR: nst_ast_dump_expr(out, stmt->value); return;
    case NST_STMT_BIND:
        fputs(stmt->var_ ? "(var " : "(bind ", out);
        nst_ast_dump_pattern(out, stmt->pattern);
        if (stmt->annotation) dump_types(out, &stmt->annotation, 1);
        break;
    case NST_STMT_ASSIGN_FIELD:
    case NST_STMT_ASSIGN_INDEX:
        fputs("(assign ", out);
        nst_ast_dump_expr(out, stmt->place);
        break;
    case NST_STMT_FUNCTION:
        fputs("(local", out);
        for (size_t i = 0; i < stmt->clause_count; i++) {
            fputc(' ', out);
            dump_clause(out, stmt->clauses[i]);
        }
        fputc(')', out);
        return;
    }
    dump_part(out, stmt->value);
    fputc(')', out);
}

static void dump_string(FILE *out, const NstExpr *expr) {
    fputs("(string", out);
    for (size_t i = 0; i < expr->string.part_count; i++) {
        if (expr->string.parts[i].expr) {
            dump_part(out, expr->string.parts[i].expr);
        } else {
            fputc(' ', out);
            dump_text(out, expr->string.parts[i].text);
        }
    }
    fputc(')', out);
}

// The form's word and, in order, its parts.
static void dump_form(FILE *out, const char *head, const NstExpr *const *parts, size_t count) {
    fputs(head, out);
    for (size_t i = 0; i < count; i++) dump_part(out, parts[i]);
    fputc(')', out);
}

#define FORM(head, ...)                                                                                                \
    dump_form(out, head, (const NstExpr *[]){ __VA_ARGS__ },                                                           \
              sizeof((const NstExpr *[]){ __VA_ARGS__ }) / sizeof(NstExpr *))

static void dump_binary(FILE *out, const NstExpr *expr) {
    static const char *const operators[] = {
        [NST_OP_NEG] = "neg", [NST_OP_NOT] = "not", [NST_OP_ADD] = "+",  [NST_OP_SUB] = "-",     [NST_OP_MUL] = "*",
        [NST_OP_DIV] = "/",   [NST_OP_MOD] = "%",   [NST_OP_POW] = "**", [NST_OP_CONCAT] = "++", [NST_OP_CONS] = "::",
        [NST_OP_EQ] = "==",   [NST_OP_NE] = "!=",   [NST_OP_LT] = "<",   [NST_OP_GT] = ">",      [NST_OP_LE] = "<=",
        [NST_OP_GE] = ">=",   [NST_OP_AND] = "&&",  [NST_OP_OR] = "||",
    };
    fprintf(out, "(%s", operators[expr->binary.op]);
    dump_part(out, expr->binary.left);
    if (expr->kind == NST_EXPR_BINARY) dump_part(out, expr->binary.right);
    fputc(')', out);
}

static void dump_sequence(FILE *out, const NstExpr *expr, const char *head) {
    fputs(head, out);
    dump_parts(out, expr->seq.items, expr->seq.count);
    if (expr->seq.rest) {
        fputs(" |", out);
        dump_part(out, expr->seq.rest);
    }
    fputc(')', out);
}

void nst_ast_dump_expr(FILE *out, const NstExpr *expr) {
    static const char *const spawns[] = { "(spawn", "(spawn_link", "(spawn_monitor" };
    switch (expr->kind) {
    case NST_EXPR_ERROR: fputs("(error)", out); break;
    case NST_EXPR_LITERAL: dump_literal(out, &expr->literal); break;
    case NST_EXPR_STRING: dump_string(out, expr); break;
    case NST_EXPR_NAME: dump_name(out, expr->name.ident.name); break;
    case NST_EXPR_WILDCARD: fputc('_', out); break;
    case NST_EXPR_TUPLE: dump_sequence(out, expr, "(tuple"); break;
    case NST_EXPR_LIST: dump_sequence(out, expr, "(list"); break;
    case NST_EXPR_MAP: dump_sequence(out, expr, "(map"); break;
    case NST_EXPR_SET: dump_sequence(out, expr, "(set"); break;
    case NST_EXPR_RANGE_LIST: FORM("(range", expr->index.receiver, expr->index.index); break;
    case NST_EXPR_BLOCK:
        fputs("(block", out);
        for (size_t i = 0; i < expr->block.count; i++) {
            fputc(' ', out);
            dump_stmt(out, expr->block.stmts[i]);
        }
        fputc(')', out);
        break;
    case NST_EXPR_LAMBDA:
        fputs("(lambda", out);
        dump_params(out, expr->lambda->params, expr->lambda->param_count);
        if (expr->lambda->result) dump_types(out, &expr->lambda->result, 1);
        dump_part(out, expr->lambda->body_expr);
        fputc(')', out);
        break;
    case NST_EXPR_IF: FORM("(if", expr->branch.cond, expr->branch.then, expr->branch.otherwise); break;
    case NST_EXPR_MATCH:
        fputs("(match", out);
        dump_part(out, expr->match.scrutinee);
        dump_arms(out, expr->match.arms, expr->match.arm_count);
        fputc(')', out);
        break;
    case NST_EXPR_TRY:
        fputs("(try", out);
        dump_part(out, expr->try_.body);
        if (expr->try_.has_catch) fputs(" catch", out);
        dump_arms(out, expr->try_.arms, expr->try_.arm_count);
        if (expr->try_.finally) fputs(" finally", out), dump_part(out, expr->try_.finally);
        fputc(')', out);
        break;
    case NST_EXPR_WHILE: FORM("(while", expr->loop.cond, expr->loop.body); break;
    case NST_EXPR_FOR:
        fprintf(out, "(for %s", nst_name_text(expr->for_.var.name));
        FORM("", expr->for_.from, expr->for_.to, expr->for_.body);
        break;
    case NST_EXPR_RECEIVE:
        fputs("(receive", out);
        dump_arms(out, expr->receive.arms, expr->receive.arm_count);
        if (expr->receive.after_time) FORM(" (after", expr->receive.after_time, expr->receive.after_body);
        fputc(')', out);
        break;
    case NST_EXPR_SPAWN:
        fputs(spawns[expr->spawn.how], out);
        if (expr->spawn.by_value) fputs(" value", out);
        dump_part(out, expr->spawn.operand);
        fputc(')', out);
        break;
    case NST_EXPR_QUOTE: FORM("(quote", expr->unary.operand); break;
    case NST_EXPR_SPLICE: FORM("(splice", expr->unary.operand); break;
    case NST_EXPR_BREAK: FORM("(break", expr->unary.operand); break;
    case NST_EXPR_RETURN: FORM("(return", expr->unary.operand); break;
    case NST_EXPR_CONTINUE: fputs("(continue)", out); break;
    case NST_EXPR_UNARY:
    case NST_EXPR_BINARY: dump_binary(out, expr); break;
    case NST_EXPR_SEND: FORM("(<-", expr->binary.left, expr->binary.right); break;
    case NST_EXPR_CALL:
    case NST_EXPR_METHOD: dump_call(out, expr); break;
    case NST_EXPR_FIELD:
        fputs("(field", out);
        dump_part(out, expr->field.receiver);
        fprintf(out, " .%s)", nst_name_text(expr->field.field.name));
        break;
    case NST_EXPR_TUPLE_INDEX:
        fputs("(element", out);
        dump_part(out, expr->field.receiver);
        fprintf(out, " %" PRIu32 ")", expr->field.position);
        break;
    case NST_EXPR_INDEX: FORM("(index", expr->index.receiver, expr->index.index); break;
    case NST_EXPR_TRY_OP: FORM("(?", expr->unary.operand); break;
    }
}

// ---- Items ------------------------------------------------------------------------------

static void dump_clause(FILE *out, const NstClause *clause) {
    fprintf(out, "(%s", nst_name_text(clause->name.name));
    dump_type_params(out, clause->type_params, clause->type_param_count);
    dump_params(out, clause->params, clause->param_count);
    if (clause->guard) fputs(" when", out), dump_part(out, clause->guard);
    if (clause->result) fputs(" ->", out), dump_types(out, &clause->result, 1);
    if (clause->body_expr) fputs(" =", out), dump_part(out, clause->body_expr);
    if (clause->extern_name.data) fputs(" from ", out), dump_text(out, clause->extern_name);
    fputc(')', out);
}

static void dump_methods(FILE *out, NstClause *const *methods, size_t count) {
    for (size_t i = 0; i < count; i++) {
        fputc(' ', out);
        dump_clause(out, methods[i]);
    }
}

static void dump_idents(FILE *out, const NstIdent *idents, size_t count, char separator) {
    for (size_t i = 0; i < count; i++) {
        if (i) fputc(separator, out);
        dump_name(out, idents[i].name);
    }
}

static void dump_type_item(FILE *out, const NstItem *item) {
    static const char *const bodies[] = { "opaque", "record", "variant", "alias" };
    fprintf(out, " %s%s%s", item->type.mutable_ ? "var " : "", item->type.reactive ? "reactive " : "",
            bodies[item->type.body]);
    dump_type_params(out, item->type.params, item->type.param_count);
    for (size_t i = 0; i < item->type.ctor_count; i++) {
        const NstCtorDecl *ctor = &item->type.ctors[i];
        fprintf(out, " (%s", nst_name_text(ctor->name.name));
        for (size_t j = 0; j < ctor->field_count; j++) {
            if (ctor->named) fprintf(out, " %s:", nst_name_text(ctor->fields[j].name.name));
            dump_types(out, &ctor->fields[j].type, 1);
        }
        fputc(')', out);
    }
    if (item->type.alias) dump_types(out, &item->type.alias, 1);
}

static void dump_use(FILE *out, const NstItem *item) {
    fputc(' ', out);
    dump_idents(out, item->use.path, item->use.path_len, '.');
    if (item->use.all) fputs(" *", out);
    for (size_t i = 0; i < item->use.item_count; i++) {
        fprintf(out, " %s", nst_name_text(item->use.items[i].name.name));
        if (item->use.items[i].alias.name) fprintf(out, ":%s", nst_name_text(item->use.items[i].alias.name));
    }
}

static void dump_impl(FILE *out, const NstItem *item) {
    dump_types(out, &item->impl.head, 1);
    fprintf(out, " %s", nst_name_text(item->impl.trait.name));
    for (size_t i = 0; i < item->impl.bound_count; i++) {
        fprintf(out, " (when %s ", nst_name_text(item->impl.bounds[i].var.name));
        dump_idents(out, item->impl.bounds[i].traits, item->impl.bounds[i].trait_count, ' ');
        fputc(')', out);
    }
    dump_methods(out, item->impl.methods, item->impl.method_count);
}

static void dump_item(FILE *out, const NstItem *item) {
    static const char *const heads[] = {
        [NST_ITEM_ERROR] = "error",
        [NST_ITEM_FUNCTION] = "function",
        [NST_ITEM_TEMPLATE] = "template",
        [NST_ITEM_TYPE] = "type",
        [NST_ITEM_TRAIT] = "trait",
        [NST_ITEM_IMPL] = "impl",
        [NST_ITEM_USE] = "use",
        [NST_ITEM_MODULE] = "module",
        [NST_ITEM_CONST] = "const",
        [NST_ITEM_BINDING] = "let",
        [NST_ITEM_MVAR] = "mvar",
        [NST_ITEM_TEST] = "test",
        [NST_ITEM_EXTERN_TYPE] = "extern-type",
        [NST_ITEM_EXTERN] = "extern",
    };
    fprintf(out, "(%s%s", item->public_ ? "pub " : "", heads[item->kind]);
    for (size_t i = 0; i < item->decorator_count; i++) {
        fprintf(out, " (@%s", nst_name_text(item->decorators[i].name.name));
        dump_parts(out, item->decorators[i].args, item->decorators[i].arg_count);
        fputc(')', out);
    }
    bool clause = item->kind == NST_ITEM_FUNCTION || item->kind == NST_ITEM_TEMPLATE || item->kind == NST_ITEM_EXTERN;
    if (item->name.name && !clause) fprintf(out, " %s", nst_name_text(item->name.name));
    if (clause) fputc(' ', out), dump_clause(out, item->clause);
    switch (item->kind) {
    case NST_ITEM_TYPE: dump_type_item(out, item); break;
    case NST_ITEM_TRAIT:
        for (size_t i = 0; i < item->trait.super_count; i++)
            fprintf(out, " :%s", nst_name_text(item->trait.supers[i].name));
        dump_methods(out, item->trait.methods, item->trait.method_count);
        break;
    case NST_ITEM_IMPL: dump_impl(out, item); break;
    case NST_ITEM_USE: dump_use(out, item); break;
    case NST_ITEM_MODULE:
        for (size_t i = 0; i < item->module.item_count; i++) {
            fputc(' ', out);
            dump_item(out, item->module.items[i]);
        }
        break;
    case NST_ITEM_TEST:
        fputc(' ', out);
        dump_text(out, item->text);
        dump_part(out, item->value.value);
        break;
    case NST_ITEM_CONST:
    case NST_ITEM_BINDING:
    case NST_ITEM_MVAR:
        if (item->value.var_) fputs(" var", out);
        if (item->value.type) dump_types(out, &item->value.type, 1);
        dump_part(out, item->value.value);
        break;
    default: break;
    }
    fputc(')', out);
}

void nst_ast_dump(FILE *out, const NstFileAst *file) {
    for (size_t i = 0; i < file->item_count; i++) {
        dump_item(out, file->items[i]);
        fputc('\n', out);
    }
}
