/* histogram.c - see histogram.h. */
#include "histogram.h"

#include <stdlib.h>

struct histogram *histogram_new(void)
{
    return calloc(1, sizeof(struct histogram));
}

void histogram_free(struct histogram *histogram)
{
    free(histogram);
}

size_t histogram_bucket(uint64_t value)
{
    if (value < 2 * HISTOGRAM_HALF) {
        return (size_t)value;
    }
    if (value >> HISTOGRAM_BITS != 0) {
        return HISTOGRAM_BUCKETS - 1;
    }
    /* So many low bits go that 11 stay: the value's upper half, 1,024 ... 2,047. */
    unsigned dropped = 63u - (unsigned)__builtin_clzll(value) - 10;
    return (size_t)dropped * HISTOGRAM_HALF + (size_t)(value >> dropped);
}

uint64_t histogram_lowest(size_t bucket)
{
    if (bucket < 2 * HISTOGRAM_HALF) {
        return bucket;
    }
    size_t dropped = bucket / HISTOGRAM_HALF - 1;
    return (uint64_t)(bucket % HISTOGRAM_HALF + HISTOGRAM_HALF) << dropped;
}

void histogram_record(struct histogram *histogram, uint64_t value)
{
    histogram->counts[histogram_bucket(value)]++;
}
