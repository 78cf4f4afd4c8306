// The `nostos` of the Python package: the formatter alone.
#include "fmt/fmt.h"
#include "frontend/source.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// The syntax layer refers to whole programs where it renders their diagnostics; there are none here.
NstSources *nst_program_sources(const NstProgram *program) {
    (void)program;
    abort();
}

NstDiags *nst_program_diags(NstProgram *program) {
    (void)program;
    abort();
}

static int usage(FILE *out) {
    fputs("Usage: nostos fmt [options] [PATH ...]\n\n"
          "This installation has the formatter only. 'nostos help fmt' lists its options.\n", out);
    return out == stdout ? 0 : 2;
}

int main(int argc, char **argv) {
    char fmt[] = "fmt", help[] = "--help", *help_fmt[] = {fmt, help, NULL};
    if (argc < 2) return usage(stderr);
    if (strcmp(argv[1], "fmt") == 0) return nst_fmt_main(argc - 1, argv + 1);
    if (strcmp(argv[1], "version") == 0 || strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0) {
        puts("nostos " NOSTOS_VERSION);
        return 0;
    }
    if (strcmp(argv[1], "help") == 0 && argc > 2 && strcmp(argv[2], "fmt") == 0) return nst_fmt_main(2, help_fmt);
    if (strcmp(argv[1], "help") == 0 || strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) return usage(stdout);
    fprintf(stderr, "nostos: this installation has the formatter only, not '%s'\nTry 'nostos help'.\n", argv[1]);
    return 2;
}
