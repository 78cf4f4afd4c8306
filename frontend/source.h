// Sources and places: the texts of one program, and the way from a node's span to a line and column.
//
// A *source* is a file's text or a synthetic text (the code that a template expansion produced, a line
// of the REPL). An *origin* is a base offset in a source; every span is relative to its origin, one per
// top-level item, so that moving an item changes no node. Each source has an origin of its own at
// offset 0 (`whole`) for places that belong to no item.
//
// Invariants
//  1. Ids of sources and origins count from 1 and are never reused while the table lives.
//  2. The text of a source is owned by the table and never moves; it changes only by nst_source_edit(). No AST
//     points into it.
//  3. A synthetic source with a parent span stands, for every reader of diagnostics, at that span:
//     chains of expansions resolve to the outermost call.
//
// One thread at a time (the line indexes are built when first asked for).
#ifndef NST_SOURCE_H
#define NST_SOURCE_H

#include "frontend/arena.h"
#include "frontend/frontend.h"

typedef struct NstSource {
    const char *path;   // as diagnostics show it; a synthetic source has its template's name or ""
    const char *module; // key of the order of diagnostics: module path, "" for the root module
    char *text;         // NUL-terminated copy, malloc'ed
    size_t size;
    uint32_t whole;        // the origin with base 0
    NstSpan parent;        // synthetic: the call or decorator; origin 0 for files
    NstName template_name; // synthetic: the template that produced it, or 0
    NstSpan copy_of;       // synthetic: the stretch of a file whose text it is; origin 0: the text was computed
    uint32_t *line_starts; // lazily built
    uint32_t line_count;
    bool library; // places in it are not shown as the user's code
} NstSource;

typedef struct NstOrigin {
    uint32_t source;
    uint32_t base; // bytes from the start of the source
} NstOrigin;

typedef struct NstSources {
    NstArena arena;
    NstSource **sources; // sources[id - 1]
    size_t source_count, source_capacity;
    NstOrigin *origins; // origins[id - 1]
    size_t origin_count, origin_capacity;
} NstSources;

NstSources *nst_sources_new(void);
void nst_sources_free(NstSources *sources);

// Both copy path and text. The module key starts as the path; nst_source_set_module replaces it.
uint32_t nst_sources_add_file(NstSources *sources, const char *path, const char *text, size_t size);
uint32_t nst_sources_add_synthetic(NstSources *sources, NstSpan parent, NstName template_name, const char *text,
                                   size_t size);
void nst_source_set_module(NstSources *sources, uint32_t source, const char *module_path);

// An edited file: `text` has `added` bytes where the source's text had `removed`, from `start` on. Origins behind the
// stretch move with their items; those inside it are the caller's to mend.
void nst_source_edit(NstSources *sources, uint32_t source, const char *text, size_t size, uint32_t start,
                     uint32_t removed, uint32_t added);

NstSource *nst_source(const NstSources *sources, uint32_t source); // null for 0 or an unknown id

uint32_t nst_sources_add_origin(NstSources *sources, uint32_t source, uint32_t base);
void nst_origin_move(NstSources *sources, uint32_t origin, uint32_t base);
NstOrigin nst_origin(const NstSources *sources, uint32_t origin); // source 0 if there is none

// A span over bytes [start, end) of the source, relative to its `whole` origin.
NstSpan nst_source_span(const NstSources *sources, uint32_t source, uint32_t start, uint32_t end);

// ---- Places -----------------------------------------------------------------------------

// Columns as code points, UTF-16 units or bytes.
typedef enum NstColumnUnit { NST_COLUMN_UTF32, NST_COLUMN_UTF16, NST_COLUMN_UTF8 } NstColumnUnit;

typedef struct NstPosition {
    uint32_t line, column; // from 0, as editors count
} NstPosition;

// Offsets beyond the end mean the end; positions beyond a line mean its end.
NstPosition nst_source_position(NstSource *source, uint32_t offset, NstColumnUnit unit);
uint32_t nst_source_offset(NstSource *source, NstPosition position, NstColumnUnit unit);

// The bytes of a line (from 0) without its line end.
NstText nst_source_line(NstSource *source, uint32_t line);

// A span's absolute place in a file, template expansions resolved to the outermost call.
typedef struct NstFileRange {
    uint32_t source;
    uint32_t start, end; // bytes
} NstFileRange;

bool nst_file_range(const NstSources *sources, NstSpan span, NstFileRange *range);

// nst_place of frontend.h without a program.
bool nst_sources_place(const NstSources *sources, NstSpan span, NstPlace *place);

// The text under a span, in whatever source it stands; size 0 if there is none.
NstText nst_span_text(const NstSources *sources, NstSpan span);

// The smallest span that covers both; if their origins differ, the first.
NstSpan nst_span_join(NstSpan first, NstSpan last);

// The program's table (implemented beside struct NstProgram).
NstSources *nst_program_sources(const NstProgram *program);

#endif
