/* waiter.h - tasks that make one call on a descriptor, for tests of waiting (io.h). */
#ifndef SWITCHYARD_TESTS_WAITER_H
#define SWITCHYARD_TESTS_WAITER_H

#include <stdatomic.h>

#include <switchyard/switchyard.h>

struct waiter {
    /* To be set before the start. */
    int fd;
    sy_time deadline;
    unsigned char byte; /* written; or what was read */
    /* Results. */
    atomic_bool returned;
    ssize_t result;
    sy_task task;
};

/* Start a task that reads, writes one byte or accepts; it says blocked_soon() before. */
void waiter_read(struct waiter *waiter, int fd, sy_time deadline);
void waiter_write(struct waiter *waiter, int fd, sy_time deadline);
void waiter_accept(struct waiter *waiter, int fd, sy_time deadline);

/* Joins the task and expects that result of its call. */
void waiter_join(struct waiter *waiter, ssize_t result);

#endif
