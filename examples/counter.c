/* counter - a thousand tasks add to one number, which a mutex guards. */
#include <stdio.h>

#include <switchyard/switchyard.h>

#define TASKS 1000
#define ADDITIONS 100

static sy_mutex mutex = SY_MUTEX_INIT;
static long number; /* guarded by mutex */

static void *add(void *arg)
{
    (void)arg;
    for (int i = 0; i < ADDITIONS; i++) {
        sy_mutex_lock(&mutex);
        number++;
        sy_mutex_unlock(&mutex);
    }
    return NULL;
}

static int first_task(void *arg)
{
    static sy_task tasks[TASKS];
    (void)arg;
    for (int i = 0; i < TASKS; i++) {
        if (sy_spawn(&tasks[i], add, NULL) < 0) {
            return 1;
        }
    }
    for (int i = 0; i < TASKS; i++) {
        sy_join(tasks[i], NULL);
    }
    printf("%d tasks counted to %ld\n", TASKS, number);
    return sy_mutex_destroy(&mutex);
}

int main(void)
{
    return sy_run(NULL, first_task, NULL);
}
