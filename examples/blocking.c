/* blocking - a call that blocks in the kernel, and tasks that go on beside it on the same proc. */
#include <stdio.h>
#include <unistd.h>

#include <switchyard/switchyard.h>

static void *nap(void *arg)
{
    usleep(200000); /* blocks the OS thread: not sy_sleep */
    return arg;
}

static void *call(void *arg)
{
    sy_blocking(nap, NULL);
    return arg;
}

static int first_task(void *arg)
{
    sy_task caller;
    sy_time end;
    int steps = 0;
    (void)arg;
    if (sy_spawn(&caller, call, NULL) < 0) {
        return 1;
    }
    for (end = sy_now() + 100 * SY_MILLISECOND; sy_now() < end; steps++) {
        sy_sleep(SY_MILLISECOND);
    }
    printf("%s while a call blocked\n", steps > 1 ? "went on" : "stood still");
    return sy_join(caller, NULL);
}

int main(void)
{
    struct sy_config config = {.procs = 1};
    return sy_run(&config, first_task, NULL);
}
