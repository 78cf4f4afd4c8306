#include "runtime/exit_reason.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "frontend/arena.h"
#include "runtime/link.h"
#include "runtime/vm_state.h"

NstExitReason nst_exit_error(const char *text) {
    return (NstExitReason){ .kind = NST_EXIT_ERROR, .text = nst_strdup(text) };
}

NstExitReason nst_exit_copy(const NstExitReason *reason) {
    return (NstExitReason){ .kind = reason->kind, .text = reason->text ? nst_strdup(reason->text) : NULL };
}

void nst_exit_free(NstExitReason *reason) {
    free(reason->text);
    *reason = (NstExitReason){ 0 };
}

// ---- The library's types ----------------------------------------------------------------

// The constructors of stdlib.process, whatever the program's own names are.
struct NstExitLayouts {
    const NstLayout *reasons[4]; // by NstExitKind
    const NstLayout *down, *exit;
};

static const NstLayout *layout_of(NstProgram *program, const char *type_name, const char *ctor_name) {
    NstTypeDecl *type = nst_program_type(program, NULL, type_name);
    NstName wanted = nst_name_z(ctor_name);
    for (size_t i = 0; type && i < type->ctor_count; i++) {
        if (type->ctors[i]->name == wanted) return nst_layout_of(type->ctors[i]);
    }
    fprintf(stderr, "nostos: the library has no constructor %s of %s\n", ctor_name, type_name);
    abort();
}

static const struct NstExitLayouts *layouts(NstVm *vm) {
    // acquire pairs with the compare-and-swap below: the table is filled.
    const struct NstExitLayouts *known = atomic_load_explicit(&vm->exit_layouts, memory_order_acquire);
    if (known) return known;
    struct NstExitLayouts *made = nst_calloc(1, sizeof *made);
    made->reasons[NST_EXIT_NORMAL] = layout_of(vm->program, "stdlib.process.ExitReason", "Normal");
    made->reasons[NST_EXIT_SHUTDOWN] = layout_of(vm->program, "stdlib.process.ExitReason", "Shutdown");
    made->reasons[NST_EXIT_KILLED] = layout_of(vm->program, "stdlib.process.ExitReason", "Killed");
    made->reasons[NST_EXIT_ERROR] = layout_of(vm->program, "stdlib.process.ExitReason", "Error");
    made->down = layout_of(vm->program, "stdlib.process.Down", "Down");
    made->exit = layout_of(vm->program, "stdlib.process.Exit", "Exit");
    if (atomic_compare_exchange_strong_explicit(&vm->exit_layouts, &known, made, memory_order_acq_rel,
                                                memory_order_acquire)) {
        return made;
    }
    free(made); // another worker was first; layouts are the same
    return known;
}

static NstObject *new_data(NstProcess *process, const NstLayout *layout) {
    NstObject *object = nst_heap_slots(process, NST_KIND_DATA, layout->field_count);
    ((NstData *)object)->layout = layout;
    return object;
}

NstValue nst_exit_to_value(NstProcess *process, const NstExitReason *reason) {
    const NstLayout *layout = layouts(process->vm)->reasons[reason->kind];
    if (reason->kind != NST_EXIT_ERROR) return nst_ctor(layout);
    NstValue text = nst_string_z(process, reason->text);
    NstObject *object = new_data(process, layout);
    nst_slot_init(object, 0, text);
    return nst_object(object);
}

bool nst_exit_from_value(NstVm *vm, NstValue value, NstExitReason *out) {
    const NstLayout *const *reasons = layouts(vm)->reasons;
    if (value.tag == NST_TAG_CTOR) {
        for (NstExitKind kind = NST_EXIT_NORMAL; kind < NST_EXIT_ERROR; kind++) {
            if (value.w.layout != reasons[kind]) continue;
            *out = (NstExitReason){ .kind = kind };
            return true;
        }
        return false;
    }
    if (!nst_is_kind(value, NST_KIND_DATA)) return false;
    if (((const NstData *)value.w.o)->layout != reasons[NST_EXIT_ERROR]) return false;
    NstValue text = nst_slot(value.w.o, 0);
    if (!nst_is_kind(text, NST_KIND_STRING)) return false;
    *out = nst_exit_error(((const NstString *)text.w.o)->bytes);
    return true;
}

NstValue nst_exit_down(NstProcess *process, uint64_t ref, NstPid pid, const NstExitReason *reason) {
    NstValue why = nst_exit_to_value(process, reason);
    NstObject *down = new_data(process, layouts(process->vm)->down);
    nst_slot_init(down, 0, (NstValue){ .w.u = ref, .tag = NST_TAG_REF });
    nst_slot_init(down, 1, (NstValue){ .w.u = pid, .tag = NST_TAG_PID });
    nst_slot_init(down, 2, why);
    return nst_object(down);
}

NstValue nst_exit_message(NstProcess *process, NstPid pid, const NstExitReason *reason) {
    NstValue why = nst_exit_to_value(process, reason);
    NstObject *message = new_data(process, layouts(process->vm)->exit);
    nst_slot_init(message, 0, (NstValue){ .w.u = pid, .tag = NST_TAG_PID });
    nst_slot_init(message, 1, why);
    return nst_object(message);
}
