/* blocking.h - calls that may block in the kernel, made by a task on its worker.
 *
 * The worker stays with its task, but the proc, with all the other tasks in its queue, may go on
 * without them: sysmon retakes it when the call takes long (sysmon.h).
 *
 * Protocol
 *   worker (blocking_begin, blocking_end)        sysmon (retake)
 *   1. leave the section; forget the proc         a. blocking == the ticket that it was 20 us ago
 *   2. blocking = a new ticket (release)          b. under the scheduler's lock, with a sleeping
 *   3. fence; sysmon sleeps? wake it                 worker W at hand: compare-and-swap blocking:
 *   4. ... the call ...                              the ticket -> 0 (acquire); if it was the
 *   5. compare-and-swap blocking: the ticket         ticket, the proc is W's, and blocked + 1
 *      -> 0 (acquire); if it was the ticket,      c. tell W
 *      go on with the proc
 *   6. else, under the scheduler's lock: an idle proc? blocked - 1, go on with that one
 *   7. else switch to the scheduler context, which under the lock puts the task into the global
 *      queue, blocked - 1, and joins the sleepers; then steps 2 and 3 of the wake protocol
 *
 * A function whose calls took long the last times gives the proc away at once, in place of 2 and 3,
 * if there are tasks in its queue and a worker sleeps: the worker does b and c itself, without the
 * compare-and-swap, and comes back through 6 or 7. That saves those tasks the wait for sysmon.
 *
 * One of 5 and b succeeds, for a ticket is used once in 2^31 calls of a proc: the proc never has
 * two owners. It has none between 2 and 5 or b: seizers (proc.h) find it out of its section and may
 * seize it as usual; whoever owns it next enters a section and waits for them.
 * No wake-up of sysmon is lost: either 3 sees that it sleeps, or its last look before sleeping,
 * behind a fence, sees 2.
 * blocked keeps the end of the program from being declared while a task is in nobody's queue. In 7
 * the task is published from the scheduler context, after its registers are saved.
 * Model: tests/model/blocking.pml. Source: Go, runtime/proc.go, entersyscall, exitsyscall, retake.
 */
#ifndef SWITCHYARD_BLOCKING_H
#define SWITCHYARD_BLOCKING_H

#include <stdbool.h>

struct worker;

/* Around such a call: from a task, outside of sections. Between the two the caller is outside of
 * the runtime, and must call nothing of it. May switch: afterwards the task may be on another proc.
 */
void blocking_begin(void);
void blocking_end(void);

/* Step 7, on the scheduler context of a worker that has no proc. Sleeps until it has one; false if
 * its thread shall end. */
bool blocking_rejoin(struct worker *worker);

#endif
