/* preempt.h - how a task that runs for too long loses its proc.
 *
 * When a task has run for SLICE (slice.h) and others wait, sysmon asks for the end of its turn.
 * Three mechanisms answer, each where it can:
 *
 *   1. AT CALLS of the runtime: sysmon sets WANTED in proc->seized. So the test that proc_enter
 *      makes anyway finds it, and the hot paths have no instruction for it. Public calls come to
 *      preempt_at_call, in the section, and before they have done anything: the task goes to the
 *      global queue, and on when its turn comes.
 *   2. AT FUNCTION PROLOGUES of code compiled with -fsplit-stack: sysmon poisons the stack limit
 *      that they compare with, and __morestack comes to preempt_at_prologue, with all registers
 *      saved.
 *   3. ANYWHERE else: by a signal, which parks the task with its thread (preempt_signal.h).
 *
 * Protocol of a request
 *   sysmon (slice.c)                          owner (preempt.c)
 *   1. reads proc->switches: the number of    a. in the section: wanted_turn == switches + 1?
 *      a turn                                    If not, this turn is another one: takes WANTED
 *   2. later reads the same: it is long          back, and goes on
 *   3. wanted_turn = that number + 1          b. in no region, and a task runs? Then it gives
 *   4. sets WANTED, poisons, or signals          the proc up, which ends the turn
 * A request that comes late finds another number, so it never hits the next task; one that is
 * overlooked is made again, 1 ms later. All fields are hints for the owner, who alone acts on them,
 * in its section: nothing here needs an order between threads.
 *
 * WHOSE TURN IT IS THEN. The task waits in the global queue. Every RUNQ_TICKS-th choice would take
 * it from there again after microseconds, if tasks that exchange messages are all there is, and
 * they would get some thousandths of the proc beside it. So the proc leaves the global queue alone
 * while it has tasks of its own, for a slice from the first preemption on: the others together get
 * as long as the one that was preempted; and what is in the global queue waits no longer than a
 * slice more.
 *
 * WHO MAY NOT BE PREEMPTED
 *   - who is in a region: task->nopreempt, of sy_nopreempt_begin and of the runtime's own
 *     (preempt_forbid, proc_seize): while it holds a lock outside of sections, has seized a
 *     proc, or has stopped the world. Others would wait for it on the only proc.
 *   - who has entered by proc_enter_unpreempted: it is in the middle of a call.
 *   - the scheduler context, and whoever has no proc.
 * 1 yields at the beginning of public calls, so none of them keeps over proc_enter what another
 * task may change.
 *
 * Rejected: a word of its own for 1 (an instruction on each call); a flag that the compiler's loops
 * poll (user code as it is has none); making a context switch in the signal handler onto another
 * stack on the same thread (a task in malloc would hold its lock, and the thread's errno and signal
 * mask, while another one runs on that thread).
 */
#ifndef SWITCHYARD_PREEMPT_INTERNAL_H
#define SWITCHYARD_PREEMPT_INTERNAL_H

#include "proc.h"
#include "slice.h"

/* 1, in the section of a public call. Returns the caller's proc, in whose section it is again. */
struct proc *preempt_at_call(struct proc *proc);

/* 2, called by __morestack on the task's stack, outside of sections, with all registers saved. */
void preempt_at_prologue(void);

/* By sysmon: makes the next check of the stack in the proc's thread fail. */
void preempt_poison(struct proc *proc);

/* On the scheduler context: a task has given its proc up, and its registers are saved. It goes to
 * the end of the global queue. */
void preempt_queue(struct worker *worker);

/* The owner's step a. In the section, or in a handler on the owner's thread. */
static inline bool preempt_is_wanted(struct proc *proc)
{
    /* relaxed, both: see the protocol */
    return load_relaxed(&proc->wanted_turn) == load_relaxed(&proc->switches) + 1;
}

/* A task has lost the proc: see WHOSE TURN IT IS THEN. By the owner. */
static inline void preempt_keep_for_others(struct proc *proc, sy_time now)
{
    if (now >= proc->others_until) {
        proc->others_until = now + SLICE;
    }
}

/* At a check of the stack, in no section: true if the task, which runs here, shall come to
 * preempt_at_prologue. */
static inline bool preempt_is_due_to(const struct task *task)
{
    struct proc *proc = proc_self();
    return proc->current == task && task->nopreempt == 0 && preempt_is_wanted(proc);
}

/* For a public call: the calling task, which nobody preempts until preempt_allow. Names the
 * function in the message for threads that are no tasks. */
static inline struct task *preempt_forbid(const char *function)
{
    struct proc *proc = proc_enter_named(function);
    struct task *self = proc->current;
    self->nopreempt++;
    proc_leave(proc);
    return self;
}

static inline void preempt_allow(struct task *self)
{
    self->nopreempt--;
}

#endif
