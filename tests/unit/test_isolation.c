// A broken item leaves every other item's tree exactly as in the unbroken file (syntax.md 9): each program of the
// language tests is damaged at one token of one item, many times.
//
//     test_isolation [DAMAGES-PER-PROGRAM [SEED]]
#include "frontend/ast_dump.h"
#include "frontend/parse.h"
#include "frontend/scan.h"

#include <ftw.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static uint64_t state;
static size_t damages = 12, programs, checked, harmless, failures;

static size_t random_below(size_t limit) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (size_t)(state % limit);
}

// A text's items, each as its dump and where it stands.
typedef struct Items {
    char **dumps;
    uint32_t *starts;
    size_t count;
    bool broken;
} Items;

static char *dump_item(NstItem *item) {
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    NstItem *items[] = { item };
    NstFileAst file = { .items = items, .item_count = 1 };
    nst_ast_dump(out, &file);
    fclose(out);
    return text;
}

static Items items_of(const char *text, size_t size) {
    NstSources *sources = nst_sources_new();
    NstDiags *diags = nst_diags_new();
    NstArena arena = { 0 };
    uint32_t source = nst_sources_add_file(sources, "t.nos", text, size);
    NstFileAst *file = nst_parse_file(sources, source, &arena, diags);
    Items items = { .count = file->item_count, .broken = file->has_syntax_errors };
    items.dumps = calloc(file->item_count + 1, sizeof *items.dumps);
    items.starts = calloc(file->item_count + 1, sizeof *items.starts);
    for (size_t i = 0; i < file->item_count; i++) {
        NstFileRange range = { 0 };
        nst_file_range(sources, file->items[i]->span, &range);
        items.dumps[i] = dump_item(file->items[i]);
        items.starts[i] = range.start;
    }
    nst_arena_free(&arena);
    nst_diags_free(diags);
    nst_sources_free(sources);
    return items;
}

static void free_items(Items *items) {
    for (size_t i = 0; i < items->count; i++) free(items->dumps[i]);
    free(items->dumps);
    free(items->starts);
}

// The n-th token from `start`; false if there is none before `end`.
static bool token_at(const char *text, uint32_t start, uint32_t end, size_t n, NstToken *token) {
    NstScan scan;
    nst_scan_init(&scan, text, end, start);
    do *token = nst_scan_next(&scan);
    while (n-- && token->kind != NST_TOKEN_END);
    nst_scan_free(&scan);
    return token->kind != NST_TOKEN_END;
}

// Deletes the token and the blanks after it, or inserts another before it. No line is indented by that.
static char *damage(const char *text, size_t size, NstToken token, const char *inserted, size_t *damaged) {
    size_t cut = 0, added = 0;
    if (!inserted) cut = token.end - token.start + strspn(text + token.end, " ");
    else added = strlen(inserted) + 2;
    bool first = token.start == 0 || text[token.start - 1] == '\n';
    char *copy = malloc(size + added + 1);
    memcpy(copy, text, token.start);
    if (inserted) snprintf(copy + token.start, added + 1, first ? "%s  " : " %s ", inserted);
    memcpy(copy + token.start + added, text + token.start + cut, size - token.start - cut);
    *damaged = size + added - cut;
    copy[*damaged] = '\0';
    return copy;
}

// All items but the damaged one, in their order, are among those that are left.
static bool others_are_left(const Items *whole, size_t item, const Items *left, size_t *lost) {
    size_t at = 0;
    for (size_t i = 0; i < whole->count; i++) {
        if (i == item) continue;
        while (at < left->count && strcmp(whole->dumps[i], left->dumps[at]) != 0) at++;
        *lost = i;
        if (at++ == left->count) return false;
    }
    return true;
}

static void damage_once(const char *path, const char *text, size_t size, const Items *whole) {
    static const char *const inserted[] = { ")",  "}",    "]",   "(",     "{", "[",  "%{", "=",  "=>",
                                            "->", "then", "end", "match", "+", "::", ",",  "if", "catch" };
    size_t item = random_below(whole->count), new_size;
    uint32_t end = item + 1 < whole->count ? whole->starts[item + 1] : (uint32_t)size;
    NstToken token;
    if (memchr(text + whole->starts[item], '\n', end - whole->starts[item]) == NULL && end < size)
        return; // shares its line
    if (item && !memchr(text + whole->starts[item - 1], '\n', whole->starts[item] - whole->starts[item - 1])) return;
    if (!token_at(text, whole->starts[item], end, random_below(40), &token)) return;
    if (token.kind == NST_TOKEN_STRING) return; // a quote more or less changes what is code all over
    size_t choice = random_below(2 * sizeof inserted / sizeof *inserted);
    const char *other = choice < sizeof inserted / sizeof *inserted ? inserted[choice] : NULL;
    if (text[token.start] == '@' && !other) return; // the decorator's name and its declaration are one broken item then
    char *damaged = damage(text, size, token, other, &new_size);
    Items left = items_of(damaged, new_size);
    size_t lost;
    if (!left.broken) harmless++;
    else if (others_are_left(whole, item, &left, &lost)) checked++;
    else {
        failures++;
        printf("%s: %s `%.*s` at byte %u of item %zu loses item %zu\n", path, other ? other : "without",
               (int)(token.end - token.start), text + token.start, token.start, item, lost);
    }
    free_items(&left);
    free(damaged);
}

static int visit(const char *path, const struct stat *info, int kind, struct FTW *where) {
    (void)info;
    (void)where;
    size_t length = strlen(path);
    if (kind != FTW_F || length < 4 || strcmp(path + length - 4, ".nos") != 0) return 0;
    FILE *file = fopen(path, "rb");
    if (!file) return 0;
    char *text = calloc(1, 1 << 20);
    size_t size = fread(text, 1, (1 << 20) - 1, file);
    fclose(file);
    Items whole = items_of(text, size);
    if (!whole.broken && whole.count > 1) {
        programs++;
        for (size_t i = 0; i < damages; i++) damage_once(path, text, size, &whole);
    }
    free_items(&whole);
    free(text);
    return 0;
}

int main(int argc, char **argv) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    state = argc > 2 ? strtoull(argv[2], NULL, 10) : (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
    if (argc > 1) damages = strtoul(argv[1], NULL, 10);
    printf("seed %llu\n", (unsigned long long)state);
    state |= 1;
    nftw(NOSTOS_PROGRAMS, visit, 16, FTW_PHYS);
    printf("%zu programs, %zu damages leave all other items, %zu harmless, %zu failures\n", programs, checked, harmless,
           failures);
    return failures || !checked;
}
