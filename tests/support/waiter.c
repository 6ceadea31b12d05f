/* waiter.c - see waiter.h. */
#include "support/waiter.h"

#include "support/blocked.h"
#include "support/expect.h"

static void *run_read(void *arg)
{
    struct waiter *waiter = arg;
    blocked_soon();
    waiter->result = sy_read_until(waiter->fd, &waiter->byte, 1, waiter->deadline);
    waiter->returned = true;
    return NULL;
}

static void *run_write(void *arg)
{
    struct waiter *waiter = arg;
    blocked_soon();
    waiter->result = sy_write_until(waiter->fd, &waiter->byte, 1, waiter->deadline);
    waiter->returned = true;
    return NULL;
}

static void *run_accept(void *arg)
{
    struct waiter *waiter = arg;
    blocked_soon();
    waiter->result = sy_accept_until(waiter->fd, NULL, NULL, waiter->deadline);
    waiter->returned = true;
    return NULL;
}

static void start(struct waiter *waiter, sy_task_fn body, int fd, sy_time deadline)
{
    waiter->fd = fd;
    waiter->deadline = deadline;
    waiter->returned = false;
    expect_eq(sy_spawn(&waiter->task, body, waiter), 0);
}

void waiter_read(struct waiter *waiter, int fd, sy_time deadline)
{
    start(waiter, run_read, fd, deadline);
}

void waiter_write(struct waiter *waiter, int fd, sy_time deadline)
{
    start(waiter, run_write, fd, deadline);
}

void waiter_accept(struct waiter *waiter, int fd, sy_time deadline)
{
    start(waiter, run_accept, fd, deadline);
}

void waiter_join(struct waiter *waiter, ssize_t result)
{
    expect_eq(sy_join(waiter->task, NULL), 0);
    expect_eq(waiter->result, result);
}
