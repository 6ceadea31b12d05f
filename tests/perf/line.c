/* line.c - how long a cache line takes from CPU 0 to CPU 1 and back, in ns: the median of the
 * windows of WINDOW_NS that fit into the milliseconds given (100). A virtual machine may have its
 * CPUs moved, to one socket or to two: measurements with two procs are only alike while this is. */
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define WINDOW_NS 2000000
#define WINDOWS_MOST 10000
#define BATCH 100

/* Even: main's turn; odd: the other thread's. */
static _Alignas(128) atomic_uint turn;
static _Alignas(128) atomic_bool over;

static long long now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (long long)now.tv_sec * 1000000000 + now.tv_nsec;
}

static int pin(int cpu)
{
    cpu_set_t cpus;
    CPU_ZERO(&cpus);
    CPU_SET(cpu, &cpus);
    return pthread_setaffinity_np(pthread_self(), sizeof cpus, &cpus);
}

static void *return_line(void *arg)
{
    pin(1);
    while (!over) {
        unsigned seen = turn;
        if (seen % 2 == 1) {
            turn = seen + 1;
        }
    }
    return arg;
}

static double window_ns(void)
{
    long long begin = now_ns();
    long long end = begin;
    int trips = 0;
    while (end - begin < WINDOW_NS) {
        for (int i = 0; i < BATCH; i++) {
            unsigned seen = turn;
            turn = seen + 1;
            while (turn == seen + 1) {
            }
        }
        trips += BATCH;
        end = now_ns();
    }
    return (double)(end - begin) / trips;
}

static int by_size(const void *left, const void *right)
{
    double a = *(const double *)left;
    double b = *(const double *)right;
    return (a > b) - (a < b);
}

int main(int argc, char **argv)
{
    static double windows[WINDOWS_MOST];
    long long budget = (argc > 1 ? atoll(argv[1]) : 100) * 1000000;
    size_t count = 0;
    pthread_t other;
    if (pin(1) != 0 || pin(0) != 0 || pthread_create(&other, NULL, return_line, NULL) != 0) {
        fputs("line: no second thread, or not the CPUs 0 and 1\n", stderr);
        return 1;
    }
    for (long long end = now_ns() + budget; count == 0 || (now_ns() < end && count < WINDOWS_MOST);
         count++) {
        windows[count] = window_ns();
    }
    over = true;
    pthread_join(other, NULL);
    qsort(windows, count, sizeof windows[0], by_size);
    printf("%.0f\n", windows[count / 2]);
    return 0;
}
