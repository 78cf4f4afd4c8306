// HTTP parts as values of the language.
#ifndef NST_HTTP_VALUES_H
#define NST_HTTP_VALUES_H

#include "runtime/http_message.h"
#include "runtime/prim.h"
#include "runtime/value.h"

// [(name, value)] in order, names in lower case.
NstValue nst_http_headers_value(NstProcess *process, const NstHttpMessage *message);
// The header lines of a List[(String, String)]; those that the runtime itself writes (Content-Length, Connection) are left
// out. Raises for what cannot be a header.
NstPrimStatus nst_http_append_headers(NstProcess *process, NstTextBuffer *out, NstValue headers);

#endif
