/* descriptors.c - see descriptors.h. */
#include "support/descriptors.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <switchyard/switchyard.h>

#include "support/expect.h"

enum { BLOCK_BYTES = 4096 }; /* whole pages: a full pipe has no room for another byte then */

void open_pipe(int ends[2])
{
    expect_eq(pipe2(ends, O_CLOEXEC), 0);
}

void open_sockets(int ends[2])
{
    expect_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
}

void close_both(const int ends[2])
{
    expect_eq(sy_io_close(ends[0]), 0);
    expect_eq(sy_io_close(ends[1]), 0);
}

bool is_open(int fd)
{
    return fcntl(fd, F_GETFD) >= 0;
}

size_t fill(int fd)
{
    static const char block[BLOCK_BYTES];
    size_t filled = 0;
    ssize_t written;
    while ((written = sy_write_until(fd, block, sizeof block, 0)) > 0) {
        filled += (size_t)written;
    }
    expect_eq(written, -ETIMEDOUT);
    return filled;
}

void drain(int fd, size_t bytes)
{
    char block[BLOCK_BYTES];
    while (bytes > 0) {
        ssize_t got = sy_read(fd, block, bytes < sizeof block ? bytes : sizeof block);
        expect_ge(got, 1);
        if (got <= 0) {
            return;
        }
        bytes -= (size_t)got;
    }
}

bool write_whole(int fd, const void *data, size_t bytes, size_t piece)
{
    const char *from = data;
    while (bytes > 0) {
        ssize_t written = sy_write(fd, from, bytes < piece ? bytes : piece);
        if (written <= 0) {
            return false;
        }
        from += written;
        bytes -= (size_t)written;
    }
    return true;
}

bool read_whole(int fd, void *data, size_t bytes, size_t piece)
{
    char *to = data;
    while (bytes > 0) {
        ssize_t got = sy_read(fd, to, bytes < piece ? bytes : piece);
        if (got <= 0) {
            return false;
        }
        to += got;
        bytes -= (size_t)got;
    }
    return true;
}

struct iovec text_piece(const char *text)
{
    return (struct iovec){(void *)(uintptr_t)text, strlen(text)}; /* iovec knows no const */
}

void fill_with_pattern(unsigned char *data, size_t bytes, uint32_t seed)
{
    uint32_t state = seed * 2654435761U + 1;
    for (size_t i = 0; i < bytes; i++) {
        state = state * 1664525U + 1013904223U;
        data[i] = (unsigned char)(state >> 24);
    }
}

uint64_t checksum(const unsigned char *data, size_t bytes)
{
    uint64_t sum = 14695981039346656037U;
    for (size_t i = 0; i < bytes; i++) {
        sum = (sum ^ data[i]) * 1099511628211U;
    }
    return sum;
}
