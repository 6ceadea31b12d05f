/* dump.h - prints all tasks: of a deadlock, at SIGQUIT, and on request (sy_dump).
 *
 * When the process is about to end, the signals of a failure get their default actions first, so
 * that a failure while failing ends the process at once, with an honest status. */
#ifndef SWITCHYARD_DUMP_H
#define SWITCHYARD_DUMP_H

#include "report.h"
#include "stop_world.h"

struct task;

/* "fatal error: all tasks are asleep - deadlock!", every task, exit status 2. Called by the last
 * worker to go idle, under the scheduler's lock: nothing else runs any more. */
_Noreturn void dump_deadlock(void);

/* sy_dump: caller is its return address. */
int dump_live(int fd, const void *caller);

/* What a dump of tasks looks like. */
struct dump {
    struct report *report;
    sy_time now;
    uint32_t limit; /* tasks shown; the others are counted */
    bool parked;    /* backtraces of tasks that do not run */
    /* Prints the backtrace of a running task, or does nothing; NULL: nobody can. */
    void (*running)(const struct dump *dump, const struct task *task);
    const void *caller; /* of the one who dumps, if that is a task */
};

void dump_tasks(const struct dump *dump);

/* Names the procs that the world has not stopped, if there are any. */
void dump_missing(struct report *report, const struct world *world);

/* True if the task, RUNNING, is on its thread but on no proc, or may lose it: in a blocking call,
 * or preempted with its thread. */
bool dump_is_aside(const struct task *task);

/* The proc that runs the task; NULL if none does. */
struct proc *dump_proc_of(const struct task *task);

/* The process is about to end: see above. */
void dump_die(void);

/* SWITCHYARD_DEBUG=leaks: the tasks that ended and were neither joined nor detached, on stderr.
 * When no worker runs any more. */
void dump_leaks(void);

#endif
