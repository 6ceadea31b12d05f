/* crew.h - some tasks that begin together: the frame of the workloads with a fixed cast.
 *
 * All members wait at a gate until the last one is there, so that no time is taken while tasks are
 * still being created. If one cannot be created, the others are sent home.
 */
#ifndef SWITCHYARD_CREW_H
#define SWITCHYARD_CREW_H

#include "trial.h"

struct crew;
struct crew_member;

/* A member's body: sets up what it needs, calls crew_ready once, works, returns 0 or a negative
 * errno, which fails the trial. */
typedef int (*crew_body)(struct crew_member *self);

struct crew_member {
    /* immutable after its creation */
    struct crew *crew;
    crew_body body;
    void *shared; /* what the workload gave to crew_run */
    uint32_t index;
    sy_task task;

    /* its own while it runs, then crew_run's */
    sy_time begin; /* when it passed the gate */
    sy_time end;   /* when its body returned */
    int status;
};

/* Waits at the gate until all members are there. False: the crew was called off; the body then
 * undoes its set-up and returns 0. May switch. */
bool crew_ready(struct crew_member *self);

/* Runs count members and joins them. Stores the time from when the first passed the gate to when
 * the last was done in *elapsed unless that is NULL. Returns 0, or what trial_fail returned. */
int crew_run(struct trial *trial, uint32_t count, crew_body body, void *shared, sy_time *elapsed);

#endif
