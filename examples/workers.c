/* workers - four tasks share the jobs of one channel; nobody tells them who does which. */
#include <stdio.h>

#include <switchyard/switchyard.h>

#define WORKERS 4
#define JOBS 100

typedef SY_CHAN(int) numbers;

struct shop {
    numbers jobs;
    numbers results;
    sy_waitgroup working;
};

static void *work(void *arg)
{
    struct shop *shop = arg;
    int job;
    while (sy_recv(shop->jobs, &job) == 1) {
        int square = job * job;
        sy_send(shop->results, square);
    }
    sy_waitgroup_done(&shop->working);
    return NULL;
}

static int first_task(void *arg)
{
    struct shop shop = {.working = SY_WAITGROUP_INIT};
    int result;
    long sum = 0;
    (void)arg;
    sy_make(&shop.jobs, JOBS);
    sy_make(&shop.results, JOBS);
    sy_waitgroup_add(&shop.working, WORKERS);
    for (int i = 0; i < WORKERS; i++) {
        sy_go(work, &shop);
    }
    for (int job = 1; job <= JOBS; job++) {
        sy_send(shop.jobs, job);
    }
    sy_close(shop.jobs);
    sy_waitgroup_wait(&shop.working);
    while (sy_try_recv(shop.results, &result) == 1) {
        sum += result;
    }
    printf("the squares of 1 to %d add up to %ld\n", JOBS, sum);
    sy_free(shop.results);
    return sy_free(shop.jobs);
}

int main(void)
{
    return sy_run(NULL, first_task, NULL);
}
