/* endpoint.h - addresses to listen at and sockets for them, for tests of io.h. From tasks. */
#ifndef SWITCHYARD_TESTS_ENDPOINT_H
#define SWITCHYARD_TESTS_ENDPOINT_H

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

struct endpoint {
    union {
        struct sockaddr any;
        struct sockaddr_in inet;
        struct sockaddr_un local;
    } address;
    socklen_t length;
};

/* A socket that is bound to a new address, which nobody else has: AF_INET on loopback, or AF_UNIX
 * in the abstract name space. Stores the address. */
int endpoint_bind(struct endpoint *endpoint, int family);

/* The same, listening, made with sy_listen. */
int endpoint_listen(struct endpoint *endpoint, int family, int backlog);

/* A socket of the family that is not connected. */
int endpoint_socket(int family);

/* A socket that sy_connect has connected to the address. */
int endpoint_connect(const struct endpoint *endpoint);

#endif
