/* task.h - a task of the baseline: an OS thread and its record. */
#ifndef SWITCHYARD_PTHREAD_TASK_H
#define SWITCHYARD_PTHREAD_TASK_H

#include <semaphore.h>

#include <switchyard/task.h>

#include "slots.h"

/* What a task waits for. */
enum wait {
    WAIT_NOTHING, /* it runs, or could */
    WAIT_JOIN,
    WAIT_CHAN_SEND,
    WAIT_CHAN_RECV,
    WAIT_MUTEX,
    WAIT_COND,
    WAIT_SEM,
    WAIT_WAITGROUP,
    WAIT_SELECT,
    WAIT_RWLOCK,
    WAIT_ONCE,
    WAIT_BARRIER,
    WAIT_SLEEP,
    WAIT_READ, /* from here on: in a call that blocks in the kernel */
    WAIT_WRITE,
    WAIT_BLOCKING,
    WAITS
};

struct task {
    struct slot slot; /* must be first */
    /* slot.lock: */
    pthread_t thread; /* valid while the task has not ended, or until it is joined */
    bool ended;       /* the body is over; the thread touches this record no more */
    bool detached;
    bool joining;             /* somebody is in pthread_join on the thread */
    char name[SY_NAME_BYTES]; /* ended by a zero */
    /* immutable while the task lives: */
    sy_task handle;
    sy_task_fn fn;
    void *arg;
    /* its own synchronisation: the task waits, whoever took its waiter out of a line posts: */
    sem_t wake; /* 0 whenever the task begins to wait (see park.c) */
    /* the task only: */
    struct member *member; /* its place in a scope (base/scope.h), or NULL */
    struct local *locals;  /* its values (base/local.h), or NULL */
    uint32_t random;       /* state of the choice of cases in select.c */
    /* the task writes it, anyone reads it: */
    _Atomic uint8_t wait; /* enum wait */
};

enum task_role {
    TASK_JOINABLE,
    TASK_DETACHED,
    TASK_MAIN, /* sy_run is its joiner from the first moment */
};

/* Makes a task and its thread. As sy_spawn. */
int task_create(sy_task *handle, sy_task_fn fn, void *arg, enum task_role role);

/* Waits until the task made as TASK_MAIN has ended, frees it, and returns its result. */
void *task_join_main(sy_task main_task);

/* Joins and frees the tasks that ended without being joined or detached. When no task runs. */
void task_reap_all(void);

/* Sets how many tasks may exist at once. When no task runs. */
void task_set_limit(uint32_t max_tasks);

/* The record of a handle, locked, or NULL if there is none. */
struct task *task_lock(sy_task handle);

/* The calling task, or NULL in a foreign thread. */
struct task *task_current(void);

/* The calling task; ends the process with a message that names the function if there is none. */
struct task *task_require(const char *function);

/* Notes that the task, which is the caller, is about to wait, and that it runs again: for dumps and
 * traces. The kernel decides whether its thread really sleeps in between. */
void task_waits(struct task *task, enum wait wait);
void task_runs(struct task *task);

/* Calls visit for every task that has a record, with the record locked. */
void task_each(void (*visit)(const struct task *task, void *arg), void *arg);

/* Makes the calling thread that of no task, and of this one again: for calls of sy_blocking. */
void task_hide(void);
void task_show(struct task *task);

#endif
