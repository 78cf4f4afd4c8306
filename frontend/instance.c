#include "frontend/instance.h"

#include "frontend/checks.h"
#include "frontend/infer_function.h"
#include "frontend/require.h"
#include "frontend/scheme.h"

#include <stdlib.h>

// After this many instances of one function the next ones are made at unknown types: a program may ask for new ones
// without end.
enum { INSTANCE_LIMIT = 512 };

typedef struct Answer {
    const NstInstance *instance;
    const NstExpr *expr;
    const NstTarget *target;
} Answer;

typedef struct Method {
    const NstModule *from;
    const NstType *receiver;
    NstName name;
    size_t arg_count;
    const NstExpr *call;
    const NstTarget *target;
} Method;

// Open-addressing tables; an empty slot is null.
struct NstInstances {
    NstType **types;
    size_t type_count, type_slots;
    NstInstance **instances;
    size_t instance_count, instance_slots;
    Answer *answers;
    size_t answer_count, answer_slots;
    Method *methods;
    size_t method_count, method_capacity;
    uint32_t *per_function; // number of instances by function id
    size_t per_function_count;
    NstType *any;
    NstInstance *module;
};

static NstInstances *tables(NstInfer *infer) {
    if (!infer->instances) infer->instances = nst_calloc(1, sizeof *infer->instances);
    return infer->instances;
}

void nst_instances_free(NstInfer *infer) {
    NstInstances *t = infer->instances;
    if (!t) return;
    free(t->types);
    free(t->instances);
    free(t->answers);
    free(t->methods);
    free(t->per_function);
    free(t);
}

static size_t mix(size_t hash, const void *pointer) {
    return (hash ^ ((uintptr_t)pointer >> 4)) * (size_t)0x9E3779B97F4A7C15u;
}

static size_t slot_of(size_t hash, size_t slots) {
    return (hash ^ hash >> 32) & (slots - 1);
}

// ---- Concrete types ---------------------------------------------------------------------

static size_t hash_type(const NstType *type) {
    size_t hash = mix((size_t)type->kind * 31 + type->arg_count, type->decl);
    for (size_t i = 0; i < type->arg_count; i++) hash = mix(hash, type->args[i]);
    return mix(hash, type->result);
}

static bool equal_type(const NstType *a, const NstType *b) {
    if (a->kind != b->kind || a->decl != b->decl || a->arg_count != b->arg_count || a->result != b->result) return false;
    for (size_t i = 0; i < a->arg_count; i++)
        if (a->args[i] != b->args[i]) return false;
    return true;
}

static size_t find_type(const NstInstances *t, const NstType *type) {
    size_t at = slot_of(hash_type(type), t->type_slots);
    while (t->types[at] && !equal_type(t->types[at], type)) at = (at + 1) & (t->type_slots - 1);
    return at;
}

static void grow_types(NstInstances *t) {
    NstType **old = t->types;
    size_t count = t->type_slots;
    t->type_slots = count ? count * 2 : 256;
    t->types = nst_calloc(t->type_slots, sizeof *t->types);
    for (size_t i = 0; i < count; i++)
        if (old[i]) t->types[find_type(t, old[i])] = old[i];
    free(old);
}

NstType *nst_intern(NstInfer *infer, NstTypeKind kind, NstTypeDecl *decl, NstType *const *args, size_t count, NstType *result) {
    NstInstances *t = tables(infer);
    if (t->type_count * 2 >= t->type_slots) grow_types(t);
    NstType type = {.kind = kind, .decl = decl, .args = (NstType **)(uintptr_t)args, .arg_count = count, .result = result};
    size_t at = find_type(t, &type);
    if (t->types[at]) return t->types[at];
    NstType *kept = nst_arena_copy(infer->arena, &type, sizeof type);
    kept->args = nst_type_array(infer, count);
    if (count) memcpy(kept->args, args, count * sizeof *args);
    kept->interned = kept;
    t->types[at] = kept;
    t->type_count++;
    return kept;
}

static NstType *any_type(NstInfer *infer) {
    NstInstances *t = tables(infer);
    if (!t->any) t->any = nst_intern(infer, NST_TY_ANY, NULL, NULL, 0, NULL);
    return t->any;
}

static const NstScheme *scheme_of(const NstInstance *instance) {
    if (instance->local) return instance->local->scheme;
    return instance->fn ? instance->fn->scheme : NULL;
}

static NstType *param_in(NstInfer *infer, const NstInstance *instance, const NstType *param) {
    for (; instance; instance = instance->outer) {
        const NstScheme *scheme = scheme_of(instance);
        if (scheme && nst_scheme_owner(scheme) == param->owner && param->id < instance->subst_count)
            return instance->subst[param->id];
    }
    return any_type(infer);
}

NstType *nst_concrete(NstInfer *infer, const NstInstance *instance, NstType *type) {
    enum { SMALL = 8 };
    if (!type) return any_type(infer);
    type = nst_type_resolve(type);
    if (type->kind == NST_TY_PARAM) return param_in(infer, instance, type);
    if (type->kind != NST_TY_CON && type->kind != NST_TY_TUPLE && type->kind != NST_TY_FUN) return any_type(infer);
    if (type->interned) return type->interned;
    NstType *small[SMALL], **args = type->arg_count > SMALL ? nst_type_array(infer, type->arg_count) : small;
    for (size_t i = 0; i < type->arg_count; i++) args[i] = nst_concrete(infer, instance, type->args[i]);
    NstType *result = type->kind == NST_TY_FUN ? nst_concrete(infer, instance, type->result) : NULL;
    NstType *kept = nst_intern(infer, type->kind, type->decl, args, type->arg_count, result);
    if (type->closed) type->interned = kept;
    return kept;
}

// ---- Instances --------------------------------------------------------------------------

static size_t hash_instance(const NstInstance *instance) {
    size_t hash = mix(mix(mix(7, instance->fn), instance->local), instance->outer);
    for (size_t i = 0; i < instance->subst_count; i++) hash = mix(hash, instance->subst[i]);
    return hash;
}

static bool equal_instance(const NstInstance *a, const NstInstance *b) {
    if (a->fn != b->fn || a->local != b->local || a->outer != b->outer || a->subst_count != b->subst_count) return false;
    for (size_t i = 0; i < a->subst_count; i++)
        if (a->subst[i] != b->subst[i]) return false;
    return true;
}

static size_t find_instance(const NstInstances *t, const NstInstance *instance) {
    size_t at = slot_of(hash_instance(instance), t->instance_slots);
    while (t->instances[at] && !equal_instance(t->instances[at], instance)) at = (at + 1) & (t->instance_slots - 1);
    return at;
}

static void grow_instances(NstInstances *t) {
    NstInstance **old = t->instances;
    size_t count = t->instance_slots;
    t->instance_slots = count ? count * 2 : 256;
    t->instances = nst_calloc(t->instance_slots, sizeof *t->instances);
    for (size_t i = 0; i < count; i++)
        if (old[i]) t->instances[find_instance(t, old[i])] = old[i];
    free(old);
}

static uint32_t *instances_of(NstInstances *t, const NstFunction *fn) {
    if (fn->id >= t->per_function_count) {
        size_t count = (size_t)fn->id * 2 + 64;
        t->per_function = nst_realloc(t->per_function, count * sizeof *t->per_function);
        memset(t->per_function + t->per_function_count, 0, (count - t->per_function_count) * sizeof *t->per_function);
        t->per_function_count = count;
    }
    return &t->per_function[fn->id];
}

static NstInstance *keep_instance(NstInfer *infer, const NstInstance *instance) {
    NstInstances *t = tables(infer);
    if (t->instance_count * 2 >= t->instance_slots) grow_instances(t);
    size_t at = find_instance(t, instance);
    if (t->instances[at]) return t->instances[at];
    uint32_t *count = instances_of(t, instance->fn);
    if (*count >= INSTANCE_LIMIT) {
        for (size_t i = 0; i < instance->subst_count; i++) instance->subst[i] = any_type(infer);
        at = find_instance(t, instance);
        if (t->instances[at]) return t->instances[at];
    }
    ++*count;
    t->instance_count++;
    return t->instances[at] = nst_arena_copy(infer->arena, instance, sizeof *instance);
}

static NstInfer *lock(NstProgram *program) {
    pthread_mutex_lock(&program->lock);
    return nst_infer_of(program);
}

static void unlock(NstProgram *program) {
    pthread_mutex_unlock(&program->lock);
}

NstInstance *nst_instance_get(NstProgram *program, NstFunction *fn, NstType *const *subst) {
    NstInfer *infer = lock(program);
    nst_infer_function_body(infer, fn);
    if (fn->library) nst_fill_lock_sets(infer->program, fn);
    size_t count = fn->scheme ? fn->scheme->param_count : 0;
    const bool *relevant = nst_function_relevant(infer, fn);
    NstType **types = nst_type_array(infer, count);
    for (size_t i = 0; i < count; i++)
        types[i] = subst && relevant[i] ? nst_concrete(infer, NULL, subst[i]) : any_type(infer);
    NstInstance instance = {.program = program, .fn = fn, .subst = types, .subst_count = count};
    NstInstance *result = keep_instance(infer, &instance);
    unlock(program);
    return result;
}

NstInstance *nst_instance_local(const NstInstance *outer, NstLocal *local, NstType *const *subst) {
    NstProgram *program = outer->program;
    NstInfer *infer = lock(program);
    size_t count = local->scheme ? local->scheme->param_count : 0;
    const bool *relevant = nst_local_relevant(infer, outer->fn, local);
    NstType **types = nst_type_array(infer, count);
    for (size_t i = 0; i < count; i++)
        types[i] = subst && relevant[i] ? nst_concrete(infer, NULL, subst[i]) : any_type(infer);
    NstInstance instance = {.program = program, .fn = outer->fn, .subst = types, .subst_count = count, .outer = outer,
                            .local = local};
    NstInstance *result = keep_instance(infer, &instance);
    unlock(program);
    return result;
}

const NstInstance *nst_instance_module(NstProgram *program) {
    NstInfer *infer = lock(program);
    NstInstances *t = tables(infer);
    if (!t->module) {
        t->module = NST_NEW(infer->arena, NstInstance);
        t->module->program = program;
    }
    const NstInstance *result = t->module;
    unlock(program);
    return result;
}

const NstType *nst_instance_type(const NstInstance *instance, const NstType *type) {
    NstInfer *infer = lock(instance->program);
    const NstType *result = nst_concrete(infer, instance, (NstType *)(uintptr_t)type);
    unlock(instance->program);
    return result;
}

// ---- Targets ----------------------------------------------------------------------------

static size_t find_answer(const NstInstances *t, const NstInstance *instance, const NstExpr *expr) {
    size_t at = slot_of(mix(mix(3, instance), expr), t->answer_slots);
    while (t->answers[at].expr && (t->answers[at].expr != expr || t->answers[at].instance != instance))
        at = (at + 1) & (t->answer_slots - 1);
    return at;
}

static void grow_answers(NstInstances *t) {
    Answer *old = t->answers;
    size_t count = t->answer_slots;
    t->answer_slots = count ? count * 2 : 256;
    t->answers = nst_calloc(t->answer_slots, sizeof *t->answers);
    for (size_t i = 0; i < count; i++)
        if (old[i].expr) t->answers[find_answer(t, old[i].instance, old[i].expr)] = old[i];
    free(old);
}

const NstTarget *nst_instance_target(const NstInstance *instance, const NstExpr *expr) {
    NstInfer *infer = lock(instance->program);
    NstInstances *t = tables(infer);
    if (t->answer_count * 2 >= t->answer_slots) grow_answers(t);
    size_t at = find_answer(t, instance, expr);
    const NstTarget *target = t->answers[at].expr ? t->answers[at].target : NULL;
    if (!target) {
        target = nst_compute_target(infer, instance, (NstExpr *)(uintptr_t)expr);
        at = find_answer(t, instance, expr);
        t->answers[at] = (Answer){instance, expr, target};
        t->answer_count++;
    }
    unlock(instance->program);
    return target;
}

const NstTarget *nst_program_method(NstProgram *program, const NstModule *from, const NstType *receiver, NstName name,
                                    size_t arg_count, const NstExpr *call) {
    NstInfer *infer = lock(program);
    NstInstances *t = tables(infer);
    receiver = nst_concrete(infer, NULL, (NstType *)(uintptr_t)receiver);
    for (size_t i = 0; i < t->method_count; i++) {
        const Method *m = &t->methods[i];
        if (m->from != from || m->receiver != receiver || m->name != name || m->arg_count != arg_count || m->call != call)
            continue;
        const NstTarget *known = m->target;
        unlock(program);
        return known;
    }
    Method method = {from, receiver, name, arg_count, call, NULL};
    method.target = nst_compute_method(infer, (NstModule *)(uintptr_t)from, (NstType *)(uintptr_t)receiver, name, arg_count,
                                       (NstExpr *)(uintptr_t)call);
    if (t->method_count == t->method_capacity) {
        t->method_capacity = t->method_capacity ? t->method_capacity * 2 : 32;
        t->methods = nst_realloc(t->methods, t->method_capacity * sizeof *t->methods);
    }
    t->methods[t->method_count++] = method;
    unlock(program);
    return method.target;
}

// ---- Types made at run time -------------------------------------------------------------

const NstType *nst_program_con(NstProgram *program, NstTypeDecl *decl, const NstType *const *args, size_t count) {
    NstInfer *infer = lock(program);
    const NstType *type = nst_intern(infer, NST_TY_CON, decl, (NstType *const *)(uintptr_t)args, count, NULL);
    unlock(program);
    return type;
}

const NstType *nst_program_prim(NstProgram *program, NstPrimType prim, const NstType *const *args, size_t count) {
    return nst_program_con(program, nst_builtin_type(program, prim), args, count);
}

const NstType *nst_program_tuple(NstProgram *program, const NstType *const *args, size_t count) {
    NstInfer *infer = lock(program);
    const NstType *type = nst_intern(infer, NST_TY_TUPLE, NULL, (NstType *const *)(uintptr_t)args, count, NULL);
    unlock(program);
    return type;
}

const NstType *nst_program_any(NstProgram *program) {
    NstInfer *infer = lock(program);
    const NstType *type = any_type(infer);
    unlock(program);
    return type;
}
