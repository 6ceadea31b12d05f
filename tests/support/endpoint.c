/* endpoint.c - see endpoint.h. */
#include "support/endpoint.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <switchyard/switchyard.h>

#include "support/expect.h"

/* Port 0 lets the kernel choose; abstract names of Unix sockets end with the process. */
static void choose(struct endpoint *endpoint, int family)
{
    static int names;
    memset(endpoint, 0, sizeof *endpoint);
    endpoint->address.any.sa_family = (sa_family_t)family;
    if (family == AF_INET) {
        endpoint->address.inet.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        endpoint->length = sizeof endpoint->address.inet;
        return;
    }
    char *name = endpoint->address.local.sun_path + 1;
    int length = snprintf(name, 64, "switchyard-%d-%d", (int)getpid(), names++);
    endpoint->length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)length);
}

static void look_up(struct endpoint *endpoint, int fd)
{
    endpoint->length = sizeof endpoint->address;
    expect_eq(getsockname(fd, &endpoint->address.any, &endpoint->length), 0);
}

int endpoint_bind(struct endpoint *endpoint, int family)
{
    choose(endpoint, family);
    int fd = endpoint_socket(family);
    expect_eq(bind(fd, &endpoint->address.any, endpoint->length), 0);
    look_up(endpoint, fd);
    return fd;
}

int endpoint_listen(struct endpoint *endpoint, int family, int backlog)
{
    choose(endpoint, family);
    int fd = sy_listen(&endpoint->address.any, endpoint->length, backlog);
    expect_ge(fd, 0);
    look_up(endpoint, fd);
    return fd;
}

int endpoint_socket(int family)
{
    int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    expect_ge(fd, 0);
    return fd;
}

int endpoint_connect(const struct endpoint *endpoint)
{
    int fd = endpoint_socket(endpoint->address.any.sa_family);
    expect_eq(sy_connect(fd, &endpoint->address.any, endpoint->length), 0);
    return fd;
}
