/* park.c - see park.h.
 *
 * Protocol, for an object with a lock and a line:
 *  1. The waiter joins the line under the object's lock, unlocks it and sleeps on its task's
 *     semaphore.
 *  2. The waker takes it out of the line and writes its outcome, both under the object's lock;
 *     unlocks; posts the semaphore, once, as the last thing that it does with the waiter.
 *  3. A waiter whose deadline passed, or whose scope was cancelled, takes the lock. Still in line:
 * it leaves, and nobody will post. Out of the line: a post has come or will come, and the waiter
 * takes it before it goes. So a task never leaves with a post outstanding: its semaphore is 0
 * whenever it begins to wait, and a waiter outlives the waker's last access to it. No wake-up is
 * lost: a post that comes before the sleep stays in the semaphore. The semaphore also orders
 * memory: what the waker wrote (the element, the outcome) is seen by the waiter that took the post.
 *
 * Rejected: a condition variable per direction. It wakes a task that may find nothing (another came
 * first), takes the object's lock again after each wake-up, and does not keep the order.
 */
#include "park.h"

#include <stdbool.h>
#include <stddef.h>

#include "base/trace.h"
#include "cancel.h"
#include "deadline.h"

void line_join(struct line *line, struct waiter *waiter)
{
    waiter->outcome = WAITING;
    waiter->next = NULL;
    waiter->previous = line->last;
    if (line->last != NULL) {
        line->last->next = waiter;
    } else {
        line->first = waiter;
    }
    line->last = waiter;
}

static void unlink_waiter(struct line *line, struct waiter *waiter)
{
    if (waiter->previous != NULL) {
        waiter->previous->next = waiter->next;
    } else {
        line->first = waiter->next;
    }
    if (waiter->next != NULL) {
        waiter->next->previous = waiter->previous;
    } else {
        line->last = waiter->previous;
    }
}

struct waiter *line_take(struct line *line, enum outcome outcome)
{
    struct waiter *waiter = line->first;
    if (waiter != NULL) {
        unlink_waiter(line, waiter);
        waiter->outcome = outcome;
    }
    return waiter;
}

struct waiter *line_take_all(struct line *line, enum outcome outcome)
{
    struct waiter *waiters = line->first;
    for (struct waiter *waiter = waiters; waiter != NULL; waiter = waiter->next) {
        waiter->outcome = outcome;
    }
    line->first = NULL;
    line->last = NULL;
    return waiters;
}

bool line_leave(struct line *line, struct waiter *waiter)
{
    bool in_line = waiter->outcome == WAITING;
    if (in_line) {
        unlink_waiter(line, waiter);
    }
    return in_line;
}

/* Step 3. False if it is too late: the waiter has been taken out of the line. */
static bool leave(pthread_mutex_t *lock, struct line *line, struct waiter *waiter)
{
    pthread_mutex_lock(lock);
    bool in_line = line_leave(line, waiter);
    pthread_mutex_unlock(lock);
    return in_line;
}

enum outcome park(pthread_mutex_t *lock, struct line *line, struct waiter *waiter, sy_time deadline)
{
    sem_t *wake = &waiter->task->wake;
    enum outcome outcome = WAITING;
    task_waits(waiter->task, waiter->wait); /* before a waker can trace that it is ready */
    pthread_mutex_unlock(lock);
    int status = cancel_sem_wait(waiter->task, wake, deadline);
    if (status == 0 || !leave(lock, line, waiter)) {
        if (status != 0) {
            sem_wait_by(wake, SY_FOREVER);
        }
        outcome = waiter->outcome;
    } else if (status == -ECANCELED) {
        outcome = CANCELLED;
    }
    task_runs(waiter->task);
    return outcome;
}

static uint32_t number_of(const struct task *task)
{
    return task == NULL ? 0 : handle_number(task->handle.id);
}

void ready(const struct waiter *waiter)
{
    if (waiter != NULL) {
        trace_event(TRACE_READY, number_of(waiter->task), number_of(task_current()), NULL);
        sem_post(&waiter->task->wake);
    }
}

void ready_all(const struct waiter *waiters)
{
    while (waiters != NULL) {
        const struct waiter *next = waiters->next; /* the waiter may be gone once it is ready */
        ready(waiters);
        waiters = next;
    }
}
