/* claims.h - sentences that people are taught about green threads and OS threads, and what the
 * results say to them. A verdict is computed, never typed in. */
#ifndef SWITCHYARD_HARNESS_CLAIMS_H
#define SWITCHYARD_HARNESS_CLAIMS_H

#include "claims_tally.h"
#include "result.h"

enum {
    CLAIMS = 15,
    CLAIM_TEXT_BYTES = 1024,
};

/* What the results say to a claim. The figures may have several lines, with "\n" between. */
struct outcome {
    enum verdict verdict;
    char when[CLAIM_TEXT_BYTES];    /* for VERDICT_HOLDS_WHEN: the conditions */
    char why[CLAIM_TEXT_BYTES];     /* what decided, or what is missing */
    char green[CLAIM_TEXT_BYTES];   /* figures with intervals */
    char pthread[CLAIM_TEXT_BYTES]; /* the same for OS threads */
};

struct claim {
    const char *id;
    const char *sentence;
    const char *workloads; /* that test it */
    const char *rule;      /* when it holds, in words, with the thresholds */
    /* Fills in what it has (the outcome is empty before). -ENOMEM. */
    int (*judge)(const struct results *results, struct outcome *outcome);
};

extern const struct claim claims[CLAIMS];

/* Judges a claim. -ENOMEM. */
int claim_judge(const struct claim *claim, const struct results *results, struct outcome *outcome);

/* One for each claim (claims_cost.c, claims_registers.c, claims_scale.c, claims_workers.c,
 * claims_parallel.c, claims_io.c). */
int judge_creation(const struct results *results, struct outcome *outcome);
int judge_stack(const struct results *results, struct outcome *outcome);
int judge_thread_stack(const struct results *results, struct outcome *outcome);
int judge_registers(const struct results *results, struct outcome *outcome);
int judge_switch(const struct results *results, struct outcome *outcome);
int judge_m_to_n(const struct results *results, struct outcome *outcome);
int judge_few_threads(const struct results *results, struct outcome *outcome);
int judge_parallel(const struct results *results, struct outcome *outcome);
int judge_stealing(const struct results *results, struct outcome *outcome);
int judge_waiting(const struct results *results, struct outcome *outcome);
int judge_many_tasks(const struct results *results, struct outcome *outcome);
int judge_same_source(const struct results *results, struct outcome *outcome);

/* For what no workload tests yet: leaves the outcome at "not measured yet". */
int judge_later(const struct results *results, struct outcome *outcome);

#endif
