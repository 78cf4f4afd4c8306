// The module nostos_tls: TLS by OpenSSL, loaded by runtime/tls.c when the first connection needs it.
#include "runtime/tls.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct NstTls {
    SSL *ssl;
};

static SSL_CTX *context;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void make_context(void) {
    context = SSL_CTX_new(TLS_client_method());
    if (!context) return;
    SSL_CTX_set_default_verify_paths(context);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, 0);
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
}

static void describe(const SSL *ssl, char *detail) {
    long verified = ssl ? SSL_get_verify_result(ssl) : X509_V_OK;
    unsigned long error = ERR_get_error();
    if (verified != X509_V_OK) snprintf(detail, 256, "certificate: %s", X509_verify_cert_error_string(verified));
    else if (error) ERR_error_string_n(error, detail, 256);
    else snprintf(detail, 256, "TLS handshake failed");
}

static NstTls *tls_open(int fd, const char *host, char *detail) {
    pthread_once(&once, make_context);
    SSL *ssl = context ? SSL_new(context) : 0;
    bool ready = ssl && SSL_set_tlsext_host_name(ssl, host) == 1 && SSL_set1_host(ssl, host) == 1 &&
                 SSL_set_fd(ssl, fd) == 1 && SSL_connect(ssl) == 1;
    if (!ready) {
        describe(ssl, detail);
        SSL_free(ssl);
        return 0;
    }
    NstTls *tls = malloc(sizeof *tls);
    if (!tls) abort();
    tls->ssl = ssl;
    return tls;
}

static void tls_close(NstTls *tls) {
    if (!tls) return;
    SSL_shutdown(tls->ssl);
    SSL_free(tls->ssl);
    free(tls);
}

static int64_t tls_send(NstTls *tls, const char *data, size_t size) {
    size_t written = 0;
    return size == 0 || SSL_write_ex(tls->ssl, data, size, &written) == 1 ? (int64_t)written : -1;
}

static int64_t tls_receive(NstTls *tls, char *to, size_t most) {
    size_t count = 0;
    if (SSL_read_ex(tls->ssl, to, most, &count) == 1) return (int64_t)count;
    int error = SSL_get_error(tls->ssl, 0);
    return error == SSL_ERROR_ZERO_RETURN || error == SSL_ERROR_SYSCALL ? 0 : -1;
}

const NstTlsModule nst_tls_module = { tls_open, tls_close, tls_send, tls_receive };
