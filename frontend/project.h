// From a target to the files of a program: single files, projects, nostos.toml, dependencies (modules.md 1, 7, 8).
#ifndef NST_PROJECT_H
#define NST_PROJECT_H

#include "frontend/program_internal.h"

// Fills program->files (in the order of the module paths), entry_module and entry_function. False if the target
// cannot be read at all (program->target_error is set) or the project is unusable (diagnostics are reported).
bool nst_project_load(NstProgram *program, const char *target, const NstOptions *options);

// The same for a single file given as text.
void nst_project_from_text(NstProgram *program, const char *name, const char *text, size_t size);

// After resolution: reports an entry point of a [[bin]] that does not exist.
void nst_project_check_entry(NstProgram *program);

// Takes back diagnostics other than syntax errors of files that have a syntax error themselves or in a file that they
// import, directly or indirectly (cli.md 5.1).
void nst_project_filter_diags(NstProgram *program);

#endif
