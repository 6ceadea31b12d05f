/* time.h - the monotonic clock and sleeping. */
#ifndef SWITCHYARD_TIME_H
#define SWITCHYARD_TIME_H

#include <switchyard/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Nanoseconds on CLOCK_MONOTONIC, >= 0. Anywhere, also in a signal handler. */
sy_time sy_now(void);

/* Waits for at least the duration; 0 or negative yields. Returns 0. The task waits, its worker
 * goes on (baseline: the thread sleeps). May switch. From a task. */
int sy_sleep(sy_time duration);

/* Waits until the clock shows at least the deadline. Returns 0. SY_FOREVER waits for ever.
 * May switch. From a task. */
int sy_sleep_until(sy_time deadline);

#ifdef __cplusplus
}
#endif

#endif
