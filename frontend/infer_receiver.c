#include "frontend/infer_receiver.h"

// Method names that fix an undetermined receiver (stdlib-core.md 1, rule 3). Which library type a name belongs to is in
// the library; that a name counts at all is this list of the language.
static const char list_names[] =
    " filter fold foldl foldr any all find position sort sortBy head tail init last nth push pop slice sum product zip unzip"
    " zipWith unique flatten scanl enumerate intersperse spanList groupBy transpose pairwise isSorted isSortedBy maximum"
    " minimum takeWhile dropWhile partition ";
static const char map_names[] = " lookup keys values getOrThrow ";
static const char string_names[] =
    " chars toUpper toLower trim trimStart trimEnd startsWith endsWith replace replaceAll repeat padStart padEnd lines words"
    " lastIndexOf substring ";

static bool listed(const char *names, NstName name) {
    const char *text = nst_name_text(name);
    size_t size = strlen(text);
    for (const char *at = strstr(names, text); at; at = strstr(at + 1, text))
        if (at[-1] == ' ' && at[size] == ' ') return true;
    return false;
}

NstType *nst_receiver_of(NstInfer *infer, NstName name, size_t arguments) {
    if (nst_user_bears_name(infer->program, name)) return NULL;
    if (listed(list_names, name)) return nst_list_of(infer, nst_var(infer));
    if (listed(map_names, name)) return nst_map_of(infer, nst_var(infer), nst_var(infer));
    if (listed(string_names, name)) return nst_prim(infer, NST_PRIM_STRING);
    if (arguments == 2 && name == nst_name_z("insert")) return nst_map_of(infer, nst_var(infer), nst_var(infer));
    return NULL;
}
