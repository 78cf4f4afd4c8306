// What a name in an expression means: plain names (modules.md 3.1) and qualified names (3.3).
#include "frontend/resolve_body.h"

#include "frontend/collect.h"
#include "frontend/library.h"
#include "frontend/resolve_report.h"
#include "frontend/scope_library.h"

enum { MAX_SEGMENTS = 32 };

// ---- Targets ----------------------------------------------------------------------------

static void set_local(NstExpr *expr, NstLocal *local) {
    expr->target = NST_TARGET_LOCAL;
    expr->to.local = local;
}

// A local function's name as a value: the expected type chooses among those that differ in their number of parameters.
static bool set_local_functions(NstWalk *walk, NstExpr *expr) {
    size_t count;
    NstLocal *const *locals = nst_use_local_functions(walk, expr->name.ident.name, &count);
    if (count < 2) return false;
    expr->target = NST_TARGET_LOCALS;
    expr->to.locals.locals = locals;
    expr->to.locals.count = count;
    return true;
}

static void set_functions(NstExpr *expr, NstFunction *const *functions, size_t count) {
    expr->target = NST_TARGET_OVERLOADS;
    expr->to.overloads.fns = functions;
    expr->to.overloads.count = count;
}

static void set_ctors(NstExpr *expr, NstCtorSet set) {
    if (set.count == 1) {
        expr->target = NST_TARGET_CTOR;
        expr->to.ctor = set.ctors[0];
        return;
    }
    expr->target = NST_TARGET_CTORS;
    expr->to.ctors.ctors = set.ctors;
    expr->to.ctors.count = set.count;
    expr->to.ctors.ambiguous = set.ambiguous;
}

static void set_error(NstExpr *expr) {
    expr->kind = NST_EXPR_ERROR;
    expr->target = NST_TARGET_NONE;
}

static void set_value(NstExpr *expr, const NstFound *found) {
    if (found->function_count) {
        set_functions(expr, found->functions, found->function_count);
    } else if (found->entry->constant) {
        expr->target = NST_TARGET_CONST;
        expr->to.constant = found->entry->constant;
    } else {
        expr->target = NST_TARGET_MVAR;
        expr->to.mvar = found->entry->mvar;
    }
}

static const char *value_kind(const NstEntry *entry) {
    if (entry->functions.count) return "function";
    if (entry->mvar) return "mvar";
    return entry->constant && entry->constant->fn ? "binding" : "constant";
}

static bool set_item(NstWalk *walk, NstExpr *name, NstModule *module, const NstEntry *entry);

// ---- Plain names ------------------------------------------------------------------------

static void report_unknown_plain(NstWalk *walk, NstIdent ident) {
    if (nst_name_is_upper(ident.name))
        nst_report_unknown(walk->program, walk->part->module, NST_DIAG_UNKNOWN_CONSTRUCTOR, ident, NST_SPACE_CTOR,
                           "unknown type `%s`");
    if (nst_name_is_upper(ident.name)) return;
    NstSuggestion suggestion = nst_suggest(nst_name_text(ident.name));
    for (const NstFrame *frame = walk->frame; frame; frame = frame->parent)
        for (size_t i = frame->locals.count; i-- > 0;)
            nst_suggest_consider(&suggestion, nst_name_text(frame->locals.items[i]->name));
    nst_report_unknown_beside(walk->program, walk->part->module, NST_DIAG_UNKNOWN_NAME, ident, NST_SPACE_VALUE,
                              "unknown variable `%s`", suggestion);
}

// `Int` and `Float` are the functions toInt and toFloat.
static bool resolve_conversion(NstWalk *walk, NstExpr *expr) {
    const char *text = nst_name_text(expr->name.ident.name);
    const char *function = strcmp(text, "Int") == 0 ? "toInt" : strcmp(text, "Float") == 0 ? "toFloat" : NULL;
    if (!function) return false;
    NstFound found = nst_lookup_prelude(walk->program, nst_name_z(function), NST_SPACE_VALUE);
    if (found.state != NST_FOUND) return false;
    set_value(expr, &found);
    return true;
}

void nst_resolve_name(NstWalk *walk, NstExpr *expr, int arity) {
    NstProgram *program = walk->program;
    NstIdent ident = expr->name.ident;
    const NstEntry *tag = arity >= 0 ? nst_markup_entry(walk, ident.name) : NULL;
    if (tag && set_item(walk, expr, walk->markup, tag)) return;
    if (arity < 0 && set_local_functions(walk, expr)) return;
    NstLocal *local = nst_use_local(walk, ident.name, arity);
    if (local) {
        set_local(expr, local);
        return;
    }
    bool upper = nst_name_is_upper(ident.name);
    NstFound value = nst_lookup(program, walk->part, ident.name, NST_SPACE_VALUE);
    if (value.state == NST_FOUND) {
        set_value(expr, &value);
        return;
    }
    if (upper) {
        NstCtorSet ctors = nst_lookup_ctors(program, walk->part, ident.name);
        if (ctors.count) {
            set_ctors(expr, ctors);
            return;
        }
        if (resolve_conversion(walk, expr)) return;
    } else {
        NstFound method = nst_lookup(program, walk->part, ident.name, NST_SPACE_METHOD);
        if (method.state == NST_FOUND) {
            set_functions(expr, method.functions, method.function_count);
            return;
        }
        if (nst_lookup(program, walk->part, ident.name, NST_SPACE_TEMPLATE).state == NST_FOUND) {
            nst_diag_add(program->diags, NST_DIAG_MISPLACED, ident.span, "template `%s` cannot be used as a value",
                         nst_name_text(ident.name));
            set_error(expr);
            return;
        }
    }
    NstFound ctor = upper ? nst_lookup(program, walk->part, ident.name, NST_SPACE_CTOR) : value;
    if (value.state == NST_FOUND_PRIVATE) nst_report_private(program, ident, value_kind(value.entry), value.module);
    else if (ctor.state == NST_FOUND_PRIVATE) nst_report_private_type(program, ident.span, ident.name, ctor.module);
    else if (value.state != NST_FOUND_SILENT && ctor.state != NST_FOUND_SILENT &&
             !nst_name_is_broken(program, ident.name))
        report_unknown_plain(walk, ident);
    set_error(expr);
}

NstMvar *nst_plain_mvar(NstWalk *walk, NstName name) {
    if (nst_name_is_upper(name)) return NULL;
    NstFound found = nst_lookup(walk->program, walk->part, name, NST_SPACE_VALUE);
    return found.state == NST_FOUND ? found.entry->mvar : NULL;
}

bool nst_may_assign(const NstWalk *walk, const NstMvar *mvar) {
    return nst_module_inside(walk->part->module, mvar->module);
}

// ---- Items of a module ------------------------------------------------------------------

typedef struct Chain {
    NstIdent segments[MAX_SEGMENTS];
    size_t len;
} Chain;

// a.b.c as segments; false if the expression is anything else.
static bool chain_of(const NstExpr *expr, Chain *chain) {
    size_t len = 1;
    const NstExpr *head = expr;
    for (; head->kind == NST_EXPR_FIELD; head = head->field.receiver)
        if (++len == MAX_SEGMENTS) return false;
    if (head->kind != NST_EXPR_NAME) return false;
    chain->len = len;
    for (; expr->kind == NST_EXPR_FIELD; expr = expr->field.receiver) chain->segments[--len] = expr->field.field;
    chain->segments[0] = expr->name.ident;
    return true;
}

// Replaces a qualified FIELD by a NAME, or the receiver and name of a METHOD by a CALL of a NAME; gives the NAME.
static NstExpr *make_name(NstWalk *walk, NstExpr *expr, NstIdent ident) {
    NstExpr *name = expr;
    if (expr->kind == NST_EXPR_METHOD) {
        name = NST_NEW(walk->program->arena, NstExpr);
        name->span = nst_span_join(expr->call.callee->span, ident.span);
        expr->kind = NST_EXPR_CALL;
        expr->call.callee = name;
    }
    name->kind = NST_EXPR_NAME;
    name->name.ident = ident;
    name->name.self_type = NULL;
    return name;
}

static bool has_ctor(const NstEntry *entry) { return entry && entry->ctors.count; }

// The entry's meaning as a qualified name; true if it has one that this module may use.
static bool set_item(NstWalk *walk, NstExpr *name, NstModule *module, const NstEntry *entry) {
    NstProgram *program = walk->program;
    const NstModule *from = walk->part->module;
    if (nst_entry_has(entry, module, NST_SPACE_VALUE, from)) {
        NstFound found = {.entry = (NstEntry *)entry, .module = module};
        found.functions = nst_entry_functions(program, entry, module, from, &found.function_count);
        set_value(name, &found);
        return true;
    }
    if (nst_entry_has(entry, module, NST_SPACE_CTOR, from)) {
        NST_LIST(NstCtor *) list = {0};
        for (size_t i = entry->ctors.count; i-- > 0;)
            if (nst_accessible(entry->ctors.items[i]->type->public_, module, from))
                NST_APPEND(program, list, entry->ctors.items[i]);
        set_ctors(name, (NstCtorSet){list.items, list.count, false});
        return true;
    }
    if (nst_entry_has(entry, module, NST_SPACE_METHOD, from)) {
        set_functions(name, entry->methods.items, entry->methods.count);
        return true;
    }
    return false;
}

// `List.map` is a spelling of every list function of the prelude, `Math.sqrt` of every mathematical one.
static bool spells_prelude(const char *space, const NstLibEntry *entry) {
    static const char *const math[] = {"abs", "min",  "max", "pow", "sqrt",  "sin",   "cos",
                                       "tan", "log", "log10", "floor", "ceil", "round"};
    if (entry->kind != NST_LIB_FUNCTION || !(entry->flags & NST_LIB_PRELUDE)) return false;
    if (strcmp(space, "List") == 0) return strcmp(entry->module, "stdlib.list") == 0;
    if (strcmp(space, "Math") != 0) return false;
    for (size_t i = 0; i < sizeof math / sizeof *math; i++)
        if (strcmp(math[i], entry->name) == 0) return true;
    return false;
}

// Adds a similar item of the module (null: none has this name), or of what its name spells otherwise.
static void hint_item(NstWalk *walk, NstDiag *diag, const char *path, const NstModule *module, NstIdent item) {
    NstSuggestion suggestion = nst_suggest(nst_name_text(item.name));
    if (module) {
        NstSpaceKind space = nst_name_is_upper(item.name) ? NST_SPACE_CTOR : NST_SPACE_VALUE;
        nst_suggest_items(&suggestion, module, space, walk->part->module);
    }
    size_t count;
    const NstLibEntry *entries = nst_library_entries(&count);
    for (size_t i = 0; i < count; i++)
        if (spells_prelude(path, &entries[i])) nst_suggest_consider(&suggestion, entries[i].name);
    nst_suggest_hint(walk->program->diags, diag, &suggestion);
}

static void report_item(NstWalk *walk, NstIdent item, const NstModule *module, const NstEntry *entry) {
    NstProgram *program = walk->program;
    NstDiag *diag = NULL;
    const char *name = nst_name_text(item.name);
    const char *path = nst_module_display(module);
    if (nst_module_scope(module)->space && *nst_module_scope(module)->space) path = nst_module_scope(module)->space;
    if (entry && nst_entry_has(entry, module, NST_SPACE_VALUE, module))
        nst_report_private(program, item, value_kind(entry), module);
    else if (has_ctor(entry))
        nst_report_private_type(program, item.span, item.name, module);
    else if (entry && entry->methods.count)
        nst_report_private(program, item, "function", module);
    else if (nst_name_is_upper(item.name))
        diag = nst_diag_add(program->diags, NST_DIAG_UNKNOWN_CONSTRUCTOR, item.span, "unknown type `%s.%s`", path, name);
    else
        diag = nst_diag_add(program->diags, NST_DIAG_UNKNOWN_NAME, item.span, "unknown function `%s.%s`", path, name);
    if (diag) hint_item(walk, diag, path, module, item);
}

// A user module named like a built-in namespace leaves the items that it does not declare to the namespace.
static NstModule *namespace_behind(NstWalk *walk, const NstModule *module, NstIdent first) {
    NstModule *space = nst_library_space(walk->program, first.name);
    return space && space != module ? space : NULL;
}

static bool resolve_prelude_spelling(NstWalk *walk, NstExpr *expr, const Chain *chain) {
    if (chain->len != 2) return false;
    const char *space = nst_name_text(chain->segments[0].name), *item = nst_name_text(chain->segments[1].name);
    size_t count;
    const NstLibEntry *entry = nst_library_prelude(item, &count);
    if (!entry || !spells_prelude(space, entry)) return false;
    NstFound found = nst_lookup_prelude(walk->program, chain->segments[1].name, NST_SPACE_VALUE);
    if (found.state != NST_FOUND) return false;
    set_value(make_name(walk, expr, chain->segments[1]), &found);
    return true;
}

static void resolve_item(NstWalk *walk, NstExpr *expr, NstModule *module, const Chain *chain) {
    NstIdent item = chain->segments[chain->len - 1];
    NstEntry *entry = nst_module_entry(walk->program, module, item.name);
    NstModule *behind = namespace_behind(walk, module, chain->segments[0]);
    bool empty = !entry || !(entry->functions.count || entry->constant || entry->mvar || entry->ctors.count ||
                             entry->methods.count);
    if (empty && behind) {
        NstEntry *there = nst_module_entry(walk->program, behind, item.name);
        if (there && there->functions.count) {
            module = behind;
            entry = there;
        }
    }
    if (empty && !entry && resolve_prelude_spelling(walk, expr, chain)) return;
    NstExpr *name = make_name(walk, expr, item);
    if (entry && set_item(walk, name, module, entry)) return;
    report_item(walk, item, module, entry);
    set_error(name);
}

// ---- Type.Trait.m -----------------------------------------------------------------------

static NstTypeDecl *type_of_chain(NstWalk *walk, const NstIdent *segments, size_t len) {
    if (len == 1) {
        NstFound found = nst_lookup(walk->program, walk->part, segments[0].name, NST_SPACE_TYPE);
        return found.state == NST_FOUND ? found.entry->type : NULL;
    }
    NstPath path = nst_lookup_path(walk->program, walk->part, segments, len - 1);
    if (path.state != NST_PATH_MODULE || path.len != len - 1) return NULL;
    NstEntry *entry = nst_module_entry(walk->program, path.module, segments[len - 1].name);
    return entry && nst_entry_has(entry, path.module, NST_SPACE_TYPE, walk->part->module) ? entry->type : NULL;
}

// What an alias stands for; null if that is no named type (then the receiver's type is left to the arguments).
static NstTypeDecl *behind_alias(NstProgram *program, NstTypeDecl *decl) {
    if (decl->body != NST_BODY_ALIAS) return decl;
    const NstType *target = nst_ensure_alias(program, decl);
    return target->kind == NST_TY_CON ? target->decl : NULL;
}

static bool resolve_trait_item(NstWalk *walk, NstExpr *expr, const Chain *chain) {
    if (chain->len < 3) return false;
    NstIdent method = chain->segments[chain->len - 1], trait_name = chain->segments[chain->len - 2];
    if (!nst_name_is_upper(trait_name.name)) return false;
    NstFound trait = nst_lookup(walk->program, walk->part, trait_name.name, NST_SPACE_TRAIT);
    NstTypeDecl *type = type_of_chain(walk, chain->segments, chain->len - 2);
    if (trait.state != NST_FOUND || !type) return false;
    NstTrait *found = trait.entry->trait;
    for (size_t i = 0; i < found->method_count; i++) {
        if (found->methods[i]->name != method.name) continue;
        NstExpr *name = make_name(walk, expr, method);
        name->name.self_type = behind_alias(walk->program, type);
        set_functions(name, &found->methods[i], 1);
        return true;
    }
    nst_diag_add(walk->program->diags, NST_DIAG_UNKNOWN_METHOD, method.span, "trait `%s` has no method `%s`",
                 nst_name_text(found->name), nst_name_text(method.name));
    set_error(make_name(walk, expr, method));
    return true;
}

// ---- Qualified names --------------------------------------------------------------------

// True if the first segment is a value by itself, so that what follows are fields and methods of it. A trait method's
// name is one only where no module has it.
static bool is_value(NstWalk *walk, NstIdent first, bool method_counts) {
    if (nst_lookup(walk->program, walk->part, first.name, NST_SPACE_VALUE).state != NST_FOUND_NOTHING) return true;
    if (nst_name_is_upper(first.name))
        return nst_lookup(walk->program, walk->part, first.name, NST_SPACE_CTOR).state != NST_FOUND_NOTHING;
    return method_counts &&
           nst_lookup(walk->program, walk->part, first.name, NST_SPACE_METHOD).state != NST_FOUND_NOTHING;
}

// The same for a name that is also a namespace: the constructor `String` of Json does not hide the namespace.
static bool is_user_value(NstWalk *walk, NstIdent first) {
    NstCtorSet ctors = nst_lookup_ctors(walk->program, walk->part, first.name);
    if (ctors.count && ctors.ctors[0]->type->module->library) return false;
    return is_value(walk, first, true);
}

// The upper-case fields before the method name a module.
bool nst_resolve_infix_module(NstWalk *walk, NstExpr *expr) {
    if (expr->kind != NST_EXPR_METHOD) return false;
    Chain chain = {.len = 0};
    NstExpr *receiver = expr->call.callee;
    while (receiver->kind == NST_EXPR_FIELD && nst_name_is_upper(receiver->field.field.name) &&
           chain.len < MAX_SEGMENTS - 1) {
        memmove(chain.segments + 1, chain.segments, chain.len * sizeof *chain.segments);
        chain.segments[0] = receiver->field.field;
        chain.len++;
        receiver = receiver->field.receiver;
    }
    if (!chain.len) return false;
    NstPath path = nst_lookup_path(walk->program, walk->part, chain.segments, chain.len);
    if ((path.state != NST_PATH_MODULE && path.state != NST_PATH_SPACE) || path.len != chain.len) return false;
    chain.segments[chain.len++] = expr->call.method;
    NstArg *args = NST_NEW_ARRAY(walk->program->arena, NstArg, expr->call.arg_count + 1);
    args[0].value = receiver;
    if (expr->call.arg_count) memcpy(args + 1, expr->call.args, expr->call.arg_count * sizeof *args);
    resolve_item(walk, expr, path.module, &chain);
    expr->call.args = args; // args[0] is not resolved here, nor are the others
    expr->call.arg_count++;
    return true;
}

static bool report_unknown_path(NstWalk *walk, NstExpr *expr, const Chain *chain) {
    NstIdent first = chain->segments[0], item = chain->segments[chain->len - 1];
    const char *space = nst_name_text(first.name);
    if (chain->len == 2 && !nst_name_is_upper(first.name)) report_unknown_plain(walk, first);
    else if (chain->len == 2 && (strcmp(space, "List") == 0 || strcmp(space, "Math") == 0)) {
        NstDiag *diag = nst_diag_add(walk->program->diags, NST_DIAG_UNKNOWN_NAME, item.span, "unknown function `%s.%s`",
                                     space, nst_name_text(item.name));
        hint_item(walk, diag, space, NULL, item);
    } else nst_report_unknown_module(walk->program, chain->segments, chain->len - 1);
    set_error(make_name(walk, expr, item));
    return true;
}

// True for an upper-case name in the middle of a path that is neither a module nor an item of the module before it.
static bool names_nothing(NstWalk *walk, NstModule *module, NstIdent item) {
    if (!nst_name_is_upper(item.name)) return false;
    const NstEntry *entry = nst_module_entry(walk->program, module, item.name);
    return !entry || !(entry->constant || entry->ctors.count || entry->type || entry->trait);
}

bool nst_resolve_qualified(NstWalk *walk, NstExpr *expr) {
    Chain chain = {.len = 0};
    NstExpr *receiver = expr->kind == NST_EXPR_METHOD ? expr->call.callee : expr->field.receiver;
    if (!chain_of(receiver, &chain) || nst_find_local(walk, chain.segments[0].name, -1, NULL))
        return nst_resolve_infix_module(walk, expr);
    chain.segments[chain.len++] = expr->kind == NST_EXPR_METHOD ? expr->call.method : expr->field.field;

    NstPath path = nst_lookup_path(walk->program, walk->part, chain.segments, chain.len - 1);
    bool whole = path.len == chain.len - 1;
    switch (path.state) {
    case NST_PATH_MODULE:
        if (!whole) break; // an item of the module, then fields
        resolve_item(walk, expr, path.module, &chain);
        return true;
    case NST_PATH_SPACE:
        if (!whole) break;
        if (nst_module_entry(walk->program, path.module, chain.segments[1].name)->functions.count == 0) {
            if (resolve_prelude_spelling(walk, expr, &chain)) return true;
            if (is_user_value(walk, chain.segments[0])) return false;
        }
        resolve_item(walk, expr, path.module, &chain);
        return true;
    case NST_PATH_SILENT:
        set_error(make_name(walk, expr, chain.segments[chain.len - 1]));
        return true;
    case NST_PATH_NOT_IMPORTED:
        if (is_value(walk, chain.segments[0], false)) return nst_resolve_infix_module(walk, expr);
        nst_report_path(walk->program, &path, chain.segments, chain.len);
        set_error(make_name(walk, expr, chain.segments[chain.len - 1]));
        return true;
    case NST_PATH_PRIVATE:
        nst_report_path(walk->program, &path, chain.segments, chain.len);
        set_error(make_name(walk, expr, chain.segments[chain.len - 1]));
        return true;
    case NST_PATH_NONE: break;
    }
    if (resolve_trait_item(walk, expr, &chain)) return true;
    if (path.state == NST_PATH_NONE) {
        if (resolve_prelude_spelling(walk, expr, &chain)) return true;
        if (is_value(walk, chain.segments[0], true)) return nst_resolve_infix_module(walk, expr);
        return report_unknown_path(walk, expr, &chain);
    }
    if (path.state == NST_PATH_MODULE && names_nothing(walk, path.module, chain.segments[path.len])) {
        nst_report_unknown_module(walk->program, chain.segments, path.len + 1);
        set_error(make_name(walk, expr, chain.segments[chain.len - 1]));
        return true;
    }
    return nst_resolve_infix_module(walk, expr);
}
