// Properties of the formatter over many texts, in one process:
//
//   properties mutants COUNT SEED FILE…     a unique comment in a random gap between two tokens, a random width
//   properties gaps - SEED FILE…            each of the comments in each gap, at random widths
//   properties deletions ROUNDS SEED FILE…  one random token deleted from each file
//   properties noise COUNT SEED FILE…       pieces of text deleted, doubled and moved, control characters: mostly ill-formed
//   properties ranges COUNT SEED FILE…      formatting some lines is formatting the whole, restricted to them
//   properties format WIDTH FILE…           for the benchmark: formats each file once, prints the bytes
//   properties parse WIDTH FILE…            the same, but only parses
//
// A failure writes the text to /tmp/nostos-fmt-failure.nos and ends with status 1.
#include "fmt/fmt.h"
#include "frontend/parse.h"
#include "frontend/scan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct File {
    const char *path;
    char *text;
    size_t size;
} File;

static File *files;
static size_t file_count;

// ---- Random numbers: the seed is printed, so every run can be repeated -----------------

static uint64_t random_state;

static uint32_t random_below(uint32_t limit) {
    random_state += 0x9E3779B97F4A7C15u;
    uint64_t x = random_state;
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
    x ^= x >> 31;
    return limit ? (uint32_t)(x % limit) : 0;
}

// ---- Texts and tokens -------------------------------------------------------------------

static void read_files(char **paths, int count) {
    files = nst_calloc((size_t)count + 1, sizeof *files);
    for (int i = 0; i < count; i++) {
        FILE *stream = fopen(paths[i], "rb");
        if (!stream) continue;
        File file = {.path = paths[i]};
        fseek(stream, 0, SEEK_END);
        file.size = (size_t)ftell(stream);
        rewind(stream);
        file.text = nst_calloc(file.size + 1, 1);
        file.size = fread(file.text, 1, file.size, stream);
        fclose(stream);
        files[file_count++] = file;
    }
}

typedef struct Tokens {
    NstToken *items;
    size_t count, capacity;
} Tokens;

static Tokens scan_all(const char *text, size_t size) {
    Tokens tokens = {0};
    NstScan scan;
    nst_scan_init(&scan, text, (uint32_t)size, 0);
    for (;;) {
        NstToken token = nst_scan_next(&scan);
        if (tokens.count == tokens.capacity) {
            tokens.capacity = tokens.capacity ? tokens.capacity * 2 : 256;
            tokens.items = nst_realloc(tokens.items, tokens.capacity * sizeof(NstToken));
        }
        tokens.items[tokens.count++] = token;
        if (token.kind == NST_TOKEN_END) break;
    }
    nst_scan_free(&scan);
    return tokens;
}

// Separators come and go with the style (the formatter's own check knows which; here all are left out).
static bool is_solid(const char *text, NstToken token) {
    return token.end - token.start != 1 || !strchr(",;|", text[token.start]);
}

static bool same_tokens(const char *a, size_t a_size, const char *b, size_t b_size) {
    Tokens left = scan_all(a, a_size), right = scan_all(b, b_size);
    size_t i = 0, k = 0;
    bool same = true;
    while (same) {
        while (!is_solid(a, left.items[i])) i++;
        while (!is_solid(b, right.items[k])) k++;
        NstToken x = left.items[i], y = right.items[k];
        same = x.kind == y.kind && x.end - x.start == y.end - y.start && memcmp(a + x.start, b + y.start, x.end - x.start) == 0;
        if (x.kind == NST_TOKEN_END || y.kind == NST_TOKEN_END) break;
        i++, k++;
    }
    free(left.items);
    free(right.items);
    return same;
}

static size_t solid_before(const char *text, size_t size, size_t offset) {
    Tokens tokens = scan_all(text, size);
    size_t count = 0;
    for (size_t i = 0; i < tokens.count && tokens.items[i].start < offset && tokens.items[i].kind != NST_TOKEN_END; i++)
        count += is_solid(text, tokens.items[i]);
    free(tokens.items);
    return count;
}

static char *splice(const File *file, size_t start, size_t end, const char *insert, size_t *size) {
    size_t length = strlen(insert);
    char *text = nst_malloc(file->size + length + 1);
    memcpy(text, file->text, start);
    memcpy(text + start, insert, length);
    memcpy(text + start + length, file->text + end, file->size - end);
    *size = file->size - (end - start) + length;
    text[*size] = 0;
    return text;
}

static bool verifies;

static NstFmtResult format(const char *text, size_t size, uint32_t width) {
    NstFmtOptions options = {.style = nst_fmt_default_style(), .verify = verifies};
    options.style.width = width;
    return nst_fmt_text("mutant.nos", text, size, &options);
}

static void report(const char *what, const char *path, uint32_t width, const char *text, size_t size) {
    fprintf(stderr, "FAILED: %s (%s, width %u)\n", what, path, width);
    FILE *stream = fopen("/tmp/nostos-fmt-failure.nos", "wb");
    if (!stream) return;
    fwrite(text, 1, size, stream);
    fclose(stream);
}

// ---- Mutants ----------------------------------------------------------------------------

static const char *const comments[] = {
    " #* mark-7193 *# ", "\n#* mark-7193 *#\n", " # mark-7193\n", "\n# mark-7193\n", "\n\n\n## mark-7193\n\n\n",
    "#*mark-7193\n two lines *#",
};
enum { COMMENTS = sizeof comments / sizeof *comments };

// Null if the text is well formatted; *refused if the mutation made it ill-formed.
static const char *check_mutant(const char *text, size_t size, uint32_t width, bool *refused) {
    NstFmtResult first = format(text, size, width), second = {0};
    const char *failure = NULL;
    *refused = first.status == NST_FMT_BROKEN || first.status == NST_FMT_REFUSED;
    if (first.status == NST_FMT_INTERNAL) {
        failure = "the self-check failed";
    } else if (first.text) {
        second = format(first.text, first.size, width);
        const char *mark = strstr(first.text, "mark-7193");
        if (second.status != first.status || second.changed) failure = "not idempotent";
        else if (!mark || strstr(mark + 1, "mark-7193")) failure = "the comment is not there exactly once";
        else if (!*refused && !same_tokens(text, size, first.text, first.size)) failure = "the tokens differ";
        else if (!*refused && solid_before(text, size, (size_t)(strstr(text, "mark-7193") - text)) !=
                                  solid_before(first.text, first.size, (size_t)(mark - first.text)))
            failure = "the comment stands between other tokens";
    }
    nst_fmt_result_free(&first);
    nst_fmt_result_free(&second);
    return failure;
}

static bool in_string(const Tokens *tokens, size_t gap) {
    NstToken after = tokens->items[gap];
    return (after.kind == NST_TOKEN_STRING && !after.string_opens) ||
           (gap && tokens->items[gap - 1].kind == NST_TOKEN_STRING && !tokens->items[gap - 1].string_closes);
}

// Puts the comment before (`late`) or after the blanks of the gap; returns whether the text is well formatted then.
static bool try_mutant(const File *file, const Tokens *tokens, size_t gap, bool late, const char *comment, uint32_t width,
                       bool *refused) {
    uint32_t start = late ? tokens->items[gap].start : gap ? tokens->items[gap - 1].end : 0;
    size_t size;
    char *text = splice(file, start, start, comment, &size);
    const char *failure = check_mutant(text, size, width, refused);
    if (failure) report(failure, file->path, width, text, size);
    free(text);
    return !failure;
}

static int run_mutants(long count) {
    long done = 0, refused_count = 0, failures = 0;
    verifies = true;
    while (done < count && failures < 5) {
        const File *file = &files[random_below((uint32_t)file_count)];
        Tokens tokens = scan_all(file->text, file->size);
        size_t gap = random_below((uint32_t)tokens.count);
        if (!in_string(&tokens, gap)) {
            bool late = random_below(2), refused;
            uint32_t width = 20 + random_below(181);
            failures += !try_mutant(file, &tokens, gap, late, comments[random_below(COMMENTS)], width, &refused);
            refused_count += refused;
            done++;
        }
        free(tokens.items);
    }
    printf("mutants: %ld, of these ill-formed by the newline: %ld, failures: %ld\n", done, refused_count, failures);
    return failures != 0;
}

// Every comment in every gap.
static int run_gaps(void) {
    long done = 0, failures = 0;
    verifies = true;
    for (size_t i = 0; i < file_count; i++) {
        Tokens tokens = scan_all(files[i].text, files[i].size);
        for (size_t gap = 0; gap < tokens.count && failures < 5; gap++) {
            for (size_t k = 0; k < 2 * COMMENTS && !in_string(&tokens, gap); k++, done++) {
                bool refused;
                failures += !try_mutant(&files[i], &tokens, gap, k & 1, comments[k / 2], 20 + random_below(181), &refused);
            }
        }
        free(tokens.items);
    }
    printf("gaps: %ld, failures: %ld\n", done, failures);
    return failures != 0;
}

// ---- Deletions --------------------------------------------------------------------------

typedef struct Parsed {
    NstArena arena;
    NstSources *sources;
    NstDiags *diags;
    NstSyntax syntax;
} Parsed;

static Parsed parse_text(const char *text, size_t size) {
    Parsed parsed = {.sources = nst_sources_new(), .diags = nst_diags_new()};
    uint32_t source = nst_sources_add_file(parsed.sources, "deletion.nos", text, size);
    parsed.syntax = nst_parse_syntax(parsed.sources, source, &parsed.arena, parsed.diags);
    return parsed;
}

static void free_parsed(Parsed *parsed) {
    nst_sources_free(parsed->sources);
    nst_diags_free(parsed->diags);
    nst_arena_free(&parsed->arena);
}

// Two blanks for every one in code, so that an item that was left alone can be told from a formatted one.
static File disarrange(const File *file) {
    File result = {.path = file->path, .text = nst_malloc(file->size * 3 + 1)};
    Tokens tokens = scan_all(file->text, file->size);
    size_t at = 0;
    for (size_t i = 0; i < tokens.count; i++) {
        NstToken token = tokens.items[i];
        bool in_comment = false;
        for (; at < token.start; at++) {
            if (file->text[at] == '#') in_comment = true;
            if (file->text[at] == '\n') in_comment = false;
            bool line_start = at == 0 || file->text[at - 1] == '\n';
            if (file->text[at] == ' ' && !in_comment && !line_start) result.text[result.size++] = ' ';
            result.text[result.size++] = file->text[at];
        }
        while (at < token.end) result.text[result.size++] = file->text[at++];
    }
    result.text[result.size] = 0;
    free(tokens.items);
    return result;
}

static int compare_shares(const void *a, const void *b) {
    double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

typedef struct Deletion {
    double share;        // of the bytes of unaffected items that are formatted
    bool broken_changed;
    bool quote;          // the token deleted was (part of) a string, or a mark of a comment
} Deletion;

static bool stands_at_line(const char *text, const char *item, size_t size) {
    for (const char *at = text; (at = strstr(at, item)) != NULL; at++)
        if ((at == text || at[-1] == '\n') && (at[size] == 0 || at[size] == '\n' || at[size] == ' ')) return true;
    return false;
}

static double formatted_share(const File *source, const Parsed *original, const char *formatted, const Parsed *items,
                              NstToken deleted, const char *output) {
    size_t bytes = 0, found = 0;
    uint32_t count = original->syntax.root->child_count;
    if (items->syntax.root->child_count != count) return 1;
    for (uint32_t i = 0; i < count; i++) {
        const NstNode *node = &original->syntax.root->children[i], *target = &items->syntax.root->children[i];
        if (deleted.start >= node->start && deleted.start < node->end) continue;
        size_t size = target->end - target->start;
        char *item = nst_strndup(formatted + target->start, size);
        bytes += size;
        if (stands_at_line(output, item, size)) found += size;
        free(item);
    }
    (void)source;
    return bytes ? (double)found / (double)bytes : 1;
}

// The item from which the token was deleted stays byte for byte, if an error was found in it.
static bool keeps_broken(const Parsed *original, NstToken deleted, const char *text, size_t size, const char *output) {
    Parsed parsed = parse_text(text, size);
    uint32_t gone = deleted.end - deleted.start;
    bool kept = true;
    for (uint32_t i = 0; i < original->syntax.root->child_count; i++) {
        const NstNode *node = &original->syntax.root->children[i];
        if (deleted.start < node->start || deleted.start >= node->end) continue;
        if (node->kind == NST_NODE_module_declaration) break; // its other declarations are formatted
        uint32_t start = node->start, end = node->end - gone;
        bool has_error = false;
        for (size_t k = 0; k < parsed.diags->count; k++) {
            NstFileRange range;
            if (nst_file_range(parsed.sources, parsed.diags->items[k]->span, &range))
                has_error |= range.start >= start && range.start < end;
        }
        while (end > start && strchr(" \t\r\n", text[end - 1])) end--;
        while (start < end && strchr(" \t\r\n", text[start])) start++;
        char *item = nst_strndup(text + start, end - start);
        if (has_error) kept = strstr(output, item) != NULL;
        free(item);
    }
    free_parsed(&parsed);
    return kept;
}

static bool delete_token(const File *file, Deletion *deletion) {
    NstFmtResult whole = format(file->text, file->size, 100);
    if (whole.status != NST_FMT_OK) {
        nst_fmt_result_free(&whole);
        return false;
    }
    Tokens tokens = scan_all(file->text, file->size);
    NstToken token = tokens.items[random_below((uint32_t)tokens.count - 1)];
    free(tokens.items);
    deletion->quote = token.kind == NST_TOKEN_STRING || token.kind == NST_TOKEN_CHAR;
    size_t size;
    char *text = splice(file, token.start, token.end, "", &size);
    NstFmtResult result = format(text, size, 100);
    Parsed original = parse_text(file->text, file->size), items = parse_text(whole.text, whole.size);
    const char *output = result.text ? result.text : text;
    deletion->share = formatted_share(file, &original, whole.text, &items, token, output);
    deletion->broken_changed = result.text && !keeps_broken(&original, token, text, size, result.text);
    bool internal = result.status == NST_FMT_INTERNAL;
    if (internal) report("the self-check failed", file->path, 100, text, size);
    else if (deletion->broken_changed) report("a broken item changed", file->path, 100, text, size);
    else if (deletion->share < 0.5 && getenv("NOSTOS_FMT_SHOW"))
        fprintf(stderr, "%s: %.2f after deleting '%.*s' at %u\n", file->path, deletion->share,
                (int)(token.end - token.start), file->text + token.start, token.start);
    free_parsed(&original);
    free_parsed(&items);
    nst_fmt_result_free(&whole);
    nst_fmt_result_free(&result);
    free(text);
    return !internal;
}

static int run_deletions(long rounds) {
    double *shares = nst_calloc(file_count * (size_t)rounds + 1, sizeof *shares);
    size_t count = 0, quotes = 0, changed = 0;
    double total = 0;
    for (long round = 0; round < rounds; round++) {
        for (size_t i = 0; i < file_count; i++) {
            File source = disarrange(&files[i]);
            Deletion deletion = {0};
            if (delete_token(&source, &deletion)) {
                changed += deletion.broken_changed;
                quotes += deletion.quote;
                if (!deletion.quote) total += shares[count++] = deletion.share;
            }
            free(source.text);
        }
    }
    qsort(shares, count, sizeof *shares, compare_shares);
    double mean = count ? total / (double)count : 0, median = count ? shares[count / 2] : 0;
    printf("deletions: %zu, median %.2f%%, mean %.2f%%, broken items changed: %zu; deleted quotes apart: %zu\n", count,
           median * 100, mean * 100, changed, quotes);
    free(shares);
    return changed || median < 1 || mean < 0.95;
}

// ---- Noise ------------------------------------------------------------------------------

static const char *const controls[] = {"\1", "\f", "\v", "\r", "\x7F"};
enum { CONTROLS = sizeof controls / sizeof *controls };

static File disturb(const File *file) {
    File result = {.path = file->path, .text = nst_strndup(file->text, file->size), .size = file->size};
    for (uint32_t edits = 1 + random_below(6); edits && result.size > 1; edits--) {
        size_t start = random_below((uint32_t)result.size), length = 1 + random_below(random_below(4) ? 4 : 60);
        if (length > result.size - start) length = result.size - start;
        char *piece = nst_strndup(result.text + start, length);
        size_t to = random_below(2) ? start : random_below((uint32_t)result.size), size;
        bool deletes = random_below(3) == 0;
        if (random_below(6) == 0) strcpy(piece, controls[random_below(CONTROLS)]);
        char *text = deletes ? splice(&result, start, start + length, "", &size) : splice(&result, to, to, piece, &size);
        free(result.text);
        free(piece);
        result.text = text;
        result.size = size;
    }
    return result;
}

static int run_noise(long count) {
    long done = 0, refused = 0, failures = 0;
    for (; done < count && failures < 5; done++) {
        File noisy = disturb(&files[random_below((uint32_t)file_count)]);
        uint32_t width = 20 + random_below(181);
        NstFmtResult first = format(noisy.text, noisy.size, width), second = {0};
        refused += first.status == NST_FMT_REFUSED;
        if (first.text) second = format(first.text, first.size, width);
        bool broken = first.status == NST_FMT_INTERNAL || (first.text && (second.status != first.status || second.changed));
        if (broken) {
            failures++;
            report(first.text ? "not idempotent" : "the self-check failed", noisy.path, width, noisy.text, noisy.size);
        }
        nst_fmt_result_free(&first);
        nst_fmt_result_free(&second);
        free(noisy.text);
    }
    printf("noise: %ld, refused: %ld, failures: %ld\n", done, refused, failures);
    return failures != 0;
}

// ---- Ranges -----------------------------------------------------------------------------

static uint32_t count_lines(const char *text, size_t size) {
    uint32_t lines = 1;
    for (size_t i = 0; i < size; i++) lines += text[i] == '\n';
    return lines;
}

// Every item of the range's result is the original's or, where it touches the lines, the formatted whole's.
static bool is_restricted(const File *file, const NstFmtResult *whole, const NstFmtResult *part, NstFmtLines lines) {
    Parsed original = parse_text(file->text, file->size), all = parse_text(whole->text, whole->size),
           some = parse_text(part->text, part->size);
    uint32_t count = original.syntax.root->child_count;
    bool same = all.syntax.root->child_count == count && some.syntax.root->child_count == count;
    for (uint32_t i = 0; same && i < count; i++) {
        const NstNode *node = &original.syntax.root->children[i], *got = &some.syntax.root->children[i];
        uint32_t first = count_lines(file->text, node->start), last = count_lines(file->text, node->end);
        bool touches = first <= lines.last && last >= lines.first;
        const NstNode *want = touches ? &all.syntax.root->children[i] : node;
        const char *from = touches ? whole->text : file->text;
        same = want->end - want->start == got->end - got->start &&
               memcmp(from + want->start, part->text + got->start, got->end - got->start) == 0;
    }
    free_parsed(&original);
    free_parsed(&all);
    free_parsed(&some);
    return same;
}

static int run_ranges(long count) {
    long done = 0, failures = 0;
    for (; done < count && failures < 5; done++) {
        File source = disarrange(&files[random_below((uint32_t)file_count)]);
        NstFmtResult whole = format(source.text, source.size, 100);
        if (whole.status == NST_FMT_OK) {
            uint32_t total = count_lines(source.text, source.size);
            NstFmtLines lines = {.first = 1 + random_below(total)};
            lines.last = lines.first + random_below(total - lines.first + 1);
            NstFmtOptions options = {.style = nst_fmt_default_style(), .lines = &lines, .line_count = 1};
            NstFmtResult part = nst_fmt_text("range.nos", source.text, source.size, &options);
            if (part.status != NST_FMT_OK || !is_restricted(&source, &whole, &part, lines)) {
                failures++;
                report("a range differs from the whole", source.path, lines.first, source.text, source.size);
            }
            nst_fmt_result_free(&part);
        }
        nst_fmt_result_free(&whole);
        free(source.text);
    }
    printf("ranges: %ld, failures: %ld\n", done, failures);
    return failures != 0;
}

// ---- For the benchmark ------------------------------------------------------------------

static int run_each(uint32_t width, bool only_parse) {
    size_t bytes = 0;
    for (size_t i = 0; i < file_count; i++) {
        bytes += files[i].size;
        if (only_parse) {
            Parsed parsed = parse_text(files[i].text, files[i].size);
            free_parsed(&parsed);
        } else {
            NstFmtResult result = format(files[i].text, files[i].size, width);
            nst_fmt_result_free(&result);
        }
    }
    printf("%zu\n", bytes);
    return 0;
}

int main(int argc, char **argv) {
    if (argc < 4) return 2;
    bool each = strcmp(argv[1], "format") == 0 || strcmp(argv[1], "parse") == 0;
    int first_file = each ? 3 : 4;
    read_files(argv + first_file, argc - first_file);
    long count = atol(argv[2]);
    if (each) return run_each((uint32_t)count, argv[1][0] == 'p');
    random_state = strtoull(argv[3], NULL, 10);
    printf("seed %s\n", argv[3]);
    if (strcmp(argv[1], "mutants") == 0) return run_mutants(count);
    if (strcmp(argv[1], "gaps") == 0) return run_gaps();
    if (strcmp(argv[1], "deletions") == 0) return run_deletions(count);
    if (strcmp(argv[1], "noise") == 0) return run_noise(count);
    if (strcmp(argv[1], "ranges") == 0) return run_ranges(count);
    return 2;
}
