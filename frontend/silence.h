// Warnings that the author has silenced (cli.md 5.3): `# allow: KIND` in the text, `allow` under [warnings] in nostos.toml.
#ifndef NST_SILENCE_H
#define NST_SILENCE_H

#include "frontend/program_internal.h"

// Takes the silenced warnings out of the program's diagnostics. Errors stay, whatever is written.
void nst_silence_warnings(NstProgram *program);

#endif
