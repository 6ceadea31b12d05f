/* slice.h - sysmon's clock: finds tasks that have run for SLICE while others wait, and asks for
 * their proc (preempt.h).
 *
 * It looks at all procs every PERIOD while something waits: a task in a queue of a busy proc or in
 * the global queue, or, if no proc is idle, a timer or a descriptor. A proc whose `switches` have
 * not changed for SLICE is asked for; first at calls and prologues, and 1 ms later, if that had no
 * effect, by a signal. So the next task runs at most SLICE + PERIOD + 1 ms late, and some
 * microseconds.
 *
 * NO TICKS WITHOUT NEED. When nothing has waited at QUIET_LOOKS looks in a row, or all procs are
 * idle (which then become busy under the lock, so that 2 is left out), it stops:
 *   sysmon                                      who makes a task ready, arms the earliest
 *   1. sets DUTY_SLICE, under the lock of the   timer, or takes an idle proc
 *      scheduler                                a. puts it where it waits
 *   2. a full fence everywhere                  b. DUTY_SLICE? then takes it back, under the lock,
 *   3. looks again: something waits? then it    c. a fence, and wakes sysmon
 *      takes the duty back, and goes on
 *   4. sleeps, unless the duty is gone (its
 *      nap looks behind a fence); at most
 *      until the next timer, if no proc is idle
 * Either 3 sees a, or b sees 1: the fence of 2 falls before the load of b, which then sees 1, or
 * after it, and then the store a came before the fence, too (Dekker, with the fence on the rare
 * side; the owner's order of a and b is the compiler's). b is among duties that are tested anyway
 * (scheduler.h), so it costs nothing. Where membarrier(2) is missing, sysmon stops only while all
 * procs are idle: those become busy under the lock. An idle process, and one whose procs run one
 * task each, have no ticks at all.
 */
#ifndef SWITCHYARD_SLICE_H
#define SWITCHYARD_SLICE_H

#include <stdbool.h>

#include <switchyard/time.h>

#define SLICE (10 * SY_MILLISECOND)

/* By sysmon, whenever it looks around. Returns when it shall do so again at the latest. */
sy_time slice_look(sy_time now);

/* Step 4: false if sysmon may sleep as long as slice_look said. */
bool slice_is_roused(void);

/* When no worker runs yet. */
void slice_start(void);

/* Steps b and c: DUTY_SLICE was seen. The second one under the scheduler's lock. */
void slice_rouse(void);
void slice_rouse_locked(void);

#endif
