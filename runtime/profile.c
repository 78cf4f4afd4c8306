// See profile.h.
#include "runtime/profile.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "frontend/frontend.h"
#include "runtime/codegen.h"
#include "runtime/event_trace.h"
#include "runtime/id_map.h"
#include "runtime/link.h"
#include "runtime/output.h"
#include "runtime/text_buffer.h"
#include "runtime/vm_state.h"

// What all processes together have spent in one unit. Counters are relaxed: they are read when the processes have stopped.
typedef struct Unit {
    const NstLink *link;
    _Atomic uint64_t calls, total, self; // nanoseconds
    struct Unit *next;
} Unit;

typedef struct Entry {
    Unit *unit;
    uint32_t depth;        // number of callers
    bool outermost;        // of its unit
    uint64_t start, inner; // inner: time of its callees
} Entry;

typedef struct NstProfile {
    Entry *entries;
    size_t count, size;
    NstIdMap active; // unit -> how many of its activations are open
} NstProfile;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static Unit *units; // guarded by lock
static bool observes;

void nst_profile_begin(const NstVm *vm) {
    observes = vm->options.profile || (vm->options.trace & NST_TRACE_CALL);
}

bool nst_profile_observes(void) {
    return observes;
}

static uint64_t now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static Unit *unit_of(NstLink *link) {
    // acquire: pairs with the release below; the unit is complete once published
    Unit *unit = __atomic_load_n((Unit **)&link->profile, __ATOMIC_ACQUIRE);
    if (unit) return unit;
    pthread_mutex_lock(&lock);
    unit = __atomic_load_n((Unit **)&link->profile, __ATOMIC_RELAXED); // under the lock
    if (!unit) {
        unit = nst_code_alloc(sizeof *unit);
        unit->link = link;
        unit->next = units;
        units = unit;
        __atomic_store_n((Unit **)&link->profile, unit, __ATOMIC_RELEASE);
    }
    pthread_mutex_unlock(&lock);
    return unit;
}

static NstProfile *profile_of(NstProcess *process) {
    if (!process->exec.profile) process->exec.profile = nst_code_alloc(sizeof(NstProfile));
    return process->exec.profile;
}

static uint64_t id_of(const Unit *unit) {
    return (uint64_t)(uintptr_t)unit;
}

static void add(_Atomic uint64_t *counter, uint64_t amount) {
    atomic_fetch_add_explicit(counter, amount, memory_order_relaxed);
}

// Ends the activations at `depth` and deeper.
static void close_from(NstProfile *profile, uint32_t depth, uint64_t time) {
    while (profile->count > 0 && profile->entries[profile->count - 1].depth >= depth) {
        const Entry entry = profile->entries[--profile->count];
        uint64_t total = time - entry.start, active = 0;
        add(&entry.unit->self, total - entry.inner);
        if (entry.outermost) add(&entry.unit->total, total);
        if (profile->count > 0) profile->entries[profile->count - 1].inner += total;
        nst_id_map_get(&profile->active, id_of(entry.unit), &active);
        nst_id_map_put(&profile->active, id_of(entry.unit), active - 1);
    }
}

void nst_profile_enter(NstProcess *process, const NstCode *code, const NstValue *args) {
    if (nst_event_traced(process->vm, NST_TRACE_CALL)) {
        const NstInstance *instance = code->link->instance;
        bool library = instance && instance->fn && instance->fn->library;
        if (!library) nst_event_call(process, code->link->name, args, code->param_count);
    }
    if (!process->vm->options.profile) return;
    NstProfile *profile = profile_of(process);
    uint64_t time = now(), active = 0;
    close_from(profile, process->exec.frame_count, time);
    Unit *unit = unit_of(code->link);
    add(&unit->calls, 1);
    nst_id_map_get(&profile->active, id_of(unit), &active);
    nst_id_map_put(&profile->active, id_of(unit), active + 1);
    if (profile->count == profile->size) {
        profile->size = profile->size ? profile->size * 2 : 64;
        Entry *bigger = nst_code_alloc(profile->size * sizeof *bigger);
        if (profile->count > 0) memcpy(bigger, profile->entries, profile->count * sizeof *bigger);
        free(profile->entries);
        profile->entries = bigger;
    }
    profile->entries[profile->count++] = (Entry){ unit, process->exec.frame_count, active == 0, time, 0 };
}

void nst_profile_leave(NstProcess *process) {
    if (process->exec.profile) close_from(process->exec.profile, process->exec.frame_count, now());
}

void nst_profile_free(NstProcess *process) {
    NstProfile *profile = process->exec.profile;
    if (!profile) return;
    close_from(profile, 0, now());
    free(profile->entries);
    nst_id_map_free(&profile->active);
    free(profile);
    process->exec.profile = NULL;
}

// ---- The table ---------------------------------------------------------------------------

typedef struct Row {
    char name[128];
    uint64_t calls, total, self;
} Row;

static int by_self_time(const void *a, const void *b) {
    const Row *x = a, *y = b;
    if (x->self != y->self) return x->self < y->self ? 1 : -1;
    return strcmp(x->name, y->name);
}

enum { NAME_WIDTH = 40 };

// Functions by name, lambdas and the like by place; long names lose their beginning.
static void row_name(const NstProgram *program, const Unit *unit, char *out, size_t size) {
    const NstLink *link = unit->link;
    char name[512];
    snprintf(name, sizeof name, "%s", link->name);
    NstPlace place;
    if (link->code && link->name[0] == '<' && link->code->span_count > 0 &&
        nst_place(program, link->code->spans[0].span, &place)) {
        const char *slash = strrchr(place.path, '/');
        int width = (int)(strchr(link->name, '>') - link->name) + 1;
        snprintf(name, sizeof name, "%.*s %s:%u", width, link->name, slash ? slash + 1 : place.path, place.line);
    }
    size_t length = strlen(name);
    if (length > NAME_WIDTH) {
        snprintf(out, size, "...%s", name + length - (NAME_WIDTH - 3));
    } else {
        snprintf(out, size, "%s", name);
    }
}

void nst_profile_write(NstVm *vm) {
    if (!vm->options.profile) return;
    size_t count = 0, i = 0;
    pthread_mutex_lock(&lock);
    for (const Unit *unit = units; unit; unit = unit->next) count++;
    Row *rows = nst_code_alloc((count + 1) * sizeof *rows);
    for (const Unit *unit = units; unit; unit = unit->next, i++) {
        row_name(vm->program, unit, rows[i].name, sizeof rows[i].name);
        rows[i].calls = atomic_load_explicit(&unit->calls, memory_order_relaxed);
        rows[i].total = atomic_load_explicit(&unit->total, memory_order_relaxed);
        rows[i].self = atomic_load_explicit(&unit->self, memory_order_relaxed);
    }
    pthread_mutex_unlock(&lock);
    qsort(rows, count, sizeof *rows, by_self_time);
    NstTextBuffer out = NST_TEXT_BUFFER_INIT;
    nst_text_printf(&out, "%-*s %10s%12s%12s%13s\n", NAME_WIDTH, "Function", "Calls", "Total ms", "Self ms", "Avg µs");
    for (i = 0; i < count; i++) {
        double calls = rows[i].calls > 0 ? (double)rows[i].calls : 1;
        nst_text_printf(&out, "%-*s %10" PRIu64 "%12.3f%12.3f%12.3f\n", NAME_WIDTH, rows[i].name, rows[i].calls,
                        (double)rows[i].total / 1e6, (double)rows[i].self / 1e6, (double)rows[i].total / 1e3 / calls);
    }
    nst_output_write(vm, 2, out.data, out.size);
    nst_text_free(&out);
    free(rows);
}
