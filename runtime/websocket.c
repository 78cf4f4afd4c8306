#include "runtime/websocket.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "runtime/digest.h"
#include "runtime/encoding.h"
#include "runtime/http_client.h"
#include "runtime/net_loop.h"
#include "runtime/tcp.h"

enum { OP_CONTINUE = 0, OP_TEXT = 1, OP_BINARY = 2, OP_CLOSE = 8, OP_PING = 9, OP_PONG = 10 };
enum { MAX_MESSAGE = 1 << 28, CHUNK = 65536 };

struct NstWebSocket {
    pthread_mutex_t lock;
    _Atomic uint32_t holders;
    int fd;
    bool client;
    bool close_sent, close_received, broken;
    NstTextBuffer in, out, message;
    uint64_t queued, sent; // bytes put into and sent out of `out`, since the beginning
};

NstWebSocket *nst_websocket_new(int fd, bool client, NstTextBuffer received) {
    NstWebSocket *s = calloc(1, sizeof *s);
    if (!s) abort();
    *s = (NstWebSocket){ .holders = 1, .fd = fd, .client = client, .in = received };
    pthread_mutex_init(&s->lock, 0);
    return s;
}

void nst_websocket_hold(NstWebSocket *s) { atomic_fetch_add_explicit(&s->holders, 1, memory_order_relaxed); }

void nst_websocket_release(void *socket) {
    NstWebSocket *s = socket;
    // acq_rel: the last holder sees what the others did
    if (atomic_fetch_sub_explicit(&s->holders, 1, memory_order_acq_rel) != 1) return;
    if (s->close_sent && !s->broken) nst_net_linger(s->fd);
    else close(s->fd);
    nst_text_free(&s->in);
    nst_text_free(&s->out);
    nst_text_free(&s->message);
    pthread_mutex_destroy(&s->lock);
    free(s);
}

int nst_websocket_fd(const NstWebSocket *s) { return s->fd; }

void nst_websocket_accept_key(NstTextBuffer *out, const char *key) {
    NstTextBuffer text = NST_TEXT_BUFFER_INIT;
    nst_text_printf(&text, "%s258EAFA5-E914-47DA-95CA-C5AB0DC85B11", key);
    uint8_t digest[20];
    nst_sha1(text.data, text.size, digest);
    nst_base64_encode(out, digest, sizeof digest);
    nst_text_free(&text);
}

// ---- Sending -----------------------------------------------------------------------------

static void put_locked(NstWebSocket *s, const char *bytes, size_t size) {
    nst_text_append(&s->out, bytes, size);
    s->queued += size;
}

static void put_frame_locked(NstWebSocket *s, int opcode, const char *payload, size_t size) {
    unsigned char head[14];
    size_t count = 2;
    head[0] = (unsigned char)(0x80 | opcode);
    if (size < 126) {
        head[1] = (unsigned char)size;
    } else {
        int bytes = size <= 0xFFFF ? 2 : 8;
        head[1] = bytes == 2 ? 126 : 127;
        for (int i = bytes - 1; i >= 0; i--) head[count++] = (unsigned char)(size >> (8 * i));
    }
    unsigned char mask[4] = { 0, 0, 0, 0 };
    if (s->client) {
        head[1] |= 0x80;
        ssize_t random = getrandom(mask, sizeof mask, 0); // without randomness the mask is zero, which is valid
        (void)random;
        memcpy(head + count, mask, 4);
        count += 4;
    }
    put_locked(s, (const char *)head, count);
    size_t start = s->out.size;
    put_locked(s, payload, size);
    if (s->client && !s->out.failed) {
        for (size_t i = 0; i < size; i++) s->out.data[start + i] = (char)((unsigned char)s->out.data[start + i] ^ mask[i % 4]);
    }
}

// Sends what the socket takes.
static void send_locked(NstWebSocket *s) {
    size_t done = 0;
    while (done < s->out.size && !s->broken) {
        int64_t count = nst_tcp_send(s->fd, s->out.data + done, s->out.size - done);
        if (count == -EAGAIN) break;
        if (count < 0) s->broken = true;
        else done += (size_t)count;
    }
    s->sent += done;
    s->out.size -= done;
    if (done > 0) memmove(s->out.data, s->out.data + done, s->out.size);
}

uint64_t nst_websocket_put(NstWebSocket *s, const char *bytes, size_t size) {
    pthread_mutex_lock(&s->lock);
    put_locked(s, bytes, size);
    uint64_t position = s->queued;
    pthread_mutex_unlock(&s->lock);
    return position;
}

uint64_t nst_websocket_put_text(NstWebSocket *s, const char *text, size_t size) {
    pthread_mutex_lock(&s->lock);
    if (!s->close_sent) put_frame_locked(s, OP_TEXT, text, size);
    uint64_t position = s->queued + (s->close_sent ? 1 : 0); // never reached: the flush fails
    pthread_mutex_unlock(&s->lock);
    return position;
}

bool nst_websocket_flush(NstOsJob *job) {
    NstWebSocket *s = job->handle->thing;
    pthread_mutex_lock(&s->lock);
    send_locked(s);
    bool reached = s->sent >= (uint64_t)job->number;
    bool hopeless = s->broken || s->close_received || (s->close_sent && s->out.size == 0);
    pthread_mutex_unlock(&s->lock);
    if (!reached && hopeless) nst_os_job_message(job, "Connection closed");
    return reached || hopeless;
}

void nst_websocket_close(NstWebSocket *s) {
    static const char normal[] = { 0x03, (char)0xE8 }; // 1000
    pthread_mutex_lock(&s->lock);
    if (!s->close_sent) {
        put_frame_locked(s, OP_CLOSE, normal, sizeof normal);
        s->close_sent = true;
        send_locked(s);
    }
    pthread_mutex_unlock(&s->lock);
}

// ---- Receiving ---------------------------------------------------------------------------

typedef struct FrameHead {
    int opcode;
    bool final;
    size_t size, payload; // of the whole frame; where the payload begins
    unsigned char mask[4];
    bool masked;
} FrameHead;

// False: not complete yet. A frame beyond all bounds breaks the connection.
static bool next_frame(NstWebSocket *s, FrameHead *f) {
    const unsigned char *bytes = (const unsigned char *)s->in.data;
    if (s->in.size < 2) return false;
    f->opcode = bytes[0] & 0x0F;
    f->final = (bytes[0] & 0x80) != 0;
    f->masked = (bytes[1] & 0x80) != 0;
    uint64_t size = bytes[1] & 0x7F;
    size_t at = 2, extra = size == 126 ? 2 : size == 127 ? 8 : 0;
    if (s->in.size < at + extra + (f->masked ? 4 : 0)) return false;
    if (extra > 0) size = 0;
    for (size_t i = 0; i < extra; i++) size = size << 8 | bytes[at++];
    if (size > MAX_MESSAGE) {
        s->broken = true;
        return false;
    }
    if (f->masked) {
        memcpy(f->mask, bytes + at, 4);
        at += 4;
    }
    f->payload = at;
    f->size = at + (size_t)size;
    return s->in.size >= f->size;
}

// Handles one frame; true if it completes a message.
static bool take_frame(NstWebSocket *s, const FrameHead *f) {
    char *payload = s->in.data + f->payload;
    size_t size = f->size - f->payload;
    if (f->masked) {
        for (size_t i = 0; i < size; i++) payload[i] = (char)((unsigned char)payload[i] ^ f->mask[i % 4]);
    }
    bool complete = false;
    switch (f->opcode) {
    case OP_CONTINUE:
    case OP_TEXT:
    case OP_BINARY:
        if (s->message.size + size > MAX_MESSAGE) s->broken = true;
        else nst_text_append(&s->message, payload, size);
        complete = f->final && !s->broken;
        break;
    case OP_PING:
        if (!s->close_sent) put_frame_locked(s, OP_PONG, payload, size);
        send_locked(s);
        break;
    case OP_CLOSE:
        s->close_received = true;
        if (!s->close_sent) put_frame_locked(s, OP_CLOSE, payload, size < 2 ? 0 : 2);
        s->close_sent = true;
        send_locked(s);
        break;
    default: break;
    }
    s->in.size -= f->size;
    memmove(s->in.data, s->in.data + f->size, s->in.size);
    return complete;
}

static bool receive_locked(NstWebSocket *s, NstOsJob *job) {
    for (;;) {
        FrameHead frame;
        while (!s->close_received && !s->broken && next_frame(s, &frame)) {
            if (!take_frame(s, &frame)) continue;
            job->output = s->message;
            s->message = (NstTextBuffer)NST_TEXT_BUFFER_INIT;
            return true;
        }
        int64_t count = s->close_received || s->broken ? 0 : nst_tcp_receive(s->fd, &s->in, CHUNK);
        if (count == -EAGAIN) return false;
        if (count > 0) continue;
        s->close_received = true;
        nst_os_job_message(job, "Connection closed");
        return true;
    }
}

bool nst_websocket_receive(NstOsJob *job) {
    NstWebSocket *s = job->handle->thing;
    pthread_mutex_lock(&s->lock);
    bool done = receive_locked(s, job);
    pthread_mutex_unlock(&s->lock);
    return done;
}

// ---- Connecting --------------------------------------------------------------------------

static void new_key(NstTextBuffer *out) {
    uint8_t bytes[16] = { 0 };
    ssize_t count = getrandom(bytes, sizeof bytes, 0); // the key need not be secret
    (void)count;
    nst_base64_encode(out, bytes, sizeof bytes);
    nst_text_append_byte(out, 0);
}

// Sends the request for the upgrade and reads the answer; what follows it stays in `in`.
static bool shake_hands(NstOsJob *job, NstStream *stream, const NstUrl *url, NstTextBuffer *in) {
    NstTextBuffer request = NST_TEXT_BUFFER_INIT, key = NST_TEXT_BUFFER_INIT, expected = NST_TEXT_BUFFER_INIT;
    new_key(&key);
    nst_websocket_accept_key(&expected, key.data);
    nst_text_printf(&request,
                    "GET %s HTTP/1.1\r\nHost: %s:%d\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                    "Sec-WebSocket-Key: %s\r\nSec-WebSocket-Version: 13\r\n",
                    url->target, url->host, url->port, key.data);
    nst_text_append(&request, job->input.data, job->input.size);
    nst_text_append(&request, "\r\n", 2);
    NstHttpReader reader;
    nst_http_reader_init(&reader, false);
    NstHttpState state = NST_HTTP_HEAD;
    bool alive = nst_stream_send(stream, request.data, request.size);
    while (alive && state == NST_HTTP_HEAD) {
        alive = nst_stream_receive(stream, in, 4096) > 0;
        if (alive) state = nst_http_read(&reader, in);
    }
    const char *accept = nst_http_header(&reader.message, "sec-websocket-accept");
    bool ok = reader.message.status == 101 && accept && strlen(accept) == expected.size &&
              memcmp(accept, expected.data, expected.size) == 0;
    if (!ok) nst_os_job_message(job, "WebSocket handshake failed");
    nst_http_reader_free(&reader);
    nst_text_free(&request);
    nst_text_free(&key);
    nst_text_free(&expected);
    return ok;
}

void nst_websocket_connect(NstOsJob *job) {
    NstUrl url;
    NstStream stream;
    NstTextBuffer in = NST_TEXT_BUFFER_INIT;
    if (!nst_url_parse(job->path, "ws", "wss", &url)) {
        nst_os_job_message(job, "invalid URL: %s", job->path);
        return;
    }
    if (url.secure) {
        nst_os_job_message(job, "wss connections are not supported");
    } else if (nst_stream_open(job, &url, &stream)) {
        if (shake_hands(job, &stream, &url, &in) && nst_net_nonblocking(stream.fd) == 0) {
            job->result = nst_handles_add(job->handles, nst_websocket_new(stream.fd, true, in), nst_websocket_release);
        } else {
            if (!nst_os_job_failed(job)) nst_os_job_message(job, "Connection failed");
            nst_text_free(&in);
            nst_stream_close(&stream);
        }
    }
    nst_url_free(&url);
}
