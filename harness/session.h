/* session.h - carries out a plan: one fresh worker after the other, the results file rewritten
 * after each. */
#ifndef SWITCHYARD_HARNESS_SESSION_H
#define SWITCHYARD_HARNESS_SESSION_H

#include "cpus.h"
#include "plan.h"
#include "recorder.h"
#include "trial.h"

/* Where the time of a run went: in the context as "spent". */
struct session_time {
    int64_t run_ns;     /* from the first trial on */
    int64_t workers_ns; /* of it, while a worker ran */
};

struct session {
    struct plan *plan;
    const struct cpus *cpus;
    struct recorder *recorder;
    json_t *context; /* the recorder's */
    const char *out;
    int warmup;
    uint64_t seed;
    int64_t deadline_ns;
    int64_t memory_bytes;
    int64_t budget_ns;         /* 0: none; of the whole run, what was interrupted of it included */
    int64_t repeats_ns;        /* for repeating trials that were disturbed (rejection.h) */
    struct session_time spent; /* so far, an interrupted run that goes on included */
    int64_t synced_ns;         /* when the file was last known to be on the disk */
    int64_t saved_ns;          /* when it was written last */
    int64_t saved_bytes;       /* its size */
};

/* Runs the trials that the recorder does not have yet. 0 done; -EINTR interrupted by the user;
 * other -errno, told on stderr, if a worker could not be started or the file not be written. What
 * has finished is in the file in each case. */
int session_run(struct session *session);

/* One trial of a cell, which is not recorded; padding is bytes of environment. 0 whatever became of
 * it; -errno, told on stderr, if the worker could not be started. */
int session_trial(const struct session *session, const struct cell *cell, size_t padding,
                  struct trial_report *report);

#endif
