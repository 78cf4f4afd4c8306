#include "frontend/infer.h"

#include "frontend/infer_body.h"
#include "frontend/infer_function.h"
#include "frontend/infer_groups.h"
#include "frontend/instance.h"
#include "frontend/require.h"
#include "frontend/scheme.h"
#include "frontend/trait_solve.h"

#include <stdlib.h>

// ---- Module-level values ----------------------------------------------------------------

static NstType *no_variable(void *data, NstName name) {
    (void)name;
    return nst_var(data);
}

// The initial value of an mvar is a body of its own.
static void infer_mvar(NstInfer *infer, NstMvar *mvar) {
    if (!mvar->init) return;
    NstType *type = nst_mvar_type(infer, mvar);
    NstTypeContext types = {.program = infer->program, .module = mvar->module, .rule = NST_TYPE_VARS_NONE,
                            .fresh = no_variable, .data = infer};
    NstBodyContext context = {.body = mvar->init_body, .result = type, .types = &types};
    NstRequirementList pending = {0};
    infer->module = mvar->module;
    infer->level = NST_LEVEL_FUNCTION;
    infer->body = &context;
    infer->pending = &pending;
    nst_check_expr(infer, mvar->init, type);
    if (mvar->init_body) mvar->init_body->result_type = type;
    infer->level = NST_LEVEL_GLOBAL;
    nst_requirements_settle(infer, 0, NULL, 0);
    nst_requirements_close(infer, 0);
    infer->body = NULL;
}

static void announce_consts(NstInfer *infer, const NstModule *module) {
    for (size_t i = 0; i < module->const_count; i++)
        if (module->consts[i]->fn) nst_function_info(infer, module->consts[i]->fn)->constant = module->consts[i];
}

static void infer_values(NstInfer *infer, const NstModule *module) {
    infer->pending = &infer->global;
    infer->level = NST_LEVEL_GLOBAL;
    for (size_t i = 0; i < module->const_count; i++) nst_infer_const(infer, module->consts[i]);
}

// ---- Default methods --------------------------------------------------------------------

static bool is_defined(NstInfer *infer, const NstImpl *impl, NstName method) {
    size_t count;
    NstImplMatch *matches = nst_impl_matches(infer, impl->head, impl->trait, &count);
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < matches[i].impl->method_count; k++)
            if (matches[i].impl->methods[k]->name == method) return true;
    return false;
}

// Without its supertraits a type lacks what default methods rely on; that has been reported.
static bool has_supertraits(NstInfer *infer, const NstImpl *impl, const NstTrait *trait) {
    for (size_t i = 0; i < trait->super_count; i++)
        if (trait->supers[i] &&
            (!nst_trait_holds(infer, impl->head, trait->supers[i]) || !has_supertraits(infer, impl, trait->supers[i])))
            return false;
    return true;
}

static void check_defaults(NstInfer *infer, const NstImpl *impl) {
    if (!impl->trait || !impl->head || !impl->scheme || !has_supertraits(infer, impl, impl->trait)) return;
    for (size_t i = 0; i < impl->trait->method_count; i++) {
        NstFunction *method = impl->trait->methods[i];
        if (method->library || method->clause_count == 0 || !method->clauses[0]->body_expr || !method->scheme) continue;
        if (!is_defined(infer, impl, method->name)) nst_check_default(infer, impl, method);
    }
}

// ---- The program ------------------------------------------------------------------------

// Tests ask for another order, which must change nothing.
static void shuffle(NstFunction **fns, size_t count, uint32_t seed) {
    for (size_t i = count; seed && i > 1; i--) {
        seed = seed * 1664525u + 1013904223u;
        size_t k = (seed >> 8) % i;
        NstFunction *swapped = fns[k];
        fns[k] = fns[i - 1];
        fns[i - 1] = swapped;
    }
}

static void infer_functions(NstInfer *infer) {
    NstProgram *program = infer->program;
    NstFunction **ordered;
    size_t count;
    NstGroup *groups = nst_find_groups(infer, &ordered, &count);
    for (size_t i = 0; i < count; i++) {
        NstFunctionInfo *info = nst_function_info(infer, ordered[i]);
        info->group = groups[ordered[i]->id].members;
        info->group_count = groups[ordered[i]->id].count;
    }
    free(groups);
    ordered = nst_arena_copy(infer->arena, ordered, count * sizeof *ordered); // groups point into the other one
    shuffle(ordered, count, program->shuffle);
    for (size_t i = 0; i < count; i++) nst_infer_function(infer, ordered[i]);
    for (size_t i = 0; i < program->function_count; i++)
        if (!program->functions[i]->library) nst_infer_function_body(infer, program->functions[i]);
}

void nst_infer_program(NstProgram *program) {
    NstInfer *infer = nst_infer_of(program);
    for (size_t i = 0; i < program->user_module_count; i++) announce_consts(infer, program->modules[i]);
    infer_functions(infer);
    program->diags->stage = NST_STAGE_WHOLE;
    infer->whole = true;
    for (size_t i = 0; i < program->mvar_count; i++) infer_mvar(infer, program->mvars[i]);
    for (size_t i = 0; i < program->user_module_count; i++) infer_values(infer, program->modules[i]);
    for (size_t i = 0; i < program->user_module_count; i++)
        for (size_t k = 0; k < program->modules[i]->impl_count; k++) check_defaults(infer, program->modules[i]->impls[k]);
    infer->pending = &infer->global;
    infer->level = 0;
    nst_requirements_settle(infer, 0, NULL, 0);
    nst_requirements_close(infer, 0);
    infer->whole = false;
}

NstInfer *nst_infer_of(NstProgram *program) {
    if (program->infer) return program->infer;
    NstInfer *infer = nst_calloc(1, sizeof *infer);
    infer->program = program;
    infer->arena = program->arena;
    infer->pending = &infer->global;
    infer->level = NST_LEVEL_GLOBAL;
    program->infer = infer;
    return infer;
}

void nst_infer_free(NstProgram *program) {
    NstInfer *infer = program->infer;
    if (!infer) return;
    free(infer->trail);
    free(infer->woken);
    free(infer->infos);
    nst_instances_free(infer);
    free(infer);
    program->infer = NULL;
}
