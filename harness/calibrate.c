/* calibrate.c - see calibrate.h. */
#include "calibrate.h"

#include <math.h>
#include <time.h>

#define LEAST_EPOCH_NS 2e6
#define PRECISION 1000.0
#define AGREEMENT 1.25
#define READS 1000

double calibrate_epoch_ns(double clock_resolution_ns, double clock_read_ns)
{
    return fmax(LEAST_EPOCH_NS, PRECISION * (clock_resolution_ns + clock_read_ns));
}

static double now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

double calibrate_least_ns_here(void)
{
    struct timespec resolution;
    clock_getres(CLOCK_MONOTONIC, &resolution);
    double begin = now_ns();
    for (int i = 0; i < READS; i++) {
        now_ns();
    }
    return PRECISION * ((double)resolution.tv_nsec + (now_ns() - begin) / READS);
}

double calibrate_epoch_ns_here(void)
{
    return fmax(LEAST_EPOCH_NS, calibrate_least_ns_here());
}

bool calibrate_agree(double first_ns, double second_ns)
{
    return fmax(first_ns, second_ns) <= AGREEMENT * fmin(first_ns, second_ns);
}

int64_t calibrate_count(int64_t count, double epoch_ns, double wanted_ns, int64_t most)
{
    double wanted = ceil((double)count * wanted_ns / epoch_ns);
    if (!(wanted >= 1)) {
        return 1;
    }
    return wanted < (double)most ? (int64_t)wanted : most;
}
