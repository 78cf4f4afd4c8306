// Names of processes (Process.register). One table a run under one lock; a process frees its names when it ends.
#ifndef NST_REGISTRY_H
#define NST_REGISTRY_H

#include "runtime/process.h"

typedef struct NstRegistry NstRegistry;

NstRegistry *nst_registry_new(void);
void nst_registry_free(NstRegistry *registry);

// False if the name is taken or `pid` has ended.
bool nst_registry_add(NstVm *vm, const char *name, size_t size, NstPid pid);
bool nst_registry_remove(NstRegistry *registry, const char *name, size_t size);
NstPid nst_registry_find(NstRegistry *registry, const char *name, size_t size); // 0: none
// Names in the order of registration, for the process's heap.
NstValue nst_registry_names(NstProcess *process);
// The process ends: its names are free, it gets no new ones.
void nst_registry_forget(NstRegistry *registry, NstProcess *process);

#endif
