/* Checks that each query file given as an argument fits the grammar: every node,
 * field and structure that it names exists. */
#include "../../grammar/grammar.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <tree_sitter/api.h>

enum { QUERY_CAPACITY = 1 << 16 };

int main(int count, char **arguments) {
    static char text[QUERY_CAPACITY];
    static const char *const problems[] = {
        "", "bad syntax", "unknown node", "unknown field", "unknown capture",
        "impossible structure", "wrong language",
    };
    int failed = 0;

    for (int i = 1; i < count; i++) {
        FILE *file = fopen(arguments[i], "rb");
        if (file == NULL) {
            perror(arguments[i]);
            return 2;
        }
        size_t length = fread(text, 1, sizeof text, file);
        uint32_t offset;
        TSQueryError error;
        TSQuery *query =
            ts_query_new(tree_sitter_nostos(), text, (uint32_t)length, &offset, &error);

        fclose(file);
        if (query == NULL) {
            printf("%s: byte %u: %s: %.40s\n", arguments[i], offset, problems[error],
                   text + offset);
            failed++;
        } else if (ts_query_pattern_count(query) == 0) {
            printf("%s: no patterns\n", arguments[i]);
            failed++;
        }
        ts_query_delete(query);
    }
    printf("%d query files, %d wrong\n", count - 1, failed);
    return count == 1 || failed != 0;
}
