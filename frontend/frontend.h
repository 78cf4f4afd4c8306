// The semantic frontend: from source text to a typed program and diagnostics.
//
// This is the folder's one public header; it includes the data types that other folders read
// (ast.h, types.h, program.h). Everything that lsp/, fmt/, runtime/ and debugger/ know about a
// program they learn from here.
//
// The frontend never fails: bad input gives a program with diagnostics. Running out of memory ends the
// tool with a message.
#ifndef NST_FRONTEND_H
#define NST_FRONTEND_H

#include "frontend/ast.h"
#include "frontend/types.h"
#include "frontend/program.h"

#include <stdio.h>

// ---- Diagnostics ------------------------------------------------------------------------

typedef enum NstSeverity { NST_ERROR, NST_WARNING } NstSeverity;

typedef enum NstDiagKind {
#define NST_DIAG(id, text, severity, page) NST_DIAG_##id,
#include "frontend/diag.def"
#undef NST_DIAG
    NST_DIAG_COUNT
} NstDiagKind;

typedef struct NstLabel {
    NstSpan span;
    const char *message;
} NstLabel;

typedef struct NstEdit {
    NstSpan span;
    const char *replacement;
} NstEdit;

// One diagnostic. Texts are owned by the diagnostics list.
typedef struct NstDiag {
    NstDiagKind kind;
    NstSeverity severity;
    NstSpan span;              // origin 0: no place in a text; then `path` (file or directory) if not null
    const char *path;
    const char *message;
    const char *hint;          // or null
    const char **notes;
    size_t note_count;
    NstLabel *labels;
    size_t label_count;
    NstEdit *edits;            // a fix, applied together
    size_t edit_count;
    bool project;              // kind "project" in JSON: project-file and target errors
    uint8_t stage;             // NstDiagStage of diag.h
} NstDiag;

typedef struct NstDiags NstDiags; // a list; diag.h adds the building side

size_t nst_diags_count(const NstDiags *diags, NstSeverity severity);

// Both renderers sort by file (order of the module paths), then position, and stop after 100 errors (cli.md 5).
void nst_diags_print_text(const NstProgram *program, FILE *out, bool color);
void nst_diags_print_json(const NstProgram *program, FILE *out);

// ---- Programs ---------------------------------------------------------------------------

typedef struct NstOptions {
    const char *bin;           // --bin NAME, or null
    bool lib;                  // no entry point needed (check --lib, test)
} NstOptions;

// Loads and checks the target (file, directory, or "-" for standard input). Never null. Reading errors are
// diagnostics of the program (nst_program_target_error gives the one-line text instead, or null).
NstProgram *nst_program_load(const char *target, const NstOptions *options);

// The same for a text in memory called `name` (tests, editors, REPL).
NstProgram *nst_program_from_text(const char *name, const char *text, size_t size, const NstOptions *options);

void nst_program_free(NstProgram *program);

const char *nst_program_target_error(const NstProgram *program);
NstDiags *nst_program_diags(NstProgram *program);

// The entry point, or null (then there is a missing-main diagnostic, unless options.lib).
NstFunction *nst_program_entry(const NstProgram *program);

size_t nst_program_module_count(const NstProgram *program);
NstModule *nst_program_module(const NstProgram *program, size_t i);
size_t nst_program_mvar_count(const NstProgram *program);
NstMvar *nst_program_mvar(const NstProgram *program, size_t index);

// MVar initialisers in the order of mvars.md 2: constants first, then the others.
NstMvar *const *nst_program_mvar_order(const NstProgram *program, size_t *count);

// True if any implementation of the trait (Show, Eq, Ord, Hash, Copy) by a user type exists: only then may
// derived operations meet one inside a value.
bool nst_program_has_own(const NstProgram *program, const char *trait_name);

// A library function by qualified name ("stdlib.list.map", "String.trim"), checked; null if there is none.
NstFunction *nst_program_library_function(NstProgram *program, const char *qualified);

// A user or library type by name as json.md 5 looks it up from `module`; null if there is none.
NstTypeDecl *nst_program_type(NstProgram *program, const NstModule *module, const char *name);

// ---- Code that runs while compiling (templates.md 6) -----------------------------------

struct NstArena;

// Runs the code of a function body in an empty environment. Gives its value as a literal expression without places, in
// the arena; or null, with a malloc'ed text in *error. The code becomes the hook's: it may be annotated.
typedef NstExpr *NstComptimeHook(NstExpr *code, struct NstArena *arena, char **error);

// Who loads programs that may use `comptime` sets it before; without it `comptime` is an error.
void nst_set_comptime_hook(NstComptimeHook *hook);

// A program whose function of that name has the code as its body (for comptime: no file, no entry point).
NstProgram *nst_program_from_code(NstExpr *code, NstFunction **function);
bool nst_program_is_comptime(const NstProgram *program);

// ---- Names and places -------------------------------------------------------------------

NstName nst_name(const char *text, size_t size);  // thread-safe
NstName nst_name_z(const char *text);
const char *nst_name_text(NstName name);          // NUL-terminated, lives for ever

typedef struct NstPlace {
    const char *path;           // as diagnostics show it
    uint32_t line, column;      // from 1, columns in code points
    uint32_t end_line, end_column;
} NstPlace;

// Resolves a span through its origin. False if it has no place. For template expansions: the call's place.
bool nst_place(const NstProgram *program, NstSpan span, NstPlace *place);

// "shop.cart.total", "<lambda> in f"; for stack traces. Malloc'ed.
char *nst_function_display_name(const NstFunction *fn);

// ---- Sessions ----------------------------------------------------------------------------
//
// A session keeps a program checked while its files are edited (language server, REPL). What a check gives is what
// nst_program_load would give for the same texts, whatever edits led to them; what an edit cannot have changed is not
// looked at again. docs/architecture.md tells how.
//
// One thread at a time uses a session. Snapshots are immutable and outlive it; any thread may read and release them.

typedef struct NstSession NstSession;
typedef struct NstSnapshot NstSnapshot;

// A session over a target: a file (which need not exist if it has a text) or a project directory.
NstSession *nst_session_new(const char *target, const NstOptions *options);
void nst_session_free(NstSession *session);

// The text of a file as the editor has it; it stands before the disk's. Paths are those of nst_program_load: the target
// itself, or below it.
void nst_session_set_text(NstSession *session, const char *path, const char *text, size_t size);

// Bytes [start, end) of a text that was set become `text`. False if there is no such text or range.
bool nst_session_edit(NstSession *session, const char *path, size_t start, size_t end, const char *text, size_t size);

// The disk counts again for this file. Files without a text are read when the session thinks fit; nst_session_refresh
// says that they have changed.
void nst_session_close_file(NstSession *session, const char *path);
void nst_session_refresh(NstSession *session);

// Checks the texts as they are now. The caller releases the snapshot.
NstSnapshot *nst_session_check(NstSession *session);

typedef struct NstSessionCounts {
    size_t whole;              // checks that began from nothing
    size_t partial;            // checks that looked at the changed items and what depends on them
    size_t functions;          // functions that the last check typed again; all of them if it began from nothing
    size_t bytes;              // memory that the program takes
} NstSessionCounts;

NstSessionCounts nst_session_counts(const NstSession *session);

// A diagnostic with its places in files. `place.path` is null if it has none, or only a path (lines are 0).
typedef struct NstProblemPlace {
    NstPlace place;
    uint32_t start, end;       // bytes of the file
} NstProblemPlace;

typedef struct NstProblemLabel {
    NstProblemPlace at;
    const char *message;       // of an edit: the replacement
} NstProblemLabel;

typedef struct NstProblem {
    NstDiagKind kind;
    NstSeverity severity;
    NstProblemPlace at;
    const char *message;
    const char *hint;          // or null
    const char **notes;        // those about template expansions included
    size_t note_count;
    NstProblemLabel *labels;
    size_t label_count;
    NstProblemLabel *edits;
    size_t edit_count;
    bool project;
} NstProblem;

// In the order of writing (cli.md 5), all of them.
const NstProblem *nst_snapshot_problems(const NstSnapshot *snapshot, size_t *count);

// The one-line text instead if the target cannot be read, or null.
const char *nst_snapshot_target_error(const NstSnapshot *snapshot);

// True if both say the same in all parts.
bool nst_snapshot_equal(const NstSnapshot *a, const NstSnapshot *b);

NstSnapshot *nst_snapshot_retain(NstSnapshot *snapshot);
void nst_snapshot_release(NstSnapshot *snapshot); // null is fine

#endif
