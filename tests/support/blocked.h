/* blocked.h - knows when tasks wait, without sleeping and without looking into the runtime.
 *
 * A task calls blocked_soon() directly before the one call that is to wait. Another task calls
 * blocked_await(n), which yields until n tasks that said so do wait. Green: the runtime's own
 * count of parks has grown by n. Baseline: the kernel says that their threads sleep (or have
 * ended). From blocked_begin() on, no task of the test may wait for anything else.
 *
 * blocked_await_io(n) is the same for waits on descriptors. Green: the count of these waits has
 * grown by n as well. Baseline: the threads sleep in another system call than futex, so that a
 * short sleep for a lock is not taken for the wait.
 */
#ifndef SWITCHYARD_TESTS_BLOCKED_H
#define SWITCHYARD_TESTS_BLOCKED_H

#include <stdint.h>

#define BLOCKED_MAX 64 /* tasks that may say so between two blocked_begin() */

/* Forgets earlier waits. Called by a task while none of the others waits or is about to. */
void blocked_begin(void);

void blocked_soon(void);
void blocked_await(uint32_t count);
void blocked_await_io(uint32_t count);

#endif
