/* netpoll.h - tasks that wait for descriptors. */
#ifndef SWITCHYARD_NETPOLL_H
#define SWITCHYARD_NETPOLL_H

#include "task.h"

/* Once a run. 0 or a negative errno, with nothing left behind. */
int netpoll_init(void);
void netpoll_destroy(void);

/* True if a task waits for a descriptor. A hint, but exact while all procs are idle. */
bool netpoll_waits(void);

/* Asks the kernel for events, waiting for some until the deadline (0: does not wait). Returns the
 * tasks that they made READY, first to last, linked by next, and in no queue: the caller must
 * queue them. With or without a proc, outside of sections. May return NULL early. */
struct task *netpoll_poll(sy_time deadline);

/* Makes a netpoll_poll that waits, or the next one that would, return at once. From anywhere, also
 * from a signal handler. */
void netpoll_break(void);

#endif
