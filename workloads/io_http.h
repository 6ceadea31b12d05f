/* io_http.h - what the HTTP server of io.http answers, and how a connection is served. */
#ifndef SWITCHYARD_IO_HTTP_H
#define SWITCHYARD_IO_HTTP_H

#include <stdint.h>

#define IO_HTTP_BODY "Hello, World!"
#define IO_HTTP_BODY_BYTES "13"

/* What the load generator asks, and the whole answer that it must get. */
#define IO_HTTP_REQUEST                                                                            \
    "GET / HTTP/1.1\r\n"                                                                           \
    "Host: localhost\r\n"                                                                          \
    "\r\n"
#define IO_HTTP_ANSWER                                                                             \
    "HTTP/1.1 200 OK\r\n"                                                                          \
    "Content-Type: text/plain\r\n"                                                                 \
    "Content-Length: " IO_HTTP_BODY_BYTES "\r\n"                                                   \
    "\r\n" IO_HTTP_BODY

#define IO_HTTP_HEADER_BYTES_MAX 8192 /* of a request: more is answered with 431 */
#define IO_HTTP_TARGET_BYTES_MAX 128  /* of a request's target: longer ones do not exist here */

/* Answers the requests of one connection, one after the other, also if they come at once, until
 * the client closes or asks to close, or an error. Returns how many were answered with 200.
 *   200  GET or HEAD of /        400  no HTTP, or no single Host in HTTP/1.1
 *   404  GET of anything else    405  another method
 *   413  a request with a body   431  headers too large    505  not HTTP/1
 * After all but 200 and 404 it closes: what follows cannot be trusted to be a request. */
uint64_t io_http_serve(int fd);

/* Once, before the first call of io_http_serve. */
void io_http_prepare(void);

#endif
