#include "frontend/checks.h"

bool nst_written_by_user(const NstProgram *program, NstSpan span) {
    NstFileRange range;
    return nst_file_range(program->sources, span, &range) && nst_origin(program->sources, span.origin).source == range.source;
}

static void check_beyond_errors(NstProgram *program, const NstEffectTable *effects) {
    for (size_t i = 0; i < program->function_count; i++) {
        if (program->functions[i]->library) continue;
        nst_check_arms(program, program->functions[i]);
        nst_check_flow(program, program->functions[i]);
        nst_check_shadowing(program, program->functions[i]);
    }
    nst_check_unused(program);
    nst_check_unused_items(program);
    if (!program->lib) nst_check_messages(program, effects);
    nst_check_mvar_use(program, effects);
}

void nst_check_program(NstProgram *program) {
    for (size_t i = 0; i < program->function_count; i++)
        if (!program->functions[i]->library) nst_check_matches(program, program->functions[i]);
    NstEffectTable effects = nst_effects_build(program);
    nst_check_mvar_rules(program, &effects);
    if (!nst_diags_count(program->diags, NST_ERROR)) check_beyond_errors(program, &effects);
}
