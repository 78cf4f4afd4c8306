// TLS for clients, by OpenSSL: certificates are verified against the system's authorities.
//
// OpenSSL costs start-up time and memory, so it is linked only by a module (runtime/modules/tls.c) that is opened when the
// first connection needs it. Any thread.
#ifndef NST_TLS_H
#define NST_TLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct NstTls NstTls;

// Shakes hands on a blocking socket. Null: `detail` (256 bytes) says why.
NstTls *nst_tls_open(int fd, const char *host, char *detail);
void nst_tls_close(NstTls *tls);
int64_t nst_tls_send(NstTls *tls, const char *data, size_t size);   // all of it, or -1
int64_t nst_tls_receive(NstTls *tls, char *to, size_t most);        // 0 at the end, -1 on failure

// What the module exports under the name nst_tls_module.
typedef struct NstTlsModule {
    NstTls *(*open)(int fd, const char *host, char *detail);
    void (*close)(NstTls *tls);
    int64_t (*send)(NstTls *tls, const char *data, size_t size);
    int64_t (*receive)(NstTls *tls, char *to, size_t most);
} NstTlsModule;
extern const NstTlsModule nst_tls_module;

#endif
