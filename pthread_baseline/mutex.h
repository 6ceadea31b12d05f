/* mutex.h - what is inside a sy_mutex; the condition variable needs to know it too. */
#ifndef SWITCHYARD_PTHREAD_MUTEX_H
#define SWITCHYARD_PTHREAD_MUTEX_H

#include <pthread.h>
#include <stdbool.h>

#include <switchyard/sync.h>

#include "base/atomic.h"
#include "task.h"

/* Zero bytes are an unlocked mutex: glibc's PTHREAD_MUTEX_INITIALIZER is all zero (tested). */
struct mutex {
    pthread_mutex_t lock;
    /* written by whoever holds `lock`, read by anyone: */
    _Atomic uint64_t owner; /* handle of the task that holds it, 0 if none; see mutex.c */
};

static inline struct mutex *mutex_of(sy_mutex *storage)
{
    return (void *)storage;
}

static inline bool mutex_is_held_by(struct mutex *mutex, const struct task *task)
{
    // relaxed: a task finds its own handle only if it wrote it itself (mutex.c, 2)
    return load_relaxed(&mutex->owner) == task->handle.id;
}

/* With `lock` held. */
static inline void mutex_set_owner(struct mutex *mutex, uint64_t id)
{
    // relaxed: ordered for the next holder by `lock`; for others see mutex.c, 2
    store_relaxed(&mutex->owner, id);
}

#endif
