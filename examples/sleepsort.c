/* sleepsort - sorts numbers by sleeping as long as each says. (Do not do this.) */
#include <stdio.h>

#include <switchyard/switchyard.h>

typedef SY_CHAN(int) numbers;

static numbers sorted;

static void *sleep_and_send(void *arg)
{
    const int *number = arg;
    sy_sleep(*number * 25 * SY_MILLISECOND);
    sy_send(sorted, *number);
    return NULL;
}

static int first_task(void *arg)
{
    static int unsorted[] = {16, 4, 0, 28, 8, 22};
    enum { COUNT = sizeof unsorted / sizeof *unsorted };
    (void)arg;
    sy_make(&sorted, 0);
    for (int i = 0; i < COUNT; i++) {
        sy_go(sleep_and_send, &unsorted[i]);
    }
    for (int i = 0; i < COUNT; i++) {
        int number;
        sy_recv(sorted, &number);
        printf("%d\n", number);
    }
    return 0;
}

int main(void)
{
    return sy_run(NULL, first_task, NULL);
}
