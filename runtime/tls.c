#include "runtime/tls.h"

#include <stdio.h>

#include "runtime/module.h"

static const NstTlsModule *module(void) { return nst_module_symbol("nostos_tls", "nst_tls_module"); }

NstTls *nst_tls_open(int fd, const char *host, char *detail) {
    const NstTlsModule *tls = module();
    if (tls) return tls->open(fd, host, detail);
    snprintf(detail, 256, "the module nostos_tls is not installed beside nostos");
    return NULL;
}

// A connection exists only if the module does.
void nst_tls_close(NstTls *tls) {
    if (tls) module()->close(tls);
}

int64_t nst_tls_send(NstTls *tls, const char *data, size_t size) { return module()->send(tls, data, size); }

int64_t nst_tls_receive(NstTls *tls, char *to, size_t most) { return module()->receive(tls, to, most); }
