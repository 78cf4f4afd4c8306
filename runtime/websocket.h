// WebSocket connections (RFC 6455): text messages both ways. One connection may have two handles, the receiving one and a
// writer (WebSocket.split); it ends when both are gone.
#ifndef NST_WEBSOCKET_H
#define NST_WEBSOCKET_H

#include "runtime/os_job.h"

typedef struct NstWebSocket NstWebSocket;

// Takes over a non-blocking socket and the bytes received already. Clients mask what they send.
NstWebSocket *nst_websocket_new(int fd, bool client, NstTextBuffer received);
void nst_websocket_hold(NstWebSocket *socket);
void nst_websocket_release(void *socket); // a handle's destroy function
int nst_websocket_fd(const NstWebSocket *socket);

// The Sec-WebSocket-Accept of a key.
void nst_websocket_accept_key(NstTextBuffer *out, const char *key);

// Puts bytes or a text message into the output; the result is the position to wait for with nst_websocket_flush.
uint64_t nst_websocket_put(NstWebSocket *socket, const char *bytes, size_t size);
uint64_t nst_websocket_put_text(NstWebSocket *socket, const char *text, size_t size);

// Steps of network jobs; job->handle is the socket.
bool nst_websocket_flush(NstOsJob *job); // until job->number is reached
bool nst_websocket_receive(NstOsJob *job); // output: the next message

// Says goodbye and stops sending.
void nst_websocket_close(NstWebSocket *socket);

// Pool work: connects to job->path with the header lines job->input; result: handle number in job->handles.
void nst_websocket_connect(NstOsJob *job);

#endif
