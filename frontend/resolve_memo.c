#include "frontend/resolve_memo.h"

static size_t slot_of(const NstMemo *slots, size_t capacity, const NstMemo *wanted) {
    size_t hash = wanted->name * 2654435761u + (size_t)wanted->kind * 40503u + ((size_t)wanted->key >> 4) * 31u;
    size_t i = hash & (capacity - 1);
    while (slots[i].known && (slots[i].kind != wanted->kind || slots[i].name != wanted->name || slots[i].key != wanted->key))
        i = (i + 1) & (capacity - 1);
    return i;
}

static void grow(NstProgram *program, NstResolver *resolver) {
    size_t capacity = resolver->memo_capacity ? resolver->memo_capacity * 2 : 256;
    NstMemo *slots = NST_NEW_ARRAY(program->arena, NstMemo, capacity);
    for (size_t i = 0; i < resolver->memo_capacity; i++)
        if (resolver->memo[i].known) slots[slot_of(slots, capacity, &resolver->memo[i])] = resolver->memo[i];
    resolver->memo = slots;
    resolver->memo_capacity = capacity;
}

NstMemo *nst_memo(NstProgram *program, NstMemoKind kind, NstName name, const void *key) {
    NstResolver *resolver = program->resolver;
    // Cells are handed out empty and filled by the caller, so the count is of calls that found none.
    if (resolver->memo_count * 2 >= resolver->memo_capacity) grow(program, resolver);
    NstMemo wanted = {.kind = kind, .name = name, .key = key};
    NstMemo *cell = &resolver->memo[slot_of(resolver->memo, resolver->memo_capacity, &wanted)];
    if (!cell->known) {
        *cell = wanted;
        resolver->memo_count++;
    }
    return cell;
}
