/* registry.c - all workloads, in the order in which --list shows them. */
#include "workload.h"

extern const struct workload create_serial;
extern const struct workload create_batch;
extern const struct workload switch_yield;
extern const struct workload switch_chan;
extern const struct workload memory_park;
extern const struct workload anatomy_swap;

const struct workload *const workload_registry[] = {
    &create_serial, &create_batch, &switch_yield, &switch_chan, &memory_park, &anatomy_swap, NULL,
};
