// The inside of NstProgram, for the frontend's own files.
//
// Who fills what: project.c makes the program, its sources and files; the resolver (resolve.c) the modules and their
// declarations; inference the types. Everything lives in `arena` as long as the program.
//
// Threads: while a program is loaded and checked one thread owns it. Afterwards library items may still be reached
// for the first time, from any thread: whoever may load, resolve or infer then holds `lock` (recursive).
#ifndef NST_PROGRAM_INTERNAL_H
#define NST_PROGRAM_INTERNAL_H

#include <pthread.h>

#include "frontend/arena.h"
#include "frontend/diag.h"
#include "frontend/frontend.h"
#include "frontend/source.h"

// One file of the program: project.c adds them in the order of the module paths.
typedef struct NstFile {
    NstName *path;      // module path; none for a single-file program
    size_t path_len;
    bool nameable;      // every segment is an identifier: other modules can name it
    uint32_t source;    // source id
    NstFileAst *ast;
    NstModule *module;  // made by the resolver
} NstFile;

// Texts of files as an editor has them.
typedef struct NstOverlay {
    char *path;
    char *text;
    size_t size;
    bool changed; // since the program was made
} NstOverlay;

typedef struct NstOverlays {
    NstOverlay *items;
    size_t count, capacity;
} NstOverlays;

typedef struct NstResolver NstResolver; // resolve_internal.h
typedef struct NstInfer NstInfer;       // inference's tables

struct NstProgram {
    NstArena *arena;
    NstDiags *diags;
    NstSources *sources;
    pthread_mutex_t lock;

    // project.c
    char *target_error;
    bool lib;                    // no entry point needed
    bool comptime;               // its code runs while another program is compiled
    NstFile *files;
    size_t file_count;
    const char *entry_module;    // path text of the entry's module ("" for a single file); null: project.c has
    const char *entry_function;  // reported that there is none
    NstName *bin_entries;        // names of the functions at which the [[bin]] entries begin
    size_t bin_entry_count;
    void *project;               // project.c's own
    const NstOverlays *overlays; // texts that stand before the disk's, or null
    bool templated;              // expand.c has changed the files' items
    size_t typed_diags;          // number of diagnostics before the checks
    uint32_t shuffle;            // tests: seed of the order in which definitions are inferred; 0: that of the text
    bool silenced[NST_DIAG_COUNT]; // kinds of warnings that nostos.toml allows

    // resolver
    NstResolver *resolver;
    NstModule **modules;         // user modules by path, a file's inline modules behind it; then library modules
    size_t module_count;         // as they are reached
    size_t user_module_count;
    NstTypeDecl **types;         // by id
    size_t type_count;
    NstFunction **functions;     // by id
    size_t function_count;
    NstTrait **traits;
    size_t trait_count;
    NstImpl **impls;             // user's in the order of the module paths, then library's
    size_t impl_count;
    NstMvar **mvars;             // by index
    size_t mvar_count;
    NstMvar **mvar_order;        // mvars.md 2
    NstFunction *entry;
    NstTypeDecl *builtin[NST_PRIM_BUFFER + 1];
    NstType *unit_type, *never_type, *error_type; // shared nodes; never written to

    // inference
    NstInfer *infer;

    struct NstCheckCache *checks; // check_cache.h
};

// The program of a target (nst_program_load) with these texts before the disk's. They are read only during the call.
NstProgram *nst_program_load_with(const char *target, const NstOptions *options, const NstOverlays *overlays,
                                  uint32_t shuffle);

// Types share parts, so a short text can have a type that no pass gets through; such types are errors (infinite-type).
enum { NST_TYPE_PARTS = 10000 };
bool nst_type_is_huge(const NstType *type); // types.c

// The checks on the typed program, and the filter of follow-up errors.
void nst_program_finish(NstProgram *program);

// Runs a function on a stack that suits the deepest input that the guard lets through.
void *nst_on_big_stack(void *(*function)(void *), void *argument);

#endif
