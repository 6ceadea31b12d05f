/* trial.h - one run of one workload: parameters in, samples and work out. */
#ifndef SWITCHYARD_TRIAL_H
#define SWITCHYARD_TRIAL_H

#include "workload.h"

/* The value of a declared parameter. Asking for an undeclared one ends the program. */
int64_t trial_param(const struct trial *trial, const char *name);

/* Epochs that the workload is to measure and warm-up epochs to run before (same for both back
 * ends). Each epoch gives one sample of each metric. */
uint32_t trial_epochs(const struct trial *trial);
uint32_t trial_warmups(const struct trial *trial);

/* Adds one sample of a metric, in the order measured. Metric and unit are constant strings. A
 * metric has one unit, and smaller is better unless its unit ends in "/s" or is "tasks". */
void trial_sample(struct trial *trial, const char *metric, const char *unit, double value);

/* Records one latency in the log-linear histogram of a metric (unit ns, 3 significant digits). */
void trial_latency(struct trial *trial, const char *metric, uint64_t ns);

/* Adds to the work done. */
void trial_work(struct trial *trial, const struct workload_work *work);

/* Takes the memory ledger of the process now. The difference of two labels is what the tasks in
 * between cost. */
void trial_memory(struct trial *trial, const char *label);

/* Why the workload could not do its work, for people: "pthread_create refused task 32447: EAGAIN
 * (pid_max)". Returns error, so that a workload can write: return trial_fail(trial, -EAGAIN, …). */
int trial_fail(struct trial *trial, int error, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
