/* sensitivity.h - what is the smallest slow-down that the gate finds here, 9 times of 10? */
#ifndef SWITCHYARD_HARNESS_SENSITIVITY_H
#define SWITCHYARD_HARNESS_SENSITIVITY_H

#include "gate.h"

enum {
    SENSITIVITY_ROUNDS = 10,
    SENSITIVITY_WANTED = 9, /* of these */
    SENSITIVITY_SIZES = 6,
};

/* The slow-downs that are tried, from the largest to the smallest: 0.10 … 0.02. */
extern const double sensitivity_sizes[SENSITIVITY_SIZES];

/* What became of one size. */
struct sensitivity_step {
    double share;
    int rounds; /* that were run: a size is given up once it cannot reach 9 of 10 any more */
    int found;
    double ratio; /* the median of what the rounds measured; NAN */
};

/* Runs up to 10 gates of switch.yield, base against a yield that is slower by the share. -EINTR or
 * another -errno with one line in error. */
int sensitivity_try(struct gate *gate, struct sensitivity_step *step,
                    char error[RESULT_ERROR_BYTES]);

#endif
