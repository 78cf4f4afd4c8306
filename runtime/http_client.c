#include "runtime/http_client.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "runtime/tcp.h"
#include "runtime/tls.h"

enum { MAX_REDIRECTS = 10, CHUNK = 65536 };

// ---- URLs --------------------------------------------------------------------------------

static char *slice(const char *text, size_t size) {
    char *out = malloc(size + 1);
    if (!out) abort();
    memcpy(out, text, size);
    out[size] = 0;
    return out;
}

// The part behind "scheme://", or null.
static const char *after_scheme(const char *text, const char *scheme) {
    size_t size = strlen(scheme);
    return strncasecmp(text, scheme, size) == 0 && strncmp(text + size, "://", 3) == 0 ? text + size + 3 : 0;
}

bool nst_url_parse(const char *text, const char *plain, const char *secure, NstUrl *url) {
    const char *rest = after_scheme(text, plain);
    *url = (NstUrl){ .secure = !rest };
    if (!rest) rest = after_scheme(text, secure);
    if (!rest) return false;
    size_t authority = strcspn(rest, "/?#");
    const char *at = memchr(rest, '@', authority);
    const char *host = at ? at + 1 : rest, *end = rest + authority, *host_end = end;
    if (*host == '[') { // IPv6
        const char *close = memchr(host, ']', (size_t)(end - host));
        if (!close) return false;
        host++;
        host_end = close;
        end = close[1] == ':' ? close + 1 : end;
    } else {
        const char *colon = memchr(host, ':', (size_t)(end - host));
        if (colon) host_end = end = colon;
    }
    url->port = url->secure ? 443 : 80;
    if (end < rest + authority && *end == ':') {
        char *digits_end;
        long port = strtol(end + 1, &digits_end, 10);
        if (digits_end != rest + authority || port < 1 || port > 65535) return false;
        url->port = (int)port;
    }
    if (host_end == host) return false;
    for (const char *c = text; *c; c++) {
        if (isspace((unsigned char)*c) || iscntrl((unsigned char)*c)) return false;
    }
    url->host = slice(host, (size_t)(host_end - host));
    const char *target = rest + authority;
    size_t size = strcspn(target, "#");
    bool slash = *target == '/';
    url->target = malloc(size + 2);
    if (!url->target) abort();
    if (!slash) url->target[0] = '/';
    memcpy(url->target + !slash, target, size);
    url->target[size + !slash] = 0;
    return true;
}

void nst_url_free(NstUrl *url) {
    free(url->host);
    free(url->target);
    *url = (NstUrl){ 0 };
}

// ---- Streams -----------------------------------------------------------------------------

static void connection_failed(NstOsJob *job, int error, const char *detail) {
    NstTextBuffer text = NST_TEXT_BUFFER_INIT;
    if (detail) nst_text_append_z(&text, detail);
    else nst_os_error_text(&text, error);
    if (error == ETIMEDOUT) nst_os_job_message(job, "Operation timed out");
    else nst_os_job_message(job, "Connection failed: %.*s", (int)text.size, text.data);
    nst_text_free(&text);
}

bool nst_stream_open(NstOsJob *job, const NstUrl *url, NstStream *stream) {
    const char *detail;
    *stream = (NstStream){ .fd = nst_tcp_connect(url->host, url->port, NST_STREAM_MS, &detail) };
    if (stream->fd < 0) {
        connection_failed(job, -stream->fd, detail);
        return false;
    }
    struct timeval limit = { .tv_sec = NST_STREAM_MS / 1000 };
    setsockopt(stream->fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    setsockopt(stream->fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    if (!url->secure) return true;
    char why[256];
    stream->tls = nst_tls_open(stream->fd, url->host, why);
    if (stream->tls) return true;
    nst_os_job_message(job, "Connection failed: %s", why);
    close(stream->fd);
    return false;
}

void nst_stream_close(NstStream *stream) {
    nst_tls_close(stream->tls);
    close(stream->fd);
}

bool nst_stream_send(NstStream *stream, const char *data, size_t size) {
    if (stream->tls) return nst_tls_send(stream->tls, data, size) >= 0;
    while (size > 0) {
        ssize_t count = send(stream->fd, data, size, MSG_NOSIGNAL);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return false;
        data += count;
        size -= (size_t)count;
    }
    return true;
}

int64_t nst_stream_receive(NstStream *stream, NstTextBuffer *to, size_t most) {
    if (!nst_text_reserve(to, most)) return -ENOMEM;
    int64_t count;
    if (stream->tls) {
        count = nst_tls_receive(stream->tls, to->data + to->size, most);
        if (count < 0) return -EIO;
    } else {
        do count = recv(stream->fd, to->data + to->size, most, 0);
        while (count < 0 && errno == EINTR);
        if (count < 0) return -errno;
    }
    to->size += (size_t)count;
    return count;
}

// ---- Requests ----------------------------------------------------------------------------

static void append_request(NstTextBuffer *out, const NstOsJob *job, const char *method, const NstUrl *url, bool body) {
    bool default_port = url->port == (url->secure ? 443 : 80), ipv6 = strchr(url->host, ':') != 0;
    nst_text_printf(out, "%s %s HTTP/1.1\r\nHost: %s%s%s", method, url->target, ipv6 ? "[" : "", url->host, ipv6 ? "]" : "");
    if (!default_port) nst_text_printf(out, ":%d", url->port);
    nst_text_append_z(out, "\r\nUser-Agent: nostos\r\nAccept: */*\r\nConnection: close\r\n");
    nst_text_append(out, job->input.data, job->input.size);
    bool carries = body && (job->output2.size > 0 || strcmp(method, "POST") == 0 || strcmp(method, "PUT") == 0 ||
                            strcmp(method, "PATCH") == 0);
    if (carries) nst_text_printf(out, "Content-Length: %zu\r\n", job->output2.size);
    nst_text_append_z(out, "\r\n");
    if (carries) nst_text_append(out, job->output2.data, job->output2.size);
}

// One exchange; the answer is in `reader`.
static bool exchange(NstOsJob *job, const char *method, const NstUrl *url, bool body, NstHttpReader *reader) {
    NstStream stream;
    if (!nst_stream_open(job, url, &stream)) return false;
    NstTextBuffer request = NST_TEXT_BUFFER_INIT, in = NST_TEXT_BUFFER_INIT;
    append_request(&request, job, method, url, body);
    nst_http_reader_init(reader, false);
    reader->no_body = strcmp(method, "HEAD") == 0;
    nst_stream_send(&stream, request.data, request.size); // a server may answer without reading everything
    NstHttpState state = reader->state;
    while (state != NST_HTTP_DONE && state != NST_HTTP_BAD) {
        int64_t count = nst_stream_receive(&stream, &in, CHUNK);
        if (count == -EAGAIN || count == -EWOULDBLOCK) {
            nst_os_job_message(job, "Operation timed out");
            break;
        }
        state = count > 0 ? nst_http_read(reader, &in) : nst_http_read_end(reader);
        if (count <= 0) break;
    }
    if (state != NST_HTTP_DONE && !nst_os_job_failed(job)) nst_os_job_message(job, "HTTP error: invalid response");
    nst_text_free(&request);
    nst_text_free(&in);
    nst_stream_close(&stream);
    if (!nst_os_job_failed(job)) return true;
    nst_http_reader_free(reader);
    return false;
}

// The URL that `location` means at `base`; malloc'ed.
static char *resolve_location(const NstUrl *base, const char *location) {
    if (strstr(location, "://")) return slice(location, strlen(location));
    NstTextBuffer out = NST_TEXT_BUFFER_INIT;
    const char *scheme = base->secure ? "https" : "http";
    if (strncmp(location, "//", 2) == 0) {
        nst_text_printf(&out, "%s:%s", scheme, location);
    } else if (*location == '/') {
        nst_text_printf(&out, "%s://%s:%d%s", scheme, base->host, base->port, location);
    } else {
        size_t path = strcspn(base->target, "?");
        while (path > 0 && base->target[path - 1] != '/') path--;
        nst_text_printf(&out, "%s://%s:%d%.*s%s", scheme, base->host, base->port, (int)path, base->target, location);
    }
    char *url = slice(out.data, out.size);
    nst_text_free(&out);
    return url;
}

static bool is_redirect(int status) { return status == 301 || status == 302 || status == 303 || status == 307 || status == 308; }

void nst_http_request(NstOsJob *job) {
    const char *method = job->path2;
    char *address = slice(job->path, strlen(job->path));
    bool body = true;
    for (int redirects = 0;; redirects++) {
        NstUrl url;
        NstHttpReader reader;
        if (!nst_url_parse(address, "http", "https", &url)) {
            nst_os_job_message(job, "HTTP error: invalid URL: %s", address);
            break;
        }
        bool answered = exchange(job, method, &url, body, &reader);
        const char *location = answered ? nst_http_header(&reader.message, "location") : 0;
        bool again = location && is_redirect(reader.message.status);
        if (answered && !again) {
            NstHttpReader *result = malloc(sizeof *result);
            if (!result) abort();
            *result = reader;
            job->subject = result;
        } else if (again) {
            char *next = resolve_location(&url, location);
            free(address);
            address = next;
            bool as_get = reader.message.status == 303 || (reader.message.status < 303 && strcmp(method, "POST") == 0);
            if (as_get && strcmp(method, "HEAD") != 0) {
                method = "GET";
                body = false;
            }
            nst_http_reader_free(&reader);
            if (redirects == MAX_REDIRECTS) nst_os_job_message(job, "HTTP error: too many redirects");
        }
        nst_url_free(&url);
        if (!again || nst_os_job_failed(job)) break;
    }
    free(address);
}
