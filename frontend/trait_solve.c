#include "frontend/trait_solve.h"

#include "frontend/require.h"
#include "frontend/resolve.h"

#include <stdlib.h>

bool nst_is_builtin_trait(NstInfer *infer, const NstTrait *trait, NstBuiltinTrait which) {
    return trait == nst_builtin_trait(infer->program, which);
}

// ---- Heads of implementations -----------------------------------------------------------

static NstMatch worse(NstMatch a, NstMatch b) {
    return a < b ? a : b;
}

// Structural comparison of two types of the program.
static NstMatch same(NstType *a, NstType *b) {
    a = nst_type_resolve(a);
    b = nst_type_resolve(b);
    if (a == b) return NST_MATCH_YES;
    if (a->kind == NST_TY_VAR || b->kind == NST_TY_VAR || a->kind == NST_TY_ANY || b->kind == NST_TY_ANY)
        return NST_MATCH_UNKNOWN;
    if (a->kind == NST_TY_ERROR || b->kind == NST_TY_ERROR || a->kind == NST_TY_NEVER || b->kind == NST_TY_NEVER)
        return NST_MATCH_YES;
    if (a->kind != b->kind || a->arg_count != b->arg_count || a->decl != b->decl || a->kind == NST_TY_PARAM)
        return NST_MATCH_NO;
    NstMatch match = a->kind == NST_TY_FUN ? same(a->result, b->result) : NST_MATCH_YES;
    for (size_t i = 0; i < a->arg_count && match != NST_MATCH_NO; i++) match = worse(match, same(a->args[i], b->args[i]));
    return match;
}

NstMatch nst_type_match(NstType *pattern, const NstScheme *scheme, NstType *type, NstType **bindings) {
    pattern = nst_type_resolve(pattern);
    type = nst_type_resolve(type);
    if (pattern->kind == NST_TY_PARAM && pattern->owner == scheme) {
        if (bindings[pattern->id]) return same(bindings[pattern->id], type);
        bindings[pattern->id] = type;
        return NST_MATCH_YES;
    }
    if (type->kind == NST_TY_VAR || type->kind == NST_TY_ANY) return NST_MATCH_UNKNOWN;
    if (type->kind == NST_TY_ERROR || type->kind == NST_TY_NEVER || pattern->kind == NST_TY_ERROR) return NST_MATCH_YES;
    if (pattern->kind != type->kind || pattern->arg_count != type->arg_count || pattern->decl != type->decl)
        return NST_MATCH_NO;
    if (pattern->kind == NST_TY_PARAM) return pattern == type ? NST_MATCH_YES : NST_MATCH_NO;
    NstMatch match = NST_MATCH_YES;
    for (size_t i = 0; i < pattern->arg_count && match != NST_MATCH_NO; i++)
        match = worse(match, nst_type_match(pattern->args[i], scheme, type->args[i], bindings));
    if (pattern->kind == NST_TY_FUN && match != NST_MATCH_NO)
        match = worse(match, nst_type_match(pattern->result, scheme, type->result, bindings));
    return match;
}

static bool is_general(const NstImpl *impl) {
    const NstType *head = impl->head;
    if (head->kind != NST_TY_CON) return false;
    for (size_t i = 0; i < head->arg_count; i++) {
        if (head->args[i]->kind != NST_TY_PARAM) return false;
        for (size_t k = 0; k < i; k++)
            if (head->args[k] == head->args[i]) return false;
    }
    return true;
}

// ---- Having a trait ---------------------------------------------------------------------

typedef enum Verdict { LACKS, UNKNOWN, HAS } Verdict;

enum { CHECK_DEPTH = 100 };

typedef struct Step {
    const struct Step *outer;
    NstType *type;
    const NstTrait *trait;
    int depth;
} Step;

// One question; `vars` are the variables that must have a trait for the answer HAS to be true.
typedef struct Check {
    NstInfer *infer;
    NstType **vars;
    NstTrait **var_traits;
    size_t var_count, var_capacity;
    NstType *lacking;       // the component that lacks the trait
    bool eq_without_hash;
} Check;

static Verdict has(Check *check, NstType *type, NstTrait *trait, const Step *outer);

static Verdict both(Verdict a, Verdict b) {
    return a < b ? a : b;
}

static void add_var(Check *check, NstType *var, NstTrait *trait) {
    for (size_t i = 0; i < check->var_count; i++)
        if (check->vars[i] == var && check->var_traits[i] == trait) return;
    if (check->var_count == check->var_capacity) {
        check->var_capacity = check->var_capacity ? check->var_capacity * 2 : 8;
        check->vars = nst_realloc(check->vars, check->var_capacity * sizeof *check->vars);
        check->var_traits = nst_realloc(check->var_traits, check->var_capacity * sizeof *check->var_traits);
    }
    check->vars[check->var_count] = var;
    check->var_traits[check->var_count++] = trait;
}

static NstType *bound_param(const NstImplMatch *match, NstName name) {
    for (size_t i = 0; i < match->impl->scheme->param_count; i++)
        if (match->impl->scheme->params[i]->name == name) return match->bindings[i];
    return NULL;
}

// The `when` conditions of a matching implementation.
static Verdict conditions(Check *check, const NstImplMatch *match, const Step *outer) {
    Verdict verdict = HAS;
    const NstItem *item = match->impl->item;
    if (!item) return HAS;
    for (size_t i = 0; i < item->impl.bound_count; i++) {
        NstType *arg = bound_param(match, item->impl.bounds[i].var.name);
        if (!arg) continue;
        for (size_t k = 0; k < item->impl.bounds[i].trait_count; k++) {
            NstTrait *trait = nst_resolve_trait(check->infer->program, match->impl->module, item->impl.bounds[i].traits[k].name);
            if (trait) verdict = both(verdict, has(check, arg, trait, outer));
        }
    }
    return verdict;
}

static bool head_matches(NstInfer *infer, NstImpl *impl, NstType *type, NstImplMatch *match) {
    if (!impl->head || !impl->scheme) return false;
    if (type->kind == NST_TY_CON && impl->head_decl != type->decl) return false;
    NstType **bindings = nst_type_array(infer, impl->scheme->param_count);
    NstMatch found = nst_type_match(impl->head, impl->scheme, type, bindings);
    if (found == NST_MATCH_NO) return false;
    *match = (NstImplMatch){impl, bindings, found, is_general(impl)};
    return true;
}

// LACKS here means: no implementation.
static Verdict implemented(Check *check, NstType *type, const NstTrait *trait, const Step *outer, bool *exists) {
    size_t count;
    NstImpl *const *impls = nst_trait_impls(check->infer->program, trait, &count);
    Verdict verdict = LACKS;
    for (size_t i = 0; i < count && verdict != HAS; i++) {
        NstImplMatch match;
        if (!head_matches(check->infer, impls[i], type, &match)) continue;
        *exists = true;
        Verdict found = match.match == NST_MATCH_YES ? conditions(check, &match, outer) : UNKNOWN;
        if (found > verdict) verdict = found;
    }
    return verdict;
}

// Which traits the predefined types have by themselves.
enum { EQ = 1, ORD = 2, NUM = 4, HASH = 8, SHOW = 16, CONCAT = 32, COPY = 64, EQ_IF = 128, SHOW_IF = 256 };

static unsigned prim_traits(NstPrimType prim) {
    if (nst_prim_is_numeric(prim)) return EQ | ORD | NUM | HASH | SHOW | COPY;
    switch (prim) {
    case NST_PRIM_STRING: return EQ | ORD | HASH | SHOW | CONCAT | COPY;
    case NST_PRIM_CHAR: return EQ | ORD | HASH | SHOW | COPY;
    case NST_PRIM_BOOL:
    case NST_PRIM_PID:
    case NST_PRIM_REF: return EQ | HASH | SHOW | COPY;
    case NST_PRIM_LIST: return EQ_IF | SHOW_IF | CONCAT | COPY;
    case NST_PRIM_MAP:
    case NST_PRIM_SET: return EQ_IF | SHOW_IF | COPY;
    case NST_PRIM_INT64_ARRAY:
    case NST_PRIM_FLOAT64_ARRAY:
    case NST_PRIM_FLOAT32_ARRAY:
    case NST_PRIM_BUFFER: return EQ | SHOW | COPY;
    default: return 0;
    }
}

static unsigned trait_bit(NstInfer *infer, const NstTrait *trait) {
    static const struct { NstBuiltinTrait trait; unsigned bit; } bits[] = {
        {NST_TRAIT_NUM, NUM},   {NST_TRAIT_EQ, EQ},     {NST_TRAIT_ORD, ORD},   {NST_TRAIT_CONCAT, CONCAT},
        {NST_TRAIT_SHOW, SHOW}, {NST_TRAIT_HASH, HASH}, {NST_TRAIT_COPY, COPY},
    };
    for (size_t i = 0; i < sizeof bits / sizeof *bits; i++)
        if (nst_is_builtin_trait(infer, trait, bits[i].trait)) return bits[i].bit;
    return 0;
}

static Verdict all_have(Check *check, NstType *const *types, size_t count, NstTrait *trait, const Step *outer) {
    Verdict verdict = HAS;
    for (size_t i = 0; i < count && verdict != LACKS; i++) verdict = both(verdict, has(check, types[i], trait, outer));
    return verdict;
}

static Verdict fields_have(Check *check, NstType *type, NstTrait *trait, const Step *outer) {
    NstTypeDecl *decl = type->decl;
    Verdict verdict = HAS;
    for (size_t i = 0; i < decl->ctor_count; i++)
        for (size_t k = 0; k < decl->ctors[i]->field_count && verdict != LACKS; k++) {
            NstType *field = nst_type_substitute(check->infer->program, decl->ctors[i]->field_types[k], decl->scheme, type->args);
            verdict = both(verdict, has(check, field, trait, outer));
        }
    return verdict;
}

static Verdict derived(Check *check, NstType *type, NstTrait *trait, const Step *outer) {
    unsigned bit = trait_bit(check->infer, trait);
    if (bit == 0) return LACKS;
    switch (type->kind) {
    case NST_TY_FUN: return bit == COPY ? HAS : LACKS;
    case NST_TY_TUPLE:
        if (bit == COPY) return HAS;
        if (type->arg_count == 0) return bit & (EQ | HASH | SHOW) ? HAS : LACKS;
        return bit & (EQ | ORD | HASH | SHOW) ? all_have(check, type->args, type->arg_count, trait, outer) : LACKS;
    case NST_TY_CON: {
        if (type->decl->prim != NST_PRIM_NONE) {
            unsigned traits = prim_traits(type->decl->prim);
            if (traits & bit) return HAS;
            if ((bit == EQ && traits & EQ_IF) || (bit == SHOW && traits & SHOW_IF))
                return all_have(check, type->args, type->arg_count, trait, outer);
            return LACKS;
        }
        if (bit == COPY) return HAS;
        if (!(bit & (EQ | ORD | HASH | SHOW))) return LACKS;
        if (type->decl->reactive && bit != ORD) return HAS;
        return fields_have(check, type, trait, outer);
    }
    default: return HAS;
    }
}

// Nodes of the type, at most `limit`.
static size_t size_of(const NstType *type, size_t limit) {
    type = nst_type_resolve((NstType *)type);
    size_t size = 1;
    for (size_t i = 0; i < type->arg_count && size < limit; i++) size += size_of(type->args[i], limit - size);
    if (type->kind == NST_TY_FUN && size < limit) size += size_of(type->result, limit - size);
    return size;
}

// True if the type is met again and again inside itself with ever larger arguments (`type L[T] = N | C(T, L[(T, T)])`):
// what its arguments contribute is known after two rounds.
static bool grows(const NstType *type, const NstTrait *trait, const Step *outer) {
    enum { LIMIT = 10000 };
    if (type->kind != NST_TY_CON || type->arg_count == 0) return false;
    size_t size = 0, smaller = 0;
    for (const Step *step = outer; step && smaller < 2; step = step->outer) {
        if (step->trait != trait || step->type->kind != NST_TY_CON || step->type->decl != type->decl) continue;
        if (!size) size = size_of(type, LIMIT);
        smaller += size_of(step->type, LIMIT) < size;
    }
    return smaller == 2;
}

static Verdict has(Check *check, NstType *type, NstTrait *trait, const Step *outer) {
    type = nst_type_resolve(type);
    switch (type->kind) {
    case NST_TY_VAR: add_var(check, type, trait); return HAS;
    case NST_TY_PARAM:
    case NST_TY_NEVER:
    case NST_TY_ERROR:
    case NST_TY_ANY: return HAS;
    default: break;
    }
    // A recursive type has the trait if assuming so leads to no contradiction.
    for (const Step *step = outer; step; step = step->outer)
        if (step->trait == trait && same(step->type, type) == NST_MATCH_YES) return HAS;
    Step step = {outer, type, trait, outer ? outer->depth + 1 : 0};
    if (step.depth > CHECK_DEPTH || grows(type, trait, outer)) return HAS;

    bool exists = false;
    Verdict verdict = implemented(check, type, trait, &step, &exists);
    if (exists) {
        if (verdict == LACKS) check->lacking = type;
        return verdict;
    }
    if (nst_is_builtin_trait(check->infer, trait, NST_TRAIT_HASH) && nst_has_own(check->infer, type, NST_TRAIT_EQ)) {
        check->lacking = type;
        check->eq_without_hash = true;
        return LACKS;
    }
    verdict = derived(check, type, trait, &step);
    if (verdict == LACKS && !check->lacking) check->lacking = type;
    return verdict;
}

static void end_check(Check *check) {
    free(check->vars);
    free(check->var_traits);
}

bool nst_trait_holds(NstInfer *infer, NstType *type, NstTrait *trait) {
    Check check = {.infer = infer};
    Verdict verdict = has(&check, type, trait, NULL);
    end_check(&check);
    return verdict != LACKS;
}

bool nst_has_own(NstInfer *infer, NstType *type, NstBuiltinTrait which) {
    Check check = {.infer = infer};
    bool exists = false;
    type = nst_type_resolve(type);
    if (type->kind != NST_TY_CON && type->kind != NST_TY_TUPLE) return false;
    Verdict verdict = implemented(&check, type, nst_builtin_trait(infer->program, which), NULL, &exists);
    end_check(&check);
    return exists && verdict != LACKS;
}

// Follows a lacking component down: "Outer.inner.f". Null if it is not a field.
static const char *path_to_lacking(NstInfer *infer, NstType *type, NstTrait *trait, NstType **lacking, int depth) {
    type = nst_type_resolve(type);
    if (type->kind != NST_TY_CON || !type->decl->item || depth > 8) return NULL;
    for (size_t c = 0; c < type->decl->ctor_count; c++) {
        const NstCtor *ctor = type->decl->ctors[c];
        for (size_t i = 0; i < ctor->field_count; i++) {
            NstType *field = nst_type_resolve(nst_type_substitute(infer->program, ctor->field_types[i], type->decl->scheme, type->args));
            if (nst_trait_holds(infer, field, trait)) continue;
            const char *name = ctor->field_names && ctor->field_names[i] ? nst_name_text(ctor->field_names[i])
                                                                        : nst_arena_printf(infer->arena, "%zu", i);
            *lacking = field;
            const char *rest = path_to_lacking(infer, field, trait, lacking, depth + 1);
            const char *dot = rest ? strchr(rest, '.') : NULL;
            return nst_arena_printf(infer->arena, "%s.%s%s", nst_name_text(ctor->name), name, dot ? dot : "");
        }
    }
    return NULL;
}

static bool is_own(const NstType *type) {
    return type->kind == NST_TY_CON && type->decl->item && !type->decl->module->library;
}

// How the trait can be had: by an implementation for the part that lacks it, or for the whole.
static void advise(NstInfer *infer, const NstRequirement *req, NstDiag *diag, NstType *whole, NstType *lacking) {
    whole = nst_type_resolve(whole);
    lacking = nst_type_resolve(lacking);
    NstDiags *diags = infer->program->diags;
    const char *trait = req->hashes ? "Hash" : nst_name_text(req->trait->name);
    const NstType *type = is_own(lacking) ? lacking : is_own(whole) ? whole : NULL;
    if (type) {
        nst_diag_hint(diags, diag, "an implementation gives it: `%s: %s … end`", nst_name_text(type->decl->name), trait);
    } else if (lacking->kind == NST_TY_FUN) {
        nst_diag_hint(diags, diag, "functions have no %s", trait);
    } else if (req->trait->item && !req->trait->module->library) {
        char *shown = nst_type_show_pair(lacking, NULL);
        nst_diag_hint(diags, diag, "an implementation gives it: `%s: %s … end`", shown, trait);
        free(shown);
    }
}

static void report(NstInfer *infer, NstRequirement *req, NstType *type, const Check *check) {
    char *whole = nst_type_show(infer->program, type);
    char *part = nst_type_show(infer->program, check->lacking ? check->lacking : type);
    const char *trait = req->hashes ? "Hash" : nst_name_text(req->trait->name);
    NstDiag *diag;
    if (check->eq_without_hash)
        diag = nst_requirement_error(infer, req, NST_DIAG_MISSING_TRAIT,
                                     "Missing trait implementation: %s implements Eq but not Hash", part);
    else
        diag = nst_requirement_error(infer, req, NST_DIAG_MISSING_TRAIT,
                                     "Missing trait implementation: %s does not implement %s%s", whole, trait,
                                     nst_is_builtin_trait(infer, req->trait, NST_TRAIT_ORD) ? " (values are not comparable)" : "");
    NstType *lacking = check->lacking ? check->lacking : type;
    const char *path = diag && strcmp(whole, part) != 0 ? path_to_lacking(infer, type, req->trait, &lacking, 0) : NULL;
    if (path) {
        char *shown = nst_type_show(infer->program, lacking);
        nst_diag_note(infer->program->diags, diag, "`%s` has type %s, which has no %s", path, shown, trait);
        free(shown);
    } else if (diag && strcmp(whole, part) != 0) {
        nst_diag_note(infer->program->diags, diag, "its component %s has no %s", part, trait);
    }
    if (diag) advise(infer, req, diag, type, lacking);
    free(whole);
    free(part);
}

// The implementation is there, but in error.
static bool is_no_news(NstInfer *infer, const NstTrait *trait, const NstType *lacking) {
    if (trait->item && !trait->module->library && nst_name_is_broken(infer->program, trait->name)) return true;
    return lacking->kind == NST_TY_CON && nst_impl_is_broken(infer->program, lacking->decl, trait);
}

bool nst_trait_attempt(NstInfer *infer, NstRequirement *req) {
    NstType *type = nst_type_resolve(req->type);
    if (type->kind == NST_TY_VAR) return false;
    Check check = {.infer = infer};
    Verdict verdict = has(&check, type, req->trait, NULL);
    bool concrete = type->kind == NST_TY_CON || type->kind == NST_TY_TUPLE || type->kind == NST_TY_FUN;
    if (req->numeric && concrete && !nst_prim_is_numeric(nst_type_prim(type))) verdict = LACKS;
    if (verdict == LACKS && is_no_news(infer, req->trait, check.lacking ? nst_type_resolve(check.lacking) : type))
        infer->failed = true;
    else if (verdict == LACKS) report(infer, req, type, &check);
    if (verdict == HAS)
        for (size_t i = 0; i < check.var_count; i++) {
            NstRequirement *part = nst_arena_copy(infer->arena, req, sizeof *req);
            part->type = check.vars[i];
            part->trait = check.var_traits[i];
            part->solved = part->queued = false;
            nst_require(infer, part);
        }
    end_check(&check);
    return verdict != UNKNOWN;
}

// ---- Selecting implementations ----------------------------------------------------------

NstImplMatch *nst_impl_matches(NstInfer *infer, NstType *type, const NstTrait *trait, size_t *count) {
    type = nst_type_resolve(type);
    size_t impl_count;
    NstImpl *const *impls = nst_trait_impls(infer->program, trait, &impl_count);
    NstImplMatch *matches = NST_NEW_ARRAY(infer->arena, NstImplMatch, impl_count + 1);
    *count = 0;
    for (int general = 0; general <= 1; general++)
        for (size_t i = 0; i < impl_count; i++) {
            NstImplMatch match;
            if (!head_matches(infer, impls[i], type, &match) || match.general != general) continue;
            Check check = {.infer = infer};
            Verdict verdict = conditions(&check, &match, NULL);
            end_check(&check);
            if (verdict != LACKS) matches[(*count)++] = match;
        }
    return matches;
}
