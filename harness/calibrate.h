/* calibrate.h - how many operations an epoch needs for the clock to tell its length. */
#ifndef SWITCHYARD_HARNESS_CALIBRATE_H
#define SWITCHYARD_HARNESS_CALIBRATE_H

#include <stdbool.h>
#include <stdint.h>

/* How long an epoch has to be: 1,000 times what one reading of the clock may be off (its resolution
 * and its own duration), and at least 2 ms, so that a timer tick falls into every epoch or into
 * few. */
double calibrate_epoch_ns(double clock_resolution_ns, double clock_read_ns);

/* What a reading of this machine's CLOCK_MONOTONIC may be off, 1,000 times: an epoch that is
 * shorter cannot be told to 0.1 %. */
double calibrate_least_ns_here(void);

/* What this machine's CLOCK_MONOTONIC needs. */
double calibrate_epoch_ns_here(void);

/* Do two measurements of the same epoch agree, within 25 %? */
bool calibrate_agree(double first_ns, double second_ns);

/* The count for epochs of wanted_ns, where `count` operations took epoch_ns; in 1 ... most. */
int64_t calibrate_count(int64_t count, double epoch_ns, double wanted_ns, int64_t most);

#endif
