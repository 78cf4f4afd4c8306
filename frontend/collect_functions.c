// From the clauses of one name to overloads (functions.md 1.1-1.2, types.md 10), and the names that may not be redefined.
#include "frontend/collect.h"

#include "frontend/library.h"
#include "frontend/scope.h"

// ---- Dispatch order ---------------------------------------------------------------------

// Specificity of a pattern at the top of an unannotated parameter.
static unsigned pattern_score(const NstPattern *pattern) {
    switch (pattern->kind) {
    case NST_PAT_ERROR:
    case NST_PAT_WILDCARD:
    case NST_PAT_NAME: return 0;
    case NST_PAT_LITERAL:
        switch (pattern->literal.kind) {
        case NST_LIT_BOOL:
        case NST_LIT_STRING:
        case NST_LIT_INT:
        case NST_LIT_INT8:
        case NST_LIT_INT16:
        case NST_LIT_INT32:
        case NST_LIT_FLOAT:
        case NST_LIT_FLOAT32: return 3;
        default: return 2;
        }
    default: return 2;
    }
}

static unsigned clause_score(const NstClause *clause) {
    unsigned score = 0;
    for (size_t i = 0; i < clause->param_count; i++)
        if (!clause->params[i].annotation) score += pattern_score(clause->params[i].pattern);
    return score;
}

static unsigned annotation_count(const NstClause *clause) {
    unsigned count = 0;
    for (size_t i = 0; i < clause->param_count; i++) count += clause->params[i].annotation != NULL;
    return count;
}

static bool dispatched_before(const NstClause *a, const NstClause *b) {
    unsigned left = clause_score(a), right = clause_score(b);
    return left != right ? left > right : annotation_count(a) > annotation_count(b);
}

// Stable insertion sort: functions have few clauses, and source order breaks ties.
static NstClause **dispatch_order(NstProgram *program, NstClause **clauses, size_t count) {
    NstClause **sorted = NST_NEW_ARRAY(program->arena, NstClause *, count);
    for (size_t i = 0; i < count; i++) {
        size_t at = i;
        while (at > 0 && dispatched_before(clauses[i], sorted[at - 1])) {
            sorted[at] = sorted[at - 1];
            at--;
        }
        sorted[at] = clauses[i];
    }
    return sorted;
}

// Tuple patterns of different length or nesting in one unannotated parameter (types.md 12.3).
static bool same_tuple_shape(const NstPattern *a, const NstPattern *b) {
    if (a->kind != NST_PAT_TUPLE || b->kind != NST_PAT_TUPLE) return true;
    if (a->item_count != b->item_count) return false;
    for (size_t i = 0; i < a->item_count; i++)
        if (!same_tuple_shape(a->items[i], b->items[i])) return false;
    return true;
}

static bool has_loose_tuples(NstClause *const *clauses, size_t count) {
    for (size_t p = 0; count && p < clauses[0]->param_count; p++)
        for (size_t i = 1; i < count; i++)
            for (size_t j = 0; j < i; j++)
                if (!clauses[i]->params[p].annotation && !clauses[j]->params[p].annotation &&
                    !same_tuple_shape(clauses[i]->params[p].pattern, clauses[j]->params[p].pattern))
                    return true;
    return false;
}

void nst_function_set_clauses(NstProgram *program, NstFunction *fn, NstClause **clauses, size_t count) {
    fn->source_order = clauses;
    fn->clauses = dispatch_order(program, clauses, count);
    fn->clause_count = count;
    fn->param_count = clauses[0]->param_count;
    fn->param_names = NST_NEW_ARRAY(program->arena, NstName, fn->param_count);
    fn->defaults = NST_NEW_ARRAY(program->arena, NstExpr *, fn->param_count);
    fn->loose_tuple_params = has_loose_tuples(clauses, count);
    for (size_t i = 0; i < fn->param_count; i++) {
        const NstPattern *pattern = clauses[0]->params[i].pattern;
        if (pattern->kind == NST_PAT_NAME) fn->param_names[i] = pattern->ident.name;
        for (size_t c = 0; c < count && !fn->defaults[i]; c++) fn->defaults[i] = clauses[c]->params[i].default_value;
    }
}

// ---- Signatures -------------------------------------------------------------------------

typedef struct Signature {
    NstItem *item;
    NstClause *clause;
    NstType **types; // per parameter; null: no annotation
    size_t order;    // in the source
} Signature;

static NstType *signature_var(void *data, NstName name) {
    NstProgram *program = data;
    NstType *type = NST_NEW(program->arena, NstType);
    type->kind = NST_TY_PARAM;
    type->name = name;
    return type;
}

static Signature signature_of(NstProgram *program, const NstPart *part, NstItem *item, size_t order) {
    NstClause *clause = item->clause;
    Signature signature = {item, clause, NST_NEW_ARRAY(program->arena, NstType *, clause->param_count), order};
    NstTypeContext context = {.program = program, .module = part->module, .rule = NST_TYPE_VARS_FLEXIBLE,
                              .fresh = signature_var, .data = program};
    nst_type_context_declare(&context, clause->type_params, clause->type_param_count);
    for (size_t i = 0; i < clause->param_count; i++)
        if (clause->params[i].annotation) signature.types[i] = nst_typeexpr_type(&context, clause->params[i].annotation);
    return signature;
}

// Pairs of variables that stand for each other while two signatures are compared.
typedef struct Renaming {
    const NstType *pairs[64][2];
    size_t count;
} Renaming;

static bool same_var(Renaming *renaming, const NstType *a, const NstType *b) {
    for (size_t i = 0; i < renaming->count; i++)
        if (renaming->pairs[i][0] == a || renaming->pairs[i][1] == b)
            return renaming->pairs[i][0] == a && renaming->pairs[i][1] == b;
    if (renaming->count < 64) {
        renaming->pairs[renaming->count][0] = a;
        renaming->pairs[renaming->count++][1] = b;
    }
    return true;
}

static bool same_type(Renaming *renaming, const NstType *a, const NstType *b) {
    if (a->kind == NST_TY_ERROR || b->kind == NST_TY_ERROR) return true;
    if (a->kind != b->kind || a->decl != b->decl || a->arg_count != b->arg_count) return false;
    if (a->kind == NST_TY_PARAM) return same_var(renaming, a, b);
    for (size_t i = 0; i < a->arg_count; i++)
        if (!same_type(renaming, a->args[i], b->args[i])) return false;
    return a->kind != NST_TY_FUN || same_type(renaming, a->result, b->result);
}

// The type that a literal of specificity 3 has, for joining an annotated overload.
static NstPrimType literal_prim(const NstPattern *pattern) {
    if (pattern->kind != NST_PAT_LITERAL) return NST_PRIM_NONE;
    switch (pattern->literal.kind) {
    case NST_LIT_BOOL: return NST_PRIM_BOOL;
    case NST_LIT_STRING: return NST_PRIM_STRING;
    case NST_LIT_INT: return NST_PRIM_INT;
    case NST_LIT_INT8: return NST_PRIM_INT8;
    case NST_LIT_INT16: return NST_PRIM_INT16;
    case NST_LIT_INT32: return NST_PRIM_INT32;
    case NST_LIT_FLOAT: return NST_PRIM_FLOAT;
    case NST_LIT_FLOAT32: return NST_PRIM_FLOAT32;
    default: return NST_PRIM_NONE;
    }
}

static bool literal_of(const NstPattern *pattern, const NstType *type) {
    NstPrimType prim = literal_prim(pattern);
    return prim != NST_PRIM_NONE && type->kind == NST_TY_CON && type->decl->prim == prim;
}

// Whether two clauses belong to one overload: at every position equal annotations, none, or an annotation beside a literal
// of that type.
static bool compatible(const Signature *a, const Signature *b) {
    Renaming renaming = {.count = 0};
    if (a->clause->param_count != b->clause->param_count) return false;
    for (size_t i = 0; i < a->clause->param_count; i++) {
        const NstType *left = a->types[i], *right = b->types[i];
        bool fits = !left && !right;
        if (left && right) fits = same_type(&renaming, left, right);
        else if (left) fits = literal_of(b->clause->params[i].pattern, left);
        else if (right) fits = literal_of(a->clause->params[i].pattern, right);
        if (!fits) return false;
    }
    return true;
}

// ---- Grouping ---------------------------------------------------------------------------

typedef struct Group {
    NST_LIST(Signature *) members;
} Group;

static bool joins(const Group *group, const Signature *signature) {
    for (size_t i = 0; i < group->members.count; i++)
        if (!compatible(group->members.items[i], signature)) return false;
    return true;
}

static size_t first_order(const Group *group) {
    size_t first = group->members.items[0]->order;
    for (size_t i = 1; i < group->members.count; i++)
        if (group->members.items[i]->order < first) first = group->members.items[i]->order;
    return first;
}

static bool has_decorator(const NstItem *item, const char *name) {
    for (size_t i = 0; i < item->decorator_count; i++)
        if (strcmp(nst_name_text(item->decorators[i].name.name), name) == 0) return true;
    return false;
}

static NstSpecial special_of(const char *name) {
    static const struct {
        const char *name;
        NstSpecial special;
    } table[] = {
        {"length", NST_SPECIAL_LENGTH},           {"assertType", NST_SPECIAL_ASSERT_TYPE},
        {"typeNameOf", NST_SPECIAL_TYPE_NAME_OF}, {"fromJson", NST_SPECIAL_FROM_JSON},
        {"jsonToType", NST_SPECIAL_FROM_JSON},    {"makeRecord", NST_SPECIAL_MAKE_RECORD},
        {"makeVariant", NST_SPECIAL_MAKE_VARIANT}, {"zeroOf", NST_SPECIAL_SUM_ZERO},
        {"oneOf", NST_SPECIAL_ONE},               {"typeKey", NST_SPECIAL_TYPE_KEY},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (strcmp(table[i].name, name) == 0) return table[i].special;
    return NST_SPECIAL_NONE;
}

static void make_function(NstProgram *program, NstEntry *entry, NstPart *part, const Group *group) {
    size_t count = group->members.count;
    Signature **members = group->members.items;
    // Members arrived with the annotated ones first; clauses are kept in source order.
    for (size_t i = 1; i < count; i++)
        for (size_t j = i; j > 0 && members[j]->order < members[j - 1]->order; j--) {
            Signature *moved = members[j];
            members[j] = members[j - 1];
            members[j - 1] = moved;
        }
    NstClause **clauses = NST_NEW_ARRAY(program->arena, NstClause *, count);
    for (size_t i = 0; i < count; i++) clauses[i] = members[i]->clause;
    const NstItem *first = members[0]->item;
    NstFunction *fn = nst_function_new(program, part, entry->name);
    nst_function_set_clauses(program, fn, clauses, count);
    fn->public_ = clauses[0]->public_ || first->public_;
    fn->doc = first->doc;
    fn->extern_name = clauses[0]->extern_name;
    if (fn->library) {
        fn->method_only = has_decorator(first, "method");
        if (has_decorator(first, "special")) fn->special = special_of(nst_name_text(entry->name));
    }
    NST_APPEND(program, entry->functions, fn);
    NST_APPEND(program, nst_module_scope(part->module)->functions, fn);
}

// True if another clause of the name has as many parameters, so that annotations decide.
static bool has_rival(const NstEntry *entry, size_t index) {
    for (size_t i = 0; i < entry->clauses.count; i++)
        if (i != index && entry->clauses.items[i]->clause->param_count == entry->clauses.items[index]->clause->param_count)
            return true;
    return false;
}

static Signature *signatures_of(NstProgram *program, const NstEntry *entry, const NstPart *part) {
    Signature *signatures = NST_NEW_ARRAY(program->arena, Signature, entry->clauses.count);
    for (size_t i = 0; i < entry->clauses.count; i++) {
        NstItem *item = entry->clauses.items[i];
        if (has_rival(entry, i)) signatures[i] = signature_of(program, part, item, i);
        else signatures[i] = (Signature){item, item->clause, NST_NEW_ARRAY(program->arena, NstType *, item->clause->param_count), i};
    }
    return signatures;
}

// Clauses with more annotations come first, so that literals find the overload that they join.
static void group_signatures(NstProgram *program, Signature *signatures, size_t count, Group *groups,
                             size_t *group_count) {
    unsigned most = 0;
    for (size_t i = 0; i < count; i++)
        if (annotation_count(signatures[i].clause) > most) most = annotation_count(signatures[i].clause);
    for (unsigned level = most + 1; level-- > 0;)
        for (size_t i = 0; i < count; i++) {
            if (annotation_count(signatures[i].clause) != level) continue;
            size_t g = 0;
            while (g < *group_count && !joins(&groups[g], &signatures[i])) g++;
            if (g == *group_count) groups[(*group_count)++] = (Group){0};
            Signature *member = &signatures[i];
            NST_APPEND(program, groups[g].members, member);
        }
}

void nst_group_functions(NstProgram *program, NstEntry *entry, NstPart *part) {
    if (entry->grouped) return;
    entry->grouped = true;
    size_t count = entry->clauses.count, group_count = 0;
    Signature *signatures = signatures_of(program, entry, part);
    Group *groups = NST_NEW_ARRAY(program->arena, Group, count);
    group_signatures(program, signatures, count, groups, &group_count);
    for (size_t order = 0; order < count; order++)
        for (size_t g = 0; g < group_count; g++)
            if (first_order(&groups[g]) == order) make_function(program, entry, part, &groups[g]);
}

// ---- Reserved names ---------------------------------------------------------------------

// Names of group 1 that the library source has no function for.
static bool reserved_without_definition(const char *name) {
    static const char *const names[] = {"send", "join", "split", "eval"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(names[i], name) == 0) return true;
    return false;
}

void nst_check_reserved_names(NstProgram *program, NstModule *module) {
    const NstScope *scope = nst_module_scope(module);
    for (size_t i = 0; i < scope->ordered.count; i++) {
        const NstEntry *entry = scope->ordered.items[i];
        if (!entry->functions.count) continue;
        const char *name = nst_name_text(entry->name);
        size_t count;
        const NstLibEntry *found = nst_library_prelude(name, &count);
        bool builtin = reserved_without_definition(name), prelude = false;
        for (size_t j = 0; j < count; j++) {
            if (found[j].kind != NST_LIB_FUNCTION) continue;
            builtin |= (found[j].flags & NST_LIB_BUILTIN) != 0;
            prelude |= (found[j].flags & (NST_LIB_REDEFINABLE | NST_LIB_METHOD_ONLY)) == 0;
        }
        NstSpan span = entry->clauses.items[0]->clause->name.span;
        if (builtin)
            nst_diag_add(program->diags, NST_DIAG_DUPLICATE_DEFINITION, span,
                         "Function '%s' shadows built-in function '%s'.", name, name);
        else if (prelude)
            nst_diag_add(program->diags, NST_DIAG_DUPLICATE_DEFINITION, span,
                         "Function '%s' shadows standard library function '%s'.", name, name);
    }
}
