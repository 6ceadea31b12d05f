/* io_http_session.c - one connection of the HTTP server (io_http.h). http_parser does the parsing;
 * it is paused at the end of each request, so that the answer is written before the next request is
 * looked at. */
#include <errno.h>
#include <http_parser.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "io_http.h"
#include "net_server.h"

#define BUFFER_BYTES 1024
#define ANSWER_BYTES 256
#define LINGER_BYTES_MAX (256 * 1024)
#define LINGER (1 * SY_SECOND)

static const char host[] = "host";

#define HOST_BYTES (sizeof host - 1)
#define OTHER_NAME (HOST_BYTES + 1)

struct session {
    http_parser parser;
    int fd;
    uint64_t served;

    /* of the request that is being read */
    int refusal; /* the status of the answer if the headers alone decide it; else 0 */
    bool keep_alive;
    size_t target_bytes; /* also beyond what is kept */
    size_t
        name_matched; /* bytes of a header's name that are those of host; OTHER_NAME: it differs */
    bool in_name;
    unsigned hosts; /* headers of that name */
    char target[IO_HTTP_TARGET_BYTES_MAX];
};

static struct session *session_of(http_parser *parser)
{
    return parser->data;
}

static int on_message_begin(http_parser *parser)
{
    struct session *session = session_of(parser);
    session->refusal = 0;
    session->target_bytes = 0;
    session->in_name = false;
    session->hosts = 0;
    return 0;
}

/* What the parser hands over may come in pieces. */
static int on_url(http_parser *parser, const char *text, size_t bytes)
{
    struct session *session = session_of(parser);
    if (session->target_bytes + bytes <= sizeof session->target) {
        memcpy(session->target + session->target_bytes, text, bytes);
    }
    session->target_bytes += bytes;
    return 0;
}

static int on_header_field(http_parser *parser, const char *text, size_t bytes)
{
    struct session *session = session_of(parser);
    if (!session->in_name) {
        session->in_name = true;
        session->name_matched = 0;
    }
    size_t matched = session->name_matched;
    bool same = matched + bytes <= HOST_BYTES && strncasecmp(host + matched, text, bytes) == 0;
    session->name_matched = same ? matched + bytes : OTHER_NAME;
    return 0;
}

static int on_header_value(http_parser *parser, const char *text, size_t bytes)
{
    struct session *session = session_of(parser);
    (void)text;
    (void)bytes;
    session->hosts += session->in_name && session->name_matched == HOST_BYTES;
    session->in_name = false;
    return 0;
}

static int headers_decide(const http_parser *parser, const struct session *session)
{
    bool has_body = (parser->flags & F_CHUNKED) != 0 ||
                    ((parser->flags & F_CONTENTLENGTH) != 0 && parser->content_length > 0);
    if (parser->http_major != 1) {
        return HTTP_STATUS_HTTP_VERSION_NOT_SUPPORTED;
    }
    if (session->hosts > 1 || (session->hosts == 0 && parser->http_minor > 0)) {
        return HTTP_STATUS_BAD_REQUEST;
    }
    if (parser->method != HTTP_GET && parser->method != HTTP_HEAD) {
        return HTTP_STATUS_METHOD_NOT_ALLOWED;
    }
    return has_body ? HTTP_STATUS_PAYLOAD_TOO_LARGE : 0;
}

/* Any other result than 0 ends the parsing: nothing that follows the headers is read. */
static int on_headers_complete(http_parser *parser)
{
    struct session *session = session_of(parser);
    session->refusal = headers_decide(parser, session);
    return session->refusal == 0 ? 0 : -1;
}

static int on_message_complete(http_parser *parser)
{
    session_of(parser)->keep_alive = http_should_keep_alive(parser) != 0;
    http_parser_pause(parser, 1);
    return 0;
}

static const http_parser_settings settings = {
    .on_message_begin = on_message_begin,
    .on_url = on_url,
    .on_header_field = on_header_field,
    .on_header_value = on_header_value,
    .on_headers_complete = on_headers_complete,
    .on_message_complete = on_message_complete,
};

/* The path of "/?query" and of "http://host/" is "/", too. */
static bool target_exists(const struct session *session)
{
    struct http_parser_url url;
    http_parser_url_init(&url);
    if (session->target_bytes > sizeof session->target ||
        http_parser_parse_url(session->target, session->target_bytes, 0, &url) != 0) {
        return false;
    }
    return (url.field_set & 1 << UF_PATH) != 0 && url.field_data[UF_PATH].len == 1 &&
           session->target[url.field_data[UF_PATH].off] == '/';
}

static const char *connection_header(const struct session *session)
{
    if (!session->keep_alive) {
        return "Connection: close\r\n";
    }
    return session->parser.http_minor == 0 ? "Connection: keep-alive\r\n" : "";
}

/* An answer that is not the usual one. Its body is its status, but for 200. */
static bool answer_with(const struct session *session, int status)
{
    char text[ANSWER_BYTES];
    const char *name = http_status_str((enum http_status)status);
    const char *body = status == HTTP_STATUS_OK ? IO_HTTP_BODY : name;
    const char *allow = status == HTTP_STATUS_METHOD_NOT_ALLOWED ? "Allow: GET, HEAD\r\n" : "";
    const char *sent_body = session->parser.method == HTTP_HEAD ? "" : body;
    int bytes = snprintf(text, sizeof text,
                         "HTTP/1.1 %d %s\r\n%s%sContent-Type: text/plain\r\n"
                         "Content-Length: %zu\r\n\r\n%s",
                         status, name, connection_header(session), allow, strlen(body), sent_body);
    return net_write_all(session->fd, text, (size_t)bytes);
}

/* Returns whether to go on. */
static bool answer(struct session *session)
{
    bool exists = target_exists(session);
    bool usual =
        session->keep_alive && session->parser.method == HTTP_GET && session->parser.http_minor > 0;
    bool written = false;
    if (exists && usual) {
        written = net_write_all(session->fd, IO_HTTP_ANSWER, sizeof IO_HTTP_ANSWER - 1);
    } else {
        written = answer_with(session, exists ? HTTP_STATUS_OK : HTTP_STATUS_NOT_FOUND);
    }
    session->served += exists && written;
    return written && session->keep_alive;
}

static void answer_error(struct session *session, enum http_errno error)
{
    int status = session->refusal != 0 ? session->refusal : HTTP_STATUS_BAD_REQUEST;
    if (error == HPE_HEADER_OVERFLOW) {
        status = HTTP_STATUS_REQUEST_HEADER_FIELDS_TOO_LARGE;
    }
    session->keep_alive = false;
    answer_with(session, status);
}

/* Parses what was read, and answers each request that is complete. Returns whether to go on. */
static bool consume(struct session *session, const char *text, size_t bytes)
{
    size_t done = 0;
    while (done < bytes) {
        done += http_parser_execute(&session->parser, &settings, text + done, bytes - done);
        enum http_errno error = HTTP_PARSER_ERRNO(&session->parser);
        if (error == HPE_PAUSED) {
            http_parser_pause(&session->parser, 0);
            if (!answer(session)) {
                return false;
            }
        } else if (error != HPE_OK) {
            answer_error(session, error);
            return false;
        }
    }
    return true;
}

/* To close while there is something unread would reset the connection, and could take the answer
 * away from the client. So: say that this is the end, and read on for a while. */
static void linger(int fd)
{
    char scratch[BUFFER_BYTES];
    sy_time deadline = sy_now() + LINGER;
    size_t total = 0;
    ssize_t count = 1;
    shutdown(fd, SHUT_WR);
    while (count > 0 && total < LINGER_BYTES_MAX) {
        count = sy_read_until(fd, scratch, sizeof scratch, deadline);
        total += count > 0 ? (size_t)count : 0;
    }
}

void io_http_prepare(void)
{
    http_parser_set_max_header_size(IO_HTTP_HEADER_BYTES_MAX);
}

uint64_t io_http_serve(int fd)
{
    char text[BUFFER_BYTES];
    struct session session = {.fd = fd};
    http_parser_init(&session.parser, HTTP_REQUEST);
    session.parser.data = &session;
    bool open = true;
    while (open) {
        ssize_t count = sy_read(fd, text, sizeof text);
        if (count <= 0) {
            return session.served;
        }
        open = consume(&session, text, (size_t)count);
    }
    linger(fd);
    return session.served;
}
