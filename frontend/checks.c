#include "frontend/checks.h"

void nst_check_program(NstProgram *program) {
    for (size_t i = 0; i < program->function_count; i++)
        if (!program->functions[i]->library) nst_check_matches(program, program->functions[i]);
    NstEffectTable effects = nst_effects_build(program);
    nst_check_mvar_rules(program, &effects);
    nst_check_unused(program);
}
