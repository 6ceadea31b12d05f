/* outside.c - a program of somebody else's, who has only the installed files. */
#include <stdio.h>

#include <switchyard/switchyard.h>

typedef SY_CHAN(int) numbers;

static void *answer(void *arg)
{
    const numbers *out = arg;
    int number = 42;
    sy_send(*out, number);
    return NULL;
}

static int first_task(void *arg)
{
    numbers in;
    int number = 0;
    (void)arg;
    sy_make(&in, 1);
    sy_go(answer, &in);
    sy_recv(in, &number);
    printf("%d from %s\n", number, sy_backend());
    return 0;
}

int main(void)
{
    return sy_run(NULL, first_task, NULL);
}
