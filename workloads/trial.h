/* trial.h - one run of one workload: parameters in, samples and work out.
 *
 * All of it is for the workload's first task only: tasks that it spawns keep what they measure and
 * the first task hands it in after the join. Nothing here switches. (One exception:
 * trial_describe_refusal, from whichever task is the only one that calls it.)
 */
#ifndef SWITCHYARD_TRIAL_H
#define SWITCHYARD_TRIAL_H

#include "workload.h"

/* The value of a declared parameter. Asking for an undeclared one ends the program. */
int64_t trial_param(const struct trial *trial, const char *name);

/* The procs that the command line asked for (0: those that the runtime took by default): tasks that
 * may run at once. From a task. */
uint32_t trial_procs(const struct trial *trial);

/* One epoch of a workload: does the work, verifies it, hands in its samples. Returns 0 or what
 * trial_fail returned. */
typedef int (*trial_epoch_fn)(struct trial *trial, void *state);

/* Runs the warm-up epochs and then the measured ones; stops at the first that fails, with its
 * result. What a warm-up epoch hands in (samples, latencies, work) is dropped. */
int trial_each_epoch(struct trial *trial, trial_epoch_fn epoch, void *state);

/* Adds one sample of a metric, in the order measured. Metric and unit are constant strings. A
 * metric has one unit, and smaller is better unless its unit ends in "/s" or is "tasks" or "%". */
void trial_sample(struct trial *trial, const char *metric, const char *unit, double value);

/* Records one latency in the log-linear histogram of a metric (unit ns, 3 significant digits). */
void trial_latency(struct trial *trial, const char *metric, uint64_t ns);

/* Adds to the work done: the counts are summed, the checksum is folded in (order matters). */
void trial_work(struct trial *trial, const struct workload_work *work);

/* Takes the memory ledger of the process now. The difference of two labels is what the tasks in
 * between cost. Returns it, valid until the trial ends; NULL beyond TRIAL_LEDGERS of them. */
const struct ledger *trial_memory(struct trial *trial, const char *label);

#define TRIAL_LEDGERS 8

/* Says something about a trial that did its work: which limit ended it, say. */
void trial_note(struct trial *trial, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Why the workload could not do its work, for people. Only the first reason is kept, for what
 * follows is mostly its consequence. Returns error (negative), so that a workload can write:
 * return trial_fail(trial, -EPROTO, …). */
int trial_fail(struct trial *trial, int error, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The system refused one more task after `made` of them. Fails the trial with the count, the error
 * and the limit that was reached; so call it while those tasks are still alive. Returns error. */
int trial_refused(struct trial *trial, uint64_t made, int error);

/* The same sentence in a buffer, for a workload to which a refusal is a result. */
void trial_describe_refusal(const struct trial *trial, uint64_t made, int error, char *sentence,
                            size_t bytes);

#endif
