/* netpoll.h - tasks that wait for descriptors: epoll, and how it is asked. Which task waits for
 * which descriptor is in descriptor.h. */
#ifndef SWITCHYARD_NETPOLL_H
#define SWITCHYARD_NETPOLL_H

#include <switchyard/stats.h>

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

/* Stores io_waits, polls and poll_events. */
void netpoll_stats(struct sy_stats *stats);

/* --- for descriptor.c and io.c ------------------------------------------------------------------
 */

/* epoll_ctl(2) for the descriptor, both directions; its events will carry the generation. 0 or a
 * negative errno. */
int netpoll_control(int operation, int fd, uint32_t generation);

/* The running task is about to park for a descriptor, or has come back. In the section. */
void netpoll_wait_begin(struct proc *proc);
void netpoll_wait_end(struct proc *proc);

/* Around a system call on a descriptor that does not block, and around the look at its generation
 * before it: see descriptor.h, CALLS UNDER WAY. The task does not switch in between. */
void netpoll_call_begin(int fd);
void netpoll_call_end(void);

/* True between the two. */
bool netpoll_is_calling(const struct proc *proc);

/* Waits until no call on the number is under way. In no section. */
void netpoll_await_calls(int fd);

/* After a call that did not wait: true once in a while, and then the caller gives others their
 * turn. */
bool netpoll_turn_over(void);

/* A yield that also looks at what waits elsewhere than in this proc's queue: a task whose calls end
 * at once would come to that only after 64 * 61 of them. Switches. */
void netpoll_give_turn(void);

#endif
