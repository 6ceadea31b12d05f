/* numbers - one task sends numbers over a channel, another receives them until it is closed. */
#include <stdio.h>

#include <switchyard/switchyard.h>

typedef SY_CHAN(int) numbers;

static void *count(void *arg)
{
    numbers *out = arg;
    for (int i = 1; i <= 3; i++) {
        sy_send(*out, i);
    }
    sy_close(*out);
    return NULL;
}

static int first_task(void *arg)
{
    numbers in;
    int number;
    (void)arg;
    sy_make(&in, 0);
    sy_go(count, &in);
    while (sy_recv(in, &number) == 1) {
        printf("%d\n", number);
    }
    return sy_free(in);
}

int main(void)
{
    return sy_run(NULL, first_task, NULL);
}
