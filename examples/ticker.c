/* ticker - a timer that sends the time on a channel, again and again. */
#include <stdio.h>

#include <switchyard/switchyard.h>

#define TICKS 5
#define PERIOD (20 * SY_MILLISECOND)

static int first_task(void *arg)
{
    SY_CHAN(sy_time) ticks;
    sy_timer timer;
    sy_time begin = sy_now();
    sy_time when = 0;
    (void)arg;
    sy_make(&ticks, 1);
    sy_timer_init(&timer, ticks.chan);
    sy_timer_set(&timer, begin + PERIOD, PERIOD);
    for (int i = 1; i <= TICKS; i++) {
        sy_recv(ticks, &when);
        printf("tick %d %s\n", i, when >= begin + i * PERIOD ? "in time" : "too early");
    }
    sy_timer_stop(&timer);
    return sy_free(ticks);
}

int main(void)
{
    return sy_run(NULL, first_task, NULL);
}
