/* histogram.h - counts of latencies in buckets that are a thousandth of their value wide.
 *
 * Log-linear, as in HdrHistogram by Gil Tene: exact below 2,048 ns; above, each power of two is
 * split into 1,024 equal buckets, so a value is known to 3 significant digits.
 */
#ifndef SWITCHYARD_HISTOGRAM_H
#define SWITCHYARD_HISTOGRAM_H

#include <stddef.h>
#include <stdint.h>

#define HISTOGRAM_HALF 1024 /* buckets of each power of two */
#define HISTOGRAM_BITS 42   /* values from 2^42 ns (73 minutes) on count in the last bucket */
#define HISTOGRAM_BUCKETS (HISTOGRAM_HALF * (HISTOGRAM_BITS - 9))

struct histogram {
    uint64_t counts[HISTOGRAM_BUCKETS];
};

/* An empty one, or NULL without memory; frees it (NULL is fine). */
struct histogram *histogram_new(void);
void histogram_free(struct histogram *histogram);

/* Counts one value. */
void histogram_record(struct histogram *histogram, uint64_t value);

/* The bucket of a value, and the lowest value of a bucket. */
size_t histogram_bucket(uint64_t value);
uint64_t histogram_lowest(size_t bucket);

#endif
