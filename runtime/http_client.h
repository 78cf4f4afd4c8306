// The HTTP client: one request, redirects followed; blocking, for the pool.
#ifndef NST_HTTP_CLIENT_H
#define NST_HTTP_CLIENT_H

#include "runtime/http_message.h"
#include "runtime/os_job.h"

typedef struct NstUrl {
    bool secure;
    char *host;
    int port;
    char *target; // path and query
} NstUrl;

// scheme://host[:port][/path][?query]; `plain` and `secure` are the schemes. False if malformed.
bool nst_url_parse(const char *text, const char *plain, const char *secure, NstUrl *url);
void nst_url_free(NstUrl *url);

// job->path: the URL; path2: the method; input: further header lines; output2: the body to be sent.
// Result: `subject`, a NstHttpReader with the answer, for the caller to free.
void nst_http_request(NstOsJob *job);

// A stream to a server: plain or by TLS.
typedef struct NstStream {
    int fd;
    struct NstTls *tls; // null: plain
} NstStream;

enum { NST_STREAM_MS = 30000 };
// Failures set the job's message: "Connection failed: …", "HTTP error: …", "Operation timed out".
bool nst_stream_open(NstOsJob *job, const NstUrl *url, NstStream *stream);
void nst_stream_close(NstStream *stream);
bool nst_stream_send(NstStream *stream, const char *data, size_t size);
int64_t nst_stream_receive(NstStream *stream, NstTextBuffer *to, size_t most); // as nst_tcp_receive, but waits

#endif
