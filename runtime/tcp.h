// TCP sockets: what Tcp, the HTTP server and WebSocket share.
#ifndef NST_TCP_H
#define NST_TCP_H

#include "runtime/text_buffer.h"

// A socket that listens on all interfaces, non-blocking; or a negative errno.
int nst_tcp_listen(int64_t port);
// A connected socket, blocking; or a negative errno, with *detail set for failed name look-ups (static text).
int nst_tcp_connect(const char *host, int64_t port, int timeout_ms, const char **detail);
// The next connection, non-blocking; or a negative errno.
int nst_tcp_accept(int listener);

// Sends what it can of size bytes; the number sent, or a negative errno (-EAGAIN: nothing for now).
int64_t nst_tcp_send(int fd, const char *data, size_t size);
// Appends what is there, at most `most` bytes; the number, 0 at the end, or a negative errno.
int64_t nst_tcp_receive(int fd, NstTextBuffer *to, size_t most);

#endif
