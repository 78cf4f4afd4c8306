// Incremental equals batch: after every random edit of the conformance programs a session's diagnostics are those of a
// check from nothing, in all parts; and the order in which definitions are inferred makes no difference.
//
//     test_incremental [EDITS [SEED [DIRECTORY]]]      the seed is printed and fresh unless given
//
// On a difference the texts and both lists are printed. The edits of one program are a run of its own: SEED and the printed
// number of the run repeat it.
#include "frontend/infer_internal.h"
#include "frontend/program_internal.h"
#include "frontend/snapshot.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

// ---- Random numbers ---------------------------------------------------------------------

static uint64_t random_state;

static uint32_t next_random(void) { // splitmix64
    uint64_t z = (random_state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return (uint32_t)((z ^ (z >> 31)) >> 16);
}

static size_t below(size_t count) { return count ? next_random() % count : 0; }

// ---- Programs ---------------------------------------------------------------------------

typedef struct Text {
    char *path;
    char *data;
    size_t size;
} Text;

typedef struct Program {
    char *target;     // file or directory
    size_t first, count; // of `texts`
} Program;

static Text *texts;
static size_t text_count, text_capacity;
static Program *programs;
static size_t program_count, program_capacity;

static char *read_all(const char *path, size_t *size) {
    FILE *file = fopen(path, "rb");
    if (!file) abort();
    fseek(file, 0, SEEK_END);
    *size = (size_t)ftell(file);
    rewind(file);
    char *data = nst_malloc(*size + 1);
    if (fread(data, 1, *size, file) != *size) abort();
    data[*size] = '\0';
    fclose(file);
    return data;
}

static void add_text(const char *path) {
    if (text_count == text_capacity) {
        text_capacity = text_capacity ? text_capacity * 2 : 256;
        texts = nst_realloc(texts, text_capacity * sizeof *texts);
    }
    Text *text = &texts[text_count++];
    text->path = nst_strdup(path);
    text->data = read_all(path, &text->size);
}

static bool ends_with(const char *text, const char *end) {
    size_t size = strlen(text), tail = strlen(end);
    return size > tail && strcmp(text + size - tail, end) == 0;
}

static int compare_names(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

static char **list_directory(const char *dir, size_t *count) {
    char **names = NULL;
    size_t capacity = 0;
    *count = 0;
    DIR *stream = opendir(dir);
    for (struct dirent *entry; stream && (entry = readdir(stream));) {
        if (entry->d_name[0] == '.') continue;
        if (*count == capacity) names = nst_realloc(names, (capacity = capacity ? capacity * 2 : 64) * sizeof *names);
        size_t size = strlen(dir) + strlen(entry->d_name) + 2;
        names[*count] = nst_malloc(size);
        snprintf(names[(*count)++], size, "%s/%s", dir, entry->d_name);
    }
    if (stream) closedir(stream);
    if (*count) qsort(names, *count, sizeof *names, compare_names);
    return names;
}

static bool is_directory(const char *path) {
    struct stat info;
    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

static void add_texts_below(const char *dir) {
    size_t count;
    char **paths = list_directory(dir, &count);
    for (size_t i = 0; i < count; i++) {
        if (is_directory(paths[i])) add_texts_below(paths[i]);
        else if (ends_with(paths[i], ".nos")) add_text(paths[i]);
        free(paths[i]);
    }
    free(paths);
}

static void add_program(const char *path) {
    size_t first = text_count;
    if (is_directory(path)) add_texts_below(path);
    else if (ends_with(path, ".nos")) add_text(path);
    if (text_count == first) return;
    if (program_count == program_capacity)
        programs = nst_realloc(programs, (program_capacity = program_capacity ? program_capacity * 2 : 256) * sizeof *programs);
    programs[program_count++] = (Program){nst_strdup(path), first, text_count - first};
}

static void load_programs(const char *root) {
    size_t areas, count;
    char **area = list_directory(root, &areas);
    for (size_t a = 0; a < areas; a++) {
        char **paths = list_directory(area[a], &count);
        for (size_t i = 0; i < count; i++) {
            add_program(paths[i]);
            free(paths[i]);
        }
        free(paths);
        free(area[a]);
    }
    free(area);
}

// ---- Edits ------------------------------------------------------------------------------

typedef struct Range {
    size_t start, end;
} Range;

typedef enum TokenClass { NAME, UPPER, KEYWORD, NUMBER, STRING, MARK } TokenClass;

static bool is_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

static TokenClass class_of(const char *text, size_t size) {
    static const char keywords[] = " after break catch const continue do else end extern false finally for if match module "
                                   "mvar not pub quote reactive receive return spawn template test then to trait true try "
                                   "type use var when while ";
    if (*text >= '0' && *text <= '9') return NUMBER;
    if (*text >= 'A' && *text <= 'Z') return UPPER;
    if (!is_word(*text)) return *text == '"' ? STRING : MARK;
    char word[32];
    snprintf(word, sizeof word, " %.*s ", size > 20 ? 20 : (int)size, text);
    return strstr(keywords, word) ? KEYWORD : NAME;
}

// The token at or behind the offset; empty at the end of the text.
static Range token_at(const char *text, size_t size, size_t at) {
    if (at < size && is_word(text[at]))
        while (at && is_word(text[at - 1])) at--;
    while (at < size && (text[at] == ' ' || text[at] == '\n')) at++;
    size_t end = at;
    if (end < size && is_word(text[end])) {
        while (end < size && is_word(text[end])) end++;
    } else if (end < size && text[end] == '"') {
        for (end++; end < size && text[end] != '"' && text[end] != '\n'; end++)
            if (text[end] == '\\' && end + 1 < size) end++;
        if (end < size) end++;
    } else if (end < size) {
        end++;
    }
    return (Range){at, end};
}

static Range line_at(const char *text, size_t size, size_t at) {
    size_t end = at;
    while (at && text[at - 1] != '\n') at--;
    while (end < size && text[end] != '\n') end++;
    return (Range){at, end < size ? end + 1 : end};
}

// From a line that begins in column 0 to the next one that begins with a name.
static Range item_at(const char *text, size_t size, size_t at) {
    Range line = line_at(text, size, at);
    while (line.start && !is_word(text[line.start])) line = line_at(text, size, line.start - 1);
    size_t end = line.end;
    while (end < size && !is_word(text[end])) end = line_at(text, size, end).end;
    return (Range){line.start, end};
}

typedef struct Edit {
    size_t start, end;
    char text[4096];
    size_t size;
} Edit;

static void set_piece(Edit *edit, const char *from, Range range) {
    size_t size = range.end - range.start;
    if (size > sizeof edit->text) size = sizeof edit->text;
    memcpy(edit->text, from + range.start, size);
    edit->size = size;
}

static const Text *any_text(const char *data, size_t size, Text *own) {
    *own = (Text){.data = (char *)(uintptr_t)data, .size = size};
    return below(3) ? own : &texts[below(text_count)];
}

// A token of the class, from this text or another one; a token of any class after many attempts.
static void pick_token(Edit *edit, const char *data, size_t size, TokenClass wanted) {
    Text own;
    for (int attempt = 0; attempt < 30; attempt++) {
        const Text *from = any_text(data, size, &own);
        Range token = token_at(from->data, from->size, below(from->size));
        if (token.start == token.end) continue;
        set_piece(edit, from->data, token);
        if (class_of(edit->text, edit->size) == wanted) return;
    }
}

static void separate(Edit *edit) {
    if (edit->size < sizeof edit->text) edit->text[edit->size++] = ' ';
}

static void make_edit(Edit *edit, const char *data, size_t size) {
    Text own;
    size_t at = below(size);
    Range token = token_at(data, size, at), line = line_at(data, size, at), item = item_at(data, size, at);
    const Text *other = any_text(data, size, &own);
    size_t there = below(other->size);
    *edit = (Edit){.start = token.start, .end = token.end};
    TokenClass own_class = class_of(data + token.start, token.end - token.start);
    switch (below(24)) {
    case 0: edit->end = edit->start; pick_token(edit, data, size, own_class); separate(edit); break;
    case 1: break; // a token goes
    case 2: set_piece(edit, other->data, token_at(other->data, other->size, there)); break;
    case 3: *edit = (Edit){.start = line.start, .end = line.end}; break;
    case 4: *edit = (Edit){.start = line.start, .end = line.start};
            set_piece(edit, other->data, line_at(other->data, other->size, there)); break;
    case 5: *edit = (Edit){.start = item.start, .end = item.end}; break;
    case 6: *edit = (Edit){.start = item.start, .end = item.start};
            set_piece(edit, other->data, item_at(other->data, other->size, there)); break;
    case 7: *edit = (Edit){.start = line.start, .end = line.start, .text = "\n", .size = 1}; break;
    case 8: *edit = (Edit){.start = item.start, .end = item.start, .text = "# moved\n", .size = 8}; break;
    case 9: edit->text[0] = (char)(32 + below(95)); edit->size = 1; edit->end = edit->start; break;
    default: // most edits keep the text well-formed
        while (below(20) && (own_class == MARK || own_class == KEYWORD)) {
            token = token_at(data, size, below(size));
            own_class = class_of(data + token.start, token.end - token.start);
        }
        *edit = (Edit){.start = token.start, .end = token.end};
        pick_token(edit, data, size, own_class);
        break;
    }
}

// ---- Comparing --------------------------------------------------------------------------

static void print_snapshot(const char *title, const NstSnapshot *snapshot) {
    size_t count;
    const NstProblem *problems = nst_snapshot_problems(snapshot, &count);
    printf("--- %s: %zu\n", title, count);
    for (size_t i = 0; i < count; i++) {
        const NstProblem *p = &problems[i];
        printf("%s:%u:%u-%u:%u kind %d: %s", p->at.place.path ? p->at.place.path : "", p->at.place.line, p->at.place.column,
               p->at.place.end_line, p->at.place.end_column, (int)p->kind, p->message);
        if (p->hint) printf(" (%s)", p->hint);
        for (size_t k = 0; k < p->note_count; k++) printf(" [%s]", p->notes[k]);
        for (size_t k = 0; k < p->label_count; k++)
            printf(" {%u:%u %s}", p->labels[k].at.place.line, p->labels[k].at.place.column, p->labels[k].message);
        printf("\n");
    }
}

typedef struct Run {
    const Program *program;
    Text *now;      // the program's texts as edited
    Text *before;   // … before the last edit
    NstSession *session;
    char last[256]; // what the last edit was
} Run;

static void copy_text(Text *to, const Text *from) {
    free(to->data);
    *to = (Text){from->path, nst_strndup(from->data, from->size), from->size};
}

static const NstOptions options = {.lib = false};

// *grown: some group of mutually recursive functions was found by types only. What is reported about an error in such a
// group depends on where inference came upon it, so other orders are not compared.
static NstSnapshot *check_from_nothing(const Run *run, uint32_t shuffle, bool *grown) {
    NstOverlays overlays = {nst_calloc(run->program->count, sizeof(NstOverlay)), run->program->count, run->program->count};
    for (size_t i = 0; i < run->program->count; i++)
        overlays.items[i] = (NstOverlay){run->now[i].path, run->now[i].data, run->now[i].size, false};
    NstProgram *program = nst_program_load_with(run->program->target, &options, &overlays, shuffle);
    NstSnapshot *snapshot = nst_snapshot_make(program);
    *grown |= program->infer && program->infer->grown;
    nst_program_free(program);
    free(overlays.items);
    return snapshot;
}

static bool agrees(const Run *run, const NstSnapshot *expected, const NstSnapshot *found, const char *what) {
    if (nst_snapshot_equal(expected, found)) return true;
    printf("%s differs from a check from nothing: %s\nlast edit: %s\n", what, run->program->target, run->last);
    print_snapshot("from nothing", expected);
    print_snapshot(what, found);
    for (size_t i = 0; i < run->program->count; i++) {
        printf("--- %s before the last edit\n%s\n", run->before[i].path, run->before[i].data);
        printf("--- %s\n%s\n", run->now[i].path, run->now[i].data);
    }
    return false;
}

static bool has_syntax_error(const NstSnapshot *snapshot) {
    size_t count;
    const NstProblem *problems = nst_snapshot_problems(snapshot, &count);
    for (size_t i = 0; i < count; i++)
        if (problems[i].kind == NST_DIAG_SYNTAX_ERROR || problems[i].kind == NST_DIAG_INVALID_LITERAL) return true;
    return false;
}

// ---- Runs -------------------------------------------------------------------------------

enum { EDITS_A_RUN = 40, MAX_TEXT = 20000 };

static void change(Run *run, size_t i, size_t start, size_t end, const char *text, size_t size) {
    Text *now = &run->now[i];
    char *data = nst_malloc(now->size - (end - start) + size + 1);
    memcpy(data, now->data, start);
    memcpy(data + start, text, size);
    memcpy(data + start + size, now->data + end, now->size - end + 1);
    free(now->data);
    now->data = data;
    now->size += size - (end - start);
    if (!nst_session_edit(run->session, now->path, start, end, text, size)) abort();
    snprintf(run->last, sizeof run->last, "%s [%zu, %zu) becomes %zu bytes `%.*s`", now->path, start, end, size,
             size > 100 ? 100 : (int)size, text);
}

static void replace_all(Run *run, size_t i, const Text *by) {
    char *data = nst_strndup(by->data, by->size);
    free(run->now[i].data);
    run->now[i].data = data;
    run->now[i].size = by->size;
    nst_session_set_text(run->session, run->now[i].path, data, by->size);
    snprintf(run->last, sizeof run->last, "%s becomes another text", run->now[i].path);
}

static void edit_once(Run *run, bool broken) {
    size_t i = below(run->program->count);
    Text *now = &run->now[i];
    if (broken ? below(5) : below(12) == 0) {
        for (size_t k = 0; k < run->program->count; k++) replace_all(run, k, &run->before[k]);
        return;
    }
    for (size_t k = 0; k < run->program->count; k++) copy_text(&run->before[k], &run->now[k]);
    if (below(60) == 0 || now->size > MAX_TEXT) {
        replace_all(run, i, below(2) ? &texts[run->program->first + i] : &texts[below(text_count)]);
        return;
    }
    Edit edit;
    make_edit(&edit, now->data, now->size);
    change(run, i, edit.start, edit.end, edit.text, edit.size);
    if (below(8) == 0) { // two places between two checks
        i = below(run->program->count);
        make_edit(&edit, run->now[i].data, run->now[i].size);
        change(run, i, edit.start, edit.end, edit.text, edit.size);
    }
}

typedef struct Totals {
    size_t edits, whole, partial, functions, shuffled, grown;
} Totals;

static bool run_program(const Program *program, size_t edits, Totals *totals) {
    Run run = {.program = program, .session = nst_session_new(program->target, &options)};
    run.now = nst_calloc(program->count, sizeof *run.now);
    run.before = nst_calloc(program->count, sizeof *run.before);
    for (size_t i = 0; i < program->count; i++) {
        copy_text(&run.now[i], &texts[program->first + i]);
        copy_text(&run.before[i], &texts[program->first + i]);
        nst_session_set_text(run.session, run.now[i].path, run.now[i].data, run.now[i].size);
    }
    bool same = true, broken = false;
    for (size_t e = 0; e <= edits && same; e++) {
        bool grown = false;
        if (e) edit_once(&run, broken);
        NstSnapshot *found = nst_session_check(run.session), *expected = check_from_nothing(&run, 0, &grown);
        same = agrees(&run, expected, found, "the session");
        totals->functions += nst_session_counts(run.session).partial ? nst_session_counts(run.session).functions : 0;
        if (same && below(10) == 0) {
            NstSnapshot *shuffled = check_from_nothing(&run, next_random() | 1, &grown);
            same = grown || agrees(&run, expected, shuffled, "another order");
            totals->shuffled += !grown;
            totals->grown += grown;
            nst_snapshot_release(shuffled);
        }
        broken = has_syntax_error(expected);
        nst_snapshot_release(found);
        nst_snapshot_release(expected);
    }
    totals->edits += edits;
    totals->whole += nst_session_counts(run.session).whole;
    totals->partial += nst_session_counts(run.session).partial;
    nst_session_free(run.session);
    for (size_t i = 0; i < program->count; i++) {
        free(run.now[i].data);
        free(run.before[i].data);
    }
    free(run.now);
    free(run.before);
    return same;
}

int main(int argc, char **argv) {
    size_t wanted = argc > 1 ? strtoul(argv[1], NULL, 10) : NOSTOS_EDITS;
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 10) : (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
    load_programs(argc > 3 ? argv[3] : NOSTOS_PROGRAMS);
    printf("%zu programs, seed %llu\n", program_count, (unsigned long long)seed);
    fflush(stdout);
    Totals totals = {0};
    bool same = true;
    for (size_t run = 0; same && totals.edits < wanted; run++) {
        random_state = seed + run;
        const Program *program = &programs[below(program_count)];
        same = run_program(program, EDITS_A_RUN, &totals);
        if (run % 1000 == 999) printf("%zu edits\n", totals.edits);
        fflush(stdout);
        if (!same) printf("run %zu: repeat with: test_incremental 1 %llu\n", run, (unsigned long long)(seed + run));
    }
    printf("%zu edits: %zu checks from nothing, %zu partial ones, which typed %zu functions\n", totals.edits, totals.whole,
           totals.partial, totals.functions);
    printf("%zu checks in another order, %zu not compared\n", totals.shuffled, totals.grown);
    return same ? 0 : 1;
}
