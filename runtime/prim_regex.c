// Primitives of Regex.
#include <ctype.h>
#include <string.h>

#include "runtime/heap.h"
#include "runtime/list.h"
#include "runtime/process.h"
#include "runtime/regex.h"
#include "runtime/show.h"
#include "runtime/status.h"
#include "runtime/string_ops.h"

typedef struct Search {
    const NstRegex *regex;
    NstRegexMatch *match;
    NstValue text;
} Search;

// args: text, pattern
static NstPrimStatus begin(NstProcess *process, NstValue *args, Search *search) {
    NST_EXPECT_KIND(args[0], NST_KIND_STRING, "String");
    NST_EXPECT_KIND(args[1], NST_KIND_STRING, "String");
    search->text = args[0];
    search->regex = nst_regex_get(process, args[1]);
    if (!search->regex) return NST_PRIM_RAISE;
    search->match = nst_regex_begin(search->regex, nst_as_string(args[0])->bytes, nst_as_string(args[0])->head.count);
    nst_prim_charge(process, nst_as_string(args[0])->head.count / 64);
    return NST_PRIM_OK;
}

// The text of a group of the current match; "" if it took no part.
static NstValue group_text(NstProcess *process, const Search *search, size_t group) {
    size_t start, end;
    nst_regex_group(search->match, group, &start, &end);
    return start == SIZE_MAX ? nst_string(process, "", 0)
                             : nst_string(process, nst_as_string(search->text)->bytes + start, end - start);
}

NST_PRIMITIVE(regex_matches) {
    Search search = {0};
    NstPrimStatus status = begin(process, args, &search);
    if (status != NST_PRIM_OK) return status;
    bool found;
    status = nst_regex_next(process, search.match, &found);
    args[0] = nst_bool(found);
    nst_regex_end(search.match);
    return status;
}

// The first match and its groups as a list; [] if there is none.
NST_PRIMITIVE(regex_captures) {
    Search search = {0};
    NstPrimStatus status = begin(process, args, &search);
    if (status != NST_PRIM_OK) return status;
    bool found;
    status = nst_regex_next(process, search.match, &found);
    NstObject *groups = nst_list_builder(process, 0);
    for (size_t i = 0; found && i < nst_regex_group_count(search.regex); i++) {
        nst_list_builder_add(process, groups, group_text(process, &search, i));
    }
    args[0] = nst_list_builder_finish(process, groups);
    nst_regex_end(search.match);
    return status;
}

NST_PRIMITIVE(regex_find_all) {
    Search search = {0};
    NstPrimStatus status = begin(process, args, &search);
    if (status != NST_PRIM_OK) return status;
    NstObject *matches = nst_list_builder(process, 0);
    bool found;
    while ((status = nst_regex_next(process, search.match, &found)) == NST_PRIM_OK && found) {
        nst_list_builder_add(process, matches, group_text(process, &search, 0));
    }
    args[0] = nst_list_builder_finish(process, matches);
    nst_regex_end(search.match);
    return status;
}

NST_PRIMITIVE(regex_split) {
    Search search = {0};
    NstPrimStatus status = begin(process, args, &search);
    if (status != NST_PRIM_OK) return status;
    NstObject *pieces = nst_list_builder(process, 0);
    const NstString *text = nst_as_string(search.text);
    size_t done = 0, start, end;
    bool found;
    while ((status = nst_regex_next(process, search.match, &found)) == NST_PRIM_OK && found) {
        nst_regex_group(search.match, 0, &start, &end);
        nst_list_builder_add(process, pieces, nst_string(process, text->bytes + done, start - done));
        done = end;
    }
    nst_list_builder_add(process, pieces, nst_string(process, text->bytes + done, text->head.count - done));
    args[0] = nst_list_builder_finish(process, pieces);
    nst_regex_end(search.match);
    return status;
}

// ---- Replacing ---------------------------------------------------------------------------

static bool is_name_char(char c) { return isalnum((unsigned char)c) || c == '_'; }

static void append_group(NstTextBuffer *out, const Search *search, const char *name, size_t size) {
    size_t group = 0;
    bool number = size > 0 && size < 6;
    for (size_t i = 0; i < size && number; i++) {
        number = isdigit((unsigned char)name[i]) != 0;
        group = group * 10 + (size_t)(name[i] - '0');
    }
    if (!number) group = nst_regex_group_named(search->regex, name, size);
    if (group >= nst_regex_group_count(search->regex)) return; // unknown groups insert nothing
    size_t start, end;
    nst_regex_group(search->match, group, &start, &end);
    if (start != SIZE_MAX) nst_text_append(out, nst_as_string(search->text)->bytes + start, end - start);
}

// The replacement with $1, ${1}, $name, ${name} and $$ filled in.
static void append_replacement(NstTextBuffer *out, const Search *search, const NstString *replacement) {
    const char *s = replacement->bytes, *end = s + replacement->head.count;
    while (s < end) {
        const char *dollar = memchr(s, '$', (size_t)(end - s));
        nst_text_append(out, s, (size_t)((dollar ? dollar : end) - s));
        if (!dollar) return;
        s = dollar + 1;
        const char *name = s;
        if (s < end && *s == '$') {
            nst_text_append_byte(out, '$');
            s++;
        } else if (s < end && *s == '{') {
            const char *close = memchr(s, '}', (size_t)(end - s));
            if (close) append_group(out, search, s + 1, (size_t)(close - s - 1));
            else nst_text_append_byte(out, '$');
            if (close) s = close + 1;
        } else {
            while (s < end && is_name_char(*s)) s++;
            if (s > name) append_group(out, search, name, (size_t)(s - name));
            else nst_text_append_byte(out, '$');
        }
    }
}

// (text, pattern, replacement, all: Bool)
NST_PRIMITIVE(regex_replace) {
    NST_EXPECT_KIND(args[2], NST_KIND_STRING, "String");
    Search search = {0};
    NstPrimStatus status = begin(process, args, &search);
    if (status != NST_PRIM_OK) return status;
    const NstString *text = nst_as_string(search.text);
    NstTextBuffer out = NST_TEXT_BUFFER_INIT;
    size_t done = 0, start, end;
    bool found, all = args[3].w.u != 0;
    while ((status = nst_regex_next(process, search.match, &found)) == NST_PRIM_OK && found) {
        nst_regex_group(search.match, 0, &start, &end);
        nst_text_append(&out, text->bytes + done, start - done);
        append_replacement(&out, &search, nst_as_string(args[2]));
        done = end;
        if (!all) break;
    }
    nst_text_append(&out, text->bytes + done, text->head.count - done);
    nst_regex_end(search.match);
    if (status == NST_PRIM_OK) return nst_text_finish(process, &out, &args[0]);
    nst_text_free(&out);
    return status;
}
