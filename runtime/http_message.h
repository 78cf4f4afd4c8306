// HTTP/1.1 messages: reading requests and responses from a stream of bytes (RFC 9112).
//
// The reader takes complete parts out of the input as they come; the same reader serves blocking and non-blocking sockets.
#ifndef NST_HTTP_MESSAGE_H
#define NST_HTTP_MESSAGE_H

#include "runtime/text_buffer.h"

typedef struct NstHttpHeader {
    char *name, *value; // name in lower case
} NstHttpHeader;

typedef struct NstHttpMessage {
    char *method, *target; // requests
    int status;            // responses
    bool old;              // HTTP/1.0
    NstHttpHeader *headers;
    size_t header_count;
    NstTextBuffer body;
} NstHttpMessage;

typedef enum NstHttpState {
    NST_HTTP_HEAD, NST_HTTP_LENGTH, NST_HTTP_CHUNK_SIZE, NST_HTTP_CHUNK, NST_HTTP_CHUNK_END, NST_HTTP_TRAILER,
    NST_HTTP_UNTIL_CLOSE, NST_HTTP_DONE, NST_HTTP_BAD
} NstHttpState;

typedef struct NstHttpReader {
    NstHttpMessage message;
    NstHttpState state;
    bool request;
    bool no_body;          // response to HEAD
    uint64_t left;         // of the body or chunk
} NstHttpReader;

void nst_http_reader_init(NstHttpReader *reader, bool request);
void nst_http_reader_free(NstHttpReader *reader);
// Takes what it can out of `in`. DONE: the message is complete, the rest of `in` belongs to the next one.
NstHttpState nst_http_read(NstHttpReader *reader, NstTextBuffer *in);
// The stream has ended: DONE if that ends the message, otherwise BAD.
NstHttpState nst_http_read_end(NstHttpReader *reader);

const char *nst_http_header(const NstHttpMessage *message, const char *name); // the first one, or null
bool nst_http_keep_alive(const NstHttpMessage *message);
bool nst_http_has_token(const char *value, const char *token); // in a comma-separated list, any case
const char *nst_http_reason(int64_t status);

#endif
