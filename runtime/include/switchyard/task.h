/* task.h - start the runtime; create, join and name tasks; give up the processor. */
#ifndef SWITCHYARD_TASK_H
#define SWITCHYARD_TASK_H

#include <switchyard/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The body of a task. What it returns is what sy_join delivers. */
typedef void *(*sy_task_fn)(void *arg);

/* How the stacks of tasks take memory. */
enum sy_stack_policy {
    SY_STACK_DEFAULT,  /* see struct sy_config */
    SY_STACK_LAZY,     /* page by page, when first touched */
    SY_STACK_FIXED,    /* all of a stack at once, when it is used first */
    SY_STACK_HIBERNATE /* as lazy; a task that has been parked for cold_after shrinks to the bytes
                        * that it uses, until somebody touches its stack or wakes it */
};

#define SY_COLD_AFTER_MAX (3600 * SY_SECOND)

/* How to start the runtime. Zero in a field means its default. */
struct sy_config {
    uint32_t procs;       /* tasks that may run at once, 1 ... 256. Default: SWITCHYARD_PROCS, else
                           * the CPUs that the process may use (affinity, then cgroup quota).
                           * The pthread baseline ignores it: there the kernel decides. */
    uint32_t max_tasks;   /* tasks alive at once, 1 ... 2^26. Default 2^22. Green: rounded up to
                           * whole batches of 64. Baseline: as given. */
    size_t stack_bytes;   /* usable stack of each task, 16 KiB ... 1 GiB, rounded up to pages.
                           * Default: green 64 KiB (committed page by page); baseline: what
                           * pthread_create takes by default. */
    uint32_t max_workers; /* OS threads that the green runtime may hold, 1 ... 2^20. Default 10,000.
                           * More blocking calls at once than that: "fatal error: thread
                           * exhaustion". The baseline ignores it: max_tasks is its limit. */
    uint32_t stack_policy; /* enum sy_stack_policy. Default: SWITCHYARD_STACK (lazy, fixed,
                            * hibernate or hibernate=MS), else lazy. The baseline checks its range
                            * and ignores it: there the kernel decides. */
    sy_time cold_after;    /* of SY_STACK_HIBERNATE, ns, 1 ... SY_COLD_AFTER_MAX. Default: what
                            * SWITCHYARD_STACK says, else 100 ms. The baseline ignores it, too. */
};

/* Starts the runtime, runs main_fn(arg) as its first task, and waits until main_fn and every task
 * that it led to have ended. config may be NULL: all defaults.
 * Returns main_fn's result (>= 0 by convention), or
 *   -EINVAL  main_fn is NULL, or a config field is out of its range
 *   -EBUSY   a runtime is already running in this process (or the caller is a task)
 *   -ENOMEM  no memory or address space for even the smallest runtime
 *   -EAGAIN  no OS thread could be created
 *   -EMFILE, -ENFILE  no descriptors left for what it polls with (green)
 *   -EOPNOTSUPP  the configuration says SY_STACK_HIBERNATE, and this kernel or build cannot (green)
 * Blocks the calling thread. From a foreign thread only. May be called again after it returned. */
int sy_run(const struct sy_config *config, int (*main_fn)(void *arg), void *arg);

/* Changes how many tasks may run at once, 1 ... 256, while they run. Returns how many it was
 * before. Running tasks are not interrupted: a proc that is too many goes when its task waits or
 * yields. The baseline changes nothing and returns the CPUs that the process may use. -EINVAL: out
 * of range. Does not switch. From a task. */
int sy_set_procs(uint32_t procs);

/* Creates a task that runs fn(arg), and stores its handle in *task. Each spawned task must be
 * joined or detached once. The child may run before the call returns.
 *   -EINVAL  task or fn is NULL
 *   -EAGAIN  max_tasks are alive, or the system refuses another thread (baseline)
 *   -ENOMEM  no memory for its stack
 * Does not switch. From a task. */
int sy_spawn(sy_task *task, sy_task_fn fn, void *arg);

/* As sy_spawn, but fire and forget: the task starts detached. Same errors, does not switch. */
int sy_go(sy_task_fn fn, void *arg);

/* Waits until the task has ended; stores what it returned in *result unless result is NULL. The
 * handle is stale afterwards.
 *   -ESRCH   no such task: never was, joined already, or detached and ended
 *   -EDEADLK the task is the caller
 *   -EINVAL  the task is detached, or another task is joining it
 *   -ECANCELED  the caller's scope was cancelled (scope.h): the task may be joined again
 * May switch. From a task. */
int sy_join(sy_task task, void **result);

/* As sy_join, until the deadline: -ETIMEDOUT, and the task may be joined again. */
int sy_join_until(sy_task task, void **result, sy_time deadline);

/* Gives up the right and duty to join. A task that has ended already is released.
 *   -ESRCH   as for sy_join
 *   -EINVAL  already detached, or another task is joining it
 * Does not switch. From a task. */
int sy_detach(sy_task task);

/* Lets other ready tasks run first; returns at once if there is none. (Baseline: sched_yield.)
 * May switch. From a task. */
void sy_yield(void);

/* The handle of the calling task; the zero handle from a foreign thread. Anywhere. */
sy_task sy_self(void);

/* Ends the calling task as if its body had returned result. For main_fn: sy_run then answers
 * (int)(intptr_t)result. From a task. */
_Noreturn void sy_exit(void *result);

#define SY_NAME_BYTES 16 /* longest name, with its terminating zero */

/* Names a task, for dumps and debuggers. Longer names are cut.
 *   -ESRCH  no such task    -EINVAL  name is NULL
 * Does not switch. From a task. */
int sy_task_set_name(sy_task task, const char *name);

/* Copies the task's name ("" if it has none) with its zero into buffer.
 *   -ESRCH  no such task    -EINVAL  buffer is NULL    -ERANGE  bytes < SY_NAME_BYTES
 * Does not switch. From a task. */
int sy_task_get_name(sy_task task, char *buffer, size_t bytes);

#ifdef __cplusplus
}
#endif

#endif
