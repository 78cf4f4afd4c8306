// The HTTP server: connections are read on the network thread; complete requests wait in the server's queue for
// processes that accept them, and the answer goes back to the connection by the request's number.
//
//   connection: reading ── request complete ──▶ waiting for its answer ── answered, keep-alive ──▶ reading
//                                                      │ answered, close          │ taken over
//                                                      ▼                          ▼
//                                                    closed                  WebSocket
#ifndef NST_HTTP_SERVER_H
#define NST_HTTP_SERVER_H

#include "runtime/http_message.h"
#include "runtime/os_job.h"
#include "runtime/process.h"

typedef struct NstHttpRequest {
    int64_t id;
    NstHttpReader reader; // complete
} NstHttpRequest;

// The handle of a server in `servers`; its requests get numbers in `requests`. Or a negative errno.
int64_t nst_http_server_open(NstVm *vm, NstHandles *servers, NstHandles *requests, int64_t port, uint64_t owner);
// Stops listening and frees the port; who waits in accept gets an exception. False if there is no such server.
bool nst_http_server_close(NstHandles *servers, int64_t server);
// Closes what the process opened (it was killed or ended by an exception).
void nst_http_server_close_owned(NstHandles *servers, uint64_t owner);

// job->handle is the server. Waits for a request; nst_http_server_taken gives it when the job is done.
NstPrimStatus nst_http_server_accept(NstProcess *process, NstOsJob *job);
NstHttpRequest *nst_http_server_taken(NstOsJob *job);
void nst_http_request_free(NstHttpRequest *request);

// Sends job->input (the whole response) to the request's connection; job->handle is the request, taken out of the table.
// job->number: keep the connection.
NstPrimStatus nst_http_server_respond(NstProcess *process, NstOsJob *job);
bool nst_http_request_keeps_alive(const NstHandle *request);
bool nst_http_request_is_head(const NstHandle *request);

// Takes the socket out of the request's connection (WebSocket); what has been read beyond the request goes to `rest`.
int nst_http_server_take_socket(NstHandle *request, NstTextBuffer *rest, char **key);

#endif
