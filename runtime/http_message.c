#include "runtime/http_message.h"

#include <ctype.h>
#include <stdlib.h>
#include <strings.h>

enum { MAX_HEAD = 1 << 20, MAX_LINE = 1 << 16 };

static char *copy(const char *text, size_t size) {
    char *out = malloc(size + 1);
    if (!out) abort();
    memcpy(out, text, size);
    out[size] = 0;
    return out;
}

void nst_http_reader_init(NstHttpReader *reader, bool request) {
    *reader = (NstHttpReader){ .request = request };
}

void nst_http_reader_free(NstHttpReader *reader) {
    NstHttpMessage *m = &reader->message;
    free(m->method);
    free(m->target);
    for (size_t i = 0; i < m->header_count; i++) {
        free(m->headers[i].name);
        free(m->headers[i].value);
    }
    free(m->headers);
    nst_text_free(&m->body);
    nst_http_reader_init(reader, reader->request);
}

const char *nst_http_header(const NstHttpMessage *m, const char *name) {
    for (size_t i = 0; i < m->header_count; i++) {
        if (strcmp(m->headers[i].name, name) == 0) return m->headers[i].value;
    }
    return 0;
}

bool nst_http_has_token(const char *value, const char *token) {
    size_t size = strlen(token);
    while (value && *value) {
        while (*value == ' ' || *value == ',' || *value == '\t') value++;
        size_t word = strcspn(value, ", \t;");
        if (word == size && strncasecmp(value, token, size) == 0) return true;
        value += strcspn(value, ",");
    }
    return false;
}

bool nst_http_keep_alive(const NstHttpMessage *m) {
    const char *connection = nst_http_header(m, "connection");
    if (nst_http_has_token(connection, "close")) return false;
    return !m->old || nst_http_has_token(connection, "keep-alive");
}

// ---- The head ----------------------------------------------------------------------------

static void add_header(NstHttpMessage *m, const char *line, size_t size) {
    const char *colon = memchr(line, ':', size);
    if (!colon || colon == line) return;
    const char *value = colon + 1, *end = line + size;
    while (value < end && (*value == ' ' || *value == '\t')) value++;
    while (end > value && (end[-1] == ' ' || end[-1] == '\t')) end--;
    m->headers = realloc(m->headers, (m->header_count + 1) * sizeof *m->headers);
    if (!m->headers) abort();
    NstHttpHeader *header = &m->headers[m->header_count++];
    header->name = copy(line, (size_t)(colon - line));
    for (char *c = header->name; *c; c++) *c = (char)tolower((unsigned char)*c);
    header->value = copy(value, (size_t)(end - value));
}

static bool request_line(NstHttpMessage *m, const char *line, size_t size) {
    const char *space = memchr(line, ' ', size);
    if (!space || space == line) return false;
    const char *target = space + 1, *end = line + size;
    const char *second = memchr(target, ' ', (size_t)(end - target));
    if (!second || second == target || end - second < 9 || strncmp(second + 1, "HTTP/1.", 7) != 0) return false;
    m->method = copy(line, (size_t)(space - line));
    m->target = copy(target, (size_t)(second - target));
    m->old = second[8] == '0';
    return true;
}

static bool status_line(NstHttpMessage *m, const char *line, size_t size) {
    if (size < 12 || strncmp(line, "HTTP/1.", 7) != 0 || line[8] != ' ') return false;
    m->old = line[7] == '0';
    m->status = 0;
    for (int i = 9; i < 12; i++) {
        if (!isdigit((unsigned char)line[i])) return false;
        m->status = m->status * 10 + (line[i] - '0');
    }
    return true;
}

// How long the body is follows from the head.
static NstHttpState body_state(NstHttpReader *r) {
    const NstHttpMessage *m = &r->message;
    if (!r->request && (r->no_body || m->status == 204 || m->status == 304 || m->status < 200)) return NST_HTTP_DONE;
    if (nst_http_has_token(nst_http_header(m, "transfer-encoding"), "chunked")) return NST_HTTP_CHUNK_SIZE;
    const char *length = nst_http_header(m, "content-length");
    if (!length) return r->request ? NST_HTTP_DONE : NST_HTTP_UNTIL_CLOSE;
    char *end;
    if (!isdigit((unsigned char)*length)) return NST_HTTP_BAD;
    r->left = strtoull(length, &end, 10);
    if (*end) return NST_HTTP_BAD;
    return r->left == 0 ? NST_HTTP_DONE : NST_HTTP_LENGTH;
}

static void consume(NstTextBuffer *in, size_t count) {
    in->size -= count;
    memmove(in->data, in->data + count, in->size);
}

static NstHttpState read_head(NstHttpReader *r, NstTextBuffer *in) {
    // Empty lines before a request are skipped.
    while (r->request && in->size >= 2 && in->data[0] == '\r' && in->data[1] == '\n') consume(in, 2);
    const char *end = 0, *start = in->data;
    for (const char *s = start; in->size > 0; s++) {
        s = memchr(s, '\n', (size_t)(start + in->size - s));
        if (!s) break;
        size_t left = (size_t)(start + in->size - s) - 1;
        if (left >= 1 && s[1] == '\n') end = s + 2;
        else if (left >= 2 && s[1] == '\r' && s[2] == '\n') end = s + 3;
        if (end || left == 0) break;
    }
    if (!end) return in->size > MAX_HEAD ? NST_HTTP_BAD : NST_HTTP_HEAD;
    bool first = true, ok = true;
    for (const char *line = start; line < end;) {
        const char *newline = memchr(line, '\n', (size_t)(end - line));
        size_t size = (size_t)(newline - line);
        if (size > 0 && line[size - 1] == '\r') size--;
        if (first) ok = r->request ? request_line(&r->message, line, size) : status_line(&r->message, line, size);
        else add_header(&r->message, line, size);
        first = false;
        line = newline + 1;
    }
    consume(in, (size_t)(end - start));
    if (!ok) return NST_HTTP_BAD;
    if (!r->request && r->message.status >= 100 && r->message.status < 200 && r->message.status != 101) {
        bool no_body = r->no_body; // an interim answer: the real one follows
        nst_http_reader_free(r);
        r->no_body = no_body;
        return NST_HTTP_HEAD;
    }
    return body_state(r);
}

// ---- The body ----------------------------------------------------------------------------

static void take_body(NstHttpReader *r, NstTextBuffer *in) {
    size_t count = in->size < r->left ? in->size : (size_t)r->left;
    nst_text_append(&r->message.body, in->data, count);
    consume(in, count);
    r->left -= count;
}

// Takes a line into `line` (without its end); false if it is not complete yet.
static bool take_line(NstTextBuffer *in, char line[64], bool *bad) {
    const char *newline = in->size > 0 ? memchr(in->data, '\n', in->size) : 0;
    if (!newline) {
        *bad = in->size > MAX_LINE;
        return false;
    }
    size_t size = (size_t)(newline - in->data), whole = size + 1;
    if (size > 0 && in->data[size - 1] == '\r') size--;
    size_t kept = size < 63 ? size : 63;
    memcpy(line, in->data, kept);
    line[kept] = 0;
    consume(in, whole);
    return true;
}

NstHttpState nst_http_read(NstHttpReader *r, NstTextBuffer *in) {
    char line[64], *end;
    bool bad = false;
    for (;;) {
        NstHttpState before = r->state;
        switch (r->state) {
        case NST_HTTP_HEAD:
            r->state = read_head(r, in);
            if (r->state == NST_HTTP_HEAD) return r->state;
            break;
        case NST_HTTP_LENGTH:
            take_body(r, in);
            if (r->left > 0) return r->state;
            r->state = NST_HTTP_DONE;
            break;
        case NST_HTTP_CHUNK_SIZE:
            if (!take_line(in, line, &bad)) return bad ? NST_HTTP_BAD : r->state;
            r->left = strtoull(line, &end, 16);
            if (end == line) r->state = NST_HTTP_BAD;
            else r->state = r->left > 0 ? NST_HTTP_CHUNK : NST_HTTP_TRAILER;
            break;
        case NST_HTTP_CHUNK:
            take_body(r, in);
            if (r->left > 0) return r->state;
            r->state = NST_HTTP_CHUNK_END;
            break;
        case NST_HTTP_CHUNK_END:
            if (!take_line(in, line, &bad)) return bad ? NST_HTTP_BAD : r->state;
            r->state = NST_HTTP_CHUNK_SIZE;
            break;
        case NST_HTTP_TRAILER:
            if (!take_line(in, line, &bad)) return bad ? NST_HTTP_BAD : r->state;
            if (!*line) r->state = NST_HTTP_DONE;
            break;
        case NST_HTTP_UNTIL_CLOSE:
            r->left = in->size;
            take_body(r, in);
            return r->state;
        default: return r->state;
        }
        if (r->state == before && in->size == 0) return r->state;
    }
}

NstHttpState nst_http_read_end(NstHttpReader *r) {
    if (r->state == NST_HTTP_UNTIL_CLOSE) r->state = NST_HTTP_DONE;
    return r->state == NST_HTTP_DONE ? NST_HTTP_DONE : NST_HTTP_BAD;
}

const char *nst_http_reason(int64_t status) {
    static const struct {
        int status;
        const char *reason;
    } reasons[] = {
        { 100, "Continue" }, { 101, "Switching Protocols" }, { 200, "OK" }, { 201, "Created" }, { 202, "Accepted" },
        { 204, "No Content" }, { 206, "Partial Content" }, { 301, "Moved Permanently" }, { 302, "Found" },
        { 303, "See Other" }, { 304, "Not Modified" }, { 307, "Temporary Redirect" }, { 308, "Permanent Redirect" },
        { 400, "Bad Request" }, { 401, "Unauthorized" }, { 403, "Forbidden" }, { 404, "Not Found" },
        { 405, "Method Not Allowed" }, { 406, "Not Acceptable" }, { 408, "Request Timeout" }, { 409, "Conflict" },
        { 410, "Gone" }, { 413, "Payload Too Large" }, { 415, "Unsupported Media Type" },
        { 422, "Unprocessable Entity" }, { 429, "Too Many Requests" }, { 500, "Internal Server Error" },
        { 501, "Not Implemented" }, { 502, "Bad Gateway" }, { 503, "Service Unavailable" }, { 504, "Gateway Timeout" },
    };
    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++) {
        if (reasons[i].status == status) return reasons[i].reason;
    }
    return "Status";
}
