#include "runtime/http_server.h"

#include <errno.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "runtime/blocking.h"
#include "runtime/net_loop.h"
#include "runtime/tcp.h"

enum { CHUNK = 65536 };

typedef struct Waiter {
    NstOsJob *job;
    NstBlockingJob *ticket;
    struct Waiter *next;
} Waiter;

typedef struct Queued {
    NstHttpRequest *request;
    struct Queued *next;
} Queued;

// Held by its handle, by its listening watch and by its connections.
typedef struct Server {
    NstVm *vm;
    pthread_mutex_t lock;
    _Atomic uint32_t holders;
    int listener;
    uint64_t owner;
    bool closed;
    NstHandles *requests;
    Waiter *waiters, **waiters_end;
    Queued *queue, **queue_end;
} Server;

// One client. Touched by the network thread while it is read, by whoever answers afterwards: never by both.
typedef struct Connection {
    Server *server;
    int fd; // -1: taken over
    NstTextBuffer in;
    NstHttpReader reader;
    bool keep_alive, is_head;
    char *websocket_key; // of an upgrade request
} Connection;

static void *must(void *memory) {
    if (!memory) abort();
    return memory;
}

static void hold_server(Server *server) { atomic_fetch_add_explicit(&server->holders, 1, memory_order_relaxed); }

static void release_server(Server *server) {
    // acq_rel: the last one sees what all others did with the server
    if (atomic_fetch_sub_explicit(&server->holders, 1, memory_order_acq_rel) != 1) return;
    while (server->queue) {
        Queued *first = server->queue;
        server->queue = first->next;
        nst_http_request_free(first->request);
        free(first);
    }
    close(server->listener);
    pthread_mutex_destroy(&server->lock);
    free(server);
}

static void destroy_connection(void *thing) {
    Connection *c = thing;
    if (c->fd >= 0) close(c->fd);
    nst_text_free(&c->in);
    nst_http_reader_free(&c->reader);
    free(c->websocket_key);
    release_server(c->server);
    free(c);
}

void nst_http_request_free(NstHttpRequest *request) {
    nst_http_reader_free(&request->reader);
    free(request);
}

// ---- Queue of requests and queue of accepting processes ----------------------------------

// Gives the request to the first waiting process, or keeps it.
static void deliver(Server *server, NstHttpRequest *request) {
    pthread_mutex_lock(&server->lock);
    Waiter *waiter = server->waiters;
    if (waiter) {
        server->waiters = waiter->next;
        if (!server->waiters) server->waiters_end = &server->waiters;
    } else {
        Queued *queued = must(malloc(sizeof *queued));
        *queued = (Queued){ .request = request };
        *server->queue_end = queued;
        server->queue_end = &queued->next;
    }
    pthread_mutex_unlock(&server->lock);
    if (!waiter) return;
    waiter->job->subject = request; // taken by nst_http_server_taken
    nst_blocking_complete(waiter->ticket);
    free(waiter);
}

NstHttpRequest *nst_http_server_taken(NstOsJob *job) {
    NstHttpRequest *request = job->subject;
    job->subject = 0;
    return request;
}

// The process has ended: the request is for somebody else.
static void drop_accept(void *memory) {
    NstOsJob *job = memory;
    NstHttpRequest *request = nst_http_server_taken(job);
    if (request) deliver(job->handle->thing, request);
    nst_os_job_free(job);
}

NstPrimStatus nst_http_server_accept(NstProcess *process, NstOsJob *job) {
    Server *server = job->handle->thing;
    NstBlockingJob *ticket = nst_blocking_begin(process, drop_accept, job);
    pthread_mutex_lock(&server->lock);
    Queued *queued = server->queue;
    if (queued) {
        server->queue = queued->next;
        if (!server->queue) server->queue_end = &server->queue;
    }
    bool wait = !queued && !server->closed;
    if (wait) {
        Waiter *waiter = must(malloc(sizeof *waiter));
        *waiter = (Waiter){ .job = job, .ticket = ticket };
        *server->waiters_end = waiter;
        server->waiters_end = &waiter->next;
    }
    pthread_mutex_unlock(&server->lock);
    if (wait) return NST_PRIM_BLOCK;
    if (queued) job->subject = queued->request;
    else nst_os_job_message(job, "Invalid handle");
    free(queued);
    nst_blocking_complete(ticket);
    return NST_PRIM_BLOCK;
}

// ---- Connections, on the network thread --------------------------------------------------

static short connection_ready(void *data);

static void offer(Connection *c) {
    NstHttpRequest *request = must(calloc(1, sizeof *request));
    const NstHttpMessage *m = &c->reader.message;
    const char *upgrade = nst_http_header(m, "upgrade"), *key = nst_http_header(m, "sec-websocket-key");
    c->keep_alive = nst_http_keep_alive(m);
    c->is_head = strcmp(m->method, "HEAD") == 0;
    free(c->websocket_key);
    c->websocket_key = key && nst_http_has_token(upgrade, "websocket") ? must(strdup(key)) : 0;
    request->reader = c->reader;
    nst_http_reader_init(&c->reader, true);
    Server *server = c->server;
    hold_server(server);
    request->id = nst_handles_add(server->requests, c, destroy_connection);
    deliver(server, request);
    release_server(server);
}

static void refuse(Connection *c) {
    static const char answer[] = "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    nst_tcp_send(c->fd, answer, sizeof answer - 1);
    destroy_connection(c);
}

static void expect_continue(Connection *c) {
    static const char answer[] = "HTTP/1.1 100 Continue\r\n\r\n";
    bool body_next = c->reader.state == NST_HTTP_LENGTH || c->reader.state == NST_HTTP_CHUNK_SIZE;
    if (body_next && c->reader.message.body.size == 0 &&
        nst_http_has_token(nst_http_header(&c->reader.message, "expect"), "100-continue")) {
        nst_tcp_send(c->fd, answer, sizeof answer - 1);
    }
}

// Reads on from what has been received. The events to wait for, 0 if the connection is not read any more.
static short go_on_reading(Connection *c) {
    switch (nst_http_read(&c->reader, &c->in)) {
    case NST_HTTP_DONE: offer(c); return 0;
    case NST_HTTP_BAD: refuse(c); return 0;
    default: return POLLIN;
    }
}

static short connection_ready(void *data) {
    Connection *c = data;
    int64_t count = nst_tcp_receive(c->fd, &c->in, CHUNK);
    if (count == -EAGAIN) return POLLIN;
    if (count <= 0) {
        destroy_connection(c);
        return 0;
    }
    bool in_head = c->reader.state == NST_HTTP_HEAD;
    short events = go_on_reading(c);
    if (events != 0 && in_head) expect_continue(c);
    return events;
}

static void watch_connection(Connection *c) {
    nst_net_watch(&(NstNetWatch){ c->server->vm, c->fd, POLLIN, connection_ready, destroy_connection, c });
}

static short server_ready(void *data) {
    Server *server = data;
    pthread_mutex_lock(&server->lock);
    bool closed = server->closed;
    pthread_mutex_unlock(&server->lock);
    int fd = closed ? -EINVAL : nst_tcp_accept(server->listener);
    if (fd >= 0) {
        Connection *c = must(calloc(1, sizeof *c));
        hold_server(server);
        c->server = server;
        c->fd = fd;
        nst_http_reader_init(&c->reader, true);
        watch_connection(c);
    }
    if (!closed) return POLLIN;
    release_server(server);
    return 0;
}

// ---- Servers -----------------------------------------------------------------------------

static void close_server(Server *server) {
    pthread_mutex_lock(&server->lock);
    bool was_open = !server->closed;
    server->closed = true;
    Waiter *waiters = server->waiters;
    server->waiters = 0;
    server->waiters_end = &server->waiters;
    pthread_mutex_unlock(&server->lock);
    if (was_open) shutdown(server->listener, SHUT_RDWR); // wakes the listening watch, frees the port
    while (waiters) {
        Waiter *waiter = waiters;
        waiters = waiter->next;
        nst_os_job_message(waiter->job, "Invalid handle");
        nst_blocking_complete(waiter->ticket);
        free(waiter);
    }
}

static void destroy_server(void *thing) {
    close_server(thing);
    release_server(thing);
}

static void stop_listening(void *server) { release_server(server); }

int64_t nst_http_server_open(NstVm *vm, NstHandles *servers, NstHandles *requests, int64_t port, uint64_t owner) {
    int fd = nst_tcp_listen(port);
    if (fd < 0) return fd;
    Server *server = must(calloc(1, sizeof *server));
    *server = (Server){ .vm = vm, .holders = 2, .listener = fd, .owner = owner, .requests = requests };
    pthread_mutex_init(&server->lock, 0);
    server->waiters_end = &server->waiters;
    server->queue_end = &server->queue;
    int64_t handle = nst_handles_add(servers, server, destroy_server);
    nst_net_watch(&(NstNetWatch){ vm, fd, POLLIN, server_ready, stop_listening, server });
    return handle;
}

bool nst_http_server_close(NstHandles *servers, int64_t number) {
    NstHandle *handle = nst_handles_hold(servers, number);
    if (!handle) return false;
    bool removed = nst_handles_remove(servers, number);
    if (removed) close_server(handle->thing);
    nst_handles_release(servers, handle);
    return removed;
}

static bool is_owned(void *thing, void *owner) { return ((const Server *)thing)->owner == *(const uint64_t *)owner; }

void nst_http_server_close_owned(NstHandles *servers, uint64_t owner) {
    int64_t number;
    while ((number = nst_handles_find(servers, is_owned, &owner)) != 0) nst_http_server_close(servers, number);
}

// ---- Answers -----------------------------------------------------------------------------

bool nst_http_request_keeps_alive(const NstHandle *request) { return ((const Connection *)request->thing)->keep_alive; }
bool nst_http_request_is_head(const NstHandle *request) { return ((const Connection *)request->thing)->is_head; }

// The connection as it goes on after its answer, out of the handle that is about to be destroyed.
static Connection *renew(Connection *c) {
    Connection *next = must(malloc(sizeof *next));
    *next = *c;
    hold_server(c->server);
    c->fd = -1;
    c->in = (NstTextBuffer)NST_TEXT_BUFFER_INIT;
    c->websocket_key = 0;
    nst_http_reader_init(&c->reader, true);
    return next;
}

static bool respond_step(NstOsJob *job) {
    Connection *c = job->handle->thing;
    while ((size_t)job->result < job->input.size) {
        int64_t count = nst_tcp_send(c->fd, job->input.data + job->result, job->input.size - (size_t)job->result);
        if (count == -EAGAIN) return false;
        if (count < 0) { // the client has gone, which is no error of the program
            job->number = 0;
            break;
        }
        job->result += count;
    }
    if (job->number) {
        Connection *next = renew(c);
        if (go_on_reading(next) != 0) watch_connection(next);
    } else {
        nst_net_linger(c->fd);
        c->fd = -1;
    }
    return true;
}

NstPrimStatus nst_http_server_respond(NstProcess *process, NstOsJob *job) {
    Connection *c = job->handle->thing;
    return nst_net_start(process, job, c->fd, POLLOUT, respond_step, nst_os_job_free);
}

int nst_http_server_take_socket(NstHandle *request, NstTextBuffer *rest, char **key) {
    Connection *c = request->thing;
    int fd = c->fd;
    *key = c->websocket_key;
    *rest = c->in;
    c->fd = -1;
    c->websocket_key = 0;
    c->in = (NstTextBuffer)NST_TEXT_BUFFER_INIT;
    return fd;
}
