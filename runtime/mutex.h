/* mutex.h - what the condition variable needs of the mutex. */
#ifndef SWITCHYARD_MUTEX_INTERNAL_H
#define SWITCHYARD_MUTEX_INTERNAL_H

#include <switchyard/sync.h>

#include "proc.h"

struct mutex {
    struct lock lock;
    /* Guarded by lock. */
    struct task *owner;
    struct waitq waiters;
    bool woken;          /* somebody is on the way to try again */
    bool starves;        /* the first waiter does */
    uint8_t overtakings; /* wraps around */
};

_Static_assert(sizeof(struct mutex) <= sizeof(sy_mutex), "sy_mutex is too small");

/* Results of a parked lock call. */
#define MUTEX_HANDED 0 /* the mutex is the waiter's */
#define MUTEX_RETRY 1  /* the mutex was free when the waiter was woken */

/* Gives the mutex up, under its lock: the waiter to wake with *result, or NULL. */
struct task *mutex_pass(const struct proc *proc, struct mutex *mutex, int *result);

/* The mutex in the caller's storage. */
static inline struct mutex *mutex_of(sy_mutex *mutex)
{
    return (struct mutex *)(void *)mutex;
}

#endif
