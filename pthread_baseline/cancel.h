/* cancel.h - how the cancellation of its scope reaches a task that waits (base/scope.h).
 *
 * libc has no way to end another thread's pthread_mutex_lock, pthread_join or sem_wait. So a task
 * in a scope waits in slices of 10 ms and looks for the mark in between; others wait as ever.
 *
 * Rejected: a signal, as for descriptors (descriptor.c): it does not end a wait for a mutex or a
 * thread, and has to be sent again and again. pthread_cancel: it ends the thread, not the call.
 */
#ifndef SWITCHYARD_PTHREAD_CANCEL_H
#define SWITCHYARD_PTHREAD_CANCEL_H

#include <semaphore.h>
#include <stdbool.h>
#include <stdint.h>

#include <switchyard/types.h>

#include "base/atomic.h"

struct member;
struct task;

/* Part of struct member (base/scope.h). */
struct cancel {
    _Atomic uint32_t cancelled; /* written under the scope's lock */
};

/* Makes the running task the member's, so that its waits can be cancelled; ends that. */
void cancel_begin(struct member *member);
void cancel_end(void);

/* From here to the other one no wait of the running task is cancelled. */
struct member *cancel_mask_self(void);
void cancel_unmask_self(struct member *member);

/* The member of the running task, or NULL. Ends the program, naming the function, in a thread that
 * is no task. */
struct member *cancel_self(const char *function);

/* Under the lock of the scope. */
void cancel_deliver(struct cancel *cancel);

bool cancel_is_set(struct cancel *cancel);

/* Calls attempt(object, limit), which returns -ETIMEDOUT when the limit has passed, with the
 * deadline, or slice by slice if the task is in a scope. Returns what it returned, or -ECANCELED.
 */
int cancel_wait(struct task *task, int (*attempt)(void *object, sy_time limit), void *object,
                sy_time deadline);

/* The same with sem_wait_by. */
int cancel_sem_wait(struct task *task, sem_t *sem, sy_time deadline);

/* The deadline, and one that never passes, but is none of SY_FOREVER, for a task in a scope: calls
 * with a deadline wait in poll(2). */
sy_time cancel_deadline(const struct task *task, sy_time deadline);

#endif
