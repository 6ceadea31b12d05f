/* transfer.h - reading and writing: the calls, and when they wait. */
#ifndef SWITCHYARD_TRANSFER_H
#define SWITCHYARD_TRANSFER_H

#include <sys/types.h>
#include <sys/uio.h>

#include "descriptor.h"

/* sy_read, sy_write and their like. */
ssize_t transfer_buffer(int fd, enum direction direction, void *buffer, size_t bytes,
                        sy_time deadline);
ssize_t transfer_pieces(int fd, enum direction direction, const struct iovec *pieces, int count,
                        sy_time deadline);

#endif
