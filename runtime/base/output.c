/* output.c - see output.h. */
#include "base/output.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

/* How many bytes one call could write, perhaps 0, or a negative errno value. */
static ssize_t write_some(int fd, const char *bytes, size_t count)
{
    ssize_t done = write(fd, bytes, count);
    if (done >= 0 || errno == EINTR) {
        return done < 0 ? 0 : done;
    }
    if (errno != EAGAIN) {
        return -errno;
    }
    struct pollfd room = {.fd = fd, .events = POLLOUT};
    return poll(&room, 1, -1) < 0 && errno != EINTR ? -errno : 0;
}

int output_write(int fd, const char *bytes, size_t count)
{
    size_t done = 0;
    while (done < count) {
        ssize_t more = write_some(fd, bytes + done, count - done);
        if (more < 0) {
            return (int)more;
        }
        done += (size_t)more;
    }
    return 0;
}
