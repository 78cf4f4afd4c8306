#include "runtime/lib_state.h"

#include <pthread.h>
#include <stdlib.h>

#include "runtime/environment.h"
#include "runtime/handles.h"
#include "runtime/http_server.h"
#include "runtime/random.h"

static pthread_mutex_t making = PTHREAD_MUTEX_INITIALIZER;

static void free_state(void *library) {
    NstLibState *state = library;
    nst_handles_free(state->writers);
    nst_handles_free(state->websockets);
    nst_handles_free(state->servers);
    nst_handles_free(state->requests);
    nst_handles_free(state->sockets);
    nst_handles_free(state->commands);
    nst_handles_free(state->files);
    nst_environment_free(state->environment);
    nst_random_free(state->random);
    free(state->json);
    free(state);
}

NstLibState *nst_lib_state(NstVm *vm) {
    // acquire: pairs with the release below, so that the state is seen complete
    NstLibState *state = __atomic_load_n(&vm->library, __ATOMIC_ACQUIRE);
    if (state) return state;
    pthread_mutex_lock(&making);
    state = vm->library;
    if (!state) {
        state = calloc(1, sizeof *state);
        if (!state) abort();
        state->random = nst_random_new(vm);
        state->environment = nst_environment_new();
        state->files = nst_handles_new();
        state->commands = nst_handles_new();
        state->sockets = nst_handles_new();
        state->servers = nst_handles_new();
        state->requests = nst_handles_new();
        state->websockets = nst_handles_new();
        state->writers = nst_handles_new();
        vm->library_free = free_state;
        // release: pairs with the acquire above
        __atomic_store_n(&vm->library, state, __ATOMIC_RELEASE);
    }
    pthread_mutex_unlock(&making);
    return state;
}

void nst_lib_process_failed(NstVm *vm, NstPid pid) {
    // acquire: as in nst_lib_state; a program without servers has no state to look into
    NstLibState *state = __atomic_load_n(&vm->library, __ATOMIC_ACQUIRE);
    if (state) nst_http_server_close_owned(state->servers, pid);
}
