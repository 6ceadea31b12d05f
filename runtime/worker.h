/* worker.h - an OS thread that runs tasks while it holds a proc. */
#ifndef SWITCHYARD_WORKER_H
#define SWITCHYARD_WORKER_H

#include <pthread.h>
#include <signal.h>

#include "base/sigpipe.h"
#include "patience.h"
#include "proc.h"

/* What a sleeping worker is told through its token. */
enum token { TOKEN_NONE, TOKEN_LOOK, TOKEN_PROC, TOKEN_STOP, TOKEN_RETIRE };

struct worker {
    struct task
        context;       /* the scheduler context: runs on the thread's own stack when no task does */
    struct proc *proc; /* owner; set by the waker before TOKEN_PROC */
    bool spinning;     /* owner; set by the waker before TOKEN_PROC: counted in spinning */

    _Atomic uint32_t cpu;     /* where it was when it last fell asleep or began a blocking call */
    uint32_t traced;          /* owner: the task whose start it has recorded last, or 0 */
    struct task *polled;      /* owner: made ready by its poll, in no queue yet; linked by next */
    _Atomic uint32_t polling; /* 1 while it may be in netpoll_poll (idle.h) */
    sy_time watch_deadline;   /* scheduler's lock: until when it sleeps at most, on watch */
    uint32_t random;          /* owner: state of the victim choice */
    struct patience patience; /* owner */
    _Atomic uint32_t token;   /* enum token; futex word. NONE -> others by wakers, back by owner */
    struct worker *next_idle; /* scheduler's lock */
    struct worker *next_worker; /* scheduler's lock: list of all */
    pthread_t thread;
    _Atomic pid_t thread_id;          /* set when it begins, 0 before */
    _Atomic(uintptr_t *) stack_limit; /* the same; see segment_limit_word */
    bool sleeping;                    /* scheduler's lock: on the list of sleepers */
    bool enlisted; /* scheduler's lock: in the list of all; never the one of sy_run's caller */

    /* Owner: the blocking call that it is in, or was in last (blocking.c). */
    struct proc *blocking_proc;
    struct task *blocking_task;
    uint32_t blocking_ticket;
    _Atomic uint8_t *blocking_calls; /* the history of the function that it calls */
    struct task *returned; /* came back without a proc, or was preempted: to be queued by the
                            * scheduler context */

    /* preempt_signal.h. Owner, but the proxy while it is queued. */
    struct task proxy;
    struct worker
        *relieves; /* whose proxy has run here: gets the proc from the scheduler context */

    const void *stack_bottom; /* immutable: the thread's own stack; NULL: not known */
    size_t stack_bytes;
    stack_t old_signal_stack;
    struct sigpipe old_sigpipe;
    void *signal_stack; /* and below it that of the proxy */
};

#define PROXY_STACK_BYTES ((size_t)16 << 10)

/* Runs tasks until the runtime stops. Outside of sections; the calling thread becomes worker. */
void worker_loop(struct worker *worker);

/* The running task ends, and the scheduler context is next: records it in the trace. In the
 * section, so before a joiner can know of it: who has joined a task and stops the trace then finds
 * its end. */
void worker_note_end(struct proc *proc);

/* Makes an OS thread; it starts idle (without proc) or with the given proc, spinning.
 * 0, -EAGAIN (refused, or max_workers exist) or -ENOMEM. */
int worker_start(struct proc *proc);

/* Under the scheduler's lock: a worker that ends its thread goes from the list of all to that of
 * the retired. Returns those that had retired before, for worker_reap. */
struct worker *worker_leave(struct worker *worker);

/* Waits for the ends of their threads; keeps their memory for others. Under no lock. */
void worker_reap(struct worker *retired);

/* Waits for the ends of all, and frees them. When the program is over. */
void workers_join(void);

/* The worker of this thread, also while it has no proc; NULL in foreign threads. */
struct worker *worker_self(void);

/* The task whose code this thread runs, also in a blocking call, or the scheduler context; NULL in
 * foreign threads. In a signal handler too. */
struct task *worker_task(void);

/* The worker's thread has its proc, and is in its scheduler context. */
static inline void worker_assign(struct worker *worker)
{
    proc_assign(worker->proc);
    struct proc *proc = proc_enter_unpreempted(); /* who has stopped the world looks at `current` */
    proc->current = &worker->context;
    proc_leave(proc);
}

/* The worker's memory: everything of it that can be refused, so that a thread that was made can
 * always work. It gets the proc (or NULL) and spins if it has one. 0 or -ENOMEM. */
int worker_init(struct worker *worker, struct proc *proc);
void worker_destroy(struct worker *worker);

/* Makes the calling thread the worker's, and no longer: its signal stack, its bounds. */
void worker_begin(struct worker *worker);
void worker_end(struct worker *worker);

#endif
