/* gate_judge.h - what the turns of the gate's metrics mean. Nothing is measured here. */
#ifndef SWITCHYARD_HARNESS_GATE_JUDGE_H
#define SWITCHYARD_HARNESS_GATE_JUDGE_H

#include "gate_time.h"

/* Which of a metric's series. */
enum gate_stage { GATE_FIRST, GATE_CONFIRMATION };

/* Estimates and judges that series of all metrics that have turns in it, as one question (Holm). */
void gate_judge(struct gate_metric *metrics, size_t count, enum gate_stage stage);

/* Would more turns help: is it undecided, and still wide or without enough turns? */
bool gate_is_open(const struct gate_metric *metric, enum gate_stage stage);

/* Has the first series found a difference? Then fresh data have to confirm it. */
bool gate_is_hit(const struct gate_metric *metric);

/* The last word on each metric, from its one or two estimates. */
void gate_conclude(struct gate_metric *metrics, size_t count);

#endif
