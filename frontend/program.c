// Loading a program: the steps in order, on a thread whose stack suits the deepest input that the guard lets through.

#include <pthread.h>
#include <stdlib.h>

#include "frontend/check_cache.h"
#include "frontend/checks.h"
#include "frontend/infer.h"
#include "frontend/program_internal.h"
#include "frontend/project.h"
#include "frontend/resolve.h"
#include "frontend/silence.h"

// Passes recurse at most 10,000 levels (guard.h); a level of the deepest pass needs a few KiB. Only what is touched
// becomes memory.
enum { STACK_SIZE = 256 * 1024 * 1024 };

typedef struct Load {
    NstProgram *program;
    const NstOptions *options;
    const char *target;
    const char *text; // null: read the target
    size_t size;
    NstExpr *code; // null, or the body of the text's one function
    const NstOverlays *overlays;
    uint32_t shuffle;
} Load;

static bool single_broken_file(const NstProgram *p) {
    return p->file_count == 1 && p->files[0].ast && p->files[0].ast->has_syntax_errors;
}

static void *load(void *argument) {
    const Load *job = argument;
    NstProgram *p = job->program;
    bool usable = true;
    if (job->text) nst_project_from_text(p, job->target, job->text, job->size);
    else usable = nst_project_load(p, job->target, job->options);
    if (p->target_error || !p->file_count || single_broken_file(p)) return NULL;
    if (job->code) p->files[0].ast->items[0]->clause->body_expr = job->code;
    nst_resolve_program(p);
    if (usable) nst_project_check_entry(p);
    nst_infer_program(p);
    nst_program_finish(p);
    return NULL;
}

void nst_program_finish(NstProgram *p) {
    p->typed_diags = p->diags->count;
    p->diags->stage = NST_STAGE_CHECKS;
    nst_check_program(p);
    nst_project_filter_diags(p);
    nst_silence_warnings(p);
}

void *nst_on_big_stack(void *(*function)(void *), void *argument) {
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, STACK_SIZE);
    pthread_t thread;
    void *result = NULL;
    if (pthread_create(&thread, &attributes, function, argument) == 0) {
        pthread_join(thread, &result);
    } else {
        fputs("nostos: cannot start a thread\n", stderr);
        exit(70);
    }
    pthread_attr_destroy(&attributes);
    return result;
}

static NstProgram *load_on_big_stack(Load job, const NstOptions *options) {
    NstProgram *p = nst_calloc(1, sizeof *p);
    p->arena = nst_calloc(1, sizeof *p->arena);
    nst_arena_init(p->arena);
    p->diags = nst_diags_new();
    p->sources = nst_sources_new();
    p->lib = options->lib;
    pthread_mutexattr_t recursive;
    pthread_mutexattr_init(&recursive);
    pthread_mutexattr_settype(&recursive, PTHREAD_MUTEX_RECURSIVE);
    pthread_mutex_init(&p->lock, &recursive);
    pthread_mutexattr_destroy(&recursive);

    job.program = p;
    job.options = options;
    p->overlays = job.overlays;
    p->shuffle = job.shuffle;
    nst_on_big_stack(load, &job);
    p->overlays = NULL;
    return p;
}

NstProgram *nst_program_load(const char *target, const NstOptions *options) {
    return load_on_big_stack((Load){ .target = target }, options);
}

NstProgram *nst_program_load_with(const char *target, const NstOptions *options, const NstOverlays *overlays,
                                  uint32_t shuffle) {
    return load_on_big_stack((Load){ .target = target, .overlays = overlays, .shuffle = shuffle }, options);
}

NstProgram *nst_program_from_text(const char *name, const char *text, size_t size, const NstOptions *options) {
    return load_on_big_stack((Load){ .target = name, .text = text, .size = size }, options);
}

NstProgram *nst_program_from_code(NstExpr *code, NstFunction **function) {
    static const char text[] = "comptime() = ()\n";
    NstOptions options = { .lib = true };
    NstProgram *p = load_on_big_stack((Load){ .target = "comptime", .text = text, .size = sizeof text - 1, .code = code },
                                      &options);
    p->comptime = true;
    *function = p->modules[0]->functions[0];
    return p;
}

bool nst_program_is_comptime(const NstProgram *program) {
    return program->comptime;
}

void nst_program_free(NstProgram *p) {
    if (!p) return;
    nst_check_cache_free(p);
    nst_infer_free(p);
    nst_resolve_free(p);
    nst_diags_free(p->diags);
    nst_sources_free(p->sources);
    nst_arena_free(p->arena);
    free(p->arena);
    pthread_mutex_destroy(&p->lock);
    free(p);
}

const char *nst_program_target_error(const NstProgram *program) { return program->target_error; }

// ---- Places and diagnostics of a program ------------------------------------------------

// Reports of exceptions ask from any worker while another one may be reading a library item for the first time.
bool nst_place(const NstProgram *program, NstSpan span, NstPlace *place) {
    pthread_mutex_t *lock = (pthread_mutex_t *)(uintptr_t)&program->lock;
    pthread_mutex_lock(lock);
    bool found = nst_sources_place(program->sources, span, place);
    pthread_mutex_unlock(lock);
    return found;
}

void nst_diags_print_text(const NstProgram *program, FILE *out, bool color) {
    nst_diags_write_text(program->sources, program->diags, out, color);
}

void nst_diags_print_json(const NstProgram *program, FILE *out) {
    nst_diags_write_json(program->sources, program->diags, out);
}
