/* sieve - primes by a chain of tasks, each of which drops the multiples of its own prime. */
#include <stdio.h>
#include <stdlib.h>

#include <switchyard/switchyard.h>

#define PRIMES 20

typedef SY_CHAN(int) numbers;

struct filter {
    numbers in;
    numbers out;
    int prime;
};

static void *count_up(void *arg)
{
    const numbers *out = arg;
    for (int i = 2; sy_send(*out, i) == 0; i++) {
    }
    return NULL;
}

static void *drop_multiples(void *arg)
{
    const struct filter *self = arg;
    int number;
    while (sy_recv(self->in, &number) == 1) {
        if (number % self->prime != 0) {
            sy_send(self->out, number);
        }
    }
    return NULL;
}

static int first_task(void *arg)
{
    static numbers source;
    static struct filter filters[PRIMES];
    (void)arg;
    sy_make(&source, 0);
    sy_go(count_up, &source);
    numbers end = source;
    for (int i = 0; i < PRIMES; i++) {
        filters[i].in = end;
        sy_recv(end, &filters[i].prime);
        printf("%d ", filters[i].prime);
        sy_make(&filters[i].out, 0);
        sy_go(drop_multiples, &filters[i]);
        end = filters[i].out;
    }
    printf("\n");
    exit(0); /* the tasks would go on for ever */
}

int main(void)
{
    return sy_run(NULL, first_task, NULL);
}
