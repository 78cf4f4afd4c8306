#include "frontend/silence.h"

static bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }

static bool is_kind_letter(char c) { return (c >= 'a' && c <= 'z') || c == '-'; }

// Whether a list of kinds, `unused, shadowing`, names the kind and nothing else follows.
static bool list_names(const char *at, const char *limit, const char *kind) {
    bool found = false;
    for (;;) {
        while (at < limit && is_blank(*at)) at++;
        const char *start = at;
        while (at < limit && is_kind_letter(*at)) at++;
        size_t size = (size_t)(at - start);
        found |= size == strlen(kind) && memcmp(start, kind, size) == 0;
        while (at < limit && is_blank(*at)) at++;
        if (at == limit) return found && size;
        if (*at++ != ',' || !size) return false;
    }
}

static bool line_allows(NstText line, const char *kind) {
    static const char mark[] = "# allow:";
    const size_t size = sizeof mark - 1;
    for (size_t i = 0; i + size <= line.size; i++)
        if (memcmp(line.data + i, mark, size) == 0 && list_names(line.data + i + size, line.data + line.size, kind)) return true;
    return false;
}

static bool is_comment(NstText line) {
    size_t i = 0;
    while (i < line.size && is_blank(line.data[i])) i++;
    return i < line.size && line.data[i] == '#' && (i + 1 == line.size || line.data[i + 1] != '{');
}

// The comment at the end of the warning's first line, or one of the lines of comment right before it.
static bool is_allowed(const NstProgram *program, const NstDiag *diag) {
    NstFileRange range;
    if (!nst_file_range(program->sources, diag->span, &range)) return false;
    NstSource *source = nst_source(program->sources, range.source);
    const char *kind = nst_diag_kind_text(diag->kind);
    uint32_t line = nst_source_position(source, range.start, NST_COLUMN_UTF8).line;
    if (line_allows(nst_source_line(source, line), kind)) return true;
    while (line-- > 0) {
        NstText before = nst_source_line(source, line);
        if (!is_comment(before)) return false;
        if (line_allows(before, kind)) return true;
    }
    return false;
}

void nst_silence_warnings(NstProgram *program) {
    NstDiags *diags = program->diags;
    size_t kept = 0;
    for (size_t i = 0; i < diags->count; i++) {
        NstDiag *diag = diags->items[i];
        bool silent = diag->severity == NST_WARNING && (program->silenced[diag->kind] || is_allowed(program, diag));
        if (!silent) diags->items[kept++] = diag;
    }
    diags->count = kept;
}
