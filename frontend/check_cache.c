#include "frontend/check_cache.h"

#include <stdlib.h>

#include "frontend/mentions.h"

NstCheckCache *nst_check_cache(NstProgram *program) {
    NstCheckCache *cache = program->checks;
    if (!cache) {
        cache = program->checks = nst_calloc(1, sizeof *cache);
        cache->imports = nst_calloc(program->file_count + 1, sizeof *cache->imports);
        cache->matches = nst_diags_new();
        cache->warnings = nst_diags_new();
        cache->imported = nst_diags_new();
    }
    if (cache->body_count < program->function_count) {
        cache->bodies = nst_realloc(cache->bodies, program->function_count * sizeof *cache->bodies);
        memset(cache->bodies + cache->body_count, 0, (program->function_count - cache->body_count) * sizeof *cache->bodies);
        cache->body_count = program->function_count;
    }
    return cache;
}

void nst_check_cache_free(NstProgram *program) {
    NstCheckCache *cache = program->checks;
    if (!cache) return;
    nst_diags_free(cache->matches);
    nst_diags_free(cache->warnings);
    nst_diags_free(cache->imported);
    nst_diags_free(cache->whole);
    free(cache->bodies);
    free(cache->imports);
    free(cache->stamps);
    free(cache);
    program->checks = NULL;
}

typedef struct Collector {
    NstProgram *program;
    NstCheckCache *cache;
    NstBodyFacts *facts;
    size_t capacity;
} Collector;

static void mention(void *context, NstName name) {
    Collector *collector = context;
    NstCheckCache *cache = collector->cache;
    if (name >= cache->stamp_count) {
        size_t count = (size_t)name * 2 + 256;
        cache->stamps = nst_realloc(cache->stamps, count * sizeof *cache->stamps);
        memset(cache->stamps + cache->stamp_count, 0, (count - cache->stamp_count) * sizeof *cache->stamps);
        cache->stamp_count = count;
    }
    if (cache->stamps[name] == cache->stamp) return;
    cache->stamps[name] = cache->stamp;
    NstBodyFacts *facts = collector->facts;
    NST_PUSH(collector->program->arena, facts->mentions, facts->mention_count, collector->capacity, name);
}

const NstBodyFacts *nst_body_facts(NstProgram *program, const NstFunction *fn) {
    NstCheckCache *cache = nst_check_cache(program);
    NstBodyFacts *facts = &cache->bodies[fn->id];
    if (facts->known) return facts;
    facts->known = true;
    facts->effects = nst_effects_of_clauses(program->arena, fn->clauses, fn->clause_count);
    cache->stamp++;
    Collector collector = { program, cache, facts, 0 };
    NstMentions mentions = { &collector, mention, NULL };
    for (size_t i = 0; i < fn->clause_count; i++) nst_mentions_of_clause(&mentions, fn->clauses[i]);
    return facts;
}

void nst_check_forget(NstProgram *program, const NstFunction *fn) {
    nst_check_cache(program)->bodies[fn->id] = (NstBodyFacts){ 0 };
}

void nst_check_forget_warnings(NstProgram *program) {
    NstCheckCache *cache = nst_check_cache(program);
    nst_diags_free(cache->warnings);
    cache->warnings = nst_diags_new();
    for (size_t i = 0; i < cache->body_count; i++) cache->bodies[i].considered = false;
}
