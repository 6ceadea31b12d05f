/* preempt_signal.h - preemption anywhere: a signal parks the task with its whole OS thread.
 *
 * The thread waits in its signal handler, so the task keeps all that belongs to a thread:
 * registers, errno, the locks of libc that it may be in the middle of. Its proc goes to another
 * worker meanwhile. A proxy, a task of a few instructions, stands in line in its place; whoever
 * runs it hands the proc over.
 *
 * Protocol
 *   thread W of task T, with proc P (handler)     worker V comes to run W's proxy, with proc Q
 *   1. is it safe here? else return               a. the proxy notes W, and goes to V's
 *   2. enters P's section                            scheduler context: it is on W's proxy stack
 *   3. under the scheduler's lock: more              until then
 *      workers sleep than procs are idle? else    b. under the scheduler's lock: Q is W's, and V
 *      return                                        joins the sleepers
 *   4. token = NONE; the proxy goes to the        c. tells W: token = PROC
 *      global queue; P is the heir's, one of
 *      the sleepers
 *   5. leaves P's section, forgets the proc;
 *      then the lock
 *   6. tells the heir
 *   7. waits until token == PROC; then Q is
 *      its proc, T is `current`, and the
 *      handler returns
 *
 * One owner: P has none that acts between 5 and 6, for the heir runs only when told; Q none between
 * b and c. The proxy is in one queue at most: W is in 7 from when it is queued until V tells it,
 * which is behind a, so nobody is on its stack when it is queued again. The end: T is alive, so the
 * program is not over; and its proxy is in a queue or runs, so no proc is idle for good: T counts
 * as runnable, not as blocked. No deadlock is reported while it waits.
 *
 * 1, SAFE HERE: it is a request for this very turn (preempt.h), the thread has a proc, which runs a
 * task, in no section, in no region, in no blocking call that begins or ends; and the interrupted
 * instruction is not one of the runtime itself, whose code is in text sections of its own
 * (CMakeLists.txt). Code of libc that the runtime has called can be interrupted, too, so where the
 * runtime holds something then (outside of sections), it is in a region, or in a call on a
 * descriptor, which netpoll.h knows of. In malloc, in qsort, in a lock of libc: it is safe there.
 * Who waits for that lock waits in the kernel, on another thread, and will itself be preempted; T
 * has its turn before, or after. A worker that is in the runtime may not wait for T, however: so
 * the runtime calls nothing that locks (malloc, pthread_create) on a worker as long as T's kind
 * exists, and that is the reason of 3: a proc that is idle has a sleeping worker, and none must be
 * made for it. By the time that the handler itself wakes one (scheduler_wake_sleeper) this may have
 * changed; then it wakes none.
 *
 * The signal is SIGURG, as in Go: libc does not use it, debuggers let it pass, its default is to be
 * ignored (a late one does no harm), and it does not queue up. It carries a value by which the
 * handler knows it; others go to the handler that the program had installed before sy_run. If the
 * program installs one while sy_run runs, this mechanism is off from then on. Off in builds with
 * AddressSanitizer or ThreadSanitizer, which run handlers late, or not on the task's own terms.
 * Model: tests/model/preempt.pml. Source: Shiina, Iwasaki, Taura, Balaji, "Lightweight preemptive
 * user-level threads", PPoPP '21 (KLT-switching); the proxy is ours: no thread waits for its turn
 * with a test of its own on the hot paths.
 */
#ifndef SWITCHYARD_PREEMPT_SIGNAL_H
#define SWITCHYARD_PREEMPT_SIGNAL_H

#include "proc.h"

struct worker;

/* By sy_run's caller. */
void preempt_signal_install(void);
void preempt_signal_remove(void);

/* By sysmon: sends the signal to the thread that holds the proc, or sees to it that it can soon. */
void preempt_signal_send(struct proc *proc);

/* Steps b and c, on V's scheduler context. Sleeps until it has a proc again; false if its thread
 * shall end. */
bool preempt_hand_over(struct worker *worker);

#endif
