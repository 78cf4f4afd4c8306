#define _GNU_SOURCE // accept4
#include "runtime/tcp.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "runtime/net_loop.h"

static void no_delay(int fd) {
    int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

int nst_tcp_listen(int64_t port) {
    if (port < 0 || port > 65535) return -EINVAL;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), on = 1;
    if (fd < 0) return -errno;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port),
                                   .sin_addr.s_addr = htonl(INADDR_ANY) };
    if (bind(fd, (struct sockaddr *)&address, sizeof address) != 0 || listen(fd, SOMAXCONN) != 0) {
        int error = errno;
        close(fd);
        return -error;
    }
    return fd;
}

// Connects within the time; 0 or an errno.
static int connect_within(int fd, const struct sockaddr *address, socklen_t size, int timeout_ms) {
    int error = nst_net_nonblocking(fd);
    if (error != 0) return error;
    if (connect(fd, address, size) != 0) {
        if (errno != EINPROGRESS) return errno;
        struct pollfd waiting = { .fd = fd, .events = POLLOUT };
        int ready;
        do ready = poll(&waiting, 1, timeout_ms);
        while (ready < 0 && errno == EINTR);
        if (ready == 0) return ETIMEDOUT;
        socklen_t length = sizeof error;
        if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) != 0) return errno;
        if (error != 0) return error;
    }
    int flags = fcntl(fd, F_GETFL);
    return flags >= 0 && fcntl(fd, F_SETFL, flags & ~O_NONBLOCK) == 0 ? 0 : errno;
}

int nst_tcp_connect(const char *host, int64_t port, int timeout_ms, const char **detail) {
    *detail = 0;
    if (port < 0 || port > 65535) return -EINVAL;
    char service[16];
    snprintf(service, sizeof service, "%d", (int)port);
    struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *found;
    int failure = getaddrinfo(host, service, &hints, &found);
    if (failure != 0) {
        *detail = gai_strerror(failure);
        return -EHOSTUNREACH;
    }
    int error = EHOSTUNREACH, fd = -1;
    for (struct addrinfo *a = found; a && error != 0; a = a->ai_next) {
        fd = socket(a->ai_family, a->ai_socktype | SOCK_CLOEXEC, a->ai_protocol);
        if (fd < 0) {
            error = errno;
            continue;
        }
        error = connect_within(fd, a->ai_addr, a->ai_addrlen, timeout_ms);
        if (error != 0) close(fd);
    }
    freeaddrinfo(found);
    if (error != 0) return -error;
    no_delay(fd);
    return fd;
}

int nst_tcp_accept(int listener) {
    int fd = accept4(listener, 0, 0, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd < 0) return -errno;
    no_delay(fd);
    return fd;
}

int64_t nst_tcp_send(int fd, const char *data, size_t size) {
    ssize_t count;
    do count = send(fd, data, size, MSG_NOSIGNAL | MSG_DONTWAIT);
    while (count < 0 && errno == EINTR);
    return count < 0 ? -errno : count;
}

int64_t nst_tcp_receive(int fd, NstTextBuffer *to, size_t most) {
    if (!nst_text_reserve(to, most)) return -ENOMEM;
    ssize_t count;
    do count = recv(fd, to->data + to->size, most, MSG_DONTWAIT);
    while (count < 0 && errno == EINTR);
    if (count < 0) return -errno;
    to->size += (size_t)count;
    return count;
}
