#include "frontend/source.h"

#include <stdlib.h>

NstSources *nst_sources_new(void) {
    return nst_calloc(1, sizeof(NstSources));
}

void nst_sources_free(NstSources *sources) {
    if (!sources) return;
    for (size_t i = 0; i < sources->source_count; i++) {
        free(sources->sources[i]->line_starts);
        free(sources->sources[i]->text);
    }
    free(sources->sources);
    free(sources->origins);
    nst_arena_free(&sources->arena);
    free(sources);
}

static uint32_t add_source(NstSources *sources, const char *path, const char *text, size_t size) {
    if (sources->source_count == sources->source_capacity) {
        sources->source_capacity = sources->source_capacity ? sources->source_capacity * 2 : 16;
        sources->sources = nst_realloc(sources->sources, sources->source_capacity * sizeof *sources->sources);
    }
    NstSource *source = NST_NEW(&sources->arena, NstSource);
    source->path = nst_arena_strdup(&sources->arena, path);
    source->module = source->path;
    source->text = nst_strndup(text, size);
    source->size = size;
    sources->sources[sources->source_count++] = source;
    uint32_t id = (uint32_t)sources->source_count;
    source->whole = nst_sources_add_origin(sources, id, 0);
    return id;
}

uint32_t nst_sources_add_file(NstSources *sources, const char *path, const char *text, size_t size) {
    return add_source(sources, path, text, size);
}

uint32_t nst_sources_add_synthetic(NstSources *sources, NstSpan parent, NstName template_name, const char *text,
                                   size_t size) {
    uint32_t id = add_source(sources, nst_name_text(template_name), text, size);
    nst_source(sources, id)->parent = parent;
    nst_source(sources, id)->template_name = template_name;
    return id;
}

void nst_source_set_module(NstSources *sources, uint32_t source, const char *module_path) {
    nst_source(sources, source)->module = nst_arena_strdup(&sources->arena, module_path);
}

void nst_source_edit(NstSources *sources, uint32_t source, const char *text, size_t size, uint32_t start,
                     uint32_t removed, uint32_t added) {
    NstSource *edited = nst_source(sources, source);
    free(edited->text);
    free(edited->line_starts);
    edited->text = nst_strndup(text, size);
    edited->size = size;
    edited->line_starts = NULL;
    for (size_t i = 0; i < sources->origin_count; i++)
        if (sources->origins[i].source == source && i + 1 != edited->whole && sources->origins[i].base >= start + removed)
            sources->origins[i].base += added - removed;
}

NstSource *nst_source(const NstSources *sources, uint32_t source) {
    return source && source <= sources->source_count ? sources->sources[source - 1] : NULL;
}

uint32_t nst_sources_add_origin(NstSources *sources, uint32_t source, uint32_t base) {
    if (sources->origin_count == sources->origin_capacity) {
        sources->origin_capacity = sources->origin_capacity ? sources->origin_capacity * 2 : 64;
        sources->origins = nst_realloc(sources->origins, sources->origin_capacity * sizeof *sources->origins);
    }
    sources->origins[sources->origin_count++] = (NstOrigin){ source, base };
    return (uint32_t)sources->origin_count;
}

void nst_origin_move(NstSources *sources, uint32_t origin, uint32_t base) {
    sources->origins[origin - 1].base = base;
}

NstOrigin nst_origin(const NstSources *sources, uint32_t origin) {
    return origin && origin <= sources->origin_count ? sources->origins[origin - 1] : (NstOrigin){ 0, 0 };
}

NstSpan nst_source_span(const NstSources *sources, uint32_t source, uint32_t start, uint32_t end) {
    const NstSource *found = nst_source(sources, source);
    return found ? (NstSpan){ found->whole, start, end } : (NstSpan){ 0, 0, 0 };
}

NstSpan nst_span_join(NstSpan first, NstSpan last) {
    if (first.origin != last.origin) return first;
    uint32_t start = first.start < last.start ? first.start : last.start;
    uint32_t end = first.end > last.end ? first.end : last.end;
    return (NstSpan){ first.origin, start, end };
}

// ---- Lines and columns ------------------------------------------------------------------

static void index_lines(NstSource *source) {
    if (source->line_starts) return;
    uint32_t lines = 1;
    for (size_t i = 0; i < source->size; i++) lines += source->text[i] == '\n';
    source->line_starts = nst_malloc(lines * sizeof *source->line_starts);
    source->line_starts[0] = 0;
    uint32_t line = 1;
    for (size_t i = 0; i < source->size; i++)
        if (source->text[i] == '\n') source->line_starts[line++] = (uint32_t)i + 1;
    source->line_count = lines;
}

static uint32_t line_of(NstSource *source, uint32_t offset) {
    index_lines(source);
    uint32_t low = 0, high = source->line_count; // line_starts[low] <= offset < line_starts[high]
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (source->line_starts[middle] <= offset) low = middle;
        else high = middle;
    }
    return low;
}

// Columns that the byte adds: continuation bytes none, except that a four-byte character is two
// UTF-16 units. A byte-order mark at the start of the text takes no column.
static uint32_t byte_columns(const NstSource *source, uint32_t offset, NstColumnUnit unit) {
    if (unit == NST_COLUMN_UTF8) return 1;
    unsigned char byte = (unsigned char)source->text[offset];
    if (offset == 0 && source->size >= 3 && memcmp(source->text, "\xEF\xBB\xBF", 3) == 0) return 0;
    if ((byte & 0xC0) == 0x80) return 0;
    return unit == NST_COLUMN_UTF16 && byte >= 0xF0 ? 2 : 1;
}

NstPosition nst_source_position(NstSource *source, uint32_t offset, NstColumnUnit unit) {
    if (offset > source->size) offset = (uint32_t)source->size;
    uint32_t line = line_of(source, offset);
    uint32_t column = 0;
    for (uint32_t at = source->line_starts[line]; at < offset; at++) column += byte_columns(source, at, unit);
    return (NstPosition){ line, column };
}

static uint32_t line_end(NstSource *source, uint32_t line) {
    index_lines(source);
    uint32_t end = line + 1 < source->line_count ? source->line_starts[line + 1] - 1 : (uint32_t)source->size;
    if (end > source->line_starts[line] && source->text[end - 1] == '\r') end--;
    return end;
}

uint32_t nst_source_offset(NstSource *source, NstPosition position, NstColumnUnit unit) {
    index_lines(source);
    if (position.line >= source->line_count) return (uint32_t)source->size;
    uint32_t at = source->line_starts[position.line], end = line_end(source, position.line);
    uint32_t column = 0;
    while (at < end) {
        uint32_t step = byte_columns(source, at, unit);
        if (column + step > position.column) break;
        column += step;
        at++;
    }
    return at;
}

NstText nst_source_line(NstSource *source, uint32_t line) {
    index_lines(source);
    if (line >= source->line_count) return (NstText){ "", 0 };
    uint32_t start = source->line_starts[line];
    return (NstText){ source->text + start, line_end(source, line) - start };
}

// ---- Spans ------------------------------------------------------------------------------

bool nst_file_range(const NstSources *sources, NstSpan span, NstFileRange *range) {
    for (;;) {
        NstOrigin origin = nst_origin(sources, span.origin);
        const NstSource *source = nst_source(sources, origin.source);
        if (!source) return false;
        if (!source->parent.origin) {
            *range = (NstFileRange){ origin.source, origin.base + span.start, origin.base + span.end };
            return true;
        }
        span = source->parent;
    }
}

bool nst_sources_place(const NstSources *sources, NstSpan span, NstPlace *place) {
    NstFileRange range;
    if (!nst_file_range(sources, span, &range)) return false;
    NstSource *source = nst_source(sources, range.source);
    NstPosition start = nst_source_position(source, range.start, NST_COLUMN_UTF32);
    NstPosition end = nst_source_position(source, range.end, NST_COLUMN_UTF32);
    *place = (NstPlace){ source->path, start.line + 1, start.column + 1, end.line + 1, end.column + 1 };
    return true;
}

NstText nst_span_text(const NstSources *sources, NstSpan span) {
    NstOrigin origin = nst_origin(sources, span.origin);
    const NstSource *source = nst_source(sources, origin.source);
    if (!source) return (NstText){ "", 0 };
    size_t start = (size_t)origin.base + span.start, end = (size_t)origin.base + span.end;
    if (end > source->size) end = source->size;
    return start < end ? (NstText){ source->text + start, end - start } : (NstText){ "", 0 };
}
