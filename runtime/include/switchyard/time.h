/* time.h - the monotonic clock, sleeping, timers that send on a channel. */
#ifndef SWITCHYARD_TIME_H
#define SWITCHYARD_TIME_H

#include <switchyard/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Nanoseconds on CLOCK_MONOTONIC, >= 0. Anywhere, also in a signal handler. */
sy_time sy_now(void);

/* Waits for at least the duration; 0 or negative yields. Returns 0, or -ECANCELED (scope.h). The
 * task waits, its worker goes on (baseline: the thread sleeps). May switch. From a task. */
int sy_sleep(sy_time duration);

/* Waits until the clock shows at least the deadline. Returns as sy_sleep. SY_FOREVER waits for
 * ever. May switch. From a task. */
int sy_sleep_until(sy_time deadline);

/* --- Timers: send the time on a channel, once or again and again ------------------------------
 * The caller owns the storage, which must not be copied, moved or freed while the timer is armed or
 * a call on it is under way. Tasks may call at once. An armed timer does not keep sy_run. */

typedef struct sy_timer {
    uint64_t sy_opaque[8];
} sy_timer;

/* Makes the storage a timer that is not armed. When it fires it sends sy_now() on the channel as
 * sy_chan_try_send does: nothing if the channel is full, closed or freed by then.
 *   -EINVAL  timer is NULL, or the elements of the channel are not of the size of sy_time
 *   -ESRCH   no such channel
 * Does not switch. From a task. */
int sy_timer_init(sy_timer *timer, sy_chan chan);

/* Arms it, or arms it anew: it fires at `when`, and then every `period` ns unless that is 0. Ticks
 * that would be late by a whole period are left out. Returns 1 if it was armed before, else 0, or
 *   -EINVAL  period < 0
 *   -EAGAIN  2^22 timers are armed
 * Does not switch. From a task. */
int sy_timer_set(sy_timer *timer, sy_time when, sy_time period);

/* Disarms it. Returns 1 if it was armed, 0 if not. No send of it is under way any more when this
 * returns. Does not switch. From a task. */
int sy_timer_stop(sy_timer *timer);

#ifdef __cplusplus
}
#endif

#endif
