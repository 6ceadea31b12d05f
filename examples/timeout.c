/* timeout - every call that waits has a twin with a deadline. */
#include <errno.h>
#include <stdio.h>

#include <switchyard/switchyard.h>

typedef SY_CHAN(int) numbers;

static void *answer_late(void *arg)
{
    const numbers *out = arg;
    int number = 42;
    sy_sleep(50 * SY_MILLISECOND);
    sy_send(*out, number);
    return NULL;
}

static int first_task(void *arg)
{
    static numbers answers;
    int number = 0;
    int tries = 0;
    (void)arg;
    sy_make(&answers, 1);
    sy_go(answer_late, &answers);
    while (sy_recv_until(answers, &number, sy_now() + 10 * SY_MILLISECOND) == -ETIMEDOUT) {
        tries++;
    }
    printf("%s; then came %d\n", tries > 0 ? "it took too long" : "it was there at once", number);
    return sy_free(answers);
}

int main(void)
{
    return sy_run(NULL, first_task, NULL);
}
