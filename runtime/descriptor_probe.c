/* descriptor_probe.c - finds out what a descriptor is. */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "descriptor.h"

/* 0 or a negative errno. */
static int set_nonblocking(int fd)
{
    int flags = fcntl(fd, F_GETFL);
    if (flags >= 0 && ((flags & O_NONBLOCK) != 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) == 0)) {
        return 0;
    }
    return -errno;
}

/* The end of what recv(2) gave is only the end of what there is for TCP. */
static uint32_t socket_drains(int fd)
{
    int type = 0;
    int protocol = 0;
    socklen_t length = sizeof(int);
    if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &length) != 0 ||
        getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, &protocol, &length) != 0) {
        return 0;
    }
    return type == SOCK_STREAM && protocol == IPPROTO_TCP ? STATE_DRAINS : 0;
}

int descriptor_probe(int fd)
{
    struct stat status;
    if (fstat(fd, &status) != 0) {
        return -errno;
    }
    if (S_ISSOCK(status.st_mode)) {
        int error = set_nonblocking(fd);
        return error != 0 ? error : (int)(KIND_SOCKET | socket_drains(fd));
    }
    if (S_ISFIFO(status.st_mode)) {
        int error = set_nonblocking(fd);
        return error != 0 ? error : KIND_PIPE;
    }
    bool refused = S_ISREG(status.st_mode) || S_ISDIR(status.st_mode) || S_ISBLK(status.st_mode);
    return refused ? KIND_FILE : KIND_DEVICE;
}
