// See link.h.
#include "runtime/link.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/codegen.h"

// ---- Tables ------------------------------------------------------------------------------
// Guarded by the compile lock, which is recursive because the code generator asks for links while it holds it.

typedef struct Key {
    const void *node, *instance;
    uint32_t kind, index;
} Key;

typedef struct Entry {
    Key key;
    void *value; // null: free
} Entry;

typedef struct Table {
    Entry *entries;
    size_t count, size; // size: power of two
} Table;

static pthread_mutex_t compile_lock;
static pthread_once_t compile_once = PTHREAD_ONCE_INIT;
static Table units, defs, globals;
static uint32_t global_count;

static void make_lock(void) {
    pthread_mutexattr_t attributes;
    pthread_mutexattr_init(&attributes);
    pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_RECURSIVE);
    pthread_mutex_init(&compile_lock, &attributes);
    pthread_mutexattr_destroy(&attributes);
}

static void lock(void) {
    pthread_once(&compile_once, make_lock);
    pthread_mutex_lock(&compile_lock);
}

static void unlock(void) {
    pthread_mutex_unlock(&compile_lock);
}

static size_t hash_key(const Key *key) {
    uint64_t h = (uint64_t)(uintptr_t)key->node * 0x9E3779B97F4A7C15u;
    h = (h ^ (h >> 29) ^ (uint64_t)(uintptr_t)key->instance) * 0xBF58476D1CE4E5B9u;
    h = (h ^ (h >> 32) ^ ((uint64_t)key->kind << 32 | key->index)) * 0x94D049BB133111EBu;
    return (size_t)(h ^ (h >> 31));
}

static bool same_key(const Key *a, const Key *b) {
    return a->node == b->node && a->instance == b->instance && a->kind == b->kind && a->index == b->index;
}

static void **table_slot(Table *table, const Key *key) {
    if (table->count * 4 >= table->size * 3) {
        Table bigger = { .size = table->size ? table->size * 2 : 256 };
        bigger.entries = nst_code_alloc(bigger.size * sizeof *bigger.entries);
        for (size_t i = 0; i < table->size; i++) {
            if (table->entries[i].value) *table_slot(&bigger, &table->entries[i].key) = table->entries[i].value;
        }
        free(table->entries);
        *table = bigger;
    }
    size_t at = hash_key(key) & (table->size - 1);
    while (table->entries[at].value && !same_key(&table->entries[at].key, key)) at = (at + 1) & (table->size - 1);
    if (!table->entries[at].value) {
        table->entries[at].key = *key;
        table->count++; // the caller stores a value
    }
    return &table->entries[at].value;
}

void *nst_code_alloc(size_t bytes) {
    void *memory = calloc(1, bytes > 0 ? bytes : 1);
    if (!memory) {
        fputs("nostos: out of memory\n", stderr);
        exit(70);
    }
    return memory;
}

// ---- Layouts -----------------------------------------------------------------------------

static uint8_t own_bits(const NstTypeDecl *type) {
    return (uint8_t)((type->has_own_show ? NST_OWN_SHOW : 0) | (type->has_own_eq ? NST_OWN_EQ : 0) |
                     (type->has_own_ord ? NST_OWN_ORD : 0) | (type->has_own_hash ? NST_OWN_HASH : 0) |
                     (type->has_own_copy ? NST_OWN_COPY : 0));
}

const NstLayout *nst_layout_of(NstCtor *ctor) {
    lock();
    if (!ctor->layout) {
        const NstTypeDecl *type = ctor->type;
        NstLayout *layout = nst_code_alloc(sizeof *layout);
        *layout = (NstLayout){
            .ctor = ctor,
            .name = ctor->name,
            .type_name = type->name,
            .index = ctor->index,
            .field_count = (uint32_t)ctor->field_count,
            .field_names = ctor->field_names,
            .is_record = ctor->is_record,
            .mutable_ = type->mutable_ || (type->reactive && ctor->is_record),
            .reactive = type->reactive && ctor->is_record,
            .own = own_bits(type),
            .type_id = type->id,
        };
        ctor->layout = layout;
    }
    const NstLayout *layout = ctor->layout;
    unlock();
    return layout;
}

bool nst_makes_cell(const NstCtor *ctor) {
    return ctor->type->reactive && !ctor->is_record;
}

const NstLayout *nst_layout_cell(NstTypeDecl *type) {
    static const NstName no_names[1] = { 0 };
    lock();
    if (!type->runtime) {
        NstLayout *layout = nst_code_alloc(sizeof *layout);
        *layout = (NstLayout){
            .ctor = type->ctors[0],
            .name = type->name,
            .type_name = type->name,
            .field_count = 1,
            .field_names = no_names,
            .mutable_ = true,
            .reactive = true,
            .own = own_bits(type),
            .type_id = type->id,
        };
        type->runtime = layout;
    }
    const NstLayout *layout = type->runtime;
    unlock();
    return layout;
}

// ---- Local functions ---------------------------------------------------------------------

NstLocalDef *nst_local_def(const NstLocal *local) {
    lock();
    NstLocalDef *def = NULL;
    if (defs.size > 0) {
        Key key = { .node = local };
        size_t at = hash_key(&key) & (defs.size - 1);
        while (defs.entries[at].value && !same_key(&defs.entries[at].key, &key)) at = (at + 1) & (defs.size - 1);
        def = defs.entries[at].value;
    }
    unlock();
    return def;
}

NstLocalDef *nst_local_def_add(NstLocal *local) {
    lock();
    void **slot = table_slot(&defs, &(Key){ .node = local });
    NstLocalDef *def = *slot;
    if (!def) {
        def = nst_code_alloc(sizeof *def);
        def->local = local;
        *slot = def;
    }
    unlock();
    return def;
}

uint32_t nst_link_global(const NstConst *binding, const NstInstance *instance) {
    lock();
    void **slot = table_slot(&globals, &(Key){ .node = binding, .instance = instance });
    if (!*slot) *slot = (void *)(uintptr_t)++global_count;
    uint32_t number = (uint32_t)(uintptr_t)*slot - 1;
    unlock();
    return number;
}

// ---- Links -------------------------------------------------------------------------------

static char *join_text(const char *a, const char *b) {
    char *text = nst_code_alloc(strlen(a) + strlen(b) + 1);
    strcpy(text, a);
    strcat(text, b);
    return text;
}

// The link for the key, and whether it is new (then the caller fills it in). The lock is held.
static NstLink *link_for(NstUnitKind kind, const void *node, const void *instance, uint32_t index, bool *fresh) {
    void **slot = table_slot(&units, &(Key){ .node = node, .instance = instance, .kind = kind, .index = index });
    *fresh = !*slot;
    if (*fresh) {
        NstLink *link = nst_code_alloc(sizeof *link);
        link->kind = kind;
        link->node = node;
        link->index = index;
        link->name = "";
        *slot = link;
    }
    return *slot;
}

static void set_captures(NstLink *link, NstLocal **captures, size_t count) {
    link->captures = captures;
    link->capture_count = (uint16_t)count;
}

static void set_body_captures(NstLink *link, const NstBody *body) {
    NstLocal **captures = nst_code_alloc((body->capture_count + 1) * sizeof *captures);
    size_t count = nst_codegen_captures(body, NULL, captures, 0);
    set_captures(link, captures, count);
}

static const char *outer_name(const NstInstance *instance, const NstLink *parent) {
    if (instance && instance->fn) return nst_function_display_name(instance->fn);
    while (parent && parent->parent) parent = parent->parent;
    return parent ? parent->name : "initialiser";
}

NstLink *nst_link_instance(const NstInstance *instance) {
    NstFunction *fn = instance->fn;
    bool primitive = fn->extern_name.data != NULL;
    lock();
    bool fresh;
    NstLink *link = link_for(primitive ? NST_UNIT_PRIMITIVE : NST_UNIT_FUNCTION, fn, primitive ? NULL : instance, 0,
                             &fresh);
    if (fresh) {
        link->program = instance->program;
        link->instance = instance;
        link->param_count = (uint16_t)fn->param_count;
        link->name = nst_function_display_name(fn);
    }
    unlock();
    return link;
}

NstLink *nst_link_default(const NstInstance *instance, uint32_t index, const NstLocalDef *def, const NstLink *parent) {
    lock();
    bool fresh;
    NstLink *link = link_for(NST_UNIT_DEFAULT, def ? (const void *)def : instance->fn, instance, index, &fresh);
    if (fresh) {
        link->program = instance->program;
        link->instance = instance;
        link->param_count = (uint16_t)index;
        link->def = def;
        link->parent = parent;
        link->name = join_text("default value in ",
                               def ? nst_name_text(def->local->name) : nst_function_display_name(instance->fn));
        if (def) set_captures(link, def->captures, def->capture_count);
    }
    unlock();
    return link;
}

NstLink *nst_link_lambda(const NstInstance *instance, const NstLambda *lambda, const NstLink *parent) {
    lock();
    bool fresh;
    NstLink *link = link_for(NST_UNIT_LAMBDA, lambda, instance, 0, &fresh);
    if (fresh) {
        link->program = parent->program;
        link->instance = instance;
        link->parent = parent;
        link->param_count = (uint16_t)lambda->param_count;
        link->name = join_text("<lambda> in ", outer_name(instance, parent));
        set_body_captures(link, lambda->body);
    }
    unlock();
    return link;
}

NstLink *nst_link_local(const NstInstance *instance, const NstLocalDef *def, const NstLink *parent) {
    lock();
    bool fresh;
    NstLink *link = link_for(NST_UNIT_LOCAL, def, instance, 0, &fresh);
    if (fresh) {
        link->program = parent->program;
        link->instance = instance;
        link->parent = parent;
        link->def = def;
        size_t params = def->clauses ? def->clauses[0]->param_count : def->value->lambda->param_count;
        link->param_count = (uint16_t)params;
        link->name = def->clauses ? nst_name_text(def->local->name)
                                  : join_text("<lambda> in ", outer_name(instance, parent));
        set_captures(link, def->captures, def->capture_count);
    }
    unlock();
    return link;
}

NstLink *nst_link_body(const NstInstance *instance, const NstExpr *spawn, const NstLink *parent) {
    lock();
    bool fresh;
    NstLink *link = link_for(NST_UNIT_BODY, spawn, instance, 0, &fresh);
    if (fresh) {
        link->program = parent->program;
        link->instance = instance;
        link->parent = parent;
        link->name = join_text("<lambda> in ", outer_name(instance, parent));
        set_body_captures(link, spawn->spawn.body);
    }
    unlock();
    return link;
}

NstLink *nst_link_mvar(NstProgram *program, NstMvar *mvar) {
    lock();
    bool fresh;
    NstLink *link = link_for(NST_UNIT_MVAR, mvar, NULL, 0, &fresh);
    if (fresh) {
        link->program = program;
        link->name = join_text("initialiser of ", nst_name_text(mvar->name));
    }
    unlock();
    return link;
}

NstLink *nst_link_ctor(NstProgram *program, NstCtor *ctor) {
    lock();
    bool fresh;
    NstLink *link = link_for(NST_UNIT_CTOR, ctor, NULL, 0, &fresh);
    if (fresh) {
        link->program = program;
        link->param_count = (uint16_t)ctor->field_count;
        link->name = nst_name_text(ctor->name);
    }
    unlock();
    return link;
}

NstLink *nst_link_adapted(NstLink *original, bool negate, bool swap) {
    lock();
    bool fresh;
    NstLink *link = link_for(NST_UNIT_ADAPTED, original, NULL, (negate ? 1u : 0u) | (swap ? 2u : 0u), &fresh);
    if (fresh) {
        link->program = original->program;
        link->instance = original->instance;
        link->param_count = original->param_count;
        link->name = original->name;
    }
    unlock();
    return link;
}

NstLink *nst_link_filled(const NstInstance *instance, const NstTarget *target, uint32_t arg_count) {
    lock();
    bool fresh;
    NstLink *link = link_for(NST_UNIT_FILLED, target, NULL, arg_count, &fresh);
    if (fresh) {
        link->program = instance->program;
        link->instance = instance;
        link->param_count = (uint16_t)arg_count;
        link->name = nst_function_display_name(instance->fn);
    }
    unlock();
    return link;
}

static const NstInstance *unknown_instance(NstProgram *program, NstFunction *fn) {
    size_t count = fn->scheme ? fn->scheme->param_count : 0;
    NstType **subst = nst_code_alloc((count + 1) * sizeof *subst);
    for (size_t i = 0; i < count; i++) subst[i] = (NstType *)(uintptr_t)nst_program_any(program);
    const NstInstance *instance = nst_instance_get(program, fn, subst);
    free(subst);
    return instance;
}

NstValue nst_link_value(NstProgram *program, NstFunction *fn) {
    NstLink *link = nst_link_instance(unknown_instance(program, fn));
    return (NstValue){ .w.link = link, .tag = NST_TAG_FUNCTION };
}

NstLink *nst_link_library(NstProgram *program, const char *qualified) {
    NstFunction *fn = nst_program_library_function(program, qualified);
    return fn ? nst_link_instance(unknown_instance(program, fn)) : NULL;
}

NstValue nst_link_boot(NstProgram *program, NstFunction *entry) {
    lock();
    bool fresh;
    NstLink *link = link_for(NST_UNIT_BOOT, entry, program, 0, &fresh);
    if (fresh) {
        link->program = program;
        link->name = "start";
    }
    unlock();
    return (NstValue){ .w.link = link, .tag = NST_TAG_FUNCTION };
}

const char *nst_link_name(const NstLink *link) {
    switch (link->kind) {
    case NST_UNIT_FUNCTION:
    case NST_UNIT_PRIMITIVE: return nst_name_text(link->instance->fn->name);
    case NST_UNIT_LOCAL: return link->def->clauses ? nst_name_text(link->def->local->name) : NULL;
    case NST_UNIT_CTOR: return link->name;
    default: return NULL;
    }
}

const NstCode *nst_link_compile(NstLink *link) {
    lock();
    const NstCode *code = __atomic_load_n((const NstCode *const *)&link->code, __ATOMIC_RELAXED); // under the lock
    if (!code) {
        code = nst_codegen_compile(link);
        // release: the code's contents are visible to whoever reads the pointer with acquire (nst_link_code)
        __atomic_store_n((const NstCode **)&link->code, code, __ATOMIC_RELEASE);
    }
    unlock();
    return code;
}
