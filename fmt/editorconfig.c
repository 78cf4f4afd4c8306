// .editorconfig (https://editorconfig.org): the keys that the formatter honours.
#include "fmt/files.h"
#include "fmt/fmt.h"
#include "fmt/glob.h"
#include "frontend/arena.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { MAX_FILES = 64 }; // .editorconfig files above a file

typedef struct Line {
    const char *start, *end; // without blanks around
} Line;

static bool next_line(const char **at, const char *end, Line *line) {
    if (*at >= end) return false;
    const char *stop = memchr(*at, '\n', (size_t)(end - *at));
    line->start = *at;
    line->end = stop ? stop : end;
    *at = stop ? stop + 1 : end;
    while (line->start < line->end && strchr(" \t\r", *line->start)) line->start++;
    while (line->end > line->start && strchr(" \t\r", line->end[-1])) line->end--;
    return true;
}

static bool equals(const char *start, const char *end, const char *word) {
    return (size_t)(end - start) == strlen(word) && strncasecmp(start, word, (size_t)(end - start)) == 0;
}

static bool split(Line line, Line *key, Line *value) {
    const char *equal = memchr(line.start, '=', (size_t)(line.end - line.start));
    if (!equal) return false;
    *key = (Line){line.start, equal};
    *value = (Line){equal + 1, line.end};
    while (key->end > key->start && strchr(" \t", key->end[-1])) key->end--;
    while (value->start < value->end && strchr(" \t", *value->start)) value->start++;
    return true;
}

static void set_number(uint32_t *target, Line value, long low, long high) {
    char *end;
    long number = strtol(value.start, &end, 10);
    if (end == value.end && number >= low && number <= high) *target = (uint32_t)number;
}

static void set_key(NstFmtStyle *style, Line key, Line value) {
    if (equals(key.start, key.end, "indent_size")) {
        set_number(&style->indent, value, 1, 16);
    } else if (equals(key.start, key.end, "max_line_length")) {
        if (equals(value.start, value.end, "off")) style->width = INT_MAX;
        set_number(&style->width, value, 20, 1000);
    } else if (equals(key.start, key.end, "end_of_line")) {
        if (equals(value.start, value.end, "lf")) style->end_of_line = NST_FMT_EOL_LF;
        if (equals(value.start, value.end, "crlf")) style->end_of_line = NST_FMT_EOL_CRLF;
    } else if (equals(key.start, key.end, "insert_final_newline")) {
        if (equals(value.start, value.end, "true")) style->final_newline = true;
        if (equals(value.start, value.end, "false")) style->final_newline = false;
    }
}

// A pattern without `/` holds in all directories below, any other from the directory of its file.
static bool section_matches(const char *pattern, size_t size, const char *relative) {
    const char *name = strrchr(relative, '/');
    if (!memchr(pattern, '/', size)) return nst_glob_match(pattern, size, name ? name + 1 : relative, true);
    if (*pattern == '/') pattern++, size--;
    return nst_glob_match(pattern, size, relative, true);
}

static void apply(NstFmtStyle *style, const char *text, size_t size, const char *relative) {
    bool matches = false;
    Line line, key, value;
    for (const char *at = text; next_line(&at, text + size, &line);) {
        if (line.start == line.end || *line.start == '#' || *line.start == ';') continue;
        if (*line.start == '[' && line.end[-1] == ']')
            matches = section_matches(line.start + 1, (size_t)(line.end - line.start - 2), relative);
        else if (matches && split(line, &key, &value)) set_key(style, key, value);
    }
}

static bool is_root(const char *text, size_t size) {
    Line line, key, value;
    for (const char *at = text; next_line(&at, text + size, &line);) {
        if (line.start < line.end && *line.start == '[') return false;
        if (split(line, &key, &value) && equals(key.start, key.end, "root")) return equals(value.start, value.end, "true");
    }
    return false;
}

typedef struct Config {
    char *text;
    size_t size;
    size_t directory; // length of its directory's path, with the `/`
} Config;

NstFmtStyle nst_fmt_style_for(const char *path) {
    NstFmtStyle style = nst_fmt_default_style();
    Config configs[MAX_FILES];
    size_t count = 0;
    char *full = nst_absolute_path(path);
    for (char *slash = strrchr(full, '/'); slash && count < MAX_FILES;) {
        size_t length = (size_t)(slash - full) + 1;
        char *name = nst_malloc(length + sizeof ".editorconfig");
        memcpy(name, full, length);
        memcpy(name + length, ".editorconfig", sizeof ".editorconfig");
        Config config = {.directory = length};
        bool found = nst_read_file(name, &config.text, &config.size) == 0;
        free(name);
        if (found) configs[count++] = config;
        if (found && is_root(config.text, config.size)) break;
        do slash = slash > full ? slash - 1 : NULL;
        while (slash && *slash != '/');
    }
    while (count-- > 0) { // the nearest file has the last word
        apply(&style, configs[count].text, configs[count].size, full + configs[count].directory);
        free(configs[count].text);
    }
    free(full);
    return style;
}
