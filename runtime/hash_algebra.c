#include "runtime/hash_algebra.h"

#include <stdlib.h>

// Adding or removing one by one costs a path each; beyond this ratio of sizes a trie is built anew.
enum { FEW = 8 };

static NstEntry *entries_new(size_t count) {
    NstEntry *entries = malloc((count + 1) * sizeof *entries);
    if (!entries) abort();
    return entries;
}

bool nst_map_of_entries(NstProcess *p, NstKind kind, NstEntry *entries, size_t count, NstValue *out) {
    NstObject *root;
    size_t kept;
    if (!nst_hash_build(p, kind == NST_KIND_MAP ? 2 : 1, entries, count, &root, &kept)) return false;
    *out = nst_map_make(p, kind, kept, root);
    return true;
}

static bool next_entry(NstMapIter *it, NstEntry *entry) {
    if (!nst_map_next(it, &entry->key, &entry->value)) return false;
    entry->hash = it->hash;
    return true;
}

static size_t collect(const NstObject *map, NstEntry *entries) {
    NstMapIter it;
    size_t count = 0;
    for (nst_map_iter(&it, map); next_entry(&it, &entries[count]);) count++;
    return count;
}

static NstHashEdit edit_of(NstProcess *p, const NstObject *map) {
    return (NstHashEdit){ .process = p, .width = nst_map_width(map), .at = -1, .honour_own = true };
}

// Appends the entries of `from` whose keys are (`wanted`) or are not in `in`. False if own equality was met.
static bool select_entries(const NstObject *from, const NstObject *in, bool wanted, NstEntry *entries,
                           size_t *count) {
    NstHashEdit edit = edit_of(NULL, in);
    NstMapIter it;
    NstEntry found;
    for (nst_map_iter(&it, from); next_entry(&it, &edit.entry);) {
        bool there = nst_hash_find(nst_map_root(in), &edit, &found);
        if (edit.own) return false;
        if (there == wanted) entries[(*count)++] = edit.entry;
    }
    return true;
}

bool nst_map_union(NstProcess *p, NstObject *a, NstObject *b, NstValue *out) {
    *out = nst_object(a->count == 0 ? b : a);
    if (a->count == 0 || b->count == 0) return true;
    bool few_left = a->count < b->count / FEW, few_right = b->count < a->count / FEW;
    if (!few_left && !few_right) {
        NstEntry *entries = entries_new((size_t)a->count + b->count);
        size_t count = collect(b, entries);
        count += collect(a, entries + count);
        bool done = nst_map_of_entries(p, (NstKind)a->kind, entries, count, out);
        free(entries);
        return done;
    }
    NstObject *large = few_left ? b : a, *small = few_left ? a : b, *root = nst_map_root(large);
    size_t size = large->count;
    NstHashEdit edit = edit_of(p, a);
    NstMapIter it;
    NstEntry found;
    for (nst_map_iter(&it, small); next_entry(&it, &edit.entry);) {
        if (few_right && nst_hash_find(root, &edit, &found)) continue;
        if (!edit.own) root = nst_hash_put(root, &edit);
        if (edit.own) return false;
        size += edit.changed;
    }
    *out = nst_map_make(p, (NstKind)a->kind, size, root);
    return true;
}

bool nst_map_intersection(NstProcess *p, NstObject *a, NstObject *b, NstValue *out) {
    NstEntry *entries = entries_new(a->count < b->count ? a->count : b->count);
    size_t count = 0;
    bool done = true;
    if (a->count <= b->count) {
        done = select_entries(a, b, true, entries, &count);
    } else {
        NstHashEdit edit = edit_of(p, a);
        NstMapIter it;
        for (nst_map_iter(&it, b); done && next_entry(&it, &edit.entry);) {
            if (nst_hash_find(nst_map_root(a), &edit, &entries[count])) count++;
            done = !edit.own;
        }
    }
    done = done && nst_map_of_entries(p, (NstKind)a->kind, entries, count, out);
    free(entries);
    return done;
}

bool nst_map_difference(NstProcess *p, NstObject *a, NstObject *b, NstValue *out) {
    if (b->count < a->count / FEW) {
        NstObject *root = nst_map_root(a);
        size_t size = a->count;
        NstHashEdit edit = edit_of(p, a);
        NstMapIter it;
        for (nst_map_iter(&it, b); next_entry(&it, &edit.entry);) {
            root = nst_hash_drop(root, &edit);
            if (edit.own) return false;
            size -= edit.changed;
        }
        *out = size == a->count ? nst_object(a) : nst_map_make(p, (NstKind)a->kind, size, root);
        return true;
    }
    NstEntry *entries = entries_new(a->count);
    size_t count = 0;
    bool done = select_entries(a, b, false, entries, &count)
                && nst_map_of_entries(p, (NstKind)a->kind, entries, count, out);
    free(entries);
    return done;
}

bool nst_map_symmetric_difference(NstProcess *p, NstObject *a, NstObject *b, NstValue *out) {
    NstEntry *entries = entries_new((size_t)a->count + b->count);
    size_t count = 0;
    bool done = select_entries(a, b, false, entries, &count) && select_entries(b, a, false, entries, &count)
                && nst_map_of_entries(p, (NstKind)a->kind, entries, count, out);
    free(entries);
    return done;
}

bool nst_map_subset(NstObject *a, NstObject *b, bool *out) {
    NstHashEdit edit = edit_of(NULL, b);
    NstMapIter it;
    NstEntry found;
    *out = a->count <= b->count;
    for (nst_map_iter(&it, a); *out && next_entry(&it, &edit.entry);) {
        *out = nst_hash_find(nst_map_root(b), &edit, &found);
        if (edit.own) return false;
    }
    return true;
}
