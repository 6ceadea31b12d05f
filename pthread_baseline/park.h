/* park.h - how a task waits in line for an object, and how it is woken.
 *
 * A waiter lives on the stack of the task that waits. Lines are first come, first served. Each task
 * has one semaphore (task.h), on which it sleeps; so exactly the task that is meant wakes, and the
 * object's lock need not be held for that.
 */
#ifndef SWITCHYARD_PTHREAD_PARK_H
#define SWITCHYARD_PTHREAD_PARK_H

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>

#include <switchyard/types.h>

#include "task.h"

enum outcome {
    WAITING,   /* nothing happened yet */
    SERVED,    /* got what it waited for */
    CLOSED,    /* the object was closed */
    CANCELLED, /* the task's scope was cancelled; only as a result of park */
};

struct waiter {
    /* immutable: */
    struct task *task;
    struct select *select; /* for which it stands in line, or NULL: select.h */
    enum wait wait;        /* what for */
    union {
        void *into;       /* where a receiver wants the element; may be NULL */
        const void *from; /* where a sender has it */
    } element;
    /* the object's lock while in line; then the waker's, until it has made the task ready: */
    struct waiter *next;
    struct waiter *previous;
    /* the object's lock; after the wake-up the waiter reads it without: */
    enum outcome outcome; /* WAITING exactly while it is in line */
};

/* A line of waiters; zero bytes are an empty one. The object's lock guards it. */
struct line {
    struct waiter *first;
    struct waiter *last;
};

/* Under the object's lock: puts a waiter at the end of the line; the caller has set task and
 * element. */
void line_join(struct line *line, struct waiter *waiter);

/* Under the object's lock: takes the first waiter out, with this outcome. NULL if the line is
 * empty. The caller must make it ready. */
struct waiter *line_take(struct line *line, enum outcome outcome);

/* Under the object's lock: the waiter leaves the line if it is in it. False if it has been taken
 * out of it. */
bool line_leave(struct line *line, struct waiter *waiter);

/* Under the object's lock: takes all waiters out, linked by next, with this outcome. The caller
 * must make them ready. */
struct waiter *line_take_all(struct line *line, enum outcome outcome);

/* Under the object's lock, with the waiter in line: unlocks, and sleeps until the waiter was taken
 * out of the line, or until the deadline. Returns the outcome: WAITING if the deadline passed,
 * CANCELLED if the task's scope was cancelled before. */
enum outcome park(pthread_mutex_t *lock, struct line *line, struct waiter *waiter,
                  sy_time deadline);

/* The errno of a wait that ended with WAITING or CANCELLED. */
static inline int park_error(enum outcome outcome)
{
    return outcome == CANCELLED ? -ECANCELED : -ETIMEDOUT;
}

/* Wakes a waiter that was taken out of the line, best after unlocking the object; NULL is no
 * waiter. The waiter may be gone when this returns. */
void ready(const struct waiter *waiter);

/* Wakes all waiters of a list from line_take_all. */
void ready_all(const struct waiter *waiters);

#endif
