// Diagnostics as JSON lines: cli.md 5.2. The keys stand in the order of that table.
#include "frontend/diag.h"

#include <cjson/cJSON.h>
#include <stdlib.h>

static const char *json_kind(const NstDiag *diag) {
    if (diag->project) return "project";
    if (diag->kind == NST_DIAG_SYNTAX_ERROR || diag->kind == NST_DIAG_INVALID_LITERAL) return "parse";
    return "compile";
}

static void add_place(cJSON *object, const NstSources *sources, NstSpan span, const char *path) {
    NstPlace place = { .path = path ? path : "" };
    nst_sources_place(sources, span, &place);
    cJSON_AddStringToObject(object, "file", place.path);
    cJSON_AddNumberToObject(object, "line", place.line);
    cJSON_AddNumberToObject(object, "column", place.column);
    cJSON_AddNumberToObject(object, "endLine", place.end_line);
    cJSON_AddNumberToObject(object, "endColumn", place.end_column);
}

static void add_note(void *notes, const char *text) {
    cJSON_AddItemToArray(notes, cJSON_CreateString(text));
}

static void write_diag(const NstSources *sources, const NstDiag *diag, FILE *out) {
    cJSON *object = cJSON_CreateObject();
    add_place(object, sources, diag->span, diag->path);
    cJSON_AddStringToObject(object, "severity", diag->severity == NST_ERROR ? "error" : "warning");
    cJSON_AddStringToObject(object, "kind", json_kind(diag));
    cJSON_AddStringToObject(object, "code", nst_diag_kind_text(diag->kind));
    cJSON_AddStringToObject(object, "message", diag->message);
    if (diag->hint) cJSON_AddStringToObject(object, "hint", diag->hint);
    cJSON *notes = cJSON_CreateArray();
    for (size_t i = 0; i < diag->note_count; i++) add_note(notes, diag->notes[i]);
    nst_diag_expansion_notes(sources, diag, add_note, notes);
    if (cJSON_GetArraySize(notes)) cJSON_AddItemToObject(object, "notes", notes);
    else cJSON_Delete(notes);
    if (diag->label_count) {
        cJSON *labels = cJSON_AddArrayToObject(object, "labels");
        for (size_t i = 0; i < diag->label_count; i++) {
            cJSON *label = cJSON_CreateObject();
            add_place(label, sources, diag->labels[i].span, NULL);
            cJSON_AddStringToObject(label, "message", diag->labels[i].message);
            cJSON_AddItemToArray(labels, label);
        }
    }
    char *line = cJSON_PrintUnformatted(object);
    if (line) fprintf(out, "%s\n", line);
    cJSON_free(line);
    cJSON_Delete(object);
}

void nst_diags_write_json(const NstSources *sources, const NstDiags *diags, FILE *out) {
    NstDiag **sorted = nst_diags_sorted(sources, diags);
    size_t errors = 0;
    for (size_t i = 0; i < diags->count; i++) {
        if (sorted[i]->severity == NST_ERROR && errors++ == NST_DIAG_LIMIT) break;
        write_diag(sources, sorted[i], out);
    }
    free(sorted);
}
